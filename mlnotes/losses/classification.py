r"""Losses for classification, computed from raw scores.

Lesson: ``losses/classification-losses``.

A model gives real numbers: one score or logit :math:`z` for two classes, K logits for
K. No function here takes a probability, because a probability that has been rounded to
0 or 1 has lost its loss. Every function returns **one value per example** and leaves
means, sums and weights to the caller; every ``*_gradient`` is the derivative of each
example's loss in its own scores.

The margin of an example with two classes is its score, signed so that positive is
right: :math:`m = (2y - 1) z` for :math:`y \in \{0, 1\}`, and :math:`m = y z` for
:math:`y \in \{-1, +1\}`. ``binary_cross_entropy`` and ``cross_entropy`` are negative
log-likelihoods, in nats. ``hinge_loss`` belongs to no likelihood.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from mlnotes import _check
from mlnotes._check import Array

__all__ = [
    "balanced_class_weights",
    "binary_cross_entropy",
    "binary_cross_entropy_gradient",
    "cross_entropy",
    "cross_entropy_gradient",
    "focal_gradient",
    "focal_loss",
    "hinge_gradient",
    "hinge_loss",
    "smooth_labels",
    "soft_cross_entropy",
    "soft_cross_entropy_gradient",
]

Labels = NDArray[np.intp]


def binary_cross_entropy(logits: ArrayLike, y: ArrayLike) -> Array:
    r"""Negative log-likelihood of labels 0 and 1 under a Bernoulli model.

    .. math:: -\left[ y \log p + (1 - y) \log(1 - p) \right] = \log(1 + e^{-m}),
        \qquad p = \sigma(z), \quad m = (2y - 1) z

    Parameters
    ----------
    logits : array_like, shape (...)
        Log-odds z of the label 1.
    y : array_like, shape (...)
        Labels, each 0 or 1.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a logit is not finite, or a label is not 0 or 1.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equation 4.90.

    Examples
    --------
    Even odds cost one bit; a confident mistake costs about its logit:

    >>> (binary_cross_entropy([0, 0], [0, 1]) / np.log(2)).tolist()
    [1.0, 1.0]
    >>> binary_cross_entropy([1000], [0]).tolist()
    [1000.0]
    """
    z, sign = _logits_and_signs(logits, y)
    return np.asarray(np.logaddexp(0.0, -sign * z))


def binary_cross_entropy_gradient(logits: ArrayLike, y: ArrayLike) -> Array:
    r"""Derivative of the binary cross-entropy in the logit.

    .. math:: p - y = -(2y - 1) \, \sigma(-m)

    Parameters
    ----------
    logits : array_like, shape (...)
        Log-odds z of the label 1.
    y : array_like, shape (...)
        Labels, each 0 or 1.

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in nats per unit of the logit.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a logit is not finite, or a label is not 0 or 1.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equation 4.91.

    Examples
    --------
    >>> binary_cross_entropy_gradient([0, 0, 1000], [0, 1, 0]).tolist()
    [0.5, -0.5, 1.0]
    """
    z, sign = _logits_and_signs(logits, y)
    return np.asarray(-sign * expit(-sign * z))


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> Array:
    r"""Negative log-likelihood of class labels under a softmax model.

    .. math:: -\log p_y = \log \sum_j e^{z_j - z_y}
        = (z_c - z_y) + \log\Bigl(1 + \sum_{j \ne c} e^{z_j - z_c}\Bigr),
        \qquad p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}

    The class c has the largest logit. Both terms of the last form are at least
    0, so nothing overflows or cancels, and a loss of 1e-18 is not rounded to 0.

    ``mlnotes.information.discrete.cross_entropy`` compares two distributions; this is
    its value for the distribution that is sure of the label and the softmax.

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Logits of at least two classes along the last axis.
    labels : array_like of int, shape (...)
        Class of each example, in ``range(K)``.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats.

    Raises
    ------
    TypeError
        If the logits are not real numbers or the labels not integers.
    ValueError
        If the shapes do not fit, a logit is not finite, or a label is no class.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equation 4.108.

    Examples
    --------
    Four equal logits leave two bits of doubt:

    >>> (cross_entropy([[5.0, 5.0, 5.0, 5.0]], [2]) / np.log(2)).round(12).tolist()
    [2.0]
    """
    z, y = _logits_and_labels(logits, labels)
    _, top, rest = _odds_against_the_top(z)
    rows = np.arange(len(z))
    nats = z[rows, top] - z[rows, y] + np.log1p(rest)
    return np.asarray(nats.reshape(np.shape(labels)))


def cross_entropy_gradient(logits: ArrayLike, labels: ArrayLike) -> Array:
    r"""Derivative of the cross-entropy in the logits: softmax minus one-hot label.

    .. math:: \frac{\partial}{\partial z_k} \bigl(-\log p_y\bigr) = p_k - [k = y]

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Logits of at least two classes along the last axis.
    labels : array_like of int, shape (...)
        Class of each example, in ``range(K)``.

    Returns
    -------
    ndarray, shape (..., K)
        Gradient for each example, in nats per unit of each logit; rows sum to 0.

    Raises
    ------
    TypeError
        If the logits are not real numbers or the labels not integers.
    ValueError
        If the shapes do not fit, a logit is not finite, or a label is no class.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equation 4.109.

    Examples
    --------
    >>> cross_entropy_gradient([[5.0, 5.0, 5.0, 5.0]], [2]).tolist()
    [[0.25, 0.25, -0.75, 0.25]]
    """
    z, y = _logits_and_labels(logits, labels)
    gradient, top, rest = _odds_against_the_top(z)
    p_top, rows = 1 / (1 + rest), np.arange(len(z))
    gradient *= p_top[:, None]
    gradient[rows, top] = p_top
    # At the top p - 1 would cancel; elsewhere p is at most 1/2.
    gradient[rows, y] = np.where(top == y, -rest * p_top, gradient[rows, y] - 1)
    return gradient.reshape(np.shape(logits))


def soft_cross_entropy(logits: ArrayLike, targets: ArrayLike) -> Array:
    r"""Cross-entropy of a softmax model with a distribution over the classes as target.

    .. math:: -\sum_k t_k \log p_k
        = \sum_k t_k (z_c - z_k) + \log\Bigl(1 + \sum_{j \ne c} e^{z_j - z_c}\Bigr)

    The class c has the largest logit. With a one-hot target it is ``cross_entropy``;
    its smallest value is the entropy of the target.

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Logits of at least two classes along the last axis.
    targets : array_like, shape (..., K)
        Probabilities of the classes, with sum 1 along the last axis.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a logit is not finite, or a target is no distribution.

    References
    ----------
    Szegedy et al. (2016), *Rethinking the Inception Architecture*, section 7.

    Examples
    --------
    Equal logits cost log K, whatever the target:

    >>> soft_cross_entropy([0.0, 0.0], [0.9, 0.1]).round(6).tolist()
    0.693147
    """
    z, t = _logits_and_targets(logits, targets)
    _, top, rest = _odds_against_the_top(z)
    below = z - z[np.arange(len(z)), top][:, None]
    nats = np.log1p(rest) - np.vecdot(t, below)
    return np.asarray(nats.reshape(np.shape(logits)[:-1]))


def soft_cross_entropy_gradient(logits: ArrayLike, targets: ArrayLike) -> Array:
    r"""Derivative of the soft cross-entropy in the logits: softmax minus target.

    .. math:: \frac{\partial}{\partial z_k} \Bigl(-\sum_j t_j \log p_j\Bigr) = p_k - t_k

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Logits of at least two classes along the last axis.
    targets : array_like, shape (..., K)
        Probabilities of the classes, with sum 1 along the last axis.

    Returns
    -------
    ndarray, shape (..., K)
        Gradient for each example, in nats per unit of each logit; rows sum to 0.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a logit is not finite, or a target is no distribution.

    References
    ----------
    Szegedy et al. (2016), *Rethinking the Inception Architecture*, section 7.

    Examples
    --------
    >>> soft_cross_entropy_gradient([0.0, 0.0], [1.0, 0.0]).tolist()
    [-0.5, 0.5]
    """
    z, t = _logits_and_targets(logits, targets)
    gradient, top, rest = _odds_against_the_top(z)
    p_top, rows = 1 / (1 + rest), np.arange(len(z))
    gradient *= p_top[:, None]
    gradient -= t
    gradient[rows, top] = (1 - t[rows, top]) - rest * p_top
    return np.asarray(gradient.reshape(np.shape(logits)))


def hinge_loss(scores: ArrayLike, y: ArrayLike) -> Array:
    r"""Hinge loss of raw scores with labels -1 and +1.

    .. math:: \max(0, 1 - y s)

    Parameters
    ----------
    scores : array_like, shape (...)
        Raw scores s such as :math:`w^T x + b`, no probabilities.
    y : array_like, shape (...)
        Labels, each -1 or +1. Zeros are refused: with them the loss is constant.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in units of the score.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a score is not finite, or a label is not -1 or +1.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    equation 12.25; Cortes and Vapnik (1995), *Support-Vector Networks*.

    Examples
    --------
    A negative example with the right sign, none, and the wrong sign:

    >>> hinge_loss([-5, 0, 5], [-1, -1, -1]).tolist()
    [0.0, 1.0, 6.0]
    """
    s, sign = _scores_and_signs(scores, y)
    return np.asarray(np.maximum(0.0, 1.0 - sign * s))


def hinge_gradient(scores: ArrayLike, y: ArrayLike) -> Array:
    r"""Subgradient of the hinge loss in the score.

    .. math:: -y \text{ if } ys < 1, \qquad 0 \text{ if } ys \ge 1

    At the kink, :math:`ys = 1`, every number from :math:`-y` to 0 is a subgradient;
    this function returns 0.

    Parameters
    ----------
    scores : array_like, shape (...)
        Raw scores s.
    y : array_like, shape (...)
        Labels, each -1 or +1.

    Returns
    -------
    ndarray, shape (...)
        Subgradient for each example, a pure number.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a score is not finite, or a label is not -1 or +1.

    References
    ----------
    Shalev-Shwartz et al. (2011), *Pegasos*, section 2.1.

    Examples
    --------
    >>> hinge_gradient([-5, -1, 0, 5], [-1, -1, -1, -1]).tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    s, sign = _scores_and_signs(scores, y)
    return np.where(sign * s < 1, -sign, 0.0)


def focal_loss(
    logits: ArrayLike, y: ArrayLike, *, gamma: float = 2.0, alpha: float | None = None
) -> Array:
    r"""Focal loss of labels 0 and 1: cross-entropy that discounts easy examples.

    .. math:: -\alpha_t (1 - p_t)^\gamma \log p_t, \qquad p_t = \sigma(m), \quad
        \alpha_t = \begin{cases} \alpha & y = 1 \\ 1 - \alpha & y = 0 \end{cases}

    With :math:`\gamma = 0` and no :math:`\alpha` it is ``binary_cross_entropy``; with
    any other :math:`\gamma` it is no negative log-likelihood.

    Parameters
    ----------
    logits : array_like, shape (...)
        Log-odds z of the label 1.
    y : array_like, shape (...)
        Labels, each 0 or 1.
    gamma : float
        Focusing exponent, at least 0.
    alpha : float, optional
        Weight of the label 1, from 0 to 1; the label 0 gets the rest. Without it both
        have the weight 1.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in discounted nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a number is out of its range, or a label is not 0 or 1.

    References
    ----------
    Lin et al. (2017), *Focal Loss for Dense Object Detection*, equation 5.

    Examples
    --------
    At even odds the discount is a quarter:

    >>> (focal_loss([0.0], [1]) / np.log(2)).tolist()
    [0.25]
    """
    z, sign = _logits_and_signs(logits, y)
    weight = _focal_weight(sign, gamma, alpha)
    margin = sign * z
    return np.asarray(weight * expit(-margin) ** gamma * np.logaddexp(0.0, -margin))


def focal_gradient(
    logits: ArrayLike, y: ArrayLike, *, gamma: float = 2.0, alpha: float | None = None
) -> Array:
    r"""Derivative of the focal loss in the logit.

    .. math:: -(2y - 1) \, \alpha_t (1 - p_t)^\gamma
        \left[ (1 - p_t) - \gamma \, p_t \log p_t \right]

    Parameters
    ----------
    logits : array_like, shape (...)
        Log-odds z of the label 1.
    y : array_like, shape (...)
        Labels, each 0 or 1.
    gamma : float
        Focusing exponent, at least 0.
    alpha : float, optional
        Weight of the label 1, from 0 to 1; the label 0 gets the rest. Without it both
        have the weight 1.

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in discounted nats per unit of the logit.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a number is out of its range, or a label is not 0 or 1.

    References
    ----------
    Lin et al. (2017), *Focal Loss for Dense Object Detection*, appendix B of
    arXiv:1708.02002.

    Examples
    --------
    Without focusing it is p - y:

    >>> focal_gradient([0.0, 0.0], [0, 1], gamma=0.0).tolist()
    [0.5, -0.5]
    """
    z, sign = _logits_and_signs(logits, y)
    weight = _focal_weight(sign, gamma, alpha)
    margin = sign * z
    wrong = expit(-margin)
    slope = wrong + gamma * expit(margin) * np.logaddexp(0.0, -margin)
    return np.asarray(-sign * weight * wrong**gamma * slope)


def smooth_labels(labels: ArrayLike, n_classes: int, amount: float) -> Array:
    r"""Soft targets: one-hot labels mixed with the uniform distribution.

    .. math:: t = (1 - \alpha) \, e_y + \frac{\alpha}{K}

    Parameters
    ----------
    labels : array_like of int, shape (...)
        Class of each example, in ``range(n_classes)``.
    n_classes : int
        Number of classes K.
    amount : float
        Share alpha of the uniform distribution, from 0 (one-hot) to 1.

    Returns
    -------
    ndarray, shape (..., K)
        Probabilities of the classes; rows sum to 1.

    Raises
    ------
    TypeError
        If the labels are not integers or the amount is no real number.
    ValueError
        If a label is no class or the amount lies outside [0, 1].

    References
    ----------
    Szegedy et al. (2016), *Rethinking the Inception Architecture*, section 7.

    Examples
    --------
    The share of the label itself comes back in part:

    >>> smooth_labels([0, 3], 4, 0.2).round(12).tolist()
    [[0.85, 0.05, 0.05, 0.05], [0.05, 0.05, 0.05, 0.85]]
    """
    n_classes = _check.count("n_classes", n_classes)
    y = _check.labels("labels", labels, n_classes)
    amount = float(_check.unit_interval("amount", _check.number("amount", amount)))
    return (1 - amount) * np.eye(n_classes)[y] + amount / n_classes


def balanced_class_weights(labels: ArrayLike, n_classes: int) -> Array:
    r"""Weights under which every class has the same total weight.

    .. math:: w_k = \frac{n}{K n_k}

    The weights of the examples, ``weights[labels]``, have the mean 1.

    Parameters
    ----------
    labels : array_like of int, shape (n,)
        Class of each example, in ``range(n_classes)``; every class occurs.
    n_classes : int
        Number of classes K.

    Returns
    -------
    ndarray, shape (K,)
        Weight of an example of each class, a pure number.

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If the labels are no vector, or a class does not occur or does not exist.

    References
    ----------
    King and Zeng (2001), *Logistic Regression in Rare Events Data*, section 4.2.

    Examples
    --------
    >>> balanced_class_weights([0, 0, 0, 1], 2).round(6).tolist()
    [0.666667, 2.0]
    """
    n_classes = _check.count("n_classes", n_classes)
    y = _check.labels("labels", labels, n_classes)
    if y.ndim != 1:
        raise ValueError(f"labels: expected shape (n,), got {y.shape}")
    counts = np.bincount(y, minlength=n_classes)
    if not counts.all():
        missing = int(np.argmin(counts))
        raise ValueError(
            f"labels: expected every class in range({n_classes}), got none of {missing}"
        )
    return y.size / (n_classes * counts)


def _odds_against_the_top(z: Array) -> tuple[Array, Labels, Array]:
    """Odds of the other classes against the most likely one, its index, their sum."""
    rows, top = np.arange(len(z)), z.argmax(axis=-1)
    odds = z - z[rows, top][:, None]
    np.exp(odds, out=odds)  # at most 1
    odds[rows, top] = 0.0  # the top itself would be 1, which log1p adds exactly
    return odds, top, odds @ np.ones(z.shape[-1])


def _focal_weight(sign: Array, gamma: float, alpha: float | None) -> Array | float:
    _check.non_negative("gamma", _check.number("gamma", gamma))
    if alpha is None:
        return 1.0
    share = float(_check.unit_interval("alpha", _check.number("alpha", alpha)))
    return np.where(sign > 0, share, 1 - share)


def _logits_and_signs(logits: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Logits, and the labels 0 and 1 as signs -1 and +1."""
    z, labels = _check.real("logits", logits), _check.zero_one("y", y)
    _check.same_shape("y", labels, "logits", z)
    return z, 2 * labels - 1


def _scores_and_signs(scores: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    s, sign = _check.real("scores", scores), _check.real("y", y)
    _check.same_shape("y", sign, "scores", s)
    wrong = np.abs(sign) != 1
    if wrong.any():
        raise ValueError(f"y: expected labels -1 and +1, got {sign[wrong].flat[0]:g}")
    return s, sign


def _classes(logits: ArrayLike) -> Array:
    z = _check.real("logits", logits)
    if z.ndim == 0 or z.shape[-1] < 2:
        raise ValueError(
            f"logits: expected at least 2 classes along the last axis, got {z.shape}"
        )
    return z


def _logits_and_labels(logits: ArrayLike, labels: ArrayLike) -> tuple[Array, Labels]:
    """Logits with shape (n, K), and n labels."""
    z = _classes(logits)
    y = _check.labels("labels", labels, z.shape[-1])
    if y.shape != z.shape[:-1]:
        raise ValueError(f"labels: expected shape {z.shape[:-1]}, got {y.shape}")
    return z.reshape(-1, z.shape[-1]), y.reshape(-1)


def _logits_and_targets(logits: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    """Logits and targets, both with shape (n, K)."""
    z, t = _classes(logits), _check.probabilities("targets", targets)
    _check.same_shape("targets", t, "logits", z)
    return z.reshape(-1, z.shape[-1]), t.reshape(-1, z.shape[-1])
