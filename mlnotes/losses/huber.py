r"""The Huber loss, the noise that it belongs to, and regression with it.

Lesson: ``losses/huber``.

The loss of a residual r is a parabola that continues straight from
:math:`|r| = \delta` on:

.. math::
    H_\delta(r) = \begin{cases} r^2 / 2 & |r| \le \delta \\
    \delta \, (|r| - \delta / 2) & |r| > \delta. \end{cases}

In units of the noise scale it is, less a constant, the negative log-likelihood of a
density with a Gaussian core and exponential tails, in nats. Other libraries scale it
otherwise: scikit-learn's is :math:`2 H_\delta`, PyTorch's ``smooth_l1_loss`` is
:math:`H_\delta / \delta`, its ``huber_loss`` is this one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import lapack, solve_triangular
from scipy.special import chdtr, erf, expit, ndtr, ndtri

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood.least_squares import fit_ols
from mlnotes.losses.regression import _pull_in
from mlnotes.probability.distributions._shared import Size, _shape

__all__ = [
    "HuberFit",
    "HuberNoise",
    "fit_huber",
    "huber_gradient",
    "huber_loss",
    "mad_scale",
    "normal_efficiency",
]

EPSILON = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)  # numbers below it have few digits
SQRT_2PI = float(np.sqrt(2 * np.pi))


def huber_loss(prediction: ArrayLike, y: ArrayLike, *, delta: float) -> Array:
    r"""Huber loss of each prediction.

    .. math:: H_\delta(r) = m \left( |r| - \frac{m}{2} \right), \qquad
       m = \min(|r|, \delta), \quad r = y - f,

    which is both branches of the definition in one line.

    Parameters
    ----------
    prediction : array_like, shape (...)
        Predictions f.
    y : array_like, shape (...)
        Targets, of a shape that broadcasts with the predictions.
    delta : float
        Residual at which the parabola turns into a straight line, in units of y.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in squared units of y. For residuals in units of the
        noise scale it is a negative log-likelihood in nats, less log Z of
        `HuberNoise`. ``inf`` above the largest floating-point number.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, the shapes do not broadcast or delta is not
        positive.

    References
    ----------
    Huber (1964), *Robust Estimation of a Location Parameter*.

    Examples
    --------
    The residuals 1 and 3, with delta = 2: 1/2, and 2 (3 - 1):

    >>> huber_loss([0.0, 0.0], [1.0, 3.0], delta=2.0).tolist()
    [0.5, 4.0]
    """
    distance = np.abs(_residuals(prediction, y))
    m = np.minimum(distance, _check.positive_number("delta", delta))
    with np.errstate(over="ignore"):
        return np.asarray(m * (distance - m / 2))


def huber_gradient(prediction: ArrayLike, y: ArrayLike, *, delta: float) -> Array:
    r"""Derivative of the Huber loss in the prediction.

    .. math:: \frac{\partial}{\partial f} H_\delta(y - f) = -\psi_\delta(y - f),
       \qquad \psi_\delta(r) = \max(-\delta, \min(r, \delta))

    It is continuous. :math:`\psi`, the pull of a residual, never exceeds delta.

    Parameters
    ----------
    prediction : array_like, shape (...)
        Predictions f.
    y : array_like, shape (...)
        Targets, of a shape that broadcasts with the predictions.
    delta : float
        Residual at which the pull stops growing, in units of y.

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in units of y.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, the shapes do not broadcast or delta is not
        positive.

    References
    ----------
    Huber (1964), *Robust Estimation of a Location Parameter*.

    Examples
    --------
    >>> huber_gradient([0.0, 0.0], [1.0, -3.0], delta=2.0).tolist()
    [-1.0, 2.0]
    """
    delta = _check.positive_number("delta", delta)
    return np.clip(-_residuals(prediction, y), -delta, delta)


@dataclass(frozen=True, slots=True, eq=False)
class HuberNoise:
    r"""Noise whose negative log-likelihood is the Huber loss: Huber's least favorable.

    .. math::
        p(r) = \frac{1}{s Z} \, e^{-H_\delta(r / s)}, \qquad
        Z = \sqrt{2 \pi} \, (2 \Phi(\delta) - 1) + \frac{2}{\delta} e^{-\delta^2 / 2}

    A Gaussian core for :math:`|r| \le \delta s` and exponential tails beyond.

    Parameters
    ----------
    delta : float
        Where the core ends, in units of the scale.
    scale : float
        Scale s of the core, positive. The standard deviation is larger.

    Raises
    ------
    TypeError
        If a parameter is not a real number.
    ValueError
        If a parameter is not one positive number.

    References
    ----------
    Huber (1964), *Robust Estimation of a Location Parameter*.

    Examples
    --------
    The log density falls from the center to 2 by the Huber loss, 2 - 1/2:

    >>> noise = HuberNoise(delta=1.0)
    >>> (noise.log_prob(0.0) - noise.log_prob(2.0)).round(12).tolist()
    1.5
    >>> round(float(np.exp(noise.log_normalizer)), 6)
    2.92431
    """

    delta: float
    scale: float

    def __init__(self, delta: float, scale: float = 1.0) -> None:
        object.__setattr__(self, "delta", _check.positive_number("delta", delta))
        object.__setattr__(self, "scale", _check.positive_number("scale", scale))

    @property
    def log_normalizer(self) -> float:
        """Logarithm of Z, in nats."""
        core, tails = self._log_masses()
        return float(np.logaddexp(core, tails))

    @property
    def contamination(self) -> float:
        r"""Share of the noise beyond a normal of this scale, :math:`1 - \sqrt{2\pi}/Z`.

        The noise is a mixture of this normal and, in this share, of something that
        lives outside the core only.
        """
        # Mass of the tails less that of the normal there; no cancellation in Z.
        _, tails = self._log_masses()
        log_z = self.log_normalizer
        normal = 2 * ndtr(-self.delta) * SQRT_2PI * np.exp(-log_z)
        return float(np.exp(tails - log_z) - normal)

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density, in nats."""
        with np.errstate(over="ignore"):  # an infinite loss is a log density of -inf
            distance = np.abs(_check.real("x", x)) / self.scale
            m = np.minimum(distance, self.delta)
            loss = m * (distance - m / 2)
        return np.asarray(-loss - self.log_normalizer - np.log(self.scale))

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws: first core or tails, then a place there."""
        rng, shape = _check.generator(rng), _shape(size, np.zeros(()))
        log_core, log_tails = self._log_masses()
        in_core = rng.random(shape) < expit(log_core - log_tails)
        below = ndtr(-self.delta)
        core = ndtri(below + (1 - 2 * below) * rng.random(shape))
        tail = self.delta + rng.standard_exponential(shape) / self.delta
        sign = rng.choice([-1.0, 1.0], shape)
        return np.asarray(self.scale * np.where(in_core, core, sign * tail))

    def mean(self) -> Array:
        """Mean, zero."""
        return np.asarray(0.0)

    def variance(self) -> Array:
        """Variance, larger than the scale squared."""
        _, tails = self._log_masses()
        outside = float(np.exp(tails - self.log_normalizer))  # share of the tails
        decay = self.scale / self.delta  # mean excess over the threshold
        return np.asarray(
            self.scale * self.scale * (1 + outside) + 2 * outside * decay * decay
        )

    def _log_masses(self) -> tuple[float, float]:
        """Logarithms of the integrals of exp(-H) over the core and over the tails."""
        d = self.delta
        with np.errstate(over="ignore"):  # a square that overflows: no tails
            tails = np.log(2) - np.log(d) - np.square(d) / 2
        return float(np.log(SQRT_2PI * erf(d / np.sqrt(2)))), float(tails)


def normal_efficiency(delta: float) -> float:
    r"""Efficiency of the Huber estimate of a location when the noise is normal.

    Its variance in large samples is :math:`V / n`, with

    .. math:: V = \frac{\operatorname{E}[\psi_\delta(\varepsilon)^2]}
        {P(|\varepsilon| \le \delta)^2}, \qquad \varepsilon \sim N(0, 1),

    and that of the mean is :math:`1 / n`. The efficiency is 1 / V.

    Parameters
    ----------
    delta : float
        Threshold in units of the noise scale.

    Returns
    -------
    float
        Share of the observations that the mean would need, from 2 / pi to 1.

    Raises
    ------
    TypeError
        If delta is not a real number.
    ValueError
        If delta is not one positive number.

    References
    ----------
    Huber (1964), *Robust Estimation of a Location Parameter*.

    Examples
    --------
    >>> round(normal_efficiency(1.345), 4)
    0.95
    """
    # Beyond these ends nothing changes in any digit.
    d = min(max(_check.positive_number("delta", delta), 1e-150), 40.0)
    # The squares inside sum to a probability of chi-squared with 3 degrees of freedom.
    square = chdtr(3, d**2) + 2 * d**2 * ndtr(-d)  # E[psi^2]
    return float(erf(d / np.sqrt(2)) ** 2 / square)


def mad_scale(x: ArrayLike) -> float:
    r"""Scale of normal noise from the median absolute deviation (MAD).

    .. math:: s = \frac{\operatorname{median}_i |x_i - \operatorname{median}_j x_j|}
        {\Phi^{-1}(3/4)}

    Half of a normal lies within :math:`\Phi^{-1}(3/4) = 0.6745` standard deviations of
    its center. Not even outliers of nearly half the data can carry it away.

    Parameters
    ----------
    x : array_like, shape (n,)
        Observations, or residuals of a robust fit.

    Returns
    -------
    float
        Estimate of the standard deviation, in units of x.

    Raises
    ------
    TypeError
        If x is not real numbers.
    ValueError
        If x is not a finite vector, or more than half of it is one value.

    References
    ----------
    Hampel (1974), *The Influence Curve and Its Role in Robust Estimation*.

    Examples
    --------
    Deviations 2, 1, 0, 1, 2 and 80 from the median, with the median 1.5:

    >>> round(mad_scale([8.0, 9.0, 10.0, 10.0, 11.0, 90.0]), 6)
    1.482602
    """
    halves = _check.vector("x", x) / 2  # whose differences do not overflow
    middle = 2 * float(np.median(np.abs(halves - np.median(halves))))
    if middle == 0:
        raise ValueError(
            "x: expected at most half of the numbers to be equal, got the median "
            "absolute deviation 0, which tells nothing about the scale"
        )
    return middle / float(ndtri(0.75))


@dataclass(frozen=True, slots=True, eq=False)
class HuberFit:
    """Linear regression with the Huber loss.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Estimate, in units of the target per unit of each column.
    weights : ndarray, shape (n,)
        Weight of each example, min(1, delta scale / |r|): its pull as a share of what
        least squares would let it pull.
    losses : ndarray, shape (number of iterates,)
        Summed Huber loss of the residuals in units of the scale, at each iterate, in
        nats; the last is that of the coefficients.
    converged : bool
        Whether the coefficients are the minimum, up to the tolerance of the search.
    """

    coefficients: Array
    weights: Array
    losses: Array
    converged: bool

    def __post_init__(self) -> None:
        _check.freeze(self, ["coefficients", "weights", "losses"])


def fit_huber(
    X: ArrayLike,
    y: ArrayLike,
    *,
    scale: float,
    delta: float = 1.345,
    tol: float = 1e-10,
    max_iter: int = 100,
) -> HuberFit:
    r"""Linear regression with the Huber loss, for noise of a given scale.

    .. math:: \hat\beta \in \operatorname*{arg\,min}_\beta
       \sum_i H_\delta\left(\frac{y_i - x_i^T \beta}{s}\right)

    The search starts at least squares. A Newton step solves for the minimum as if no
    residual crossed a threshold, and ends the search exactly once none does. Where it
    would not lower the loss, a round of iteratively reweighted least squares, which
    always does, takes its place:

    .. math:: \beta' = \operatorname*{arg\,min}_\beta \sum_i w_i (y_i - x_i^T \beta)^2,
       \qquad w_i = \min(1, \, \delta s / |r_i|).

    A minimum is proved, not guessed. For all numbers :math:`|u_i| \le \delta` with
    :math:`X^T u = 0` no coefficients have a summed loss below
    :math:`\sum_i (u_i y_i / s - u_i^2 / 2)`, and the pulls of the residuals at the
    minimum reach this bound.

    Targets so far out that only their side can matter are pulled in for the search, or
    their size would drown the digits of all others.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with its intercept column, if it has one; a column of ones alone
        for a location.
    y : array_like, shape (n,)
        Targets.
    scale : float
        Scale s of the noise, in units of y: known, or estimated before, for example
        by `mad_scale` from the residuals of a robust fit. It is not estimated here.
    delta : float
        Threshold in units of the scale. 1.345 gives 95 % efficiency for normal noise.
    tol : float
        Share of the summed loss that may at most be left to gain.
    max_iter : int
        Largest number of steps. About 5 are needed, but many for a delta far below
        0.1; its limit is `mlnotes.losses.regression.fit_lad`.

    Returns
    -------
    HuberFit
        Coefficients (units of y per unit of each column), weights, trace of the loss
        (nats) and convergence.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If X is not a finite matrix with independent columns, y does not have one
        finite target for each row, the scale, delta, the tolerance or the number of
        steps is not positive, or the targets are too large to be added up, in their
        unit or in units of the scale.

    References
    ----------
    Huber and Ronchetti (2009), *Robust Statistics*, sections 7.3, 7.7 and 7.8.

    Examples
    --------
    The readings 1 to 4 have the sum 10; the wild one pulls like delta, 2, so that the
    location is (10 + 2) / 4:

    >>> fit = fit_huber(np.ones((5, 1)), [1, 2, 3, 4, 90], scale=1.0, delta=2.0)
    >>> fit.coefficients.round(12).tolist(), fit.converged
    ([3.0], True)
    """
    y = _check.vector("y", y)
    s = _check.positive_number("scale", scale)
    d = _check.positive_number("delta", delta)
    tol = _check.positive_number("tol", tol)
    max_iter = _check.count("max_iter", max_iter)
    near = _pull_in(y, d * s)
    while True:
        beta, path, converged = _search(X, near, s, d, tol, max_iter)
        excess, r = _scaled(y - near, s), path[-1]
        crossed = (excess != 0) & (np.clip(r, -d, d) != np.clip(r + excess, -d, d))
        if not crossed.any():
            break
        near = np.where(crossed, y, near)
    losses = np.array([_summed_loss(r + excess, d) for r in path])
    return HuberFit(beta, _weights(path[-1] + excess, d), losses, converged)


def _search(
    X: ArrayLike, y: Array, s: float, d: float, tol: float, max_iter: int
) -> tuple[Array, list[Array], bool]:
    """Coefficients, residuals in units of the scale at each iterate, convergence."""
    with np.errstate(over="ignore"):  # the sum of squares, which is not needed
        start = fit_ols(X, y)
    X = _check.matrix("X", X)
    # Orthonormal columns, so that no unit of measurement matters; X beta = Q gamma.
    R = start.covariance_factor
    Q = np.asarray(solve_triangular(R, X.T, trans="T", check_finite=False).T)
    rest = _scaled(y - X @ start.coefficients, s)
    gamma, path, lowest = np.zeros(len(R)), [rest], _summed_loss(rest, d)
    if not np.isfinite(lowest):
        raise ValueError(
            "scale: expected a scale for which the summed loss is a floating-point "
            f"number, got {s:g}"
        )
    noise = np.full(y.size, 16 * EPSILON * np.abs(y).max() / s)  # rounding of y
    for steps_left in reversed(range(max_iter + 1)):
        r = path[-1]
        pull = np.clip(r, -d, d)
        slope = Q.T @ pull
        tolerance = max(tol * lowest, _summed_loss(noise, d), TINY)
        floor = _lower_bound(pull - Q @ slope, rest, d)
        converged = lowest - floor <= tolerance
        if not steps_left:
            break
        for w in (np.abs(r) <= d, _weights(r, d)):
            step = gamma + _solve(Q, w, slope)
            candidate = rest - Q @ step
            loss = _summed_loss(candidate, d)
            if loss < lowest:
                gamma, lowest = step, loss
                path.append(candidate)
                break
        else:
            break  # rounding hides what is left to gain
        if converged:  # before the last step, which was a tiny one
            break
    beta = start.coefficients + s * solve_triangular(R, gamma, check_finite=False)
    return beta, path, converged


def _scaled(residuals: Array, s: float) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(residuals / s)


def _summed_loss(r: Array, d: float) -> float:
    m = np.minimum(np.abs(r), d)
    with np.errstate(over="ignore"):
        return float(m @ (np.abs(r) - m / 2))


def _weights(r: Array, d: float) -> Array:
    """Pull of each residual as a share of its size."""
    return d / np.maximum(np.abs(r), d)


def _solve(Q: Array, w: NDArray[np.float64 | np.bool], slope: Array) -> Array:
    """Step (Q'WQ)^-1 slope; no step at all if the matrix is singular."""
    _, step, failed = lapack.dposv(Q.T @ (w[:, None] * Q), slope)
    return np.zeros(slope.size) if failed else np.asarray(step)


def _lower_bound(u: Array, rest: Array, d: float) -> float:
    """Bound u'r - u'u / 2 on every summed loss, for u with Q'u = 0 and |u| <= d."""
    u = u * (d / max(np.abs(u).max(), d))
    return float(u @ rest - u @ u / 2)


def _residuals(prediction: ArrayLike, y: ArrayLike) -> Array:
    predictions, targets = _check.together(prediction=prediction, y=y)
    with np.errstate(over="ignore"):
        return np.asarray(targets - predictions)
