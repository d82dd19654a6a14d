"""Log-likelihoods and maximum likelihood, penalized and not, of linear models."""

from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.jobs import Call, Job, Size
from mlnotes._check import Array
from mlnotes.likelihood.least_squares import fit_ols
from mlnotes.likelihood.logistic_regression import fit_newton
from mlnotes.likelihood.maximum_likelihood import log_likelihood
from mlnotes.likelihood.regularization import fit_lasso, fit_ridge
from mlnotes.probability.distributions import Bernoulli, Normal

__all__ = ["JOBS"]


def normal_data(n: int) -> tuple[Array]:
    """Draws from a normal distribution with mean 1 and standard deviation 2."""
    return (np.random.default_rng(12).normal(1.0, 2.0, size=n),)


def coin_data(n: int) -> tuple[Array]:
    """Flips of a coin that shows heads seven times in ten."""
    return ((np.random.default_rng(13).random(n) < 0.7).astype(np.float64),)


def flips_and_intercept(n: int) -> tuple[Array, Array]:
    """Flips of the same coin, and the column of ones of a model without features."""
    return (*coin_data(n), np.ones((n, 1)))


def design(rng: np.random.Generator, n: int, d: int) -> Array:
    """Matrix with d columns, the first of them the intercept."""
    return np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])


def linear_data(n: int, d: int) -> tuple[Array, Array]:
    """Design and responses of a linear model with unit noise."""
    rng = np.random.default_rng(14)
    X = design(rng, n, d)
    return X, X @ np.linspace(-1.0, 1.0, d) + rng.normal(size=n)


def logistic_data(n: int, d: int) -> tuple[Array, Array]:
    """Design and labels of a logistic model with logits of size about 1."""
    rng = np.random.default_rng(15)
    X = design(rng, n, d)
    logits = X @ np.linspace(-1.0, 1.0, d) / np.sqrt(d)
    return X, (rng.random(n) < 1 / (1 + np.exp(-logits))).astype(np.float64)


def our_normal_log_likelihood(x: Array) -> ArrayLike:
    """Log-likelihood of a normal model."""
    return log_likelihood(Normal(0.5, 1.5), x)


def stats_normal_log_likelihood() -> Call:
    """Log-likelihood of a normal model with scipy.stats."""
    from scipy.stats import norm

    return lambda x: norm.logpdf(x, 0.5, 1.5).sum()


def our_bernoulli_log_likelihood(x: Array) -> ArrayLike:
    """Log-likelihood of a coin."""
    return log_likelihood(Bernoulli(0.6), x)


def stats_bernoulli_log_likelihood() -> Call:
    """Log-likelihood of a coin with scipy.stats."""
    from scipy.stats import bernoulli

    return lambda x: bernoulli.logpmf(x, 0.6).sum()


def our_normal_mle(x: Array) -> tuple[Array, Array]:
    """Mean and standard deviation, fitted."""
    fit = Normal.mle(x)
    return fit.loc, fit.scale


def stats_normal_mle() -> Call:
    """Mean and standard deviation, fitted with scipy.stats."""
    from scipy.stats import norm

    return norm.fit


def our_bernoulli_mle(x: Array, ones: Array) -> Array:
    """Probability of heads, fitted."""
    return Bernoulli.mle(x).p


def statsmodels_bernoulli_mle() -> Call:
    """Probability of heads, fitted as the intercept of a logistic regression."""
    from statsmodels.discrete.discrete_model import Logit

    def fit(x: Array, ones: Array) -> float:
        (intercept,) = Logit(x, ones).fit(disp=0).params
        return float(1 / (1 + np.exp(-intercept)))

    return fit


def our_least_squares(X: Array, y: Array) -> Array:
    """Least-squares coefficients."""
    return fit_ols(X, y).coefficients


def sklearn_least_squares() -> Call:
    """Least-squares coefficients with scikit-learn."""
    from sklearn.linear_model import LinearRegression

    # The column of ones is in X for both sides, so both solve the same problem and
    # scikit-learn need not center a copy of the data.
    return lambda X, y: LinearRegression(fit_intercept=False).fit(X, y).coef_


def our_logistic_regression(X: Array, y: Array) -> Array:
    """Logistic regression coefficients."""
    return fit_newton(X, y).coefficients


def sklearn_logistic_regression(solver: str) -> Call:
    """Logistic regression coefficients with scikit-learn, without penalty."""
    from sklearn.linear_model import LogisticRegression

    # The column of ones is in X, as for the least squares. scikit-learn bounds the
    # gradient of the mean loss, mlnotes the gain of a further step and statsmodels the
    # step itself: with 1e-8 the first takes exactly as many Newton steps as mlnotes
    # (4 on these data) and ends within 1e-15 of it; statsmodels takes one more.
    return lambda X, y: (
        LogisticRegression(
            C=np.inf, solver=solver, fit_intercept=False, tol=1e-8, max_iter=1000
        )
        .fit(X, y)
        .coef_[0]
    )


def statsmodels_logistic_regression() -> Call:
    """Logistic regression coefficients with statsmodels."""
    from statsmodels.discrete.discrete_model import Logit

    return lambda X, y: Logit(y, X).fit(disp=0).params


def sparse_linear_data(n: int, d: int) -> tuple[Array, Array, float]:
    """Features, responses of which every fourth feature counts, and a penalty.

    The lasso leaves about every fourth coefficient and the ridge shrinks by a tenth.
    """
    rng = np.random.default_rng(16)
    X = rng.normal(size=(n, d))
    coefficients = np.where(np.arange(d) % 4 == 0, np.linspace(-1.0, 1.0, d), 0.0)
    return X, X @ coefficients + rng.normal(size=n), 0.1 * n


def our_ridge(X: Array, y: Array, penalty: float) -> Array:
    """Ridge coefficients."""
    return fit_ridge(X, y, penalty=penalty).coefficients


def sklearn_ridge() -> Call:
    """Ridge coefficients with scikit-learn, whose automatic choice is Cholesky."""
    from sklearn.linear_model import Ridge

    return lambda X, y, penalty: (
        Ridge(alpha=penalty, fit_intercept=False).fit(X, y).coef_
    )


def our_lasso(X: Array, y: Array, penalty: float) -> Array:
    """Lasso coefficients."""
    return fit_lasso(X, y, penalty=penalty).coefficients


def sklearn_lasso() -> Call:
    """Lasso coefficients with scikit-learn."""
    from sklearn.linear_model import Lasso

    # scikit-learn divides the squares by 2 n and bounds the duality gap, mlnotes the
    # slope: with 1e-12 both end within 1e-10 of the minimum. Precomputing the Gram
    # matrix, as mlnotes does, takes scikit-learn about as long as its default.
    return lambda X, y, penalty: (
        Lasso(alpha=penalty / (2 * len(y)), fit_intercept=False, tol=1e-12)
        .fit(X, y)
        .coef_
    )


JOBS = (
    Job(
        "normal log-likelihood",
        "scipy.stats",
        our_normal_log_likelihood,
        stats_normal_log_likelihood,
        (
            Size("n = 1000", partial(normal_data, 1000), 0.35),
            Size("n = 10⁶", partial(normal_data, 10**6), 0.2),
        ),
        rtol=1e-12,
    ),
    Job(
        "Bernoulli log-likelihood",
        "scipy.stats",
        our_bernoulli_log_likelihood,
        stats_bernoulli_log_likelihood,
        (
            Size("n = 1000", partial(coin_data, 1000), 0.35),
            Size("n = 10⁶", partial(coin_data, 10**6), 0.2),
        ),
        rtol=1e-12,
    ),
    Job(
        "normal MLE",
        "scipy.stats",
        our_normal_mle,
        stats_normal_mle,
        (
            Size("n = 100", partial(normal_data, 100), 1.5),
            Size("n = 10⁶", partial(normal_data, 10**6), 1.1),
        ),
        rtol=1e-12,
    ),
    Job(
        "Bernoulli MLE",
        "statsmodels Logit",
        our_bernoulli_mle,
        statsmodels_bernoulli_mle,
        (
            Size("n = 1000", partial(flips_and_intercept, 1000), 0.05),
            Size("n = 10⁵", partial(flips_and_intercept, 10**5), 0.05),
        ),
        rtol=1e-10,
    ),
    Job(
        "least squares",
        "sklearn LinearRegression",
        our_least_squares,
        sklearn_least_squares,
        (
            Size("200 × 5", partial(linear_data, 200, 5), 0.6),
            Size("10⁴ × 100", partial(linear_data, 10**4, 100), 1.4),
        ),
        rtol=1e-10,
    ),
    Job(
        "ridge",
        "sklearn Ridge",
        our_ridge,
        sklearn_ridge,
        (
            Size("10³ × 20", partial(sparse_linear_data, 10**3, 20), 0.25),
            Size("10⁴ × 100", partial(sparse_linear_data, 10**4, 100), 0.9),
        ),
        rtol=1e-10,
    ),
    Job(
        "lasso",
        "sklearn Lasso",
        our_lasso,
        sklearn_lasso,
        (
            Size("10³ × 20", partial(sparse_linear_data, 10**3, 20), 0.7),
            Size("10⁴ × 100", partial(sparse_linear_data, 10**4, 100), 1.3),
        ),
        rtol=1e-9,
    ),
    Job(
        "logistic regression",
        "sklearn newton-cholesky",
        our_logistic_regression,
        partial(sklearn_logistic_regression, "newton-cholesky"),
        (
            Size("10³ × 5", partial(logistic_data, 10**3, 5), 0.5),
            Size("10⁴ × 20", partial(logistic_data, 10**4, 20), 0.8),
            Size("10⁵ × 20", partial(logistic_data, 10**5, 20), 1.0),
        ),
        rtol=1e-10,
    ),
    Job(
        "logistic regression",
        "sklearn lbfgs",
        our_logistic_regression,
        partial(sklearn_logistic_regression, "lbfgs"),
        (Size("10⁵ × 20", partial(logistic_data, 10**5, 20), 1.4),),
        rtol=1e-6,  # lbfgs approaches the maximum more slowly
    ),
    Job(
        "logistic regression",
        "statsmodels Logit",
        our_logistic_regression,
        statsmodels_logistic_regression,
        (
            Size("10³ × 5", partial(logistic_data, 10**3, 5), 0.6),
            Size("10⁴ × 20", partial(logistic_data, 10**4, 20), 0.6),
            Size("10⁵ × 20", partial(logistic_data, 10**5, 20), 0.6),
        ),
        rtol=1e-10,
    ),
)
