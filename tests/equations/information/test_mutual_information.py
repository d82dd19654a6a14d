"""The equations of "Joint entropy, mutual information ...", each by another route."""

import math

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr, xlogy

from mlnotes.information.discrete import entropy, jensen_shannon_divergence
from mlnotes.information.joint import (
    coin_information,
    conditional_entropy,
    expected_information,
    joint_entropy,
    mutual_information,
)
from mlnotes.probability.distributions import Beta


@pytest.fixture
def tables(rng):
    """Joint tables of two variables, dense and sparse ones."""
    dense = rng.dirichlet(np.ones(12), size=30)
    sparse = rng.dirichlet(np.full(12, 0.3), size=30)
    return np.concatenate([dense, sparse]).reshape(-1, 3, 4)


@pytest.mark.equation("eq-mutual-information-conditional")
def test_conditional_entropy_both_ways(tables):
    """SciPy's entropy of each column, weighted; and cell by cell under the joint."""
    for t in tables:
        p_y = t.sum(axis=0)
        by_column = sum(p_y[y] * stats.entropy(t[:, y]) for y in range(4))
        by_cell = -sum(
            t[x, y] * math.log(t[x, y] / p_y[y]) for x in range(3) for y in range(4)
        )
        assert_allclose(by_cell, by_column, rtol=1e-10)
        assert_allclose(conditional_entropy(t, 1), by_column, rtol=1e-10)
    # Negative control: pairs drawn separately give another number.
    t = np.array([[0.4, 0.1], [0.1, 0.4]])
    wrong = -(np.outer(t.sum(1), t.sum(0)) * np.log2(t / t.sum(0))).sum()
    assert_allclose(wrong, 1.321928, atol=5e-7)
    assert_allclose(conditional_entropy(t, 1, base=2), 0.721928, atol=5e-7)


@pytest.mark.equation("eq-mutual-information-chain", "eq-mutual-information-bayes")
def test_chain_rule_and_bayes_rule(tables):
    """Each entropy by SciPy from its own distribution."""
    for t in tables:
        h_x, h_y = stats.entropy(t.sum(axis=1)), stats.entropy(t.sum(axis=0))
        h_xy = stats.entropy(t.ravel())
        x_given_y = sum(t[:, y].sum() * stats.entropy(t[:, y]) for y in range(4))
        y_given_x = sum(t[x].sum() * stats.entropy(t[x]) for x in range(3))
        assert_allclose(x_given_y, h_xy - h_y, atol=1e-12)
        assert_allclose(y_given_x, x_given_y + h_y - h_x, atol=1e-12)
        assert_allclose(conditional_entropy(t, 0), y_given_x, atol=1e-12)


@pytest.mark.equation("eq-mutual-information-subadditive")
def test_joint_entropy_is_subadditive(tables, rng):
    """Random tables, with equality for products and for products only."""
    for t in tables:
        parts = stats.entropy(t.sum(axis=1)) + stats.entropy(t.sum(axis=0))
        gap = parts - joint_entropy(t)
        distance = np.abs(t - np.outer(t.sum(axis=1), t.sum(axis=0))).sum()
        # Pinsker's inequality bounds the gap from below.
        assert gap >= distance**2 / 2 - 1e-12
        assert distance > 1e-6
    p, q = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(3))
    both = stats.entropy(p) + stats.entropy(q)
    assert_allclose(joint_entropy(np.outer(p, q)), both, rtol=1e-12)


@pytest.mark.equation("eq-mutual-information-divergence")
def test_mutual_information_as_divergences(tables):
    """Entropies by SciPy against sums of rel_entr, whole and value by value."""
    for t in tables:
        p_x, p_y = t.sum(axis=1), t.sum(axis=0)
        differences = stats.entropy(p_x) + stats.entropy(p_y) - stats.entropy(t.ravel())
        whole = rel_entr(t, np.outer(p_x, p_y)).sum()
        by_value = sum(p_y[y] * rel_entr(t[:, y] / p_y[y], p_x).sum() for y in range(4))
        assert_allclose([whole, by_value], differences, atol=1e-12)
        assert_allclose(mutual_information(t), differences, atol=1e-12)


@pytest.mark.equation("eq-mutual-information-bounds")
def test_bounds_of_mutual_information(tables):
    """SciPy's entropies as bounds, reached by functions and by independence."""
    for t in tables:
        bound = min(stats.entropy(t.sum(axis=1)), stats.entropy(t.sum(axis=0)))
        assert 0 < mutual_information(t) < bound
    parity = np.tile([[1, 0], [0, 1]], (3, 1)) / 6
    assert_allclose(mutual_information(parity), np.log(2))
    assert mutual_information(np.full((4, 5), 1 / 20)) < 1e-15


def test_one_value_may_raise_the_entropy():
    t = np.array([[0.9, 0.05], [0.0, 0.05]])
    before, after = entropy(t.sum(axis=1), base=2), entropy(t[:, 1] / 0.1, base=2)
    assert_allclose([before, after], [0.286397, 1.0], atol=5e-7)
    assert mutual_information(t) > 0


@pytest.mark.equation("eq-mutual-information-gaussian")
@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.3, 0.8])
def test_mutual_information_of_normals(rho):
    """Quadrature of the divergence with SciPy's densities."""
    law = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    nodes, step = np.linspace(-9, 9, 361, retstep=True)
    grid = np.stack(np.meshgrid(nodes, nodes), axis=-1)
    log_joint = law.logpdf(grid)
    log_product = stats.norm.logpdf(grid).sum(axis=-1)
    # The trapezoidal rule is exact to rounding for smooth bumps.
    area = step**2 * np.sum(np.exp(log_joint) * (log_joint - log_product))
    assert_allclose(-np.log(1 - rho**2) / 2, area, atol=1e-10)


@pytest.mark.equation("eq-mutual-information-jsd")
def test_jensen_shannon_is_information_about_the_label(rng):
    """SciPy's Jensen-Shannon distance, squared."""
    for p, q in rng.dirichlet(np.full(4, 0.7), size=(40, 2)):
        expected = jensenshannon(p, q) ** 2
        information = mutual_information(np.stack([p, q]) / 2)
        assert_allclose(information, expected, atol=1e-12)
        assert_allclose(jensen_shannon_divergence(p, q), information, atol=1e-12)


@pytest.mark.equation("eq-mutual-information-g")
def test_g_statistic(rng):
    """SciPy's likelihood-ratio test of independence."""
    for _ in range(10):
        counts = rng.integers(1, 30, size=(3, 5))
        found = stats.chi2_contingency(
            counts, correction=False, lambda_="log-likelihood"
        )
        n = counts.sum()
        assert_allclose(2 * n * mutual_information(counts / n), found.statistic)


@pytest.mark.equation("eq-mutual-information-bias")
@pytest.mark.parametrize(("rows", "columns"), [(6, 6), (2, 5)])
def test_plug_in_estimate_is_biased_upwards(rng, rows, columns):
    """Simulation of independent variables within five standard errors."""
    n, repeats = 2000, 3000
    p = np.full(rows * columns, 1 / (rows * columns))
    shares = rng.multinomial(n, p, size=repeats).reshape(-1, rows, columns) / n
    estimates = np.array([mutual_information(t) for t in shares])
    error = estimates.std() / np.sqrt(repeats)
    bias = (rows - 1) * (columns - 1) / (2 * n)
    # The next term of the expansion is about (K - 1)^2 / (12 n^2), within 3e-5.
    assert abs(estimates.mean() - bias) < 5 * error + 3e-5
    assert bias > 10 * error


@pytest.mark.equation("eq-mutual-information-lindley")
def test_expected_information_is_mutual_information(rng):
    """Posterior by posterior, with SciPy's entropies, and from the side of the data."""
    for _ in range(20):
        prior, rows = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(4), size=3)
        joint = prior[:, None] * rows
        p_x = joint.sum(axis=0)
        about_theta = stats.entropy(prior) - sum(
            p_x[x] * stats.entropy(joint[:, x] / p_x[x]) for x in range(4)
        )
        about_x = stats.entropy(p_x) - prior @ stats.entropy(rows, axis=1)
        assert_allclose(about_theta, about_x, atol=1e-12)
        assert_allclose(expected_information(prior, rows), about_theta, atol=1e-12)
        assert about_theta >= 0


def information_from_the_data(a, b, n):
    """H(k) - E[H(k | theta)] by quadrature: no entropy of any Beta distribution."""
    k = np.arange(n + 1)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    theta = (nodes + 1) / 2
    density = stats.beta.pdf(theta, a, b) * weights / 2
    p = stats.binom.pmf(k, n, theta[:, None])
    return stats.entropy(density @ p) + density @ xlogy(p, p).sum(axis=1)


@pytest.mark.equation("eq-mutual-information-coin")
@pytest.mark.parametrize(
    ("a", "b", "n"), [(1, 1, 1), (1, 1, 5), (1, 1, 10), (8, 1, 1), (3, 2, 20)]
)
def test_coin_information(a, b, n):
    """Gauss-Legendre quadrature from the side of the data."""
    expected = information_from_the_data(a, b, n)
    # The binomial entropy has a kink of the kind x log x at 0 and 1.
    assert_allclose(coin_information(Beta(a, b), n), expected, atol=1e-6)


@pytest.mark.equation("eq-mutual-information-one-flip")
def test_one_flip_exactly():
    """Computer algebra: entropy of the flip minus its mean entropy given theta."""
    theta = sp.symbols("theta", positive=True)
    given = 2 * sp.integrate(-theta * sp.log(theta), (theta, 0, 1))
    assert sp.simplify(given - sp.Rational(1, 2)) == 0
    assert_allclose(coin_information(Beta(1, 1), 1), np.log(2) - 0.5, rtol=1e-12)
    area, _ = integrate.quad(lambda t: -2 * xlogy(t, t), 0, 1)
    assert_allclose(area, 0.5, atol=1e-12)


@pytest.mark.equation("eq-mutual-information-growth")
def test_growth_with_half_the_logarithm():
    """Differences to the asymptote shrink; quadrature confirms one of them."""
    sizes = np.array([10, 100, 1000, 10_000])
    exact = np.array([coin_information(Beta(1, 1), int(n)) for n in sizes])
    left = exact - (np.log(sizes / (2 * np.pi * np.e)) / 2 + 1)
    assert np.all(left > 0)
    assert np.all(left[1:] < left[:-1] / 5)
    assert left[-1] < 3e-4
    assert_allclose(information_from_the_data(1, 1, 100), exact[1], atol=1e-6)


def test_realized_gains_and_their_average():
    k = np.arange(6)
    gains = -stats.beta.entropy(1 + k, 6 - k)
    assert_allclose(gains[4], 0.484531, atol=5e-7)
    assert_allclose(gains[4] / np.log(2), 0.699030, atol=5e-7)
    assert_allclose(gains.mean(), coin_information(Beta(1, 1), 5), rtol=1e-9)
    tails = stats.beta.entropy(8, 1) - stats.beta.entropy(8, 2)
    assert_allclose(tails, -0.409521, atol=5e-7)
