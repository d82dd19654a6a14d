"""Riemann sums, trapezoid and Simpson's rule: oracles, orders, identities, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate

from mlnotes.foundations.integrals import (
    riemann_left,
    riemann_midpoint,
    riemann_right,
    simpson,
    trapezoid,
)

RULES = [riemann_left, riemann_right, riemann_midpoint, trapezoid, simpson]
# Order of the error, and the largest degree of polynomials that come out exactly.
ORDERS = {
    riemann_left: (1, 0),
    riemann_right: (1, 0),
    riemann_midpoint: (2, 1),
    trapezoid: (2, 1),
    simpson: (4, 3),
}


def wave(x):
    return np.sin(3 * x) + x**2


@pytest.mark.parametrize("n", [2, 6, 14])
def test_sums_written_out_point_by_point(n):
    a, b = -1.0, 2.5
    width = (b - a) / n
    left = right = middle = 0.0
    for i in range(n):
        left += float(wave(a + i * width)) * width
        right += float(wave(a + (i + 1) * width)) * width
        middle += float(wave(a + (i + 0.5) * width)) * width
    assert_allclose(riemann_left(wave, a, b, n), left, rtol=1e-12)
    assert_allclose(riemann_right(wave, a, b, n), right, rtol=1e-12)
    assert_allclose(riemann_midpoint(wave, a, b, n), middle, rtol=1e-12)


@pytest.mark.parametrize("n", [2, 6, 14])
def test_scipy_has_the_same_trapezoid_and_the_same_parabolas(n):
    x = np.linspace(-1.0, 2.5, n + 1)
    assert_allclose(
        trapezoid(wave, -1.0, 2.5, n), integrate.trapezoid(wave(x), x), rtol=1e-12
    )
    assert_allclose(
        simpson(wave, -1.0, 2.5, n), integrate.simpson(wave(x), x=x), rtol=1e-12
    )


@pytest.mark.parametrize("rule", RULES)
def test_order_of_the_error(rule):
    exact = np.e - 1
    errors = [abs(rule(np.exp, 0, 1, n) - exact) for n in (16, 32)]
    assert_allclose(np.log2(errors[0] / errors[1]), ORDERS[rule][0], atol=0.05)


@pytest.mark.parametrize("rule", RULES)
def test_degree_of_exactness(rule):
    degree = ORDERS[rule][1]
    for k in range(degree + 2):
        exact = (2.0 ** (k + 1) - (-1.0) ** (k + 1)) / (k + 1)
        got = rule(lambda x, k=k: x**k, -1, 2, 4)
        assert np.isclose(got, exact, rtol=1e-13) == (k <= degree)


@pytest.mark.parametrize("rule", RULES)
@given(a=st.floats(-50, 50), b=st.floats(-50, 50), half=st.integers(1, 9))
def test_turning_the_interval_turns_the_sign(rule, a, b, half):
    other = {riemann_left: riemann_right, riemann_right: riemann_left}.get(rule, rule)
    got, back = rule(np.cos, a, b, 2 * half), other(np.cos, b, a, 2 * half)
    assert_allclose(got, -back, atol=1e-11)


@pytest.mark.parametrize("rule", RULES)
def test_a_point_has_no_area(rule):
    assert rule(np.exp, 3.0, 3.0, 4) == 0


@pytest.mark.parametrize("rule", RULES)
def test_results_are_floats(rule):
    assert type(rule(np.exp, 0, 1, 4)) is float
    assert rule(lambda x: np.ones(x.shape, dtype=int), 0, 2, 4) == 2.0


def test_the_middle_avoids_the_ends():
    got = riemann_midpoint(lambda x: 1 / np.sqrt(x), 0, 1, 10_000)
    assert_allclose(got, 2, atol=1e-2)
    with (
        np.errstate(divide="ignore"),
        pytest.raises(ValueError, match=r"f\(x\): expected finite numbers, got inf"),
    ):
        riemann_left(lambda x: 1 / np.sqrt(x), 0, 1, 10)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("f", "a", "b", "n", "error", "message"),
    [
        (3.0, 0, 1, 2, TypeError, "f: expected a callable, got float"),
        (np.exp, np.inf, 1, 2, ValueError, "a: expected finite numbers, got inf"),
        (np.exp, 0, [1, 2], 2, ValueError, r"b: expected one number, got shape \(2,\)"),
        (np.exp, 0, 1, 0, ValueError, "n: expected a whole number >= 1, got 0"),
        (np.exp, 0, 1, 2.5, ValueError, "n: expected a whole number >= 1, got 2.5"),
        (np.sum, 0, 1, 2, ValueError, "f: expected values of shape"),
        (lambda x: x * 1j, 0, 1, 2, TypeError, r"f\(x\): expected real numbers"),
    ],
)
def test_refuses_what_has_no_sum(rule, f, a, b, n, error, message):
    with pytest.raises(error, match=message):
        rule(f, a, b, n)


@pytest.mark.parametrize("n", [1, 7])
def test_parabolas_come_in_pairs_of_parts(n):
    with pytest.raises(ValueError, match=f"n: expected an even number, got {n}"):
        simpson(np.exp, 0, 1, n)
