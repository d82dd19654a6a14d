"""Squared and absolute error, least absolute deviations: definitions and proofs."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, stats
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


def test_what_exceeds_the_largest_float_is_infinite_without_a_warning():
    assert_allclose(squared_error([1e200, 1e150], 0.0), [np.inf, 1e300], rtol=1e-12)
    assert squared_error_gradient(1e308, 0.0) == np.inf
    assert absolute_error(1e308, -1e308) == np.inf
    assert absolute_error_gradient(-1e308, 1e308) == -1


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


def exact_sum(x, y, line):
    """Sum of absolute errors of a line in exact arithmetic."""
    a, b = map(Fraction, map(float, line))
    return sum(
        abs(Fraction(v) - a - b * Fraction(u)) for u, v in zip(x, y, strict=True)
    )


@pytest.mark.parametrize("far", [1e3, 1e9, 1e11, 1e16, 1e300])
def test_the_size_of_an_outlier_does_not_matter(rng, far):
    X, y = add_intercept(rng.normal(size=30)), 1e7 + rng.normal(size=30)
    y[[3, 7]] = 1e7 + 50, 1e7 - 50
    expected = fit_lad(X, y).coefficients
    y[[3, 7]] = 1e7 + far, 1e7 - far
    fit = fit_lad(X, y)
    # 1e7 is rounded to 2e-9, which the slope of some points multiplies.
    assert_allclose(fit.coefficients, expected, rtol=1e-14, atol=1e-7)
    assert abs(fit.gap) < 1e-6  # a proof in which the outliers cancel
    distances = np.abs(y - X @ fit.coefficients)
    assert_allclose(fit.sum_of_absolute_errors, distances.sum(), rtol=1e-12)
    assert_allclose(fit.scale_mle, distances.mean(), rtol=1e-12)


def test_the_gap_finds_a_solver_out(rng, monkeypatch):
    X, y = add_intercept(rng.normal(size=17)), rng.standard_t(2, size=17)
    best = fit_lad(X, y).sum_of_absolute_errors
    solve = optimize.linprog

    def careless(*arguments, **options):
        found = solve(*arguments, **options)
        found.eqlin.marginals = 1.1 * found.eqlin.marginals + 0.1
        return found

    monkeypatch.setattr(optimize, "linprog", careless)
    fit = fit_lad(X, y)
    assert fit.sum_of_absolute_errors > best + 0.1
    assert_allclose(fit.gap, fit.sum_of_absolute_errors - best, rtol=1e-9)


def test_a_far_target_on_the_line_is_no_outlier(rng):
    # Where x is far out y has to be, and a true outlier lies further still.
    x = np.append(rng.normal(size=8), 1e6)
    y = 1 + 2 * x + 1e-3 * rng.normal(size=9)
    y[2] = 1e9
    fit = fit_lad(add_intercept(x), y)
    assert_allclose(fit.coefficients, [1, 2], atol=5e-3)
    lines = [
        ((y[i] * x[j] - y[j] * x[i]) / (x[j] - x[i]), (y[j] - y[i]) / (x[j] - x[i]))
        for i, j in combinations(range(9), 2)
    ]
    best = min(exact_sum(x, y, line) for line in lines)
    # Both are rounded to 1e-16 of 2e6.
    assert abs(exact_sum(x, y, fit.coefficients) - best) < 1e-8


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_targets_of_any_size(unit):
    fit = fit_lad(np.ones((5, 1)), np.array([1.0, 2.0, 3.0, 4.0, 9.0]) * unit)
    assert_allclose(fit.coefficients / unit, [3.0], rtol=1e-9)
    assert_allclose(fit.sum_of_absolute_errors / unit, 10.0, rtol=1e-9)


@pytest.mark.parametrize("most", [0.0, 0.1])
def test_most_targets_equal(most):
    fit = fit_lad(np.ones((9, 1)), [most] * 6 + [7.3, 1.1, 1e300])
    assert_allclose(fit.coefficients, [most], rtol=1e-9)
    assert abs(fit.gap) < 1e-9


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
        (np.ones((2, 1)), [8e307, -8e307], "y: .* sum below 4.49e.307, got larger"),
        (np.ones((2, 1)), [1.0, np.nan], "y: expected finite numbers, got nan"),
        (
            np.ones((4, 1)),
            [1e308, 1e308, -1e308, -1e308],
            "y: expected numbers with a sum",
        ),
    ],
)
def test_fit_refuses(X, y, message):
    with pytest.raises(ValueError, match=message):
        fit_lad(X, y)
