"""The public surface of the package, and what each of its arguments is.

`TABLE` holds one valid call for every public callable, each argument with its kind.
From it tests/test_public_surface.py derives that inputs stay as they are and that bad
ones are refused by name. **A new public function needs one `row` here**; a new sort of
argument needs one function in the section on kinds. Functions whose names end in
``problems`` return what is wrong, each with what to do about it.
"""

import ast
import copy
import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

import numpy as np
from matplotlib.figure import Figure

import mlnotes
from mlnotes.information.discrete import entropy
from mlnotes.probability.distributions import (
    Beta,
    Dirichlet,
    Exponential,
    Gamma,
    InverseGamma,
    LogNormal,
    MultivariateNormal,
    Normal,
    Poisson,
    StudentT,
    Uniform,
    Wishart,
)
from mlnotes.probability.random_variables import DiscreteVariable

ROOT = Path(__file__).resolve().parents[1]
PARTS = [
    "foundations",
    "probability",
    "likelihood",
    "losses",
    "information",
    "inference",
    "classical",
    "deep",
    "reinforcement",
]
SHARED = {"plotting", "showing", "_check"}

# What a fresh process must not load with any module but plotting.
HEAVY = ["matplotlib", "pandas", "sklearn", "scipy.stats", "IPython", "sympy"]
# What no module but plotting may import, not even inside a function.
FOREIGN = [*HEAVY, "hypothesis", "pytest", "statsmodels", "torch"]

# What tells the unit of a result, or that it has none.
UNITS = re.compile(
    r"\b(nats?|bits?|units?|radians|degrees|log-odds|reward|probabilit(y|ies)|shares?"
    r"|pure number|number of|of length 1|labels?|ind(ex|ices)|steps|design matrix"
    r"|new array)\b",
    re.IGNORECASE,
)
NUMERIC = re.compile(r"\b(ndarray|float|int|complex)\b")


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


P, Q = [[0.2, 0.3, 0.5], [0.0, 0.4, 0.6]], [0.25, 0.25, 0.5]

row("information.discrete.self_information", p=unit_interval([0.5, 1.0]), base=base(2))
row("information.discrete.entropy", p=probabilities(P), base=base(2))
for _name in ("cross_entropy", "kl_divergence", "jensen_shannon_divergence"):
    row(
        f"information.discrete.{_name}",
        p=probabilities(P),
        q=probabilities(Q),
        base=base(2),
        also=[{"p": np.full((2, 3), 1 / 3), "q": np.full((2, 3), 1 / 3)}],
    )

row("probability.distributions.Bernoulli", p=unit_interval([0.0, 0.3]))
row("probability.distributions.Binomial", n=whole([3.0, 7.0]), p=unit_interval([0, 1]))
row("probability.distributions.Categorical", p=probabilities(P))
row("probability.distributions.Normal", loc=numbers([0, 1]), scale=positive([1.0, 2.0]))
row(
    "probability.distributions.Laplace", loc=numbers([0, 1]), scale=positive([1.0, 2.0])
)
for _name in ("Bernoulli", "Binomial", "Categorical", "Normal", "Laplace"):
    row(
        f"probability.distributions.{_name}.log_prob",
        x=numbers([0.0, 1.0], **{"a shape that does not broadcast": np.zeros(3)}),
    )
    row(f"probability.distributions.{_name}.sample", size=size((3, 5)), rng=rng())
row(
    "probability.distributions.Bernoulli.mle",
    x=zero_one([0.0, 1.0, 1.0]),
    weights=weights([1.0, 2.0, 0.5]),
)
row(
    "probability.distributions.Binomial.mle",
    x=counts([0.0, 3.0, 5.0], 5),
    weights=weights([1.0, 2.0, 0.5]),
    n=count(5),
)
row(
    "probability.distributions.Categorical.mle",
    x=integer_labels([0, 2, 1], 4),
    weights=weights([1.0, 2.0, 0.5]),
    n_classes=count(4),
)
for _name in ("Normal", "Laplace"):
    row(
        f"probability.distributions.{_name}.mle",
        x=vector([0.0, 3.0, 1.0], **{"one value only": np.ones(3)}),
        weights=weights([1.0, 2.0, 0.5]),
    )


def _coin(params: Any) -> float:
    """Log-likelihood of four heads and a tail."""
    return float(4 * np.log(params[0]) + np.log1p(-params[0]))


row(
    "likelihood.maximum_likelihood.log_likelihood",
    distribution=distribution(Normal(0.0, [1.0, 2.0])),
    x=vector([0.1, 3.0, -2.0]),
    weights=weights([1.0, 2.0, 0.5]),
)
for _name in ("score", "observed_information"):
    row(
        f"likelihood.maximum_likelihood.{_name}",
        log_likelihood=function(_coin),
        params=vector([0.7]),
    )
row("foundations.vectors.norm", x=vectors([[3.0, 4.0]]), p=order(2.0))
for _name in ("cosine_similarity", "angle"):
    row(
        f"foundations.vectors.{_name}",
        x=vectors([3.0, 4.0], **{"a zero vector": np.zeros(2)}),
        y=vectors([[0.0, 1.0], [1.0, 2.0]], **{"three components": np.ones(3)}),
    )
row(
    "foundations.vectors.cross",
    a=vectors([1.0, 2.0, 3.0]),
    b=vectors([0.0, 1.0, 0.0], **{"two components": np.ones(2)}),
)
row(
    "foundations.vectors.project",
    x=vectors([[3.0, 4.0], [1.0, 2.0], [0.0, 1.0]]),
    onto=vectors(
        [1.0, 1.0],
        **{
            "a zero vector": np.zeros(2),
            "three components": np.ones(3),
            "a batch of another size": np.ones((2, 2)),
        },
    ),
)
row(
    "foundations.vectors.gram_schmidt",
    X=design(
        [[3.0, 1.0], [4.0, 3.0], [0.0, 1.0]],
        **{
            "dependent columns": np.ones((3, 2)),
            "more columns than rows": np.eye(2, 3),
        },
    ),
)

_X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 7.0], [1.0, 5.0]])
_dependent = {"dependent columns": np.ones((4, 2))}
row(
    "likelihood.least_squares.add_intercept",
    X=numbers(
        [[2.0, 3.0], [5.0, 7.0]],
        **{"a number": 2.0, "a stack of matrices": np.ones((2, 3, 5))},
    ),
)
row(
    "likelihood.least_squares.fit_ols",
    X=design(_X, **_dependent),
    y=vector([1.0, 2.0, 4.0, 3.0], length_matters=True),
)
row(
    "likelihood.least_squares.log_likelihood",
    coefficients=vector([1.0, 2.0], length_matters=True),
    variance=positive_number(2.0),
    X=design(_X),
    y=vector([1.0, 2.0, 4.0, 3.0], length_matters=True),
)
row(
    "likelihood.least_squares.variance_inflation_factors",
    X=design(
        [[2.0, 1.0], [3.0, 5.0], [7.0, 0.0], [5.0, 1.0]],
        **{"a constant column": _X, "one row": _X[:1]},
    ),
)

row(
    "likelihood.maximum_likelihood.fit_mle",
    log_likelihood=function(_coin),
    init=vector([0.7]),
    tol=positive_number(1e-8),
)


def _draw(i: int) -> Figure:
    """Frame of an animation."""
    return Figure(figsize=(1, 1))


def _draw_growing(i: int) -> Figure:
    """Frame whose size depends on its number."""
    return Figure(figsize=(1, 1 + i))


row(
    "showing.show_source",
    objects=given(
        [entropy],
        nothing=[],
        a_number=[3],
        a_module=[np],
        a_function_of_another_package=[np.sum],
    ),
)
row(
    "plotting.player",
    draw=given(_draw, no_figure=lambda i: None, figures_of_two_sizes=_draw_growing),
    n_frames=given(3, one=1, too_many=31, a_float=3.0, text="3", NaN=np.nan),
    label=given("A line", nothing="", only_spaces=" "),
    captions=given(
        ["a", "b", "c"], text="abc", too_few=["a"], an_empty_one=["a", "", "c"]
    ),
)

for _name in ("row_echelon", "null_space"):
    row(
        f"foundations.matrices.{_name}",
        A=design([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [1.0, 3.0, 1.0]]),
    )
row(
    "foundations.matrices.determinant",
    A=design(
        [[2.0, 1.0], [5.0, 3.0]],
        **{
            "more rows than columns": np.ones((3, 2)),
            "more columns than rows": np.ones((2, 3)),
            "sums that overflow": 1.7e308 * np.array([[1.0, 1.0], [-1.0, 1.0]]),
        },
    ),
)

for _name in ("derivative", "second_derivative"):
    row(
        f"foundations.derivatives.{_name}",
        f=function(np.sin, **{"one value for all": lambda x: 1.0}),
        x=numbers([0.5, 2.0]),
        step=positive(
            [1e-3, 1e-2],
            **{"three steps": np.ones(3), "below the precision": np.full(2, 1e-20)},
        ),
    )


def _landscape(v: Any) -> float:
    """Function of two variables."""
    return float(v[0] ** 2 + 3 * v[0] * v[1])


for _name in ("gradient", "hessian"):
    row(
        f"foundations.gradients.{_name}",
        f=function(
            _landscape,
            **{
                "texts for values": lambda v: "a",
                "an infinite value": lambda v: np.inf,
                "a vector of values": lambda v: v,
            },
        ),
        x=vector([1.0, 2.0]),
    )
row(
    "foundations.gradients.jacobian",
    f=function(
        lambda v: np.array([v[0] * v[1], v[0], v[1] ** 2]),
        **{"texts for values": lambda v: ["a"], "one number": lambda v: 1.0},
    ),
    x=vector([1.0, 2.0]),
)

row(
    "probability.random_variables.DiscreteVariable",
    values=vector([3.0, -1.0, 3.0]),
    p=given(
        np.array([0.2, 0.5, 0.3]),
        too_few=np.array([0.5, 0.5]),
        the_sum_2=np.array([1.0, 0.5, 0.5]),
        a_negative_probability=np.array([1.0, 0.5, -0.5]),
        NaN=np.array([0.5, 0.5, np.nan]),
        text=np.array(["a", "b", "c"]),
        a_matrix=np.array([[0.2, 0.5, 0.3]]),
        a_number=1.0,
    ),
)
_die = DiscreteVariable([1, 2, 3, 4, 5, 6])
row(
    "probability.random_variables.DiscreteVariable.expectation",
    on=_die,
    g=function(np.square),
)
row(
    "probability.random_variables.DiscreteVariable.cdf",
    on=_die,
    x=numbers([0.5, 3.0]),
)
row(
    "probability.random_variables.DiscreteVariable.quantile",
    on=_die,
    u=unit_interval([0.0, 0.3, 1.0]),
)
row("probability.random_variables.running_variance", x=vector([1.0, 3.0, 2.0]))

row(
    "probability.sampling.monte_carlo",
    f=function(np.square),
    samples=numbers([1.0, 4.0, 4.0, 5.0], **{"a number": 2.0, "one": np.ones(1)}),
)
row(
    "probability.sampling.running_means",
    x=numbers([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]], **{"a number": 2.0}),
)

row(
    "probability.estimators.decompose_error",
    estimates=numbers(
        [[3.0, 1.0], [5.0, 2.0], [4.0, 4.0]],
        **{"a number": 2.0, "one set": np.ones((1, 2))},
    ),
    truth=numbers([5.0, 2.0], **{"three numbers": np.ones(3)}),
)

_passed = zero_one([0.0, 1.0, 0.0, 1.0], length_matters=True)
_beta = vector([-1.0, 0.5], length_matters=True)
_independent = {"dependent columns": np.ones((4, 2))}
for _name in ("log_likelihood", "score"):
    row(
        f"likelihood.logistic_regression.{_name}",
        coefficients=_beta,
        X=design(_X),
        y=_passed,
    )
row("likelihood.logistic_regression.information", coefficients=_beta, X=design(_X))
row(
    "likelihood.logistic_regression.newton_step",
    coefficients=_beta,
    X=design(_X, **_independent),
    y=_passed,
)
row(
    "likelihood.logistic_regression.fit_newton",
    X=design(_X, **_independent),
    y=zero_one(
        [0.0, 1.0, 0.0, 1.0],
        length_matters=True,
        **{"separable classes": [0.0, 0.0, 1.0, 1.0], "one class": np.ones(4)},
    ),
    tol=positive_number(1e-10),
    max_iter=count(25),
)
row(
    "likelihood.logistic_regression.fit_gradient_ascent",
    X=design(_X),
    y=_passed,
    step_size=positive_number(0.01),
    max_iter=count(5),
)
row("likelihood.logistic_regression.is_separable", X=design(_X), y=_passed)
for _name in ("riemann_left", "riemann_right", "riemann_midpoint", "trapezoid"):
    row(
        f"foundations.integrals.{_name}",
        f=function(np.sin),
        a=number(-1.0),
        b=number(2.0),
        n=count(4),
    )
row(
    "foundations.integrals.simpson",
    f=function(np.sin),
    a=number(-1.0),
    b=number(2.0),
    n=given(4, an_odd_number=3, zero=0, a_fraction=2.5, NaN=np.nan, text="3"),
)

_joint = [[0.1, 0.2, 0.3], [0.1, 0.1, 0.2]]
_tables = {
    "a negative entry": np.array([[0.3, 0.2, 0.3], [0.1, 0.3, -0.2]]),
    "counts": np.array([[6.0, 21.0], [5.0, 18.0]]),
    "no axis": 1.0,
}
_axis = {
    "an axis that is not there": 2,
    "a negative axis": -1,
    "an axis twice": [1, 1],
    "a fraction": 0.5,
    "text": "x",
    "None": None,
    "nothing": [],
}
row(
    "probability.conditional_probability.marginal",
    joint=numbers(_joint, **_tables),
    keep=Argument(1, _axis),
)
row(
    "probability.conditional_probability.conditional",
    joint=numbers(
        _joint, **_tables, **{"an impossible value": [[0.6, 0.0], [0.4, 0.0]]}
    ),
    given=Argument(1, _axis | {"all axes": [0, 1]}),
)
row(
    "probability.conditional_probability.independence_gap",
    joint=numbers(_joint, **_tables, **{"one variable": [0.5, 0.5]}),
)
row(
    "probability.conditional_probability.bayes",
    prior=probabilities([0.9, 0.1]),
    likelihood=numbers(
        [[0.2, 0.4], [3.0, 0.0], [1.0, 1.0]],
        **{
            "a negative likelihood": [0.2, -0.1],
            "three hypotheses": np.ones(3),
            "an impossible observation": np.zeros(2),
            "one number": 0.5,
        },
    ),
)


def _squared_distance(v: Any) -> float:
    """Objective of two variables."""
    return float((v[0] - 2.0) ** 2 + (v[1] - 1.0) ** 2)


def _leash(v: Any) -> Any:
    """Constraint with one component."""
    return np.array([v @ v - 1.0])


row(
    "foundations.constrained_optimization.solve_equality_quadratic",
    Q=design(
        [[2.0, 1.0], [1.0, 3.0]],
        **{
            "not symmetric": [[2.0, 1.0], [0.0, 3.0]],
            "a saddle": [[-1.0, 0.0], [0.0, -1.0]],
            "three rows": np.eye(3),
        },
    ),
    c=vector([0.0, 1.0], length_matters=True),
    A=design([[1.0, 1.0]], **{"dependent rows": np.zeros((1, 2))}),
    b=vector([1.0], length_matters=True),
)
row(
    "foundations.constrained_optimization.kkt_residuals",
    f=function(_squared_distance),
    g=function(_leash),
    x=vector([0.6, 0.8]),
    multipliers=vector([1.0], length_matters=True),
)
row(
    "foundations.constrained_optimization.lipschitz_estimate",
    x=numbers([0.0, 2.0, 3.0], **{"a number": 1.0, "one input": np.ones(3)}),
    y=numbers([0.0, 4.0, 9.0], **{"a number": 1.0, "one more entry": np.ones(4)}),
)

_OVERFLOW = 1.7e308 * np.array([[1.0, 1.0], [-1.0, 1.0]])
_NOT_SQUARE = {
    "more rows than columns": np.ones((3, 2)),
    "more columns than rows": np.ones((2, 3)),
}
row(
    "foundations.matrix_decompositions.lu",
    A=design(
        [[2.0, 1.0], [5.0, 3.0]], **_NOT_SQUARE, **{"sums that overflow": _OVERFLOW}
    ),
)
_SINGULAR = {"a singular matrix": [[1.0, 2.0], [2.0, 4.0]], "zeros": np.zeros((2, 2))}
row(
    "foundations.matrix_decompositions.solve",
    A=design([[2.0, 1.0], [5.0, 3.0]], **_NOT_SQUARE, **_SINGULAR),
    b=numbers(
        [1.0, 2.0],
        **{"one entry more": np.ones(3), "a number": 1.0, "a cube": np.ones((2, 2, 2))},
    ),
)
row(
    "foundations.matrix_decompositions.inverse",
    A=design(
        [[2.0, 1.0], [5.0, 3.0]],
        **_NOT_SQUARE,
        **_SINGULAR,
        **{"a result that overflows": [[1e-310, 0.0], [0.0, 1.0]]},
    ),
)
row(
    "foundations.matrix_decompositions.qr_householder",
    A=design(
        [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]],
        **{
            "more columns than rows": np.ones((2, 3)),
            "sums that overflow": _OVERFLOW,
        },
    ),
)
row(
    "foundations.matrix_decompositions.power_iteration",
    A=design([[2.0, 1.0], [1.0, 3.0]], **_NOT_SQUARE),
    init=vector([1.0, 0.5], length_matters=True, zeros=np.zeros(2)),
    tol=positive_number(1e-8),
    max_iter=count(100),
)
row(
    "foundations.matrix_decompositions.low_rank",
    A=design([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]),
    rank=Argument(1, dict(count(1).bad) | {"more than the columns": 3}),
)

row(
    "probability.hypothesis_tests.z_test",
    x=vectors([1.0, 2.0, 4.0]),
    mean=number(1.0),
    sigma=positive_number(2.0),
)
row(
    "probability.hypothesis_tests.z_test_power",
    shift=numbers([0.0, 2.0]),
    alpha=number(0.05, **{"zero": 0.0, "one": 1.0, "a negative number": -0.05}),
)
row(
    "probability.hypothesis_tests.t_test",
    x=vectors([1.0, 2.0, 4.0], **{"one value": np.ones(1), "a constant": np.ones(3)}),
    mean=number(1.0),
)
for _name in ("paired_t_test", "pooled_t_test", "welch_t_test"):
    row(
        f"probability.hypothesis_tests.{_name}",
        x=vectors([1.0, 2.0, 4.0], **{"one value": np.ones(1)}),
        y=vectors(
            [0.0, 5.0, 5.0], **{"one value": np.ones(1), "a stack": np.eye(3)[:2]}
        ),
    )
row(
    "probability.hypothesis_tests.chi_squared_fit",
    observed=vectors(
        [3.0, 0.0, 5.0],
        **{
            "a fraction": np.array([3.0, 0.5, 5.0]),
            "a negative count": np.array([3.0, -1.0, 5.0]),
            "only zeros": np.zeros(3),
            "one outcome": np.ones(1),
        },
    ),
    p=given(
        np.array([0.25, 0.25, 0.5]),
        an_impossible_outcome=np.array([0.5, 0.0, 0.5]),
        too_few=np.array([0.5, 0.5]),
        the_sum_2=np.array([1.0, 0.5, 0.5]),
        nan=np.array([0.5, np.nan, 0.5]),
        text="p",
    ),
)
for _name in ("expected_counts", "chi_squared_independence"):
    row(
        f"probability.hypothesis_tests.{_name}",
        table=numbers(
            [[3.0, 4.0, 5.0], [1.0, 0.0, 2.0]],
            **{
                "a vector": np.ones(3),
                "one row": np.ones((1, 3)),
                "an empty row": np.array([[1.0, 2.0], [0.0, 0.0]]),
                "an empty column": np.array([[1.0, 0.0], [2.0, 0.0]]),
                "a fraction": np.array([[1.0, 0.5], [2.0, 1.0]]),
                "a negative count": np.array([[1.0, -1.0], [2.0, 3.0]]),
            },
        ),
    )

_two = [1.0, 2.0]
for _name in ("Poisson", "Exponential"):
    row(f"probability.distributions.{_name}", rate=positive(_two))
for _name, _parameters in {
    "Beta": ("a", "b"),
    "Gamma": ("shape", "rate"),
    "InverseGamma": ("shape", "scale"),
}.items():
    row(
        f"probability.distributions.{_name}",
        **{parameter: positive(_two) for parameter in _parameters},
    )
row("probability.distributions.LogNormal", loc=numbers([0, 1]), scale=positive(_two))
row(
    "probability.distributions.StudentT",
    df=positive(_two),
    loc=numbers([0, 1]),
    scale=positive(_two),
)
row(
    "probability.distributions.Uniform",
    low=numbers([0, 1]),
    high=numbers(_two, **{"below low": np.array([-1.0, 2.0])}),
)
_S = np.array([[2.0, 0.5], [0.5, 1.0]])
_no_covariance = {
    "a singular matrix": np.ones((2, 2)),
    "an indefinite matrix": np.array([[1.0, 2.0], [2.0, 1.0]]),
    "an asymmetric matrix": np.array([[1.0, 0.5], [0.0, 1.0]]),
    "a vector": np.ones(2),
    "a number": 1.0,
}
row(
    "probability.distributions.MultivariateNormal",
    loc=vector([0.0, 1.0]),
    covariance_matrix=numbers(_S, **_no_covariance),
)
row(
    "probability.distributions.Wishart",
    df=number(5.0, **{"too few": 1.0}),
    scale=numbers(_S, **_no_covariance),
)
row(
    "probability.distributions.Dirichlet",
    concentration=positive(_two, **{"one outcome": np.ones(1), "no axis": 1.0}),
)
for _record in (
    Poisson(_two),
    Exponential(_two),
    StudentT(_two, 0.0, 1.0),
    Uniform([0.0, 1.0], 3.0),
    Beta(_two, 2.0),
    Gamma(_two, 2.0),
    InverseGamma(_two, 2.0),
    LogNormal(0.0, _two),
    Dirichlet([1.0, 2.0]),
    MultivariateNormal([0.0, 1.0], _S),
    Wishart(5.0, _S),
):
    _path = f"probability.distributions.{type(_record).__name__}"
    _misfit = {"a shape that does not broadcast": np.zeros(3)}
    _outcome = _S if type(_record) is Wishart else [0.5, 0.5]
    row(f"{_path}.log_prob", on=_record, x=numbers(_outcome, **_misfit))
    row(f"{_path}.sample", on=_record, size=size((3, 5)), rng=rng())
for _name in ("Gamma", "InverseGamma", "LogNormal", "Uniform"):
    row(
        f"probability.distributions.{_name}.mle",
        x=vector([0.5, 3.0, 1.0], **{"one value only": np.ones(3)}),
        weights=weights([1.0, 2.0, 0.5]),
    )
row(
    "probability.distributions.Exponential.mle",
    x=vector([0.5, 3.0, 1.0], **{"zeros": np.zeros(3)}),
    weights=weights([1.0, 2.0, 0.5]),
)
row(
    "probability.distributions.Poisson.mle",
    x=vector([0.0, 3.0, 1.0], **{"zeros": np.zeros(3), "halves": np.full(3, 0.5)}),
    weights=weights([1.0, 2.0, 0.5]),
)
row(
    "probability.distributions.MultivariateNormal.mle",
    x=design([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0]], **{"equal rows": np.ones((3, 2))}),
    weights=weights([1.0, 2.0, 0.5]),
)
_plane = MultivariateNormal([0.0, 1.0], _S)
row(
    "probability.distributions.MultivariateNormal.marginal",
    on=_plane,
    kept=integer_labels([0, 1], 2),
)
row(
    "probability.distributions.MultivariateNormal.conditional",
    on=_plane,
    given=given(
        np.array([0]),
        a_float=[0.5],
        too_large=[2],
        negative=[-1],
        all=[0, 1],
        twice=[0, 0],
    ),
    values=vector([1.5], length_matters=True),
)


# --- what is public -----------------------------------------------------------------


def modules(package: ModuleType = mlnotes) -> list[ModuleType]:
    """Public modules and packages, the root first."""
    names = [info.name for info in pkgutil.walk_packages(package.__path__, "mlnotes.")]
    public = [name for name in names if not re.search(r"\._", name)]
    return [package, *(importlib.import_module(name) for name in public)]


def public_names(module: ModuleType) -> list[str]:
    """Names that a module offers."""
    return list(getattr(module, "__all__", []))


def is_package(module: ModuleType) -> bool:
    """Whether a module is a folder."""
    return hasattr(module, "__path__")


def is_protocol(obj: object) -> bool:
    """Whether an object is a Protocol."""
    return bool(getattr(obj, "_is_protocol", False))


def is_result(obj: object) -> bool:
    """Whether a class is a record that functions make: it writes no constructor."""
    if not (inspect.isclass(obj) and dataclasses.is_dataclass(obj)):
        return False
    # The code that dataclass makes does not come from a file.
    return bool(obj.__init__.__code__.co_filename.startswith("<"))


def parameters(obj: Any) -> dict[str, inspect.Parameter]:
    """Parameters of a callable."""
    return dict(inspect.signature(obj).parameters)


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that a class defines itself."""
    for name, value in vars(cls).items():
        if not name.startswith("_") and isinstance(
            value, FunctionType | classmethod | staticmethod | property
        ):
            yield name, value


def callables(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Public callables that take arguments, with their full names.

    Functions, classes with a constructor of their own, and public methods of all but
    protocols.
    """
    for name in public_names(module):
        obj = getattr(module, name, None)
        path = f"{module.__name__}.{name}"
        if inspect.isfunction(obj):
            if parameters(obj):
                yield path, obj
        elif inspect.isclass(obj) and not is_protocol(obj):
            if not is_result(obj):
                yield path, obj
            for method, value in methods(obj):
                if isinstance(value, property):
                    continue
                bound = getattr(obj, method)
                taken = list(parameters(bound))
                if isinstance(value, FunctionType):
                    taken = taken[1:]
                if taken:
                    yield f"{path}.{method}", bound


# --- docstrings ---------------------------------------------------------------------


def sections(doc: str) -> dict[str, str]:
    """Sections of a docstring in the style of numpydoc; the summary under ''."""
    parts = re.split(r"^([A-Z][\w ]+)\n-{3,}\s*$", inspect.cleandoc(doc), flags=re.M)
    return {"": parts[0].strip()} | {
        title: body.strip("\n")
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def entries(section: str) -> dict[str, tuple[str, str]]:
    """Entries of a section: name -> type and description; a bare type under itself."""
    found: dict[str, tuple[str, str]] = {}
    for head, body in re.findall(
        r"^(\S.*)\n((?:(?: {4}.*|)\n?)*)", section + "\n", re.M
    ):
        names, _, kind = head.partition(" : ")
        for name in names.split(", ") if kind else [head]:
            found[name.lstrip("*")] = (kind or head, body)
    return found


def summary_problems(name: str, doc: str | None) -> list[str]:
    """What is wrong with the first line."""
    if not doc or not doc.strip():
        return [f"{name}: no docstring: say in one line what it is"]
    lines = inspect.cleandoc(doc).split("\n")
    if not lines[0].endswith(".") or (len(lines) > 1 and lines[1]):
        return [
            f"{name}: the summary {lines[0]!r} is not one line that ends with a "
            "period: shorten it and leave a blank line below"
        ]
    return []


def parameter_problems(name: str, doc: str, obj: Any) -> list[str]:
    """Whether each parameter is documented, arrays with their shape."""
    taken = list(parameters(obj))
    documented = entries(sections(doc).get("Parameters", ""))
    problems = []
    if taken and not documented:
        return [f"{name}: no section Parameters: describe {', '.join(taken)} there"]
    for parameter in taken:
        if parameter not in documented:
            problems.append(f"{name}: {parameter} is not described under Parameters")
    for parameter, (kind, _) in documented.items():
        if parameter not in taken:
            problems.append(
                f"{name}: Parameters describes {parameter}, which it does not take"
            )
        problems += _shape_problems(name, parameter, kind)
    return problems


def _shape_problems(name: str, what: str, kind: str) -> list[str]:
    if re.search(r"\barray_like\b|\bndarray\b", kind) and "shape" not in kind:
        return [f"{name}: {what} is {kind!r}: add its shape, as in `shape (n,)`"]
    return []


def function_doc_problems(name: str, obj: Any) -> list[str]:
    """What is missing in the docstring of a function."""
    doc = inspect.getdoc(obj)
    problems = summary_problems(name, doc)
    if problems:
        return problems
    assert doc is not None
    found = sections(doc)
    problems += parameter_problems(name, doc, obj)
    if inspect.signature(obj).return_annotation is not None:
        problems += returns_problems(name, found.get("Returns", ""))
    if parameters(obj) and "Raises" not in found:
        problems.append(f"{name}: no section Raises: say which inputs it refuses")
    if ">>>" not in found.get("Examples", ""):
        problems.append(f"{name}: no section Examples with a line that starts with >>>")
    return problems


def returns_problems(name: str, section: str) -> list[str]:
    """Whether results have a shape where they are arrays and a unit where numbers."""
    results = entries(section)
    if not results:
        return [f"{name}: no section Returns: give type, shape and unit of the result"]
    problems = []
    for result, (kind, body) in results.items():
        problems += _shape_problems(name, f"the result {result}", kind)
        if NUMERIC.search(kind) and not UNITS.search(body):
            problems.append(
                f"{name}: Returns gives no unit: say nats, 'in units of ...', radians, "
                "'probability', 'number of ...' or 'without unit'"
            )
    return problems


def class_doc_problems(name: str, cls: type) -> list[str]:
    """What is missing in the docstring of a class and of its public methods."""
    doc = cls.__doc__
    # A dataclass without a docstring gets its signature for one.
    if doc and doc.startswith(f"{cls.__name__}("):
        doc = None
    problems = summary_problems(name, doc)
    for method, value in methods(cls):
        target = value.fget if isinstance(value, property) else getattr(cls, method)
        inner = f"{name}.{method}"
        problems += summary_problems(inner, target.__doc__)
        for parameter, (kind, _) in entries(
            sections(target.__doc__ or "").get("Parameters", "")
        ).items():
            problems += _shape_problems(inner, parameter, kind)
    if not doc or is_protocol(cls):
        return problems
    found = sections(doc)
    if is_result(cls):
        problems += _record_problems(name, cls, found)
        return problems
    problems += parameter_problems(name, doc, cls)
    if "Raises" not in found:
        problems.append(f"{name}: no section Raises: say which inputs it refuses")
    if ">>>" not in found.get("Examples", ""):
        problems.append(f"{name}: no section Examples with a line that starts with >>>")
    return problems


def _record_problems(name: str, cls: type, found: dict[str, str]) -> list[str]:
    title = "Attributes" if "Attributes" in found else "Parameters"
    documented = entries(found.get(title, ""))
    fields = [f.name for f in dataclasses.fields(cls)]
    if not documented:
        return [f"{name}: no section Attributes: describe {', '.join(fields)} there"]
    problems = [
        f"{name}: the field {f} is not described under {title}"
        for f in fields
        if f not in documented
    ]
    for described, (kind, _) in documented.items():
        if described not in fields:
            problems.append(f"{name}: {title} describes {described}, which it has not")
        problems += _shape_problems(name, described, kind)
    return problems


def module_problems(module: ModuleType, root: Path = ROOT) -> list[str]:
    """Whether a module says what it offers and which lessons it serves."""
    name, doc = module.__name__, module.__doc__ or ""
    problems = summary_problems(name, doc)
    if not is_package(module) and not hasattr(module, "__all__"):
        problems.append(f"{name}: no __all__: list what it offers")
    for offered in public_names(module):
        if not hasattr(module, offered):
            problems.append(f"{name}: __all__ lists {offered}, which does not exist")
    hidden = [
        n
        for n, value in vars(module).items()
        if not n.startswith("_")
        and n not in public_names(module)
        and getattr(value, "__module__", None) == name
        and inspect.isroutine(value) | inspect.isclass(value)
    ]
    problems += [f"{name}: add {n} to __all__ or call it _{n}" for n in hidden]
    if problems or is_package(module):
        return problems
    lessons = lessons_named(doc)
    if name.removeprefix("mlnotes.") in SHARED:
        if not re.search(r"\blessons?\b", doc, re.IGNORECASE):
            problems.append(f"{name}: say in the docstring what it does for lessons")
    elif not lessons:
        problems.append(
            f"{name}: the docstring names no lesson: write 'Lesson: ``part/lesson``.'"
        )
    for lesson in lessons:
        if not (root / "book" / f"{lesson}.ipynb").exists():
            problems.append(
                f"{name}: the docstring names the lesson {lesson}, but there is no "
                f"book/{lesson}.ipynb: correct the name or write the lesson"
            )
    return problems


def lessons_named(doc: str) -> list[str]:
    """Lessons that the docstring of a module names."""
    match = re.search(
        r"^Lessons?: (.+?)(?:\n\n|\Z)", inspect.cleandoc(doc), re.M | re.S
    )
    return re.findall(r"``([\w-]+/[\w-]+)``", match[1]) if match else []


def doc_problems(name: str, obj: Any) -> list[str]:
    """What is wrong with the docstring of one public object; constants have none."""
    if inspect.isclass(obj):
        return class_doc_problems(name, obj)
    if inspect.isfunction(obj):
        return function_doc_problems(name, obj)
    return []


# --- calls --------------------------------------------------------------------------


def resolve(name: str, table: Mapping[str, Row] = TABLE) -> Any:
    """Return the callable of a row, bound to a record where it is a method of one."""
    parent, _, last = name.rpartition(".")
    on = table[name].on
    if on is not None:
        return getattr(on() if callable(on) else on, last)
    if parent not in table:
        return getattr(importlib.import_module(parent), last)
    cls = resolve(parent, table)
    if isinstance(vars(cls)[last], FunctionType):
        return getattr(call(cls, _valid(table[parent])), last)
    return getattr(cls, last)


def call(obj: Any, arguments: Mapping[str, Any]) -> Any:
    """Call with keywords, and with what a ``*name`` takes as positions."""
    rest = dict(arguments)
    positions: list[Any] = []
    for name, parameter in parameters(obj).items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positions = list(rest.pop(name))
    return obj(*positions, **rest)


def table_problems(
    found: Mapping[str, Any], table: Mapping[str, Row] = TABLE
) -> list[str]:
    """Public callables without a row, rows without a callable, arguments left out."""
    problems = [
        f"{name}: add a row to TABLE in tests/surface.py: one valid call, with the "
        f"kind of {', '.join(p for p in parameters(obj) if p != 'self')}"
        for name, obj in found.items()
        if name not in table
    ]
    for name, entry in table.items():
        if name not in found:
            problems.append(
                f"{name}: in TABLE in tests/surface.py, but not public: remove the row "
                "or correct its name"
            )
            continue
        taken = set(parameters(found[name])) - {"self"}
        for missing in sorted(taken - set(entry.arguments)):
            problems.append(
                f"{name}: give {missing} and its kind in its row in tests/surface.py"
            )
        for unknown in sorted(set(entry.arguments) - taken):
            problems.append(
                f"{name}: takes no {unknown}: remove it from its row in "
                "tests/surface.py"
            )
    return problems


def fingerprint(value: Any) -> Any:
    """All that a call could change in a value, as something that can be compared."""
    if isinstance(value, np.ndarray):
        return (value.dtype, value.shape, value.strides, value.tobytes())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return (type(value), [fingerprint(getattr(value, f.name)) for f in fields])
    if isinstance(value, dict):
        return [(key, fingerprint(v)) for key, v in value.items()]
    if isinstance(value, list | tuple):
        return (type(value), [fingerprint(v) for v in value])
    if isinstance(value, np.random.Generator):
        return "a generator, which is there to be used"
    return value


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for f in dataclasses.fields(value):
            yield from _arrays(getattr(value, f.name))
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif isinstance(value, list | tuple):
        for v in value:
            yield from _arrays(v)


def _valid(row: Row) -> dict[str, Any]:
    return {name: copy.deepcopy(a.value) for name, a in row.arguments.items()}


def purity_problems(name: str, obj: Any, row: Row) -> list[str]:
    """Whether a call leaves its inputs alone, also read-only ones, and shares none."""
    problems: list[str] = []
    for change in ({}, *row.also):
        arguments = _valid(row) | copy.deepcopy(dict(change))
        problems += _writing_problems(name, obj, copy.deepcopy(arguments))
        for array in _arrays(arguments):
            array.flags.writeable = False
        try:
            call(obj, arguments)
        except Exception as error:
            problems.append(
                f"{name}: it fails on read-only arrays, work on copies: {error!r}"
            )
    return problems


def _writing_problems(name: str, obj: Any, arguments: Mapping[str, Any]) -> list[str]:
    before = {key: fingerprint(value) for key, value in arguments.items()}
    given_arrays = {key: list(_arrays(value)) for key, value in arguments.items()}
    try:
        result = call(obj, arguments)
    except Exception as error:
        return [f"{name}: the call in its row fails, correct the row: {error!r}"]
    problems = [
        f"{name}: it changes its argument {key}: work on a copy"
        for key, value in arguments.items()
        if fingerprint(value) != before[key]
    ]
    for made in _arrays(result):
        problems += [
            f"{name}: its result shares memory with {key}, so that a change of one "
            "changes the other: return a copy or freeze one"
            for key, arrays in given_arrays.items()
            if made.flags.writeable and any(np.shares_memory(made, a) for a in arrays)
        ]
    return problems


def refusal_problems(name: str, obj: Any, row: Row) -> list[str]:
    """Whether bad inputs are refused by name, saying what is expected and what came."""
    problems = []
    for key, argument in row.arguments.items():
        for what, bad in argument.bad.items():
            problem = _refusal_problem(key, obj, _valid(row) | {key: bad})
            if problem:
                problems.append(f"{name}: {key} with {what} {problem}")
    return problems


def _refusal_problem(key: str, obj: Any, arguments: dict[str, Any]) -> str:
    wanted = f"raise ValueError or TypeError('{key}: expected ..., got ...')"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call(obj, arguments)
    except (ValueError, TypeError) as error:
        if re.match(
            rf"{re.escape(key)}: .*\bexpected\b.*\bgot\b", str(error), re.DOTALL
        ):
            return ""
        return f"is refused with {str(error)!r}: {wanted}"
    except Exception as error:
        return f"ends in {error!r}: {wanted}"
    return f"is accepted: {wanted}"


# --- use ----------------------------------------------------------------------------


def code_of_notebook(path: Path) -> str:
    """Code cells of a notebook as one text, without what only IPython can read."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    return "\n".join(
        line
        for cell in code
        if not cell.startswith("%%")
        for line in cell.split("\n")
        if not re.match(r"\s*[%!]", line)
    )


def names_used(code: str) -> set[str]:
    """Full names below mlnotes that code imports or reaches as attributes."""
    tree = ast.parse(code)
    known: dict[str, str] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                known[alias.asname or alias.name] = full
                used.add(full)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_ours(alias.name):
                    first = alias.name.partition(".")[0]
                    known[alias.asname or first] = alias.name if alias.asname else first
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            head, *rest = ast.unparse(node).split(".")
            if head in known:
                used.add(".".join([known[head], *rest]))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            # getattr(module, name) reaches what is named as a text elsewhere.
            head = ast.unparse(node.args[0])
            used |= {f"{known[head]}.{text}" for text in texts if head in known}
    return used


def _is_ours(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == "mlnotes"


def mentioned(obj: Any) -> set[str]:
    """Full names of our classes in the annotations of a function."""
    try:
        hints = get_type_hints(obj)
    except (NameError, TypeError):
        return set()
    found = set()
    for hint in hints.values():
        for part in [hint, *getattr(hint, "__args__", [])]:
            if inspect.isclass(part) and _is_ours(part.__module__):
                found.add(f"{part.__module__}.{part.__qualname__}")
    return found


def used_through_functions(used: set[str], found: Mapping[str, Any]) -> set[str]:
    """Records and protocols count as used with the functions that make or take them."""
    return used.union(*(mentioned(found[name]) for name in used if name in found))


def use_problems(found: Mapping[str, Any], used: set[str], where: str) -> list[str]:
    """Public names that nothing uses."""
    used = used_through_functions(used, found)
    return [
        f"{name}: no {where} uses it: use it there, or make it private or remove it"
        for name in found
        if name not in used
    ]


# --- imports ------------------------------------------------------------------------


def imports(tree: ast.AST, module: str) -> Iterator[str]:
    """Full names that a module imports, wherever in its code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                start = ".".join([*package, *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def import_problems(module: str, code: str) -> list[str]:
    """Imports of later parts and of what the package must do without."""
    problems = []
    mine = module.split(".")[1:2] or [""]
    for name in sorted(set(imports(ast.parse(code), module))):
        if module != "mlnotes.plotting":
            problems += [
                f"{module}: imports {name}: only plotting may, and tests for oracles"
                for heavy in FOREIGN
                if f"{name}.".startswith(f"{heavy}.")
            ]
        if not _is_ours(name):
            continue
        (theirs,) = name.split(".")[1:2] or [""]
        if theirs in SHARED or theirs not in PARTS:
            continue
        if mine[0] not in PARTS:
            problems.append(f"{module}: is shared, so it must not import {name}")
        elif PARTS.index(theirs) > PARTS.index(mine[0]):
            problems.append(
                f"{module}: imports {name} from the later part {theirs}: move what "
                f"they share to {mine[0]} or earlier"
            )
    return problems
