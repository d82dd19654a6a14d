"""The equations of "Eigenvalues, SVD, LU and QR", each by another route."""

from itertools import combinations

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import linalg, optimize

from mlnotes.foundations.matrix_decompositions import (
    low_rank,
    lu,
    power_iteration,
    qr_householder,
)


def orthogonal(rng, n):
    """A random rotation, possibly with a mirror."""
    return linalg.qr(rng.normal(size=(n, n)))[0]


@pytest.mark.equation("eq-matrix-decompositions-characteristic")
def test_eigenvalues_are_the_roots_of_the_characteristic_polynomial():
    """Exact null spaces for every candidate, roots or not, and the bikes by hand."""
    x = sp.Symbol("x")
    A = sp.Matrix([[2, 0, 1], [1, 3, 1], [0, 0, 5]])
    roots = sp.solve((A - x * sp.eye(3)).det(), x)
    assert sorted(roots) == [2, 3, 5]
    for candidate in range(-7, 8):
        has_eigenvector = bool((A - candidate * sp.eye(3)).nullspace())
        assert has_eigenvector == (candidate in roots)
    bikes = sp.Matrix([[8, 3], [2, 7]]) / 10
    assert bikes * sp.Matrix([3, 2]) == sp.Matrix([3, 2])
    assert bikes * sp.Matrix([1, -1]) == sp.Matrix([1, -1]) / 2
    days = bikes**7 * sp.Matrix([100, 0])
    assert days == sp.Matrix([60, 40]) + sp.Rational(1, 2) ** 7 * sp.Matrix([40, -40])


@pytest.mark.equation("eq-matrix-decompositions-trace")
def test_sum_and_product_of_the_eigenvalues(rng):
    """Eigenvalues by LAPACK, complex ones too, against diagonal sum and determinant."""
    for n in (2, 3, 5, 7):
        A = rng.normal(size=(n, n))
        values = linalg.eigvals(A)
        assert_allclose(values.sum(), sum(A[i, i] for i in range(n)), atol=1e-12)
        assert_allclose(values.prod(), float(sp.Matrix(A).det()), rtol=1e-10)
    theta = 0.7
    turn = [[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]]
    found = np.sort_complex(linalg.eigvals(turn))
    assert_allclose(found, np.exp([-1j * theta, 1j * theta]), atol=1e-14)


@pytest.mark.equation("eq-matrix-decompositions-spectral")
def test_symmetric_matrices_have_an_orthonormal_eigenbasis(rng):
    """General eigenvalue solver, which knows nothing of the symmetry, and a shear."""
    A = rng.normal(size=(5, 5))
    A = A + A.T
    values, Q = linalg.eig(A)
    assert_allclose(values.imag, 0.0, atol=1e-12)
    assert_allclose(Q.T @ Q, np.eye(5), atol=1e-10)
    terms = [values[i].real * np.outer(Q[:, i], Q[:, i]) for i in range(5)]
    assert_allclose(sum(terms), A, atol=1e-10)
    vectors = linalg.eig([[1.0, 2.0], [0.0, 3.0]])[1]
    assert abs(vectors[:, 0] @ vectors[:, 1]) > 0.1  # not symmetric: not orthogonal


@pytest.mark.equation("eq-matrix-decompositions-power")
def test_power_iteration_converges_at_the_stated_rates(rng):
    """Simulation with a matrix built from known eigenvalues, one of them negative."""
    Q = orthogonal(rng, 4)
    A = Q @ np.diag([-5.0, 4.0, 2.0, 1.0]) @ Q.T
    run = power_iteration(A, Q.sum(axis=1), tol=1e-14, max_iter=60)
    along = run.vectors @ Q[:, 0]
    across = run.vectors - np.outer(along, Q[:, 0])
    tangent = np.linalg.norm(across, axis=1) / np.abs(along)
    error = np.abs(run.values + 5.0)
    assert_allclose(tangent[31] / tangent[30], 4 / 5, rtol=1e-4)
    assert_allclose(error[31] / error[30], 16 / 25, rtol=1e-3)


@pytest.mark.equation("eq-matrix-decompositions-singular")
def test_singular_values_are_the_largest_stretches(rng):
    """Numerical search for the unit vector that is stretched most, and eigenvalues."""
    A = rng.normal(size=(5, 3))
    U, s, Vt = linalg.svd(A, full_matrices=False)
    assert_allclose(A @ Vt.T, U * s, atol=1e-12)
    assert_allclose(np.sqrt(linalg.eigvalsh(A.T @ A))[::-1], s, rtol=1e-10)
    starts = rng.normal(size=(5, 3))
    found = [
        optimize.minimize(lambda v: -np.sum((A @ v) ** 2) / (v @ v), v0, tol=1e-12)
        for v0 in starts
    ]
    assert_allclose(max(-f.fun for f in found), s[0] ** 2, rtol=1e-8)


@pytest.mark.equation("eq-matrix-decompositions-svd")
def test_svd_rebuilds_the_matrix_term_by_term(rng):
    """Sum of outer products from eigenvectors of the Gram matrix, for rank 2 of 4."""
    A = rng.normal(size=(5, 2)) @ rng.normal(size=(2, 4))
    values, V = linalg.eigh(A.T @ A)
    assert_allclose(values[:2], 0.0, atol=1e-10)
    rebuilt = np.zeros((5, 4))
    lefts = []
    for i in (3, 2):
        sigma = np.sqrt(values[i])
        lefts.append(A @ V[:, i] / sigma)
        rebuilt += sigma * np.outer(lefts[-1], V[:, i])
    assert_allclose(rebuilt, A, atol=1e-10)
    assert_allclose(np.array(lefts) @ np.array(lefts).T, np.eye(2), atol=1e-10)


@pytest.mark.equation("eq-matrix-decompositions-eckart-young")
def test_no_matrix_of_the_rank_is_nearer(rng):
    """Alternating least squares over all products of two factors, many starts."""
    A = rng.normal(size=(5, 4))
    s = linalg.svdvals(A)
    for k in (1, 2, 3):
        best = np.inf
        for _ in range(10):
            right = rng.normal(size=(k, 4))
            for _ in range(200):
                left = linalg.lstsq(right.T, A.T)[0].T
                right = linalg.lstsq(left, A)[0]
            best = min(best, np.linalg.norm(A - left @ right))
        nearest = low_rank(A, k)
        assert_allclose(best, np.sqrt(np.sum(s[k:] ** 2)), rtol=1e-5)
        assert_allclose(np.linalg.norm(A - nearest), best, rtol=1e-5)
        spectral = np.linalg.norm(A - nearest, 2)
        assert_allclose(spectral, s[k], rtol=1e-10)
        for scale in (0.01, 0.1, 1.0):
            for _ in range(50):
                other = low_rank(nearest + scale * rng.normal(size=(5, 4)), k)
                assert np.linalg.norm(A - other, 2) >= spectral - 1e-12


@pytest.mark.equation("eq-matrix-decompositions-pinv")
def test_pseudoinverse_gives_the_shortest_least_squares_solution(rng):
    """The limit of ridge regression, and the four Penrose conditions."""
    A = rng.normal(size=(6, 2)) @ rng.normal(size=(2, 4))
    b = rng.normal(size=6)
    U, s, Vt = linalg.svd(A)
    plus = sum(np.outer(Vt[i], U[:, i]) / s[i] for i in range(2))
    for ok in (A @ plus @ A - A, plus @ A @ plus - plus):
        assert_allclose(ok, 0.0, atol=1e-10)
    for symmetric in (A @ plus, plus @ A):
        assert_allclose(symmetric, symmetric.T, atol=1e-10)
    ridge = linalg.solve(A.T @ A + 1e-7 * np.eye(4), A.T @ b, assume_a="pos")
    assert_allclose(plus @ b, ridge, atol=1e-5)


@pytest.mark.equation("eq-matrix-decompositions-lu")
def test_lu_with_exchanges_rebuilds_every_matrix(rng):
    """Exact rebuilding with small integers, and computer algebra where no LU exists."""
    for _ in range(20):
        A = rng.integers(-3, 4, size=(4, 4))
        found = lu(A)
        L, U = found.lower, found.upper
        rebuilt = [
            [sum(L[i, k] * U[k, j] for k in range(4)) for j in range(4)]
            for i in range(4)
        ]
        P = np.eye(4)[found.rows]
        assert_allclose(rebuilt, P @ A, atol=1e-12)
        assert_allclose(L, np.tril(L, -1) + np.eye(4))
        assert_allclose(U, np.triu(U))
    a, b, c, d = sp.symbols("a b c d")
    product = sp.Matrix([[1, 0], [a, 1]]) * sp.Matrix([[b, c], [0, d]])
    assert sp.solve(list(product - sp.Matrix([[0, 1], [1, 0]])), [a, b, c, d]) == []


@pytest.mark.equation("eq-matrix-decompositions-householder")
def test_reflection_takes_a_vector_to_the_axis():
    """Computer algebra with symbols for the components, both signs of the first."""
    a, b, c = sp.symbols("a b c", positive=True)
    for x in (sp.Matrix([a, b, c]), sp.Matrix([-a, b, c])):
        sign = 1 if x[0] == a else -1
        length = sp.sqrt(a**2 + b**2 + c**2)
        w = x + sign * length * sp.Matrix([1, 0, 0])
        H = sp.eye(3) - 2 * w * w.T / (w.T * w)[0]
        image = (H * x + sign * length * sp.Matrix([1, 0, 0])).applyfunc(sp.simplify)
        assert image == sp.zeros(3, 1)
        assert (H.T * H - sp.eye(3)).applyfunc(sp.simplify) == sp.zeros(3, 3)


@pytest.mark.equation("eq-matrix-decompositions-qr-least-squares")
def test_triangular_system_gives_the_least_squares_solution(rng):
    """Numerical minimization of the length of the residual."""
    A, b = rng.normal(size=(7, 3)), rng.normal(size=7)
    Q, R = qr_householder(A)
    x = linalg.solve_triangular(R, Q.T @ b)
    found = optimize.minimize(
        lambda x: np.sum((A @ x - b) ** 2), np.zeros(3), tol=1e-12
    )
    assert_allclose(x, found.x, atol=1e-6)


@pytest.mark.equation("eq-matrix-decompositions-squared-condition")
def test_the_gram_matrix_squares_the_condition_number(rng):
    """A matrix built from known stretches, whose largest ratio is known."""
    stretches = np.array([30.0, 5.0, 0.2])
    A = orthogonal(rng, 5)[:, :3] @ np.diag(stretches) @ orthogonal(rng, 3)
    kappa = max(a / b for a, b in combinations(stretches, 2))
    assert_allclose(np.linalg.cond(A.T @ A), kappa**2, rtol=1e-9)
    assert_allclose(np.linalg.cond(qr_householder(A)[1]), kappa, rtol=1e-10)


@pytest.mark.equation("eq-matrix-decompositions-sensitivity")
def test_a_residual_brings_the_square_back(rng):
    """Solutions by the SVD before and after random changes, and after the worst two."""
    stretches = np.array([30.0, 5.0, 0.2])
    U, V = orthogonal(rng, 7), orthogonal(rng, 3)
    A, x, size = U[:, :3] * stretches @ V.T, rng.normal(size=3), 1e-9
    kappa, aside = 150.0, U[:, 3]

    def change(nudge, residual):
        b = A @ x + residual * aside
        moved = linalg.lstsq(A + size * 30.0 * nudge, b)[0]
        return np.linalg.norm(moved - linalg.lstsq(A, b)[0]) / np.linalg.norm(x) / size

    for residual in (0.0, 0.1, 10.0):
        square = kappa**2 * residual / 30.0 / np.linalg.norm(x)
        for _ in range(50):
            nudge = rng.normal(size=A.shape)
            nudge /= np.linalg.norm(nudge, 2)
            assert change(nudge, residual) <= (kappa + square) * 1.001
        tilted = np.outer(aside, V[:, 2])
        assert_allclose(change(tilted, residual), square, rtol=1e-3, atol=1.0)
    stretched = np.outer(U[:, 2], x / np.linalg.norm(x))
    assert_allclose(change(stretched, 0.0), kappa, rtol=1e-3)
