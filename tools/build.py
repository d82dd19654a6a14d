"""Build the book: run changed lessons on all cores, then render the site.

Usage: python -m tools.build

Lessons are executed into a cache whose key is the notebook alone. The cache is
therefore dropped whenever the package, the environment or the configuration changed.
"""

import hashlib
import logging
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import ROOT
from tools.notebooks import lesson_name, lesson_paths, use_quiet_kernel

BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"
STAMP = BUILD / "environment.sha256"
SITE = BUILD / "html"
TIMEOUT = 60


def fingerprint() -> str:
    """Digest of everything but the notebooks that can change what they print."""
    digest = hashlib.sha256(sys.version.encode())
    files = [ROOT / "requirements.txt", ROOT / "_config.yml"]
    files += sorted(p for p in (ROOT / "mlnotes").rglob("*") if p.is_file())
    for path in files:
        if "__pycache__" not in path.parts:
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def drop_stale() -> None:
    """Forget outputs and pages made with another package or environment."""
    current = fingerprint()
    if STAMP.exists() and STAMP.read_text() == current:
        return
    # The pages too: Sphinx does not read a notebook again that did not change.
    for folder in (CACHE, SITE, BUILD / ".doctrees"):
        shutil.rmtree(folder, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    STAMP.write_text(current)


def fill_cache(paths: list[Path]) -> list[str]:
    """Execute what the cache lacks, in parallel; return the lessons that failed."""
    from jupyter_cache import get_cache
    from jupyter_cache.executors import load_executor

    cache = get_cache(str(CACHE))
    staged = {record.uri for record in cache.list_project_records()}
    for uri in staged - {str(path) for path in paths}:
        cache.remove_nb_from_project(uri)
    for path in paths:
        cache.add_nb_to_project(str(path))
    waiting = [Path(record.uri) for record in cache.list_unexecuted()]
    print(f"{len(waiting)} of {len(paths)} lessons to execute", flush=True)
    if not waiting:
        return []
    logger = logging.getLogger(__name__)
    logger.setLevel(logging.INFO)  # makes the workers report each lesson
    executor = load_executor("local-parallel", cache, logger=logger)
    result = executor.run_and_cache(timeout=TIMEOUT)
    failed = result.excepted + result.errored
    for uri in failed:
        record = cache.get_project_record(uri)
        print(f"\n{lesson_name(Path(uri))} failed:\n{record.traceback}", flush=True)
    return [lesson_name(Path(uri)) for uri in failed]


def render() -> int:
    """Render the site; every warning is an error."""
    command = ["jupyter-book", "build", "-W", "-n", "--keep-going", str(ROOT)]
    executable = Path(sys.executable).with_name(command[0])
    command[0] = str(executable) if executable.exists() else command[0]
    return subprocess.run(command, cwd=ROOT).returncode


def main() -> int:
    """Build everything that is out of date."""
    start = time.perf_counter()
    drop_stale()
    use_quiet_kernel()
    if failed := fill_cache(lesson_paths()):
        print(f"Not built: mend the lessons {', '.join(failed)}.")
        return 1
    if code := render():
        print("Not built: mend the warnings and errors above.")
        return code
    print(f"Built in {time.perf_counter() - start:.0f} s.")
    print(f"Open {(SITE / 'index.html').relative_to(ROOT)} or run `make serve`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
