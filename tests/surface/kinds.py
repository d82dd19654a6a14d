"""Kinds of arguments, and the table that every public callable enters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# --- kinds of arguments -------------------------------------------------------------
# A kind maps a valid value to bad ones, each under the name of what is wrong with it.


@dataclass(frozen=True)
class Argument:
    """A valid value, and values that have to be refused by the argument's name."""

    value: Any
    bad: Mapping[str, Any] = field(default_factory=dict)


def _spoiled(value: Any, spoiler: float) -> Any:
    """Copy of some numbers with the last one replaced."""
    array = np.array(value, dtype=np.float64)
    array[(-1,) * array.ndim] = spoiler
    return array


def numbers(value: Any, **bad: Any) -> Argument:
    """Finite real numbers of any shape."""
    array = np.array(value)
    shared = {
        "NaN": _spoiled(array, np.nan),
        "infinity": _spoiled(array, np.inf),
        "minus infinity": _spoiled(array, -np.inf),
        "both infinities": np.array([np.inf, -np.inf]),
        "text": np.full(array.shape, "a"),
        "complex numbers": array + 0j,
        "nothing": np.zeros((0, *array.shape[1:])),
        "a ragged list": [[0.5, 0.5], [1.0]],
        "objects": np.full(array.shape, object()),
    }
    return Argument(array.astype(np.float64), shared | bad)


def positive(value: Any, **bad: Any) -> Argument:
    """Numbers above zero."""
    worse = {"zero": _spoiled(value, 0.0), "a negative number": _spoiled(value, -0.5)}
    return numbers(value, **worse, **bad)


def whole(value: Any) -> Argument:
    """Whole numbers above zero."""
    return positive(value, **{"a fraction": _spoiled(value, 2.5)})


def unit_interval(value: Any) -> Argument:
    """Probabilities that need not sum to anything."""
    bad = {"below 0": _spoiled(value, -0.01), "above 1": _spoiled(value, 1.01)}
    return numbers(value, **bad)


def probabilities(value: Any) -> Argument:
    """Distributions along the last axis."""
    array = np.array(value, dtype=np.float64)
    balanced = array.copy()
    balanced[..., 0], balanced[..., -1] = balanced[..., 0] + 2.0, array[..., -1] - 2.0
    bad = {
        "a negative probability with sum 1": balanced,
        "an unnormalized distribution": array * 1.001,
        "no axis": 1.0,
    }
    return numbers(array, **bad)


def vector(value: Any, *, length_matters: bool = False, **bad: Any) -> Argument:
    """A data vector."""
    array = np.array(value)
    bad |= {"a number": array[0], "a matrix": np.stack([array, array])}
    if length_matters:
        bad |= {"one more entry": np.append(array, array[:1])}
    return numbers(array, **bad)


def zero_one(value: Any, **keywords: Any) -> Argument:
    """A vector of zeros and ones."""
    bad = {"a two": _spoiled(value, 2.0), "a half": _spoiled(value, 0.5)}
    return vector(value, **keywords, **bad, **{"minus one": _spoiled(value, -1.0)})


def counts(value: Any, largest: int) -> Argument:
    """A vector of whole numbers from 0 to a largest."""
    bad = {
        "too large": _spoiled(value, largest + 1.0),
        "a negative count": _spoiled(value, -1.0),
        "a fraction": _spoiled(value, 0.5),
    }
    return vector(value, **bad)


def integer_labels(value: Any, n_classes: int) -> Argument:
    """A vector of labels in range(n_classes)."""
    array = np.array(value)
    bad = {
        "floats": array.astype(np.float64),
        "booleans": array.astype(bool),
        "text": np.full(array.shape, "a"),
        "a negative label": np.append(array[1:], -1),
        "a label too large": np.append(array[1:], n_classes),
        "nothing": array[:0],
        "a matrix": np.stack([array, array]),
        "a ragged list": [[0, 1], [1]],
    }
    return Argument(array, bad)


def weights(value: Any) -> Argument:
    """A non-negative weight for each example, or None."""
    bad = {"a negative weight": _spoiled(value, -1.0), "zeros": np.zeros(len(value))}
    return vector(value, length_matters=True, **bad)


def design(value: Any, **bad: Any) -> Argument:
    """A design matrix."""
    array = np.array(value, dtype=np.float64)
    bad |= {"a number": 1.5, "a stack of matrices": np.stack([array, array])}
    return numbers(array, **{"a vector": array[:, 0]}, **bad)


def vectors(value: Any, **bad: Any) -> Argument:
    """Vectors along the last axis."""
    return numbers(value, **{"no axis": 1.5}, **bad)


def order(value: float) -> Argument:
    """Order of a norm, which may be infinite."""
    bad = {"below 1": 0.5, "NaN": np.nan, "text": "2", "two numbers": np.ones(2)}
    return Argument(value, bad | {"a complex number": 2j, "None": None})


def number(value: float, **bad: Any) -> Argument:
    """One number."""
    return numbers(value, **{"two numbers": np.array([value, value])}, **bad)


def positive_number(value: float) -> Argument:
    """One number above zero."""
    return number(value, **{"zero": 0.0, "a negative number": -value})


def count(value: int) -> Argument:
    """One whole number of at least 1."""
    bad = {"zero": 0, "a negative number": -value, "a fraction": 2.5}
    bad |= {"NaN": np.nan, "infinity": np.inf, "text": "3", "two numbers": [3, 3]}
    return Argument(value, bad)


def base(value: float) -> Argument:
    """Base of a logarithm."""
    bad = {"one": 1.0, "zero": 0.0, "a negative number": -2.0, "a fraction": 0.5}
    return number(value, **bad)


def size(value: Any) -> Argument:
    """Shape of a sample."""
    bad = {"a negative size": -1, "a fraction": 2.5, "text": "3", "a float": (2, 3.0)}
    return Argument(value, bad)


def rng() -> Argument:
    """A generator of random numbers."""
    wrong = {"nothing": None, "a seed": 42, "the module": np.random}
    wrong["the old generator"] = np.random.RandomState(1)
    return Argument(np.random.default_rng(1), wrong)


def function(value: Callable[..., Any], **bad: Any) -> Argument:
    """A callable."""
    return Argument(value, {"None": None, "a number": 3.0, "text": "f"} | bad)


def distribution(value: Any) -> Argument:
    """A record of mlnotes.probability.distributions."""
    bad = {"None": None, "a number": 0.5, "text": "Normal", "a class": type(value)}
    return Argument(value, bad)


def given(value: Any, **bad: Any) -> Argument:
    """An argument of its own kind; underscores in the names of the bad are spaces."""
    return Argument(value, {name.replace("_", " "): v for name, v in bad.items()})


# --- the table ----------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One valid call of a public callable.

    A method is called on the record ``on``, or on what that returns, or else on the
    record that the row of its class makes. ``also`` holds further valid values, for
    paths through the code that the first call does not take.
    """

    arguments: Mapping[str, Argument]
    on: Any = None
    also: Sequence[Mapping[str, Any]] = ()


TABLE: dict[str, Row] = {}


def row(
    name: str,
    *,
    on: Any = None,
    also: Sequence[Mapping[str, Any]] = (),
    **arguments: Argument,
) -> None:
    """Enter one valid call of what has this path below mlnotes."""
    TABLE[f"mlnotes.{name}"] = Row(arguments, on, also)
