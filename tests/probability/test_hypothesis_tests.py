"""Tests of hypotheses: against SciPy, by hand, in stacks, at the limits, refusals."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from mlnotes.probability import hypothesis_tests as ht

TWO_SAMPLES = pytest.mark.parametrize(
    ("test", "truth"),
    [
        (ht.pooled_t_test, stats.ttest_ind),
        (ht.welch_t_test, partial(stats.ttest_ind, equal_var=False)),
    ],
    ids=["pooled", "welch"],
)


def agrees(found, truth, df):
    assert isinstance(found, ht.TestResult)
    assert_allclose(found.statistic, truth.statistic, rtol=1e-10)
    assert_allclose(found.p_value, truth.pvalue, rtol=1e-9)
    assert_allclose(found.degrees_of_freedom, np.broadcast_to(df, found.p_value.shape))


@pytest.mark.parametrize("n", [1, 2, 17])
def test_z_test_by_scipys_normal_tail(n, rng):
    x = rng.normal(3.0, 2.0, size=(4, n))
    found = ht.z_test(x, mean=2.0, sigma=2.0)
    null = stats.norm(2.0, 2.0 / np.sqrt(n))
    tail = np.minimum(null.cdf(x.mean(axis=1)), null.sf(x.mean(axis=1)))
    assert_allclose(found.p_value, 2 * tail, rtol=1e-9)
    assert_allclose(found.statistic, (x.mean(axis=1) - 2) / null.std(), atol=1e-12)
    assert np.isinf(found.degrees_of_freedom).all()


@pytest.mark.parametrize("n", [2, 3, 41])
def test_one_sample_and_paired_t_as_in_scipy(n, rng):
    x, y = rng.normal(1.0, 3.0, size=(5, n)), rng.normal(size=(5, n))
    agrees(ht.t_test(x, 0.5), stats.ttest_1samp(x, 0.5, axis=1), n - 1)
    agrees(ht.paired_t_test(x, y), stats.ttest_rel(x, y, axis=1), n - 1)


@TWO_SAMPLES
@pytest.mark.parametrize(("n_1", "n_2"), [(2, 2), (3, 11), (40, 7)])
def test_two_samples_as_in_scipy(test, truth, n_1, n_2, rng):
    x, y = rng.normal(1.0, 4.0, size=(5, n_1)), rng.normal(size=(5, n_2))
    expected = truth(x, y, axis=1)
    agrees(test(x, y), expected, expected.df)
    # Exchanging the samples changes the sign only.
    assert_allclose(test(y, x).statistic, -expected.statistic, rtol=1e-10)
    assert_allclose(test(y, x).p_value, expected.pvalue, rtol=1e-9)


@pytest.mark.parametrize(
    "test",
    [
        ht.pooled_t_test,
        ht.welch_t_test,
        ht.paired_t_test,
        lambda x, y: ht.t_test(x, y[0]),
    ],
    ids=["pooled", "welch", "paired", "one"],
)
@pytest.mark.parametrize(
    ("unit", "origin"),
    [(1e-9, 5e-9), (1e-300, 0.0), (1e300, 0.0), (1.0, 1e15), (-1.0, 3e15)],
)
def test_neither_unit_nor_origin_matters(test, unit, origin):
    # Whole numbers, so that the shifted data are exact.
    x, y = np.array([2.0, 5, 3, 9, 4, 4, 7]), np.array([4.0, 1, 3, 8, 2, 5, 0])
    moved, here = test(unit * x + origin, unit * y + origin), test(x, y)
    assert_allclose(moved.statistic, np.sign(unit) * here.statistic, rtol=1e-9)
    assert_allclose(moved.degrees_of_freedom, here.degrees_of_freedom, rtol=1e-9)
    assert_allclose(moved.p_value, here.p_value, rtol=1e-9)


@TWO_SAMPLES
def test_samples_far_apart_keep_their_variances(test, truth):
    # s^2 = 1 from each side, so the standard error is sqrt(2 / 3) at any distance.
    x = np.array([1.0, 2.0, 3.0])
    found = test(x + 1e15, x)
    assert_allclose(found.statistic, 1e15 / np.sqrt(2 / 3), rtol=1e-12)
    assert_allclose(found.degrees_of_freedom, 4.0, rtol=1e-12)


def test_pooled_and_welch_agree_for_equal_sizes_and_variances(rng):
    x = rng.normal(size=8)
    pooled, welch = ht.pooled_t_test(x, x + 1), ht.welch_t_test(x, x + 1)
    for name in ("statistic", "degrees_of_freedom", "p_value"):
        assert_allclose(getattr(pooled, name), getattr(welch, name), rtol=1e-12)


def test_one_constant_group_leaves_the_other_its_degrees_of_freedom():
    found = ht.welch_t_test([1.0, 1.0, 1.0], [2.0, 3.0, 4.0, 7.0])
    assert_allclose(found.degrees_of_freedom, 3.0, rtol=1e-12)
    one = ht.t_test([2.0, 3.0, 4.0, 7.0], 1.0)
    assert_allclose(found.p_value, one.p_value, rtol=1e-12)


def test_far_tails_keep_their_digits():
    far = ht.z_test([30.0], mean=0.0, sigma=1.0).p_value
    assert_allclose(far, 2 * stats.norm.sf(30), rtol=1e-12)
    x = np.array([100.0, 100.1, 99.9, 100.05, 99.95, 100.2])
    assert_allclose(
        ht.t_test(x, 0.0).p_value, stats.ttest_1samp(x, 0.0).pvalue, rtol=1e-8
    )
    # One degree of freedom: the square of a normal variable, here z^2 = 500.
    assert_allclose(
        ht.chi_squared_fit([500, 0], [0.5, 0.5]).p_value,
        2 * stats.norm.sf(np.sqrt(500)),
        rtol=1e-9,
    )


@pytest.mark.parametrize("alpha", [0.3, 0.05, 1e-6, 1e-20])
def test_power_of_the_z_test(alpha):
    d = np.array([-2.5, 0.0, 0.3, 2.5, 40.0])
    power = ht.z_test_power(d, alpha)
    z = stats.norm.isf(alpha / 2)
    assert_allclose(power, stats.norm.sf(z, d) + stats.norm.cdf(-z, d), rtol=1e-9)
    assert_allclose(power[1], alpha, rtol=1e-9)
    assert power[0] == power[3]
    assert power[-1] == 1.0


@pytest.mark.parametrize("n_outcomes", [2, 3, 7])
def test_fit_as_in_scipy(n_outcomes, rng):
    p = rng.dirichlet(np.full(n_outcomes, 5.0))
    observed = rng.multinomial(100, p, size=4)
    truth = stats.chisquare(observed, 100 * p, axis=1)
    agrees(ht.chi_squared_fit(observed, p), truth, n_outcomes - 1)


@pytest.mark.parametrize("shape", [(2, 2), (2, 5), (4, 3)])
def test_independence_as_in_scipy(shape, rng):
    tables = rng.integers(1, 60, size=(3, *shape))
    found = ht.chi_squared_independence(tables)
    for i, table in enumerate(tables):
        truth = stats.chi2_contingency(table, correction=False)
        assert_allclose(found.statistic[i], truth.statistic, rtol=1e-10)
        assert_allclose(found.p_value[i], truth.pvalue, rtol=1e-9)
        assert found.degrees_of_freedom[i] == truth.dof
        assert_allclose(ht.expected_counts(table), truth.expected_freq, rtol=1e-12)


def test_a_table_without_association_has_p_1():
    found = ht.chi_squared_independence([[10, 20], [30, 60]])
    assert_allclose([found.statistic, found.p_value], [0.0, 1.0], atol=1e-12)


def test_fields_are_read_only():
    found = ht.z_test(np.ones((2, 3)), 0.0, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        found.p_value[0] = 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ht.z_test(3.0, 0, 1), r"x: expected at least 1 values .* \(\)"),
        (lambda: ht.z_test([1.0], 0, 0), "sigma: expected numbers > 0"),
        (lambda: ht.z_test_power(1.0, 1.0), "alpha: expected a number < 1"),
        (lambda: ht.z_test_power(1.0, 0.0), "alpha: expected numbers > 0"),
        (lambda: ht.t_test([1.0], 0), r"x: expected at least 2 values .* \(1,\)"),
        (lambda: ht.t_test([0.1, 0.1, 0.1], 0), "x: expected values that vary"),
        (lambda: ht.t_test([[1, 2], [3, 3]], 0), "x: expected values that vary"),
        (lambda: ht.paired_t_test([1, 2, 3], [1, 2]), r"y: expected shape \(3,\)"),
        (
            lambda: ht.paired_t_test([0.1, 0.2, 0.7], [0.2, 0.3, 0.8]),
            "x: expected differences x - y that vary",
        ),
        (lambda: ht.pooled_t_test([1, 1], [2, 2]), "x: expected x and y that vary"),
        (lambda: ht.welch_t_test([1, 1], [2, 2]), "x: expected x and y that vary"),
        (lambda: ht.welch_t_test([1], [2, 3]), "x: expected at least 2"),
        (lambda: ht.pooled_t_test([1, 2], [[2, 3]]), r"y: expected the leading shape"),
        (lambda: ht.chi_squared_fit([3], [1.0]), "observed: expected at least two"),
        (lambda: ht.chi_squared_fit([[1, 2], [0, 0]], [0.5, 0.5]), "only zeros"),
        (lambda: ht.chi_squared_fit([1, 2], [1.0, 0.0]), "p: expected numbers > 0"),
        (lambda: ht.chi_squared_fit([1, 2], [0.5, 0.4]), "p: .* sum 1"),
        (lambda: ht.chi_squared_fit([1, 2], [0.5, 0.2, 0.3]), r"p: .* shape \(2,\)"),
        (lambda: ht.chi_squared_fit([1.5, 2], [0.5, 0.5]), "observed: .* whole"),
        (lambda: ht.expected_counts([1, 2]), r"table: expected at least two .* \(2,\)"),
        (lambda: ht.expected_counts([[1, 2]]), r"table: expected at least two rows"),
        (lambda: ht.expected_counts([[1, 2], [0, 0]]), "table: .* empty row"),
        (lambda: ht.expected_counts([[1, 0], [2, 0]]), "table: .* empty column"),
        (lambda: ht.chi_squared_independence([[1, 0], [2, 0]]), "table: .* column"),
        (lambda: ht.chi_squared_independence([[1, -1], [2, 4]]), "table: .* >= 0"),
        (lambda: ht.chi_squared_independence([[1, 0.5], [2, 4]]), "table: .* whole"),
    ],
)
def test_refuses_what_cannot_be_tested(call, message):
    with pytest.raises(ValueError, match=message):
        call()
