"""The equations of the lesson "The Huber loss", each by another route."""

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats
from sklearn.linear_model import HuberRegressor

from mlnotes.likelihood.least_squares import add_intercept
from mlnotes.losses.huber import (
    HuberNoise,
    fit_huber,
    huber_gradient,
    huber_loss,
    mad_scale,
    normal_efficiency,
)

DELTAS = [0.5, 1.0, 1.345, 2.5]


def tail_integral(f, edge):
    """Integral of an even function, split where it is not smooth."""
    return 2 * (integrate.quad(f, 0, edge)[0] + integrate.quad(f, edge, np.inf)[0])


@pytest.mark.equation("eq-huber-loss")
@pytest.mark.parametrize("delta", DELTAS)
def test_loss_is_the_integral_of_a_bounded_pull(delta):
    """Quadrature of min(t, delta); computer algebra for value and slope at delta."""
    for r in (-7.0, -0.2, 0.0, 0.9, 1.6, 30.0):
        area, _ = integrate.quad(
            lambda t: min(t, delta), 0, abs(r), points=[min(delta, abs(r))]
        )
        assert_allclose(huber_loss(0.0, r, delta=delta), area, atol=1e-10)
    r, d = sp.symbols("r d", positive=True)
    core, tail = r**2 / 2, d * (r - d / 2)
    assert sp.simplify((core - tail).subs(r, d)) == 0
    assert sp.simplify(sp.diff(core - tail, r).subs(r, d)) == 0
    assert sp.diff(core - tail, r, 2) == 1  # what jumps


@pytest.mark.equation("eq-huber-psi")
@pytest.mark.parametrize("delta", DELTAS)
def test_pull_is_the_slope_of_the_loss(delta):
    """Finite differences of SciPy's Huber function."""
    r, h = np.linspace(-5, 5, 40), 1e-6
    slope = (special.huber(delta, r + h) - special.huber(delta, r - h)) / (2 * h)
    # At a threshold closer than h the slope is off by at most h.
    assert_allclose(-huber_gradient(0.0, r, delta=delta), slope, atol=1e-6)
    assert_allclose(np.maximum(-delta, np.minimum(r, delta)), slope, atol=1e-6)


@pytest.mark.equation("eq-huber-location")
@pytest.mark.parametrize("delta", DELTAS)
def test_location_from_core_and_counts(rng, delta):
    """Scalar minimization of SciPy's Huber function."""
    y = rng.standard_t(2, size=23)
    found = optimize.minimize_scalar(
        lambda c: special.huber(delta, y - c).sum(),
        bounds=(-5, 5),
        method="bounded",
        options={"xatol": 1e-10},
    ).x
    r = y - found
    core = np.abs(r) <= delta
    formula = y[core].sum() + delta * (np.sum(r > delta) - np.sum(r < -delta))
    # The search stops at the root of the rounding of the loss.
    assert_allclose(formula / core.sum(), found, atol=1e-6)
    fit = fit_huber(np.ones((23, 1)), y, scale=1.0, delta=delta)
    assert_allclose(formula / core.sum(), fit.coefficients[0], rtol=1e-10)


@pytest.mark.equation("eq-huber-weights")
def test_weights_solve_the_normal_equations(rng):
    """A general optimizer on SciPy's Huber function."""
    X = add_intercept(rng.normal(size=31))
    y = rng.standard_t(2, size=31)
    s, delta = 0.7, 1.345
    beta = optimize.minimize(
        lambda b: special.huber(delta, (y - X @ b) / s).sum(),
        [0.0, 0.0],
        method="BFGS",
        options={"gtol": 1e-9},
    ).x
    r = y - X @ beta
    w = np.minimum(1, delta * s / np.abs(r))
    assert_allclose(X.T @ (w * r), 0, atol=1e-6)
    assert_allclose(fit_huber(X, y, scale=s).weights, w, atol=1e-6)


@pytest.mark.equation("eq-huber-majorizer")
@pytest.mark.parametrize("delta", DELTAS)
def test_parabola_lies_above_and_touches(delta):
    """Evaluation with SciPy's Huber function on a grid of pairs."""
    r = np.linspace(-9, 9, 181)
    for r0 in (-6.0, -0.3, 0.0, 1.0, 4.0):
        w = min(1.0, delta / abs(r0)) if r0 else 1.0
        parabola = special.huber(delta, r0) + w / 2 * (r**2 - r0**2)
        assert np.all(parabola >= special.huber(delta, r) - 1e-12)
    # One round of reweighting never raises the loss.
    rng = np.random.default_rng(0)
    X, y = add_intercept(rng.normal(size=41)), rng.standard_cauchy(size=41)
    beta, loss = np.zeros(2), np.inf
    for _ in range(30):
        r = y - X @ beta
        assert special.huber(delta, r).sum() <= loss + 1e-12
        loss = special.huber(delta, r).sum()
        w = np.minimum(1, delta / np.abs(r))
        beta = np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * y))


@pytest.mark.equation("eq-huber-mad")
def test_mad_of_a_normal(rng):
    """SciPy's estimate, and the share of a normal within the constant."""
    assert_allclose(np.diff(stats.norm.cdf([-1, 1] * stats.norm.ppf([0.75]))), 0.5)
    x = rng.normal(size=27)
    expected = stats.median_abs_deviation(x) / stats.norm.ppf(0.75)
    assert_allclose(mad_scale(x), expected, rtol=1e-12)


@pytest.mark.equation("eq-huber-concomitant")
def test_joint_scale_of_scikit_learn(rng):
    """scikit-learn's fit, and the derivative of its objective by computer algebra."""
    X = rng.normal(size=(400, 2))
    y = X @ [1.0, -2.0] + rng.standard_t(3, size=400)
    peer = HuberRegressor(epsilon=1.35, alpha=0.0, tol=1e-10, max_iter=10_000)
    r = y - peer.fit(X, y).predict(X)
    assert_allclose(np.minimum((r / peer.scale_) ** 2, 1.35**2).mean(), 1, atol=1e-5)
    s, e, t = sp.symbols("s epsilon t", positive=True)
    core = s + 2 * s * (t / s) ** 2 / 2
    tail = s + 2 * s * e * (t / s - e / 2)
    assert sp.simplify(sp.diff(core, s) - (1 - t**2 / s**2)) == 0
    assert sp.simplify(sp.diff(tail, s) - (1 - e**2)) == 0


@pytest.mark.equation("eq-huber-normalizer")
@pytest.mark.parametrize("delta", DELTAS)
def test_normalizer(delta):
    """Quadrature of exp(-H) with SciPy's Huber function."""
    Z = tail_integral(lambda r: np.exp(-special.huber(delta, r)), delta)
    formula = np.sqrt(2 * np.pi) * (2 * stats.norm.cdf(delta) - 1)
    formula += 2 / delta * np.exp(-(delta**2) / 2)
    assert_allclose(formula, Z, rtol=1e-8)
    assert_allclose(np.exp(HuberNoise(delta).log_normalizer), Z, rtol=1e-8)


@pytest.mark.equation("eq-huber-nll")
@pytest.mark.parametrize("scale", [1.0, 3.0])
@pytest.mark.parametrize("delta", DELTAS)
def test_nll_is_the_loss_and_a_constant(delta, scale):
    """SciPy's Huber function and a normalizer by quadrature."""
    r = np.linspace(-30, 30, 601)
    area = tail_integral(
        lambda t: np.exp(-special.huber(delta, t / scale)), delta * scale
    )
    nll = -HuberNoise(delta, scale).log_prob(r)
    assert_allclose(nll, special.huber(delta, r / scale) + np.log(area), rtol=1e-8)
    gap = nll - huber_loss(0.0, r / scale, delta=delta)
    assert np.ptp(gap) < 1e-12 * 60


@pytest.mark.equation("eq-huber-contamination")
@pytest.mark.parametrize("delta", DELTAS)
def test_noise_is_a_contaminated_normal(delta):
    """What SciPy's normal leaves over is no density of a core, and has the area."""
    noise = HuberNoise(delta)
    Z = tail_integral(lambda r: np.exp(-special.huber(delta, r)), delta)
    share = 1 - np.sqrt(2 * np.pi) / Z
    assert_allclose(noise.contamination, share, rtol=1e-6)

    def rest(r):
        return np.exp(noise.log_prob(r)) - (1 - share) * stats.norm.pdf(r)

    assert_allclose(rest(np.linspace(-delta, delta, 99)), 0, atol=1e-8)
    assert np.all(rest(np.linspace(1.001 * delta, 20, 99)) > 0)
    assert_allclose(tail_integral(rest, delta), share, rtol=1e-6)


@pytest.mark.equation("eq-huber-jensen")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_jensen_for_a_mixture(share):
    """Direct evaluation with SciPy's densities; equality only where they agree."""
    r = np.linspace(-12, 12, 481)
    p, q = stats.norm.pdf(r), stats.laplace.pdf(r)
    left = -np.log(share * p + (1 - share) * q)
    right = -share * np.log(p) - (1 - share) * np.log(q)
    assert np.all(left <= right + 1e-12)
    crossing = optimize.brentq(
        lambda t: stats.norm.logpdf(t) - stats.laplace.logpdf(t), 0.1, 1.0
    )
    far = np.abs(np.abs(r) - crossing) > 0.3
    far &= np.abs(np.abs(r) - (2 - crossing)) > 0.3  # r^2/2 - |r| is even around 1
    assert np.all(left[far] < right[far] - 1e-4)
    # The slopes at 0 jump for the mixture.
    h = 1e-7
    mixture = -np.log(share * stats.norm.pdf(h) + (1 - share) * stats.laplace.pdf(h))
    top = -np.log(share * stats.norm.pdf(0) + (1 - share) * stats.laplace.pdf(0))
    assert (mixture - top) / h > 0.05
    assert huber_loss(0.0, h, delta=1.0) / h < 1e-6


@pytest.mark.equation("eq-huber-variance")
def test_large_sample_variance(rng):
    """Simulation with Student noise, whose moments come from quadrature."""
    delta, n, repeats = 1.345, 200, 4000
    law = stats.t(3)
    core = 2 * integrate.quad(law.pdf, 0, delta)[0]
    pull = tail_integral(lambda r: min(abs(r), delta) ** 2 * law.pdf(r), delta)
    samples = law.rvs((repeats, n), random_state=rng)
    ones = np.ones((n, 1))
    found = [
        fit_huber(ones, y, scale=1.0, delta=delta).coefficients[0] for y in samples
    ]
    # Standard error of a variance: a share sqrt(2 / repeats); terms in 1 / n are less.
    tolerance = 5 * np.sqrt(2 / repeats)
    assert_allclose(n * np.var(found), pull / core**2, rtol=tolerance)


@pytest.mark.equation("eq-huber-efficiency")
@pytest.mark.parametrize("delta", DELTAS)
def test_efficiency_at_the_normal(delta):
    """Quadrature of the squared pull and of the core."""
    core = 2 * integrate.quad(stats.norm.pdf, 0, delta)[0]
    pull = tail_integral(lambda r: min(abs(r), delta) ** 2 * stats.norm.pdf(r), delta)
    formula = (2 * stats.norm.cdf(delta) - 1) ** 2 / (
        2 * stats.norm.cdf(delta)
        - 1
        - 2 * delta * stats.norm.pdf(delta)
        + 2 * delta**2 * (1 - stats.norm.cdf(delta))
    )
    assert_allclose(formula, core**2 / pull, rtol=1e-8)
    assert_allclose(normal_efficiency(delta), core**2 / pull, rtol=1e-8)


def test_worked_figures():
    assert_allclose(np.exp(HuberNoise(1.0).log_normalizer), 2.924310, atol=5e-7)
    assert_allclose(np.exp(HuberNoise(1.345).log_normalizer), 2.660724, atol=5e-7)
    assert_allclose(normal_efficiency(1.345), 0.95, atol=5e-5)
    grams = [312.0, 309.0, 311.0, 310.0, 345.0]
    fit = fit_huber(np.ones((5, 1)), grams, scale=2.0, delta=1.345)
    assert_allclose(fit.coefficients, [(1242 + 2.69) / 4], rtol=1e-12)


def test_least_favorable_noise_is_the_worst_for_its_threshold():
    """Other symmetric contaminations of the same size give a smaller variance."""
    delta = 1.345
    share = HuberNoise(delta).contamination

    def variance(pdf):
        core = 2 * integrate.quad(pdf, 0, delta)[0]
        pull = tail_integral(lambda r: min(r, delta) ** 2 * pdf(r), delta)
        return pull / core**2

    worst = variance(lambda r: float(np.exp(HuberNoise(delta).log_prob(r))))
    for sd in (0.5, 2.0, 10.0):
        assert (
            variance(
                lambda r, sd=sd: (
                    (1 - share) * stats.norm.pdf(r) + share * stats.norm.pdf(r, 0, sd)
                )
            )
            < worst
        )
