"""Distributions against SciPy, their draws, their fits, and what they refuse."""

import copy
import inspect
from dataclasses import FrozenInstanceError, dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, optimize, stats
from scipy.special import log_softmax

from mlnotes.probability import distributions
from mlnotes.probability.distributions import (
    Bernoulli,
    Beta,
    Binomial,
    Categorical,
    Dirichlet,
    Distribution,
    Exponential,
    Gamma,
    InverseGamma,
    Laplace,
    LogNormal,
    MultivariateNormal,
    Normal,
    Poisson,
    StudentT,
    Uniform,
    Wishart,
)

CONTINUOUS = (
    *(Normal, Laplace, StudentT, Uniform, Beta),
    *(Exponential, Gamma, InverseGamma, LogNormal),
)
FAMILIES = [Bernoulli, Binomial, Categorical, Poisson, *CONTINUOUS]
# These have tests of their own, at the end.
MULTIVARIATE = [Dirichlet, MultivariateNormal, Wishart]


@dataclass(frozen=True)
class Case:
    """A distribution, SciPy's frozen one for each of its elements, and outcomes."""

    ours: Any
    theirs: np.ndarray
    inside: list[float]
    outside: list[float]
    log_error: float

    def reference(self, function):
        """Apply to SciPy's distributions, in the shape of the parameters."""
        with np.errstate(all="ignore"):  # SciPy takes logarithms of 0
            values = [float(function(d)) for d in self.theirs.flat]
        return np.reshape(values, self.theirs.shape)


def case(ours, make, params, inside, outside=(), log_error=1e-12):
    frozen = np.vectorize(make, otypes=[object])(*params)
    return Case(ours, frozen, list(inside), list(outside), log_error)


def one_of_k(*p):
    return stats.rv_discrete(values=(np.arange(len(p)), p))


def laplace(loc, scale):
    # SciPy's own laplace takes the logarithm of a density that has underflowed.
    return stats.gennorm(1, loc, scale)


NOT_WHOLE = [-1, 0.5, 1 + 1e-9, -1e300, 1e300]
REALS = [-1e3, -2.5, 0.0, 1e-300, 0.3, 7.0, 1e6]
UNIT = [1e-9, 0.25, 0.5, 0.9]
POSITIVE = [1e-3, 0.1, 0.3, 1.0, 7.0, 250.0]


def rate_first(family):
    return lambda rate: family(scale=1 / rate)


def rate_last(family):
    return lambda shape, rate: family(shape, scale=1 / rate)


def scale_last(family):
    return lambda shape, scale: family(shape, scale=scale)


def lognormal(loc, scale):
    return stats.lognorm(scale, scale=np.exp(loc))


COIN = np.array([[0.1, 0.5, 0.7], [1e-12, 1 - 1e-12, 0.99]])
FLIPS, BENT = np.array([[1], [7]]), np.array([0.2, 0.5, 0.9])
WEATHER = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
LOCS, SCALES = np.array([[-3.0], [0.0], [1e4]]), np.array([0.01, 1.0, 20.0, 3e5])

CASES = {
    "fair coin": case(Bernoulli(0.5), stats.bernoulli, [0.5], [0, 1], [2, *NOT_WHOLE]),
    "coins": case(Bernoulli(COIN), stats.bernoulli, [COIN], [0, 1], [2, *NOT_WHOLE]),
    "sure coins": case(
        Bernoulli([0.0, 1.0]), stats.bernoulli, [[0.0, 1.0]], [0, 1], [2, *NOT_WHOLE]
    ),
    "count": case(Binomial(5, 0.3), stats.binom, [5, 0.3], range(6), [6, *NOT_WHOLE]),
    "counts": case(
        Binomial(FLIPS, BENT), stats.binom, [FLIPS, BENT], range(8), [8, *NOT_WHOLE]
    ),
    "sure counts": case(
        Binomial(3, [0.0, 1.0]), stats.binom, [3, [0.0, 1.0]], range(4), NOT_WHOLE
    ),
    "many flips": case(
        Binomial(10**6, [0.5, 1e-6]),
        stats.binom,
        [10**6, [0.5, 1e-6]],
        [0, 1, 3, 499_000, 500_000, 500_001, 10**6],
        [10**6 + 1, *NOT_WHOLE],
        log_error=5e-9,  # of the differences of log-gammas in SciPy
    ),
    "weather": case(
        Categorical(WEATHER[0]), one_of_k, WEATHER[0], range(3), [3, *NOT_WHOLE]
    ),
    "weathers": case(
        Categorical(WEATHER), one_of_k, WEATHER.T, range(3), [3, *NOT_WHOLE]
    ),
    "never snow": case(
        Categorical([0.0, 0.25, 0.75, 0.0]),
        one_of_k,
        [0.0, 0.25, 0.75, 0.0],
        range(4),
        [4, *NOT_WHOLE],
    ),
    "only choice": case(Categorical([1.0]), one_of_k, [1.0], [0], [1, *NOT_WHOLE]),
    "standard normal": case(Normal(0, 1), stats.norm, [0, 1], REALS),
    "normals": case(Normal(LOCS, SCALES), stats.norm, [LOCS, SCALES], REALS),
    "standard laplace": case(Laplace(0, 1), laplace, [0, 1], REALS),
    "laplaces": case(Laplace(LOCS, SCALES), laplace, [LOCS, SCALES], REALS),
    "event count": case(Poisson(2.5), stats.poisson, [2.5], range(9), NOT_WHOLE[:-1]),
    "event counts": case(
        Poisson([0.01, 3.0, 700.0]),
        stats.poisson,
        [[0.01, 3.0, 700.0]],
        [0, 1, 5, 255, 256, 690, 1000],
        NOT_WHOLE[:-1],
        log_error=1e-11,
    ),
    "student": case(StudentT(5, 0, 1), stats.t, [5, 0, 1], REALS),
    "students": case(
        StudentT([[5.0], [30.0]], 2.0, [0.5, 3.0]),
        stats.t,
        [[[5.0], [30.0]], 2.0, [0.5, 3.0]],
        REALS,
    ),
    "uniform": case(Uniform(0, 1), stats.uniform, [0, 1], UNIT, [-1e-9, 1.1, 1e300]),
    "uniforms": case(
        Uniform([-2.0, 0.0], [2.0, 1e-3]),
        lambda a, b: stats.uniform(a, b - a),
        [[-2.0, 0.0], [2.0, 1e-3]],
        [0.0, 1e-4],
        [-3.0, 2.1, -1e300],
    ),
    "beta": case(Beta(2.5, 4), stats.beta, [2.5, 4], UNIT, [-1e-9, 1.1, 1e300]),
    "betas": case(
        Beta([[0.5], [1.0], [30.0]], [0.7, 1.0]),
        stats.beta,
        [[[0.5], [1.0], [30.0]], [0.7, 1.0]],
        [1e-300, 1e-9, 0.3, 1 - 1e-9],
        [-1.0, 2.0],
    ),
    "wait": case(Exponential(1.0), stats.expon, [0, 1], POSITIVE, [-1e-9, -1e300]),
    "waits": case(
        Exponential([0.2, 30.0]), rate_first(stats.expon), [[0.2, 30.0]], POSITIVE, [-1]
    ),
    "gamma": case(Gamma(2.5, 1), stats.gamma, [2.5], POSITIVE, [-1e-9, -1e300]),
    "gammas": case(
        Gamma([[0.5], [1.0], [40.0]], [0.2, 30.0]),
        rate_last(stats.gamma),
        [[[0.5], [1.0], [40.0]], [0.2, 30.0]],
        POSITIVE,
        [-1e-9, -1e300],
    ),
    "inverse gamma": case(
        InverseGamma(9, 2),
        scale_last(stats.invgamma),
        [9, 2],
        POSITIVE,
        [0, -1, -1e300],
    ),
    "inverse gammas": case(
        InverseGamma([12.0, 40.0], [0.3, 80.0]),
        scale_last(stats.invgamma),
        [[12.0, 40.0], [0.3, 80.0]],
        POSITIVE,
        [0, -1e-9],
    ),
    "log-normal": case(
        LogNormal(0, 0.5), lognormal, [0, 0.5], POSITIVE, [0, -1e-9, -1e300]
    ),
    "log-normals": case(
        LogNormal([-1.0, 3.0], [0.2, 0.6]),
        lognormal,
        [[-1.0, 3.0], [0.2, 0.6]],
        POSITIVE,
        [0, -1],
    ),
}

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def reference_log_prob(case, x):
    if type(case.ours) in CONTINUOUS:
        return case.reference(lambda d: d.logpdf(x))
    return case.reference(lambda d: d.logpmf(x))


# --- one table for all --------------------------------------------------------------


def test_the_table_holds_every_distribution():
    public = {getattr(distributions, name) for name in distributions.__all__}
    assert public - {Distribution} == {*FAMILIES, *MULTIVARIATE}
    assert {type(case.ours) for case in CASES.values()} == set(FAMILIES)


@every_case
def test_log_prob_inside_the_support(case):
    for x in case.inside:
        want = reference_log_prob(case, x)
        assert_allclose(case.ours.log_prob(x), want, rtol=1e-10, atol=case.log_error)


@every_case
def test_log_prob_outside_the_support(case):
    for x in case.outside:
        assert_array_equal(reference_log_prob(case, x), -np.inf)
        assert_array_equal(case.ours.log_prob(x), np.full(case.theirs.shape, -np.inf))


@every_case
def test_log_prob_broadcasts_outcomes_against_parameters(case):
    batch = case.theirs.shape
    x = np.array([*case.inside, *case.outside])
    together = case.ours.log_prob(x.reshape((-1,) + (1,) * len(batch)))
    assert together.shape == (x.size, *batch)
    assert_array_equal(together, [case.ours.log_prob(value) for value in x])


@every_case
@pytest.mark.parametrize(
    ("ours", "theirs"), [("mean", "mean"), ("variance", "var"), ("entropy", "entropy")]
)
def test_moments_and_entropy(case, ours, theirs):
    got = getattr(case.ours, ours)()
    want = case.reference(lambda d: getattr(d, theirs)())
    assert got.shape == want.shape
    # An error e of all log p moves the entropy by e (1 + H) at most, and H < 9 here.
    atol = 10 * case.log_error if ours == "entropy" else 1e-14
    assert_allclose(got, want, rtol=1e-10, atol=atol)


@every_case
def test_results_are_float64_arrays(case):
    results = [case.ours.mean(), case.ours.variance(), case.ours.entropy()]
    results.append(case.ours.log_prob(case.inside[0]))
    for result in results:
        assert isinstance(result, np.ndarray)
        assert result.dtype == np.float64


@every_case
def test_it_keeps_the_protocol(case):
    for name, promised in inspect.getmembers(Distribution, inspect.isfunction):
        if name.startswith("_"):
            continue
        kept = inspect.signature(getattr(type(case.ours), name))
        assert list(kept.parameters) == list(inspect.signature(promised).parameters)


@every_case
def test_probabilities_sum_to_one_and_densities_integrate_to_one(case):
    if type(case.ours) in (Normal, Laplace):
        # Trapezoids converge fast for the normal and as h^2/12 for the Laplace kink.
        z = np.linspace(-40, 40, 2**17 + 1).reshape((-1,) + (1,) * case.theirs.ndim)
        density = np.exp(case.ours.log_prob(case.ours.loc + case.ours.scale * z))
        total = np.trapezoid(density * case.ours.scale, z, axis=0)
        assert_allclose(total, 1.0, rtol=1e-6)
    elif type(case.ours) in CONTINUOUS:
        for index, theirs in np.ndenumerate(case.theirs):
            edges = theirs.ppf([1e-9, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-9])
            total = sum(
                integrate.quad(lambda x: np.exp(case.ours.log_prob(x))[index], a, b)[0]  # noqa: B023
                for a, b in pairwise(edges)
            )
            assert_allclose(total, 1.0, rtol=1e-7)
    else:
        k = np.arange(len(case.inside) if case.theirs.size < 2 else 10)
        if getattr(case.ours, "n", np.zeros(1)).max() > 10:
            k = np.arange(10**6 + 1)
        if type(case.ours) is Poisson:
            k = np.arange(2000)
        log_p = case.ours.log_prob(k.reshape((-1,) + (1,) * case.theirs.ndim))
        total = np.exp(log_p).sum(axis=0)
        assert_allclose(total, 1.0, rtol=max(case.log_error, 1e-11))


# --- extremes -----------------------------------------------------------------------

LOG_2, LOG_2PI, LOG_300 = np.log(2), np.log(2 * np.pi), 300 * np.log(10)


@pytest.mark.parametrize(
    ("ours", "x", "exact"),
    [
        (Normal(0, 1), 1e150, -5e299),
        (Normal(0, 1), 1e300, -np.inf),  # -5e599 has no float64
        (Normal(0, 1), -1e300, -np.inf),
        (Normal(-1e300, 1e300), 1e300, -2 - LOG_300 - LOG_2PI / 2),
        (Normal(0, 1e-300), 0, LOG_300 - LOG_2PI / 2),
        (Normal(0, 1e-300), 3e-300, LOG_300 - LOG_2PI / 2 - 4.5),
        (Normal(0, 1e-300), 1, -np.inf),
        (Normal(0, 1e-300), 1e300, -np.inf),
        (Normal(1e300, 1e-300), 1e300, LOG_300 - LOG_2PI / 2),
        (Normal(0, 5e-324), 0, 1074 * LOG_2 - LOG_2PI / 2),
        (Laplace(0, 1), 1e300, -1e300),
        (Laplace(0, 1), -1e300, -1e300),
        (Laplace(0, 1e-300), 1e-300, LOG_300 - LOG_2 - 1),
        (Laplace(0, 1e-300), 1e300, -np.inf),
        (Laplace(0, 1.7e308), 0, -np.log(1.7) - 308 * np.log(10) - LOG_2),
        (Bernoulli(5e-324), 1, -1074 * LOG_2),
        (Bernoulli(1e-300), 0, -1e-300),
        (Bernoulli(1 - 2**-53), 0, -53 * LOG_2),
        (Categorical([1.0, 5e-324]), 1, -1074 * LOG_2),
        (Binomial(10**6, 0.0), 0, 0.0),
        (Binomial(10**6, 1.0), 10**6, 0.0),
        (Binomial(10**6, 1.0), 10**6 - 1, -np.inf),
        (Binomial(10**6, 1e-300), 0, -1e-294),
        (Binomial(1, 5e-324), 1, -1074 * LOG_2),
        (StudentT(3, 0, 1), 1e300, np.log(6 * np.sqrt(3) / np.pi) - 4 * LOG_300),
        (StudentT(1, 0, 1e-300), 1e300, -3 * LOG_300 - np.log(np.pi)),
        (StudentT(1, 0, 1e300), -1e-300, -LOG_300 - np.log(np.pi)),
        (StudentT(1e12, 0, 1), 3, -4.5 - LOG_2PI / 2 + (81 - 18 - 1) / 4e12),
        (Uniform(0, 1e-300), 5e-301, LOG_300),
        (Uniform(-1e-300, 1e300), 1e299, -LOG_300),
        (Exponential(1e-300), 1e300, -LOG_300 - 1),
        (Exponential(1e300), 1e-300, LOG_300 - 1),
        (Exponential(1e300), 1e300, -np.inf),
        (Gamma(2, 1e-300), 1e300, -LOG_300 - 1),
        (Gamma(2, 1e300), 1e-300, LOG_300 - 1),
        (Gamma(3, 1e300), 1e300, -np.inf),
        (Gamma(3, 1), 1e300, -1e300),
        (Gamma(1, 2), 0, LOG_2),
        (Gamma(0.5, 2), 0, np.inf),
        (Gamma(2, 2), 0, -np.inf),
        (InverseGamma(1, 1), 1e300, -2 * LOG_300),
        (InverseGamma(1, 1e-300), 1e-300, LOG_300 - 1),
        (InverseGamma(2, 1e300), 1e-300, -np.inf),
        (LogNormal(0, 1), 1e300, -LOG_300 - LOG_300**2 / 2 - LOG_2PI / 2),
        (LogNormal(0, 1e-300), 1, LOG_300 - LOG_2PI / 2),
        (Beta(1, 1), [0, 1], [0, 0]),
        (Beta(1, 3), [0, 1], [np.log(3), -np.inf]),
        (Beta(3, 1), 1e-300, np.log(3) - 2 * LOG_300),
        (Poisson(1e-300), 1, -LOG_300),
        (Poisson(1e300), 0, -1e300),
        (Gamma(5e-324, 1), 1, -1074 * LOG_2 - 1),
        (InverseGamma(1e-320, 1), 1, np.log(1e-320) - 1),
        (Beta(5e-324, 1), 0.5, -1073 * LOG_2),
        (Beta(1e-300, 1), 1e-300, 0),
        (Beta(1e-300, 2.5), 5e-324, 1074 * LOG_2 - LOG_300),
        (Binomial(10, 1e-10), 0, 10 * np.log1p(-1e-10)),
        (Binomial(1000, 1e-10), 0, 1000 * np.log1p(-1e-10)),
        (Binomial(1000, [0.0, 1.0]), 1, [-np.inf, -np.inf]),
        (Binomial(1000, [0.0, 1.0]), 0, [0, -np.inf]),
        (Binomial(1000, [0.0, 1.0]), 1000, [-np.inf, 0]),
        (Binomial(1000, 5e-324), 1, np.log(1000) - 1074 * LOG_2),
    ],
)
def test_log_prob_at_the_ends_of_float64(ours, x, exact):
    assert_allclose(ours.log_prob(x), exact, rtol=1e-14)


def exact_gamma(a, y):
    """Log density of a standard gamma variable; each use below needs just this one."""
    a, y = mpmath.mpf(a), mpmath.mpf(y)
    return (a - 1) * mpmath.log(y) - y - mpmath.loggamma(a)


@pytest.mark.parametrize("n", [150.0, 1e4, 1e6, 1e9, 1e15])
@pytest.mark.parametrize("z", [-10, -1, 0, 3])
@pytest.mark.parametrize(
    ("law", "exact"),
    [
        # SciPy takes the difference of log-gammas: at 1e15 it is wrong by whole nats.
        (lambda n, k: Poisson(n).log_prob(k), lambda n, k: exact_gamma(k + 1, n)),
        (
            lambda n, k: Binomial(4 * n, 0.25).log_prob(k),
            lambda n, k: (
                exact_gamma(k + 1, n)
                + exact_gamma(4 * n - k + 1, 3 * n)
                - exact_gamma(4 * n + 1, 4 * n)
            ),
        ),
        (
            lambda n, k: Gamma(n, 4.0).log_prob(k / 4),
            lambda n, k: exact_gamma(n, k) + mpmath.log(4),
        ),
        (
            lambda n, k: InverseGamma(n, 4.0).log_prob(2.0 ** -round(np.log2(k))),
            lambda n, k: (
                exact_gamma(n, 4 * 2 ** round(np.log2(k)))
                + mpmath.log(4)
                + 2 * round(np.log2(k)) * mpmath.log(2)
            ),
        ),
        (
            lambda n, k: Beta(n, 1.0).log_prob(k / 2**60),
            lambda n, k: (
                mpmath.log(n) + (mpmath.mpf(n) - 1) * mpmath.log(mpmath.mpf(k) / 2**60)
            ),
        ),
        (
            lambda n, k: Beta(n, n).log_prob(0.5 + (k - n) / n / 4),
            lambda n, k: exact_beta(n, 0.5 + (k - n) / n / 4),
        ),
        (
            lambda n, k: Dirichlet([n, n]).log_prob(
                [0.5 + (k - n) / n / 4, 0.5 - (k - n) / n / 4]
            ),
            lambda n, k: exact_beta(n, 0.5 + (k - n) / n / 4),
        ),
        (
            lambda n, k: Wishart(2 * n, [[1.0]]).log_prob([[2 * k]]),
            lambda n, k: exact_gamma(n, k) - mpmath.log(2),
        ),
    ],
)
def test_log_prob_of_large_parameters_in_exact_arithmetic(law, exact, n, z):
    k = float(round(n + z * np.sqrt(n)))
    with mpmath.workdps(60):
        wanted = float(exact(n, k))
    # A few rounded products; each moves the log density by its gradient's half ulp.
    half_ulps = 2.0**-53 * (abs(z) + 1) * np.sqrt(n)
    assert_allclose(law(n, k), wanted, rtol=1e-12, atol=1e-12 + 8 * half_ulps)


def exact_beta(n, x):
    """Log density of Beta(n, n)."""
    n, x = mpmath.mpf(n), mpmath.mpf(x)
    log_beta = 2 * mpmath.loggamma(n) - mpmath.loggamma(2 * n)
    return (n - 1) * (mpmath.log(x) + mpmath.log1p(-x)) - log_beta


def entropy_by_recursion(first, log_ratios):
    """Entropy of counts from the logarithms of the ratios of their probabilities."""
    log_p = np.cumsum(np.concatenate([[np.longdouble(first)], log_ratios]))
    weights = np.exp(log_p - log_p.max())
    p = weights / weights.sum()
    return float(-(p[p > 0] * np.log(p[p > 0])).sum())


@pytest.mark.parametrize("rate", [0.5, 255.0, 9_999.0, 10_001.0, 1e6])
def test_entropy_of_event_counts(rate):
    spread = int(15 * np.sqrt(rate)) + 50
    k = np.arange(max(0, int(rate) - spread), int(rate) + spread, dtype=np.longdouble)
    exact = entropy_by_recursion(0, np.log(rate / (k + 1)))
    assert_allclose(Poisson(rate).entropy(), exact, atol=2e-13, rtol=1e-13)


@pytest.mark.parametrize("p", [0.5, 0.1, 1e-3])
@pytest.mark.parametrize("variance", [0.5, 1e3, 9_990.0, 10_010.0, 1e6])
def test_entropy_of_many_flips(p, variance):
    n = round(variance / (p * (1 - p)))
    spread = int(15 * np.sqrt(variance)) + 50
    low, high = max(0, int(n * p) - spread), min(n, int(n * p) + spread)
    k, odds = np.arange(low, high, dtype=np.longdouble), np.longdouble(p) / (1 - p)
    exact = entropy_by_recursion(0, np.log((n - k) / (k + 1) * odds))
    assert_allclose(Binomial(n, p).entropy(), exact, atol=2e-13, rtol=1e-13)


def test_entropies_of_counts_beyond_any_sum():
    assert_allclose(
        Binomial([1, 10**15], 0.5).entropy(),
        [np.log(2), Normal(0, np.sqrt(10**15 / 4)).entropy()],
        rtol=1e-12,
    )
    nearly_poisson = Binomial(10**18, 5e-18).entropy()
    assert_allclose(nearly_poisson, Poisson(5.0).entropy(), rtol=1e-12)


@pytest.mark.parametrize("a", [1e-8, 0.5, 1.0, 15.9, 16.1, 150.0, 1e6, 1e15])
def test_entropies_of_the_gamma_family_in_exact_arithmetic(a):
    with mpmath.workdps(60):
        a, b = mpmath.mpf(a), mpmath.mpf(2.5)
        gamma, psi = mpmath.loggamma(a), mpmath.digamma
        unit = a + gamma + (1 - a) * psi(a)
        exact = {
            Gamma(float(a), 4.0): unit - mpmath.log(4),
            InverseGamma(float(a), 4.0): unit - 2 * psi(a) + mpmath.log(4),
            Wishart(float(2 * a), [[2.0]]): unit + mpmath.log(4),
        }
        log_beta = gamma + mpmath.loggamma(b) - mpmath.loggamma(a + b)
        surprise = (a - 1) * psi(a) + (b - 1) * psi(b) - (a + b - 2) * psi(a + b)
        exact[Beta(float(a), 2.5)] = exact[Dirichlet([float(a), 2.5])] = (
            log_beta - surprise
        )
    for law, wanted in exact.items():
        assert_allclose(law.entropy(), float(wanted), rtol=2e-13, atol=2e-13)


@pytest.mark.parametrize("nu", [2.1, 1e3, 1e15])
def test_wishart_entropy_in_exact_arithmetic(nu):
    with mpmath.workdps(60):
        v = mpmath.mpf(nu)
        gammas = mpmath.log(mpmath.pi) / 2
        gammas += mpmath.loggamma(v / 2) + mpmath.loggamma((v - 1) / 2)
        psis = mpmath.digamma(v / 2) + mpmath.digamma((v - 1) / 2)
        exact = mpmath.log(7) * 3 / 2 + gammas - (v - 3) / 2 * psis + v
    # |scale| = 7/4, and the volume holds 2^d of it.
    scale = [[2.0, 0.5], [0.5, 1.0]]
    assert_allclose(Wishart(nu, scale).entropy(), float(exact), rtol=1e-13)


@pytest.mark.parametrize("df", [1.0, 999.0, 1001.0, 1e12])
def test_entropy_of_student_t_at_both_sides_of_the_series(df):
    with mpmath.workdps(40):
        v = mpmath.mpf(df)
        exact = (v + 1) / 2 * (mpmath.digamma((v + 1) / 2) - mpmath.digamma(v / 2))
        exact += mpmath.log(mpmath.sqrt(v) * mpmath.beta(v / 2, 0.5))
    assert_allclose(StudentT(df, 0, 1).entropy(), float(exact), rtol=2e-11)


def test_moments_that_do_not_exist():
    assert_array_equal(StudentT([1.0, 2.0, 3.0], 7, 1).mean(), [np.nan, 7, 7])
    assert_array_equal(StudentT([1.0, 2.0, 3.0], 7, 1).variance(), [np.nan, np.inf, 3])
    assert_array_equal(InverseGamma([1.0, 2.0, 3.0], 2).mean(), [np.inf, 2, 1])
    assert_array_equal(InverseGamma([1.0, 2.0, 3.0], 2).variance(), [np.inf, np.inf, 1])


@pytest.mark.parametrize(
    ("law", "mean", "variance"),
    [
        (Normal(0, 1e300), 0, np.inf),
        (Laplace(0, 1e300), 0, np.inf),
        (Uniform(0, 1e300), 5e299, np.inf),
        (StudentT(5, 0, 1e300), 0, np.inf),
        (Exponential(1e-300), 1e300, np.inf),
        (Exponential(1e300), 1e-300, 0),
        (Gamma(1e300, 1e300), 1, 1e-300),
        (Gamma(1e-300, 1e-300), 1, 1e300),
        (Gamma(1e300, 1e-300), np.inf, np.inf),
        (InverseGamma(1e300, 1e300), 1, 1e-300),
        (InverseGamma(3.0, 1e300), 5e299, np.inf),
        (LogNormal(-800, 30), np.exp(-350), np.exp(200)),
        (LogNormal(0, 1e300), np.inf, np.inf),
        (LogNormal(0, 1e-100), 1, 1e-200),
        (LogNormal(700, 1e-160), np.exp(700), (np.exp(700) * 1e-160) ** 2),
        (Beta(1e300, 1e300), 0.5, 1.25e-301),
        (Binomial(10**15, 0.5), 5e14, 2.5e14),
        (Wishart(5, [[1e300]]), [[5e300]], [[np.inf]]),
    ],
)
def test_moments_at_the_ends_of_float64(law, mean, variance, rng):
    assert_allclose(law.mean(), mean, rtol=1e-12)
    assert_allclose(law.variance(), variance, rtol=1e-12)
    law.sample(3, rng=rng)  # without a warning


@pytest.mark.parametrize("family", [Normal, Laplace])
def test_extreme_scales_keep_their_entropy(family):
    step = np.diff(family(0, [1e-300, 1e-299, 1e300]).entropy())
    assert_allclose(step, [np.log(10), 599 * np.log(10)], rtol=1e-12)


@pytest.mark.parametrize(
    "sure",
    [
        Bernoulli([0.0, 1.0]),
        Binomial([3, 7], [0.0, 1.0]),
        Categorical([[1.0, 0.0], [0.0, 1.0]]),
    ],
    ids=repr,
)
def test_certainty_has_no_entropy_and_no_minus_sign(sure):
    assert_array_equal(sure.entropy(), [0.0, 0.0])
    assert not np.signbit(sure.entropy()).any()


# --- samples ------------------------------------------------------------------------


@every_case
def test_samples_have_the_moments(case, rng):
    n = 10_000
    draws = case.ours.sample(n, rng=rng)
    variance = case.reference(lambda d: d.var())
    excess = case.reference(lambda d: d.stats(moments="k"))
    excess = np.where(variance > 0, excess, 0.0)  # of certainty SciPy has it infinite
    fourth = (excess + 3) * variance**2
    mean_error = np.sqrt(variance / n)
    # Var(s^2) = (mu_4 - sigma^4) / n up to terms of order 1/n^2.
    variance_error = np.sqrt(np.maximum(fourth - variance**2, 0.0) / n)
    deviation = draws.mean(axis=0) - case.ours.mean()
    assert (np.abs(deviation) <= 5 * mean_error + 1e-15).all()
    spread = draws.var(axis=0) - variance
    # The mean of the sample takes variance/n away, five errors of it at most 25 times.
    assert (np.abs(spread) <= 5 * variance_error + 25 * variance / n + 1e-15).all()


@every_case
def test_samples_follow_the_distribution_function(case, rng):
    n = 2000
    draws = case.ours.sample(n, rng=rng).reshape(n, -1)
    for column, theirs in zip(draws.T, case.theirs.flat, strict=True):
        values = np.sort(column)
        share = np.searchsorted(values, values, side="right") / n
        # Massart's inequality: P(sup |F_n - F| > d) <= 2 exp(-2 n d^2), here 6e-7.
        bound = np.sqrt(np.log(2 / 6e-7) / (2 * n))
        assert np.abs(share - theirs.cdf(values)).max() <= bound


@every_case
@pytest.mark.parametrize(
    ("size", "leading"),
    [
        (None, ()),
        ((), ()),
        (5, (5,)),
        (np.int64(5), (5,)),
        (0, (0,)),
        ((5,), (5,)),
        ((7, 2), (7, 2)),
        ((7, 0, 2), (7, 0, 2)),
    ],
)
def test_size_stands_before_the_shape_of_the_parameters(case, size, leading, rng):
    draws = case.ours.sample(size, rng=rng)
    assert isinstance(draws, np.ndarray)
    assert draws.shape == leading + case.theirs.shape
    real = isinstance(case.ours, CONTINUOUS)
    assert draws.dtype == (np.float64 if real else np.int64)


@every_case
def test_draws_are_possible_outcomes(case, rng):
    assert np.isfinite(case.ours.log_prob(case.ours.sample(1000, rng=rng))).all()


@every_case
def test_the_seed_decides(case):
    def draw(seed):
        return case.ours.sample((3, 11), rng=np.random.default_rng(seed))

    assert_array_equal(draw(1), draw(1), strict=True)
    if (case.ours.variance() > 1e-3).all():
        assert (draw(1) != draw(2)).any()


@every_case
def test_every_element_is_drawn_for_itself(case, rng):
    draws = case.ours.sample(64, rng=rng).reshape(64, -1)
    varied = draws[:, (case.ours.variance() > 0.05).ravel()]
    standard = (varied - varied.mean(axis=0)) / varied.std(axis=0)
    distinct = np.unique(standard.round(6), axis=1)
    assert distinct.shape == varied.shape


@every_case
def test_a_generator_is_required(case):
    with pytest.raises(TypeError, match="rng"):
        case.ours.sample(3)
    for wrong in (None, 42, np.random):
        with pytest.raises(TypeError, match=r"^rng: expected a numpy.random.Generator"):
            case.ours.sample(3, rng=wrong)


@every_case
@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (-1, ValueError, r"^size: expected integers >= 0, got -1$"),
        ((2, -3), ValueError, r"^size: expected integers >= 0, got -3$"),
        (2.0, TypeError, r"^size: expected integers, got float$"),
        ("2", TypeError, r"^size: expected integers, got str$"),
        ((2, None), TypeError, r"^size: expected integers, got NoneType$"),
    ],
)
def test_sizes_are_whole_numbers(case, size, error, message, rng):
    with pytest.raises(error, match=message):
        case.ours.sample(size, rng=rng)


class Largest(np.random.Generator):
    """A generator that draws nothing but the largest number below 1."""

    def random(self, size=None):
        """The same number again and again."""
        return np.full(size, 1 - 2**-53)


class Smallest(np.random.Generator):
    """A generator that draws nothing but 0."""

    def random(self, size=None):
        """The same number again and again."""
        return np.zeros(size)


@pytest.mark.parametrize("p", [[0.5, 0.4999995, 0.0], [0.1] * 10 + [0.0]])
def test_the_impossible_is_never_drawn_although_sums_are_rounded(p):
    last_possible = np.flatnonzero(p)[-1]
    largest = Categorical(p).sample(2, rng=Largest(np.random.PCG64()))
    assert_array_equal(largest, [last_possible] * 2)
    smallest = Categorical(p[::-1]).sample(2, rng=Smallest(np.random.PCG64()))
    assert_array_equal(smallest, [len(p) - 1 - last_possible] * 2)


def test_sure_coins_never_surprise():
    coins = Bernoulli([0.0, 1.0])
    for kind in (Largest, Smallest):
        assert_array_equal(coins.sample(rng=kind(np.random.PCG64())), [0, 1])


# --- maximum likelihood -------------------------------------------------------------

FITS = {
    "Bernoulli": Bernoulli.mle,
    "Binomial": partial(Binomial.mle, n=7),
    "Categorical": partial(Categorical.mle, n_classes=5),
    "Normal": Normal.mle,
    "Laplace": Laplace.mle,
    "Poisson": Poisson.mle,
    "Uniform": Uniform.mle,
    "Exponential": Exponential.mle,
    "Gamma": Gamma.mle,
    "InverseGamma": InverseGamma.mle,
    "LogNormal": LogNormal.mle,
}
COUNTING = ("Bernoulli", "Binomial", "Categorical", "Poisson")
POSITIVE_DATA = ("Exponential", "Gamma", "InverseGamma", "LogNormal")
OUTCOMES = {
    "Bernoulli": st.integers(0, 1),
    "Binomial": st.integers(0, 7),
    "Categorical": st.integers(0, 4),
    # On a grid, so that ties occur and squares neither vanish nor overflow.
    "Normal": st.integers(-4000, 4000).map(lambda k: k / 64),
    "Laplace": st.integers(-40, 40).map(lambda k: k / 8),
    "Poisson": st.integers(0, 40),
    "Uniform": st.integers(-40, 40).map(lambda k: k / 8),
} | {name: st.integers(1, 400).map(lambda k: k / 8) for name in POSITIVE_DATA}

every_fit = pytest.mark.parametrize("name", FITS)


def samples(name, min_size=2, max_size=12):
    return st.lists(OUTCOMES[name], min_size=min_size, max_size=max_size)


def parameters(fitted):
    fields = [f for f in type(fitted).__dataclass_fields__ if f != "n"]
    return [getattr(fitted, field) for field in fields]


def has_an_mle(name, x):
    if name == "Poisson":
        return any(x)
    return name in (*COUNTING, "Exponential") or len(set(x)) > 1


def weighted_log_likelihood(fitted, x, w):
    log_p = fitted.log_prob(np.asarray(x))
    return sum(wi * li for wi, li in zip(w, log_p, strict=True) if wi > 0)


def test_bernoulli_fit_against_optimizer(rng):
    x, w = rng.integers(2, size=41), rng.random(41)
    found = optimize.minimize_scalar(
        lambda p: -(w @ stats.bernoulli.logpmf(x, p)), bounds=(0, 1), method="bounded"
    )
    # A bracketing search stops within sqrt(eps) or its xatol of 1e-5.
    assert_allclose(Bernoulli.mle(x, w).p, found.x, atol=2e-5)


def test_binomial_fit_against_optimizer(rng):
    x, w = rng.binomial(7, 0.3, size=41), rng.random(41)
    found = optimize.minimize_scalar(
        lambda p: -(w @ stats.binom.logpmf(x, 7, p)), bounds=(0, 1), method="bounded"
    )
    fit = Binomial.mle(x, w, n=7)
    assert fit.n == 7
    assert_allclose(fit.p, found.x, atol=2e-5)
    assert_allclose(fit.p, (w * x).sum() / (7 * w.sum()), rtol=1e-12)


def test_categorical_fit_against_optimizer(rng):
    x, w = rng.integers(5, size=43), rng.random(43)
    found = optimize.minimize(
        lambda z: -(w @ log_softmax(z)[x]), np.zeros(5), options={"gtol": 1e-8}
    )
    fit = Categorical.mle(x, w, n_classes=5)
    assert_allclose(fit.p, np.exp(log_softmax(found.x)), atol=1e-6)
    assert_allclose(fit.p, [w[x == k].sum() / w.sum() for k in range(5)], rtol=1e-12)


def test_normal_fit_against_optimizer(rng):
    x, w = rng.normal(3.0, 2.0, size=47), rng.random(47)
    found = optimize.minimize(
        lambda t: -(w @ stats.norm.logpdf(x, t[0], np.exp(t[1]))),
        [0.0, 0.0],
        options={"gtol": 1e-8},
    )
    fit = Normal.mle(x, w)
    assert_allclose([fit.loc, np.log(fit.scale)], found.x, atol=1e-6)
    assert_allclose(Normal.mle(x).loc, stats.norm.fit(x)[0], rtol=1e-12)
    assert_allclose(Normal.mle(x).scale, stats.norm.fit(x)[1], rtol=1e-12)


def test_poisson_and_exponential_fits_against_optimizer(rng):
    k, x, w = rng.poisson(3.0, 41), rng.exponential(3.0, 41), rng.random(41)
    for fit, log_p in (
        (Poisson.mle(k, w), lambda rate: stats.poisson.logpmf(k, rate)),
        (Exponential.mle(x, w), lambda rate: stats.expon.logpdf(x, scale=1 / rate)),
    ):
        found = optimize.minimize_scalar(
            lambda rate, log_p=log_p: -(w @ log_p(rate)), bounds=(0.01, 9)
        )
        assert_allclose(fit.rate, found.x, atol=2e-5)


@pytest.mark.parametrize("shape", [0.003, 0.1, 1.0, 30.0, 3e3, 1e6])
def test_gamma_fit_against_scipy(shape, rng):
    x = np.maximum(rng.gamma(shape, 2.0, size=60), 1e-300)
    fit = Gamma.mle(x)
    a, _, scale = stats.gamma.fit(x, floc=0)
    assert_allclose(fit.shape, a, rtol=1e-6)  # SciPy's bracketing stops at 1e-12 in
    assert_allclose(fit.rate, 1 / scale, rtol=1e-6)  # a function that loses digits
    with mpmath.workdps(50):  # the equation of the maximum in exact arithmetic
        xs = [mpmath.mpf(v) for v in x]
        gap = mpmath.log(sum(xs) / 60) - sum(mpmath.log(v) for v in xs) / 60
        guess = mpmath.mpf(float(fit.shape))
        exact = mpmath.findroot(
            lambda t: mpmath.log(t) - mpmath.digamma(t) - gap, guess
        )
    assert_allclose(fit.shape, float(exact), rtol=1e-9)
    inverse = InverseGamma.mle(1 / x)
    assert_allclose([inverse.shape, inverse.scale], [fit.shape, fit.rate], rtol=1e-9)


def test_lognormal_and_uniform_fits_against_scipy(rng):
    x = rng.lognormal(1.0, 0.4, size=47)
    fit = LogNormal.mle(x)
    s, _, scale = stats.lognorm.fit(x, floc=0)
    assert_allclose([fit.loc, fit.scale], [np.log(scale), s], rtol=1e-6)
    assert_array_equal(parameters(Uniform.mle(x)), [x.min(), x.max()])
    low, width = stats.uniform.fit(x)
    assert_allclose(parameters(Uniform.mle(x)), [low, low + width], rtol=1e-12)


def test_laplace_fit_against_a_search_through_all_data(rng):
    x, w = rng.laplace(3.0, 2.0, size=47), rng.random(47)
    # The weighted sum of |x - m| is piecewise linear: a least value is at a datum.
    deviations = np.array([w @ np.abs(x - m) for m in x])
    fit = Laplace.mle(x, w)
    assert fit.loc == x[deviations.argmin()]
    assert_allclose(fit.scale, deviations.min() / w.sum(), rtol=1e-12)
    assert_allclose(parameters(Laplace.mle(x)), stats.laplace.fit(x), rtol=1e-12)


@every_fit
@given(data=st.data())
def test_weights_count_repetitions(name, data):
    x = data.draw(samples(name))
    w = data.draw(st.lists(st.integers(0, 3), min_size=len(x), max_size=len(x)))
    repeated = np.repeat(x, w)
    assume(repeated.size > 0 and has_an_mle(name, repeated))
    one, other = FITS[name](x, w), FITS[name](repeated)
    for a, b in zip(parameters(one), parameters(other), strict=True):
        assert_allclose(a, b, rtol=1e-10, atol=1e-13)


@every_fit
@given(data=st.data())
def test_weight_zero_leaves_out(name, data):
    x = data.draw(samples(name, min_size=3))
    w = np.array(
        data.draw(st.lists(st.floats(0.1, 9), min_size=len(x), max_size=len(x)))
    )
    out = data.draw(st.integers(0, len(x) - 1))
    kept = np.arange(len(x)) != out
    rest = np.array(x)[kept]
    assume(has_an_mle(name, rest))
    one, other = FITS[name](x, w * kept), FITS[name](rest, w[kept])
    for a, b in zip(parameters(one), parameters(other), strict=True):
        assert_allclose(a, b, rtol=1e-10, atol=1e-13)


@every_fit
@given(data=st.data())
def test_weights_have_no_unit(name, data):
    x = data.draw(samples(name))
    assume(has_an_mle(name, x))
    w = np.array(
        data.draw(st.lists(st.integers(1, 9), min_size=len(x), max_size=len(x)))
    )
    # Powers of two, so that no median turns on a rounding.
    for unit in (2.0**-900, 0.5, 2.0**900):
        for a, b in zip(
            parameters(FITS[name](x, w * unit)),
            parameters(FITS[name](x, w)),
            strict=True,
        ):
            assert_allclose(a, b, rtol=1e-10, atol=1e-13)


def nudged(name, fit, data):
    """The fit with its parameters moved, within their domain."""
    share = data.draw(st.floats(0, 1))
    if name in ("Normal", "Laplace"):
        shift, factor = data.draw(st.floats(-3, 3)), data.draw(st.floats(0.2, 5))
        return type(fit)(fit.loc + shift * fit.scale, fit.scale * factor)
    if name == "Uniform":
        return Uniform(fit.low - share, fit.high + data.draw(st.floats(0, 3)))
    if name in (*POSITIVE_DATA, "Poisson"):
        factors = [data.draw(st.floats(0.2, 5)) for _ in parameters(fit)]
        moved = [p * f for p, f in zip(parameters(fit), factors, strict=True)]
        return type(fit)(*moved)
    if name == "Categorical":
        other = data.draw(st.lists(st.floats(0.01, 1), min_size=5, max_size=5))
        other = np.array(other) / np.sum(other)
        return Categorical(share * fit.p + (1 - share) * other)
    return Bernoulli(share) if name == "Bernoulli" else Binomial(fit.n, share)


@every_fit
@given(data=st.data())
def test_no_other_parameters_are_more_likely(name, data):
    x = data.draw(samples(name))
    # A weight below the rounding of the others could make the estimate 0 or 1.
    weight = st.one_of(st.just(0.0), st.floats(1e-3, 5))
    w = data.draw(st.lists(weight, min_size=len(x), max_size=len(x)))
    seen = [xi for xi, wi in zip(x, w, strict=True) if wi > 0]
    assume(seen and has_an_mle(name, seen))
    fit = FITS[name](x, w)
    best = weighted_log_likelihood(fit, x, w)
    other = weighted_log_likelihood(nudged(name, fit, data), x, w)
    assert other <= best + 1e-12 * (1 + abs(best))


@pytest.mark.parametrize("x", [[0], [0, 0, 0], [1], [1, 1, 1]])
def test_flips_that_all_agree_are_sure_coins(x, rng):
    for weights in (None, [0.3] * len(x), rng.random(len(x))):
        assert Bernoulli.mle(x, weights).p == x[0]
        assert Binomial.mle(np.multiply(x, 7), weights, n=7).p == x[0]


def test_shares_of_one_do_not_exceed_one_by_rounding(rng):
    for size in range(1, 200):
        w = rng.random(size)
        assert Bernoulli.mle(np.ones(size), w).p == 1
        assert Binomial.mle(np.full(size, 7), w, n=7).p == 1


def test_categories_never_seen_get_probability_zero():
    assert_array_equal(Categorical.mle([1, 1], n_classes=4).p, [0, 1, 0, 0])


@pytest.mark.parametrize("family", [Normal, Laplace])
@pytest.mark.parametrize(
    ("x", "weights"),
    [
        ([2.0], None),
        ([0.1] * 3, None),  # whose mean is not 0.1 in float64
        ([0.1] * 7, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        ([1e300] * 5, None),
        ([1.0, 1.0, 5.0], [1.0, 2.0, 0.0]),
        ([5.0, 0.1, 0.1, 0.1], [0.0, 0.3, 0.3, 0.3]),
    ],
)
def test_one_value_alone_has_no_most_likely_scale(family, x, weights):
    message = (
        "^x: expected at least two different numbers, got only one value: "
        "the likelihood grows without bound as the scale shrinks$"
    )
    with pytest.raises(ValueError, match=message):
        family.mle(x, weights)


@pytest.mark.parametrize("family", [Normal, Laplace])
def test_two_neighboring_numbers_are_enough(family):
    fit = family.mle([1.0, np.nextafter(1.0, 2.0)])
    assert 0 < fit.scale < 1e-15


@pytest.mark.parametrize(
    ("x", "weights", "median"),
    [
        ([4, 1, 3, 2], None, 2.5),
        ([4, 1, 3, 2], [1, 1, 1, 1], 2.5),
        ([3, 1, 2], [2, 1, 1], 2.5),  # half of the weight lies below 3
        ([3, 1, 2], [1, 1, 2], 2.0),
        ([3, 1, 2], [5, 1, 1], 3.0),
        ([1, 2, 9], [2, 0, 2], 5.0),  # between 1 and 9, as if 2 were not there
        ([1, 9], [1, 1 + 1e-9], 9.0),
        ([1, 9], [1 + 1e-9, 1], 1.0),
        ([1, 1, 9], [1, 1, 2], 5.0),
        ([9, 1, 1], [1, 1, 1], 1.0),
    ],
)
def test_the_weighted_median_is_the_middle_of_all_medians(x, weights, median):
    fit = Laplace.mle(x, weights)
    w = np.ones(len(x)) if weights is None else np.array(weights)
    assert fit.loc == median
    assert_allclose(fit.scale, w @ np.abs(np.array(x) - median) / w.sum(), rtol=1e-12)


@pytest.mark.parametrize("unit", [5e-324 * 2**60, 1e-300, 1e-150, 1e150, 1e300])
def test_fits_have_the_unit_of_the_data(unit):
    x = unit * np.array([1.0, 2.0, 6.0])
    for weights in (None, [1e300, 1e300, 1e300], [1e-300, 1e-300, 1e-300]):
        normal = Normal.mle(x, weights)
        assert_allclose(normal.loc / unit, 3.0, rtol=1e-12)
        assert_allclose(normal.scale / unit, np.sqrt(14 / 3), rtol=1e-12)
        laplace = Laplace.mle(x, weights)
        assert_allclose([laplace.loc / unit, laplace.scale / unit], [2, 5 / 3])
    gamma, inverse = Gamma.mle(x), InverseGamma.mle(1 / x)
    assert_allclose(gamma.shape, Gamma.mle([1, 2, 6]).shape, rtol=1e-11)
    assert_allclose(inverse.shape, gamma.shape, rtol=1e-11)
    assert_allclose(Exponential.mle(x).rate * unit, 1 / 3, rtol=1e-12)


def test_gamma_fit_of_two_neighboring_numbers():
    x = [1.0, 1 + 2.0**-52]  # whose mean is not in float64
    # To leading order the shape is the squared mean over the variance.
    assert_allclose(Gamma.mle(x).shape, 2.0**106, rtol=1e-12)


def test_a_waiting_time_may_be_zero():
    assert Exponential.mle([0.0, 4.0]).rate == 0.5
    assert Exponential.mle([0.0, 4.0], [0.0, 1.0]).rate == 0.25
    for x, weights in (([0.0, 0.0], None), ([0.0, 1.0], [1.0, 0.0])):
        with pytest.raises(ValueError, match=r"^x: expected at least one number above"):
            Exponential.mle(x, weights)


@pytest.mark.parametrize("unit", [1e200, 1e-200])
def test_covariances_that_float64_cannot_hold_are_named(unit, rng):
    x = unit * rng.normal(size=(9, 2))
    with pytest.raises(ValueError, match=r"^x: expected deviations .* with squares"):
        MultivariateNormal.mle(x)


def test_zero_weight_silences_the_largest_number():
    fit = Normal.mle([0.0, 2.0, 1e200], [1.0, 1.0, 0.0])
    assert_array_equal([fit.loc, fit.scale], [1.0, 1.0])


# --- records ------------------------------------------------------------------------

ARGUMENTS = {
    Bernoulli: [[0.2, 0.7, 0.5]],
    Binomial: [[2.0, 3.0, 5.0], [0.2, 0.7, 0.5]],
    Categorical: [[0.25, 0.5, 0.25]],
    Normal: [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]],
    Laplace: [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]],
    Poisson: [[1.0, 2.0, 3.0]],
    Exponential: [[1.0, 2.0, 3.0]],
    StudentT: [[5.0, 6.0, 7.0], [0.0, 1.0, 2.0], [1.0, 2.0, 3.0]],
    Uniform: [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]],
    Beta: [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]],
    Gamma: [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]],
    InverseGamma: [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]],
    LogNormal: [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]],
}

every_family = pytest.mark.parametrize("family", FAMILIES)


@every_family
def test_records_neither_change_nor_share_what_they_are_given(family):
    arrays = [np.array(values) for values in ARGUMENTS[family]]
    before = copy.deepcopy(arrays)
    record = family(*arrays)
    fields = list(record.__dataclass_fields__)
    assert len(fields) == len(arrays)
    for field, array, old in zip(fields, arrays, before, strict=True):
        kept = getattr(record, field)
        assert not np.shares_memory(kept, array)
        assert_array_equal(array, old, strict=True)
        assert array.flags.writeable
        array[0] += 1e-3
        assert_array_equal(kept, old)


@every_family
def test_records_are_frozen(family):
    record = family(*ARGUMENTS[family])
    for field in record.__dataclass_fields__:
        with pytest.raises(FrozenInstanceError):
            setattr(record, field, 0.5)
        with pytest.raises(ValueError, match="read-only"):
            getattr(record, field)[0] = 0.5
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        record.extra = 1


@every_case
def test_no_result_is_a_way_to_change_the_record(case):
    for result in (case.ours.mean(), case.ours.variance(), case.ours.entropy()):
        for field in case.ours.__dataclass_fields__:
            shared = np.shares_memory(result, getattr(case.ours, field))
            assert not (shared and result.flags.writeable)


@every_case
def test_methods_leave_the_record_alone(case, rng):
    fields = list(case.ours.__dataclass_fields__)
    before = [getattr(case.ours, field).copy() for field in fields]
    x = np.array(case.inside[:1], dtype=np.float64)
    case.ours.log_prob(x)
    case.ours.sample(3, rng=rng)
    case.ours.entropy()
    assert_array_equal(x, case.inside[:1])
    for field, old in zip(fields, before, strict=True):
        assert_array_equal(getattr(case.ours, field), old, strict=True)


@pytest.mark.parametrize("family", [Normal, Laplace, Binomial, Beta, Gamma])
def test_two_parameters_take_their_common_shape(family):
    record = family([[2.0], [3.0]], [0.2, 0.7, 0.5])
    for field in record.__dataclass_fields__:
        assert getattr(record, field).shape == (2, 3)


# --- refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Bernoulli(1.5), ValueError, "p: expected probabilities from 0 to 1"),
        (lambda: Bernoulli([0.5, -0.1]), ValueError, "p: .* from 0 to 1, got -0.1"),
        (lambda: Bernoulli(np.nan), ValueError, "p: expected finite numbers, got nan"),
        (lambda: Bernoulli("0.5"), TypeError, "p: expected real numbers, got text"),
        (lambda: Bernoulli([]), ValueError, "p: expected at least one number"),
        (lambda: Binomial(0, 0.5), ValueError, "n: expected whole numbers >= 1, got 0"),
        (
            lambda: Binomial([2, -3], 0.5),
            ValueError,
            "n: expected whole numbers >= 1, got -3",
        ),
        (
            lambda: Binomial(2.5, 0.5),
            ValueError,
            "n: expected whole numbers >= 1, got 2.5",
        ),
        (lambda: Binomial(np.inf, 0.5), ValueError, "n: expected finite numbers"),
        (lambda: Binomial(2, 1.5), ValueError, "p: expected probabilities from 0 to 1"),
        (
            lambda: Binomial([2, 3], [0.1, 0.2, 0.3]),
            ValueError,
            r"p: expected a shape that broadcasts with n, \(2,\), got \(3,\)",
        ),
        (
            lambda: Categorical([0.5, 0.4]),
            ValueError,
            "p: .* sum 1 .*, got the sum 0.9",
        ),
        (lambda: Categorical([1.5, -0.5]), ValueError, "p: expected numbers >= 0"),
        (lambda: Categorical(1.0), ValueError, "p: expected an axis of outcomes"),
        (lambda: Categorical(["a"]), TypeError, "p: expected real numbers, got text"),
        (
            lambda: Normal(np.inf, 1),
            ValueError,
            "loc: expected finite numbers, got inf",
        ),
        (
            lambda: Normal(1j, 1),
            TypeError,
            "loc: expected real .*, got complex numbers",
        ),
        (lambda: Normal(0, 0), ValueError, "scale: expected numbers > 0, got 0"),
        (lambda: Normal(0, [1, -2]), ValueError, "scale: expected numbers > 0, got -2"),
        (lambda: Normal(0, np.nan), ValueError, "scale: expected finite numbers"),
        (
            lambda: Normal([0, 1], [1, 2, 3]),
            ValueError,
            r"scale: expected a shape that broadcasts with loc, \(2,\), got \(3,\)",
        ),
        (lambda: Poisson(0), ValueError, "rate: expected numbers > 0, got 0"),
        (lambda: Exponential(-1), ValueError, "rate: expected numbers > 0, got -1"),
        (lambda: Gamma(0, 1), ValueError, "shape: expected numbers > 0, got 0"),
        (lambda: Gamma(1, 0), ValueError, "rate: expected numbers > 0, got 0"),
        (lambda: InverseGamma(1, 0), ValueError, "scale: expected numbers > 0, got 0"),
        (lambda: Beta(1, 0), ValueError, "b: expected numbers > 0, got 0"),
        (lambda: LogNormal(1, 0), ValueError, "scale: expected numbers > 0, got 0"),
        (lambda: StudentT(0, 0, 1), ValueError, "df: expected numbers > 0, got 0"),
        (
            lambda: StudentT([1, 2], 0, [1, 2, 3]),
            ValueError,
            r"scale: expected a shape that broadcasts with df and loc, \(2,\), got ",
        ),
        (
            lambda: Uniform([0, 2], 1),
            ValueError,
            "high: expected numbers above low, 2, got 1",
        ),
        (
            lambda: Uniform(-1e308, 1e308),
            ValueError,
            "high: expected a finite distance",
        ),
        (lambda: Dirichlet([1.0]), ValueError, "concentration: expected an axis of at"),
        (lambda: Dirichlet([1.0, 0.0]), ValueError, "concentration: .* > 0, got 0"),
        (lambda: Wishart(1, np.eye(2)), ValueError, "df: expected a number > 1, got 1"),
        (lambda: Laplace("a", 1), TypeError, "loc: expected real numbers, got text"),
        (lambda: Laplace(0, 0), ValueError, "scale: expected numbers > 0, got 0"),
        (
            lambda: Laplace(np.zeros((2, 3)), np.ones(2)),
            ValueError,
            r"scale: expected a shape that broadcasts with loc, \(2, 3\), got \(2,\)",
        ),
    ],
)
def test_bad_parameters_are_named(make, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make()


@every_case
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.nan, ValueError, "x: expected finite numbers, got nan"),
        ([0.0, np.inf], ValueError, "x: expected finite numbers, got inf at index 1"),
        ("1", TypeError, "x: expected real numbers, got text"),
        (1j, TypeError, "x: expected real numbers, got complex numbers"),
        ([], ValueError, "x: expected at least one number"),
    ],
)
def test_bad_outcomes_are_named(case, x, error, message):
    with pytest.raises(error, match=f"^{message}"):
        case.ours.log_prob(x)


@every_family
def test_outcomes_that_do_not_broadcast_are_named(family):
    params = ARGUMENTS[family]
    batch = family(*[[row] * 3 for row in params]) if family is Categorical else None
    batch = batch or family(*params)
    message = (
        r"^x: expected a shape that broadcasts with the parameters, \(3,\), got \(2,\)$"
    )
    with pytest.raises(ValueError, match=message):
        batch.log_prob([0, 1])


@every_fit
@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1.0, -1.0, 1.0], ValueError, "weights: expected numbers >= 0, got -1"),
        (
            [0.0, 0.0, 0.0],
            ValueError,
            "weights: expected a positive sum, got only zeros",
        ),
        ([1.0, 1.0], ValueError, r"weights: expected shape \(3,\), got \(2,\)"),
        (np.ones((3, 1)), ValueError, r"weights: expected shape \(3,\), got \(3, 1\)"),
        (1.0, ValueError, r"weights: expected shape \(3,\), got \(\)"),
        ([1.0, np.nan, 1.0], ValueError, "weights: expected finite numbers, got nan"),
        (["a", "b", "c"], TypeError, "weights: expected real numbers, got text"),
        ([], ValueError, "weights: expected at least one number"),
    ],
)
def test_bad_weights_are_named(name, weights, error, message):
    with pytest.raises(error, match=f"^{message}"):
        FITS[name]([1, 2, 2] if name in POSITIVE_DATA else [0, 1, 1], weights)


@every_fit
@pytest.mark.parametrize(
    ("x", "error"),
    [
        ([], (ValueError, TypeError)),
        ([[0, 1], [1, 1]], ValueError),
        (1, ValueError),
        (["a", "b"], TypeError),
        ([0, 1j], TypeError),
        ([0.0, np.nan], (ValueError, TypeError)),
    ],
)
def test_bad_data_are_named(name, x, error):
    with pytest.raises(error, match=r"^x: expected .*, got "):
        FITS[name](x)


@pytest.mark.parametrize(
    ("fit", "error", "message"),
    [
        (
            lambda: Bernoulli.mle([0, 2]),
            ValueError,
            "x: expected zeros and ones, got 2$",
        ),
        (
            lambda: Bernoulli.mle([0.5, 1]),
            ValueError,
            "x: expected zeros and ones, got 0.5$",
        ),
        (
            lambda: Binomial.mle([0, 4], n=3),
            ValueError,
            "x: expected counts from 0 to 3, got 4$",
        ),
        (
            lambda: Binomial.mle([0, -1], n=3),
            ValueError,
            "x: expected counts from 0 to 3, got -1$",
        ),
        (
            lambda: Binomial.mle([0.5], n=3),
            ValueError,
            "x: expected counts from 0 to 3, got 0.5$",
        ),
        (
            lambda: Binomial.mle([0], n=0),
            ValueError,
            "n: expected a whole number >= 1, got 0$",
        ),
        (
            lambda: Binomial.mle([0], n=[2, 3]),
            ValueError,
            r"n: expected one number, got shape \(2,\)$",
        ),
        (lambda: Binomial.mle([0], n="3"), TypeError, "n: expected real numbers"),
        (
            lambda: Categorical.mle([0, 3], n_classes=3),
            ValueError,
            r"x: expected labels in range\(3\), got 3$",
        ),
        (
            lambda: Categorical.mle([0.0], n_classes=3),
            TypeError,
            "x: expected integers, got dtype float64$",
        ),
        (
            lambda: Categorical.mle([0], n_classes=2.5),
            ValueError,
            "n_classes: expected a whole number >= 1, got 2.5$",
        ),
        (
            lambda: Categorical.mle([0], n_classes="3"),
            TypeError,
            "n_classes: expected real numbers, got text$",
        ),
    ],
)
def test_data_outside_the_support_and_bad_counts_are_named(fit, error, message):
    with pytest.raises(error, match=f"^{message}"):
        fit()


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (lambda: Poisson.mle([0, 0]), "x: expected at least one count above 0"),
        (lambda: Poisson.mle([0.5]), "x: expected whole numbers >= 0, got 0.5"),
        (lambda: Poisson.mle([-1]), "x: expected whole numbers >= 0, got -1"),
        (lambda: Exponential.mle([-1.0, 1]), "x: expected numbers >= 0, got -1"),
        (lambda: LogNormal.mle([0.0, 1]), "x: expected numbers > 0, got 0"),
        (lambda: Gamma.mle([0.0, 1]), "x: expected numbers > 0, got 0"),
        (lambda: Gamma.mle([2.0, 2]), "x: expected at least two different numbers"),
        (lambda: MultivariateNormal.mle(np.eye(2)), "x: expected vectors that vary"),
        (lambda: Poisson(1e19).sample(rng=RNG), "rate: expected at most 9e"),
        (lambda: Binomial(1e19, 0.5).sample(rng=RNG), "n: expected at most 9e"),
    ],
)
def test_data_without_an_estimate_are_named(fit, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        fit()


# --- several dimensions -------------------------------------------------------------

RNG = np.random.default_rng(3)
MU = np.array([1.0, -2.0, 0.5])
SIGMA = np.array([[4.0, 1.0, -0.5], [1.0, 2.0, 0.3], [-0.5, 0.3, 0.7]])


def within_five_errors(draws, mean):
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - mean) <= 5 * error + 1e-15).all()


def test_multivariate_normal_against_scipy(rng):
    ours, theirs = MultivariateNormal(MU, SIGMA), stats.multivariate_normal(MU, SIGMA)
    x = rng.normal(0, 4, size=(5, 7, 3))
    assert_allclose(ours.log_prob(x), theirs.logpdf(x), rtol=1e-12)
    assert ours.log_prob(x[0, 0]).shape == ()
    assert_allclose(ours.entropy(), theirs.entropy(), rtol=1e-12)
    assert_array_equal(ours.mean(), MU)
    assert_array_equal(ours.covariance(), SIGMA)
    assert_array_equal(ours.variance(), np.diag(SIGMA))
    line = MultivariateNormal([2.0], [[9.0]])
    assert_allclose(line.log_prob([[1.0]]), Normal(2, 3).log_prob([1.0]), rtol=1e-12)


def test_multivariate_normal_draws(rng):
    draws = MultivariateNormal(MU, SIGMA).sample(20_000, rng=rng)
    within_five_errors(draws, MU)
    products = (draws - MU)[:, :, None] * (draws - MU)[:, None, :]
    within_five_errors(products, SIGMA)
    assert MultivariateNormal(MU, SIGMA).sample((2, 5), rng=rng).shape == (2, 5, 3)
    assert MultivariateNormal(MU, SIGMA).sample(rng=rng).shape == (3,)


def test_marginal_and_conditional_factor_the_density(rng):
    ours = MultivariateNormal(MU, SIGMA)
    for seen in ([0], [2], [2, 0], [0, 1]):
        x = rng.normal(size=3)
        rest = [i for i in range(3) if i not in seen]
        known = ours.marginal(seen).log_prob(x[seen])
        left = ours.conditional(seen, x[seen]).log_prob(x[rest])
        assert_allclose(known + left, ours.log_prob(x), rtol=1e-12)


def test_multivariate_normal_fit_is_the_biased_covariance(rng):
    x, w = rng.normal(size=(41, 3)), rng.random(41)
    fit = MultivariateNormal.mle(x, w)
    assert_allclose(fit.loc, np.average(x, axis=0, weights=w), rtol=1e-10)
    wanted = np.cov(x.T, aweights=w, ddof=0)
    assert_allclose(fit.covariance_matrix, wanted, rtol=1e-10)
    best = w @ fit.log_prob(x)
    for _ in range(20):
        A = rng.normal(0, 0.1, size=(3, 3))
        other = MultivariateNormal(
            fit.loc + A[0], fit.covariance_matrix + A @ A.T * rng.choice([0.1, 1.0])
        )
        assert w @ other.log_prob(x) <= best


@pytest.mark.parametrize("far", [1e300, -1e300])
def test_multivariate_normal_at_the_ends_of_float64(far):
    wide = MultivariateNormal([0, 0], [[1e300, 0], [0, 1e-300]])
    assert_allclose(wide.log_prob([0, 0]), -LOG_2PI, rtol=1e-14)
    assert wide.log_prob([0, far]) == -np.inf
    tilted = MultivariateNormal([0, 0], [[1, 0.999], [0.999, 1]])
    assert_array_equal(tilted.log_prob([[far, far], [far, 0]]), [-np.inf, -np.inf])


@pytest.mark.parametrize(
    "make",
    [
        lambda m: MultivariateNormal([0, 0], m),
        lambda m: Wishart(5, m),
    ],
)
@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 1], [1, 1]], "a positive definite matrix, got one that is singular"),
        ([[1, 1], [1, 1 + 1e-15]], "a positive definite matrix, got one that is sing"),
        ([[1, 2], [2, 1]], "a positive definite matrix, got one that is singular or"),
        ([[1, 0], [0, -1]], "a positive definite matrix, got the variance -1"),
        ([[1, 0.5], [0, 1]], "a symmetric matrix"),
        ([[1, 0, 0], [0, 1, 0]], "shape"),
        ([[np.nan, 0], [0, 1]], "finite numbers"),
    ],
)
def test_matrices_that_are_no_covariance_are_named(make, matrix, message):
    with pytest.raises(
        ValueError, match=rf"^(covariance_matrix|scale): expected {message}"
    ):
        make(matrix)


def test_near_singular_covariances_are_right():
    rho = 1 - 1e-9
    got = MultivariateNormal([0, 0], [[1, rho], [rho, 1]]).log_prob([1.0, 1.0])
    # In the sum and the difference of the components, which are independent.
    exact = -1 / (1 + rho) - 0.5 * np.log((1 - rho) * (1 + rho)) - LOG_2PI
    assert_allclose(got, exact, rtol=1e-7)


def test_dirichlet_against_scipy(rng):
    a = np.array([0.7, 2.0, 5.0])
    ours, theirs = Dirichlet(a), stats.dirichlet(a)
    x = rng.dirichlet(np.ones(3), size=11)
    assert_allclose(ours.log_prob(x), [theirs.logpdf(row) for row in x], rtol=1e-10)
    assert_allclose(ours.mean(), theirs.mean(), rtol=1e-12)
    assert_allclose(ours.variance(), theirs.var(), rtol=1e-12)
    assert_allclose(ours.covariance(), theirs.cov(), rtol=1e-12)
    assert_allclose(ours.entropy(), theirs.entropy(), rtol=1e-12)
    both = Dirichlet([a, 2 * a])
    assert_allclose(both.covariance()[0], ours.covariance(), rtol=1e-12)
    assert_allclose(both.log_prob(x[:, None])[:, 0], ours.log_prob(x), rtol=1e-12)
    assert_array_equal(ours.log_prob([[0.5, 0.6, -0.1], [1, 1, 1]]), [-np.inf] * 2)
    draws = ours.sample(20_000, rng=rng)
    within_five_errors(draws, ours.mean())
    within_five_errors((draws - ours.mean()) ** 2, ours.variance())
    assert_allclose(Dirichlet([1e-3] * 3).sample(9, rng=rng).sum(axis=1), 1, rtol=1e-12)
    two = Dirichlet([2.5, 4.0])
    assert_allclose(two.log_prob([0.3, 0.7]), Beta(2.5, 4).log_prob(0.3), rtol=1e-12)


@pytest.mark.parametrize("nu", [2.5, 7.0])
def test_wishart_against_scipy(nu, rng):
    ours, theirs = Wishart(nu, SIGMA), stats.wishart(nu, SIGMA)
    S = theirs.rvs(5, random_state=1)
    assert_allclose(ours.log_prob(S), theirs.logpdf(np.moveaxis(S, 0, -1)), rtol=1e-10)
    assert_allclose(ours.mean(), theirs.mean(), rtol=1e-12)
    assert_allclose(ours.variance(), theirs.var(), rtol=1e-12)
    assert_allclose(ours.entropy(), theirs.entropy(), rtol=1e-10)
    draws = ours.sample(20_000, rng=rng)
    within_five_errors(draws, ours.mean())
    within_five_errors((draws - ours.mean()) ** 2, ours.variance())
    assert ours.sample((2, 5), rng=rng).shape == (2, 5, 3, 3)
    assert_array_equal(
        ours.log_prob([-np.eye(3), np.triu(np.ones((3, 3)))]), [-np.inf] * 2
    )


def test_dirichlet_at_the_border_of_the_simplex():
    x = [[0.0, 0.4, 0.6], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]
    got = Dirichlet([0.5, 2.0, 1.0]).log_prob(x)
    # Where one factor is infinite and another 0, the density counts as 0.
    assert_array_equal(got, [np.inf, -np.inf, np.inf, -np.inf])
    assert_allclose(Dirichlet([1.0, 1.0, 1.0]).log_prob([0, 0, 1]), np.log(2))
    huge = Dirichlet([1e-300, 1e300]).log_prob([0.5, 0.5])
    assert_allclose(huge, -1e300 * np.log(2), rtol=1e-12)


def test_wishart_in_one_dimension_is_a_gamma():
    x = np.array([0.1, 1.0, 9.0])
    got = Wishart(5, [[2.0]]).log_prob(x[:, None, None])
    assert_allclose(got, Gamma(2.5, 1 / 4).log_prob(x), rtol=1e-12)


@pytest.mark.parametrize(
    "record",
    [MultivariateNormal(MU, SIGMA), Wishart(7, SIGMA), Dirichlet([1.0, 2.0])],
    ids=repr,
)
def test_records_in_several_dimensions_are_frozen_and_refuse_wrong_shapes(record):
    for field in record.__dataclass_fields__:
        assert not getattr(record, field).flags.writeable
    with pytest.raises(ValueError, match=r"^x: expected shape"):
        record.log_prob(np.ones(5))
    with pytest.raises(ValueError, match=r"^x: expected finite"):
        record.log_prob(np.nan)


def test_components_are_named():
    plane = MultivariateNormal(MU, SIGMA)
    with pytest.raises(ValueError, match=r"^kept: expected different numbers"):
        plane.marginal([0, 0])
    with pytest.raises(ValueError, match=r"^given: expected fewer than 3 components"):
        plane.conditional([0, 1, 2], [0, 0, 0])
    with pytest.raises(ValueError, match=r"^values: expected shape \(1,\)"):
        plane.conditional([0], [0, 0])
