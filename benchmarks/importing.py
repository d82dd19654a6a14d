"""Importing mlnotes, one module at a time, each in a fresh process."""

import pkgutil
import subprocess
import sys
from functools import partial

import mlnotes
from benchmarks.jobs import Call, Job, Size

__all__ = ["JOBS"]

# For notebooks, where matplotlib and IPython are loaded anyway.
NOT_COMPUTING = ("mlnotes.plotting", "mlnotes.showing")

# What an import must not pull in; SciPy's linear algebra and special functions do not.
HEAVY = ("scipy.stats", "matplotlib", "sklearn", "pandas")


def modules() -> list[str]:
    """Names of the package and of its public modules that compute."""
    found = pkgutil.walk_packages(mlnotes.__path__, "mlnotes.")
    names = [module.name for module in found if not module.ispkg]
    return [
        "mlnotes",
        *(n for n in names if "._" not in n and n not in NOT_COMPUTING),
    ]


def import_in_fresh_process(*names: str) -> int:
    """Start Python, import the modules, and count the heavy ones that came along."""
    code = (
        f"import sys, {', '.join(names)}; "
        f"print(sum(name in sys.modules for name in {HEAVY}))"
    )
    command = [sys.executable, "-c", code]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def import_scipy() -> Call:
    """Import what a module of mlnotes may need."""
    # The peer gets the name of our module as well, and has no use for it.
    return lambda _: import_in_fresh_process("scipy.linalg", "scipy.special")


def argument(name: str) -> tuple[str]:
    """Data of the job: the name alone."""
    return (name,)


JOBS = (
    Job(
        "importing",
        "scipy.linalg and scipy.special",
        import_in_fresh_process,
        import_scipy,
        tuple(Size(name, partial(argument, name), target=1.2) for name in modules()),
        rtol=0,  # no heavy module on either side
    ),
)
