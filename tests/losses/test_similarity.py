"""Losses on comparisons: definitions in loops, derivatives, limits, refusals."""

import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.spatial import distance
from sklearn.metrics import f1_score, jaccard_score

from mlnotes.foundations.gradients import gradient
from mlnotes.losses.similarity import (
    contrastive_gradient,
    contrastive_loss,
    cosine_gradient,
    cosine_loss,
    dice_gradient,
    dice_loss,
    ranking_hinge_gradient,
    ranking_hinge_loss,
    squared_dice_gradient,
    squared_dice_loss,
    triplet_gradient,
    triplet_loss,
)

# Central differences with the package's steps: error about 1e-10 of the slope's scale.
FD = {"rtol": 1e-7, "atol": 1e-8}
DICE = [(dice_loss, dice_gradient), (squared_dice_loss, squared_dice_gradient)]


# --- ranking ------------------------------------------------------------------------


def test_ranking_hinge_is_its_definition_pair_by_pair(rng):
    scores = rng.normal(size=7)
    pairs = [(i, j) for i in range(7) for j in range(7) if i != j]
    expected = [max(0.0, 1.0 - (scores[i] - scores[j])) for i, j in pairs]
    assert_allclose(ranking_hinge_loss(scores, pairs), expected, rtol=1e-13)


def test_ranking_hinge_depends_on_differences_only(rng):
    scores, pairs = rng.normal(size=5), [(0, 1), (3, 2), (4, 0)]
    assert_allclose(
        ranking_hinge_loss(scores + 1000.0, pairs),
        ranking_hinge_loss(scores, pairs),
        atol=1e-12,
    )


def test_ranking_gradient_against_finite_differences(rng):
    scores = rng.normal(scale=2.0, size=5)
    pairs = np.array([(0, 1), (1, 2), (4, 3), (2, 0), (0, 4)])
    leads = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    assert np.abs(leads - 1).min() > 1e-3  # away from the kink
    total = np.zeros(5)
    np.add.at(total, pairs, ranking_hinge_gradient(scores, pairs))
    numeric = gradient(lambda s: float(ranking_hinge_loss(s, pairs).sum()), scores)
    assert_allclose(total, numeric, **FD)


def test_ranking_at_and_around_the_kink():
    pairs = [(0, 1)]
    assert_array_equal(ranking_hinge_gradient([1.0, 0.0], pairs), [[0, 0]])
    below = np.nextafter(1.0, 0.0)
    assert_array_equal(ranking_hinge_gradient([below, 0.0], pairs), [[-1, 1]])


def test_learning_a_linear_ranking_reaches_a_high_tau(rng):
    """Subgradient descent on synthetic preferences: tau above 0.95 on new items."""
    hidden, X, X_new = (
        rng.normal(size=4),
        rng.normal(size=(60, 4)),
        rng.normal(size=(100, 4)),
    )
    drawn = rng.integers(60, size=(400, 2))
    drawn = drawn[drawn[:, 0] != drawn[:, 1]]
    right = (X @ hidden)[drawn[:, 0]] > (X @ hidden)[drawn[:, 1]]
    pairs = np.where(right[:, None], drawn, drawn[:, ::-1])
    w = rng.normal(scale=0.1, size=4)
    first = stats.kendalltau(X_new @ w, X_new @ hidden).statistic
    for _ in range(200):
        slopes = ranking_hinge_gradient(X @ w, pairs)
        w = w - 0.5 * np.tensordot(slopes, X[pairs], axes=2) / len(pairs)
    last = stats.kendalltau(X_new @ w, X_new @ hidden).statistic
    assert last > max(0.95, first)


# --- Dice ---------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [dice_loss, squared_dice_loss])
def test_dice_of_hard_masks_is_one_minus_f1(rng, loss):
    for _ in range(20):
        p, g = rng.integers(2, size=(2, 30))
        assert_allclose(loss(p, g), 1 - f1_score(g, p), atol=1e-14)


@pytest.mark.parametrize("smoothing", [0.0, 0.7])
def test_dice_in_loops(rng, smoothing):
    p, g = rng.random((3, 11)), rng.integers(2, size=(3, 11))
    for row in range(3):
        overlap = sum(2 * a * b for a, b in zip(p[row], g[row], strict=True))
        plain = p[row].sum() + g[row].sum() + smoothing
        squares = (p[row] ** 2).sum() + (g[row] ** 2).sum() + smoothing
        got = [loss(p, g, smoothing=smoothing)[row] for loss, _ in DICE]
        expected = [1 - (overlap + smoothing) / size for size in (plain, squares)]
        assert_allclose(got, expected, rtol=1e-13)


def test_the_two_forms_differ_on_soft_masks():
    p, g = np.full(6, 0.5), [1, 1, 1, 0, 0, 0]
    assert_allclose(dice_loss(p, g), 1 / 2, rtol=1e-14)
    assert_allclose(squared_dice_loss(p, g), 1 / 3, rtol=1e-14)


def test_dice_and_iou(rng):
    p, g = rng.integers(2, size=(2, 40))
    iou = jaccard_score(g, p)
    assert_allclose(1 - dice_loss(p, g), 2 * iou / (1 + iou), rtol=1e-13)


@pytest.mark.parametrize(("loss", "slope"), DICE)
@pytest.mark.parametrize("smoothing", [0.0, 2.0])
def test_dice_gradient_against_finite_differences(rng, loss, slope, smoothing):
    p, g = rng.uniform(0.1, 0.9, size=7), np.array([1, 0, 0, 1, 1, 0, 0])
    numeric = gradient(lambda q: float(loss(q, g, smoothing=smoothing)), p)
    assert_allclose(slope(p, g, smoothing=smoothing), numeric, **FD)


@pytest.mark.parametrize(("loss", "slope"), DICE)
def test_empty_masks_need_smoothing(loss, slope):
    empty = np.zeros((2, 3))
    assert_array_equal(loss(empty, empty, smoothing=0.1), [0, 0])
    assert np.isfinite(slope(empty, empty, smoothing=0.1)).all()
    for function in (loss, slope):
        with pytest.raises(ValueError, match="smoothing: expected a number > 0 where"):
            function(empty, empty)
    # An empty mask alone needs none: everything predicted is wrong.
    assert float(loss([0.5, 0.0], [0, 0])) == 1.0


def test_one_percent_foreground():
    """Shares of the pull at p = 1/2: cross-entropy 99 percent background, Dice half."""
    mask = np.r_[np.ones(100), np.zeros(9900)]
    p = np.full(mask.size, 0.5)

    def share_of_the_rest(slopes):
        sizes = np.abs(slopes)
        return sizes[100:].sum() / sizes.sum()

    assert_allclose(share_of_the_rest(p - mask), 0.99)
    assert share_of_the_rest(dice_gradient(p, mask)) < 0.5
    assert share_of_the_rest(squared_dice_gradient(p, mask)) < 0.67


# --- contrastive --------------------------------------------------------------------


def test_contrastive_in_loops(rng):
    u, v, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 3)), rng.integers(2, size=9)
    expected = []
    for a, b, label in zip(u, v, y, strict=True):
        d = math.dist(a, b)
        expected.append((label * d**2 + (1 - label) * max(0, 1.7 - d) ** 2) / 2)
    assert_allclose(contrastive_loss(u, v, y, margin=1.7), expected, rtol=1e-12)


def test_contrastive_gradient_against_finite_differences(rng):
    for label, scale in ((1, 1.0), (0, 0.2), (0, 3.0)):
        u, v = rng.normal(scale=scale, size=(2, 3))
        numeric = gradient(lambda x, v=v, y=label: float(contrastive_loss(x, v, y)), u)
        assert_allclose(contrastive_gradient(u, v, label), numeric, **FD)
        assert_allclose(
            contrastive_gradient(v, u, label), -contrastive_gradient(u, v, label)
        )


def test_contrastive_special_distances():
    here, there = np.zeros(2), np.array([1.0, 0.0])
    assert float(contrastive_loss(here, here, 0, margin=2.0)) == 2.0
    assert_array_equal(contrastive_gradient(here, here, 0), [0, 0])
    assert float(contrastive_loss(there, here, 0)) == 0.0
    assert_array_equal(contrastive_gradient(there, here, 0), [0, 0])


def test_the_labels_of_the_paper_are_the_opposite(rng):
    """Hadsell, Chopra and LeCun: (1 - Y) d^2 / 2 + Y max(0, m - d)^2 / 2."""
    u, v, Y = rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), [0, 1, 1, 0, 1]
    d = np.linalg.norm(u - v, axis=1)
    paper = np.where(np.equal(Y, 0), d**2 / 2, np.maximum(0, 1 - d) ** 2 / 2)
    assert_allclose(contrastive_loss(u, v, 1 - np.array(Y)), paper, rtol=1e-12)


# --- triplet ------------------------------------------------------------------------


def test_triplet_in_loops(rng):
    a, p, n = rng.normal(size=(3, 8, 4))
    expected = [
        max(0.0, math.dist(x, y) ** 2 - math.dist(x, z) ** 2 + 0.3)
        for x, y, z in zip(a, p, n, strict=True)
    ]
    assert_allclose(triplet_loss(a, p, n, margin=0.3), expected, rtol=1e-12, atol=1e-13)


def test_triplet_gradient_against_finite_differences(rng):
    kinds = set()
    for _ in range(8):
        points = rng.normal(size=9)
        numeric = gradient(lambda z: float(triplet_loss(*z.reshape(3, 3))), points)
        parts = triplet_gradient(*points.reshape(3, 3))
        assert_allclose(np.concatenate(parts), numeric, **FD)
        assert_allclose(sum(parts), 0, atol=1e-14)
        kinds.add(bool(numeric.any()))
    assert kinds == {True, False}  # violated triplets and satisfied ones


def test_triplet_at_the_kink():
    a, p, n = [0.0], [1.0], [2.0]  # 1 - 4 + 3 = 0
    assert float(triplet_loss(a, p, n, margin=3.0)) == 0.0
    assert not np.any(triplet_gradient(a, p, n, margin=3.0))
    assert np.all(triplet_gradient(a, p, n, margin=3.0 + 1e-12))


def test_everything_in_one_point_costs_the_margin():
    assert float(triplet_loss([2.0, 1.0], [2.0, 1.0], [2.0, 1.0], margin=0.2)) == 0.2


# --- cosine -------------------------------------------------------------------------


def test_cosine_against_scipy(rng):
    u, v = rng.normal(size=(2, 6, 4))
    expected = [distance.cosine(a, b) for a, b in zip(u, v, strict=True)]
    assert_allclose(cosine_loss(u, v), expected, atol=1e-14)


@pytest.mark.parametrize("theta", [1.0, 1e-3, 1e-6, 1e-9])
def test_cosine_loss_of_small_angles(theta):
    """Fifty digits by mpmath, for the very doubles that the function is given."""
    u, v = [3.0, 4.0], [3 * np.cos(theta) - 4 * np.sin(theta), 0.0]
    v[1] = 3 * np.sin(theta) + 4 * np.cos(theta)
    with mpmath.workdps(50):
        a, b = mpmath.matrix(u), mpmath.matrix(v)
        dot = a[0] * b[0] + a[1] * b[1]
        exact = float(1 - dot / (mpmath.norm(a) * mpmath.norm(b)))
    # Each unit vector is rounded to about 1e-16, theta apart.
    assert_allclose(cosine_loss(u, v), exact, rtol=1e-15 / theta + 1e-14)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_cosine_loss_ignores_length(scale):
    assert_allclose(
        cosine_loss(np.multiply(scale, [3.0, 4.0]), [4.0, 3.0]), 1 / 25, rtol=1e-13
    )


def test_cosine_gradient_against_finite_differences(rng):
    u, v = rng.normal(size=(2, 5))
    numeric = gradient(lambda x: float(cosine_loss(x, v)), u)
    assert_allclose(cosine_gradient(u, v), numeric, **FD)
    other = gradient(lambda x: float(cosine_loss(u, x)), v)
    assert_allclose(cosine_gradient(v, u), other, **FD)
    assert abs(u @ cosine_gradient(u, v)) < 1e-15


def test_cosine_gradient_has_the_size_sine_over_length(rng):
    for theta in (1e-8, 0.3, 2.0, 3.1):
        u, v = np.array([5.0, 0.0]), np.array([np.cos(theta), np.sin(theta)])
        size = np.linalg.norm(cosine_gradient(u, v))
        assert_allclose(size, np.sin(theta) / 5, rtol=1e-7)


@pytest.mark.parametrize(("sign", "end"), [(1, 1.0), (-1, -1.0)])
def test_descent_on_the_loss_aligns_and_on_the_similarity_opposes(sign, end):
    u, v = np.array([0.6, 0.8]), np.array([1.0, 0.0])
    for _ in range(600):
        u = u - 0.05 * sign * cosine_gradient(u, v)
    assert_allclose(1 - cosine_loss(u, v), end, atol=1e-8)


# --- shapes and refusals ------------------------------------------------------------


def test_batches_broadcast(rng):
    u, v = rng.normal(size=(7, 1, 3)), rng.normal(size=(5, 3))
    assert cosine_loss(u, v).shape == contrastive_loss(u, v, 1).shape == (7, 5)
    assert cosine_gradient(u, v).shape == (7, 5, 3)
    assert contrastive_gradient(u, v, np.ones(5)).shape == (7, 5, 3)
    assert triplet_loss(u, v, v).shape == (7, 5)
    assert {g.shape for g in triplet_gradient(u, v, v)} == {(7, 5, 3)}
    assert dice_loss(rng.random((7, 1, 3)), np.ones((5, 3))).shape == (7, 5)
    assert_allclose(cosine_loss(u, v)[6, 4], cosine_loss(u[6, 0], v[4]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ranking_hinge_loss([1.0, 2.0], [(0.0, 1.0)]), TypeError, "pairs"),
        (
            lambda: ranking_hinge_loss([1.0, 2.0], [(0, 2)]),
            ValueError,
            r"pairs: expected labels in range\(2\)",
        ),
        (
            lambda: ranking_hinge_loss([1.0, 2.0], [(1, 1)]),
            ValueError,
            "two different items",
        ),
        (
            lambda: ranking_hinge_loss([1.0, 2.0], [0, 1]),
            ValueError,
            r"pairs: expected shape \(m, 2\), got \(2,\)",
        ),
        (lambda: dice_loss([1.2], [1]), ValueError, "p: expected probabilities"),
        (
            lambda: dice_loss([0.2], [0.5]),
            ValueError,
            "mask: expected zeros and ones, got 0.5",
        ),
        (
            lambda: dice_loss([0.2, 0.1], [1]),
            ValueError,
            "mask: expected 2 pixels as p",
        ),
        (
            lambda: dice_loss([0.2], [1], smoothing=-1),
            ValueError,
            "smoothing: expected numbers >= 0",
        ),
        (
            lambda: contrastive_loss([0.0], [1.0], -1),
            ValueError,
            "similar: expected zeros and ones, got -1",
        ),
        (
            lambda: contrastive_loss([0.0], [1.0], 1, margin=0),
            ValueError,
            "margin: expected numbers > 0",
        ),
        (
            lambda: contrastive_loss(np.zeros((2, 1)), [1.0], np.ones(3)),
            ValueError,
            r"similar: expected a shape that broadcasts with \(2,\), got \(3,\)",
        ),
        (
            lambda: triplet_loss([0.0], [1.0], [1.0, 2.0]),
            ValueError,
            "negative: expected 1 components as anchor, got 2",
        ),
        (
            lambda: cosine_loss([0.0, 0.0], [1.0, 2.0]),
            ValueError,
            "u: expected non-zero vectors",
        ),
        (
            lambda: cosine_loss([1.0, 0.0], [np.nan, 2.0]),
            ValueError,
            "v: expected finite numbers",
        ),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
