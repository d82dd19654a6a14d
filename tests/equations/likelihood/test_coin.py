"""The equations of the lesson "Likelihood and the coin", each by another route."""

from itertools import product
from math import comb, factorial

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats

from mlnotes.likelihood.maximum_likelihood import (
    log_likelihood,
    observed_information,
    score,
)
from mlnotes.probability.distributions import Bernoulli, Binomial, Laplace, Normal

FIVE_FLIPS = [1, 1, 1, 0, 1]


@pytest.mark.equation("eq-coin-likelihood")
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.7, 1.0])
def test_sequence_likelihood_multiplies_the_flips(p):
    """Product of the single probabilities, flip by flip, for all sequences of 4."""
    for flips in product([0, 1], repeat=4):
        expected = 1.0
        for x in flips:
            expected *= p if x else 1 - p
        got = np.exp(log_likelihood(Bernoulli(p), flips))
        assert_allclose(got, expected, rtol=1e-12)
        k = sum(flips)
        assert_allclose(p**k * (1 - p) ** (4 - k), expected, rtol=1e-12)


@pytest.mark.equation("eq-coin-count")
def test_count_probability_adds_up_the_sequences():
    """Enumeration of all 2^5 sequences and their number of heads."""
    p = 0.7
    by_count = np.zeros(6)
    for flips in product([0, 1], repeat=5):
        by_count[sum(flips)] += np.prod([p if x else 1 - p for x in flips])
    assert_allclose(np.exp(Binomial(5, p).log_prob(np.arange(6))), by_count, rtol=1e-12)
    formula = [comb(5, k) * p**k * (1 - p) ** (5 - k) for k in range(6)]
    assert_allclose(formula, by_count, rtol=1e-12)


@pytest.mark.equation("eq-coin-area")
@pytest.mark.parametrize(("k", "n"), [(4, 5), (0, 3), (3, 3), (2, 7)])
def test_area_under_the_likelihood(k, n):
    """Numerical quadrature of the likelihood over the parameter."""
    area, _ = integrate.quad(lambda p: p**k * (1 - p) ** (n - k), 0, 1)
    formula = factorial(k) * factorial(n - k) / factorial(n + 1)
    assert_allclose(formula, area, rtol=1e-12)


@pytest.mark.equation("eq-coin-log-likelihood")
def test_log_likelihood_is_the_sum_of_log_densities(rng):
    """The logarithm of the product of SciPy's densities."""
    x = rng.normal(size=7)
    product_of_densities = np.prod(stats.norm.pdf(x, 0.3, 1.4))
    got = log_likelihood(Normal(0.3, 1.4), x)
    assert_allclose(got, np.log(product_of_densities), rtol=1e-12)


@pytest.mark.equation("eq-coin-normal-mle")
def test_normal_mle_maximizes_the_log_likelihood(rng):
    """Numerical maximization with SciPy's densities."""
    x = rng.normal(10.0, 3.0, size=40)
    found = optimize.minimize(
        lambda t: -stats.norm.logpdf(x, t[0], np.exp(t[1])).sum(),
        x0=[9.0, 1.0],
        method="BFGS",
        options={"gtol": 1e-8},
    )
    fit = Normal.mle(x)
    # BFGS stops within about sqrt(eps) of the maximizer.
    assert_allclose([fit.loc, np.log(fit.scale)], found.x, atol=1e-6)
    assert_allclose(fit.scale**2, sum((x - sum(x) / 40) ** 2) / 40, rtol=1e-12)


@pytest.mark.equation("eq-coin-variance-bias")
def test_variance_mle_is_too_small_by_the_stated_factor():
    """Exact expectation: all 3^4 samples of size 4 from a fair three-sided die."""
    sides = np.array([1.0, 2.0, 6.0])
    samples = np.array(list(product(sides, repeat=4)))
    expected = np.mean([np.mean((s - s.mean()) ** 2) for s in samples])
    assert_allclose(expected, 3 / 4 * np.mean((sides - sides.mean()) ** 2), rtol=1e-12)


@pytest.mark.equation("eq-coin-uniform-mle")
def test_uniform_likelihood_peaks_at_the_largest_observation(rng):
    """SciPy's uniform density on a grid of end points."""
    x = rng.uniform(0, 4, size=9)
    ends = np.sort(np.append(np.linspace(0.1, 8, 500), x.max()))
    likelihood = [stats.uniform.pdf(x, 0, end).prod() for end in ends]
    assert ends[np.argmax(likelihood)] == x.max()


@pytest.mark.equation("eq-coin-score", "eq-coin-mle")
def test_score_and_its_root():
    """Computer algebra for four heads in five flips and for general counts."""
    p = sp.symbols("p", positive=True)
    ell = 4 * sp.log(p) + sp.log(1 - p)
    assert sp.simplify(sp.diff(ell, p) - (4 / p - 1 / (1 - p))) == 0
    assert sp.solve(sp.diff(ell, p), p) == [sp.Rational(4, 5)]
    assert float(Bernoulli.mle(FIVE_FLIPS).p) == 0.8

    k, n = sp.symbols("k n", positive=True)
    general = k * sp.log(p) + (n - k) * sp.log(1 - p)
    assert sp.simplify(sp.diff(general, p) - (k / p - (n - k) / (1 - p))) == 0
    assert sp.simplify(sp.solve(sp.diff(general, p), p)[0] - k / n) == 0
    # And numerically, from nothing but values of the log-likelihood.
    slope = score(lambda t: float(log_likelihood(Bernoulli(t[0]), FIVE_FLIPS)), [0.6])
    assert_allclose(slope, 4 / 0.6 - 1 / 0.4, rtol=1e-8)


@pytest.mark.equation("eq-coin-information")
@pytest.mark.parametrize(("k", "n"), [(4, 5), (3, 10), (1, 2)])
def test_information_is_minus_the_second_derivative(k, n):
    """Computer algebra, and finite differences of the log-likelihood."""
    p = sp.symbols("p", positive=True)
    ell = k * sp.log(p) + (n - k) * sp.log(1 - p)
    exact = -sp.diff(ell, p, 2).subs(p, sp.Rational(k, n))
    share = k / n
    assert_allclose(n / (share * (1 - share)), float(exact), rtol=1e-12)
    assert_allclose(k / share**2 + (n - k) / (1 - share) ** 2, float(exact), rtol=1e-12)
    flips = np.r_[np.ones(k), np.zeros(n - k)]
    differences = observed_information(
        lambda t: float(log_likelihood(Bernoulli(t[0]), flips)), [share]
    )
    # Second differences: error h^2 l''''/12 with h about 1e-4 of p.
    assert_allclose(differences, [[float(exact)]], rtol=1e-5)


@pytest.mark.equation("eq-coin-standard-error")
def test_standard_error_is_the_spread_of_the_estimate():
    """Exact standard deviation of k/n, summed over all counts."""
    n, p = 30, 0.8
    shares = np.arange(n + 1) / n
    probability = stats.binom.pmf(np.arange(n + 1), n, p)
    mean = probability @ shares
    spread = np.sqrt(probability @ (shares - mean) ** 2)
    assert_allclose(np.sqrt(p * (1 - p) / n), spread, rtol=1e-12)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.exp(log_likelihood(Bernoulli(0.5), [1, 1, 0])), 0.125),
        (np.exp(log_likelihood(Bernoulli(0.7), [1, 1, 0])), 0.147),
        (np.exp(log_likelihood(Bernoulli(2 / 3), [1, 1, 0])), 4 / 27),
        (np.exp(Binomial(3, 0.5).log_prob(2)), 0.375),
        (np.exp(Binomial(3, 0.7).log_prob(2)), 0.441),
        (np.exp(log_likelihood(Bernoulli(0.8), FIVE_FLIPS)), 256 / 3125),
        (log_likelihood(Bernoulli(0.8), FIVE_FLIPS), 4 * np.log(0.8) + np.log(0.2)),
        (log_likelihood(Bernoulli(0.5), FIVE_FLIPS), -5 * np.log(2)),
        (np.exp(log_likelihood(Bernoulli(0.7), FIVE_FLIPS)), 0.7**4 * 0.3),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=1e-12)


def test_laplace_estimate_is_the_median_where_the_score_jumps():
    x = np.array([0.4, 2.1, 90.0])
    grid = np.linspace(0, 100, 10_001)
    best = grid[np.argmax(log_likelihood(Laplace(grid, 1.0), x))]
    assert best == Laplace.mle(x).loc == np.median(x)
