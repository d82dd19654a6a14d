"""Bayesian linear regression: oracles, invariances, limits, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct
from sklearn.linear_model import BayesianRidge

from mlnotes.likelihood.bayesian_linear_regression import (
    WeightBelief,
    predict,
    prior,
    update,
)


def test_prior_knows_nothing_but_its_precision():
    before = prior(3, precision=4.0, noise_variance=2.0)
    assert_allclose(before.mean, np.zeros(3), atol=0)
    assert_allclose(before.covariance, np.eye(3) / 4, rtol=1e-15)
    assert_allclose(before.standard_deviations, [0.5] * 3, rtol=1e-15)
    assert before.log_evidence == 0
    assert before.noise_variance == 2


def test_one_weight_worked_by_hand():
    # Precision 1/4 + 2^2/4 = 5/4, mean 0.8 * 2 * 8 / 4.
    after = update(prior(1, 0.25, 4.0), [[2.0]], [8.0])
    assert_allclose([after.mean[0], after.covariance[0, 0]], [3.2, 0.8], rtol=1e-14)
    forecast = predict(after, [[5.0], [0.0]])
    assert_allclose(forecast.loc, [16, 0], rtol=1e-14)
    assert_allclose(forecast.variance(), [24, 4], rtol=1e-14)
    assert_allclose(after.log_evidence, stats.norm.logpdf(8, 0, np.sqrt(20)))


@pytest.mark.parametrize(("n", "p"), [(2, 5), (5, 5), (19, 3), (1, 1)])
def test_agrees_with_the_formulas_and_the_joint_density(rng, n, p):
    X, y = rng.normal(size=(n, p)), rng.normal(size=n)
    lam, s2 = 0.4, 0.7
    after = update(prior(p, lam, s2), X, y)
    S = np.linalg.inv(lam * np.eye(p) + X.T @ X / s2)
    assert_allclose(after.covariance, S, rtol=1e-10, atol=1e-13)
    assert_allclose(after.mean, S @ X.T @ y / s2, rtol=1e-10, atol=1e-13)
    expected = stats.multivariate_normal.logpdf(
        y, np.zeros(n), s2 * np.eye(n) + X @ X.T / lam
    )
    assert_allclose(after.log_evidence, expected, rtol=1e-11)
    R = after.precision_factor
    assert_allclose(R, np.triu(R), rtol=0, atol=0)
    assert np.diag(R).min() > 0
    assert_allclose(R, np.linalg.cholesky(np.linalg.inv(S)).T, rtol=1e-9, atol=1e-12)


def test_agrees_with_a_gaussian_process_with_a_linear_kernel(rng):
    X, y, X_new = rng.normal(size=(9, 2)), rng.normal(size=9), rng.normal(size=(4, 2))
    # DotProduct(0) is x'x: a prior precision of 1.
    peer = GaussianProcessRegressor(
        kernel=DotProduct(sigma_0=0, sigma_0_bounds="fixed"), alpha=0.5, optimizer=None
    ).fit(X, y)
    mean, sd = peer.predict(X_new, return_std=True)
    after = update(prior(2, 1.0, 0.5), X, y)
    forecast = predict(after, X_new)
    assert_allclose(forecast.loc, mean, rtol=1e-9)
    assert_allclose(forecast.variance() - 0.5, sd**2, rtol=1e-8)
    assert_allclose(after.log_evidence, peer.log_marginal_likelihood_value_, rtol=1e-9)


def test_agrees_with_bayesian_ridge_at_its_own_precisions(rng):
    X = rng.normal(size=(40, 3))
    y = X @ [1.0, -2.0, 0.5] + rng.normal(size=40)
    peer = BayesianRidge(fit_intercept=False, tol=1e-10).fit(X, y)
    after = update(prior(3, peer.lambda_, 1 / peer.alpha_), X, y)
    assert_allclose(after.mean, peer.coef_, rtol=1e-6)
    assert_allclose(after.covariance, peer.sigma_, rtol=1e-6, atol=1e-10)
    mean, sd = peer.predict(X[:5], return_std=True)
    assert_allclose(predict(after, X[:5]).scale, sd, rtol=1e-6)
    assert_allclose(predict(after, X[:5]).loc, mean, rtol=1e-6)


numbers = st.floats(-8, 8)


@given(arrays(np.float64, (6, 2), elements=numbers), arrays(float, 6, elements=numbers))
def test_batches_add_up_to_the_whole(X, y):
    whole = update(prior(2, 0.5, 2.0), X, y)
    parts = update(update(prior(2, 0.5, 2.0), X[:2], y[:2]), X[2:], y[2:])
    assert_allclose(parts.mean, whole.mean, atol=1e-11)
    assert_allclose(parts.covariance, whole.covariance, atol=1e-12)
    assert_allclose(parts.log_evidence, whole.log_evidence, rtol=1e-11)


@given(arrays(np.float64, (5, 2), elements=numbers), st.integers(0, 1))
def test_every_observation_sharpens_the_belief(X, j):
    belief = prior(2, 0.5, 2.0)
    for row in X:
        after = update(belief, row[None], [3.0])
        assert after.standard_deviations[j] <= belief.standard_deviations[j] + 1e-14
        belief = after


def test_covariance_does_not_depend_on_the_targets(rng):
    X = rng.normal(size=(7, 3))
    first, second = (update(prior(3, 1.0, 1.0), X, y) for y in rng.normal(size=(2, 7)))
    assert_allclose(first.covariance, second.covariance, rtol=1e-13)


def test_units_of_the_target(rng):
    """In other units only the evidence changes, by the log of the factor."""
    X, y = rng.normal(size=(7, 2)), rng.normal(size=7)
    hours = update(prior(2, 3.0, 0.5), X, y)
    minutes = update(prior(2, 3.0 / 60**2, 0.5 * 60**2), X, 60 * y)
    assert_allclose(minutes.mean, 60 * hours.mean, rtol=1e-12)
    assert_allclose(minutes.log_evidence, hours.log_evidence - 7 * np.log(60))


@pytest.mark.parametrize("precision", [1.0, 1e-8, 1e-16, 1e-22])
def test_repeated_columns_keep_the_prior_however_weak_it_is(rng, precision):
    # The Gram matrix plus 1e-16 is singular in floating point; the factor is not.
    t = rng.normal(size=20)
    after = update(prior(2, precision, 1.0), np.column_stack([t, t]), 3 * t)
    R = after.precision_factor
    length = np.linalg.norm(R @ [1.0, -1.0]) / np.sqrt(2)  # one over the deviation
    # Rounding of about 1e-16 times the norm of R, against sqrt(precision).
    error = 20 * np.finfo(float).eps * np.linalg.norm(R) / np.sqrt(precision)
    assert_allclose(length, np.sqrt(precision), rtol=error)
    assert_allclose(after.mean.sum(), 6 * t @ t / (2 * t @ t + precision), rtol=1e-6)


def test_columns_that_only_rounding_tells_apart_are_refused(rng):
    t = rng.normal(size=20)
    with pytest.raises(ValueError, match=r"X: expected columns that the data or"):
        update(prior(2, 1e-30, 1.0), np.column_stack([t, t]), t)
    # Columns of very different size are not nearly dependent.
    after = update(prior(2, 1e-30, 1.0), np.diag([1e-9, 1e9]), [2e-9, 3e9])
    assert_allclose(after.mean, [2, 3], rtol=1e-9)


def test_limits_of_the_prior(rng):
    X, y = rng.normal(size=(13, 3)), rng.normal(size=13)
    weak, strong = (update(prior(3, lam, 0.5), X, y) for lam in (1e-14, 1e14))
    assert_allclose(weak.mean, np.linalg.lstsq(X, y)[0], rtol=1e-10)
    assert_allclose(weak.covariance, 0.5 * np.linalg.inv(X.T @ X), rtol=1e-9)
    assert_allclose(strong.mean, 0, atol=1e-11)
    assert_allclose(strong.covariance, np.eye(3) / 1e14, rtol=1e-9, atol=1e-26)


def test_huge_numbers_are_welcome_if_the_noise_is_huge():
    after = update(prior(1, 1.0, 1e100), [[1e180]], [3e180])
    assert_allclose(after.mean, [3], rtol=1e-14)
    assert_allclose(after.standard_deviations, [1e-130], rtol=1e-14)


def test_a_row_of_zeros_tells_nothing_about_the_weights():
    before = prior(2, 0.5, 2.0)
    after = update(before, [[0.0, 0.0]], [3.0])
    assert_allclose(after.mean, before.mean, atol=0)
    assert_allclose(after.covariance, before.covariance, rtol=1e-15)
    assert_allclose(after.log_evidence, stats.norm.logpdf(3, 0, np.sqrt(2)))


def test_an_absurd_target_has_no_evidence_and_no_warning():
    after = update(prior(1, 1.0, 1.0), [[0.0]], [1e149])
    assert after.log_evidence < -1e297


def test_belief_is_frozen_and_inputs_are_not_written_to(rng):
    X, y = rng.normal(size=(5, 2)), rng.normal(size=5)
    kept = X.copy(), y.copy()
    X.flags.writeable = y.flags.writeable = False
    before = prior(2, 1.0, 1.0)
    first, second = update(before, X, y), update(before, X, y)
    assert isinstance(first, WeightBelief)
    assert_allclose(first.mean, second.mean, rtol=0)
    assert before.log_evidence == 0
    assert_allclose(X, kept[0], rtol=0)
    assert_allclose(y, kept[1], rtol=0)
    with pytest.raises(ValueError, match="read-only"):
        first.mean[0] = 0.0
    with pytest.raises(AttributeError):
        first.log_evidence = 0.0


GOOD = prior(2, 1.0, 1.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: prior(0, 1, 1), ValueError, "n_weights: expected a whole number >= 1"),
        (lambda: prior(2.5, 1, 1), ValueError, "n_weights: .* got 2.5"),
        (lambda: prior(2, 0, 1), ValueError, "precision: expected numbers > 0, got 0"),
        (lambda: prior(2, 1, -1), ValueError, "noise_variance: .* got -1"),
        (lambda: prior(2, "1", 1), TypeError, "precision: .* got text"),
        (lambda: update(None, [[1]], [1]), TypeError, "belief: .* got NoneType"),
        (
            lambda: update(WeightBelief, [[1]], [1]),
            TypeError,
            "belief: expected a WeightBelief, got the class WeightBelief",
        ),
        (lambda: update(GOOD, [1, 2], [1]), ValueError, r"X: expected shape \(n, d\)"),
        (lambda: update(GOOD, [[1]], [1]), ValueError, "X: expected 2 columns, .* 1"),
        (lambda: update(GOOD, [[1, 2]], [1, 2]), ValueError, r"y: expected shape \(1"),
        (lambda: update(GOOD, [[1, np.nan]], [1]), ValueError, "X: .* got nan"),
        (lambda: update(GOOD, [[1, 2]], [np.inf]), ValueError, "y: .* got inf"),
        (lambda: update(GOOD, [[1, 1e200]], [1]), ValueError, "X: .* below 1e"),
        (lambda: update(GOOD, [[1, 1]], [1e200]), ValueError, "y: .* below 1e"),
        (
            lambda: update(prior(2, 1, 1e-8), [[1, 1e148]], [1]),
            ValueError,
            "X: .* for sigma = 0.0001",
        ),
        (lambda: predict(3.0, [[1, 2]]), TypeError, "belief: .* got float"),
        (lambda: predict(GOOD, [[1, 2, 3]]), ValueError, "X_new: expected 2 columns"),
        (lambda: predict(GOOD, [[1, 1e200]]), ValueError, r"X_new: .* got 1e\+200"),
        (
            lambda: predict(prior(2, 1e-300, 1), [[1e160, 1]]),
            ValueError,
            "X_new: expected inputs at which .* standard deviation below",
        ),
        (lambda: predict(GOOD, [1, 2]), ValueError, r"X_new: expected shape \(n, d\)"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
