"""The equations of the lesson "Kullback-Leibler divergence", each by another route."""

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats
from scipy.spatial.distance import jensenshannon

from mlnotes.information.discrete import (
    cross_entropy,
    entropy,
    jensen_shannon_divergence,
    kl_divergence,
)
from mlnotes.likelihood.maximum_likelihood import log_likelihood
from mlnotes.probability.distributions import Bernoulli, Categorical, Normal

WEATHER, FORECAST = [0.50, 0.30, 0.20], [0.40, 0.35, 0.25]
FOUR = np.array([0.40, 0.30, 0.20, 0.10])
MODEL_A, MODEL_B = [0.35, 0.30, 0.25, 0.10], [0.42, 0.28, 0.18, 0.12]
HEADS_IN_FIVE = [1, 1, 1, 0, 1]


# The trapezoidal rule on a wide, fine grid is exact to rounding for smooth bumps.
GRID, STEP = np.linspace(-25, 25, 5001, retstep=True)


def reverse_kl(loc, scale, m):
    """Divergence of a Normal from two bumps at -m and m (trapezoidal rule)."""
    log_q = stats.norm.logpdf(GRID, loc, scale)
    bumps = stats.norm.logpdf(GRID[:, None], [-m, m])
    log_p = special.logsumexp(bumps, axis=1) - np.log(2)
    return STEP * np.sum(np.exp(log_q) * (log_q - log_p))


@pytest.mark.equation("eq-kl-divergence-weather")
def test_weather_in_closed_form():
    """Exact rational arithmetic of the definition (SymPy), and the package's float."""
    p = [sp.Rational(1, 2), sp.Rational(3, 10), sp.Rational(1, 5)]
    q = [sp.Rational(2, 5), sp.Rational(7, 20), sp.Rational(1, 4)]
    total = sum(a * sp.log(a / b, 2) for a, b in zip(p, q, strict=True))
    closed = sp.Rational(3, 10) * sp.log(sp.Rational(15, 14), 2)
    assert sp.expand_log(total - closed, force=True).simplify() == 0
    assert_allclose(kl_divergence(WEATHER, FORECAST, base=2), float(closed), rtol=1e-12)
    assert round(float(closed), 6) == 0.029861


def test_excess_code_length_of_drawn_days(rng):
    """Simulation: average of log2 P - log2 Q within five standard errors of KL."""
    days = rng.choice(3, size=100_000, p=WEATHER)
    excess = np.log2(WEATHER)[days] - np.log2(FORECAST)[days]
    error = excess.std() / np.sqrt(days.size)
    assert abs(excess.mean() - 0.3 * np.log2(15 / 14)) < 5 * error


@pytest.mark.equation("eq-kl-divergence-difference")
def test_difference_of_cross_entropy_and_entropy(rng):
    """SciPy's rel_entr summed, against the package's two code lengths."""
    p, q = rng.dirichlet(np.ones(7), size=(2, 1000))
    p[0], q[0] = [0.5, 0.5, 0, 0, 0, 0, 0], [0.2, 0.2, 0.6, 0, 0, 0, 0]
    expected = special.rel_entr(p, q).sum(axis=-1)
    assert_allclose(cross_entropy(p, q) - entropy(p), expected, atol=1e-12)
    assert_allclose(kl_divergence(p, q), expected, atol=1e-12)


@pytest.mark.equation("eq-kl-divergence-gaussians")
@pytest.mark.parametrize(
    ("p", "q"), [((20, 3), (17, 5)), ((17, 5), (20, 3)), ((0, 1), (0, 1))]
)
def test_two_normals(p, q):
    """Quadrature of the definition with SciPy's densities."""

    def integrand(x):
        log_ratio = stats.norm.logpdf(x, *p) - stats.norm.logpdf(x, *q)
        return stats.norm.pdf(x, *p) * log_ratio

    area, _ = integrate.quad(integrand, p[0] - 12 * p[1], p[0] + 12 * p[1])
    (m1, s1), (m2, s2) = p, q
    closed = np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 1 / 2
    assert_allclose(closed, area, rtol=1e-9, atol=1e-12)


@pytest.mark.equation("eq-kl-divergence-gibbs")
def test_gibbs_inequality(rng):
    """Numerical minimization over all models, and random pairs with SciPy."""
    p = np.array([0.5, 0.3, 0.15, 0.05])
    for start in rng.normal(size=(5, 4)):
        found = optimize.minimize(
            lambda z: special.rel_entr(p, special.softmax(z)).sum(), start, tol=1e-12
        )
        # The minimum is quadratic: an error of 1e-6 in q is one of 1e-12 in KL.
        assert_allclose(found.fun, 0, atol=1e-10)
        assert_allclose(special.softmax(found.x), p, atol=1e-5)

    pairs = rng.dirichlet(np.ones(3), size=(2, 10_000))
    assert special.rel_entr(*pairs).sum(axis=-1).min() > 0
    assert kl_divergence(*pairs).min() > 0
    assert kl_divergence(pairs[0], pairs[0]).max() == 0
    # Negative control: what does not sum to 1 is not bound by the inequality.
    assert special.rel_entr(p, 1.1 * p).sum() < 0


def test_not_symmetric_in_general_and_no_triangle_inequality():
    forth, back = kl_divergence(WEATHER, FORECAST), kl_divergence(FORECAST, WEATHER)
    assert_allclose(
        [forth / np.log(2), back / np.log(2)], [0.0298607, 0.0295481], atol=5e-8
    )
    coin, swapped = [0.9, 0.1], [0.1, 0.9]
    assert_allclose(kl_divergence(coin, swapped), kl_divergence(swapped, coin))
    a, b, c = [0.5, 0.5], [0.25, 0.75], [0.1, 0.9]
    assert kl_divergence(a, c) > kl_divergence(a, b) + kl_divergence(b, c)


@pytest.mark.equation("eq-kl-divergence-empirical")
@pytest.mark.parametrize("q", [0.1, 0.5, 0.7, 0.8, 0.99])
def test_mean_nll_of_flips(q):
    """Product of the probabilities of five flips; entropy and KL from SciPy."""
    likelihood = np.prod([q if x else 1 - q for x in HEADS_IN_FIVE])
    split = stats.entropy([0.8, 0.2]) + stats.entropy([0.8, 0.2], [q, 1 - q])
    assert_allclose(-np.log(likelihood) / 5, split, rtol=1e-12)
    got = -log_likelihood(Bernoulli(q), HEADS_IN_FIVE) / 5
    assert_allclose(got, split, rtol=1e-12)


@pytest.mark.equation("eq-kl-divergence-empirical")
def test_mean_nll_of_many_classes(rng):
    """One observation after the other, against counted shares."""
    model = rng.dirichlet(np.ones(5))
    x = rng.choice(5, size=37, p=[0.4, 0.3, 0.2, 0.1, 0.0])
    mean_nll = -sum(np.log(model[i]) for i in x) / 37
    counts = Counter(x.tolist())
    shares = [counts[i] / 37 for i in range(5)]
    assert_allclose(entropy(shares) + kl_divergence(shares, model), mean_nll)
    assert_allclose(-log_likelihood(Categorical(model), x) / 37, mean_nll)


@pytest.mark.equation("eq-kl-divergence-moments", "eq-kl-divergence-forward-minimum")
def test_forward_fit_matches_moments():
    """Numerical search with the trapezoidal rule, for two unequal bumps."""
    shares, means, scales = [0.3, 0.7], [-2, 1.5], [0.7, 1]
    p = stats.norm.pdf(GRID[:, None], means, scales) @ shares
    seen = p > 0

    def divergence(v):
        log_q = stats.norm.logpdf(GRID[seen], v[0], np.exp(v[1]))
        return STEP * np.sum(p[seen] * (np.log(p[seen]) - log_q))

    found = optimize.minimize(divergence, [1.0, 0.0], tol=1e-9)
    mean = STEP * np.sum(p * GRID)
    variance = STEP * np.sum(p * (GRID - mean) ** 2)
    assert_allclose([found.x[0], np.exp(2 * found.x[1])], [mean, variance], atol=1e-5)
    h = STEP * special.entr(p).sum()
    closed = np.log(2 * np.pi * np.e * variance) / 2 - h
    assert_allclose(found.fun, closed, atol=1e-9)
    assert closed > 0.1


def test_forward_minimum_of_the_lesson():
    """Quadrature of the divergence from N(0, 5) of the bumps at -2 and 2."""

    def integrand(x):
        log_p = special.logsumexp(stats.norm.logpdf(x, [-2, 2])) - np.log(2)
        return np.exp(log_p) * (log_p - stats.norm.logpdf(x, 0, np.sqrt(5)))

    assert_allclose(integrate.quad(integrand, -14, 14)[0], 0.171999, atol=5e-7)


@pytest.mark.equation("eq-kl-divergence-one-bump")
@pytest.mark.parametrize("m", [0.5, 2.0, 2.8, 4.0, 10.0])
def test_reverse_minimum_is_at_most_log_2(m):
    """Trapezoidal rule with SciPy's densities, and numerical search from the bump."""
    on_the_bump = reverse_kl(m, 1.0, m)
    found = optimize.minimize(
        lambda v: reverse_kl(v[0], np.exp(v[1]), m),
        [m, 0.0],
    )
    assert found.fun <= on_the_bump + 1e-9
    assert on_the_bump <= np.log(2) + 1e-9


def test_reverse_fit_leaves_the_middle_only_for_distant_bumps():
    """Grid of means and standard deviations: global minimum before and after 2.80."""
    for m, in_the_middle in ((2.0, True), (2.7, True), (2.9, False), (4.0, False)):
        z = np.linspace(-8, 8, 401)
        weight = stats.norm.pdf(z) * (z[1] - z[0])
        locs, scales = np.linspace(0, 5, 51), np.linspace(0.5, 5, 46)
        x = locs[:, None, None] + scales[:, None] * z
        log_p = np.logaddexp(-((x + m) ** 2) / 2, -((x - m) ** 2) / 2)
        value = -np.log(scales) - log_p @ weight
        best, _ = np.unravel_index(value.argmin(), value.shape)
        assert (locs[best] < 0.1) == in_the_middle


@pytest.mark.equation("eq-kl-divergence-jsd-bound")
def test_jensen_shannon_bounds(rng):
    """SciPy's distance squared on random pairs, and both ends of the range."""
    p, q = rng.dirichlet(np.full(4, 0.3), size=(2, 1000))
    expected = jensenshannon(p, q, axis=1) ** 2
    assert expected.min() > 0
    assert expected.max() < np.log(2)
    assert_allclose(jensen_shannon_divergence(p, q), expected, atol=1e-12)
    assert_allclose(
        jensen_shannon_divergence([0.5, 0.5, 0, 0], [0, 0, 0.3, 0.7]), np.log(2)
    )
    assert jensen_shannon_divergence(p, p).max() == 0


@pytest.mark.equation("eq-kl-divergence-jsd-metric")
def test_root_of_jensen_shannon_is_a_metric(rng):
    """SciPy's distance on random triples, near and far, in all orders."""
    for concentration in (0.1, 1.0, 10.0):
        triples = rng.dirichlet(np.full(4, concentration), size=(3, 1000))
        for a, b, c in permutations(triples):
            direct = jensenshannon(a, c, axis=1)
            detour = jensenshannon(a, b, axis=1) + jensenshannon(b, c, axis=1)
            assert np.all(direct <= detour + 1e-12)
            assert_allclose(np.sqrt(jensen_shannon_divergence(a, c)), direct, atol=1e-8)
    # Negative control: without the root the inequality fails.
    step = jensenshannon([1, 0], [0.5, 0.5]) ** 2
    assert jensenshannon([1, 0], [0, 1]) ** 2 > 2 * step


@pytest.mark.equation("eq-kl-divergence-jsd-blocks")
@pytest.mark.parametrize("theta", [-3.0, -0.5, 0.0, 0.25, 0.9, 1.0, 2.0])
def test_jensen_shannon_of_shifted_blocks(theta):
    """Quadrature of the definition with SciPy's uniform densities."""

    def integrand(x):
        p, q = stats.uniform.pdf(x), stats.uniform.pdf(x, theta)
        mixture = (p + q) / 2
        return (special.rel_entr(p, mixture) + special.rel_entr(q, mixture)) / 2

    breaks = sorted({0.0, 1.0, theta, theta + 1})
    area = sum(integrate.quad(integrand, a, b)[0] for a, b in pairwise(breaks))
    assert_allclose(min(abs(theta), 1) * np.log(2), area, atol=1e-10)


@pytest.mark.parametrize(
    ("model", "terms", "total"),
    [
        (MODEL_A, [0.0770580, 0, -0.0643856, 0], 0.0126724),
        (MODEL_B, [-0.0281557, 0.0298607, 0.0304006, -0.0263034], 0.00580215),
    ],
)
def test_four_classes(model, terms, total):
    """The corrected table in bits: terms, their sum, and a sum that is not negative."""
    assert_allclose(FOUR * np.log2(FOUR / model), terms, atol=5e-8)
    assert_allclose(sum(terms), total, atol=2e-7)
    assert_allclose(kl_divergence(FOUR, model, base=2), total, atol=5e-8)


@pytest.mark.parametrize("base", [2, np.e, 10])
def test_ratio_of_the_models_needs_no_base(base):
    costs = [kl_divergence(FOUR, q, base=base) for q in (MODEL_A, MODEL_B)]
    assert_allclose(costs[0] / costs[1], 2.18409, atol=5e-6)


def test_label_smoothing_and_weight_decay_move_the_minimum():
    """Stationary points: 0.9 * 0.8 + 0.05, and the root of p - 0.8 + z / 10."""

    def loss(z, share, decay):
        return -(share * special.log_expit(z) + (1 - share) * special.log_expit(-z)) + (
            decay * z**2 / 2
        )

    best = [
        special.expit(optimize.minimize_scalar(loss, args=args).x)
        for args in ((0.8, 0.0), (0.9 * 0.8 + 0.05, 0.0), (0.8, 0.1))
    ]
    root = optimize.brentq(lambda z: special.expit(z) - 0.8 + 0.1 * z, 0, 3)
    assert_allclose(best, [0.8, 0.77, special.expit(root)], atol=1e-6)


def test_normals_do_not_depend_on_the_unit():
    """Monte Carlo with the package's Normal, in degrees Celsius and Fahrenheit."""
    for p, q in (
        (Normal(20, 3), Normal(17, 5)),
        (Normal(68, 5.4), Normal(62.6, 9)),
    ):
        x = p.sample(100_000, rng=np.random.default_rng(0))
        ratio = p.log_prob(x) - q.log_prob(x)
        error = ratio.std() / np.sqrt(x.size)
        assert abs(ratio.mean() - 0.370826) < 5 * error
