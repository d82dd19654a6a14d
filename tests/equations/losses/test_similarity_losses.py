"""The equations of "Losses for ranking, overlap and embeddings", by other routes."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special, stats
from scipy.spatial import distance

from mlnotes.losses.similarity import (
    contrastive_gradient,
    contrastive_loss,
    cosine_gradient,
    cosine_loss,
    dice_gradient,
    dice_loss,
    ranking_hinge_loss,
    squared_dice_gradient,
    squared_dice_loss,
    triplet_gradient,
    triplet_loss,
)


def slopes(f, x, h=1e-6):
    """Central differences; error about h^2 and rounding about 1e-10."""
    x = np.asarray(x, dtype=float)
    steps = h * np.eye(x.size)
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in steps])


@pytest.mark.equation("eq-similarity-losses-ranking-bound")
def test_hinge_bounds_the_misordered_pairs(rng):
    """Counting pair by pair, for random scores with and without ties."""
    pairs = [(i, j) for i in range(6) for j in range(i + 1, 6)]
    draws = [*rng.normal(size=(300, 6)), *rng.integers(3, size=(300, 6)).astype(float)]
    tight = 0
    for scores in draws:
        wrong = sum(1 for i, j in pairs if scores[i] <= scores[j])
        bound = ranking_hinge_loss(scores, pairs).sum()
        assert wrong <= bound + 1e-12
        tight += wrong > 0 and abs(wrong - bound) < 1e-12
    assert tight  # some ties make it an equality
    # Negative control: half of the hinge is no bound.
    halves = [ranking_hinge_loss(s, pairs).sum() / 2 for s in draws]
    counts = [sum(s[i] <= s[j] for i, j in pairs) for s in draws]
    assert np.any(np.array(halves) < counts)


@pytest.mark.equation("eq-similarity-losses-kendall")
def test_tau_from_misordered_pairs(rng):
    """SciPy's Kendall tau of random scores without ties."""
    pairs = [(i, j) for i in range(9) for j in range(i + 1, 9)]
    for scores in rng.normal(size=(50, 9)):
        wrong = sum(1 for i, j in pairs if scores[i] <= scores[j])
        tau = stats.kendalltau(scores, -np.arange(9)).statistic
        assert_allclose(1 - 2 * wrong / len(pairs), tau, atol=1e-12)
        bound = 1 - 2 * ranking_hinge_loss(scores, pairs).sum() / len(pairs)
        assert tau >= bound - 1e-12


@pytest.mark.equation("eq-similarity-losses-dice-iou")
def test_dice_and_iou_of_all_small_masks():
    """Enumeration of all pairs of masks of four pixels, as Python sets."""
    for p, g in product(product([0, 1], repeat=4), repeat=2):
        P = {i for i in range(4) if p[i]}
        G = {i for i in range(4) if g[i]}
        if not P | G:
            continue
        iou = len(P & G) / len(P | G)
        dice = 2 * len(P & G) / (len(P) + len(G))
        assert_allclose(2 * iou / (1 + iou), dice, rtol=1e-14)
        assert_allclose(1 - dice_loss(p, g), dice, atol=1e-14)
        assert_allclose(1 - squared_dice_loss(p, g), dice, atol=1e-14)


@pytest.mark.equation("eq-similarity-losses-dice-gradient")
@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_dice_gradients(rng, smoothing):
    """Central differences of the definition, written out here."""
    p, g = rng.uniform(0.1, 0.9, size=5), np.array([1.0, 0.0, 0.0, 1.0, 0.0])

    def plain(q):
        return 1 - (2 * q @ g + smoothing) / (q.sum() + g.sum() + smoothing)

    def squared(q):
        return 1 - (2 * q @ g + smoothing) / (q @ q + g @ g + smoothing)

    for f, got in (
        (plain, dice_gradient(p, g, smoothing=smoothing)),
        (squared, squared_dice_gradient(p, g, smoothing=smoothing)),
    ):
        assert_allclose(got, slopes(f, p), atol=1e-8)
    D, S = 1 - plain(p), p.sum() + g.sum() + smoothing
    assert_allclose((D - 2 * g) / S, slopes(plain, p), atol=1e-8)
    D, S = 1 - squared(p), p @ p + g @ g + smoothing
    assert_allclose((2 * D * p - 2 * g) / S, slopes(squared, p), atol=1e-8)


@pytest.mark.equation("eq-similarity-losses-dice-constant")
@pytest.mark.parametrize("foreground", [1, 7, 30])
def test_best_constant_predictions(foreground):
    """Numerical minimization of the losses of a whole mask, and a grid."""
    g = np.r_[np.ones(foreground), np.zeros(100 - foreground)]
    share = foreground / 100

    def best(loss):
        found = optimize.minimize_scalar(
            loss, bounds=(1e-6, 1), method="bounded", options={"xatol": 1e-9}
        )
        return found.x

    def cross_entropy(c):
        return -np.mean(special.xlogy(g, c) + special.xlog1py(1 - g, -c))

    # A quadratic minimum is found to about the root of the precision.
    assert_allclose(best(cross_entropy), share, atol=1e-6)
    squared = best(lambda c: float(squared_dice_loss(np.full(100, c), g)))
    assert_allclose(squared, np.sqrt(share), atol=1e-6)
    grid = np.linspace(0, 1, 201)
    values = dice_loss(np.repeat(grid[:, None], 100, axis=1), g)
    assert grid[np.argmin(values)] == 1.0
    assert np.all(np.diff(values) < 0)


@pytest.mark.equation("eq-similarity-losses-contrastive-gradient")
@pytest.mark.parametrize(("y", "scale"), [(1, 1.0), (0, 0.3), (0, 5.0)])
def test_contrastive_gradient(rng, y, scale):
    """Central differences of the definition with NumPy's norm."""
    u, v = scale * rng.normal(size=(2, 3))

    def loss(x):
        d = np.linalg.norm(x - v)
        return (y * d**2 + (1 - y) * max(0.0, 1.5 - d) ** 2) / 2

    numeric = slopes(loss, u)
    assert_allclose(contrastive_gradient(u, v, y, margin=1.5), numeric, atol=1e-8)
    d = np.linalg.norm(u - v)
    cases = {1: u - v, 0: -(1.5 - d) * (u - v) / d if d < 1.5 else np.zeros(3)}
    assert_allclose(cases[y], numeric, atol=1e-8)


@pytest.mark.equation("eq-similarity-losses-contrastive-step")
@pytest.mark.parametrize("eta", [0.01, 0.1, 0.4])
def test_contrastive_descent_is_geometric(rng, eta):
    """Descent along numerical gradients of both points, step by step."""

    def loss(z, y):
        return float(contrastive_loss(z[:2], z[2:], y, margin=2.0))

    for y in (1, 0):
        z = np.array([0.1, 0.3, -0.2, 0.5])
        for _ in range(5):
            before = np.hypot(*(z[:2] - z[2:]))
            z = z - eta * slopes(lambda x, y=y: loss(x, y), z)
            after = np.hypot(*(z[:2] - z[2:]))
            left, was = (after, before) if y else (2.0 - after, 2.0 - before)
            assert_allclose(left, (1 - 2 * eta) * was, atol=1e-8)


def test_all_pairs_end_together_or_beyond_the_margin(rng):
    """Descent on all pairs of three classes: similar meet, dissimilar rest at m."""
    classes = np.repeat([0, 1, 2], 4)
    i, j = np.triu_indices(12, k=1)
    y = (classes[i] == classes[j]).astype(float)
    x = rng.normal(scale=0.3, size=(12, 2))
    for _ in range(1500):
        g, total = contrastive_gradient(x[i], x[j], y), np.zeros_like(x)
        np.add.at(total, i, g)
        np.add.at(total, j, -g)
        x = x - 0.05 * total
    d = np.linalg.norm(x[i] - x[j], axis=1)
    assert_allclose(d[y == 1], 0, atol=1e-6)
    assert_allclose(d[y == 0].min(), 1, atol=1e-4)


@pytest.mark.equation("eq-similarity-losses-triplet-gradient")
def test_triplet_gradient_by_computer_algebra(rng):
    """SymPy's derivatives of the squared distances in two dimensions."""
    names = sp.symbols("a1 a2 p1 p2 n1 n2")
    a, p, n = (sp.Matrix(names[k : k + 2]) for k in (0, 2, 4))
    loss = (a - p).dot(a - p) - (a - n).dot(a - n) + sp.Rational(1, 2)
    expected = [*(2 * (n - p)), *(2 * (p - a)), *(2 * (a - n))]
    derivatives = [sp.diff(loss, name) for name in names]
    for got, formula in zip(derivatives, expected, strict=True):
        assert sp.expand(got - formula) == 0
    kinds = set()
    for z in rng.normal(size=(20, 6)):
        values = dict(zip(names, z, strict=True))
        active = loss.subs(values) > 0
        exact = [float(e.subs(values)) if active else 0.0 for e in derivatives]
        got = np.concatenate(triplet_gradient(*z.reshape(3, 2), margin=0.5))
        assert_allclose(got, exact, atol=1e-12)
        kinds.add(bool(active))
    assert kinds == {True, False}


def test_triplet_training_separates_the_classes(rng):
    """Violations fall and nearest-neighbor accuracy rises for a linear embedding."""
    y = np.repeat([0, 1, 2], 40)
    X = np.hstack(
        [
            np.eye(3)[y] * 2.5 + 0.5 * rng.normal(size=(120, 3)),
            3 * rng.normal(size=(120, 6)),
        ]
    )
    a, p, n = rng.integers(120, size=(3, 20_000))
    keep = (y[a] == y[p]) & (a != p) & (y[a] != y[n])
    index = np.array([a, p, n])[:, keep][:, :1000]
    W = 0.1 * rng.normal(size=(2, 9))

    def measures(W):
        Z = X @ W.T
        gaps = ((Z[:, None] - Z) ** 2).sum(axis=-1) + np.diag(np.full(120, np.inf))
        right = (y[gaps.argmin(axis=1)] == y).mean()
        return (triplet_loss(*Z[index]) > 0).mean(), right

    before = measures(W)
    for _ in range(200):
        parts = triplet_gradient(*(X @ W.T)[index])
        W = W - 0.02 * sum(g.T @ X[k] for g, k in zip(parts, index, strict=True)) / 1000
    after = measures(W)
    assert after[0] < before[0] / 2
    assert after[1] > max(0.9, before[1])


@pytest.mark.equation("eq-similarity-losses-cosine-distance")
def test_cosine_loss_is_half_the_squared_distance(rng):
    """SciPy's cosine and squared Euclidean distances of normalized vectors."""
    for u, v in rng.normal(size=(50, 2, 4)):
        a, b = u / np.linalg.norm(u), v / np.linalg.norm(v)
        half = distance.sqeuclidean(a, b) / 2
        assert_allclose(half, distance.cosine(u, v), atol=1e-14)
        assert_allclose(cosine_loss(u, v), half, atol=1e-14)


@pytest.mark.equation("eq-similarity-losses-cosine-gradient")
def test_cosine_gradient(rng):
    """Central differences of SciPy's cosine distance, and Euler's relation."""
    for u, v in rng.normal(size=(10, 2, 3)):
        numeric = slopes(lambda x, v=v: distance.cosine(x, v), u)
        cosine = 1 - distance.cosine(u, v)
        a, b = u / np.linalg.norm(u), v / np.linalg.norm(v)
        formula = -(b - cosine * a) / np.linalg.norm(u)
        assert_allclose(formula, numeric, atol=1e-7)
        assert_allclose(cosine_gradient(u, v), numeric, atol=1e-7)
        assert abs(u @ cosine_gradient(u, v)) < 1e-14


@pytest.mark.equation("eq-similarity-losses-von-mises")
@pytest.mark.parametrize("kappa", [0.3, 1.0, 4.0])
def test_cosine_loss_has_a_normalizer_without_the_prediction(kappa):
    """Quadrature over the circle for several predictions."""
    expected = 2 * np.pi * np.exp(-kappa) * special.i0(kappa)
    for u in ([1.0, 0.0], [3.0, 4.0], [-0.1, 0.02]):
        area, _ = integrate.quad(
            lambda t, u=u: np.exp(
                -kappa * float(cosine_loss(u, [np.cos(t), np.sin(t)]))
            ),
            -np.pi,
            np.pi,
        )
        assert_allclose(area, expected, rtol=1e-9)


@pytest.mark.parametrize("scale", [0.3, np.log(2), 1.0, 3.0])
def test_the_other_losses_have_none_at_any_scale(scale):
    """Sums of exp(-scale L) over all answers differ between two predictions."""
    masks = list(product([0, 1], repeat=3))

    def spread(rows):
        Z = [np.exp(-scale * np.array(row)).sum() for row in rows]
        return max(Z) / min(Z)

    both = [(0, 1), (1, 0)]
    hinge = [ranking_hinge_loss([t, 0.0], both) for t in (0.0, 0.5, 1.0, 3.0)]
    pair = [contrastive_loss([d], [0.0], [1, 0]) for d in (0.0, 0.5, 1.0, 3.0)]
    triplet = [
        [float(triplet_loss([0.0], [a], [b])), float(triplet_loss([0.0], [b], [a]))]
        for a, b in ((1.0, 1.0), (1.0, 1.3), (1.0, 2.0))
    ]
    plain, squared = (
        [f(p, masks) for p in ([0.5, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0])]
        for f in (dice_loss, squared_dice_loss)
    )
    for rows in (hinge, pair, triplet, plain, squared):
        assert spread(rows) > 1.01
    # Negative control: the logistic loss of a pair is a likelihood at its scale.
    logistic = [np.logaddexp(0, [t, -t]) / scale for t in (0.0, 0.5, 1.0, 3.0)]
    assert_allclose(spread(logistic), 1, atol=1e-13)
