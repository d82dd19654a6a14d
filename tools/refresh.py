"""Execute notebooks and write them back in their normal form.

Usage: python -m tools.refresh [NOTEBOOK ...]   (all lessons without arguments)
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import notebooks


def refresh(path: Path) -> str:
    """Execute one notebook; replace the file in one step, and only if it changed."""
    text = notebooks.normalize(notebooks.execute(path))
    if text == path.read_text(encoding="utf-8"):
        return "unchanged"
    draft = path.with_suffix(".ipynb.tmp")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)
    return "rewritten"


def main(arguments: list[str]) -> int:
    """Refresh the named notebooks, or all, and report the ones that fail."""
    paths = [Path(a).resolve() for a in arguments] or notebooks.lesson_paths()
    notebooks.use_quiet_kernel()
    failed = 0
    # Each notebook runs in a kernel process of its own; the threads only wait.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [(path, pool.submit(refresh, path)) for path in paths]
        for path, run in runs:
            error = run.exception()
            failed += error is not None
            outcome = f"FAILED, left as it was\n{error}" if error else run.result()
            print(f"{notebooks.lesson_name(path)}: {outcome}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
