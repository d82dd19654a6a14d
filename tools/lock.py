"""Renew requirements.txt: the newest versions that the ranges allow, pinned exactly.

Usage: python -m tools.lock
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import ROOT

HEAD = """\
# The whole environment of the book, pinned exactly. Install it with
#     pip install -r requirements.txt
# Renew it with `python -m tools.lock`, which installs the newest versions that
# pyproject.toml allows into a fresh environment and writes down what came.
"""


def main() -> int:
    """Install into a temporary environment, then replace the pins."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        scripts = "Scripts" if sys.platform == "win32" else "bin"
        pip = [str(Path(folder) / scripts / "python"), "-m", "pip"]
        subprocess.run(
            [*pip, "install", "--quiet", "-e", ".[lab,test,bench]"],
            cwd=ROOT,
            check=True,
        )
        pins = subprocess.run(
            [*pip, "freeze", "--exclude-editable"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    (ROOT / "requirements.txt").write_text(f"{HEAD}{pins}-e .\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
