"""The benchmarks measure what they say, and see a wrong result."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.jobs import Job, Size, load_jobs
from benchmarks.run import HEADINGS, duration, main, markdown, measure, selected
from benchmarks.timing import Comparison, alternate, cpu_time, difference

ROOT = Path(__file__).parents[1]
JOBS = load_jobs()


class Machine:
    """A clock that moves only when work is done, and remembers who worked."""

    def __init__(self):
        self.now = 0.0
        self.log = []

    def clock(self):
        """Time of this machine."""
        return self.now

    def work(self, name, seconds):
        """Let time pass and write the name down."""
        self.now += seconds
        self.log.append(name)


def fake_job(ours, target=1.0, rtol=1e-12):
    size = Size("tiny", lambda: (np.array([1.0, 2.0]),), target)
    return Job("sum", "a peer", ours, lambda: np.sum, (size,), rtol)


def quick(job):
    return measure(job, job.sizes[0], repeats=3, least=1e-6)


def test_ratio_is_the_quotient_of_the_true_costs():
    machine = Machine()
    times = alternate(
        partial(machine.work, "ours", 0.003),
        partial(machine.work, "theirs", 0.002),
        repeats=7,
        least=0.02,
        clock=machine.clock,
    )
    assert times.our_median == pytest.approx(0.003)
    assert times.their_median == pytest.approx(0.002)
    assert times.ratio == pytest.approx(1.5)
    assert times.quartiles == pytest.approx((1.5, 1.5))


def test_sides_alternate_and_fill_the_time():
    machine = Machine()
    alternate(
        partial(machine.work, "a", 0.008),
        partial(machine.work, "b", 0.03),
        repeats=3,
        least=0.02,
        clock=machine.clock,
    )
    # Four calls of the fast side and one of the slow one reach 20 ms.
    assert "".join(machine.log[-15:]) == "aaaab" + "baaaa" + "aaaab"


def test_median_ratio_ignores_one_disturbed_repeat():
    times = Comparison(
        ours=(2.0, 2.0, 60.0, 2.2, 1.8), theirs=(1.0, 1.0, 1.0, 1.0, 1.0)
    )
    assert times.ratio == 2.0
    assert times.quartiles == (2.0, 2.2)


def test_pairs_cancel_a_slow_spell_of_the_machine():
    times = Comparison(ours=(2.0, 20.0, 200.0), theirs=(1.0, 10.0, 100.0))
    assert times.ratio == 2.0


def test_cpu_time_counts_this_process_and_its_children():
    start = cpu_time()
    subprocess.run([sys.executable, "-c", "sum(range(10**6))"], check=True)
    spent = cpu_time() - start
    assert 0.005 < spent < 60


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (1.0, 1.0, 0.0),
        ([10.0, 1.1], [10.0, 1.0], 0.01),
        ([10.0, 0.9], [10.0, 1.0], 0.01),
        (np.inf, np.inf, 0.0),
        ([np.inf, 3.0], [np.inf, 2.0], 0.5),
        (np.nan, np.nan, 0.0),
        (np.nan, 1.0, np.inf),
        (1.0, np.nan, np.inf),
        (np.inf, 1.0, np.inf),
        (-np.inf, np.inf, np.inf),
        (1e-300, 0.0, np.inf),
        ([1.0], 1.0, np.inf),
        ([1.0, 2.0], [1.0, 2.0, 3.0], np.inf),
    ],
)
def test_difference_of_results(ours, theirs, expected):
    assert difference(ours, theirs) == pytest.approx(expected)


def test_a_wrong_result_is_flagged_however_fast():
    row = quick(fake_job(lambda x: 3.001, target=1e9))
    assert not row.right
    assert row.verdict == "WRONG by 0.0003, allowed 1e-12"


def test_verdicts_of_right_results():
    assert quick(fake_job(np.sum, target=1e9)).verdict == "meets"
    slow = quick(fake_job(np.sum, target=1e-9))
    assert slow.right
    assert slow.verdict.startswith("misses by ")


@pytest.mark.parametrize(("result", "code"), [(3.0, 0), (3.001, 1)])
def test_only_a_wrong_result_fails_the_run(monkeypatch, capsys, result, code):
    monkeypatch.setattr("benchmarks.run.use_one_thread", lambda: None)
    monkeypatch.setattr("benchmarks.run.check_one_thread", lambda: None)
    jobs = (fake_job(lambda x: result, target=1e-9),)
    monkeypatch.setattr("benchmarks.run.load_jobs", lambda: jobs)
    assert main(["--quick"]) == code
    assert ("WRONG" in capsys.readouterr().err) == bool(code)


def test_only_a_run_of_everything_writes_the_page(monkeypatch, tmp_path):
    page = tmp_path / "results.md"
    monkeypatch.setattr("benchmarks.run.RESULTS", page)
    monkeypatch.setattr("benchmarks.run.use_one_thread", lambda: None)
    monkeypatch.setattr("benchmarks.run.check_one_thread", lambda: None)
    monkeypatch.setattr("benchmarks.run.load_jobs", lambda: (fake_job(np.sum),))
    main(["--quick"])
    main(["--only", "sum"])
    assert not page.exists()
    main([])
    assert "| sum | tiny | a peer |" in page.read_text(encoding="utf-8")


def test_only_selects_by_name_or_peer():
    titles = {job.title for job in selected(JOBS, "kl DIV")}
    assert titles == {
        "KL divergence against scipy.stats",
        "KL divergence against scipy.special",
    }
    assert {job.peer for job in selected(JOBS, "statsmodels")} == {"statsmodels Logit"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2.0, "2.00 s"),
        (0.9999, "1.00 s"),
        (0.1234, "123 ms"),
        (9.87e-6, "9.87 µs"),
        (4.2e-8, "42.0 ns"),
    ],
)
def test_durations_have_three_digits(seconds, text):
    assert duration(seconds) == text


def test_page_has_a_line_for_each_row_and_names_no_place():
    page = markdown([quick(fake_job(np.sum, target=1e9))])
    table = [line for line in page.splitlines() if line.startswith("|")]
    assert len(table) == 3
    assert {line.count("|") for line in table} == {len(HEADINGS) + 1}
    assert "1 of 1 targets met" in page
    assert str(ROOT) not in page


def test_run_loads_nothing_numerical_before_it_sets_the_threads():
    code = "import sys, benchmarks.run; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT
    )
    assert done.stdout.strip() == b"False"


@pytest.mark.parametrize("job", JOBS, ids=[job.title for job in JOBS])
def test_our_result_equals_the_peers(job):
    data = job.sizes[0].data()
    assert difference(job.ours(*data), job.theirs()(*data)) <= job.rtol
