"""The equations of the lesson "Logistic regression", each by another route."""

from itertools import product

import mpmath
import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import optimize, stats
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from mlnotes.information.discrete import cross_entropy
from mlnotes.likelihood.logistic_regression import (
    fit_gradient_ascent,
    fit_newton,
    information,
    is_separable,
    log_likelihood,
    newton_step,
    score,
)

CLAIM = [-3.0, 1.5]
THREE, Y_THREE = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0]]), np.array([0, 1, 1])
FOUR, Y_FOUR = np.vstack([THREE, [1.0, 3.5]]), np.array([0, 1, 1, 0])

# The log-likelihood of the four students, written out for computer algebra.
A, B = sp.symbols("a b", real=True)
ODDS = [sp.exp(A + B * sp.nsimplify(h)) for h in FOUR[:, 1]]
SYMBOLIC = sum(
    sp.log(o / (1 + o) if y else 1 / (1 + o)) for o, y in zip(ODDS, Y_FOUR, strict=True)
)
POINTS = [(0.0, 0.0), (-3.0, 1.5), (2.0, -1.0)]


def symbolic(expression, point):
    return float(
        expression.subs({A: sp.nsimplify(point[0]), B: sp.nsimplify(point[1])})
    )


@pytest.mark.equation("eq-logistic-regression-sigmoid")
def test_sigmoid_inverts_the_log_odds():
    """Computer algebra: solve the log-odds for the probability."""
    p = sp.symbols("p", positive=True)
    eta = sp.symbols("eta", real=True)
    (solution,) = sp.solve(sp.log(p / (1 - p)) - eta, p)
    assert sp.simplify(solution - 1 / (1 + sp.exp(-eta))) == 0
    for value in (-30.0, -1.5, 0.0, 3.0):
        assert_allclose(expit(value), float(solution.subs(eta, value)), rtol=1e-14)


@pytest.mark.equation("eq-logistic-regression-likelihood")
@pytest.mark.parametrize("beta", POINTS)
def test_likelihood_is_a_distribution_over_the_results(beta):
    """Enumeration of all 2^4 results, multiplied student by student; they sum to 1."""
    total = 0.0
    for results in product([0, 1], repeat=4):
        expected = 1.0
        for x, result in zip(FOUR, results, strict=True):
            odds = np.exp(x @ beta)
            expected *= odds / (1 + odds) if result else 1 / (1 + odds)
        assert_allclose(
            np.exp(log_likelihood(beta, FOUR, results)), expected, rtol=1e-12
        )
        total += expected
    assert_allclose(total, 1, rtol=1e-12)


@pytest.mark.equation("eq-logistic-regression-log-likelihood")
def test_log_likelihood_adds_up_log_probabilities(rng):
    """SciPy's Bernoulli distribution, one for each example."""
    X = np.column_stack([np.ones(17), rng.normal(size=(17, 2))])
    beta, y = rng.normal(size=3), rng.integers(0, 2, 17)
    expected = stats.bernoulli.logpmf(y, expit(X @ beta)).sum()
    assert_allclose(log_likelihood(beta, X, y), expected, rtol=1e-12)


@pytest.mark.equation("eq-logistic-regression-stable")
@pytest.mark.parametrize("m", [-800.0, -40.0, -0.3, 0.0, 0.3, 40.0, 700.0])
def test_stable_logarithm_of_the_sigmoid(m):
    """Arithmetic with 400 digits."""
    with mpmath.workdps(400):
        exact = float(mpmath.log(1 / (1 + mpmath.exp(-mpmath.mpf(m)))))
    assert_allclose(min(m, 0) - np.log1p(np.exp(-abs(m))), exact, rtol=1e-14)
    assert_allclose(log_likelihood([m], [[1.0]], [1]), exact, rtol=1e-14)
    assert_allclose(log_likelihood([-m], [[1.0]], [0]), exact, rtol=1e-14)


@pytest.mark.equation("eq-logistic-regression-ray")
def test_the_three_students_have_no_best_slope():
    """Computer algebra: the product of the three probabilities, its slope and limit."""
    s = sp.symbols("s", positive=True)
    sigmoid = [1 / (1 + sp.exp(-s * (h - sp.Rational(5, 2)))) for h in (2, 3, 4)]
    seen = (1 - sigmoid[0]) * sigmoid[1] * sigmoid[2]
    formula = -2 * sp.log(1 + sp.exp(-s / 2)) - sp.log(1 + sp.exp(-3 * s / 2))
    assert sp.simplify(sp.exp(formula) - seen) == 0
    assert sp.limit(formula, s, sp.oo) == 0
    slope = sp.diff(formula, s)
    for value in (sp.Rational(1, 10), 1, 10, 50):
        assert float(slope.subs(s, value)) > 0
        exact = float(sp.log(seen).subs(s, value).evalf(40))
        ell = log_likelihood([-2.5 * float(value), float(value)], THREE, Y_THREE)
        assert_allclose(ell, exact, rtol=1e-12)


@pytest.mark.equation("eq-logistic-regression-separable")
def test_separable_data_and_only_they_lack_a_maximum(rng):
    """Exhaustive search of the borders between hours, and walks along many rays."""
    walks = 0
    for _ in range(200):
        h = rng.integers(0, 6, size=int(rng.integers(3, 8))).astype(float)
        y = rng.integers(0, 2, size=h.size)
        if np.ptp(h) == 0:
            continue
        X, sign = np.column_stack([np.ones(h.size), h]), 2 * y - 1
        borders = [np.array([-b, 1.0]) for b in np.arange(-0.5, 6.0, 0.5)]
        directions = [d for b in borders for d in (b, -b)]
        found = [
            d
            for d in directions
            if (sign * (X @ d) >= 0).all() and (sign * (X @ d) > 0).any()
        ]
        assert is_separable(X, y) == bool(found)
        start = rng.normal(size=2)
        if found:  # from any point the walk climbs for ever
            climb = [log_likelihood(start + t * found[0], X, y) for t in range(6)]
            assert (np.diff(climb) > 0).all()
        else:  # in every direction the walk ends below where it began
            walks += 1
            for angle in np.linspace(0, 2 * np.pi, 60):
                d = np.array([np.cos(angle), np.sin(angle)])
                assert (sign * (X @ d) < 0).any()
                far = log_likelihood(start + 1e6 * d, X, y)
                assert far < log_likelihood(start, X, y)
    assert 40 < walks < 160  # both kinds occurred


@pytest.mark.equation("eq-logistic-regression-score")
@pytest.mark.parametrize("beta", POINTS)
def test_score_is_the_gradient(beta, rng):
    """Computer algebra for the four students, finite differences for random data."""
    expected = [symbolic(sp.diff(SYMBOLIC, v), beta) for v in (A, B)]
    assert_allclose(score(beta, FOUR, Y_FOUR), expected, rtol=1e-12, atol=1e-14)
    X = rng.normal(size=(13, 3))
    y, at = rng.integers(0, 2, 13), rng.normal(size=3)
    differences = optimize.approx_fprime(at, lambda b: log_likelihood(b, X, y), 1e-7)
    assert_allclose(X.T @ (y - expit(X @ at)), differences, atol=1e-5)


@pytest.mark.equation("eq-logistic-regression-information")
@pytest.mark.parametrize("beta", POINTS)
def test_information_is_minus_the_hessian(beta):
    """Computer algebra for the four students, for their results and for others."""
    hessian = sp.hessian(SYMBOLIC, (A, B))
    expected = [[-symbolic(hessian[i, j], beta) for j in range(2)] for i in range(2)]
    J = information(beta, FOUR)
    assert_allclose(J, expected, rtol=1e-12)
    assert np.linalg.eigvalsh(J)[0] > 0  # strictly concave
    h = 1e-5 * np.eye(2)
    for y in product([0, 1], repeat=4):  # the results do not matter
        bends = [
            (score(beta - e, FOUR, y) - score(beta + e, FOUR, y)) / 2e-5 for e in h
        ]
        assert_allclose(J, bends, rtol=1e-6)


@pytest.mark.equation("eq-logistic-regression-newton")
def test_newton_step_tops_the_parabola_and_is_least_squares(rng):
    """Numerical top of the Taylor parabola, and SVD least squares of the response."""
    X = np.column_stack([np.ones(29), rng.normal(size=(29, 2))])
    beta, y = rng.normal(size=3), rng.integers(0, 2, 29)
    pi = expit(X @ beta)
    step = newton_step(beta, X, y)

    slope = optimize.approx_fprime(beta, lambda b: log_likelihood(b, X, y), 1e-7)
    bend = np.array(
        [
            optimize.approx_fprime(beta, lambda b, j=j: score(b, X, y)[j], 1e-7)
            for j in range(3)
        ]
    )
    top = optimize.minimize(
        lambda b: -(slope @ (b - beta) + (b - beta) @ bend @ (b - beta) / 2), beta
    )
    assert_allclose(step, top.x, rtol=1e-4)

    w = pi * (1 - pi)
    z = X @ beta + (y - pi) / w
    by_svd, *_ = np.linalg.lstsq(np.sqrt(w)[:, None] * X, np.sqrt(w) * z)
    assert_allclose(step, by_svd, rtol=1e-9)


@pytest.mark.equation("eq-logistic-regression-odds-ratio")
def test_one_more_unit_multiplies_the_odds(rng):
    """Odds counted from the probabilities, and the cross product of a 2 x 2 table."""
    beta = rng.normal(size=4)
    x = np.array([1.0, *rng.normal(size=3)])
    for j in range(1, 4):
        more = x + (np.arange(4) == j)
        p, q = expit(x @ beta), expit(more @ beta)
        assert_allclose(q / (1 - q) / (p / (1 - p)), np.exp(beta[j]), rtol=1e-12)
    treated = np.repeat([0, 0, 1, 1], [7, 4, 5, 11])
    y = np.repeat([0, 1, 0, 1], [7, 4, 5, 11])
    fit = fit_newton(np.column_stack([np.ones(27), treated]), y)
    assert_allclose(np.exp(fit.coefficients[1]), 7 * 11 / (4 * 5), rtol=1e-10)


@pytest.mark.equation("eq-logistic-regression-cross-entropy")
def test_mean_loss_is_the_mean_cross_entropy(rng):
    """scikit-learn's log loss, and the cross-entropy of distributions."""
    X = np.column_stack([np.ones(31), rng.normal(size=31)])
    beta, y = rng.normal(size=2), rng.integers(0, 2, 31)
    pi = expit(X @ beta)
    mean = -log_likelihood(beta, X, y) / 31
    assert_allclose(mean, log_loss(y, pi), rtol=1e-12)
    entropies = cross_entropy(
        np.column_stack([1 - y, y]), np.column_stack([1 - pi, pi])
    )
    assert_allclose(mean, entropies.mean(), rtol=1e-12)


@pytest.mark.equation("eq-logistic-regression-groups")
def test_two_groups_in_closed_form():
    """SciPy's optimizer on the likelihood of the counts, without our code."""
    found = optimize.minimize(
        lambda b: (
            -(
                stats.binom.logpmf(8, 20, expit(b[0]))
                + stats.binom.logpmf(24, 30, expit(b[0] + b[1]))
            )
        ),
        [0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12},
    )
    formula = [np.log(8 / 12), np.log(24 / 6) - np.log(8 / 12)]
    assert_allclose(found.x, formula, atol=1e-6)
    assert_allclose(formula[1], np.log(6), rtol=1e-12)
    course = np.repeat([0, 1], [20, 30])
    passed = np.repeat([1, 0, 1, 0], [8, 12, 24, 6])
    fit = fit_newton(np.column_stack([np.ones(50), course]), passed)
    assert_allclose(fit.coefficients, formula, rtol=1e-8)


def test_three_climbers_and_scikit_learn_reach_one_summit():
    step_size = 4 / np.linalg.eigvalsh(FOUR.T @ FOUR)[-1]
    ascent = fit_gradient_ascent(FOUR, Y_FOUR, step_size=step_size, max_iter=10_000)
    library = optimize.minimize(
        lambda b: -log_likelihood(b, FOUR, Y_FOUR), [0, 0], options={"gtol": 1e-7}
    )
    peer = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    peer.fit(FOUR[:, 1:], Y_FOUR)
    newton = fit_newton(FOUR, Y_FOUR).coefficients
    assert_allclose(ascent.coefficients, newton, rtol=1e-6)
    assert_allclose(library.x, newton, rtol=1e-4)
    assert_allclose([*peer.intercept_, *peer.coef_[0]], newton, rtol=1e-7)


@pytest.mark.parametrize(
    ("row", "log_odds", "pi", "log_p", "pi_3", "log_p_3"),
    [
        (0, 0.0, 0.500000, -0.693147, "0.500", "-0.693"),
        (1, 1.5, 0.817574, -0.201413, "0.818", "-0.201"),
        (2, 3.0, 0.952574, -0.048587, "0.953", "-0.049"),
    ],
)
def test_table_of_the_three_students(row, log_odds, pi, log_p, pi_3, log_p_3):
    x, y = THREE[row : row + 1], Y_THREE[row : row + 1]
    eta = float(x[0] @ CLAIM)
    assert eta == log_odds
    assert_allclose(expit(eta), pi, atol=5e-7)
    assert f"{expit(eta):.3f}" == pi_3
    assert_allclose(log_likelihood(CLAIM, x, y), log_expit(eta if y else -eta))
    assert_allclose(log_likelihood(CLAIM, x, y), log_p, atol=5e-7)
    assert f"{log_likelihood(CLAIM, x, y):.3f}" == log_p_3


def test_totals_of_the_three_students():
    assert_allclose(log_likelihood(CLAIM, THREE, Y_THREE), -0.943148, atol=5e-7)
    assert_allclose(np.exp(log_likelihood(CLAIM, THREE, Y_THREE)), 0.3894, atol=5e-7)
    for s, expected in ((1, -1.149567), (10, -0.0134310)):
        ell = log_likelihood([-2.5 * s, s], THREE, Y_THREE)
        assert_allclose(ell, expected, rtol=5e-6)
    # The wrong figures come from a probability that was rounded first.
    assert f"{np.log(0.953):.3f}" == "-0.048"
    assert f"{np.log([0.5, 0.818, 0.953]).round(3).sum():.3f}" == "-0.942"
