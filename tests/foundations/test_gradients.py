"""Numerical derivatives: exact ones, every scale, symmetric points and refusals."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize

from mlnotes.foundations.gradients import gradient, hessian, jacobian

x, y = sp.symbols("x y")
LANDSCAPES = [
    x**2 + 3 * x * y + 4 * x * y**2 - 1,
    (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    sp.exp(x - y) + sp.sin(3 * x) * sp.cos(y),
    sp.log(1 + x**2 + y**2) + x,
]
POINTS = [(1.0, 2.0), (0.0, 0.0), (-1.2, 1.0), (0.0, -0.75), (0.28125, -0.375)]


def numeric(expression):
    """The expression as a function of one vector."""
    call = sp.lambdify((x, y), expression, "math")
    return lambda v: call(float(v[0]), float(v[1]))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("expression", LANDSCAPES)
def test_derivatives_against_computer_algebra(expression, point):
    at = dict(zip((x, y), point, strict=True))
    slope = [float(sp.diff(expression, v).subs(at)) for v in (x, y)]
    bend = np.array(sp.hessian(expression, (x, y)).subs(at), dtype=float)
    f = numeric(expression)
    size = max(1.0, np.abs(slope).max(), np.abs(bend).max())
    assert_allclose(gradient(f, point) / size, np.divide(slope, size), atol=1e-9)
    got = hessian(f, point)
    # Second differences are good to the square root of the precision, times a few.
    assert_allclose(got / size, bend / size, atol=3e-7)
    assert_array_equal(got, got.T)


def test_landscape_of_the_lesson():
    f = numeric(LANDSCAPES[0])
    assert f([1, 2]) == 22
    assert_allclose(gradient(f, [1, 2]), [24, 19], rtol=1e-9)
    assert_allclose(hessian(f, [1, 2]), [[2, 19], [19, 8]], rtol=1e-7)


def test_jacobian_against_computer_algebra_and_scipy():
    r, phi, z = sp.symbols("r phi z")
    polar = sp.Matrix([r * sp.cos(phi), r * sp.sin(phi), r * phi * z, z**2, phi])
    exact = sp.lambdify((r, phi, z), polar.jacobian([r, phi, z]))
    call = sp.lambdify((r, phi, z), list(polar))
    for point in ([2.0, 0.5, -1.0], [1.0, 0.0, 0.0], [3.0, np.pi / 2, 4.0]):
        got = jacobian(lambda v: call(*v), point)
        assert got.shape == (5, 3)
        assert_allclose(got, np.array(exact(*point), dtype=float), atol=1e-9)
        scipys = optimize.approx_fprime(np.array(point), lambda v: np.array(call(*v)))
        assert_allclose(got, scipys, atol=3e-6)


def test_rows_of_a_jacobian_are_gradients(rng):
    A = rng.normal(size=(3, 2))
    f = lambda v: np.sin(A @ v)  # noqa: E731
    at = rng.normal(size=2)
    rows = [gradient(lambda v, i=i: f(v)[i], at) for i in range(3)]
    assert_allclose(jacobian(f, at), rows, atol=1e-9)


def test_hessian_is_the_jacobian_of_the_gradient(rng):
    A = rng.normal(size=(3, 3))
    f = lambda v: np.exp(-v @ A @ A.T @ v / 9)  # noqa: E731
    at = rng.normal(size=3)
    nested = jacobian(lambda v: -2 / 9 * A @ A.T @ v * np.exp(-v @ A @ A.T @ v / 9), at)
    assert_allclose(hessian(f, at), nested, atol=1e-6)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, 1.0),
        (np.tanh, 1.0),
        (lambda t: t**3, 0.0),
        (lambda t: t**5 + t, 1.0),
        (np.cos, 0.0),
        (lambda t: 2.0 * t, 2.0),
    ],
)
def test_symmetric_points_have_their_slope(f, slope):
    """An odd function shows no second difference at 0, which must not fool the step."""
    assert_allclose(gradient(lambda v: f(v[0]), [0.0]), [slope], atol=1e-9)


@pytest.mark.parametrize("rate", [1e-4, 1.0, 1e3, 1e6])
def test_odd_functions_at_every_scale(rate):
    assert_allclose(gradient(lambda v: np.sin(rate * v[0]), [0.0]), [rate], rtol=1e-8)
    got = jacobian(lambda v: [np.sin(rate * v[0]), np.cos(v[0])], [0.0])
    assert_allclose(got, [[rate], [0.0]], rtol=1e-8, atol=1e-9)


def test_a_function_flat_along_an_axis_keeps_its_twist():
    """At x = 0 the product x y^2 does not move with y."""
    f = lambda v: v[0] * v[1] ** 2  # noqa: E731
    assert_allclose(hessian(f, [0.0, 1.0]), [[0, 2], [2, 0]], atol=1e-6)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_kink_elsewhere_is_not_felt(sign):
    assert_allclose(gradient(lambda v: abs(v[0]), [sign]), [sign], rtol=1e-9)
    assert_allclose(gradient(lambda v: max(v[0], 0.0), [sign]), [sign > 0], atol=1e-9)


@given(st.floats(-6, 6), st.sampled_from([0.0, 1.0, -30.0]))
def test_every_scale_finds_its_step(exponent, offset):
    """exp(x / s) - 1 at s * offset / 30, with scales from 1e-6 to 1e6."""
    scale = 10.0**exponent
    at = scale * offset / 30
    slope = np.exp(offset / 30) / scale
    f = lambda v: np.expm1(v[0] / scale)  # noqa: E731
    assert_allclose(gradient(f, [at]), [slope], rtol=1e-8)
    assert_allclose(hessian(f, [at]), [[slope / scale]], rtol=1e-5)


def test_linear_and_constant_functions():
    assert_allclose(gradient(lambda v: 3.0 * v[0] - 7.0, [2.0]), [3.0], rtol=1e-9)
    assert_array_equal(gradient(lambda v: -7, [2.0, 0.0]), [0.0, 0.0])
    assert_array_equal(hessian(lambda v: -7, [2.0]), [[0.0]])
    assert_array_equal(jacobian(lambda v: [1, 2], [2.0]), [[0.0], [0.0]])


def test_steps_stay_inside_an_open_domain():
    def inside_only(v):
        assert v[0] > 0
        return 3 * np.log(v[0]) - v[0]

    for at in (1e-12, 1e-300):
        assert_allclose(gradient(inside_only, [at]), [3 / at], rtol=1e-8)


def test_near_a_border_steps_come_back_and_on_it_there_is_no_slope():
    f = lambda v: 3 * np.log1p(v[0] - 2) if 1 < v[0] <= 3 else -np.inf  # noqa: E731
    assert_allclose(gradient(f, [3 - 1e-6]), [3 / (2 - 1e-6)], rtol=1e-5)
    assert not np.isfinite(gradient(f, [3.0])).any()
    assert not np.isfinite(hessian(f, [3.0])).any()


def test_the_point_is_neither_changed_nor_shared():
    at = np.array([0.3, 1.2])
    at.flags.writeable = False

    def careless(v):
        v *= 2  # a caller's function may scribble on what it gets
        return float(v.sum() / 2)

    for function in (gradient, hessian):
        function(careless, at)
    assert_array_equal(at, [0.3, 1.2])
    assert_allclose(gradient(careless, at), [1, 1], rtol=1e-9)


@pytest.mark.parametrize("function", [gradient, jacobian, hessian])
@pytest.mark.parametrize(
    ("point", "error", "message"),
    [
        (["1"], TypeError, "x: expected real numbers, got text"),
        ([[1.0]], ValueError, r"x: expected shape \(n,\), got \(1, 1\)"),
        ([np.nan], ValueError, "x: expected finite numbers, got nan at index 0"),
        ([], ValueError, "x: expected at least one number"),
    ],
)
def test_bad_points_are_named(function, point, error, message):
    with pytest.raises(error, match=message):
        function(lambda v: [v[0]] if function is jacobian else v[0], point)


@pytest.mark.parametrize(
    ("function", "f", "error", "message"),
    [
        (gradient, 3.0, TypeError, "f: expected a callable, got float"),
        (jacobian, 3.0, TypeError, "f: expected a callable, got float"),
        (hessian, 3.0, TypeError, "f: expected a callable, got float"),
        (
            gradient,
            lambda v: v,
            ValueError,
            r"f: expected one number, got shape \(2,\)",
        ),
        (hessian, lambda v: v, ValueError, r"f: expected one number, got shape \(2,\)"),
        (jacobian, lambda v: v[0], ValueError, r"f: expected values of shape \(m,\)"),
        (jacobian, lambda v: [], ValueError, r"f: expected values of shape \(m,\)"),
        (gradient, lambda v: "a", TypeError, "f: expected real numbers, got dtype"),
        (gradient, lambda v: 1j, TypeError, "f: expected real numbers, got dtype"),
        (gradient, lambda v: np.nan, ValueError, "f: expected a finite value at x"),
        (hessian, lambda v: np.inf, ValueError, "f: expected a finite value at x"),
    ],
)
def test_bad_functions_are_named(function, f, error, message):
    with pytest.raises(error, match=message):
        function(f, [1.0, 2.0])
