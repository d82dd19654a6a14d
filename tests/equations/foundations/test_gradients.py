"""The equations of the lesson on gradients, each by another route."""

from math import factorial

import mpmath
import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize

from mlnotes.foundations.gradients import gradient, hessian, jacobian

x, y = sp.symbols("x y", real=True)
LANDSCAPE = x**2 + 3 * x * y + 4 * x * y**2 - 1


def f(v):
    """The landscape of the lesson."""
    return v[0] ** 2 + 3 * v[0] * v[1] + 4 * v[0] * v[1] ** 2 - 1


def slope(v):
    """Its gradient as the lesson states it."""
    return np.array([2 * v[0] + 3 * v[1] + 4 * v[1] ** 2, 3 * v[0] + 8 * v[0] * v[1]])


def bend(v):
    """Its Hessian as the lesson states it."""
    return np.array([[2, 3 + 8 * v[1]], [3 + 8 * v[1], 8 * v[0]]])


def order(error, h):
    """Slope of log error against log h."""
    return np.polyfit(np.log(h), np.log(np.abs(error)), 1)[0]


@pytest.mark.equation("eq-gradients-partials")
def test_partial_derivatives(rng):
    """Computer algebra, and finite differences at random points."""
    assert sp.simplify(sp.diff(LANDSCAPE, x) - slope((x, y))[0]) == 0
    assert sp.simplify(sp.diff(LANDSCAPE, y) - slope((x, y))[1]) == 0
    assert slope([1, 2]).tolist() == [24, 19]
    for at in rng.normal(size=(5, 2)):
        assert_allclose(gradient(f, at), slope(at), atol=1e-6)


@pytest.mark.equation("eq-gradients-directional")
def test_directional_derivative_and_the_steepest_direction():
    """Differences along the ray itself, and a search over all directions."""
    at, h = np.array([1.0, 2.0]), 1e-5
    angles = np.radians(np.arange(0, 360, 1.0))
    rays = np.column_stack([np.cos(angles), np.sin(angles)])
    along = np.array([(f(at + h * u) - f(at - h * u)) / (2 * h) for u in rays])
    assert_allclose(along, rays @ slope(at), atol=1e-7)
    to_gradient = angles - np.arctan2(19, 24)
    assert_allclose(along, np.hypot(24, 19) * np.cos(to_gradient), atol=1e-7)
    best = optimize.minimize_scalar(
        lambda t: -f(at + 1e-7 * np.array([np.cos(t), np.sin(t)])), (0.5, 0.7)
    )
    assert_allclose(best.x, np.arctan2(19, 24), atol=1e-3)


@pytest.mark.equation("eq-gradients-central")
def test_error_of_central_differences():
    """Exact rational arithmetic for a cubic, where the third derivative is constant."""
    h = sp.Rational(1, 10)
    cubic = 5 * x**3 - x**2 + 2 * x
    difference = (cubic.subs(x, 1 + h) - cubic.subs(x, 1 - h)) / (2 * h)
    excess = difference - sp.diff(cubic, x).subs(x, 1)
    assert excess == h**2 / 6 * sp.diff(cubic, x, 3)
    # For exp some place within the step explains the error.
    with mpmath.workdps(40):
        h = mpmath.mpf("0.3")
        third = (mpmath.sinh(h) / h - 1) * 6 / h**2
        assert -h < mpmath.log(third) < h


@pytest.mark.equation("eq-gradients-taylor")
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7])
def test_taylor_polynomial_and_its_remainder(n):
    """The place in the remainder, solved for in 50 digits, lies within the step."""
    log_polynomial = sp.series(sp.log(1 + x), x, 0, n + 1).removeO()
    exp_polynomial = sp.series(sp.exp(x), x, 0, n + 1).removeO()
    with mpmath.workdps(50):
        for h in (mpmath.mpf("0.2"), mpmath.mpf("0.9")):
            terms = sum(
                (-1) ** (k - 1) * mpmath.mpf(factorial(k - 1)) / factorial(k) * h**k
                for k in range(1, n + 1)
            )
            value = log_polynomial.subs(x, sp.Float(str(h), 50))
            assert abs(mpmath.mpf(value) - terms) < 1e-40
            rest = mpmath.log(1 + h) - terms
            # (-1)^n n! / (1 + xi)^(n + 1) h^(n + 1) / (n + 1)! = rest
            xi = (h ** (n + 1) / (n + 1) / abs(rest)) ** (mpmath.mpf(1) / (n + 1)) - 1
            assert 0 < xi < h
            assert mpmath.sign(rest) == (-1) ** n
            assert abs(rest) <= h ** (n + 1) / (n + 1)  # the bound of the lesson

            value = exp_polynomial.subs(x, sp.Float(str(h), 50))
            rest = mpmath.exp(h) - mpmath.mpf(value)
            assert 0 < mpmath.log(rest * factorial(n + 1) / h ** (n + 1)) < h


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_error_of_order_n_scales_as_the_next_power(n):
    h = np.geomspace(0.005, 0.02, 8)
    polynomial = sum((-1) ** (k - 1) * h**k / k for k in range(1, n + 1))
    assert_allclose(order(polynomial - np.log1p(h), h), n + 1, atol=0.05)
    assert_allclose((np.log1p(1e-4) - 1e-4) / 1e-8, -0.5, rtol=1e-3)


@pytest.mark.equation("eq-gradients-descent")
def test_descent_is_predicted_to_first_order():
    """Rate at which the error of the prediction vanishes, at three points."""
    eta = np.geomspace(1e-5, 1e-4, 8)
    for at in ([1.0, 2.0], [-1.0, 0.5], [0.3, -2.0]):
        g = slope(at)
        actual = np.array([f(at - e * g) for e in eta])
        assert_allclose(order(actual - (f(at) - eta * (g @ g)), eta), 2, atol=0.05)


@pytest.mark.equation("eq-gradients-polar")
def test_polar_jacobian():
    """Computer algebra for the entries and the determinant, differences for numbers."""
    r, phi = sp.symbols("r phi", positive=True)
    J = sp.Matrix([r * sp.cos(phi), r * sp.sin(phi)]).jacobian([r, phi])
    stated = sp.Matrix(
        [[sp.cos(phi), -r * sp.sin(phi)], [sp.sin(phi), r * sp.cos(phi)]]
    )
    assert stated == J
    assert sp.simplify(J.det() - r) == 0
    got = jacobian(lambda v: v[0] * np.array([np.cos(v[1]), np.sin(v[1])]), [2.0, 0.7])
    assert_allclose(got, np.array(J.subs({r: 2, phi: 0.7}), dtype=float), atol=1e-9)
    assert_allclose(np.linalg.det(got), 2.0, rtol=1e-9)


@pytest.mark.equation("eq-gradients-change-of-variables")
def test_change_of_variables(rng):
    """Area of the image by the shoelace formula, and by darts for a ring sector."""
    g = lambda u: np.array([u[0] - 0.3 * u[1] ** 2, np.exp(0.5 * u[1]) * u[0]])  # noqa: E731

    def density(b, a):
        return abs(np.linalg.det(jacobian(g, [a, b])))

    area, _ = integrate.dblquad(density, 1, 2, 0, 1, epsabs=1e-6)
    t, one = np.linspace(0, 1, 4001), np.ones(4001)
    border = np.array([np.r_[1 + t, 2 * one, 2 - t, one], np.r_[0 * t, t, one, 1 - t]])
    a, b = g(border)
    shoelace = abs(np.sum(a * np.roll(b, -1) - b * np.roll(a, -1))) / 2
    assert_allclose(area, shoelace, rtol=1e-5)

    darts = rng.uniform(0, 2, size=(200_000, 2))
    distance, angle = np.hypot(*darts.T), np.arctan2(darts[:, 1], darts[:, 0])
    hits = (distance > 1) & (distance < 2) & (angle < 0.8)
    formula, _ = integrate.dblquad(lambda r, _: r, 0, 0.8, 1, 2)
    error = 4 * hits.std() / np.sqrt(hits.size)
    assert abs(4 * hits.mean() - formula) < 5 * error


@pytest.mark.equation("eq-gradients-chain")
def test_chain_rule(rng):
    """Finite differences of the composition, linear and curved, in primes of sizes."""
    A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    outer = lambda u: u[0] + u[1] + u[2] ** 2  # noqa: E731
    at = np.array([-1.0, 1.0])
    assert_allclose(gradient(lambda v: outer(A @ v), at), [14, 18], rtol=1e-8)
    assert_allclose(A.T @ [1, 1, 2], [14, 18])

    W, V = rng.normal(size=(5, 3)), rng.normal(size=(2, 5))
    at = rng.normal(size=3)
    hidden = np.tanh(W @ at)
    J_g = (1 - hidden**2)[:, None] * W
    grad = 2 * V.T @ (V @ hidden)
    composed = gradient(lambda v: float(np.sum((V @ np.tanh(W @ v)) ** 2)), at)
    assert_allclose(J_g.T @ grad, composed, atol=1e-8)
    by_paths = [sum(grad[i] * J_g[i, j] for i in range(5)) for j in range(3)]
    assert_allclose(by_paths, composed, atol=1e-8)
    # Several outputs: Jacobians multiply in the order of the composition.
    both = jacobian(lambda v: V @ np.tanh(W @ v), at)
    assert_allclose(V @ J_g, both, atol=1e-8)
    # A scalar inner function.
    log = gradient(lambda v: np.log(f(v)), [1.0, 2.0])
    assert_allclose(log, [24 / 22, 19 / 22], rtol=1e-8)


@pytest.mark.equation("eq-gradients-second-order")
def test_second_order_expansion(rng):
    """The error of the parabola vanishes with the cube of the step."""
    sizes = np.geomspace(1e-3, 1e-2, 8)
    rosenbrock = optimize.rosen
    for at in rng.normal(size=(3, 2)):
        u = rng.normal(size=2)
        g, H = optimize.rosen_der(at), optimize.rosen_hess(at)
        model = np.array([h * g @ u + h**2 * u @ H @ u / 2 for h in sizes])
        actual = np.array([rosenbrock(at + h * u) - rosenbrock(at) for h in sizes])
        assert_allclose(order(actual - model, sizes), 3, atol=0.1)
        assert_allclose(hessian(rosenbrock, at), H, rtol=1e-5, atol=1e-3)
        assert_allclose(gradient(rosenbrock, at), g, rtol=1e-6, atol=1e-6)


@pytest.mark.equation("eq-gradients-hessian")
def test_hessian_and_stationary_points_of_the_landscape():
    """Computer algebra: second derivatives, all zeros of the gradient, values."""
    exact = sp.hessian(LANDSCAPE, (x, y))
    assert sp.simplify(exact - sp.Matrix(bend((x, y)))) == sp.zeros(2)
    zeros = sp.solve([sp.diff(LANDSCAPE, v) for v in (x, y)], [x, y], dict=True)
    kinds = {}
    for zero in zeros:
        values = exact.subs(zero).eigenvals(multiple=True)
        kinds[zero[x], zero[y]] = {bool(value > 0) for value in values}
    quarter = sp.Rational(1, 4)
    lowest = (sp.Rational(9, 32), -sp.Rational(3, 8))
    saddle = {True, False}
    assert kinds == {(0, 0): saddle, (0, -3 * quarter): saddle, lowest: {True}}
    value = LANDSCAPE.subs(dict(zip((x, y), lowest, strict=True)))
    assert value == -sp.Rational(1105, 1024)
    assert_allclose(float(value), -1.079102, rtol=1e-6)
    # A search from nearby ends there and at that height.
    found = optimize.minimize(f, [0.5, -0.5], method="BFGS", options={"gtol": 1e-9})
    assert_allclose(found.x, [0.28125, -0.375], atol=1e-6)
    assert_allclose(found.fun, -1.079102, rtol=1e-6)


@pytest.mark.equation("eq-gradients-newton")
def test_newton_solves_a_quadratic_in_one_step(rng):
    """Least squares solution of the same quadratic by another algorithm."""
    X, t = rng.normal(size=(11, 3)), rng.normal(size=11)
    loss = lambda w: float(np.sum((X @ w - t) ** 2)) / 2  # noqa: E731
    start = rng.normal(size=3)
    step = np.linalg.solve(hessian(loss, start), gradient(loss, start))
    best = np.linalg.lstsq(X, t, rcond=None)[0]
    assert_allclose(start - step, best, atol=1e-5)


def test_newton_finds_saddles_too():
    at = np.array([0.12, -0.1])
    for _ in range(8):
        at = at - np.linalg.solve(bend(at), slope(at))
    assert_allclose(at, [0, 0], atol=1e-12)
    assert f(at) > f([0.12, -0.1])
