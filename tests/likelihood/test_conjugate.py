"""Conjugate updates: hand-worked records, portions, SciPy, limits, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import betainc, betaincc, betaln

from mlnotes.likelihood.conjugate import (
    GridPosterior,
    NormalInverseGamma,
    beta_binomial_log_prob,
    credible_interval,
    grid_posterior,
    negative_binomial_log_prob,
    predict_normal,
    update_beta,
    update_dirichlet,
    update_gamma,
    update_normal,
    update_normal_inverse_gamma,
    update_wishart,
)
from mlnotes.probability.distributions import (
    Beta,
    Dirichlet,
    Gamma,
    InverseGamma,
    Laplace,
    Normal,
    StudentT,
    Wishart,
)


def fields(record):
    """Parameters of a record, in the order of its constructor."""
    return [getattr(record, name) for name in record.__slots__]


V = np.array([[0.5, 0.1], [0.1, 0.3]])
X = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]])


@pytest.mark.parametrize(
    ("update", "prior", "data", "expected"),
    [
        (update_beta, Beta(2, 3), (4, 1), (6, 4)),
        # Precisions 1/4 and 3/12: equal weights for 1 and the mean 5; variance 2.
        (update_normal, Normal(1, 2), ([4, 5, 6], np.sqrt(12)), (3, np.sqrt(2))),
        # k 2 + 2, m (2*1 + 2*4)/4, a 3 + 1, b 5 + 2/2 + 2*2*9/(2*4).
        (
            update_normal_inverse_gamma,
            NormalInverseGamma(1, 2, 3, 5),
            ([3, 5],),
            (2.5, 4, 4, 10.5),
        ),
        (update_gamma, Gamma(6, 2), ([4, 7, 5, 2],), (24, 6)),
        (update_dirichlet, Dirichlet([1, 2, 3]), ([5, 0, 2],), ([6, 2, 5],)),
        (
            update_wishart,
            Wishart(3, np.diag([1, 0.5])),
            ([[3, 1], [1, 3]], [1, 1]),
            (5, np.diag([1 / (1 + 4), 1 / (2 + 4)])),
        ),
    ],
)
def test_worked_by_hand(update, prior, data, expected):
    for got, want in zip(fields(update(prior, *data)), expected, strict=True):
        assert_allclose(got, want, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("update", "prior", "data", "rest"),
    [
        (update_normal, Normal(1, 2), [4.0, 5.5, 6.0, -1.0, 3.0], (0.7,)),
        (
            update_normal_inverse_gamma,
            NormalInverseGamma(1, 2, 3, 5),
            [4.0, 5.5, 6.0, -1.0, 3.0],
            (),
        ),
        (update_gamma, Gamma(6, 2), [4, 7, 5, 2, 0], ()),
        (update_wishart, Wishart(3, V), np.vstack([X, X[:2] + 1]), ([0.3, 0.1],)),
    ],
)
@pytest.mark.parametrize("cut", [1, 2, 4])
def test_data_may_come_in_portions_and_in_any_order(update, prior, data, rest, cut):
    at_once = update(prior, data, *rest)
    steps = update(update(prior, data[cut:], *rest), data[:cut], *rest)
    for got, want in zip(fields(steps), fields(at_once), strict=True):
        assert_allclose(got, want, rtol=1e-12)


def test_samples_of_a_stack_are_updated_one_by_one(rng):
    x = rng.normal(3, 2, (5, 7))
    counts = rng.integers(0, 9, (5, 7))
    for update, prior, data in (
        (lambda p, x: update_normal(p, x, 0.7), Normal(1, 2), x),
        (update_normal_inverse_gamma, NormalInverseGamma(1, 2, 3, 5), x),
        (update_gamma, Gamma(6, 2), counts),
        (update_dirichlet, Dirichlet(np.ones(7)), counts),
    ):
        stack = update(prior, data)
        for i in range(5):
            for got, want in zip(
                fields(stack), fields(update(prior, data[i])), strict=True
            ):
                assert_allclose(np.broadcast_to(got, (5, *want.shape))[i], want)


def test_priors_of_a_stack_broadcast_with_the_data():
    belief = update_beta(Beta([[1], [20]], 1), [0, 3, 5], [5, 2, 0])
    assert belief.a.tolist() == [[1, 4, 6], [20, 23, 25]]
    assert belief.b.tolist() == [[6, 3, 1], [6, 3, 1]]
    assert update_gamma(Gamma([1.0, 2.0], 3), [4, 5]).shape.tolist() == [10, 11]


# --- the normal-inverse-gamma record ------------------------------------------------


def test_joint_density_agrees_with_scipy(rng):
    m, k, a, b = 1.5, 0.7, 2.2, 3.1
    mu, v = rng.normal(size=11), rng.uniform(0.1, 5, 11)
    expected = stats.invgamma.logpdf(v, a, scale=b)
    expected += stats.norm.logpdf(mu, m, np.sqrt(v / k))
    got = NormalInverseGamma(m, k, a, b).log_prob(mu, v)
    assert_allclose(got, expected, rtol=1e-12)
    grid = NormalInverseGamma(m, k, a, b).log_prob(mu, v[:, None])
    assert grid.shape == (11, 11)
    assert_allclose(np.diagonal(grid), expected, rtol=1e-12)
    # SciPy's own record takes (mu, lambda, a, b).
    peer = stats.normal_inverse_gamma(m, k, a, b)
    assert_allclose(got, peer.logpdf(mu, v), rtol=1e-12)


def test_impossible_variances_have_no_density():
    got = NormalInverseGamma(0, 1, 2, 3).log_prob(0.0, [-1.0, 0.0, 1.0])
    assert np.isneginf(got).tolist() == [True, True, False]


def test_density_of_a_mean_that_is_too_far_away_is_zero():
    assert NormalInverseGamma(1e300, 1, 2, 3).log_prob(-1e300, 1e-300) == -np.inf


def test_draws_follow_the_marginals(rng):
    belief = NormalInverseGamma([1.0, -2.0], 0.7, 3.2, 3.1)
    mu, v = belief.sample((20_000,), rng=rng)
    assert mu.shape == v.shape == (20_000, 2)
    for i, center in enumerate((1.0, -2.0)):
        t = stats.t(6.4, center, np.sqrt(3.1 / (3.2 * 0.7)))
        # At the level 1e-6 a correct sampler fails one time in a million.
        assert stats.kstest(mu[:, i], t.cdf).pvalue > 1e-6
        assert stats.kstest(v[:, i], stats.invgamma(3.2, scale=3.1).cdf).pvalue > 1e-6
    # Given the variance, the mean is normal: not independent of it.
    z = (mu[:, 0] - 1) / np.sqrt(v[:, 0] / 0.7)
    assert stats.kstest(z, "norm").pvalue > 1e-6
    single = belief.sample(rng=rng)
    assert single[0].shape == single[1].shape == (2,)


def test_parameters_of_a_record_broadcast_and_are_read_only():
    belief = NormalInverseGamma([0.0, 1.0], 1, 2, 3)
    assert belief.scale.tolist() == [3, 3]
    assert not belief.loc.flags.writeable
    assert belief.predictive().loc.tolist() == [0, 1]
    assert belief.marginal_variance().mean().tolist() == [3, 3]


# --- predictions --------------------------------------------------------------------


def test_prediction_of_a_normal_adds_the_variances():
    new = predict_normal(Normal([1, 2], 3), sigma=4)
    assert new.loc.tolist() == [1, 2]
    assert_allclose(new.variance(), 25, rtol=1e-12)
    huge = predict_normal(Normal(0, 1e200), sigma=1e200)
    assert_allclose(huge.scale, np.sqrt(2) * 1e200, rtol=1e-12)


@given(st.floats(0.05, 50), st.floats(0.05, 50), st.integers(1, 60))
def test_beta_binomial_agrees_with_scipy(a, b, n):
    k = np.arange(n + 1)
    log_p = beta_binomial_log_prob(Beta(a, b), k, n)
    # Three log-betas of size up to 100 leave about 1e-13.
    assert_allclose(log_p, stats.betabinom.logpmf(k, n, a, b), atol=1e-11)
    assert_allclose(np.exp(log_p).sum(), 1, rtol=1e-11)


@given(st.floats(0.05, 500), st.floats(0.05, 50))
def test_negative_binomial_agrees_with_scipy(a, b):
    x = np.arange(200)
    log_p = negative_binomial_log_prob(Gamma(a, b), x)
    assert_allclose(log_p, stats.nbinom.logpmf(x, a, b / (b + 1)), rtol=1e-9, atol=1e-9)


def test_certain_rate_gives_a_poisson():
    # The variance of the rate is 4e-9; log-probabilities move by about that.
    got = negative_binomial_log_prob(Gamma(4e9, 1e9), np.arange(12))
    assert_allclose(got, stats.poisson.logpmf(np.arange(12), 4), atol=1e-7)


@pytest.mark.parametrize("size", [1e9, 1e12, 1e300])
def test_certain_probability_gives_a_binomial(size):
    n, k = 300, np.arange(301)
    got = beta_binomial_log_prob(Beta(size, size), k, n)
    # The j-th of n factors is off by at most j / size; logs of up to n log(2 size)
    # are rounded a few times.
    tolerance = n * n / 2 / size + 4 * np.finfo(float).eps * n * np.log(2 * size)
    assert_allclose(got, stats.binom.logpmf(k, n, 0.5), rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [
        (5, 1e12, 1_000_000),
        (1e12, 5, 1_000_000),
        (1e5, 1e12, 1_000_000),
        (1e8, 100, 1_000_000),
        (0.5, 1e4, 1000),
        (3e4, 1e4, 3),
    ],
)
def test_many_trials_of_a_nearly_certain_probability(a, b, n):
    # Only failures, one after the other: each a ratio of two numbers.
    expected = -np.log1p(a / (b + np.arange(n))).sum()
    # Terms of up to n log(a + b + n) that cancel, rounded a few times.
    tolerance = 8 * np.finfo(float).eps * n * np.log(a + b + n)
    got = beta_binomial_log_prob(Beta(a, b), 0, n)
    assert_allclose(got, expected, rtol=0, atol=tolerance)


def test_prior_predictive_of_counts_is_the_evidence():
    assert_allclose(np.exp(beta_binomial_log_prob(Beta(1, 1), 4, 5)), 1 / 6, rtol=1e-12)


# --- credible intervals -------------------------------------------------------------


@pytest.mark.parametrize(
    ("posterior", "peer"),
    [
        (Beta([5, 0.5], 2), stats.beta([5, 0.5], 2)),
        (Gamma([24, 0.5], 6), stats.gamma([24, 0.5], scale=1 / 6)),
        (InverseGamma([3.5, 0.7], 2), stats.invgamma([3.5, 0.7], scale=2)),
        (Normal([0, 1], 2), stats.norm([0, 1], 2)),
        (StudentT([2, 7], 1, 3), stats.t([2, 7], 1, 3)),
    ],
)
@pytest.mark.parametrize("mass", [0.5, 0.95, 0.999])
def test_intervals_agree_with_scipy(posterior, peer, mass):
    got = credible_interval(posterior, mass)
    assert got.shape == (2, 2)
    assert_allclose(got, peer.interval(mass), rtol=1e-8)


@pytest.mark.parametrize(
    ("a", "b"), [(1000, 1e9), (1e9, 1000), (1000, 1000), (4, 1e12), (1e12, 1e12)]
)
def test_intervals_of_a_sharp_probability(a, b):
    # The distribution function, which SciPy does not compute by its quantile.
    low, high = credible_interval(Beta(a, b))
    # Near 1 the ends are rounded to 1e-16, against a deviation of at least 1e-8.
    assert_allclose([betainc(a, b, low), betaincc(a, b, high)], 0.025, rtol=1e-4)


@pytest.mark.parametrize(
    "posterior", [Normal(0, 1), StudentT(7, 0, 1), Beta(3, 3), Gamma(2, 1)]
)
def test_nearly_all_of_the_mass(posterior):
    mass = 1 - 2.0**-53
    low, high = credible_interval(posterior, mass)
    assert low < high < np.inf
    if not isinstance(posterior, Gamma):  # symmetric
        center = float(posterior.mean())
        assert_allclose(center - low, high - center, rtol=1e-12)


def test_ends_beyond_the_largest_number_are_infinite():
    low, high = credible_interval(InverseGamma(1e-3, 1e-3))
    # The upper end is about 1e1600; the lower one is where the gamma has 2.5% above.
    assert_allclose(stats.gamma.sf(1e-3 / low, 1e-3), 0.025, rtol=1e-9)
    assert high == np.inf
    assert credible_interval(Gamma(1e12, 1e-300)).tolist() == [np.inf, np.inf]
    t = credible_interval(StudentT([1e-300, 1e-3, 0.01], 1, 1))
    assert t[:, :2].tolist() == [[-np.inf] * 2, [np.inf] * 2]
    # So far out x = df / t^2 is small: P(|t| > u) = x^(df/2) / (df/2 B(df/2, 1/2)).
    log_x = 200 * (np.log(0.05) + np.log(0.005) + betaln(0.005, 0.5))
    assert_allclose(t[1, 2], 0.1 * np.exp(-log_x / 2), rtol=1e-11)


def test_interval_of_one_number():
    low, high = credible_interval(Beta(5, 2))
    assert_allclose([low, high], [0.358765, 0.956728], atol=1e-6)


# --- the grid -----------------------------------------------------------------------


def test_grid_survives_likelihoods_that_underflow():
    p = (np.arange(1000) + 0.5) / 1000
    log_lik = 60_000 * np.log(p) + 40_000 * np.log1p(-p)  # below -67000 everywhere
    found = grid_posterior(np.zeros(1000), log_lik, 1e-3)
    peer = stats.beta(60_001, 40_001)
    assert_allclose(found.masses.sum(), 1, rtol=1e-12)
    assert_allclose(found.masses @ p, peer.mean(), rtol=1e-9)
    assert_allclose(found.log_evidence, betaln(60_001, 40_001), atol=1e-8)


def test_constants_move_the_evidence_only():
    log_lik = np.array([[-1.0, -2.0, -np.inf], [0.5, -3.0, -1.0]])
    first = grid_posterior(np.zeros((2, 3)), log_lik, 0.5)
    second = grid_posterior(np.full((2, 3), -7.0), log_lik, 0.5)
    assert_allclose(first.masses, second.masses, rtol=1e-12)
    assert_allclose(first.log_evidence - second.log_evidence, 7, rtol=1e-12)
    assert first.masses[0, 2] == 0
    assert_allclose(first.density, first.masses / 0.5)
    assert_allclose(np.exp(first.log_evidence), 0.5 * np.exp(log_lik).sum())


def test_record_of_a_grid_is_read_only():
    found = grid_posterior([0.0, 0.0], [0.0, 1.0], 1.0)
    assert isinstance(found, GridPosterior)
    with pytest.raises(ValueError, match="read-only"):
        found.masses[0] = 1.0


# --- limits -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "sigma", "loc", "posterior_scale"),
    [
        (1e200, 1.0, 5.0, 1 / np.sqrt(2)),  # a flat prior: the data alone
        (1e-200, 1.0, 2.0, 1e-200),  # a certain prior: the data change nothing
        (1.0, 1e-200, 5.0, 1e-200 / np.sqrt(2)),
        (1.0, 1e200, 2.0, 1.0),
    ],
)
def test_extreme_precisions_neither_overflow_nor_lose_digits(
    scale, sigma, loc, posterior_scale
):
    after = update_normal(Normal(2, scale), [4, 6], sigma)
    assert_allclose(after.loc, loc, rtol=1e-14)
    assert_allclose(after.scale, posterior_scale, rtol=1e-12)


def test_far_data_do_not_cancel():
    after = update_normal_inverse_gamma(
        NormalInverseGamma(1e8, 1, 2, 1), 1e8 + np.array([0.0, 1.0, 2.0])
    )
    # k 4, m 1e8 + 3/4, b 1 + 2/2 + 3/8.
    assert_allclose(after.loc - 1e8, 0.75, atol=1e-7)
    assert_allclose(after.scale, 2.375, rtol=1e-7)


def test_nearly_singular_scatter_leaves_a_positive_definite_scale(rng):
    x = rng.normal(size=(50, 1)) * [1.0, 1.0] + 1e-5 * rng.normal(size=(50, 2))
    after = update_wishart(Wishart(3, np.eye(2) * 1e4), x, [0, 0])
    direct = np.linalg.inv(np.eye(2) / 1e4 + x.T @ x)
    assert_allclose(after.scale, direct, rtol=1e-4)
    assert np.linalg.eigvalsh(after.scale).min() > 0


@pytest.mark.parametrize("vague", [1e4, 1e10, 1e14])
def test_fewer_vectors_than_dimensions_under_a_vague_wishart(rng, vague):
    x = rng.normal(size=3)
    after = update_wishart(Wishart(3, np.eye(3) * vague), x[None], np.zeros(3))
    # Sherman and Morrison; 1 - c and c are both known to their last digits.
    c = x @ x * vague / (1 + x @ x * vague)
    direct = vague * (np.eye(3) - c * np.outer(x, x) / (x @ x))
    assert_allclose(after.scale, direct, atol=1e-14 * vague)


def test_one_dimension_of_a_wishart_is_a_gamma():
    # W(nu, v) is Gamma(nu / 2, rate 1 / (2 v)); n normals add n / 2 and half squares.
    after = update_wishart(Wishart(3, [[0.5]]), [[2.0], [4.0]], [1.0])
    assert_allclose([after.df / 2, 1 / (2 * after.scale[0, 0])], [2.5, 1 + 5])


def test_no_counts_leave_the_prior():
    assert fields(update_beta(Beta(2, 3), 0, 0)) == [2, 3]
    assert update_dirichlet(Dirichlet([1, 2]), [0, 0]).concentration.tolist() == [1, 2]


def test_inputs_stay_as_they_are():
    x, counts = np.array([3.0, 1.0, 2.0]), np.array([3, 0, 2])
    prior = Gamma(1.0, 1.0)
    for _ in range(2):
        assert float(update_gamma(prior, counts).shape) == 6
        update_normal(Normal(0, 1), x, 1.0)
        update_wishart(Wishart(3, V), X, [0, 0])
    assert x.tolist() == [3, 1, 2]
    assert counts.tolist() == [3, 0, 2]
    assert float(prior.shape) == 1
    assert X[0].tolist() == [1, 2]


# --- refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: update_beta(Beta(1, 1), -1, 2),
            ValueError,
            "successes: .*>= 0, got -1",
        ),
        (
            lambda: update_beta(Beta(1, 1), 1, 2.5),
            ValueError,
            r"failures: .*whole numbers >= 0, got 2\.5",
        ),
        (
            lambda: update_beta(Beta([1, 2], 1), [1, 2, 3], 1),
            ValueError,
            r"successes: expected a shape that broadcasts with \(2,\), got \(3,\)",
        ),
        (
            lambda: update_beta(Beta(1, 1), [1, 2], [1, 2, 3]),
            ValueError,
            r"failures: expected a shape that broadcasts with \(2,\), got \(3,\)",
        ),
        (
            lambda: update_beta(Gamma(1, 1), 1, 1),
            TypeError,
            "prior: expected a Beta record, got Gamma",
        ),
        (
            lambda: update_beta(Beta, 1, 1),
            TypeError,
            "prior: expected a Beta record, got Beta",
        ),
        (lambda: update_normal(Normal(0, 1), 3.0, 1), ValueError, r"x: .*\(\.\.\., n"),
        (lambda: update_normal(Normal(0, 1), [3.0], 0), ValueError, "sigma: .*> 0"),
        (lambda: update_normal(Normal(0, 1), [], 1), ValueError, "x: .*at least one"),
        (
            lambda: update_normal(Normal([0, 1], 1), np.ones((3, 4)), 1),
            ValueError,
            r"x: expected a shape that broadcasts with \(2,\), got \(3,\)",
        ),
        (
            lambda: update_normal(None, [3.0], 1),
            TypeError,
            "prior: expected a Normal record, got NoneType",
        ),
        (
            lambda: update_normal_inverse_gamma(Normal(0, 1), [1.0]),
            TypeError,
            "prior: expected a NormalInverseGamma record",
        ),
        (lambda: NormalInverseGamma(0, 0, 1, 1), ValueError, "pseudo_count: .*> 0"),
        (lambda: NormalInverseGamma(0, 1, -0.5, 1), ValueError, "shape: .*> 0"),
        (lambda: NormalInverseGamma(0, 1, 1, 0), ValueError, "scale: .*> 0"),
        (
            lambda: NormalInverseGamma([0, 1], 1, [1, 2, 3], 1),
            ValueError,
            "shape: .*broadcasts",
        ),
        (
            lambda: NormalInverseGamma(0, 1, 1, 1).log_prob([1, 2], [1, 2, 3]),
            ValueError,
            "variance: .*broadcasts",
        ),
        (
            lambda: NormalInverseGamma([0, 1], 1, 1, 1).log_prob([1, 2, 3], 1),
            ValueError,
            "mean: .*broadcasts",
        ),
        (lambda: update_gamma(Gamma(1, 1), [1, -2]), ValueError, "x: .*>= 0, got -2"),
        (lambda: update_gamma(Gamma(1, 1), [1, 0.5]), ValueError, "x: .*whole"),
        (lambda: update_gamma(Gamma(1, 1), 3), ValueError, r"x: .*\(\.\.\., n\)"),
        (
            lambda: update_dirichlet(Dirichlet([1, 1, 1]), [1, 2]),
            ValueError,
            r"counts: expected shape \(\.\.\., 3\), got \(2,\)",
        ),
        (
            lambda: update_dirichlet(Dirichlet([1, 1]), [1, -2]),
            ValueError,
            "counts: .*>= 0",
        ),
        (
            lambda: update_dirichlet(Dirichlet(np.ones((2, 3))), np.ones((4, 3))),
            ValueError,
            "counts: .*broadcasts",
        ),
        (
            lambda: update_wishart(Wishart(3, V), np.ones((4, 3)), [0, 0]),
            ValueError,
            r"X: expected shape \(n, 2\), got \(4, 3\)",
        ),
        (
            lambda: update_wishart(Wishart(3, V), X, [0, 0, 0]),
            ValueError,
            r"mean: expected shape \(2,\)",
        ),
        (
            lambda: update_wishart(Wishart(3, [[1, 2], [2, 1]]), X, [0, 0]),
            ValueError,
            "scale: expected a positive definite matrix",
        ),
        (lambda: predict_normal(Normal(0, 1), -1), ValueError, "sigma: .*> 0, got -1"),
        (lambda: predict_normal(Beta(1, 1), 1), TypeError, "belief: .*Normal record"),
        (
            lambda: beta_binomial_log_prob(Beta(1, 1), 6, 5),
            ValueError,
            "k: expected counts <= n, 5, got 6",
        ),
        (
            lambda: beta_binomial_log_prob(Beta([1, 2], 1), [1, 2, 3], 5),
            ValueError,
            "k: .*broadcasts",
        ),
        (
            lambda: beta_binomial_log_prob(Beta(1, 1), 1, 2.5),
            ValueError,
            "n: expected a whole number",
        ),
        (
            lambda: negative_binomial_log_prob(Gamma(1, 1), -1),
            ValueError,
            "x: .*>= 0",
        ),
        (
            lambda: negative_binomial_log_prob(Gamma([1, 2], 1), [1, 2, 3]),
            ValueError,
            "x: .*broadcasts",
        ),
        (
            lambda: update_normal_inverse_gamma(
                NormalInverseGamma(0, 1, 1, 1), [1e200]
            ),
            ValueError,
            r"x: expected distances .* below 1e\+150, .* got 1e\+200",
        ),
        (
            lambda: update_wishart(Wishart(3, np.eye(2) * 1e18), [[1, 0.3]], [0, 0]),
            ValueError,
            "scale: expected a positive definite matrix, got one that is singular",
        ),
        (
            lambda: credible_interval(Beta([1, 1e13], 1)),
            ValueError,
            r"posterior: expected Beta parameters <= 1e\+12, got 1e\+13",
        ),
        (lambda: credible_interval(Beta(1, 1), 1.0), ValueError, "mass: .*< 1"),
        (lambda: credible_interval(Beta(1, 1), 0.0), ValueError, "mass: .*> 0"),
        (
            lambda: credible_interval(Laplace(0, 1)),
            TypeError,
            "posterior: expected a Beta or .*StudentT record, got Laplace",
        ),
        (
            lambda: grid_posterior([0.0, 0.0], [0.0], 1.0),
            ValueError,
            r"log_likelihood: expected shape \(2,\) as log_prior, got \(1,\)",
        ),
        (
            lambda: grid_posterior([0.0, -np.inf], [-np.inf, 0.0], 1.0),
            ValueError,
            "log_likelihood: expected data that are possible.*got evidence 0",
        ),
        (
            lambda: grid_posterior([0.0, np.inf], [0.0, 0.0], 1.0),
            ValueError,
            "log_prior: expected finite numbers, got inf",
        ),
        (
            lambda: grid_posterior([0.0, 0.0], [-np.inf, np.nan], 1.0),
            ValueError,
            "log_likelihood: expected finite numbers, got nan",
        ),
        (lambda: grid_posterior([0.0], [0.0], 0.0), ValueError, "cell: .*> 0"),
    ],
)
def test_refusals_name_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
