"""Valid calls of what is public in mlnotes.foundations."""

from typing import Any

import numpy as np

from tests.surface.kinds import (
    Argument,
    count,
    design,
    function,
    given,
    number,
    numbers,
    order,
    positive,
    positive_number,
    row,
    vector,
    vectors,
)

P, Q = [[0.2, 0.3, 0.5], [0.0, 0.4, 0.6]], [0.25, 0.25, 0.5]

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
