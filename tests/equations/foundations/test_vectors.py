"""The equations of the lesson "Vectors, norms and angles", each by another route."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats

from mlnotes.foundations.vectors import (
    angle,
    cosine_similarity,
    cross,
    gram_schmidt,
    norm,
    project,
)


@pytest.mark.equation("eq-vectors-triangle")
@pytest.mark.parametrize("p", [1.0, 1.3, 2.0, 5.0, np.inf])
def test_no_detour_is_shorter(p):
    """Search for the worst pair: maximize the ratio of direct way to detour."""

    def minus_ratio(v):
        x, y = v[:3], v[3:]
        detour = norm(x, p) + norm(y, p)
        return -float(norm(x + y, p) / detour) if detour > 0 else -1.0

    starts = np.random.default_rng(0).normal(size=(20, 6))
    worst = max(
        -optimize.minimize(minus_ratio, start, method="Nelder-Mead").fun
        for start in starts
    )
    # The bound is attained by parallel vectors, so the search must come close.
    assert 1 - 1e-3 < worst <= 1 + 1e-12


@pytest.mark.equation("eq-vectors-triangle")
@pytest.mark.parametrize("p", [0.3, 0.5, 0.9])
def test_below_order_one_a_detour_is_shorter(p):
    """Negative control: the two unit vectors of the plane, in exact arithmetic."""
    order = sp.Rational(str(p))
    direct = (1 + 1) ** (1 / order)  # formula applied to (1, 1)
    assert direct > 2
    with pytest.raises(ValueError, match="p: expected a number >= 1"):
        norm([1.0, 1.0], p)


@pytest.mark.equation("eq-vectors-infinity-limit")
def test_p_norm_tends_to_the_largest_entry():
    """Computer algebra: the limit for a symbolic order, and the bounds on the way."""
    p = sp.symbols("p", positive=True)
    length = (5**p + 2**p + 4**p) ** (1 / p)
    # Take out the largest entry, as the proof does; SymPy does the rest.
    assert sp.limit(sp.log(1 + (sp.Rational(2, 5)) ** p) / p, p, sp.oo) == 0
    for order in (1, 2, 7, 40):
        exact = float(length.subs(p, order))
        assert 5 <= exact <= 3 ** (1 / order) * 5
        assert_allclose(norm([-5, 2, 4], order), exact, rtol=1e-13)
    assert_allclose(float(length.subs(p, 400).evalf(30)), 5, rtol=1e-12)
    # Equal entries attain the upper bound, a single entry the lower one.
    for order in (1, 2, 7):
        assert_allclose(norm([2, -2, 2], order), 3 ** (1 / order) * 2, rtol=1e-14)
        assert norm([0, -2, 0], order) == 2


@pytest.mark.equation("eq-vectors-norm-order")
def test_chain_of_norms_and_its_sharpness(rng):
    """NumPy's norms on random vectors; sign vectors and axes attain the bounds."""
    d = 5
    x = rng.standard_t(2, size=(10_000, d))
    largest, two, one = (np.linalg.norm(x, p, axis=1) for p in (np.inf, 2, 1))
    slack = 1 + 1e-12
    for small, large in [
        (largest, two),
        (two, one),
        (one, np.sqrt(d) * two),
        (np.sqrt(d) * two, d * largest),
    ]:
        assert (small <= large * slack).all()
    axis = np.eye(d)[2]
    assert norm(axis, np.inf) == norm(axis, 2) == norm(axis, 1) == 1
    for signs in product([-1.0, 1.0], repeat=d):
        assert_allclose(norm(signs, 1), np.sqrt(d) * norm(signs), rtol=1e-14)
        assert_allclose(np.sqrt(d) * norm(signs), d * norm(signs, np.inf), rtol=1e-14)


@pytest.mark.equation("eq-vectors-projection")
def test_projection_is_the_nearest_point_of_the_line(rng):
    """Numerical minimization of the distance along the line, and SymPy's vertex."""
    x, u = rng.normal(size=(2, 4))
    found = optimize.minimize_scalar(lambda t: float(np.sum((x - t * u) ** 2)))
    # A minimum of a parabola is located to about sqrt(eps).
    assert_allclose(project(x, onto=u), found.x * u, atol=1e-6)
    t = sp.symbols("t")
    a, b = [3, 1, -2], [1, 2, 2]
    gap = sum((p - t * q) ** 2 for p, q in zip(a, b, strict=True))
    (vertex,) = sp.solve(sp.diff(gap, t), t)
    assert_allclose(project(a, onto=b), [float(vertex * q) for q in b], rtol=1e-14)


@pytest.mark.equation("eq-vectors-cauchy-schwarz")
def test_cauchy_schwarz_gap_is_a_sum_of_squares():
    """Computer algebra: Lagrange's identity writes the gap as squares."""
    x, y = sp.symbols("x1:4"), sp.symbols("y1:4")
    dot = sum(a * b for a, b in zip(x, y, strict=True))
    gap = sum(a**2 for a in x) * sum(b**2 for b in y) - dot**2
    squares = sum(
        (x[i] * y[j] - x[j] * y[i]) ** 2 for i in range(3) for j in range(i + 1, 3)
    )
    assert sp.expand(gap - squares) == 0
    # Equality for multiples, and numbers of the package below the bound.
    v = np.array([1.0, -2.0, 2.0])
    assert abs(v @ (-3 * v)) == norm(v) * norm(-3 * v)
    pairs = np.random.default_rng(1).normal(size=(2, 1000, 7))
    bound = norm(pairs[0]) * norm(pairs[1])
    assert (np.abs(np.vecdot(*pairs)) <= bound).all()


@pytest.mark.equation("eq-vectors-cosine")
@pytest.mark.parametrize("theta", [0.0, 0.3, np.pi / 4, np.pi / 2, 2.5, np.pi])
def test_dot_product_of_vectors_built_at_a_known_angle(theta):
    """Two vectors drawn at a known angle in a plane, then carried to 6 dimensions."""
    plane = np.array([[2.0, 0.0], [3 * np.cos(theta), 3 * np.sin(theta)]])
    axes = stats.ortho_group.rvs(6, random_state=np.random.default_rng(2))[:2]
    x, y = plane @ axes
    assert_allclose(x @ y, 2 * 3 * np.cos(theta), atol=1e-14)
    assert_allclose(cosine_similarity(x, y), np.cos(theta), atol=1e-15)
    assert_allclose(angle(x, y), theta, atol=1e-14)


@pytest.mark.equation("eq-vectors-unit-distance")
def test_distance_of_unit_vectors_is_the_chord(rng):
    """Geometry of the circle: the chord of an angle is twice the sine of its half."""
    x, y = rng.normal(size=(2, 50, 4))
    u = x / np.linalg.norm(x, axis=1, keepdims=True)
    v = y / np.linalg.norm(y, axis=1, keepdims=True)
    squared = np.sum((u - v) ** 2, axis=1)
    assert_allclose(squared, 2 * (1 - cosine_similarity(x, y)), rtol=1e-12)
    assert_allclose(squared, (2 * np.sin(angle(x, y) / 2)) ** 2, rtol=1e-12)


@pytest.mark.equation("eq-vectors-cross")
def test_cross_product_solves_the_two_equations():
    """Computer algebra: perpendicular to both, for symbols; and the signed volume."""
    a, b = sp.Matrix(sp.symbols("a1:4")), sp.Matrix(sp.symbols("b1:4"))
    c = sp.Matrix(
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    )
    assert sp.expand(c.dot(a)) == 0
    assert sp.expand(c.dot(b)) == 0
    # Right-handed: the volume spanned by a, b and a x b is a square, not minus one.
    volume = sp.Matrix.hstack(a, b, c).det()
    assert sp.expand(volume - c.dot(c)) == 0
    numbers = dict(zip([*a, *b], [2, -1, 3, 4, 5, -2], strict=True))
    assert cross([2, -1, 3], [4, 5, -2]).tolist() == [int(e.subs(numbers)) for e in c]


@pytest.mark.equation("eq-vectors-cross-area")
def test_length_of_the_cross_product_is_the_area(rng):
    """Shoelace formula for the parallelogram laid flat by an isometry."""
    corners = np.array([[0.0, 0.0], [2.0, 1.0], [1.5, 4.0], [-0.5, 3.0]])
    x, y = corners.T
    shoelace = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    isometry = np.linalg.qr(rng.normal(size=(3, 2)))[0].T
    a, b = corners[1] @ isometry, corners[3] @ isometry
    assert_allclose(norm(cross(a, b)), shoelace, rtol=1e-13)
    sine = np.sin(np.arctan2(1.0, 2.0) - np.arctan2(3.0, -0.5))
    assert_allclose(norm(a) * norm(b) * abs(sine), shoelace, rtol=1e-13)


@pytest.mark.equation("eq-vectors-pythagoras")
def test_squared_length_of_a_sum():
    """Computer algebra in four dimensions; the converse on whole-number vectors."""
    x, y = sp.Matrix(sp.symbols("x1:5")), sp.Matrix(sp.symbols("y1:5"))
    total = x + y
    assert sp.expand(total.dot(total) - x.dot(x) - 2 * x.dot(y) - y.dot(y)) == 0
    for a in product(range(-2, 3), repeat=2):
        for b in product(range(-2, 3), repeat=2):
            adds_up = np.isclose(norm(np.add(a, b)) ** 2, norm(a) ** 2 + norm(b) ** 2)
            assert adds_up == (np.dot(a, b) == 0)


@pytest.mark.equation("eq-vectors-orthonormal-length")
def test_orthonormal_axes_keep_lengths(rng):
    """SciPy's random rotations, and the columns that Gram-Schmidt makes."""
    rotation = stats.ortho_group.rvs(5, random_state=np.random.default_rng(3))
    for Q in (rotation[:, :3], gram_schmidt(rng.normal(size=(7, 3)))):
        assert_allclose(Q.T @ Q, np.eye(3), atol=1e-14)
        c = rng.normal(size=3)
        assert_allclose(norm(Q @ c), norm(c), rtol=1e-13)
    # Negative control: columns of length 1 that are not perpendicular.
    skew = np.array([[1.0, 0.6], [0.0, 0.8]])
    assert abs(norm(skew @ [1.0, 1.0]) - norm([1.0, 1.0])) > 0.1


@pytest.mark.equation("eq-vectors-random-cosine")
@pytest.mark.parametrize("d", [2, 3, 10, 1000])
def test_mean_squared_cosine(d):
    """Quadrature over the sphere: the angle has a density like sin^(d-2)."""
    scale = special.beta((d - 1) / 2, 0.5)  # the integral of sin^(d-2) over [0, pi]
    mean, _ = integrate.quad(
        lambda t: np.cos(t) ** 2 * np.sin(t) ** (d - 2) / scale,
        0,
        np.pi,
        points=[np.pi / 2],
    )
    assert_allclose(mean, 1 / d, rtol=1e-9)


@pytest.mark.equation("eq-vectors-random-cosine")
def test_mean_squared_cosine_of_simulated_directions(rng):
    """Simulation within 5 standard errors."""
    cosines = cosine_similarity(rng.normal(size=(20_000, 7)), [1, 2, 3, 4, 5, 6, 7])
    squares = cosines**2
    assert abs(squares.mean() - 1 / 7) < 5 * squares.std() / np.sqrt(squares.size)


def test_worked_figures():
    ann = np.array([3.0, 4.0])
    others = np.array([[6.0, 8.0], [4.0, 3.0], [20.0, 5.0]])
    assert_allclose(norm(others - ann), [5, np.sqrt(2), np.sqrt(290)], rtol=1e-15)
    assert (others @ ann).tolist() == [50, 24, 80]
    expected = [
        0,
        np.arctan2(4, 3) - np.arctan2(3, 4),
        np.arctan2(4, 3) - np.atan2(5, 20),
    ]
    assert_allclose(angle(ann, others), expected, atol=1e-15)
    assert [float(norm([3, -4], p)) for p in (1, 2, np.inf)] == [7, 5, 4]
