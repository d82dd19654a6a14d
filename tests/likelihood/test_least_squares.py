"""Least squares: exact recovery, other solvers, limits, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.linear_model import LinearRegression

from mlnotes.likelihood.least_squares import (
    LeastSquaresFit,
    add_intercept,
    fit_ols,
    log_likelihood,
    variance_inflation_factors,
)

KM = np.array([1.0, 2.0, 3.0, 5.0, 6.0, 7.0])
MINUTES = np.array([5.0, 11.0, 15.0, 19.0, 25.0, 27.0])


def test_rides_worked_by_hand():
    fit = fit_ols(add_intercept(KM), MINUTES)
    assert_allclose(fit.coefficients, [3, 3.5], rtol=1e-12)
    assert_allclose(fit.sum_of_squares, 9, rtol=1e-12)
    assert_allclose([fit.variance_mle, fit.variance_unbiased], [1.5, 2.25], rtol=1e-12)
    # s^2 (1/n + mean^2 / Sxx), s^2 / Sxx and -s^2 mean / Sxx, with Sxx = 28.
    expected = 2.25 * np.array([[1 / 6 + 16 / 28, -4 / 28], [-4 / 28, 1 / 28]])
    assert_allclose(fit.covariance, expected, rtol=1e-12)
    assert_allclose(fit.standard_errors, np.sqrt(np.diag(expected)), rtol=1e-12)


@pytest.mark.parametrize("with_intercept", [True, False])
def test_noise_free_data_are_recovered(rng, with_intercept):
    features = rng.normal(size=(11, 3))
    X = add_intercept(features) if with_intercept else features
    beta = np.array([3.0, 1.0, -2.0, 0.5])[: X.shape[1]]
    fit = fit_ols(X, X @ beta)
    assert_allclose(fit.coefficients, beta, rtol=1e-12)
    assert_allclose(fit.sum_of_squares, 0, atol=1e-26)


def test_agrees_with_scikit_learn(rng):
    X, y = rng.normal(5, 2, size=(31, 4)), rng.normal(size=31)
    fit = fit_ols(add_intercept(X), y)
    peer = LinearRegression().fit(X, y)
    assert_allclose(fit.coefficients, [peer.intercept_, *peer.coef_], rtol=1e-10)
    misses = y - peer.predict(X)
    assert_allclose(fit.sum_of_squares, misses @ misses, rtol=1e-12)


def test_standard_error_of_the_slope_agrees_with_scipy(rng):
    x, y = rng.normal(size=13), rng.normal(size=13)
    fit, peer = fit_ols(add_intercept(x), y), stats.linregress(x, y)
    assert_allclose(
        fit.standard_errors, [peer.intercept_stderr, peer.stderr], rtol=1e-10
    )


def test_covariance_factor_is_a_root_of_the_gram_matrix(rng):
    X = rng.normal(size=(17, 3))
    R = fit_ols(X, rng.normal(size=17)).covariance_factor
    assert_allclose(R.T @ R, X.T @ X, rtol=1e-12)
    assert_allclose(R, np.triu(R), rtol=0, atol=0)


@given(
    arrays(np.float64, (7, 2), elements=st.floats(-8, 8)),
    st.floats(0.01, 100),
    st.floats(-10, 10),
)
def test_predictions_do_not_depend_on_units_of_a_feature(noise, scale, shift):
    x = np.arange(7.0) ** 2 + noise[:, 0] / 100
    y = noise[:, 1]
    other = shift + scale * x
    first, second = (fit_ols(add_intercept(z), y) for z in (x, other))
    assert_allclose(
        add_intercept(x) @ first.coefficients,
        add_intercept(other) @ second.coefficients,
        atol=1e-8,
    )


def test_inner_products_that_round_to_a_singular_matrix():
    # The Gram matrix [[1 + e^2, 1], [1, 1 + e^2]] rounds to ones for e = 1e-8.
    X = np.array([[1.0, 1.0], [1e-8, 0.0], [0.0, 1e-8]])
    assert np.linalg.matrix_rank(X.T @ X) == 1
    fit = fit_ols(X, X @ [1.0, 2.0])
    # The error is the condition number 1.4e8 times the rounding of about 1e-16.
    assert_allclose(fit.coefficients, [1, 2], atol=1e-7)


def test_one_example_more_than_coefficients():
    fit = fit_ols(add_intercept([0, 1, 2]), [1, 2, 6])  # residuals 0.5, -1, 0.5
    assert_allclose(fit.sum_of_squares, 1.5, rtol=1e-12)
    assert_allclose([fit.variance_mle, fit.variance_unbiased], [0.5, 1.5], rtol=1e-12)


def test_as_many_examples_as_coefficients():
    fit = fit_ols(add_intercept([1.0, 3.0]), [5.0, 9.0])
    assert_allclose(fit.coefficients, [3, 2], rtol=1e-12)
    assert fit.sum_of_squares == fit.variance_mle == 0
    for name in ("variance_unbiased", "covariance", "standard_errors"):
        with pytest.raises(ValueError, match=r"fit: .*got n = 2 and p = 2"):
            getattr(fit, name)


def test_fit_is_frozen_and_inputs_are_not_written_to():
    X, y = add_intercept(KM), MINUTES.copy()
    X.flags.writeable = y.flags.writeable = False
    fit = fit_ols(X, y)
    assert isinstance(fit, LeastSquaresFit)
    with pytest.raises(ValueError, match="read-only"):
        fit.coefficients[0] = 0.0
    with pytest.raises(AttributeError):
        fit.n_examples = 7
    assert_allclose(fit_ols(X, y).coefficients, fit.coefficients, rtol=0)
    variance_inflation_factors(X[:, 1:])


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.c_[KM**0, KM, 0.621371 * KM], MINUTES, r"got columns \[1, 2\] in the span"),
        (np.c_[KM**0, KM, 0 * KM], MINUTES, r"got columns \[2\] in the span"),
        (
            np.c_[KM, KM**0, KM**2, 3 - 2 * KM],
            MINUTES,
            r"got columns \[0, 1, 3\] in the span",
        ),
        (np.c_[KM, KM, KM], MINUTES, "drop or combine columns, or regularize"),
        (np.ones((2, 3)), [1, 2], r"X: .* at least 3 rows for 3 columns, got 2; drop"),
        (add_intercept(KM), MINUTES[:5], r"y: expected shape \(6,\), got \(5,\)"),
        (add_intercept(KM), MINUTES[:, None], r"y: expected shape \(6,\)"),
        (KM, MINUTES, r"X: expected shape \(n, d\), got \(6,\)"),
        (np.full((2, 1), np.nan), [1, 2], "X: expected finite numbers, got nan"),
    ],
)
def test_fit_refuses(X, y, message):
    with pytest.raises(ValueError, match=message):
        fit_ols(X, y)


def test_dependence_hidden_behind_another_one_is_found():
    # Columns 0 and 1 nearly agree, column 2 is their magnified difference. No entry on
    # the diagonal of the triangle gives it away.
    t = np.arange(9.0)
    a, b = np.cos(t), np.sin(t)
    X = np.c_[a, a + 1e-7 * b, b]
    diagonal = np.abs(np.diag(np.linalg.qr(X, mode="r")))
    assert diagonal.min() > 1e-12
    with pytest.raises(ValueError, match="independent columns"):
        fit_ols(X, t)


@pytest.mark.parametrize("gap", [1e-6, 1e-11])
def test_nearly_dependent_columns_are_fitted(rng, gap):
    X = add_intercept(np.c_[KM, KM + gap * rng.normal(size=6)])
    fit = fit_ols(X, X @ [1.0, 2.0, 3.0])
    # The condition number is about 100 / gap, and a digit has the size 1e-16.
    assert_allclose(fit.coefficients, [1, 2, 3], atol=1e-12 / gap)


@pytest.mark.parametrize("n", [7, 300])
def test_exact_dependence_is_found_for_any_scale(rng, n):
    features = rng.normal(size=(n, 4)) * 10.0 ** np.array([-6, -2, 3, 7])
    weights = rng.normal(size=4) / np.linalg.norm(features, axis=0)
    X = np.c_[np.full(n, 1e4), features, features @ weights]
    with pytest.raises(ValueError, match=r"got columns \[1, 2, 3, 4, 5\] in the span"):
        fit_ols(X, np.ones(n))


@pytest.mark.parametrize("unit", [1e-300, 1e-200, 1e200, 1e300])
def test_the_square_of_a_unit_need_not_be_a_number(rng, unit):
    X, y = rng.normal(size=(13, 2)), rng.normal(size=13)
    here, there = fit_ols(X, y), fit_ols(X * [1, unit], y)
    assert_allclose(there.coefficients * [1, unit], here.coefficients, rtol=1e-12)
    assert_allclose(
        variance_inflation_factors(X * [1, unit]), variance_inflation_factors(X)
    )


def test_add_intercept():
    assert add_intercept([2, 3]).tolist() == [[1, 2], [1, 3]]
    assert add_intercept([[2, 3]]).tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match=r"X: expected shape .*got \(1, 1, 1\)"):
        add_intercept([[[1.0]]])
    with pytest.raises(ValueError, match=r"X: expected shape .*got \(\)"):
        add_intercept(1.0)


def test_log_likelihood_is_the_sum_of_normal_log_densities(rng):
    X, y, beta = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=3)
    expected = stats.norm.logpdf(y, X @ beta, np.sqrt(0.7)).sum()
    got = log_likelihood(beta, 0.7, X, y)
    assert isinstance(got, float)
    assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("beta", "variance", "message"),
    [
        ([1.0], 1.0, r"coefficients: expected shape \(2,\), got \(1,\)"),
        ([1.0, 2.0], 0.0, "variance: expected numbers > 0, got 0"),
        ([1.0, np.inf], 1.0, "coefficients: expected finite"),
    ],
)
def test_log_likelihood_refuses(beta, variance, message):
    with pytest.raises(ValueError, match=message):
        log_likelihood(beta, variance, add_intercept(KM), MINUTES)


def test_inflation_factors_do_not_depend_on_units(rng):
    X = rng.normal(size=(23, 3)) @ rng.normal(size=(3, 3))
    other = X * [1e-4, 1.0, 1e5] + [3.0, -2.0, 1e6]
    assert_allclose(
        variance_inflation_factors(other), variance_inflation_factors(X), rtol=1e-8
    )


def test_inflation_factors_of_one_and_of_orthogonal_features():
    assert_allclose(variance_inflation_factors(KM[:, None]), [1], rtol=1e-12)
    crossed = [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert_allclose(variance_inflation_factors(crossed), [1, 1], rtol=1e-12)


def test_inflation_factors_keep_their_digits_where_correlations_lose_them(rng):
    z, x = np.linalg.qr(add_intercept(rng.normal(size=(19, 2))))[0].T[1:]
    gap = 1e-5
    X = np.c_[x, x + gap * z]  # 1 - R^2 = gap^2 / (1 + gap^2) for both
    assert_allclose(variance_inflation_factors(X), 1 + gap**-2, rtol=1e-9)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.c_[KM, 0.621371 * KM], r"got columns \[0, 1\] in the span"),
        (np.c_[KM, 5 + 0 * KM], r"got columns \[1\] in the span"),
        (np.ones((2, 3)), "at least 4 rows for 4 columns with the intercept, got 2"),
        (KM, r"X: expected shape \(n, d\), got \(6,\)"),
    ],
)
def test_inflation_factors_refuse(X, message):
    with pytest.raises(ValueError, match=message):
        variance_inflation_factors(X)
