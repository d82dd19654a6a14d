"""The equations of "Bayesian linear regression", each by another route."""

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats
from sklearn.linear_model import Ridge

from mlnotes.likelihood.bayesian_linear_regression import predict, prior, update

KM = np.array([1.0, 2.0, 3.0, 5.0, 6.0, 7.0])
MINUTES = np.array([5.0, 11.0, 15.0, 19.0, 25.0, 27.0])
RIDES = np.column_stack([np.ones(6), KM])
BEFORE = prior(2, precision=0.04, noise_variance=2.25)


def formulas(X, y, precision, variance):
    """Covariance S and mean m as they are printed in the lesson."""
    S = np.linalg.inv(precision * np.eye(X.shape[1]) + X.T @ X / variance)
    return S, S @ X.T @ y / variance


def within_five_errors(samples, expected):
    """Whether a mean of independent values is within 5 standard errors."""
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    assert np.all(np.abs(samples.mean(axis=0) - expected) < 5 * error)


@pytest.mark.equation("eq-bayesian-linear-regression-posterior")
def test_posterior_on_a_grid():
    """Brute force: likelihood times prior on a grid, from SciPy's densities."""
    a, b = np.meshgrid(np.linspace(-8, 14, 501), np.linspace(0.5, 6.5, 501))
    log_joint = stats.norm.logpdf(a, 0, 5) + stats.norm.logpdf(b, 0, 5)
    for x, y in zip(KM, MINUTES, strict=True):
        log_joint += stats.norm.logpdf(y, a + b * x, 1.5)
    share = np.exp(log_joint - log_joint.max())
    share /= share.sum()
    points = np.stack([a, b], axis=-1)
    mean = np.einsum("ij,ijk->k", share, points)
    away = points - mean
    covariance = np.einsum("ij,ijk,ijl->kl", share, away, away)
    S, m = formulas(RIDES, MINUTES, 0.04, 2.25)
    # A smooth density that has died out at the border: the grid is nearly exact.
    assert_allclose(m, mean, rtol=1e-6)
    assert_allclose(S, covariance, rtol=1e-5)
    after = update(BEFORE, RIDES, MINUTES)
    assert_allclose(after.mean, mean, rtol=1e-6)
    assert_allclose(after.covariance, covariance, rtol=1e-5)


@pytest.mark.equation("eq-bayesian-linear-regression-posterior")
def test_posterior_is_proportional_to_likelihood_times_prior(rng):
    """SciPy's densities: log joint minus log posterior is one constant."""
    X, y, lam, s2 = rng.normal(size=(5, 3)), rng.normal(size=5), 0.7, 0.4
    S, m = formulas(X, y, lam, s2)
    gaps = [
        stats.norm.logpdf(y, X @ w, np.sqrt(s2)).sum()
        + stats.norm.logpdf(w, 0, 1 / np.sqrt(lam)).sum()
        - stats.multivariate_normal.logpdf(w, m, S)
        for w in 3 * rng.normal(size=(50, 3))
    ]
    assert np.ptp(gaps) < 1e-9


@pytest.mark.equation("eq-bayesian-linear-regression-ridge")
def test_mean_is_a_ridge_estimate(rng):
    """scikit-learn's Ridge, and a numerical minimizer of the objective."""
    X, y, lam, s2 = rng.normal(size=(23, 3)), rng.normal(size=23), 3.0, 1.7
    mean = update(prior(3, lam, s2), X, y).mean
    peer = Ridge(alpha=lam * s2, fit_intercept=False).fit(X, y)
    assert_allclose(mean, peer.coef_, rtol=1e-9)
    found = optimize.minimize(
        lambda w: ((y - X @ w) ** 2).sum() + lam * s2 * w @ w, np.zeros(3)
    )
    assert_allclose(mean, found.x, atol=1e-6)
    other = Ridge(alpha=lam, fit_intercept=False).fit(X, y)
    assert np.abs(mean - other.coef_).max() > 1e-3  # the penalty is not lambda


@pytest.mark.equation("eq-bayesian-linear-regression-predictive")
def test_predictive_distribution_by_quadrature():
    """Quadrature over lines: the density of a new target at several values."""
    two = update(BEFORE, RIDES[:2], MINUTES[:2])
    S, m = formulas(RIDES[:2], MINUTES[:2], 0.04, 2.25)
    x = np.array([1.0, 4.0])
    posterior = stats.multivariate_normal(m, S)
    a, b = np.meshgrid(np.linspace(-20, 20, 401), np.linspace(-8, 18, 401))
    cell = (a[0, 1] - a[0, 0]) * (b[1, 0] - b[0, 0])
    weight = posterior.pdf(np.stack([a, b], axis=-1)) * cell
    forecast = predict(two, x[None])
    for target in (10.0, 20.0, 27.5):
        average = (stats.norm.pdf(target, a + 4 * b, 1.5) * weight).sum()
        formula = stats.norm.logpdf(target, x @ m, np.sqrt(2.25 + x @ S @ x))
        assert_allclose(np.exp(formula), average, rtol=1e-6)
        assert_allclose(np.exp(forecast.log_prob(target)), [average], rtol=1e-6)


@pytest.mark.equation("eq-bayesian-linear-regression-predictive")
def test_predictive_moments_by_simulation(rng):
    """Simulation: lines from the posterior, then noise, within 5 standard errors."""
    S, m = formulas(RIDES, MINUTES, 0.04, 2.25)
    x = np.array([1.0, 9.0])
    targets = rng.multivariate_normal(m, S, 200_000) @ x + rng.normal(0, 1.5, 200_000)
    forecast = predict(update(BEFORE, RIDES, MINUTES), x[None])
    within_five_errors(targets, forecast.loc)
    within_five_errors((targets - x @ m) ** 2, forecast.variance())


@pytest.mark.equation("eq-bayesian-linear-regression-predictive")
def test_bands_cover_as_promised(rng):
    """Simulation: 95% of new targets if lines come from the prior, 5 errors."""
    n = 200_000
    w = rng.normal(0, 5, (n, 2))
    Y = w @ RIDES.T + rng.normal(0, 1.5, (n, 6))
    after = update(BEFORE, RIDES, MINUTES)
    means = Y @ RIDES @ after.covariance / 2.25
    for distance in (0.0, 4.0, 25.0):
        x = np.array([1.0, distance])
        y_new = w @ x + rng.normal(0, 1.5, n)
        sd = predict(after, x[None]).scale[0]
        covered = np.abs(y_new - means @ x) < stats.norm.ppf(0.975) * sd
        within_five_errors(covered.astype(float), 0.95)


@pytest.mark.equation("eq-bayesian-linear-regression-prior-predictive")
def test_prior_predictive_by_simulation(rng):
    """Simulation from prior and noise: moments and a tail, 5 standard errors."""
    x = np.array([1.0, 4.0])
    targets = rng.normal(0, 5, (200_000, 2)) @ x + rng.normal(0, 1.5, 200_000)
    forecast = predict(BEFORE, x[None])
    assert_allclose(forecast.variance(), [2.25 + 25 * 17], rtol=1e-12)
    within_five_errors(targets, 0.0)
    within_five_errors(targets**2, 2.25 + 25 * 17)
    tail = stats.norm.sf(30, forecast.loc[0], forecast.scale[0])
    within_five_errors((targets > 30).astype(float), tail)


@pytest.mark.equation("eq-bayesian-linear-regression-sequential")
def test_one_at_a_time_in_any_order_is_one_batch(rng):
    """SciPy's joint normal of weights and all targets, conditioned in one go."""
    X, y, lam, s2 = rng.normal(size=(7, 3)), rng.normal(size=7), 0.3, 0.8
    across = X / lam  # covariance of targets and weights
    joint = s2 * np.eye(7) + X @ X.T / lam
    mean = across.T @ np.linalg.solve(joint, y)
    covariance = np.eye(3) / lam - across.T @ np.linalg.solve(joint, across)
    for order in (range(7), rng.permutation(7)):
        belief = prior(3, lam, s2)
        for i in order:
            belief = update(belief, X[[i]], y[[i]])
        assert_allclose(belief.mean, mean, rtol=1e-10)
        assert_allclose(belief.covariance, covariance, rtol=1e-9, atol=1e-12)
    # The printed recursion, from a general belief.
    first = update(prior(3, lam, s2), X[:4], y[:4])
    P = np.linalg.inv(first.covariance)
    P_new = P + X[4:].T @ X[4:] / s2
    m_new = np.linalg.solve(P_new, P @ first.mean + X[4:].T @ y[4:] / s2)
    assert_allclose(m_new, mean, rtol=1e-10)
    assert_allclose(np.linalg.inv(P_new), covariance, rtol=1e-9, atol=1e-12)


@pytest.mark.equation("eq-bayesian-linear-regression-marginal")
def test_marginal_distribution_of_the_targets(rng):
    """Simulation of all six targets at once: every entry of the covariance."""
    Y = rng.normal(0, 5, (100_000, 2)) @ RIDES.T + rng.normal(0, 1.5, (100_000, 6))
    covariance = 2.25 * np.eye(6) + RIDES @ RIDES.T / 0.04
    within_five_errors(Y, np.zeros(6))
    within_five_errors(Y[:, :, None] * Y[:, None, :], covariance)


@pytest.mark.equation(
    "eq-bayesian-linear-regression-evidence", "eq-bayesian-linear-regression-marginal"
)
def test_evidence_by_quadrature():
    """Quadrature of likelihood times prior over both weights, with SciPy's dblquad."""
    X, y = RIDES[:3], MINUTES[:3]

    def joint(b, a):
        return np.exp(
            stats.norm.logpdf(y, a + b * X[:, 1], 1.5).sum()
            + stats.norm.logpdf([a, b], 0, 5).sum()
        )

    total, _ = integrate.dblquad(joint, -12, 12, -2, 12, epsrel=1e-6)
    S, m = formulas(X, y, 0.04, 2.25)
    misses = y - X @ m
    formula = (
        -3 / 2 * np.log(2 * np.pi * 2.25)
        - misses @ misses / (2 * 2.25)
        - 0.04 * m @ m / 2
        + np.log(0.04**2 * np.linalg.det(S)) / 2
    )
    marginal = 2.25 * np.eye(3) + X @ X.T / 0.04
    assert_allclose(np.log(total), formula, atol=1e-5)
    assert_allclose(update(BEFORE, X, y).log_evidence, formula, rtol=1e-12)
    density = stats.multivariate_normal.logpdf(y, np.zeros(3), marginal)
    assert_allclose(density, formula, rtol=1e-12)


@pytest.mark.equation("eq-bayesian-linear-regression-evidence")
def test_evidence_of_two_targets_in_general():
    """Computer algebra: one weight and two targets, integrated in symbols."""
    w, x1, x2, y1, y2 = sp.symbols("w x1 x2 y1 y2", real=True)
    lam, s2 = sp.symbols("lambda s2", positive=True)
    P = lam + (x1**2 + x2**2) / s2
    m = (x1 * y1 + x2 * y2) / s2 / P
    joint = (
        -sp.log(2 * sp.pi * s2)
        - ((y1 - x1 * w) ** 2 + (y2 - x2 * w) ** 2) / (2 * s2)
        - sp.log(2 * sp.pi / lam) / 2
        - lam * w**2 / 2
    )
    # The joint is a parabola in w with its top at m and the curvature -P.
    assert sp.simplify(sp.diff(joint, w).subs(w, m)) == 0
    assert sp.simplify(sp.diff(joint, w, 2) + P) == 0
    integral = joint.subs(w, m) + sp.log(2 * sp.pi / P) / 2
    formula = (
        -sp.log(2 * sp.pi * s2)
        - ((y1 - x1 * m) ** 2 + (y2 - x2 * m) ** 2) / (2 * s2)
        - lam * m**2 / 2
        + sp.log(lam / P) / 2
    )
    assert sp.simplify(sp.expand_log(integral - formula, force=True)) == 0
    values = {x1: 1.5, x2: -0.5, y1: 2.0, y2: 0.3, lam: 0.7, s2: 1.3}
    total, _ = integrate.quad(
        sp.lambdify(w, sp.exp(joint.subs(values))), -np.inf, np.inf
    )
    assert_allclose(np.log(total), float(formula.subs(values)), rtol=1e-8)


@pytest.mark.equation("eq-bayesian-linear-regression-directions")
def test_singular_directions(rng):
    """Covariance and mean of the package, turned by NumPy's singular vectors."""
    X, y, lam, s2 = rng.normal(size=(11, 3)), rng.normal(size=11), 0.6, 1.9
    X[:, 2] = X[:, 0] - X[:, 1] + 0.01 * X[:, 2]
    after = update(prior(3, lam, s2), X, y)
    _, d, Vt = np.linalg.svd(X, full_matrices=False)
    turned = Vt @ after.covariance @ Vt.T
    assert_allclose(np.diag(turned), 1 / (lam + d**2 / s2), rtol=1e-8)
    # Directions are independent: nothing off the diagonal.
    assert_allclose(turned, np.diag(np.diag(turned)), atol=1e-9)
    ols, *_ = np.linalg.lstsq(X, y)
    assert_allclose(
        Vt @ after.mean, d**2 / (d**2 + lam * s2) * (Vt @ ols), rtol=1e-7, atol=1e-9
    )


@pytest.mark.equation("eq-bayesian-linear-regression-directions")
def test_silent_direction_keeps_its_prior():
    """Exactly dependent columns: variance 1 / lambda along the null vector."""
    X = np.column_stack([KM, 2 * KM])
    after = update(prior(2, 0.04, 2.25), X, MINUTES)
    null = np.array([2.0, -1.0]) / np.sqrt(5)
    assert_allclose(null @ after.covariance @ null, 25, rtol=1e-9)
    assert_allclose(null @ after.mean, 0, atol=1e-12)
