"""DiscreteVariable and running_variance: definitions, limits, errors."""

import statistics
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from mlnotes.probability.random_variables import DiscreteVariable, running_variance

integers = st.lists(st.integers(-1000, 1000), min_size=1, max_size=20)


def test_collects_equal_values_in_order_and_drops_impossible_ones():
    x = DiscreteVariable([3, -1, 3, 7, 2], [0.1, 0.4, 0.2, 0.3, 0.0])
    assert x.values.tolist() == [-1, 3, 7]
    assert_allclose(x.p, [0.4, 0.3, 0.3], rtol=1e-15)


def test_moments_agree_with_scipy(rng):
    values, p = np.arange(7), rng.dirichlet(np.ones(7))
    x, peer = DiscreteVariable(values, p), stats.rv_discrete(values=(values, p))
    assert_allclose(x.mean(), peer.mean(), rtol=1e-12)
    assert_allclose(x.variance(), peer.var(), rtol=1e-10)
    assert_allclose(x.expectation(np.exp), peer.expect(np.exp), rtol=1e-10)
    points = [-1, 0, 0.5, 3, 5.99, 6, 8]
    assert_allclose(x.cdf(points), peer.cdf(points), atol=1e-12)
    u = rng.random(1000)
    assert_array_equal(x.quantile(u), peer.ppf(u))


@given(integers)
def test_outcomes_in_any_order_give_the_population_moments(values):
    x = DiscreteVariable(values)
    assert_allclose(x.mean(), statistics.fmean(values), rtol=1e-12, atol=1e-10)
    assert_allclose(x.variance(), statistics.pvariance(values), rtol=1e-10, atol=1e-9)
    assert_array_equal(x.values, DiscreteVariable(values[::-1]).values)


@given(integers, st.floats(0, 1))
def test_quantile_is_the_first_value_whose_cdf_reaches_the_height(values, u):
    x = DiscreteVariable(values)
    found = x.quantile(u)
    assert found == min((v for v in x.values if x.cdf(v) >= u), default=None)


def test_cdf_is_a_staircase_from_zero_to_exactly_one():
    x = DiscreteVariable(np.arange(49))  # 49 times 1/49 is not 1 in floating point
    assert x.cdf(-0.001) == 0
    assert x.cdf(48) == 1
    assert x.cdf(1e300) == 1
    assert x.quantile(1.0) == 48
    assert x.quantile(0.0) == 0
    assert x.cdf(np.zeros((2, 3))).shape == (2, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moments_of_a_far_shifted_die(dtype):
    sixths = np.full(6, 1 / 6, dtype=dtype)  # in single precision their sum is 1 + 3e-8
    x = DiscreteVariable(np.arange(1, 7) + 1e9, sixths)
    assert_allclose(x.mean(), 1e9 + 3.5, rtol=1e-15)
    assert_allclose(x.variance(), 35 / 12, rtol=1e-12)


@pytest.mark.parametrize("value", [4, -1e9, 1e300, 1e-300])
def test_constant_has_no_variance(value):
    x = DiscreteVariable(np.full(49, value))  # 49 times 1/49 is not 1
    assert (x.mean(), x.variance(), x.cdf(value)) == (value, 0.0, 1.0)


@pytest.mark.parametrize(
    ("values", "p", "mean", "variance"),
    [
        ([-1e300, 1e300], [0.25, 0.75], 5e299, np.inf),  # 7.5e599
        ([-1.7e308, 1.7e308], [0.25, 0.75], 8.5e307, np.inf),
        ([0.0, 1e300], [1.0, 1e-300], 1.0, 1e300),
        ([0.0, 1e-150], [0.5, 0.5], 5e-151, 2.5e-301),
        ([1e-300, 3e-300], [0.5, 0.5], 2e-300, 0.0),  # 1e-600
    ],
)
def test_moments_at_the_ends_of_floating_point(values, p, mean, variance):
    x = DiscreteVariable(values, p)
    assert_allclose([x.mean(), x.variance()], [mean, variance], rtol=1e-14)


def test_record_is_frozen_and_leaves_its_inputs_alone():
    values, p = np.array([2.0, 1.0]), np.array([0.25, 0.75])
    x = DiscreteVariable(values, p)
    assert values.tolist() == [2, 1]
    assert p.tolist() == [0.25, 0.75]
    with pytest.raises(FrozenInstanceError):
        x.p = p
    with pytest.raises(ValueError, match="read-only"):
        x.values[0] = 9
    assert values.flags.writeable


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 2], [0.5, 0.6]), ValueError, r"p: expected probabilities with sum 1"),
        (([1, 2], [1.5, -0.5]), ValueError, r"p: expected numbers >= 0, got -0.5"),
        (
            ([1, 2], [0.2, 0.3, 0.5]),
            ValueError,
            r"p: expected shape \(2,\), got \(3,\)",
        ),
        (([1, np.nan],), ValueError, r"values: expected finite numbers"),
        (([[1, 2]],), ValueError, r"values: expected shape \(n,\)"),
        (([],), ValueError, "values: expected at least one number"),
        ((["heads", "tails"],), TypeError, "values: expected real numbers, got text"),
    ],
)
def test_refuses_impossible_tables(arguments, error, message):
    with pytest.raises(error, match=message):
        DiscreteVariable(*arguments)


def test_refuses_bad_arguments_of_methods():
    x = DiscreteVariable([1, 2])
    with pytest.raises(TypeError, match="g: expected a callable, got int"):
        x.expectation(2)
    with pytest.raises(ValueError, match=r"g\(values\): expected shape \(2,\)"):
        x.expectation(np.sum)
    with pytest.raises(ValueError, match="u: expected probabilities from 0 to 1"):
        x.quantile(1.2)
    with pytest.raises(ValueError, match="x: expected finite numbers"):
        x.cdf(np.nan)


def test_running_variance_is_the_variance_of_every_beginning(rng):
    x = rng.gamma(2.0, size=57)
    expected = [np.var(x[:k]) for k in range(1, 58)]
    assert_allclose(running_variance(x), expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_running_variance_of_a_far_shifted_die(dtype):
    die = (np.arange(1, 7) + 1_000_000).astype(dtype)
    assert_allclose(running_variance(die)[-1], 35 / 12, rtol=1e-9)


@given(integers, st.integers(-(10**6), 10**6))
def test_running_variance_ignores_a_shift(values, shift):
    moved = running_variance([v + shift for v in values])
    assert_allclose(moved, running_variance(values), rtol=1e-6, atol=1e-6)
    assert np.all(moved >= 0)


def test_running_variance_refuses_what_is_not_a_vector():
    with pytest.raises(ValueError, match=r"x: expected shape \(n,\), got \(2, 2\)"):
        running_variance(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="x: expected finite numbers"):
        running_variance([1.0, np.inf])


@pytest.mark.parametrize("large", [1e154, 1e300, 1.7e308])
def test_running_variance_refuses_sums_that_overflow(large):
    assert running_variance([large, large]).tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match=r"x: expected a finite sum .* at index 2"):
        running_variance([large, large, -large, 0.0])
