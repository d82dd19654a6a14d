"""The equations of the lesson "Positive values: the Gamma loss", by other routes."""

import numpy as np
import pytest
import statsmodels.api as sm
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats
from sklearn.linear_model import GammaRegressor

from mlnotes.likelihood.generalized_linear_models import fit_glm
from mlnotes.losses.deviances import (
    gamma_deviance,
    gamma_gradient,
    gamma_loss,
    tweedie_family,
)
from mlnotes.probability.distributions import Gamma

REPAIRS = np.array([1.0, 2.0, 3.0, 6.0])


def simulated(rng, n=29, shape=3.0):
    """Intercept, a number and an indicator, with Gamma responses."""
    X = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.4])
    mean = np.exp(X @ [0.5, -0.4, 0.8])
    return X, rng.gamma(shape, mean / shape)


def log_likelihood(beta, X, y, shape=1.0):
    """SciPy's, with every constant."""
    return stats.gamma.logpdf(y, shape, scale=np.exp(X @ beta) / shape).sum()


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


def moment(law, mean, k):
    """Integral of y^k times the density; y = mean t^2 takes away its pole at 0."""
    return integrate.quad(
        lambda t: (mean * t**2) ** k * law.pdf(mean * t**2) * 2 * mean * t,
        0,
        20,
        limit=200,
    )[0]


@pytest.mark.equation("eq-gamma-response")
def test_the_density_is_that_of_a_mean_times_a_factor():
    """SciPy's density, quadrature to 1, and the change of variable by algebra."""
    y, mu, a = sp.symbols("y mu alpha", positive=True)
    factor = a**a * y ** (a - 1) * sp.exp(-a * y) / sp.gamma(a)  # mean 1
    stretched = factor.subs(y, y / mu) / mu
    formula = (a / mu) ** a * y ** (a - 1) * sp.exp(-a * y / mu) / sp.gamma(a)
    assert sp.simplify(sp.expand_power_base(stretched / formula, force=True)) == 1
    x, beta = np.array([1.0, 0.5]), np.array([0.3, 0.8])
    mean = float(np.exp(x @ beta))
    for shape in (0.5, 1.0, 2.0, 7.0):
        density = sp.lambdify(y, formula.subs({mu: mean, a: shape}), "math")
        total, _ = integrate.quad(density, 0, np.inf)
        assert_allclose(total, 1, rtol=1e-6)
        for value in (0.1, 1.0, 6.0):
            expected = stats.gamma.pdf(value, shape, scale=mean / shape)
            assert_allclose(density(value), expected, rtol=1e-10)
            ours = np.exp(Gamma(shape, shape / mean).log_prob(value))
            assert_allclose(ours, expected, rtol=1e-10)


@pytest.mark.equation("eq-gamma-moments")
@pytest.mark.parametrize("shape", [0.5, 2.0, 9.0])
def test_the_coefficient_of_variation_does_not_depend_on_the_mean(rng, shape):
    """Quadrature of SciPy's density, and simulated factors within 5 standard errors."""
    for mean in (0.2, 3.0, 50.0):
        law = stats.gamma(shape, scale=mean / shape)
        first, second = moment(law, mean, 1), moment(law, mean, 2)
        variance = second - first**2
        assert_allclose(first, mean, rtol=1e-6)
        assert_allclose(variance, mean**2 / shape, rtol=1e-6)
        assert_allclose(np.sqrt(variance) / first, 1 / np.sqrt(shape), rtol=1e-6)
    draws = 3.0 * rng.gamma(shape, 1 / shape, size=100_000)
    error = 3.0 / np.sqrt(shape * draws.size)
    assert abs(draws.mean() - 3) < 5 * error
    # The variance of a sample variance, from the fourth moment of the Gamma law.
    spread = (3**2 / shape) * np.sqrt((2 + 6 / shape) / draws.size)
    assert abs(draws.var() - 9 / shape) < 5 * spread


@pytest.mark.equation("eq-gamma-nll")
def test_negative_log_likelihood_has_these_signs(rng):
    """SciPy's densities; computer algebra for the best scale of one sample."""
    X, y = simulated(rng)
    for shape in (0.5, 2.0):
        rest = -(shape - 1) * np.log(y) - shape * np.log(shape) + special.gammaln(shape)
        for beta in 0.5 * rng.normal(size=(3, 3)):
            mean = np.exp(X @ beta)
            whole = shape * gamma_loss(mean, y) + rest
            assert_allclose(whole.sum(), -log_likelihood(beta, X, y, shape), rtol=1e-10)
    s, a = sp.symbols("beta alpha", positive=True)
    values = sp.symbols("y1:5", positive=True)
    nll = sum(
        v / s + a * sp.log(s) - (a - 1) * sp.log(v) + sp.loggamma(a) for v in values
    )
    (best,) = sp.solve(sp.diff(nll, s), s)
    assert sp.simplify(best - sum(values) / (4 * a)) == 0
    found = optimize.minimize_scalar(
        lambda scale: -stats.gamma.logpdf(REPAIRS, 2, scale=scale).sum(),
        bounds=(0.01, 20),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert_allclose(found.x, 1.5, atol=1e-6)
    assert_allclose(found.fun, 7.660202, atol=5e-7)


def test_reversed_signs_fall_without_bound():
    def reversed_signs(scale):
        return stats.gamma.logpdf(REPAIRS, 2, scale=scale).sum()

    def simplified(scale):
        return (-REPAIRS / scale + np.log(REPAIRS)).sum()

    for wrong in (reversed_signs, simplified):
        assert wrong(1e-6) < wrong(1e-3) < -1e3
        assert wrong(0.1) < wrong(1.5)
    assert_allclose(reversed_signs(0.1), -97.9958, atol=5e-5)
    assert_allclose(simplified(0.1), -116.416, atol=5e-4)
    assert_allclose(simplified(10), 2.38352, atol=5e-6)


@pytest.mark.equation("eq-gamma-gradient")
def test_loss_and_slope():
    """Computer algebra, and differences of SciPy's log-density for the shape 1."""
    y, mu = sp.symbols("y mu", positive=True)
    slope = sp.diff(y / mu + sp.log(mu), mu)
    assert sp.simplify(slope - (mu - y) / mu**2) == 0
    h = 1e-6
    for value in REPAIRS:
        for mean in (0.5, 3.0, 20.0):
            numeric = (
                stats.expon.logpdf(value, scale=mean - h)
                - stats.expon.logpdf(value, scale=mean + h)
            ) / (2 * h)
            assert_allclose(gamma_gradient(mean, value), numeric, rtol=1e-5, atol=1e-9)
            expected = -stats.expon.logpdf(value, scale=mean)
            assert_allclose(gamma_loss(mean, value), expected, rtol=1e-12)


@pytest.mark.equation("eq-gamma-deviance")
@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0])
def test_deviance_is_the_distance_to_a_perfect_fit(rng, shape):
    """statsmodels, and SciPy's densities at the responses themselves."""
    y, mean = rng.gamma(2.0, size=(2, 31))
    total = gamma_deviance(mean, y).sum()
    assert_allclose(total, sm.families.Gamma().deviance(y, mean), rtol=1e-10)
    ahead = stats.gamma.logpdf(y, shape, scale=y / shape)
    ahead = ahead - stats.gamma.logpdf(y, shape, scale=mean / shape)
    assert_allclose(shape * total, 2 * ahead.sum(), rtol=1e-10)
    assert_allclose(gamma_deviance(60 * mean, 60 * y).sum(), total, rtol=1e-12)
    assert_allclose(gamma_deviance(3.0, REPAIRS).sum(), 1.621860, atol=5e-7)


@pytest.mark.equation("eq-gamma-small-miss")
def test_a_small_miss_costs_its_relative_square():
    """Computer algebra: Taylor series in the relative miss."""
    r = sp.symbols("r", real=True)
    series = sp.series(2 * (r - sp.log(1 + r)), r, 0, 3).removeO()
    assert sp.simplify(series - r**2) == 0
    for miss in (1e-2, 1e-3, -1e-3):
        assert abs(gamma_deviance(5.0, 5 * (1 + miss)) / miss**2 - 1) < abs(miss)


@pytest.mark.equation("eq-gamma-score")
def test_score_is_the_gradient_and_the_ratios_average_one(rng):
    """Finite differences of SciPy's log-likelihood."""
    X, y = simulated(rng)
    beta = 0.5 * rng.normal(size=3)
    slopes = optimize.approx_fprime(beta, lambda b: log_likelihood(b, X, y), 1e-7)
    ratio = y / np.exp(X @ beta)
    assert_allclose(X.T @ (ratio - 1), slopes, rtol=1e-5, atol=1e-5)
    fit = fit_glm(X, y, tweedie_family(2))
    at_summit = X.T @ (y / np.exp(X @ fit.coefficients) - 1)
    assert_allclose(at_summit, 0, atol=1e-3)


@pytest.mark.equation("eq-gamma-information")
def test_observed_and_expected_curvature(rng):
    """Second differences of SciPy's log-likelihood, averaged over simulated data."""
    X, y = simulated(rng, n=7)
    beta = np.array([0.5, -0.4, 0.8])
    mean = np.exp(X @ beta)
    numeric = -hessian(lambda b: log_likelihood(b, X, y), beta)
    assert_allclose((X.T * (y / mean)) @ X, numeric, rtol=1e-5, atol=1e-5)
    assert np.linalg.eigvalsh(numeric)[0] > 0
    samples = rng.exponential(mean, size=(4000, 7))
    curvatures = np.array([(X.T * (s / mean)) @ X for s in samples])
    error = curvatures.std(axis=0) / np.sqrt(4000)
    assert (np.abs(curvatures.mean(axis=0) - X.T @ X) <= 5 * error + 1e-12).all()
    fit = fit_glm(X, y, tweedie_family(2))
    assert_allclose(fit.information, X.T @ X, rtol=1e-12)


@pytest.mark.equation("eq-gamma-irls")
def test_unweighted_fits_to_the_working_response_reach_the_maximum(rng):
    """One step by finite differences; repeated, the fits of SciPy and scikit-learn."""
    X, y = simulated(rng, n=101)
    beta = np.array([np.log(y.mean()), 0.0, 0.0])
    slope = optimize.approx_fprime(beta, lambda b: log_likelihood(b, X, y), 1e-7)
    fisher = beta + np.linalg.solve(X.T @ X, slope)

    def step(at):
        mean = np.exp(X @ at)
        return sm.OLS(X @ at + (y - mean) / mean, X).fit().params

    assert_allclose(step(beta), fisher, rtol=1e-5, atol=1e-6)
    for _ in range(60):
        beta = step(beta)
    found = optimize.minimize(
        lambda b: -log_likelihood(b, X, y, 3.0), np.zeros(3), tol=1e-8
    )
    assert_allclose(beta, found.x, atol=1e-4)
    peer = GammaRegressor(alpha=0, tol=1e-10, max_iter=10_000).fit(X[:, 1:], y)
    assert_allclose(beta, [peer.intercept_, *peer.coef_], atol=1e-7)
    fit = fit_glm(X, y, tweedie_family(2))
    assert_allclose(beta, fit.coefficients, atol=1e-5)


@pytest.mark.equation("eq-gamma-dispersion")
@pytest.mark.parametrize("shape", [1.0, 5.0])
def test_the_mean_squared_relative_miss_estimates_one_over_the_shape(rng, shape):
    """Simulation within 5 standard errors, and statsmodels for one data set."""
    X, _ = simulated(rng, n=300)
    mean = np.exp(X @ [0.5, -0.4, 0.8])
    found, errors, slopes = [], [], []
    for _ in range(300):
        y = rng.gamma(shape, mean / shape)
        fit = fit_glm(X, y, tweedie_family(2))
        found.append(fit.dispersion)
        errors.append(fit.standard_errors[1])
        slopes.append(fit.coefficients[1])
    error = np.std(found) / np.sqrt(300)
    # The bias of the estimate is of the order of its value over n.
    assert abs(np.mean(found) - 1 / shape) < 5 * error + 3 / (shape * 300)
    fitted = np.exp(X @ fit.coefficients)
    pearson = (((y - fitted) / fitted) ** 2).sum() / (300 - 3)
    assert_allclose(fit.dispersion, pearson, rtol=1e-8)
    family = sm.families.Gamma(sm.families.links.Log())
    peer = sm.GLM(y, X, family=family).fit(tol=1e-12)
    assert_allclose(fit.dispersion, peer.scale, rtol=1e-5)
    assert_allclose(fit.standard_errors, peer.bse, rtol=1e-5)
    exact = np.sqrt(np.linalg.inv(X.T @ X)[1, 1] / shape)
    assert_allclose(np.std(slopes), exact, rtol=5 / np.sqrt(600))
    assert_allclose(np.mean(errors), exact, rtol=0.05)


@pytest.mark.equation("eq-gamma-shape")
@pytest.mark.parametrize("shape", [0.4, 1.0, 6.0])
def test_the_likeliest_shape(rng, shape):
    """SciPy's optimizer on SciPy's likelihood of the shape."""
    X, y = simulated(rng, n=211, shape=shape)
    fit = fit_glm(X, y, tweedie_family(2))
    found = optimize.minimize_scalar(
        lambda log_a: -log_likelihood(fit.coefficients, X, y, np.exp(log_a)),
        bounds=(-4, 5),
        method="bounded",
        options={"xatol": 1e-9},
    )
    best = np.exp(found.x)
    half = fit.deviance / (2 * 211)
    assert_allclose(np.log(best) - special.digamma(best), half, rtol=1e-5)
    equation = optimize.brentq(
        lambda a: np.log(a) - special.digamma(a) - half, 1e-3, 1e4
    )
    assert_allclose(equation, best, rtol=1e-5)


@pytest.mark.parametrize(("shape", "ratio"), [(4.0, 1.35), (1.0, 2.58), (0.6, None)])
def test_pearsons_shape_is_less_precise_for_gamma_responses(shape, ratio):
    """Influence of one response on both estimates, squared and averaged by SciPy.

    The estimated mean moves Pearson's average by -2 / shape per unit of its log, and
    the average deviance not at all.
    """
    expect = stats.gamma(shape, scale=1 / shape).expect
    phi = 1 / shape
    pearson = expect(lambda u: ((u - 1) ** 2 - phi - 2 * phi * (u - 1)) ** 2) / phi**4
    half = np.log(shape) - special.digamma(shape)  # expected half of a deviance
    h = 1e-5
    slope = (
        np.log((shape + h) / (shape - h))
        - special.digamma(shape + h)
        + special.digamma(shape - h)
    ) / (2 * h)
    likely = expect(lambda u: (u - 1 - np.log(u) - half) ** 2) / slope**2
    formula = 2 * shape * (shape + 1) * (special.polygamma(1, shape) - 1 / shape)
    assert_allclose(pearson / likely, formula, rtol=1e-6)
    if ratio:
        assert_allclose(formula, ratio, atol=5e-3)


@pytest.mark.equation("eq-gamma-log-moments")
@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 8.0])
def test_mean_and_variance_of_the_logarithm(rng, shape):
    """Quadrature of SciPy's log-gamma density; simulated least squares on logs."""
    mean = 3.0
    law = stats.loggamma(shape, loc=np.log(mean / shape))
    first = integrate.quad(lambda t: t * law.pdf(t), -80, 8, limit=400)[0]
    second = integrate.quad(lambda t: t**2 * law.pdf(t), -80, 8, limit=400)[0]
    offset = special.digamma(shape) - np.log(shape)
    assert offset < 0
    assert_allclose(first, np.log(mean) + offset, rtol=1e-7)
    assert_allclose(second - first**2, special.polygamma(1, shape), rtol=1e-6)
    X, _ = simulated(rng, n=50)
    beta = np.array([0.5, -0.4, 0.8])
    samples = rng.gamma(shape, np.exp(X @ beta) / shape, size=(2000, 50))
    fits = np.log(samples) @ np.linalg.pinv(X).T
    variance = special.polygamma(1, shape) * np.diag(np.linalg.inv(X.T @ X))
    error = np.sqrt(variance / 2000)
    expected = beta + np.array([offset, 0, 0])
    assert (np.abs(fits.mean(axis=0) - expected) < 5 * error).all()
    # Relative error of a variance of 2000 nearly normal estimates: sqrt(2 / 2000).
    assert_allclose(fits.var(axis=0), variance, rtol=5 * 1.5 * np.sqrt(2 / 2000))


def test_gamma_noise_is_not_a_gamma_response():
    law = stats.gamma(2.0, scale=1.5)
    assert law.cdf(0.0) == 0
    assert_allclose(law.cdf(3.0), 0.593994, atol=5e-7)
    assert_allclose(law.mean(), 3.0)
