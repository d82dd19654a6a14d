"""The equations of the lesson "Losses for classification", each by another route."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import optimize, stats
from scipy.special import expit, logit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.svm import SVC

from mlnotes.losses.classification import (
    balanced_class_weights,
    binary_cross_entropy,
    binary_cross_entropy_gradient,
    cross_entropy,
    cross_entropy_gradient,
    focal_gradient,
    focal_loss,
    hinge_gradient,
    hinge_loss,
    smooth_labels,
    soft_cross_entropy,
)

GRID = np.linspace(-15, 15, 300_001)  # of scores, 1e-4 apart


def lowest(loss, rate):
    """Score of the grid with the smallest expected loss."""
    ones, zeros = np.ones(GRID.size), np.zeros(GRID.size)
    return GRID[np.argmin(rate * loss(GRID, ones) + (1 - rate) * loss(GRID, zeros))]


def phi(p, gamma):
    return (1 - p) ** gamma * ((1 - p) - gamma * p * np.log(p))


def recovered(q, gamma):
    return phi(1 - q, gamma) / (phi(q, gamma) + phi(1 - q, gamma))


@pytest.mark.equation("eq-classification-losses-binary")
def test_binary_cross_entropy_is_a_bernoulli_likelihood(rng):
    """SciPy's Bernoulli distribution; the probabilities of both labels sum to 1."""
    z = rng.normal(scale=4, size=37)
    for y in (0, 1):
        expected = -stats.bernoulli.logpmf(y, expit(z))
        labels = np.full(37, y)
        assert_allclose(binary_cross_entropy(z, labels), expected, rtol=1e-10)
        margins = (2 * y - 1) * z
        assert_allclose(np.log(1 + np.exp(-margins)), expected, rtol=1e-10)
    both = [np.exp(-binary_cross_entropy(z, np.full(37, y))) for y in (0, 1)]
    assert_allclose(sum(both), 1, rtol=1e-14)


@pytest.mark.equation("eq-classification-losses-categorical")
def test_categorical_cross_entropy_is_a_multinomial_likelihood(rng):
    """SciPy's multinomial distribution with one draw, and scikit-learn's log loss."""
    z, y = rng.normal(size=(13, 5)), rng.integers(5, size=13)
    p, one_hot = softmax(z, axis=1), np.eye(5)[y]
    loss = cross_entropy(z, y)
    assert_allclose(loss, -stats.multinomial.logpmf(one_hot, 1, p), rtol=1e-12)
    assert_allclose(loss.mean(), log_loss(y, p, labels=range(5)), rtol=1e-12)
    assert_allclose(-(one_hot * np.log(p)).sum(axis=1), loss, rtol=1e-12)
    pairs = [np.exp(z[i] - z[i, y[i]]).sum() for i in range(13)]
    assert_allclose(np.log(pairs), loss, rtol=1e-12)


@pytest.mark.equation("eq-classification-losses-two-classes")
def test_a_die_with_two_faces_is_a_coin():
    """Computer algebra, and both functions on a range of scores."""
    z = sp.symbols("z", real=True)
    faces = [sp.Integer(0), z]
    for y in (0, 1):
        die = -sp.log(sp.exp(faces[y]) / (1 + sp.exp(z)))
        sigmoid = 1 / (1 + sp.exp(-z))
        coin = -sp.log(sigmoid if y else 1 - sigmoid)
        assert sp.simplify(sp.exp(die) - sp.exp(coin)) == 0
        s = np.linspace(-50, 50, 41)
        labels = np.full(41, y)
        assert_allclose(
            cross_entropy(np.column_stack([np.zeros(41), s]), labels),
            binary_cross_entropy(s, labels),
            rtol=1e-13,
        )


@pytest.mark.equation("eq-classification-losses-stable")
@pytest.mark.parametrize("gap", [-1000.0, -40.0, 0.0, 1.0, 40.0, 700.0])
def test_stable_form_with_many_digits(gap):
    """Arithmetic with 800 digits, from the definition."""
    z = [3.0, 3.0 + gap, 2.0]
    for label in range(3):
        with mpmath.workdps(800):
            e = [mpmath.exp(mpmath.mpf(value)) for value in z]
            exact = float(-mpmath.log(e[label] / mpmath.fsum(e)))
        top = int(np.argmax(z))
        rest = sum(np.exp(z[j] - z[top]) for j in range(3) if j != top)
        assert_allclose(z[top] - z[label] + np.log1p(rest), exact, rtol=1e-14)
        assert_allclose(cross_entropy(z, label), exact, rtol=1e-14)


@pytest.mark.equation("eq-classification-losses-gradient")
def test_gradients_are_prediction_minus_label(rng):
    """Computer algebra for three classes and for two, finite differences for five."""
    a, b, c = sp.symbols("a b c", real=True)
    total = sp.exp(a) + sp.exp(b) + sp.exp(c)
    at = {a: sp.Rational(1, 2), b: -1, c: 2}
    point = [0.5, -1.0, 2.0]
    for label, logit_of_label in enumerate((a, b, c)):
        loss = -sp.log(sp.exp(logit_of_label) / total)
        slopes = [float(sp.diff(loss, v).subs(at)) for v in (a, b, c)]
        assert_allclose(softmax(point) - np.eye(3)[label], slopes, rtol=1e-12)
        assert_allclose(cross_entropy_gradient(point, label), slopes, rtol=1e-12)
    for label in (0, 1):
        coin = 1 / (1 + sp.exp(-a)) if label else 1 / (1 + sp.exp(a))
        slope = float(sp.diff(-sp.log(coin), a).subs(at))
        assert_allclose(expit(0.5) - label, slope, rtol=1e-12)
        assert_allclose(binary_cross_entropy_gradient(0.5, label), slope, rtol=1e-12)
    z = rng.normal(size=5)
    differences = optimize.approx_fprime(z, lambda s: float(cross_entropy(s, 3)), 1e-7)
    assert_allclose(softmax(z) - np.eye(5)[3], differences, atol=1e-6)


@pytest.mark.equation("eq-classification-losses-base-rate")
@pytest.mark.parametrize("rate", [0.01, 0.3, 0.5, 0.8])
def test_best_constant_probability_is_the_base_rate(rate):
    """Search of a grid, and a logistic regression without features."""
    assert_allclose(lowest(binary_cross_entropy, rate), logit(rate), atol=1e-4)
    y = np.repeat([1, 0], [round(100 * rate), round(100 * (1 - rate))])
    peer = LogisticRegression(C=np.inf, tol=1e-10).fit(np.zeros((100, 1)), y)
    assert_allclose(peer.predict_proba([[0.0]])[0, 1], rate, rtol=1e-5)


@pytest.mark.equation("eq-classification-losses-hinge-minimizer")
@pytest.mark.parametrize("rate", [0.01, 0.3, 0.49, 0.51, 0.8, 0.99])
def test_hinge_loss_learns_the_side(rate):
    """Search of a grid of scores."""
    found = lowest(lambda s, y: hinge_loss(s, 2 * y - 1), rate)
    assert_allclose(found, np.sign(2 * rate - 1), atol=1e-9)


@pytest.mark.equation("eq-classification-losses-support-pair")
def test_support_pair_makes_the_widest_street():
    """scikit-learn's support vector machine, and a search of all directions."""
    checked = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = np.vstack(
            [rng.normal([-1.5, -1], 0.8, (20, 2)), rng.normal([1.5, 1], 0.8, (20, 2))]
        )
        y = np.repeat([-1, 1], 20)
        plus, minus = X[y > 0], X[y < 0]
        distances = np.linalg.norm(plus[:, None] - minus, axis=-1)
        i, j = np.unravel_index(distances.argmin(), distances.shape)
        d = distances[i, j]
        w = 2 * (plus[i] - minus[j]) / d**2
        b = -w @ (plus[i] + minus[j]) / 2
        angles = np.linspace(0, 2 * np.pi, 20_001)
        directions = np.column_stack([np.cos(angles), np.sin(angles)])
        widths = (plus @ directions.T).min(axis=0) - (minus @ directions.T).max(axis=0)
        assert widths.max() <= d + 1e-12  # no street is wider than the closest pair
        if (y * (X @ w + b)).min() < 1 - 1e-9:
            continue
        checked += 1
        assert_allclose(widths.max(), 2 / np.linalg.norm(w), rtol=1e-6)
        # libsvm sums the hinge losses: C = 1 / (n penalty), here just strong enough.
        peer = SVC(kernel="linear", C=1.01 / (40 * d**2 / 80), tol=1e-8).fit(X, y)
        assert_allclose(peer.coef_[0], w, rtol=1e-4)
        assert_allclose(peer.intercept_[0], b, atol=1e-4)
        weak = SVC(kernel="linear", C=0.9 / (40 * d**2 / 80), tol=1e-8).fit(X, y)
        assert 2 / np.linalg.norm(weak.coef_) > 1.02 * d  # the penalty has won
    assert checked >= 2


def test_subgradient_steps_reach_the_support_pair():
    rng = np.random.default_rng(0)
    X = np.vstack(
        [rng.normal([-1.5, -1], 0.8, (20, 2)), rng.normal([1.5, 1], 0.8, (20, 2))]
    )
    y = np.repeat([-1, 1], 20)
    peer = SVC(kernel="linear", C=1 / (40 * 0.01), tol=1e-8).fit(X, y)
    A, theta = np.column_stack([np.ones(40), X]), np.zeros(3)
    for t in range(1, 10_001):
        slope = A.T @ hinge_gradient(A @ theta, y) / 40
        slope[1:] += 0.01 * theta[1:]
        theta -= slope / (0.01 * (t + 1))
    # A step moves theta by at most |x| / (penalty * t) = 3 / 100; near the minimum
    # only the few examples at the margin change, each with the weight 1/40.
    assert_allclose(theta, [*peer.intercept_, *peer.coef_[0]], atol=0.005)


@pytest.mark.equation("eq-classification-losses-weights")
@pytest.mark.parametrize(("w_1", "w_0"), [(9.0, 1.0), (0.5, 2.0), (99.0, 1.0)])
@pytest.mark.parametrize("rate", [0.01, 0.2])
def test_weights_move_the_odds(w_1, w_0, rate):
    """Search of a grid, and scikit-learn's class weights."""

    def weighted(z, y):
        return np.where(y == 1, w_1, w_0) * binary_cross_entropy(z, y)

    expected = logit(rate) + np.log(w_1 / w_0)
    assert_allclose(lowest(weighted, rate), expected, atol=1e-4)
    y = np.repeat([1, 0], [round(1000 * rate), round(1000 * (1 - rate))])
    peer = LogisticRegression(C=np.inf, class_weight={0: w_0, 1: w_1}, tol=1e-10)
    peer.fit(np.zeros((1000, 1)), y)
    assert_allclose(peer.intercept_[0], expected, atol=1e-4)


def test_balanced_weights_answer_one_half():
    y = np.repeat([1, 0], [10, 990])
    w = balanced_class_weights(y, 2)
    weighted = lowest(lambda z, y: w[y.astype(int)] * binary_cross_entropy(z, y), 0.01)
    assert_allclose(expit(weighted), 0.5, atol=1e-4)


@pytest.mark.equation("eq-classification-losses-focal-gradient")
@pytest.mark.parametrize("gamma", [0, 1, 2, 5])
@pytest.mark.parametrize("y", [0, 1])
def test_focal_gradient_by_computer_algebra(gamma, y):
    """Computer algebra on the definition of the loss."""
    z = sp.symbols("z", real=True)
    p = 1 / (1 + sp.exp(-z))
    p_t, alpha = (p, sp.Rational(1, 4)) if y else (1 - p, sp.Rational(3, 4))
    loss = -alpha * (1 - p_t) ** gamma * sp.log(p_t)
    for value in (-3, -1, 0, 2, 5):
        exact = float(sp.diff(loss, z).subs(z, value).evalf(40))
        at = expit(value if y else -value)
        weight = 0.25 if y else 0.75
        formula = -(2 * y - 1) * weight * phi(at, gamma)
        assert_allclose(formula, exact, rtol=1e-11)
        ours = focal_gradient(value, y, gamma=gamma, alpha=0.25)
        assert_allclose(ours, exact, rtol=1e-11)


@pytest.mark.equation("eq-classification-losses-focal-recover")
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.45, 0.5, 0.7])
def test_focal_answers_lead_back_to_the_truth(gamma, rate):
    """Search of a grid for the answer, without any derivative."""
    found = lowest(lambda z, y: focal_loss(z, y, gamma=gamma), rate)
    # The grid rounds the logit by at most 5e-5 and near the flat minimum, where a
    # change of 1e-16 in the loss cannot be seen, the search errs by some 1e-7.
    assert_allclose(recovered(expit(found), gamma), rate, rtol=0, atol=1e-4)
    assert (expit(found) - 0.5) * (rate - 0.5) >= -1e-8  # the right side of one half
    if rate != 0.5:
        assert abs(expit(found) - rate) > 1e-3  # so the loss is not proper


def test_minimizers_for_one_percent_positives():
    for factor in (1.0, 0.25):
        for gamma, expected in ((0, 0.0100), (2, 0.1536)):
            found = lowest(
                lambda z, y, f=factor, g=gamma: f * focal_loss(z, y, gamma=g), 0.01
            )
            assert_allclose(expit(found), expected, atol=6e-5)
    for gamma, expected in ((0, 1 / 12), (2, 0.2902)):
        found = lowest(lambda z, y, g=gamma: focal_loss(z, y, gamma=g, alpha=0.9), 0.01)
        assert_allclose(expit(found), expected, atol=6e-5)


@pytest.mark.equation("eq-classification-losses-smoothing")
@pytest.mark.parametrize("amount", [0.0, 0.1, 0.5, 1.0])
def test_smoothed_loss_splits_in_two(amount, rng):
    """Enumeration of the experiment that keeps the label or draws a class uniformly."""
    z, label = rng.normal(size=7), 3
    each = cross_entropy(np.tile(z, (7, 1)), np.arange(7))
    chance = np.full(7, amount / 7)  # of each class: a coin says keep or draw
    chance[label] += 1 - amount
    expected = chance @ each
    loss = soft_cross_entropy(z, smooth_labels(label, 7, amount))
    assert_allclose(loss, expected, rtol=1e-12)
    p = softmax(z)
    split = -(1 - amount) * np.log(p[label]) - amount * np.log(p).mean()
    assert_allclose(split, expected, rtol=1e-12)


@pytest.mark.equation("eq-classification-losses-smoothing-gap")
@pytest.mark.parametrize("amount", [0.01, 0.1, 0.3, 0.9])
@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_best_gap_is_finite(amount, n_classes):
    """SciPy's optimizer without our gradient, and the entropy of the target."""
    target = smooth_labels(1, n_classes, amount)
    found = optimize.minimize(
        lambda z: -(target * (z - np.log(np.exp(z).sum()))).sum(),
        np.zeros(n_classes),
        options={"gtol": 1e-7},
    )
    gaps = found.x[1] - np.delete(found.x, 1)
    expected = np.log((1 - amount) * n_classes / amount + 1)
    ratio = np.log((1 - amount + amount / n_classes) / (amount / n_classes))
    assert_allclose(gaps, expected, atol=1e-4)
    assert_allclose(ratio, expected, rtol=1e-12)
    at_best = np.where(np.arange(n_classes) == 1, expected, 0.0)
    loss = soft_cross_entropy(at_best, target)
    assert_allclose(loss, stats.entropy(target), rtol=1e-12)


def test_three_numbers_of_one_photo():
    p, one_hot = np.array([0.7, 0.2, 0.1]), np.array([1, 0, 0])
    coins = binary_cross_entropy(logit(p), one_hot)
    assert_allclose(cross_entropy(np.log(p), 0), 0.357, atol=5e-4)
    assert_allclose(coins.sum(), 0.685, atol=5e-4)
    assert_allclose(coins.mean(), 0.228, atol=5e-4)
    other = binary_cross_entropy(logit([0.7, 0.15, 0.15]), one_hot)
    assert_allclose(other.sum(), 0.682, atol=5e-4)


def test_convex_losses_bound_the_errors():
    m = np.linspace(-10, 10, 2001)
    ones = np.ones(m.size)
    errors = (m <= 0).astype(float)
    for bound in (
        binary_cross_entropy(m, ones) / np.log(2),
        hinge_loss(m, ones),
        (1 - m) ** 2,
    ):
        assert (bound >= errors - 1e-12).all()
    assert not (focal_loss(m, ones) / np.log(2) >= errors).all()
