"""The Tweedie distribution: its density by four other routes, its law, its limits."""

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, optimize, stats
from scipy.special import logsumexp
from statsmodels.genmod.families import Tweedie as StatsmodelsTweedie

from mlnotes.losses import tweedie as module
from mlnotes.losses.deviances import tweedie_deviance
from mlnotes.losses.tweedie import Tweedie, fit_dispersion

PARAMETERS = [
    (mu, dispersion, power)
    for power in (1.05, 1.3, 1.5, 1.7, 1.95)
    for mu, dispersion in ((2.0, 1.0), (0.1, 30.0), (40.0, 0.3))
]


def compound(mu, dispersion, power):
    """Rate, shape and scale of the compound sum, from its three defining moments."""
    # rate * shape * scale = mu, and the variance and the share of zeros of the lesson
    rate = mu ** (2 - power) / (dispersion * (2 - power))
    shape = (2 - power) / (power - 1)
    return rate, shape, mu / (rate * shape)


def log_mixture(y, mu, dispersion, power):
    """Log of the Poisson mixture of SciPy's Gamma densities."""
    rate, shape, scale = compound(mu, dispersion, power)
    j = np.arange(1, 2000)[:, None]
    log_terms = stats.poisson.logpmf(j, rate)
    log_terms = log_terms + stats.gamma.logpdf(y, j * shape, scale=scale)
    return logsumexp(log_terms, axis=0)


@pytest.mark.parametrize(("mu", "dispersion", "power"), PARAMETERS)
def test_density_is_a_poisson_mixture_of_gamma_densities(mu, dispersion, power):
    y = mu * np.array([1e-3, 0.3, 0.9, 1.0, 1.7, 5.0])
    got = Tweedie(mu, dispersion, power).log_prob(y)
    # The logarithms of SciPy's terms are of a size near the rate plus y / scale.
    rate, _, scale = compound(mu, dispersion, power)
    rounding = 1e-15 * (rate + y / scale).max() * 100
    expected = log_mixture(y, mu, dispersion, power)
    assert_allclose(got, expected, rtol=1e-12, atol=rounding)


@pytest.mark.parametrize(
    ("mu", "dispersion", "power"),
    # Where the counts are many and all but equal the Wright function has 5 digits.
    [case for case in PARAMETERS if case != (40.0, 0.3, 1.05)],
)
def test_agrees_with_statsmodels(mu, dispersion, power):
    """Statsmodels takes the series from SciPy's Wright function."""
    y = mu * np.array([0.0, 0.3, 0.9, 1.7, 5.0])
    family = StatsmodelsTweedie(var_power=power, eql=False)
    with np.errstate(divide="ignore", over="ignore"):
        expected = family.loglike_obs(y, np.full(y.size, mu), scale=dispersion)
    assert_allclose(Tweedie(mu, dispersion, power).log_prob(y), expected, rtol=1e-9)


@pytest.mark.parametrize("power", [1.2, 1.4, 1.6])
def test_density_inverts_the_characteristic_function(power):
    mu, dispersion = 2.0, 1.0
    rate, shape, scale = compound(mu, dispersion, power)
    s = np.linspace(0, 3000, 600_001)
    without_atom = np.exp(-rate) * np.expm1(rate * (1 - 1j * scale * s) ** -shape)
    for y in (1.0, 2.0, 4.0):
        # Integrated by parts, the cut at 3000 leaves at most |transform| / (pi y).
        got = np.exp(Tweedie(mu, dispersion, power).log_prob(y))
        inverted = np.trapezoid((without_atom * np.exp(-1j * s * y)).real, s) / np.pi
        cut = 2 * np.abs(without_atom[-1]) / (np.pi * y)
        assert cut < 2e-3
        assert_allclose(got, inverted, atol=cut + 1e-5)


@pytest.mark.parametrize("dispersion", [0.05, 1.0, 4.0])
@pytest.mark.parametrize("power", [1.1, 1.5, 1.9])
def test_atom_and_density_have_total_1_and_the_moments(power, dispersion):
    mu = 2.0
    model = Tweedie(mu, dispersion, power)
    rate, shape, _ = compound(mu, dispersion, power)
    # In v = y^q the density is bounded at 0; nothing counts beyond 60 deviations.
    q = min(1.0, shape)
    v = np.linspace(0, (mu + 60 * np.sqrt(dispersion * mu**power)) ** q, 200_001)[1:]
    y = v ** (1 / q)
    f = np.exp(model.log_prob(y)) * y / (q * v)
    moments = [integrate.simpson(f * y**k, x=v) for k in (0, 1, 2)]
    moments[0] += f[0] * v[0]  # from 0 to the first point
    assert_allclose(np.exp(-rate) + moments[0], 1, atol=1e-4)
    assert_allclose(moments[1], model.mean(), rtol=1e-6)
    assert_allclose(moments[2] - mu**2, model.variance(), rtol=1e-5)
    assert_allclose(model.probability_of_zero(), np.exp(-rate), rtol=1e-13)
    assert_allclose(model.log_prob(0.0), -rate, rtol=1e-13)


def test_draws_have_the_moments_and_the_law(rng):
    model = Tweedie([2.0, 0.5], [1.0, 3.0], 1.5)
    n = 100_000
    draws = model.sample(n, rng=rng)
    assert draws.shape == (n, 2)
    assert_allclose(
        draws.mean(axis=0),
        model.mean(),
        atol=5 * np.sqrt(model.variance().max() / n),
    )
    for k in range(2):
        y = draws[:, k]
        squares = (y - y.mean()) ** 2
        error = squares.std() / np.sqrt(n)
        assert abs(squares.mean() - model.variance()[k]) < 5 * error
        zero = model.probability_of_zero()[k]
        assert abs(np.mean(y == 0) - zero) < 5 * np.sqrt(zero * (1 - zero) / n)
        one = Tweedie(model.mu[k], model.dispersion[k], 1.5)
        for low, high in ((0.0, 0.3), (0.3, 1.0), (1.0, 4.0)):
            p, _ = integrate.quad(lambda v, t=one: np.exp(t.log_prob(v)), low, high)
            share = np.mean((y > low) & (y < high))
            assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / n)


def test_a_wrong_power_fails_the_check_of_the_draws(rng):
    """Negative control: the share of zeros of another power is refused."""
    y = Tweedie(2.0, 1.0, 1.5).sample(100_000, rng=rng)
    zero = Tweedie(2.0, 1.0, 1.55).probability_of_zero()
    assert abs(np.mean(y == 0) - zero) > 5 * np.sqrt(zero * (1 - zero) / y.size)


@pytest.mark.parametrize("dispersion", [0.01, 1.0, 5.0])
def test_next_to_power_2_it_is_the_gamma(dispersion):
    y = np.array([0.3, 1.0, 2.0, 7.0])
    got = Tweedie(2.0, dispersion, 2 - 1e-9).log_prob(y)
    expected = stats.gamma.logpdf(y, 1 / dispersion, scale=2.0 * dispersion)
    # The distance of the two is of the order 1e-9 times the deviance over phi.
    assert_allclose(got, expected, atol=1e-6)
    draws = Tweedie(np.full(20_000, 2.0), 0.5, 2 - 1e-6)
    y = draws.sample(rng=np.random.default_rng(0))
    assert stats.kstest(y, stats.gamma(2, scale=1.0).cdf).pvalue > 1e-4


def test_next_to_power_1_the_mass_sits_at_multiples_of_the_dispersion():
    """Between two hills there is nothing, and each hill holds a Poisson probability."""
    model = Tweedie(3.0, 1.0, 1 + 1e-5)
    for k in (1, 2, 5):
        y = np.linspace(k - 0.1, k + 0.1, 20_001)
        mass = integrate.simpson(np.exp(model.log_prob(y)), x=y)
        assert_allclose(mass, stats.poisson.pmf(k, 3.0), rtol=1e-3)
    assert model.log_prob(1.5) < -1000


@pytest.mark.parametrize("dispersion", [1e-4, 1e-8, 1e-12])
@pytest.mark.parametrize("power", [1.01, 1.5, 1.99])
def test_a_tiny_dispersion_gives_the_saddlepoint_density(power, dispersion):
    """Error of order phi; from rounding of the count, of size eps / phi."""
    mu = 2.0
    y = mu + np.array([-2, 0.0, 1.0]) * np.sqrt(dispersion * mu**power)
    distance = tweedie_deviance(mu, y, power=power) / (2 * dispersion)
    expected = -0.5 * np.log(2 * np.pi * dispersion * y**power) - distance
    got = Tweedie(mu, dispersion, power).log_prob(y)
    assert_allclose(got, expected, atol=dispersion + 1e-9)


@pytest.mark.parametrize("power", [1.02, 1.5, 1.98])
def test_wide_spacing_gives_the_sum_over_all_terms(power):
    """Counts from 30 to 3000, where terms begin to be skipped, against all of them."""
    shape = (2 - power) / (power - 1)
    for count in (30.0, 100.3, 700.7, 3000.2):
        dispersion = 1 / (count * (2 - power))  # y = mu = 1 has this count
        scale = 1 / (count * shape)
        j = np.arange(1, 6001)
        log_terms = stats.poisson.logpmf(j, count) + stats.gamma.logpdf(
            1.0, j * shape, scale=scale
        )
        got = Tweedie(1.0, dispersion, power).log_prob(1.0)
        assert_allclose(got, logsumexp(log_terms), atol=1e-14 * count * (1 + shape) * 9)


@pytest.mark.parametrize("power", [1.02, 1.5, 1.98])
@pytest.mark.parametrize("count", [0.01, 3.0, 13.0, 60.3, 700.7, 3e4])
def test_the_series_has_all_digits(power, count):
    """All terms with 30 digits: what is left out or skipped is below rounding."""
    p = mpmath.mpf(power)
    reach = 12 * np.sqrt(count) + 30  # beyond it a term is below e^-60 of the sum
    terms = range(max(1, int(count - reach)), int(count + reach))
    dispersion = float(1 / (count * (2 - p)))
    with mpmath.workdps(30):
        shape, rate = (2 - p) / (p - 1), 1 / (mpmath.mpf(dispersion) * (2 - p))
        rest = -rate - rate * shape  # y = mu = 1, where y / scale is rate * shape
        exact = mpmath.log(
            mpmath.fsum(
                mpmath.exp(
                    rest
                    + j * mpmath.log(rate)
                    - mpmath.loggamma(j + 1)
                    + j * shape * mpmath.log(rate * shape)
                    - mpmath.loggamma(j * shape)
                )
                for j in terms
            )
        )
    found = float(Tweedie(1.0, dispersion, power).log_prob(1.0))
    # The counts, and so the exponents of up to 45, are rounded.
    assert_allclose(found, float(exact), rtol=1e-15, atol=100 * np.finfo(float).eps)


def test_both_expansions_keep_all_digits():
    """Against the functions that they stand for, with 40 digits."""
    for e in (-0.9, -1e-3, -9.9e-4, 1e-9, 9.9e-4, 1.01e-3, 3.0, 1e5):
        with mpmath.workdps(40):
            r = 1 + mpmath.mpf(e)
            exact = float(r * mpmath.log(r) - r + 1)
        # Just above 1e-3 a difference of terms of the size of e has lost 3 digits.
        rtol = 1e-15 if abs(e) <= 1e-3 else 1e-12
        assert_allclose(module._deviance_of_ratio(np.array(e)), exact, rtol=rtol)
    for x in (1e-3, 1.0, 9.9, 10.0, 11.0, 1e5, 1e200):
        with mpmath.workdps(40 + 2 * round(np.log10(x + 1))):
            x_ = mpmath.mpf(x)
            exact = float(
                mpmath.loggamma(x_ + 1)
                - (x_ + 0.5) * mpmath.log(x_)
                + x_
                - mpmath.log(2 * mpmath.pi) / 2
            )
        # The next term of the series is 691 / 360360 / x^11, 2e-14 at x = 10.
        found = module._stirling_remainder(np.array(x))
        assert_allclose(found, exact, rtol=1e-14, atol=2.1e-14)


@pytest.mark.parametrize("power", [1.01, 1.5, 1.99])
def test_at_the_ends_of_floating_point_the_density_is_that_of_a_normal(power):
    # At y = mu a dispersion far below mu^(2-p) leaves the normal density there.
    mu, dispersion = 1e280, 1e280 ** (2 - power) * 1e-270
    expected = -0.5 * (np.log(2 * np.pi * dispersion) + power * np.log(mu))
    found = Tweedie(mu, dispersion, power).log_prob([0.0, mu])
    assert_allclose(found[1], expected, rtol=1e-12)
    assert found[0] < -1e268


def test_an_atom_that_vanishes_has_the_log_probability_minus_infinity():
    assert Tweedie(1e300, 1e-200, 1.5).log_prob(0.0) == -np.inf


def test_scale_and_variance_overflow_only_where_they_must():
    assert_allclose(Tweedie(1e300, 1e-300, 1.5).variance(), 1e150, rtol=1e-12)
    assert Tweedie(1e300, 1e300, 1.5).variance() == np.inf
    boundless = Tweedie(1e100, 1e300, 1.5)
    assert boundless.scale == np.inf
    with pytest.raises(ValueError, match="scale: expected finite numbers, got inf"):
        boundless.sample(rng=np.random.default_rng(0))


def test_many_outcomes_are_the_same_as_one_at_a_time(rng):
    mu, dispersion = rng.uniform(0.1, 50, size=5001), rng.uniform(0.01, 9, size=5001)
    y = Tweedie(mu, dispersion, 1.4).sample(rng=rng)
    together = Tweedie(mu, dispersion, 1.4).log_prob(y)
    for i in (0, 7, 4095, 4096, 5000):
        alone = Tweedie(mu[i], dispersion[i], 1.4).log_prob(y[i])
        assert_allclose(together[i], alone, rtol=1e-13)


def test_shapes_and_support():
    model = Tweedie([[1.0], [2.0]], [1.0, 2.0, 3.0], 1.5)
    assert model.mu.shape == model.rate.shape == (2, 3)
    assert model.log_prob([0.0, 1.0, -1.0]).shape == (2, 3)
    assert_array_equal(model.log_prob(-1.0), np.full((2, 3), -np.inf))
    assert np.isfinite(model.log_prob([0.0, 1e-300, 1e9])).all()
    assert model.log_prob(1e250).max() < -1e100
    with pytest.raises(ValueError, match="read-only"):
        model.mu[0, 0] = 2.0


@pytest.mark.parametrize("power", [1, 2, 0.5, 3, -1])
def test_refuses_other_powers(power):
    with pytest.raises(ValueError, match="power: expected a number between 1 and 2"):
        Tweedie(1.0, 1.0, power)
    with pytest.raises(ValueError, match="power: expected a number between 1 and 2"):
        fit_dispersion([1.0, 2.0], [0.0, 3.0], power=power)


def test_refuses_counts_beyond_floating_point():
    with pytest.raises(ValueError, match="x: expected numbers whose power"):
        Tweedie(1.0, 1e-290, 1.1).log_prob(1.0)
    with pytest.raises(ValueError, match="rate: expected at most"):
        Tweedie(1.0, 1e-290, 1.1).sample(rng=np.random.default_rng(0))


@pytest.mark.parametrize("power", [1.2, 1.5, 1.8])
def test_dispersion_maximizes_the_likelihood(power, rng):
    mean = rng.uniform(0.5, 4, size=400)
    y = Tweedie(mean, 2.5, power).sample(rng=rng)
    phi = fit_dispersion(mean, y, power=power)

    def log_likelihood(log_phi):
        return np.sum(
            np.where(
                y > 0,
                log_mixture(np.where(y > 0, y, 1), mean, np.exp(log_phi), power),
                -compound(mean, np.exp(log_phi), power)[0],
            )
        )

    found = optimize.minimize_scalar(
        lambda u: -log_likelihood(u), bracket=(np.log(1.0), np.log(2.0))
    )
    assert_allclose(phi, np.exp(found.x), rtol=1e-4)
    h = 0.1  # the spread of the estimate, from the curvature there
    curvature = (
        2 * log_likelihood(np.log(phi))
        - log_likelihood(np.log(phi) + h)
        - log_likelihood(np.log(phi) - h)
    ) / h**2
    assert abs(np.log(phi / 2.5)) < 5 / np.sqrt(curvature)


def test_dispersion_far_from_the_moments_is_found():
    """Where all means are far too small the squares exaggerate."""
    y = np.array([9e3, 1e4, 1.2e4])
    phi = fit_dispersion(np.ones(3), y, power=1.5)
    found = optimize.minimize_scalar(
        lambda u: -log_mixture(y, 1.0, np.exp(u), 1.5).sum(), bracket=(8.0, 11.0)
    )
    assert_allclose(phi, np.exp(found.x), rtol=1e-4)
    assert np.log(np.mean((y - 1) ** 2) / phi) > 7


def test_dispersion_has_the_unit_of_y_to_the_power_2_minus_p(rng):
    y = Tweedie(np.full(50, 3.0), 1.0, 1.7).sample(rng=rng)
    one = fit_dispersion(np.full(50, 3.0), y, power=1.7)
    other = fit_dispersion(np.full(50, 300.0), 100 * y, power=1.7)
    assert_allclose(other, 100**0.3 * one, rtol=1e-4)
    for unit in (1e-300, 1e300):
        other = fit_dispersion(np.full(50, 3.0 * unit), unit * y, power=1.7)
        assert_allclose(other, unit**0.3 * one, rtol=1e-4)


@pytest.mark.parametrize(
    ("mean", "y", "message"),
    [
        ([1.0, 2.0], [0.0, 0.0], "y: expected at least one positive number"),
        ([1.0, 2.0], [1.0, 2.0], "y: expected a number that differs from its mean"),
        ([1.0, 2.0], [1.0, -2.0], "y: expected numbers >= 0"),
        ([1.0, 0.0], [1.0, 2.0], "mean: expected numbers > 0"),
        ([1.0, 2.0], [1e300, 2.0], "y: expected numbers with finite squares"),
        ([1.0, 1.0, 1.0], [1.0, 2.0], r"y: expected shape \(3,\), got \(2,\)"),
    ],
)
def test_dispersion_refuses(mean, y, message):
    with pytest.raises(ValueError, match=message):
        fit_dispersion(mean, y, power=1.5)
