"""Norms, angles, cross product and projection: oracles, limits and refusals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg
from scipy.spatial import distance

from mlnotes.foundations.vectors import (
    angle,
    cosine_similarity,
    cross,
    gram_schmidt,
    norm,
    project,
)

ORDERS = [1, 1.5, 2, 3, 17.0, np.inf]
LARGEST = np.finfo(np.float64).max
SMALLEST = 5e-324

# Zero or well inside the normal range, so that relative accuracy can be asked for.
numbers = st.floats(-1e6, 1e6).map(lambda v: v if abs(v) > 1e-6 else 0.0)
triples = arrays(np.float64, 3, elements=numbers)
nonzero = triples.filter(np.any)
orders = st.floats(1, 50) | st.just(np.inf)


@pytest.mark.parametrize("p", ORDERS)
def test_norm_equals_numpy(rng, p):
    x = rng.normal(size=(2, 5, 7))
    assert_allclose(norm(x, p), np.linalg.norm(x, ord=p, axis=-1), rtol=1e-13)


@given(triples, triples, orders)
def test_norm_obeys_the_triangle_inequality(x, y, p):
    assert norm(x + y, p) <= (norm(x, p) + norm(y, p)) * (1 + 1e-14)


@given(triples, st.floats(-100, 100), orders)
def test_norm_scales_with_the_vector(x, factor, p):
    assert_allclose(norm(factor * x, p), abs(factor) * norm(x, p), rtol=1e-13)


@pytest.mark.parametrize("p", ORDERS)
def test_norm_at_the_ends_of_the_number_range(p):
    assert norm([0.0, 0.0], p) == 0.0
    assert norm([SMALLEST, 0.0], p) == SMALLEST
    assert norm([-LARGEST, 0.0], p) == LARGEST
    # NumPy's own 2-norm overflows here.
    assert_allclose(norm([3e200, 4e200]), 5e200, rtol=1e-15)
    assert_allclose(norm([3e-200, 4e-200]), 5e-200, rtol=1e-15)


def test_norm_too_long_to_represent_is_infinite():
    assert norm([LARGEST, LARGEST]) == np.inf


def test_norm_of_large_order_is_the_largest_component():
    assert norm([-5.0, 2.0, 4.0], 1e6) == norm([-5.0, 2.0, 4.0], np.inf) == 5.0


def test_cosine_similarity_equals_scipy(rng):
    x, y = rng.normal(size=(2, 5, 7))
    expected = [1 - distance.cosine(a, b) for a, b in zip(x, y, strict=True)]
    assert_allclose(cosine_similarity(x, y), expected, rtol=1e-12)


def test_cosine_similarity_of_one_vector_with_many(rng):
    x, many = rng.normal(size=3), rng.normal(size=(2, 5, 3))
    got = cosine_similarity(x, many)
    assert got.shape == (2, 5)
    assert_allclose(got[1, 4], cosine_similarity(x, many[1, 4]), rtol=1e-15)


@given(nonzero, nonzero, st.floats(1e-100, 1e100))
def test_cosine_similarity_ignores_lengths_and_stays_in_range(x, y, factor):
    got = cosine_similarity(x, y)
    assert -1 <= got <= 1
    assert_allclose(cosine_similarity(factor * x, y), got, atol=1e-15)


def test_cosine_similarity_of_parallel_vectors_is_at_most_one(rng):
    x = rng.normal(size=(1000, 3))
    lengths = rng.uniform(0.1, 10, size=(1000, 1))
    got = cosine_similarity(x, lengths * x)
    assert_allclose(got, 1.0, rtol=1e-15)
    assert got.max() <= 1
    assert cosine_similarity(x, -lengths * x).min() >= -1


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_cosine_similarity_and_angle_at_extreme_lengths(scale):
    x, y = scale * np.array([1.0, 0.0]), scale * np.array([1.0, 1.0])
    assert_allclose(cosine_similarity(x, y), np.sqrt(0.5), rtol=1e-15)
    assert_allclose(angle(x, y), np.pi / 4, rtol=1e-15)


@pytest.mark.parametrize("theta", [0.0, 1e-12, 1e-9, 1e-4, 1.0, 3.0, np.pi - 1e-9])
def test_angle_recovers_the_angle_of_construction(theta):
    x, y = [2.0, 0.0], [3 * np.cos(theta), 3 * np.sin(theta)]
    assert_allclose(angle(x, y), theta, rtol=1e-14, atol=1e-300)


def test_angle_of_opposite_vectors_is_pi():
    assert_allclose(angle([1.0, -2.0], [-2.0, 4.0]), np.pi, rtol=1e-15)


@given(nonzero, nonzero)
def test_angle_is_the_arc_cosine_where_that_is_accurate(x, y):
    cosine = cosine_similarity(x, y)
    assert_allclose(np.cos(angle(x, y)), cosine, atol=1e-14)


def test_cross_equals_numpy(rng):
    a, b = rng.normal(size=(5, 3)), rng.normal(size=(2, 5, 3))
    assert_allclose(cross(a, b), np.cross(a, b), rtol=1e-13, atol=1e-14)


def test_cross_of_the_axes_has_no_negative_zeros():
    axes = np.concatenate([np.eye(3), -np.eye(3)]) + 0.0
    got = cross(axes[:, np.newaxis], axes)
    assert not np.signbit(got[got == 0]).any()


def test_cross_of_batches_broadcasts(rng):
    a, b = rng.normal(size=(2, 1, 3)), rng.normal(size=(5, 3))
    got = cross(a, b)
    assert got.shape == (2, 5, 3)
    assert_allclose(got[1, 4], np.cross(a[1, 0], b[4]), rtol=1e-13, atol=1e-14)


def test_cross_of_huge_parallel_vectors_is_zero():
    huge = np.array([1e200, 2e200, 3e200])
    assert_array_equal(cross(huge, 2 * huge), np.zeros(3))
    assert_array_equal(cross([1e200, 0, 0], [0, 1e200, 0]), [0, 0, np.inf])
    assert_allclose(cross([1e200, 0, 0], [0, 1e-200, 0]), [0, 0, 1], rtol=1e-15)


@given(triples, nonzero)
def test_projection_is_nearest_and_leaves_a_perpendicular_rest(x, onto):
    shadow = project(x, onto)
    assert abs((x - shadow) @ onto) <= 1e-14 * norm(x) * norm(onto)
    for step in (-0.1, 0.1):
        further = norm(x - shadow - step * onto)
        assert further >= norm(x - shadow) * (1 - 1e-12)


def test_projection_at_the_ends_of_the_number_range():
    assert_allclose(project([LARGEST, LARGEST], [1, 1]), [LARGEST, LARGEST])
    assert_allclose(project([1.0, 3.0], [1e-300, 1e-300]), [2.0, 2.0], rtol=1e-15)


def test_gram_schmidt_equals_numpy_up_to_signs(rng):
    X = rng.normal(size=(7, 5))
    Q, R = np.linalg.qr(X)
    assert_allclose(gram_schmidt(X), Q * np.sign(np.diag(R)), atol=1e-13)


@pytest.mark.parametrize("gap", [1e-3, 1e-7, 1e-10])
def test_gram_schmidt_stays_orthonormal_for_nearly_parallel_columns(gap):
    X = np.vstack([np.ones(3), gap * np.eye(3)])
    Q = gram_schmidt(X)
    assert_allclose(Q.T @ Q, np.eye(3), atol=1e-15)


def test_gram_schmidt_keeps_the_span_of_hilbert_columns():
    X = linalg.hilbert(7)
    Q = gram_schmidt(X)
    assert_allclose(Q.T @ Q, np.eye(7), atol=1e-14)
    assert_allclose(Q @ (Q.T @ X), X, atol=1e-14)


def test_inputs_stay_as_they_were(rng):
    x, y = rng.normal(size=(2, 3))
    before = x.copy(), y.copy()
    norm(x)
    cosine_similarity(x, y)
    angle(x, y)
    cross(x, y)
    project(x, y)
    gram_schmidt(np.stack([x, y], axis=1))
    assert_array_equal((x, y), before)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: norm([1, 2], 0.5), ValueError, r"p: expected a number >= 1 or inf"),
        (lambda: norm([1, 2], np.nan), ValueError, r"p: expected a number >= 1"),
        (lambda: norm([1, 2], "fro"), TypeError, "p: expected one real number"),
        (lambda: norm([1, 2], [2]), TypeError, "p: expected one real number"),
        (lambda: norm(3.0), ValueError, "x: expected an axis of components"),
        (lambda: norm([np.nan]), ValueError, "x: expected finite numbers"),
        (lambda: norm(["a"]), TypeError, "x: expected real numbers"),
        (
            lambda: cosine_similarity([0, 0], [1, 0]),
            ValueError,
            "x: expected non-zero vectors",
        ),
        (lambda: angle([1, 0], [0, 0]), ValueError, "y: expected non-zero vectors"),
        (
            lambda: cosine_similarity([1, 0], [[1, 2], [0, 0]]),
            ValueError,
            "y: expected non-zero vectors",
        ),
        (lambda: angle([1, 0], [1, 0, 0]), ValueError, "y: expected 2 components"),
        (
            lambda: angle(np.ones((2, 3)), np.ones((4, 3))),
            ValueError,
            r"y: expected a shape that broadcasts with \(2, 3\)",
        ),
        (lambda: norm([1, 2], Fraction(1, 2)), ValueError, "inf, got 0.5"),
        (lambda: cross([1, 0], [0, 1]), ValueError, "a: expected 3 components, got 2"),
        (lambda: cross([1, 0], [1, 2, 3]), ValueError, "a: expected 3 components"),
        (lambda: cross([1, 2, 3], [1, 0]), ValueError, "b: expected 3 components"),
        (
            lambda: cross(np.ones((2, 3)), np.ones((5, 3))),
            ValueError,
            r"b: expected a shape that broadcasts with \(2, 3\)",
        ),
        (lambda: project([1, 2], [0, 0]), ValueError, "onto: expected non-zero"),
        (lambda: gram_schmidt([1, 2]), ValueError, r"X: expected shape \(n, d\)"),
        (lambda: gram_schmidt([[1, 2], [2, 4]]), ValueError, "got column 1 in the"),
        (lambda: gram_schmidt([[0.0], [0.0]]), ValueError, "got column 0 in the"),
        (lambda: gram_schmidt(np.eye(2, 3)), ValueError, "got column 2 in the"),
    ],
)
def test_refuses_what_has_no_answer(call, error, message):
    with pytest.raises(error, match=message):
        call()
