"""The built site and a browser; in CI their absence is a failure, not a skip."""

import os

import pytest

from tools import browser, site


def _absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def built():
    """Folder of the built site."""
    if not (site.SITE / "index.html").exists():
        _absent("no built site: run `make book` first")
    return site.SITE


@pytest.fixture(scope="session")
def chromium():
    """A running browser."""
    if browser.executable() is None:
        _absent("no Chromium: install it, or set CHROMIUM to its path")
    with browser.browser() as running:
        yield running
