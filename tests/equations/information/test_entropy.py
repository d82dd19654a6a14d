"""The equations of the lesson "Entropy", each by another route."""

import heapq
import re
from fractions import Fraction
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from scipy import constants, integrate, optimize, special, stats

from mlnotes.information.discrete import entropy, kl_divergence, self_information
from mlnotes.probability.distributions import Laplace, Normal
from tools import notebooks

LESSON = notebooks.BOOK / "information" / "entropy.ipynb"
UNITS = {"bits": 2, "nats": np.e, "hartleys": 10}
COIN = [0.9, 0.1]


@pytest.fixture(scope="module")
def lesson():
    """The notebook of the lesson."""
    return notebooks.read(LESSON)


@pytest.fixture(scope="module")
def printed(lesson):
    """All that the lesson prints."""
    outputs = [o for cell in notebooks.code_cells(lesson) for o in cell.outputs]
    return "\n".join(o.text for o in outputs if o.output_type == "stream")


def table(printed, header):
    """Rows of numbers below the header of a printed table."""
    rows = []
    for line in printed.split(header, 1)[1].splitlines()[1:]:
        if not re.fullmatch(r"[\s\d.]+", line):
            break
        rows.append([float(word) for word in line.split()])
    return np.array(rows)


def unit_of(distributions, values, digits=6):
    """The one unit in which all values are the entropies; SciPy is the judge."""
    for unit, base in UNITS.items():
        truth = stats.entropy(distributions, base=base, axis=-1)
        if np.allclose(values, truth, rtol=0, atol=0.51 * 10.0**-digits):
            return unit
    raise ValueError("values: expected entropies in one unit, got a mixture")


@pytest.mark.equation("eq-entropy-additivity")
def test_surprises_of_two_dice_add():
    """Counting the 36 outcomes of two dice; dependent dice are the counterexample."""
    rolls = list(product(range(1, 7), repeat=2))
    events = [lambda x: x == 6, lambda x: x % 2 == 0, lambda x: x < 5]

    def share(outcomes, event):
        return Fraction(sum(map(event, outcomes)), len(outcomes))

    def surprise(p):
        return float(self_information(float(p), base=2))

    for first, second in product(events, repeat=2):
        one = share(rolls, lambda r, e=first: e(r[0]))
        other = share(rolls, lambda r, e=second: e(r[1]))
        both = share(rolls, lambda r, a=first, b=second: a(r[0]) and b(r[1]))
        assert_allclose(surprise(both), surprise(one) + surprise(other), rtol=1e-12)

    glued = [(x, x) for x in range(1, 7)]  # the second die repeats the first
    both = share(glued, lambda r: r == (6, 6))
    assert surprise(both) < 2 * surprise(Fraction(1, 6)) - 2


@pytest.mark.equation("eq-entropy-definition")
@pytest.mark.parametrize("base", UNITS.values())
def test_entropy_is_the_mean_surprise_of_draws(rng, base):
    """Simulation within 5 standard errors, and SciPy; one outcome is impossible."""
    p = np.array([0.45, 0.0, 0.3, 0.2, 0.05])
    draws = rng.choice(p.size, size=200_000, p=p)
    surprise = -np.log(p[draws]) / np.log(base)
    tolerance = 5 * surprise.std() / np.sqrt(draws.size)
    assert abs(surprise.mean() - entropy(p, base=base)) < tolerance
    assert_allclose(entropy(p, base=base), stats.entropy(p, base=base), rtol=1e-12)


def shortest_mean_length(p):
    """Smallest mean word length over all lengths that Kraft's inequality allows."""
    p = np.sort(p)[::-1]
    longest = len(p) - 1
    return min(
        p @ np.array(lengths)
        for lengths in combinations_with_replacement(range(1, longest + 1), len(p))
        if sum(2.0**-length for length in lengths) <= 1
    )


def mean_huffman_length(p):
    """Sum of the merged probabilities, Huffman's method without its words."""
    heap, total = list(p), 0.0
    heapq.heapify(heap)
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


@pytest.mark.equation("eq-entropy-blocks")
def test_block_codes_stay_between_the_bounds(printed):
    """Brute force over all word lengths of short blocks, then the printed table."""
    coin_bits = stats.entropy(COIN, base=2)
    for n in (1, 2, 3):
        blocks = [np.prod(b) for b in product(COIN, repeat=n)]
        best = shortest_mean_length(blocks) / n
        assert coin_bits <= best < coin_bits + 1 / n
        assert_allclose(mean_huffman_length(blocks) / n, best, rtol=1e-12)

    rows = table(printed, "bits for 1000 flips")
    assert rows[-1, 0] == 10
    for n, per_flip, bound, thousand in rows:
        blocks = [np.prod(b) for b in product(COIN, repeat=int(n))]
        best = mean_huffman_length(blocks) / n
        assert coin_bits <= best < coin_bits + 1 / n
        assert_allclose([per_flip, bound], [best, coin_bits + 1 / n], atol=5.1e-5)
        assert abs(thousand - 1000 * best) <= 0.5


@pytest.mark.equation("eq-entropy-units")
def test_change_of_base_is_one_factor(rng):
    """SciPy in each base, converted there and back."""
    p = rng.dirichlet(np.ones(7), size=5)
    for a, b in product(UNITS.values(), repeat=2):
        there = entropy(p, base=a) / (np.log(b) / np.log(a))
        assert_allclose(there, stats.entropy(p, base=b, axis=-1), rtol=1e-12)
        back = there / (np.log(a) / np.log(b))
        assert_allclose(back, entropy(p, base=a), rtol=1e-12)
    fair = [entropy([0.5, 0.5], base=base) for base in UNITS.values()]
    assert_allclose(fair, [1, 0.693147, 0.301030], rtol=1e-5)


def test_each_column_of_the_printed_table_is_in_its_unit(printed):
    header = "heads        bits       nats   hartleys"
    rows = table(printed, header)
    coins = np.column_stack([rows[:, 0], 1 - rows[:, 0]])
    for unit, column in zip(header.split()[1:], rows.T[1:], strict=True):
        assert unit_of(coins, column) == unit


@pytest.mark.parametrize("place", range(6))
def test_a_column_that_mixes_bases_is_refused(printed, place):
    """Negative control: one entry of the printed table in another unit."""
    rows = table(printed, "heads        bits       nats   hartleys")
    coins = np.column_stack([rows[:, 0], 1 - rows[:, 0]])
    mixed = rows[:, 1].copy()
    mixed[place] = rows[place, 2]
    with pytest.raises(ValueError, match="expected entropies in one unit"):
        unit_of(coins, mixed)


@pytest.mark.equation("eq-entropy-derivative")
def test_slope_and_curvature_of_the_coin():
    """Computer algebra, and the largest value on a grid."""
    p = sp.symbols("p", positive=True)
    coin = -p * sp.log(p) - (1 - p) * sp.log(1 - p)
    slope = sp.log((1 - p) / p)
    difference = sp.expand_log(sp.diff(coin, p) - slope, force=True)
    assert sp.simplify(difference) == 0
    assert sp.simplify(sp.diff(coin, p, 2) + 1 / (p * (1 - p))) == 0
    assert sp.solve(slope, p) == [sp.Rational(1, 2)]
    assert coin.subs(p, sp.Rational(1, 2)).equals(sp.log(2))
    grid = np.linspace(0, 1, 1001)
    bits = entropy(np.column_stack([grid, 1 - grid]), base=2)
    assert grid[bits.argmax()] == 0.5
    assert bits.max() == 1.0


@pytest.mark.equation("eq-entropy-maximum")
@pytest.mark.parametrize("K", [2, 4, 5, 8])
def test_the_uniform_distribution_has_most(rng, K):
    """Lagrange multiplier by computer algebra, and random points of the simplex."""
    assert_allclose(entropy(np.full(K, 1 / K)), np.log(K), rtol=1e-12)
    for concentration in (0.1, 1.0, 30.0):
        sample = entropy(rng.dirichlet(np.full(K, concentration), size=20_000))
        assert sample.min() >= 0
        assert sample.max() < np.log(K)
    assert np.all(entropy(np.eye(K)) == 0)

    p = sp.symbols(f"p:{K}", positive=True)
    level = sp.symbols("lambda", real=True)
    lagrangian = -sum(q * sp.log(q) for q in p) + level * (sum(p) - 1)
    stationary = [sp.solve(sp.diff(lagrangian, q), q)[0] for q in p]
    assert len(set(stationary)) == 1  # all outcomes get the same probability
    (level_found,) = sp.solve(sum(stationary) - 1, level)
    assert sp.simplify(stationary[0].subs(level, level_found) - sp.Rational(1, K)) == 0


def differential_entropy(density, low, high):
    """Quadrature of -f log f."""
    value, _ = integrate.quad(
        lambda x: special.entr(density(x)), low, high, epsabs=1e-13, limit=200
    )
    return value


@pytest.mark.equation("eq-entropy-uniform")
@pytest.mark.parametrize("a", [0.25, 0.5, 1.0, 7.0])
def test_uniform_entropy(a):
    """Quadrature of SciPy's density; U(0, 1) is 0, shorter intervals are negative."""
    expected = differential_entropy(stats.uniform(0, a).pdf, 0, a)
    assert_allclose(np.log(a), expected, rtol=1e-12, atol=1e-14)
    assert (np.log(a) < 0) == (a < 1)


@pytest.mark.equation("eq-entropy-normal")
@pytest.mark.parametrize("scale", [0.1, 1.0, 2.5])
def test_normal_entropy(scale):
    """Quadrature of SciPy's density over 12 standard deviations to each side."""
    density = stats.norm(3.0, scale).pdf
    expected = differential_entropy(density, 3 - 12 * scale, 3 + 12 * scale)
    formula = 0.5 * np.log(2 * np.pi * np.e * scale**2)
    assert_allclose(formula, expected, rtol=1e-9)
    assert_allclose(Normal(3.0, scale).entropy(), expected, rtol=1e-9)


@pytest.mark.equation("eq-entropy-scaling")
@pytest.mark.parametrize("a", [-3.0, 0.01, 2.0])
def test_scaling_shifts_the_entropy(a):
    """Quadrature of the density of aX for a skewed X, found by differencing its cdf."""
    x = stats.gamma(3.0)

    def cdf(y):
        return x.cdf(y / a) if a > 0 else x.sf(y / a)

    step = 1e-5 * abs(a)

    def density(y):
        return max((cdf(y + step) - cdf(y - step)) / (2 * step), 0.0)

    low, high = sorted([1e-3 * a, 40 * a])
    h_scaled = differential_entropy(density, low, high)
    h = differential_entropy(x.pdf, 1e-3, 40)
    # The differences are good to about 1e-10, relative to the density.
    assert_allclose(h_scaled, h + np.log(abs(a)), atol=1e-6)


@pytest.mark.equation("eq-entropy-discretized")
@pytest.mark.parametrize(
    ("truth", "record"),
    [
        (stats.norm(0.3, 1), Normal(0.3, 1)),
        (stats.laplace(0.3, 2), Laplace(0.3, 2)),
        (stats.norm(0.3, 0.1), Normal(0.3, 0.1)),
    ],
)
def test_bins_lose_the_logarithm_of_their_width(truth, record):
    """Entropy of the bins from SciPy's cdf; the error falls with the width."""
    errors = []
    for width in truth.std() * np.array([1, 1 / 4, 1 / 16]):
        edges = np.arange(-40 * truth.std(), 40 * truth.std(), width)
        bins = np.diff(truth.cdf(edges))
        errors.append(abs(stats.entropy(bins) + np.log(width) - record.entropy()))
    # The error is width^2 / 24 times the Fisher information of the location.
    assert errors[0] > 10 * errors[1] > 100 * errors[2]
    assert errors[2] < 1e-3


def test_divergence_keeps_its_value_in_fine_bins_and_in_other_units():
    for scale in (1.0, 100.0):
        edges = scale * np.linspace(-24, 24, 2001)
        p = np.diff(stats.norm.cdf(edges, 0, scale))
        q = np.diff(stats.norm.cdf(edges, 0, 2 * scale))
        assert_allclose(kl_divergence(p, q), np.log(2) + 1 / 8 - 1 / 2, rtol=1e-4)


@pytest.mark.equation("eq-entropy-gibbs")
@pytest.mark.parametrize("levels", [(0.0, 1.0), (0.0, 1.0, 2.5), (0.0, 0.7, 0.7, 4.0)])
def test_gibbs_entropy_is_that_of_reversible_heat(levels):
    """Clausius: the integral of heat over temperature while the system is warmed."""
    energies = np.array(levels)  # k = 1

    def probabilities(t):
        return special.softmax(-energies / t)

    def heat_capacity(t):
        p = probabilities(t)
        return (p @ energies**2 - (p @ energies) ** 2) / t**2

    assert entropy(probabilities(0.01)) < 1e-12  # certain at the start
    for t in (0.3, 1.0, 10.0):
        clausius, _ = integrate.quad(
            lambda u: heat_capacity(u) / u, 0.01, t, epsabs=1e-12, limit=200
        )
        p = probabilities(t)
        assert_allclose(entropy(p), clausius, rtol=1e-8)
        gibbs = -constants.Boltzmann * np.sum(p * np.log(p))
        bits = stats.entropy(p, base=2)
        assert_allclose(constants.Boltzmann * np.log(2) * bits, gibbs, rtol=1e-12)
        # k ln W is an upper bound, reached only when all states are equally likely.
        assert gibbs < constants.Boltzmann * np.log(len(p))
    uniform = np.full(len(energies), 1 / len(energies))
    assert_allclose(entropy(uniform), np.log(len(energies)), rtol=1e-12)


@pytest.mark.equation("eq-entropy-maximum-mean")
@pytest.mark.parametrize("mean", [2.0, 3.5, 4.5])
def test_most_uncertain_die_with_a_given_mean(mean):
    """SciPy's constrained optimizer, which knows nothing about exponentials."""
    faces = np.arange(1, 7)
    found = optimize.minimize(
        lambda p: -special.entr(p).sum(),
        x0=np.full(6, 1 / 6),
        jac=lambda p: np.log(p) + 1,
        bounds=[(1e-9, 1)] * 6,
        constraints=[
            {"type": "eq", "fun": lambda p: p.sum() - 1},
            {"type": "eq", "fun": lambda p: p @ faces - mean},
        ],
        options={"ftol": 1e-14, "maxiter": 500},
    )
    rate = optimize.brentq(
        lambda r: special.softmax(r * faces) @ faces - mean, -5, 5, xtol=1e-13
    )
    # Flat at the maximum: probabilities are good to about the root of ftol.
    assert_allclose(special.softmax(rate * faces), found.x, atol=1e-5)
    if mean == 4.5:
        expected = [0.054353, 0.078772, 0.114160, 0.165447, 0.239774, 0.347494]
        assert_allclose(special.softmax(rate * faces), expected, rtol=1e-5)


def test_expected_drop_of_entropy_by_one_flip():
    """Lindley's measure as a double integral: mean of log p(x | theta) / p(x)."""
    by_quadrature = sum(
        integrate.quad(lambda t, x=x: special.xlogy(t, t / 0.5), 0, 1)[0]
        for x in (0, 1)  # heads and tails are mirror images
    )
    assert_allclose(by_quadrature, np.log(2) - 0.5, rtol=1e-9)
    drop = 0.0 - stats.beta(2, 1).entropy()
    assert_allclose(drop, by_quadrature, rtol=1e-9)


def test_urn_leaves_its_start_and_returns_after_two_to_the_n_moves():
    """Exact transition matrix of the Ehrenfest urn with 10 balls."""
    n = 10
    moves = np.zeros((n + 1, n + 1))
    for m in range(n + 1):
        if m > 0:
            moves[m, m - 1] = m / n
        if m < n:
            moves[m, m + 1] = 1 - m / n
    # Mean number of moves until all balls are on the left again, from m on the left.
    inner = np.eye(n) - moves[:n, :n]
    wait = np.linalg.solve(inner, np.ones(n))
    assert_allclose(1 + wait[n - 1], 2**n, rtol=1e-9)
    # The expected entropy of the macrostate never exceeds that of the middle one.
    ways = special.gammaln(n + 1) - special.gammaln(np.arange(n + 1) + 1)
    ways -= special.gammaln(n - np.arange(n + 1) + 1)
    later = np.linalg.matrix_power(moves, 50)[n]
    assert 0.8 * ways.max() < later @ ways < ways.max()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (entropy(np.full(6, 1 / 6), base=2), 2.584963),
        (0.9 * np.log2(0.9), -0.136803),
        (0.1 * np.log2(0.1), -0.332193),
        (entropy(COIN, base=2), 0.468996),
        (entropy(COIN), 0.325083),
        (entropy(COIN, base=10), 0.141182),
        (Normal(0, 1).entropy(), 1.418939),
        (np.log(0.5), -0.693147),
        (constants.Boltzmann * np.log(2), 9.569930e-24),
        (-100 / 400 + 100 / 300, 0.0833333),
    ],
)
def test_worked_figures(value, expected):
    assert_allclose(value, expected, rtol=5e-6)


def test_each_paper_has_one_year(lesson):
    """The year in a row of the history table is that of the work it cites."""
    text = notebooks.prose(lesson)
    rows = re.findall(
        r"^\| (\d{4}) \| (\w+) \|.*\{cite:p\}`([a-z]+)(\d{4})`", text, re.M
    )
    assert len(rows) == 8
    for year, who, name, cited in rows:
        assert (who.lower(), year) == (name, cited)
    bibliography = (notebooks.BOOK / "references.bib").read_text(encoding="utf-8")
    for key in notebooks.citations(lesson):
        entry = re.search(rf"@\w+\{{{key},(.*?)\n\}}", bibliography, re.S)
        assert entry, f"references.bib: expected an entry {key}"
        stated = re.search(r"year\s*=\s*\{(\d{4})\}", entry[1])[1]
        assert stated in key
