r"""Entropies of joint tables, mutual information, and what an experiment tells.

Lesson: ``information/mutual-information``.

A joint table has one axis for each variable, and all its entries together sum to 1.
An experiment is a likelihood: one row for each hypothesis, with the probabilities of
the outcomes. Its expected information is the mutual information of hypothesis and
outcome. Results are in nats; ``base=2`` gives bits.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, digamma

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.information.discrete import _log_of_base, entropy, kl_divergence
from mlnotes.probability.conditional_probability import Axes, _axes, _table
from mlnotes.probability.distributions import Beta

__all__ = [
    "coin_information",
    "conditional_entropy",
    "expected_information",
    "joint_entropy",
    "mutual_information",
]


def joint_entropy(joint: ArrayLike, *, base: float = np.e) -> float:
    r"""Entropy of all variables of a table together.

    .. math:: H(X, Y) = -\sum_{x, y} p(x, y) \log p(x, y)

    Parameters
    ----------
    joint : array_like, shape (K_1, ..., K_m)
        Probability of each combination of values, with sum 1.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    float
        Joint entropy, in units of the base (nats by default).

    Raises
    ------
    TypeError
        If the table is not real numbers.
    ValueError
        If the table has negative entries or another sum than 1, or the base is not a
        number above 1.

    References
    ----------
    Cover and Thomas (2006), *Elements of Information Theory*, section 2.2.

    Examples
    --------
    Two fair coins, tossed apart and glued together:

    >>> joint_entropy([[0.25, 0.25], [0.25, 0.25]], base=2)
    2.0
    >>> joint_entropy([[0.5, 0.0], [0.0, 0.5]], base=2)
    1.0
    """
    return float(entropy(_table("joint", joint).ravel(), base=base))


def conditional_entropy(joint: ArrayLike, given: Axes, *, base: float = np.e) -> float:
    r"""Entropy that is left on average once some variables are known.

    .. math::
        H(X \mid Y) = \sum_y p(y) \, H(X \mid Y = y)
        = -\sum_{x, y} p(x, y) \log p(x \mid y)

    Parameters
    ----------
    joint : array_like, shape (K_1, ..., K_m)
        Probability of each combination of values, with sum 1.
    given : int or sequence of int
        Axes of the variables that are known; at least one other must be left.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    float
        Conditional entropy, in units of the base (nats by default).

    Raises
    ------
    TypeError
        If the table is not real numbers or the axes are not integers.
    ValueError
        If the table has negative entries or another sum than 1, an axis does not fit,
        or the base is not a number above 1.

    References
    ----------
    Cover and Thomas (2006), *Elements of Information Theory*, section 2.2.

    Examples
    --------
    The second of two glued coins holds no surprise:

    >>> conditional_entropy([[0.5, 0.0], [0.0, 0.5]], given=0, base=2)
    0.0
    """
    table = _table("joint", joint)
    axes = _axes("given", given, table.ndim)
    if axes.size == table.ndim:
        raise ValueError(
            f"given: expected at least one axis not given, got all {table.ndim}"
        )
    known = np.moveaxis(table, axes, range(axes.size))
    rows = known.reshape(np.prod(known.shape[: axes.size], dtype=int), -1)
    evidence, conditionals = _rows(rows)
    return float(evidence @ entropy(conditionals, base=base))


def mutual_information(joint: ArrayLike, *, base: float = np.e) -> float:
    r"""Information that one variable gives about the other, on average.

    .. math::
        I(X; Y) = D_{KL}\big(p(x, y) \,\|\, p(x) \, p(y)\big)
        = \sum_x p(x) \, D_{KL}\big(p(y \mid x) \,\|\, p(y)\big)

    The second form is computed: it cannot be negative, and no product of small
    probabilities underflows.

    Parameters
    ----------
    joint : array_like, shape (K_x, K_y)
        Probability of each pair of values, with sum 1.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    float
        Mutual information, at least 0, in units of the base (nats by default).

    Raises
    ------
    TypeError
        If the table is not real numbers.
    ValueError
        If the table has negative entries, another sum than 1, or not two axes, or the
        base is not a number above 1.

    References
    ----------
    Cover and Thomas (2006), *Elements of Information Theory*, sections 2.3 and 2.4.

    Examples
    --------
    Two glued coins share one bit, two coins tossed apart share nothing:

    >>> mutual_information([[0.5, 0.0], [0.0, 0.5]], base=2)
    1.0
    >>> mutual_information([[0.25, 0.25], [0.25, 0.25]], base=2)
    0.0
    """
    table = _table("joint", joint)
    if table.ndim != 2:
        raise ValueError(f"joint: expected two variables, got shape {table.shape}")
    evidence, conditionals = _rows(table)
    # Summed up from the table, so that it is 0 only where all rows are.
    overall = _normalized(table.sum(axis=0))
    return float(evidence @ kl_divergence(conditionals, overall, base=base))


def expected_information(
    prior: ArrayLike, likelihood: ArrayLike, *, base: float = np.e
) -> float:
    r"""Lindley's expected information of an experiment about a discrete unknown.

    .. math::
        I = H(\theta) - \operatorname{E}_x\left[H(\theta \mid x)\right] = I(\theta; x)

    It rates the experiment before the data. What one outcome x really gives,
    :math:`H(\theta) - H(\theta \mid x)`, varies and may be negative.

    Parameters
    ----------
    prior : array_like, shape (K,)
        Probability of each hypothesis, with sum 1.
    likelihood : array_like, shape (K, M)
        Row k holds the probabilities of the M outcomes under hypothesis k.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    float
        Expected information, from 0 to the entropy of the prior, in units of the base
        (nats by default).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the prior or a row of the likelihood is no distribution, the shapes do not
        fit, or the base is not a number above 1.

    References
    ----------
    Lindley (1956), *On a Measure of the Information Provided by an Experiment*,
    theorem 1 and the definitions before it.

    Examples
    --------
    A fair coin or one with two tails; one flip settles it half of the time only:

    >>> flip = [[0.5, 0.5], [0.0, 1.0]]
    >>> round(expected_information([0.5, 0.5], flip, base=2), 6)
    0.311278
    """
    prior = _check.vector("prior", _check.probabilities("prior", prior))
    rows = _check.matrix("likelihood", _check.probabilities("likelihood", likelihood))
    if rows.shape[0] != prior.size:
        raise ValueError(
            f"likelihood: expected {prior.size} rows as prior, got shape {rows.shape}"
        )
    joint = _normalized(prior)[:, np.newaxis] * _normalized(rows)
    return mutual_information(joint, base=base)


def coin_information(prior: Beta, n_flips: int, *, base: float = np.e) -> float:
    r"""Lindley's expected information of coin flips about the coin.

    With h for the differential entropy, and k heads as probable as the prior predicts,

    .. math::
        I = h(a, b) - \sum_{k=0}^n \binom{n}{k}
        \frac{B(a + k, \, b + n - k)}{B(a, b)} \, h(a + k, \, b + n - k)

    It is computed from the side of the data, as the mean of
    :math:`\log p(k \mid \theta) - \log p(k)`, since the entropies h of a prior that is
    nearly sure would cancel.

    Parameters
    ----------
    prior : Beta
        What is known of the probability of heads: one Beta distribution (a, b).
    n_flips : int
        Number n of flips that are planned.
    base : float
        Base of the logarithm: 2 for bits, e for nats, 10 for hartleys.

    Returns
    -------
    float
        Expected information, at least 0, in units of the base (nats by default).

    Raises
    ------
    TypeError
        If the prior is not a Beta distribution.
    ValueError
        If the prior is more than one distribution, the number of flips is not a whole
        number of at least 1, or the base is not a number above 1.

    References
    ----------
    Lindley (1956), *On a Measure of the Information Provided by an Experiment*,
    theorem 1 and the definitions before it.

    Examples
    --------
    One flip of a coin of which nothing is known, ln 2 - 1/2:

    >>> round(coin_information(Beta(1, 1), 1), 6)
    0.193147
    """
    if not isinstance(prior, Beta):
        raise TypeError(f"prior: expected a Beta, got {type(prior).__name__}")
    if prior.a.ndim:
        raise ValueError(
            f"prior: expected one distribution, got parameters of shape {prior.a.shape}"
        )
    n = _check.count("n_flips", n_flips)
    heads, tails = np.arange(n + 1), np.arange(n, -1, -1)
    a, b = float(prior.a), float(prior.b)
    # Of one order of the flips: what the prior predicts, and what is expected of its
    # log probability once the coin is known.
    log_p = _log_rising(a, n) + _log_rising(b, n)[::-1] - _log_rising(a + b, n)[-1]
    log_known = _times_digamma(heads, a) + _times_digamma(tails, b)
    log_known -= n * digamma(a + b + n)
    weight = np.exp(log_p - betaln(heads + 1, tails + 1)) / (n + 1)
    # A mutual information: only rounding can go below zero.
    nats = max(float(weight @ (log_known - log_p)), 0.0)
    return nats / _log_of_base(base)


def _log_rising(a: float, n: int) -> Array:
    """Logarithms of 1, a, a (a + 1), ..., a (a + 1) ... (a + n - 1)."""
    return np.concatenate([[0.0], np.cumsum(np.log(a + np.arange(n)))])


def _times_digamma(count: NDArray[np.intp], a: float) -> Array:
    """Return count digamma(a + count), which is 0 for none, however small a is."""
    return np.asarray(count * digamma(np.where(count > 0, a + count, 1.0)))


def _rows(table: Array) -> tuple[Array, Array]:
    """Return the sum of each row and the row divided by it."""
    evidence = table.sum(axis=1)
    seen = evidence > 0
    return evidence[seen], _normalized(table[seen])


def _normalized(p: Array) -> Array:
    return np.asarray(p / p.sum(axis=-1, keepdims=True))
