"""The equations of the lesson "Cross-entropy", each by another route."""

from decimal import Decimal, localcontext
from itertools import product
from math import ceil, exp, log, log2

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import optimize, stats
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.metrics import log_loss

from mlnotes.information.discrete import cross_entropy, entropy, kl_divergence

P = np.array([0.7, 0.2, 0.1])
Q = np.array([0.5, 0.3, 0.2])


@pytest.mark.equation("eq-cross-entropy-code-length")
def test_expected_length_of_a_message_adds_up():
    """Enumeration of all 3^4 messages, each with its probability and its length."""
    expected = 0.0
    for message in product(range(3), repeat=4):
        probability, length = 1.0, 0.0
        for x in message:
            probability *= P[x]
            length += log2(1 / Q[x])
        expected += probability * length
    assert_allclose(4 * cross_entropy(P, Q, base=2), expected, rtol=1e-12)


@pytest.mark.equation("eq-cross-entropy-code-length")
@pytest.mark.parametrize("code", [P, Q, [0.1, 0.2, 0.7]])
def test_length_of_one_long_message(rng, code):
    """Simulation of 100,000 outcomes, within 5 standard errors."""
    lengths = -np.log2(code)[rng.choice(3, size=100_000, p=P)]
    standard_error = lengths.std() / np.sqrt(lengths.size)
    gap = abs(lengths.mean() - cross_entropy(P, code, base=2))
    assert gap < 5 * standard_error


def prefix_code(lengths):
    """Words of given lengths, none the beginning of another (canonical code)."""
    words, value, previous = {}, 0, 0
    for length, symbol in sorted((n, i) for i, n in enumerate(lengths)):
        value <<= length - previous
        words[symbol] = format(value, f"0{length}b")
        value, previous = value + 1, length
    return [words[i] for i in range(len(lengths))]


@pytest.mark.equation("eq-cross-entropy-whole-bits")
def test_real_code_words_cost_less_than_one_bit_more(rng):
    """Prefix codes written out as strings, whose characters are counted."""
    for p, q in rng.dirichlet(np.ones(5), size=(100, 2)):
        words = prefix_code([ceil(-log2(value)) for value in q])
        for i, word in enumerate(words):
            assert not any(w.startswith(word) for w in words[:i] + words[i + 1 :])
        average = sum(p_x * len(w) for p_x, w in zip(p, words, strict=True))
        assert 0 <= average - cross_entropy(p, q, base=2) < 1
    # Equality on the left: a code whose ideal lengths are whole numbers.
    words = prefix_code([1, 2, 2])
    average = sum(p_x * len(w) for p_x, w in zip(P, words, strict=True))
    assert_allclose(cross_entropy(P, [0.5, 0.25, 0.25], base=2), average, rtol=1e-12)


@pytest.mark.equation("eq-cross-entropy-decomposition")
def test_decomposition_for_two_outcomes():
    """Computer algebra from the three definitions."""
    p, q = sp.symbols("p q", positive=True)
    total = -p * sp.log(q) - (1 - p) * sp.log(1 - q)
    needed = -p * sp.log(p) - (1 - p) * sp.log(1 - p)
    wasted = p * sp.log(p / q) + (1 - p) * sp.log((1 - p) / (1 - q))
    assert sp.simplify(sp.expand_log(total - needed - wasted, force=True)) == 0
    got = [cross_entropy([0.3, 0.7], [0.6, 0.4]), kl_divergence([0.3, 0.7], [0.6, 0.4])]
    values = {p: sp.Rational(3, 10), q: sp.Rational(6, 10)}
    exact = [float(e.subs(values)) for e in (total, wasted)]
    assert_allclose(got, exact, rtol=1e-12)


@pytest.mark.equation("eq-cross-entropy-decomposition")
def test_decomposition_of_random_distributions(rng):
    """SciPy's entropy and relative entropy, to 1e-12, for 7 outcomes."""
    p, q = rng.dirichlet(np.ones(7), size=(2, 10_000))
    expected = stats.entropy(p, axis=1) + stats.entropy(p, q, axis=1)
    assert_allclose(cross_entropy(p, q), expected, rtol=1e-12)
    assert_allclose(entropy(p) + kl_divergence(p, q), expected, rtol=1e-12)


def test_both_sides_are_infinite_where_the_model_forbids_an_outcome():
    assert cross_entropy(P, [0.5, 0.5, 0.0]) == np.inf
    assert kl_divergence(P, [0.5, 0.5, 0.0]) == np.inf
    assert np.isfinite(cross_entropy([0.5, 0.5, 0.0], [0.5, 0.5, 0.0]))


@pytest.mark.equation("eq-cross-entropy-gibbs")
def test_no_model_beats_the_source():
    """All 4,851 models on a grid of the simplex that contains P."""
    steps = 100
    grid = np.array(
        [(i, j, steps - i - j) for i in range(1, steps) for j in range(1, steps - i)]
    )
    totals = -(np.log(grid / steps) @ P)
    best = np.argmin(totals)
    assert_allclose(grid[best], steps * P)
    assert np.sum(totals <= totals[best] + 1e-6) == 1
    assert_allclose(totals[best], entropy(P), rtol=1e-12)
    assert_allclose(cross_entropy(P, grid / steps), totals, rtol=1e-12)


@pytest.mark.equation("eq-cross-entropy-gibbs")
def test_an_optimizer_finds_the_source_at_the_height_of_its_entropy(rng):
    """SciPy minimizes over logits; the entropy is SciPy's."""
    for p in (P, rng.dirichlet(np.ones(5))):
        found = optimize.minimize(
            lambda z, p=p: -p @ log_softmax(z), np.zeros(p.size), tol=1e-10
        )
        assert_allclose(softmax(found.x), p, atol=1e-5)
        assert_allclose(found.fun, stats.entropy(p), rtol=1e-9)
        assert_allclose(cross_entropy(p, p), found.fun, rtol=1e-9)


@pytest.mark.equation("eq-cross-entropy-disjoint")
@pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 0.99])
def test_leaving_for_a_disjoint_distribution(t):
    """The definition, outcome by outcome, with P and R on separate outcomes."""
    source, away = [0.7, 0.2, 0.1, 0.0, 0.0], [0.0, 0.0, 0.0, 0.4, 0.6]
    model = [(1 - t) * p + t * r for p, r in zip(source, away, strict=True)]
    total = -sum(p * log(q) for p, q in zip(source, model, strict=True) if p > 0)
    assert_allclose(stats.entropy(source) - log(1 - t), total, rtol=1e-12)
    assert_allclose(cross_entropy(source, model), total, rtol=1e-12)


def test_a_disjoint_model_costs_infinitely_much():
    assert cross_entropy([0.7, 0.3, 0.0], [0.0, 0.0, 1.0]) == np.inf


@pytest.mark.equation("eq-cross-entropy-gradient")
def test_gradient_in_the_logits(rng):
    """Central differences of the cross-entropy."""
    p, z, h = rng.dirichlet(np.ones(5)), rng.normal(size=5), 1e-6
    slopes = [
        (cross_entropy(p, softmax(z + e)) - cross_entropy(p, softmax(z - e))) / (2 * h)
        for e in h * np.eye(5)
    ]
    assert_allclose(softmax(z) - p, slopes, atol=1e-9)


@pytest.mark.equation("eq-cross-entropy-nll")
def test_mean_of_one_hot_cross_entropies(rng):
    """scikit-learn's log loss, and the logarithm of SciPy's multinomial product."""
    predicted = rng.dirichlet(np.ones(3), size=11)
    labels = rng.permutation(np.arange(11) % 3)
    one_hot = np.eye(3)[labels]
    got = cross_entropy(one_hot, predicted).mean()
    assert_allclose(got, log_loss(labels, predicted, labels=[0, 1, 2]), rtol=1e-12)
    likelihood = stats.multinomial.pmf(one_hot, 1, predicted).prod()
    assert_allclose(got, -np.log(likelihood) / 11, rtol=1e-12)


@pytest.mark.equation("eq-cross-entropy-empirical")
@pytest.mark.parametrize("model", [P, Q, [0.98, 0.01, 0.01]])
def test_equal_inputs_bring_the_entropy_back(model):
    """Ten labels one by one, against SciPy's entropies of their counts."""
    labels = [0] * 7 + [1] * 2 + [2]
    one_by_one = sum(-log(model[y]) for y in labels) / 10
    counts = np.bincount(labels)
    expected = stats.entropy(counts) + stats.entropy(counts, model)
    assert_allclose(expected, one_by_one, rtol=1e-12)
    assert_allclose(cross_entropy(counts / 10, model), one_by_one, rtol=1e-12)


LOGITS = [
    [2.0, -1.0, 0.5],
    [1000.0, 999.0, 998.0],
    [-800.0, 0.0, 0.0],
    [40.0, 0.0, 0.0],
    [3.0, 3.0, 3.0],
]


def decimal_log_sum_exp(z):
    """Logarithm of the plain sum of exponentials, with 60 digits."""
    with localcontext() as context:
        context.prec = 60
        return sum(Decimal(value).exp() for value in z).ln()


@pytest.mark.equation("eq-cross-entropy-logits")
@pytest.mark.parametrize("z", LOGITS)
def test_loss_from_margins(z):
    """Softmax first and logarithm second, in decimal arithmetic with 60 digits."""
    for y in range(3):
        with localcontext() as context:
            context.prec = 60
            powers = [Decimal(value).exp() for value in z]
            expected = float(-(powers[y] / sum(powers)).ln())
        assert_allclose(logsumexp(np.array(z) - z[y]), expected, rtol=1e-12)


@pytest.mark.equation("eq-cross-entropy-log-sum-exp")
@pytest.mark.parametrize("z", LOGITS)
def test_shift_by_the_maximum(z):
    """The unshifted sum in decimal arithmetic with 60 digits."""
    m = max(z)
    shifted = sum(exp(value - m) for value in z)
    assert 1 <= shifted <= 3
    assert_allclose(m + log(shifted), float(decimal_log_sum_exp(z)), rtol=1e-12)


def test_naive_loss_fails_where_the_lesson_says():
    with np.errstate(all="ignore"):
        p = [np.exp(z[0]) / np.exp(z).sum() for z in np.array(LOGITS[1:4])]
    assert np.isnan(p[0])
    assert p[1] == 0.0
    assert p[2] == 1.0


JOINT = np.array([[0.4, 0.1], [0.1, 0.4]])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (entropy(P, base=2), 1.156780),
        (cross_entropy(P, Q, base=2), 1.279586),
        (kl_divergence(P, Q, base=2), 0.122806),
        (cross_entropy(Q, P, base=2), 1.618251),
        (entropy(JOINT.ravel(), base=2), 1.721928),
        (cross_entropy(JOINT.sum(1), JOINT.sum(0), base=2), 1.0),
        (cross_entropy(P, P, base=2), 1.156780),
        (cross_entropy([0.5, 0.5], [0.49, 0.51], base=2), 1.000289),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=0, atol=5.1e-7)
