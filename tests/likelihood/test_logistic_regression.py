"""Logistic regression: derivatives, the maximum, its existence, and refusals."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, special, stats
from sklearn.linear_model import LogisticRegression

import mlnotes.likelihood.logistic_regression as module
from mlnotes.likelihood._normal_equations import ROWS
from mlnotes.likelihood.generalized_linear_models import GLMFit
from mlnotes.likelihood.logistic_regression import (
    fit_gradient_ascent,
    fit_newton,
    information,
    is_separable,
    log_likelihood,
    newton_step,
    score,
)

THREE = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0]])
FOUR = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0], [1.0, 3.5]])
Y_FOUR = np.array([0, 1, 1, 0])


def design(*features):
    """A column of ones before the features."""
    return np.column_stack([np.ones(len(features[0])), *features])


def simulated(rng, n=211, d=3):
    """Design matrix, classes and true coefficients of an overlapping data set."""
    X = design(*rng.normal(size=(d, n)))
    beta = rng.normal(size=d + 1)
    return X, (rng.random(n) < special.expit(X @ beta)).astype(np.int64), beta


def test_log_likelihood_is_that_of_scipys_coins(rng):
    X, y, beta = simulated(rng)
    expected = stats.bernoulli.logpmf(y, special.expit(X @ beta)).sum()
    assert_allclose(log_likelihood(beta, X, y), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("eta", "y", "expected"),
    [
        (800.0, 0, -800.0),
        (-800.0, 1, -800.0),
        (40.0, 1, -np.exp(-40)),  # the probability itself rounds to 1
        (-40.0, 0, -np.exp(-40)),
        (0.0, 1, -np.log(2)),
    ],
)
def test_confident_predictions_keep_their_accuracy(eta, y, expected):
    assert_allclose(log_likelihood([eta], [[1.0]], [y]), expected, rtol=1e-14)
    residual = (1 if y else -1) * special.expit(-eta if y else eta)
    assert_allclose(score([eta], [[1.0]], [y]), residual, rtol=1e-14)
    weight = special.expit(eta) * special.expit(-eta)
    assert_allclose(information([eta], [[1.0]]), weight, rtol=1e-14)


def test_score_and_information_are_derivatives(rng):
    X, y, beta = simulated(rng)
    h = 1e-5
    steps = h * np.eye(4)
    slopes = [
        (log_likelihood(beta + e, X, y) - log_likelihood(beta - e, X, y)) / (2 * h)
        for e in steps
    ]
    assert_allclose(score(beta, X, y), slopes, atol=1e-6)
    curvature = [
        (score(beta - e, X, y) - score(beta + e, X, y)) / (2 * h) for e in steps
    ]
    assert_allclose(information(beta, X), curvature, atol=1e-6)


@pytest.mark.parametrize("n", [ROWS - 1, ROWS, 2 * ROWS + 7])
def test_information_adds_up_all_blocks_of_rows(rng, n):
    X, _, beta = simulated(rng, n)
    pi = special.expit(X @ beta)
    assert_allclose(information(beta, X), (X.T * pi * (1 - pi)) @ X, rtol=1e-10)


def test_newton_step_is_a_weighted_least_squares_fit(rng):
    X, y, beta = simulated(rng)
    pi = special.expit(X @ beta)
    w = pi * (1 - pi)
    working = X @ beta + (y - pi) / w
    expected, *_ = np.linalg.lstsq(np.sqrt(w)[:, None] * X, np.sqrt(w) * working)
    assert_allclose(newton_step(beta, X, y), expected, rtol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(211, 1), (503, 3), (3001, 7)])
def test_newton_finds_the_unpenalized_fit_of_scikit_learn(rng, n, d):
    X, y, _ = simulated(rng, n, d)
    peer = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    peer.fit(X[:, 1:], y)
    fit = fit_newton(X, y)
    assert fit.converged
    assert_allclose(fit.coefficients, [*peer.intercept_, *peer.coef_[0]], rtol=1e-7)
    assert_allclose(score(fit.coefficients, X, y), 0, atol=1e-6)
    assert_allclose(fit.information, information(fit.coefficients, X), rtol=1e-10)
    assert_allclose(
        fit.standard_errors, np.sqrt(np.diag(np.linalg.inv(fit.information)))
    )
    assert_allclose(
        fit.log_likelihoods[-1], log_likelihood(fit.coefficients, X, y), rtol=1e-13
    )


def test_two_groups_have_a_closed_form():
    X = design([0, 0, 0, 0, 0, 1, 1, 1, 1])
    y = [0, 0, 0, 1, 1, 0, 1, 1, 1]
    odds = 2 / 3, 3 / 1
    expected = np.log(odds[0]), np.log(odds[1] / odds[0])
    assert_allclose(fit_newton(X, y).coefficients, expected, rtol=1e-12)


def test_trace_starts_at_a_coin_and_never_falls(rng):
    X, y, _ = simulated(rng)
    trace = fit_newton(X, y).log_likelihoods
    assert_allclose(trace[0], -len(y) * np.log(2))
    assert (np.diff(trace) >= 0).all()


def test_halving_rescues_a_search_that_plain_newton_steps_lose():
    X = design([-4, 1, -24, 2, 9, -18], [3, 0, -1, 0, -2, 29])
    y = [1, 0, 1, 1, 0, 1]
    beta, plain = np.zeros(3), []
    for _ in range(7):
        plain.append(log_likelihood(beta, X, y))
        beta = newton_step(beta, X, y)
    assert min(np.diff(plain)) < -10  # the negative control
    fit = fit_newton(X, y)
    assert fit.converged
    assert (np.diff(fit.log_likelihoods) >= 0).all()
    found = optimize.minimize(
        lambda b: -log_likelihood(b, X, y), np.zeros(3), jac=lambda b: -score(b, X, y)
    )
    assert_allclose(fit.coefficients, found.x, atol=1e-4)


def test_units_do_not_matter(rng):
    X, y, _ = simulated(rng)
    fit = fit_newton(X, y)
    for factor in (1e-9, 1e9):
        scaled = fit_newton(X * [1, factor, 1, 1], y)
        assert_allclose(
            scaled.coefficients * [1, factor, 1, 1], fit.coefficients, rtol=1e-8
        )
    shifted = fit_newton(X + np.array([0, 0, 2000, 0]), y)
    assert_allclose(shifted.coefficients[1:], fit.coefficients[1:], rtol=1e-6)


def test_swapping_the_classes_changes_all_signs(rng):
    X, y, _ = simulated(rng)
    assert_allclose(
        fit_newton(X, 1 - y).coefficients, -fit_newton(X, y).coefficients, rtol=1e-9
    )


def test_standard_errors_are_the_spread_of_the_estimates(rng):
    X, _, _ = simulated(rng, 2000, 1)
    beta = np.array([-0.5, 1.0])
    pi = special.expit(X @ beta)
    estimates = np.array(
        [fit_newton(X, rng.random(2000) < pi).coefficients for _ in range(500)]
    )
    expected = np.sqrt(np.diag(np.linalg.inv(information(beta, X))))
    # A standard deviation of 500 draws has the relative error 1/sqrt(1000).
    assert_allclose(estimates.std(axis=0), expected, rtol=5 / np.sqrt(1000))


def test_gradient_ascent_climbs_to_the_same_summit():
    step_size = 4 / np.linalg.eigvalsh(FOUR.T @ FOUR)[-1]
    fit = fit_gradient_ascent(FOUR, Y_FOUR, step_size=step_size, max_iter=10_000)
    assert fit.converged
    assert len(fit.log_likelihoods) == 10_001
    assert (np.diff(fit.log_likelihoods) >= -1e-14).all()
    newton = fit_newton(FOUR, Y_FOUR)
    assert_allclose(fit.coefficients, newton.coefficients, rtol=1e-7)
    assert_allclose(fit.standard_errors, newton.standard_errors, rtol=1e-6)


def test_gradient_ascent_takes_the_steps_it_says():
    beta = np.zeros(2)
    for _ in range(3):
        beta = beta + 0.1 * FOUR.T @ (Y_FOUR - special.expit(FOUR @ beta))
    fit = fit_gradient_ascent(FOUR, Y_FOUR, step_size=0.1, max_iter=3)
    assert_allclose(fit.coefficients, beta, rtol=1e-12)
    assert not fit.converged


# Long steps get to where no more than 1e-10 nats can be gained, and still climb.
@pytest.mark.parametrize("step_size", [0.09, 25.0, 30.0, 80.0, 1e4])
def test_gradient_ascent_never_arrives_on_separable_data(step_size):
    fit = fit_gradient_ascent(THREE, [0, 1, 1], step_size=step_size, max_iter=1000)
    assert not fit.converged
    with pytest.raises(ValueError, match="fit: expected a converged fit"):
        _ = fit.standard_errors


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 1)), min_size=2, max_size=9)
)
def test_one_feature_is_separable_if_a_threshold_sorts_the_classes(examples):
    h, y = np.array(examples, dtype=float).T
    assume(np.ptp(h) > 0)
    X = design(h)
    fails, passes = h[y == 0], h[y == 1]
    sorted_out = (
        fails.size == 0
        or passes.size == 0
        or fails.max() <= passes.min()
        or passes.max() <= fails.min()
    )
    assert is_separable(X, y) == sorted_out
    if sorted_out:
        with pytest.raises(ValueError, match="the likelihood has no maximum"):
            fit_newton(X, y)
    else:
        assert fit_newton(X, y).converged


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 1)),
        min_size=1,
        max_size=8,
    )
)
def test_separability_in_the_plane_by_trying_all_borders(examples):
    *x, y = np.array(examples).T
    X, sign = np.column_stack(x), 2 * y - 1
    # A separating direction can be turned until some x_i lies on its border.
    borders = np.column_stack([-X[:, 1], X[:, 0]])
    directions = np.vstack([borders, -borders, X, -X])
    margins = sign[:, None] * X @ directions.T
    found = ((margins >= 0).all(axis=0) & (margins > 0).any(axis=0)).any()
    assert is_separable(X, y) == found


@pytest.mark.parametrize("unit", [1e-15, 1.0, 1e15])
def test_separability_does_not_depend_on_units(unit):
    assert is_separable(THREE * [1, unit], [0, 1, 1])
    assert not is_separable(FOUR * [1, unit], Y_FOUR)
    assert is_separable(THREE + np.array([0, 2000]), [0, 1, 1])
    assert not is_separable(FOUR + np.array([0, 2000]), Y_FOUR)


def test_an_overlap_of_one_in_a_million_is_seen_among_many():
    x = np.linspace(-1, 1, 10_000)
    x[4999:5001] = -1e-6, 1e-6
    y = (x > 0).astype(int)
    assert is_separable(design(x), y)
    y[4999:5001] = 1, 0
    assert not is_separable(design(x), y)


def test_duplicate_and_empty_columns_do_not_confuse_the_linear_program():
    assert is_separable(THREE[:, [0, 1, 1]], [0, 1, 1])
    assert not is_separable(FOUR[:, [0, 1, 1]], Y_FOUR)
    assert not is_separable(np.zeros((3, 2)), [0, 1, 1])
    assert not is_separable(design([0, 0, 0]), [0, 1, 1])


def test_the_linear_program_stays_idle_where_newton_proves_a_maximum(rng, monkeypatch):
    def never(X, y):
        raise AssertionError("linear program")

    monkeypatch.setattr(module, "is_separable", never)
    X, y, _ = simulated(rng, 20_011, 5)
    assert fit_newton(X, y).converged
    assert fit_newton(FOUR, Y_FOUR).converged
    with pytest.raises(AssertionError, match="linear program"):
        fit_newton(THREE, [0, 1, 1])


def test_classes_that_barely_overlap_still_have_a_maximum():
    x = np.linspace(-1, 1, 4000)
    y = (x > 0).astype(int)
    y[1999:2001] = 1, 0
    fit = fit_newton(design(x), y)
    assert fit.converged
    assert_allclose(score(fit.coefficients, design(x), y), 0, atol=1e-6)


def test_too_few_steps_are_reported():
    fit = fit_newton(FOUR, Y_FOUR, max_iter=1)
    assert not fit.converged
    assert_allclose(fit.coefficients, newton_step([0, 0], FOUR, Y_FOUR), rtol=1e-12)
    assert len(fit.log_likelihoods) == 2


def test_one_class_without_an_intercept_can_have_a_maximum():
    fit = fit_newton([[1.0], [-2.0], [3.0]], [1, 1, 1])
    assert fit.converged
    assert_allclose(
        score(fit.coefficients, [[1.0], [-2.0], [3.0]], [1, 1, 1]), 0, atol=1e-6
    )


def test_inputs_stay_and_results_are_read_only():
    X, y, beta = FOUR.copy(), Y_FOUR.copy(), np.array([-3.0, 1.5])
    for call in (
        lambda: log_likelihood(beta, X, y),
        lambda: score(beta, X, y),
        lambda: information(beta, X),
        lambda: newton_step(beta, X, y),
        lambda: is_separable(X, y),
        lambda: fit_gradient_ascent(X, y, step_size=0.1, max_iter=5),
        lambda: fit_newton(X, y),
    ):
        first, second = call(), call()
        if isinstance(first, GLMFit):
            assert_array_equal(first.coefficients, second.coefficients)
        else:
            assert_array_equal(first, second)
    assert_array_equal(X, FOUR)
    assert_array_equal(y, Y_FOUR)
    assert_array_equal(beta, [-3.0, 1.5])
    with pytest.raises(ValueError, match="read-only"):
        fit_newton(X, y).coefficients[0] = 0


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (
            THREE,
            [0, 1, 1],
            ValueError,
            "y: expected classes that overlap, got separable",
        ),
        (design([2, 3, 3, 4]), [0, 0, 1, 1], ValueError, "got separable ones"),
        (THREE, [1, 1, 1], ValueError, "y: expected classes .* got only class 1"),
        (THREE, [0, 0, 0], ValueError, "y: expected classes .* got only class 0"),
        (
            FOUR[:, [0, 1, 1]],
            Y_FOUR,
            ValueError,
            "X: .* independent columns, got column 2",
        ),
        (FOUR * [1, 0], Y_FOUR, ValueError, "X: .* independent columns, got column 1"),
        (THREE[:1], [1], ValueError, "X: .* independent columns, got column 1"),
        (THREE, [0, 1, 2], ValueError, "y: expected zeros and ones, got 2"),
        (THREE, [0, 1], ValueError, r"y: expected shape \(3,\), got \(2,\)"),
        (THREE[0], [0, 1], ValueError, r"X: expected shape \(n, d\), got \(2,\)"),
        (THREE * np.nan, [0, 1, 1], ValueError, "X: expected finite numbers"),
        (THREE, ["f", "p", "p"], TypeError, "y: expected real numbers"),
    ],
)
def test_fit_refuses(X, y, error, message):
    with pytest.raises(error, match=message):
        fit_newton(X, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: log_likelihood([0, 0, 0], FOUR, Y_FOUR),
            r"coefficients: expected shape \(2,\)",
        ),
        (lambda: score([0], FOUR, Y_FOUR), r"coefficients: expected shape \(2,\)"),
        (lambda: information([0], FOUR), r"coefficients: expected shape \(2,\)"),
        (
            lambda: newton_step([0, 1e4], FOUR, Y_FOUR),
            "coefficients: expected an invertible",
        ),
        (
            lambda: newton_step([0, 0], FOUR * [1, 0], Y_FOUR),
            "X: expected linearly independent",
        ),
        (lambda: fit_newton(FOUR, Y_FOUR, tol=0), "tol: expected numbers > 0"),
        (
            lambda: fit_newton(FOUR, Y_FOUR, max_iter=-1),
            "max_iter: expected a whole number >= 1",
        ),
        (
            lambda: fit_gradient_ascent(FOUR, Y_FOUR, step_size=0, max_iter=1),
            "step_size: expected numbers > 0",
        ),
        (
            lambda: fit_gradient_ascent(FOUR, Y_FOUR, step_size=1, max_iter=-1),
            "max_iter: expected a whole number >= 1",
        ),
        (
            lambda: fit_gradient_ascent(FOUR, Y_FOUR, step_size=1e307, max_iter=50),
            r"step_size: expected one .* finite, got 1e\+307; take one below 8 over",
        ),
        (
            lambda: fit_gradient_ascent(
                FOUR[:, [0, 1, 1]], Y_FOUR, step_size=0.05, max_iter=50
            ),
            "X: .* independent columns, got column 2",
        ),
    ],
)
def test_arguments_out_of_range_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
