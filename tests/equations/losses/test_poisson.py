"""The equations of the lesson "Counts: the Poisson loss", each by another route."""

from math import factorial

import numpy as np
import pytest
import statsmodels.api as sm
import sympy as sp
from numpy.testing import assert_allclose
from scipy import optimize, special, stats
from sklearn.linear_model import PoissonRegressor

from mlnotes.likelihood.generalized_linear_models import fit_glm
from mlnotes.losses.deviances import (
    poisson_deviance,
    poisson_gradient,
    poisson_loss,
    tweedie_family,
)

CASES = np.array(
    [1, 6, 16, 23, 27, 39, 31, 30, 43, 51, 63, 70, 88, 97, 91, 104, 110, 113, 149, 159]
)
GROWTH = np.column_stack([np.ones(20), np.log(np.arange(1, 21))])
FOUR = np.array([2, 0, 3, 1])


def design(rng, n=23):
    """Intercept, a number and an indicator."""
    return np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.4])


def log_likelihood(beta, X, y):
    """SciPy's, with every constant."""
    return stats.poisson.logpmf(y, np.exp(X @ beta)).sum()


def hessian(f, x, h=1e-4):
    """Second differences, by hand."""
    steps = h * np.eye(x.size)
    return np.array(
        [
            [
                (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2)
                for a in steps
            ]
            for b in steps
        ]
    )


@pytest.mark.equation("eq-poisson-response")
def test_the_response_is_the_number_of_arrivals(rng):
    """Simulated arrivals with exponential gaps, counted, within 5 standard errors."""
    x, beta = np.array([1.0, 0.5]), np.array([0.3, 0.8])
    mean = np.exp(x @ beta)
    gaps = rng.exponential(1 / mean, size=(100_000, 25))
    counts = (np.cumsum(gaps, axis=1) < 1).sum(axis=1)
    for k in range(9):
        p = mean**k * np.exp(-mean) / factorial(k)
        error = np.sqrt(p * (1 - p) / counts.size)
        assert abs((counts == k).mean() - p) < 5 * error
        assert_allclose(stats.poisson.pmf(k, mean), p, rtol=1e-12)


@pytest.mark.equation("eq-poisson-pooled")
def test_pooled_counts_have_the_variance_of_the_means_on_top():
    """Mean and variance of the mixture, summed up from its probabilities."""
    means, shares = np.exp([0.0, 1.0, 2.0, 3.0]), np.array([0.4, 0.3, 0.2, 0.1])
    k = np.arange(400)
    mixture = shares @ stats.poisson.pmf(k, means[:, None])
    mean = mixture @ k
    variance = mixture @ (k - mean) ** 2
    expected_mean = shares @ means
    of_the_means = shares @ (means - expected_mean) ** 2
    assert_allclose(mean, expected_mean, rtol=1e-12)
    assert_allclose(variance, expected_mean + of_the_means, rtol=1e-12)
    assert variance > 5 * mean
    for mu in means:  # at a fixed x they are equal
        p = stats.poisson.pmf(k, mu)
        assert_allclose(p @ (k - mu) ** 2, mu, rtol=1e-12)


@pytest.mark.equation("eq-poisson-nll")
def test_negative_log_likelihood_is_the_loss_and_a_factorial(rng):
    """SciPy's log-probabilities; the dropped part is the same for all coefficients."""
    X = design(rng)
    y = rng.poisson(3.0, size=23)
    dropped = [
        -log_likelihood(beta, X, y) - poisson_loss(np.exp(X @ beta), y).sum()
        for beta in rng.normal(size=(5, 3))
    ]
    assert_allclose(dropped, np.log([float(factorial(k)) for k in y]).sum(), rtol=1e-10)
    assert_allclose(-stats.poisson.logpmf(FOUR, 1.5).sum(), 6.052116, atol=5e-7)
    assert_allclose(poisson_loss(1.5, FOUR).sum() + np.log(12), 6.052116, atol=5e-7)
    found = optimize.minimize_scalar(
        lambda m: -stats.poisson.logpmf(FOUR, m).sum(),
        bounds=(0.1, 9),
        method="bounded",
    )
    assert_allclose(found.x, FOUR.mean(), rtol=1e-5)


def test_the_factorial_is_not_small_for_any_number_of_examples():
    k = np.arange(200)
    p = stats.poisson.pmf(k, 4)
    assert_allclose(p @ special.gammaln(k + 1), 3.63185, atol=5e-6)
    assert_allclose(p @ poisson_loss(4.0, k), -1.54518, atol=5e-6)
    assert_allclose(p @ poisson_loss(4.0, k), 4 - 4 * np.log(4), rtol=1e-12)


@pytest.mark.equation("eq-poisson-deviance")
def test_deviance_is_the_distance_to_a_perfect_fit(rng):
    """statsmodels, and SciPy's log-probabilities at the counts themselves."""
    y = np.append(rng.poisson(3.0, size=30), 0)
    mean = rng.gamma(2.0, size=31)
    total = poisson_deviance(mean, y).sum()
    assert_allclose(total, sm.families.Poisson().deviance(y, mean), rtol=1e-10)
    # A Poisson variable with the mean 0 is 0: SciPy gives it the probability 1.
    ahead = stats.poisson.logpmf(y, y).sum() - stats.poisson.logpmf(y, mean).sum()
    assert_allclose(total, 2 * ahead, rtol=1e-10)
    constants = [
        (poisson_deviance(m, FOUR) - 2 * poisson_loss(m, FOUR)).sum()
        for m in (1.0, 1.5, 2.0, 30.0)
    ]
    assert_allclose(constants, -2.635738, atol=5e-7)
    assert_allclose(poisson_deviance(1.5, FOUR).sum(), 4.498681, atol=5e-7)


@pytest.mark.equation("eq-poisson-small-miss")
def test_a_small_miss_costs_its_square_in_units_of_the_variance():
    """Computer algebra: Taylor series in the relative miss."""
    mu, r = sp.symbols("mu r", positive=True)
    y = mu * (1 + r)
    unit = 2 * (y * sp.log(y / mu) - (y - mu))
    series = sp.series(sp.expand_log(unit, force=True), r, 0, 3).removeO()
    leading = ((y - mu) ** 2 / mu).expand()
    assert sp.simplify(series - leading) == 0
    for miss in (1e-2, 1e-3, -1e-3):
        found = poisson_deviance(1000.0, round(1000 * (1 + miss)))
        assert abs(found / (1000 * miss**2) - 1) < abs(miss)


@pytest.mark.equation("eq-poisson-score")
def test_score_is_the_gradient_and_vanishes_at_the_maximum(rng):
    """Finite differences of SciPy's log-likelihood."""
    X = design(rng)
    y, beta = rng.poisson(3.0, size=23), 0.5 * rng.normal(size=3)
    slopes = optimize.approx_fprime(beta, lambda b: log_likelihood(b, X, y), 1e-7)
    mean = np.exp(X @ beta)
    assert_allclose(X.T @ (y - mean), slopes, rtol=1e-5, atol=1e-4)
    by_mean = X.T @ (-poisson_gradient(mean, y) * mean)  # the chain rule
    assert_allclose(by_mean, slopes, rtol=1e-5, atol=1e-4)
    fitted = np.exp(GROWTH @ fit_glm(GROWTH, CASES, tweedie_family(1)).coefficients)
    assert_allclose(fitted.sum(), 1311, rtol=1e-8)
    assert_allclose(GROWTH.T @ (CASES - fitted), 0, atol=1e-5)


@pytest.mark.equation("eq-poisson-information")
def test_information_is_minus_the_hessian_whatever_the_counts(rng):
    """Second differences of SciPy's log-likelihood for several data sets."""
    X, beta = design(rng), 0.5 * rng.normal(size=3)
    J = (X.T * np.exp(X @ beta)) @ X
    for _ in range(3):
        y = rng.poisson(3.0, size=23)
        numeric = hessian(lambda b, y=y: log_likelihood(b, X, y), beta)
        assert_allclose(J, -numeric, rtol=1e-5, atol=1e-5)
    assert np.linalg.eigvalsh(J)[0] > 0
    fit = fit_glm(GROWTH, CASES, tweedie_family(1))
    weights = np.exp(GROWTH @ fit.coefficients)
    assert_allclose(fit.information, (GROWTH.T * weights) @ GROWTH, rtol=1e-8)


@pytest.mark.equation("eq-poisson-irls")
def test_newtons_step_is_a_weighted_fit_to_the_working_response(rng):
    """Newton's step from finite differences, and weighted least squares elsewhere."""
    X = design(rng)
    y, beta = rng.poisson(3.0, size=23), 0.5 * rng.normal(size=3)

    def f(b):
        return log_likelihood(b, X, y)

    slope = optimize.approx_fprime(beta, f, 1e-7)
    newton = beta - np.linalg.solve(hessian(f, beta), slope)
    mean = np.exp(X @ beta)
    working = X @ beta + (y - mean) / mean
    weighted = sm.WLS(working, X, weights=mean).fit().params
    assert_allclose(weighted, newton, rtol=1e-4, atol=1e-4)
    assert_allclose(
        beta + np.linalg.solve((X.T * mean) @ X, X.T @ (y - mean)), weighted, rtol=1e-9
    )
    at_mean = [np.log(CASES.mean()), 0.0]
    for _ in range(8):  # repeated, it reaches the fit of scikit-learn
        mean = np.exp(GROWTH @ at_mean)
        working = GROWTH @ at_mean + (CASES - mean) / mean
        at_mean = sm.WLS(working, GROWTH, weights=mean).fit().params
    peer = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(GROWTH[:, 1:], CASES)
    assert_allclose(at_mean, [peer.intercept_, *peer.coef_], rtol=1e-6)


@pytest.mark.equation("eq-poisson-factor")
def test_one_more_unit_multiplies_the_mean(rng):
    """Means summed up from probabilities, and two groups with their averages."""
    k = np.arange(300)
    beta, x = np.array([0.4, 0.7, -0.2]), np.array([1.0, 1.3, 2.0])
    mean = k @ stats.poisson.pmf(k, np.exp(x @ beta))
    for j in (1, 2):
        more = k @ stats.poisson.pmf(k, np.exp((x + np.eye(3)[j]) @ beta))
        assert_allclose(more / mean, np.exp(beta[j]), rtol=1e-10)
    y = rng.poisson(4.0, size=30)
    group = np.arange(30) % 3 == 0
    fit = fit_glm(np.column_stack([np.ones(30), group]), y, tweedie_family(1))
    ratio = y[group].mean() / y[~group].mean()
    assert_allclose(np.exp(fit.coefficients[1]), ratio, rtol=1e-6)


@pytest.mark.equation("eq-poisson-dispersion")
@pytest.mark.parametrize("phi", [1, 4])
def test_pearsons_statistic_estimates_the_dispersion(rng, phi):
    """Simulation within 5 standard errors, and statsmodels for one data set."""
    X = np.column_stack([np.ones(300), rng.uniform(size=300)])
    mean = np.exp(X @ [2.0, 1.0])
    found = []
    for _ in range(200):
        y = (
            rng.poisson(mean)
            if phi == 1
            else rng.negative_binomial(mean / (phi - 1), 1 / phi)
        )
        fitted = np.exp(X @ fit_glm(X, y, tweedie_family(1)).coefficients)
        found.append(((y - fitted) ** 2 / fitted).sum() / (300 - 2))
    # The bias of the estimate is of the order of phi / 300.
    error = np.std(found) / np.sqrt(200)
    assert abs(np.mean(found) - phi) < 5 * error + phi / 300
    peer = sm.GLM(y, X, family=sm.families.Poisson()).fit()
    assert_allclose(found[-1], peer.pearson_chi2 / peer.df_resid, rtol=1e-6)


def test_the_epidemic_in_other_programs():
    """The figures that the text of the lesson rests on."""
    for X, deviance, dispersion in (
        (GROWTH, 21.755106, 1.20365),
        (np.column_stack([np.ones(20), np.arange(1, 21)]), 53.019998, 2.35464),
    ):
        fit = fit_glm(X, CASES, tweedie_family(1))
        peer = sm.GLM(CASES, X, family=sm.families.Poisson()).fit(tol=1e-12)
        assert_allclose(fit.coefficients, peer.params, rtol=1e-6)
        assert_allclose(fit.standard_errors, peer.bse, rtol=1e-6)
        assert_allclose([fit.deviance, peer.deviance], deviance, atol=5e-7)
        assert_allclose(peer.pearson_chi2 / 18, dispersion, atol=5e-6)


def test_poisson_noise_is_not_a_poisson_response():
    f, rate = 2.5, 1.0
    assert stats.poisson.pmf(3 - f, rate) == 0
    assert_allclose(stats.poisson.pmf(3, f), 0.213763, atol=5e-7)
    assert stats.poisson.mean(rate) + f == 3.5
