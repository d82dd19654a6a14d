"""Entropy and its relatives: definitions, oracles, identities, limits, refusals."""

from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import entr, rel_entr

from mlnotes.information.discrete import (
    cross_entropy,
    entropy,
    jensen_shannon_divergence,
    kl_divergence,
    self_information,
)
from mlnotes.probability.distributions import Normal

OF_TWO = [cross_entropy, kl_divergence, jensen_shannon_divergence]
BASES = [2, np.e, 10, 1.5, 256]
# The smallest float64 above 0, the smallest with full precision, and around 1e-300,
# where the divergence changes from a ratio to a difference of logarithms.
TINY = [5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1.0000001e-300, 1e-16]


def of_all(function, p, q, **keywords):
    """Call a function of one or of two distributions."""
    return (
        function(p, **keywords) if function is entropy else function(p, q, **keywords)
    )


every_function = pytest.mark.parametrize("function", [entropy, *OF_TWO])
every_divergence = pytest.mark.parametrize(
    "divergence", [kl_divergence, jensen_shannon_divergence]
)


def normalized(masses):
    """Distributions along the last axis, zeros allowed but not alone."""
    masses = np.where(masses.sum(axis=-1, keepdims=True) > 0, masses, 1.0)
    return masses / masses.sum(axis=-1, keepdims=True)


# Shares of a whole, many of them exactly 0.
masses = st.one_of(st.just(0.0), st.floats(1e-12, 1.0))
distributions = arrays(np.float64, 5, elements=masses).map(normalized)
full_distributions = arrays(np.float64, 5, elements=st.floats(1e-9, 1.0)).map(
    normalized
)


# --- definitions, written as loops --------------------------------------------------


def entropy_by_loop(p, log=np.log):
    return -sum(x * log(x) for x in p if x > 0)


def cross_entropy_by_loop(p, q, log=np.log):
    if any(x > 0 and y == 0 for x, y in zip(p, q, strict=True)):
        return np.inf
    return -sum(x * log(y) for x, y in zip(p, q, strict=True) if x > 0)


def divergence_by_loop(p, q, log=np.log):
    if any(x > 0 and y == 0 for x, y in zip(p, q, strict=True)):
        return np.inf
    return sum(x * log(x / y) for x, y in zip(p, q, strict=True) if x > 0)


def jensen_shannon_by_loop(p, q, log=np.log):
    m = [(x + y) / 2 for x, y in zip(p, q, strict=True)]
    return (divergence_by_loop(p, m, log) + divergence_by_loop(q, m, log)) / 2


@given(distributions, distributions)
def test_definitions(p, q):
    assert_allclose(entropy(p), entropy_by_loop(p), rtol=1e-12, atol=1e-15)
    want = cross_entropy_by_loop(p, q)
    assert_allclose(cross_entropy(p, q), want, rtol=1e-12, atol=1e-15)
    # Divergences are differences of terms of order 1: absolute errors of rounding.
    assert_allclose(
        kl_divergence(p, q), divergence_by_loop(p, q), rtol=1e-12, atol=1e-14
    )
    got = jensen_shannon_divergence(p, q)
    assert_allclose(got, jensen_shannon_by_loop(p, q), rtol=1e-12, atol=1e-14)


@given(distributions, distributions)
def test_scipy_agrees(p, q):
    assert_allclose(entropy(p), stats.entropy(p), rtol=1e-10, atol=1e-14)
    assert_allclose(kl_divergence(p, q), stats.entropy(p, q), rtol=1e-10, atol=1e-14)
    assert_allclose(entropy(p), entr(p).sum(), rtol=1e-10, atol=1e-14)
    assert_allclose(kl_divergence(p, q), rel_entr(p, q).sum(), rtol=1e-10, atol=1e-14)
    cross = entr(p).sum() + rel_entr(p, q).sum()
    assert_allclose(cross_entropy(p, q), cross, rtol=1e-10, atol=1e-14)
    with np.errstate(invalid="ignore"):  # SciPy takes roots of -1e-17
        squared = np.nan_to_num(jensenshannon(p, q)) ** 2
    assert_allclose(jensen_shannon_divergence(p, q), squared, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("p", [1.0, 0.5, 1 / 3, 1e-3, 5e-324, 1 - 2**-53])
@pytest.mark.parametrize("base", BASES)
def test_self_information_is_minus_the_logarithm(p, base):
    want = -mpmath.log(mpmath.mpf(p)) / mpmath.log(mpmath.mpf(base))
    assert_allclose(self_information(p, base=base), float(want), rtol=1e-14)


def test_self_information_keeps_the_shape_and_knows_the_impossible():
    surprise = self_information([[1, 0.5, 0.25], [0, 0.125, 1]], base=2)
    assert_array_equal(surprise, [[0, 1, 2], [np.inf, 3, 0]])
    assert not np.signbit(surprise).any()


# --- bases, batches, broadcasting ---------------------------------------------------


@every_function
@pytest.mark.parametrize("base", BASES)
def test_the_base_is_the_unit(function, base, rng):
    p, q = rng.dirichlet(np.ones(7), 3), rng.dirichlet(np.ones(7), 3)
    nats = of_all(function, p, q)
    assert_allclose(of_all(function, p, q, base=base) * np.log(base), nats, rtol=1e-13)


@pytest.mark.parametrize(
    ("base", "unit"), [(2, np.log2), (np.e, np.log), (10, np.log10)]
)
def test_bits_nats_and_hartleys_by_their_own_logarithms(base, unit, rng):
    p, q = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(7))
    got = [of_all(f, p, q, base=base) for f in (entropy, *OF_TWO)]
    want = [
        entropy_by_loop(p, unit),
        cross_entropy_by_loop(p, q, unit),
        divergence_by_loop(p, q, unit),
        jensen_shannon_by_loop(p, q, unit),
    ]
    assert_allclose(got, want, rtol=1e-12)


@every_function
def test_a_batch_is_a_loop_over_its_rows(function, rng):
    p, q = rng.dirichlet(np.ones(5), (2, 3)), rng.dirichlet(np.ones(5), (2, 3))
    p[0, 1], q[1, 2] = [0, 1, 0, 0, 0], [0.5, 0.5, 0, 0, 0]
    got = of_all(function, p, q)
    assert got.shape == (2, 3)
    for i, j in product(range(2), range(3)):
        # Whether a zero stands in the batch changes the order of the sum.
        assert_allclose(
            got[i, j], of_all(function, p[i, j], q[i, j]), rtol=1e-12, atol=1e-15
        )


@pytest.mark.parametrize("function", OF_TWO)
@pytest.mark.parametrize(
    ("p_batch", "q_batch", "batch"),
    [
        ((), (3,), (3,)),
        ((3,), (), (3,)),
        ((2, 1), (3,), (2, 3)),
        ((1, 3), (2, 1), (2, 3)),
        ((7, 1, 3), (2, 1), (7, 2, 3)),
    ],
)
def test_leading_axes_broadcast(function, p_batch, q_batch, batch, rng):
    p, q = rng.dirichlet(np.ones(5), p_batch), rng.dirichlet(np.ones(5), q_batch)
    p[..., 0], q[..., 1] = 0, 0  # a zero in each, so that both paths are taken
    p, q = normalized(p), normalized(q + 0.1)
    got = function(p, q)
    assert got.shape == batch
    wide_p, wide_q = np.broadcast_arrays(p, q)
    want = [function(wide_p[i].copy(), wide_q[i].copy()) for i in np.ndindex(batch)]
    assert_allclose(got.ravel(), want, rtol=1e-12, atol=1e-15)


@every_function
def test_results_are_float64_arrays_also_for_lists_and_single_precision(function):
    p, q = [0.25, 0.75], [0.5, 0.5]
    want = of_all(function, p, q)
    assert isinstance(want, np.ndarray)
    assert want.shape == ()
    for dtype in (np.float16, np.float32, np.float64):
        got = of_all(function, np.array(p, dtype), np.array(q, dtype))
        assert_array_equal(got, want, strict=True)
    sure = of_all(function, [1, 0], [1, 0])
    assert sure.dtype == np.float64


@every_function
def test_the_order_of_the_outcomes_does_not_matter(function, rng):
    p, q = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(7))
    order = rng.permutation(7)
    assert_allclose(
        of_all(function, p[order], q[order]), of_all(function, p, q), rtol=1e-12
    )


@every_function
def test_memory_layout_does_not_matter(function, rng):
    p, q = rng.dirichlet(np.ones(5), 3), rng.dirichlet(np.ones(5), 3)
    want = of_all(function, p, q)
    got = of_all(function, np.asfortranarray(p), np.repeat(q, 2, axis=1)[:, ::2])
    assert_allclose(got, want, rtol=1e-13)


# --- zeros and infinities -----------------------------------------------------------


@given(distributions, distributions)
def test_impossible_outcomes_contribute_nothing(p, q):
    for function in (entropy, *OF_TWO):
        wider = of_all(function, np.append(p, 0.0), np.append(q, 0.0))
        assert_allclose(wider, of_all(function, p, q), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.5, 0.5], [1.0, 0.0]),
        ([1.0, 0.0], [0.0, 1.0]),
        ([5e-324, 1.0], [0.0, 1.0]),
        ([0.0, 0.5, 0.5], [0.0, 0.0, 1.0]),
    ],
)
def test_a_model_that_rules_out_what_happens_is_infinitely_bad(p, q):
    assert cross_entropy(p, q) == np.inf
    assert kl_divergence(p, q) == np.inf
    assert np.isfinite(jensen_shannon_divergence(p, q))


def test_infinity_stays_in_its_row():
    p = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    q = np.array([0.0, 0.5, 0.5])
    assert_array_equal(kl_divergence(p, q), [np.inf, 0.0, np.log(2)])
    assert_allclose(cross_entropy(p, q), [np.inf, np.log(2), np.log(2)], rtol=1e-15)


def test_the_model_may_allow_what_never_happens():
    assert_allclose(kl_divergence([0.0, 1.0], [0.5, 0.5], base=2), 1.0, rtol=1e-15)


@every_function
@pytest.mark.parametrize("k", [1, 2, 7])
def test_certainty_costs_nothing_and_has_no_minus_sign(function, k):
    sure = np.eye(k)
    got = of_all(function, sure, sure)
    assert_array_equal(got, np.zeros(k))
    assert not np.signbit(got).any()


@pytest.mark.parametrize("k", [1, 2, 3, 10, 1000])
def test_uniform_entropy_is_the_logarithm_of_the_number(k):
    assert_allclose(entropy(np.full(k, 1 / k)), np.log(k), rtol=1e-12)


# --- inequalities and identities ----------------------------------------------------


@given(distributions)
def test_entropy_lies_between_zero_and_the_logarithm_of_the_number(p):
    assert 0 <= entropy(p) <= np.log(5) * (1 + 1e-14)


@given(distributions, distributions)
def test_divergences_are_not_negative(p, q):
    assert kl_divergence(p, q) >= 0
    assert jensen_shannon_divergence(p, q) >= 0


@given(distributions)
def test_divergences_from_itself_are_exactly_zero(p):
    for divergence in (kl_divergence, jensen_shannon_divergence):
        itself = divergence(p, p.copy())
        assert itself == 0
        assert not np.signbit(itself)


@every_divergence
def test_divergences_of_almost_equals_do_not_fall_below_zero(divergence, rng):
    p = rng.dirichlet(np.ones(2), 20_000)
    q = normalized(p * (1 + 2e-16 * rng.normal(size=p.shape)))
    assert (divergence(p, q) >= 0).all()


def exact_shares(p):
    """The float64 numbers divided by their exact sum, in forty digits."""
    p = [mpmath.mpf(float(x)) for x in p]
    return [x / mpmath.fsum(p) for x in p]


@every_divergence
@pytest.mark.parametrize("step", 10.0 ** -np.arange(1, 13))
def test_almost_equals_keep_their_digits(divergence, step, rng):
    """Mpmath, for outcomes that change little, all at once, or never happen."""
    by_loop = {
        kl_divergence: divergence_by_loop,
        jensen_shannon_divergence: jensen_shannon_by_loop,
    }[divergence]
    p = np.append(rng.dirichlet(np.ones(7)), [1e-40, step**2 / 9, 0.0])
    q = np.append(p[:7] * (1 + step * rng.normal(size=7)), [step**2 / 9, 1e-40, 0.0])
    p, q = normalized(p), normalized(q)
    with mpmath.workdps(40):
        want = float(by_loop(exact_shares(p), exact_shares(q), mpmath.log))
    assert want < 100 * step**2
    # Each term is rounded by a few eps |p - q|. By Pinsker's inequality the divergence
    # is at least the square of their sum over 2, for Jensen-Shannon over 8.
    rtol = 16 * np.finfo(float).eps / np.abs(p - q).sum()
    assert_allclose(divergence(p, q), want, rtol=max(rtol, 1e-12))
    among_others = divergence([np.eye(10)[0], p], q)[1]
    assert_allclose(among_others, want, rtol=max(rtol, 1e-12))


@every_divergence
def test_sums_that_are_slightly_off_do_not_drown_a_small_divergence(divergence, rng):
    p = rng.dirichlet(np.ones(7))
    q = normalized(p * (1 + 1e-4 * rng.normal(size=7)))
    want = divergence(p, q)
    assert want < 1e-8
    # The factors differ by 5e-7, which counts with half of its square.
    got = divergence(p * (1 + 3e-7), q * (1 - 2e-7))
    assert_allclose(got, want, rtol=1e-6, atol=2.5e-13)


def test_small_divergences_do_not_disturb_the_rest_of_a_batch():
    p = np.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    q = np.array([[1.0, 0.0, 0.0], [0.5, 0.25, 0.25], [0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    want = [np.inf, 0.75 * np.log(3) - 0.25 * np.log(2), 0.0, np.log(2)]
    assert_allclose(kl_divergence(p, q), want, rtol=1e-15)


@given(full_distributions, st.integers(0, 4))
def test_divergence_is_positive_for_others(p, i):
    q = normalized(p + 0.1 * (np.arange(5) == i))
    gap = np.abs(p - q).sum()
    # Pinsker's inequality, in nats; rounding is below 1e-15.
    assert kl_divergence(p, q) >= gap**2 / 2 - 1e-15


@given(full_distributions, full_distributions)
def test_cross_entropy_is_entropy_plus_divergence(p, q):
    for base in (2, np.e, 10):
        total = entropy(p, base=base) + kl_divergence(p, q, base=base)
        assert_allclose(cross_entropy(p, q, base=base), total, rtol=1e-12, atol=1e-12)


@given(distributions, distributions)
def test_the_identity_holds_with_zeros_and_infinities(p, q):
    total = entropy(p) + kl_divergence(p, q)
    assert_allclose(cross_entropy(p, q), total, rtol=1e-12, atol=1e-12)


@given(full_distributions, full_distributions)
def test_entropy_is_the_expected_self_information(p, q):
    assert_allclose(entropy(p), p @ self_information(p), rtol=1e-12, atol=1e-15)
    assert_allclose(cross_entropy(p, q), p @ self_information(q), rtol=1e-12)


def products(p, q):
    return np.outer(p, q).ravel()


@given(distributions, distributions, full_distributions, full_distributions)
def test_independent_outcomes_add(p, p2, q, q2):
    for function in (entropy, cross_entropy, kl_divergence):
        joint = of_all(function, products(p, p2), products(q, q2))
        parts = of_all(function, p, q) + of_all(function, p2, q2)
        assert_allclose(joint, parts, rtol=1e-12, atol=1e-13)


@given(full_distributions)
def test_grouping_property(p):
    """Shannon's third axiom: a choice may be made in two steps."""
    groups = [p[:2], p[2:]]
    shares = np.array([group.sum() for group in groups])
    within = sum(
        share * entropy(g / share) for share, g in zip(shares, groups, strict=True)
    )
    assert_allclose(entropy(p), entropy(shares) + within, rtol=1e-12, atol=1e-14)


@given(full_distributions, full_distributions)
def test_chain_rule_of_divergence(p, q):
    p_groups, q_groups = [p[:2], p[2:]], [q[:2], q[2:]]
    a, b = np.array([[g.sum() for g in groups] for groups in (p_groups, q_groups)])
    within = sum(
        a[i] * kl_divergence(p_groups[i] / a[i], q_groups[i] / b[i]) for i in range(2)
    )
    assert_allclose(
        kl_divergence(p, q), kl_divergence(a, b) + within, rtol=1e-12, atol=1e-12
    )


@given(distributions, distributions)
def test_jensen_shannon_is_symmetric_and_at_most_one_bit(p, q):
    there = jensen_shannon_divergence(p, q, base=2)
    assert_allclose(
        there, jensen_shannon_divergence(q, p, base=2), rtol=1e-12, atol=1e-15
    )
    assert there <= 1 + 1e-15


@given(distributions, distributions)
def test_jensen_shannon_is_the_entropy_that_mixing_adds(p, q):
    gain = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    assert_allclose(jensen_shannon_divergence(p, q), gain, rtol=1e-12, atol=1e-14)


@given(distributions, distributions, distributions)
def test_root_of_jensen_shannon_obeys_the_triangle_inequality(p, q, r):
    pq, qr, pr = (
        np.sqrt(jensen_shannon_divergence(a, b)) for a, b in ((p, q), (q, r), (p, r))
    )
    # Rounding of 1e-16 under the root becomes 1e-8 beside it.
    assert pr <= pq + qr + 5e-8


def test_jensen_shannon_itself_is_no_metric():
    left, middle, right = [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]
    detour = jensen_shannon_divergence(left, middle)
    detour += jensen_shannon_divergence(middle, right)
    assert jensen_shannon_divergence(left, right) > detour + 0.1


def test_divergence_is_not_symmetric():
    p, q = [0.9, 0.1], [0.5, 0.5]
    assert abs(kl_divergence(p, q) - kl_divergence(q, p)) > 0.1


# --- the ends of float64 ------------------------------------------------------------


def exact(function, p, q):
    """The same in forty digits, from the very float64 numbers that are given."""
    with mpmath.workdps(40):
        p, q = [[mpmath.mpf(float(x)) for x in row] for row in (p, q)]
        loops = {
            entropy: lambda: entropy_by_loop(p, mpmath.log),
            cross_entropy: lambda: cross_entropy_by_loop(p, q, mpmath.log),
            kl_divergence: lambda: divergence_by_loop(p, q, mpmath.log),
            jensen_shannon_divergence: lambda: jensen_shannon_by_loop(p, q, mpmath.log),
        }
        return float(loops[function]())


@every_function
@pytest.mark.parametrize("tiny", TINY)
def test_tiny_probabilities_of_the_model(function, tiny):
    p, q = [0.5, 0.25, 0.25], [1.0, tiny, 0.0]
    for given_p, given_q in [(p, [0.5, tiny, 0.5]), (q, q), (q, p)]:
        want = exact(function, given_p, given_q)
        got = of_all(function, given_p, given_q)
        assert_allclose(got, want, rtol=1e-14, atol=1e-16)


@every_function
@pytest.mark.parametrize("tiny", TINY)
def test_tiny_probabilities_of_the_source(function, tiny):
    for p, q in [
        ([tiny, 1.0], [1.0, tiny]),
        ([tiny, 1.0], [tiny, 1.0]),
        ([tiny, 0.5, 0.5], [0.5, 0.5, tiny]),
        ([tiny, 1.0], [0.0, 1.0]),
    ]:
        assert_allclose(
            of_all(function, p, q), exact(function, p, q), rtol=1e-14, atol=1e-16
        )


def test_the_smallest_number_counts_745_nats():
    assert_allclose(
        kl_divergence([1.0, 0.0], [5e-324, 1.0]), 1074 * np.log(2), rtol=1e-15
    )
    assert_allclose(
        cross_entropy([1.0, 0.0], [5e-324, 1.0], base=2), 1074.0, rtol=1e-15
    )


@pytest.mark.parametrize("p", [[1.0, 5e-324], [5e-324, 1.0], [1.0, 0.0]])
def test_jensen_shannon_does_not_lose_the_smallest_number(p):
    assert jensen_shannon_divergence(p, [1.0, 0.0]) <= np.log(2)


def test_many_outcomes(rng):
    p = rng.dirichlet(np.ones(100_003))
    q = rng.dirichlet(np.ones(100_003))
    assert_allclose(entropy(p), entr(p).sum(), rtol=1e-12)
    assert_allclose(kl_divergence(p, q), rel_entr(p, q).sum(), rtol=1e-12)


# --- worked figures of the lessons --------------------------------------------------

SIX_SIDES = np.full(6, 1 / 6)
FAIR, BENT = [0.5, 0.5], [0.9, 0.1]
ABC_P, ABC_Q = [0.7, 0.2, 0.1], [0.5, 0.3, 0.2]
WEATHER, FORECAST = [0.50, 0.30, 0.20], [0.40, 0.35, 0.25]
PETS = [0.4, 0.3, 0.2, 0.1]
MODEL_A, MODEL_B = [0.35, 0.30, 0.25, 0.10], [0.42, 0.28, 0.18, 0.12]
JOINT = np.array([[0.3, 0.1], [0.2, 0.4]])


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        (entropy(SIX_SIDES, base=2), 2.584963),
        (entropy(FAIR, base=2), 1.0),
        (entropy(FAIR), 0.693147),
        (entropy(FAIR, base=10), 0.301030),
        (-0.9 * self_information(0.9, base=2), -0.136803),
        (-0.1 * self_information(0.1, base=2), -0.332193),
        (entropy(BENT, base=2), 0.468996),
        (entropy(BENT), 0.325083),
        (entropy(BENT, base=10), 0.141182),
        (self_information(1 / np.e, base=2), 1.442695),  # a nat in bits
        (self_information(1 / 2), 0.693147),  # a bit in nats
        (1.380649e-23 * entropy(FAIR), 9.56993e-24),  # a bit in joules per kelvin
        (Normal(0, 1).entropy(), 1.418939),
        (entropy(ABC_P, base=2), 1.156780),
        (cross_entropy(ABC_P, ABC_Q, base=2), 1.279586),
        (kl_divergence(ABC_P, ABC_Q, base=2), 0.122806),
        (kl_divergence(ABC_Q, ABC_P, base=2), 0.132775),
        (kl_divergence(WEATHER, FORECAST, base=2), 0.0298607),
        (kl_divergence(WEATHER, FORECAST), 0.0206979),
        (kl_divergence(FORECAST, WEATHER, base=2), 0.0295481),
        (kl_divergence(FORECAST, WEATHER), 0.0204812),
        (entropy(WEATHER, base=2), 1.485475),
        (entropy(FORECAST, base=2), 1.558872),
        (cross_entropy(WEATHER, FORECAST, base=2), 1.515336),
        (entropy(WEATHER), 1.029653),
        (cross_entropy(WEATHER, FORECAST), 1.050351),
        (kl_divergence(PETS, MODEL_A, base=2), 0.0126724),
        (kl_divergence(PETS, MODEL_A), 0.00878385),
        (kl_divergence(MODEL_A, PETS, base=2), 0.0130562),
        (cross_entropy(PETS, MODEL_A, base=2), 1.859112),
        (cross_entropy(PETS, MODEL_A), 1.288638),
        (kl_divergence(PETS, MODEL_B, base=2), 0.00580215),
        (kl_divergence(PETS, MODEL_B), 0.00402174),
        (kl_divergence(MODEL_B, PETS, base=2), 0.00589710),
        (cross_entropy(PETS, MODEL_B, base=2), 1.852241),
        (cross_entropy(PETS, MODEL_B), 1.283876),
        (entropy(PETS, base=2), 1.846439),
        (entropy(PETS), 1.279854),
        (kl_divergence(PETS, MODEL_A) / kl_divergence(PETS, MODEL_B), 2.184089),
        (entropy(JOINT.sum(axis=1), base=2), 0.970951),
        (entropy(JOINT.sum(axis=0), base=2), 1.0),
        (entropy(JOINT.ravel(), base=2), 1.846439),
        (entropy(JOINT.ravel(), base=2) - entropy(JOINT.sum(axis=1), base=2), 0.875489),
        (entropy(JOINT.ravel(), base=2) - entropy(JOINT.sum(axis=0), base=2), 0.846439),
        (
            kl_divergence(
                JOINT.ravel(), products(JOINT.sum(axis=1), JOINT.sum(axis=0)), base=2
            ),
            0.124511,
        ),
    ],
)
def test_worked_figures(value, figure):
    assert_allclose(value, figure, rtol=1e-5)


@pytest.mark.parametrize(
    ("p", "q", "bits", "nats"),
    [
        (
            WEATHER,
            FORECAST,
            [0.160964, -0.0667177, -0.0643856],
            [0.111572, -0.0462452, -0.0446287],
        ),
        (PETS, MODEL_A, [0.0770580, 0, -0.0643856, 0], [0.0534126, 0, -0.0446287, 0]),
        (
            PETS,
            MODEL_B,
            [-0.0281557, 0.0298607, 0.0304006, -0.0263034],
            [-0.0195161, 0.0206979, 0.0210721, -0.0182322],
        ),
    ],
)
def test_worked_terms_of_the_divergence(p, q, bits, nats):
    for base, terms in ((2, bits), (np.e, nats)):
        ratios = self_information(q, base=base) - self_information(p, base=base)
        assert_allclose(np.multiply(p, ratios), terms, rtol=1e-5)
        total = kl_divergence(p, q, base=base)
        # Four terms with six digits each.
        assert_allclose(total, sum(terms), atol=4 * 5e-7)


# --- refusals -----------------------------------------------------------------------

BAD_DISTRIBUTIONS = [
    ([0.5, 0.4], ValueError, "expected probabilities with sum 1 .*, got the sum 0.9"),
    ([1.5, -0.5], ValueError, "expected numbers >= 0, got -0.5"),
    ([[0.5, 0.5], [0.9, 0.2]], ValueError, "expected .* sum 1 .*, got the sum 1.1"),
    (
        np.array([np.nan, 1.0]),
        ValueError,
        "expected finite numbers, got nan at index 0",
    ),
    (np.array([np.inf, -np.inf]), ValueError, "expected finite numbers, got inf"),
    ([], ValueError, r"expected at least one number, got shape \(0,\)"),
    (np.ones((2, 0)), ValueError, r"expected at least one number, got shape \(2, 0\)"),
    (1.0, ValueError, "expected an axis of outcomes, got a single number"),
    (["a", "b"], TypeError, "expected real numbers, got text"),
    ([0.5 + 0j, 0.5], TypeError, "expected real numbers, got complex numbers"),
    (None, TypeError, "expected real numbers, got objects"),
    ([[0.5, 0.5], [1.0]], ValueError, "expected a regular array, got "),
]


@pytest.mark.parametrize(("bad", "error", "message"), BAD_DISTRIBUTIONS)
def test_bad_distributions_are_named(bad, error, message):
    with pytest.raises(error, match=f"^p: {message}"):
        entropy(bad)
    for function in OF_TWO:
        with pytest.raises(error, match=f"^p: {message}"):
            function(bad, [0.5, 0.5])
        with pytest.raises(error, match=f"^q: {message}"):
            function([0.5, 0.5], bad)


@pytest.mark.parametrize("function", OF_TWO)
def test_shapes_that_do_not_fit_are_named(function, rng):
    with pytest.raises(ValueError, match=r"^q: expected 2 outcomes as in p, got 3$"):
        function([0.5, 0.5], [0.5, 0.25, 0.25])
    p, q = rng.dirichlet(np.ones(5), 3), rng.dirichlet(np.ones(5), 2)
    message = r"^q: expected a shape that broadcasts with p, \(3, 5\), got \(2, 5\)$"
    with pytest.raises(ValueError, match=message):
        function(p, q)


@pytest.mark.parametrize(
    ("p", "error", "message"),
    [
        (1.5, ValueError, "p: expected probabilities from 0 to 1, got 1.5"),
        ([0.5, -0.5], ValueError, "p: expected probabilities from 0 to 1, got -0.5"),
        (np.nan, ValueError, "p: expected finite numbers, got nan"),
        ("1", TypeError, "p: expected real numbers, got text"),
        ([], ValueError, "p: expected at least one number"),
    ],
)
def test_bad_probabilities_of_outcomes_are_named(p, error, message):
    with pytest.raises(error, match=f"^{message}"):
        self_information(p)


@pytest.mark.parametrize("function", [self_information, entropy, *OF_TWO])
@pytest.mark.parametrize(
    ("base", "error", "message"),
    [
        (1, ValueError, "expected a number > 1, got 1$"),
        (0, ValueError, "expected a number > 1, got 0$"),
        (-2.0, ValueError, "expected a number > 1, got -2.0$"),
        (0.5, ValueError, "expected a number > 1, got 0.5$"),
        (True, ValueError, "expected a number > 1, got True$"),
        (np.nan, ValueError, "expected finite numbers, got nan$"),
        (np.inf, ValueError, "expected finite numbers, got inf$"),
        ("2", TypeError, "expected real numbers, got text$"),
        (2j, TypeError, "expected real numbers, got complex numbers$"),
        (None, TypeError, "expected real numbers, got objects$"),
        ([2.0, 10.0], ValueError, r"expected one number, got shape \(2,\)$"),
        (np.array([2.0, 10.0]), ValueError, r"expected one number, got shape \(2,\)$"),
        (np.array([np.e]), ValueError, r"expected one number, got shape \(1,\)$"),
    ],
)
def test_bad_bases_are_named(function, base, error, message):
    p = [0.25, 0.75]
    with pytest.raises(error, match=f"^base: {message}"):
        function(p, base=base) if function is self_information else of_all(
            function, p, p, base=base
        )


def test_the_base_is_a_keyword():
    with pytest.raises(TypeError, match="positional"):
        kl_divergence([0.5, 0.5], [0.5, 0.5], 2)
