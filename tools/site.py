"""Checks of the built site that need no browser: what a page loads, says and weighs."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from tools.build import SITE

MAX_PAGE_BYTES = 1_500_000

# Attributes through which a page loads something by itself.
LOADING = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
    "embed": "src",
}
# Relations of <link> that only name an address and load nothing.
NAMING_RELATIONS = {"canonical", "author", "license", "next", "prev", "index", "search"}
CSS_ADDRESS = re.compile(
    r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)|@import\s+['\"](\S+?)['\"]"
)


def pages(site: Path = SITE) -> list[Path]:
    """Pages of the book, without the machinery of search and index."""
    return sorted((site / "book").rglob("*.html"))


def external_references(site: Path = SITE) -> list[str]:
    """Whatever a page or a stylesheet would load from another host."""
    found = []
    for page in pages(site):
        soup = _soup(page)
        for tag in soup.find_all(list(LOADING)):
            address = str(tag.get(LOADING[tag.name]) or "")
            if _is_external(address) and not _only_names(tag):
                found.append(_external(page, site, f"<{tag.name}> loads {address}"))
        for style in soup.find_all("style"):
            found += [_external(page, site, a) for a in _css_addresses(style.text)]
    for sheet in sorted(site.rglob("*.css")):
        text = sheet.read_text(encoding="utf-8", errors="replace")
        found += [_external(sheet, site, a) for a in _css_addresses(text)]
    return found


def missing_alternatives(site: Path = SITE) -> list[str]:
    """Images that say nothing to someone who cannot see them."""
    return [
        f"{_name(page, site)}: the image {str(image.get('src'))[:60]} has no alt text: "
        "add mystnb.image.alt to the cell's metadata"
        for page in pages(site)
        for image in _soup(page).select("article img")
        if not str(image.get("alt") or "").strip()
        or str(image.get("alt")).endswith((".png", ".svg"))
    ]


def broken_links(site: Path = SITE) -> list[str]:
    """Links within the site that lead to no file or to no place in it."""
    return [
        f"{_name(page, site)}: the link {address} leads nowhere: correct it"
        for page in [site / "index.html", *pages(site)]
        for address in _links(page)
        if not _arrives(page, address)
    ]


def unresolved_references(site: Path = SITE) -> list[str]:
    """Traces of roles or labels that the builder could not resolve."""
    return [
        f"{_name(page, site)}: {text!r} was not resolved: correct the role or label"
        for page in pages(site)
        for text in re.findall(
            r"\{(?:eq|doc|ref|numref|cite:?\w*)\}`[^`]*`", _soup(page).get_text()
        )
    ]


def heavy_pages(site: Path = SITE) -> list[str]:
    """Pages that weigh more than the budget with all their pictures."""
    found = []
    for page in pages(site):
        images = {str(i.get("src")) for i in _soup(page).select("article img")}
        local = [page.parent / unquote(src) for src in images if "data:" not in src[:5]]
        size = page.stat().st_size + sum(p.stat().st_size for p in local if p.exists())
        if size > MAX_PAGE_BYTES:
            found.append(
                f"{_name(page, site)}: {size / 1e6:.2f} MB with pictures, more than "
                f"{MAX_PAGE_BYTES / 1e6} MB: fewer or smaller frames and figures"
            )
    return found


def leaked_paths(site: Path = SITE) -> list[str]:
    """Pages that show a path of the machine that built them."""
    root = str(SITE.parents[1])
    return [
        f"{_name(page, site)}: shows the path {root}: print no local paths"
        for page in pages(site)
        if root in page.read_text(encoding="utf-8")
    ]


CHECKS = (
    external_references,
    missing_alternatives,
    broken_links,
    unresolved_references,
    heavy_pages,
    leaked_paths,
)


@cache
def _soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def _name(page: Path, site: Path) -> str:
    return page.relative_to(site).as_posix()


def _external(page: Path, site: Path, what: str) -> str:
    return f"{_name(page, site)}: {what} from another host: ship it in book/_static/"


def _is_external(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in {"http", "https"}


def _only_names(tag: Tag) -> bool:
    relations = {str(r).lower() for r in tag.get("rel") or []}
    return tag.name == "link" and bool(relations) and relations <= NAMING_RELATIONS


def _css_addresses(text: str) -> Iterator[str]:
    for match in CSS_ADDRESS.finditer(text):
        address = match.group(1) or match.group(2)
        if _is_external(address):
            yield f"a style loads {address}"


def _links(page: Path) -> list[str]:
    addresses = [str(a["href"]) for a in _soup(page).find_all("a", href=True)]
    return [a for a in addresses if not urlsplit(a).scheme and not a.startswith("//")]


def _arrives(page: Path, address: str) -> bool:
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return False
    if not parts.fragment or target.suffix != ".html":
        return True
    anchor = unquote(parts.fragment)
    return _soup(target).find(id=anchor) is not None or anchor in {"", "top"}
