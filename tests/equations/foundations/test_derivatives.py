"""The equations of the lesson "Derivatives and their rules", each by another route."""

from fractions import Fraction
from itertools import product
from math import factorial

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import optimize, stats
from scipy.special import expit, log_softmax, softmax

from mlnotes.foundations.derivatives import derivative, second_derivative

x, y = sp.symbols("x y", real=True)


def exact_central(f, at, h):
    """Central difference in exact arithmetic."""
    return (f(at + h) - f(at - h)) / (2 * h)


@pytest.mark.equation("eq-derivatives-central")
def test_central_difference_in_exact_arithmetic():
    """Rational arithmetic for polynomials, series of SymPy for sine and exponential."""
    at, h = Fraction(7, 3), Fraction(1, 10)
    # A parabola has no third derivative, a cubic no fifth: the formula is exact.
    assert exact_central(lambda t: 5 * t**2 - t, at, h) == 10 * at - 1
    assert exact_central(lambda t: t**3, at, h) == 3 * at**2 + h**2 / 6 * 6
    for f in (sp.sin(x), sp.exp(2 * x)):
        s = sp.symbols("s")
        quotient = (f.subs(x, x + s) - f.subs(x, x - s)) / (2 * s)
        rest = sp.series(quotient, s, 0, 4).removeO()
        expected = f.diff(x) + s**2 / 6 * f.diff(x, 3)
        assert sp.simplify((rest - expected).rewrite(sp.exp)) == 0
        forward = sp.series((f.subs(x, x + s) - f) / s, s, 0, 2).removeO()
        expected = f.diff(x) + s / 2 * f.diff(x, 2)
        assert sp.simplify((forward - expected).rewrite(sp.exp)) == 0


def mean_error(f, df, points, h):
    return np.abs(derivative(f, points, step=h) - df(points)).mean()


@pytest.mark.equation("eq-derivatives-best-step")
@pytest.mark.parametrize(
    ("f", "df", "third"),
    [
        (np.exp, np.exp, np.exp),
        # A fast wave asks for a step 50^(-1) as long.
        (
            lambda t: np.sin(50 * t) + 2,
            lambda t: 50 * np.cos(50 * t),
            lambda t: -(50**3) * np.cos(50 * t),
        ),
    ],
)
def test_best_step_against_measured_errors(f, df, third):
    """Numerical minimum of the error bound, and measured rounding errors."""
    u = 2.0**-53
    size = np.abs(f(np.linspace(0, 1, 201))).mean()
    bend = np.abs(third(np.linspace(0, 1, 201))).mean()
    found = optimize.minimize_scalar(
        lambda s: np.log(np.exp(2 * s) / 6 * bend + u * np.exp(-s) * size),
        bounds=(np.log(1e-10), 0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    best = (3 * u * size / bend) ** (1 / 3)
    assert_allclose(best, np.exp(found.x), rtol=1e-6)
    points = np.linspace(0, 1, 401)
    at_best = mean_error(f, df, points, best)
    assert at_best < mean_error(f, df, points, best * 8) / 4
    assert at_best < mean_error(f, df, points, best / 30) / 4


@pytest.mark.equation("eq-derivatives-complex-step")
@pytest.mark.parametrize("name", ["sin", "exp", "log"])
def test_complex_step(name):
    """Derivatives by SymPy, and the size of the error for a long step."""
    f, symbolic = getattr(np, name), getattr(sp, name)(x)
    points = np.array([0.4, 1.7, 3.1])
    first, third = (sp.lambdify(x, symbolic.diff(x, k))(points) for k in (1, 3))
    assert_allclose(f(points + 1e-30j).imag / 1e-30, first, rtol=1e-14)
    h = 1e-3
    assert_allclose(
        f(points + 1j * h).imag / h - first, -(h**2) / 6 * third, rtol=2e-4, atol=1e-14
    )


@pytest.mark.equation("eq-derivatives-power")
@pytest.mark.parametrize("n", [3, 2, 1, -1, 0.5, -2.5])
def test_power_rule(n):
    """Limit of the difference quotient by SymPy, and central differences at 1.7."""
    assert_allclose(derivative(lambda t: t**n, 1.7), n * 1.7 ** (n - 1), rtol=1e-9)
    s, exponent = sp.symbols("s"), sp.nsimplify(n)
    at = sp.Rational(17, 10)
    slope = sp.limit(((at + s) ** exponent - at**exponent) / s, s, 0)
    assert sp.simplify(slope - exponent * at ** (exponent - 1)) == 0
    if isinstance(n, int):
        assert_allclose(
            derivative(lambda t: t**n, -1.7), n * (-1.7) ** (n - 1), rtol=1e-9
        )


@pytest.mark.parametrize(
    ("f", "df"),
    [
        (x, sp.Integer(1)),
        (1 / x, -1 / x**2),
        (sp.exp(x), sp.exp(x)),
        (sp.log(x), 1 / x),
    ],
)
def test_table_of_derivatives(f, df):
    """Each row by the limit itself and by a central difference at 1.7."""
    s, at = sp.symbols("s", positive=True), sp.Rational(17, 10)
    slope = sp.limit((f.subs(x, at + s) - f.subs(x, at)) / s, s, 0)
    assert sp.simplify(slope - df.subs(x, at)) == 0
    numeric = sp.lambdify(x, f)
    assert_allclose(derivative(numeric, 1.7), float(df.subs(x, 1.7)), rtol=1e-9)


@pytest.mark.equation("eq-derivatives-linear")
def test_linearity():
    """Central differences, and the matrix of d/dx against NumPy's polynomials."""
    got = derivative(lambda t: 2 * np.sin(t) - 3 * np.exp(t), 1.7)
    assert_allclose(got, 2 * np.cos(1.7) - 3 * np.exp(1.7), rtol=1e-9)
    D = np.diag([1.0, 2.0, 3.0], k=1)
    f, g = np.array([5.0, 0, -3, 2]), np.array([1.0, -4, 0.5, 7])
    polyder = np.polynomial.polynomial.polyder
    assert_allclose((D @ (2 * f - 3 * g))[:3], 2 * polyder(f) - 3 * polyder(g))
    assert not np.linalg.matrix_power(D, 4).any()


def numeric_uv(t):
    u, v = t**2 * np.sin(t), np.exp(t) + t
    du, dv = 2 * t * np.sin(t) + t**2 * np.cos(t), np.exp(t) + 1
    return u, v, du, dv


@pytest.mark.equation("eq-derivatives-product")
def test_product_rule():
    """SymPy with undefined functions, central differences, and the vanishing corner."""
    u, v = sp.Function("u")(x), sp.Function("v")(x)
    assert sp.expand((u * v).diff(x) - u.diff(x) * v - u * v.diff(x)) == 0
    assert sp.expand((x**2 * sp.exp(x)).diff(x) - (2 * x + x**2) * sp.exp(x)) == 0
    at = np.array([-1.0, 0.5, 1.7])
    u, v, du, dv = numeric_uv(at)
    got = derivative(lambda t: numeric_uv(t)[0] * numeric_uv(t)[1], at)
    assert_allclose(got, du * v + u * dv, rtol=1e-8)
    corners = [
        (np.sin(1 + h) - np.sin(1)) * (np.exp(1 + h) - np.exp(1)) for h in (1e-3, 1e-4)
    ]
    assert_allclose(np.log10(corners[0] / corners[1]), 2, atol=1e-3)


@pytest.mark.equation("eq-derivatives-quotient")
def test_quotient_rule():
    """SymPy with undefined functions, and central differences."""
    u, v = sp.Function("u")(x), sp.Function("v")(x)
    formula = (u.diff(x) * v - u * v.diff(x)) / v**2
    assert sp.simplify((u / v).diff(x) - formula) == 0
    at = np.array([-1.0, 0.5, 1.7])
    u, v, du, dv = numeric_uv(at)
    got = derivative(lambda t: numeric_uv(t)[0] / numeric_uv(t)[1], at)
    assert_allclose(got, (du * v - u * dv) / v**2, rtol=1e-7)
    tangent = derivative(lambda t: np.sin(t) / np.exp(t), at)
    assert_allclose(tangent, (np.cos(at) - np.sin(at)) / np.exp(at), rtol=1e-8)


@pytest.mark.equation("eq-derivatives-sigmoid")
def test_sigmoid_derivative():
    """Central differences of SciPy's logistic function and of its softmax."""
    z = np.linspace(-6, 6, 25)
    formula = expit(z) * (1 - expit(z))
    assert_allclose(derivative(expit, z), formula, atol=1e-10)
    assert formula.max() == formula[12] == 0.25
    assert np.prod(np.full(20, 0.25)) <= 4.0**-20

    def first_class(t):
        rest = np.broadcast_to([0.5, -1.0], (*t.shape, 2))
        return softmax(np.concatenate([t[..., None], rest], axis=-1), axis=-1)[..., 0]

    s = first_class(z)
    assert_allclose(derivative(first_class, z), s * (1 - s), atol=1e-10)


@pytest.mark.equation("eq-derivatives-chain")
def test_chain_rule():
    """Central differences of the composition, SymPy, and two layers of neurons."""
    at = np.array([-0.8, 0.3, 1.7])
    got = derivative(lambda t: np.sin(np.exp(t) + t), at)
    assert_allclose(got, np.cos(np.exp(at) + at) * (np.exp(at) + 1), rtol=1e-8)

    w, b = sp.symbols("w b", real=True)
    sigma = sp.Lambda(x, 1 / (1 + sp.exp(-x)))
    layer = sigma(w * x + b)
    assert sp.simplify(layer.diff(x) - w * layer * (1 - layer)) == 0
    assert sp.simplify(sp.log(1 + sp.exp(x)).diff(x) - sigma(x)) == 0

    inner = np.tanh(1.5 * at - 0.4)
    out = expit(-2 * inner + 0.3)
    by_hand = out * (1 - out) * -2 * (1 - inner**2) * 1.5
    got = derivative(lambda t: expit(-2 * np.tanh(1.5 * t - 0.4) + 0.3), at)
    assert_allclose(got, by_hand, atol=1e-9)


@pytest.mark.equation("eq-derivatives-chain-partial")
def test_chain_rule_for_partial_derivatives():
    """Central differences in one coordinate at a time."""
    at = np.array([0.6, -1.1, 0.4])

    def g(v):
        return v[0] ** 2 + v[0] * v[1] + np.sin(v[2])

    partials = [2 * at[0] + at[1], at[0], np.cos(at[2])]
    for j in range(3):

        def along(t, j=j):
            moved = at.copy()
            moved[j] = t
            return np.tanh(g(moved))

        expected = (1 - np.tanh(g(at)) ** 2) * partials[j]
        assert_allclose(derivative(along, at[j]), expected, rtol=1e-8)


@pytest.mark.equation("eq-derivatives-logarithm")
def test_derivative_of_a_logarithm(rng):
    """Central differences of SciPy's densities, alone and in a product of seven."""
    at = np.array([0.5, 1.7, 4.0])
    dpdf = derivative(stats.norm(1, 2).pdf, at)
    assert_allclose(
        derivative(stats.norm(1, 2).logpdf, at),
        dpdf / stats.norm(1, 2).pdf(at),
        rtol=1e-7,
    )
    # Seven observations: n terms of n factors on one side, n short terms on the other.
    data = rng.normal(size=7)

    def factors(mu):
        return stats.norm.pdf(data, mu)

    slopes = (data - 0.3) * factors(0.3)
    terms = [slopes[i] * np.delete(factors(0.3), i).prod() for i in range(7)]
    product_slope = derivative(lambda mu: factors(float(mu)).prod(), 0.3)
    assert_allclose(sum(terms), product_slope, rtol=1e-7)
    assert_allclose(
        (slopes / factors(0.3)).sum(), product_slope / factors(0.3).prod(), rtol=1e-7
    )


@pytest.mark.equation("eq-derivatives-score-function")
def test_score_function_gradient(rng):
    """Central difference of the exact mean, by sums and within 5 standard errors."""
    payoff = rng.normal(size=5)
    logits = rng.normal(size=5)

    def log_probability(theta):
        shifted = logits.copy()
        shifted[2] += theta
        return log_softmax(shifted)

    def mean(theta):
        return payoff @ np.exp(log_probability(float(theta)))

    exact = derivative(mean, 0.2)
    p = np.exp(log_probability(0.2))
    score = np.array(
        [derivative(lambda t, k=k: log_probability(float(t))[k], 0.2) for k in range(5)]
    )
    assert_allclose((payoff * p) @ score, exact, rtol=1e-8)
    draws = rng.choice(5, size=400_000, p=p)
    terms = (payoff * score)[draws]
    assert abs(terms.mean() - exact) < 5 * terms.std() / np.sqrt(draws.size)
    # The lesson's stall.
    dry = expit(0.4)
    got = derivative(lambda t: 60 * expit(t) + 15 * (1 - expit(t)), 0.4)
    assert_allclose(got, 45 * dry * (1 - dry), rtol=1e-9)


@pytest.mark.equation("eq-derivatives-second-test")
def test_second_derivative_test():
    """Brute force: neighbors of every stationary point of 625 polynomials."""
    seen = {"minimum": 0, "maximum": 0, "undecided": 0}
    for coefficients in product(range(-2, 3), repeat=4):
        f = np.polynomial.Polynomial([0, *coefficients])
        if f.degree() < 2:
            continue
        for root in f.deriv().roots():
            if abs(root.imag) > 1e-9:
                continue
            c = root.real
            bend = f.deriv(2)(c)
            if abs(bend) < 1e-2:
                seen["undecided"] += 1
                continue
            around = f(c + np.array([-1e-3, 1e-3])) - f(c)
            assert (np.sign(around) == np.sign(bend)).all()
            seen["minimum" if bend > 0 else "maximum"] += 1
    assert min(seen.values()) > 10


@pytest.mark.equation("eq-derivatives-first-nonzero")
@pytest.mark.parametrize("m", [2, 3, 4, 5])
@pytest.mark.parametrize("sign", [-1, 1])
def test_first_derivative_that_does_not_vanish(m, sign):
    """Limit by SymPy, and the values on both sides."""
    c = sp.Rational(1, 3)
    f = sign * (x - c) ** m * sp.exp(x) + 7
    assert all(f.diff(x, k).subs(x, c) == 0 for k in range(1, m))
    leading = f.diff(x, m).subs(x, c)
    ratio = sp.limit((f - f.subs(x, c)) / (x - c) ** m, x, c)
    assert sp.simplify(ratio - leading / factorial(m)) == 0
    left, right = (float((f - 7).subs(x, c + d)) for d in (-sp.Rational(1, 100), 0.01))
    assert (left * right > 0) == (m % 2 == 0)
    assert np.sign(right) == sign


def test_the_flattest_minimum_has_no_derivative_at_all():
    f = sp.exp(-1 / x**2)
    assert [sp.limit(f.diff(x, k), x, 0) for k in range(5)] == [0] * 5
    assert f.subs(x, sp.Rational(1, 10)) > 0


@pytest.mark.parametrize(
    ("f", "sides"), [(x**3, (-1, 1)), (x**4, (1, 1)), (-(x**4), (-1, -1))]
)
def test_three_outcomes_with_a_vanishing_second_derivative(f, sides):
    numeric = sp.lambdify(x, f)
    assert abs(derivative(numeric, 0.0)) < 1e-9
    assert abs(second_derivative(numeric, 0.0)) < 1e-6
    assert f.diff(x).subs(x, 0) == f.diff(x, 2).subs(x, 0) == 0
    assert (np.sign(numeric(-0.1)), np.sign(numeric(0.1))) == sides


def test_hessian_at_the_three_stationary_points():
    f = x**2 + 3 * x * y + 4 * x * y**2 - 1
    points = sp.solve([f.diff(x), f.diff(y)], [x, y])
    assert set(points) == {
        (0, sp.Rational(-3, 4)),
        (0, 0),
        (sp.Rational(9, 32), sp.Rational(-3, 8)),
    }
    for point in points:
        at = dict(zip((x, y), point, strict=True))
        values = [float(e) for e in sp.hessian(f, (x, y)).subs(at).eigenvals()]
        expected = [2.0, 2.25] if point[0] else [1 - np.sqrt(10), 1 + np.sqrt(10)]
        assert_allclose(sorted(values), expected, rtol=1e-12)


def test_the_best_price_of_the_stall():
    def r(t):
        return 200 * t * np.exp(-t / 2)

    found = optimize.minimize_scalar(lambda t: -r(t), bounds=(0, 20), method="bounded")
    assert_allclose(found.x, 2.0, atol=1e-5)
    assert_allclose(second_derivative(r, 2.0), -100 / np.e, rtol=1e-6)
    assert_allclose(derivative(r, 1.5), r(1.5) / 6, rtol=1e-9)
