"""The equations of "Least squares is maximum likelihood", each by another route."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import optimize, stats
from sklearn.linear_model import LinearRegression

from mlnotes.likelihood.least_squares import (
    add_intercept,
    fit_ols,
    log_likelihood,
    variance_inflation_factors,
)
from mlnotes.likelihood.maximum_likelihood import observed_information

KM = np.array([1.0, 2.0, 3.0, 5.0, 6.0, 7.0])
LIGHTS = np.array([2.0, 4.0, 7.0, 10.0, 12.0, 13.0])
MINUTES = np.array([5.0, 11.0, 15.0, 19.0, 25.0, 27.0])
RIDES = add_intercept(KM)
SIGNS = np.array(list(product([-1.0, 1.0], repeat=6)))


@pytest.mark.equation("eq-least-squares-normal-equations")
def test_normal_equations_give_the_least_squares_solution(rng):
    """LAPACK's SVD solver, scikit-learn and a numerical minimizer."""
    features, y = rng.normal(1, 2, size=(19, 3)), rng.normal(size=19)
    X = add_intercept(features)
    beta = np.linalg.solve(X.T @ X, X.T @ y)
    assert_allclose(np.linalg.lstsq(X, y)[0], beta, rtol=1e-10)
    peer = LinearRegression().fit(features, y)
    assert_allclose([peer.intercept_, *peer.coef_], beta, rtol=1e-10)
    found = optimize.least_squares(lambda b: y - X @ b, np.zeros(4))
    assert_allclose(found.x, beta, atol=1e-6)
    assert_allclose(fit_ols(X, y).coefficients, beta, rtol=1e-10)
    # Orthogonality, with the residuals of a library that solves another problem.
    misses = y - peer.predict(features)
    assert_allclose(X.T @ misses, 0, atol=1e-12 * np.abs(X).sum())


@pytest.mark.equation("eq-least-squares-pythagoras")
def test_excess_of_any_other_coefficients(rng):
    """Brute force: both sides of the identity at 200 random coefficient vectors."""
    fit = fit_ols(RIDES, MINUTES)
    for b in fit.coefficients + 3 * rng.normal(size=(200, 2)):
        direct = sum(
            (y - b[0] - b[1] * x) ** 2 for x, y in zip(KM, MINUTES, strict=True)
        )
        excess = sum((RIDES @ (b - fit.coefficients)) ** 2)
        assert_allclose(direct, fit.sum_of_squares + excess, rtol=1e-12)
        assert direct > fit.sum_of_squares


@pytest.mark.equation("eq-least-squares-line")
def test_line_in_closed_form():
    """Computer algebra for three general points, and SciPy's linregress."""
    x, y = sp.symbols("x1:4"), sp.symbols("y1:4")
    b0, b1 = sp.symbols("b0 b1")
    S = sum((v - b0 - b1 * u) ** 2 for u, v in zip(x, y, strict=True))
    root = sp.solve([sp.diff(S, b0), sp.diff(S, b1)], [b0, b1], dict=True)[0]
    xm, ym = sum(x) / 3, sum(y) / 3
    slope = sum((u - xm) * (v - ym) for u, v in zip(x, y, strict=True))
    slope /= sum((u - xm) ** 2 for u in x)
    assert sp.simplify(root[b1] - slope) == 0
    assert sp.simplify(root[b0] - (ym - slope * xm)) == 0

    peer = stats.linregress(KM, MINUTES)
    by_hand = sum((KM - 4) * (MINUTES - 17)) / sum((KM - 4) ** 2)
    assert_allclose([peer.intercept, peer.slope], [17 - 4 * by_hand, by_hand])
    assert_allclose(fit_ols(RIDES, MINUTES).coefficients, [3, 3.5], rtol=1e-12)


@pytest.mark.equation("eq-least-squares-log-likelihood")
def test_log_likelihood_of_the_regression(rng):
    """SciPy's joint normal density of all targets at once."""
    X, y, beta = rng.normal(size=(7, 3)), rng.normal(size=7), rng.normal(size=3)
    expected = stats.multivariate_normal.logpdf(y, X @ beta, 1.7 * np.eye(7))
    n, misses = 7, y - X @ beta
    formula = (
        -n / 2 * np.log(2 * np.pi) - n / 2 * np.log(1.7) - misses @ misses / (2 * 1.7)
    )
    assert_allclose(formula, expected, rtol=1e-12)
    assert_allclose(log_likelihood(beta, 1.7, X, y), expected, rtol=1e-12)


@pytest.mark.equation("eq-least-squares-equivalence")
@pytest.mark.parametrize("sigma", [0.3, 1.5, 20.0])
def test_most_likely_coefficients_are_those_of_least_squares(sigma):
    """Numerical maximization of SciPy's densities, for several fixed variances."""
    found = optimize.minimize(
        lambda b: -stats.norm.logpdf(MINUTES, b[0] + b[1] * KM, sigma).sum() * sigma**2,
        x0=[0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
    )
    # A value is known to about 1e-13, so the place of its minimum to about 1e-6.
    assert_allclose(found.x, np.linalg.lstsq(RIDES, MINUTES)[0], atol=1e-5)
    assert_allclose(found.x, fit_ols(RIDES, MINUTES).coefficients, atol=1e-5)


@pytest.mark.equation("eq-least-squares-variance")
def test_most_likely_variance():
    """Numerical maximization of SciPy's densities over all three parameters."""
    found = optimize.minimize(
        lambda t: -stats.norm.logpdf(MINUTES, t[0] + t[1] * KM, np.exp(t[2] / 2)).sum(),
        x0=[2.0, 4.0, 1.0],
        method="BFGS",
        options={"gtol": 1e-6},
    )
    fit = fit_ols(RIDES, MINUTES)
    assert_allclose(np.exp(found.x[2]), fit.variance_mle, rtol=1e-5)
    assert_allclose(fit.variance_mle, 9 / 6, rtol=1e-12)


@pytest.mark.equation("eq-least-squares-sse")
@pytest.mark.parametrize(
    "X", [np.ones((6, 1)), RIDES, add_intercept(np.c_[KM, LIGHTS])]
)
def test_expected_sum_of_squares(X):
    """Exact expectation: all 2^6 equally likely signs of errors of size 1.5."""
    n, p = X.shape
    beta = np.arange(1.0, p + 1)
    sse = [fit_ols(X, X @ beta + 1.5 * e).sum_of_squares for e in SIGNS]
    assert_allclose(np.mean(sse), (n - p) * 2.25, rtol=1e-10)
    # Divided by n, or without counting the intercept, it is too small.
    assert np.mean(sse) / n <= np.mean(sse) / (n - p + 1) < 2.25 * (1 - 0.05)


@pytest.mark.equation("eq-least-squares-covariance")
def test_covariance_of_the_coefficients():
    """All 2^6 signs of errors of size 1.5, exactly; the information by differences."""
    beta = np.array([3.0, 3.5])
    draws = np.array(
        [fit_ols(RIDES, RIDES @ beta + 1.5 * e).coefficients for e in SIGNS]
    )
    assert_allclose(draws.mean(axis=0), beta, rtol=1e-10)
    exact = (draws - beta).T @ (draws - beta) / len(draws)
    assert_allclose(2.25 * np.linalg.inv(RIDES.T @ RIDES), exact, rtol=1e-10)

    fit = fit_ols(RIDES, MINUTES)  # its unbiased variance happens to be 2.25 as well
    assert_allclose(fit.covariance, exact, rtol=1e-10)
    information = observed_information(
        lambda b: log_likelihood(b, 2.25, RIDES, MINUTES), fit.coefficients
    )
    # The log-likelihood is a parabola: only rounding is left, about 1e-16 / h^2.
    assert_allclose(np.linalg.inv(information), exact, rtol=1e-4)


@pytest.mark.equation("eq-least-squares-t")
def test_coefficients_in_standard_errors_follow_t(rng):
    """Simulation: shares within the t limits, within 5 standard errors."""
    repeats = 4000
    beta = np.array([3.0, 3.5])
    scores = []
    X = RIDES[:4]  # two degrees of freedom, whose limits are far from those of three
    for e in rng.normal(0, 1.5, size=(repeats, 4)):
        fit = fit_ols(X, X @ beta + e)
        scores.append((fit.coefficients - beta) / fit.standard_errors)
    for level in (0.5, 0.95):
        inside = np.mean(np.abs(scores) < stats.t(4 - 2).ppf((1 + level) / 2), axis=0)
        tolerance = 5 * np.sqrt(level * (1 - level) / repeats)
        assert_allclose(inside, level, atol=tolerance)
        # Negative control: the normal limits fail the same check.
        short = np.mean(np.abs(scores) < stats.norm.ppf((1 + level) / 2), axis=0)
        assert (short < level - tolerance).all() or level == 0.5


@pytest.mark.equation("eq-least-squares-partial")
@pytest.mark.parametrize("j", [0, 1, 2])
def test_coefficient_from_what_is_new_in_its_column(rng, j):
    """The full regression by LAPACK's SVD solver; the news by a projection matrix."""
    X, y = rng.normal(size=(13, 3)) @ rng.normal(size=(3, 3)), rng.normal(size=13)
    others = np.delete(X, j, axis=1)
    news = X[:, j] - others @ np.linalg.pinv(others) @ X[:, j]
    assert_allclose(news @ y / (news @ news), np.linalg.lstsq(X, y)[0][j], rtol=1e-9)


@pytest.mark.equation("eq-least-squares-vif")
def test_variance_of_a_coefficient_and_its_inflation():
    """R^2 of scikit-learn's regression on the others; exact variance over all signs."""
    F = np.c_[KM, LIGHTS, [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]]
    X = add_intercept(F)
    draws = np.array([fit_ols(X, 1.5 * e).coefficients for e in SIGNS])
    for j in range(3):
        others = np.delete(F, j, axis=1)
        explained = LinearRegression().fit(others, F[:, j]).score(others, F[:, j])
        vif = 1 / (1 - explained)
        assert_allclose(variance_inflation_factors(F)[j], vif, rtol=1e-9)
        formula = 2.25 / (5 * F[:, j].var(ddof=1)) * vif
        assert_allclose(formula, np.mean(draws[:, j + 1] ** 2), rtol=1e-9)
    rho = np.corrcoef(KM, LIGHTS)[0, 1]
    pair = variance_inflation_factors(np.c_[KM, LIGHTS])
    assert_allclose(pair, 1 / (1 - rho**2), rtol=1e-10)


@pytest.mark.equation("eq-least-squares-vif")
@pytest.mark.parametrize("rho", [0.5, 0.9, 0.99])
def test_spread_grows_by_the_root_of_the_factor(rng, rho):
    """Simulation: ratio of spreads with and without correlation, 5 standard errors."""
    repeats, n = 20_000, 41
    z = np.linalg.qr(add_intercept(rng.normal(size=(n, 2))))[0][:, 1:]
    spreads = []
    for r in (0.0, rho):
        F = np.c_[z[:, 0], r * z[:, 0] + np.sqrt(1 - r**2) * z[:, 1]]
        slopes = np.linalg.lstsq(add_intercept(F), rng.normal(size=(n, repeats)))[0][1]
        spreads.append(slopes.std())
    root = 1 / np.sqrt(1 - rho**2)
    # Relative standard error of a standard deviation 1/sqrt(2 N), of a ratio 1/sqrt N.
    assert_allclose(spreads[1] / spreads[0], root, rtol=5 / np.sqrt(repeats))


@pytest.mark.equation("eq-least-squares-vif-correlation")
def test_factors_are_the_diagonal_of_the_inverse_correlation_matrix(rng):
    """Auxiliary regressions by scikit-learn, one for each of five features."""
    F = rng.normal(size=(29, 5)) @ rng.normal(size=(5, 5)) + 10
    explained = [
        LinearRegression().fit(np.delete(F, j, 1), F[:, j]).score(np.delete(F, j, 1), x)
        for j, x in enumerate(F.T)
    ]
    diagonal = np.diag(np.linalg.inv(np.corrcoef(F.T)))
    assert_allclose(diagonal, 1 / (1 - np.array(explained)), rtol=1e-8)
    assert_allclose(variance_inflation_factors(F), diagonal, rtol=1e-8)


@pytest.mark.equation("eq-least-squares-condition")
def test_condition_number_of_the_gram_matrix_is_the_square(rng):
    """Eigenvalues of the Gram matrix against singular values of the design."""
    X = add_intercept(rng.normal(size=(11, 3)) * [1, 20, 400])
    eigenvalues = np.linalg.eigvalsh(X.T @ X)
    singular = np.linalg.svd(X, compute_uv=False)
    assert_allclose(
        eigenvalues[-1] / eigenvalues[0], (singular[0] / singular[-1]) ** 2, rtol=1e-8
    )


def test_collinear_without_a_correlated_pair():
    """Ten columns, the last nearly a sum of nine: small correlations, large factors."""
    rng = np.random.default_rng(0)
    nine = rng.normal(size=(2000, 9))
    ten = np.c_[nine, nine.sum(axis=1) + 0.05 * rng.normal(size=2000)]
    C = np.corrcoef(ten.T)
    assert np.abs(C - np.eye(10)).max() < 0.4
    factors = variance_inflation_factors(ten)
    assert_allclose(factors, np.diag(np.linalg.inv(C)), rtol=1e-8)
    # 1 - R^2 of the sum is 0.05^2 / (9 + 0.05^2) in expectation.
    assert_allclose(factors[-1], 1 + 9 / 0.05**2, rtol=0.1)
    assert factors.min() > 300


def test_unequal_or_dependent_errors_have_another_most_likely_line():
    """SciPy's joint density at the weighted fit and around it."""
    steps = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    ols = fit_ols(RIDES, MINUTES).coefficients
    for omega in (np.diag((0.5 * KM) ** 2), 1.5 * 0.8**steps):
        L = np.linalg.cholesky(omega)
        weighted = fit_ols(np.linalg.solve(L, RIDES), np.linalg.solve(L, MINUTES))
        density = stats.multivariate_normal(np.zeros(6), omega)
        top = density.logpdf(MINUTES - RIDES @ weighted.coefficients)
        assert density.logpdf(MINUTES - RIDES @ ols) < top - 0.2
        found = optimize.minimize(
            lambda b, density=density: -density.logpdf(MINUTES - RIDES @ b), ols
        )
        assert_allclose(found.x, weighted.coefficients, atol=1e-4)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (log_likelihood([3, 3.5], 1.5, RIDES, MINUTES), -3 * np.log(3 * np.pi) - 3),
        (variance_inflation_factors(np.c_[KM, LIGHTS]), [68.6, 68.6]),
        (
            fit_ols(add_intercept(np.c_[KM, LIGHTS]), MINUTES).coefficients,
            [2.2, 0.9, 1.4],
        ),
        (fit_ols(add_intercept(np.c_[KM, LIGHTS]), MINUTES).sum_of_squares, 6.2),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=1e-11)
