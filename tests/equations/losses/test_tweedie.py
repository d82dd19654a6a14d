"""The equations of the lesson "Zeros and positive values: the Tweedie loss"."""

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats
from scipy.special import gamma, gammaln
from sklearn.linear_model import TweedieRegressor
from sklearn.metrics import mean_tweedie_deviance

from mlnotes.likelihood.generalized_linear_models import fit_glm
from mlnotes.likelihood.least_squares import add_intercept
from mlnotes.losses.deviances import (
    tweedie_deviance,
    tweedie_family,
    tweedie_gradient,
    tweedie_loss,
)
from mlnotes.losses.tweedie import Tweedie

MU, PHI, P, Y = sp.symbols("mu phi p y", positive=True)


def sums(rate, shape, scale, n, rng):
    """Draw compound sums claim by claim."""
    claims = rng.poisson(rate, size=n)
    owner = np.repeat(np.arange(n), claims)
    amounts = rng.gamma(shape, scale, size=owner.size)
    return np.bincount(owner, weights=amounts, minlength=n)


def assert_mean(values, expected):
    """The mean within 5 standard errors."""
    error = np.std(values) / np.sqrt(np.size(values))
    assert abs(np.mean(values) - expected) < 5 * error


@pytest.mark.equation("eq-tweedie-moments")
def test_moments_of_a_compound_sum(rng):
    """Simulation claim by claim, and SymPy's derivatives of the cumulant function."""
    rate, shape, scale = 1.7, 0.8, 2.5
    y = sums(rate, shape, scale, 200_000, rng)
    mean, variance = rate * shape * scale, rate * shape * (1 + shape) * scale**2
    assert_mean(y, mean)
    assert_mean((y - mean) ** 2, variance)
    t = sp.Symbol("t")
    a, b, c = (sp.Rational(17, 10), sp.Rational(4, 5), sp.Rational(5, 2))
    cumulants = a * ((1 - c * t) ** -b - 1)
    assert_allclose(float(sp.diff(cumulants, t).subs(t, 0)), mean, rtol=1e-14)
    assert_allclose(float(sp.diff(cumulants, t, 2).subs(t, 0)), variance, rtol=1e-14)


@pytest.mark.equation("eq-tweedie-parameters")
@pytest.mark.parametrize("power", [1.1, 1.5, 1.9])
def test_parameters_of_the_compound_sum(power):
    """Root finding: the three numbers with given mean, variance and curvature.

    The third condition is the next cumulant, p phi^2 mu^(2 p - 1), that an exponential
    dispersion model has with this variance function.
    """
    mu, phi = 2.3, 0.7

    def gaps(logs):
        rate, shape, scale = np.exp(logs)
        first = rate * shape * scale
        second = first * (1 + shape) * scale
        third = second * (2 + shape) * scale
        targets = [mu, phi * mu**power, power * phi**2 * mu ** (2 * power - 1)]
        return np.log([first, second, third]) - np.log(targets)

    found = optimize.root(gaps, [0.3, 0.2, 0.1], tol=1e-12)
    model = Tweedie(mu, phi, power)
    got = [model.rate, model.shape, model.scale]
    assert_allclose(got, np.exp(found.x), rtol=1e-8)


@pytest.mark.equation("eq-tweedie-variance")
def test_variance_is_a_power_of_the_mean(rng):
    """Simulation claim by claim for three powers, and SymPy."""
    for power in (1.2, 1.5, 1.8):
        model = Tweedie(3.0, 2.0, power)
        y = sums(model.rate, model.shape, model.scale, 200_000, rng)
        assert_mean((y - 3.0) ** 2, 2.0 * 3.0**power)
    rate = MU ** (2 - P) / (PHI * (2 - P))
    shape, scale = (2 - P) / (P - 1), PHI * (P - 1) * MU ** (P - 1)
    assert sp.simplify(rate * shape * (1 + shape) * scale**2 / (PHI * MU**P)) == 1
    assert sp.simplify(rate * shape * scale - MU) == 0


@pytest.mark.equation("eq-tweedie-zero")
def test_probability_of_zero(rng):
    """Share of zeros among simulated sums; what the density leaves by quadrature."""
    model = Tweedie(2.0, 1.0, 1.5)
    y = sums(model.rate, model.shape, model.scale, 200_000, rng)
    assert_mean(y == 0, model.probability_of_zero())
    area, _ = integrate.quad(lambda v: np.exp(model.log_prob(v)), 0, 80, epsabs=1e-11)
    assert_allclose(1 - area, np.exp(-2 * np.sqrt(2)), atol=1e-9)
    assert_allclose(model.probability_of_zero(), 0.0591057, atol=5e-8)


@pytest.mark.equation("eq-tweedie-series")
def test_series(rng):
    """Histogram of simulated sums; the mixture of SciPy's densities."""
    model = Tweedie(2.0, 1.0, 1.6)
    n = 400_000
    y = sums(model.rate, model.shape, model.scale, n, rng)
    for low, high in ((0.2, 0.4), (1.0, 1.5), (3.0, 4.0), (6.0, 8.0)):
        p, _ = integrate.quad(lambda v: np.exp(model.log_prob(v)), low, high)
        assert_mean((y > low) & (y < high), p)
    j = np.arange(1, 200)
    for v in (0.3, 2.0, 7.0):
        sizes = stats.gamma.pdf(v, j * model.shape, scale=model.scale)
        mixture = stats.poisson.pmf(j, model.rate) @ sizes
        assert_allclose(np.exp(model.log_prob(v)), mixture, rtol=1e-11)


@pytest.mark.equation("eq-tweedie-peak")
@pytest.mark.parametrize("power", [1.1, 1.5, 1.9])
def test_series_at_the_mean(power):
    """The mixture of SciPy's densities at mu = y, and the package."""

    def remainder(x):
        stirling = (x + 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi)
        return gammaln(x + 1) - stirling

    phi, shape, j = 0.6, (2 - power) / (power - 1), np.arange(1, 400)
    for y in (0.05, 1.0, 8.0):
        count = y ** (2 - power) / (phi * (2 - power))
        ratio = j / count
        exponents = -(1 + shape) * count * (ratio * np.log(ratio) - ratio + 1)
        exponents -= remainder(j) + remainder(j * shape)
        got = np.sqrt(shape) / (2 * np.pi) * np.exp(exponents).sum() / y
        sizes = stats.gamma.pdf(y, j * shape, scale=y / (count * shape))
        mixture = stats.poisson.pmf(j, count) @ sizes
        assert_allclose(got, mixture, rtol=1e-10)
        assert_allclose(np.exp(Tweedie(y, phi, power).log_prob(y)), got, rtol=1e-10)


@pytest.mark.equation("eq-tweedie-density")
@pytest.mark.parametrize("phi", [0.5, 2.0])
@pytest.mark.parametrize("power", [0, 1, 1.3, 1.7, 2, 3])
def test_the_mean_enters_by_the_exponent_only(power, phi):
    """SciPy's densities at two means: their ratio is that of the exponents."""

    def compound(y, mu):
        model = Tweedie(mu, phi, power)
        j = np.arange(1, 400)
        sizes = stats.gamma.pdf(y, j * model.shape, scale=model.scale)
        return np.log(stats.poisson.pmf(j, model.rate) @ sizes)

    log_density = {
        0: lambda y, mu: stats.norm.logpdf(y, mu, np.sqrt(phi)),
        1: lambda y, mu: stats.poisson.logpmf(y / phi, mu / phi),
        2: lambda y, mu: stats.gamma.logpdf(y, 1 / phi, scale=mu * phi),
        3: lambda y, mu: stats.invgauss.logpdf(y, mu * phi, scale=1 / phi),
    }.get(power, compound)

    def bracket(y, mu):
        if power == 1:
            return y * np.log(mu) - mu
        if power == 2:
            return -y / mu - np.log(mu)
        return y * mu ** (1 - power) / (1 - power) - mu ** (2 - power) / (2 - power)

    for y in (2.0, 6.0):
        moved = log_density(y, 3.1) - log_density(y, 1.2)
        expected = (bracket(y, 3.1) - bracket(y, 1.2)) / phi
        assert_allclose(moved, expected, rtol=1e-9, atol=1e-12)


def gamma_by_quadrature(x):
    """Integral of u^(x - 1) exp(-u), in the square root of u."""
    return integrate.quad(lambda v: 2 * v ** (2 * x - 1) * np.exp(-v * v), 0, np.inf)[0]


def test_the_impostor_is_no_density():
    """Quadrature of the wrong formula, against its closed integral and against 1."""

    def impostor(y, p, phi):
        front = phi ** ((1 - p) / 2) / gamma(1 / p)
        return front * (y / phi) ** (p / 2 - 1) * np.exp(-((y / phi) ** p))

    masses = {}
    for p in (1.0, 1.5, 2.0):
        for phi in (1.0, 2.0, 4.0):
            near, _ = integrate.quad(
                lambda u, p=p, phi=phi: impostor(u**2, p, phi) * 2 * u, 0, 1
            )
            far, _ = integrate.quad(impostor, 1, np.inf, args=(p, phi))
            masses[p, phi] = near + far
            closed = (
                np.sqrt(np.pi) * phi ** ((3 - p) / 2) / (p * gamma_by_quadrature(1 / p))
            )
            assert_allclose(near + far, closed, rtol=1e-6)
    assert_allclose(masses[2.0, 4.0], 1, rtol=1e-6)
    assert abs(masses[1.5, 1.0] - 1) > 0.1


def test_the_candidate_for_power_one_half_is_negative():
    """Third cumulant by SymPy, density by Fourier inversion with an error bound."""
    t = sp.Symbol("t")
    # d mu / d t = mu^(1/2) with mu(0) = 1 has the solution (1 + t / 2)^2.
    mean = (1 + t / 2) ** 2
    assert sp.simplify(sp.diff(mean, t) - (1 + t / 2)) == 0
    cumulants = sp.integrate(mean, (t, 0, t))
    assert sp.simplify(cumulants - (t + t**2 / 2 + t**3 / 12)) == 0

    def real_part(s, y):
        return np.exp(-(s**2) / 2) * np.cos(s - s**3 / 12 - s * y) if s else 1.0

    # At t = i s these are i s - s^2 / 2 - i s^3 / 12.
    value, error = integrate.quad(real_part, 0, 12, args=(-2.0,), limit=200)
    assert value / np.pi + error < -0.006


@pytest.mark.equation("eq-tweedie-loss")
@pytest.mark.parametrize("power", [1.2, 1.5, 1.8])
def test_loss_is_minus_log_density_without_what_the_mean_leaves_alone(power):
    """Differences in the mean of the log of SciPy's mixture, times the dispersion."""
    phi, j = 0.8, np.arange(1, 400)

    def log_density(y, mu):
        rate = mu ** (2 - power) / (phi * (2 - power))
        if y == 0:
            return stats.poisson.logpmf(0, rate)
        shape = (2 - power) / (power - 1)
        sizes = stats.gamma.pdf(y, j * shape, scale=mu / (rate * shape))
        return np.log(stats.poisson.pmf(j, rate) @ sizes)

    for y in (0.0, 0.7, 4.0):
        moved = tweedie_loss(2.5, y, power=power) - tweedie_loss(0.9, y, power=power)
        expected = -phi * (log_density(y, 2.5) - log_density(y, 0.9))
        assert_allclose(moved, expected, rtol=1e-10)


@pytest.mark.equation("eq-tweedie-gradient")
@pytest.mark.parametrize("power", [0, 1, 1.3, 1.7, 2, 3])
def test_gradient(power):
    """Central differences of the loss."""
    h = 1e-5
    for mu, y in ((0.5, 2.0), (2.0, 2.0), (3.0, 0.7)):
        ahead, behind = (tweedie_loss(mu + k, y, power=power) for k in (h, -h))
        difference = (ahead - behind) / (2 * h)
        got = tweedie_gradient(mu, y, power=power)
        assert_allclose(got, difference, rtol=1e-7, atol=1e-8)
        assert_allclose(got, (mu - y) / mu**power, rtol=1e-13)


@pytest.mark.equation("eq-tweedie-mean")
@pytest.mark.parametrize("power", [1, 1.2, 1.5, 1.8])
def test_best_constant_is_the_mean(power, rng):
    """Numerical minimization, and the fit of a model with an intercept only."""
    for y in (np.array([0.0, 0, 1, 3, 6]), rng.poisson(2.0, size=30)):
        best = optimize.minimize_scalar(
            lambda mu, y=y: tweedie_loss(mu, y, power=power).sum(),
            bounds=(0.01, 20),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert_allclose(best.x, y.mean(), rtol=1e-6)
        fit = fit_glm(np.ones((y.size, 1)), y, tweedie_family(power))
        # The search ends when a step promises 1e-10 of the log-likelihood.
        assert_allclose(np.exp(fit.coefficients[0]), y.mean(), rtol=1e-6)


@pytest.mark.equation("eq-tweedie-deviance")
def test_deviance_and_its_limits():
    """Twice the integral of the slope, scikit-learn, and SymPy's limits in p."""
    for power in (1.2, 1.5, 1.8, 3):
        y, mu = 3.0, 2.0
        area, _ = integrate.quad(lambda m, p=power: (m - 3) / m**p, y, mu)
        got = tweedie_deviance(mu, y, power=power)
        assert_allclose(got, 2 * area, rtol=1e-10)
        assert_allclose(got, mean_tweedie_deviance([y], [mu], power=power), rtol=1e-10)
    assert_allclose(tweedie_deviance(2, 3, power=1.5), 0.285729, atol=5e-7)
    assert_allclose(tweedie_deviance(2, 3, power=3), 1 / 12, rtol=1e-12)
    formula = 2 * (
        Y ** (2 - P) / ((1 - P) * (2 - P))
        - Y * MU ** (1 - P) / (1 - P)
        + MU ** (2 - P) / (2 - P)
    )
    at = {Y: 3, MU: 2}
    limits = {
        0: (Y - MU) ** 2,
        1: 2 * (Y * sp.log(Y / MU) - Y + MU),
        2: 2 * (Y / MU - 1 - sp.log(Y / MU)),
    }
    for power, expected in limits.items():
        limit = sp.limit(formula.subs(at), P, power)
        assert abs(sp.N(limit - expected.subs(at))) < 1e-12
        got = tweedie_deviance(2.0, 3.0, power=power)
        assert_allclose(got, float(expected.subs(at)), rtol=1e-12)


@pytest.mark.equation("eq-tweedie-scaling")
@pytest.mark.parametrize("power", [1.1, 1.5, 1.9])
def test_change_of_units(power, rng):
    """The mixture of SciPy's densities with scaled amounts; moments of scaled draws."""
    c, mu, phi = 7.0, 2.0, 4.0
    model, scaled = (
        Tweedie(mu, phi, power),
        Tweedie(7 * mu, 7 ** (2 - power) * phi, power),
    )
    j = np.arange(1, 300)
    for y in (0.5, 3.0):
        sizes = stats.gamma.pdf(c * y, j * model.shape, scale=c * model.scale)
        mixture = stats.poisson.pmf(j, model.rate) @ sizes
        assert_allclose(np.exp(scaled.log_prob(c * y)), mixture, rtol=1e-9)
    draws = c * sums(model.rate, model.shape, model.scale, 100_000, rng)
    assert_mean((draws - c * mu) ** 2, scaled.variance())
    assert_mean(draws == 0, scaled.probability_of_zero())


@pytest.mark.equation("eq-tweedie-saddlepoint")
@pytest.mark.parametrize("power", [1.3, 1.5, 1.7])
def test_saddlepoint(power):
    """The mixture of SciPy's densities: the error falls in proportion to phi."""
    errors = []
    for phi in (0.1, 0.01):
        rate = 2.0 ** (2 - power) / (phi * (2 - power))
        shape = (2 - power) / (power - 1)
        j = np.arange(1, 3000)
        y = 3.0
        sizes = stats.gamma.pdf(y, j * shape, scale=2.0 / (rate * shape))
        exact = stats.poisson.pmf(j, rate) @ sizes
        distance = tweedie_deviance(2.0, y, power=power)
        rough = np.exp(-distance / (2 * phi)) / np.sqrt(2 * np.pi * phi * y**power)
        errors.append(rough / exact - 1)
    assert abs(errors[0]) < 0.03
    assert_allclose(errors[0] / errors[1], 10, rtol=0.1)


def test_fit_agrees_with_scikit_learn(rng):
    """Coefficients of the claims of the lesson, found by another search."""
    X = add_intercept(rng.uniform(0, 2, size=(400, 2)))
    y = Tweedie(np.exp(X @ [-1.0, 0.7, 0.5]), 2.0, 1.6).sample(rng=rng)
    fit = fit_glm(X, y, tweedie_family(1.6))
    peer = TweedieRegressor(
        power=1.6, alpha=0, link="log", solver="newton-cholesky", tol=1e-10
    ).fit(X[:, 1:], y)
    expected = [peer.intercept_, *peer.coef_]
    assert_allclose(fit.coefficients, expected, rtol=1e-6)


def test_average_of_years_divides_the_dispersion(rng):
    """Draws of averages have the law with the dispersion divided by their number."""
    model, claimed = Tweedie(1.0, 2.0, 1.5), Tweedie(1.0, 0.5, 1.5)
    y = model.sample((100_000, 4), rng=rng).mean(axis=1)
    assert_mean(y == 0, claimed.probability_of_zero())
    assert_mean((y - 1.0) ** 2, claimed.variance())
