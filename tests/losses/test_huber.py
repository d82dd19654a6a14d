"""Huber loss, noise and regression: definitions, other solvers, limits, refusals."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, optimize, special, stats
from sklearn.linear_model import HuberRegressor

from mlnotes.likelihood.least_squares import add_intercept, fit_ols
from mlnotes.losses.huber import (
    HuberNoise,
    fit_huber,
    huber_gradient,
    huber_loss,
    mad_scale,
    normal_efficiency,
)
from mlnotes.losses.regression import fit_lad


@pytest.mark.parametrize("delta", [1e-3, 0.7, 1.345, 40.0])
def test_loss_is_that_of_scipy(rng, delta):
    f, y = rng.normal(0, 3, size=(2, 41))
    assert_allclose(
        huber_loss(f, y, delta=delta), special.huber(delta, y - f), rtol=1e-12
    )


def test_value_and_slope_meet_at_the_threshold():
    # 1.5^2 / 2 = 1.125, from both branches, to within the step times the slope.
    around = huber_loss(0.0, [1.5 - 1e-12, 1.5, 1.5 + 1e-12], delta=1.5)
    assert_allclose(around, 1.125, atol=2e-12)
    slopes = huber_gradient([1.5 - 1e-12, 1.5, 1.5 + 1e-12], 0.0, delta=1.5)
    assert_allclose(slopes, 1.5, atol=2e-12)


@pytest.mark.parametrize("delta", [0.5, 1.345])
def test_gradient_is_the_slope(rng, delta):
    f, y = rng.normal(0, 2, size=(2, 41))
    h = 1e-6
    upper, lower = (huber_loss(f + s, y, delta=delta) for s in (h, -h))
    # Across the threshold the second derivative jumps by 1: an error of at most h.
    assert_allclose(
        huber_gradient(f, y, delta=delta), (upper - lower) / (2 * h), atol=1e-6
    )


def test_huge_residuals_do_not_overflow():
    assert_allclose(huber_loss(0.0, 1e300, delta=2.0), 2e300, rtol=1e-12)
    assert huber_gradient(0.0, 1e300, delta=2.0) == -2
    assert huber_loss(0.0, 1e200, delta=1e300) == np.inf
    assert huber_loss(1e308, -1e308, delta=1.0) == np.inf
    assert huber_gradient(1e308, -1e308, delta=1.0) == 1


def test_one_value_for_each_example_by_broadcasting():
    for f in (huber_loss, huber_gradient):
        assert f(np.zeros((5, 1)), [1.0, 2.0, 4.0], delta=1.0).shape == (5, 3)
        assert f(1.0, 2.0, delta=1.0).shape == ()


@pytest.mark.parametrize("f", [huber_loss, huber_gradient])
@pytest.mark.parametrize(
    ("prediction", "y", "delta", "message"),
    [
        ([1.0, 2.0], np.ones(3), 1.0, r"y: .*\(2,\), got \(3,\)"),
        ([np.nan], [1.0], 1.0, "prediction: expected finite numbers"),
        ([1.0], [1.0], 0.0, "delta: expected numbers > 0, got 0"),
        ([1.0], [1.0], -2.0, "delta: expected numbers > 0, got -2"),
        ([1.0], [1.0], [1.0, 2.0], "delta: expected one number"),
    ],
)
def test_losses_refuse(f, prediction, y, delta, message):
    with pytest.raises(ValueError, match=message):
        f(prediction, y, delta=delta)


# --- the noise ----------------------------------------------------------------------


@pytest.mark.parametrize(("delta", "scale"), [(0.3, 0.2), (1.0, 1.0), (1.345, 3.0)])
def test_noise_by_quadrature(delta, scale):
    noise = HuberNoise(delta, scale)

    def moment(k):
        def integrand(r):
            return r**k * np.exp(noise.log_prob(r))

        edge = delta * scale
        core, tail = ((0, edge), (edge, np.inf))
        return 2 * sum(integrate.quad(integrand, *ends)[0] for ends in (core, tail))

    # The routine stops at 1.5e-8.
    assert_allclose(moment(0), 1, rtol=1e-8)
    assert_allclose(moment(2), noise.variance(), rtol=1e-8)
    assert noise.mean() == 0


@pytest.mark.parametrize(("delta", "scale"), [(0.3, 0.2), (1.345, 3.0), (4.0, 1.0)])
def test_draws_follow_the_density(rng, delta, scale):
    noise, n = HuberNoise(delta, scale), 100_000
    x = noise.sample(n, rng=rng)
    # Shares of 20 intervals, each within 5 standard errors.
    edges = np.linspace(-4 * scale, 4 * scale, 21)
    seen = np.histogram(x, edges)[0] / n
    for left, right, share in zip(edges[:-1], edges[1:], seen, strict=True):
        kinks = [k for k in (-delta * scale, delta * scale) if left < k < right]
        expected = integrate.quad(
            lambda r: np.exp(noise.log_prob(r)), left, right, points=kinks or None
        )[0]
        assert abs(share - expected) < 5 * np.sqrt(expected * (1 - expected) / n)
    kurtosis_bound = 6  # that of the Laplace distribution, the heaviest of the family
    error = noise.variance() * np.sqrt((kurtosis_bound - 1) / n)
    assert abs(np.mean(x**2) - noise.variance()) < 5 * error


def test_shapes_of_draws(rng):
    noise = HuberNoise(1.0)
    assert noise.sample(rng=rng).shape == ()
    assert noise.sample((3, 5), rng=rng).shape == (3, 5)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_wide_core_is_normal_and_narrow_core_is_laplace(scale):
    x = scale * np.array([-3.0, 0.0, 0.5])
    # Far below 40 scales there is no difference; delta^2 / 2 = 5e-13 is left below.
    assert_allclose(
        HuberNoise(40.0, scale).log_prob(x),
        stats.norm.logpdf(x / scale) - np.log(scale),
        rtol=1e-12,
    )
    narrow = HuberNoise(1e-6, scale)
    laplace = stats.laplace.logpdf(x / scale, 0, 1e6) - np.log(scale)
    assert_allclose(narrow.log_prob(x), laplace, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("delta", [1e-310, 1e-100, 1e-20, 1e-3, 50.0, 1e200])
def test_noise_at_extreme_thresholds(rng, delta):
    noise = HuberNoise(delta)
    if delta > 1e-300:  # below, the draws themselves exceed the largest float
        assert np.isfinite(noise.sample(50, rng=rng)).all()
    assert np.isfinite(noise.log_normalizer)
    assert 0 <= noise.contamination <= 1
    assert noise.variance() >= 1
    assert noise.log_prob(0.0) == -noise.log_normalizer


@pytest.mark.parametrize(
    ("delta", "scale", "expected"),
    [
        (1e-300, 1e-300, 2.0),  # Laplace with b = scale / delta: 2 b^2
        (1e-300, 1.0, np.inf),
        (50.0, 1e-100, 1e-200),
        (50.0, 1e300, np.inf),
    ],
)
def test_variance_at_extreme_scales(delta, scale, expected):
    assert_allclose(HuberNoise(delta, scale).variance(), expected, rtol=1e-12)


@pytest.mark.parametrize("delta", [0.2, 1.0, 1.345, 3.0, 6.0])
def test_contamination_is_what_the_normal_leaves(delta):
    noise = HuberNoise(delta)

    def rest(r):  # what the noise has beyond its normal part, in one tail
        normal = (1 - noise.contamination) * stats.norm.pdf(r)
        return np.exp(noise.log_prob(r)) - normal

    share = 2 * integrate.quad(rest, delta, delta + 60 / delta, epsabs=1e-15)[0]
    assert_allclose(noise.contamination, share, rtol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0,), "delta: expected numbers > 0, got 0"),
        ((-1.0,), "delta: expected numbers > 0, got -1"),
        ((1.0, 0.0), "scale: expected numbers > 0, got 0"),
        (([1.0, 2.0],), "delta: expected one number"),
    ],
)
def test_noise_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        HuberNoise(*arguments)


def test_samples_need_a_generator():
    with pytest.raises(TypeError, match="rng: expected a numpy"):
        HuberNoise(1.0).sample(3, rng=0)


# --- efficiency and scale -----------------------------------------------------------


def test_efficiency_of_the_textbook_thresholds():
    # Huber and Ronchetti, exhibit 4.3, and the value of 1.345 in common use.
    assert_allclose(normal_efficiency(1.345), 0.95, atol=5e-5)
    assert_allclose(normal_efficiency(1.0), 1 / 1.1073, atol=5e-5)


@pytest.mark.parametrize("delta", [5e-324, 1e-305, 1e-160, 1e-9])
def test_efficiency_of_a_tiny_threshold_is_that_of_the_median(delta):
    assert_allclose(normal_efficiency(delta), 2 / np.pi, rtol=1e-8)


@pytest.mark.parametrize("delta", [9.0, 60.0, 1e300])
def test_efficiency_of_a_huge_threshold_is_one(delta):
    assert_allclose(normal_efficiency(delta), 1, rtol=1e-12)
    assert normal_efficiency(delta) <= 1


def test_scale_is_that_of_scipy_and_estimates_a_normal(rng):
    x = rng.normal(3, 2, size=31)
    expected = stats.median_abs_deviation(x, scale="normal")
    assert_allclose(mad_scale(x), expected, rtol=1e-12)
    n = 100_000
    # Its variance is 1.3606 / n times the variance of the noise (efficiency 36.75 %).
    spread = 2 * np.sqrt(1.3606 / n)
    assert abs(mad_scale(rng.normal(0, 2, size=n)) - 2) < 5 * spread


def test_scale_of_huge_numbers():
    x = np.array([1.0, 1.1, 1.2, 1.5])
    assert_allclose(mad_scale(x * 1e308), mad_scale(x) * 1e308, rtol=1e-12)


def test_scale_refuses_a_majority_of_equal_numbers():
    with pytest.raises(ValueError, match=r"x: expected at most half .* deviation 0"):
        mad_scale([1.0, 1.0, 1.0, 5.0])


# --- the fit ------------------------------------------------------------------------


def slope_of(X, y, beta, threshold):
    return X.T @ np.clip(y - X @ beta, -threshold, threshold)


@pytest.mark.parametrize("delta", [0.2, 1.0, 1.345, 4.0])
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_fit_is_stationary_and_beats_a_general_optimizer(rng, delta, scale):
    X = add_intercept(rng.normal(size=(37, 2)))
    y = X @ [1.0, -2.0, 3.0] + scale * rng.standard_t(2, size=37)
    fit = fit_huber(X, y, scale=scale, delta=delta)
    assert fit.converged
    # The loss is convex: a slope of zero proves the minimum.
    assert_allclose(slope_of(X, y, fit.coefficients, delta * scale), 0, atol=1e-10)

    def loss(beta):
        return special.huber(delta, (y - X @ beta) / scale).sum()

    found = optimize.minimize(loss, fit_ols(X, y).coefficients, method="BFGS")
    assert_allclose(fit.losses[-1], loss(fit.coefficients), rtol=1e-12)
    assert fit.losses[-1] <= found.fun + 1e-12
    # BFGS stops where the slope is below 1e-5.
    assert_allclose(fit.coefficients, found.x, atol=1e-3)


def test_agrees_with_scikit_learn_at_its_scale(rng):
    X = rng.normal(size=(83, 3))
    y = X @ [1.0, 2.0, -1.0] + rng.standard_t(2, size=83)
    peer = HuberRegressor(epsilon=1.35, alpha=0.0, tol=1e-10, max_iter=10_000)
    peer.fit(X, y)
    fit = fit_huber(add_intercept(X), y, scale=peer.scale_, delta=1.35)
    # L-BFGS stops where the loss no longer falls, about the root of 1e-16 away.
    assert_allclose(fit.coefficients, [peer.intercept_, *peer.coef_], atol=1e-5)


def test_agrees_with_statsmodels_at_a_fixed_scale(rng):
    X = add_intercept(rng.normal(size=(47, 2)))
    y = rng.standard_t(2, size=47)
    norm = sm.robust.norms.HuberT(t=1.345)
    residuals = fit_ols(X, y)
    beta = residuals.coefficients
    for _ in range(500):  # its weights, its weighted least squares
        weights = norm.weights((y - X @ beta) / 0.8)
        beta = sm.WLS(y, X, weights=weights).fit().params
    fit = fit_huber(X, y, scale=0.8)
    assert_allclose(fit.coefficients, beta, rtol=1e-8, atol=1e-8)
    assert_allclose(fit.weights, norm.weights((y - X @ beta) / 0.8), atol=1e-8)


@given(arrays(np.float64, (7,), elements=st.floats(-50, 50)), st.floats(0.05, 20))
@example(np.array([4.7e-161, 0, 0, 0, 0, 0, 0]), 1.0)  # losses of few digits
def test_location_is_where_the_pulls_balance(y, threshold):
    fit = fit_huber(np.ones((7, 1)), y, scale=1.0, delta=threshold)

    def pulls(c):
        return np.clip(y - c, -threshold, threshold).sum()

    assert abs(pulls(fit.coefficients[0])) < 1e-5
    assert fit.converged
    assert y.min() - 1e-9 <= fit.coefficients[0] <= y.max() + 1e-9


def test_between_median_and_mean(rng):
    X, y = np.ones((101, 1)), rng.standard_t(1.5, size=101)
    wide = fit_huber(X, y, scale=1.0, delta=1e6)
    assert_allclose(wide.coefficients, [y.mean()], rtol=1e-12)
    assert_array_equal(wide.weights, 1)
    narrow = fit_huber(X, y, scale=1.0, delta=1e-3, max_iter=1000)
    assert narrow.converged
    # Within the core of width 2e-3 around the median.
    assert_allclose(narrow.coefficients, [np.median(y)], atol=1e-3)


def test_small_threshold_tends_to_least_absolute_deviations(rng):
    X = add_intercept(rng.normal(size=(61, 2)))
    y = rng.standard_t(2, size=61)
    fit = fit_huber(X, y, scale=1.0, delta=1e-3, max_iter=10_000)
    least = fit_lad(X, y).sum_of_absolute_errors
    total = np.abs(y - X @ fit.coefficients).sum()
    assert fit.converged
    # H lies between delta (|r| - delta / 2) and delta |r|.
    assert least <= total + 1e-9
    assert total <= least + 61 * 1e-3 / 2


def test_ten_percent_of_outliers_move_it_far_less_than_the_mean(rng):
    y = rng.normal(size=200)
    bad = y.copy()
    bad[:20] += 50
    ones = np.ones((200, 1))
    shifts = [fit_huber(ones, z, scale=1.0).coefficients[0] for z in (y, bad)]
    assert bad.mean() - y.mean() == pytest.approx(5)
    # At most 20 pulls change, each by 2 * 1.345, over a core of at least 120.
    assert 0 < shifts[1] - shifts[0] < 20 * 2 * 1.345 / 120


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_units_do_not_matter(rng, unit):
    x, y = rng.normal(size=29), rng.standard_t(2, size=29)
    base = fit_huber(add_intercept(x), y, scale=0.7)
    other = fit_huber(add_intercept(x * unit), y / unit, scale=0.7 / unit)
    assert_allclose(other.coefficients, base.coefficients / [unit, unit**2], rtol=1e-9)
    assert_allclose(other.losses[-1], base.losses[-1], rtol=1e-9)


def test_losses_fall_and_the_end_is_reported(rng):
    X = add_intercept(rng.normal(size=(200, 4)))
    y = X @ np.arange(5.0) + 5 * rng.standard_cauchy(size=200)
    fit = fit_huber(X, y, scale=1.0, delta=0.3)
    assert fit.converged
    assert np.all(np.diff(fit.losses) < 0)
    first = fit_huber(X, y, scale=1.0, delta=0.3, max_iter=1)
    assert not first.converged
    assert_allclose(first.losses, fit.losses[:2], rtol=1e-12)


def test_one_step_that_lands_on_the_minimum_is_seen_to_have_converged():
    # From the mean 20 one step with the core [30] leads into the core [1, 2, 3, 4].
    y = [1.0, 2.0, 3.0, 4.0, 90.0]
    whole = fit_huber(np.ones((5, 1)), y, scale=1.0, delta=2.0)
    steps = whole.losses.size - 1
    exact = fit_huber(np.ones((5, 1)), y, scale=1.0, delta=2.0, max_iter=steps)
    assert exact.converged
    short = fit_huber(np.ones((5, 1)), y, scale=1.0, delta=2.0, max_iter=steps - 1)
    assert not short.converged


@pytest.mark.parametrize("far", [1e3, 1e9, 1e12, 1e16, 1e300])
def test_the_size_of_an_outlier_does_not_matter(rng, far):
    X, y = add_intercept(rng.normal(size=30)), rng.normal(size=30)
    y[[3, 7]] = 50.0, -50.0
    expected = fit_huber(X, y, scale=1.0)
    y[[3, 7]] = far, -far
    fit = fit_huber(X, y, scale=1.0)
    assert fit.converged
    assert_allclose(fit.coefficients, expected.coefficients, rtol=1e-9)
    r = y - X @ fit.coefficients
    assert_allclose(fit.losses[-1], special.huber(1.345, r).sum(), rtol=1e-12)
    assert_allclose(fit.weights, np.minimum(1, 1.345 / np.abs(r)), rtol=1e-12)


def test_a_far_target_on_the_line_is_no_outlier(rng):
    x = np.append(rng.normal(size=8), 1e6)
    X = add_intercept(x)
    y = 1 + 2 * x + 1e-3 * rng.normal(size=9)
    y[2] = 1e9
    fit = fit_huber(X, y, scale=1e-3)
    # Rounding leaves 1e-16 of 2e6 in the farthest residual, whose pull x multiplies.
    slope = slope_of(X, y, fit.coefficients, 1.345e-3)
    assert_allclose(slope / np.abs(X).max(axis=0), 0, atol=1e-8)
    assert fit.weights[-1] == 1


def test_flat_bottom():
    # Between the two pairs every constant from 1 to 9 is best.
    fit = fit_huber(np.ones((4, 1)), [0.0, 0.0, 10.0, 10.0], scale=1.0, delta=1.0)
    assert fit.converged
    assert 1 <= fit.coefficients[0] <= 9


def test_exact_line_even_for_a_tiny_scale():
    X = add_intercept([1.0, 2.0, 5.0, 7.0])
    fit = fit_huber(X, X @ [3e6, -2.0], scale=1e-12)
    assert fit.converged
    assert_allclose(fit.coefficients, [3e6, -2], rtol=1e-9)


def test_fit_is_frozen_and_inputs_are_not_written_to():
    X, y = np.ones((3, 1)), np.array([1.0, 2.0, 9.0])
    X.flags.writeable = y.flags.writeable = False
    fit = fit_huber(X, y, scale=1.0)
    for field in (fit.coefficients, fit.weights, fit.losses):
        with pytest.raises(ValueError, match="read-only"):
            field[0] = 0
    with pytest.raises(AttributeError):
        fit.converged = False


GOOD = {"X": np.ones((4, 1)), "y": np.arange(4.0), "scale": 1.0}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"X": np.ones((4, 2))}, "X: expected linearly independent columns"),
        ({"X": np.ones((2, 3)), "y": np.ones(2)}, "X: expected at least 3 rows"),
        ({"y": np.arange(3.0)}, r"y: expected shape \(4,\), got \(3,\)"),
        ({"scale": 0.0}, "scale: expected numbers > 0, got 0"),
        ({"delta": 0.0}, "delta: expected numbers > 0, got 0"),
        ({"delta": -1.345}, "delta: expected numbers > 0, got -1.345"),
        ({"tol": 0.0}, "tol: expected numbers > 0, got 0"),
        ({"y": [1e308, 1e308, -1e308, -1e308]}, "y: expected numbers with a sum below"),
        ({"y": [1e9, 2e9, 0.0, 0.0], "scale": 1e-305}, "scale: .* loss .*, got 1e-305"),
        ({"max_iter": 0}, "max_iter: expected a whole number >= 1, got 0"),
    ],
)
def test_fit_refuses(changed, message):
    with pytest.raises(ValueError, match=message):
        fit_huber(**(GOOD | changed))
