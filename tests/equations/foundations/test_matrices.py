"""The equations of the lesson "Matrices and linear systems", each by another route."""

from itertools import permutations, product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import linalg, optimize

from mlnotes.foundations.matrices import determinant, null_space, row_echelon
from mlnotes.foundations.vectors import norm, project


def loops(A, B):
    """The product from its definition, entry by entry."""
    return np.array(
        [
            [sum(A[i, k] * B[k, j] for k in range(len(B))) for j in range(B.shape[1])]
            for i in range(len(A))
        ]
    )


@pytest.mark.equation("eq-matrices-columns")
def test_product_with_a_vector_mixes_the_columns(rng):
    """Row by row from the definition of the entries."""
    A, x = rng.normal(size=(5, 3)), rng.normal(size=3)
    by_rows = [sum(A[i, j] * x[j] for j in range(3)) for i in range(5)]
    mixture = x[0] * A[:, 0] + x[1] * A[:, 1] + x[2] * A[:, 2]
    assert_allclose(mixture, by_rows, rtol=1e-12)
    assert_allclose(A @ x, by_rows, rtol=1e-12)


@pytest.mark.equation("eq-matrices-composition")
def test_product_is_the_composition_of_the_maps(rng):
    """Three nested loops against applying one map after the other."""
    A, B = rng.normal(size=(2, 3)), rng.normal(size=(3, 5))
    C = loops(A, B)
    assert_allclose(A @ B, C, rtol=1e-12)
    for x in rng.normal(size=(7, 5)):
        inner = [sum(B[k, j] * x[j] for j in range(5)) for k in range(3)]
        outer = [sum(A[i, k] * inner[k] for k in range(3)) for i in range(2)]
        assert_allclose(C @ x, outer, rtol=1e-10)


@pytest.mark.equation("eq-matrices-transpose")
def test_transpose_of_a_product_reverses_the_order():
    """Computer algebra with symbols for all entries; the other order does not fit."""
    A = sp.Matrix(2, 3, sp.symbols("a:6"))
    B = sp.Matrix(3, 4, sp.symbols("b:12"))
    assert sp.expand((A * B).T - B.T * A.T) == sp.zeros(4, 2)
    with pytest.raises(ValueError, match="mismatch"):
        np.zeros((3, 2)) @ np.zeros((4, 3))


@pytest.mark.equation("eq-matrices-projection")
def test_projection_matrix_gives_the_nearest_point(rng):
    """Computer algebra for the square, and numerical search for the nearest point."""
    s = sp.Matrix(sp.symbols("u1:4", positive=True))
    symbolic = s * s.T / s.dot(s)
    assert sp.simplify(symbolic * symbolic - symbolic) == sp.zeros(3, 3)
    u, x = rng.normal(size=(2, 4))
    P = np.outer(u, u) / (u @ u)
    nearest = optimize.minimize_scalar(lambda t: float(norm(x - t * u)))
    assert_allclose(P @ x, nearest.x * u, atol=1e-6)
    assert_allclose(P @ x, project(x, onto=u), rtol=1e-12)
    # Negative control: a shear is linear and no projection.
    shear = np.array([[1.0, 1.0], [0.0, 1.0]])
    assert not np.allclose(shear @ shear, shear)


@pytest.mark.equation("eq-matrices-rank", "eq-matrices-nullity")
@pytest.mark.parametrize(
    ("m", "n", "r"), [(3, 5, 2), (5, 3, 3), (7, 7, 4), (2, 11, 1), (3, 3, 0)]
)
def test_rank_of_rows_of_columns_and_dimension_of_the_null_space(rng, m, n, r):
    """Exact rational arithmetic (SymPy), and the singular values (SciPy)."""
    A = rng.integers(-3, 4, size=(m, r)) @ rng.integers(-3, 4, size=(r, n))
    exact = sp.Matrix(A.tolist())
    assert row_echelon(A).rank == exact.rank() <= min(m, n)
    assert row_echelon(A.T).rank == exact.T.rank() == exact.rank()
    assert np.count_nonzero(linalg.svdvals(A) > 1e-10) == exact.rank()
    assert null_space(A).shape[1] == linalg.null_space(A).shape[1] == n - exact.rank()
    # Both bases span the same space: stacking adds nothing.
    both = np.hstack([null_space(A), linalg.null_space(A)])
    if both.size:
        assert np.linalg.matrix_rank(both) == n - exact.rank()


@pytest.mark.equation("eq-matrices-determinant-2x2")
def test_two_by_two_determinant_is_the_signed_area():
    """Shoelace formula for the image of the unit square, over all small integers."""
    for a, b, c, d in product(range(-2, 3), repeat=4):
        M = np.array([[a, b], [c, d]])
        x, y = M @ np.array([[0, 1, 1, 0], [0, 0, 1, 1]])
        area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2
        assert a * d - b * c == area
        assert_allclose(determinant(M).value, area, atol=1e-14)
        # Zero exactly for those of deficient rank.
        assert (area == 0) == (row_echelon(M).rank < 2)


@pytest.mark.equation("eq-matrices-determinant-product")
def test_determinant_of_a_product():
    """Computer algebra for 3x3 with symbols, from the sum over permutations."""
    A = sp.Matrix(3, 3, sp.symbols("a:9"))
    B = sp.Matrix(3, 3, sp.symbols("b:9"))

    def leibniz(M):
        return sum(
            sp.LeviCivita(*order) * sp.prod(M[i, order[i]] for i in range(3))
            for order in permutations(range(3))
        )

    assert sp.expand(leibniz(A * B) - leibniz(A) * leibniz(B)) == 0
    rng = np.random.default_rng(1)
    P, Q = rng.normal(size=(2, 4, 4))
    expected = determinant(P).value * determinant(Q).value
    assert_allclose(determinant(P @ Q).value, expected, rtol=1e-10)


@pytest.mark.equation("eq-matrices-determinant-pivots")
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_product_of_pivots_is_the_determinant(rng, n):
    """Sum over all permutations, the definition without elimination."""
    A = rng.normal(size=(n, n))
    total = 0.0
    for order in permutations(range(n)):
        swaps = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        total += (-1) ** swaps * np.prod([A[i, order[i]] for i in range(n)])
    assert_allclose(determinant(A).value, total, rtol=1e-10)


@pytest.mark.equation("eq-matrices-condition")
def test_condition_number_bounds_the_relative_error():
    """Search over angles for the stretches and for the worst error; NumPy's cond."""
    A = np.array([[1.0, 1.0], [0.8, 1.0]])
    turn = np.linspace(0, 2 * np.pi, 20_001)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    stretch = np.linalg.norm(A @ circle, axis=0)
    kappa = stretch.max() / stretch.min()
    # Extremes on a grid of step h are off by about h^2 times the condition number.
    assert_allclose(kappa, np.linalg.cond(A), rtol=1e-5)
    assert_allclose(np.linalg.cond(1e-3 * A), np.linalg.cond(A), rtol=1e-12)
    errors = 1e-3 * circle
    moved = np.linalg.norm(np.linalg.solve(A, errors), axis=0) / 1e-3
    worst = 0.0
    for x in circle.T[::100]:
        ratio = moved / np.linalg.norm(x) * np.linalg.norm(A @ x)
        assert (ratio <= np.linalg.cond(A) * (1 + 1e-12)).all()
        worst = max(worst, ratio.max())
    assert worst > 0.99 * np.linalg.cond(A)  # the bound is attained


@pytest.mark.equation("eq-matrices-inverse-2x2")
def test_two_by_two_inverse():
    """Computer algebra: the linear system for the four unknown entries."""
    a, b, c, d = sp.symbols("a b c d")
    unknown = sp.Matrix(2, 2, sp.symbols("p q r s"))
    M = sp.Matrix([[a, b], [c, d]])
    (found,) = sp.linsolve(list(M * unknown - sp.eye(2)), *unknown)
    formula = sp.Matrix([[d, -b], [-c, a]]) / (a * d - b * c)
    assert sp.simplify(sp.Matrix(2, 2, found) - formula) == sp.zeros(2, 2)
    reduced = row_echelon([[2, 1, 1, 0], [5, 3, 0, 1]]).matrix[:, 2:]
    assert_allclose(reduced, [[3, -1], [-5, 2]], rtol=1e-12)


@pytest.mark.equation("eq-matrices-inverse-product")
def test_inverse_of_a_product_reverses_the_order(rng):
    """NumPy's inverse by LU against ours by elimination; the other order fails."""
    A, B = rng.normal(size=(2, 4, 4))

    def by_elimination(M):
        return row_echelon(np.hstack([M, np.eye(4)])).matrix[:, 4:]

    expected = np.linalg.inv(A @ B)
    assert_allclose(by_elimination(B) @ by_elimination(A), expected, rtol=1e-8)
    assert not np.allclose(by_elimination(A) @ by_elimination(B), expected)


@pytest.mark.equation("eq-matrices-left-inverse")
def test_left_inverse_of_a_tall_matrix(rng):
    """NumPy's pseudoinverse (singular values) and the four Penrose conditions."""
    A = rng.normal(size=(7, 3))
    left = np.linalg.inv(A.T @ A) @ A.T
    assert_allclose(left, np.linalg.pinv(A), rtol=1e-9)
    assert_allclose(left @ A, np.eye(3), atol=1e-12)
    assert_allclose(A @ left @ A, A, rtol=1e-10)
    assert_allclose(left @ A @ left, left, rtol=1e-9)
    assert_allclose(A @ left, (A @ left).T, atol=1e-12)
    # On the other side there is no identity, and there cannot be one.
    assert np.linalg.matrix_rank(A @ left) == 3
    right = A @ np.linalg.inv(A.T @ A)  # of the wide transpose
    assert_allclose(A.T @ right, np.eye(3), atol=1e-12)
    assert_allclose(right, np.linalg.pinv(A.T), rtol=1e-9)


def test_worked_figures():
    A = np.array([[2, 1, 1], [1, 3, 0], [0, 1, 2]])
    solved = row_echelon(np.column_stack([A, [12, 9, 10]]))
    assert_allclose(solved.matrix[:, -1], [3, 2, 4], rtol=1e-14)
    assert_allclose(determinant(A).value, 11, rtol=1e-14)
    repeated = np.array([[2, 1, 1], [1, 3, 0], [3, 4, 1]])
    assert sp.Matrix(repeated.tolist()).det() == 0
    assert row_echelon(np.column_stack([repeated, [12, 9, 21]])).pivots == (0, 1)
    assert row_echelon(np.column_stack([repeated, [12, 9, 22]])).pivots == (0, 1, 3)
    assert_allclose(null_space(repeated)[:, 0], [-0.6, 0.2, 1.0], rtol=1e-12)
    assert_allclose(determinant(0.1 * np.eye(50)).value, 1e-50, rtol=1e-12)
