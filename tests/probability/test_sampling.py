"""Monte Carlo estimates and running means: by hand, limits, coverage, refusals."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from mlnotes.probability.sampling import monte_carlo, running_means


def test_average_and_standard_error_worked_by_hand():
    # Values 1, 16, 16, 25: mean 14.5, deviations -13.5, 1.5, 1.5, 10.5, s^2 = 99.
    found = monte_carlo(np.square, [1, 4, 4, 5])
    assert found.mean == 14.5
    assert found.n_samples == 4
    assert_allclose(found.standard_deviation, np.sqrt(99), rtol=1e-12)
    assert_allclose(found.standard_error, np.sqrt(99 / 4), rtol=1e-12)


def test_agrees_with_scipy(rng):
    x = rng.gamma(2.0, size=37)
    found = monte_carlo(np.sqrt, x)
    assert_allclose(found.standard_error, stats.sem(np.sqrt(x)), rtol=1e-12)


def test_samples_may_have_several_coordinates(rng):
    darts = rng.random((29, 2))
    found = monte_carlo(lambda x: (x**2).sum(axis=-1) <= 1, darts)
    inside = sum(x * x + y * y <= 1 for x, y in darts)
    assert_allclose(found.mean, inside / 29, rtol=1e-12)


def test_a_constant_has_no_error():
    assert monte_carlo(np.ones_like, [0.3, 0.1]).standard_error == 0.0


def test_two_standard_errors_cover_the_truth_about_as_often_as_promised(rng):
    # 19 of 20 intervals of 1.96 standard errors, for 400 normal values each.
    hits = 0
    for _ in range(2000):
        found = monte_carlo(np.positive, rng.normal(3.0, 2.0, size=400))
        hits += abs(found.mean - 3.0) <= 1.96 * found.standard_error
    expected = 2 * stats.t.cdf(1.96, 399) - 1
    spread = np.sqrt(expected * (1 - expected) / 2000)
    assert abs(hits / 2000 - expected) < 5 * spread


def test_f_cannot_change_the_samples():
    samples = np.array([1.0, 2.0])

    def greedy(x):
        x *= 2
        return x

    assert monte_carlo(greedy, samples).mean == 3.0
    assert samples.tolist() == [1.0, 2.0]


def test_record_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        monte_carlo(np.positive, [1.0, 2.0]).mean = 3.0


@pytest.mark.parametrize(
    ("f", "samples", "error", "message"),
    [
        ("square", [1.0, 2.0], TypeError, "f: expected a callable"),
        (np.square, [1.0], ValueError, r"samples: expected at least two .* \(1,\)"),
        (np.square, 1.0, ValueError, r"samples: expected at least two .* \(\)"),
        (np.square, [1.0, np.nan], ValueError, "samples: expected finite"),
        (np.square, ["a", "b"], TypeError, "samples: expected real numbers"),
        (np.sum, [1.0, 2.0], ValueError, r"f\(samples\): expected shape \(2,\)"),
        (lambda x: x + np.inf, [1.0, 2.0], ValueError, r"f\(samples\): .* finite"),
    ],
)
def test_monte_carlo_refuses(f, samples, error, message):
    with pytest.raises(error, match=message):
        monte_carlo(f, samples)


def test_running_means_are_the_means_of_the_beginnings(rng):
    x = rng.normal(size=(3, 11))
    expected = [[row[:k].mean() for k in range(1, 12)] for row in x]
    assert_allclose(running_means(x), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (2.0, ValueError, r"x: expected shape \(\.\.\., n\)"),
        ([1.0, np.inf], ValueError, "x: expected finite numbers, got inf at index 1"),
        ([True, "no"], TypeError, "x: expected real numbers"),
    ],
)
def test_running_means_refuse(x, error, message):
    with pytest.raises(error, match=message):
        running_means(x)


@pytest.mark.parametrize("unit", [1e-300, 1e-200, 1e200, 1e300])
def test_estimates_have_the_unit_of_the_values(unit):
    found = monte_carlo(np.positive, unit * np.array([1.0, 2.0, 6.0]))
    assert_allclose([found.mean / unit, found.standard_deviation / unit], [3, 7**0.5])
