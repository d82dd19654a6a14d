"""Generalized linear models: the search, its maximum, and data without one."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor

from mlnotes.likelihood.generalized_linear_models import fit_glm
from mlnotes.likelihood.logistic_regression import FAMILY as LOGISTIC
from mlnotes.losses.deviances import tweedie_family

PEERS = {
    1: (PoissonRegressor, sm.families.Poisson()),
    1.5: (
        lambda **keywords: TweedieRegressor(power=1.5, link="log", **keywords),
        sm.families.Tweedie(sm.families.links.Log(), var_power=1.5),
    ),
    2: (GammaRegressor, sm.families.Gamma(sm.families.links.Log())),
}


def simulated(rng, power, n=307, d=3):
    """Design matrix and responses whose variance is a power of their mean."""
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d))])
    mean = np.exp(X @ [0.7, 0.5, -0.3, 0.2][: d + 1])
    counts = rng.poisson(mean)
    if power == 1:
        return X, counts.astype(float)
    if power == 2:
        return X, rng.gamma(2.0, mean / 2)
    return X, np.array([rng.gamma(1.0, 1.0, size=k).sum() for k in counts])


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_the_fit_is_that_of_scikit_learn_and_statsmodels(rng, power):
    X, y = simulated(rng, power)
    fit = fit_glm(X, y, tweedie_family(power))
    regressor, family = PEERS[power]
    # scikit-learn bounds the gradient of the mean loss by tol.
    peer = regressor(alpha=0, tol=1e-9, max_iter=10_000).fit(X[:, 1:], y)
    assert fit.converged
    assert_allclose(fit.coefficients, [peer.intercept_, *peer.coef_], atol=1e-6)
    other = sm.GLM(y, X, family=family).fit(tol=1e-12)
    assert_allclose(fit.coefficients, other.params, atol=1e-6)
    assert_allclose(fit.standard_errors, other.bse, rtol=1e-6)
    assert_allclose(fit.deviance, other.deviance, rtol=1e-9)
    assert_allclose(fit.dispersion, other.scale, rtol=1e-6)


@pytest.mark.parametrize("power", [1, 1.3, 1.9, 2])
def test_no_search_from_elsewhere_finds_a_higher_likelihood(rng, power):
    X, y = simulated(rng, power, n=97, d=2)
    family = tweedie_family(power)
    fit = fit_glm(X, y, family)

    def loss(beta):
        return -family.contributions(X @ beta, y)[0].sum()

    found = optimize.minimize(loss, np.zeros(3), tol=1e-10)
    assert_allclose(fit.coefficients, found.x, atol=1e-4)
    assert fit.deviance <= 2 * found.fun + 1e-9


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_slopes_and_weights_are_derivatives(rng, power):
    _, y = simulated(rng, power, n=11)
    family, eta, h = tweedie_family(power), rng.normal(size=11), 1e-5
    above, below = (family.contributions(eta + s, y)[0] for s in (h, -h))
    _, slopes, weights = family.contributions(eta, y)
    assert_allclose(slopes, (above - below) / (2 * h), atol=1e-8)
    # On average over y, which enters linearly, the curvature is that at y = mean.
    mean = np.exp(eta)
    above, here, below = (family.contributions(eta + s, mean)[0] for s in (h, 0, -h))
    assert_allclose(weights, (2 * here - above - below) / h**2, rtol=1e-4)


def test_the_logistic_family_is_one_of_them(rng):
    X = np.column_stack([np.ones(211), rng.normal(size=211)])
    y = (rng.random(211) < 0.3).astype(float)
    other = sm.GLM(y, X, family=sm.families.Binomial()).fit(tol=1e-12)
    fit = fit_glm(X, y, LOGISTIC)
    assert_allclose(fit.coefficients, other.params, atol=1e-8)
    assert_allclose(fit.deviance, other.deviance, rtol=1e-10)
    assert fit.dispersion == 1.0


@pytest.mark.parametrize("power", [1.5, 2])
@pytest.mark.parametrize("unit", [1e-30, 1e9])
def test_units_move_only_the_intercept(rng, power, unit):
    X, y = simulated(rng, power)
    family = tweedie_family(power)
    fit, scaled = fit_glm(X, y, family), fit_glm(X, unit * y, family)
    assert scaled.converged
    shift = [np.log(unit), 0, 0, 0]
    # A promised gain of 1e-10 is a distance of about 1e-5 standard errors of 0.04.
    assert_allclose(scaled.coefficients, fit.coefficients + shift, atol=1e-6)
    assert_allclose(scaled.standard_errors, fit.standard_errors, rtol=1e-6)


def test_the_likelihood_never_falls_on_hard_data():
    # A first step to means of e^40: plain steps overshoot here.
    X = np.column_stack([np.ones(6), [0.0, 0.1, 0.2, 0.3, 0.4, 9.0]])
    y = np.array([0.0, 900.0, 0.0, 3.0, 1.0, 0.0])
    for power in (1, 1.5):
        fit = fit_glm(X, y, tweedie_family(power), max_iter=100)
        assert fit.converged
        assert (np.diff(fit.log_likelihoods) >= 0).all()


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_a_perfect_fit_has_no_deviance(power):
    X = np.column_stack([np.ones(5), [0.0, 1.0, 2.0, 3.0, 5.0]])
    y = 2.0 ** X[:, 1]
    fit = fit_glm(X, y, tweedie_family(power))
    assert fit.converged
    assert_allclose(fit.coefficients, [0, np.log(2)], atol=1e-8)
    assert fit.deviance == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("power", [1, 1.5, 2])
@pytest.mark.parametrize("value", [1.0, 3.0, 1e6, 1e100])
@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-12, 1e-6])
def test_responses_that_hardly_vary_are_fitted(rng, power, value, spread):
    # The search starts at a perfect fit, where rounding is all that is left of a gain.
    X, _ = simulated(rng, power, n=29)
    y = value * (1 + spread * rng.normal(size=29))
    fit = fit_glm(X, np.round(y) if power == 1 else y, tweedie_family(power))
    assert fit.converged
    assert not np.signbit(fit.deviance)
    assert_allclose(fit.coefficients, [np.log(value), 0, 0, 0], atol=5 * spread + 1e-12)


def test_dependence_hidden_behind_another_one_is_found(rng):
    y = rng.poisson(2.0, size=97)
    for _ in range(20):
        a, b = rng.normal(size=(2, 97))
        X = np.column_stack([a, a + 2e-6 * b, b])
        # The second column is new enough, about 4e-12 of its squared length. What is
        # left of the third is rounding, magnified by that.
        with pytest.raises(ValueError, match="X: expected linearly independent col"):
            fit_glm(X, y, tweedie_family(1))
        assert fit_glm(X[:, :2], y, tweedie_family(1)).converged


def test_too_few_steps_are_reported(rng):
    X, y = simulated(rng, 2)
    fit = fit_glm(X, y, tweedie_family(2), max_iter=1)
    assert not fit.converged
    assert len(fit.log_likelihoods) == 2
    with pytest.raises(ValueError, match="fit: expected a converged fit"):
        _ = fit.standard_errors


def test_without_a_degree_of_freedom_there_is_no_dispersion():
    fit = fit_glm(np.eye(3), [1.0, 2.0, 3.0], tweedie_family(2))
    with pytest.raises(ValueError, match="fit: expected more examples than coeff"):
        _ = fit.standard_errors


@given(
    st.lists(
        st.tuples(st.integers(-2, 2), st.sampled_from([0, 0, 1, 3])),
        min_size=2,
        max_size=8,
    )
)
def test_zeros_that_a_line_can_single_out_have_no_maximum(examples):
    x, y = np.array(examples, dtype=float).T
    above = x[y > 0]
    if not above.size or np.ptp(x) == 0:
        return
    # A line that is flat on all y > 0 may fall on the zeros only if these have one x,
    # and then all zeros must lie at one side of it.
    singled_out = np.ptp(above) == 0 and (
        (x[y == 0] >= above[0]).all() or (x[y == 0] <= above[0]).all()
    )
    X = np.column_stack([np.ones(x.size), x])
    for power in (1, 1.5):
        if singled_out:
            with pytest.raises(ValueError, match="y: expected zeros that mix"):
                fit_glm(X, y, tweedie_family(power), max_iter=100)
        else:
            assert fit_glm(X, y, tweedie_family(power), max_iter=100).converged


def test_standard_errors_are_the_spread_of_the_estimates(rng):
    X, _ = simulated(rng, 2, n=500, d=1)
    mean = np.exp(X @ [0.7, 0.5])
    fits = [fit_glm(X, rng.gamma(3.0, mean / 3), tweedie_family(2)) for _ in range(400)]
    expected = np.sqrt(np.diag(np.linalg.inv(X.T @ X)) / 3)
    # A standard deviation of 400 draws has the relative error 1/sqrt(800).
    spread = np.std([fit.coefficients for fit in fits], axis=0)
    assert_allclose(spread, expected, rtol=5 / np.sqrt(800))
    assert_allclose(fits[0].standard_errors, expected, rtol=0.25)
