"""Constrained minima, KKT residuals and steepest slopes: oracles and refusals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize

from mlnotes.foundations.constrained_optimization import (
    EqualityMinimum,
    KKTResiduals,
    kkt_residuals,
    lipschitz_estimate,
    solve_equality_quadratic,
)


def random_problem(rng, p=5, m=2):
    """A strictly convex quadratic with m independent constraints."""
    root = rng.normal(size=(p, p))
    Q = root @ root.T + np.eye(p)
    return Q, rng.normal(size=p), rng.normal(size=(m, p)), rng.normal(size=m)


def test_minimum_against_scipy(rng):
    Q, c, A, b = random_problem(rng)
    found = solve_equality_quadratic(Q, c, A, b)
    scipys = optimize.minimize(
        lambda x: x @ Q @ x / 2 + c @ x,
        np.zeros(5),
        jac=lambda x: Q @ x + c,
        method="SLSQP",
        constraints={"type": "eq", "fun": lambda x: A @ x - b, "jac": lambda x: A},
        options={"ftol": 1e-14, "maxiter": 200},
    )
    assert_allclose(found.x, scipys.x, atol=1e-6)
    assert_allclose(A @ found.x, b, atol=1e-12)
    assert_allclose(Q @ found.x + c + A.T @ found.multipliers, 0, atol=1e-12)


def test_no_point_of_the_flat_is_lower(rng):
    Q, c, A, b = random_problem(rng)
    f = lambda x: x @ Q @ x / 2 + c @ x  # noqa: E731
    x = solve_equality_quadratic(Q, c, A, b).x
    for step in rng.normal(size=(50, 5)):
        along = step - np.linalg.pinv(A) @ (A @ step)
        assert f(x + along) > f(x)


def test_a_saddle_may_have_a_minimum_on_a_line():
    """-x y falls without end, except along x + y = 2 where it has its minimum."""
    found = solve_equality_quadratic([[0, -1], [-1, 0]], [0, 0], [[1, 1]], [2])
    assert_allclose(found.x, [1, 1], rtol=1e-14)
    assert_allclose(found.multipliers, [1], rtol=1e-14)


def test_as_many_constraints_as_unknowns_leave_one_point():
    found = solve_equality_quadratic(
        np.zeros((2, 2)), [1, 1], [[1, 1], [1, -1]], [3, 1]
    )
    assert_allclose(found.x, [2, 1], rtol=1e-14)


def test_units_do_not_matter(rng):
    Q, c, A, b = random_problem(rng)
    x = solve_equality_quadratic(Q, c, A, b).x
    tiny = solve_equality_quadratic(1e-12 * Q, 1e-12 * c, A, b)
    assert_allclose(tiny.x, x, rtol=1e-6)


def test_a_minimum_is_a_frozen_record_and_inputs_stay(rng):
    given_ = random_problem(rng)
    before = [np.array(part) for part in given_]
    found = solve_equality_quadratic(*given_)
    assert isinstance(found, EqualityMinimum)
    for part, old in zip(given_, before, strict=True):
        assert_array_equal(part, old)
    with pytest.raises(ValueError, match="read-only"):
        found.x[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.x = np.zeros(5)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        (
            {"A": [[1.0, 1.0], [2.0, 2.0]], "b": [1, 2]},
            ValueError,
            "A: expected 2 indep",
        ),
        ({"A": [[0.0, 0.0]]}, ValueError, "A: expected 1 independent rows, got rank 0"),
        ({"A": [1.0, 1.0]}, ValueError, r"A: expected shape \(n, d\), got \(2,\)"),
        ({"Q": [[1.0, 2.0], [0.0, 1.0]]}, ValueError, "Q: expected a symmetric matrix"),
        ({"Q": np.eye(3)}, ValueError, r"Q: expected shape \(2, 2\), got \(3, 3\)"),
        ({"Q": np.zeros((2, 2))}, ValueError, "Q: expected upward curvature"),
        ({"Q": -np.eye(2)}, ValueError, "Q: expected upward curvature"),
        (
            {"Q": np.diag([1.0, 1e-17]), "A": [[1.0, 0.0]]},
            ValueError,
            "Q: expected upward curvature",
        ),
        ({"c": [1.0]}, ValueError, r"c: expected shape \(2,\), got \(1,\)"),
        ({"b": [1.0, 2.0]}, ValueError, r"b: expected shape \(1,\), got \(2,\)"),
        ({"b": ["a"]}, TypeError, "b: expected real numbers, got text"),
    ],
)
def test_bad_problems_are_named(changed, error, message):
    good = {"Q": np.eye(2), "c": [0.0, 0.0], "A": [[1.0, 1.0]], "b": [1.0]}
    with pytest.raises(error, match=message):
        solve_equality_quadratic(**good | changed)


# --- KKT conditions -------------------------------------------------------------------


def leash(x):
    """Within the unit disk."""
    return [x @ x - 1]


def distance(x):
    """Squared distance to (2, 1)."""
    return (x[0] - 2) ** 2 + (x[1] - 1) ** 2


def test_each_residual_answers_to_its_own_condition():
    at, price = np.array([2, 1]) / np.sqrt(5), np.sqrt(5) - 1
    good = kkt_residuals(distance, leash, at, [price])
    assert isinstance(good, KKTResiduals)
    assert good.worst < 1e-9
    # Another multiplier: forces out of balance, nothing else.
    other = kkt_residuals(distance, leash, at, [price + 0.1])
    assert_allclose(other.stationarity, 0.2 * at, atol=1e-9)
    assert_allclose([other.violation, other.sign, other.complementarity], 0, atol=1e-9)
    # The unconstrained minimum is forbidden, and nothing pushes it back.
    outside = kkt_residuals(distance, leash, [2.0, 1.0], [0.0])
    assert_allclose(outside.stationarity, 0, atol=1e-9)
    assert outside.violation.tolist() == [4.0]
    assert outside.worst == 4.0
    # A negative multiplier on the far side: balanced, but by pulling.
    pulled = kkt_residuals(distance, leash, -at, [-np.sqrt(5) - 1])
    assert_allclose(pulled.stationarity, 0, atol=1e-9)
    assert_allclose(pulled.sign, np.sqrt(5) + 1)
    # A constraint that pushes without being touched.
    inside = kkt_residuals(distance, leash, [0.5, 0.0], [2.0])
    assert_allclose(inside.complementarity, [2 * (0.25 - 1)])


def test_scipys_solutions_satisfy_the_conditions(rng):
    """A linear program in a box, whose multipliers are the slopes at the walls."""
    c = np.array([1.5, -2.0, -0.7])
    box = lambda x: np.concatenate([x - 1, -x])  # noqa: E731
    found = optimize.linprog(c, bounds=[(0, 1)] * 3)
    prices = np.concatenate([-found.upper.marginals, found.lower.marginals])
    assert kkt_residuals(lambda x: c @ x, box, found.x, prices).worst < 1e-8
    assert kkt_residuals(lambda x: c @ x, box, found.x[::-1], prices).worst > 0.5


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"f": 1.0}, TypeError, "f: expected a callable"),
        ({"g": 1.0}, TypeError, "g: expected a callable"),
        ({"g": lambda x: 1.0}, ValueError, r"g: expected values of shape \(m,\)"),
        ({"g": lambda x: [np.nan]}, ValueError, "g: expected finite numbers"),
        ({"g": lambda x: ["a"]}, TypeError, "g: expected real numbers"),
        ({"x": [[1.0]]}, ValueError, "x: expected shape"),
        (
            {"multipliers": [1.0, 2.0]},
            ValueError,
            r"multipliers: expected shape \(1,\)",
        ),
        ({"multipliers": [np.inf]}, ValueError, "multipliers: expected finite numbers"),
    ],
)
def test_bad_arguments_of_the_conditions_are_named(changed, error, message):
    good = {"f": distance, "g": leash, "x": [0.5, 0.1], "multipliers": [0.0]}
    with pytest.raises(error, match=message):
        kkt_residuals(**good | changed)


# --- steepest slopes ------------------------------------------------------------------


def test_steepest_slope_against_a_double_loop(rng):
    x, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    slopes = [
        np.linalg.norm(y[i] - y[j]) / np.linalg.norm(x[i] - x[j])
        for i in range(7)
        for j in range(i)
    ]
    assert_allclose(lipschitz_estimate(x, y), max(slopes), rtol=1e-14)


quarters = st.integers(-200, 200).map(lambda k: k / 4)


@given(arrays(np.float64, 6, elements=quarters, unique=True))
def test_no_pair_is_steeper_than_the_constant(x):
    assert lipschitz_estimate(x, np.tanh(x)) <= 1 + 1e-12
    assert lipschitz_estimate(x, np.abs(x)) <= 1 + 1e-12
    assert_allclose(lipschitz_estimate(x, 3 * x - 1), 3, rtol=1e-9)


def test_a_repeated_input_adds_nothing():
    assert lipschitz_estimate([0.0, 1.0, 1.0], [0.0, 2.0, 2.0]) == 2.0


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([1.0, 2.0], [1.0], ValueError, "y: expected 2 outputs, got 1"),
        ([1.0, 1.0], [2.0, 2.0], ValueError, "x: expected two different inputs"),
        ([1.0], [2.0], ValueError, "x: expected two different inputs"),
        ([0.0, 1.0, 1.0], [1.0, 2.0, 3.0], ValueError, "y: expected one output"),
        (1.0, [2.0], ValueError, "x: expected shape"),
        ([0.0, np.nan], [1.0, 2.0], ValueError, "x: expected finite numbers"),
        ([0.0, 1.0], ["a", "b"], TypeError, "y: expected real numbers"),
    ],
)
def test_bad_pairs_are_named(x, y, error, message):
    with pytest.raises(error, match=message):
        lipschitz_estimate(x, y)
