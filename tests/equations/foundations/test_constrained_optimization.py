"""The equations of the lesson on constrained optimization, each by another route."""

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats
from scipy.special import expit, rel_entr

from mlnotes.foundations.constrained_optimization import (
    kkt_residuals,
    lipschitz_estimate,
    solve_equality_quadratic,
)
from mlnotes.foundations.gradients import gradient

HOME = np.array([2.0, 1.0])


def slsqp(f, g, start, sort="ineq"):
    """SciPy's minimum of f with g <= 0 (or g = 0)."""
    limit = {"type": sort, "fun": lambda x: -np.asarray(g(x))}
    found = optimize.minimize(
        f, start, method="SLSQP", constraints=limit, options={"ftol": 1e-12}
    )
    assert found.status in (0, 8)  # 8: the last digits no longer descend
    return found


@pytest.mark.equation("eq-constrained-optimization-lagrange")
def test_gradients_are_parallel_at_an_equality_minimum():
    """Walking along the constraint x y = 1 itself, without any multiplier."""
    signs = set()
    for target in ((3.0, 0.0), (3.0, 2.0)):
        f = lambda x, t=target: (x[0] - t[0]) ** 2 + 2 * (x[1] - t[1]) ** 2  # noqa: E731
        walk = optimize.minimize_scalar(
            lambda t, f=f: f([np.exp(t), np.exp(-t)]),
            (0.0, 1.0),
            options={"xtol": 1e-12},
        )
        x = np.array([np.exp(walk.x), np.exp(-walk.x)])
        slope, normal = gradient(f, x), np.array([x[1], x[0]])
        multiplier = -slope @ normal / (normal @ normal)
        assert_allclose(slope + multiplier * normal, 0, atol=1e-6)
        signs.add(np.sign(multiplier))
    assert signs == {-1.0, 1.0}  # on the two sides of the constraint


@pytest.mark.equation("eq-constrained-optimization-weights")
def test_best_weights_of_an_average(rng):
    """Numerical minimization with SciPy, the KKT system, and simulated readings."""
    variances = np.array([1.0, 4.0, 0.5])
    weights = (1 / variances) / np.sum(1 / variances)
    lowest = 1 / np.sum(1 / variances)
    found = slsqp(
        lambda w: variances @ w**2, lambda w: [w.sum() - 1], np.ones(3) / 3, "eq"
    )
    assert_allclose(found.x, weights, atol=1e-6)
    assert_allclose(found.fun, lowest, rtol=1e-9)
    exact = solve_equality_quadratic(
        2 * np.diag(variances), np.zeros(3), np.ones((1, 3)), [1]
    )
    assert_allclose(exact.x, weights, rtol=1e-12)
    assert_allclose(exact.multipliers, [-2 * lowest], rtol=1e-12)
    n = 200_000
    readings = rng.normal(size=(n, 3)) * np.sqrt(variances) @ weights
    assert abs(readings.var() - lowest) < 5 * lowest * np.sqrt(2 / n)
    assert_allclose((1 / 1) / (1 / 1 + 1 / 4), 0.8)


@pytest.mark.equation("eq-constrained-optimization-kkt")
@pytest.mark.parametrize("r", [0.5, 1.0, 2.0, 3.0])
def test_kkt_conditions_hold_at_scipys_minimum(r):
    """SLSQP finds the minimum from values alone; the conditions are checked there."""
    f, g = lambda x: np.sum((x - HOME) ** 2), lambda x: [x @ x - r**2]
    x = slsqp(f, g, np.array([0.1, 0.0])).x
    multiplier = max(np.sqrt(5) / r - 1, 0)
    assert kkt_residuals(f, g, x, [multiplier]).worst < 1e-5
    assert_allclose(x, HOME * min(1, r / np.sqrt(5)), atol=1e-6)
    slope, normal = gradient(f, x), 2 * x
    if r < np.sqrt(5):  # active: anti-parallel
        cosine = slope @ normal / np.linalg.norm(slope) / np.linalg.norm(normal)
        assert_allclose(cosine, -1, atol=1e-9)
    else:
        assert_allclose(slope, 0, atol=1e-6)


def test_the_other_examples():
    """An interior minimum, an active half-plane, and one without qualification."""
    inside = slsqp(lambda x: (x[0] - 1) ** 2, lambda x: [x[0] - 2], [5.0])
    assert_allclose(inside.x, [1], atol=1e-6)
    half = slsqp(lambda x: x @ x, lambda x: [1 - x.sum()], [3.0, 3.0])
    assert_allclose(half.x, [0.5, 0.5], atol=1e-6)
    conditions = kkt_residuals(lambda x: x @ x, lambda x: [1 - x.sum()], half.x, [1.0])
    assert conditions.worst < 1e-6
    for multiplier in (0.0, 1.0, 1e6):
        stuck = kkt_residuals(
            lambda x: x[0], lambda x: [x[0] ** 2], [0.0], [multiplier]
        )
        assert_allclose(stuck.stationarity, [1.0])


@pytest.mark.equation("eq-constrained-optimization-price")
@pytest.mark.parametrize("r", [0.5, 1.0, 2.0, 3.0])
def test_multiplier_is_the_price_of_the_constraint(r):
    """Differences of SciPy's minimal values while the constraint is loosened."""

    def minimum(b):
        found = slsqp(
            lambda x: np.sum((x - HOME) ** 2),
            lambda x: [x @ x - r**2 - b],
            np.array([0.1, 0.0]),
        )
        return found.fun

    h = 1e-3
    price = (minimum(h) - minimum(-h)) / (2 * h)
    assert_allclose(price, -max(np.sqrt(5) / r - 1, 0), atol=1e-4)


@pytest.mark.equation("eq-constrained-optimization-log")
def test_logarithm_keeps_the_place_of_the_maximum():
    """A grid search of both objectives, and computer algebra for the derivative."""
    p = np.linspace(0.001, 0.999, 999)
    h = p**7 * (1 - p) ** 3
    assert p[h.argmax()] == p[np.log(h).argmax()]
    assert_allclose(p[h.argmax()], 0.7)
    assert abs(h.max() - np.log(h).max()) > 6
    assert_allclose([h.max(), np.log(h).max()], [0.00222357, -6.10864], rtol=1e-5)
    s = sp.symbols("p", positive=True)
    exact = s**7 * (1 - s) ** 3
    assert sp.simplify(sp.diff(sp.log(exact), s) - sp.diff(exact, s) / exact) == 0
    assert sp.solve(sp.diff(sp.log(exact), s), s) == [sp.Rational(7, 10)]


def test_log_barrier_approaches_the_minimum_and_its_multiplier():
    for mu in (1e-2, 1e-4):
        inside = optimize.brentq(
            lambda s, mu=mu: -2 * (np.sqrt(5) - s) + 2 * mu * s / (1 - s**2),
            0,
            1 - 1e-13,
            xtol=1e-14,
        )
        assert 0 < 1 - inside < mu
        assert_allclose(mu / (1 - inside**2), np.sqrt(5) - 1, rtol=2 * mu)


@pytest.mark.equation("eq-constrained-optimization-lipschitz")
def test_lipschitz_constants(rng):
    """Slopes between random pairs stay below and come close."""
    x = np.sort(rng.uniform(-3, 3, size=800))
    for function, L in ((np.tanh, 1.0), (expit, 0.25), (np.square, 6.0)):
        steepest = lipschitz_estimate(x, function(x))
        assert steepest <= L * (1 + 1e-12)
        assert steepest > 0.98 * L
    for a in (1.0, 10.0, 100.0):  # no constant for the square on the whole line
        assert lipschitz_estimate([a, a + 1], [a**2, (a + 1) ** 2]) >= 2 * a

    W = rng.normal(size=(3, 5))
    sigma = np.sqrt(np.linalg.eigvalsh(W @ W.T)[-1])
    points = rng.normal(size=(800, 5))
    assert lipschitz_estimate(points, points @ W.T) <= sigma * (1 + 1e-12)
    direction = optimize.minimize(
        lambda v: -np.linalg.norm(W @ v) / np.linalg.norm(v), np.ones(5)
    )
    assert_allclose(-direction.fun, sigma, rtol=1e-6)
    assert_allclose(np.linalg.norm(W, 2), sigma, rtol=1e-12)

    V = rng.normal(size=(2, 3))
    network = np.tanh(np.tanh(points @ W.T) @ V.T)
    bound = np.linalg.norm(W, 2) * np.linalg.norm(V, 2)
    assert lipschitz_estimate(points, network) <= bound
    tight = lipschitz_estimate(1e-4 * points, np.tanh(1e-4 * points @ W.T))
    assert tight > 0.98 * sigma


@pytest.mark.equation("eq-constrained-optimization-step")
@pytest.mark.parametrize(
    ("share", "converges"), [(0.1, True), (1.0, True), (1.99, True), (2.01, False)]
)
def test_gradient_descent_converges_up_to_two_over_L(share, converges, rng):
    """The iteration itself, on a random quadratic and from a random start."""
    root = rng.normal(size=(4, 4))
    H, b = root @ root.T + np.eye(4), rng.normal(size=4)
    L = np.linalg.eigvalsh(H)[-1]
    best, x = np.linalg.solve(H, b), rng.normal(size=4)
    start = np.linalg.norm(x - best)
    for _ in range(20_000):
        x = x - share / L * (H @ x - b)
    if converges:
        assert np.linalg.norm(x - best) < 1e-6 * start
    else:
        assert np.linalg.norm(x - best) > 1e6 * start
    pairs = rng.normal(size=(600, 4))
    assert lipschitz_estimate(pairs, pairs @ H - b) <= L * (1 + 1e-12)
    # Exactly at the limit, and with no step or a step uphill, the error stays.
    value, axis = np.linalg.eigh(H)
    error = axis[:, -1]
    for eta, factor in ((2 / value[-1], -1.0), (0.0, 1.0)):
        assert_allclose(error - eta * H @ error, factor * error, atol=1e-12)


@pytest.mark.equation("eq-constrained-optimization-jensen")
def test_jensen_inequality(rng):
    """Exact averages over random finite distributions for six convex functions."""
    convex = [np.exp, np.square, np.abs, lambda x: np.maximum(x, 0), np.cosh,
              lambda x: -np.log(x + 10)]  # fmt: skip
    for _ in range(200):
        p, x = rng.dirichlet(np.ones(5)), rng.uniform(-5, 5, size=5)
        for f in convex:
            assert f(p @ x) <= p @ f(x) + 1e-12
        assert np.log(p @ (x + 6)) >= p @ np.log(x + 6)
    # Equality: affine on the hull of the support; strict just beyond the kink.
    p = np.array([0.2, 0.8])
    assert_allclose(p @ np.abs([1.0, 3.0]), abs(p @ [1.0, 3.0]), rtol=1e-15)
    assert p @ np.abs([-0.1, 3.0]) > abs(p @ [-0.1, 3.0])
    assert_allclose(100 / 50 + 100 / 150, 2 + 2 / 3)


@pytest.mark.equation("eq-constrained-optimization-jensen-gap")
@pytest.mark.parametrize(("mu", "s"), [(0.3, 0.5), (-1.0, 1.2), (2.0, 0.1)])
def test_gap_of_the_exponential(mu, s):
    """Quadrature over the normal density, and SciPy's log-normal mean."""
    mean, _ = integrate.quad(
        lambda x: np.exp(x) * stats.norm.pdf(x, mu, s), mu - 15 * s, mu + 15 * s
    )
    formula = np.exp(mu) * np.expm1(s**2 / 2)
    assert_allclose(mean - np.exp(mu), formula, rtol=1e-7)
    other = stats.lognorm.mean(s, scale=np.exp(mu)) - np.exp(mu)
    assert_allclose(other, formula, rtol=1e-9)


@pytest.mark.equation("eq-constrained-optimization-am-gm")
def test_arithmetic_and_geometric_mean(rng):
    """Random positive numbers, SciPy's geometric mean, and equality for equal ones."""
    for n in (2, 3, 7):
        for x in rng.lognormal(sigma=2, size=(100, n)):
            assert np.mean(x) >= stats.gmean(x)
            assert_allclose(stats.gmean(x), np.prod(x) ** (1 / n), rtol=1e-10)
        assert_allclose(np.mean(np.full(n, 3.0)), np.prod(np.full(n, 3.0)) ** (1 / n))


@pytest.mark.equation("eq-constrained-optimization-elbo")
def test_evidence_lower_bound(rng):
    """The gap is a Kullback-Leibler divergence to the posterior, from SciPy."""
    for _ in range(100):
        joint = rng.dirichlet(np.ones(4)) * rng.uniform()
        q = rng.dirichlet(np.ones(4))
        bound = np.sum(q * np.log(joint / q))
        evidence = np.log(joint.sum())
        assert bound <= evidence
        gap = rel_entr(q, joint / joint.sum()).sum()
        assert_allclose(evidence - bound, gap, atol=1e-12)
        posterior = joint / joint.sum()
        tight = np.sum(posterior * np.log(joint / posterior))
        assert_allclose(tight, evidence, rtol=1e-12)
