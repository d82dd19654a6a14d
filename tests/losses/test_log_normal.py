"""Log-normal loss and regression: density, gradient, fit, predictions, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize, stats
from sklearn.linear_model import LinearRegression

from mlnotes.likelihood.least_squares import add_intercept
from mlnotes.losses.log_normal import (
    LogNormalFit,
    fit_log_normal,
    log_normal_gradient,
    log_normal_loss,
)


def data(rng, n=41):
    """Features and responses with factors for errors."""
    x = rng.normal(size=n)
    return add_intercept(x), np.exp(1 + 0.7 * x + 0.4 * rng.normal(size=n))


def test_loss_is_scipys_density(rng):
    m, s = rng.normal(size=(5, 1)), rng.normal(size=7)
    y = np.exp(rng.normal(size=(5, 7)))
    expected = -stats.lognorm.logpdf(y, np.exp(s), scale=np.exp(m))
    assert_allclose(log_normal_loss(m, s, y), expected, rtol=1e-11, atol=1e-12)


@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(0.05, 20))
def test_gradient_agrees_with_central_differences(m, s, y):
    h = 1e-5
    in_m, in_s = log_normal_gradient(m, s, y)
    up, down = log_normal_loss(m + h, s, y), log_normal_loss(m - h, s, y)
    wide, narrow = log_normal_loss(m, s + h, y), log_normal_loss(m, s - h, y)
    # h^2/6 times a third derivative of at most 4 z^2 with z^2 <= 36 e^4, and rounding.
    assert_allclose(in_m, (up - down) / (2 * h), atol=1e-6)
    assert_allclose(in_s, (wide - narrow) / (2 * h), atol=1e-6)


def test_tiny_and_huge_observations():
    y = np.array([5e-324, 1e308])
    expected = np.log(y) + 0.5 * np.log(2 * np.pi) + 0.5 * np.log(y) ** 2
    assert_allclose(log_normal_loss(0.0, 0.0, y), expected, rtol=1e-12)


@pytest.mark.parametrize("function", [log_normal_loss, log_normal_gradient])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0.0, 0.0, [1.0, 0.0]), ValueError, "y: expected numbers > 0, got 0"),
        ((0.0, 0.0, -2.0), ValueError, "y: expected numbers > 0, got -2"),
        ((0.0, 701.0, 1.0), ValueError, "log_scale: expected numbers from -700 to 700"),
        (([0.0, 1.0], 0.0, np.ones(3)), ValueError, r"y: .* \(2,\), got \(3,\)"),
        ((np.nan, 0.0, 1.0), ValueError, "log_median: expected finite numbers"),
        ((0.0, 0.0, "y"), TypeError, "y: expected real numbers"),
    ],
)
def test_loss_refuses(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)


def test_fit_is_scikit_learns_regression_of_the_logarithm(rng):
    X, y = data(rng)
    fit = fit_log_normal(X, y)
    other = LinearRegression().fit(X[:, 1:], np.log(y))
    residuals = np.log(y) - other.predict(X[:, 1:])
    expected = [other.intercept_, other.coef_[0]]
    assert_allclose(fit.coefficients, expected, rtol=1e-10)
    assert_allclose(fit.residuals, residuals, atol=1e-12)
    assert_allclose(fit.scale, np.sqrt(np.mean(residuals**2)), rtol=1e-10)
    assert_allclose(fit.smearing_factor, np.mean(np.exp(residuals)), rtol=1e-12)
    reference = stats.lognorm(fit.scale, scale=np.exp(X @ fit.coefficients))
    expected_nll = -reference.logpdf(y).sum()
    assert_allclose(fit.negative_log_likelihood, expected_nll, rtol=1e-10)


def test_no_other_parameters_are_more_likely(rng):
    X, y = data(rng)
    fit = fit_log_normal(X, y)
    found = optimize.minimize(
        lambda u: log_normal_loss(X @ u[:2], u[2], y).sum(), np.zeros(3), method="BFGS"
    )
    # BFGS stops within about sqrt(eps) of the minimizer, and cannot go below it.
    assert fit.negative_log_likelihood <= found.fun + 1e-9
    assert_allclose(found.x, [*fit.coefficients, np.log(fit.scale)], atol=1e-4)


def test_a_change_of_unit_moves_the_intercept_only(rng):
    X, y = data(rng)
    fit, scaled = fit_log_normal(X, y), fit_log_normal(X, 60 * y)
    shift = scaled.coefficients - fit.coefficients
    assert_allclose(shift, [np.log(60), 0], atol=1e-12)
    assert_allclose(scaled.scale, fit.scale, rtol=1e-12)
    difference = scaled.negative_log_likelihood - fit.negative_log_likelihood
    assert_allclose(difference, y.size * np.log(60), rtol=1e-12)


def test_predict_returns_the_distribution_of_new_responses(rng):
    X, y = data(rng)
    fit = fit_log_normal(X, y)
    new = fit.predict([[1.0, 0.5], [1.0, -2.0], [1.0, 3.0]])
    reference = stats.lognorm(
        fit.scale, scale=np.exp(fit.coefficients @ [[1, 1, 1], [0.5, -2, 3]])
    )
    assert_allclose(new.mean(), reference.mean(), rtol=1e-12)
    assert_allclose(np.exp(new.loc), reference.median(), rtol=1e-12)
    with pytest.raises(ValueError, match="X: expected 2 columns, got 3"):
        fit.predict(np.ones((4, 3)))


def test_record_is_frozen(rng):
    fit = fit_log_normal(*data(rng))
    assert isinstance(fit, LogNormalFit)
    with pytest.raises(ValueError, match="read-only"):
        fit.residuals[0] = 3.0


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (
            np.ones((3, 1)),
            [1.0, 0.0, 4.0],
            ValueError,
            "y: expected numbers > 0, got 0",
        ),
        (np.ones((3, 1)), [1.0, 2.0], ValueError, r"y: expected shape \(3,\)"),
        (np.ones((3, 2)), [1.0, 2.0, 3.0], ValueError, "X: "),
        (np.ones((3, 1)), [2.0, 2.0, 2.0], ValueError, "does not fit exactly"),
        (np.eye(2), [1.0, 3.0], ValueError, "does not fit exactly"),
        (np.ones((3, 1)), ["a", "b", "c"], TypeError, "y: expected real numbers"),
    ],
)
def test_fit_refuses(X, y, error, message):
    with pytest.raises(error, match=message):
        fit_log_normal(X, y)
