"""What all distributions share: the protocol, and checks of outcomes and parameters."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln, xlogy

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["Distribution"]

Size = int | tuple[int, ...]
LOG_2PI = float(np.log(2 * np.pi))
STIRLING_FROM = 16.0
# Between these no logarithm of a gamma function hides the digits of its neighbors.
PLAIN_FROM, PLAIN_TO = 1e-300, 100.0


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
    z = np.asarray(_outcomes(x, loc.shape) - loc)
    return np.divide(z, scale, out=z)


def _weights(weights: ArrayLike, length: int) -> Array:
    """Return one weight for each example, the largest between 1/2 and 1."""
    w = _check.weights("weights", weights, length)
    return np.asarray(np.ldexp(w, -np.frexp(w.max())[1]))  # a power of 2 is exact


def _average(x: Array, weights: ArrayLike | None) -> Array:
    if weights is None:
        return np.asarray(x.sum() / x.size)
    w = _weights(weights, x.size)
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
        w = _weights(weights, x.size)
        x, w = x[w > 0], w[w > 0]
    if x[0] == x[-1] and (x == x[0]).all():
        raise ValueError(
            "x: expected at least two different numbers, got only one value: "
            "the likelihood grows without bound as the scale shrinks"
        )
    return x, w


def _shape(size: Size | None, parameter: Array) -> tuple[int, ...]:
    leading = () if size is None else size if isinstance(size, tuple) else (size,)
    for length in leading:
        if not isinstance(length, int | np.integer):
            got = type(length).__name__
            raise TypeError(f"size: expected integers, got {got}")
        if length < 0:
            raise ValueError(f"size: expected integers >= 0, got {length}")
    return (*leading, *parameter.shape)


def _broadcast(record: object, *names: str) -> None:
    """Give parameters their common shape, read-only."""
    arrays = [getattr(record, name) for name in names]
    if len({array.shape for array in arrays}) == 1:
        return _check.freeze(record, names)
    for i in range(1, len(arrays)):
        try:
            np.broadcast_shapes(*(array.shape for array in arrays[: i + 1]))
        except ValueError:
            given = np.broadcast_shapes(*(array.shape for array in arrays[:i]))
            raise ValueError(
                f"{names[i]}: expected a shape that broadcasts with "
                f"{' and '.join(names[:i])}, {given}, got {arrays[i].shape}"
            ) from None
    for name, array in zip(names, np.broadcast_arrays(*arrays), strict=True):
        object.__setattr__(record, name, array)
    _check.freeze(record, names)


def _on_support(
    x: Array,
    inside: NDArray[np.bool_],
    harmless: float,
    log_p: Callable[[Array], Array],
) -> Array:
    """Return log_p where an outcome is possible and -inf elsewhere."""
    if _check.smallest(inside):
        return np.asarray(log_p(x))
    # The unused branch must not overflow: it sees an outcome that it can digest.
    return np.where(inside, log_p(np.where(inside, x, harmless)), -np.inf)


def _log_power(x: Array, power: Array) -> Array:
    """Logarithm of x^power for x >= 0, with 0^0 = 1."""
    if x.min() > 0:
        return np.asarray(power * np.log(x))  # NumPy's logarithm is the faster one
    return np.asarray(xlogy(power, x))


def _plain(*shapes: Array) -> bool:
    """Whether all shapes are so moderate that textbook formulas keep their digits."""
    for a in shapes:
        if not (_check.smallest(a) > PLAIN_FROM and a.item(a.argmax()) < PLAIN_TO):
            return False
    return True


def _stirling(a: Array) -> Array:
    """What Stirling's a log a - a leaves of log Gamma(a + 1), for a >= 0."""
    large = np.maximum(a, STIRLING_FROM)
    u = 1 / large
    v = u * u
    tail = 1 / 12 - v * (1 / 360 - v * (1 / 1260 - v * (1 / 1680 - v / 1188)))
    series = 0.5 * (LOG_2PI + np.log(large)) + u * tail
    if np.min(a) >= STIRLING_FROM:
        return np.asarray(series)
    small = np.minimum(a, STIRLING_FROM)
    direct = gammaln(small + 1) - xlogy(small, small) + small
    return np.where(a < STIRLING_FROM, direct, series)


def _log_minus_digamma(a: Array) -> Array:
    """Difference log(a) - digamma(a), for a > 0, with all its digits."""
    small = np.minimum(a, STIRLING_FROM)
    u = 1 / np.maximum(a, STIRLING_FROM)
    v = u * u
    tail = 1 / 12 - v * (1 / 120 - v * (1 / 252 - v * (1 / 240 - v / 132)))
    series = u * (0.5 + u * tail)
    return np.where(a < STIRLING_FROM, np.log(small) - digamma(small), series)


def _log_kernel(
    power: Array, shape: Array, y: Array, log_y: Callable[[], Array]
) -> Array:
    """Return power * log(y / shape) - (y - shape).

    Both terms are large where y and shape are, and nearly cancel. Measured in units of
    shape, t = y / shape, they share the rounding error of t, and it cancels as well.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        t = np.asarray(y / shape)
    if y.min() > 1e-290 and t.min() > 1e-290 and t.max() < 1e290:
        return np.asarray(power * np.log(t) - shape * (t - 1))
    ordinary = (y > 1e-290) & (t > 1e-290) & (t < 1e290)
    t = np.where(ordinary, t, 1.0)
    with np.errstate(divide="ignore"):
        far = log_y() - np.log(np.where(shape > 0, shape, 1.0))
    log_t = np.where(ordinary, np.log(t), far)
    gap = np.where(ordinary, shape * (t - 1), y - shape)
    return np.asarray(power * np.where(power == 0, 0.0, log_t) - gap)


def _positive_data(x: ArrayLike) -> Array:
    """Return a vector of observations above zero."""
    x = _check.vector("x", x)
    if not x.min() > 0:
        raise ValueError(f"x: expected numbers > 0, got {x.min():g}")
    return x
