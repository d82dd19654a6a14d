"""What to do when a printed number no longer matches, said at the end of a run."""

from pathlib import Path

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the lessons whose outputs differ from the stored ones."""
    failed = terminalreporter.getreports("failed")
    nodes = (Path(report.nodeid.split("::")[0]) for report in failed)
    lessons = sorted({path.as_posix() for path in nodes if path.suffix == ".ipynb"})
    for lesson in lessons:
        terminalreporter.write_line(
            f"{lesson}: a cell fails or prints something else than is stored. Mend the "
            f"cell; if the new output is right, run `make refresh LESSON={lesson}` and "
            "read the difference before you commit it.",
            red=True,
        )
