"""marginal, conditional, independence_gap and bayes: identities, limits, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from mlnotes.probability.conditional_probability import (
    bayes,
    conditional,
    independence_gap,
    marginal,
)

tables = arrays(np.float64, (2, 3, 5), elements=st.floats(0.01, 1)).map(
    lambda a: a / a.sum()
)


@given(tables)
def test_product_rule_rebuilds_the_table(joint):
    for axis in range(3):
        shape = [1, 1, 1]
        shape[axis] = -1
        rebuilt = conditional(joint, axis) * marginal(joint, axis).reshape(shape)
        assert_allclose(rebuilt, joint, rtol=1e-12)


@given(tables)
def test_order_of_kept_axes_is_the_order_of_the_result(joint):
    assert_array_equal(marginal(joint, (2, 0)), marginal(joint, (0, 2)).T)
    assert_array_equal(marginal(joint, (1, 2, 0)), joint.transpose(1, 2, 0))


@given(tables)
def test_conditioning_on_two_variables_sums_to_one_over_the_third(joint):
    assert_allclose(conditional(joint, given=(2, 0)).sum(axis=1), 1.0, rtol=1e-12)
    assert_allclose(conditional(joint, given=1).sum(axis=(0, 2)), 1.0, rtol=1e-12)


def test_product_of_three_marginals_is_mutually_independent(rng):
    p, q, r = (rng.dirichlet(np.ones(k)) for k in (2, 3, 5))
    table = p[:, None, None] * q[:, None] * r
    assert independence_gap(table) < 1e-15
    assert_allclose(conditional(table, given=2)[..., 3], p[:, None] * q, rtol=1e-12)


def test_gap_is_the_largest_over_all_cells(rng):
    joint = rng.dirichlet(np.ones(30)).reshape(2, 3, 5)
    gaps = [
        abs(joint[i, j, k] - joint[i].sum() * joint[:, j].sum() * joint[:, :, k].sum())
        for i, j, k in np.ndindex(2, 3, 5)
    ]
    assert_allclose(independence_gap(joint), max(gaps), rtol=1e-12)
    never_equal = (1 - np.eye(3)) / 6  # -1/9 on the diagonal, 1/18 elsewhere
    assert_allclose(independence_gap(never_equal), 1 / 9, rtol=1e-12)


def test_single_precision_is_near_enough_to_sum_one(rng):
    joint = rng.dirichlet(np.ones(30)).reshape(5, 6).astype(np.float32)
    assert abs(joint.astype(float).sum() - 1) > 1e-10
    assert_allclose(conditional(joint, given=0).sum(axis=1), 1.0, rtol=1e-12)
    assert marginal(joint, 0).dtype == np.float64


def test_zero_cells_are_fine_where_the_condition_is_possible():
    found = conditional([[0.5, 0.0], [0.0, 0.5]], given=0)
    assert found.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@given(
    arrays(np.float64, 4, elements=st.floats(0.01, 1)),
    arrays(np.float64, 4, elements=st.floats(0.01, 50)),
    st.floats(1e-200, 1e200),
)
def test_posterior_depends_on_likelihood_ratios_only(prior, likelihood, factor):
    prior = prior / prior.sum()
    expected = prior * likelihood / (prior @ likelihood)
    assert_allclose(bayes(prior, likelihood), expected, rtol=1e-12)
    assert_allclose(bayes(prior, factor * likelihood), expected, rtol=1e-12)


def test_evidence_arrives_in_any_order_or_at_once(rng):
    prior, first, second = rng.dirichlet(np.ones(3)), rng.random(3), rng.random(3)
    at_once = bayes(prior, first * second)
    assert_allclose(bayes(bayes(prior, first), second), at_once, rtol=1e-12)
    assert_allclose(bayes(bayes(prior, second), first), at_once, rtol=1e-12)


def test_bayes_broadcasts_priors_against_observations(rng):
    priors = rng.dirichlet(np.ones(3), size=(7, 1))
    likelihoods = rng.random((5, 3))
    found = bayes(priors, likelihoods)
    assert found.shape == (7, 5, 3)
    assert_allclose(found[4, 2], bayes(priors[4, 0], likelihoods[2]), rtol=1e-14)


@pytest.mark.parametrize(
    ("prior", "likelihood", "expected"),
    [
        ([0.5, 0.5], [1e-320, 0.0], [1.0, 0.0]),
        ([0.999, 0.001], [0.0, 5e-324], [0.0, 1.0]),
        ([0.5, 0.5], [1e-300, 3e-300], [0.25, 0.75]),
        ([0.5, 0.5], [1e308, 1e308], [0.5, 0.5]),
        ([0.0, 1.0], [1e300, 1e-300], [0.0, 1.0]),
        ([0.0, 0.5, 0.5], [1e300, 1e-320, 1e-320], [0.0, 0.5, 0.5]),
        ([1.0, 0.0], [0.3, 0.9], [1.0, 0.0]),
    ],
)
def test_extreme_likelihoods(prior, likelihood, expected):
    assert_allclose(bayes(prior, likelihood), expected, rtol=1e-12)


def test_observations_of_a_batch_keep_their_own_scales():
    likelihoods = [[1e300, 3e300], [1.0, 3.0], [1e-300, 3e-300]]
    found = bayes([0.5, 0.5], likelihoods)
    assert_allclose(found, [[0.25, 0.75]] * 3, rtol=1e-12)


def test_inputs_are_left_alone():
    joint, prior = np.array([[0.1, 0.3], [0.4, 0.2]]), np.array([0.5, 0.5])
    likelihood = np.array([0.2, 0.4])
    copies = joint.copy(), prior.copy(), likelihood.copy()
    marginal(joint, (0, 1))[0, 0] = 9
    conditional(joint, 0)
    independence_gap(joint)
    bayes(prior, likelihood)
    assert_array_equal(joint, copies[0])
    assert_array_equal(prior, copies[1])
    assert_array_equal(likelihood, copies[2])


@pytest.mark.parametrize(
    "function",
    [lambda t: marginal(t, 0), lambda t: conditional(t, 0), independence_gap],
    ids=["marginal", "conditional", "independence_gap"],
)
@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ([[6, 21], [5, 18]], ValueError, "sum 1, got the sum 50"),
        ([[0.2, 0.3], [0.3, 0.1]], ValueError, "sum 1, got the sum 0.9"),
        ([[0.5, 0.50001]], ValueError, "sum 1, got the sum 1.00001"),
        ([[0.0, 0.0]], ValueError, "sum 1, got the sum 0"),
        (np.zeros((0, 2)), ValueError, r"at least one number, got shape \(0, 2\)"),
        ([[0.7, 0.5], [-0.2, 0.0]], ValueError, "expected numbers >= 0, got -0.2"),
        ([[1e308, 1e308]], ValueError, "sum 1, got the sum inf"),
        ([[0.5, np.nan]], ValueError, "expected finite numbers"),
        (1.0, ValueError, "expected an axis of values"),
        ([["a", "b"]], TypeError, "expected real numbers, got text"),
    ],
)
def test_refuses_impossible_tables(function, table, error, message):
    with pytest.raises(error, match=rf"joint: .*{message}"):
        function(table)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: conditional([[0.6, 0.0], [0.4, 0.0]], given=1),
            ValueError,
            "joint: expected P > 0 for every given value, got 0 for value 1 on axis 1",
        ),
        (
            lambda: conditional([[0.0, 0.4, 0.0], [0.0, 0.6, 0.0]], given=1),
            ValueError,
            "got 0 for value 0 on axis 1",
        ),
        (
            lambda: conditional(np.diag([0.5, 0.5])[None], given=(2, 1)),
            ValueError,
            "got 0 for value 0 on axis 1, 1 on axis 2",
        ),
        (
            lambda: conditional(np.full((2, 2), 0.25), given=(0, 1)),
            ValueError,
            "given: expected at least one axis not given, got all 2",
        ),
        (
            lambda: marginal(np.full((2, 2), 0.25), keep=2),
            ValueError,
            r"keep: expected labels in range\(2\), got 2",
        ),
        (
            lambda: marginal(np.full((2, 2), 0.25), keep=(1, 1)),
            ValueError,
            "keep: expected different axes",
        ),
        (
            lambda: marginal(np.full((2, 2), 0.25), keep=[[0, 1]]),
            ValueError,
            r"keep: expected different axes, got \[\[0, 1\]\]",
        ),
        (
            lambda: marginal(np.full((2, 2), 0.25), keep=0.0),
            TypeError,
            "keep: expected integers",
        ),
        (
            lambda: independence_gap([0.5, 0.5]),
            ValueError,
            "joint: expected two variables or more",
        ),
        (lambda: bayes([0.5, 0.6], [1, 1]), ValueError, "prior: .* got the sum 1.1"),
        (lambda: bayes([0.5, 0.5], [1, -1]), ValueError, "likelihood: .*>= 0, got -1"),
        (
            lambda: bayes([0.5, 0.5], [1, 1, 1]),
            ValueError,
            "likelihood: expected 2 hypotheses",
        ),
        (
            lambda: bayes(np.full((3, 2), 0.5), np.ones((5, 2))),
            ValueError,
            "likelihood: expected a shape that broadcasts",
        ),
        (
            lambda: bayes([0.5, 0.5], 1.0),
            ValueError,
            "likelihood: expected 2 hypotheses",
        ),
        (
            lambda: bayes([1.0, 0.0], [0.0, 0.7]),
            ValueError,
            "likelihood: expected an observation that is possible",
        ),
    ],
)
def test_refuses_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
