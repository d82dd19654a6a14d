"""The split of the mean squared error: by hand, identities, limits, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import stats

from mlnotes.probability.estimators import decompose_error


def test_split_worked_by_hand():
    # Mean 4; deviations from it -1, 1, -2, 2, from the truth -2, 0, -3, 1.
    found = decompose_error([3, 5, 2, 6], truth=5)
    assert float(found.bias) == -1.0
    assert float(found.variance) == 2.5
    assert float(found.mean_squared_error) == 3.5
    # s^2 = 10 / 3 over 4 estimates; squares 1, 1, 4, 4 with s^2 = 3.
    assert_allclose(found.bias_error, np.sqrt(10 / 3 / 4), rtol=1e-12)
    assert_allclose(found.variance_error, np.sqrt(3 / 4), rtol=1e-12)


@given(arrays(np.float64, (7, 3), elements=st.floats(-50, 50)), st.floats(-50, 50))
def test_mean_squared_error_is_squared_bias_plus_variance(estimates, truth):
    found = decompose_error(estimates, truth)
    expected = np.mean((estimates - truth) ** 2, axis=0)
    assert_allclose(found.bias**2 + found.variance, expected, atol=1e-9)
    assert_allclose(found.mean_squared_error, expected, rtol=1e-12)


def test_agrees_with_scipy(rng):
    estimates = rng.gamma(2.0, size=(31, 2))
    found = decompose_error(estimates, [2.0, 1.0])
    assert_allclose(found.variance, stats.moment(estimates, 2), rtol=1e-12)
    assert_allclose(found.bias_error, stats.sem(estimates), rtol=1e-12)


def test_a_truth_for_each_place(rng):
    estimates, truth = rng.normal(size=(5, 2, 3)), rng.normal(size=3)
    found = decompose_error(estimates, truth)
    assert found.bias.shape == (2, 3)
    expected = [
        [estimates[:, i, j].mean() - truth[j] for j in range(3)] for i in (0, 1)
    ]
    assert_allclose(found.bias, expected, rtol=1e-12)


def test_error_bars_cover_the_truth(rng):
    # Means of 4 values N(1, 2^2) have bias 0 and variance 1. A bar of 5 standard
    # errors misses once in two million.
    found = decompose_error(rng.normal(1.0, 2.0, size=(20_000, 4)).mean(axis=1), 1.0)
    assert abs(found.bias) < 5 * found.bias_error
    assert abs(found.variance - 1) < 5 * found.variance_error
    assert_allclose(found.bias_error, 1 / np.sqrt(20_000), rtol=0.05)
    assert_allclose(found.variance_error, np.sqrt(2 / 20_000), rtol=0.1)


def test_a_constant_has_no_variance():
    # The mean of three tenths is not a tenth in floating point.
    found = decompose_error(np.full(3, 0.1), truth=0.1)
    assert (found.bias, found.variance, found.bias_error) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("origin", [1e15, -(2.0**50)])
def test_a_large_origin_takes_no_digits(origin):
    estimates = np.array([3.0, 5.0, 2.0, 7.0, 9.0])
    near, far = decompose_error(estimates, 5.0), decompose_error(estimates + origin, 0)
    moved = decompose_error(estimates + origin, 5.0 + origin)
    for name in near.__slots__:
        assert_allclose(getattr(moved, name), getattr(near, name), rtol=1e-12)
    for name in ("variance", "bias_error", "variance_error"):
        assert_allclose(getattr(far, name), getattr(near, name), rtol=1e-12)


def test_fields_are_read_only():
    found = decompose_error([[1.0, 2.0], [3.0, 4.0]], 2.0)
    with pytest.raises(ValueError, match="read-only"):
        found.bias[0] = 7.0


@pytest.mark.parametrize(
    ("estimates", "truth", "error", "message"),
    [
        ([1.0], 1.0, ValueError, r"estimates: expected at least two .* \(1,\)"),
        (1.0, 1.0, ValueError, r"estimates: expected at least two .* \(\)"),
        ([1.0, np.nan], 1.0, ValueError, "estimates: expected finite"),
        ([1.0, 2.0], np.inf, ValueError, "truth: expected finite"),
        ([1.0, 2.0], [1.0, 2.0], ValueError, r"broadcasts to \(\), got \(2,\)"),
        ([1.0, 2.0], "one", TypeError, "truth: expected real numbers"),
    ],
)
def test_refuses(estimates, truth, error, message):
    with pytest.raises(error, match=message):
        decompose_error(estimates, truth)
