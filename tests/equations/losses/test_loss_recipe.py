"""The equations of the lesson "A recipe for loss functions", each by another route."""

from itertools import combinations, product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats
from scipy.special import expit, softmax

from mlnotes.losses.recipe import (
    negative_log_likelihood,
    normal_gradient,
    normal_loss,
)
from mlnotes.probability.distributions import Bernoulli, Categorical, Normal, Poisson

X = np.array([-11.0, -8.0, -5.0, -2.0, 1.0, 4.0, 7.0, 10.0])
LITERS = np.array([4.0, 6.0, 9.0, 10.0, 17.0, 14.0, 18.0, 19.0])
SKEWED = [stats.gamma(2, scale=1.5), stats.lognorm(1.0), stats.norm(1.0, 2.0)]


def central(f, z, h=1e-5):
    """Central differences, one for each entry of z."""
    z = np.atleast_1d(np.asarray(z, dtype=float))
    return np.array([(f(z + e) - f(z - e)) / (2 * h) for e in h * np.eye(z.size)])


@pytest.mark.equation("eq-loss-recipe-likelihood")
def test_conditional_independence_makes_a_product():
    """Enumeration of all outcomes of three labels, and a joint Normal density."""
    p = expit(np.array([-1.0, 0.5, 2.0]))
    total = 0.0
    for labels in product([0, 1], repeat=3):
        got = np.exp(Bernoulli(p).log_prob(labels)).prod()
        assert_allclose(got, stats.bernoulli.pmf(labels, p).prod(), rtol=1e-12)
        total += got
    assert_allclose(total, 1.0, rtol=1e-12)  # a distribution of all labels at once

    mean = 12 + 0.7 * X  # all different
    joint = stats.multivariate_normal(mean, 1.5**2 * np.eye(8)).pdf(LITERS)
    got = np.exp(Normal(mean, 1.5).log_prob(LITERS)).prod()
    assert_allclose(got, joint, rtol=1e-10)
    copied = 0.5  # a fair flip and its copy: no product of 0.5 and 0.5
    assert copied != np.exp(Bernoulli(0.5).log_prob([1, 1])).prod()


@pytest.mark.equation("eq-loss-recipe-nll")
def test_largest_likelihood_is_smallest_nll():
    """A grid over intercept and slope, with products of SciPy's densities."""
    phi = np.array(list(product(np.linspace(11, 14, 31), np.linspace(0.5, 1, 51))))
    mean = phi[:, :1] + phi[:, 1:] * X
    likelihood = stats.norm.pdf(LITERS, mean, 1.53).prod(axis=1)
    nll = negative_log_likelihood(Normal(mean, 1.53), LITERS).sum(axis=1)
    assert np.argmax(likelihood) == np.argmin(nll)
    assert_allclose(nll, -np.log(likelihood), rtol=1e-12)


def test_nll_of_a_correlated_pair_is_not_the_sum():
    pair = np.array([1.0, 1.2])
    parts = negative_log_likelihood(Normal(0.0, 1.0), pair).sum()
    for correlation, equal in ((0.0, True), (0.9, False)):
        omega = [[1, correlation], [correlation, 1]]
        joint = -stats.multivariate_normal([0, 0], omega).logpdf(pair)
        assert np.isclose(joint, parts) == equal


def test_a_product_underflows_where_the_sum_does_not():
    assert np.prod(np.full(1100, 0.5)) == 0.0
    nll = negative_log_likelihood(Bernoulli(0.5), np.ones(1100)).sum()
    assert_allclose(nll, 1100 * np.log(2), rtol=1e-12)
    assert round(nll, 4) == 762.4619


@pytest.mark.equation("eq-loss-recipe-minibatch")
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_scaled_batches_average_to_the_full_gradient(size):
    """All subsets of one size, against differences of the summed NLL."""
    phi = np.array([12.0, 0.9, 1.0])

    def nll(u):
        return -stats.norm.logpdf(LITERS, u[0] + u[1] * X, np.exp(u[2])).sum()

    in_mean, in_scale = normal_gradient(phi[0] + phi[1] * X, phi[2], LITERS)
    per_day = np.column_stack([in_mean, in_mean * X, in_scale])
    batches = [per_day[list(b)].sum(axis=0) for b in combinations(range(8), size)]
    average = np.mean(8 / size * np.array(batches), axis=0)
    assert_allclose(average, per_day.sum(axis=0), rtol=1e-12)
    # Differences: h^2/6 times third derivatives of a few hundred.
    assert_allclose(average, central(nll, phi), atol=1e-6)


@pytest.mark.equation("eq-loss-recipe-mean")
@pytest.mark.parametrize("law", SKEWED)
@pytest.mark.parametrize("c", [-1.0, 0.7, 3.0])
def test_expected_squared_error(law, c):
    """Quadrature of the squared error over the density."""
    expected, _ = integrate.quad(
        lambda y: (y - c) ** 2 * law.pdf(y), *law.support(), limit=200
    )
    assert_allclose(law.var() + (law.mean() - c) ** 2, expected, rtol=1e-6)


@pytest.mark.equation("eq-loss-recipe-median")
@pytest.mark.parametrize("law", SKEWED)
@pytest.mark.parametrize("c", [0.7, 1.6, 3.0])
def test_slope_of_the_expected_absolute_error(law, c):
    """Central differences of the expected absolute error, found by quadrature."""

    def cost(c):
        below, _ = integrate.quad(law.cdf, max(law.support()[0], -40), c, epsabs=1e-12)
        above, _ = integrate.quad(law.sf, c, np.inf, epsabs=1e-12, limit=200)
        return below + above  # E(c - Y)+ and E(Y - c)+ as areas

    slope = (cost(c + 1e-3) - cost(c - 1e-3)) / 2e-3
    assert_allclose(law.cdf(c) - law.sf(c), slope, atol=1e-5)
    median = optimize.minimize_scalar(cost, bounds=(0.1, 4), method="bounded").x
    assert_allclose(median, law.median(), atol=1e-4)


@pytest.mark.equation("eq-loss-recipe-mode")
@pytest.mark.parametrize(
    ("law", "mode"), list(zip(SKEWED, [1.5, np.exp(-1), 1.0], strict=True))
)
def test_narrow_window_prefers_the_mode(law, mode):
    """Minimization of the exact probability of a miss for ever narrower windows."""
    errors = []
    for width in (0.1, 0.05, 0.02):

        def miss(c, w=width):
            inside, _ = integrate.quad(law.pdf, c - w, c + w, epsabs=1e-13)
            return 1 - inside

        best = optimize.minimize_scalar(
            miss, bounds=(0.25, 3), method="bounded", options={"xatol": 1e-9}
        )
        errors.append(abs(best.x - mode))
        # The next term of the expansion is width^3 p'' / 3, with |p''| below 6 here.
        linear = 1 - 2 * width * law.pdf(mode)
        assert_allclose(miss(mode), linear, atol=2 * width**3)
    assert errors[2] < 0.01
    assert errors[2] <= errors[0] + 1e-6


def test_gamma_figures():
    law = SKEWED[0]
    assert_allclose([law.median(), law.mean()], [2.517520, 3.0], atol=5e-7)
    assert_allclose(law.pdf(1.5), 0.245253, atol=5e-7)


@pytest.mark.equation("eq-loss-recipe-normal")
def test_fixed_scale_gives_the_squared_error():
    """SciPy's density, and a computer-algebra derivative."""
    y, mu, sigma = sp.symbols("y mu sigma", positive=True)
    density = sp.exp(-((y - mu) ** 2) / (2 * sigma**2)) / sp.sqrt(2 * sp.pi * sigma**2)
    slope = sp.diff(-sp.log(density), mu)
    assert sp.simplify(slope - (mu - y) / sigma**2) == 0

    mean = np.linspace(-3, 9, 13)
    loss = normal_loss(mean, np.log(2.0), 4.0)
    assert_allclose(loss, -stats.norm.logpdf(4.0, mean, 2.0), rtol=1e-12)
    constant = loss - (4.0 - mean) ** 2 / 8
    assert_allclose(constant, constant[0], rtol=1e-12)


@pytest.mark.equation("eq-loss-recipe-learned-scale")
def test_learned_scale_and_its_gradient():
    """SciPy's density, and central differences of it in mean and log scale."""
    for mean, s, y in ((5.0, 0.3, 8.0), (0.0, -1.0, 0.1), (2.0, 2.0, -7.0)):
        loss = -stats.norm.logpdf(y, mean, np.exp(s))
        assert_allclose(normal_loss(mean, s, y), loss, rtol=1e-12)
        assert_allclose(
            normal_gradient(mean, s, y),
            central(
                lambda u, y=y: -stats.norm.logpdf(y, u[0], np.exp(u[1])), [mean, s]
            ),
            rtol=1e-6,
        )


@pytest.mark.equation("eq-loss-recipe-bernoulli")
@pytest.mark.parametrize("z", [-3.0, 0.0, 1.5])
@pytest.mark.parametrize("y", [0, 1])
def test_bernoulli_instance(z, y):
    """SciPy's probabilities of the label, and their central differences."""
    expected = -stats.bernoulli.logpmf(y, 1 / (1 + np.exp(-z)))
    assert_allclose(np.log1p(np.exp(z)) - y * z, expected, rtol=1e-12)
    assert_allclose(
        negative_log_likelihood(Bernoulli(expit(z)), y), expected, rtol=1e-12
    )
    slope = central(lambda u: -stats.bernoulli.logpmf(y, expit(u[0])), z)
    assert_allclose(expit(z) - y, slope[0], rtol=1e-6)


@pytest.mark.equation("eq-loss-recipe-categorical")
@pytest.mark.parametrize("y", [0, 1, 2])
def test_categorical_instance(y):
    """Normalized exponentials by definition, SciPy's multinomial, differences."""
    z = np.array([2.0, -1.0, 0.5])

    def nll(u):
        p = np.exp(u) / sum(np.exp(v) for v in u)
        return -stats.multinomial.logpmf(np.eye(3)[y], 1, p / p.sum())

    assert_allclose(np.log(np.exp(z).sum()) - z[y], nll(z), rtol=1e-12)
    got = negative_log_likelihood(Categorical(softmax(z)), y)
    assert_allclose(got, nll(z), rtol=1e-12)
    assert_allclose(softmax(z) - np.eye(3)[y], central(nll, z), rtol=1e-6)


def test_categorical_figure():
    loss = negative_log_likelihood(Categorical(softmax([2.0, -1.0, 0.5])), 0)
    assert round(float(loss), 6) == 0.241311


@pytest.mark.equation("eq-loss-recipe-poisson")
@pytest.mark.parametrize("z", [-1.0, 0.0, 0.7])
@pytest.mark.parametrize("y", [0, 1, 4])
def test_poisson_instance(z, y):
    """SciPy's probabilities of the count, and their central differences."""
    expected = -stats.poisson.logpmf(y, np.exp(z))
    factorial = np.prod(np.arange(1, y + 1))
    assert_allclose(np.exp(z) - y * z + np.log(factorial), expected, rtol=1e-12)
    got = negative_log_likelihood(Poisson(np.exp(z)), y)
    assert_allclose(got, expected, rtol=1e-12)
    slope = central(lambda u: -stats.poisson.logpmf(y, np.exp(u[0])), z)
    assert_allclose(np.exp(z) - y, slope[0], atol=1e-8)


@pytest.mark.equation("eq-loss-recipe-residual")
def test_canonical_gradient_is_expected_minus_observed():
    """Expectations from SciPy's distributions, slopes of SciPy's log densities."""
    families = [
        (lambda z: stats.norm(z, 1.0), 0.4, 2.0),
        (lambda z: stats.bernoulli(expit(z)), 0.4, 1),
        (lambda z: stats.poisson(np.exp(z)), 0.4, 3),
    ]
    for law, z, y in families:
        log_p = "logpdf" if law is families[0][0] else "logpmf"
        slope = central(lambda u, f=law, n=log_p, y=y: -getattr(f(u[0]), n)(y), z)
        assert_allclose(law(z).mean() - y, slope[0], rtol=1e-6)
    # The classes, as vectors with a single 1.
    z = np.array([0.2, -0.4, 1.0])
    slope = central(lambda u: -stats.multinomial(1, softmax(u)).logpmf([0, 1, 0]), z)
    assert_allclose(
        stats.multinomial(1, softmax(z)).mean() - [0, 1, 0], slope, rtol=1e-6
    )
