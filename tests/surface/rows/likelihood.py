"""Valid calls of what is public in mlnotes.likelihood."""

from typing import Any

import numpy as np

from mlnotes.losses.deviances import tweedie_family
from mlnotes.probability.distributions import (
    Normal,
)
from tests.surface.kinds import (
    count,
    design,
    distribution,
    function,
    given,
    numbers,
    positive_number,
    row,
    vector,
    weights,
    zero_one,
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

row(
    "likelihood.generalized_linear_models.fit_glm",
    X=design(_X, **_independent),
    y=vector(
        [0.0, 1.0, 4.0, 2.0],
        length_matters=True,
        **{"a negative count": [0.0, 1.0, 4.0, -2.0], "zeros only": np.zeros(4)},
    ),
    family=given(tweedie_family(1)),
    tol=positive_number(1e-10),
    max_iter=count(25),
)
