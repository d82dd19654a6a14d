"""Distributions of counts and of outcomes that can be numbered."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlog1py, xlogy

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.probability.distributions._shared import (
    LOG_2PI,
    Size,
    _average,
    _broadcast,
    _log_kernel,
    _on_support,
    _outcomes,
    _shape,
    _stirling,
    _weights,
)

__all__ = ["Bernoulli", "Binomial", "Categorical", "Poisson"]

# Counts are mostly small, and looking up is much faster than a log-gamma.
LOG_FACTORIALS = gammaln(np.arange(1.0, 257.0))
SERIES_FROM = 1e4  # the first term left out of the series is below 1e-13
LARGEST_COUNT = 9e18  # of those that fit 64-bit integers


@dataclass(frozen=True, slots=True, eq=False)
class Bernoulli:
    r"""One flip of a coin: 1 with probability p, else 0.

    .. math:: P(x \mid p) = p^x (1 - p)^{1 - x}, \qquad x \in \{0, 1\}

    Parameters
    ----------
    p : array_like, shape (...)
        Probability of a 1, from 0 to 1.

    Raises
    ------
    TypeError
        If p is not real numbers.
    ValueError
        If p lies outside [0, 1].

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.2.

    Examples
    --------
    Four heads in five flips:

    >>> coin = Bernoulli.mle([1, 1, 1, 0, 1])
    >>> float(coin.p)
    0.8
    >>> coin.log_prob([0, 1, 2]).round(6).tolist()
    [-1.609438, -0.223144, -inf]
    """

    p: Array

    def __init__(self, p: ArrayLike) -> None:
        object.__setattr__(self, "p", _check.unit_interval("p", p))
        _check.freeze(self, ["p"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of each outcome, in nats."""
        x = _outcomes(x, self.p.shape)
        with np.errstate(divide="ignore"):
            log_p, log_not_p = np.log(self.p), np.log1p(-self.p)
        return np.where(x == 1, log_p, np.where(x == 0, log_not_p, -np.inf))

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Independent flips, ``size`` of them before the shape of p."""
        shape = _shape(size, self.p)
        return np.asarray(_check.generator(rng).random(shape) < self.p, dtype=np.int64)

    def mean(self) -> Array:
        """Expected value, p."""
        return self.p

    def variance(self) -> Array:
        """Variance, p (1 - p)."""
        return np.asarray(self.p * (1 - self.p))

    def entropy(self) -> Array:
        """Entropy, in nats."""
        # Subtracted from 0, so that certainty has the entropy 0.0 and not -0.0.
        return np.asarray(0.0 - xlogy(self.p, self.p) - xlog1py(1 - self.p, -self.p))

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: p is the (weighted) share of ones.

        Parameters
        ----------
        x : array_like, shape (n,)
            Outcomes, each 0 or 1.
        weights : array_like, shape (n,), optional
            Non-negative weights of the outcomes.
        """
        x = _check.zero_one("x", _check.vector("x", x))
        return cls(_average(x, weights))


@dataclass(frozen=True, slots=True, eq=False)
class Binomial:
    r"""Number of ones in n independent flips of one coin.

    .. math:: P(k \mid n, p) = \binom{n}{k} p^k (1 - p)^{n - k}, \qquad k = 0, \dots, n

    Parameters
    ----------
    n : array_like of int, shape (...)
        Number of flips, at least 1.
    p : array_like, shape (...)
        Probability of a 1, from 0 to 1.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If n is not a whole number above 0 or p lies outside [0, 1].

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.2.

    Examples
    --------
    Two heads in three flips, in any order, for a fair and for a bent coin:

    >>> np.exp(Binomial(3, [0.5, 0.7]).log_prob(2)).round(6).tolist()
    [0.375, 0.441]
    """

    n: Array
    p: Array

    def __init__(self, n: ArrayLike, p: ArrayLike) -> None:
        object.__setattr__(self, "n", _check.whole("n", n, least=1))
        object.__setattr__(self, "p", _check.unit_interval("p", p))
        _broadcast(self, "n", "p")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of each count, in nats."""
        x = _outcomes(x, self.p.shape)
        inside = (x >= 0) & (x <= self.n) & (x == np.floor(x))
        n, p = self.n, self.p
        ones = np.where(inside, x, 0.0)
        zeros = n - ones
        if n.max() < LOG_FACTORIALS.size:
            log_ways = _log_factorial(n) - _log_factorial(ones) - _log_factorial(zeros)
            log_p = log_ways + xlogy(ones, p) + xlog1py(zeros, -p)
            return np.where(inside, log_p, -np.inf)
        # Logarithms of factorials, less what cancels with the powers of p and 1 - p.
        log_ways = _stirling(n) - _stirling(ones) - _stirling(zeros)
        with np.errstate(divide="ignore"):
            powers = _log_kernel(ones, ones, n * p, lambda: np.log(n) + np.log(p))
            powers += _log_kernel(
                zeros, zeros, n * (1 - p), lambda: np.log(n) + np.log1p(-p)
            )
        return np.where(inside, log_ways + powers, -np.inf)

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Independent counts, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.p)
        if self.n.max() > LARGEST_COUNT:
            raise ValueError(
                f"n: expected at most {LARGEST_COUNT:g}, so that counts are 64-bit "
                f"integers, got {self.n.max():g}"
            )
        n = self.n.astype(np.int64)
        return np.asarray(_check.generator(rng).binomial(n, self.p, shape))

    def mean(self) -> Array:
        """Expected count, n p."""
        return np.asarray(self.n * self.p)

    def variance(self) -> Array:
        """Variance, n p (1 - p)."""
        return np.asarray(self.n * self.p * (1 - self.p))

    def entropy(self) -> Array:
        """Entropy, in nats: a sum for small variances, a series for large ones."""
        variance = self.variance()
        small = variance < SERIES_FROM
        summed = _sum_around_mean(Binomial(np.where(small, self.n, 1), self.p))
        v = np.where(small, SERIES_FROM, variance)
        s = self.p * (1 - self.p)
        terms = ((4 * s - 1) / 12 + (4 * s - 2 * s**2 - 1) / (24 * v)) / v
        series = 0.5 * (LOG_2PI + 1 + np.log(v)) + terms
        return np.where(small, summed, series)

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None, *, n: int) -> Self:
        """Maximize the likelihood in p for known n: the share of ones in all flips.

        Parameters
        ----------
        x : array_like, shape (m,)
            Counts, whole numbers from 0 to n.
        weights : array_like, shape (m,), optional
            Non-negative weights of the counts.
        n : int
            Number of flips behind each count.
        """
        x = _check.vector("x", x)
        size = _check.count("n", n)
        bad = (x < 0) | (x > size) | (x != np.floor(x))
        if bad.any():
            raise ValueError(f"x: expected counts from 0 to {size}, got {x[bad][0]:g}")
        return cls(size, _average(x / size, weights))


@dataclass(frozen=True, slots=True, eq=False)
class Categorical:
    r"""One of K outcomes, numbered from 0.

    .. math:: P(k \mid p) = p_k, \qquad k = 0, \dots, K - 1

    Parameters
    ----------
    p : array_like, shape (..., K)
        Probabilities of the K outcomes along the last axis.

    Raises
    ------
    TypeError
        If p is not real numbers.
    ValueError
        If a probability is negative or a distribution does not sum to 1.

    References
    ----------
    Murphy (2022), *Probabilistic Machine Learning: An Introduction*, section 2.5.

    Examples
    --------
    >>> weather = Categorical([0.5, 0.3, 0.2])
    >>> np.exp(weather.log_prob([0, 2])).round(6).tolist()
    [0.5, 0.2]
    >>> Categorical.mle([0, 0, 1, 2], n_classes=3).p.tolist()
    [0.5, 0.25, 0.25]
    """

    p: Array

    def __init__(self, p: ArrayLike) -> None:
        object.__setattr__(self, "p", _check.probabilities("p", p))
        _check.freeze(self, ["p"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of each outcome, in nats."""
        x = _outcomes(x, self.p.shape[:-1])
        n_classes = self.p.shape[-1]
        inside = (x >= 0) & (x < n_classes) & (x == np.floor(x))
        k = np.where(inside, x, 0).astype(np.intp)
        with np.errstate(divide="ignore"):
            log_p = np.log(self.p)
        if self.p.ndim == 1:
            chosen = log_p[k]
        else:
            batch = np.broadcast_shapes(self.p.shape[:-1], k.shape)
            log_p = np.broadcast_to(log_p, (*batch, n_classes))
            k = np.broadcast_to(k, batch)
            chosen = np.take_along_axis(log_p, k[..., None], axis=-1)[..., 0]
        return np.where(inside, chosen, -np.inf)

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Independent outcomes, ``size`` of them before the batch shape of p."""
        shape = _shape(size, self.p[..., 0])
        u = _check.generator(rng).random(shape)
        boundaries = np.cumsum(self.p, axis=-1)
        # The last is exactly 1, which no u reaches, also where the sum is not quite.
        boundaries /= boundaries[..., -1:]
        return np.asarray((u[..., None] >= boundaries).sum(axis=-1), dtype=np.int64)

    def mean(self) -> Array:
        """Expected outcome number, which only means something for ordered outcomes."""
        return np.asarray(self.p @ np.arange(self.p.shape[-1]))

    def variance(self) -> Array:
        """Variance of the outcome number."""
        k = np.arange(self.p.shape[-1])
        return np.asarray((self.p * (k - self.mean()[..., None]) ** 2).sum(axis=-1))

    def entropy(self) -> Array:
        """Entropy, in nats."""
        return np.asarray(0.0 - xlogy(self.p, self.p).sum(axis=-1))

    @classmethod
    def mle(
        cls, x: ArrayLike, weights: ArrayLike | None = None, *, n_classes: int
    ) -> Self:
        """Maximize the likelihood: the (weighted) share of each outcome.

        Parameters
        ----------
        x : array_like of int, shape (n,)
            Outcomes in ``range(n_classes)``.
        weights : array_like, shape (n,), optional
            Non-negative weights of the outcomes.
        n_classes : int
            Number K of outcomes, also of those that were never seen.
        """
        n_classes = _check.count("n_classes", n_classes)
        k = _check.labels("x", x, n_classes)
        _check.vector("x", k)
        w = np.ones(k.size) if weights is None else _weights(weights, k.size)
        return cls(np.bincount(k, weights=w, minlength=n_classes) / w.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    r"""Number of independent events in an interval where ``rate`` are expected.

    .. math:: P(k \mid \lambda) = \frac{\lambda^k e^{-\lambda}}{k!}, \qquad
        k = 0, 1, 2, \dots

    Parameters
    ----------
    rate : array_like, shape (...)
        Expected count :math:`\lambda > 0` in that interval: events in a unit of time,
        times the length of the interval.

    Raises
    ------
    TypeError
        If the rate is not real numbers.
    ValueError
        If the rate is not positive.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 3.2.

    Examples
    --------
    Two events expected, none seen: probability e^-2.

    >>> np.exp(Poisson(2.0).log_prob([0, 1])).round(6).tolist()
    [0.135335, 0.270671]
    >>> float(Poisson.mle([3, 0, 1, 4]).rate)
    2.0
    """

    rate: Array

    def __init__(self, rate: ArrayLike) -> None:
        object.__setattr__(self, "rate", _check.positive("rate", rate))
        _check.freeze(self, ["rate"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of each count, in nats."""
        x = _outcomes(x, self.rate.shape)
        log_rate = np.log(self.rate)

        def log_p(k: Array) -> Array:
            small = np.asarray(k * log_rate - self.rate - _log_factorial(k))
            if k.max() < LOG_FACTORIALS.size:
                return small
            # Large terms, which nearly cancel where k is close to the rate.
            large = _log_kernel(k, k, self.rate, lambda: log_rate) - _stirling(k)
            return np.where(k < LOG_FACTORIALS.size, small, large)

        return _on_support(x, (x >= 0) & (x == np.floor(x)), 0.0, log_p)

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Independent counts, ``size`` of them before the shape of the rate."""
        shape = _shape(size, self.rate)
        if self.rate.max() > LARGEST_COUNT:
            raise ValueError(
                f"rate: expected at most {LARGEST_COUNT:g}, so that counts are 64-bit "
                f"integers, got {self.rate.max():g}"
            )
        return np.asarray(_check.generator(rng).poisson(self.rate, shape))

    def mean(self) -> Array:
        """Expected count, the rate."""
        return self.rate

    def variance(self) -> Array:
        """Variance, the rate again."""
        return self.rate

    def entropy(self) -> Array:
        """Entropy, in nats: a sum for small rates, a series for large ones."""
        summed = _sum_around_mean(Poisson(np.minimum(self.rate, SERIES_FROM)))
        rate = np.maximum(self.rate, SERIES_FROM)
        series = 0.5 * (LOG_2PI + 1 + np.log(rate)) - (1 + 0.5 / rate) / rate / 12
        return np.where(self.rate < SERIES_FROM, summed, series)

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: the rate is the (weighted) mean count.

        Parameters
        ----------
        x : array_like, shape (n,)
            Counts, whole numbers of at least 0, not all 0.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x = _check.whole("x", _check.vector("x", x))
        rate = _average(x, weights)
        if rate == 0:
            raise ValueError(
                "x: expected at least one count above 0, got only zeros: the "
                "likelihood grows as the rate shrinks to 0"
            )
        return cls(rate)


def _log_factorial(k: Array) -> Array:
    """Logarithm of k! for whole k from 0 to 255, and of 255! beyond."""
    last = LOG_FACTORIALS.size - 1
    return LOG_FACTORIALS[np.minimum(k, last).astype(np.intp)]


def _sum_around_mean(counts: Binomial | Poisson) -> Array:
    """Entropy of counts, summed as far from the mean as probabilities matter."""
    mean = counts.mean()
    reach = int(12 * np.sqrt(counts.variance().max()) + 60)  # beyond it below 1e-30
    near = np.arange(-reach, reach + 1.0).reshape((-1,) + (1,) * mean.ndim)
    log_p = counts.log_prob(np.floor(mean) + near)
    finite = np.where(np.isneginf(log_p), 0.0, log_p)
    return np.asarray(0.0 - (np.exp(log_p) * finite).sum(axis=0))
