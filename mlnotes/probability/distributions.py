r"""Probability distributions as frozen records of their parameters.

Lessons: ``likelihood/coin`` and every later one that names a noise model.

Each record offers ``log_prob`` (log density or log probability, ``-inf`` outside the
support), ``sample``, ``mean``, ``variance``, ``entropy`` (in nats, differential for
densities) and ``mle``, the parameters that maximize the likelihood of (weighted)
data. Parameters may be arrays: they broadcast against each other and against ``x``.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlog1py, xlogy

from mlnotes import _check
from mlnotes._check import Array

__all__ = [
    "Bernoulli",
    "Binomial",
    "Categorical",
    "Distribution",
    "Laplace",
    "Normal",
]

Size = int | tuple[int, ...]
LOG_2PI = float(np.log(2 * np.pi))


class Distribution(Protocol):
    """What every distribution of this module offers."""

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density or log probability of each outcome, in nats."""
        ...

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> NDArray[np.generic]:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        ...

    def mean(self) -> Array:
        """Expected value."""
        ...

    def variance(self) -> Array:
        """Expected squared deviation from the mean."""
        ...

    def entropy(self) -> Array:
        """Expected surprise, in nats."""
        ...


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
        x = _check.vector("x", x)
        if not ((x == 0) | (x == 1)).all():
            raise ValueError(
                f"x: expected zeros and ones, got {x[(x != 0) & (x != 1)][0]:g}"
            )
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
        object.__setattr__(self, "n", _whole_positive("n", n))
        object.__setattr__(self, "p", _check.unit_interval("p", p))
        _broadcast(self, "n", "p")

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of each count, in nats."""
        x = _outcomes(x, self.p.shape)
        inside = (x >= 0) & (x <= self.n) & (x == np.floor(x))
        k = np.where(inside, x, 0)
        log_ways = gammaln(self.n + 1) - gammaln(k + 1) - gammaln(self.n - k + 1)
        log_p = log_ways + xlogy(k, self.p) + xlog1py(self.n - k, -self.p)
        return np.where(inside, log_p, -np.inf)

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Independent counts, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.p)
        n = self.n.astype(np.int64)
        return np.asarray(_check.generator(rng).binomial(n, self.p, shape))

    def mean(self) -> Array:
        """Expected count, n p."""
        return np.asarray(self.n * self.p)

    def variance(self) -> Array:
        """Variance, n p (1 - p)."""
        return np.asarray(self.n * self.p * (1 - self.p))

    def entropy(self) -> Array:
        """Entropy, in nats, summed over all n + 1 counts."""
        counts = np.arange(self.n.max() + 1).reshape((-1,) + (1,) * self.p.ndim)
        log_p = self.log_prob(counts)
        finite = np.where(np.isneginf(log_p), 0.0, log_p)
        return np.asarray(0.0 - (np.exp(log_p) * finite).sum(axis=0))

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
        w = (
            np.ones(k.size)
            if weights is None
            else _check.weights("weights", weights, k.size)
        )
        return cls(np.bincount(k, weights=w, minlength=n_classes) / w.sum())


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
        z = _standardize(x, self.loc, self.scale)
        # Beyond 1e154 standard deviations the log density itself is below -1e308.
        with np.errstate(over="ignore"):
            np.multiply(z, z, out=z)
        np.multiply(z, -0.5, out=z)
        return np.asarray(np.subtract(z, np.log(self.scale) + 0.5 * LOG_2PI, out=z))

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        shape = _shape(size, self.loc)
        z = _check.generator(rng).standard_normal(shape)
        return np.asarray(self.loc + self.scale * z)

    def mean(self) -> Array:
        """Mean, loc."""
        return self.loc

    def variance(self) -> Array:
        """Variance, scale squared."""
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
        deviations = x - loc
        squares = np.square(deviations, out=deviations)
        return cls(loc, np.sqrt(_average(squares, weights)))


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


def _outcomes(x: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return outcomes that broadcast with parameters of the given shape."""
    x = _check.real("x", x)
    if x.ndim and shape:
        try:
            np.broadcast_shapes(x.shape, shape)
        except ValueError:
            raise ValueError(
                f"x: expected a shape that broadcasts with the parameters, {shape}, "
                f"got {x.shape}"
            ) from None
    return x


def _standardize(x: ArrayLike, loc: Array, scale: Array) -> Array:
    """Return (x - loc) / scale as a new array."""
    x = _outcomes(x, loc.shape)
    with np.errstate(over="ignore"):  # an infinite z is a log density of -inf
        z = np.subtract(x, loc)
        return np.asarray(np.divide(z, scale))


def _average(x: Array, weights: ArrayLike | None) -> Array:
    if weights is None:
        return np.asarray(x.mean())
    w = _check.weights("weights", weights, x.size)
    # Summed as the weights are, so that an average of ones cannot exceed 1.
    return np.asarray((w * x).sum() / w.sum())


def _median(x: Array, weights: Array | None) -> Array:
    """Midpoint of the smallest and the largest median, for positive weights."""
    if weights is None:
        return np.asarray(np.median(x))
    order = np.argsort(x)
    below = np.cumsum(weights[order])
    lower = np.searchsorted(below, below[-1] / 2, side="left")
    upper = np.searchsorted(below, below[-1] / 2, side="right")
    return np.asarray((x[order[lower]] + x[order[upper]]) / 2)


def _varied(x: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array | None]:
    """Return the observations of positive weight, at least two of them different."""
    x, w = _check.vector("x", x), None
    if weights is not None:
        w = _check.weights("weights", weights, x.size)
        x, w = x[w > 0], w[w > 0]
    if (x == x[0]).all():
        raise ValueError(
            "x: expected at least two different numbers, got only one value: "
            "the likelihood grows without bound as the scale shrinks"
        )
    return x, w


def _whole_positive(name: str, value: ArrayLike) -> Array:
    array = _check.positive(name, value)
    broken = array[array != np.floor(array)]
    if broken.size:
        raise ValueError(f"{name}: expected whole numbers, got {broken[0]:g}")
    return array


def _shape(size: Size | None, parameter: Array) -> tuple[int, ...]:
    leading = () if size is None else size if isinstance(size, tuple) else (size,)
    for length in leading:
        if not isinstance(length, int | np.integer):
            got = type(length).__name__
            raise TypeError(f"size: expected integers, got {got}")
        if length < 0:
            raise ValueError(f"size: expected integers >= 0, got {length}")
    return (*leading, *parameter.shape)


def _broadcast(record: object, first: str, second: str) -> None:
    """Give two parameters their common shape, read-only."""
    a, b = getattr(record, first), getattr(record, second)
    try:
        a, b = np.broadcast_arrays(a, b)
    except ValueError:
        raise ValueError(
            f"{second}: expected a shape that broadcasts with {first}, {a.shape}, "
            f"got {b.shape}"
        ) from None
    object.__setattr__(record, first, a)
    object.__setattr__(record, second, b)
    _check.freeze(record, [first, second])
