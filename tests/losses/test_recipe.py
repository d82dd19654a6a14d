"""The losses of the recipe: densities, gradients, fits, limits and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize, stats
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from mlnotes.likelihood.least_squares import add_intercept, fit_ols
from mlnotes.losses.recipe import (
    fit_model,
    negative_log_likelihood,
    normal_gradient,
    normal_loss,
)
from mlnotes.probability.distributions import (
    Bernoulli,
    Categorical,
    Gamma,
    MultivariateNormal,
    Normal,
    Poisson,
    Uniform,
)

# --- negative_log_likelihood --------------------------------------------------------


@pytest.mark.parametrize(
    ("distribution", "y", "reference"),
    [
        (
            Normal([0.3, -2.0], [1.4, 0.1]),
            [0.0, -2.1],
            stats.norm([0.3, -2], [1.4, 0.1]),
        ),
        (Bernoulli([0.2, 0.9]), [1, 0], stats.bernoulli([0.2, 0.9])),
        (Poisson([0.5, 7.0]), [0, 11], stats.poisson([0.5, 7.0])),
        (Gamma(2.0, [0.5, 3.0]), [1.0, 0.2], stats.gamma(2.0, scale=[2.0, 1 / 3])),
    ],
    ids=["Normal", "Bernoulli", "Poisson", "Gamma"],
)
def test_minus_the_log_of_scipys_density(distribution, y, reference):
    log_p = reference.logpmf if hasattr(reference.dist, "pmf") else reference.logpdf
    expected = -log_p(y)
    got = negative_log_likelihood(distribution, y)
    assert got.shape == (2,)
    assert_allclose(got, expected, rtol=1e-12)


def test_one_loss_for_each_vector():
    bell = MultivariateNormal([0.0, 1.0], [[2.0, 0.5], [0.5, 1.0]])
    y = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])
    reference = stats.multivariate_normal([0, 1], [[2, 0.5], [0.5, 1]])
    assert_allclose(negative_log_likelihood(bell, y), -reference.logpdf(y), rtol=1e-12)


def test_the_impossible_costs_infinity_and_certainty_nothing():
    assert negative_log_likelihood(Uniform(0.0, 1.0), 2.0) == np.inf
    sure = negative_log_likelihood(Bernoulli(1.0), 1)
    assert sure == 0
    assert not np.signbit(sure)


@pytest.mark.parametrize(
    ("distribution", "y", "error", "message"),
    [
        (Normal, 1.0, TypeError, "distribution: expected a distribution, got Normal"),
        (3.0, 1.0, TypeError, "distribution: expected a distribution, got float"),
        (Normal(0.0, 1.0), "a", TypeError, "y: expected real numbers, got text"),
        (Normal(0.0, 1.0), [np.nan], ValueError, "y: expected finite numbers"),
        (
            Normal([0.0, 1.0], 1.0),
            [1.0, 2.0, 3.0],
            ValueError,
            r"^y: expected a shape that broadcasts with the parameters, \(2,\)",
        ),
    ],
)
def test_refuses_what_is_no_prediction_or_observation(distribution, y, error, message):
    with pytest.raises(error, match=message):
        negative_log_likelihood(distribution, y)


# --- normal_loss --------------------------------------------------------------------


def test_normal_loss_is_scipys_density(rng):
    mean, s = rng.normal(size=(5, 1)), rng.normal(size=7)
    y = rng.normal(0, 3, size=(5, 7))
    expected = -stats.norm.logpdf(y, mean, np.exp(s))
    assert_allclose(normal_loss(mean, s, y), expected, rtol=1e-12)


@given(st.floats(-5, 5), st.floats(-3, 3), st.floats(-5, 5))
def test_gradient_agrees_with_central_differences(mean, s, y):
    h = 1e-5
    in_mean, in_scale = normal_gradient(mean, s, y)
    up, down = normal_loss(mean + h, s, y), normal_loss(mean - h, s, y)
    wide, narrow = normal_loss(mean, s + h, y), normal_loss(mean, s - h, y)
    # Central differences: h^2/6 times a third derivative of at most 4 z^2, and rounding
    # of 1e-16 / h times the loss, which is at most 10^2 e^6 / 2 = 2e4 here.
    bound = 1e-6 + 1e-9 * max(up, wide)
    assert_allclose(in_mean, (up - down) / (2 * h), atol=bound)
    assert_allclose(in_scale, (wide - narrow) / (2 * h), atol=bound)


def test_the_best_log_scale_is_the_log_of_the_miss():
    found = optimize.minimize_scalar(
        lambda s: float(normal_loss(1.0, s, 4.0)), bounds=(-2, 4), method="bounded"
    )
    assert_allclose(found.x, np.log(3.0), atol=1e-5)
    assert_allclose(normal_gradient(1.0, np.log(3.0), 4.0)[1], 0.0, atol=1e-15)


def test_extreme_scales_stay_finite_or_become_infinite_without_warning():
    assert_allclose(normal_loss(2.0, [-700.0, 700.0], 2.0), [-699.081061, 700.918939])
    assert normal_loss(0.0, -700.0, 1.0) == np.inf
    assert normal_loss(0.0, 700.0, 1e300) > 700
    in_mean, in_scale = normal_gradient(0.0, -700.0, 1.0)
    assert in_mean == -np.inf
    assert in_scale == -np.inf


@pytest.mark.parametrize("function", [normal_loss, normal_gradient])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0.0, 710.0, 1.0), ValueError, "log_scale: expected numbers from -700 to 700"),
        ((0.0, [1.0, -1e3], 1.0), ValueError, "got -1000"),
        (([0.0, 1.0], 0.0, [1.0, 2.0, 3.0]), ValueError, r"y: .* \(2,\), got \(3,\)"),
        (
            (np.zeros((3, 1)), np.zeros((2, 5)), 1.0),
            ValueError,
            "log_scale: expected a",
        ),
        ((np.inf, 0.0, 1.0), ValueError, "mean: expected finite numbers"),
        ((0.0, 0.0, "y"), TypeError, "y: expected real numbers"),
    ],
)
def test_normal_loss_refuses(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)


# --- fit_model ----------------------------------------------------------------------


def test_normal_line_is_least_squares(rng):
    x = rng.normal(size=30)
    y = 1 + 2 * x + rng.normal(size=30)
    fit = fit_model(lambda u: Normal(u[0] + u[1] * x, np.exp(u[2])), y, [0, 0, 0])
    ols = fit_ols(add_intercept(x), y)
    # The search stops within 1e-10 nats; the information is about n, so within 1e-5.
    assert_allclose(fit.params[:2], ols.coefficients, atol=1e-5)
    assert_allclose(np.exp(2 * fit.params[2]), ols.variance_mle, rtol=1e-5)
    assert fit.converged


def test_bernoulli_line_is_scikit_learns_logistic_regression(rng):
    x = rng.normal(size=60)
    y = (rng.random(60) < 1 / (1 + np.exp(-x))).astype(int)

    def model(u):
        return Bernoulli(1 / (1 + np.exp(-u[0] - u[1] * x)))

    fit = fit_model(model, y, [0, 0])
    other = LogisticRegression(C=np.inf, tol=1e-10).fit(x[:, None], y)
    expected = [other.intercept_[0], other.coef_[0, 0]]
    assert_allclose(fit.params, expected, atol=1e-4)


def test_poisson_line_is_scikit_learns_poisson_regression(rng):
    x = rng.normal(size=60)
    y = rng.poisson(np.exp(0.5 + 0.7 * x))
    fit = fit_model(lambda u: Poisson(np.exp(u[0] + u[1] * x)), y, [0, 0])
    other = PoissonRegressor(alpha=0, tol=1e-10).fit(x[:, None], y)
    assert_allclose(fit.params, [other.intercept_, other.coef_[0]], atol=1e-4)


def test_categorical_without_features_gives_the_shares():
    y = np.array([0, 0, 1, 2, 2, 2])

    def model(u):
        p = np.exp([0.0, u[0], u[1]])
        return Categorical(np.tile(p / p.sum(), (6, 1)))

    shares = np.array([2, 1, 3]) / 6
    expected = np.log(shares[1:] / shares[0])
    assert_allclose(fit_model(model, y, [0, 0]).params, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "y", "init", "error", "message"),
    [
        (None, [1.0], [0.0], TypeError, "model: expected a callable"),
        (
            lambda u: 3.0,
            [1.0],
            [0.0],
            TypeError,
            "distribution: expected a distribution",
        ),
        (
            lambda u: Normal(u[0], 1.0),
            1.0,
            [0.0],
            ValueError,
            r"y: expected shape \(n,\)",
        ),
        (
            lambda u: Normal(u[0] * np.ones((2, 1)), 1.0),
            [1.0, 2.0],
            [0.0],
            ValueError,
            r"y: expected one observation for each prediction, \(2, 2\), got \(2,\)",
        ),
        (
            lambda u: Uniform(u[0], u[0] + 1.0),
            [5.0],
            [0.0],
            ValueError,
            "init: expected parameters with a finite log-likelihood",
        ),
    ],
)
def test_fit_model_refuses(model, y, init, error, message):
    with pytest.raises(error, match=message):
        fit_model(model, y, init)
