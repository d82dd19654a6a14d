"""The equations of "Random variables, expectation and variance", each otherwise."""

from fractions import Fraction
from itertools import pairwise, product
from math import sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from mlnotes.probability.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Poisson,
)
from mlnotes.probability.random_variables import DiscreteVariable, running_variance

DIE = DiscreteVariable([1, 2, 3, 4, 5, 6])
TWO_DICE = DiscreteVariable([a + b for a, b in product(range(1, 7), repeat=2)])
WAIT = stats.expon(scale=0.5)


def assert_mass_function(p):
    """Every mass function: masses from 0 to 1, with sum 1."""
    assert np.all((p >= 0) & (p <= 1))
    assert_allclose(np.sum(p), 1.0, rtol=1e-12)


@pytest.fixture
def joint(rng):
    """A joint table of two dependent variables with their values."""
    table = rng.dirichlet(np.ones(15)).reshape(3, 5)
    return np.array([-1.0, 0.5, 2.0]), np.array([-3.0, 0.0, 1.0, 2.0, 7.0]), table


@pytest.mark.parametrize(
    "p",
    [
        DIE.p,
        TWO_DICE.p,
        np.exp(Bernoulli(0.3).log_prob([0, 1])),
        np.exp(Binomial(7, 0.3).log_prob(np.arange(8))),
        np.exp(Categorical([0.2, 0.5, 0.3]).log_prob(np.arange(3))),
        np.exp(Poisson(3.5).log_prob(np.arange(200))),  # no mass is left beyond
    ],
)
def test_mass_functions_of_the_package(p):
    assert_mass_function(p)


@pytest.mark.equation("eq-random-variables-pushforward")
def test_values_collect_the_probability_of_their_outcomes():
    """Exact fractions: outcomes of two loaded dice, counted one by one."""
    first = [Fraction(k, 21) for k in range(1, 7)]
    second = [Fraction(1, 4), *[Fraction(3, 20)] * 5]
    outcomes = list(product(range(6), repeat=2))
    for x in (lambda a, b: a + b, lambda a, b: a * b, lambda a, b: max(a, b)):
        masses = {}
        for a, b in outcomes:
            value = x(a + 1, b + 1)
            masses[value] = masses.get(value, 0) + first[a] * second[b]
        assert sum(masses.values()) == 1
        found = DiscreteVariable(
            [x(a + 1, b + 1) for a, b in outcomes],
            [float(first[a] * second[b]) for a, b in outcomes],
        )
        assert found.values.tolist() == sorted(masses)
        assert_allclose(found.p, [float(masses[v]) for v in sorted(masses)], rtol=1e-12)


@pytest.mark.equation("eq-random-variables-frequency-error")
def test_standard_error_of_a_share():
    """All 3^6 sequences of six trials of a loaded three-sided die, exactly."""
    p = [Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)]
    mean = square = Fraction(0)
    for sequence in product(range(3), repeat=6):
        probability = Fraction(1)
        for side in sequence:
            probability *= p[side]
        share = Fraction(sequence.count(1), 6)
        mean += probability * share
        square += probability * share**2
    assert mean == p[1]
    assert_allclose(sqrt(square - mean**2), sqrt(0.3 * 0.7 / 6), rtol=1e-12)


@pytest.mark.equation("eq-random-variables-interval")
def test_interval_is_a_difference_of_the_distribution_function(rng):
    """Quadrature of the density, and the sum over the outcomes of two dice."""
    for a, b in np.sort(rng.exponential(0.5, size=(5, 2))):
        area, _ = integrate.quad(lambda x: 2 * np.exp(-2 * x), a, b)
        assert_allclose(WAIT.cdf(b) - WAIT.cdf(a), area, rtol=1e-9)
    sums = [a + b for a, b in product(range(1, 7), repeat=2)]
    for a, b in product([1, 2, 4.5, 7, 11.9, 12, 13], repeat=2):
        if a <= b:
            counted = sum(a < s <= b for s in sums) / 36
            assert_allclose(TWO_DICE.cdf(b) - TWO_DICE.cdf(a), counted, atol=1e-14)


@pytest.mark.equation("eq-random-variables-cdf-derivative")
@pytest.mark.parametrize(
    ("variable", "points"),
    [
        (WAIT, [0.1, 0.5, 2.0]),
        (stats.norm(0, 0.1), [-0.15, 0.0, 0.07]),
        (stats.uniform(0, 0.5), [0.1, 0.4]),
    ],
)
def test_density_is_the_slope_of_the_distribution_function(variable, points):
    """Central differences of SciPy's distribution functions."""
    x, h = np.array(points), 1e-5
    slope = (variable.cdf(x + h) - variable.cdf(x - h)) / (2 * h)
    # Truncation h^2 f''/6, with |f''| up to 400 for the narrow normal, and 1e-11.
    assert_allclose(slope, variable.pdf(x), atol=1e-7)


@pytest.mark.equation("eq-random-variables-inverse-cdf")
def test_inverse_of_the_distribution_function_is_a_sampler(rng):
    """Lengths of the intervals of heights; Kolmogorov-Smirnov and chi-squared tests."""
    heights = (np.arange(36_000) + 0.5) / 36_000
    values, counts = np.unique(TWO_DICE.quantile(heights), return_counts=True)
    assert values.tolist() == list(range(2, 13))
    assert counts.tolist() == [1000 * n for n in (1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1)]

    u = rng.random(100_000)
    assert stats.kstest(-0.5 * np.log1p(-u), WAIT.cdf).pvalue > 1e-6
    drawn = np.array([np.sum(TWO_DICE.quantile(u) == x) for x in TWO_DICE.values])
    expected = [100_000 * n / 36 for n in (1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1)]
    assert stats.chisquare(drawn, expected).pvalue > 1e-6


@pytest.mark.equation("eq-random-variables-function")
def test_expected_value_of_a_function_needs_only_the_distribution_of_x(rng):
    """The distribution of g(X) itself: collected masses, and the density of X^2."""
    values, p = np.array([-2, -1, 0, 1, 3]), rng.dirichlet(np.ones(5))
    image = DiscreteVariable(values**2, p)
    assert image.values.size == 4
    by_function = DiscreteVariable(values, p).expectation(np.square)
    assert_allclose(by_function, image.p @ image.values, rtol=1e-12)

    # Y = X^2 has the density f(sqrt y) / (2 sqrt y); the mean integrates y times it.
    by_integral, _ = integrate.quad(lambda x: x**2 * WAIT.pdf(x), 0, np.inf)
    own, _ = integrate.quad(lambda y: np.sqrt(y) * np.exp(-2 * np.sqrt(y)), 0, np.inf)
    assert_allclose(by_integral, own, rtol=1e-6)


@pytest.mark.equation("eq-random-variables-linearity")
@pytest.mark.parametrize(("a", "b"), [(2.0, -3.0), (1.0, 1.0), (-0.7, 0.0)])
def test_expectation_is_linear_for_dependent_variables(joint, a, b):
    """The distribution of aX + bY, from a joint table that is not a product."""
    x, y, table = joint
    total = DiscreteVariable((a * x[:, None] + b * y).ravel(), table.ravel())
    expected = a * (table.sum(axis=1) @ x) + b * (table.sum(axis=0) @ y)
    assert_allclose(total.mean(), expected, rtol=1e-12)


@pytest.mark.equation("eq-random-variables-variance-identity")
def test_variance_identity():
    """Exact fractions for die and coin, quadrature for a waiting time."""
    for faces in ([Fraction(k) for k in range(1, 7)], [Fraction(0), Fraction(1)]):
        n, mean = len(faces), sum(faces) / len(faces)
        definition = sum((x - mean) ** 2 for x in faces) / n
        assert definition == sum(x**2 for x in faces) / n - mean**2
        found = DiscreteVariable([float(x) for x in faces])
        assert_allclose(found.variance(), float(definition), rtol=1e-12)
    deviation, _ = integrate.quad(lambda x: (x - 0.5) ** 2 * WAIT.pdf(x), 0, np.inf)
    square, _ = integrate.quad(lambda x: x**2 * WAIT.pdf(x), 0, np.inf)
    assert_allclose(deviation, square - 0.25, rtol=1e-8)


@pytest.mark.equation("eq-random-variables-variance-scaling")
@pytest.mark.parametrize(("a", "b"), [(-3.0, 100.0), (0.5, 0.0), (60.0, -1.0)])
def test_variance_of_a_shifted_and_scaled_variable(rng, a, b):
    """The distribution of aX + b itself, with explicit sums."""
    x, p = np.array([1.0, 2.0, 5.0, 11.0]), rng.dirichlet(np.ones(4))
    images = [a * v + b for v in x]
    mean = sum(q * v for q, v in zip(p, images, strict=True))
    spread = sum(q * (v - mean) ** 2 for q, v in zip(p, images, strict=True))
    assert_allclose(a**2 * DiscreteVariable(x, p).variance(), spread, rtol=1e-11)


@pytest.mark.equation("eq-random-variables-variance-combination")
@pytest.mark.parametrize(("a", "b"), [(2.0, 3.0), (1.0, -1.0)])
def test_variance_of_a_combination(joint, rng, a, b):
    """The distribution of aX + bY from a joint table, and a correlated simulation."""
    x, y, table = joint
    total = DiscreteVariable((a * x[:, None] + b * y).ravel(), table.ravel())
    p, q = table.sum(axis=1), table.sum(axis=0)
    covariance = (x - p @ x) @ table @ (y - q @ y)
    variances = DiscreteVariable(x, p).variance(), DiscreteVariable(y, q).variance()
    formula = a**2 * variances[0] + b**2 * variances[1] + 2 * a * b * covariance
    assert_allclose(formula, total.variance(), rtol=1e-12)

    n = 200_000
    u, v = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=n).T
    formula = a**2 + b**2 + 2 * a * b * 0.6
    # The variance of a normal sample has the standard error sigma^2 sqrt(2 / n).
    assert_allclose(np.var(a * u + b * v), formula, rtol=5 * np.sqrt(2 / n))


@pytest.mark.equation("eq-random-variables-welford")
def test_updates_reach_the_variance(rng):
    """Exact fractions: the updates and the definition agree after every number."""
    stream = [Fraction(int(k), 8) for k in rng.integers(-50, 50, size=12)]
    m = s = Fraction(0)
    definitions = []
    for k, x in enumerate(stream, start=1):
        previous, m = m, m + (x - m) / k
        s += (x - previous) * (x - m)
        mean = sum(stream[:k]) / k
        definitions.append(sum((v - mean) ** 2 for v in stream[:k]) / k)
        assert (m, s / k) == (mean, definitions[-1])
    found = running_variance([float(x) for x in stream])
    assert_allclose(found, [float(d) for d in definitions], rtol=1e-12, atol=1e-15)


def test_cauchy_averages_do_not_narrow(rng):
    """The average of n Cauchy draws has the distribution of one draw."""
    averages = rng.standard_cauchy(size=(2000, 1000)).mean(axis=1)
    assert stats.kstest(averages, "cauchy").pvalue > 1e-6


def test_area_below_the_likelihood_is_infinite():
    areas = [
        integrate.quad(lambda t: np.exp(-0.5 * np.exp(-t)), -8, np.log(upper))[0]
        for upper in (1e3, 1e6, 1e9)
    ]
    steps = [b - a for a, b in pairwise(areas)]
    assert_allclose(steps, np.log(1e3), rtol=1e-3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DiscreteVariable([0, 1]).mean(), 1 / 2),
        (DiscreteVariable([0, 1]).variance(), 1 / 4),
        (DIE.mean(), 7 / 2),
        (DIE.expectation(np.square), 91 / 6),
        (DIE.variance(), 35 / 12),
        (TWO_DICE.mean(), 7),
        (TWO_DICE.variance(), 35 / 6),
        (1 - TWO_DICE.cdf(7.5), 5 / 12),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=1e-12)
