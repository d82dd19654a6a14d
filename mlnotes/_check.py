"""Checks at the public door: an argument fits, or an error names it.

Every function returns the argument as an array ready for use and never writes to
what it was given. Messages read *name: expected, got*.
"""

from collections.abc import Callable, Iterable
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Array",
    "broadcastable",
    "count",
    "freeze",
    "function",
    "generator",
    "labels",
    "less_than",
    "matrix",
    "non_negative",
    "number",
    "positive",
    "positive_number",
    "probabilities",
    "probabilities_and_smallest",
    "real",
    "same_shape",
    "smallest",
    "together",
    "unit_interval",
    "values_of",
    "vector",
    "weights",
    "whole",
    "zero_one",
]

Array = NDArray[np.float64]

# Wide enough for probabilities that were normalized in single precision.
SUM_TOLERANCE = 1e-6


def real(name: str, value: ArrayLike) -> Array:
    """Return finite real numbers, at least one of them, as float64."""
    given = _array(name, value)
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{name}: expected real numbers, got {_kind(given)}")
    if given.size == 0:
        raise ValueError(
            f"{name}: expected at least one number, got shape {given.shape}"
        )
    array = given.astype(np.float64, copy=False)
    if not _finite(array):
        raise ValueError(
            f"{name}: expected finite numbers, got {_first_non_finite(array)}"
        )
    return array


def positive(name: str, value: ArrayLike) -> Array:
    """Return real numbers above zero."""
    array = real(name, value)
    if not smallest(array) > 0:
        raise ValueError(f"{name}: expected numbers > 0, got {array.min():g}")
    return array


def non_negative(name: str, value: ArrayLike) -> Array:
    """Return real numbers of at least zero."""
    array = real(name, value)
    if not smallest(array) >= 0:
        raise ValueError(f"{name}: expected numbers >= 0, got {array.min():g}")
    return array


def whole(name: str, value: ArrayLike, least: int = 0) -> Array:
    """Return whole numbers, at least ``least``."""
    array = real(name, value)
    if smallest(array) >= least and (np.floor(array) == array).all():
        return array
    wrong = array[(array < least) | (array != np.floor(array))]
    raise ValueError(
        f"{name}: expected whole numbers >= {least}, got {wrong.flat[0]:g}"
    )


def zero_one(name: str, value: ArrayLike) -> Array:
    """Return zeros and ones."""
    array = real(name, value)
    wrong = array[(array != 0) & (array != 1)]
    if wrong.size:
        raise ValueError(f"{name}: expected zeros and ones, got {wrong.flat[0]:g}")
    return array


def unit_interval(name: str, value: ArrayLike) -> Array:
    """Return probabilities that need not sum to anything: numbers from 0 to 1."""
    array = real(name, value)
    if not (array.min() >= 0 and array.max() <= 1):
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{name}: expected probabilities from 0 to 1, got {worst:g}")
    return array


def probabilities(name: str, value: ArrayLike) -> Array:
    """Return distributions along the last axis: non-negative, with sum 1."""
    return probabilities_and_smallest(name, value)[0]


def probabilities_and_smallest(name: str, value: ArrayLike) -> tuple[Array, float]:
    """Return distributions along the last axis, and the smallest probability."""
    array = np.asarray(value) if isinstance(value, np.ndarray) else real(name, value)
    if array.dtype != np.float64 or array.ndim == 0 or array.size == 0:
        array = real(name, array)
    if array.ndim == 0:
        raise ValueError(f"{name}: expected an axis of outcomes, got a single number")
    # Two reductions prove everything: NaN spoils the minimum, infinity the sum.
    least = smallest(array)
    if least >= 0:
        if array.ndim == 1:
            gap = abs(np.add.reduce(array) - 1.0)
        else:  # a product with ones adds up short rows faster than their sum does
            gap = np.abs(array @ np.ones(array.shape[-1]) - 1.0).max()
        if gap <= SUM_TOLERANCE:
            return array, least
    totals = non_negative(name, array).sum(axis=-1)
    worst = totals.flat[np.argmax(np.abs(totals - 1.0))]
    raise ValueError(
        f"{name}: expected probabilities with sum 1 along the last axis, "
        f"got the sum {worst:.9g}"
    )


def labels(name: str, value: ArrayLike, n_classes: int) -> NDArray[np.intp]:
    """Return integer class labels in ``range(n_classes)``."""
    array = _array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected integers, got {_kind(array)}")
    if array.size == 0:
        raise ValueError(
            f"{name}: expected at least one label, got shape {array.shape}"
        )
    if array.min() < 0 or array.max() >= n_classes:
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{name}: expected labels in range({n_classes}), got {worst}")
    return array.astype(np.intp, copy=False)


def vector(name: str, value: ArrayLike, length: int | None = None) -> Array:
    """Return a vector of finite numbers, of the given length if there is one."""
    array = real(name, value)
    wanted = "(n,)" if length is None else f"({length},)"
    if array.ndim != 1 or length not in (None, array.size):
        raise ValueError(f"{name}: expected shape {wanted}, got {array.shape}")
    return array


def matrix(name: str, value: ArrayLike) -> Array:
    """Return a matrix of finite numbers."""
    array = real(name, value)
    if array.ndim != 2:
        raise ValueError(f"{name}: expected shape (n, d), got {array.shape}")
    return array


def weights(name: str, value: ArrayLike, length: int) -> Array:
    """Return one non-negative weight for each of ``length`` examples, not all zero."""
    array = vector(name, non_negative(name, value), length)
    if not array.any():
        raise ValueError(f"{name}: expected a positive sum, got only zeros")
    return array


def number(name: str, value: ArrayLike) -> float:
    """Return one finite real number."""
    array = real(name, value)
    if array.ndim:
        raise ValueError(f"{name}: expected one number, got shape {array.shape}")
    return float(array)


def positive_number(name: str, value: ArrayLike) -> float:
    """Return one real number above zero."""
    return float(positive(name, number(name, value)))


def count(name: str, value: ArrayLike) -> int:
    """Return one whole number of at least 1."""
    found = number(name, value)
    if found < 1 or not found.is_integer():
        raise ValueError(f"{name}: expected a whole number >= 1, got {found:g}")
    return int(found)


def function(name: str, value: object) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise TypeError(f"{name}: expected a callable, got {type(value).__name__}")


def smallest(array: NDArray[np.float64 | np.bool]) -> float:
    """Return the smallest number, or nan if there is one.

    The detour by its index takes a third of the time of ``min`` for short arrays and
    as long for long ones; of truth values the smallest says whether all are true.
    """
    return float(array.item(array.argmin()))


def values_of(f: Callable[[Array], ArrayLike], x: Array) -> Array:
    """Return the values of a function, which may write to its argument.

    They must be finite, one for each point.
    """
    values = np.asarray(f(x.copy()))
    if values.shape != x.shape:
        raise ValueError(
            f"f: expected values of shape {x.shape} as x, got {values.shape}"
        )
    return real("f(x)", values)


def same_shape(name: str, array: Array, other_name: str, other: Array) -> None:
    """Refuse two arrays whose shapes differ."""
    if array.shape != other.shape:
        raise ValueError(
            f"{name}: expected shape {other.shape} as {other_name}, got {array.shape}"
        )


def broadcastable(
    name: str, array: NDArray[np.generic], shape: tuple[int, ...]
) -> None:
    """Refuse an array that does not broadcast with a shape."""
    if array.shape == shape:
        return
    try:
        np.broadcast_shapes(array.shape, shape)
    except ValueError:
        raise ValueError(
            f"{name}: expected a shape that broadcasts with {shape}, got {array.shape}"
        ) from None


def together(**arguments: ArrayLike) -> tuple[Array, ...]:
    """Return real numbers, each argument of a shape that broadcasts with the others."""
    arrays = {name: real(name, value) for name, value in arguments.items()}
    shape: tuple[int, ...] = ()
    for name, array in arrays.items():
        broadcastable(name, array, shape)
        shape = np.broadcast_shapes(shape, array.shape)
    return tuple(arrays.values())


def less_than(name: str, value: float, bound: float) -> None:
    """Refuse a number that is not strictly below its bound."""
    if not value < bound:
        raise ValueError(f"{name}: expected a number < {bound:g}, got {value:g}")


def generator(rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a NumPy generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng: expected a numpy.random.Generator, got {type(rng).__name__}"
        )
    return rng


def freeze(record: object, names: Iterable[str]) -> None:
    """Replace array fields of a frozen record by read-only copies."""
    for name in names:
        array = np.array(getattr(record, name))
        array.flags.writeable = False
        object.__setattr__(record, name, array)


def _array(name: str, value: ArrayLike) -> NDArray[np.generic]:
    try:
        return np.asarray(value)
    except ValueError as error:  # ragged nested sequences
        raise ValueError(f"{name}: expected a regular array, got {error}") from None


def _kind(array: NDArray[np.generic]) -> str:
    kinds = {"U": "text", "S": "bytes", "c": "complex numbers", "O": "objects"}
    return kinds.get(array.dtype.kind, f"dtype {array.dtype}")


def _finite(array: Array) -> bool:
    """Whether all numbers are finite.

    The sum of their squares says so faster than each of them; only where it overflows
    must each be asked.
    """
    if not array.ndim:
        return isfinite(array)
    numbers = array.ravel("K")  # in the order of memory, so that nothing is copied
    return isfinite(np.vdot(numbers, numbers)) or bool(np.isfinite(numbers).all())


def _first_non_finite(array: Array) -> str:
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    where = f" at index {index if len(index) > 1 else index[0]}" if index else ""
    return f"{array[index]}{where}"
