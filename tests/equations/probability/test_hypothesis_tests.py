"""The equations of the lesson "Hypothesis tests", each by another route."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from mlnotes.probability import hypothesis_tests as ht


def near(rate, expected, n_repetitions):
    """Within 5 standard errors of a simulated share."""
    return abs(rate - expected) < 5 * np.sqrt(expected * (1 - expected) / n_repetitions)


@pytest.mark.equation("eq-hypothesis-tests-coin")
def test_tail_of_the_coin():
    """Counting the heads of all 2^20 sequences of flips."""
    heads = np.bitwise_count(np.arange(2**20, dtype=np.uint32))
    assert (heads >= 15).sum() == 21700
    truth = stats.binomtest(15, 20, 0.5, alternative="greater").pvalue
    assert_allclose(21700 / 2**20, truth, rtol=1e-12)
    assert round(truth, 4) == 0.0207
    # Negative control: exactly 15 heads.
    assert round((heads == 15).mean(), 4) == 0.0148


@pytest.mark.parametrize(("observed", "p"), [(15, 0.5), (10, 0.3), (2, 0.3)])
def test_two_sided_p_adds_what_is_no_more_probable(observed, p):
    q = stats.binom(20, p).pmf(np.arange(21))
    both = q[q <= q[observed] * (1 + 1e-7)].sum()
    assert_allclose(both, stats.binomtest(observed, 20, p).pvalue, rtol=1e-9)


@pytest.mark.equation("eq-hypothesis-tests-uniform")
def test_p_values_are_uniform_under_the_null_hypothesis(rng):
    """Simulation, judged by the Kolmogorov-Smirnov test, for z and for t."""
    x = rng.normal(3.0, 2.0, size=(20_000, 4))
    for p in (ht.z_test(x, 3.0, 2.0).p_value, ht.t_test(x, 3.0).p_value):
        assert stats.kstest(p, "uniform").pvalue > 1e-6
    # Negative controls: a wrong mean, and a count, whose p-values move in steps.
    assert stats.kstest(ht.z_test(x, 4.0, 2.0).p_value, "uniform").pvalue < 1e-6
    tails = stats.binom(20, 0.5).sf(rng.binomial(20, 0.5, size=20_000) - 1)
    assert stats.kstest(tails, "uniform").pvalue < 1e-6


def test_p_values_of_a_count_are_never_too_small_too_often():
    k = np.arange(21)
    mass = stats.binom(20, 0.5).pmf(k)
    p = stats.binom(20, 0.5).sf(k - 1)
    for u in (0.01, 0.05, 0.2, 0.5):
        assert mass[p <= u].sum() <= u


@pytest.mark.equation("eq-hypothesis-tests-z")
@pytest.mark.parametrize("z", [-2.5, 0.4, 1.96])
def test_p_value_of_z(z):
    """Quadrature of the density of the sample mean outside the observed distance."""
    mu, sigma, n = 250.0, 4.0, 16
    x = np.full(n, mu + z * sigma / np.sqrt(n))
    density = stats.norm(mu, sigma / np.sqrt(n)).pdf
    inside, _ = integrate.quad(density, mu - abs(z), mu + abs(z), epsabs=1e-12)
    found = ht.z_test(x, mu, sigma)
    assert_allclose(found.p_value, 1 - inside, rtol=1e-7)
    assert_allclose(found.statistic, z, rtol=1e-9)


@pytest.mark.equation("eq-hypothesis-tests-z")
def test_level_of_the_z_test(rng):
    """Simulated rejections: normal with n = 5, exponential with n = 200."""
    m = 20_000
    normal = ht.z_test(rng.normal(1, 1, (m, 5)), 1, 1).p_value
    assert near((normal < 0.05).mean(), 0.05, m)
    skewed = ht.z_test(rng.exponential(1, (m, 200)), 1, 1).p_value
    assert abs((skewed < 0.05).mean() - 0.05) < 0.01
    # Negative control: a standard deviation that is wrong by a fifth.
    wrong = ht.z_test(rng.normal(1, 1.2, (m, 5)), 1, 1).p_value
    assert not near((wrong < 0.05).mean(), 0.05, m)


@pytest.mark.equation("eq-hypothesis-tests-beta")
@pytest.mark.parametrize(("n", "shift", "alpha"), [(4, 2, 0.05), (16, -2, 0.01)])
def test_type_2_errors(n, shift, alpha, rng):
    """Simulated tests of a false hypothesis; quadrature over the sample mean."""
    m, sigma = 20_000, 4.0
    d = np.sqrt(n) * shift / sigma
    z = stats.norm.isf(alpha / 2)
    beta = stats.norm.cdf(z - d) - stats.norm.cdf(-z - d)
    kept = (
        ht.z_test(rng.normal(250 + shift, sigma, (m, n)), 250, sigma).p_value >= alpha
    )
    assert near(kept.mean(), beta, m)
    assert_allclose(1 - ht.z_test_power(d, alpha), beta, rtol=1e-9)
    limit = z * sigma / np.sqrt(n)
    mean = stats.norm(250 + shift, sigma / np.sqrt(n))
    area, _ = integrate.quad(mean.pdf, 250 - limit, 250 + limit, epsabs=1e-12)
    assert_allclose(beta, area, rtol=1e-7)


@pytest.mark.equation("eq-hypothesis-tests-t")
@pytest.mark.parametrize("n", [2, 5, 30])
def test_distribution_of_t(n, rng):
    """Simulation from normal data, judged by the Kolmogorov-Smirnov test."""
    t = ht.t_test(rng.normal(2.0, 3.0, (20_000, n)), 2.0).statistic
    assert stats.kstest(t, stats.t(n - 1).cdf).pvalue > 1e-6
    # Negative control: the degrees of freedom are not n where that matters.
    if n == 2:
        assert stats.kstest(t, stats.t(n).cdf).pvalue < 1e-6


def test_t_density_approaches_the_normal_density():
    x = np.linspace(-5, 5, 201)
    gaps = [
        np.abs(stats.t.pdf(x, df) - stats.norm.pdf(x)).max()
        for df in (1, 10, 100, 1000)
    ]
    # The gap is of the order 1 / df.
    assert_allclose(gaps[2] / gaps[3], 10, rtol=0.02)
    assert np.all(np.diff(gaps) < 0)
    thresholds = stats.t([1, 4, 30]).isf(0.025)
    assert_allclose(thresholds, [12.71, 2.78, 2.04], atol=0.005)


@pytest.mark.equation("eq-hypothesis-tests-pooled")
def test_pooled_t_is_a_regression_on_a_dummy(rng):
    """The t of the slope when y is regressed on group membership (SciPy)."""
    x, y = rng.normal(1.0, 2.0, size=7), rng.normal(0.0, 2.0, size=11)
    line = stats.linregress(np.repeat([1.0, 0.0], [7, 11]), np.append(x, y))
    found = ht.pooled_t_test(x, y)
    assert_allclose(found.statistic, line.slope / line.stderr, rtol=1e-10)
    assert_allclose(found.p_value, line.pvalue, rtol=1e-9)
    assert_allclose(found.p_value, stats.ttest_ind(x, y).pvalue, rtol=1e-9)
    assert found.degrees_of_freedom == 16


@pytest.mark.equation("eq-hypothesis-tests-pooled")
def test_level_of_the_pooled_test_needs_equal_variances(rng):
    """Simulation of a true hypothesis with equal and with unequal variances."""
    m = 20_000
    x, y = rng.standard_normal((m, 10)), rng.standard_normal((m, 40))
    assert near((ht.pooled_t_test(x, y).p_value < 0.05).mean(), 0.05, m)
    assert abs((ht.pooled_t_test(4 * x, y).p_value < 0.05).mean() - 0.29) < 0.02
    assert (ht.pooled_t_test(x, 4 * y).p_value < 0.05).mean() < 0.005


@pytest.mark.equation("eq-hypothesis-tests-welch")
def test_degrees_of_freedom_of_welch_match_two_moments(rng):
    """Simulated mean and variance of v_1 + v_2; level by simulation; SciPy."""
    m, n_1, n_2 = 100_000, 6, 9
    x, y = 3 * rng.standard_normal((m, n_1)), rng.standard_normal((m, n_2))
    total = x.var(axis=1, ddof=1) / n_1 + y.var(axis=1, ddof=1) / n_2
    # A chi-squared variable with nu degrees of freedom has variance / mean^2 = 2 / nu.
    v_1, v_2 = 9 / n_1, 1 / n_2
    nu = (v_1 + v_2) ** 2 / (v_1**2 / (n_1 - 1) + v_2**2 / (n_2 - 1))
    assert_allclose(2 * total.mean() ** 2 / total.var(), nu, rtol=0.05)
    found = ht.welch_t_test(x[:20_000], y[:20_000])
    assert abs((found.p_value < 0.05).mean() - 0.05) < 0.01
    truth = stats.ttest_ind(x[:5], y[:5], axis=1, equal_var=False)
    assert_allclose(found.degrees_of_freedom[:5], truth.df, rtol=1e-10)
    assert_allclose(found.p_value[:5], truth.pvalue, rtol=1e-9)


@pytest.mark.equation("eq-hypothesis-tests-chi-squared")
def test_statistic_of_two_outcomes_is_z_squared():
    """For two outcomes it is the square of the standardized binomial count."""
    for k in range(21):
        z = (k - 20 * 0.3) / np.sqrt(20 * 0.3 * 0.7)
        found = ht.chi_squared_fit([k, 20 - k], [0.3, 0.7])
        assert_allclose(found.statistic, z**2, atol=1e-12)
        assert_allclose(found.p_value, 2 * stats.norm.sf(abs(z)), rtol=1e-9)


@pytest.mark.equation("eq-hypothesis-tests-chi-squared")
def test_exact_tail_approaches_the_chi_squared_tail():
    """Enumeration of all counts of three outcomes; Mendel's peas as in SciPy."""
    p, gaps = np.array([0.5, 0.3, 0.2]), []
    for n in (10, 120):
        counts = np.array(
            [
                (a, b, n - a - b)
                for a, b in product(range(n + 1), repeat=2)
                if a + b <= n
            ]
        )
        mass = stats.multinomial(n, p).pmf(counts)
        found = ht.chi_squared_fit(counts, p)
        rates = [mass[found.p_value < level].sum() for level in (0.05, 0.1, 0.3)]
        gaps.append(np.abs(np.array(rates) / [0.05, 0.1, 0.3] - 1).max())
    assert gaps[1] < gaps[0]
    assert gaps[1] < 0.05
    peas = ht.chi_squared_fit([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16)
    truth = stats.chisquare([315, 108, 101, 32], 556 * np.array([9, 3, 3, 1]) / 16)
    assert_allclose(peas.p_value, truth.pvalue, rtol=1e-9)


@pytest.mark.equation("eq-hypothesis-tests-independence")
def test_null_distribution_of_a_table(rng):
    """Mean and tail of simulated independent tables; expected counts by SciPy."""
    cells = np.outer([0.5, 0.5], [210, 110, 80]).ravel() / 400
    m = 20_000
    tables = rng.multinomial(400, cells, size=m).reshape(-1, 2, 3)
    found = ht.chi_squared_independence(tables)
    assert (found.degrees_of_freedom == 2).all()
    # A chi-squared variable has the mean df and the variance 2 df.
    assert abs(found.statistic.mean() - 2) < 5 * 2 / np.sqrt(m) + 0.02
    assert abs((found.p_value < 0.05).mean() - 0.05) < 0.01
    density, edges = np.histogram(found.statistic, np.arange(0, 8.5, 0.5))
    expected = m * np.diff(stats.chi2(2).cdf(edges))
    assert (np.abs(density - expected) < 6 * np.sqrt(expected)).all()
    assert_allclose(
        ht.expected_counts(tables[0]),
        stats.contingency.expected_freq(tables[0]),
        rtol=1e-12,
    )


def test_figures_of_the_lesson():
    found = ht.chi_squared_independence([[90, 60, 50], [120, 50, 30]])
    truth = stats.chi2_contingency([[90, 60, 50], [120, 50, 30]], correction=False)
    assert_allclose(found.p_value, truth.pvalue, rtol=1e-9)
    assert_allclose(found.p_value, np.exp(-found.statistic / 2), rtol=1e-9)
    assert round(float(1 - ht.z_test_power(2.0, 0.05)), 3) == 0.484
