"""Distributions on the real line and on an interval."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, xlog1py

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.probability.distributions._shared import (
    LOG_2PI,
    Size,
    _average,
    _broadcast,
    _log_kernel,
    _log_minus_digamma,
    _log_power,
    _median,
    _on_support,
    _outcomes,
    _plain,
    _shape,
    _standardize,
    _stirling,
    _varied,
)

__all__ = ["Beta", "Laplace", "Normal", "StudentT", "Uniform"]


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    r"""Normal (Gaussian) distribution :math:`N(\mu, \sigma^2)`.

    .. math::
        p(x \mid \mu, \sigma) = \frac{1}{\sqrt{2 \pi} \, \sigma}
        \exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right)

    Parameters
    ----------
    loc : array_like, shape (...)
        Mean :math:`\mu`.
    scale : array_like, shape (...)
        Standard deviation :math:`\sigma > 0`, the square root of the variance.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If the scale is not positive or the shapes do not broadcast.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 1.2.4.

    Examples
    --------
    The maximum likelihood estimate of the variance divides by n, not by n - 1:

    >>> fit = Normal.mle([1.0, 2.0, 3.0])
    >>> float(fit.loc), round(float(fit.scale) ** 2, 6)
    (2.0, 0.666667)
    """

    loc: Array
    scale: Array

    def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None:
        object.__setattr__(self, "loc", _check.real("loc", loc))
        object.__setattr__(self, "scale", _check.positive("scale", scale))
        _broadcast(self, "loc", "scale")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        # Beyond 1e154 standard deviations the log density itself is below -1e308.
        with np.errstate(over="ignore"):
            z = _standardize(x, self.loc, self.scale)
            np.multiply(z, z, out=z)
        np.multiply(z, -0.5, out=z)
        return np.asarray(np.subtract(z, np.log(self.scale) + 0.5 * LOG_2PI, out=z))

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.loc)
        z = _check.generator(rng).standard_normal(shape)
        with np.errstate(over="ignore"):
            return np.asarray(self.loc + self.scale * z)

    def mean(self) -> Array:
        """Mean, loc."""
        return self.loc

    def variance(self) -> Array:
        """Variance, scale squared."""
        with np.errstate(over="ignore"):  # a variance above 1.8e308 is inf
            return np.asarray(self.scale**2)

    def entropy(self) -> Array:
        """Differential entropy, in nats; negative for scale < 0.242."""
        return np.asarray(0.5 * LOG_2PI + 0.5 + np.log(self.scale))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: (weighted) mean and root mean squared deviation.

        Parameters
        ----------
        x : array_like, shape (n,)
            Observations, at least two of them different.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x, weights = _varied(x, weights)
        loc = _average(x, weights)
        squares = x - loc
        with np.errstate(over="ignore"):
            variance = float(_average(np.square(squares, out=squares), weights))
        if 1e-290 < variance < np.inf:
            return cls(loc, np.sqrt(variance))
        # Squares that overflow or vanish: measure in units of the largest deviation.
        unit = np.abs(x - loc).max()
        return cls(loc, unit * np.sqrt(_average(((x - loc) / unit) ** 2, weights)))


@dataclass(frozen=True, slots=True, eq=False)
class Laplace:
    r"""Laplace (double exponential) distribution.

    .. math:: p(x \mid m, b) = \frac{1}{2 b} \exp\left(-\frac{|x - m|}{b}\right)

    Parameters
    ----------
    loc : array_like, shape (...)
        Median (and mean) m.
    scale : array_like, shape (...)
        Mean absolute deviation b > 0; the variance is 2 b^2.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If the scale is not positive or the shapes do not broadcast.

    References
    ----------
    Murphy (2022), *Probabilistic Machine Learning: An Introduction*, section 2.7.3.

    Examples
    --------
    The maximum likelihood estimate is a median, which an outlier cannot drag along:

    >>> fit = Laplace.mle([1.0, 2.0, 90.0])
    >>> float(fit.loc), float(fit.scale)
    (2.0, 29.666666666666668)
    """

    loc: Array
    scale: Array

    def __init__(self, loc: ArrayLike, scale: ArrayLike) -> None:
        object.__setattr__(self, "loc", _check.real("loc", loc))
        object.__setattr__(self, "scale", _check.positive("scale", scale))
        _broadcast(self, "loc", "scale")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        with np.errstate(over="ignore"):  # an infinite z is a log density of -inf
            z = _standardize(x, self.loc, self.scale)
        np.abs(z, out=z)
        np.negative(z, out=z)
        # Not log(2 b): 2 b can overflow.
        return np.asarray(np.subtract(z, np.log(self.scale) + np.log(2), out=z))

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.loc)
        return np.asarray(_check.generator(rng).laplace(self.loc, self.scale, shape))

    def mean(self) -> Array:
        """Mean, loc."""
        return self.loc

    def variance(self) -> Array:
        """Variance, 2 scale^2."""
        with np.errstate(over="ignore"):
            return np.asarray(2 * self.scale**2)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        return np.asarray(1 + np.log(2) + np.log(self.scale))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: (weighted) median and mean absolute deviation.

        Parameters
        ----------
        x : array_like, shape (n,)
            Observations, at least two of them different.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x, weights = _varied(x, weights)
        loc = _median(x, weights)
        return cls(loc, _average(np.abs(x - loc), weights))


@dataclass(frozen=True, slots=True, eq=False)
class StudentT:
    r"""Student's t distribution, a normal with heavier tails.

    .. math::
        p(x \mid \nu, m, s) = \frac{1}{\sqrt{\nu} \, B(\nu/2, 1/2) \, s}
        \left(1 + \frac{(x - m)^2}{\nu s^2}\right)^{-(\nu + 1)/2}

    Parameters
    ----------
    df : array_like, shape (...)
        Degrees of freedom :math:`\nu > 0`; 1 is the Cauchy distribution, infinitely
        many are the normal.
    loc : array_like, shape (...)
        Center m.
    scale : array_like, shape (...)
        Scale s > 0, which is not the standard deviation.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If df or scale is not positive or the shapes do not broadcast.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.3.7.

    Examples
    --------
    The Cauchy density at its center is 1 / pi:

    >>> round(float(np.pi * np.exp(StudentT(1, 0, 1).log_prob(0))), 12)
    1.0
    """

    df: Array
    loc: Array
    scale: Array

    def __init__(self, df: ArrayLike, loc: ArrayLike, scale: ArrayLike) -> None:
        object.__setattr__(self, "df", _check.positive("df", df))
        object.__setattr__(self, "loc", _check.real("loc", loc))
        object.__setattr__(self, "scale", _check.positive("scale", scale))
        _broadcast(self, "df", "loc", "scale")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        x = _outcomes(x, self.loc.shape)
        root = np.sqrt(self.df)
        with np.errstate(over="ignore"):  # where z overflows, its logarithm does not
            z = np.abs(_standardize(x, self.loc, self.scale)) / root
        far = z > 1e150  # where squares overflow, 1 + z^2 is z^2
        log_sum = np.log1p(np.square(np.where(far, 0.0, z)))
        if far.any():
            distance = np.where(far, np.abs(x - self.loc), 1.0)
            log_z = np.log(distance) - np.log(self.scale) - np.log(root)
            log_sum = np.where(far, 2 * log_z, log_sum)
        return np.asarray(-self._log_normalizer() - 0.5 * (self.df + 1) * log_sum)

    def _log_normalizer(self) -> Array:
        # Not two log-gammas, whose difference loses all digits for many degrees.
        log_beta = betaln(0.5 * self.df, 0.5)
        return np.asarray(log_beta + 0.5 * np.log(self.df) + np.log(self.scale))

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.loc)
        t = _check.generator(rng).standard_t(self.df, shape)
        with np.errstate(over="ignore"):
            return np.asarray(self.loc + self.scale * t)

    def mean(self) -> Array:
        """Mean, loc; nan where it does not exist, for df <= 1."""
        return np.where(self.df > 1, self.loc, np.nan)

    def variance(self) -> Array:
        """Variance, scale^2 df / (df - 2); inf for df <= 2 and nan for df <= 1."""
        factor = self.df / np.where(self.df > 2, self.df - 2, 1.0)
        infinite = np.where(self.df > 1, np.inf, np.nan)
        with np.errstate(over="ignore"):
            return np.where(self.df > 2, self.scale**2 * factor, infinite)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        df = np.minimum(self.df, 1e3)
        exact = 0.5 * (df + 1) * (digamma(0.5 * (df + 1)) - digamma(0.5 * df))
        exact += betaln(0.5 * df, 0.5) + 0.5 * np.log(df)
        u = 1 / np.maximum(self.df, 1e3)  # the entropy of the normal and a series
        series = 0.5 * LOG_2PI + 0.5 + u * (1 + u * (1 / 4 - u * (1 / 6 + u / 8)))
        return np.asarray(np.where(self.df < 1e3, exact, series) + np.log(self.scale))


@dataclass(frozen=True, slots=True, eq=False)
class Uniform:
    r"""Uniform distribution on an interval.

    .. math:: p(x \mid a, b) = \frac{1}{b - a}, \qquad a \le x \le b

    Parameters
    ----------
    low : array_like, shape (...)
        Left end a.
    high : array_like, shape (...)
        Right end b > a.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If high is not above low, their difference overflows, or the shapes do not
        broadcast.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.3.

    Examples
    --------
    On a short interval the density exceeds 1:

    >>> np.exp(Uniform(0, 0.25).log_prob([0.1, 0.3])).round(6).tolist()
    [4.0, 0.0]
    """

    low: Array
    high: Array

    def __init__(self, low: ArrayLike, high: ArrayLike) -> None:
        object.__setattr__(self, "low", _check.real("low", low))
        object.__setattr__(self, "high", _check.real("high", high))
        _broadcast(self, "low", "high")
        with np.errstate(over="ignore"):
            width = self.high - self.low
        if not (width > 0).all():
            worst = np.unravel_index(width.argmin(), width.shape)
            raise ValueError(
                f"high: expected numbers above low, {self.low[worst]:g}, "
                f"got {self.high[worst]:g}"
            )
        if np.isinf(width).any():
            raise ValueError("high: expected a finite distance from low, got inf")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        x = _outcomes(x, self.low.shape)
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, -np.log(self.high - self.low), -np.inf)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.low)
        return np.asarray(_check.generator(rng).uniform(self.low, self.high, shape))

    def mean(self) -> Array:
        """Mean, the middle of the interval."""
        return np.asarray(0.5 * self.low + 0.5 * self.high)

    def variance(self) -> Array:
        """Variance, (high - low)^2 / 12."""
        with np.errstate(over="ignore"):
            return np.asarray((self.high - self.low) ** 2 / 12)

    def entropy(self) -> Array:
        """Differential entropy, in nats; negative for intervals shorter than 1."""
        return np.asarray(np.log(self.high - self.low))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: the smallest and the largest observation.

        Parameters
        ----------
        x : array_like, shape (n,)
            Observations, at least two of them different.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x, _ = _varied(x, weights)
        return cls(x.min(), x.max())


@dataclass(frozen=True, slots=True, eq=False)
class Beta:
    r"""Beta distribution, on the probabilities from 0 to 1.

    .. math::
        p(x \mid \alpha, \beta) = \frac{x^{\alpha - 1} (1 - x)^{\beta - 1}}
        {B(\alpha, \beta)}, \qquad 0 < x < 1

    Parameters
    ----------
    a : array_like, shape (...)
        Weight :math:`\alpha > 0` of 1: as a prior, ones seen before, plus 1.
    b : array_like, shape (...)
        Weight :math:`\beta > 0` of 0.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If a parameter is not positive or the shapes do not broadcast.

    Notes
    -----
    At 0 and 1 ``log_prob`` returns the limit of the log density, which may be infinite.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.1.1.

    Examples
    --------
    >>> prior = Beta(2, 3)
    >>> float(prior.mean()), float(prior.variance())
    (0.4, 0.04)
    """

    a: Array
    b: Array

    def __init__(self, a: ArrayLike, b: ArrayLike) -> None:
        object.__setattr__(self, "a", _check.positive("a", a))
        object.__setattr__(self, "b", _check.positive("b", b))
        _broadcast(self, "a", "b")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        a, b = self.a, self.b
        x = _outcomes(x, a.shape)
        log_p = self._plain_log_p if _plain(a, b) else self._large_log_p
        return _on_support(x, (x >= 0) & (x <= 1), 0.5, log_p)

    def _plain_log_p(self, x: Array) -> Array:
        powers = _log_power(x, self.a - 1)
        if x.max() < 1:  # NumPy's logarithm is the faster one
            powers += (self.b - 1) * np.log1p(-x)
        else:
            powers += xlog1py(self.b - 1, -x)
        return np.asarray(powers - betaln(self.a, self.b))

    def _large_log_p(self, x: Array) -> Array:
        # The densities of two gamma variables, over that of their sum.
        a, b, n = self.a, self.b, self.a + self.b
        with np.errstate(divide="ignore"):
            ones = _log_kernel(a - 1, a, n * x, lambda: np.log(n) + np.log(x))
            zeros = _log_kernel(b - 1, b, n * (1 - x), lambda: np.log(n) + np.log1p(-x))
        constant = np.log(n) + _stirling(n) - _stirling(a) - _stirling(b)
        return np.asarray(constant + ones + zeros)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.a)
        return np.asarray(_check.generator(rng).beta(self.a, self.b, shape))

    def mean(self) -> Array:
        """Mean, a / (a + b)."""
        return np.asarray(self.a / (self.a + self.b))

    def variance(self) -> Array:
        """Variance, m (1 - m) / (a + b + 1) with the mean m."""
        total = self.a + self.b
        return np.asarray(self.a / total * (self.b / total) / (total + 1))

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        a, b, total = self.a, self.b, self.a + self.b
        # Logarithms of Gamma and digammas, less what cancels between them.
        surprise = (a - 1) * _log_minus_digamma(a) + (b - 1) * _log_minus_digamma(b)
        surprise -= (total - 2) * _log_minus_digamma(total)
        return np.asarray(
            _stirling(a) + _stirling(b) - _stirling(total) - np.log(total) + surprise
        )
