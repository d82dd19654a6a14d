"""LU, QR, power iteration and low rank: oracles, limits and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg

from mlnotes.foundations.matrix_decompositions import (
    LU,
    PowerIteration,
    inverse,
    low_rank,
    lu,
    power_iteration,
    qr_householder,
    solve,
)

LARGEST = np.finfo(np.float64).max

square = st.integers(1, 5).flatmap(
    lambda n: arrays(np.int64, (n, n), elements=st.integers(-3, 3))
)
tall = st.tuples(st.integers(1, 4), st.integers(0, 3)).flatmap(
    lambda s: arrays(np.int64, (s[0] + s[1], s[0]), elements=st.integers(-3, 3))
)


def wilkinson(n):
    """Matrix on which the pivots grow to 2^(n-1)."""
    W = np.eye(n) - np.tril(np.ones((n, n)), -1)
    W[:, -1] = 1.0
    return W


@given(square)
def test_lu_has_its_shape_and_rebuilds_the_matrix(A):
    found = lu(A)
    assert isinstance(found, LU)
    assert_allclose(found.lower @ found.upper, A[found.rows], atol=1e-12)
    assert_array_equal(np.diag(found.lower), 1.0)
    assert_array_equal(found.lower, np.tril(found.lower))
    assert_array_equal(found.upper, np.triu(found.upper))
    assert np.abs(found.lower).max() <= 1.0
    assert sorted(found.rows) == list(range(len(A)))


def test_lu_equals_scipy(rng):
    A = rng.normal(size=(7, 7))
    found, (P, L, U) = lu(A), linalg.lu(A)
    assert_allclose(found.lower, L, atol=1e-12)
    assert_allclose(found.upper, U, atol=1e-12)
    assert_array_equal(np.eye(7)[found.rows], P.T)
    with pytest.raises(ValueError, match="read-only"):
        found.lower[0, 0] = 2.0


@given(square)
def test_solve_is_right_or_says_that_the_matrix_is_singular(A):
    singular = np.linalg.matrix_rank(A) < len(A)
    b = np.arange(1.0, len(A) + 1)
    if singular:
        with pytest.raises(ValueError, match="non-singular"):
            solve(A, b)
    else:
        assert_allclose(A @ solve(A, b), b, atol=1e-9)
        assert_allclose(inverse(A) @ A, np.eye(len(A)), atol=1e-9)


def test_solve_with_several_right_hand_sides(rng):
    A, B = rng.normal(size=(5, 5)), rng.normal(size=(5, 3))
    assert_allclose(solve(A, B), np.linalg.solve(A, B), rtol=1e-10)


def test_tiny_pivots_and_bad_scales_are_harmless(rng):
    assert_allclose(solve([[1e-20, 1], [1, 1]], [1, 2]), [1, 1], rtol=1e-15)
    assert_allclose(solve([[1e-300]], [1e-300]), [1.0])
    assert_allclose(inverse(np.diag([1e200, 1e-200])), np.diag([1e-200, 1e200]))
    A = rng.normal(size=(4, 4))
    scales = 10.0 ** np.array([-80, 0, 40, 120])
    assert_allclose(solve(A * scales, A.sum(axis=1)) * scales, np.ones(4), rtol=1e-10)


def test_one_huge_equation_can_drown_the_others():
    A = np.array([[1, 1e20, 1e20], [1, 1, 2], [1, 2, 1]])
    with pytest.raises(ValueError, match="no pivot beyond rounding error in column 2"):
        solve(A, A.sum(axis=1))
    rows = A / A.max(axis=1, keepdims=True)
    assert_allclose(solve(rows, rows.sum(axis=1)), np.ones(3), rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-310, 1e-300, 1.0, 1e300])
def test_singular_matrices_are_refused_at_every_scale(rng, scale):
    for _ in range(20):
        A = rng.integers(-9, 10, size=(5, 3)) @ rng.integers(-9, 10, size=(3, 5))
        with pytest.raises(ValueError, match="A: expected a non-singular matrix"):
            solve(scale * A, np.ones(5))


def test_backward_error_is_small_for_hilbert_matrices():
    for n in (4, 8, 10):
        A = linalg.hilbert(n)
        residual = A @ solve(A, A.sum(axis=1)) - A.sum(axis=1)
        assert np.abs(residual).max() < 1e-14
    with pytest.raises(ValueError, match="no pivot beyond rounding error"):
        inverse(linalg.hilbert(16))


def test_numbers_that_leave_the_range_are_refused():
    for call in (lu, qr_householder):
        with pytest.raises(ValueError, match=r"^A: .*overflow"):
            call(LARGEST * np.array([[1.0, 1.0], [-1.0, 1.0]]))
    with pytest.raises(ValueError, match=r"^b: .*overflow"):
        solve([[1e-200]], [1e200])
    with pytest.raises(ValueError, match=r"^A: .*overflow"):
        inverse([[1e-310]])


@given(tall)
def test_qr_has_its_shape_and_rebuilds_the_matrix(A):
    Q, R = qr_householder(A)
    assert Q.shape == A.shape
    assert_allclose(Q @ R, A, atol=1e-12)
    assert_allclose(Q.T @ Q, np.eye(A.shape[1]), atol=1e-12)
    assert_array_equal(R, np.triu(R))


def test_qr_equals_lapack_and_survives_bad_conditions(rng):
    A = rng.normal(size=(7, 4))
    assert_allclose(
        np.abs(qr_householder(A)[1]), np.abs(np.linalg.qr(A)[1]), atol=1e-12
    )
    V = np.vander(np.linspace(0, 1, 50), 16, increasing=True)
    Q = qr_householder(V)[0]
    assert_allclose(Q.T @ Q, np.eye(16), atol=1e-13)
    for scale in (1e-300, 1e300):
        scaled_Q, scaled_R = qr_householder(A * scale)
        assert_allclose(scaled_Q @ (scaled_R / scale), A, rtol=1e-10)
    Q, R = qr_householder(A * [1e250, 1.0, 1e-250, 1e-320])
    assert_allclose(Q.T @ Q, np.eye(4), atol=1e-14)
    assert_allclose(Q @ R[:, :3] / [1e250, 1.0, 1e-250], A[:, :3], rtol=1e-10)
    block = linalg.block_diag(np.eye(2), 1e-320 * A)
    block[0, 2:] = 1.0  # the columns are large, what is left of them is not
    Q = qr_householder(block)[0]
    assert_allclose(Q.T @ Q, np.eye(6), atol=1e-14)


def test_growth_ruins_lu_and_not_qr(rng):
    W, x = wilkinson(60), rng.normal(size=60)
    assert lu(W).upper[-1, -1] == 2.0**59
    Q, R = qr_householder(W)
    by_qr = linalg.solve_triangular(R, Q.T @ (W @ x))
    assert np.abs(by_qr - x).max() < 1e-12
    assert np.abs(solve(W, W @ x) - x).max() > 0.1
    assert np.linalg.cond(W) < 30


def test_normal_equations_lose_what_qr_keeps():
    V = np.vander(np.linspace(0, 1, 50), 12, increasing=True)
    b = V.sum(axis=1)
    Q, R = qr_householder(V)
    assert 1e8 < np.linalg.cond(V) < 2e8
    assert np.abs(linalg.solve_triangular(R, Q.T @ b) - 1).max() < 1e-6
    assert np.abs(np.linalg.solve(V.T @ V, V.T @ b) - 1).max() > 1e-3


def test_power_iteration_finds_the_largest_size(rng):
    A = rng.normal(size=(6, 6))
    A = A @ A.T
    run = power_iteration(A, rng.normal(size=6), max_iter=10_000)
    values, vectors = np.linalg.eigh(A)
    assert isinstance(run, PowerIteration)
    with pytest.raises(ValueError, match="read-only"):
        run.vectors[0, 0] = 2.0
    assert run.converged
    assert_allclose(run.value, values[-1], rtol=1e-9)
    assert_allclose(abs(run.vector @ vectors[:, -1]), 1.0, rtol=1e-8)
    assert len(run.values) == len(run.vectors)
    assert_allclose(np.linalg.norm(run.vectors, axis=1), 1.0)
    negative = power_iteration([[1, 2], [2, -2]], [1, 0])
    assert_allclose(negative.value, -3.0)


def test_power_iteration_says_when_it_fails_and_keeps_its_limits():
    turn = power_iteration([[0, -1], [1, 0]], [1, 0], max_iter=20)
    assert not turn.converged
    assert len(turn.values) == 21
    nothing = power_iteration(np.zeros((2, 2)), [1, 1])
    assert nothing.converged
    assert nothing.value == 0.0
    flip = power_iteration([[0, 1], [1, 0]], [1, 0])
    assert not flip.converged
    # A start without a part along the wanted vector finds another eigenvector.
    other = power_iteration(np.diag([1.0, -1.0, 0.5]), [0, 0, 1])
    assert other.converged
    assert other.value == 0.5
    shared = power_iteration(np.diag([2.0, 2.0, 1.0]), [1, 2, 3])
    assert shared.converged
    assert_allclose(shared.vector, np.array([1, 2, 0]) / np.sqrt(5), atol=1e-9)
    # A missing eigenvector: the error falls like 1/k only.
    defective = power_iteration([[1, 1], [0, 1]], [0, 1], max_iter=1000)
    assert not defective.converged
    assert_allclose(defective.value, 1.001, rtol=1e-5)
    assert power_iteration([[-2]], [7]).value == -2.0
    tiny = power_iteration(1e-320 * np.array([[2.0, 1.0], [1.0, 2.0]]), [1, 0])
    assert_allclose(np.linalg.norm(tiny.vectors, axis=1), 1.0, rtol=1e-15)
    for size in (1e-320, 1e-200, 1e-12):  # the tolerance is relative to A v
        lowest = linalg.block_diag(1.0, size * np.array([[2.0, 1.0], [1.0, 2.0]]))
        run = power_iteration(lowest, [0, 1e-320, 3e-321])
        assert_allclose(np.linalg.norm(run.vectors, axis=1), 1.0, rtol=1e-15)
        assert_allclose(run.vector, np.array([0, 1, 1]) / np.sqrt(2), rtol=1e-2)
    huge = power_iteration(1e300 * np.array([[2.0, 1.0], [1.0, 2.0]]), [1e-300, 0])
    assert_allclose(huge.value, 3e300)
    with pytest.raises(ValueError, match="init"):
        power_iteration(np.eye(2), [0, 0])
    with pytest.raises(ValueError, match="overflow"):
        power_iteration(np.full((2, 2), LARGEST), [1, 1])


@given(tall)
def test_low_rank_reaches_the_stated_error(A):
    s = np.linalg.svd(A, compute_uv=False)
    for k in range(1, A.shape[1] + 1):
        nearest = low_rank(A, k)
        assert np.linalg.matrix_rank(nearest, tol=1e-8) <= k
        assert_allclose(
            np.linalg.norm(A - nearest), np.sqrt(np.sum(s[k:] ** 2)), atol=1e-10
        )


def test_low_rank_does_not_overflow_on_the_way():
    # The singular value is 3e308, beyond the floats; the entries are not.
    assert_allclose(low_rank(np.full((3, 3), 1e308), 1), 1e308)


def test_refusals_name_the_argument():
    for call in (lu, inverse, lambda A: solve(A, [1.0, 2.0])):
        with pytest.raises(ValueError, match="A: expected a square matrix"):
            call(np.ones((2, 3)))
    for singular in ([[1, 2], [2, 4]], np.zeros((3, 3)), np.arange(9).reshape(3, 3)):
        with pytest.raises(ValueError, match="A: expected a non-singular matrix"):
            inverse(singular)
    with pytest.raises(ValueError, match=r"b: expected shape \(2,\)"):
        solve(np.eye(2), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="at least as many rows"):
        qr_householder(np.ones((2, 3)))
    with pytest.raises(ValueError, match="rank: expected at most 2, got 3"):
        low_rank(np.ones((2, 3)), 3)


def test_reflections_add_numbers_of_equal_sign():
    A = np.array([[1.0, 2.0], [1e-9, 1.0]])
    Q, R = qr_householder(A)
    assert R[0, 0] < 0 < qr_householder(-A)[1][0, 0]
    assert_allclose(Q @ R, A, rtol=1e-12)
