"""The equations of "Choosing a model: AIC and BIC", each by another route."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.mixture import GaussianMixture
from statsmodels.regression.linear_model import OLS

from mlnotes.likelihood.bayesian_linear_regression import prior, update
from mlnotes.likelihood.model_selection import aic, aicc, bic, model_weights

FREE, FAIR = 4 * np.log(0.8) + np.log(0.2), 5 * np.log(0.5)


def within_five_errors(samples, expected):
    """Whether a mean of independent values is within 5 standard errors."""
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    assert np.all(np.abs(samples.mean(axis=0) - expected) < 5 * error)


@pytest.mark.equation("eq-model-selection-aic", "eq-model-selection-bic")
def test_criteria_of_normal_mixtures(rng):
    """scikit-learn's GaussianMixture, whose parameters are counted by hand."""
    X = np.concatenate([rng.normal(0, 1, (150, 2)), rng.normal(4, 1, (80, 2))])
    # K means and K covariances in the plane, K - 1 weights.
    for K, k in ((1, 5), (2, 11), (3, 17)):
        peer = GaussianMixture(K, random_state=0).fit(X)
        ell = peer.score_samples(X).sum()
        assert_allclose(2 * k - 2 * ell, peer.aic(X), rtol=1e-12)
        assert_allclose(aic(ell, k), peer.aic(X), rtol=1e-12)
        assert_allclose(k * np.log(230) - 2 * ell, peer.bic(X), rtol=1e-12)
        assert_allclose(bic(ell, k, 230), peer.bic(X), rtol=1e-12)


@pytest.mark.equation("eq-model-selection-aic", "eq-model-selection-bic")
def test_criteria_of_a_regression():
    """The OLS of statsmodels, which leaves the variance out: 2 or log n less."""
    x = np.arange(17.0)
    X, y = np.column_stack([np.ones(17), x, x**2]), np.cos(x)
    peer = OLS(y, X).fit()
    assert_allclose(aic(peer.llf, 3), peer.aic, rtol=1e-12)
    assert_allclose(bic(peer.llf, 3, 17), peer.bic, rtol=1e-12)
    assert_allclose(aic(peer.llf, 4), peer.aic + 2, rtol=1e-12)
    assert_allclose(bic(peer.llf, 4, 17), peer.bic + np.log(17), rtol=1e-12)


@pytest.mark.equation("eq-model-selection-aic", "eq-model-selection-bic")
def test_figures_of_the_coin():
    """The reference figures of five flips: AIC and BIC disagree."""
    assert_allclose(aic([FREE, FAIR], [1, 0]), [7.004024, 6.931472], rtol=1e-6)
    assert_allclose(bic([FREE, FAIR], [1, 0], 5), [6.613462, 6.931472], rtol=1e-6)


@pytest.mark.equation("eq-model-selection-kl")
def test_expected_log_likelihood_is_divergence_and_entropy():
    """Quadrature of a gamma source under a normal model, from the definitions."""
    source, model, n = stats.gamma(3.0), stats.norm(2.5, 2.0), 7

    def average(f):
        return integrate.quad(lambda x: source.pdf(x) * f(x), 0, 60, epsabs=1e-12)[0]

    expected = n * average(model.logpdf)
    divergence = average(lambda x: source.logpdf(x) - model.logpdf(x))
    assert_allclose(-2 * expected, 2 * n * (divergence + source.entropy()), rtol=1e-8)


@pytest.mark.equation("eq-model-selection-optimism")
@pytest.mark.parametrize("k", [1, 2])
def test_flattery_is_the_number_of_parameters(rng, k):
    """Simulation of Poisson groups: expected fresh log-likelihood by its formula."""
    # k groups of 400 counts; E[y log m - m] at the true mean 5 is 5 log m - m.
    y = rng.poisson(5, size=(20_000, k, 400)).mean(axis=2)
    own = 400 * (y * np.log(y) - y).sum(axis=1)  # log y! is the same on both sides
    fresh = 400 * (5 * np.log(y) - y).sum(axis=1)
    own_at_truth = 400 * (y * np.log(5) - 5).sum(axis=1)
    fresh_at_truth = 400 * k * (5 * np.log(5) - 5)
    # At the truth both agree on average. Without that difference, whose standard error
    # is about 0.5, the gap has one of 0.01. Corrections are of order 1 / 2000.
    within_five_errors(own_at_truth - fresh_at_truth, 0)
    within_five_errors(own - fresh - (own_at_truth - fresh_at_truth), k)
    within_five_errors(own - own_at_truth, k / 2)
    within_five_errors(fresh_at_truth - fresh, k / 2)


@pytest.mark.equation("eq-model-selection-gaussian")
def test_maximum_depends_on_the_sum_of_squares_alone():
    """Numerical maximization of SciPy's densities over all parameters."""
    x = np.arange(11.0)
    y = np.sin(x) + 0.3 * x
    found = optimize.minimize(
        lambda t: -stats.norm.logpdf(y, t[0] + t[1] * x, np.exp(t[2])).sum(),
        x0=[0.0, 0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000, "maxfev": 5000},
    )
    fit = LinearRegression().fit(x[:, None], y)
    sse = ((y - fit.predict(x[:, None])) ** 2).sum()
    assert_allclose(-found.fun, -11 / 2 * (np.log(2 * np.pi * sse / 11) + 1))


@pytest.mark.equation("eq-model-selection-aicc")
@pytest.mark.parametrize(("n", "p"), [(8, 1), (12, 4), (40, 3)])
def test_exact_gap_of_a_regression(rng, n, p):
    """Simulation with fresh targets drawn, not integrated: 5 standard errors."""
    X = rng.normal(size=(n, p))
    hat = X @ np.linalg.pinv(X)
    mean = X @ rng.normal(size=p)
    y, fresh = mean + 1.7 * rng.normal(size=(2, 100_000, n))
    fitted = y @ hat
    variance = ((y - fitted) ** 2).mean(axis=1)
    own, other = (
        stats.norm.logpdf(z, fitted, np.sqrt(variance)[:, None]).sum(axis=1)
        for z in (y, fresh)
    )
    k = p + 1
    within_five_errors(own - other, n * k / (n - k - 1))
    price = (aicc(own, k, n) + 2 * own) / 2
    assert_allclose(price, n * k / (n - k - 1), rtol=1e-10)
    within_five_errors(aicc(own, k, n) + 2 * other, 0)
    assert_allclose(aicc(0.0, k, n), 2 * k + 2 * k * (k + 1) / (n - k - 1), rtol=1e-12)


@pytest.mark.equation("eq-model-selection-laplace")
def test_laplace_approximation_of_the_coin():
    """Exact evidence, a Beta function: the error falls as 1 / n."""
    errors = []
    for n in (50, 500, 5000):
        heads = 0.8 * n
        exact = special.betaln(heads + 3, n - heads + 2) - special.betaln(3, 2)
        best = heads * np.log(0.8) + (n - heads) * np.log(0.2)
        information = n / (0.8 * 0.2)
        laplace = (
            best
            + stats.beta.logpdf(0.8, 3, 2)
            + np.log(2 * np.pi) / 2
            - np.log(information) / 2
        )
        errors.append(n * (laplace - exact))
    # n times the error settles, so the error itself vanishes.
    assert_allclose(errors[1:], errors[2], rtol=0.05)
    assert abs(errors[2]) < 20


@pytest.mark.equation("eq-model-selection-laplace")
def test_laplace_approximation_is_exact_for_a_normal_integrand():
    """Quadrature of a parabola in the exponent with a flat prior, two parameters."""
    J, top = np.array([[3.0, 1.0], [1.0, 2.0]]), -4.0
    total, _ = integrate.dblquad(
        lambda b, a: np.exp(top - np.array([a, b]) @ J @ np.array([a, b]) / 2),
        *(-10, 10, -10, 10),
    )
    flat = 1 / 400
    laplace = top + np.log(flat) + np.log(2 * np.pi) - np.log(np.linalg.det(J)) / 2
    assert_allclose(np.log(total * flat), laplace, rtol=1e-8)


@pytest.mark.equation("eq-model-selection-bic-error")
def test_error_of_bic_for_the_coin():
    """Exact evidence, a Beta function: the error tends to the printed constant."""
    for a, b in ((1, 1), (30, 30)):
        n = 10_000_000
        heads = 0.8 * n
        best = heads * np.log(0.8) + (n - heads) * np.log(0.2)
        exact = special.betaln(heads + a, n - heads + b) - special.betaln(a, b)
        rest = (
            np.log(1 / (0.8 * 0.2))
            - np.log(2 * np.pi)
            - 2 * stats.beta.logpdf(0.8, a, b)
        )
        assert_allclose(-2 * exact - bic(best, 1, n), rest, atol=1e-3)


@pytest.mark.equation("eq-model-selection-bic-error")
@pytest.mark.parametrize("precision", [0.1, 1e-4])
def test_error_of_bic_for_a_regression(rng, precision):
    """The exact evidence of Bayesian linear regression."""
    n, s2 = 20_000, 2.0
    X = rng.normal(size=(n, 3))
    y = X @ [1.0, 2.0, -3.0] + rng.normal(0, np.sqrt(s2), n)
    w, *_ = np.linalg.lstsq(X, y)
    ell = stats.norm.logpdf(y, X @ w, np.sqrt(s2)).sum()
    rest = (
        np.linalg.slogdet(X.T @ X / n / s2)[1]
        - 3 * np.log(2 * np.pi)
        - 2 * stats.norm.logpdf(w, 0, precision**-0.5).sum()
    )
    exact = -2 * update(prior(3, precision, s2), X, y).log_evidence
    assert_allclose(exact - bic(ell, 3, n), rest, atol=1e-2)


@pytest.mark.equation("eq-model-selection-weights")
def test_weights_are_posterior_probabilities(rng):
    """Simulation: of the coins that show these flips, the share that is bent."""
    n = 400_000
    bent = rng.random(n) < 0.5
    p = np.where(bent, rng.random(n), 0.5)
    heads = rng.random((5, n)) < p
    seen = (heads == np.array([1, 1, 1, 0, 1], dtype=bool)[:, None]).all(axis=0)
    weight = model_weights([-2 * np.log(1 / 32), -2 * np.log(1 / 30)])
    assert_allclose(weight, [15 / 31, 16 / 31], rtol=1e-12)
    within_five_errors(bent[seen].astype(float), weight[1])


@pytest.mark.equation("eq-model-selection-overfit")
def test_limiting_share_of_overfitting(rng):
    """Quadrature for two useless terms, simulated random walks for more."""
    q = [1.0]
    for K in range(1, 7):
        j = np.arange(1, K + 1)
        q.append(np.dot(stats.chi2.cdf(2 * j, j), q[::-1][:K]) / K)
    assert_allclose(q[1], stats.chi2.cdf(2, 1), rtol=1e-12)
    # First step at most 2, then the second at most what is left.
    two, _ = integrate.quad(
        lambda z: 2 * stats.norm.pdf(z) * stats.chi2.cdf(4 - z**2, 1), 0, np.sqrt(2)
    )
    assert_allclose(q[2], two, rtol=1e-8)
    walks = np.cumsum(rng.chisquare(1, (200_000, 6)) - 2, axis=1)
    stays = np.maximum.accumulate(walks, axis=1) <= 0
    within_five_errors(stays.astype(float), q[1:])


@pytest.mark.equation("eq-model-selection-overfit")
def test_share_of_overfitting_by_the_criterion(rng):
    """Simulation of AIC on nested regressions with 1000 observations."""
    n, K, n_repeats = 1000, 4, 4000
    Q, _ = np.linalg.qr(np.vander(np.linspace(-1, 1, n), 3 + K, increasing=True))
    y = 5 * Q[:, 2] + rng.normal(size=(n_repeats, n))
    explained = np.cumsum((y @ Q) ** 2, axis=1)
    sse = (y**2).sum(axis=1)[:, None] - explained
    ell = -n / 2 * (np.log(2 * np.pi * sse / n) + 1)
    chosen = aic(ell, np.arange(1, 4 + K) + 1)[:, 2:].argmin(axis=1)
    # 0.7446; the correction for n = 1000 is below the standard error of 0.007.
    within_five_errors((chosen == 0).astype(float), 0.7446)
    by_bic = bic(ell, np.arange(1, 4 + K) + 1, n)[:, 2:].argmin(axis=1)
    assert (by_bic == 0).mean() > 0.97


@pytest.mark.equation("eq-model-selection-jacobian")
def test_density_of_a_transformed_variable():
    """SciPy's log-normal, and for the square root an integral that must be 1."""
    y = np.array([0.5, 1.7, 3.2])
    of_log = stats.norm.logpdf(np.log(y), 0.3, 0.8).sum() - np.log(y).sum()
    of_y = stats.lognorm.logpdf(y, 0.8, scale=np.exp(0.3)).sum()
    assert_allclose(of_log, of_y, rtol=1e-12)

    def density(v):  # of y, if its square root is N(5, 0.7^2) and so never below 0
        return np.exp(stats.norm.logpdf(np.sqrt(v), 5, 0.7) - np.log(2 * np.sqrt(v)))

    assert_allclose(integrate.quad(density, 0.1, 120, points=[25])[0], 1, rtol=1e-8)


def test_claims_about_the_diabetes_data():
    """The lesson's comparison of scales, from SciPy's densities."""
    X, y = load_diabetes(return_X_y=True)

    def criterion(z):
        fit = LinearRegression().fit(X, z)
        misses = z - fit.predict(X)
        return stats.norm.logpdf(misses, 0, misses.std()).sum()

    of_y = criterion(y)
    of_log = criterion(np.log(y)) - np.log(y).sum()
    of_root = criterion(np.sqrt(y)) - np.log(2 * np.sqrt(y)).sum()
    values = aic([of_y, of_log, of_root], 12)
    assert_allclose(values, [4796.0, 4785.1, 4754.3], atol=0.05)
