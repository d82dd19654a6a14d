"""Information criteria: figures, shapes, invariances, limits, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from mlnotes.likelihood.model_selection import aic, aicc, bic, model_weights

ELL = np.array([-12.5, -10.0, -9.75])
K = np.array([1, 2, 4])


def test_worked_by_hand():
    assert_allclose(aic(ELL, K), [27, 24, 27.5], rtol=1e-15)
    assert_allclose(bic(ELL, K, 20), [27.995732, 25.991465, 31.482929], rtol=1e-7)
    # 2 k n / (n - k - 1) with n = 8: 16/6, 32/5, 64/3.
    assert_allclose(aicc(ELL, K, 8), [25 + 16 / 6, 20 + 32 / 5, 19.5 + 64 / 3])


def test_nothing_to_fit_costs_nothing():
    assert aic(-3.0, 0) == aicc(-3.0, 0, 2) == bic(-3.0, 0, 1) == 6


@pytest.mark.parametrize("n", [7, 8])
def test_bic_is_the_stricter_one_from_eight_examples_on(n):
    assert (bic(0.0, 3, n) > aic(0.0, 3)) == (n >= 8)


def test_correction_vanishes_for_many_examples():
    assert_allclose(aicc(ELL, K, 10**9), aic(ELL, K), rtol=1e-7)
    # Relative to AIC the excess is 2 k (k + 1) / (n - k - 1).
    excess = aicc(ELL, K, 50) - aic(ELL, K)
    assert_allclose(excess, 2 * K * (K + 1) / (50 - K - 1), rtol=1e-12)


def test_shapes_broadcast():
    n = np.array([[10], [20]])
    for function in (bic, aicc):
        table = function(ELL, K, n)
        assert table.shape == (2, 3)
        for i, j in np.ndindex(2, 3):
            assert_allclose(table[i, j], function(ELL[j], K[j], n[i, 0]), rtol=1e-15)
        assert function(-1.0, 2, [10, 20]).shape == (2,)
        assert function(-1.0, 2, 10).shape == ()
    assert aic([[-1.0], [-2.0]], K).shape == (2, 3)
    assert model_weights(np.zeros((5, 7))).shape == (5, 7)


@given(arrays(np.float64, (3, 5), elements=st.floats(-1e6, 1e6)), st.floats(-1e6, 1e6))
def test_weights_are_shares_that_only_differences_decide(criterion, shift):
    weights = model_weights(criterion)
    assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert_allclose(model_weights(criterion + shift), weights, atol=1e-8)
    best = np.take_along_axis(weights, criterion.argmin(axis=-1)[:, None], axis=-1)
    assert np.all(weights <= best)


def test_weights_of_criteria_far_apart():
    small = 1 / (1 + np.e)
    assert_allclose(model_weights([1e8, 0.0, 2.0]), [0, 1 - small, small])
    assert_allclose(model_weights([-1e5, -1e5]), [0.5, 0.5])
    assert_allclose(model_weights([3.0]), [1.0])


def test_inputs_are_not_written_to():
    ell, k = ELL.copy(), K.copy()
    ell.flags.writeable = k.flags.writeable = False
    for result in (aic(ell, k), aicc(ell, k, 9), bic(ell, k, 9), model_weights(ell)):
        result[0] = 0.0  # a new array of the caller's own
    assert_allclose(ell, ELL, rtol=0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: aic(np.nan, 1), ValueError, "log_likelihood: .* got nan"),
        (lambda: aic(-np.inf, 1), ValueError, "log_likelihood: expected finite"),
        (lambda: aic("a", 1), TypeError, "log_likelihood: expected real numbers"),
        (lambda: aic(0, -1), ValueError, "n_parameters: expected whole numbers >= 0"),
        (lambda: aic(0, [1, 1.5]), ValueError, "n_parameters: .* got 1.5"),
        (
            lambda: aic([0, 0], [1, 1, 1]),
            ValueError,
            r"n_parameters: expected a shape that broadcasts with \(2,\), got \(3,\)",
        ),
        (lambda: bic(0, 1, 0), ValueError, "n_examples: expected whole numbers >= 1"),
        (lambda: bic(0, 1, 2.5), ValueError, "n_examples: .* got 2.5"),
        (
            lambda: bic([0, 0], 1, [1, 2, 3]),
            ValueError,
            r"n_examples: expected a shape that broadcasts with \(2,\)",
        ),
        (
            lambda: aicc(0, [1, 4], 5),
            ValueError,
            r"n_examples: expected at least n_parameters \+ 2, got 5 for 4 parameters",
        ),
        (lambda: aicc(0, 1, 0), ValueError, "n_examples: expected whole numbers >= 1"),
        (lambda: model_weights(3.0), ValueError, "criterion: expected an axis of"),
        (lambda: model_weights([1, np.inf]), ValueError, "criterion: .* got inf"),
        (lambda: model_weights([]), ValueError, "criterion: expected at least one"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
