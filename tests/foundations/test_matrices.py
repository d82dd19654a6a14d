"""Elimination, null space and determinant: oracles, limits and refusals."""

from itertools import permutations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg

from mlnotes.foundations.matrices import (
    Determinant,
    RowEchelon,
    determinant,
    null_space,
    row_echelon,
)

LARGEST = np.finfo(np.float64).max

shapes = st.tuples(st.integers(1, 4), st.integers(1, 5))
whole = shapes.flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-3, 3))
)
square = st.integers(1, 4).flatmap(
    lambda n: arrays(np.int64, (n, n), elements=st.integers(-3, 3))
)


@given(whole)
def test_row_echelon_equals_exact_elimination(A):
    exact, pivots = sp.Matrix(A.tolist()).rref()
    form = row_echelon(A)
    assert form.pivots == pivots
    assert_allclose(form.matrix, np.array(exact, dtype=float), atol=1e-10)


@given(whole)
def test_null_space_is_all_that_is_mapped_to_zero(A):
    basis = null_space(A)
    assert basis.shape == (A.shape[1], A.shape[1] - np.linalg.matrix_rank(A))
    assert_allclose(A @ basis, 0.0, atol=1e-10)
    assert np.linalg.matrix_rank(basis) == basis.shape[1]


@given(square)
def test_determinant_equals_exact_determinant(A):
    exact = sp.Matrix(A.tolist()).det()
    assert_allclose(determinant(A).value, float(exact), atol=1e-10)


def test_row_echelon_solves_and_inverts(rng):
    A, b = rng.normal(size=(5, 5)), rng.normal(size=5)
    solved = row_echelon(np.column_stack([A, b])).matrix[:, -1]
    assert_allclose(solved, np.linalg.solve(A, b), rtol=1e-10)
    inverse = row_echelon(np.hstack([A, np.eye(5)])).matrix[:, 5:]
    assert_allclose(inverse @ A, np.eye(5), atol=1e-12)


@pytest.mark.parametrize(
    ("m", "n", "r"), [(5, 7, 3), (7, 5, 5), (11, 2, 2), (11, 11, 5), (31, 31, 29)]
)
def test_rank_of_a_product_of_thin_matrices(rng, m, n, r):
    # Rounding hides the rank in a few products of a hundred: ask for many of them.
    for _ in range(100):
        A = rng.normal(size=(m, r)) @ rng.normal(size=(r, n))
        form = row_echelon(A)
        assert form.rank == row_echelon(A.T).rank == r
        assert not form.matrix[r:].any()


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1.0, 1e300, LARGEST])
def test_rank_does_not_depend_on_the_scale(scale):
    form = row_echelon(scale * np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    assert form.rank == 2
    assert_array_equal(form.matrix, [[1, 0, 1], [0, 1, 1]])


@pytest.mark.parametrize("unit", [1e-300, 1e-17, 1e17, 1e300])
def test_units_of_the_columns_do_not_matter(unit):
    form = row_echelon([[2.0, 1.0, 5.0 * unit], [1.0, 3.0, 5.0 * unit]])
    assert form.pivots == (0, 1)
    assert_allclose(form.matrix[:, 2], [2.0 * unit, unit], rtol=1e-14)
    form = row_echelon([[2.0 * unit, 1.0, 5.0], [unit, 3.0, 5.0]])
    assert form.pivots == (0, 1)
    assert_allclose(form.matrix[:, 2], [2.0 / unit, 1.0], rtol=1e-14)


def test_contradiction_is_seen_whatever_the_size_of_the_right_hand_side():
    for total in (1e-300, 1e-17, 1.0, 1e17, 1e300):
        assert row_echelon([[1, 1, total], [1, 1, 2 * total]]).pivots == (0, 2)
        assert row_echelon([[1, 1, total], [2, 2, 2 * total]]).pivots == (0,)


@pytest.mark.parametrize(("gap", "rank"), [(1e-8, 2), (1e-14, 2), (4e-16, 1), (0, 1)])
def test_nearly_dependent_columns(gap, rank):
    assert row_echelon([[1.0, 1.0], [1.0, 1.0 + gap]]).rank == rank


def test_no_negative_zeros():
    A = [[-2.0, 0.0, -4.0], [0.0, 0.0, 0.0]]
    for found in (row_echelon(A).matrix, null_space(A)):
        assert not np.signbit(found[found == 0]).any()


def test_entry_beyond_the_range_of_floats_is_infinite():
    form = row_echelon([[1e-300, 1e300]])
    assert form.pivots == (0,)
    assert_array_equal(form.matrix, [[1.0, np.inf]])


def test_zero_matrix():
    assert row_echelon(np.zeros((2, 3))).rank == 0
    assert_array_equal(null_space(np.zeros((2, 3))), np.eye(3))
    found = determinant(np.zeros((3, 3)))
    assert (found.sign, found.log_abs, found.value) == (0.0, -np.inf, 0.0)


def test_largest_entry_is_the_pivot():
    # Without a swap the pivot 1e-20 would swallow the other row.
    form = row_echelon([[1e-20, 1.0, 1.0], [1.0, 1.0, 2.0]])
    assert_allclose(form.matrix[:, 2], [1.0, 1.0], rtol=1e-15)


@pytest.mark.parametrize("n", [1, 2, 5, 13])
def test_determinant_equals_numpy(rng, n):
    A = rng.normal(size=(n, n))
    sign, log_abs = np.linalg.slogdet(A)
    found = determinant(A)
    assert found.sign == sign
    assert_allclose(found.log_abs, log_abs, rtol=1e-10)


def test_determinant_of_permutations_is_their_parity():
    for order in permutations(range(4)):
        swaps = sum(order[i] > order[j] for i in range(4) for j in range(i + 1, 4))
        assert determinant(np.eye(4)[list(order)]).value == (-1) ** swaps


def test_determinant_beyond_the_range_of_floats():
    found = determinant(0.1 * np.eye(400))
    assert found.value == 0.0
    assert_allclose(found.log_abs, 400 * np.log(0.1), rtol=1e-13)
    assert determinant(1e10 * np.eye(40)).value == np.inf
    assert determinant(-1e10 * np.eye(41)).value == -np.inf
    assert_allclose(determinant(np.diag([1e300, 1e-300])).log_abs, 0.0, atol=1e-12)


def test_determinant_takes_the_largest_pivot():
    # The pivot 1e-20 would swallow the other rows and leave 0.
    A = [[1e-20, 1.0, 1.0], [1.0, 1.0, 2.0], [1.0, 2.0, 1.0]]
    assert_allclose(determinant(A).value, 2.0, rtol=1e-14)


def test_hilbert_determinant():
    # 1 / det of the Hilbert matrix of order 5 is a known whole number.
    assert_allclose(determinant(linalg.hilbert(5)).value, 1 / 266716800000, rtol=1e-8)


def test_records_are_frozen():
    form = row_echelon(np.eye(2))
    assert isinstance(form, RowEchelon)
    with pytest.raises(ValueError, match="read-only"):
        form.matrix[0, 0] = 2.0
    with pytest.raises(AttributeError):
        form.pivots = ()
    with pytest.raises(AttributeError):
        Determinant(1.0, 0.0).sign = -1.0


def test_inputs_stay_as_they_were(rng):
    A = rng.normal(size=(3, 3))
    before = A.copy()
    row_echelon(A)
    null_space(A)
    determinant(A)
    assert_array_equal(A, before)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: row_echelon([1, 2]), ValueError, r"A: expected shape \(n, d\)"),
        (lambda: row_echelon([[np.inf]]), ValueError, "A: expected finite numbers"),
        (lambda: null_space([["a"]]), TypeError, "A: expected real numbers"),
        (lambda: determinant([[1, 2, 3]]), ValueError, "A: expected a square matrix"),
        (lambda: determinant(np.ones((3, 2))), ValueError, r"got shape \(3, 2\)"),
        (
            lambda: determinant([[LARGEST, LARGEST], [-LARGEST, LARGEST]]),
            ValueError,
            "A: expected entries whose sums do not overflow",
        ),
    ],
)
def test_refuses_what_has_no_answer(call, error, message):
    with pytest.raises(error, match=message):
        call()
