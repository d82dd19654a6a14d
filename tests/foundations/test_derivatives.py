"""derivative, second_derivative: closed forms, orders, limits, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from mlnotes.foundations.derivatives import (
    FIRST_STEP,
    SECOND_STEP,
    derivative,
    second_derivative,
)

# Function, first and second derivative, and points in the domain.
KNOWN = {
    "cube": (lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x, [-2.0, 0.0, 1.5]),
    "sine": (np.sin, np.cos, lambda x: -np.sin(x), [-4.0, 0.0, 2.0]),
    "exponential": (np.exp, np.exp, np.exp, [-3.0, 0.0, 1.0]),
    "logarithm": (np.log, lambda x: 1 / x, lambda x: -1 / x**2, [0.5, 1.0, 7.0]),
    "logistic": (
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: 0.25 / np.cosh(x / 2) ** 2,
        lambda x: -0.25 * np.tanh(x / 2) / np.cosh(x / 2) ** 2,
        [-3.0, 0.0, 1.0],
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_closed_forms(name):
    f, first, second, points = KNOWN[name]
    x = np.array(points)
    assert_allclose(derivative(f, x), first(x), rtol=1e-9, atol=1e-9)
    # Two errors of the size of sqrt(eps), times the fourth derivative over 12.
    assert_allclose(second_derivative(f, x), second(x), rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize(
    ("difference", "fourth"), [(derivative, 1 / 6), (second_derivative, 1 / 12)]
)
def test_error_of_the_exponential_falls_with_the_square_of_the_step(difference, fourth):
    errors = [float(difference(np.exp, 0.0, step=h)) - 1 for h in (1e-1, 1e-2)]
    assert_allclose(np.log10(errors[0] / errors[1]), 2, atol=2e-3)
    assert_allclose(errors[1], fourth * 1e-4, rtol=1e-3)


@given(st.floats(-100, 100), st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
def test_parabolas_have_no_truncation_error(x, a, b, c):
    def f(t):
        return a * t**2 + b * t + c

    # Powers of two as steps leave rounding alone, which is of the size of eps f / h.
    bound = 8 * np.finfo(float).eps * (abs(a) * 101**2 + abs(b) * 101 + abs(c) + 1)
    assert abs(derivative(f, x, step=0.5) - (2 * a * x + b)) <= 2 * bound
    assert abs(second_derivative(f, x, step=0.5) - 2 * a) <= 16 * bound


@pytest.mark.parametrize("difference", [derivative, second_derivative])
def test_shapes_and_points_are_independent(difference):
    x = np.linspace(-2, 2, 15).reshape(3, 5)
    got = difference(np.sin, x)
    assert got.shape == (3, 5)
    assert got.dtype == np.float64
    assert_array_equal(got.ravel(), [difference(np.sin, t) for t in x.ravel()])
    assert difference(np.sin, 1).shape == ()


@pytest.mark.parametrize("difference", [derivative, second_derivative])
def test_the_step_grows_with_the_point(difference):
    def cube(t):
        return (t / 1e8) ** 3

    expected = {derivative: 3e-8, second_derivative: 6e-16}[difference]
    assert_allclose(difference(cube, 1e8), expected, rtol=1e-6)


def test_defaults_are_the_powers_of_the_precision_that_balance_the_errors():
    eps = np.finfo(float).eps
    assert_allclose([FIRST_STEP**3, SECOND_STEP**4], eps, rtol=1e-14)
    steps = np.geomspace(1e-12, 1e-1, 45)
    points = np.linspace(0.5, 1.5, 101)
    for difference, factor in ((derivative, FIRST_STEP), (second_derivative, 1e-4)):
        errors = [
            np.abs(difference(np.exp, points, step=h) - np.exp(points)).mean()
            for h in steps
        ]
        at_default = np.abs(difference(np.exp, points) - np.exp(points)).mean()
        assert at_default < 5 * min(errors)
        assert factor / 10 < steps[np.argmin(errors)] < factor * 10


def test_a_small_scale_needs_a_small_step():
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(ValueError, match=r"f\(x\): expected finite numbers, got nan"),
    ):
        derivative(np.log, 1e-8)
    assert_allclose(derivative(np.log, 1e-8, step=1e-13), 1e8, rtol=1e-9)


def test_a_wave_far_out_needs_a_short_step():
    assert abs(derivative(np.sin, 1e6) - np.cos(1e6)) > 0.5
    assert_allclose(derivative(np.sin, 1e6, step=1e-5), np.cos(1e6), rtol=1e-8)


@pytest.mark.parametrize("x", [-1.79e308, 1e16, 1e-300, 5e-324, 0.0])
def test_straight_lines_at_the_ends_of_the_floats(x):
    assert derivative(lambda t: t / 2, x) == 0.5
    assert second_derivative(lambda t: t / 2, x) == 0.0
    if abs(x) < 1:
        assert_allclose(derivative(np.sin, x, step=1e-300), 1.0, rtol=1e-12)


def test_one_step_for_each_point():
    x = np.array([1e-8, 1.0])
    assert_allclose(derivative(np.log, x, step=x * 1e-5), 1 / x, rtol=1e-9)


def test_a_kink_gives_the_mean_of_the_two_slopes():
    assert derivative(np.abs, 0.0) == 0
    assert_allclose(derivative(lambda t: np.maximum(t, 0), 0.0), 0.5)
    # The curvature of a kink is no number: it doubles when the step is halved.
    for step in (1e-2, 5e-3):
        assert_allclose(second_derivative(np.abs, 0.0, step=step), 2 / step)


@pytest.mark.parametrize("difference", [derivative, second_derivative])
def test_inputs_are_not_written_to(difference):
    x, step = np.array([1.0, 2.0]), np.array([1e-3, 1e-3])

    def spoil(t):
        t *= t
        return t

    expected = {derivative: 2 * x, second_derivative: [2.0, 2.0]}[difference]
    assert_allclose(difference(spoil, x, step=step), expected, rtol=1e-9)
    assert x.tolist() == [1.0, 2.0]
    assert step.tolist() == [1e-3, 1e-3]


@pytest.mark.parametrize("difference", [derivative, second_derivative])
@pytest.mark.parametrize(
    ("f", "x", "step", "error", "message"),
    [
        (3.0, 1.0, None, TypeError, "f: expected a callable, got float"),
        (np.sin, [], None, ValueError, "x: expected at least one number"),
        (np.sin, np.nan, None, ValueError, "x: expected finite numbers, got nan"),
        (np.sin, 1j, None, TypeError, "x: expected real numbers, got complex"),
        (np.sin, 1.0, 0.0, ValueError, "step: expected numbers > 0, got 0"),
        (np.sin, 1.0, -0.1, ValueError, "step: expected numbers > 0, got -0.1"),
        (np.sin, 1.0, 1e-17, ValueError, "step: expected steps that change x"),
        # Below 1 floats are closer: 1 - 1e-16 differs from 1, and 1 + 1e-16 does not.
        (np.sin, 1.0, 1e-16, ValueError, "step: expected steps that change x"),
        (np.sin, [0, 1e20, 1e20], [0.1, 1, 2], ValueError, "that change x, got 1$"),
        (np.sin, [0.0, 1.0], [0.1, 1.7e308], ValueError, r"floats, got 1\.7e\+308"),
        (np.sin, 1.7976931e308, None, ValueError, "that stay in the range of floats"),
        (lambda t: 1.7e308 * np.sign(t), 0.0, None, ValueError, "expected finite"),
        (np.sin, [1.0, 2], [0.1], ValueError, r"step: expected shape \(2,\) as x"),
        (np.sum, [1.0, 2], None, ValueError, r"f: expected values of shape \(2,\)"),
        (lambda t: t * 1j, 1.0, None, TypeError, r"f\(x\): expected real numbers"),
    ],
)
def test_refuses_what_has_no_derivative(difference, f, x, step, error, message):
    with pytest.raises(error, match=message):
        difference(f, x, step=step)
