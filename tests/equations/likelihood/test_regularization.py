"""The equations of "MAP estimation: ridge, lasso and elastic net", by other routes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, Ridge

from mlnotes.likelihood.regularization import (
    fit_elastic_net,
    fit_lasso,
    fit_ridge,
    kkt_residuals,
    shrinkage_factors,
    soft_threshold,
)

EXACT = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20_000, "maxfev": 20_000}


@pytest.fixture
def data(rng):
    """Correlated features and targets with noise."""
    X = rng.normal(size=(23, 4)) @ (np.eye(4) + 0.3)
    return X, X @ [1.5, 0.0, -0.7, 0.0] + rng.normal(size=23)


def climb(log_posterior, init):
    """Highest point of a log density, found without derivatives."""
    best = np.asarray(init, dtype=float)
    for _ in range(6):  # restarts unfold a simplex that collapsed at a corner
        found = optimize.minimize(
            lambda t: -log_posterior(t), best, method="Nelder-Mead", options=EXACT
        )
        best = found.x
    return best


@pytest.mark.equation("eq-regularization-map")
@pytest.mark.parametrize("k", [1, 4])
def test_maximum_of_the_posterior_needs_no_evidence(k):
    """Quadrature of Bayes' rule, its evidence included, for a prior without a name."""

    def prior(p):
        return (1 + np.cos(6 * p)) / (1 + np.sin(6) / 6)

    evidence, _ = integrate.quad(lambda p: stats.binom.pmf(k, 5, p) * prior(p), 0, 1)
    assert_allclose(integrate.quad(prior, 0, 1)[0], 1, rtol=1e-10)
    grid = np.linspace(1e-4, 1 - 1e-4, 9999)
    posterior = stats.binom.pmf(k, 5, grid) * prior(grid) / evidence
    penalized = -stats.binom.logpmf(k, 5, grid) - np.log(prior(grid))
    assert np.argmax(posterior) == np.argmin(penalized)
    # Negative control: without the prior the maximum is elsewhere.
    assert np.argmax(posterior) != np.argmax(stats.binom.pmf(k, 5, grid))


@pytest.mark.equation("eq-regularization-coin-map")
@pytest.mark.parametrize(
    ("a", "b", "k", "n"), [(2, 2, 4, 5), (1, 1, 4, 5), (3.5, 1.2, 0, 4), (0.5, 2, 9, 9)]
)
def test_mode_of_the_coin(a, b, k, n):
    """Numerical maximum of SciPy's binomial times SciPy's beta density."""

    def bracket(p):
        return -stats.binom.logpmf(k, n, p) - stats.beta.logpdf(p, a, b)

    found = optimize.minimize_scalar(
        bracket, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-10}
    )
    assert_allclose((a + k - 1) / (a + b + n - 2), found.x, atol=1e-6)


@pytest.mark.equation("eq-regularization-logit-mode")
@pytest.mark.parametrize(("a", "b", "k", "n"), [(1, 1, 4, 5), (2, 3, 7, 11)])
def test_mode_in_log_odds(a, b, k, n):
    """Density of the log-odds as the difference quotient of SciPy's distribution."""

    def density(t, h=1e-3):
        ends = special.expit([t - h, t + h])
        return np.diff(stats.beta.cdf(ends, a + k, b + n - k))[0] / (2 * h)

    found = optimize.minimize_scalar(lambda t: -density(t), bracket=(-3, 4), tol=1e-9)
    # The quotient is off by h^2 times the third derivative: 1e-6.
    formula = (a + k) / (a + b + n)
    assert_allclose(special.expit(found.x), formula, atol=1e-5)
    assert abs((a + k - 1) / (a + b + n - 2) - formula) > 0.005


@pytest.mark.equation("eq-regularization-gaussian-prior")
@pytest.mark.parametrize(("sigma", "tau"), [(1.0, 1.0), (0.5, 2.0), (2.0, 0.3)])
def test_gaussian_prior_is_ridge_with_the_ratio_of_variances(data, sigma, tau):
    """Numerical maximum of SciPy's normal densities; scikit-learn's Ridge."""
    X, y = data

    def minus_log_posterior(beta):
        noise = stats.norm.logpdf(y, X @ beta, sigma).sum()
        return -noise - stats.norm.logpdf(beta, 0, tau).sum()

    found = optimize.minimize(minus_log_posterior, np.zeros(4), options={"gtol": 1e-7})
    ratio = sigma**2 / tau**2
    assert_allclose(fit_ridge(X, y, penalty=ratio).coefficients, found.x, atol=1e-6)
    peer = Ridge(alpha=ratio, fit_intercept=False).fit(X, y)
    assert_allclose(peer.coef_, found.x, atol=1e-6)
    # Negative control: the weight for the negative log-likelihood.
    other = fit_ridge(X, y, penalty=1 / (2 * tau**2)).coefficients
    assert np.abs(other - found.x).max() > 1e-3


@pytest.mark.equation("eq-regularization-ridge")
@pytest.mark.parametrize("penalty", [0.01, 1.0, 30.0])
def test_ridge_in_closed_form(data, penalty):
    """Least squares on imagined rows, scikit-learn's SVD solver, and a minimizer."""
    X, y = data
    formula = np.linalg.inv(X.T @ X + penalty * np.eye(4)) @ X.T @ y
    rows = np.vstack([X, np.sqrt(penalty) * np.eye(4)])
    imagined = LinearRegression(fit_intercept=False).fit(rows, np.r_[y, np.zeros(4)])
    assert_allclose(formula, imagined.coef_, rtol=1e-9)
    peer = Ridge(alpha=penalty, fit_intercept=False, solver="svd").fit(X, y)
    assert_allclose(formula, peer.coef_, rtol=1e-9)
    found = climb(lambda b: -((y - X @ b) ** 2).sum() - penalty * b @ b, formula + 0.1)
    assert_allclose(formula, found, atol=1e-5)
    assert_allclose(fit_ridge(X, y, penalty=penalty).coefficients, formula, rtol=1e-9)


@pytest.mark.equation("eq-regularization-intercept")
def test_best_intercept(data):
    """A minimizer over intercept and coefficients; scikit-learn's intercepts."""
    X, y = data
    X, y = X + np.array([3.0, -1.0, 0.0, 10.0]), y + 50
    found = optimize.minimize(
        lambda t: ((y - t[0] - X @ t[1:]) ** 2).sum() + 7 * t[1:] @ t[1:],
        np.zeros(5),
        options={"gtol": 1e-5},
    ).x
    Xc, yc = X - X.mean(axis=0), y - y.mean()
    beta = fit_ridge(Xc, yc, penalty=7.0).coefficients
    assert_allclose(beta, found[1:], atol=1e-4)
    assert_allclose(y.mean() - X.mean(axis=0) @ beta, found[0], atol=1e-3)

    beta = fit_lasso(Xc, yc, penalty=20.0).coefficients
    peer = Lasso(alpha=20.0 / (2 * y.size), tol=1e-14).fit(X, y)
    assert_allclose(beta, peer.coef_, atol=1e-8)
    assert_allclose(y.mean() - X.mean(axis=0) @ beta, peer.intercept_, rtol=1e-8)


@pytest.mark.equation("eq-regularization-shrinkage")
@pytest.mark.parametrize("penalty", [0.1, 5.0])
def test_components_of_ridge_in_the_singular_basis(data, penalty):
    """Ratios of scikit-learn's ridge and least-squares fits along eigenvectors."""
    X, y = data
    ridge = Ridge(alpha=penalty, fit_intercept=False, solver="cholesky").fit(X, y).coef_
    ols = LinearRegression(fit_intercept=False).fit(X, y).coef_
    squares, V = np.linalg.eigh(X.T @ X)
    ratios = (V.T @ ridge) / (V.T @ ols)
    assert_allclose(squares / (squares + penalty), ratios, rtol=1e-8)
    assert_allclose(shrinkage_factors(X, penalty=penalty), ratios[::-1], rtol=1e-8)


@pytest.mark.equation("eq-regularization-laplace-prior")
@pytest.mark.parametrize(("sigma", "b"), [(1.0, 0.1), (1.0, 0.03), (0.6, 0.05)])
def test_laplace_prior_is_the_lasso(data, sigma, b):
    """No step lowers the density of SciPy's laws; scikit-learn's Lasso."""
    X, y = data

    def log_posterior(beta):
        noise = stats.norm.logpdf(y, X @ beta, sigma).sum()
        return noise + stats.laplace.logpdf(beta, 0, b).sum()

    penalty = 2 * sigma**2 / b
    beta = fit_lasso(X, y, penalty=penalty).coefficients
    found = climb(log_posterior, beta + 0.05)
    # The posterior is concave, so the best point found cannot be far above beta.
    assert log_posterior(found) <= log_posterior(beta) + 1e-9
    assert_allclose(found, beta, atol=1e-4)
    peer = Lasso(alpha=penalty / (2 * y.size), fit_intercept=False, tol=1e-14)
    assert_allclose(peer.fit(X, y).coef_, beta, atol=1e-8)
    # Negative control: the weight for the negative log-likelihood.
    other = fit_lasso(X, y, penalty=1 / b).coefficients
    assert log_posterior(other) < log_posterior(beta) - 1e-3


@pytest.mark.equation("eq-regularization-soft-threshold")
@pytest.mark.parametrize("y", [-1.7, -0.5, -0.1, 0.4, 0.5, 0.8])
def test_mode_of_one_coefficient(y):
    """Brute force: SciPy's densities on a fine grid."""
    grid = np.linspace(-2, 2, 40_001)
    log_posterior = stats.norm.logpdf(y, grid, 0.5) + stats.laplace.logpdf(grid, 0, 0.5)
    best = grid[np.argmax(log_posterior)]
    assert_allclose(soft_threshold(y, 0.5**2 / 0.5), best, atol=1e-4)
    # The posterior mean is never zero, unless y is.
    w = np.exp(log_posterior - log_posterior.max())
    assert abs(w @ grid / w.sum()) > 0.01


@pytest.mark.equation("eq-regularization-coordinate")
@pytest.mark.parametrize("j", [0, 1, 2, 3])
@pytest.mark.parametrize("penalty", [1.0, 30.0])
def test_update_of_one_coefficient_is_the_best(data, rng, j, penalty):
    """Golden-section search over a single coefficient, the others held fixed."""
    X, y = data
    beta = rng.normal(size=4)

    def along(value):
        moved = np.where(np.arange(4) == j, value, beta)
        return ((y - X @ moved) ** 2).sum() + penalty * np.abs(moved).sum()

    found = optimize.minimize_scalar(along, bracket=(-10, 10), method="golden").x
    r = y - X @ np.where(np.arange(4) == j, 0, beta)
    formula = soft_threshold(X[:, j] @ r, penalty / 2) / (X[:, j] @ X[:, j])
    assert_allclose(formula, found, atol=1e-6)


@pytest.mark.equation("eq-regularization-kkt")
@pytest.mark.parametrize("penalty", [2.0, 15.0, 60.0, 200.0])
def test_conditions_hold_where_no_direction_leads_down(data, rng, penalty):
    """Difference quotients in random directions at scikit-learn's minimum."""
    X, y = data

    def objective(b):
        return ((y - X @ b) ** 2).sum() + penalty * np.abs(b).sum()

    def steepest(b):
        directions = np.vstack([np.eye(4), -np.eye(4), rng.normal(size=(400, 4))])
        return min((objective(b + 1e-6 * v) - objective(b)) / 1e-6 for v in directions)

    peer = Lasso(alpha=penalty / (2 * y.size), fit_intercept=False, tol=1e-15)
    beta = peer.fit(X, y).coef_
    pull = 2 * X.T @ (y - X @ beta)
    on = beta != 0
    assert_allclose(pull[on], penalty * np.sign(beta[on]), rtol=1e-6)
    assert (np.abs(pull[~on]) <= penalty * (1 + 1e-9)).all()
    assert steepest(beta) > -1e-4
    gap = kkt_residuals(beta, X, y, l1_penalty=penalty, l2_penalty=0)
    assert gap.max() < 1e-5
    # Where they fail there is a way down, as steep as the largest violation.
    off = beta + 0.01 * np.eye(4)[0]
    gap = kkt_residuals(off, X, y, l1_penalty=penalty, l2_penalty=0)
    assert gap.max() > 0.01
    assert_allclose(steepest(off), -gap.max(), atol=np.linalg.norm(gap) * 3)
    assert steepest(off) < -0.5 * gap.max()


@pytest.mark.equation("eq-regularization-grouping")
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1, 0.5, 2.0])
@pytest.mark.parametrize("l2", [0.1, 1.0])
def test_near_twins_get_near_coefficients(rng, noise, l2):
    """Brute force over random near twins, fitted by scikit-learn's ElasticNet."""
    for _ in range(20):
        x, z, e = rng.normal(size=(3, 31))
        X = np.c_[x, x + noise * z, rng.normal(size=31)]
        X /= np.linalg.norm(X, axis=0)
        y = 3 * X[:, 0] + X[:, 2] + 0.3 * e
        l1 = 0.5
        beta = (
            ElasticNet(
                alpha=(l1 + 2 * l2) / 62,
                l1_ratio=l1 / (l1 + 2 * l2),
                fit_intercept=False,
                tol=1e-14,
                max_iter=100_000,
            )
            .fit(X, y)
            .coef_
        )
        ours = fit_elastic_net(X, y, l1_penalty=l1, l2_penalty=l2, max_iter=100_000)
        assert_allclose(ours.coefficients, beta, atol=1e-6)
        if beta[0] * beta[1] > 0:
            slack = np.sqrt(max(0, 2 * (1 - X[:, 0] @ X[:, 1])))
            bound = np.linalg.norm(y) / l2 * slack
            assert abs(beta[0] - beta[1]) <= bound + 1e-6


@pytest.mark.equation("eq-regularization-normalizers")
@pytest.mark.parametrize(("k1", "k2"), [(1.0, 1.0), (0.3, 2.0), (4.0, 0.5)])
def test_normalizing_constants(k1, k2):
    """Quadrature."""

    def area(R):
        return 2 * integrate.quad(lambda t: np.exp(-R(t)), 0, np.inf, epsabs=1e-12)[0]

    c = k1 / (2 * np.sqrt(k2))
    assert_allclose(np.sqrt(np.pi / k2), area(lambda t: k2 * t * t), rtol=1e-9)
    assert_allclose(2 / k1, area(lambda t: k1 * t), rtol=1e-9)
    formula = np.sqrt(np.pi / k2) * np.exp(c**2) * special.erfc(c)
    assert_allclose(formula, area(lambda t: k1 * t + k2 * t * t), rtol=1e-9)
