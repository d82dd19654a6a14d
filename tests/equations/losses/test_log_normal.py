"""The equations of the lesson "Multiplicative noise: the log-normal loss"."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats

from mlnotes.likelihood.least_squares import add_intercept
from mlnotes.losses.log_normal import (
    fit_log_normal,
    log_normal_gradient,
    log_normal_loss,
)
from mlnotes.probability.distributions import LogNormal


def density(y, m, sigma):
    """The density as the lesson writes it."""
    normal = np.exp(-((np.log(y) - m) ** 2) / (2 * sigma**2))
    return normal / (y * np.sqrt(2 * np.pi * sigma**2))


@pytest.mark.equation("eq-log-normal-density")
@pytest.mark.parametrize(("m", "sigma"), [(0.0, 1.0), (1.3, 0.4), (-2.0, 2.0)])
def test_density_of_an_exponential_of_a_normal(m, sigma):
    """Differences of the Normal distribution function at log y, and total mass."""
    for y in np.exp(m + sigma * np.array([-1.5, 0.0, 0.3, 2.0])):
        h = 1e-5 * y
        slope = np.diff(stats.norm.cdf(np.log([y - h, y + h]), m, sigma))[0] / (2 * h)
        assert_allclose(density(y, m, sigma), slope, rtol=1e-7)
        got = np.exp(LogNormal(m, sigma).log_prob(y))
        assert_allclose(got, density(y, m, sigma), rtol=1e-12)
    mass, _ = integrate.quad(
        lambda u: density(np.exp(u), m, sigma) * np.exp(u), -40, 40
    )
    assert_allclose(mass, 1.0, rtol=1e-8)


def test_added_noise_has_another_density():
    added = np.exp(LogNormal(0.0, 1.0).log_prob(2.0 - 1.0))
    factor = np.exp(LogNormal(1.0, 1.0).log_prob(2.0))
    assert_allclose([added, factor], [0.398942, 0.190298], atol=5e-7)
    assert np.exp(LogNormal(0.0, 1.0).log_prob(0.9 - 1.0)) == 0


@pytest.mark.equation("eq-log-normal-centers")
@pytest.mark.parametrize(("m", "sigma"), [(0.0, 1.0), (np.log(40), 0.849), (-1.0, 0.3)])
def test_mode_median_mean(m, sigma):
    """Numerical maximization, SciPy's median, and quadrature of y p(y)."""
    law = stats.lognorm(sigma, scale=np.exp(m))
    top = optimize.minimize_scalar(
        lambda u: -law.logpdf(np.exp(u)), bracket=(m - 2 * sigma**2, m)
    )
    assert_allclose(np.exp(m - sigma**2), np.exp(top.x), rtol=1e-6)
    assert_allclose(np.exp(m), law.median(), rtol=1e-12)
    mean, _ = integrate.quad(
        lambda z: np.exp(m + sigma * z) * stats.norm.pdf(z), -12, 12, epsabs=1e-12
    )
    assert_allclose(np.exp(m + sigma**2 / 2), mean, rtol=1e-9)
    assert np.exp(m - sigma**2) < np.exp(m) < mean


@pytest.mark.equation("eq-log-normal-variation")
@pytest.mark.parametrize("sigma", [0.05, 0.5, 1.2])
def test_coefficient_of_variation(sigma):
    """Quadrature of the first two moments, for two medians."""
    for m in (0.0, 3.0):
        first, second = (
            integrate.quad(
                lambda z, t=t, m=m: np.exp(t * (m + sigma * z)) * stats.norm.pdf(z),
                -14,
                14,
            )[0]
            for t in (1, 2)
        )
        ratio = np.sqrt(second - first**2) / first
        assert_allclose(np.sqrt(np.expm1(sigma**2)), ratio, rtol=1e-6)
    if sigma < 0.1:  # the next term of the series is sigma^3 / 4
        assert_allclose(ratio, sigma, atol=sigma**3 / 3)


@pytest.mark.equation("eq-log-normal-nll")
def test_nll_is_minus_the_log_of_the_product(rng):
    """Logarithm of the product of SciPy's densities."""
    m, y = rng.normal(size=9), np.exp(rng.normal(size=9))
    product = stats.lognorm.pdf(y, 0.7, scale=np.exp(m)).prod()
    square = (np.log(y) - m) ** 2 / (2 * 0.7**2)
    terms = np.log(y) + 0.5 * np.log(2 * np.pi * 0.7**2) + square
    assert_allclose(terms.sum(), -np.log(product), rtol=1e-12)
    got = log_normal_loss(m, np.log(0.7), y).sum()
    assert_allclose(got, -np.log(product), rtol=1e-12)


@pytest.mark.equation("eq-log-normal-equivalence", "eq-log-normal-scale")
def test_best_parameters_are_those_of_least_squares_on_the_logarithm(rng):
    """Minimization of SciPy's density over coefficients and scale together."""
    x = rng.normal(size=25)
    y = np.exp(0.5 - x + 0.6 * rng.normal(size=25))

    def nll(u):
        scale = np.exp(u[0] + u[1] * x)
        return -stats.lognorm.logpdf(y, np.exp(u[2]), scale=scale).sum()

    found = optimize.minimize(nll, np.zeros(3), method="BFGS", options={"gtol": 1e-7})
    slope, intercept = np.polyfit(x, np.log(y), 1)
    variance = np.mean((np.log(y) - intercept - slope * x) ** 2)
    # BFGS stops within about sqrt(eps) of the minimizer.
    assert_allclose([intercept, slope], found.x[:2], atol=1e-5)
    assert_allclose(variance, np.exp(2 * found.x[2]), rtol=1e-5)
    for sigma in (0.2, 3.0):  # the coefficients do not depend on the scale
        other = optimize.minimize(lambda u, s=sigma: nll([*u, np.log(s)]), np.zeros(2))
        assert_allclose(other.x, [intercept, slope], atol=1e-5)


@pytest.mark.equation("eq-log-normal-gradient")
def test_gradient():
    """Central differences of SciPy's log density."""
    h = 1e-6
    for m, s, y in ((0.3, 0.2, 4.0), (-1.0, -1.0, 0.5), (2.0, 1.0, 2.0)):

        def nll(m, s, y=y):
            return -stats.lognorm.logpdf(y, np.exp(s), scale=np.exp(m))

        slopes = [
            (nll(m + h, s) - nll(m - h, s)) / (2 * h),
            (nll(m, s + h) - nll(m, s - h)) / (2 * h),
        ]
        assert_allclose(log_normal_gradient(m, s, y), slopes, rtol=1e-6)


@pytest.mark.equation("eq-log-normal-smearing")
@pytest.mark.parametrize("noise", ["normal", "coin"])
def test_smearing_finds_the_mean_whatever_the_noise(noise, rng):
    """Simulation within 5 standard errors, also where the noise is not Normal."""
    n = 20_000
    x = rng.uniform(-1, 1, size=n)
    eps = rng.normal(0, 0.5, n) if noise == "normal" else rng.choice([-0.7, 0.7], n)
    truth = np.exp(0.5**2 / 2) if noise == "normal" else np.cosh(0.7)
    fit = fit_log_normal(add_intercept(x), np.exp(1 + 2 * x + eps))
    error = np.exp(eps).std() / np.sqrt(n)
    assert abs(fit.smearing_factor - truth) < 5 * error
    # The conditional mean at x = 0.3, where the fit adds about as much again.
    median = np.exp(fit.predict([[1.0, 0.3]]).loc[0])
    got, wanted = median * fit.smearing_factor, np.exp(1.6) * truth
    assert abs(got - wanted) < 10 * wanted * error
    if noise == "coin":
        assert abs(np.exp(fit.scale**2 / 2) - truth) > 3 * error


@pytest.mark.equation("eq-log-normal-jacobian")
def test_the_term_of_the_change_of_variables(rng):
    """SciPy's densities of y and of log y, and a change of unit."""
    y = np.exp(rng.normal(2, 0.7, size=12))
    nll_y = -stats.lognorm.logpdf(y, 0.7, scale=np.exp(2.0)).sum()
    nll_log = -stats.norm.logpdf(np.log(y), 2.0, 0.7).sum()
    assert_allclose(nll_log + np.log(y).sum(), nll_y, rtol=1e-12)
    # A model of y in another unit pays n log(unit); that of log y does not notice.
    fits = [fit_log_normal(np.ones((12, 1)), unit * y) for unit in (1.0, 60.0)]
    totals = [fit.negative_log_likelihood for fit in fits]
    assert_allclose(totals[1] - totals[0], 12 * np.log(60), rtol=1e-12)
    without = [
        t - np.log(u * y).sum() for t, u in zip(totals, (1.0, 60.0), strict=True)
    ]
    assert_allclose(without[0], without[1], rtol=1e-12)


def test_three_observations():
    fit = fit_log_normal(np.ones((3, 1)), [1.0, 2.0, 4.0])
    assert_allclose(fit.negative_log_likelihood, 4.62852, atol=5e-6)
    assert_allclose(np.exp(fit.coefficients), [2.0], rtol=1e-12)
    assert_allclose(fit.predict([[1.0]]).mean(), [2.34738], atol=5e-6)
