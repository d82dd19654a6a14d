"""Distributions of positive numbers: waiting times, sizes, variances."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, xlogy, zeta

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.probability.distributions._continuous import Normal
from mlnotes.probability.distributions._shared import (
    LOG_2PI,
    Size,
    _average,
    _broadcast,
    _log_kernel,
    _log_minus_digamma,
    _log_power,
    _on_support,
    _outcomes,
    _plain,
    _positive_data,
    _shape,
    _stirling,
    _varied,
)

__all__ = ["Exponential", "Gamma", "InverseGamma", "LogNormal"]


@dataclass(frozen=True, slots=True, eq=False)
class Exponential:
    r"""Waiting time until the next event of a Poisson process.

    .. math:: p(x \mid \lambda) = \lambda e^{-\lambda x}, \qquad x \ge 0

    Parameters
    ----------
    rate : array_like, shape (...)
        Expected number :math:`\lambda > 0` of events in a unit of time. SciPy takes the
        scale, 1 / rate.

    Raises
    ------
    TypeError
        If the rate is not real numbers.
    ValueError
        If the rate is not positive.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.3.

    Examples
    --------
    >>> float(Exponential.mle([1.0, 2.0, 6.0]).mean())
    3.0
    """

    rate: Array

    def __init__(self, rate: ArrayLike) -> None:
        object.__setattr__(self, "rate", _check.positive("rate", rate))
        _check.freeze(self, ["rate"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        x = _outcomes(x, self.rate.shape)
        log_rate = np.log(self.rate)

        def log_p(x: Array) -> Array:
            with np.errstate(over="ignore"):
                return np.asarray(log_rate - self.rate * x)

        return _on_support(x, x >= 0, 0.0, log_p)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.rate)
        return np.asarray(_check.generator(rng).standard_exponential(shape) / self.rate)

    def mean(self) -> Array:
        """Mean, 1 / rate."""
        return np.asarray(1 / self.rate)

    def variance(self) -> Array:
        """Variance, 1 / rate^2."""
        with np.errstate(over="ignore"):  # a variance above 1.8e308 is inf
            return np.asarray((1 / self.rate) ** 2)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        return np.asarray(1 - np.log(self.rate))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: the rate is one over the (weighted) mean.

        Parameters
        ----------
        x : array_like, shape (n,)
            Waiting times >= 0, not all 0.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        mean = _average(_check.non_negative("x", _check.vector("x", x)), weights)
        if mean == 0:
            raise ValueError(
                "x: expected at least one number above 0, got only zeros: the "
                "likelihood grows without bound as the rate does"
            )
        return cls(1 / mean)


@dataclass(frozen=True, slots=True, eq=False)
class Gamma:
    r"""Gamma distribution: for a whole shape, the sum of that many waiting times.

    .. math::
        p(x \mid \alpha, \beta) = \frac{\beta^\alpha}{\Gamma(\alpha)}
        x^{\alpha - 1} e^{-\beta x}, \qquad x > 0

    Parameters
    ----------
    shape : array_like, shape (...)
        Shape :math:`\alpha > 0`.
    rate : array_like, shape (...)
        Rate :math:`\beta > 0`. SciPy takes the scale, 1 / rate.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If a parameter is not positive or the shapes do not broadcast.

    Notes
    -----
    At 0 ``log_prob`` returns the limit of the log density, which may be infinite.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.3.
    Minka (2002), *Estimating a Gamma distribution*, for the estimate.

    Examples
    --------
    >>> two = Gamma(2, 0.5)
    >>> float(two.mean()), float(two.variance())
    (4.0, 8.0)
    """

    shape: Array
    rate: Array

    def __init__(self, shape: ArrayLike, rate: ArrayLike) -> None:
        object.__setattr__(self, "shape", _check.positive("shape", shape))
        object.__setattr__(self, "rate", _check.positive("rate", rate))
        _broadcast(self, "shape", "rate")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        a = self.shape
        x = _outcomes(x, a.shape)
        log_p = self._plain_log_p if _plain(a) else self._large_log_p
        return _on_support(x, x >= 0, 1.0, log_p)

    def _plain_log_p(self, x: Array) -> Array:
        constant = xlogy(self.shape, self.rate) - gammaln(self.shape)
        with np.errstate(over="ignore"):
            decay = self.rate * x
        return np.asarray(constant + _log_power(x, self.shape - 1) - decay)

    def _large_log_p(self, x: Array) -> Array:
        a, log_rate = self.shape, np.log(self.rate)
        with np.errstate(over="ignore", divide="ignore"):
            y = self.rate * x
            kernel = _log_kernel(a - 1, a, y, lambda: log_rate + np.log(x))
        return np.asarray(log_rate - _stirling(a) + kernel)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.shape)
        draws = _check.generator(rng).standard_gamma(self.shape, shape)
        with np.errstate(over="ignore"):
            return np.asarray(draws / self.rate)

    def mean(self) -> Array:
        """Mean, shape / rate."""
        with np.errstate(over="ignore"):
            return np.asarray(self.shape / self.rate)

    def variance(self) -> Array:
        """Variance, shape / rate^2."""
        with np.errstate(over="ignore"):
            return np.asarray(self.shape / self.rate / self.rate)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        a = self.shape
        # a + log Gamma(a) + (1 - a) digamma(a), less what cancels between them.
        unit = _stirling(a) + (a - 1) * _log_minus_digamma(a)
        return np.asarray(unit - np.log(self.rate))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood, in the shape by Newton steps.

        The shape solves log(shape) - digamma(shape) = log(mean of x) - mean of log(x),
        and shape / rate is the mean.

        Parameters
        ----------
        x : array_like, shape (n,)
            Observations > 0, at least two of them different.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x, weights = _varied(_positive_data(x), weights)
        mean = _average(x, weights)
        shape = _solve_shape(_log_mean_minus_mean_log(x, mean, weights))
        return cls(shape, shape / mean)


def _log_mean_minus_mean_log(x: Array, mean: Array, weights: Array | None) -> float:
    """Return log(mean) minus the mean logarithm, which is positive."""
    gap = float(np.log(mean) - _average(np.log(x), weights))
    if gap > 0.01:
        return gap
    # Nearly equal numbers: sum r - log(1 + r) instead, with the relative deviation r.
    r = (x - mean) / mean
    rounding = _average(r, weights)  # the mean of the r would be 0
    return float(_average(_less_log(r), weights) - _less_log(rounding))


def _less_log(r: Array) -> Array:
    """Return r - log(1 + r), to full accuracy."""
    series = r * r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r / 6))))
    return np.where(np.abs(r) < 1e-3, series, r - np.log1p(r))


def _solve_shape(gap: float) -> float:
    """Solve log(a) - digamma(a) = gap by Newton's method in 1/a."""
    a = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(20):
        value, slope = _gap(a)
        # A step in 1/a, in which the function is nearly a straight line.
        change = (value - gap) / (a * slope)
        a = a / (1 + change)
        if abs(change) < 1e-13:
            break
    return float(a)


def _gap(a: float) -> tuple[float, float]:
    """Return log(a) - digamma(a) and its derivative."""
    if a < 100:
        return float(np.log(a) - digamma(a)), float(1 / a - zeta(2, a))
    u = 1 / a  # the differences would lose their digits
    value = u * (1 / 2 + u * (1 / 12 - u**2 * (1 / 120 - u**2 / 252)))
    slope = -(u**2) * (1 / 2 + u * (1 / 6 - u**2 * (1 / 30 - u**2 / 42)))
    return value, slope


@dataclass(frozen=True, slots=True, eq=False)
class InverseGamma:
    r"""Distribution of 1 / g for a gamma variable g, a prior on variances.

    .. math::
        p(x \mid \alpha, b) = \frac{b^\alpha}{\Gamma(\alpha)}
        x^{-\alpha - 1} e^{-b / x}, \qquad x > 0

    Parameters
    ----------
    shape : array_like, shape (...)
        Shape :math:`\alpha > 0`.
    scale : array_like, shape (...)
        Scale b > 0, the rate of the gamma variable.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If a parameter is not positive or the shapes do not broadcast.

    References
    ----------
    Murphy (2022), *Probabilistic Machine Learning: An Introduction*, section 2.7.5.

    Examples
    --------
    >>> float(InverseGamma(3, 4).mean())
    2.0
    """

    shape: Array
    scale: Array

    def __init__(self, shape: ArrayLike, scale: ArrayLike) -> None:
        object.__setattr__(self, "shape", _check.positive("shape", shape))
        object.__setattr__(self, "scale", _check.positive("scale", scale))
        _broadcast(self, "shape", "scale")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        a = self.shape
        x = _outcomes(x, a.shape)
        log_p = self._plain_log_p if _plain(a) else self._large_log_p
        return _on_support(x, x > 0, 1.0, log_p)

    def _plain_log_p(self, x: Array) -> Array:
        constant = xlogy(self.shape, self.scale) - gammaln(self.shape)
        with np.errstate(over="ignore"):
            decay = self.scale / x
        return np.asarray(constant - (self.shape + 1) * np.log(x) - decay)

    def _large_log_p(self, x: Array) -> Array:
        a, log_scale = self.shape, np.log(self.scale)
        with np.errstate(over="ignore"):
            y = self.scale / x
        kernel = _log_kernel(a + 1, a, y, lambda: log_scale - np.log(x))
        return np.asarray(2 * np.log(a) - log_scale - _stirling(a) + kernel)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.shape)
        draws = _check.generator(rng).standard_gamma(self.shape, shape)
        with np.errstate(over="ignore", divide="ignore"):
            return np.asarray(self.scale / draws)

    def mean(self) -> Array:
        """Mean, scale / (shape - 1); infinite for shape <= 1."""
        exists = self.shape > 1
        with np.errstate(over="ignore"):
            mean = self.scale / np.where(exists, self.shape - 1, 1)
        return np.where(exists, mean, np.inf)

    def variance(self) -> Array:
        """Variance, mean^2 / (shape - 2); infinite for shape <= 2."""
        exists = self.shape > 2
        mean = np.where(exists, self.mean(), 1.0)
        with np.errstate(over="ignore"):
            variance = mean * (mean / np.where(exists, self.shape - 2, 1))
        return np.where(exists, variance, np.inf)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        a = self.shape
        # a + log Gamma(a) - (1 + a) digamma(a), less what cancels between them.
        unit = _stirling(a) + (a + 1) * _log_minus_digamma(a) - 2 * np.log(a)
        return np.asarray(unit + np.log(self.scale))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: the gamma estimate for 1 / x.

        Parameters
        ----------
        x : array_like, shape (n,)
            Observations > 0, at least two of them different.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x, weights = _varied(_positive_data(x), weights)
        fit = Gamma.mle(1 / x, weights)
        return cls(fit.shape, fit.rate)


@dataclass(frozen=True, slots=True, eq=False)
class LogNormal:
    r"""Distribution of a positive number whose logarithm is normal.

    .. math:: \log x \sim N(\mu, \sigma^2), \qquad x > 0

    Parameters
    ----------
    loc : array_like, shape (...)
        Mean :math:`\mu` of the logarithm.
    scale : array_like, shape (...)
        Standard deviation :math:`\sigma > 0` of the logarithm.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If the scale is not positive or the shapes do not broadcast.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.3.

    Examples
    --------
    The median is e^loc, the mean lies above it:

    >>> round(float(LogNormal(0, 2).mean()), 6)  # e^2
    7.389056
    """

    loc: Array
    scale: Array

    def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None:
        object.__setattr__(self, "loc", _check.real("loc", loc))
        object.__setattr__(self, "scale", _check.positive("scale", scale))
        _broadcast(self, "loc", "scale")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        x = _outcomes(x, self.loc.shape)
        normal = Normal(self.loc, self.scale)

        def log_p(x: Array) -> Array:
            log_x = np.log(x)
            return np.asarray(normal.log_prob(log_x) - log_x)

        return _on_support(x, x > 0, 1.0, log_p)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        logarithms = Normal(self.loc, self.scale).sample(size, rng=rng)
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(logarithms))

    def mean(self) -> Array:
        """Mean, exp(loc + scale^2 / 2)."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.loc + self.scale**2 / 2))

    def variance(self) -> Array:
        """Variance, (exp(scale^2) - 1) times the squared mean."""
        # In a form whose factors cannot be 0 and infinite at once.
        with np.errstate(over="ignore"):
            square = self.scale**2
            wide = np.sqrt(-np.expm1(-square))
            spread = np.where(self.scale < 1e-8, self.scale, wide)
            return np.asarray((np.exp(self.loc + square) * spread) ** 2)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        return np.asarray(0.5 * LOG_2PI + 0.5 + np.log(self.scale) + self.loc)

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: the normal estimate for the logarithms.

        Parameters
        ----------
        x : array_like, shape (n,)
            Observations > 0, at least two of them different.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        fit = Normal.mle(np.log(_positive_data(x)), weights)
        return cls(fit.loc, fit.scale)
