"""The checks at the public door: what they pass on, and what they say in refusal."""

import inspect
import re
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from mlnotes import _check

RAGGED = [[1.0, 2.0], [3.0]]

NUMBERS = [
    _check.real,
    _check.positive,
    _check.non_negative,
    _check.unit_interval,
    _check.probabilities,
]


def refusal(error, message):
    """Expect this error with exactly this message."""
    return pytest.raises(error, match=f"^{re.escape(message)}$")


def test_every_check_is_tested_here():
    checks = set(_check.__all__) - {"Array"}
    source = inspect.getsource(inspect.getmodule(test_every_check_is_tested_here))
    tested = set(re.findall(r"_check\.(\w+)", source))
    assert checks <= tested, f"test {sorted(checks - tested)}"
    assert all(hasattr(_check, name) for name in _check.__all__)


@pytest.mark.parametrize("check", NUMBERS)
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("0.5", TypeError, "x: expected real numbers, got text"),
        (["0.5", "0.5"], TypeError, "x: expected real numbers, got text"),
        (np.array([b"a"]), TypeError, "x: expected real numbers, got bytes"),
        ([0.5 + 0j, 0.5], TypeError, "x: expected real numbers, got complex numbers"),
        (None, TypeError, "x: expected real numbers, got objects"),
        ([None, 1.0], TypeError, "x: expected real numbers, got objects"),
        (
            np.array(["2001-01-01"], dtype="datetime64[D]"),
            TypeError,
            "x: expected real numbers, got dtype datetime64[D]",
        ),
        ([], ValueError, "x: expected at least one number, got shape (0,)"),
        (
            np.ones((3, 0)),
            ValueError,
            "x: expected at least one number, got shape (3, 0)",
        ),
        ([np.nan, 1.0], ValueError, "x: expected finite numbers, got nan at index 0"),
        ([0.0, np.inf], ValueError, "x: expected finite numbers, got inf at index 1"),
        (
            np.array([np.inf, -np.inf]),
            ValueError,
            "x: expected finite numbers, got inf at index 0",
        ),
        (
            np.array([[0.5, 0.5], [0.5, np.nan], [-np.inf, 1.0]]),
            ValueError,
            "x: expected finite numbers, got nan at index (1, 1)",
        ),
        (np.nan, ValueError, "x: expected finite numbers, got nan"),
    ],
)
def test_numbers_are_real_finite_and_not_missing(check, value, error, message):
    with refusal(error, message):
        check("x", value)


@pytest.mark.parametrize("check", NUMBERS)
def test_ragged_rows_are_refused_by_name(check):
    with pytest.raises(ValueError, match=r"^x: expected a regular array, got \w+"):
        check("x", RAGGED)


@pytest.mark.parametrize("value", [True, 3, 2.5, np.float32(0.1), [1, 2], ((0.5,),)])
def test_numbers_of_every_real_kind_become_float64_arrays(value):
    array = _check.real("x", value)
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.float64
    assert_array_equal(array, np.asarray(value, dtype=np.float64), strict=True)


@pytest.mark.parametrize("check", NUMBERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.bool_])
def test_the_given_array_is_never_written_to(check, dtype):
    given = np.array([[1, 0], [0, 1]], dtype=dtype)
    if check is _check.positive:
        given = np.ones((2, 2), dtype=dtype)
    before = given.copy()
    given.flags.writeable = False
    assert_array_equal(check("x", given), before)
    assert_array_equal(given, before, strict=True)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (_check.positive, [1.0, 0.0], "x: expected numbers > 0, got 0"),
        (_check.positive, [1.0, -2.5], "x: expected numbers > 0, got -2.5"),
        (_check.non_negative, [1.0, -1e-9], "x: expected numbers >= 0, got -1e-09"),
        (
            _check.unit_interval,
            [0.5, -0.5],
            "x: expected probabilities from 0 to 1, got -0.5",
        ),
        (
            _check.unit_interval,
            [0.5, 1.5],
            "x: expected probabilities from 0 to 1, got 1.5",
        ),
        (
            _check.unit_interval,
            np.nextafter(1, 2),
            "x: expected probabilities from 0 to 1, got 1",
        ),
    ],
)
def test_ranges(check, value, message):
    with refusal(ValueError, message):
        check("x", value)


def test_ranges_include_their_closed_ends():
    assert _check.positive("x", 5e-324) == 5e-324
    assert_array_equal(_check.non_negative("x", [0.0, 1e308]), [0.0, 1e308])
    assert_array_equal(_check.unit_interval("x", [0, 1]), [0.0, 1.0])


@pytest.mark.parametrize(
    "value",
    [
        [0.25, 0.75],
        np.array([1.0]),
        np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]),
        np.full((5, 3, 7), 1 / 7),
        np.full(10, np.float32(0.1)),  # sums to 1 + 1e-8 in float32
        [1, 0],
        [0.5, 0.5 + 0.9e-6],
    ],
)
def test_probabilities_pass_as_float64(value):
    array = _check.probabilities("p", value)
    assert array.dtype == np.float64
    assert_array_equal(array, np.asarray(value, dtype=np.float64))


@pytest.mark.parametrize("kind", [list, np.array])
@pytest.mark.parametrize(
    ("value", "got"),
    [
        ([0.5, 0.4], "got the sum 0.9"),
        ([0.5, 0.5 + 2e-6], "got the sum 1.000002"),
        ([[0.5, 0.5], [0.7, 0.7], [0.5, 0.4]], "got the sum 1.4"),
        ([[1.0, 0.0], [0.0, 0.0]], "got the sum 0"),
        (
            [[0.1, 0.5], [0.5, 0.5], [0.4, 0.0]],
            "got the sum 0.4",
        ),  # the columns would do
    ],
)
def test_probabilities_sum_to_one_along_the_last_axis(kind, value, got):
    message = f"p: expected probabilities with sum 1 along the last axis, {got}"
    with refusal(ValueError, message):
        _check.probabilities("p", kind(value))


@pytest.mark.parametrize("kind", [list, np.array])
def test_probabilities_are_not_negative_even_with_sum_one(kind):
    with refusal(ValueError, "p: expected numbers >= 0, got -0.25"):
        _check.probabilities("p", kind([1.25, -0.25]))


@pytest.mark.parametrize("value", [1.0, np.array(1.0)])
def test_probabilities_need_an_axis(value):
    with refusal(ValueError, "p: expected an axis of outcomes, got a single number"):
        _check.probabilities("p", value)


def test_labels_pass_as_indices():
    given = np.array([[0, 2, 1]], dtype=np.uint8)
    found = _check.labels("y", given, 3)
    assert found.dtype == np.intp
    assert_array_equal(found, [[0, 2, 1]])


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([0.0, 1.0], TypeError, "y: expected integers, got dtype float64"),
        ([True, False], TypeError, "y: expected integers, got dtype bool"),
        (["a"], TypeError, "y: expected integers, got text"),
        ([2**70], TypeError, "y: expected integers, got objects"),
        (
            np.zeros((0, 2), dtype=int),
            ValueError,
            "y: expected at least one label, got shape (0, 2)",
        ),
        ([0, 3], ValueError, "y: expected labels in range(3), got 3"),
        ([-1, 5], ValueError, "y: expected labels in range(3), got -1"),
        (
            np.array([2**63 + 1], dtype=np.uint64),
            ValueError,
            "y: expected labels in range(3), got 9223372036854775809",
        ),
    ],
)
def test_labels_are_integers_in_range(value, error, message):
    with refusal(error, message):
        _check.labels("y", value, 3)


def test_ragged_labels_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^y: expected a regular array, got \w+"):
        _check.labels("y", [[1], [0, 1]], 3)


def test_vectors_have_one_axis_and_the_wanted_length():
    assert_array_equal(_check.vector("x", (1, 2, 3)), [1.0, 2.0, 3.0], strict=True)
    assert _check.vector("x", [1, 2], 2).shape == (2,)
    for value, got in [(1.0, "()"), ([[1.0, 2.0]], "(1, 2)")]:
        with refusal(ValueError, f"x: expected shape (n,), got {got}"):
            _check.vector("x", value)
    for value, got in [([1.0, 2.0], "(2,)"), ([[1.0], [2.0], [3.0]], "(3, 1)")]:
        with refusal(ValueError, f"x: expected shape (3,), got {got}"):
            _check.vector("x", value, 3)


def test_matrices_have_two_axes():
    assert _check.matrix("X", [[1, 2, 3]]).shape == (1, 3)
    for value, got in [(1.0, "()"), ([1.0], "(1,)"), (np.ones((2, 3, 5)), "(2, 3, 5)")]:
        with refusal(ValueError, f"X: expected shape (n, d), got {got}"):
            _check.matrix("X", value)


def test_weights_are_one_for_each_example_and_not_all_zero():
    assert_array_equal(_check.weights("w", [0, 2.5], 2), [0.0, 2.5], strict=True)
    for value, message in [
        ([1.0, -1.0], "w: expected numbers >= 0, got -1"),
        ([0.0, 0.0], "w: expected a positive sum, got only zeros"),
        ([1.0, 1.0, 1.0], "w: expected shape (2,), got (3,)"),
        ([[1.0, 1.0]], "w: expected shape (2,), got (1, 2)"),
        (1.0, "w: expected shape (2,), got ()"),
    ]:
        with refusal(ValueError, message):
            _check.weights("w", value, 2)


def test_numbers_come_one_at_a_time():
    assert _check.number("tol", np.float32(0.5)) == 0.5
    assert isinstance(_check.number("tol", 3), float)
    with refusal(ValueError, "tol: expected one number, got shape (1,)"):
        _check.number("tol", [0.5])
    with refusal(TypeError, "tol: expected real numbers, got text"):
        _check.number("tol", "0.5")


def test_counts_are_whole_numbers_from_one_on():
    assert [_check.count("n", n) for n in (1, 7.0, np.int64(5))] == [1, 7, 5]
    assert isinstance(_check.count("n", 7.0), int)
    for value, got in [(0, "0"), (-2, "-2"), (2.5, "2.5")]:
        with refusal(ValueError, f"n: expected a whole number >= 1, got {got}"):
            _check.count("n", value)
    with refusal(ValueError, "n: expected one number, got shape (2,)"):
        _check.count("n", [2, 3])
    with refusal(ValueError, "n: expected finite numbers, got inf"):
        _check.count("n", np.inf)


def test_functions_can_be_called():
    assert _check.function("f", abs) is None
    for value, got in [(None, "NoneType"), ("abs", "str"), (np.ones(2), "ndarray")]:
        with refusal(TypeError, f"f: expected a callable, got {got}"):
            _check.function("f", value)


def test_shapes_agree():
    a, b = np.ones((2, 3)), np.zeros((3, 2))
    assert _check.same_shape("a", a, "b", a) is None
    with refusal(ValueError, "a: expected shape (3, 2) as b, got (2, 3)"):
        _check.same_shape("a", a, "b", b)


def test_shapes_broadcast():
    a = np.ones((2, 3))
    for shape in ((2, 3), (3,), (), (5, 1, 1)):
        assert _check.broadcastable("a", a, shape) is None
    message = "a: expected a shape that broadcasts with (3, 2), got (2, 3)"
    with refusal(ValueError, message):
        _check.broadcastable("a", a, (3, 2))


def test_arguments_broadcast_together():
    a, b, c = _check.together(a=[[1], [2]], b=3, c=[4, 5, 6])
    assert (a.shape, b.shape, c.shape) == ((2, 1), (), (3,))
    with refusal(
        ValueError, "c: expected a shape that broadcasts with (2, 3), got (4,)"
    ):
        _check.together(a=[[1], [2]], b=[4, 5, 6], c=np.ones(4))
    with refusal(TypeError, "b: expected real numbers, got text"):
        _check.together(a=1, b="x")


def test_whole_numbers():
    assert_array_equal(_check.whole("k", [[0, 3], [2.0, 1]]), [[0, 3], [2, 1]])
    assert _check.whole("k", 1, least=1) == 1
    for value, least, got in [
        ([1, 2.5], 0, "0, got 2.5"),
        ([1, -1], 0, "0, got -1"),
        (0, 1, "1, got 0"),
    ]:
        with refusal(ValueError, f"k: expected whole numbers >= {got}"):
            _check.whole("k", value, least)


def test_zeros_and_ones():
    assert_array_equal(_check.zero_one("y", [True, False]), [1, 0])
    for value in (2, -1, 0.5):
        with refusal(ValueError, f"y: expected zeros and ones, got {value:g}"):
            _check.zero_one("y", [[0, value]])


def test_bounds_are_strict():
    assert _check.less_than("eps", 0.5, 1.0) is None
    for value in (1.0, 2.5, np.nan):
        with refusal(ValueError, f"eps: expected a number < 1, got {value:g}"):
            _check.less_than("eps", value, 1.0)


def test_generators_are_numpy_generators(rng):
    assert _check.generator(rng) is rng
    for value, got in [
        (None, "NoneType"),
        (42, "int"),
        (np.random, "module"),
        (np.random.PCG64(1), "PCG64"),
    ]:
        message = f"rng: expected a numpy.random.Generator, got {got}"
        with refusal(TypeError, message):
            _check.generator(value)


def test_freezing_copies_and_locks():
    @dataclass(frozen=True, slots=True, eq=False)
    class Record:
        a: np.ndarray
        b: np.ndarray
        c: np.ndarray

        def __post_init__(self):
            _check.freeze(self, ["a", "b"])

    a = np.arange(6.0)
    b = np.broadcast_to(np.float64(3.0), (2, 5))
    record = Record(a, b, a)
    assert not np.shares_memory(record.a, a)
    assert record.c is a
    a[0] = 99.0
    assert record.a[0] == 0.0
    assert_array_equal(record.b, np.full((2, 5), 3.0), strict=True)
    for array in (record.a, record.b):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1.0
    assert a.flags.writeable


def test_one_positive_number():
    assert _check.positive_number("x", 3) == 3.0
    with refusal(ValueError, "x: expected numbers > 0, got 0"):
        _check.positive_number("x", 0)
    with refusal(ValueError, "x: expected one number, got shape (2,)"):
        _check.positive_number("x", [1.0, 2.0])


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array(3.0), 3.0),
        (np.array([[2.0, -1.0], [0.0, 5.0]]).T, -1.0),
        (np.array([1.0, np.nan, -2.0]), np.nan),
        (np.array([True, False, True]), 0.0),
        (np.array([True, True]), 1.0),
    ],
)
def test_smallest_is_the_minimum_nan_and_truth_values_included(array, expected):
    assert_array_equal(_check.smallest(array), expected)


def test_probabilities_come_with_the_smallest_of_them():
    p, least = _check.probabilities_and_smallest("p", [[0.5, 0.5], [0.9, 0.1]])
    assert_array_equal(p, [[0.5, 0.5], [0.9, 0.1]])
    assert least == 0.1


def test_values_of_a_function():
    x = np.array([1.0, 4.0])
    assert _check.values_of(np.sqrt, x).tolist() == [1.0, 2.0]
    with refusal(ValueError, "f: expected values of shape (2,) as x, got ()"):
        _check.values_of(np.sum, x)


def test_values_of_a_function_that_writes_to_its_argument():
    x = np.array([1.0, 4.0])
    assert _check.values_of(lambda t: np.sqrt(t, out=t), x).tolist() == [1.0, 2.0]
    assert x.tolist() == [1.0, 4.0]
