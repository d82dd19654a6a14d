r"""Bias, variance and mean squared error of an estimator, from repeated experiments.

Lesson: ``probability/estimators``.

An estimator :math:`\hat\theta` is a function of random data and so a random variable.
Its error splits exactly,

.. math::
    \operatorname{E}\left[(\hat\theta - \theta)^2\right]
    = \left(\operatorname{E}[\hat\theta] - \theta\right)^2
    + \operatorname{Var}(\hat\theta),

and so do averages over repetitions, if the variance is taken with the divisor m.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["ErrorDecomposition", "decompose_error"]


@dataclass(frozen=True, slots=True, eq=False)
class ErrorDecomposition:
    """What repeated estimates say about an estimator, with Monte Carlo error bars.

    Attributes
    ----------
    bias : ndarray, shape (...)
        Mean of the estimates minus the truth, in units of the parameter.
    variance : ndarray, shape (...)
        Mean squared deviation of the estimates from their mean, in squared units.
    mean_squared_error : ndarray, shape (...)
        Mean squared deviation of the estimates from the truth, in squared units; the
        squared bias plus the variance.
    bias_error : ndarray, shape (...)
        Standard error of the bias, from the number of repetitions.
    variance_error : ndarray, shape (...)
        Standard error of the variance, likewise.
    """

    bias: Array
    variance: Array
    mean_squared_error: Array
    bias_error: Array
    variance_error: Array

    def __post_init__(self) -> None:
        _check.freeze(self, self.__slots__)


def decompose_error(estimates: ArrayLike, truth: ArrayLike) -> ErrorDecomposition:
    r"""Split the mean squared error of repeated estimates into bias and variance.

    With :math:`\bar\theta` the mean of m estimates :math:`\hat\theta_j`,

    .. math::
        \frac{1}{m} \sum_{j=1}^m (\hat\theta_j - \theta)^2
        = (\bar\theta - \theta)^2
        + \frac{1}{m} \sum_{j=1}^m (\hat\theta_j - \bar\theta)^2 .

    Parameters
    ----------
    estimates : array_like, shape (m, ...)
        Estimates from m independent data sets along the first axis, at least 2.
    truth : array_like, shape (...)
        The parameter, broadcast against one set of estimates.

    Returns
    -------
    ErrorDecomposition
        Bias in units of the parameter, variance and mean squared error in squared
        units, each of the shape of one set of estimates.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If there are fewer than two estimates, a number is not finite, or the truth
        does not fit the shape of one set of estimates.

    Notes
    -----
    The standard error of the variance is that of the mean of m squared deviations.
    All estimates of a full enumeration of equally probable data sets give the exact
    bias and variance; the error bars then mean nothing.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 7.3.1.

    Examples
    --------
    Four estimates of 5 that are on average 1 too low and deviate from their mean by
    1 or 2 units:

    >>> found = decompose_error([3, 5, 2, 6], truth=5)
    >>> float(found.bias), float(found.variance), float(found.mean_squared_error)
    (-1.0, 2.5, 3.5)
    """
    estimates = _check.real("estimates", estimates)
    if estimates.ndim == 0 or len(estimates) < 2:
        raise ValueError(
            "estimates: expected at least two along the first axis, got shape "
            f"{estimates.shape}"
        )
    truth, shape = _check.real("truth", truth), estimates.shape[1:]
    try:
        truth = np.broadcast_to(truth, shape)
    except ValueError:
        raise ValueError(
            f"truth: expected a shape that broadcasts to {shape}, got {truth.shape}"
        ) from None
    errors = estimates - truth
    # Differences keep the digits that a large common part would take away.
    deviations = estimates - estimates[0]
    squares = (deviations - deviations.mean(axis=0)) ** 2
    root_m = np.sqrt(len(estimates))
    return ErrorDecomposition(
        bias=np.asarray(errors.mean(axis=0)),
        variance=np.asarray(squares.mean(axis=0)),
        mean_squared_error=np.asarray((errors**2).mean(axis=0)),
        bias_error=np.asarray(deviations.std(axis=0, ddof=1) / root_m),
        variance_error=np.asarray(squares.std(axis=0, ddof=1) / root_m),
    )
