"""Time two calls side by side, and compare what they return."""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

__all__ = ["Comparison", "alternate", "cpu_time", "difference"]

Clock = Callable[[], float]
Thunk = Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """Seconds a call of both sides, one entry for each repeat."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def our_median(self) -> float:
        """Median seconds of our call."""
        return statistics.median(self.ours)

    @property
    def their_median(self) -> float:
        """Median seconds of the peer's call."""
        return statistics.median(self.theirs)

    @property
    def ratio(self) -> float:
        """Median of the ratios of the single repeats, ours over the peer's."""
        return statistics.median(self._ratios())

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of the ratios of the single repeats."""
        low, _, high = statistics.quantiles(self._ratios(), n=4, method="inclusive")
        return low, high

    def _ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]


def cpu_time() -> float:
    """Processor time of this process and of those that it started and waited for.

    With one thread and data in memory it is the time on an idle machine: what other
    processes take does not count.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def alternate(
    ours: Thunk,
    theirs: Thunk,
    *,
    repeats: int,
    least: float,
    clock: Clock = cpu_time,
) -> Comparison:
    """Time both calls in turn, each repeat for at least ``least`` seconds a side.

    The side that goes first alternates too, so that neither always finds the caches
    as the other left them, and a slow spell of the machine hits both.
    """
    loops = {call: _enough_loops(call, least, clock) for call in (ours, theirs)}
    seconds: dict[Thunk, list[float]] = {ours: [], theirs: []}
    for i in range(repeats):
        for call in (ours, theirs) if i % 2 == 0 else (theirs, ours):
            seconds[call].append(_seconds(call, loops[call], clock) / loops[call])
    return Comparison(tuple(seconds[ours]), tuple(seconds[theirs]))


def difference(ours: Any, theirs: Any) -> float:
    """Largest difference relative to the peer's largest number; inf if not comparable.

    Equal infinities agree; a nan on one side only, or another shape, does not.
    """
    import numpy as np  # not above: the runner sets the number of threads first

    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if a.shape != b.shape:
        return float("inf")
    differs = ~np.isclose(a, b, rtol=0, atol=0, equal_nan=True)
    if not differs.any():
        return 0.0
    if not (np.isfinite(a[differs]).all() and np.isfinite(b[differs]).all()):
        return float("inf")
    gap = np.abs(a[differs] - b[differs]).max()
    scale = np.abs(b[np.isfinite(b)]).max()
    return float(gap / scale) if scale > 0 else float("inf")


def _enough_loops(call: Thunk, least: float, clock: Clock) -> int:
    """Number of calls that fill the time, found by doubling, which also warms up."""
    loops = 1
    while _seconds(call, loops, clock) < least:
        loops *= 2
    return loops


def _seconds(call: Thunk, loops: int, clock: Clock) -> float:
    start = clock()
    for _ in repeat(None, loops):
        call()
    return clock() - start
