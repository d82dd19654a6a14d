"""Squared and absolute error, least absolute deviations: definitions and proofs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.metrics import mean_absolute_error, mean_squared_error
from statsmodels.regression.quantile_regression import QuantReg

from mlnotes.likelihood.least_squares import add_intercept
from mlnotes.losses.regression import (
    absolute_error,
    absolute_error_gradient,
    fit_lad,
    squared_error,
    squared_error_gradient,
)

LOSSES = [squared_error, absolute_error]
GRADIENTS = [squared_error_gradient, absolute_error_gradient]


def test_means_are_those_of_scikit_learn(rng):
    f, y = rng.normal(size=(2, 31))
    assert_allclose(squared_error(f, y).mean(), mean_squared_error(y, f), rtol=1e-12)
    assert_allclose(absolute_error(f, y).mean(), mean_absolute_error(y, f), rtol=1e-12)


def test_with_scale_and_constant_they_are_the_densities_of_scipy(rng):
    f, y = rng.normal(size=(2, 13))
    gauss = squared_error(f, y) / (2 * 0.7**2) + np.log(2 * np.pi * 0.7**2) / 2
    assert_allclose(gauss, -stats.norm.logpdf(y, f, 0.7), rtol=1e-12)
    laplace = absolute_error(f, y) / 0.7 + np.log(2 * 0.7)
    assert_allclose(laplace, -stats.laplace.logpdf(y, f, 0.7), rtol=1e-12)


@pytest.mark.parametrize(("loss", "slope"), list(zip(LOSSES, GRADIENTS, strict=True)))
def test_gradients_are_slopes_away_from_the_kink(rng, loss, slope):
    f = rng.normal(size=17)
    y = f + rng.choice([-1, 1], 17) * rng.uniform(0.1, 3, 17)
    h = 1e-6
    # Both are at most quadratic: only rounding of 1e-16 / 1e-6 remains.
    differences = (loss(f + h, y) - loss(f - h, y)) / (2 * h)
    assert_allclose(slope(f, y), differences, atol=1e-8)


def test_at_the_kink_the_gradient_is_zero_and_a_subgradient():
    assert absolute_error_gradient(2.0, 2.0) == 0
    f = np.linspace(-1, 5, 61)
    assert np.all(absolute_error(f, 2.0) >= absolute_error_gradient(2.0, 2.0) * (f - 2))


@pytest.mark.parametrize("f", LOSSES + GRADIENTS)
def test_one_value_for_each_example_by_broadcasting(f):
    assert f(0.0, [1.0, 2.0, 4.0]).shape == (3,)
    assert f(np.zeros((5, 1)), [1.0, 2.0, 4.0]).shape == (5, 3)
    assert f(1.0, 2.0).shape == ()


@pytest.mark.parametrize("f", LOSSES + GRADIENTS)
@pytest.mark.parametrize(
    ("prediction", "y", "error", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0, 3.0], ValueError, r"y: .*\(2,\), got \(3,\)"),
        ([np.nan], [1.0], ValueError, "prediction: expected finite numbers, got nan"),
        ([1.0], [np.inf], ValueError, "y: expected finite numbers, got inf"),
        (["a"], [1.0], TypeError, "prediction: expected real numbers, got text"),
    ],
)
def test_losses_refuse(f, prediction, y, error, message):
    with pytest.raises(error, match=message):
        f(prediction, y)


def by_brute_force(X, y):
    """Smallest sum of absolute errors among all lines through p of the points."""
    n, p = X.shape
    sums = []
    for rows in map(list, combinations(range(n), p)):
        if np.linalg.matrix_rank(X[rows]) == p:
            beta = np.linalg.solve(X[rows], y[rows])
            sums.append(np.abs(y - X @ beta).sum())
    return min(sums)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_no_line_through_the_points_does_better(rng, p):
    # A best line passes through p points, so that trying all of them is a proof.
    X, y = rng.normal(size=(11, p)), rng.standard_t(2, size=11)
    fit = fit_lad(X, y)
    assert_allclose(fit.sum_of_absolute_errors, by_brute_force(X, y), rtol=1e-10)
    residuals = y - X @ fit.coefficients
    assert np.sum(np.abs(residuals) < 1e-12) == p
    assert_allclose(fit.sum_of_absolute_errors, np.abs(residuals).sum(), rtol=1e-12)


def test_agrees_with_statsmodels(rng):
    X = add_intercept(rng.normal(size=(61, 3)))
    y = X @ [1.0, 2.0, 3.0, 4.0] + rng.standard_t(3, size=61)
    peer = QuantReg(y, X).fit(q=0.5, p_tol=1e-10, max_iter=5000)
    fit = fit_lad(X, y)
    # Its iteration stops near the vertex; ours is at it.
    assert_allclose(fit.coefficients, peer.params, atol=1e-4)
    assert fit.sum_of_absolute_errors <= np.abs(y - X @ peer.params).sum() + 1e-9


@given(arrays(np.float64, (9,), elements=st.floats(-100, 100)))
def test_a_constant_is_a_median(y):
    fit = fit_lad(np.ones((9, 1)), y)
    # The solver tells costs apart that differ by 1e-10 of the largest residual.
    assert_allclose(fit.coefficients, [np.median(y)], atol=1e-9 * np.ptp(y))


def test_certificate_proves_the_minimum(rng):
    X = add_intercept(rng.normal(size=(23, 2)))
    y = 1e6 + rng.standard_cauchy(size=23)
    fit = fit_lad(X, y)
    assert np.abs(fit.signs).max() <= 1 + 1e-12
    assert_allclose(X.T @ fit.signs, 0, atol=1e-9)
    residuals = y - X @ fit.coefficients
    # Cancellation leaves 1e-16 of 1e6.
    far = np.abs(residuals) > 1e-8
    assert_allclose(fit.signs[far], np.sign(residuals[far]), atol=1e-9)
    assert abs(fit.gap) < 1e-8
    assert_allclose(fit.scale_mle, np.abs(residuals).mean(), rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_units_do_not_matter(rng, unit):
    x, y = rng.normal(size=19), rng.standard_t(2, size=19)
    base = fit_lad(add_intercept(x), y).coefficients
    other = fit_lad(add_intercept(x * unit), y / unit).coefficients
    assert_allclose(other, base / [unit, unit**2], rtol=1e-9)


def test_an_outlier_on_the_same_side_changes_nothing(rng):
    X, y = add_intercept(rng.normal(size=21)), rng.normal(size=21)
    before = fit_lad(X, y).coefficients
    worst = np.argmax(y - X @ before)
    moved = y.copy()
    moved[worst] += 1e4
    assert_allclose(fit_lad(X, moved).coefficients, before, atol=1e-9)


def test_exact_line_and_as_many_points_as_coefficients():
    X = add_intercept([1.0, 2.0, 5.0])
    fit = fit_lad(X, X @ [3.0, -2.0])
    assert_allclose(fit.coefficients, [3, -2], rtol=1e-12)
    assert_allclose(fit.sum_of_absolute_errors, 0, atol=1e-12)
    assert_allclose(fit_lad(X[:2], [1.0, 3.0]).coefficients, [-1, 2], rtol=1e-12)
    zeros = fit_lad(X, np.zeros(3))
    assert_array_equal(zeros.coefficients, [0, 0])
    assert zeros.gap == 0


def test_fit_is_frozen_and_inputs_are_not_written_to(rng):
    X, y = add_intercept([1.0, 2.0, 5.0]), np.array([1.0, 0.0, 2.0])
    X.flags.writeable = y.flags.writeable = False
    fit = fit_lad(X, y)
    with pytest.raises(ValueError, match="read-only"):
        fit.coefficients[0] = 0
    with pytest.raises(AttributeError):
        fit.gap = 1.0


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((4, 2)), np.arange(4.0), "X: expected linearly independent columns"),
        (np.ones((4, 1)), np.arange(3.0), r"y: expected shape \(4,\), got \(3,\)"),
        (np.ones(4), np.arange(4.0), r"X: expected shape \(n, d\), got \(4,\)"),
        (np.ones((2, 3)), np.ones(2), "X: expected at least 3 rows"),
        (np.ones((2, 1)), [1.0, np.nan], "y: expected finite numbers, got nan"),
    ],
)
def test_fit_refuses(X, y, message):
    with pytest.raises(ValueError, match=message):
        fit_lad(X, y)


def test_a_squared_error_that_overflows_is_infinite():
    assert squared_error(1e200, [0.0, 1e200]).tolist() == [np.inf, 0.0]
