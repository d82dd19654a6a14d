"""The equations of the lesson "Integrals as areas", each by another route."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate

from mlnotes.foundations.derivatives import derivative
from mlnotes.foundations.integrals import (
    riemann_left,
    riemann_midpoint,
    riemann_right,
    simpson,
    trapezoid,
)

x = sp.symbols("x", real=True)


def quad(f, a, b):
    return integrate.quad(f, a, b, epsabs=1e-13, epsrel=1e-13)[0]


def wave(t):
    return np.sin(3 * t) + t**2


@pytest.mark.equation("eq-integrals-square")
@pytest.mark.parametrize("n", [1, 2, 10, 100, 1000])
def test_left_sum_of_the_square(n):
    """Rational arithmetic, rectangle by rectangle, and quadrature for the limit."""
    total = sum(Fraction(i, n) ** 2 * Fraction(1, n) for i in range(n))
    assert total == Fraction(1, 3) - Fraction(1, 2 * n) + Fraction(1, 6 * n**2)
    assert total == Fraction((n - 1) * (2 * n - 1), 6 * n**2)
    assert_allclose(riemann_left(np.square, 0, 1, n), float(total), atol=1e-15)
    right = sum(Fraction(i, n) ** 2 * Fraction(1, n) for i in range(1, n + 1))
    assert right == Fraction(1, 3) + Fraction(1, 2 * n) + Fraction(1, 6 * n**2)
    assert_allclose(quad(np.square, 0, 1), 1 / 3, rtol=1e-12)


@pytest.mark.parametrize(
    ("n", "printed"), [(10, 0.285), (100, 0.32835), (1000, 0.3328335)]
)
def test_worked_left_sums(n, printed):
    assert_allclose(riemann_left(np.square, 0, 1, n), printed, rtol=1e-12)


@pytest.mark.equation("eq-integrals-gap")
@pytest.mark.parametrize("n", [1, 3, 17])
def test_gap_between_left_and_right_sums(n):
    """Sums written out point by point, and quadrature between them if f only rises."""
    a, b = -1.0, 2.5
    width = (b - a) / n
    left = sum(wave(a + i * width) * width for i in range(n))
    right = sum(wave(a + i * width) * width for i in range(1, n + 1))
    assert_allclose((wave(b) - wave(a)) * width, right - left, rtol=1e-12)
    assert_allclose(riemann_left(wave, a, b, n), left, rtol=1e-12)
    assert_allclose(riemann_right(wave, a, b, n), right, rtol=1e-12)
    low, high = riemann_left(np.exp, a, b, n), riemann_right(np.exp, a, b, n)
    assert low < quad(np.exp, a, b) < high


@pytest.mark.equation("eq-integrals-linear")
def test_integrals_are_linear():
    """Adaptive quadrature of the combination and of its parts."""
    together = quad(lambda t: 2 * np.sin(t) - 3 * np.exp(t), -1, 2)
    apart = 2 * quad(np.sin, -1, 2) - 3 * quad(np.exp, -1, 2)
    assert_allclose(together, apart, rtol=1e-12)
    got = simpson(lambda t: 2 * np.sin(t) - 3 * np.exp(t), -1, 2, 2000)
    assert_allclose(got, together, rtol=1e-11)


@pytest.mark.equation("eq-integrals-additive")
@pytest.mark.parametrize(("a", "b", "c"), [(0, 1, 3), (0, 3, 1), (2, -1, 0)])
def test_stretches_add_up(a, b, c):
    """Closed forms by SymPy, quadrature, and the package run backward."""
    F = sp.integrate(sp.sin(3 * x) + x**2, x)

    def exact(u, v):
        return float(F.subs(x, v) - F.subs(x, u))

    assert_allclose(quad(wave, a, b) + quad(wave, b, c), quad(wave, a, c), atol=1e-12)
    assert_allclose(simpson(wave, a, b, 2000), exact(a, b), atol=1e-10)
    assert_allclose(simpson(wave, b, a, 2000), -quad(wave, a, b), atol=1e-10)


@pytest.mark.equation("eq-integrals-area-derivative")
def test_the_area_grows_with_the_height_of_its_edge():
    """Central differences of areas from adaptive quadrature, no antiderivative used."""
    for f in (np.sin, np.exp, wave, lambda t: np.exp(-(t**2) / 2), np.abs):
        for at in (-0.7, 0.4, 1.9):
            # A long step, because the error of the quadrature is divided by it.
            slope = derivative(lambda t, f=f: np.array(quad(f, -1, t)), at, step=1e-3)
            assert_allclose(slope, f(at), atol=3e-6)


@pytest.mark.equation("eq-integrals-fundamental")
@pytest.mark.parametrize(
    "f", [x**2, sp.sin(x), sp.exp(-x / 2), x * sp.cos(x), 1 / (1 + x**2)]
)
def test_fundamental_theorem(f):
    """Antiderivatives of SymPy, checked by differentiation, against Riemann sums."""
    F = sp.integrate(f, x) + 7
    assert sp.simplify(F.diff(x) - f) == 0
    numeric = sp.lambdify(x, f)
    expected = float(F.subs(x, 2) - F.subs(x, -1))
    # The midpoint rule with 20,000 parts is off by about 1e-9.
    assert_allclose(riemann_midpoint(numeric, -1, 2, 20_000), expected, atol=2e-8)
    assert_allclose(quad(numeric, -1, 2), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("f", "F"),
    [
        (x**3, x**4 / 4),
        (1 / x**2, -1 / x),
        (1 / x, sp.log(sp.Abs(x))),
        (sp.exp(3 * x), sp.exp(3 * x) / 3),
        (sp.cos(x), sp.sin(x)),
        (sp.sin(x), -sp.cos(x)),
    ],
)
@pytest.mark.parametrize("interval", [(0.5, 2.0), (-3.0, -1.0)])
def test_table_of_antiderivatives(f, F, interval):
    a, b = interval
    value = float(F.subs(x, b) - F.subs(x, a))
    assert_allclose(quad(sp.lambdify(x, f), a, b), value, rtol=1e-11)


def test_across_a_pole_the_theorem_has_nothing_to_say():
    for gap in (0.1, 0.01):
        outside = quad(lambda t: t**-2, -1, -gap) + quad(lambda t: t**-2, gap, 1)
        assert_allclose(outside, 2 / gap - 2, rtol=1e-10)


def test_the_battery():
    def power(t):
        return 2 * np.sin(np.pi * t / 12)

    assert_allclose(quad(power, 0, 12), 48 / np.pi, rtol=1e-12)
    assert_allclose(quad(power, 12, 24), -48 / np.pi, rtol=1e-12)
    moved = quad(lambda t: abs(power(t)), 0, 12) * 2
    assert_allclose(moved, 96 / np.pi, rtol=1e-12)
    area = simpson(lambda t: np.abs(np.sin(t)), 0, 2 * np.pi, 1000)
    assert_allclose(area, 4, rtol=1e-9)


@pytest.mark.equation("eq-integrals-substitution")
@pytest.mark.parametrize(
    ("f", "g", "dg", "a", "b"),
    [
        (np.exp, np.square, lambda t: 2 * t, 0.0, 1.0),
        (np.cos, np.square, lambda t: 2 * t, -1.0, 2.0),
        (np.sqrt, np.exp, np.exp, -1.0, 1.0),
        (wave, lambda t: -t, lambda t: -1.0, 0.5, 2.0),
    ],
)
def test_substitution(f, g, dg, a, b):
    """Adaptive quadrature of both sides, also where g turns around."""
    before = quad(lambda t: f(g(t)) * dg(t), a, b)
    assert_allclose(before, quad(f, g(a), g(b)), rtol=1e-11)


@pytest.mark.equation("eq-integrals-parts")
def test_integration_by_parts():
    """Adaptive quadrature of both sides; SymPy for x e^x."""
    a, b = -0.5, 2.0
    u, du = np.sin, np.cos

    def v(t):
        return np.exp(-(t**2))

    def dv(t):
        return -2 * t * np.exp(-(t**2))

    left = quad(lambda t: du(t) * v(t), a, b)
    right = u(b) * v(b) - u(a) * v(a) - quad(lambda t: u(t) * dv(t), a, b)
    assert_allclose(left, right, rtol=1e-11)
    assert sp.integrate(x * sp.exp(x), (x, 0, 1)) == 1


SMOOTH = {
    "exponential": (sp.exp(x), 0.0, 1.0),
    "wave": (sp.sin(3 * x) + x**2, -1.0, 2.0),
    "fraction": (1 / (1 + x**2), 0.0, 2.0),
}


@pytest.fixture(params=SMOOTH)
def case(request):
    f, a, b = SMOOTH[request.param]
    numeric, slope = sp.lambdify(x, f), sp.lambdify(x, f.diff(x))
    return numeric, slope, a, b, quad(numeric, a, b)


@pytest.mark.equation("eq-integrals-left-error")
def test_error_of_the_left_sum(case):
    """Measured errors against adaptive quadrature, and the order of what remains."""
    f, _, a, b, exact = case
    rest = []
    for n in (200, 400):
        error = riemann_left(f, a, b, n) - exact
        leading = -(b - a) / n / 2 * (f(b) - f(a))
        assert_allclose(error, leading, rtol=0.05)
        rest.append(error - leading)
    assert_allclose(np.log2(rest[0] / rest[1]), 2, atol=0.01)


@pytest.mark.equation("eq-integrals-trapezoid-error", "eq-integrals-midpoint-error")
@pytest.mark.parametrize(
    ("rule", "factor"), [(trapezoid, 1 / 12), (riemann_midpoint, -1 / 24)]
)
def test_error_of_trapezoid_and_midpoint(case, rule, factor):
    """Measured errors against adaptive quadrature, and the order of what remains."""
    f, df, a, b, exact = case
    rest = []
    for n in (16, 32):
        error = rule(f, a, b, n) - exact
        leading = ((b - a) / n) ** 2 * factor * (df(b) - df(a))
        assert_allclose(error, leading, rtol=0.05)
        rest.append(error - leading)
    assert_allclose(np.log2(rest[0] / rest[1]), 4, atol=0.05)


@pytest.mark.equation("eq-integrals-simpson")
def test_simpson_is_two_parts_midpoint_and_one_part_trapezoid(case):
    """Parabolas of SciPy through the same points, and the measured order."""
    f, _, a, b, exact = case
    errors = []
    for n in (16, 32):
        mix = (2 * riemann_midpoint(f, a, b, n) + trapezoid(f, a, b, n)) / 3
        points = np.linspace(a, b, 2 * n + 1)
        assert_allclose(mix, integrate.simpson(f(points), x=points), rtol=1e-12)
        assert_allclose(simpson(f, a, b, 2 * n), mix, rtol=1e-12)
        errors.append(abs(mix - exact))
    assert_allclose(np.log2(errors[0] / errors[1]), 4, atol=0.1)


@pytest.mark.equation("eq-integrals-bell")
@pytest.mark.parametrize("step", ["3", "2", "1", "0.5"])
def test_bars_under_the_bell_curve(step):
    """Both sides to 60 digits: the sums as they stand, pi from Machin's formula."""
    with localcontext() as context:
        context.prec = 60
        h = Decimal(step)

        def arctan_of_inverse(q):
            return sum(
                Decimal((-1) ** k) / ((2 * k + 1) * Decimal(q) ** (2 * k + 1))
                for k in range(50)
            )

        pi = 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))
        bars = h * (1 + 2 * sum((-((k * h) ** 2) / 2).exp() for k in range(1, 60)))
        tail = sum((-2 * pi**2 * j**2 / h**2).exp() for j in range(1, 60))
        formula = (2 * pi).sqrt() * (1 + 2 * tail)
        assert abs(bars - formula) < Decimal("1e-55")
        relative = bars / (2 * pi).sqrt() - 1
        assert abs(relative / (2 * (-2 * pi**2 / h**2).exp()) - 1) < Decimal("0.01")


def test_the_trapezoid_rule_beats_every_power_on_a_period():
    exact = 2 * np.pi * np.i0(1.0)
    assert_allclose(quad(lambda t: np.exp(np.cos(t)), 0, 2 * np.pi), exact, rtol=1e-12)
    errors = [
        abs(trapezoid(lambda t: np.exp(np.cos(t)), 0, 2 * np.pi, n) / exact - 1)
        for n in (4, 8, 16)
    ]
    orders = [np.log2(a / max(b, 1e-16)) for a, b in pairwise(errors)]
    assert orders[0] > 10
    assert orders[1] > 15
