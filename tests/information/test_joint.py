"""Joint entropies and mutual information: definitions, oracles, limits, refusals."""

import math
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.metrics import mutual_info_score

from mlnotes.information.discrete import entropy, kl_divergence
from mlnotes.information.joint import (
    coin_information,
    conditional_entropy,
    expected_information,
    joint_entropy,
    mutual_information,
)
from mlnotes.probability.conditional_probability import bayes, marginal
from mlnotes.probability.distributions import Beta, Normal

DOOR = [[0.3, 0.1], [0.2, 0.4]]

masses = st.one_of(st.just(0.0), st.floats(1e-9, 1.0))
tables = (
    arrays(np.float64, (3, 4), elements=masses)
    .filter(lambda t: t.sum() > 0)
    .map(lambda t: t / t.sum())
)


# --- the numbers of the lesson ------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (joint_entropy(DOOR, base=2), 1.846439),
        (conditional_entropy(DOOR, 0, base=2), 0.875489),
        (conditional_entropy(DOOR, 1, base=2), 0.846439),
        (mutual_information(DOOR, base=2), 0.124511),
        (joint_entropy([[0.4, 0.1], [0.1, 0.4]], base=2), 1.721928),
        (conditional_entropy([[0.4, 0.1], [0.1, 0.4]], 1, base=2), 0.721928),
        (joint_entropy(np.full((6, 6), 1 / 36), base=2), 5.169925),
        (mutual_information([[0.9, 0.05], [0.0, 0.05]], base=2), 0.186397),
        (coin_information(Beta(1, 1), 1), 0.193147),
        (coin_information(Beta(1, 1), 5), 0.595767),
        (coin_information(Beta(1, 1), 10), 0.853997),
        (coin_information(Beta(8, 1), 1), 0.046848),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, atol=5e-7)


# --- joint and conditional entropy --------------------------------------------------


def entropy_by_loop(table, given=()):
    """Mean of -log p(cell | its values on the given axes), cell by cell."""
    table = np.asarray(table)
    total = 0.0
    for cell in product(*map(range, table.shape)):
        if table[cell] > 0:
            fixed = tuple(
                cell[a] if a in given else slice(None) for a in range(table.ndim)
            )
            known = table[fixed].sum() if given else 1.0
            total -= table[cell] * math.log(table[cell] / known)
    return total


def test_joint_entropy_against_scipy(rng):
    table = rng.dirichlet(np.ones(30)).reshape(2, 3, 5)
    assert_allclose(joint_entropy(table), stats.entropy(table.ravel()), rtol=1e-13)
    assert_allclose(joint_entropy(table, base=2), stats.entropy(table.ravel(), base=2))


@pytest.mark.parametrize("given_axes", [0, 1, 2, [0, 2], [2, 0], (1,)])
def test_conditional_entropy_in_loops(rng, given_axes):
    table = rng.dirichlet(np.full(30, 0.4)).reshape(2, 3, 5)
    axes = tuple(np.atleast_1d(given_axes))
    expected = entropy_by_loop(table, axes)
    assert_allclose(conditional_entropy(table, given_axes), expected, rtol=1e-12)


@given(tables)
def test_chain_rule_and_bounds(table):
    for axis in (0, 1):
        rest = conditional_entropy(table, axis)
        assert_allclose(
            rest + entropy(marginal(table, axis)), joint_entropy(table), atol=1e-12
        )
        assert 0 <= rest <= entropy(marginal(table, 1 - axis)) + 1e-12


def test_impossible_values_are_left_out():
    table = [[0.5, 0.0, 0.0], [0.25, 0.25, 0.0]]
    assert_allclose(conditional_entropy(table, 1), 0.75 * entropy([2 / 3, 1 / 3]))
    assert_allclose(conditional_entropy(table, 0), 0.5 * np.log(2))
    assert conditional_entropy([[1.0, 0.0], [0.0, 0.0]], 0) == 0.0


# --- mutual information -------------------------------------------------------------


def test_mutual_information_against_scikit_learn(rng):
    counts = rng.integers(0, 20, size=(5, 4))
    counts[2, 1] = 0
    expected = mutual_info_score(None, None, contingency=counts)
    assert_allclose(mutual_information(counts / counts.sum()), expected, rtol=1e-10)


@given(tables)
def test_mutual_information_is_symmetric_bounded_and_a_divergence(table):
    value = mutual_information(table)
    assert value >= 0
    assert_allclose(mutual_information(table.T), value, atol=1e-12)
    rows, columns = marginal(table, 0), marginal(table, 1)
    assert value <= min(entropy(rows), entropy(columns)) + 1e-12
    against_product = kl_divergence(table.ravel(), np.outer(rows, columns).ravel())
    assert_allclose(value, against_product, atol=1e-12)


def test_independence_gives_zero_and_determination_everything(rng):
    p, q = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(3))
    assert mutual_information(np.outer(p, q)) < 1e-15
    assert_allclose(mutual_information(np.diag(p)), entropy(p), rtol=1e-13)


@pytest.mark.parametrize("tiny", [1e-16, 1e-200, 1e-310, 5e-324])
def test_rare_events_do_not_underflow(tiny):
    """Mpmath, where the product of the two small marginals rounds to zero."""
    with mpmath.workdps(700):
        t = mpmath.mpf(tiny)
        exact = -(1 - t) * mpmath.log(1 - t) - t * mpmath.log(t)
    got = mutual_information([[1 - tiny, 0.0], [0.0, tiny]])
    # The large diagonal entry is rounded to 1.
    assert_allclose(got, float(exact), rtol=1e-12, atol=2e-16)


@pytest.mark.parametrize("d", [1e-3, 1e-5, 1e-8])
def test_weak_dependence_keeps_its_digits(d):
    """Second order: I = 2 d^2 / (1/4) = 8 d^2 for cells 1/4 +- d."""
    table = [[0.25 + d, 0.25 - d], [0.25 - d, 0.25 + d]]
    # The next order is 64 d^4 / 3. Cells are rounded by 3e-17, against d.
    assert_allclose(mutual_information(table), 8 * d**2, rtol=3 * d**2 + 1e-15 / d)


def test_a_sum_that_is_slightly_off_only_scales_the_information(rng):
    table = rng.dirichlet(np.ones(12)).reshape(3, 4)
    factor = 1 + 9e-7
    got = mutual_information(factor * table)
    assert_allclose(got, factor * mutual_information(table), rtol=1e-12)


# --- experiments --------------------------------------------------------------------


def test_expected_information_outcome_by_outcome(rng):
    prior, rows = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(6), size=4)
    evidence = prior @ rows
    left = [evidence[x] * entropy(bayes(prior, rows[:, x])) for x in range(6)]
    got = expected_information(prior, rows)
    assert_allclose(got, entropy(prior) - sum(left), rtol=1e-12)


def test_useless_and_perfect_experiments(rng):
    prior = rng.dirichlet(np.ones(3))
    assert expected_information(prior, np.tile([0.2, 0.8], (3, 1))) < 1e-15
    assert_allclose(expected_information(prior, np.eye(3)), entropy(prior))
    assert expected_information([1.0, 0.0], np.eye(2)) == 0.0


def test_sums_that_are_slightly_off_do_not_add_up(rng):
    """Off by 9e-7 each, prior and likelihood are taken for what they mean."""
    prior, rows = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(5), size=3)
    got = expected_information(prior * (1 + 9e-7), rows * (1 + 9e-7))
    assert_allclose(got, expected_information(prior, rows), rtol=1e-12)


def test_processing_never_adds_information(rng):
    for _ in range(50):
        prior, rows = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(5), size=3)
        channel = rng.dirichlet(np.ones(4), size=5)
        full = expected_information(prior, rows)
        assert expected_information(prior, rows @ channel) <= full + 1e-14


@pytest.mark.parametrize(
    ("a", "b", "n"), [(1, 1, 3), (8, 1, 1), (0.5, 0.5, 4), (2, 5, 7)]
)
def test_coin_information_with_scipys_distributions(a, b, n):
    k = np.arange(n + 1)
    left = stats.betabinom.pmf(k, n, a, b) @ stats.beta.entropy(a + k, b + n - k)
    expected = stats.beta.entropy(a, b) - left
    assert_allclose(coin_information(Beta(a, b), n), expected, rtol=1e-9)


def test_coin_information_grows_and_slows_down():
    values = [coin_information(Beta(1, 1), n) for n in range(1, 30)]
    steps = np.diff([0.0, *values])
    assert np.all(steps > 0)
    assert np.all(np.diff(steps) < 0)


@pytest.mark.parametrize("sure", [1e3, 1e6, 1e9])
def test_a_sure_prior_learns_little(sure):
    """A delta-method value: half the variance of the share over p (1 - p)."""
    prior = Beta(sure, sure)
    expected = float(prior.variance()) / (2 * 0.25)
    # The next order is 1 / sure; differences of digammas near 20 lose 1e-14.
    assert_allclose(coin_information(prior, 1), expected, rtol=2 / sure, atol=2e-14)


@pytest.mark.parametrize("sure", 10.0 ** np.arange(10, 17))
def test_expected_information_does_not_fall_below_zero(sure):
    assert all(coin_information(Beta(sure, sure), n) >= 0 for n in range(1, 6))


def test_extreme_priors_and_many_flips():
    """A prior on the two ends: one flip tells all, then 1 bit and no more."""
    assert_allclose(coin_information(Beta(1e-12, 1e-12), 1), np.log(2), rtol=1e-9)
    assert_allclose(coin_information(Beta(5e-324, 5e-324), 9), np.log(2), rtol=1e-9)
    limit = np.log(1e5 / (2 * np.pi * np.e)) / 2 + 1
    assert_allclose(coin_information(Beta(1, 1), 100_000), limit, atol=1e-4)


def test_bits_are_nats_over_ln_2():
    likelihood = [[0.2, 0.8], [0.6, 0.4]]
    for call in (
        lambda **base: joint_entropy(DOOR, **base),
        lambda **base: conditional_entropy(DOOR, 0, **base),
        lambda **base: mutual_information(DOOR, **base),
        lambda **base: expected_information([0.5, 0.5], likelihood, **base),
        lambda **base: coin_information(Beta(2, 1), 3, **base),
    ):
        assert_allclose(call(base=2), call() / np.log(2), rtol=1e-13)


# --- refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: joint_entropy([[3, 1], [2, 4]]), ValueError, "joint: .* sum 10"),
        (
            lambda: joint_entropy([[0.7, 0.5], [-0.2, 0.0]]),
            ValueError,
            "joint: expected numbers >= 0",
        ),
        (
            lambda: conditional_entropy(DOOR, 2),
            ValueError,
            r"given: expected labels in range\(2\)",
        ),
        (lambda: conditional_entropy(DOOR, 0.5), TypeError, "given: expected integers"),
        (
            lambda: conditional_entropy(DOOR, [0, 1]),
            ValueError,
            "given: expected at least one axis not given",
        ),
        (
            lambda: mutual_information([0.5, 0.5]),
            ValueError,
            r"joint: expected two variables, got shape \(2,\)",
        ),
        (
            lambda: mutual_information(np.full((2, 2, 2), 1 / 8)),
            ValueError,
            "joint: expected two variables",
        ),
        (
            lambda: expected_information([0.5, 0.5], [[0.5, 0.5]]),
            ValueError,
            "likelihood: expected 2 rows as prior",
        ),
        (
            lambda: expected_information([0.5, 0.4], np.eye(2)),
            ValueError,
            "prior: expected probabilities with sum 1",
        ),
        (
            lambda: expected_information([0.5, 0.5], [[0.5, 0.4], [1, 0]]),
            ValueError,
            "likelihood: expected probabilities with sum 1",
        ),
        (
            lambda: coin_information(Normal(0, 1), 3),
            TypeError,
            "prior: expected a Beta, got Normal",
        ),
        (
            lambda: coin_information(Beta([1, 2], 1), 3),
            ValueError,
            "prior: expected one distribution",
        ),
        (
            lambda: coin_information(Beta(1, 1), 0),
            ValueError,
            "n_flips: expected a whole number >= 1",
        ),
        (lambda: coin_information(Beta(1, 1), 1, base=1), ValueError, "base: expected"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
