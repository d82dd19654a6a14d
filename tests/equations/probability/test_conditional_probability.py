"""The equations of "Events, conditional probability and Bayes' rule", each again."""

from fractions import Fraction
from itertools import chain, combinations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from mlnotes.probability.conditional_probability import (
    bayes,
    conditional,
    independence_gap,
    marginal,
)

PRIOR = np.array([0.9, 0.1])
TEST = np.array([[0.9, 0.1], [0.2, 0.8]])


def subsets(items):
    """All subsets of some items."""
    items = list(items)
    sizes = range(len(items) + 1)
    return [set(c) for c in chain.from_iterable(combinations(items, k) for k in sizes)]


@pytest.fixture
def outcomes(rng):
    """Five outcomes with unequal probabilities, as exact fractions."""
    counts = [int(k) for k in rng.integers(1, 50, size=5)]
    return {i: Fraction(k, sum(counts)) for i, k in enumerate(counts)}


@pytest.fixture
def joint(rng):
    """A joint table of three dependent variables."""
    return rng.dirichlet(np.ones(30)).reshape(2, 3, 5)


@pytest.mark.equation("eq-conditional-probability-union")
def test_union_of_every_pair_of_events(outcomes):
    """Exact sums over the outcomes of the union, for all 32^2 pairs of events."""

    def probability(event):
        return sum((outcomes[i] for i in event), Fraction(0))

    for a, b in product(subsets(outcomes), repeat=2):
        rule = probability(a) + probability(b) - probability(a & b)
        assert rule == probability(a | b)


@pytest.mark.equation("eq-conditional-probability-product")
def test_product_rule_for_every_pair_of_events(outcomes):
    """Probabilities of the outcomes rescaled to B, then summed over A, exactly."""
    for a, b in product(subsets(outcomes), repeat=2):
        if b:
            p_b = sum(outcomes[i] for i in b)
            renewed = {i: outcomes[i] / p_b for i in b}  # B is the new certain event
            assert sum(renewed.values()) == 1
            given_b = sum((renewed[i] for i in a & b), Fraction(0))
            assert given_b * p_b == sum((outcomes[i] for i in a & b), Fraction(0))


@pytest.mark.equation("eq-conditional-probability-birthday")
def test_birthday_formula():
    """All groups on a planet with a year of 6 days, and simulated groups on ours."""
    for n in range(1, 8):
        groups = list(product(range(6), repeat=n))
        shared = sum(len(set(group)) < n for group in groups)
        formula = 1 - np.prod([1 - i / 6 for i in range(n)])
        assert_allclose(formula, shared / len(groups), atol=1e-14)
    formula = 1 - np.prod(1 - np.arange(23) / 365)
    assert f"{formula:.4f}" == "0.5073"
    days = np.sort(np.random.default_rng(0).integers(365, size=(50_000, 23)), axis=1)
    simulated = np.mean((np.diff(days, axis=1) == 0).any(axis=1))
    error = np.sqrt(formula * (1 - formula) / 50_000)
    assert abs(simulated - formula) < 5 * error


@pytest.mark.equation("eq-conditional-probability-marginal")
def test_marginals(joint):
    """Sums cell by cell, and quadrature of a correlated normal density."""
    for keep in [(0,), (1,), (2,), (0, 2), (2, 0), (1, 2)]:
        found = marginal(joint, keep)
        expected = np.zeros([joint.shape[axis] for axis in keep])
        for cell in np.ndindex(joint.shape):
            expected[tuple(cell[axis] for axis in keep)] += joint[cell]
        assert_allclose(found, expected, rtol=1e-12)
        assert_allclose(found.sum(), 1.0, rtol=1e-12)

    pair = stats.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]])
    for x in (-1.3, 0.0, 0.7):
        area, _ = integrate.quad(lambda y, x=x: pair.pdf([x, y]), -9, 9)
        assert_allclose(area, stats.norm.pdf(x), rtol=1e-8)


@pytest.mark.equation("eq-conditional-probability-conditional")
def test_conditionals_are_what_remains_of_a_simulation(joint, rng):
    """Drawn cells that match the observed value; and slices of a normal density."""
    n = 200_000
    cells = rng.choice(joint.size, p=joint.ravel(), size=n)
    first, second, third = np.unravel_index(cells, joint.shape)
    for value in range(5):
        seen = third == value
        counts = np.zeros((2, 3))
        np.add.at(counts, (first[seen], second[seen]), 1)
        expected = conditional(joint, given=2)[:, :, value]
        assert_allclose(expected.sum(), 1.0, rtol=1e-12)
        error = np.sqrt(expected * (1 - expected) / seen.sum())
        assert np.all(np.abs(counts / seen.sum() - expected) < 5 * error)

    pair = stats.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]])
    area, _ = integrate.quad(lambda x: pair.pdf([x, 1.0]), -9, 9)
    x = np.array([-0.5, 0.8, 1.7])
    slices = [pair.pdf([value, 1.0]) / area for value in x]
    assert_allclose(slices, stats.norm.pdf(x, 0.8, 0.6), rtol=1e-7)


@pytest.mark.equation("eq-conditional-probability-independence")
def test_a_product_table_makes_all_events_independent(rng):
    """All pairs of sets of values; in a dependent table some pair must fail."""
    p, q = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(4))
    dependent = rng.dirichlet(np.ones(12)).reshape(3, 4)
    for table, independent in [(np.outer(p, q), True), (dependent, False)]:
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        gaps = [
            abs(
                sum(table[x, y] for x in s for y in t)
                - sum(rows[x] for x in s) * sum(columns[y] for y in t)
            )
            for s, t in product(subsets(range(3)), subsets(range(4)))
        ]
        assert (max(gaps) < 1e-15) == independent
        assert (independence_gap(table) < 1e-15) == independent
        # The distribution functions alone tell the same.
        below = table.cumsum(axis=0).cumsum(axis=1)
        gap = np.abs(below - np.outer(rows.cumsum(), columns.cumsum())).max()
        assert (gap < 1e-15) == independent


@pytest.mark.equation("eq-conditional-probability-bayes")
def test_bayes_rule_against_a_joint_table_and_a_simulation(joint):
    """Columns of the joint table, and a million simulated people."""
    table = joint.sum(axis=0)  # hypotheses x observations
    prior = table.sum(axis=1)
    for seen in range(5):
        likelihood = table[:, seen] / prior
        assert_allclose(
            bayes(prior, likelihood), table[:, seen] / table[:, seen].sum(), rtol=1e-12
        )
    rng = np.random.default_rng(1)
    ill = rng.random(1_000_000) < 0.1
    first, second = rng.random((2, ill.size)) < np.where(ill, 0.8, 0.1)
    for seen, likelihood in [
        (first, TEST[:, 1]),
        (~first, TEST[:, 0]),
        (first & second, TEST[:, 1] ** 2),
    ]:
        p = bayes(PRIOR, likelihood)[1]
        assert abs(ill[seen].mean() - p) < 5 * np.sqrt(p * (1 - p) / seen.sum())


@pytest.mark.equation("eq-conditional-probability-total")
def test_total_probability(joint):
    """The marginal of the joint table, summed cell by cell."""
    table = joint.sum(axis=0)
    prior = marginal(table, 0)
    likelihood = conditional(table, given=0)
    for seen in range(5):
        assert_allclose(
            sum(likelihood[k, seen] * prior[k] for k in range(3)),
            sum(joint[i, k, seen] for i in range(2) for k in range(3)),
            rtol=1e-12,
        )


@pytest.mark.equation("eq-conditional-probability-odds")
def test_odds_form():
    """Exact counts: 100 ill and 900 healthy people, once and twice tested."""
    ill, healthy = Fraction(100), Fraction(900)
    odds, ratio = ill / healthy, Fraction(8, 10) / Fraction(1, 10)
    for _ in range(2):
        ill, healthy = ill * Fraction(8, 10), healthy * Fraction(1, 10)
        odds *= ratio
        assert odds == ill / healthy
    assert odds == Fraction(64, 9)


def test_two_tests_are_independent_only_given_the_disease():
    both = PRIOR[:, None, None] * TEST[:, :, None] * TEST[:, None, :]
    given_health = conditional(both, given=0)
    assert independence_gap(given_health[0]) < 1e-15
    assert independence_gap(given_health[1]) < 1e-15
    assert_allclose(independence_gap(marginal(both, (1, 2))), 0.073 - 0.17**2)


def test_exclusive_or_is_pairwise_independent_only():
    xor = np.zeros((2, 2, 2))
    for x, y in product([0, 1], repeat=2):
        xor[x, y, x ^ y] = 1 / 4
    for keep in [(0, 1), (0, 2), (1, 2)]:
        assert independence_gap(marginal(xor, keep)) == 0
    assert independence_gap(xor) == 1 / 8


def test_one_equation_does_not_make_variables_independent():
    table = np.array([[0, 1], [0, 1], [1, 0], [1, 0]]) / 4
    events = table[[1, 3], 1].sum(), table[[1, 3]].sum() * table[:, 1].sum()
    assert events == (0.25, 0.25)
    assert independence_gap(table) == 0.125


SURVEY = np.array([[6, 21], [5, 18]]) / 50


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (marginal(SURVEY, 0)[1], 23 / 50),
        (marginal(SURVEY, 1)[1], 39 / 50),
        (conditional(SURVEY, given=0)[1, 1], 18 / 23),
        (conditional(SURVEY, given=1)[1, 1], 6 / 13),
        (marginal(SURVEY, 0)[1] * marginal(SURVEY, 1)[1], 897 / 2500),
        (independence_gap(SURVEY), 9 / 25 - 897 / 2500),
        (PRIOR @ TEST[:, 1], 0.17),
        (bayes(PRIOR, TEST[:, 1])[1], 8 / 17),
        (bayes(PRIOR, TEST[:, 1])[0], 9 / 17),
        (bayes(PRIOR, TEST[:, 0])[1], 2 / 83),
        (bayes(PRIOR, TEST[:, 1] ** 2)[1], 64 / 73),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=1e-12)
