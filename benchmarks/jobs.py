"""What a benchmark is: a record that names a task, its sizes and its peer.

The records themselves stand in one module for each part of the book, in a tuple JOBS.
Only the runner says when they are imported: after it has asked for a single thread.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["PARTS", "Call", "Job", "Size", "load_jobs"]

PARTS = ("information", "probability", "likelihood", "losses", "importing")

Call = Callable[..., Any]


@dataclass(frozen=True)
class Size:
    """One size of a job.

    Attributes
    ----------
    label : str
        The size in the table, such as ``n = 1000``.
    data : callable
        Returns the arguments that both sides receive; seeded, called once.
    target : float
        Largest ratio of the times, ours over the peer's, that meets the target.
    """

    label: str
    data: Callable[[], tuple[Any, ...]]
    target: float


@dataclass(frozen=True)
class Job:
    """A task, done by mlnotes and by a peer.

    Attributes
    ----------
    name, peer : str
        The task and the peer in the table.
    ours : callable
        Does the task with mlnotes and returns numbers.
    theirs : callable
        Imports the peer and returns the function that does the task with it: peers
        are slow to import, and the import must not be timed.
    sizes : tuple of Size
        From small to large.
    rtol : float
        Largest difference of the two results, relative to the peer's largest number.
    """

    name: str
    peer: str
    ours: Call
    theirs: Callable[[], Call]
    sizes: tuple[Size, ...]
    rtol: float

    @property
    def title(self) -> str:
        """The task and its peer, which is what ``--only`` searches."""
        return f"{self.name} against {self.peer}"


def load_jobs() -> tuple[Job, ...]:
    """Import the jobs of all parts, in order."""
    modules = [importlib.import_module(f"benchmarks.{part}") for part in PARTS]
    return tuple(job for module in modules for job in module.JOBS)
