r"""Monte Carlo estimates of expectations, with their standard errors.

Lesson: ``probability/sampling``.

An expectation is estimated by the average of a function over independent draws,

.. math::
    \operatorname{E}[f(X)] \approx \bar f = \frac{1}{n} \sum_{i=1}^n f(x_i), \qquad
    \operatorname{SE}(\bar f) = \frac{s}{\sqrt n},

where :math:`s` is the standard deviation of the values :math:`f(x_i)` with the divisor
:math:`n - 1`. The estimate carries its error bar everywhere. Values that are correlated
have to be averaged within independent groups first: the error bar knows nothing of
correlation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["MonteCarloEstimate", "monte_carlo", "running_means"]


@dataclass(frozen=True, slots=True, eq=False)
class MonteCarloEstimate:
    """Average of sampled values and the error bar that belongs to it.

    Attributes
    ----------
    mean : float
        Estimate of the expectation, in units of the values.
    standard_deviation : float
        Spread of the single values (divisor n - 1), in the same units.
    n_samples : int
        Number of independent values, n.
    """

    mean: float
    standard_deviation: float
    n_samples: int

    @property
    def standard_error(self) -> float:
        """Estimated standard deviation of the mean over repetitions, s / sqrt(n)."""
        return self.standard_deviation / float(np.sqrt(self.n_samples))


def monte_carlo(
    f: Callable[[Array], ArrayLike], samples: ArrayLike
) -> MonteCarloEstimate:
    r"""Estimate an expectation by an average over independent samples.

    .. math:: \operatorname{E}[f(X)] \approx \frac{1}{n} \sum_{i=1}^n f(x_i)

    Parameters
    ----------
    f : callable
        ``f(samples)`` returns one value for each sample, shape (n,).
    samples : array_like, shape (n, ...)
        Independent draws of X along the first axis, at least 2.

    Returns
    -------
    MonteCarloEstimate
        The average with its standard error, both in units of f.

    Raises
    ------
    TypeError
        If f cannot be called or the samples are not real numbers.
    ValueError
        If there are fewer than two samples, or f does not return one finite number
        for each.

    Notes
    -----
    The variance of the average is :math:`\sigma^2 / n` for uncorrelated values, and
    the standard error rests on it. For antithetic pairs let f average the pair; for a
    correlated chain pass the means of long batches.

    References
    ----------
    Owen (2013), *Monte Carlo Theory, Methods and Examples*, section 2.1.

    Examples
    --------
    The mean square of four rolls, (1 + 16 + 16 + 25) / 4. The squares deviate from it
    by -13.5, 1.5, 1.5 and 10.5, so s squared is 297 / 3 = 99:

    >>> squares = monte_carlo(np.square, [1, 4, 4, 5])
    >>> squares.mean, round(squares.standard_error**2, 6)
    (14.5, 24.75)
    """
    _check.function("f", f)
    samples = _check.real("samples", samples)
    if samples.ndim == 0 or len(samples) < 2:
        raise ValueError(
            f"samples: expected at least two along the first axis, got shape "
            f"{samples.shape}"
        )
    values = _check.vector("f(samples)", f(samples.copy()), len(samples))
    # In units of a power of 2, which is exact, no square overflows or vanishes.
    exponent = np.frexp(np.abs(values).max())[1]
    scaled = np.ldexp(values, -exponent)
    return MonteCarloEstimate(
        mean=float(np.ldexp(scaled.mean(), exponent)),
        standard_deviation=float(np.ldexp(scaled.std(ddof=1), exponent)),
        n_samples=values.size,
    )


def running_means(x: ArrayLike) -> Array:
    r"""Averages of the first 1, 2, ..., n values.

    .. math:: \bar x_k = \frac{1}{k} \sum_{i=1}^k x_i, \qquad k = 1, \dots, n

    Parameters
    ----------
    x : array_like, shape (..., n)
        Sequences of draws along the last axis.

    Returns
    -------
    ndarray, shape (..., n)
        The average after each draw, in units of x.

    Raises
    ------
    TypeError
        If the values are not real numbers.
    ValueError
        If there is no axis to average along, or a value is not finite.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 5.5.

    Examples
    --------
    >>> running_means([1, 0, 0, 1, 1]).round(6).tolist()
    [1.0, 0.5, 0.333333, 0.5, 0.6]
    """
    x = _check.real("x", x)
    if x.ndim == 0:
        raise ValueError("x: expected shape (..., n), got a single number")
    return np.asarray(np.cumsum(x, axis=-1) / np.arange(1, x.shape[-1] + 1))
