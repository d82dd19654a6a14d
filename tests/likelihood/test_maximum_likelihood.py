"""log_likelihood, its derivatives and numerical maximum likelihood."""

from dataclasses import FrozenInstanceError
from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.special import xlogy

from mlnotes.likelihood.maximum_likelihood import (
    MLEFit,
    fit_mle,
    log_likelihood,
    observed_information,
    score,
)
from mlnotes.probability.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Laplace,
    Normal,
)

# Central differences whose step balances truncation and rounding err by about
# eps^(2/3) = 4e-11 in the first and eps^(1/2) = 1.5e-8 in the second derivative, in
# natural units; ten to a hundred times that for the constants of the likelihoods here.
SCORE_ERROR = 4e-9
INFORMATION_ERROR = 1.5e-6


def coin(k, n):
    """Log-likelihood of k heads in n flips, -inf outside the open interval."""

    def value(params):
        (p,) = params
        return k * np.log(p) + (n - k) * np.log1p(-p) if 0 < p < 1 else -np.inf

    return value


def poisson(x):
    def value(params):
        (rate,) = params
        return float((xlogy(x, rate) - rate).sum()) if rate > 0 else -np.inf

    return value


def normal(x):
    def value(params):
        loc, scale = params
        return float(log_likelihood(Normal(loc, scale), x)) if scale > 0 else -np.inf

    return value


# --- the log-likelihood -------------------------------------------------------------

MODELS = [
    (Bernoulli(0.3), [1, 0, 0, 1, 1]),
    (Bernoulli([0.2, 0.5, 0.9]), [1, 0, 0, 1, 1]),
    (Binomial(7, [[0.2, 0.5, 0.9]]), [0, 7, 3, 4]),
    (Categorical([0.5, 0.3, 0.2]), [0, 2, 2, 1]),
    (Categorical([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]), [0, 2, 2, 1, 0]),
    (Normal(0.3, 1.4), [0.1, -2.0, 7.5]),
    (Normal([[0.0], [1.0]], [0.5, 1.0, 2.0]), [0.1, -2.0, 7.5, 3.0, 1.0]),
    (Laplace(0.3, [1.4, 2.0]), [0.1, -2.0, 7.5]),
]

every_model = pytest.mark.parametrize(
    ("model", "x"), MODELS, ids=lambda v: repr(v)[:25]
)


@every_model
def test_log_likelihood_is_the_sum_over_observations(model, x):
    got = log_likelihood(model, x)
    assert got.shape == model.mean().shape
    assert_allclose(got, sum(model.log_prob(xi) for xi in x), rtol=1e-12)


@every_model
def test_weighted_log_likelihood_is_the_weighted_sum(model, x, rng):
    w = rng.random(len(x))
    want = sum(wi * model.log_prob(xi) for wi, xi in zip(w, x, strict=True))
    assert_allclose(log_likelihood(model, x, w), want, rtol=1e-12)
    assert log_likelihood(model, x, w).shape == model.mean().shape


@every_model
def test_weights_count_repetitions(model, x):
    w = np.arange(len(x)) % 3
    repeated = log_likelihood(model, np.repeat(x, w))
    assert_allclose(log_likelihood(model, x, w), repeated, rtol=1e-12)


@every_model
def test_weights_of_one_change_nothing(model, x):
    got = log_likelihood(model, x, np.ones(len(x)))
    assert_allclose(got, log_likelihood(model, x), rtol=1e-14)


@every_model
def test_the_order_of_the_observations_does_not_matter(model, x):
    got = log_likelihood(model, x[::-1])
    assert_allclose(got, log_likelihood(model, x), rtol=1e-12)


def test_log_likelihood_against_scipy(rng):
    x = rng.normal(size=17)
    want = stats.norm.logpdf(x, 0.3, 1.4).sum()
    assert_allclose(log_likelihood(Normal(0.3, 1.4), x), want, rtol=1e-12)


def test_log_likelihoods_survive_where_the_likelihood_underflows():
    flips = np.tile([1, 0], 10_000)
    assert np.prod(np.exp(Bernoulli(0.5).log_prob(flips))) == 0
    got = log_likelihood(Bernoulli(0.5), flips)
    assert_allclose(got, -20_000 * np.log(2), rtol=1e-12)


def test_impossible_observations_make_minus_infinity():
    coins = Bernoulli([0.0, 0.5, 1.0])
    got = log_likelihood(coins, [1, 0, 1])
    assert_allclose(got, [-np.inf, -3 * np.log(2), -np.inf], rtol=1e-15)
    got = log_likelihood(coins, [1, 1, 2])
    assert_array_equal(got, [-np.inf] * 3)


def test_any_weight_on_the_impossible_is_infinite_and_zero_weight_is_none():
    coins = Bernoulli([[0.0, 0.5, 1.0], [0.2, 0.0, 0.9]])
    x = [1, 0, 0, 7]
    got = log_likelihood(coins, x, [1.0, 5e-324, 0.0, 0.0])
    assert_allclose(
        got,
        [[-np.inf, np.log(0.5), -np.inf], [np.log(0.2), -np.inf, np.log(0.9)]],
        rtol=1e-15,
    )
    # Also where the impossible would be the only finite weight of a parameter.
    got = log_likelihood(Bernoulli(0.0), [1, 0], [0.0, 2.5])
    assert got == 0
    assert log_likelihood(Normal(0, 1), [1e300, 0.0], [1.0, 0.0]) == -np.inf
    assert np.isfinite(log_likelihood(Normal(0, 1), [1e300, 0.0], [0.0, 1.0]))


@given(
    st.lists(st.integers(0, 1), min_size=1, max_size=9),
    st.floats(0.01, 0.99),
    st.data(),
)
def test_coin_log_likelihood_is_that_of_the_counts(flips, p, data):
    size = len(flips)
    w = np.array(data.draw(st.lists(st.floats(0, 4), min_size=size, max_size=size)))
    assume(w.any())
    k, n = w @ flips, w.sum()
    want = k * np.log(p) + (n - k) * np.log1p(-p)
    assert_allclose(log_likelihood(Bernoulli(p), flips, w), want, rtol=1e-11)


def test_a_whole_curve_in_one_call():
    grid = np.linspace(0.1, 0.9, 11)
    curve = log_likelihood(Bernoulli(grid), [1, 1, 0])
    want = [log_likelihood(Bernoulli(p), [1, 1, 0]) for p in grid]
    assert_allclose(curve, want, rtol=1e-14)


def test_any_model_with_a_log_prob_will_do(rng):
    class Exponential:
        """A distribution that the package does not have."""

        def log_prob(self, x):
            """Log density at rate 2."""
            return np.log(2) - 2 * x

        def mean(self):
            """One over the rate."""
            return np.asarray(0.5)

    x = rng.exponential(0.5, size=7)
    want = stats.expon.logpdf(x, scale=0.5).sum()
    assert_allclose(log_likelihood(Exponential(), x), want, rtol=1e-12)


# --- score and information ----------------------------------------------------------

SCALES = [1e-6, 1e-3, 0.1, 1.0, 30.0, 1e3, 1e6]


@pytest.mark.parametrize("p", [1e-6, 1e-3, 0.2, 0.5, 0.8, 0.999, 1 - 1e-6])
@pytest.mark.parametrize(("k", "n"), [(3, 7), (1, 2), (600, 1000)])
def test_coin_derivatives_against_computer_algebra(p, k, n):
    t = sp.symbols("t", positive=True)
    ell = k * sp.log(t) + (n - k) * sp.log(1 - t)
    at = {t: sp.Float(p, 40)}
    slope = float(sp.diff(ell, t).subs(at))
    bend = float(-sp.diff(ell, t, 2).subs(at))
    # The error is relative to the natural unit, one over the root of the information.
    error = SCORE_ERROR * (np.sqrt(bend) + abs(slope))
    assert_allclose(score(coin(k, n), [p]), [slope], rtol=0, atol=error)
    information = observed_information(coin(k, n), [p])
    assert_allclose(information, [[bend]], rtol=INFORMATION_ERROR)


@pytest.mark.parametrize("rate", SCALES)
def test_poisson_derivatives_against_computer_algebra(rate, rng):
    x = rng.poisson(rate, size=23) + 1
    t = sp.symbols("t", positive=True)
    ell = int(x.sum()) * sp.log(t) - x.size * t
    slope = float(sp.diff(ell, t).subs({t: rate}))
    bend = float(-sp.diff(ell, t, 2).subs({t: rate}))
    error = SCORE_ERROR * (np.sqrt(bend) + abs(slope) + x.size)
    assert_allclose(score(poisson(x), [rate]), [slope], rtol=0, atol=error)
    information = observed_information(poisson(x), [rate])
    assert_allclose(information, [[bend]], rtol=INFORMATION_ERROR)


def exact_normal(x, loc, scale):
    """Score and information of a Normal sample, by computer algebra."""
    m, s, n, d, dd = sp.symbols("m s n d dd")
    # In moments about the point of evaluation, which keeps all digits.
    ell = -n * sp.log(s) - (dd - 2 * d * m + n * m**2) / (2 * s**2)
    deviations = x - loc
    at = {m: 0, s: scale, n: x.size, d: deviations.sum(), dd: deviations @ deviations}
    slope = [float(sp.diff(ell, v).subs(at)) for v in (m, s)]
    bend = [[float(-sp.diff(ell, u, v).subs(at)) for v in (m, s)] for u in (m, s)]
    return np.array(slope), np.array(bend)


@pytest.mark.parametrize(
    ("loc", "scale"),
    # A location of 1e6 with a scale of 1e-6 would leave the data four digits.
    sorted(set(product([0.0, -1e-17, 1e-3, 1.0, -1e3, 1e6], SCALES)) - {(1e6, 1e-6)}),
)
def test_normal_derivatives_at_every_scale_and_location(loc, scale, rng):
    """A location of 0, or of a million scales, does not tell the size of a step."""
    x = loc + scale * rng.normal(size=41)
    params = np.array([loc, 1.3 * scale])
    slope, bend = exact_normal(x, *params)
    unit = np.sqrt(41) / scale
    # The data themselves are rounded to eps |loc|, deviations to that over the scale.
    rounding = 1e-15 * abs(loc) / scale
    assert_allclose(
        score(normal(x), params) / unit, slope / unit, rtol=0, atol=1e-8 + rounding
    )
    information = observed_information(normal(x), params)
    assert_allclose(
        information / unit**2,
        bend / unit**2,
        rtol=0,
        atol=INFORMATION_ERROR + rounding,
    )
    assert_array_equal(information, information.T)


def test_standardized_data_have_their_information():
    """At the estimate 0 of centered data a step relative to it would be nothing."""
    x = stats.norm.ppf((np.arange(40) + 0.5) / 40)
    fit = Normal.mle(x - x.mean())
    at = [0.0, float(fit.scale)]
    got = observed_information(normal(x - x.mean()), at)
    want = np.diag([40, 80]) / fit.scale**2
    assert_allclose(got, want, rtol=INFORMATION_ERROR, atol=1e-4)


def test_location_far_from_zero_in_units_of_its_scale(rng):
    x = 1e6 + rng.logistic(size=43)
    z = x - 1e6 - 0.3
    tanh = np.tanh(z / 2)  # score and information of a logistic location
    ell = lambda t: float(stats.logistic.logpdf(x, t[0]).sum())  # noqa: E731
    assert_allclose(score(ell, [1e6 + 0.3]), [tanh.sum()], rtol=0, atol=1e-6)
    information = observed_information(ell, [1e6 + 0.3])
    assert_allclose(information, [[((1 - tanh**2) / 2).sum()]], rtol=1e-5)


def test_mixed_derivatives(rng):
    """A quadratic, whose Hessian is known, with units that differ by 1e8."""
    root = rng.normal(size=(3, 3))
    units = np.array([1e-4, 1.0, 1e4])
    J = root @ root.T / np.outer(units, units)
    b = rng.normal(size=3) / units
    at = np.array([3e-4, 0.0, -2e4])
    quadratic = lambda t: b @ t - t @ J @ t / 2  # noqa: E731
    got = observed_information(quadratic, at) * np.outer(units, units)
    assert_allclose(got, root @ root.T, rtol=0, atol=3e-6)
    slope = score(quadratic, at) * units
    assert_allclose(slope, (b - J @ at) * units, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("ell", "at", "slope"),
    [
        (lambda t: t[0] - t[0] ** 3, 0.0, 1.0),
        (lambda t: np.arctan(t[0]) - 5.0, 0.0, 1.0),
        (lambda t: -np.log1p(t[0] ** 2), 1.0, -1.0),  # Cauchy, where it turns convex
        (lambda t: -np.log1p((t[0] - 1e3) ** 2), 1001.0, -1.0),
    ],
)
def test_inflections_do_not_look_like_straight_lines(ell, at, slope):
    """Nothing bends there, but the slope changes all the same."""
    # The step is chosen by the third difference alone, 10 to 100 times too long.
    assert_allclose(score(ell, [at]), [slope], rtol=1e-6)
    assert_allclose(observed_information(ell, [at]), [[0.0]], atol=1e-4)


def test_linear_and_constant_functions():
    assert_allclose(score(lambda t: 3.0 * t[0] - 7.0, [2.0]), [3.0], rtol=1e-9)
    assert_allclose(score(lambda t: -7.0, [2.0, 0.0]), [0.0, 0.0], atol=1e-300)
    assert_allclose(observed_information(lambda t: -7.0, [2.0]), [[0.0]], atol=1e-300)


def test_steps_stay_inside_the_domain():
    """Closer to the border than the first step is long."""

    def inside_only(params):
        assert params[0] > 0
        return 3 * np.log(params[0]) - params[0]

    for at in (1e-12, 1e-300):
        assert_allclose(score(inside_only, [at]), [3 / at], rtol=1e-8)


def test_steps_come_back_across_a_border():
    ell = lambda t: 3 * np.log1p(t[0] - 2.0) if 1 < t[0] <= 3 else -np.inf  # noqa: E731
    for gap in (1e-6, 1e-9):
        slope = score(ell, [3 - gap])
        # No step can be longer than the gap: rounding weighs eps over 1e-9.
        assert_allclose(slope, [3 / (2 - gap)], rtol=1e-5)


def test_the_border_itself_has_no_slope():
    ell = lambda t: 3 * np.log(t[0]) if 0 < t[0] <= 1 else -np.inf  # noqa: E731
    assert_array_equal(score(ell, [1.0]), [-np.inf])
    assert_array_equal(observed_information(ell, [1.0]), [[np.inf]])


def test_parameters_are_neither_changed_nor_shared(rng):
    at, kept = np.array([0.3, 1.2]), []
    x = rng.normal(size=7)

    def keep(params):
        kept.append(params)
        return normal(x)(params)

    at.flags.writeable = False
    for function in (score, observed_information, fit_mle):
        function(keep, at)
    assert_array_equal(at, [0.3, 1.2])


def test_a_log_likelihood_may_write_to_its_argument():
    def careless(params):
        value = coin(4, 5)(params)
        params[:] = 7.0
        return value

    start = np.array([0.5])
    fit = fit_mle(careless, start)
    assert start == 0.5
    assert fit.converged
    assert_allclose(fit.params, [0.8], atol=1e-6)


# --- numerical maximum likelihood ---------------------------------------------------


@pytest.mark.parametrize(("k", "n"), [(1, 2), (4, 5), (1, 50), (700, 1000)])
@pytest.mark.parametrize("start", [0.01, 0.5, 0.99])
def test_coin_fit(k, n, start):
    fit = fit_mle(coin(k, n), [start])
    p = k / n
    assert fit.converged
    # A gain of tol nats is a distance of sqrt(2 tol) standard errors.
    error = np.sqrt(p * (1 - p) / n)
    assert_allclose(fit.params, [p], rtol=0, atol=1.5e-4 * error)
    assert_allclose(fit.log_likelihood, coin(k, n)([p]), rtol=0, atol=1e-8)
    assert_allclose(fit.information, [[1 / error**2]], rtol=1e-3)
    assert_allclose(fit.standard_errors, [error], rtol=1e-3)


@pytest.mark.parametrize("rate", [1e-3, 1.0, 1e4])
def test_poisson_fit(rate, rng):
    x = rng.poisson(rate, size=40) + (np.arange(40) == 0)
    fit = fit_mle(poisson(x), [2 * rate])
    error = np.sqrt(x.mean() / 40)
    assert fit.converged
    assert_allclose(fit.params, [x.mean()], rtol=0, atol=1.5e-4 * error)
    assert_allclose(fit.standard_errors, [error], rtol=1e-3)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("loc", [0.0, 10.0, -1e4])
def test_normal_fit(loc, scale, rng):
    x = loc + scale * rng.normal(size=41)
    fit = fit_mle(normal(x), [loc + scale, 2 * scale])
    best = Normal.mle(x)
    unit = best.scale / np.sqrt(41)
    assert fit.converged
    assert_allclose(fit.params / unit, [best.loc / unit, best.scale / unit], atol=3e-4)
    assert_allclose(
        fit.information * unit**2, np.diag([1.0, 2.0]), rtol=1e-3, atol=1e-3
    )
    assert_allclose(fit.standard_errors, unit * np.sqrt([1, 0.5]), rtol=1e-3)
    assert_allclose(fit.log_likelihood, log_likelihood(best, x), rtol=0, atol=1e-7)


def test_centered_data_converge_to_a_location_of_zero():
    x = stats.norm.ppf((np.arange(40) + 0.5) / 40)
    for start in ([0.0, 0.5], [0.3, 2.0]):
        fit = fit_mle(normal(x), start)
        assert fit.converged
        assert_allclose(fit.standard_errors[0], x.std() / np.sqrt(40), rtol=1e-5)


def test_correlated_estimates_have_their_standard_errors(rng):
    """A straight line far from the origin: the errors of OLS by their formula."""
    t = 5.0 + rng.random(23)
    X = np.column_stack([np.ones(23), t])
    y = X @ [1.0, 2.0] + rng.normal(size=23)
    ell = lambda b: float(log_likelihood(Normal(0, 1), y - X @ b))  # noqa: E731
    fit = fit_mle(ell, [0.0, 0.0])
    assert fit.converged
    want = np.sqrt(np.diag(np.linalg.inv(X.T @ X)))
    assert_allclose(fit.standard_errors, want, rtol=1e-4)
    assert_allclose(fit.params, np.linalg.lstsq(X, y)[0], atol=1e-3 * want.min())


def test_the_units_of_the_parameters_do_not_matter():
    """A parabola in units of which eigenvalues 1e24 apart would tell nothing."""
    units = np.array([1.0, 1e6, 1e-6])
    J = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, 0.6], [0.3, 0.6, 1.0]])

    def parabola(params):
        z = params / units - 2.0
        return -z @ J @ z / 2

    fit = fit_mle(parabola, units)
    assert fit.converged
    assert_allclose(fit.params / units, [2.0, 2.0, 2.0], rtol=1e-4)
    want = np.sqrt(np.diag(np.linalg.inv(J)))
    assert_allclose(fit.standard_errors / units, want, rtol=1e-5)


def closed_coin(k, n):
    """Defined on the closed interval, border included."""
    return lambda t: (
        float(xlogy(k, t[0]) + xlogy(n - k, 1 - t[0])) if 0 <= t[0] <= 1 else -np.inf
    )


@pytest.mark.parametrize(
    "border",
    [
        coin(3, 3),
        coin(0, 3),
        closed_coin(3, 3),
        closed_coin(0, 3),
        lambda t: -9 * np.log(t[0]) if t[0] >= 3.7 else -np.inf,  # uniform on [0, t]
        lambda t: -t[0] if t[0] >= 0 else -np.inf,
    ],
    ids=["HHH", "TTT", "HHH closed", "TTT closed", "uniform", "linear"],
)
@pytest.mark.parametrize("tol", [1e-8, 1e-3])
def test_a_maximum_on_the_border_is_not_reported_as_converged(border, tol):
    start = 0.4 if np.isfinite(border(np.array([0.4]))) else 5.0
    fit = fit_mle(border, [start], tol=tol)
    assert not fit.converged
    assert np.isfinite(fit.log_likelihood)
    with pytest.raises(
        ValueError, match=r"^fit: expected a converged fit, got one that"
    ):
        fit.standard_errors  # noqa: B018


def separable(b):
    """Log-likelihood of a logistic model whose classes a threshold separates."""
    hours, passed = np.array([2.0, 3.0, 4.0]), np.array([-1, 1, 1])
    return -np.logaddexp(0, -passed * (b[0] + b[1] * hours)).sum()


WITHOUT_MAXIMUM = {
    "levels off at 0": (lambda t: -np.logaddexp(0, -t[0]), [0.3]),
    "levels off to the left": (lambda t: 1 / t[0] if t[0] < 0 else -np.inf, [-0.3]),
    "levels off elsewhere": (lambda t: -10 - np.logaddexp(0, -t[0]), [0.3]),
    "levels off slowly": (lambda t: -1 / t[0] if t[0] > 0 else -np.inf, [0.3]),
    "falls to its border": (
        lambda t: -10 - np.exp(-(t[0] ** 2)) if t[0] > 0 else -np.inf,
        [3.0],
    ),
    "rises without bound": (lambda t: t[0], [0.3]),
    "constant": (lambda t: -7.0, [0.3]),
    "constant data": (normal(np.array([2.0, 2.0, 2.0])), [1.0, 1.0]),
    "separable": (separable, [-0.25, 0.1]),
    "ridge": (lambda t: -((t[0] + t[1] - 1.0) ** 2), [0.3, 0.4]),
    "ridge in other units": (
        lambda t: -((1e3 * t[0] + 1e-3 * t[1] - 1.0) ** 2) - 50.0,
        [1e-3, 4e2],
    ),
    "saddle": (lambda t: t[0] * t[1], [0.0, 0.0]),
}


@pytest.mark.parametrize("name", WITHOUT_MAXIMUM)
def test_a_likelihood_without_a_maximum_is_not_reported_as_converged(name):
    ell, start = WITHOUT_MAXIMUM[name]
    fit = fit_mle(ell, start)
    assert not fit.converged
    with pytest.raises(ValueError, match=r"^fit: expected a converged fit"):
        fit.standard_errors  # noqa: B018


@pytest.mark.parametrize("n", [1, 3, 101])
def test_a_maximum_in_a_corner_is_not_reported_as_converged(n, rng):
    x = rng.laplace(size=n)
    fit = fit_mle(lambda t: float(log_likelihood(Laplace(t[0], 1.0), x)), [0.5])
    # The differences find an information all the same: it depends on their length.
    assert fit.information > 100 * n
    assert_allclose(fit.params, [np.median(x)], atol=1e-8)
    assert not fit.converged


def test_a_bent_valley_is_no_corner():
    def banana(t):
        return -(100 * (t[1] - t[0] ** 2) ** 2 + (1 - t[0]) ** 2)

    fit = fit_mle(banana, [-1.0, 1.0])
    assert fit.converged
    assert_allclose(fit.params, [1, 1], atol=1e-6)
    # The inverse of [[802, -400], [-400, 200]].
    assert_allclose(fit.standard_errors, np.sqrt([0.5, 2.005]), rtol=1e-4)


@given(
    st.lists(st.integers(0, 1), min_size=1, max_size=8),
    st.floats(0.05, 0.95),
)
def test_coins_converge_if_and_only_if_both_sides_were_seen(flips, start):
    k, n = sum(flips), len(flips)
    fit = fit_mle(coin(k, n), [start])
    assert fit.converged == (0 < k < n)
    assert_allclose(fit.params, [k / n], atol=1e-4)


def test_the_tolerance_is_the_gain_that_may_be_left():
    assert fit_mle(coin(4, 5), [0.5]).converged
    # The search stops at 1e-10, where a Newton step still promises about 1e-19 nats.
    assert not fit_mle(coin(4, 5), [0.5], tol=1e-30).converged


def test_a_fit_is_a_frozen_record_of_copies():
    params, information = np.array([0.5]), np.array([[8.0]])
    fit = MLEFit(params, -1.0, information, True)
    params[0], information[0] = 9.0, 9.0
    assert_array_equal(fit.params, [0.5])
    assert_array_equal(fit.information, [[8.0]])
    assert_allclose(fit.standard_errors, [np.sqrt(1 / 8)], rtol=1e-15)
    for array in (fit.params, fit.information):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    with pytest.raises(FrozenInstanceError):
        fit.converged = False


def test_a_fit_has_plain_types():
    fit = fit_mle(coin(2, 5), [0.5])
    assert type(fit.converged) is bool
    assert type(fit.log_likelihood) is float
    assert (fit.params.shape, fit.information.shape) == ((1,), (1, 1))


def test_standard_errors_are_those_of_the_inverse_not_one_over_the_diagonal():
    information = np.array([[4.0, 2.0], [2.0, 3.0]])
    fit = MLEFit(np.zeros(2), 0.0, information, True)
    assert_allclose(fit.standard_errors, np.sqrt([3 / 8, 4 / 8]), rtol=1e-14)


def test_all_maxima_of_small_samples_agree_with_the_closed_form():
    for counts in product(range(4), repeat=2):
        x = np.array([*counts, 1])
        fit = fit_mle(poisson(x), [1.0])
        assert fit.converged
        assert_allclose(fit.params, [x.mean()], atol=1e-4)


# --- refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "got"),
    [(3, "int"), ("Normal", "str"), (Bernoulli, "Bernoulli"), (None, "NoneType")],
)
def test_models_are_distributions(model, got):
    with pytest.raises(
        TypeError, match=f"^distribution: expected a distribution, got {got}$"
    ):
        log_likelihood(model, [1, 0])


@pytest.mark.parametrize(
    ("x", "weights", "error", "message"),
    [
        ([[1, 0]], None, ValueError, r"x: expected shape \(n,\), got \(1, 2\)"),
        (1, None, ValueError, r"x: expected shape \(n,\), got \(\)"),
        ([], None, ValueError, "x: expected at least one number"),
        ([1, np.nan], None, ValueError, "x: expected finite numbers, got nan"),
        (["1"], None, TypeError, "x: expected real numbers, got text"),
        ([1, 0], [1], ValueError, r"weights: expected shape \(2,\), got \(1,\)"),
        ([1, 0], [1, -1], ValueError, "weights: expected numbers >= 0, got -1"),
        ([1, 0], [0, 0], ValueError, "weights: expected a positive sum"),
        ([1, 0], [1, np.inf], ValueError, "weights: expected finite numbers"),
        ([1, 0], "ab", TypeError, "weights: expected real numbers, got text"),
    ],
)
def test_bad_observations_and_weights_are_named(x, weights, error, message):
    with pytest.raises(error, match=f"^{message}"):
        log_likelihood(Bernoulli(0.5), x, weights)


@pytest.mark.parametrize("function", [score, observed_information, fit_mle])
@pytest.mark.parametrize(
    ("wrong", "got"), [(None, "NoneType"), (-2.5, "float"), ("coin", "str")]
)
def test_log_likelihoods_are_callable(function, wrong, got):
    message = f"^log_likelihood: expected a callable, got {got}$"
    with pytest.raises(TypeError, match=message):
        function(wrong, [0.5])


@pytest.mark.parametrize(
    ("function", "name"),
    [(score, "params"), (observed_information, "params"), (fit_mle, "init")],
)
@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (0.5, ValueError, r"expected shape \(n,\), got \(\)"),
        ([[0.5]], ValueError, r"expected shape \(n,\), got \(1, 1\)"),
        ([], ValueError, "expected at least one number"),
        ([np.nan], ValueError, "expected finite numbers, got nan at index 0"),
        ([0.5, -np.inf], ValueError, "expected finite numbers, got -inf at index 1"),
        (["half"], TypeError, "expected real numbers, got text"),
        ([0.5j], TypeError, "expected real numbers, got complex numbers"),
    ],
)
def test_parameters_are_finite_vectors(function, name, params, error, message):
    with pytest.raises(error, match=f"^{name}: {message}"):
        function(coin(1, 2), params)


@pytest.mark.parametrize(
    ("value", "got"), [(-np.inf, "-inf"), (np.inf, "inf"), (np.nan, "nan")]
)
def test_a_fit_starts_inside_the_domain(value, got):
    message = f"^init: expected parameters with a finite log-likelihood, got {got}$"
    with pytest.raises(ValueError, match=message):
        fit_mle(lambda t: value, [1.5])


@pytest.mark.parametrize("value", [None, "high", 1j, np.array([1.0])])
def test_a_log_likelihood_is_one_real_number(value):
    message = "^log_likelihood: expected one real number, got "
    with pytest.raises(TypeError, match=message):
        fit_mle(lambda t: value, [1.5])


def test_an_infinite_log_likelihood_is_refused():
    message = r"^log_likelihood: expected a maximum, got inf at \[.*; restrict the "
    with pytest.raises(ValueError, match=message):
        fit_mle(lambda t: t[0] if t[0] < 2 else np.inf, [1.0])


@pytest.mark.parametrize(
    ("tol", "error", "message"),
    [
        (0.0, ValueError, "tol: expected numbers > 0, got 0"),
        (-1e-8, ValueError, "tol: expected numbers > 0, got -1e-08"),
        (np.inf, ValueError, "tol: expected finite numbers, got inf"),
        (np.nan, ValueError, "tol: expected finite numbers, got nan"),
        ("small", TypeError, "tol: expected real numbers, got text"),
        ([1e-8, 1e-8], ValueError, r"tol: expected one number, got shape \(2,\)"),
    ],
)
def test_bad_tolerances_are_named(tol, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        fit_mle(coin(1, 2), [0.5], tol=tol)
