"""The equations of "Bayes' rule for parameters and conjugate priors", by other ways."""

from itertools import pairwise, product
from math import comb

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from mlnotes.likelihood import conjugate
from mlnotes.likelihood.conjugate import NormalInverseGamma, credible_interval
from mlnotes.likelihood.maximum_likelihood import log_likelihood
from mlnotes.probability.distributions import (
    Bernoulli,
    Beta,
    Dirichlet,
    Gamma,
    Normal,
    Wishart,
)

FIVE_FLIPS = [1, 1, 1, 0, 1]
READINGS = np.array([37.9, 38.3, 38.1])


def centers(start, stop, n):
    """Centers of n equal cells, and their length."""
    step = (stop - start) / n
    return start + step * (np.arange(n) + 0.5), step


@pytest.mark.equation("eq-bayesian-inference-posterior")
def test_posterior_is_the_share_of_coins_that_show_the_data(rng):
    """Simulation of the joint: draw coins, flip them, keep those that match."""
    p = rng.random(2_000_000)
    heads = rng.binomial(5, p)
    kept = p[heads == 4]
    # The evidence of the count is 5 times that of the sequence, 1/30.
    share = kept.size / p.size
    assert abs(share - 5 / 30) < 5 * np.sqrt(share * (1 - share) / p.size)
    grid, cell = centers(0, 1, 2000)
    found = conjugate.grid_posterior(
        Beta(1, 1).log_prob(grid), log_likelihood(Bernoulli(grid), FIVE_FLIPS), cell
    )
    assert_allclose(np.exp(found.log_evidence), 1 / 30, rtol=1e-5)
    for edge in (0.3, 0.5, 0.8):
        below, error = (kept < edge).mean(), np.sqrt(0.25 / kept.size)
        assert abs(found.masses[grid < edge].sum() - below) < 5 * error + cell


def test_posterior_of_five_flips_integrates_to_1():
    grid, cell = centers(0, 1, 1000)
    found = conjugate.grid_posterior(
        np.zeros(1000), log_likelihood(Bernoulli(grid), FIVE_FLIPS), cell
    )
    assert_allclose((found.density * cell).sum(), 1, rtol=1e-12)
    # Midpoint rule: error cell^2 / 24 times the slope difference of p^4 (1 - p), 1.
    assert_allclose(np.exp(found.log_evidence), 1 / 30, atol=cell**2 / 24 * 1.01)
    area = integrate.quad(lambda p: p**4 * (1 - p), 0, 1)[0]
    assert_allclose([area, special.beta(5, 2)], 1 / 30, rtol=1e-12)
    assert_allclose(found.density, stats.beta(5, 2).pdf(grid), atol=1e-5)
    assert_allclose(found.masses @ grid, 5 / 7, atol=1e-6)
    assert abs(grid[found.density.argmax()] - 4 / 5) <= cell
    assert_allclose(stats.beta(5, 2).sf(0.5), 57 / 64, rtol=1e-12)


@pytest.mark.equation("eq-bayesian-inference-predictive")
def test_prediction_averages_over_the_posterior():
    """Bayes' rule for a table: all sequences of 5 + 2 flips of eleven coins."""
    coins = np.linspace(0, 1, 11)
    prior = np.full(11, 1 / 11)
    joint = {}  # probability of every sequence of seven flips, averaged over the coins
    for flips in product([0, 1], repeat=7):
        k = sum(flips)
        joint[flips] = prior @ (coins**k * (1 - coins) ** (7 - k))
    seen = tuple(FIVE_FLIPS)
    of_data = sum(joint[seen + rest] for rest in product([0, 1], repeat=2))
    direct = joint[(*seen, 1, 1)] / of_data
    with np.errstate(divide="ignore"):
        log_prior = np.log(prior)
    found = conjugate.grid_posterior(
        log_prior, log_likelihood(Bernoulli(coins), FIVE_FLIPS), 1.0
    )
    assert_allclose(found.masses @ coins**2, direct, rtol=1e-12)
    assert_allclose(np.exp(found.log_evidence), of_data, rtol=1e-12)


def right_sides(rng):
    """Right side of the identity at random parameters, for each of the six pairs."""
    p = rng.uniform(0.05, 0.95, 7)
    after = stats.beta(2.5 + 4, 1.5 + 1)
    yield (
        stats.beta(2.5, 1.5).logpdf(p) + 4 * np.log(p) + np.log1p(-p) - after.logpdf(p),
        integrate.quad(lambda q: q**4 * (1 - q) * stats.beta(2.5, 1.5).pdf(q), 0, 1)[0],
    )
    mu = rng.normal(37, 1, 7)
    known = conjugate.update_normal(Normal(36.8, 0.4), READINGS, 0.5)

    def of_normal(m, sigma):
        return stats.norm.logpdf(READINGS[:, None], m, sigma).sum(axis=0)

    yield (
        stats.norm.logpdf(mu, 36.8, 0.4) + of_normal(mu, 0.5) - known.log_prob(mu),
        stats.multivariate_normal(
            np.full(3, 36.8), 0.25 * np.eye(3) + 0.16 * np.ones((3, 3))
        ).pdf(READINGS),
    )
    v = rng.uniform(0.05, 2, 7)
    both = conjugate.update_normal_inverse_gamma(
        NormalInverseGamma(36.8, 1, 2, 0.25), READINGS
    )
    log_prior = stats.invgamma.logpdf(v, 2, scale=0.25)
    log_prior += stats.norm.logpdf(mu, 36.8, np.sqrt(v))
    # Given the variance the data are normal; integrated over it, a multivariate t.
    evidence = stats.multivariate_t(
        np.full(3, 36.8), 0.125 * (np.eye(3) + np.ones((3, 3))), df=4
    ).pdf(READINGS)
    yield log_prior + of_normal(mu, np.sqrt(v)) - both.log_prob(mu, v), evidence

    rate, calls = rng.uniform(1, 8, 7), np.array([4, 7, 5, 2])
    after = stats.gamma(24, scale=1 / 6)

    def of_calls(r):
        return stats.poisson.logpmf(calls[:, None], r).sum(axis=0)

    yield (
        stats.gamma(6, scale=1 / 2).logpdf(rate) + of_calls(rate) - after.logpdf(rate),
        integrate.quad(
            lambda r: (
                np.exp(of_calls(np.array([r])))[0] * stats.gamma.pdf(r, 6, scale=1 / 2)
            ),
            0,
            30,
        )[0],
    )
    shares, counts = rng.dirichlet(np.ones(3), 7), np.array([7, 0, 3])
    prior, after = stats.dirichlet([1, 2, 1.5]), stats.dirichlet([8, 2, 4.5])
    of_counts = np.log(shares) @ counts
    draws = [prior.logpdf(s) - after.logpdf(s) for s in shares]
    moment = integrate.dblquad(
        lambda b, a: a**7 * (1 - a - b) ** 3 * prior.pdf([a, b, 1 - a - b]),
        0,
        1,
        0,
        lambda a: 1 - a,
    )[0]
    yield np.array(draws) + of_counts, moment


@pytest.mark.equation("eq-bayesian-inference-identity")
def test_right_side_is_constant_and_equals_the_integral(rng):
    """Random parameters, and the evidence by quadrature or as SciPy's density."""
    for values, evidence in right_sides(rng):
        assert np.ptp(values) < 1e-9
        assert_allclose(np.exp(values[0]), evidence, rtol=1e-6)


def test_right_side_of_a_wrong_posterior_is_not_constant(rng):
    p = rng.uniform(0.05, 0.95, 7)
    wrong = np.log(p) * 4 + np.log1p(-p) - stats.beta(5, 3).logpdf(p)
    assert np.ptp(wrong) > 0.5


@pytest.mark.equation("eq-bayesian-inference-beta")
@pytest.mark.parametrize(
    ("a", "b", "s", "f"), [(1, 1, 4, 1), (20, 20, 4, 1), (2, 8, 0, 3), (2.5, 0.7, 9, 2)]
)
def test_beta_update_is_bayes_rule_on_a_grid(a, b, s, f):
    """Likelihood times prior on a grid, normalized, against SciPy's beta density."""
    grid, cell = centers(0, 1, 4000)
    unnormalized = grid**s * (1 - grid) ** f * stats.beta.pdf(grid, a, b)
    density = unnormalized / (unnormalized.sum() * cell)
    after = conjugate.update_beta(Beta(a, b), s, f)
    assert_allclose(np.exp(after.log_prob(grid)), density, atol=1e-4)
    assert_allclose(stats.beta(a + s, b + f).pdf(grid), density, atol=1e-4)
    share, weight = s / (s + f), (a + b) / (a + b + s + f)
    mean = weight * a / (a + b) + (1 - weight) * share
    assert_allclose(unnormalized @ grid / unnormalized.sum(), mean, rtol=1e-5)


@pytest.mark.equation("eq-bayesian-inference-beta-binomial")
@pytest.mark.parametrize(("a", "b", "m"), [(5, 2, 10), (1, 1, 5), (0.5, 3.0, 4)])
def test_beta_binomial_is_the_averaged_binomial(a, b, m):
    """Quadrature over the beta density, and scipy.stats.betabinom."""
    counts = np.arange(m + 1)
    log_p = conjugate.beta_binomial_log_prob(Beta(a, b), counts, m)
    for k in counts:
        # SciPy's weight (x^alpha (1-x)^beta) keeps singular ends exact.
        integral = integrate.quad(
            lambda _: 1.0, 0, 1, weight="alg", wvar=(a + k - 1, b + m - k - 1)
        )[0]
        expected = comb(m, k) * integral / special.beta(a, b)
        assert_allclose(np.exp(log_p[k]), expected, rtol=1e-8)
    assert_allclose(log_p, stats.betabinom.logpmf(counts, m, a, b), rtol=1e-10)
    assert_allclose(np.exp(log_p).sum(), 1, rtol=1e-12)


@pytest.mark.equation("eq-bayesian-inference-normal")
def test_normal_update_is_bayes_rule_on_a_grid():
    """Grid, SymPy's completed square, and the conditional of a joint normal."""
    grid, cell = centers(34, 41, 4000)
    log_p = stats.norm.logpdf(grid, 36.8, 0.4)
    log_p += stats.norm.logpdf(READINGS[:, None], grid, 0.5).sum(axis=0)
    density = np.exp(log_p - log_p.max())
    density /= density.sum() * cell
    after = conjugate.update_normal(Normal(36.8, 0.4), READINGS, 0.5)
    assert_allclose(np.exp(after.log_prob(grid)), density, atol=1e-9)

    m, m0, t, s, a, b = sp.symbols("m m0 t s a b", positive=True)  # two observations
    exponent = (m - m0) ** 2 / t**2 + ((m - a) ** 2 + (m - b) ** 2) / s**2
    precision = sp.diff(exponent, m, 2) / 2
    assert sp.simplify(precision - (1 / t**2 + 2 / s**2)) == 0
    mode = sp.solve(sp.diff(exponent, m), m)[0]
    assert sp.simplify(mode - (m0 / t**2 + (a + b) / s**2) / precision) == 0

    # Condition (mean, readings) on the readings.
    joint = 0.25 * np.eye(3) + 0.16
    gain = np.linalg.solve(joint, np.full(3, 0.16))
    assert_allclose(after.loc, 36.8 + gain @ (READINGS - 36.8), rtol=1e-12)
    assert_allclose(after.scale**2, 0.16 - gain.sum() * 0.16, rtol=1e-12)
    assert_allclose(1 / after.variance(), 1 / 0.4**2 + 3 / 0.5**2, rtol=1e-12)


@pytest.mark.equation("eq-bayesian-inference-normal-inverse-gamma")
def test_normal_inverse_gamma_update(rng):
    """SciPy's densities at random points: prior times likelihood over posterior."""
    x = rng.normal(3, 2, 11)
    prior, after = (1.5, 0.7, 2.2, 3.1), None
    m, k, a, b = prior
    after = conjugate.update_normal_inverse_gamma(NormalInverseGamma(*prior), x)
    mu, v = rng.normal(3, 1, 40), rng.uniform(0.5, 9, 40)

    def log_density(m, k, a, b):
        return stats.invgamma.logpdf(v, a, scale=b) + stats.norm.logpdf(
            mu, m, np.sqrt(v / k)
        )

    log_lik = stats.norm.logpdf(x[:, None], mu, np.sqrt(v)).sum(axis=0)
    parameters = (after.loc, after.pseudo_count, after.shape, after.scale)
    ratio = log_density(m, k, a, b) + log_lik - log_density(*parameters)
    assert np.ptp(ratio) < 1e-9
    without_last_term = (*parameters[:3], b + ((x - x.mean()) ** 2).sum() / 2)
    wrong = log_density(m, k, a, b) + log_lik - log_density(*without_last_term)
    assert np.ptp(wrong) > 1e-3


@pytest.mark.equation("eq-bayesian-inference-student")
def test_mean_and_next_observation_are_student_t():
    """Quadrature over the variance, against scipy.stats.t."""
    m, k, a, b = 1.5, 0.7, 2.2, 3.1
    belief = NormalInverseGamma(m, k, a, b)
    for point in (-2.0, 1.5, 4.0):
        for spread, got, squared_scale in (
            (1 / k, belief.marginal_mean(), b / (a * k)),
            (1 + 1 / k, belief.predictive(), b / a * (1 + 1 / k)),
        ):
            integral = integrate.quad(
                lambda v, s=spread, x=point: (
                    stats.norm.pdf(x, m, np.sqrt(v * s))
                    * stats.invgamma.pdf(v, a, scale=b)
                ),
                0,
                np.inf,
                epsabs=1e-12,
            )[0]
            t = stats.t(2 * a, m, np.sqrt(squared_scale))
            assert_allclose(t.pdf(point), integral, rtol=1e-7)
            assert_allclose(np.exp(got.log_prob(point)), integral, rtol=1e-7)


def test_flat_limit_is_the_t_interval():
    n, scatter = 3, ((READINGS - READINGS.mean()) ** 2).sum()
    flat = NormalInverseGamma(READINGS.mean(), n, (n - 1) / 2, scatter / 2)
    error = READINGS.std(ddof=1) / np.sqrt(n)
    expected = stats.t.interval(0.95, n - 1, READINGS.mean(), error)
    assert_allclose(credible_interval(flat.marginal_mean()), expected, rtol=1e-10)
    # The limit of proper priors: k0 to 0, b0 to 0, and a0 = -1/2 as half a count less.
    proper = conjugate.update_normal_inverse_gamma(
        NormalInverseGamma(36.8, 1e-9, 1e-9, 1e-9), READINGS
    )
    assert_allclose(proper.scale, flat.scale, rtol=1e-6)
    assert_allclose(proper.shape - 0.5, flat.shape, rtol=1e-6)


@pytest.mark.equation("eq-bayesian-inference-gamma")
@pytest.mark.parametrize(("a", "b"), [(6, 2), (0.5, 0.1), (40, 3)])
def test_gamma_update_is_bayes_rule_on_a_grid(a, b):
    """Grid posterior against scipy.stats.gamma with scale 1 / (b + n)."""
    calls = np.array([4, 7, 5, 2])
    grid, cell = centers(0, 25, 20_000)
    log_p = stats.gamma.logpdf(grid, a, scale=1 / b)
    log_p += stats.poisson.logpmf(calls[:, None], grid).sum(axis=0)
    density = np.exp(log_p - log_p.max())
    density /= density.sum() * cell
    after = conjugate.update_gamma(Gamma(a, b), calls)
    assert_allclose(np.exp(after.log_prob(grid)), density, atol=1e-6)
    peer = stats.gamma(a + calls.sum(), scale=1 / (b + calls.size))
    assert_allclose(peer.pdf(grid), density, atol=1e-6)


@pytest.mark.equation("eq-bayesian-inference-negative-binomial")
@pytest.mark.parametrize(("a", "b"), [(24, 6), (0.5, 2.0), (1, 1)])
def test_negative_binomial_is_the_averaged_poisson(a, b):
    """Quadrature over the gamma density, and scipy.stats.nbinom."""
    counts = np.array([0, 1, 4, 10, 25])
    log_p = conjugate.negative_binomial_log_prob(Gamma(a, b), counts)
    for count, value in zip(counts, log_p, strict=True):
        # The rate as t^2, which takes away the pole of the density for a < 1.
        averaged = integrate.quad(
            lambda t, x=count: (
                stats.poisson.pmf(x, t**2)
                * stats.gamma.pdf(t**2, a, scale=1 / b)
                * 2
                * t
            ),
            0,
            8,
            epsabs=0,
            epsrel=1e-9,
        )[0]
        assert_allclose(np.exp(value), averaged, rtol=1e-8)
    assert_allclose(log_p, stats.nbinom.logpmf(counts, a, b / (b + 1)), rtol=1e-10)


@pytest.mark.equation("eq-bayesian-inference-dirichlet")
def test_dirichlet_update_and_prediction(rng):
    """SciPy's Dirichlet at random simplex points, and the mean by simulation."""
    alpha, counts = np.array([1.0, 2.0, 0.5, 3.0]), np.array([7, 0, 3, 2])
    after = conjugate.update_dirichlet(Dirichlet(alpha), counts)
    peer = stats.dirichlet(alpha + counts)
    points = rng.dirichlet(np.ones(4), 30)
    log_lik = np.log(points) @ counts
    values = [
        stats.dirichlet.logpdf(x, alpha) + log_p - peer.logpdf(x)
        for x, log_p in zip(points, log_lik, strict=True)
    ]
    assert np.ptp(values) < 1e-9
    assert_allclose(after.log_prob(points), [peer.logpdf(x) for x in points])
    # Predictive by simulating everything: weight draws of the prior by the likelihood.
    draws = rng.dirichlet(alpha, 400_000)
    with np.errstate(divide="ignore"):
        weights = np.exp(special.xlogy(counts, draws).sum(axis=1))
    weights /= weights.sum()
    expected = (alpha + counts) / (alpha + counts).sum()
    error = np.sqrt(weights**2 @ (draws - expected) ** 2)
    assert np.all(np.abs(weights @ draws - expected) < 5 * error)
    assert_allclose(after.mean(), expected, rtol=1e-12)


@pytest.mark.equation("eq-bayesian-inference-wishart")
def test_wishart_update_of_the_precision_not_of_the_covariance(rng):
    """SciPy's Wishart at random matrices: constant for precisions, else not."""
    d, nu, mean = 3, 5.0, np.array([1.0, -2.0, 0.5])
    V = stats.wishart(7, np.eye(d)).rvs(random_state=rng) / 7
    X = rng.normal(size=(11, d)) + mean
    after = conjugate.update_wishart(Wishart(nu, V), X, mean)
    S = (X - mean).T @ (X - mean)
    scale = np.linalg.inv(np.linalg.inv(V) + S)
    assert_allclose(after.scale, scale, rtol=1e-9)
    assert after.df == nu + 11
    matrices = stats.wishart(8, np.eye(d) / 8).rvs(30, random_state=rng)

    def log_lik(covariance):
        return stats.multivariate_normal(mean, covariance).logpdf(X).sum()

    def ratio(x):
        prior, posterior = stats.wishart(nu, V), stats.wishart(nu + 11, scale)
        return prior.logpdf(x) - posterior.logpdf(x)

    precisions = [log_lik(np.linalg.inv(x)) + ratio(x) for x in matrices]
    assert np.ptp(precisions) < 1e-8
    covariances = [log_lik(x) + ratio(x) for x in matrices]
    assert np.ptp(covariances) > 10
    # Inverse Wishart on the covariance is the same statement.
    inverse = [
        log_lik(x)
        + stats.invwishart(nu, np.linalg.inv(V)).logpdf(x)
        - stats.invwishart(nu + 11, np.linalg.inv(scale)).logpdf(x)
        for x in matrices
    ]
    assert np.ptp(inverse) < 1e-8


def test_next_vector_under_a_wishart_is_multivariate_t(rng):
    """The table of pairs: evidence of one vector by the identity, against SciPy."""
    V, nu = np.array([[0.5, 0.1], [0.1, 0.3]]), 6.0
    belief, at = Wishart(nu, V), np.eye(2)
    t = stats.multivariate_t([0, 0], np.linalg.inv(V) / (nu - 1), df=nu - 1)
    for x in rng.normal(size=(5, 2)):
        after = conjugate.update_wishart(belief, x[None], [0, 0])
        evidence = stats.multivariate_normal([0, 0]).logpdf(x)
        evidence += belief.log_prob(at) - after.log_prob(at)
        assert_allclose(evidence, t.logpdf(x), rtol=1e-10)


@pytest.mark.equation("eq-bayesian-inference-coverage")
@pytest.mark.parametrize(("a", "b", "mass"), [(1, 1, 0.95), (3, 2, 0.8)])
def test_credible_interval_covers_on_average_over_its_prior(a, b, mass):
    """Exact coverage for each p by summing over the counts, then quadrature over p."""
    n, k = 20, np.arange(21)
    low, high = credible_interval(conjugate.update_beta(Beta(a, b), k, n - k), mass)
    # Between the ends of the intervals the coverage is smooth.
    total = 0.0
    edges = np.unique(np.concatenate([[0.0], low, high, [1.0]]))
    for left, right in pairwise(edges):
        middle = 0.5 * (left + right)
        held = k[(low <= middle) & (middle <= high)]
        total += integrate.quad(
            lambda p, held=held: (
                stats.binom.pmf(held, n, p).sum() * stats.beta.pdf(p, a, b)
            ),
            left,
            right,
        )[0]
    assert_allclose(total, mass, rtol=1e-9)


def coverage_of_counts(low, high, n, p):
    """Exact coverage for each p of intervals that belong to the counts 0 to n."""
    pmf = stats.binom.pmf(np.arange(n + 1)[:, None], n, p)
    return (pmf * ((low[:, None] <= p) & (p <= high[:, None]))).sum(axis=0)


def test_coverage_of_wald_and_clopper_pearson():
    n, k, p = 20, np.arange(21), np.linspace(0.001, 0.999, 1997)
    half = 1.959964 * np.sqrt(k / n * (1 - k / n) / n)
    wald = coverage_of_counts(k / n - half, k / n + half, n, p)
    exact = [stats.binomtest(int(x), n).proportion_ci(0.95) for x in k]
    low, high = np.array([[e.low, e.high] for e in exact]).T
    # Quantiles of beta distributions, as the lesson has it.
    inner = slice(1, n)
    ends = special.betaincinv(k[inner], n - k[inner] + 1, 0.025)
    assert_allclose(low[inner], ends, rtol=1e-8)
    ends = special.betaincinv(k[inner] + 1, n - k[inner], 0.975)
    assert_allclose(high[inner], ends, rtol=1e-8)
    assert coverage_of_counts(low, high, n, p).min() >= 0.95
    assert wald[p < 0.05].max() < 0.7
    assert_allclose(wald.mean(), 0.847, atol=1e-3)


def test_t_interval_covers_for_every_fixed_mean(rng):
    for mean in (-5.0, 10.0):
        x = rng.normal(mean, 3, (40_000, 5))
        half = stats.t.ppf(0.975, 4) * x.std(axis=1, ddof=1) / np.sqrt(5)
        covered = (np.abs(x.mean(axis=1) - mean) <= half).mean()
        assert abs(covered - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 40_000)


def test_beta_interval_covers_when_p_comes_from_the_prior_only(rng):
    n, k = 20, np.arange(21)
    low, high = credible_interval(conjugate.update_beta(Beta(1, 1), k, n - k))
    for p, right in ((rng.random(40_000), True), (rng.beta(1, 60, 40_000), False)):
        counts = rng.binomial(n, p)
        covered = ((low[counts] <= p) & (p <= high[counts])).mean()
        near = abs(covered - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 40_000)
        assert near == right


def test_normal_interval_with_s_for_sigma_is_too_short(rng):
    x = rng.normal(0, 1, (40_000, 3))
    error = x.std(axis=1, ddof=1) / np.sqrt(3)
    covered = (np.abs(x.mean(axis=1)) < 1.959964 * error).mean()
    exact = 1 - 2 * stats.t.sf(1.959964, 2)
    assert_allclose(exact, 0.811, atol=1e-3)
    assert abs(covered - exact) < 5 * np.sqrt(exact * (1 - exact) / 40_000)


def test_mode_depends_on_the_parametrization():
    z = np.linspace(-5, 5, 200_001)
    p = special.expit(z)
    density = stats.beta(5, 2).pdf(p) * p * (1 - p)
    assert_allclose(p[density.argmax()], 5 / 7, atol=1e-4)
    grid = np.linspace(0.001, 0.999, 99_801)
    assert_allclose(grid[stats.beta(5, 2).pdf(grid).argmax()], 4 / 5, atol=1e-4)
