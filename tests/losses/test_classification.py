"""Losses for classification: definitions, gradients, limits and refusals."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import hinge_loss as sklearn_hinge_loss
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

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
    soft_cross_entropy_gradient,
)

ROWS = arrays(np.float64, (5, 3), elements=st.floats(-30, 30))
H = 1e-5  # central differences err by about H**2 = 1e-10, and by 1e-16 |loss| / H


def exact_cross_entropy(z, label):
    """The definition with enough digits for a margin of 1e4, which needs 4343."""
    with mpmath.workdps(4500):
        total = mpmath.fsum(mpmath.exp(mpmath.mpf(float(value))) for value in z)
        return float(mpmath.log(total) - mpmath.mpf(float(z[label])))


# --- two classes --------------------------------------------------------------------


def test_binary_cross_entropy_is_the_log_loss(rng):
    z, y = rng.normal(scale=3, size=53), rng.integers(0, 2, 53)
    assert_allclose(
        binary_cross_entropy(z, y).mean(), log_loss(y, expit(z)), rtol=1e-12
    )


@pytest.mark.parametrize("z", [-1e4, -800.0, -40.0, -1e-9, 0.0, 3.0, 40.0, 1e4, 1e300])
@pytest.mark.parametrize("y", [0, 1])
def test_binary_cross_entropy_at_the_extremes(z, y):
    margin = z if y else -z
    if abs(margin) > 1e4:
        expected = max(-margin, 0.0)
        slope = -1.0 if margin < 0 else 0.0
    else:
        with mpmath.workdps(4500):
            t = mpmath.exp(-mpmath.mpf(margin))
            expected, slope = float(mpmath.log(1 + t)), float(-t / (1 + t))
    assert_allclose(binary_cross_entropy(z, y), expected, rtol=1e-14)
    gradient = binary_cross_entropy_gradient(z, y)
    assert_allclose(gradient, slope if y else -slope, rtol=1e-13)


@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        (binary_cross_entropy, binary_cross_entropy_gradient),
        (focal_loss, focal_gradient),
    ],
)
def test_binary_gradients_by_finite_differences(loss, slope, rng):
    z, y = rng.uniform(-6, 6, size=(7, 5)), rng.integers(0, 2, size=(7, 5))
    differences = (loss(z + H, y) - loss(z - H, y)) / (2 * H)
    assert_allclose(slope(z, y), differences, atol=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("alpha", [None, 0.25, 0.9])
def test_focal_loss_is_its_definition_and_its_gradient_fits(gamma, alpha, rng):
    z, y = rng.uniform(-6, 6, size=31), rng.integers(0, 2, 31)
    p = 1 / (1 + np.exp(-z))
    p_t = np.where(y == 1, p, 1 - p)
    weight = 1.0 if alpha is None else np.where(y == 1, alpha, 1 - alpha)
    expected = -weight * (1 - p_t) ** gamma * np.log(p_t)
    loss = focal_loss(z, y, gamma=gamma, alpha=alpha)
    assert_allclose(loss, expected, rtol=1e-11)
    up, down = (focal_loss(z + h, y, gamma=gamma, alpha=alpha) for h in (H, -H))
    gradient = focal_gradient(z, y, gamma=gamma, alpha=alpha)
    assert_allclose(gradient, (up - down) / (2 * H), atol=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_loss_at_the_extremes(gamma):
    z = np.array([-1e300, -1e4, 1e4, 1e300])
    with mpmath.workdps(40):  # a moderate margin, where nothing has vanished yet
        wrong = 1 / (1 + mpmath.exp(30))
        exact = float(wrong**gamma * -mpmath.log(1 - wrong))
    assert_allclose(focal_loss(30.0, 1, gamma=gamma), exact, rtol=1e-13)
    assert_allclose(
        focal_loss(z, np.ones(4), gamma=gamma), [1e300, 1e4, 0, 0], rtol=1e-14
    )
    assert_allclose(
        focal_gradient(z, np.ones(4), gamma=gamma), [-1, -1, 0, 0], rtol=1e-14
    )


def test_focal_loss_without_focusing_is_cross_entropy(rng):
    z, y = rng.normal(size=17), rng.integers(0, 2, 17)
    assert_allclose(focal_loss(z, y, gamma=0), binary_cross_entropy(z, y), rtol=1e-14)
    half = focal_loss(z, y, gamma=0, alpha=0.5)
    assert_allclose(2 * half, binary_cross_entropy(z, y), rtol=1e-14)
    assert_array_equal(focal_loss(z, y), focal_loss(z, y, gamma=2.0))


def test_hinge_loss_is_that_of_scikit_learn(rng):
    s, y = rng.normal(scale=2, size=41), rng.choice([-1, 1], 41)
    assert_allclose(hinge_loss(s, y).mean(), sklearn_hinge_loss(y, s), rtol=1e-12)


def test_hinge_gradient_away_from_the_kink_and_at_it(rng):
    y = rng.choice([-1.0, 1.0], 61)
    s = y * (1 + rng.choice([-1, 1], 61) * rng.uniform(0.01, 5, 61))
    differences = (hinge_loss(s + 1e-3, y) - hinge_loss(s - 1e-3, y)) / 2e-3
    assert_allclose(hinge_gradient(s, y), differences, atol=1e-11)
    assert set(hinge_gradient(s, y).tolist()) == {-1.0, 0.0, 1.0}
    assert_array_equal(hinge_gradient([1.0, -1.0], [1, -1]), [0.0, 0.0])
    assert_array_equal(hinge_loss([1e300, -1e300], [-1, -1]), [1e300, 0.0])


# --- K classes ----------------------------------------------------------------------


def test_cross_entropy_is_minus_log_of_the_normalized_exponential(rng):
    z, y = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    expected = [-np.log(np.exp(z[i, y[i]]) / np.exp(z[i]).sum()) for i in range(6)]
    assert_allclose(cross_entropy(z, y), expected, rtol=1e-12)
    assert_allclose(
        cross_entropy(z, y).mean(),
        log_loss(y, softmax(z, axis=-1), labels=range(4)),
        rtol=1e-12,
    )


@given(ROWS, st.floats(-1e3, 1e3))
def test_cross_entropy_depends_on_differences_only(logits, shift):
    labels = np.array([0, 1, 2, 1, 0])
    assert_allclose(
        cross_entropy(logits + shift, labels), cross_entropy(logits, labels), atol=1e-11
    )


@given(ROWS, st.permutations(range(3)))
def test_classes_have_no_order(logits, order):
    labels, new_place = np.array([0, 1, 2, 1, 0]), np.argsort(order)
    assert_allclose(
        cross_entropy(logits[:, order], new_place[labels]),
        cross_entropy(logits, labels),
        rtol=1e-12,
    )
    assert_allclose(
        cross_entropy_gradient(logits[:, order], new_place[labels]),
        cross_entropy_gradient(logits, labels)[:, order],
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    "z",
    [
        [7.0, 47.0, 6.0],
        [1e4, 0.0, -1e4],
        [0.0, 0.0, 0.0],
        [-1e4, -1e4, -1e4 - 1],
        [700.0, 0.0, 1.0],
    ],
)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_cross_entropy_at_the_extremes(z, label):
    exact = exact_cross_entropy(z, label)
    assert_allclose(cross_entropy(z, label), exact, rtol=1e-13)
    assert_allclose(soft_cross_entropy(z, np.eye(3)[label]), exact, rtol=1e-13)
    with mpmath.workdps(4500):
        e = [mpmath.exp(mpmath.mpf(value)) for value in z]
        p = [value / mpmath.fsum(e) for value in e]
        slopes = [float(p[k] - (k == label)) for k in range(3)]
    assert_allclose(cross_entropy_gradient(z, label), slopes, rtol=1e-13)
    assert_allclose(
        soft_cross_entropy_gradient(z, np.eye(3)[label]), slopes, rtol=1e-13
    )


def test_enormous_logits_neither_overflow_nor_warn():
    z = np.array([[1e300, -1e300, 0.0]] * 3)
    assert_allclose(cross_entropy(z, [0, 1, 2]), [0, 2e300, 1e300], rtol=1e-14)
    assert_array_equal(
        cross_entropy_gradient(z, [0, 1, 2]), [[0, 0, 0], [1, -1, 0], [1, 0, -1]]
    )


def test_gradients_of_cross_entropies_by_finite_differences(rng):
    z, y = rng.normal(size=(7, 5)), rng.integers(5, size=7)
    t = rng.dirichlet(np.ones(5), size=7)
    hard, soft = np.empty((7, 5)), np.empty((7, 5))
    for k in range(5):
        step = H * np.eye(5)[k]
        hard[:, k] = cross_entropy(z + step, y) - cross_entropy(z - step, y)
        soft[:, k] = soft_cross_entropy(z + step, t) - soft_cross_entropy(z - step, t)
    assert_allclose(cross_entropy_gradient(z, y), hard / (2 * H), atol=1e-9)
    assert_allclose(soft_cross_entropy_gradient(z, t), soft / (2 * H), atol=1e-9)
    assert_allclose(cross_entropy_gradient(z, y).sum(axis=1), 0, atol=1e-15)


def test_soft_cross_entropy_is_its_definition(rng):
    z, t = rng.normal(size=(11, 4)), rng.dirichlet(np.ones(4), size=11)
    expected = -(t * log_softmax(z, axis=-1)).sum(axis=-1)
    assert_allclose(soft_cross_entropy(z, t), expected, rtol=1e-12)


def test_ties_at_the_top_count_both(rng):
    z = np.array([[2.0, 2.0, -1.0]])
    assert_allclose(cross_entropy_gradient(z, [1]), softmax(z) - [[0, 1, 0]])
    assert_allclose(cross_entropy_gradient(z, [0]), softmax(z) - [[1, 0, 0]])


def test_leading_axes_are_kept(rng):
    z, y = rng.normal(size=(2, 3, 5)), rng.integers(5, size=(2, 3))
    t = smooth_labels(y, 5, 0.1)
    assert t.shape == (2, 3, 5)
    for loss, target in ((cross_entropy, y), (soft_cross_entropy, t)):
        assert loss(z, target).shape == (2, 3)
        assert_allclose(loss(z, target)[1, 2], loss(z[1, 2], target[1, 2]), rtol=1e-15)
    for slope, target in (
        (cross_entropy_gradient, y),
        (soft_cross_entropy_gradient, t),
    ):
        assert slope(z, target).shape == (2, 3, 5)
        assert_allclose(slope(z, target)[1, 2], slope(z[1, 2], target[1, 2]))


# --- labels and weights -------------------------------------------------------------


@pytest.mark.parametrize("amount", [0.0, 0.1, 1.0])
def test_smoothed_labels_by_hand(amount):
    rows = smooth_labels([2, 0], 4, amount)
    expected = np.full((2, 4), amount / 4)
    expected[0, 2] = expected[1, 0] = 1 - 3 * amount / 4
    assert_allclose(rows, expected, atol=1e-15)
    assert_allclose(rows.sum(axis=1), 1, rtol=1e-15)


def test_balanced_weights_are_those_of_scikit_learn(rng):
    labels = rng.choice(4, size=97, p=[0.6, 0.2, 0.15, 0.05])
    weights = balanced_class_weights(labels, 4)
    expected = compute_class_weight("balanced", classes=np.arange(4), y=labels)
    assert_allclose(weights, expected, rtol=1e-14)
    totals = np.bincount(labels, weights=weights[labels])
    assert_allclose(totals, 97 / 4, rtol=1e-13)
    assert_allclose(weights[labels].mean(), 1, rtol=1e-13)


# --- refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        binary_cross_entropy,
        binary_cross_entropy_gradient,
        focal_loss,
        focal_gradient,
    ],
)
@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([-1, 1], r"y: expected zeros and ones, got -1"),
        ([0, 2], r"y: expected zeros and ones, got 2"),
        ([0.5, 1], r"y: expected zeros and ones, got 0\.5"),
        ([0, 1, 1], r"y: expected shape \(2,\) as logits, got \(3,\)"),
    ],
)
def test_binary_losses_refuse_other_labels(loss, y, message):
    with pytest.raises(ValueError, match=message):
        loss([0.0, 1.0], y)


@pytest.mark.parametrize("loss", [hinge_loss, hinge_gradient])
@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1], r"y: expected labels -1 and \+1, got 0"),
        ([-1, 2], r"y: expected labels -1 and \+1, got 2"),
        ([1], r"y: expected shape \(2,\) as scores, got \(1,\)"),
    ],
)
def test_hinge_loss_refuses_other_labels(loss, y, message):
    with pytest.raises(ValueError, match=message):
        loss([0.0, 1.0], y)


@pytest.mark.parametrize("loss", [cross_entropy, cross_entropy_gradient])
@pytest.mark.parametrize(
    ("logits", "labels", "error", "message"),
    [
        (np.zeros((2, 3)), [0], ValueError, r"labels: expected shape \(2,\), got"),
        (np.zeros((2, 3)), [0, 3], ValueError, r"labels: .* in range\(3\), got 3"),
        (np.zeros((2, 3)), [-1, 0], ValueError, r"labels: .* in range\(3\), got -1"),
        (np.zeros((2, 3)), [0.0, 1.0], TypeError, r"labels: expected integers"),
        (np.zeros((2, 1)), [0, 0], ValueError, r"logits: expected at least 2 classes"),
        (1.5, 0, ValueError, r"logits: expected at least 2 classes"),
        ([0.0, np.inf], 0, ValueError, r"logits: expected finite numbers"),
    ],
)
def test_cross_entropy_refuses_what_does_not_fit(loss, logits, labels, error, message):
    with pytest.raises(error, match=message):
        loss(logits, labels)


@pytest.mark.parametrize("loss", [soft_cross_entropy, soft_cross_entropy_gradient])
@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([0.5, 0.6], r"targets: expected probabilities with sum 1"),
        ([-0.1, 1.1], r"targets: expected numbers >= 0"),
        ([0.2, 0.3, 0.5], r"targets: expected shape \(2,\) as logits"),
    ],
)
def test_soft_cross_entropy_refuses_other_targets(loss, targets, message):
    with pytest.raises(ValueError, match=message):
        loss([0.0, 1.0], targets)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: focal_loss(0.0, 1, gamma=-1), r"gamma: expected numbers >= 0"),
        (lambda: focal_loss(0.0, 1, alpha=1.5), r"alpha: .* from 0 to 1, got 1\.5"),
        (lambda: smooth_labels([0], 2, 1.1), r"amount: .* from 0 to 1, got 1\.1"),
        (lambda: smooth_labels([2], 2, 0.1), r"labels: .* in range\(2\), got 2"),
        (lambda: smooth_labels([0], 0, 0.1), r"n_classes: expected a whole number"),
        (lambda: balanced_class_weights([0, 2], 3), r"labels: .* got none of 1"),
        (lambda: balanced_class_weights([[0, 1]], 2), r"labels: expected shape \(n,\)"),
    ],
)
def test_other_arguments_are_checked(call, message):
    with pytest.raises(ValueError, match=message):
        call()
