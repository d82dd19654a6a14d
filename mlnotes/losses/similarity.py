r"""Losses on comparisons: rankings, overlaps of masks, distances and directions.

Lesson: ``losses/similarity-losses``.

One value per comparison (pair, mask or triplet), a pure number and never reduced. Only
`cosine_loss` is the negative log-likelihood of a noise model, von Mises-Fisher noise
around the predicted direction, up to a constant. The exponential of minus each of the
others has a sum over the possible answers that varies with the prediction.

Vectors are the last axis; leading axes are a batch and broadcast. Where two vectors
play the same part, the derivative in the second is that of the exchanged arguments.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.foundations.vectors import norm

__all__ = [
    "contrastive_gradient",
    "contrastive_loss",
    "cosine_gradient",
    "cosine_loss",
    "dice_gradient",
    "dice_loss",
    "ranking_hinge_gradient",
    "ranking_hinge_loss",
    "squared_dice_gradient",
    "squared_dice_loss",
    "triplet_gradient",
    "triplet_loss",
]


def ranking_hinge_loss(scores: ArrayLike, pairs: ArrayLike) -> Array:
    r"""Hinge loss of each preference: the better item should lead by a whole unit.

    .. math:: \max(0, \, 1 - (s_i - s_j))

    Parameters
    ----------
    scores : array_like, shape (n,)
        Score of each item.
    pairs : array_like of int, shape (m, 2)
        Preferences (i, j): item i must rank above item j.

    Returns
    -------
    ndarray, shape (m,)
        Loss of each preference, in units of the score; 1 or more if the pair is out
        of order or tied.

    Raises
    ------
    TypeError
        If the scores are not real numbers or the pairs not integers.
    ValueError
        If the scores are not a finite vector or a pair does not name two items.

    References
    ----------
    Joachims (2002), *Optimizing Search Engines using Clickthrough Data*, section 4.

    Examples
    --------
    A lead of 3 is enough, a lead of 0.5 is not, and a lag costs more:

    >>> ranking_hinge_loss([3.0, 0.0, -0.5], [(0, 1), (1, 2), (2, 1)]).tolist()
    [0.0, 0.5, 1.5]
    """
    s, index = _preferences(scores, pairs)
    return np.maximum(0.0, 1.0 - (s[index[:, 0]] - s[index[:, 1]]))


def ranking_hinge_gradient(scores: ArrayLike, pairs: ArrayLike) -> Array:
    r"""Derivative of `ranking_hinge_loss` in the two scores of each preference.

    It is (-1, 1) for a lead below 1 and (0, 0) otherwise, at the kink too.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Score of each item.
    pairs : array_like of int, shape (m, 2)
        Preferences (i, j): item i must rank above item j.

    Returns
    -------
    ndarray, shape (m, 2)
        Derivatives in :math:`s_i` and in :math:`s_j`, each a pure number.

    Raises
    ------
    TypeError, ValueError
        For what `ranking_hinge_loss` refuses.

    Examples
    --------
    >>> ranking_hinge_gradient([3.0, 0.0, -0.5], [(0, 1), (1, 2)]).tolist()
    [[0.0, 0.0], [-1.0, 1.0]]
    """
    active = ranking_hinge_loss(scores, pairs) > 0
    return np.where(active[:, np.newaxis], [-1.0, 1.0], 0.0)


def dice_loss(p: ArrayLike, mask: ArrayLike, *, smoothing: float = 0.0) -> Array:
    r"""Dice loss in the set form: one minus twice the overlap over the two sizes.

    .. math:: 1 - \frac{2 \sum_i p_i g_i + \epsilon}{\sum_i p_i + \sum_i g_i + \epsilon}

    Parameters
    ----------
    p : array_like, shape (..., n)
        Predicted foreground :math:`p_i` of each pixel, from 0 to 1.
    mask : array_like, shape (..., n)
        True foreground :math:`g_i` of each pixel, 0 or 1.
    smoothing : float
        The number :math:`\epsilon \ge 0`. Empty prediction and empty mask need one
        above 0 and then have the loss 0.

    Returns
    -------
    ndarray, shape (...)
        Loss of each mask, a pure number from 0 to 1.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is out of its range, the shapes do not fit, or prediction and mask
        are empty without smoothing.

    References
    ----------
    Dice (1945), *Measures of the Amount of Ecologic Association Between Species*.

    Examples
    --------
    Two pixels predicted, two true, one of them in common:

    >>> float(dice_loss([1, 1, 0, 0], [1, 0, 1, 0]))
    0.5
    """
    p, g, eps = _masks(p, mask, smoothing)
    return np.asarray(1.0 - _dice(p, g, p.sum(axis=-1), eps)[0])


def dice_gradient(p: ArrayLike, mask: ArrayLike, *, smoothing: float = 0.0) -> Array:
    r"""Derivative of `dice_loss` in the prediction of each pixel.

    With the Dice coefficient D, one minus the loss, it is

    .. math:: \frac{D - 2 g_i}{\sum_i p_i + \sum_i g_i + \epsilon}

    Parameters
    ----------
    p : array_like, shape (..., n)
        Predicted foreground of each pixel, from 0 to 1.
    mask : array_like, shape (..., n)
        True foreground of each pixel, 0 or 1.
    smoothing : float
        The number :math:`\epsilon` of `dice_loss`.

    Returns
    -------
    ndarray, shape (..., n)
        Derivative in each :math:`p_i`, a pure number.

    Raises
    ------
    TypeError, ValueError
        For what `dice_loss` refuses.

    Examples
    --------
    More of the true pixel lowers the loss, more of the wrong one raises it:

    >>> dice_gradient([0.5, 0.5], [1, 0]).tolist()
    [-0.75, 0.25]
    """
    p, g, eps = _masks(p, mask, smoothing)
    coefficient, size = _dice(p, g, p.sum(axis=-1), eps)
    return np.asarray((coefficient[..., np.newaxis] - 2 * g) / size[..., np.newaxis])


def squared_dice_loss(
    p: ArrayLike, mask: ArrayLike, *, smoothing: float = 0.0
) -> Array:
    r"""Dice loss in the squared form of V-Net; the set form's equal on hard masks.

    .. math::
        1 - \frac{2 \sum_i p_i g_i + \epsilon}{\sum_i p_i^2 + \sum_i g_i^2 + \epsilon}

    Parameters
    ----------
    p : array_like, shape (..., n)
        Predicted foreground :math:`p_i` of each pixel, from 0 to 1.
    mask : array_like, shape (..., n)
        True foreground :math:`g_i` of each pixel, 0 or 1.
    smoothing : float
        The number :math:`\epsilon \ge 0`. Empty prediction and empty mask need one
        above 0 and then have the loss 0.

    Returns
    -------
    ndarray, shape (...)
        Loss of each mask, a pure number from 0 to 1.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is out of its range, the shapes do not fit, or prediction and mask
        are empty without smoothing.

    References
    ----------
    Milletari, Navab and Ahmadi (2016), *V-Net*, section 3.

    Examples
    --------
    A half everywhere, where one pixel of two is foreground; the set form gives 0.5:

    >>> float(squared_dice_loss([0.5, 0.5], [1, 0]).round(6))
    0.333333
    """
    p, g, eps = _masks(p, mask, smoothing)
    return np.asarray(1.0 - _dice(p, g, np.vecdot(p, p), eps)[0])


def squared_dice_gradient(
    p: ArrayLike, mask: ArrayLike, *, smoothing: float = 0.0
) -> Array:
    r"""Derivative of `squared_dice_loss` in the prediction of each pixel.

    With the coefficient D, one minus the loss, it is

    .. math:: \frac{2 D p_i - 2 g_i}{\sum_i p_i^2 + \sum_i g_i^2 + \epsilon}

    Parameters
    ----------
    p : array_like, shape (..., n)
        Predicted foreground of each pixel, from 0 to 1.
    mask : array_like, shape (..., n)
        True foreground of each pixel, 0 or 1.
    smoothing : float
        The number :math:`\epsilon` of `squared_dice_loss`.

    Returns
    -------
    ndarray, shape (..., n)
        Derivative in each :math:`p_i`, a pure number.

    Raises
    ------
    TypeError, ValueError
        For what `squared_dice_loss` refuses.

    Examples
    --------
    >>> squared_dice_gradient([0.5, 0.5], [1, 0]).round(6).tolist()
    [-0.888889, 0.444444]
    """
    p, g, eps = _masks(p, mask, smoothing)
    coefficient, size = _dice(p, g, np.vecdot(p, p), eps)
    slopes = 2 * (coefficient[..., np.newaxis] * p - g)
    return np.asarray(slopes / size[..., np.newaxis])


def contrastive_loss(
    u: ArrayLike, v: ArrayLike, similar: ArrayLike, *, margin: float = 1.0
) -> Array:
    r"""Contrastive loss of each pair: similar ones meet, the others keep a distance.

    .. math::
        \tfrac12 \left[ y \, d^2 + (1 - y) \max(0, m - d)^2 \right],
        \qquad d = \|u - v\|

    Here y = 1 says similar. Hadsell, Chopra and LeCun code it the other way round,
    Y = 0 for similar: pass ``1 - Y``.

    Parameters
    ----------
    u, v : array_like, shape (..., d)
        The two points of each pair.
    similar : array_like, shape (...)
        Label y of each pair: 1 for similar, 0 for dissimilar.
    margin : float
        Distance m > 0 from which on a dissimilar pair is left in peace.

    Returns
    -------
    ndarray, shape (...)
        Loss of each pair, in squared units of the points.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the points are not finite, the shapes do not fit, a label is not 0 or 1,
        or the margin is not positive.

    References
    ----------
    Hadsell, Chopra and LeCun (2006), *Dimensionality Reduction by Learning an
    Invariant Mapping*, section 2.1.

    Examples
    --------
    Half a unit apart, once as a similar and once as a dissimilar pair:

    >>> contrastive_loss([0.0, 0.5], [0.0, 0.0], [1, 0]).tolist()
    [0.125, 0.125]
    """
    difference, y, m = _labelled_pairs(u, v, similar, margin)
    d = norm(difference)
    return np.where(y == 1, d, np.maximum(0.0, m - d)) ** 2 / 2


def contrastive_gradient(
    u: ArrayLike, v: ArrayLike, similar: ArrayLike, *, margin: float = 1.0
) -> Array:
    r"""Derivative of `contrastive_loss` in the first point of each pair.

    It is :math:`u - v` for similar pairs and :math:`-(m - d)(u - v)/d` for dissimilar
    ones nearer than m. Where those coincide, no direction is better than another and
    the gradient is 0 by convention. In the second point it is the negative.

    Parameters
    ----------
    u, v : array_like, shape (..., d)
        The two points of each pair.
    similar : array_like, shape (...)
        Label of each pair: 1 for similar, 0 for dissimilar.
    margin : float
        Distance m > 0 from which on a dissimilar pair is left in peace.

    Returns
    -------
    ndarray, shape (..., d)
        Gradient in u, in units of the points.

    Raises
    ------
    TypeError, ValueError
        For what `contrastive_loss` refuses.

    Examples
    --------
    Descent pulls a similar pair together, and pushes a dissimilar one apart:

    >>> contrastive_gradient([0.0, 0.25], [0.0, 0.0], [1, 0]).tolist()
    [[0.0, 0.25], [-0.0, -0.75]]
    """
    difference, y, m = _labelled_pairs(u, v, similar, margin)
    d = norm(difference)
    push = np.maximum(0.0, m - d) / np.where(d > 0, d, 1.0)
    return np.where(y == 1, 1.0, -push)[..., np.newaxis] * difference


def triplet_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
) -> Array:
    r"""Triplet loss: the positive should be nearer to the anchor than the negative.

    .. math:: \max\left(0, \, \|a - p\|^2 - \|a - n\|^2 + \alpha\right)

    Parameters
    ----------
    anchor, positive, negative : array_like, shape (..., d)
        Points a, p of the same class, and n of another one.
    margin : float
        Lead :math:`\alpha > 0` that is asked for.

    Returns
    -------
    ndarray, shape (...)
        Loss of each triplet, in squared units of the points.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the points are not finite, the shapes do not fit, or the margin is not
        positive.

    References
    ----------
    Schroff, Kalenichenko and Philbin (2015), *FaceNet*, section 3.1.

    Examples
    --------
    The positive at distance 2, the negative at 1, then at 3:

    >>> triplet_loss([0.0], [2.0], [[1.0], [3.0]]).tolist()
    [4.0, 0.0]
    """
    to_positive, to_negative, alpha = _triplets(anchor, positive, negative, margin)
    lag = np.vecdot(to_positive, to_positive) - np.vecdot(to_negative, to_negative)
    return np.asarray(np.maximum(0.0, lag + alpha))


def triplet_gradient(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
) -> tuple[Array, Array, Array]:
    r"""Derivatives of `triplet_loss` in the three points of each triplet.

    They are :math:`2(n - p)`, :math:`2(p - a)` and :math:`2(a - n)` where the loss is
    positive, and 0 elsewhere, at the kink too. Together they vanish.

    Parameters
    ----------
    anchor, positive, negative : array_like, shape (..., d)
        Points a, p of the same class, and n of another one.
    margin : float
        Lead :math:`\alpha > 0` that is asked for.

    Returns
    -------
    tuple of ndarray, each of shape (..., d)
        Gradients in anchor, positive and negative, in units of the points.

    Raises
    ------
    TypeError, ValueError
        For what `triplet_loss` refuses.

    Examples
    --------
    >>> [g.tolist() for g in triplet_gradient([0.0], [2.0], [1.0])]
    [[-2.0], [4.0], [-2.0]]
    """
    to_positive, to_negative, alpha = _triplets(anchor, positive, negative, margin)
    lag = np.vecdot(to_positive, to_positive) - np.vecdot(to_negative, to_negative)
    twice = np.where(lag + alpha > 0, 2.0, 0.0)[..., np.newaxis]
    return (
        twice * (to_positive - to_negative),
        -twice * to_positive,
        twice * to_negative,
    )


def cosine_loss(u: ArrayLike, v: ArrayLike) -> Array:
    r"""Cosine loss: one minus the cosine of the angle between two vectors.

    .. math::
        1 - \cos(u, v) = \tfrac12 \|\hat u - \hat v\|^2, \qquad \hat u = u / \|u\|

    The second form is computed. It keeps its accuracy for small angles, where the
    cosine rounds to 1.

    Parameters
    ----------
    u, v : array_like, shape (..., d)
        Non-zero vectors, predicted and true.

    Returns
    -------
    ndarray, shape (...)
        Loss of each pair, a pure number from 0 (same direction) to 2 (opposite); in
        nats up to a constant under von Mises-Fisher noise of concentration 1.

    Raises
    ------
    TypeError
        If the components are not real numbers.
    ValueError
        If the shapes do not fit or a vector is zero or not finite.

    References
    ----------
    Banerjee, Dhillon, Ghosh and Sra (2005), *Clustering on the Unit Hypersphere using
    von Mises-Fisher Distributions*, section 2.1.

    Examples
    --------
    Twice the vector, a quarter turn, and the opposite vector:

    >>> cosine_loss([3, 4], [[6, 8], [-4, 3], [-3, -4]]).round(12).tolist()
    [0.0, 1.0, 2.0]
    """
    u, v = _directions(u, v)
    return _half_square(_unit(u) - _unit(v))


def cosine_gradient(u: ArrayLike, v: ArrayLike) -> Array:
    r"""Derivative of `cosine_loss` in the first vector; it is perpendicular to it.

    .. math:: -\frac{\hat v - \cos(u, v) \, \hat u}{\|u\|}

    Parameters
    ----------
    u, v : array_like, shape (..., d)
        Non-zero vectors, predicted and true.

    Returns
    -------
    ndarray, shape (..., d)
        Gradient in u, in units of 1 / u.

    Raises
    ------
    TypeError, ValueError
        For what `cosine_loss` refuses.

    Examples
    --------
    Descent turns an arrow of length 2 upwards, towards the target:

    >>> cosine_gradient([2.0, 0.0], [0.0, 1.0]).tolist()
    [0.0, -0.5]
    """
    u, v = _directions(u, v)
    unit = _unit(u)
    gap = unit - _unit(v)
    # v - cos u = -(gap - loss u), without the cancellation of small angles.
    turn = gap - _half_square(gap)[..., np.newaxis] * unit
    return np.asarray(turn / norm(u)[..., np.newaxis])


def _preferences(scores: ArrayLike, pairs: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    s = _check.vector("scores", scores)
    index = _check.labels("pairs", pairs, s.size)
    if index.ndim != 2 or index.shape[1] != 2:
        raise ValueError(f"pairs: expected shape (m, 2), got {index.shape}")
    if np.any(index[:, 0] == index[:, 1]):
        raise ValueError(
            "pairs: expected two different items, got one preferred to itself"
        )
    return s, index


def _masks(
    p: ArrayLike, mask: ArrayLike, smoothing: float
) -> tuple[Array, Array, float]:
    predicted, g = _check.unit_interval("p", p), _check.zero_one("mask", mask)
    if predicted.ndim == 0:
        raise ValueError("p: expected an axis of pixels, got a single number")
    if g.shape[-1:] != predicted.shape[-1:]:
        raise ValueError(
            f"mask: expected {predicted.shape[-1]} pixels as p, got shape {g.shape}"
        )
    _check.broadcastable("mask", g, predicted.shape)
    eps = float(_check.non_negative("smoothing", _check.number("smoothing", smoothing)))
    return predicted, g, eps


def _dice(p: Array, g: Array, size_p: Array, eps: float) -> tuple[Array, Array]:
    """Return the Dice coefficient and its denominator."""
    size = size_p + g.sum(axis=-1) + eps
    if not np.all(size > 0):
        raise ValueError(
            "smoothing: expected a number > 0 where prediction and mask are empty, "
            "got 0"
        )
    return np.asarray((2 * np.vecdot(p, g) + eps) / size), np.asarray(size)


def _labelled_pairs(
    u: ArrayLike, v: ArrayLike, similar: ArrayLike, margin: float
) -> tuple[Array, Array, float]:
    points = _points(("u", u), ("v", v))
    y = _check.zero_one("similar", similar)
    difference = points[0] - points[1]
    _check.broadcastable("similar", y, difference.shape[:-1])
    return difference, y, _check.positive_number("margin", margin)


def _triplets(
    anchor: ArrayLike, positive: ArrayLike, negative: ArrayLike, margin: float
) -> tuple[Array, Array, float]:
    a, p, n = _points(
        ("anchor", anchor), ("positive", positive), ("negative", negative)
    )
    return a - p, a - n, _check.positive_number("margin", margin)


def _directions(u: ArrayLike, v: ArrayLike) -> list[Array]:
    vectors = _points(("u", u), ("v", v))
    for name, vector in zip("uv", vectors, strict=True):
        if not np.any(vector, axis=-1).all():
            raise ValueError(
                f"{name}: expected non-zero vectors, got one of only zeros"
            )
    return vectors


def _points(*named: tuple[str, ArrayLike]) -> list[Array]:
    """Return vectors along the last axis that broadcast against each other."""
    points = [(name, _check.real(name, value)) for name, value in named]
    first = points[0][1]
    for name, point in points:
        if point.ndim == 0:
            raise ValueError(f"{name}: expected an axis of components, got one number")
        if point.shape[-1] != first.shape[-1]:
            raise ValueError(
                f"{name}: expected {first.shape[-1]} components as {points[0][0]}, "
                f"got {point.shape[-1]}"
            )
    return list(_check.together(**dict(points)))


def _unit(x: Array) -> Array:
    """Return vectors of length 1, whatever their size was."""
    x = x / np.abs(x).max(axis=-1, keepdims=True)
    return np.asarray(x / norm(x)[..., np.newaxis])


def _half_square(x: Array) -> Array:
    return np.asarray(np.vecdot(x, x) / 2)
