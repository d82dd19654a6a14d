r"""Entropy, cross-entropy and divergence of distributions over finitely many outcomes.

Lessons: ``information/entropy``, ``information/cross-entropy`` and
``information/kl-divergence``.

A distribution is an array whose **last axis** runs over the outcomes and sums to 1;
leading axes are a batch. Terms with probability zero contribute nothing
(:math:`0 \log 0 = 0`), and a divergence is infinite where :math:`Q` rules out what
:math:`P` allows. Results are in nats; ``base=2`` gives bits, ``base=10`` hartleys.
"""

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

# Probabilities above this have finite ratios and logarithms.
NO_OVERFLOW = 1e-300

# Divergences below this, in nats, are computed once more in a form that suits them.
NEARLY_EQUAL = 1e-3

# Results are added to 0.0, which turns the -0.0 of certainty into 0.0.

__all__ = [
    "cross_entropy",
    "entropy",
    "jensen_shannon_divergence",
    "kl_divergence",
    "self_information",
]


def self_information(p: ArrayLike, *, base: float = np.e) -> Array:
    r"""Self-information (surprise) of outcomes with given probabilities.

    .. math:: I(x) = -\log p(x) = \log \frac{1}{p(x)}

    Parameters
    ----------
    p : array_like, shape (...)
        Probability of each outcome, from 0 to 1.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    ndarray, shape (...)
        Surprise of each outcome, in units of the base (nats by default); ``inf``
        for the impossible.

    Raises
    ------
    TypeError
        If the probabilities are not real numbers.
    ValueError
        If a probability lies outside [0, 1] or the base is not a number above 1.

    References
    ----------
    Shannon (1948), *A Mathematical Theory of Communication*, section 6.

    Examples
    --------
    One side of a fair coin, one face of a die with eight:

    >>> self_information([1 / 2, 1 / 8], base=2).tolist()
    [1.0, 3.0]
    """
    p = _check.unit_interval("p", p)
    unit = _log_of_base(base)
    with np.errstate(divide="ignore"):
        return np.asarray(0.0 - np.log(p) / unit)


def entropy(p: ArrayLike, *, base: float = np.e) -> Array:
    r"""Shannon entropy: the expected self-information.

    .. math:: H(P) = -\sum_x p(x) \log p(x)

    Parameters
    ----------
    p : array_like, shape (..., K)
        Distributions over K outcomes along the last axis.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    ndarray, shape (...)
        Entropy of each distribution, in units of the base (nats by default).

    Raises
    ------
    TypeError
        If the probabilities are not real numbers.
    ValueError
        If a probability is negative, a distribution does not sum to 1, or the base
        is not a number above 1.

    References
    ----------
    Shannon (1948), *A Mathematical Theory of Communication*, section 6.

    Examples
    --------
    A fair coin, and one that shows heads nine times in ten:

    >>> entropy([[0.5, 0.5], [0.9, 0.1]], base=2).round(6).tolist()
    [1.0, 0.468996]
    """
    p, least = _check.probabilities_and_smallest("p", p)
    nats = _expected_code_length(p, p, least > NO_OVERFLOW)
    return np.asarray(0.0 + nats / _log_of_base(base))


def cross_entropy(p: ArrayLike, q: ArrayLike, *, base: float = np.e) -> Array:
    r"""Cross-entropy: the expected self-information under Q of outcomes drawn from P.

    .. math:: H(P, Q) = -\sum_x p(x) \log q(x) = H(P) + D_{KL}(P \,\|\, Q)

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Distributions over the same K outcomes along the last axis: the source of the
        outcomes and the model that codes them. Leading axes broadcast.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    ndarray, shape (...)
        Average code length, in units of the base (nats by default); ``inf`` where
        Q gives probability 0 to an outcome that P allows.

    Raises
    ------
    TypeError
        If the probabilities are not real numbers.
    ValueError
        If a probability is negative, a distribution does not sum to 1, the numbers of
        outcomes differ, or the base is not a number above 1.

    References
    ----------
    Cover and Thomas (2006), *Elements of Information Theory*, theorem 5.4.3.

    Examples
    --------
    A code made for a fair coin spends one bit on each flip of any coin:

    >>> float(cross_entropy([0.9, 0.1], [0.5, 0.5], base=2))
    1.0
    """
    p, q, positive = _pair(p, q)
    return np.asarray(0.0 + _expected_code_length(p, q, positive) / _log_of_base(base))


def kl_divergence(p: ArrayLike, q: ArrayLike, *, base: float = np.e) -> Array:
    r"""Kullback-Leibler divergence of P from Q: the extra code length.

    .. math:: D_{KL}(P \,\|\, Q) = \sum_x p(x) \log \frac{p(x)}{q(x)}

    It is zero if and only if the two agree, not symmetric, and no distance.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Distributions over the same K outcomes along the last axis: the source of the
        outcomes and the model. Leading axes broadcast.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    ndarray, shape (...)
        Divergence, at least 0, in units of the base (nats by default); ``inf`` where
        Q gives probability 0 to an outcome that P allows.

    Raises
    ------
    TypeError
        If the probabilities are not real numbers.
    ValueError
        If a probability is negative, a distribution does not sum to 1, the numbers of
        outcomes differ, or the base is not a number above 1.

    Notes
    -----
    The relative error is about 1e-13 above 0.001 nats. A smaller divergence is summed
    up from :math:`p \log(p/q) - (p - q)`, with a relative error of about
    :math:`10^{-16} / \sum_x |p(x) - q(x)|`, because the plain sum has an absolute error
    of 1e-16 however small the divergence is.

    References
    ----------
    Kullback and Leibler (1951), *On Information and Sufficiency*, section 2.

    Examples
    --------
    Weather of tomorrow (sunny, cloudy, rainy) against its forecast:

    >>> weather, forecast = [0.50, 0.30, 0.20], [0.40, 0.35, 0.25]
    >>> kl_divergence(weather, forecast, base=2).round(6).tolist()
    0.029861
    """
    p, q, positive = _pair(p, q)
    return np.asarray(_divergence(p, q, positive) / _log_of_base(base))


def jensen_shannon_divergence(
    p: ArrayLike, q: ArrayLike, *, base: float = np.e
) -> Array:
    r"""Jensen-Shannon divergence: the mean divergence of P and Q from their mixture.

    .. math::
        JSD(P, Q) = \tfrac12 D_{KL}(P \,\|\, M) + \tfrac12 D_{KL}(Q \,\|\, M),
        \qquad M = \tfrac12 (P + Q)

    It is symmetric and at most :math:`\log 2`; its square root is a metric.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Distributions over the same K outcomes along the last axis. Leading axes
        broadcast.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    ndarray, shape (...)
        Divergence, from 0 to log 2, in units of the base (nats by default).

    Raises
    ------
    TypeError
        If the probabilities are not real numbers.
    ValueError
        If a probability is negative, a distribution does not sum to 1, the numbers of
        outcomes differ, or the base is not a number above 1.

    References
    ----------
    Lin (1991), *Divergence Measures Based on the Shannon Entropy*, section IV;
    Endres and Schindelin (2003), *A New Metric for Probability Distributions*.

    Examples
    --------
    Two distributions that share no outcome differ by exactly one bit:

    >>> float(jensen_shannon_divergence([1.0, 0.0], [0.0, 1.0], base=2))
    1.0
    """
    p, q, positive = _pair(p, q)
    mixture = p + q
    mixture -= mixture / 2  # not rounded down: it is 0 only where p and q are
    nats = _divergence(p, mixture, positive) + _divergence(q, mixture, positive)
    return np.asarray(nats / 2 / _log_of_base(base))


def _expected_code_length(p: Array, q: Array, positive: bool) -> Array:
    """Mean of -log q(x) over x drawn from p, in nats."""
    nats: Array
    if positive:
        nats = -np.vecdot(p, np.log(q))
    else:
        with np.errstate(divide="ignore"):
            # Where p is 0 the logarithm is taken of q + 1, so that 0 log 0 is 0.
            nats = -np.vecdot(p, np.log(q + (p == 0)))
    return nats


def _divergence(p: Array, q: Array, positive: bool) -> Array:
    """Mean of log p(x)/q(x) over x drawn from p, in nats."""
    if positive:
        log_ratio = np.divide(p, q)
        np.log(log_ratio, out=log_ratio)
    else:
        impossible = p == 0
        with np.errstate(divide="ignore"):
            log_ratio = np.log(p + impossible) - np.log(q + impossible)
    nats: Array = np.vecdot(p, log_ratio)
    small = nats < NEARLY_EQUAL
    if small.any() if small.ndim else small:  # a single one needs no search
        nats = _small_divergence(p, q, log_ratio)
    return nats


def _small_divergence(p: Array, q: Array, log_ratio: Array) -> Array:
    """Return the same for nearly equal p and q; overwrites the log ratios.

    The divergence is of the order of (p - q)^2. Rounding of 1e-16 in p/q would drown
    it, hence the logarithm of 1 + (p - q)/q; so would rounding in the sums of p and q,
    hence the sum of p - q, which should be 0, is subtracted.
    """
    gap = p - q
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        change = gap / q
    np.log1p(change, out=log_ratio, where=np.abs(change) < 0.5)
    # Gibbs' inequality: only rounding can go below zero.
    nats: Array = np.maximum(np.vecdot(p, log_ratio) - gap.sum(axis=-1), 0.0)
    return nats


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array, bool]:
    """Return p and q, checked, and whether all probabilities are positive."""
    p, least_p = _check.probabilities_and_smallest("p", p)
    q, least_q = _check.probabilities_and_smallest("q", q)
    positive = min(least_p, least_q) > NO_OVERFLOW
    if p.shape == q.shape:
        return p, q, positive
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(
            f"q: expected {p.shape[-1]} outcomes as in p, got {q.shape[-1]}"
        )
    try:
        np.broadcast_shapes(p.shape, q.shape)
    except ValueError:
        raise ValueError(
            f"q: expected a shape that broadcasts with p, {p.shape}, got {q.shape}"
        ) from None
    return p, q, positive


def _log_of_base(base: float) -> float:
    if isinstance(base, float) and base == np.e:
        return 1.0
    number = _check.number("base", base)
    if not number > 1:
        raise ValueError(f"base: expected a number > 1, got {base}")
    return float(np.log(number))
