"""Run mlnotes beside its peers, compare results and times, and write a table.

Usage: python -m benchmarks.run [--only WORD] [--quick] [--repeats N]
"""

import argparse
import gc
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from benchmarks.jobs import Job, Size, load_jobs
from benchmarks.timing import Comparison, alternate, difference

RESULTS = Path(__file__).with_name("results.md")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
HEADINGS = (
    "job",
    "size",
    "peer",
    "mlnotes time",
    "peer time",
    "ratio (quartiles)",
    "target",
    "verdict",
)
WIDTHS = (24, 46, 30, 12, 10, 26, 6, 0)
EPILOG = """
The exit code is 1 if a result differs from the peer's, and 0 otherwise: a missed
target is reported, not punished, because times depend on the machine. Only a run of
all jobs with all repeats writes benchmarks/results.md.
"""


@dataclass(frozen=True)
class Row:
    """One line of the table; ``difference`` is that of the results."""

    job: Job
    size: Size
    times: Comparison
    difference: float

    @property
    def right(self) -> bool:
        """Whether the results agree."""
        return self.difference <= self.job.rtol

    @property
    def verdict(self) -> str:
        """Whether the results agree and the target is met; if not, by how much."""
        if not self.right:
            return f"WRONG by {self.difference:.1g}, allowed {self.job.rtol:.1g}"
        if self.times.ratio <= self.size.target:
            return "meets"
        return f"misses by {self.times.ratio / self.size.target:.2f}×"

    @property
    def cells(self) -> tuple[str, ...]:
        """Text of the columns."""
        low, high = self.times.quartiles
        return (
            self.job.name,
            self.size.label,
            self.job.peer,
            duration(self.times.our_median),
            duration(self.times.their_median),
            f"{self.times.ratio:.3g} ({low:.3g} to {high:.3g})",
            f"≤ {self.size.target:g}",
            self.verdict,
        )


def measure(job: Job, size: Size, *, repeats: int, least: float) -> Row:
    """Compare the results of a job at one size, then its times."""
    data = size.data()
    ours, theirs = partial(job.ours, *data), partial(job.theirs(), *data)
    gap = difference(ours(), theirs())
    gc.collect()
    gc.disable()
    try:
        times = alternate(ours, theirs, repeats=repeats, least=least)
    finally:
        gc.enable()
    return Row(job, size, times, gap)


def duration(seconds: float) -> str:
    """Seconds in a readable unit, with three digits."""
    for unit, factor in (("ns", 1e9), ("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{seconds * factor:#.3g}".rstrip(".") + f" {unit}"
    return f"{seconds:#.3g} s"


def selected(jobs: Sequence[Job], word: str) -> Iterator[Job]:
    """Jobs whose title contains the word, whatever its case."""
    return (job for job in jobs if word.lower() in job.title.lower())


def machine() -> str:
    """One line on processor and versions, without names of hosts or folders."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                cpu = f"{line.partition(':')[2].strip()} ({cpu})"
                break
    packages = ("numpy", "scipy", "scikit-learn", "statsmodels")
    return ", ".join(
        [
            cpu,
            f"{os.cpu_count()} cores, 1 used",
            f"Python {platform.python_version()}",
            *(f"{name} {version(name)}" for name in packages),
            f"{datetime.now(UTC):%Y-%m-%d}",
        ]
    )


def line(cells: Sequence[str]) -> str:
    """One line of the table in the terminal."""
    return "  ".join(map(str.ljust, cells, WIDTHS))


def markdown(rows: Sequence[Row]) -> str:
    """The table as a page."""
    alignment = ("---",) * 3 + ("---:",) * 4 + ("---",)
    lines = [HEADINGS, alignment, *(row.cells for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    met = sum(row.verdict == "meets" for row in rows)
    return (
        "# mlnotes beside its peers\n\n"
        "Written by `make bench`; README.md says how to read it.\n\n"
        f"Measured on {machine()}.\n\n"
        f"{met} of {len(rows)} targets met.\n\n"
        f"{table}\n"
    )


def use_one_thread() -> None:
    """Ask the numerical libraries for one thread; they listen before their import."""
    if "numpy" in sys.modules:
        raise RuntimeError("numpy is loaded already, too late to set its threads")
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))


def settle_memory() -> None:
    """Free a block of almost 32 MB, after which glibc keeps what is freed.

    Otherwise a large temporary costs new pages or not depending on the jobs before.
    """
    bytearray(2**25 - 2**13)


def check_one_thread() -> None:
    """Refuse the measurements if a library had more than one thread after all."""
    from threadpoolctl import threadpool_info

    for pool in threadpool_info():
        if pool["num_threads"] > 1:
            raise RuntimeError(
                f"{pool['internal_api']}: expected 1 thread, got {pool['num_threads']}"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the selected jobs."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Compare mlnotes with its peers: results and times.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "--only",
        metavar="WORD",
        default="",
        help="jobs whose name or peer has the word",
    )
    parser.add_argument(
        "--quick", action="store_true", help="3 short repeats of the smallest sizes"
    )
    parser.add_argument(
        "--repeats", metavar="N", type=int, default=9, help="at least 7; default 9"
    )
    options = parser.parse_args(arguments)
    if options.repeats < 7:
        parser.error(f"--repeats: expected at least 7, got {options.repeats}")

    use_one_thread()
    jobs = list(selected(load_jobs(), options.only))
    if not jobs:
        parser.error(f"--only: no job has {options.only!r} in its name or peer")

    repeats, least = (3, 0.005) if options.quick else (options.repeats, 0.02)
    settle_memory()
    rows = []
    print(line(HEADINGS))
    for job in jobs:
        for size in job.sizes[:1] if options.quick else job.sizes:
            rows.append(measure(job, size, repeats=repeats, least=least))
            print(line(rows[-1].cells), flush=True)
    check_one_thread()

    if not (options.only or options.quick):
        RESULTS.write_text(markdown(rows), encoding="utf-8")
    wrong = [row for row in rows if not row.right]
    for row in wrong:
        print(f"{row.job.title}, {row.size.label}: {row.verdict}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
