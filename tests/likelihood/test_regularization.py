"""Ridge, lasso and elastic net: other solvers, conditions, limits, refusals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize
from sklearn.linear_model import ElasticNet, Lasso, Ridge

from mlnotes.likelihood.least_squares import fit_ols
from mlnotes.likelihood.regularization import (
    PenalizedFit,
    fit_elastic_net,
    fit_lasso,
    fit_ridge,
    kkt_residuals,
    lasso_path,
    shrinkage_factors,
    soft_threshold,
    zeroing_penalty,
)


def problem(rng, n=31, d=7):
    """Correlated features of unequal scale, some without effect."""
    X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)
    return X, X @ np.where(np.arange(d) % 3 == 0, 2.0, 0.0) + rng.normal(size=n)


def objective(beta, X, y, l1, l2):
    """The objective as it is written."""
    return ((y - X @ beta) ** 2).sum() + l1 * np.abs(beta).sum() + l2 * (beta**2).sum()


def exact_ridge(X, y, penalty):
    """Ridge in rational arithmetic, by elimination on X'X + penalty I."""
    A = [[Fraction(float(v)) for v in row] for row in X]
    t, d = [Fraction(float(v)) for v in y], X.shape[1]
    M = [
        [sum(r[i] * r[j] for r in A) + (i == j) * Fraction(penalty) for j in range(d)]
        + [sum(r[i] * v for r, v in zip(A, t, strict=True))]
        for i in range(d)
    ]
    for i in range(d):
        M[i] = [v / M[i][i] for v in M[i]]
        for k in range(d):
            if k != i:
                M[k] = [a - M[k][i] * b for a, b in zip(M[k], M[i], strict=True)]
    return np.array([float(row[-1]) for row in M])


# --- ridge --------------------------------------------------------------------------


@pytest.mark.parametrize("penalty", [1e-3, 1.0, 50.0, 1e6])
@pytest.mark.parametrize(("n", "d"), [(31, 7), (5, 11), (1, 3), (3, 1)])
def test_ridge_agrees_with_scikit_learn(rng, n, d, penalty):
    X, y = problem(rng, n, d)
    fit = fit_ridge(X, y, penalty=penalty)
    peer = Ridge(alpha=penalty, fit_intercept=False, solver="svd").fit(X, y).coef_
    assert_allclose(fit.coefficients, peer, rtol=1e-6, atol=1e-9)
    assert fit.converged
    expected = objective(fit.coefficients, X, y, 0, penalty)
    assert_allclose(fit.objectives, [expected], rtol=0, atol=1e-11 * (y @ y))


def test_ridge_on_centered_data_leaves_the_intercept_alone(rng):
    X, y = problem(rng)
    beta = fit_ridge(X - X.mean(axis=0), y - y.mean(), penalty=3.0).coefficients
    peer = Ridge(alpha=3.0).fit(X, y)
    assert_allclose(beta, peer.coef_, rtol=1e-9)
    assert_allclose(y.mean() - X.mean(axis=0) @ beta, peer.intercept_, rtol=1e-9)


@pytest.mark.parametrize("penalty", [1e-12, 1e-10, 1e-8, 1e-2])
def test_ridge_keeps_its_digits_where_the_gram_matrix_loses_them(penalty):
    # A Hilbert matrix: condition number 1.5e7 with 6 columns, that of X'X 2e14.
    X = 1 / np.add.outer(np.arange(8.0), np.arange(1.0, 7.0))
    y = X @ np.ones(6)
    exact = exact_ridge(X, y, penalty)
    got = fit_ridge(X, y, penalty=penalty).coefficients
    # X with the root of the penalty below it has a condition number of at most this,
    # and the residuals are small. The normal equations would bring its square: they
    # are off by 1e-4 for the first penalty, 1e-8 for the third.
    condition = np.linalg.norm(X, 2) / np.sqrt(penalty)
    assert_allclose(got, exact, atol=2 * np.finfo(float).eps * max(condition, 1e3))


def test_ridge_of_dependent_columns_is_the_shortest_solution_in_the_limit(rng):
    X = rng.normal(size=(9, 4)) @ rng.normal(size=(4, 6))
    y = rng.normal(size=9)
    # Rounding leaves d of 1e-15 where X has 0, and ridge d / (d^2 + penalty) of it:
    # 1e-7 for the first. For the second the directions count as without data.
    for penalty in (1e-8, 1e-30):
        got = fit_ridge(X, y, penalty=penalty).coefficients
        assert_allclose(got, np.linalg.pinv(X) @ y, atol=1e-6)


def test_ridge_tends_to_least_squares_and_to_zero(rng):
    X, y = problem(rng)
    ols = fit_ols(X, y).coefficients
    near = fit_ridge(X, y, penalty=1e-9).coefficients
    assert_allclose(near, ols, atol=1e-6)
    far = fit_ridge(X, y, penalty=1e12).coefficients
    assert_allclose(far, X.T @ y / 1e12, rtol=1e-6)


@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e2))
def test_ridge_scales_with_its_units(scale, penalty):
    X, y = problem(np.random.default_rng(3), 11, 3)
    plain = fit_ridge(X, y, penalty=penalty).coefficients
    scaled = fit_ridge(scale * X, y, penalty=scale**2 * penalty).coefficients
    assert_allclose(scale * scaled, plain, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-100, 1e-9, 1e6, 1e16, 1e100])
def test_ridge_loses_no_digits_to_units_of_measurement(rng, scale):
    units = [1.0, scale, 1.0]
    X, y = rng.normal(size=(9, 3)) * units, rng.normal(size=9)
    got = fit_ridge(X, y, penalty=2.0).coefficients
    # With all columns of length 1 the equations have a condition number below 100.
    assert_allclose(got, exact_ridge(X, y, 2.0), rtol=1e-13)
    # Twins need least squares on the longer matrix. A rounding error of 1e-16 between
    # them is worth 1e-16 / penalty times residuals of about 1.
    twins = np.c_[X, X[:, 0]]
    got = fit_ridge(twins, y, penalty=1e-9).coefficients * [*units, 1.0]
    assert_allclose(got, exact_ridge(twins, y, 1e-9) * [*units, 1.0], atol=1e-5)


def test_shrinkage_factors():
    X = np.zeros((4, 3))
    X[0, 1], X[2, 0] = 3.0, -1.0
    assert_allclose(shrinkage_factors(X, penalty=1.0), [0.9, 0.5, 0], rtol=1e-12)
    assert shrinkage_factors(X.T, penalty=1.0).shape == (3,)
    assert shrinkage_factors([[1e200]], penalty=1.0).tolist() == [1]
    assert_allclose(shrinkage_factors([[1e-200]], penalty=1e-300), [1e-100])


def test_shrinkage_factors_add_up_to_the_trace_of_the_hat_matrix(rng):
    X, _ = problem(rng)
    hat = X @ np.linalg.inv(X.T @ X + 2.5 * np.eye(7)) @ X.T
    assert_allclose(shrinkage_factors(X, penalty=2.5).sum(), np.trace(hat), rtol=1e-9)


# --- soft threshold -----------------------------------------------------------------


@pytest.mark.parametrize("z", [-3.0, -1.0, -0.2, 0.0, 0.7, 1.0, 1.5])
@pytest.mark.parametrize("t", [0.0, 0.5, 1.0])
def test_soft_threshold_minimizes(z, t):
    found = optimize.minimize_scalar(
        lambda b: (z - b) ** 2 / 2 + t * abs(b), bounds=(-5, 5), method="bounded"
    )
    # A value known to 1e-16 places its minimum to about 1e-8; the method stops at 1e-5.
    assert_allclose(soft_threshold(z, t), found.x, atol=1e-5)


def test_soft_threshold_broadcasts_and_is_exactly_zero_within():
    got = soft_threshold([[-2.0, 0.3], [0.1, 5.0]], [[1.0], [0.1]])
    assert_allclose(got, [[-1, 0], [0, 4.9]], rtol=1e-15)
    assert got[0, 1] == got[1, 0] == 0
    with pytest.raises(ValueError, match=r"threshold: expected .*\(2,\), got \(3,\)"):
        soft_threshold([1.0, 2.0], [1.0, 2.0, 3.0])


# --- lasso and elastic net ----------------------------------------------------------


@pytest.mark.parametrize("share", [0.9, 0.3, 0.03])
@pytest.mark.parametrize("l2", [0.0, 0.4, 20.0])
@pytest.mark.parametrize(("n", "d"), [(31, 7), (5, 11)])
def test_elastic_net_agrees_with_scikit_learn(rng, n, d, share, l2):
    X, y = problem(rng, n, d)
    l1 = share * zeroing_penalty(X, y)
    fit = fit_elastic_net(X, y, l1_penalty=l1, l2_penalty=l2, max_iter=200_000)
    alpha = (l1 + 2 * l2) / (2 * n)
    peer = ElasticNet(
        alpha=alpha,
        l1_ratio=l1 / (l1 + 2 * l2),
        fit_intercept=False,
        tol=1e-14,
        max_iter=1_000_000,
    ).fit(X, y)
    assert fit.converged
    # scikit-learn stops where half the objective is at most 1e-14 y'y above the
    # minimum. The objective rises by at least this curvature times the squared
    # distance from its minimum, about 1e-6 here.
    on = (fit.coefficients != 0) | (peer.coef_ != 0)
    curvature = np.linalg.eigvalsh(X[:, on].T @ X[:, on])[0] + l2
    reach = np.sqrt(2e-14 * (y @ y) / curvature)
    assert_allclose(fit.coefficients, peer.coef_, rtol=0, atol=reach)
    assert ((fit.coefficients == 0) == (peer.coef_ == 0)).all()


def test_lasso_agrees_with_scikit_learn(rng):
    X, y = rng.normal(size=(101, 13)), rng.normal(size=101)
    fit = fit_lasso(X, y, penalty=5.0)
    peer = Lasso(alpha=5.0 / 202, fit_intercept=False, tol=1e-14).fit(X, y).coef_
    # Conditions that hold to 1e-12 and a condition number of X'X of about 4.
    assert_allclose(fit.coefficients, peer, atol=1e-10)


@given(st.integers(0, 10**6), st.floats(0.01, 1.1), st.sampled_from([0.0, 0.1, 10.0]))
def test_conditions_hold_and_the_objective_never_rises(seed, share, l2):
    X, y = problem(np.random.default_rng(seed), 17, 4)
    l1 = share * zeroing_penalty(X, y)
    fit = fit_elastic_net(X, y, l1_penalty=l1, l2_penalty=l2, max_iter=100_000)
    assert fit.converged
    gap = kkt_residuals(fit.coefficients, X, y, l1_penalty=l1, l2_penalty=l2)
    assert gap.max() <= 1e-10 * zeroing_penalty(X, y)
    rounding = 1e-13 * (y @ y)
    assert (np.diff(fit.objectives) <= rounding).all()
    expected = objective(fit.coefficients, X, y, l1, l2)
    assert_allclose(fit.objectives[-1], expected, rtol=0, atol=rounding)
    assert_allclose(fit.objectives[0], y @ y, rtol=1e-12)


def test_orthonormal_columns_need_one_pass(rng):
    Q = np.linalg.qr(rng.normal(size=(13, 5)))[0]
    y = 3 * rng.normal(size=13)
    fit = fit_elastic_net(Q, y, l1_penalty=1.4, l2_penalty=0.5)
    assert_allclose(fit.coefficients, soft_threshold(Q.T @ y, 0.7) / 1.5, atol=1e-14)
    assert fit.objectives.size == 2


def test_penalty_on_squares_alone_is_ridge(rng):
    X, y = rng.normal(size=(29, 5)), rng.normal(size=29)
    net = fit_elastic_net(X, y, l1_penalty=0.0, l2_penalty=4.0).coefficients
    assert_allclose(net, fit_ridge(X, y, penalty=4.0).coefficients, atol=1e-10)


def test_zeroing_penalty_is_the_smallest(rng):
    X, y = problem(rng)
    largest = zeroing_penalty(X, y)
    assert zeroing_penalty(X, -y) == largest
    for l2 in (0.0, 3.0):
        at = fit_elastic_net(X, y, l1_penalty=largest, l2_penalty=l2)
        assert not at.coefficients.any()
        assert at.objectives.tolist() == [y @ y]
        below = fit_elastic_net(X, y, l1_penalty=largest * (1 - 1e-6), l2_penalty=l2)
        assert np.count_nonzero(below.coefficients) == 1


def test_columns_of_zeros_get_zero(rng):
    X = np.c_[np.zeros(9), rng.normal(size=9)]
    y = rng.normal(size=9)
    fit = fit_lasso(X, y, penalty=0.1)
    assert fit.converged
    assert fit.coefficients[0] == 0
    assert fit_ridge(X, y, penalty=0.1).coefficients[0] == 0
    assert fit_lasso(np.zeros((3, 2)), [1, 2, 3], penalty=1).coefficients.tolist() == [
        0,
        0,
    ]


def test_columns_whose_squares_underflow_count_as_zeros(rng):
    X, y = rng.normal(size=(2, 9, 2)) * [1.0, 1e-170], rng.normal(size=9)
    fit = fit_lasso(X[0], y, penalty=1e-300)
    assert fit.converged
    assert fit.coefficients[1] == 0
    # Where nothing else is there, that is no minimum.
    fit = fit_lasso(1e-170 * X[1], y, penalty=1e-300, max_iter=3)
    assert not fit.converged


def test_twins_are_split_evenly_by_squares_only(rng):
    x, z, y = rng.normal(size=(3, 23))
    y = y + 2 * x
    X = np.c_[x, x, z]
    net = fit_elastic_net(X, y, l1_penalty=3.0, l2_penalty=0.5).coefficients
    assert_allclose(net[0], net[1], rtol=1e-9)
    assert net[0] != 0
    # The lasso knows the sum only, which is that of a single column.
    twins = fit_lasso(X, y, penalty=3.0)
    single = fit_lasso(X[:, 1:], y, penalty=3.0)
    assert twins.converged
    assert_allclose(twins.coefficients[:2].sum(), single.coefficients[0], rtol=1e-9)
    assert_allclose(twins.objectives[-1], single.objectives[-1], rtol=1e-12)


def test_too_few_passes_are_reported(rng):
    X, y = problem(rng)
    fit = fit_lasso(X, y, penalty=0.01, max_iter=2)
    assert not fit.converged
    assert fit.objectives.size == 3
    loose = fit_lasso(X, y, penalty=0.01, tol=1e-2)
    assert loose.converged
    tight = fit_lasso(X, y, penalty=0.01, max_iter=100_000)
    assert tight.objectives.size > loose.objectives.size


def test_path_equals_single_fits_and_saves_passes(rng):
    X, y = problem(rng)
    penalties = zeroing_penalty(X, y) * np.geomspace(1, 1e-3, 30)
    path = lasso_path(X, y, penalties=penalties, max_iter=100_000)
    single = [fit_lasso(X, y, penalty=p, max_iter=100_000) for p in penalties]
    for one, other in zip(path, single, strict=True):
        assert one.converged
        assert_allclose(one.coefficients, other.coefficients, atol=1e-7)
    saved = [sum(f.objectives.size - 1 for f in fits) for fits in (path, single)]
    assert saved[0] < saved[1]


def test_path_keeps_the_order_of_its_penalties_and_repeats_them(rng):
    X, y = rng.normal(size=(29, 5)), rng.normal(size=29)
    path = lasso_path(X, y, penalties=[4.0, 30.0, 4.0, 4.0])
    for fit, penalty in zip(path, [4.0, 30.0, 4.0, 4.0], strict=True):
        single = fit_lasso(X, y, penalty=penalty).coefficients
        assert_allclose(fit.coefficients, single, atol=1e-10)
    assert path[3].objectives.size == 1  # a minimum already
    # One pass is too few for the first, and enough to set everything to zero.
    short = lasso_path(X, y, penalties=[0.1, 1e3], max_iter=1)
    assert [fit.converged for fit in short] == [False, True]


def test_conditions_worked_by_hand():
    X, y = np.eye(2), [3.0, -0.5]
    # Pulls 2 (3 - 1) - 2 = 2 and -1: right at (1, 0) for l1 = 2, l2 = 1.
    right = kkt_residuals([1, 0], X, y, l1_penalty=2, l2_penalty=1)
    assert right.tolist() == [0, 0]
    # At (0, 0) the first pull is 6, that is 4 too much.
    assert kkt_residuals([0, 0], X, y, l1_penalty=2, l2_penalty=1).tolist() == [4, 0]
    # At (-1, 0) it is 2 (3 + 1) + 2 = 10 and should be -2.
    assert kkt_residuals([-1, 0], X, y, l1_penalty=2, l2_penalty=1).tolist() == [12, 0]


def test_records_are_frozen_and_inputs_stay(rng):
    X, y = problem(rng)
    X.flags.writeable = y.flags.writeable = False
    first, again = (fit_lasso(X, y, penalty=5.0) for _ in range(2))
    assert isinstance(first, PenalizedFit)
    assert_allclose(first.coefficients, again.coefficients, rtol=0)
    for numbers in (first.coefficients, first.objectives):
        with pytest.raises(ValueError, match="read-only"):
            numbers[0] = 1.0
    fit_ridge(X, y, penalty=1.0)
    shrinkage_factors(X, penalty=1.0)


# --- refusals -----------------------------------------------------------------------

BAD_PENALTIES = [
    (0.0, r"penalty: expected a number > 0 \(without a penalty use fit_ols\), got 0"),
    (-1.0, "penalty: expected a number > 0 .*got -1"),
    (np.nan, "penalty: expected finite numbers, got nan"),
    (np.inf, "penalty: expected finite numbers, got inf"),
    ([1.0, 2.0], r"penalty: expected one number, got shape \(2,\)"),
]


@pytest.mark.parametrize("fit", [fit_ridge, fit_lasso])
@pytest.mark.parametrize(("penalty", "message"), BAD_PENALTIES)
def test_bad_penalties_are_refused(fit, penalty, message):
    with pytest.raises(ValueError, match=message):
        fit(np.eye(2), [1, 2], penalty=penalty)


@pytest.mark.parametrize(
    ("l1", "l2", "message"),
    [
        (0.0, 0.0, r"l1_penalty: expected a number > 0 .*fit_ols"),
        (-1.0, 1.0, "l1_penalty: expected numbers >= 0, got -1"),
        (1.0, -1.0, "l2_penalty: expected numbers >= 0, got -1"),
        (1.0, np.inf, "l2_penalty: expected finite"),
    ],
)
def test_bad_pairs_of_penalties_are_refused(l1, l2, message):
    with pytest.raises(ValueError, match=message):
        fit_elastic_net(np.eye(2), [1, 2], l1_penalty=l1, l2_penalty=l2)
    with pytest.raises(ValueError, match=message):
        kkt_residuals([1, 1], np.eye(2), [1, 2], l1_penalty=l1, l2_penalty=l2)


@pytest.mark.parametrize("fit", [fit_ridge, fit_lasso])
@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.eye(2), [1, 2, 3], r"y: expected shape \(2,\), got \(3,\)"),
        ([1.0, 2.0], [1, 2], r"X: expected shape \(n, d\), got \(2,\)"),
        ([[np.nan]], [1], "X: expected finite numbers, got nan"),
        ([[1.0]], [np.inf], "y: expected finite numbers, got inf"),
        ([[1e200]], [1.0], r"X: expected numbers whose squares .* got 1e\+200"),
        ([[1.0]], [1e200], r"y: expected numbers whose squares .* got 1e\+200"),
    ],
)
def test_bad_data_are_refused(fit, X, y, message):
    with pytest.raises(ValueError, match=message):
        fit(X, y, penalty=1.0)
    with pytest.raises(ValueError, match=message):
        zeroing_penalty(X, y)
    with pytest.raises(ValueError, match=message):
        kkt_residuals([0.0] * np.shape(X)[-1], X, y, l1_penalty=1.0, l2_penalty=0.0)


def test_coefficients_out_of_reach_are_refused():
    with pytest.raises(ValueError, match=r"coefficients: .* finite, got 1e\+300"):
        kkt_residuals([1e300], [[1e100]], [1.0], l1_penalty=1.0, l2_penalty=0.0)
