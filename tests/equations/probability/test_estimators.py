"""The equations of the lesson "Estimators, bias and variance", by another route."""

from itertools import permutations, product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats

from mlnotes.probability.estimators import decompose_error

DIE = np.arange(1.0, 7.0)
SIGMA_SQUARED = 35 / 12


@pytest.mark.equation("eq-estimators-mean-unbiased")
@pytest.mark.parametrize("n", [1, 2, 3])
def test_sample_mean_is_unbiased(n):
    """Enumeration of all outcomes, independent and dependent, of a lopsided die."""
    sides = DIE**2
    rolls = np.array(list(product(sides, repeat=n)))
    assert_allclose(rolls.mean(axis=1).mean(), sides.mean(), rtol=1e-12)
    cards = np.array(list(permutations(sides, n)))
    assert_allclose(cards.mean(axis=1).mean(), sides.mean(), rtol=1e-12)
    # Negative control: the median of three is biased for this mean.
    if n == 3:
        assert abs(np.median(rolls, axis=1).mean() - sides.mean()) > 1


@pytest.mark.equation("eq-estimators-mse")
@pytest.mark.parametrize("t", [np.max, np.median, np.std], ids=["max", "median", "sd"])
def test_mean_squared_error_splits(t):
    """Exact moments over all 216 outcomes of three rolls, as fractions of outcomes."""
    theta = 3.5
    estimates = np.array([t(rolls) for rolls in product(DIE, repeat=3)])
    values, counts = np.unique(estimates.round(12), return_counts=True)
    p = counts / 216
    mean = p @ values
    mse = p @ (values - theta) ** 2
    variance = p @ values**2 - mean**2
    assert_allclose((mean - theta) ** 2 + variance, mse, rtol=1e-12)
    found = decompose_error(estimates, theta)
    assert_allclose(found.bias, mean - theta, atol=1e-12)
    assert_allclose(found.variance, variance, rtol=1e-10)
    assert_allclose(found.mean_squared_error, mse, rtol=1e-12)


@pytest.mark.equation("eq-estimators-variance-bias")
@pytest.mark.parametrize("n", [2, 3, 4])
def test_expected_variance_estimate_for_every_divisor(n):
    """Enumeration of all rolls of a die."""
    squares = np.mean(
        [((np.array(x) - np.mean(x)) ** 2).sum() for x in product(DIE, repeat=n)]
    )
    for d in (n - 1, n, n + 1):
        assert_allclose((n - 1) / d * SIGMA_SQUARED, squares / d, rtol=1e-12)
    # The divisor n is off by -sigma^2 / n.
    assert_allclose(squares / n - SIGMA_SQUARED, -SIGMA_SQUARED / n, rtol=1e-12)


@pytest.mark.equation("eq-estimators-variance-mse")
@pytest.mark.parametrize("n", [2, 5, 13])
def test_mean_squared_error_of_the_variance_estimate(n):
    """Quadrature over SciPy's chi-squared density; the best divisor by optimizer."""
    sigma_squared = 1.7

    def by_quadrature(d):
        value, _ = integrate.quad(
            lambda q: (
                (sigma_squared * q / d - sigma_squared) ** 2 * stats.chi2.pdf(q, n - 1)
            ),
            0,
            np.inf,
            epsrel=1e-10,
        )
        return value

    for d in (n - 1, n, n + 1, n + 2.5):
        formula = sigma_squared**2 * ((n - 1 - d) ** 2 + 2 * (n - 1)) / d**2
        assert_allclose(formula, by_quadrature(d), rtol=1e-7)
    best = optimize.minimize_scalar(
        by_quadrature, bounds=(0.5, n + 9), method="bounded"
    )
    assert_allclose(best.x, n + 1, rtol=1e-3)


@pytest.mark.equation("eq-estimators-variance-mse")
def test_sum_of_squares_of_normal_data(rng):
    """Simulation from the definition, within 5 standard errors."""
    n = 5
    squares = n * rng.normal(3.0, 2.0, size=(200_000, n)).var(axis=1)
    for d in (4, 5, 6):
        errors = (squares / d - 4.0) ** 2
        formula = 16 * ((n - 1 - d) ** 2 + 2 * (n - 1)) / d**2
        assert abs(errors.mean() - formula) < 5 * errors.std() / np.sqrt(errors.size)


@pytest.mark.equation("eq-estimators-prediction")
@pytest.mark.parametrize("degree", [0, 1, 3])
def test_prediction_error_splits(degree, rng):
    """Simulated squared errors on new data; bias and variance from the hat matrix."""
    n, sigma, place = 11, 0.5, 0.63
    x = np.linspace(-1, 1, n)
    hat = np.vander([place], degree + 1) @ np.linalg.pinv(np.vander(x, degree + 1))
    bias = (hat @ np.sin(3 * x))[0] - np.sin(3 * place)
    variance = sigma**2 * (hat**2).sum()
    y = np.sin(3 * x) + sigma * rng.standard_normal((20_000, n))
    fits = np.array([np.polyval(np.polyfit(x, y.T, degree), place)]).ravel()
    new = np.sin(3 * place) + sigma * rng.standard_normal(20_000)
    errors = (new - fits) ** 2
    expected = bias**2 + variance + sigma**2
    assert abs(errors.mean() - expected) < 5 * errors.std() / np.sqrt(errors.size)
    found = decompose_error(fits, np.sin(3 * place))
    assert abs(found.bias - bias) < 5 * found.bias_error
    assert abs(found.variance - variance) < 5 * found.variance_error


@pytest.mark.equation("eq-estimators-thermometer")
@pytest.mark.parametrize("mu", [20.0, 13.0, -5.0])
def test_bias_and_variance_of_the_thermometer(mu, rng):
    """Simulation of single readings and their averages, within 5 standard errors."""
    n = 100
    readings = 0.95 * rng.normal(mu, 10.0, size=(10_000, n)) + 0.65
    found = decompose_error(readings.mean(axis=1), mu)
    assert abs(found.bias - (-0.05 * mu + 0.65)) < 5 * found.bias_error
    assert abs(found.variance - 0.95**2 * 100 / n) < 5 * found.variance_error


@pytest.mark.equation("eq-estimators-crossover")
def test_calibration_pays_from_eighty_readings_on():
    """Root of the difference of the two mean squared errors, by computer algebra."""
    n = sp.symbols("n", positive=True)
    a, b, mu, sigma = sp.Rational(95, 100), sp.Rational(65, 100), 20, 10
    raw = (a * mu + b - mu) ** 2 + (a * sigma) ** 2 / n
    calibrated = sigma**2 / n
    (root,) = sp.solve(sp.Eq(raw, calibrated), n)
    formula = (1 - a**2) * sigma**2 / sp.Rational(35, 100) ** 2
    assert sp.simplify(root - formula) == 0
    assert round(float(root), 1) == 79.6
    assert raw.subs(n, 79) < calibrated.subs(n, 79)
    assert raw.subs(n, 80) > calibrated.subs(n, 80)


def test_calibrated_mean_is_unbiased_with_more_variance(rng):
    readings = 0.95 * rng.normal(20.0, 10.0, size=(20_000, 25)) + 0.65
    raw = decompose_error(readings.mean(axis=1), 20.0)
    found = decompose_error((readings.mean(axis=1) - 0.65) / 0.95, 20.0)
    assert abs(found.bias) < 5 * found.bias_error
    assert abs(found.variance - 4.0) < 5 * found.variance_error
    assert raw.mean_squared_error < found.mean_squared_error


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (stats.norm.expect(lambda t: 0.95 * t + 0.65, loc=20, scale=10), 19.65),
        (stats.norm(0.95 * 20 + 0.65, 9.5).std(), 9.5),
        (stats.norm(19.65, 0.95).cdf(20), 0.643720),
        (
            stats.norm.expect(lambda m: (m - 20) ** 2, loc=19.65, scale=0.95) ** 0.5,
            1.012423,
        ),
        (optimize.brentq(lambda t: 0.95 * t + 0.65 - t, 0, 50), 13.0),
    ],
)
def test_thermometer_figures(value, expected):
    assert_allclose(value, expected, rtol=1e-6)
