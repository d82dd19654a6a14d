r"""Random variables with finitely many values, and a variance that survives rounding.

Lesson: ``probability/random-variables``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["DiscreteVariable", "running_variance"]


@dataclass(frozen=True, slots=True, eq=False)
class DiscreteVariable:
    r"""A random variable with finitely many values, given outcome by outcome.

    Outcome :math:`\omega` has the probability :math:`P(\omega)` and is mapped to the
    number :math:`X(\omega)`. Outcomes with the same number are collected,

    .. math:: P(X = x) = \sum_{\omega : X(\omega) = x} P(\omega),

    and values of probability 0 are dropped. What is kept is the probability mass
    function on the support.

    Parameters
    ----------
    values : array_like, shape (n,)
        Number of each outcome, in any order, repeated where outcomes share it.
    p : array_like, shape (n,), optional
        Probability of each outcome, with sum 1 up to rounding, which is divided out.
        By default all are equally likely.

    Attributes
    ----------
    values : ndarray, shape (K,)
        The different values of positive probability, ascending.
    p : ndarray, shape (K,)
        Their probabilities.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the probabilities are negative or do not sum to 1, or the shapes differ.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 1.4.

    Examples
    --------
    The number of heads in two flips of a fair coin, from TT, TH, HT, HH:

    >>> heads = DiscreteVariable([0, 1, 1, 2])
    >>> heads.values.tolist(), heads.p.tolist()
    ([0.0, 1.0, 2.0], [0.25, 0.5, 0.25])
    >>> heads.mean(), heads.variance()
    (1.0, 0.5)
    """

    values: Array
    p: Array

    def __init__(self, values: ArrayLike, p: ArrayLike | None = None) -> None:
        given = _check.vector("values", values)
        if p is None:
            mass = np.ones(given.size)
        else:
            mass = _check.vector("p", _check.probabilities("p", p), given.size)
        support, outcome_to_value = np.unique(given, return_inverse=True)
        sums = np.bincount(outcome_to_value, weights=mass)
        # Shares of the sum: a sum of 1 + e would move the mean by e times itself.
        collected = sums / sums.sum()
        object.__setattr__(self, "values", support[collected > 0])
        object.__setattr__(self, "p", collected[collected > 0])
        _check.freeze(self, ["values", "p"])

    def expectation(self, g: Callable[[Array], ArrayLike]) -> float:
        """Expected value of g(X), the sum of ``p * g(values)``."""
        _check.function("g", g)
        images = _check.vector("g(values)", g(self.values), self.values.size)
        return float(self.p @ images)

    def mean(self) -> float:
        """Expected value, the sum of ``p * values``."""
        return float(self.p @ self.values)

    def variance(self) -> float:
        """Expected squared deviation from the mean; infinity where it overflows."""
        with np.errstate(over="ignore"):
            deviations = self.values - self.mean()
            return float((self.p * deviations) @ deviations)

    def cdf(self, x: ArrayLike) -> Array:
        """P(X <= x), a staircase that jumps by ``p`` at each value."""
        n_reached = np.searchsorted(self.values, _check.real("x", x), side="right")
        return np.concatenate([[0.0], _cumulative(self.p)])[n_reached]

    def quantile(self, u: ArrayLike) -> Array:
        """The smallest value whose cdf reaches the probability u, the inverse cdf."""
        u = _check.unit_interval("u", u)
        return self.values[np.searchsorted(_cumulative(self.p), u, side="left")]


def running_variance(x: ArrayLike) -> Array:
    r"""Variance of the first k numbers, for every k, in one pass.

    Welford's updates of the mean :math:`m_k` and the sum of squared deviations
    :math:`S_k` start from zero,

    .. math::

        m_k = m_{k-1} + \frac{x_k - m_{k-1}}{k}, \qquad
        S_k = S_{k-1} + (x_k - m_{k-1})(x_k - m_k),

    and the variance is :math:`S_k / k`. Unlike the mean of the squares minus the
    square of the mean, they subtract before they square.

    Parameters
    ----------
    x : array_like, shape (n,)
        Numbers in the order in which they arrive.

    Returns
    -------
    ndarray, shape (n,)
        Mean squared deviation from the mean of ``x[:k]``, for k = 1, ..., n, in the
        squared unit of x.

    Raises
    ------
    TypeError
        If x is not real numbers.
    ValueError
        If x is not a vector of finite numbers, or a sum of squared deviations
        overflows.

    References
    ----------
    Welford (1962), Technometrics 4, pages 419-420.

    Examples
    --------
    The pair 1, 3 has the mean 2 and the deviations -1 and 1; a billion changes nothing:

    >>> running_variance([1.0, 3.0, 2.0]).round(6).tolist()
    [0.0, 1.0, 0.666667]
    >>> running_variance([1e9 + 1, 1e9 + 3, 1e9 + 2]).round(6).tolist()
    [0.0, 1.0, 0.666667]
    """
    stream = _check.vector("x", x)
    mean, squares = 0.0, 0.0
    variances = np.empty(stream.size)
    for k, value in enumerate(stream.tolist(), start=1):
        deviation = value - mean
        mean += deviation / k
        squares += deviation * (value - mean)
        variances[k - 1] = squares / k
    if not isfinite(squares):
        raise ValueError(
            "x: expected a finite sum of squared deviations, got an overflow at index "
            f"{np.isfinite(variances).argmin()}"
        )
    return variances


def _cumulative(p: Array) -> Array:
    # Divided by the last sum, so that rounding cannot leave the top step below 1.
    sums = np.cumsum(p)
    return np.asarray(sums / sums[-1])
