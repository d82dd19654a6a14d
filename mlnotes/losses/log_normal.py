r"""Log-normal regression: the logarithm of the response is normal.

Lesson: ``losses/log-normal``.

.. math:: \log y_i \sim N(m_i, \sigma^2), \qquad m_i = x_i^T \beta,

or, written as multiplicative noise, :math:`y_i = e^{m_i} \eta_i` with
:math:`\log \eta_i \sim N(0, \sigma^2)`. The number :math:`m_i` is the logarithm of the
median; mode, median and mean of the response are :math:`e^{m - \sigma^2}`,
:math:`e^m` and :math:`e^{m + \sigma^2 / 2}`. Losses are in nats, one for each example.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood.least_squares import fit_ols
from mlnotes.losses.recipe import normal_gradient, normal_loss
from mlnotes.probability.distributions import LogNormal

__all__ = [
    "LogNormalFit",
    "fit_log_normal",
    "log_normal_gradient",
    "log_normal_loss",
]


def log_normal_loss(log_median: ArrayLike, log_scale: ArrayLike, y: ArrayLike) -> Array:
    r"""Negative log-likelihood of a positive response with multiplicative noise.

    .. math:: \operatorname{nll} = \log y + s + \frac{1}{2} \log 2 \pi
       + \frac{(\log y - m)^2}{2 e^{2 s}}

    It is the Normal loss of :math:`\log y` plus the Jacobian term :math:`\log y`, which
    no prediction changes, but without which the loss is not one of y.

    Parameters
    ----------
    log_median : array_like, shape (...)
        Predicted logarithm m of the median.
    log_scale : array_like, shape (...)
        Predicted logarithm :math:`s = \log \sigma` of the standard deviation of
        :math:`\log y`, from -700 to 700.
    y : array_like, shape (...)
        Observations > 0.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, an observation is not positive, the scale is no
        floating-point number, or the shapes do not broadcast.

    References
    ----------
    Johnson, Kotz and Balakrishnan (1994), *Continuous Univariate Distributions*,
    volume 1, chapter 14.

    Examples
    --------
    At the median e^m the square vanishes; twice the median costs log 2 more than that
    and half of (log 2)^2:

    >>> log_normal_loss(0.0, 0.0, [1.0, 2.0]).round(6).tolist()
    [0.918939, 1.852312]
    """
    m, s, log_y = _logs(log_median, log_scale, y)
    return np.asarray(normal_loss(m, s, log_y) + log_y)


def log_normal_gradient(
    log_median: ArrayLike, log_scale: ArrayLike, y: ArrayLike
) -> tuple[Array, Array]:
    r"""Derivatives of `log_normal_loss` in the log median and in the log scale.

    .. math::
       \frac{\partial \operatorname{nll}}{\partial m} = \frac{m - \log y}{e^{2 s}},
       \qquad \frac{\partial \operatorname{nll}}{\partial s}
       = 1 - \frac{(\log y - m)^2}{e^{2 s}}

    Parameters
    ----------
    log_median : array_like, shape (...)
        Predicted logarithm m of the median.
    log_scale : array_like, shape (...)
        Predicted logarithm s of the standard deviation of :math:`\log y`, from -700 to
        700.
    y : array_like, shape (...)
        Observations > 0.

    Returns
    -------
    in_log_median : ndarray, shape (...)
        Derivative of the loss of each example in its log median, in nats.
    in_log_scale : ndarray, shape (...)
        Derivative of the loss of each example in its log scale, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, an observation is not positive, the scale is no
        floating-point number, or the shapes do not broadcast.

    References
    ----------
    Johnson, Kotz and Balakrishnan (1994), *Continuous Univariate Distributions*,
    volume 1, chapter 14.

    Examples
    --------
    An observation of e, two units below the predicted log median of 3:

    >>> [round(float(g), 6) for g in log_normal_gradient(3.0, 0.0, np.e)]
    [2.0, -3.0]
    """
    return normal_gradient(*_logs(log_median, log_scale, y))


@dataclass(frozen=True, slots=True, eq=False)
class LogNormalFit:
    """Maximum likelihood estimate of a log-normal regression.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Estimate; one more unit of a column multiplies the median by e^coefficient.
    scale : float
        Maximum likelihood estimate of the standard deviation of log y, SSE / n under
        the root.
    residuals : ndarray, shape (n,)
        Residuals of log y: logarithms of observation over fitted median.
    negative_log_likelihood : float
        Of the observations y, not of their logarithms, in nats.
    """

    coefficients: Array
    scale: float
    residuals: Array
    negative_log_likelihood: float

    def __post_init__(self) -> None:
        _check.freeze(self, ["coefficients", "residuals"])

    @property
    def smearing_factor(self) -> float:
        """Mean over median, estimated without normality: the mean of e^residual."""
        return float(np.exp(self.residuals).mean())

    def predict(self, X: ArrayLike) -> LogNormal:
        """Predicted distribution of the response for each row of a design matrix.

        Parameters
        ----------
        X : array_like, shape (m, p)
            Design matrix with the columns of the fit.

        Returns
        -------
        LogNormal
            One distribution for each row. It takes the coefficients and the scale for
            known.
        """
        rows = _check.matrix("X", X)
        if rows.shape[1] != self.coefficients.size:
            raise ValueError(
                f"X: expected {self.coefficients.size} columns, got {rows.shape[1]}"
            )
        return LogNormal(rows @ self.coefficients, self.scale)


def fit_log_normal(X: ArrayLike, y: ArrayLike) -> LogNormalFit:
    r"""Log-normal regression, which is least squares on the logarithm of the response.

    .. math:: \hat\beta = \operatorname*{arg\,min}_\beta
       \sum_{i=1}^n (\log y_i - x_i^T \beta)^2, \qquad
       \hat\sigma^2 = \frac{1}{n} \sum_{i=1}^n (\log y_i - x_i^T \hat\beta)^2

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with its intercept column, if it has one.
    y : array_like, shape (n,)
        Observations > 0.

    Returns
    -------
    LogNormalFit
        Coefficients, scale and residuals of log y (without unit), and the negative
        log-likelihood of y (nats).

    Raises
    ------
    TypeError
        If X or y are not real numbers.
    ValueError
        If X is not a finite matrix with independent columns, y does not have one
        positive observation for each row, or the model fits all of them exactly, so
        that the likelihood has no maximum.

    References
    ----------
    Aitchison and Brown (1957), *The Lognormal Distribution*.

    Examples
    --------
    Without features the median is the geometric mean, here 2:

    >>> fit = fit_log_normal(np.ones((3, 1)), [1.0, 2.0, 4.0])
    >>> np.exp(fit.coefficients).round(6).tolist(), round(fit.scale**2, 6)
    ([2.0], 0.320302)
    >>> fit.predict([[1.0]]).mean().round(6).tolist()  # 2 exp(0.320302 / 2)
    [2.347376]
    """
    observed = _check.vector("y", _check.positive("y", y))
    log_y = np.log(observed)
    ols = fit_ols(X, log_y)
    residuals = log_y - np.asarray(X, dtype=np.float64) @ ols.coefficients
    scale = float(np.sqrt(ols.variance_mle))
    # Rounding leaves residuals of about 1e-16 of the logarithms where the fit is exact.
    if not scale > 1e-13 * max(1.0, float(np.abs(log_y).max())):
        raise ValueError(
            "y: expected observations that the model does not fit exactly: "
            f"the likelihood grows without bound as the scale shrinks, got {scale:.3g}"
        )
    losses = log_normal_loss(log_y - residuals, np.log(scale), observed)
    return LogNormalFit(
        coefficients=ols.coefficients,
        scale=scale,
        residuals=residuals,
        negative_log_likelihood=float(losses.sum()),
    )


def _logs(
    log_median: ArrayLike, log_scale: ArrayLike, y: ArrayLike
) -> tuple[Array, Array, Array]:
    m, s, observed = _check.together(log_median=log_median, log_scale=log_scale, y=y)
    return m, s, np.log(_check.positive("y", observed))
