"""Checks of the built site that need a real browser, without a network."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# A browser in a container has no sandbox of its own and no GPU.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SERIOUS = {"serious", "critical"}


def executable() -> str | None:
    """Path of a Chromium: the variable CHROMIUM, or what the system offers."""
    names = ("chromium", "chromium-browser", "google-chrome")
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    return next((c for c in candidates if c and Path(c).exists()), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield running
        running.close()


class Visit:
    """A page opened from disk in a context of its own, with all that went wrong."""

    def __init__(self, running: Browser, path: Path, **options: Any) -> None:
        self.context: BrowserContext = running.new_context(
            **{"viewport": DESKTOP, "offline": True, **options}
        )
        self.page: Page = self.context.new_page()
        self.noise: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.noise.append(f"script error: {e}"))
        self.page.on("request", self._request)
        self.page.goto(path.as_uri())

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.noise.append(f"console error: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.noise.append(f"request to {request.url}: ship it in book/_static/")

    def settle(self) -> None:
        """Wait until MathJax has set the page and what follows it has run."""
        self.page.wait_for_load_state()
        self.page.evaluate("window.MathJax && MathJax.startup.promise")
        self.page.evaluate("new Promise(requestAnimationFrame)")

    def theme(self, name: str) -> None:
        """Switch to the light or the dark theme, without its fading."""
        self.page.add_style_tag(content="* { transition: none !important; }")
        self.page.evaluate("t => { document.documentElement.dataset.theme = t }", name)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def mathematics(page: Page) -> list[str]:
    """Formulas that MathJax left alone or could not read."""
    return [
        str(problem)
        for problem in page.evaluate(
            """() => {
              const raw = [...document.querySelectorAll('.math')]
                .filter(e => !e.querySelector('mjx-container'))
                .map(e => 'not rendered: ' + e.textContent.slice(0, 60));
              const marked = document.querySelectorAll('mjx-merror, [data-mjx-error]');
              const broken = [...marked].map(e => 'MathJax error: ' +
                (e.getAttribute('data-mjx-error') || e.textContent).slice(0, 90));
              return [...raw, ...broken];
            }"""
        )
    ]


def sideways_scrolling(page: Page) -> list[str]:
    """How far a page sticks out of the window, and what does."""
    return [
        str(problem)
        for problem in page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return [];
              return [...document.querySelectorAll('article *')]
                .filter(e => e.getBoundingClientRect().right > width + 1)
                .slice(0, 3)
                .map(e => `<${e.tagName.toLowerCase()}> reaches ` +
                  `${Math.round(e.getBoundingClientRect().right)} px of ${width}: ` +
                  e.textContent.trim().slice(0, 40))
                .concat(['the page scrolls sideways']);
            }"""
        )
    ]


def accessibility(
    page: Page, *, contrast: bool = True, only_contrast: bool = False, code: bool = True
) -> list[str]:
    """Serious and critical violations that axe-core finds.

    Contrast is what takes its time, and most of it goes into the colored words of code,
    whose colors are the same on all pages.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only_contrast:
        options["runOnly"] = {"type": "rule", "values": ["color-contrast"]}
    elif not contrast:
        options["rules"] = {"color-contrast": {"enabled": False}}
    where = None if code else {"exclude": [[".highlight pre"]]}
    report = Axe().run(page, context=where, options=options).response
    return [
        f"{v['id']} ({v['impact']}): {v['help']}: {v['nodes'][0]['html'][:120]}"
        for v in report["violations"]
        if v["impact"] in SERIOUS
    ]
