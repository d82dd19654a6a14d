"""The equations of "The distributions you will meet", each by another route."""

from functools import reduce
from math import comb, exp, factorial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from mlnotes.probability.distributions import (
    Bernoulli,
    Beta,
    Binomial,
    Exponential,
    Gamma,
    MultivariateNormal,
    Normal,
    Poisson,
    Uniform,
    Wishart,
)

MU = np.array([1.0, -2.0, 0.5])
SIGMA = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]])


def moments_by_quadrature(record, low, high):
    """Area, mean and variance from the density alone."""

    def integral(f):
        value, _ = integrate.quad(
            lambda x: f(x) * np.exp(record.log_prob(x)), low, high, epsabs=1e-12
        )
        return value

    mean = integral(lambda x: x)
    return integral(lambda x: 1.0), mean, integral(lambda x: (x - mean) ** 2)


def within_five_errors(draws, mean):
    """Whether the mean of draws is within five standard errors."""
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - mean) <= 5 * error).all()


@pytest.mark.equation("eq-distributions-bernoulli-moments")
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 1.0])
def test_bernoulli_moments_from_the_two_outcomes(p):
    """Sums over both outcomes, from the definition."""
    mean = 0 * (1 - p) + 1 * p
    variance = (0 - mean) ** 2 * (1 - p) + (1 - mean) ** 2 * p
    assert_allclose([p, p * (1 - p)], [mean, variance], atol=1e-15)
    assert_allclose(Bernoulli(p).mean(), mean)
    assert_allclose(Bernoulli(p).variance(), variance, atol=1e-15)


@pytest.mark.equation("eq-distributions-binomial")
def test_binomial_is_the_convolution_of_its_flips():
    """Convolution of n Bernoulli distributions."""
    n, p = 7, 0.3
    wanted = reduce(np.convolve, [[1 - p, p]] * n)
    formula = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    assert_allclose(formula, wanted, rtol=1e-12)
    assert_allclose(np.exp(Binomial(n, p).log_prob(np.arange(n + 1))), wanted)


@pytest.mark.equation("eq-distributions-binomial-moments")
def test_binomial_moments_from_the_convolution():
    """Sums over the convolution of n Bernoulli distributions."""
    n, p = 7, 0.3
    shares, k = reduce(np.convolve, [[1 - p, p]] * n), np.arange(n + 1)
    mean = shares @ k
    assert_allclose([n * p, Binomial(n, p).mean()], mean, rtol=1e-12)
    variance = shares @ (k - mean) ** 2
    assert_allclose([n * p * (1 - p), Binomial(n, p).variance()], variance, rtol=1e-12)


@pytest.mark.equation("eq-distributions-poisson-limit")
@pytest.mark.parametrize("rate", [0.4, 3.0])
def test_binomial_approaches_the_poisson_distribution(rate):
    """Exact binomial probabilities: the distance falls below Le Cam's bound."""
    k = np.arange(60)
    formula = [rate**j * exp(-rate) / factorial(j) for j in k.tolist()]
    assert_allclose(np.exp(Poisson(rate).log_prob(k)), formula, rtol=1e-12)
    distances = [
        0.5 * np.abs(stats.binom.pmf(k, n, rate / n) - formula).sum()
        for n in (10, 100, 1000, 10_000)
    ]
    # Le Cam: the total variation distance is at most the sum of the squares of p.
    assert (distances <= rate**2 / np.array([10, 100, 1000, 10_000])).all()
    assert_allclose(distances[-2] / distances[-1], 10, rtol=0.01)


@pytest.mark.equation("eq-distributions-poisson-moments")
@pytest.mark.parametrize("rate", [0.4, 12.0])
def test_poisson_moments_from_the_sum(rate):
    """Sums over the counts up to where SciPy's probabilities vanish."""
    k = np.arange(200)
    p = stats.poisson.pmf(k, rate)
    assert_allclose([p @ k, p @ (k - rate) ** 2], [rate, rate], rtol=1e-12)
    assert_allclose([Poisson(rate).mean(), Poisson(rate).variance()], rate)


@pytest.mark.equation("eq-distributions-exponential")
def test_exponential_density_and_moments(rng):
    """Quadrature, and the gaps between uniform points on a long axis."""
    rate = 2.5
    area, mean, variance = moments_by_quadrature(Exponential(rate), 0, 20)
    assert_allclose([area, mean, variance], [1, 1 / rate, 1 / rate**2], rtol=1e-9)
    points = np.sort(rng.uniform(0, 8000, size=rng.poisson(8000 * rate)))
    gaps = np.diff(points)
    within_five_errors(gaps, 1 / rate)
    for x in (0.1, 0.4, 1.0):
        within_five_errors((gaps <= x).astype(float), 1 - np.exp(-rate * x))
        slope = rate * np.exp(-rate * x)  # the derivative of that probability
        assert_allclose(np.exp(Exponential(rate).log_prob(x)), slope, rtol=1e-12)


@pytest.mark.equation("eq-distributions-memoryless")
def test_late_gaps_are_as_long_as_all_gaps(rng):
    """Simulation with uniform points, and SciPy's survival function."""
    rate, s, t = 2.5, 0.3, 0.5
    gaps = np.diff(np.sort(rng.uniform(0, 20_000, size=50_000)))
    within_five_errors((gaps[gaps > s] > s + t).astype(float), np.exp(-rate * t))
    tail = stats.expon(scale=1 / rate).sf
    assert_allclose(tail(s + t) / tail(s), tail(t), rtol=1e-12)
    tail = stats.uniform(0, 2).sf  # a distribution with a memory
    assert abs(tail(s + t) / tail(s) - tail(t)) > 0.01


@pytest.mark.equation("eq-distributions-gamma")
@pytest.mark.parametrize(("shape", "rate"), [(1.5, 0.5), (4.0, 3.0)])
def test_gamma_density_and_moments(shape, rate):
    """Quadrature of the density, and SciPy with the scale 1/rate."""
    got = moments_by_quadrature(Gamma(shape, rate), 0, 40 * shape / rate)
    assert_allclose(got, [1, shape / rate, shape / rate**2], rtol=1e-7)
    ours = Gamma(shape, rate)
    assert_allclose([ours.mean(), ours.variance()], got[1:], rtol=1e-7)
    x = np.array([0.1, 1.0, 5.0])
    wanted = stats.gamma(shape, scale=1 / rate).logpdf(x)
    assert_allclose(Gamma(shape, rate).log_prob(x), wanted, rtol=1e-12)


@pytest.mark.equation("eq-distributions-gamma-sum")
def test_sums_of_waiting_times_are_gamma(rng):
    """Numerical convolution, and a Kolmogorov-Smirnov distance of simulated sums."""
    rate = 1.7
    for shape in (1, 2, 5):
        for x in (0.3, 2.0):
            convolved, _ = integrate.quad(
                lambda u, n=shape, x=x: np.exp(
                    Gamma(n, rate).log_prob(u) + Exponential(rate).log_prob(x - u)
                ),
                0,
                x,
            )
            got = np.exp(Gamma(shape + 1, rate).log_prob(x))
            assert_allclose(got, convolved, rtol=1e-9)
    sums = -np.log(rng.random((20_000, 3))).sum(axis=1) / rate
    distance = stats.kstest(sums, stats.gamma(3, scale=1 / rate).cdf).statistic
    # Massart's inequality: larger with probability 6e-7 at most.
    assert distance < np.sqrt(np.log(2 / 6e-7) / (2 * 20_000))


@pytest.mark.equation("eq-distributions-uniform")
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 4.5)])
def test_uniform_density_and_moments(low, high):
    """Quadrature of the density."""
    area, mean, variance = moments_by_quadrature(Uniform(low, high), low, high)
    wanted = [1, (low + high) / 2, (high - low) ** 2 / 12]
    assert_allclose([area, mean, variance], wanted, rtol=1e-9, atol=1e-12)
    ours = Uniform(low, high)
    assert_allclose([ours.mean(), ours.variance()], wanted[1:], rtol=1e-12)


@pytest.mark.equation("eq-distributions-normal-mass")
@pytest.mark.parametrize(("k", "mass"), [(1, 0.6827), (2, 0.9545), (3, 0.9973)])
def test_normal_mass_by_quadrature(k, mass):
    """Quadrature of the density of our record, and SciPy's distribution function."""
    mu, sigma = 2.0, 3.0
    area, _ = integrate.quad(
        lambda x: np.exp(Normal(mu, sigma).log_prob(x)), mu - k * sigma, mu + k * sigma
    )
    assert_allclose(area, mass, atol=5e-5)
    scipy = stats.norm(mu, sigma)
    assert_allclose(scipy.cdf(mu + k * sigma) - scipy.cdf(mu - k * sigma), area)


@pytest.mark.equation("eq-distributions-ellipse")
@pytest.mark.parametrize("r2", [1.0, 4.0, 5.991])
def test_mass_of_an_ellipse(r2, rng):
    """Simulation in two and in three dimensions."""
    x = rng.multivariate_normal(MU, SIGMA, size=40_000)
    plane = MultivariateNormal(MU[:2], SIGMA[:2, :2])
    squares = -2 * (plane.log_prob(x[:, :2]) - plane.log_prob(MU[:2]))
    within_five_errors((squares <= r2).astype(float), 1 - np.exp(-r2 / 2))
    z = x - MU
    squares = np.einsum("ni,ij,nj->n", z, np.linalg.inv(SIGMA), z)
    within_five_errors((squares <= r2).astype(float), stats.chi2(3).cdf(r2))


@pytest.mark.equation("eq-distributions-conditional")
def test_conditional_normal_by_normalizing_the_joint_density():
    """Quadrature over the free component of SciPy's joint density."""
    joint = stats.multivariate_normal(MU, SIGMA)
    known = np.array([-1.0, 1.2])
    x = np.linspace(-12, 14, 4001)
    rows = np.column_stack([x, np.broadcast_to(known, (x.size, 2))])
    weights = joint.pdf(rows)
    weights /= weights.sum()
    mean = weights @ x
    variance = weights @ (x - mean) ** 2
    B = np.linalg.solve(SIGMA[1:, 1:], SIGMA[1:, 0])
    assert_allclose(MU[0] + B @ (known - MU[1:]), mean, rtol=1e-9)
    assert_allclose(SIGMA[0, 0] - B @ SIGMA[1:, 0], variance, rtol=1e-9)
    got = MultivariateNormal(MU, SIGMA).conditional([1, 2], known)
    assert_allclose(got.loc, [mean], rtol=1e-9)
    assert_allclose(got.covariance_matrix, [[variance]], rtol=1e-9)


@pytest.mark.equation("eq-distributions-beta")
@pytest.mark.parametrize(("a", "b"), [(2.5, 4.0), (9.0, 3.0)])
def test_beta_density_has_area_one(a, b):
    """Quadrature of the powers, and SciPy's density."""
    powers, _ = integrate.quad(lambda x: x ** (a - 1) * (1 - x) ** (b - 1), 0, 1)
    for x in (0.1, 0.5, 0.9):
        wanted = x ** (a - 1) * (1 - x) ** (b - 1) / powers
        assert_allclose(np.exp(Beta(a, b).log_prob(x)), wanted, rtol=1e-9)
        assert_allclose(stats.beta(a, b).pdf(x), wanted, rtol=1e-9)


@pytest.mark.equation("eq-distributions-beta-moments")
@pytest.mark.parametrize(("a", "b"), [(2.5, 4.0), (9.0, 3.0)])
def test_beta_moments(a, b):
    """Quadrature of the density."""
    _, mean, variance = moments_by_quadrature(Beta(a, b), 0, 1)
    assert_allclose([a / (a + b), Beta(a, b).mean()], mean, rtol=1e-9)
    formula = a * b / ((a + b) ** 2 * (a + b + 1))
    assert_allclose([formula, Beta(a, b).variance()], variance, rtol=1e-9)


@pytest.mark.equation("eq-distributions-wishart-moments")
def test_moments_of_simulated_scatter_matrices(rng):
    """Simulation of sums of outer products."""
    nu = 6
    x = rng.multivariate_normal(np.zeros(3), SIGMA, size=(20_000, nu))
    S = np.einsum("nki,nkj->nij", x, x)
    within_five_errors(S, nu * SIGMA)
    d = np.diag(SIGMA)
    formula = nu * (SIGMA**2 + np.outer(d, d))
    within_five_errors((S - nu * SIGMA) ** 2, formula)
    assert_allclose(Wishart(nu, SIGMA).mean(), nu * SIGMA, rtol=1e-12)
    assert_allclose(Wishart(nu, SIGMA).variance(), formula, rtol=1e-12)


@pytest.mark.equation("eq-distributions-wishart-density")
@pytest.mark.parametrize("nu", [2.5, 8.0])
def test_wishart_density(nu):
    """SciPy's log density, and the chi-squared density in one dimension."""
    S = stats.wishart(nu, SIGMA).rvs(4, random_state=2)
    wanted = stats.wishart(nu, SIGMA).logpdf(np.moveaxis(S, 0, -1))
    assert_allclose(Wishart(nu, SIGMA).log_prob(S), wanted, rtol=1e-10)
    x = np.array([0.2, 3.0])
    got = Wishart(nu, [[1.0]]).log_prob(x[:, None, None])
    assert_allclose(got, stats.chi2(nu).logpdf(x), rtol=1e-10)
