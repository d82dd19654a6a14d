"""Poisson, Gamma and Tweedie losses: definitions, limits, extremes, fits, refusals."""

import mpmath
import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, stats
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor
from sklearn.metrics import (
    mean_gamma_deviance,
    mean_poisson_deviance,
    mean_tweedie_deviance,
)

from mlnotes.likelihood.generalized_linear_models import fit_glm
from mlnotes.losses import deviances as module
from mlnotes.losses.deviances import (
    gamma_deviance,
    gamma_gradient,
    gamma_loss,
    poisson_deviance,
    poisson_gradient,
    poisson_loss,
    tweedie_deviance,
    tweedie_family,
    tweedie_gradient,
    tweedie_loss,
)

EPSILON = np.finfo(np.float64).eps
POWERS = [-2.0, -0.5, 0.0, 1.0, 1.2, 1.5, 1.9, 2.0, 2.5, 3.0]
CLOSE_POWERS = [1 + 1e-9, 1 + 1e-4, 1.005, 1.995, 2 - 1e-9, 2 + 1e-9, 2.005]
LOSSES = {
    "poisson": (poisson_loss, poisson_gradient, poisson_deviance),
    "gamma": (gamma_loss, gamma_gradient, gamma_deviance),
}


def at(power):
    """The three Tweedie functions with the power filled in."""
    return tuple(
        lambda mean, y, f=f: f(mean, y, power=power)
        for f in (tweedie_loss, tweedie_gradient, tweedie_deviance)
    )


def responses(rng, power, size=101):
    """Means, and responses in the support of the power."""
    mean = rng.gamma(2.0, 2.0, size=size) + 0.05
    if power == 0:
        return mean * rng.choice([-1, 1], size), rng.normal(size=size)
    if power < 0:
        return mean, rng.normal(size=size)
    if power == 1:
        return mean, rng.poisson(mean).astype(float)
    y = rng.gamma(2.0, mean / 2)
    return mean, np.where(rng.random(size) < 0.2, 0.0, y) if power < 2 else y


def exact_deviance(mean, y, power):
    """Arithmetic with 60 digits."""
    with mpmath.workdps(60):
        mu, y, p = mpmath.mpf(mean), mpmath.mpf(y), mpmath.mpf(power)
        if y == mu:
            return 0
        if p == 1:
            d = (y * mpmath.log(y / mu) if y else 0) - (y - mu)
        elif p == 2:
            d = (y - mu) / mu - mpmath.log(y / mu)
        else:
            perfect = y ** (2 - p) if y > 0 else 0
            d = perfect / ((1 - p) * (2 - p))
            d += -y * mu ** (1 - p) / (1 - p) + mu ** (2 - p) / (2 - p)
        return 2 * d


# --- definitions ----------------------------------------------------------------------


def test_poisson_loss_is_minus_scipys_log_probability_without_the_factorial(rng):
    _, y = responses(rng, 1.0)
    means = [0.1, 1.0, 7.3, 250.0]
    full = [-stats.poisson.logpmf(y, mean) for mean in means]
    reduced = [poisson_loss(mean, y) for mean in means]
    for i in (1, 2, 3):  # what was dropped cancels in a difference
        assert_allclose(reduced[i] - reduced[0], full[i] - full[0], rtol=1e-10)


@pytest.mark.parametrize("shape", [0.5, 1.0, 7.0])
def test_gamma_loss_times_the_shape_is_minus_scipys_log_density(rng, shape):
    _, y = responses(rng, 2.0)
    means = [0.1, 1.0, 7.3, 250.0]
    full = [-stats.gamma.logpdf(y, shape, scale=mean / shape) for mean in means]
    reduced = [shape * gamma_loss(mean, y) for mean in means]
    for i in (1, 2, 3):
        difference = full[i] - full[0]
        assert_allclose(reduced[i] - reduced[0], difference, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("power", "noise"), [(0.0, "normal"), (3.0, "inverse Gauss")])
def test_tweedie_loss_at_powers_with_a_density_in_scipy(rng, power, noise):
    mean, y = responses(rng, power)

    def log_density(mu):
        if noise == "normal":
            return stats.norm.logpdf(y, mu)
        return stats.invgauss.logpdf(y, mu)  # SciPy's mu is the mean for the scale 1

    twice = 2 * mean
    expected = log_density(mean) - log_density(twice)
    found = tweedie_loss(twice, y, power=power) - tweedie_loss(mean, y, power=power)
    assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_deviances_are_those_of_scikit_learn_and_statsmodels(rng):
    for power in POWERS:
        mean, y = responses(rng, power)
        found = tweedie_deviance(mean, y, power=power)
        peer = [
            mean_tweedie_deviance([a], [b], power=power)
            for a, b in zip(y, mean, strict=True)
        ]
        assert_allclose(found, peer, rtol=1e-9, atol=1e-12)
    mean, y = responses(rng, 1.0)
    found = poisson_deviance(mean, y)
    assert_allclose(found.mean(), mean_poisson_deviance(y, mean), rtol=1e-12)
    signed = sm.families.Poisson().resid_dev(y, mean)
    assert_allclose(found, signed**2, rtol=1e-9, atol=1e-12)
    mean, y = responses(rng, 2.0)
    found = gamma_deviance(mean, y)
    assert_allclose(found.mean(), mean_gamma_deviance(y, mean), rtol=1e-12)
    signed = sm.families.Gamma().resid_dev(y, mean)
    assert_allclose(found, signed**2, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_named_losses_are_tweedie_losses(rng, name):
    power = {"poisson": 1.0, "gamma": 2.0}[name]
    mean, y = responses(rng, power)
    for named, general in zip(LOSSES[name], at(power), strict=True):
        assert_allclose(named(mean, y), general(mean, y), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("power", [*POWERS, *CLOSE_POWERS])
def test_the_gradient_is_the_slope_of_the_loss(rng, power):
    mean, y = responses(rng, power)
    loss, slope, deviance = at(power)
    h = 1e-5 * np.abs(mean)
    for f, factor in ((loss, 1), (deviance, 2)):
        found = (f(mean + h, y) - f(mean - h, y)) / (2 * factor * h)
        # Rounding over the step, and the cubic term of the central difference.
        size = np.abs(f(mean, y)) + np.abs(loss(mean, y))
        tolerance = 1e-6 * (1 + np.abs(found)) + 4 * EPSILON * size / h
        assert (np.abs(slope(mean, y) - found) <= tolerance).all()


@pytest.mark.parametrize("name", LOSSES)
def test_the_named_gradients_are_the_slopes(rng, name):
    mean, y = responses(rng, {"poisson": 1.0, "gamma": 2.0}[name])
    loss, slope, _ = LOSSES[name]
    h = 1e-6 * mean
    expected = (loss(mean + h, y) - loss(mean - h, y)) / (2 * h)
    assert_allclose(slope(mean, y), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("power", [0.0, 1.0, 1.3, 1.7, 2.0, 3.0])
def test_deviance_is_twice_the_loss_less_that_of_a_perfect_fit(rng, power):
    mean, y = responses(rng, power)
    loss, _, deviance = at(power)
    y = y + (y == 0)  # a mean of 0 is no mean
    perfect = np.where(y == 0, 1.0, y)
    expected = 2 * (loss(mean, y) - loss(perfect, y))
    assert_allclose(deviance(mean, y), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("power", [*POWERS, *CLOSE_POWERS])
def test_the_best_single_mean_is_the_average(power):
    y = np.array([1.0, 2.0, 3.0, 6.0])
    loss, slope, _ = at(power)
    assert_allclose(slope(3.0, y).sum(), 0, atol=1e-12)
    found = optimize.minimize_scalar(
        lambda m: loss(m, y).sum(), bounds=(0.5, 20), method="bounded"
    )
    assert_allclose(found.x, 3.0, rtol=1e-3)


# --- limits ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "gap"),
    [
        (1.0, 1e-3),
        (1.0, 1e-6),
        (1.0, 1e-9),
        (1.0, 1e-12),
        (2.0, 1e-3),
        (2.0, 1e-6),
        (2.0, 1e-9),
        (2.0, -1e-3),
        (2.0, -1e-9),
    ],
)
def test_the_power_tends_to_poisson_and_gamma(rng, limit, gap):
    mean, y = responses(rng, limit)
    y = y + (y == 0) if limit + gap >= 2 else y
    gap_size = np.abs(gap) * 100  # both sides change smoothly with the power
    expected = tweedie_deviance(mean, y, power=limit)
    found = tweedie_deviance(mean, y, power=limit + gap)
    assert_allclose(found, expected, rtol=gap_size, atol=gap_size + 1e-13)


def test_the_power_tends_to_the_squared_error_from_below(rng):
    mean, y = rng.gamma(2.0, size=(2, 101))
    for power in (-1e-3, -1e-6, -1e-9, 0.0):
        found = tweedie_deviance(mean, y, power=power)
        assert_allclose(found, (y - mean) ** 2, atol=100 * abs(power) + 1e-13)


@pytest.mark.parametrize("power", CLOSE_POWERS)
def test_powers_next_to_the_limits_keep_their_digits(rng, power):
    mean, y = responses(rng, power, size=31)
    exact = [float(exact_deviance(m, v, power)) for m, v in zip(mean, y, strict=True)]
    found = tweedie_deviance(mean, y, power=power)
    assert_allclose(found, exact, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("power", [1.0, 1 + 1e-9, 1.3, 1.995, 2 - 1e-9])
@pytest.mark.parametrize("mean", [1e-3, 1.0, 700.0])
def test_a_zero_costs_the_power_of_the_mean(power, mean):
    expected = 2 * mean ** (2 - power) / (2 - power)
    assert_allclose(tweedie_deviance(mean, 0.0, power=power), expected, rtol=1e-12)
    several = tweedie_deviance([mean, mean], [0.0, 0.0], power=power)
    assert_allclose(several, [expected, expected], rtol=1e-12)


def test_zero_counts_cost_twice_the_mean():
    assert_array_equal(poisson_deviance([1.0, 5.0], 0), [2.0, 10.0])
    assert_array_equal(poisson_loss([1.0, 5.0], 0), [1.0, 5.0])
    assert_array_equal(poisson_gradient([1.0, 5.0], 0), [1.0, 1.0])


# --- accuracy -------------------------------------------------------------------------


@pytest.mark.parametrize("power", [*POWERS, *CLOSE_POWERS, 1.49, 10.0])
@pytest.mark.parametrize("y", [1.0, 7.0, 1e6])
@pytest.mark.parametrize("miss", [1e-9, 1e-6, 1e-3, 0.1])
def test_small_relative_misses_keep_half_of_the_digits(power, y, miss):
    for mean in (y * (1 + miss), y / (1 + miss)):
        exact = float(exact_deviance(mean, y, power))
        # A handful of roundings of terms of the size of the miss, whose difference is
        # of the size of its square.
        found = tweedie_deviance(mean, y, power=power)
        assert_allclose(found, exact, rtol=8 * EPSILON / miss)
        if power in (1, 2):
            named = poisson_deviance if power == 1 else gamma_deviance
            assert_array_equal(named(mean, y), found)


EXTREMES = [
    (1e-300, 1e300),
    (1e300, 1e-300),
    (1.0, 1e-300),
    (1.0, 1e300),
    (1e300, 1.0),
    (1e-300, 1.0),
    (1e6, 1.0),
    (1.0, 1e6),
    (5e-324, 1.0),
    (5e-324, 1e10),
    (0.0, 1e300),
    (0.0, 1e-300),
    (1e-300, 1e-300),
    (1e300, 1e300),
    (1e-200, 3e-200),
    (3e200, 1e200),
    (1e300, 1e-5),
    (5e-324, 0.9),
    (1.7e308, 1e-5),
    (1.0, 1.7e308),
]


EXTREME_POWERS = [-2.0, 0.0, 1.0, 1 + 1e-9, 1.5, 1.98, 2 - 1e-9, 2.0, 2 + 1e-9, 3.0, 4]


@pytest.mark.parametrize("power", EXTREME_POWERS)
@pytest.mark.parametrize(("y", "mean"), EXTREMES)
def test_extremes_are_right_or_overflow_where_they_must(power, y, mean):
    if power >= 2 and y == 0:
        return
    if power == 1 and y != np.floor(y):
        y = float(np.ceil(y))
    exact = float(exact_deviance(mean, y, power))
    # The log of an extreme number, up to 700, is rounded to 1e-13.
    assert_allclose(tweedie_deviance(mean, y, power=power), exact, rtol=2e-12)
    among_others = tweedie_deviance([mean, 2.0], [y, 3.0], power=power)
    assert_allclose(among_others[0], exact, rtol=2e-12)
    alone = tweedie_deviance(2.0, 3.0, power=power)
    assert_allclose(among_others[1], alone, rtol=1e-14)
    if power == 1:
        assert_allclose(poisson_deviance(mean, y), exact, rtol=1e-12)
    if power == 2:
        assert_allclose(gamma_deviance(mean, y), exact, rtol=1e-12)


@pytest.mark.parametrize("power", EXTREME_POWERS)
@pytest.mark.parametrize(("y", "mean"), EXTREMES)
def test_losses_and_slopes_overflow_only_where_they_must(power, y, mean):
    if power >= 2 and y == 0:
        return
    with mpmath.workdps(700):
        mu, v, p = mpmath.mpf(mean), mpmath.mpf(y), mpmath.mpf(power)
        a, b = 2 - p, 1 - p
        gain = mpmath.log(mu) if p == 1 else mu**b / b
        cost = mpmath.log(mu) if p == 2 else mu**a / a
        loss, slope = float(cost - v * gain), float((mu - v) / mu**p)
    assert_allclose(tweedie_loss(mean, y, power=power), loss, rtol=1e-12)
    assert_allclose(tweedie_gradient(mean, y, power=power), slope, rtol=1e-12)


def test_a_negative_response_costs_its_loss():
    for power in (-1.0, -3.0):
        for mean, y in ((2.0, -3.0), (1e-200, -1e100), (1e60, -1e-300)):
            found = tweedie_deviance(mean, [y, 1.0], power=power)[0]
            expected = 2 * tweedie_loss(mean, y, power=power)
            assert_allclose(found, expected, rtol=1e-12)
    assert tweedie_loss(-1e200, 1e200, power=0) == np.inf
    assert_allclose(tweedie_loss(-2.0, 3.0, power=0), 8.0, rtol=1e-15)


def test_losses_and_gradients_may_overflow_without_a_warning():
    assert gamma_loss(1e-300, 1e300) == np.inf
    assert gamma_gradient(1e-300, 1e300) == -np.inf
    assert poisson_gradient(1e-300, 1e300) == -np.inf
    assert tweedie_loss(1e-300, 1e300, power=3.0) == np.inf
    assert tweedie_gradient(1e-300, 1e300, power=3.0) == -np.inf
    assert_allclose(poisson_loss(1e300, 0), 1e300)
    assert_allclose(poisson_gradient(1e300, 1e300), 0, atol=1e-15)
    assert_allclose(gamma_gradient(1e200, 1e190), 1e-200, rtol=1e-9)


@pytest.mark.parametrize("power", [*POWERS, *CLOSE_POWERS])
def test_a_perfect_fit_has_no_deviance(power):
    y = np.array([1.0, 2.0, 3.0, 1e6, 7e11])
    assert_array_equal(tweedie_deviance(y, y, power=power), np.zeros(5))
    if power == 1:
        assert_array_equal(poisson_deviance(y, y), np.zeros(5))
    if power == 2:
        assert_array_equal(gamma_deviance(y, y), np.zeros(5))


def test_units_do_not_matter_to_the_gamma_deviance(rng):
    mean, y = responses(rng, 2.0)
    for unit in (2.0**-900, 2.0**900):
        assert_array_equal(
            gamma_deviance(unit * mean, unit * y), gamma_deviance(mean, y)
        )
    # Nor to the others, up to a power of the unit.
    for power in (1.2, 1.5, 1.9):
        scaled = tweedie_deviance(60 * mean, 60 * y, power=power)
        expected = 60 ** (2 - power) * tweedie_deviance(mean, y, power=power)
        assert_allclose(scaled, expected, rtol=1e-9)


# --- shapes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "functions", [*LOSSES.values(), at(1.5), at(1.001)], ids=[*LOSSES, "1.5", "1.001"]
)
def test_shapes_broadcast_and_blocks_leave_no_seams(functions, rng):
    for f in functions:
        single = f(2.0, 3.0)
        assert single.shape == ()
        assert f([[1.0], [2.0]], [1.0, 2.0, 3.0]).shape == (2, 3)
        assert_allclose(f([[1.0], [2.0]], [1.0, 2.0, 3.0])[1, 2], single, rtol=1e-12)
        for size in (module.BLOCK - 1, module.BLOCK, module.BLOCK + 1):
            mean = rng.uniform(0.5, 9.0, size=size)
            y = 1.0 + rng.integers(9, size=size)
            whole = f(mean, y)
            parts = [f(mean[i : i + 999], y[i : i + 999]) for i in range(0, size, 999)]
            assert_allclose(whole, np.concatenate(parts), rtol=1e-9, atol=1e-12)
        table = f(np.full((3, module.BLOCK), 2.0), np.full(module.BLOCK, 3.0))
        assert table.shape == (3, module.BLOCK)
        assert_allclose(table, single, rtol=1e-12)
        turned = f(
            np.full((module.BLOCK, 3), 2.0, order="F"), np.array([1.0, 2.0, 3.0])
        )
        assert_allclose(turned[7], [f(2.0, k) for k in (1.0, 2.0, 3.0)], atol=1e-12)


def test_arguments_stay_as_they_are():
    mean, y = np.array([1.0, 2.0]), np.array([0.0, 3.0])
    for f in (*LOSSES["poisson"], *at(1.5)):
        assert_array_equal(f(mean, y), f(mean, y))
    assert_array_equal(mean, [1.0, 2.0])
    assert_array_equal(y, [0.0, 3.0])


# --- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("f", LOSSES["poisson"])
@pytest.mark.parametrize(
    ("mean", "y", "message"),
    [
        ([1.0, 0.0], 1, "mean: expected numbers > 0, got 0"),
        (-2.0, 1, "mean: expected numbers > 0, got -2"),
        (np.inf, 1, "mean: expected finite numbers, got inf"),
        (1.0, [0, -3], r"y: expected whole numbers >= 0, got -3"),
        (1.0, [2, 1.5], r"y: expected whole numbers >= 0, got 1.5"),
        (1.0, np.nan, "y: expected finite numbers, got nan"),
        ([1.0, 2.0], [1, 2, 3], r"y: expected a shape that broadcasts with \(2,\)"),
    ],
)
def test_poisson_functions_name_what_does_not_fit(f, mean, y, message):
    with pytest.raises(ValueError, match=message):
        f(mean, y)


@pytest.mark.parametrize("f", LOSSES["gamma"])
@pytest.mark.parametrize(
    ("mean", "y", "message"),
    [
        (0.0, 1.0, "mean: expected numbers > 0, got 0"),
        (1.0, [1.0, 0.0], "y: expected numbers > 0, got 0"),
        (1.0, -1.0, "y: expected numbers > 0, got -1"),
        (np.nan, 1.0, "mean: expected finite numbers, got nan"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], "y: expected a shape that broadcasts"),
    ],
)
def test_gamma_functions_name_what_does_not_fit(f, mean, y, message):
    with pytest.raises(ValueError, match=message):
        f(mean, y)


@pytest.mark.parametrize("f", [tweedie_loss, tweedie_gradient, tweedie_deviance])
@pytest.mark.parametrize(
    ("mean", "y", "power", "message"),
    [
        (1.0, 1.0, 0.5, "power: expected a number <= 0 or >= 1, got 0.5"),
        (1.0, 1.0, np.nan, "power: expected finite numbers"),
        (1.0, 1.0, [1.0, 2.0], "power: expected one number"),
        (0.0, 1.0, 1.5, "mean: expected numbers > 0, got 0"),
        (-1.0, 1.0, -1.0, "mean: expected numbers > 0, got -1"),
        (1.0, -1.0, 1.5, "y: expected numbers >= 0 for the power 1.5, got -1"),
        (1.0, 0.0, 2.0, "y: expected numbers > 0 for the power 2, got 0"),
        (1.0, [3.0, -1.0], 3.0, "y: expected numbers > 0 for the power 3, got -1"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], 1.5, "y: expected a shape that broadcasts"),
    ],
)
def test_tweedie_functions_name_what_does_not_fit(f, mean, y, power, message):
    with pytest.raises(ValueError, match=message):
        f(mean, y, power=power)


def test_text_is_no_number():
    for f in (*LOSSES["poisson"], *LOSSES["gamma"], *at(1.5)):
        with pytest.raises(TypeError, match="y: expected real numbers, got text"):
            f([1.0], ["a"])
        with pytest.raises(TypeError, match="mean: expected real numbers, got text"):
            f(["a"], [1.0])
    with pytest.raises(TypeError, match="power: expected real numbers, got text"):
        tweedie_family("a")


@pytest.mark.parametrize("power", [0.0, 0.999, 2.001, -1.0, 3.0])
def test_the_family_has_powers_from_1_to_2(power):
    with pytest.raises(ValueError, match="power: expected a number from 1 to 2"):
        tweedie_family(power)


# --- regression -----------------------------------------------------------------------

PEERS = {
    1: (PoissonRegressor, sm.families.Poisson()),
    1.4: (
        lambda **keywords: TweedieRegressor(power=1.4, link="log", **keywords),
        sm.families.Tweedie(sm.families.links.Log(), var_power=1.4),
    ),
    2: (GammaRegressor, sm.families.Gamma(sm.families.links.Log())),
}


def regression_data(rng, power, n=211):
    """Design matrix and responses from the law with the log link."""
    X = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.3])
    mean = np.exp(X @ [0.9, -0.4, 0.5])
    if power == 1:
        return X, rng.poisson(mean).astype(float)
    if power == 2:
        return X, rng.gamma(3.0, mean / 3)
    return X, np.array([rng.gamma(2.0, 0.5, size=k).sum() for k in rng.poisson(mean)])


@pytest.mark.parametrize("power", PEERS)
def test_three_programs_agree_on_coefficients_errors_and_dispersion(rng, power):
    X, y = regression_data(rng, power)
    fit = fit_glm(X, y, tweedie_family(power))
    regressor, family = PEERS[power]
    peer = regressor(alpha=0, tol=1e-10, max_iter=10_000).fit(X[:, 1:], y)
    # The gradient of scikit-learn's mean loss is at most tol; ours promises a gain of
    # at most 1e-10 deviances per example, a distance of 1e-5 standard errors.
    assert_allclose(fit.coefficients, [peer.intercept_, *peer.coef_], atol=2e-6)
    other = sm.GLM(y, X, family=family).fit(tol=1e-13)
    assert_allclose(fit.coefficients, other.params, atol=2e-6)
    assert_allclose(fit.standard_errors, other.bse, rtol=1e-5)
    assert_allclose(fit.dispersion, other.scale, rtol=1e-5)
    mean = np.exp(X @ fit.coefficients)
    total = tweedie_deviance(mean, y, power=power).sum()
    assert_allclose(fit.deviance, total, rtol=1e-10)
    if power > 1:
        squares = (y - mean) ** 2 / mean**power
        assert_allclose(fit.dispersion, squares.sum() / (211 - 3), rtol=1e-10)
    else:
        assert fit.dispersion == 1


@pytest.mark.parametrize("power", [1, 1.4, 2])
def test_the_fit_minimizes_the_loss(rng, power):
    X, y = regression_data(rng, power)
    fit = fit_glm(X, y, tweedie_family(power))

    def total(beta):
        return tweedie_loss(np.exp(X @ beta), y, power=power).sum()

    found = optimize.minimize(total, np.zeros(3), tol=1e-9)
    assert_allclose(fit.coefficients, found.x, atol=1e-4)
    assert total(fit.coefficients) <= found.fun + 1e-9 * abs(found.fun)


@pytest.mark.parametrize("power", [1.4, 2])
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_the_response_moves_the_intercept_only(rng, power, unit):
    X, y = regression_data(rng, power)
    fit, scaled = (fit_glm(X, u * y, tweedie_family(power)) for u in (1, unit))
    shift = np.array([np.log(unit), 0, 0])
    assert_allclose(scaled.coefficients, fit.coefficients + shift, atol=2e-6)
    assert_allclose(scaled.standard_errors, fit.standard_errors, rtol=1e-5)
    assert_allclose(scaled.dispersion, unit ** (2 - power) * fit.dispersion, rtol=1e-5)


@pytest.mark.parametrize("power", [1, 1.001, 1.4, 1.999, 2])
def test_groups_get_their_own_means(power):
    X = np.column_stack([np.ones(5), [0, 0, 0, 1, 1]])
    y = np.array([2.0, 4.0, 3.0, 9.0, 5.0])
    fit = fit_glm(X, y, tweedie_family(power))
    assert fit.converged
    assert_allclose(np.exp(fit.coefficients), [3, 7 / 3], rtol=1e-5)


@pytest.mark.parametrize("power", [1, 1.4, 2])
def test_responses_that_are_exactly_the_means_are_found(power):
    X = np.column_stack([np.ones(4), [0.0, 1.0, 2.0, 4.0]])
    fit = fit_glm(X, 3.0 ** X[:, 1], tweedie_family(power))
    assert fit.converged
    assert_allclose(fit.coefficients, [0, np.log(3)], atol=1e-7)
    assert_allclose(fit.deviance, 0, atol=1e-12)
    if power > 1:
        assert_allclose(fit.dispersion, 0, atol=1e-12)


@pytest.mark.parametrize("power", [1, 1.4, 1.99])
def test_zeros_that_a_column_singles_out_are_refused(power):
    failures = np.array([2.0, 0.0, 1.0, 3.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    new = np.repeat([0.0, 1.0], [6, 4])
    X = np.column_stack([np.ones(10), new])
    with pytest.raises(ValueError, match="y: expected zeros that mix with the rest"):
        fit_glm(X, failures, tweedie_family(power))
    # Also where only a combination of columns does it, in any unit.
    mixed = X @ np.array([[1.0, 2e7], [3.0, -1e7]])
    with pytest.raises(ValueError, match="the likelihood has no maximum"):
        fit_glm(mixed, failures, tweedie_family(power))
    failures[9] = 1.0
    assert fit_glm(X, failures, tweedie_family(power)).converged
    # A tiny unit does not make a column that moves the others look as if it did not.
    tiny = np.column_stack([np.ones(4), [0.0, 1e-20, 2e-20, 3e-20]])
    fit = fit_glm(tiny, [4.0, 3.0, 0.0, 0.0], tweedie_family(power), max_iter=1)
    assert not fit.converged


@pytest.mark.parametrize("power", [1, 1.4, 1.9])
def test_the_family_knows_its_likelihood_and_how_flat_it_may_be(power):
    """Deviances of the means, and second differences against the expected weights."""
    family = tweedie_family(power)
    eta = np.array([-3.0, 0.0, 2.0, 40.0, 600.0])
    y = np.array([0.0, 1e-300, 1.0, 7.0])[:, None]
    found, _, weights = family.contributions(*np.broadcast_arrays(eta, y))
    expected = -tweedie_deviance(np.exp(eta), np.ceil(y), power=power) / 2
    assert_allclose(found[y[:, 0] != 1e-300], expected[y[:, 0] != 1e-300], rtol=1e-9)
    if power > 1:
        expected = -tweedie_deviance(np.exp(eta), y, power=power) / 2
        assert_allclose(found, expected, rtol=1e-9)
    h = 1e-4
    small, y = eta[:3], y[[0, 2, 3]]
    up, at, down = (
        family.contributions(*np.broadcast_arrays(small + d, y))[0] for d in (h, 0, -h)
    )
    shares = -(up - 2 * at + down) / h**2 / weights[[0, 2, 3], :3]
    assert_allclose(shares.min(), family.existence_bound, rtol=1e-3)


@pytest.mark.parametrize("power", [1.4, 2])
def test_as_many_coefficients_as_examples_leave_no_dispersion(power):
    fit = fit_glm([[1.0, 0.0], [1.0, 1.0]], [3.0, 5.0], tweedie_family(power))
    assert np.isnan(fit.dispersion)


@pytest.mark.parametrize("power", [1, 1.4])
def test_nothing_but_zeros_is_refused(power):
    with pytest.raises(ValueError, match="y: expected a response > 0, got only zeros"):
        fit_glm(np.ones((3, 1)), np.zeros(3), tweedie_family(power))


@pytest.mark.parametrize(
    ("power", "y", "message"),
    [
        (1, [1.0, 2.5, 3.0], r"y: expected whole numbers >= 0, got 2.5"),
        (1, [1.0, -2.0, 3.0], r"y: expected whole numbers >= 0, got -2"),
        (1.4, [1.0, -2.0, 3.0], "y: expected numbers >= 0 for the power 1.4, got -2"),
        (2, [1.0, 0.0, 3.0], "y: expected numbers > 0 for the power 2, got 0"),
        (2, [1.0, 2.0], r"y: expected shape \(3,\), got \(2,\)"),
    ],
)
def test_responses_outside_the_support_are_refused(power, y, message):
    X = np.column_stack([np.ones(3), [0.0, 1.0, 3.0]])
    with pytest.raises(ValueError, match=message):
        fit_glm(X, y, tweedie_family(power))


def test_columns_that_repeat_each_other_are_refused():
    group = np.array([0.0, 0.0, 1.0, 1.0])
    X = np.column_stack([np.ones(4), group, 1 - group])
    for power in (1, 2):
        with pytest.raises(
            ValueError, match="X: expected linearly independent columns"
        ):
            fit_glm(X, [1.0, 2.0, 3.0, 4.0], tweedie_family(power))
