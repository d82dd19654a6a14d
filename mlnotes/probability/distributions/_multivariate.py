"""Distributions of vectors, of probability vectors and of scatter matrices."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular
from scipy.special import softmax

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.probability.distributions._shared import (
    LOG_2PI,
    Size,
    _log_kernel,
    _log_minus_digamma,
    _shape,
    _stirling,
    _weights,
)

__all__ = ["Dirichlet", "MultivariateNormal", "Wishart"]

BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class MultivariateNormal:
    r"""Multivariate normal distribution :math:`N(\mu, \Sigma)` in d dimensions.

    .. math::
        p(x \mid \mu, \Sigma) = \frac{1}{\sqrt{(2 \pi)^d |\Sigma|}}
        \exp\left(-\tfrac12 (x - \mu)^T \Sigma^{-1} (x - \mu)\right)

    With the Cholesky factor of the covariance, :math:`\Sigma = L L^T`, the exponent is
    half the squared length of :math:`z = L^{-1} (x - \mu)`, and
    :math:`\mu + L z` with standard normal z is a draw.

    Parameters
    ----------
    loc : array_like, shape (d,)
        Mean :math:`\mu`.
    covariance_matrix : array_like, shape (d, d)
        Covariance :math:`\Sigma`, symmetric and positive definite.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If the shapes do not fit or the covariance is not symmetric or not positive
        definite to working precision.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.3.

    Examples
    --------
    >>> plane = MultivariateNormal([0, 0], [[4, 2], [2, 2]])
    >>> seen = plane.conditional([0], [2.0])
    >>> seen.loc.tolist(), seen.covariance_matrix.tolist()
    ([1.0], [[1.0]])
    """

    loc: Array
    covariance_matrix: Array

    def __init__(self, loc: ArrayLike, covariance_matrix: ArrayLike) -> None:
        loc = _check.vector("loc", loc)
        matrix = _positive_definite("covariance_matrix", covariance_matrix, loc.size)
        object.__setattr__(self, "loc", loc)
        object.__setattr__(self, "covariance_matrix", matrix)
        _check.freeze(self, ["loc", "covariance_matrix"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density of each vector along the last axis, in nats."""
        x = _vectors(x, self.loc.size)
        deviations, factor = _scaled_cholesky(self.covariance_matrix)
        inverse = solve_triangular(factor, np.eye(self.loc.size), lower=True)
        constant = 0.5 * (self.loc.size * LOG_2PI + self._log_determinant())
        rows = x.reshape(-1, self.loc.size)
        result = np.empty(len(rows))
        for i in range(0, len(rows), BLOCK):  # so that all stays in the cache
            with np.errstate(over="ignore"):
                z = (rows[i : i + BLOCK] - self.loc) / deviations
            squares = _squared_lengths(inverse, z)
            result[i : i + BLOCK] = -0.5 * squares - constant
        return result.reshape(x.shape[:-1])

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent vectors, ``size`` of them before the axis of length d."""
        z = _check.generator(rng).standard_normal(_shape(size, self.loc))
        deviations, factor = _scaled_cholesky(self.covariance_matrix)
        return np.asarray(self.loc + deviations * (z @ factor.T))

    def mean(self) -> Array:
        """Mean, loc."""
        return self.loc

    def variance(self) -> Array:
        """Variance of each component, the diagonal of the covariance."""
        return np.diagonal(self.covariance_matrix).copy()

    def covariance(self) -> Array:
        """Covariance matrix."""
        return self.covariance_matrix

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        return np.asarray(
            0.5 * (self.loc.size * (LOG_2PI + 1) + self._log_determinant())
        )

    def marginal(self, kept: ArrayLike) -> Self:
        """Distribution of some components.

        Parameters
        ----------
        kept : array_like of int, shape (k,)
            Numbers of the components, from 0, each at most once.
        """
        kept = _components("kept", kept, self.loc.size)
        return type(self)(self.loc[kept], self.covariance_matrix[np.ix_(kept, kept)])

    def conditional(self, given: ArrayLike, values: ArrayLike) -> Self:
        """Distribution of the other components once some are known.

        Parameters
        ----------
        given : array_like of int, shape (k,)
            Numbers of the known components, from 0, fewer than d.
        values : array_like, shape (k,)
            Their values.
        """
        given = _components("given", given, self.loc.size)
        if given.size == self.loc.size:
            raise ValueError(
                f"given: expected fewer than {self.loc.size} components, got all"
            )
        values = _check.vector("values", values, given.size)
        rest = np.setdiff1d(np.arange(self.loc.size), given)
        across = self.covariance_matrix[np.ix_(given, rest)]
        deviations, factor = _scaled_cholesky(
            self.covariance_matrix[np.ix_(given, given)]
        )
        half = solve_triangular(factor, across / deviations[:, None], lower=True)
        z = (values - self.loc[given]) / deviations
        shift = solve_triangular(factor, z, lower=True)
        matrix = self.covariance_matrix[np.ix_(rest, rest)] - half.T @ half
        return type(self)(self.loc[rest] + half.T @ shift, matrix)

    @classmethod
    def mle(cls, x: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Maximize the likelihood: (weighted) mean and covariance, divided by n.

        Parameters
        ----------
        x : array_like, shape (n, d)
            Observations, more than d of them and in no common hyperplane.
        weights : array_like, shape (n,), optional
            Non-negative weights of the observations.
        """
        x = _check.matrix("x", x)
        w = np.ones(len(x)) if weights is None else _weights(weights, len(x))
        w = w / w.sum()
        loc = w @ x
        deviations = x - loc
        with np.errstate(over="ignore", invalid="ignore"):
            scatter = deviations.T @ (deviations * w[:, None])
        largest = np.abs(deviations[w > 0]).max(axis=0)
        variances = np.diagonal(scatter)
        if not (np.isfinite(scatter).all() and (variances[largest > 0] > 0).all()):
            raise ValueError(
                "x: expected deviations from the mean with squares from 1e-308 to "
                f"1e308, got deviations up to {largest.max():g}"
            )
        try:
            return cls(loc, scatter)
        except ValueError:
            raise ValueError(
                "x: expected vectors that vary in every direction, got some in a "
                "hyperplane: the likelihood has no maximum"
            ) from None

    def _log_determinant(self) -> float:
        deviations, factor = _scaled_cholesky(self.covariance_matrix)
        return float(2 * (np.log(deviations) + np.log(np.diagonal(factor))).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Dirichlet:
    r"""Dirichlet distribution, on probability vectors; the beta for K outcomes.

    .. math::
        p(x \mid \alpha) = \frac{\Gamma(\sum_k \alpha_k)}{\prod_k \Gamma(\alpha_k)}
        \prod_k x_k^{\alpha_k - 1}, \qquad x_k \ge 0, \quad \sum_k x_k = 1

    Parameters
    ----------
    concentration : array_like, shape (..., K)
        Weights :math:`\alpha_k > 0` of the K >= 2 outcomes along the last axis.

    Raises
    ------
    TypeError
        If the concentration is not real numbers.
    ValueError
        If it is not positive or there are fewer than two outcomes.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.2.1.

    Examples
    --------
    >>> Dirichlet([2, 1, 1]).mean().tolist()
    [0.5, 0.25, 0.25]
    """

    concentration: Array

    def __init__(self, concentration: ArrayLike) -> None:
        array = _check.positive("concentration", concentration)
        if array.ndim == 0 or array.shape[-1] < 2:
            raise ValueError(
                "concentration: expected an axis of at least 2 outcomes, "
                f"got shape {array.shape}"
            )
        object.__setattr__(self, "concentration", array)
        _check.freeze(self, ["concentration"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density of each probability vector along the last axis, in nats."""
        a = self.concentration
        x = _vectors(x, a.shape[-1])
        try:
            np.broadcast_shapes(x.shape, a.shape)
        except ValueError:
            raise ValueError(
                "x: expected a shape that broadcasts with the parameters, "
                f"{a.shape}, got {x.shape}"
            ) from None
        sums = x.sum(axis=-1)
        inside = (x >= 0).all(axis=-1) & (abs(sums - 1) <= _check.SUM_TOLERANCE)
        inside = inside & ~((x == 0) & (a > 1)).any(axis=-1)
        safe = np.where(inside[..., None], x, 1 / x.shape[-1])
        safe /= safe.sum(axis=-1, keepdims=True)
        # The ratio of a density of gamma variables and that of their sum.
        total = a.sum(axis=-1, keepdims=True)
        constant = _stirling(total) + (a.shape[-1] - 1) * np.log(total)
        with np.errstate(divide="ignore"):
            kernels = _log_kernel(
                a - 1, a, total * safe, lambda: np.log(total) + np.log(safe)
            )
        log_p = constant[..., 0] + (kernels - _stirling(a)).sum(axis=-1)
        return np.where(inside, log_p, -np.inf)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent probability vectors, ``size`` of them before the shape."""
        shape = _shape(size, self.concentration)
        rng = _check.generator(rng)
        # Gamma(a) is Gamma(a + 1) U^(1/a): logarithms keep tiny concentrations.
        log_gamma = np.log(rng.standard_gamma(self.concentration + 1, shape))
        log_gamma -= rng.standard_exponential(shape) / self.concentration
        return np.asarray(softmax(log_gamma, axis=-1))

    def mean(self) -> Array:
        """Mean, the shares of the concentration."""
        total = self.concentration.sum(axis=-1, keepdims=True)
        return np.asarray(self.concentration / total)

    def variance(self) -> Array:
        """Variance of each component, m (1 - m) / (1 + total concentration)."""
        m = self.mean()
        total = self.concentration.sum(axis=-1, keepdims=True)
        return np.asarray(m * (1 - m) / (1 + total))

    def covariance(self) -> Array:
        """Covariance matrices, shape (..., K, K)."""
        m = self.mean()
        total = self.concentration.sum(axis=-1)[..., None, None]
        diagonal = m[..., None] * np.eye(m.shape[-1])
        return np.asarray((diagonal - m[..., None] * m[..., None, :]) / (1 + total))

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        a = self.concentration
        K, total = a.shape[-1], a.sum(axis=-1)
        # Logarithms of Gamma and digammas, less what cancels between them.
        terms = _stirling(a) + (a - 1) * _log_minus_digamma(a)
        of_total = _stirling(total) + (total - K) * _log_minus_digamma(total)
        return np.asarray(terms.sum(axis=-1) - of_total - (K - 1) * np.log(total))


@dataclass(frozen=True, slots=True, eq=False)
class Wishart:
    r"""Distribution of the scatter matrix of ``df`` draws from :math:`N(0, \Sigma)`.

    .. math::
        p(S \mid \nu, \Sigma) = \frac{|S|^{(\nu - d - 1)/2}
        e^{-\operatorname{tr}(\Sigma^{-1} S) / 2}}
        {2^{\nu d / 2} |\Sigma|^{\nu / 2} \Gamma_d(\nu / 2)}

    Parameters
    ----------
    df : array_like, shape ()
        Degrees of freedom :math:`\nu > d - 1`.
    scale : array_like, shape (d, d)
        Covariance :math:`\Sigma` of one draw, positive definite. The mean of the
        Wishart distribution is :math:`\nu \Sigma`.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If there are too few degrees of freedom or the scale is not symmetric or not
        positive definite to working precision.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, appendix B.

    Examples
    --------
    >>> Wishart(10, [[2.0, 0.5], [0.5, 1.0]]).mean().tolist()
    [[20.0, 5.0], [5.0, 10.0]]
    """

    df: Array
    scale: Array

    def __init__(self, df: ArrayLike, scale: ArrayLike) -> None:
        nu = _check.number("df", df)
        matrix = _positive_definite("scale", scale)
        if not nu > len(matrix) - 1:
            raise ValueError(f"df: expected a number > {len(matrix) - 1}, got {nu:g}")
        object.__setattr__(self, "df", np.asarray(nu))
        object.__setattr__(self, "scale", matrix)
        _check.freeze(self, ["df", "scale"])

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density of each matrix (..., d, d), in nats."""
        d = len(self.scale)
        x = _check.real("x", x)
        if x.ndim < 2 or x.shape[-2:] != (d, d):
            raise ValueError(f"x: expected shape (..., {d}, {d}), got {x.shape}")
        deviations, factor = _scaled_cholesky(self.scale)
        inverse = solve_triangular(factor, np.diag(1 / deviations), lower=True)
        # The eigenvalues of L^-1 S L^-T give determinant, trace and the support.
        eigenvalues = np.linalg.eigvalsh(inverse @ x @ inverse.T)
        largest = np.abs(x).max(axis=(-2, -1))
        skew = np.abs(x - np.swapaxes(x, -1, -2)).max(axis=(-2, -1))
        inside = (eigenvalues > 0).all(axis=-1) & (skew <= 1e-10 * largest)
        w = np.where(inside[..., None], eigenvalues, 1.0)
        # Each eigenvalue in units of nu, as are the arguments of the gamma functions.
        power = 0.5 * (self.df - d - 1)
        kernels = _log_kernel(
            power, 0.5 * self.df, 0.5 * w, lambda: np.log(w) - np.log(2)
        )
        lags = np.arange(d)
        a = 0.5 * (self.df - lags)
        constant = (_stirling(a) + (a - 1) * np.log1p(-lags / self.df)).sum()
        constant += 0.25 * d * (d - 1) * (1 + np.log(0.5 * np.pi * self.df))
        constant += 0.5 * (d + 1) * (self._log_determinant() + d * np.log(2))
        return np.where(inside, kernels.sum(axis=-1) - constant, -np.inf)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent matrices, ``size`` of them before the shape (d, d)."""
        shape = _shape(size, self.scale)
        rng = _check.generator(rng)
        d = len(self.scale)
        # Bartlett: L A A^T L^T with a lower triangular A of independent entries.
        A = np.tril(rng.standard_normal(shape), -1)
        degrees = self.df - np.arange(d)
        A[..., range(d), range(d)] = np.sqrt(rng.chisquare(degrees, shape[:-1]))
        deviations, factor = _scaled_cholesky(self.scale)
        half = deviations[:, None] * factor @ A
        return np.asarray(half @ np.swapaxes(half, -1, -2))

    def mean(self) -> Array:
        """Mean, df times scale."""
        return np.asarray(self.df * self.scale)

    def variance(self) -> Array:
        """Variance of each entry, df (scale_ij^2 + scale_ii scale_jj)."""
        diagonal = np.diagonal(self.scale)
        with np.errstate(over="ignore"):  # a variance above 1.8e308 is inf
            squares = self.scale**2 + np.outer(diagonal, diagonal)
            return np.asarray(self.df * squares)

    def entropy(self) -> Array:
        """Differential entropy, in nats."""
        d = len(self.scale)
        lags = np.arange(d)
        a = 0.5 * (self.df - lags)
        # Logarithms of Gamma and digammas, less what cancels between them.
        terms = _stirling(a) + 0.5 * (self.df - d - 1) * _log_minus_digamma(a)
        terms += 0.5 * (d - 1 - lags) * np.log(a)
        volume = 0.5 * (d + 1) * (self._log_determinant() + d * np.log(2))
        return np.asarray(
            volume + 0.25 * d * (d - 1) * (1 + np.log(np.pi)) + terms.sum()
        )

    def _log_determinant(self) -> float:
        deviations, factor = _scaled_cholesky(self.scale)
        return float(2 * (np.log(deviations) + np.log(np.diagonal(factor))).sum())


def _vectors(x: ArrayLike, length: int) -> Array:
    x = _check.real("x", x)
    if x.ndim == 0 or x.shape[-1] != length:
        raise ValueError(f"x: expected shape (..., {length}), got {x.shape}")
    return x


def _components(name: str, value: ArrayLike, size: int) -> NDArray[np.intp]:
    numbers = _check.labels(name, value, size)
    if numbers.ndim != 1 or np.unique(numbers).size != numbers.size:
        raise ValueError(f"{name}: expected different numbers, got {numbers.tolist()}")
    return numbers


def _squared_lengths(inverse: Array, z: Array) -> Array:
    """Squared length of the inverse factor times each row; infinite if too far."""
    # So far away that a log density is below -1e308, and the product would overflow.
    if not np.abs(z).max() <= 1e155:
        far = np.asarray((np.abs(z) > 1e155).any(axis=-1))
        near = _squared_lengths(inverse, np.where(far[:, None], 0.0, z))
        return np.where(far, np.inf, near)
    white = z @ inverse.T
    with np.errstate(over="ignore"):
        return np.asarray(np.einsum("ij,ij->i", white, white))


def _scaled_cholesky(matrix: Array) -> tuple[Array, Array]:
    """Return deviations s and the Cholesky factor C of the correlations: L = s C."""
    s = np.sqrt(np.diagonal(matrix))
    return s, np.asarray(np.linalg.cholesky(matrix / s[:, None] / s))


def _positive_definite(name: str, value: ArrayLike, size: int | None = None) -> Array:
    """Return a symmetric matrix that is positive definite to working precision."""
    matrix = _check.real(name, value)
    d = len(matrix) if size is None and matrix.ndim else size
    if matrix.shape != (d, d):
        wanted = "(d, d)" if size is None else f"({size}, {size})"
        raise ValueError(f"{name}: expected shape {wanted}, got {matrix.shape}")
    if np.abs(matrix - matrix.T).max() > 1e-10 * np.abs(matrix).max():
        raise ValueError(f"{name}: expected a symmetric matrix, got one that is not")
    matrix = 0.5 * matrix + 0.5 * matrix.T
    least = np.diagonal(matrix).min()
    if not least > 0:
        raise ValueError(
            f"{name}: expected a positive definite matrix, got the variance {least:g}"
        )
    try:
        # A pivot is the share of a variance that the earlier components leave open.
        pivots = np.diagonal(_scaled_cholesky(matrix)[1]) ** 2
    except np.linalg.LinAlgError:
        pivots = np.zeros(1)
    if not pivots.min() > 10 * len(matrix) * np.finfo(np.float64).eps:
        raise ValueError(
            f"{name}: expected a positive definite matrix, got one that is singular or "
            "indefinite to working precision"
        )
    return matrix
