r"""Information criteria: a maximized log-likelihood and a price for the parameters.

Lesson: ``likelihood/model-selection``.

A model with k free parameters reaches the maximum :math:`\hat\ell` of its
log-likelihood on n observations. Conventions of this module: natural logarithms,
criteria on the scale of :math:`-2 \hat\ell`, lower is better. Criteria are comparable
between models of the *same* observations in the *same* units, and k counts every
parameter that was fitted, a noise variance too. All functions are vectorized over
models.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["aic", "aicc", "bic", "model_weights"]


def aic(log_likelihood: ArrayLike, n_parameters: ArrayLike) -> Array:
    r"""Akaike's information criterion.

    .. math:: \mathrm{AIC} = 2 k - 2 \hat\ell

    Parameters
    ----------
    log_likelihood : array_like, shape (...)
        Maximized log-likelihood of each model, in nats.
    n_parameters : array_like, shape (...)
        Number of free parameters of each model, k, from 0.

    Returns
    -------
    ndarray, shape (...)
        Criterion of each model, in half nats: the scale of -2 log-likelihood; lower
        is better.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the log-likelihoods are not finite, the numbers of parameters are not whole
        numbers >= 0, or the shapes do not broadcast.

    References
    ----------
    Akaike (1974), *A New Look at the Statistical Model Identification*.

    Examples
    --------
    Two heads in two flips: the fair coin, and the free coin with p = 1.

    >>> aic([2 * np.log(0.5), 0.0], [0, 1]).round(6).tolist()
    [2.772589, 2.0]
    """
    ell, k = _models(log_likelihood, n_parameters)
    return np.asarray(2 * k - 2 * ell)


def aicc(
    log_likelihood: ArrayLike, n_parameters: ArrayLike, n_examples: ArrayLike
) -> Array:
    r"""AIC with the exact correction for linear regression with normal noise.

    .. math:: \mathrm{AICc} = \frac{2 k n}{n - k - 1} - 2 \hat\ell
       = \mathrm{AIC} + \frac{2 k (k + 1)}{n - k - 1}

    Here k counts the coefficients and the noise variance, which has to be fitted. For
    other models the correction is a rule of thumb.

    Parameters
    ----------
    log_likelihood : array_like, shape (...)
        Maximized log-likelihood of each model, in nats.
    n_parameters : array_like, shape (...)
        Number of free parameters of each model, k, from 0.
    n_examples : array_like, shape (...)
        Number of observations, n, at least k + 2.

    Returns
    -------
    ndarray, shape (...)
        Criterion of each model, in half nats: the scale of -2 log-likelihood; lower
        is better.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the log-likelihoods are not finite, a number of parameters or examples is
        not a whole number or too small, or the shapes do not broadcast.

    References
    ----------
    Hurvich and Tsai (1989), *Regression and Time Series Model Selection in Small
    Samples*.

    Examples
    --------
    Ten examples and four parameters cost 2 * 4 * 10 / 5 = 16 instead of 8:

    >>> aicc(0.0, 4, 10).tolist()
    16.0
    """
    ell, k = _models(log_likelihood, n_parameters)
    n = _examples(n_examples, k)
    left = n - k - 1
    if left.min() <= 0:
        worst = np.unravel_index(left.argmin(), left.shape)
        raise ValueError(
            "n_examples: expected at least n_parameters + 2, got "
            f"{np.broadcast_to(n, left.shape)[worst]:g} for "
            f"{np.broadcast_to(k, left.shape)[worst]:g} parameters"
        )
    return np.asarray(2 * k * n / left - 2 * ell)


def bic(
    log_likelihood: ArrayLike, n_parameters: ArrayLike, n_examples: ArrayLike
) -> Array:
    r"""Schwarz's Bayesian information criterion.

    .. math:: \mathrm{BIC} = k \log n - 2 \hat\ell

    Parameters
    ----------
    log_likelihood : array_like, shape (...)
        Maximized log-likelihood of each model, in nats.
    n_parameters : array_like, shape (...)
        Number of free parameters of each model, k, from 0.
    n_examples : array_like, shape (...)
        Number of independent observations, n, from 1.

    Returns
    -------
    ndarray, shape (...)
        Criterion of each model, in half nats: the scale of -2 log-likelihood; lower
        is better.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the log-likelihoods are not finite, a number of parameters or examples is
        not a whole number or too small, or the shapes do not broadcast.

    References
    ----------
    Schwarz (1978), *Estimating the Dimension of a Model*.

    Examples
    --------
    Two heads in two flips: the fair coin, and the free coin with p = 1.

    >>> bic([2 * np.log(0.5), 0.0], [0, 1], 2).round(6).tolist()
    [2.772589, 0.693147]
    """
    ell, k = _models(log_likelihood, n_parameters)
    return np.asarray(k * np.log(_examples(n_examples, k)) - 2 * ell)


def model_weights(criterion: ArrayLike) -> Array:
    r"""Weights of models from their criteria, along the last axis.

    .. math:: w_i = \frac{e^{-C_i / 2}}{\sum_j e^{-C_j / 2}}

    Of AIC they are Akaike weights, of BIC approximate posterior probabilities of
    models that were equally probable before the data. If C is -2 log evidence the
    probabilities are exact.

    Parameters
    ----------
    criterion : array_like, shape (..., K)
        Criteria of K models, in half nats: the scale of -2 log-likelihood.

    Returns
    -------
    ndarray, shape (..., K)
        Weights of the models, positive shares that sum to 1 along the last axis.

    Raises
    ------
    TypeError
        If the criteria are not real numbers.
    ValueError
        If the criteria are not finite or have no axis of models.

    References
    ----------
    Burnham and Anderson (2002), *Model Selection and Multimodel Inference*, section
    2.9.

    Examples
    --------
    A difference of 2 log 3 is a ratio of 3 to 1:

    >>> model_weights([0.0, 2 * np.log(3)]).round(6).tolist()
    [0.75, 0.25]
    """
    values = _check.real("criterion", criterion)
    if values.ndim == 0:
        raise ValueError("criterion: expected an axis of models, got a single number")
    return np.asarray(softmax(-values / 2, axis=-1))


def _models(log_likelihood: ArrayLike, n_parameters: ArrayLike) -> tuple[Array, Array]:
    """Return log-likelihoods and whole numbers of parameters, broadcast."""
    ell = _check.real("log_likelihood", log_likelihood)
    k = _check.whole("n_parameters", n_parameters)
    _check.broadcastable("n_parameters", k, ell.shape)
    ell, k = np.broadcast_arrays(ell, k)
    return ell, k


def _examples(n_examples: ArrayLike, k: Array) -> Array:
    """Return whole numbers of examples that broadcast."""
    n = _check.whole("n_examples", n_examples, least=1)
    _check.broadcastable("n_examples", n, k.shape)
    return n
