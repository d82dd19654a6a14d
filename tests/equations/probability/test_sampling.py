"""The equations of the lesson "Monte Carlo, ...", each by another route."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from mlnotes.probability.sampling import monte_carlo, running_means

DIE = np.arange(1.0, 7.0)
THREE_ROLLS = np.array(list(product(DIE, repeat=3)))


@pytest.mark.equation("eq-sampling-unbiased")
def test_average_is_unbiased_with_or_without_independence():
    """Enumeration of all outcomes: rolls of a die, and draws without replacement."""
    expected = np.mean(DIE**2)
    rolls = [monte_carlo(np.square, x).mean for x in THREE_ROLLS]
    assert_allclose(np.mean(rolls), expected, rtol=1e-12)
    # Every draw without replacement is uniform on the six numbers, but they depend.
    drawn = [monte_carlo(np.square, x).mean for x in permutations(DIE, 3)]
    assert_allclose(np.mean(drawn), expected, rtol=1e-12)
    assert not np.isclose(np.var(drawn), np.var(rolls))


@pytest.mark.equation("eq-sampling-variance-of-mean")
def test_variance_of_the_mean_of_uncorrelated_values():
    """Enumeration: independent dice, and variables that are only uncorrelated."""
    assert_allclose(np.var(THREE_ROLLS.mean(axis=1)), np.var(DIE) / 3, rtol=1e-12)
    # Two signs and their product: any two are independent, the three are not.
    signs = np.array([(a, b, a * b) for a, b in product([-1.0, 1.0], repeat=2)])
    assert_allclose(np.var(signs.mean(axis=1)), 1 / 3, rtol=1e-12)
    # Negative control: correlated values do not have this variance.
    drawn = np.array(list(permutations(DIE, 3))).mean(axis=1)
    assert abs(np.var(drawn) - np.var(DIE) / 3) > 0.1


@pytest.mark.equation("eq-sampling-standard-error")
def test_squared_standard_error_is_right_on_average():
    """Enumeration of all 216 outcomes of three rolls."""
    squared = [monte_carlo(np.positive, x).standard_error ** 2 for x in THREE_ROLLS]
    assert_allclose(np.mean(squared), np.var(THREE_ROLLS.mean(axis=1)), rtol=1e-12)


@pytest.mark.equation("eq-sampling-autoregression")
@pytest.mark.parametrize("rho", [0.9, 0.3, -0.5])
def test_variance_of_the_mean_of_an_autoregression(rho):
    """Covariance matrix built from the recursion, X = A Z with independent Z."""
    n, sigma = 60, 1.7
    A = np.zeros((n, n))  # row i: the weights of Z_1, ..., Z_i in X_i
    A[0, 0] = sigma
    for i in range(1, n):
        A[i] = rho * A[i - 1]
        A[i, i] = sigma * np.sqrt(1 - rho**2)
    assert_allclose(np.diag(A @ A.T), sigma**2, rtol=1e-12)
    expected = ((A.mean(axis=0)) ** 2).sum()
    k = np.arange(1, n)
    bracket = 1 + 2 * ((1 - k / n) * rho**k).sum()
    assert_allclose(sigma**2 / n * bracket, expected, rtol=1e-12)


@pytest.mark.equation("eq-sampling-autoregression")
@pytest.mark.parametrize("rho", [0.9, 0.3, -0.5])
def test_inflation_of_a_long_autoregression(rho):
    """The exact bracket for growing n: the gap to the limit falls like 1/n."""

    def gap(n):
        k = np.arange(1, n)
        bracket = 1 + 2 * ((1 - k / n) * rho**k).sum()
        return bracket - (1 + rho) / (1 - rho)

    assert abs(gap(100_000)) < 1e-2
    assert_allclose(gap(10_000) / gap(100_000), 10, rtol=1e-6)


@pytest.mark.equation("eq-sampling-antithetic")
@pytest.mark.parametrize(
    "f", [np.exp, np.sqrt, lambda u: (u - 0.5) ** 2], ids=["exp", "sqrt", "square"]
)
def test_variance_of_an_antithetic_pair(f):
    """Quadrature of the pair average itself."""

    def expect(g):
        return integrate.quad(g, 0, 1, epsabs=1e-13, epsrel=1e-13)[0]

    mean = expect(f)
    pair = expect(lambda u: ((f(u) + f(1 - u)) / 2 - mean) ** 2)
    variance = expect(lambda u: (f(u) - mean) ** 2)
    covariance = expect(lambda u: (f(u) - mean) * (f(1 - u) - mean))
    assert_allclose((variance + covariance) / 2, pair, rtol=1e-9)


def test_antithetic_and_stratified_variances_of_the_lesson(rng):
    # Simulation within 5 standard errors of a variance, sqrt(2 / n) or wider.
    u, v = rng.random((2, 400_000))
    pairs = {
        0.121018: (np.exp(u) + np.exp(v)) / 2,
        0.0039125: (np.exp(u) + np.exp(1 - u)) / 2,
        0.032465: (np.exp(u / 2) + np.exp((1 + v) / 2)) / 2,
    }
    for exact, x in pairs.items():
        squares = (x - (np.e - 1)) ** 2
        error = squares.std() / np.sqrt(squares.size)
        assert abs(squares.mean() - exact) < 5 * error


@pytest.mark.equation("eq-sampling-chebyshev")
@pytest.mark.parametrize("n", [3, 30, 300])
def test_chebyshev_bounds_the_exact_probability(n):
    """Exact binomial probabilities, and a distribution that attains the bound."""
    p, counts = 0.3, np.arange(n + 1)
    probability = stats.binom.pmf(counts, n, p)
    for epsilon in (0.05, 0.1, 0.3):
        far = np.abs(counts / n - p) >= epsilon - 1e-12
        assert probability[far].sum() <= p * (1 - p) / (n * epsilon**2)
    # One draw that is -1, 0, 1 with 1/8, 3/4, 1/8 has sigma^2 = 1/4 = P(|X| >= 1).
    values, weights = np.array([-1.0, 0.0, 1.0]), np.array([1, 6, 1]) / 8
    sigma_squared = weights @ values**2
    assert weights[np.abs(values) >= 1].sum() == sigma_squared / (1 * 1.0**2)


@pytest.mark.equation("eq-sampling-cauchy")
@pytest.mark.parametrize("x", [0.0, 0.7, -3.0])
def test_mean_of_two_cauchy_draws_is_cauchy(x):
    """Density of the mean of two by convolution, numerically."""
    density = stats.cauchy.pdf

    def pair(a):
        return 2 * density(a) * density(2 * x - a)

    # Split at the two peaks, 0 and 2x.
    cuts = [-np.inf, *sorted({0.0, 2 * x}), np.inf]
    total = sum(integrate.quad(pair, a, b, epsabs=1e-12)[0] for a, b in pairwise(cuts))
    assert_allclose(total, density(x), rtol=1e-8)


@pytest.mark.equation("eq-sampling-cauchy")
def test_mean_of_a_hundred_cauchy_draws_is_as_wide_as_one(rng):
    """Kolmogorov's test of simulated means; normal draws fail it."""
    means = running_means(rng.standard_cauchy((4000, 100)))[:, -1]
    assert stats.kstest(means, stats.cauchy.cdf).pvalue > 1e-4
    narrowed = rng.standard_normal((4000, 100)).mean(axis=1)
    assert stats.kstest(narrowed, stats.norm.cdf).pvalue < 1e-4


@pytest.mark.equation("eq-sampling-clt")
def test_standardized_sums_approach_the_normal():
    """Exact distributions of the sum: Gamma, binomial and chi-squared."""
    z = np.linspace(-3, 3, 61)
    p, k = 0.3, 3.0  # skewness of a chi-squared with 3 degrees of freedom: 1.63
    for n, tolerance in ((100, 0.05), (10_000, 0.005), (1_000_000, 0.0005)):
        spread = np.sqrt(n)
        laws = {
            "exponential": stats.gamma.cdf(n + z * spread, n),
            "Bernoulli": stats.binom.cdf(
                n * p + z * spread * np.sqrt(p * (1 - p)), n, p
            ),
            "chi-squared": stats.chi2.cdf(n * k + z * spread * np.sqrt(2 * k), n * k),
        }
        for cdf in laws.values():
            assert np.abs(cdf - stats.norm.cdf(z)).max() < tolerance


@pytest.mark.equation("eq-sampling-clt")
def test_misplaced_bracket_drifts(rng):
    """Simulation: with n mu inside the sum the mean is -(n - 1) sqrt(n) mu / sigma."""
    n = 100
    x = rng.exponential(size=(5000, n))
    wrong = ((x - n) / np.sqrt(n)).sum(axis=1)
    right = (x.sum(axis=1) - n) / np.sqrt(n)
    # Both have standard deviation 1.
    assert abs(wrong.mean() + (n - 1) * np.sqrt(n)) < 5 / np.sqrt(5000)
    assert abs(right.mean()) < 5 / np.sqrt(5000)


@pytest.mark.equation("eq-sampling-clt-rate")
@pytest.mark.parametrize("shape", [1.0, 0.25, 4.0])
def test_leading_error_of_the_normal_approximation(shape):
    """Exact Gamma distribution of a sum of Gamma draws, skewness 2 / sqrt(shape)."""
    z = np.linspace(-4, 6, 20_001)
    ratios = []
    for n in (400, 40_000):
        total = n * shape
        exact = stats.gamma.cdf(total + z * np.sqrt(total), total)
        worst = np.abs(exact - stats.norm.cdf(z)).max()
        leading = (2 / np.sqrt(shape)) / (6 * np.sqrt(2 * np.pi * n))
        ratios.append(worst / leading)
    assert_allclose(ratios, 1, atol=0.02)
    assert abs(ratios[1] - 1) < 1e-4


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.99**30, 0.7397),
        (np.sqrt(0.99 / (0.01 * 30)), 1.81659),
        (4 * np.sqrt(np.pi / 4 * (1 - np.pi / 4) / 30), 0.29982),
        (stats.gamma.sf(2, 5, scale=0.2), 0.0292527),
        (stats.norm.sf(np.sqrt(5)), 0.0126737),
        (integrate.quad(np.exp, 0, 1)[0], 1.718282),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=2e-5)
