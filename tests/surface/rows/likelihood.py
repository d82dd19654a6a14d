"""Valid calls of what is public in mlnotes.likelihood."""

from typing import Any

import numpy as np

from mlnotes.likelihood.bayesian_linear_regression import WeightBelief, prior, update
from mlnotes.likelihood.conjugate import NormalInverseGamma
from mlnotes.losses.deviances import tweedie_family
from mlnotes.probability.distributions import (
    Beta,
    Dirichlet,
    Gamma,
    InverseGamma,
    Normal,
    StudentT,
    Wishart,
)
from tests.surface.kinds import (
    Argument,
    count,
    design,
    distribution,
    function,
    given,
    number,
    numbers,
    positive,
    positive_number,
    rng,
    row,
    size,
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

# Import at the top of tests/surface.py:
_belief = update(prior(2, 0.5, 2.0), [[1.0, 3.0]], [2.0])
_no_belief = {"None": None, "a_number": 2.0, "the_class": WeightBelief}
row(
    "likelihood.bayesian_linear_regression.prior",
    n_weights=count(2),
    precision=positive_number(0.5),
    noise_variance=positive_number(2.0),
)
row(
    "likelihood.bayesian_linear_regression.update",
    belief=given(_belief, **_no_belief),
    X=design(_X, **{"three columns": np.ones((4, 3)), "numbers too large": 1e200 * _X}),
    y=vector(
        [1.0, 2.0, 4.0, 3.0],
        length_matters=True,
        **{"numbers too large": 1e200 * np.ones(4)},
    ),
)
row(
    "likelihood.bayesian_linear_regression.predict",
    belief=given(_belief, **_no_belief),
    X_new=design(_X, **{"three columns": np.ones((4, 3))}),
)

_whole_numbers = {
    "a negative number": [2.0, -1.0],
    "a fraction": [2.0, 0.5],
    "three numbers": np.ones(3),
}
_criterion = {
    "log_likelihood": numbers([-3.0, -5.0]),
    "n_parameters": numbers([2.0, 0.0], **_whole_numbers),
}
row("likelihood.model_selection.aic", **_criterion)
row(
    "likelihood.model_selection.aicc",
    **_criterion,
    n_examples=numbers([4.0, 7.0], **_whole_numbers, **{"too few": [3.0, 7.0]}),
)
row(
    "likelihood.model_selection.bic",
    **_criterion,
    n_examples=numbers([1.0, 7.0], **_whole_numbers, **{"no example": [0.0, 7.0]}),
)
row(
    "likelihood.model_selection.model_weights",
    criterion=numbers([[3.0, 1.0], [2.0, 2.0]], **{"no axis": 1.0}),
)

_conjugate = "likelihood.conjugate"
_whole_counts = {"a fraction": np.full(2, 0.5), "a negative count": np.full(2, -1.0)}
_sigma = positive_number(2.0)
row(
    f"{_conjugate}.NormalInverseGamma",
    loc=numbers([0.0, 1.0]),
    pseudo_count=positive([1.0, 2.0]),
    shape=positive([1.0, 2.0]),
    scale=positive([1.0, 2.0]),
)
row(
    f"{_conjugate}.NormalInverseGamma.log_prob",
    mean=numbers([0.0, 1.0], **{"a shape that does not broadcast": np.zeros(3)}),
    variance=numbers([2.0, 1.0], **{"a shape that does not broadcast": np.ones(3)}),
)
row(f"{_conjugate}.NormalInverseGamma.sample", size=size((3, 5)), rng=rng())
_log_values = {
    "infinity": np.array([0.0, np.inf]),
    "NaN": np.array([np.nan, -np.inf]),
    "text": np.array(["a", "b"]),
    "complex numbers": np.zeros(2) + 0j,
    "nothing": np.zeros(0),
    "a ragged list": [[0.0], [0.0, 1.0]],
}
row(
    f"{_conjugate}.grid_posterior",
    log_prior=Argument(np.array([0.0, -1.0]), _log_values),
    log_likelihood=Argument(
        np.array([-2.0, -np.inf]),
        _log_values | {"three points": np.zeros(3), "evidence 0": np.full(2, -np.inf)},
    ),
    cell=positive_number(0.5),
)
row(
    f"{_conjugate}.credible_interval",
    posterior=distribution(Beta([5.0, 1.0], 2.0)),
    mass=number(0.95, **{"zero": 0.0, "one": 1.0, "a negative number": -0.5}),
    also=[
        {"posterior": Gamma(2.0, 3.0)},
        {"posterior": InverseGamma(2.0, 3.0)},
        {"posterior": Normal(2.0, 3.0)},
        {"posterior": StudentT(2.0, 3.0, 1.0)},
    ],
)
_misfit = {"a shape that does not broadcast": np.ones(3)}
row(
    f"{_conjugate}.update_beta",
    prior=distribution(Beta([1.0, 2.0], 1.0)),
    successes=numbers([4.0, 0.0], **_whole_counts, **_misfit),
    failures=numbers([1.0, 0.0], **_whole_counts, **_misfit),
)
_stack = {"a number": 1.0, "a stack of three": np.ones((3, 4))}
row(
    f"{_conjugate}.update_normal",
    prior=distribution(Normal([0.0, 1.0], 2.0)),
    x=numbers([4.0, 6.0, 1.0], **_stack),
    sigma=_sigma,
)
row(
    f"{_conjugate}.update_normal_inverse_gamma",
    prior=distribution(NormalInverseGamma([0.0, 1.0], 1.0, 2.0, 3.0)),
    x=numbers([4.0, 6.0, 1.0], **_stack),
)
row(
    f"{_conjugate}.update_gamma",
    prior=distribution(Gamma([1.0, 2.0], 3.0)),
    x=numbers([4.0, 0.0], **_whole_counts, **_stack),
)
row(
    f"{_conjugate}.update_dirichlet",
    prior=distribution(Dirichlet([1.0, 2.0])),
    counts=numbers([4.0, 0.0], **_whole_counts, **_misfit, **{"a number": 1.0}),
)
row(
    f"{_conjugate}.update_wishart",
    prior=distribution(Wishart(3.0, [[2.0, 0.5], [0.5, 1.0]])),
    X=design([[1.0, 2.0], [0.0, 1.0]], **{"three columns": np.ones((2, 3))}),
    mean=vector([0.5, 1.0], length_matters=True),
)
row(
    f"{_conjugate}.predict_normal",
    belief=distribution(Normal([0.0, 1.0], 2.0)),
    sigma=_sigma,
)
row(
    f"{_conjugate}.beta_binomial_log_prob",
    belief=distribution(Beta([1.0, 2.0], 1.0)),
    k=numbers([4.0, 0.0], **_whole_counts, **_misfit, **{"above n": 6.0}),
    n=count(5),
)
row(
    f"{_conjugate}.negative_binomial_log_prob",
    belief=distribution(Gamma([1.0, 2.0], 3.0)),
    x=numbers([4.0, 0.0], **_whole_counts, **_misfit),
)

_features = np.array([[1.0, 2.0], [1.0, 3.0], [4.0, 7.0], [2.0, 5.0]])
_targets = [1.0, 0.0, 3.0, 2.0]
_too_large = {"numbers too large to square": np.full((4, 2), 1e200)}
row(
    "likelihood.regularization.fit_ridge",
    X=design(_features, **_too_large),
    y=vector(_targets, length_matters=True),
    penalty=positive_number(2.0),
    also=[{"X": np.ones((4, 2))}, {"penalty": 1e-13}],
)
row(
    "likelihood.regularization.shrinkage_factors",
    X=design(_features),
    penalty=positive_number(2.0),
)
row(
    "likelihood.regularization.soft_threshold",
    z=numbers([[-3.0, 0.5], [2.0, 0.0]]),
    threshold=numbers(
        [1.0, 0.0],
        **{"a negative number": [1.0, -0.5], "a shape that does not fit": np.ones(3)},
    ),
)
row(
    "likelihood.regularization.fit_lasso",
    X=design(_features, **_too_large),
    y=vector(_targets, length_matters=True),
    penalty=positive_number(2.0),
    tol=positive_number(1e-10),
    max_iter=count(100),
    also=[{"X": np.ones((4, 2))}],
)
row(
    "likelihood.regularization.fit_elastic_net",
    X=design(_features, **_too_large),
    y=vector(_targets, length_matters=True),
    l1_penalty=number(2.0, **{"a negative number": -1.0}),
    l2_penalty=number(1.0, **{"a negative number": -1.0}),
    tol=positive_number(1e-10),
    max_iter=count(100),
    also=[{"l1_penalty": 0.0}, {"l2_penalty": 0.0}],
)
row(
    "likelihood.regularization.lasso_path",
    X=design(_features, **_too_large),
    y=vector(_targets, length_matters=True),
    penalties=vector(
        [5.0, 1.0], **{"zero": [5.0, 0.0], "a negative number": [5.0, -1.0]}
    ),
    tol=positive_number(1e-10),
    max_iter=count(100),
)
row(
    "likelihood.regularization.kkt_residuals",
    coefficients=vector([1.0, -0.5], length_matters=True),
    X=design(_features),
    y=vector(_targets, length_matters=True),
    l1_penalty=number(2.0, **{"a negative number": -1.0}),
    l2_penalty=number(1.0, **{"a negative number": -1.0}),
)
row(
    "likelihood.regularization.zeroing_penalty",
    X=design(_features),
    y=vector(_targets, length_matters=True),
)
