"""Equations of "Gaussian noise gives MSE, Laplace noise gives MAE", by other routes."""

from itertools import pairwise, product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats

from mlnotes.likelihood.least_squares import add_intercept
from mlnotes.losses.regression import (
    absolute_error,
    absolute_error_gradient,
    fit_lad,
    squared_error,
    squared_error_gradient,
)

LATE = np.array([1.0, 2.0, 4.0])


def line(x, theta):
    return theta[0] + theta[1] * x


def shares_agree(draws, density, edges):
    """Whether the shares of intervals are the areas, within 5 standard errors."""
    seen = np.histogram(draws, edges)[0] / draws.size
    area = [integrate.quad(density, a, b)[0] for a, b in pairwise(edges)]
    error = np.sqrt(np.multiply(area, np.subtract(1, area)) / draws.size)
    return bool(np.all(np.abs(seen - area) < 5 * error))


@pytest.mark.equation("eq-squared-and-absolute-error-density")
@pytest.mark.parametrize("noise", [stats.norm(0, 0.8), stats.laplace(0, 0.8)])
def test_density_of_an_observation_with_additive_noise(rng, noise):
    """Simulation of y for one input, and a numerical derivative of P(y <= t)."""
    f = line(3.0, (1.0, 0.5))
    y = f + noise.rvs(100_000, random_state=rng)
    assert shares_agree(y, lambda t: noise.pdf(t - f), np.linspace(0, 5, 12))
    t, h = np.array([0.9, 2.2, 3.1]), 1e-5
    slope = (noise.cdf(t + h - f) - noise.cdf(t - h - f)) / (2 * h)
    assert_allclose(noise.pdf(t - f), slope, rtol=1e-8)


@pytest.mark.equation("eq-squared-and-absolute-error-multiplicative")
def test_density_of_an_observation_with_multiplicative_noise(rng):
    """Simulation, and SciPy's log-normal with the scale f; the shortcut fails."""
    f, eta, edges = np.exp(0.5), stats.lognorm(1.0), np.linspace(0.2, 8, 12)
    y = f * eta.rvs(100_000, random_state=rng)
    assert shares_agree(y, lambda t: eta.pdf(t / f) / f, edges)
    assert not shares_agree(y, lambda t: eta.pdf(t - f), edges)
    t = np.array([0.3, 3.0, 9.0])
    assert_allclose(eta.pdf(t / f) / f, stats.lognorm(1.0, scale=f).pdf(t), rtol=1e-12)
    assert_allclose([eta.pdf(3 / f) / f, eta.pdf(3 - f)], [0.111167, 0.282153], 1e-5)


@pytest.mark.equation("eq-squared-and-absolute-error-gaussian-nll")
def test_gaussian_nll(rng):
    """Logarithm of a product of SciPy's densities, and computer algebra."""
    x, y, sigma = rng.normal(size=7), rng.normal(size=7), 0.6
    f = line(x, (0.3, -1.2))
    formula = 7 / 2 * np.log(2 * np.pi * sigma**2)
    formula += squared_error(f, y).sum() / (2 * sigma**2)
    assert_allclose(formula, -np.log(np.prod(stats.norm.pdf(y, f, sigma))), rtol=1e-12)

    c, s = sp.symbols("c s", positive=True)
    data = [sp.Integer(1), sp.Integer(2), sp.Integer(4)]
    likelihood = sp.prod(
        [sp.exp(-((v - c) ** 2) / (2 * s**2)) / sp.sqrt(2 * sp.pi * s**2) for v in data]
    )
    nll = sp.expand_log(-sp.log(likelihood), force=True)
    stated = sp.Rational(3, 2) * sp.log(2 * sp.pi * s**2)
    stated += sum((v - c) ** 2 for v in data) / (2 * s**2)
    assert sp.simplify(sp.expand_log(stated - nll, force=True)) == 0


@pytest.mark.equation("eq-squared-and-absolute-error-gaussian-argmin")
def test_gaussian_nll_and_mse_share_their_minimizer(rng):
    """Computer algebra for a constant; a general optimizer for a curve."""
    c, s = sp.symbols("c s", positive=True)
    data = sp.symbols("y1:4")
    squares = sum((v - c) ** 2 for v in data)
    nll = sp.Rational(3, 2) * sp.log(2 * sp.pi * s**2) + squares / (2 * s**2)
    for objective in (nll, squares / 3):
        roots = sp.solve(sp.diff(objective, c), c)
        assert [sp.simplify(root - sum(data) / 3) for root in roots] == [0]

    x = rng.uniform(0, 3, 29)
    y = 2 * np.exp(-0.7 * x) + 0.1 * rng.normal(size=29)

    def minimizer(objective):
        return optimize.minimize(objective, [1.0, 0.5], method="BFGS", tol=1e-9).x

    best = minimizer(lambda t: squared_error(t[0] * np.exp(-t[1] * x), y).mean())
    for sigma in (0.3, 1.0, 3.0):
        found = minimizer(
            lambda t, sigma=sigma: (
                -stats.norm.logpdf(y, t[0] * np.exp(-t[1] * x), sigma).sum() * sigma**2
            )
        )
        # Two searches end within the root of the rounding of the objective.
        assert_allclose(found, best, atol=1e-5)


@pytest.mark.equation("eq-squared-and-absolute-error-mean-nll")
def test_mean_nll_is_the_mse_over_twice_the_variance(rng):
    """Average of SciPy's log densities."""
    f, y = rng.normal(size=(2, 11))
    for sigma in (0.2, 1.0, 5.0):
        mean_nll = -np.mean(stats.norm.logpdf(y, f, sigma))
        formula = squared_error(f, y).mean() / (2 * sigma**2)
        assert_allclose(
            formula + np.log(2 * np.pi * sigma**2) / 2, mean_nll, rtol=1e-12
        )


@pytest.mark.equation("eq-squared-and-absolute-error-mean")
def test_split_of_the_mse_of_a_constant(rng):
    """Loop over the definition, and a grid search for the minimizer."""
    y = rng.normal(2, 3, size=13)
    for c in (-4.0, 0.3, 9.0):
        left = sum((value - c) ** 2 for value in y) / 13
        assert_allclose(y.var() + (y.mean() - c) ** 2, left, rtol=1e-12)
    grid = np.linspace(0, 5, 5001)
    mse = squared_error(grid[:, None], LATE).mean(axis=1)
    assert abs(grid[mse.argmin()] - 7 / 3) <= 0.0005
    assert_allclose(squared_error(7 / 3, LATE).mean(), 14 / 9, rtol=1e-12)


@pytest.mark.equation("eq-squared-and-absolute-error-laplace-nll")
def test_laplace_nll(rng):
    """Logarithm of a product of SciPy's densities."""
    x, y, b = rng.normal(size=7), rng.normal(size=7), 0.6
    f = line(x, (0.3, -1.2))
    formula = np.sum(np.log(2 * b) + absolute_error(f, y) / b)
    assert_allclose(formula, -np.log(np.prod(stats.laplace.pdf(y, f, b))), rtol=1e-12)


@pytest.mark.equation("eq-squared-and-absolute-error-laplace-argmin")
def test_laplace_nll_and_mae_share_their_minimizer(rng):
    """Enumeration of all lines through two points, for three scales."""
    x, y = rng.normal(size=9), rng.standard_t(2, size=9)
    lines = []
    for i, j in product(range(9), repeat=2):
        if i < j:
            slope = (y[j] - y[i]) / (x[j] - x[i])
            lines.append((y[i] - slope * x[i], slope))
    mae = [absolute_error(line(x, theta), y).mean() for theta in lines]
    best = int(np.argmin(mae))
    for b in (0.1, 1.0, 7.0):
        nll = [-stats.laplace.logpdf(y, line(x, theta), b).sum() for theta in lines]
        assert int(np.argmin(nll)) == best
    assert_allclose(fit_lad(add_intercept(x), y).coefficients, lines[best], rtol=1e-9)


@pytest.mark.equation("eq-squared-and-absolute-error-count")
def test_slope_of_absolute_errors_counts(rng):
    """Finite differences of SciPy's log density, between the observations."""
    y = rng.normal(size=12)
    h = 1e-7
    for c in (-1.3, 0.123, 0.9):
        ends = [stats.laplace.logpdf(y, c + s).sum() for s in (h, -h)]
        slope = -(ends[0] - ends[1]) / (2 * h)
        assert_allclose(np.sum(y < c) - np.sum(y > c), slope, atol=1e-6)
        assert_allclose(absolute_error_gradient(c, y).sum(), slope, atol=1e-6)
    grid = np.linspace(0, 5, 5001)
    nll = [-stats.laplace.logpdf(LATE, c).sum() for c in grid]
    assert grid[np.argmin(nll)] == pytest.approx(np.median(LATE), abs=1e-12)


@pytest.mark.equation("eq-squared-and-absolute-error-dual")
@pytest.mark.parametrize("seed", range(4))
def test_duality(seed):
    """Enumeration of all lines through two points, and of the vertices of the dual."""
    rng = np.random.default_rng(seed)
    X, y = add_intercept(rng.normal(size=6)), rng.standard_t(2, size=6)
    primal, dual = np.inf, -np.inf
    for i in range(6):
        for j in range(i):
            rows = [i, j]
            beta = np.linalg.solve(X[rows], y[rows])
            primal = min(primal, np.abs(y - X @ beta).sum())
            # A vertex has all but two of the u at -1 or 1.
            others = [k for k in range(6) if k not in rows]
            for signs in product([-1.0, 1.0], repeat=4):
                u = np.zeros(6)
                u[others] = signs
                u[rows] = np.linalg.solve(X[rows].T, -X[others].T @ signs)
                if np.abs(u).max() <= 1 + 1e-12:
                    dual = max(dual, u @ y)
    assert_allclose(dual, primal, rtol=1e-10)
    assert_allclose(fit_lad(X, y).sum_of_absolute_errors, primal, rtol=1e-10)


@pytest.mark.equation("eq-squared-and-absolute-error-best-nll")
def test_nll_at_the_best_scales(rng):
    """SciPy's own maximum likelihood fits."""
    y = rng.standard_t(3, size=41)
    for law, formula in (
        (stats.norm, 0.5 + 0.5 * np.log(2 * np.pi * squared_error(y.mean(), y).mean())),
        (stats.laplace, 1 + np.log(2 * absolute_error(np.median(y), y).mean())),
    ):
        best = -law.logpdf(y, *law.fit(y)).mean()
        assert_allclose(formula, best, rtol=1e-12)
        other = optimize.minimize(
            lambda t, law=law: -law.logpdf(y, t[0], np.exp(t[1])).mean(),
            [0.3, 0.3],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12},
        )
        assert_allclose(formula, other.fun, rtol=1e-9)


@pytest.mark.equation("eq-squared-and-absolute-error-median-variance")
@pytest.mark.parametrize(
    ("law", "limit"),
    [(stats.norm(), np.pi / 2), (stats.laplace(), 1.0), (stats.logistic(), 4.0)],
)
def test_variance_of_the_median(law, limit):
    """Quadrature with the exact density of the middle order statistic."""
    assert_allclose(1 / (4 * law.pdf(0) ** 2), limit, rtol=1e-12)
    ratios = []
    for m in (50, 5000, 500_000):  # n = 2 m + 1
        n = 2 * m + 1
        # The middle of n uniforms is Beta(m + 1, m + 1); its quantiles map to x.
        beta = stats.beta(m + 1, m + 1)
        width = 12 * beta.std()
        p = np.linspace(max(0.5 - width, 1e-12), min(0.5 + width, 1 - 1e-12), 4001)
        variance = integrate.simpson(law.ppf(p) ** 2 * beta.pdf(p), x=p)
        ratios.append(n * variance / limit)
    errors = np.abs(np.subtract(ratios, 1))
    assert errors[0] > errors[1] > errors[2]
    # Smooth densities err like 1 / n, one with a corner at 0 like 1 / sqrt(n).
    assert errors[2] < 5 / np.sqrt(2 * 500_000)


def test_worked_figures():
    nll = -stats.norm.logpdf(LATE, 7 / 3).sum()
    assert_allclose(nll, 1.5 * np.log(2 * np.pi) + 7 / 3, rtol=1e-12)
    assert_allclose(nll, 5.090149, atol=5e-7)
    assert_allclose(-stats.laplace.logpdf(LATE, 2).sum(), 5.079442, atol=5e-7)
    h = 1e-6
    differences = (squared_error(3 + h, LATE) - squared_error(3 - h, LATE)) / (2 * h)
    assert_allclose(squared_error_gradient(3.0, LATE), differences, atol=1e-8)
