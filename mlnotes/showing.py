"""Show the real source of the package in a lesson.

A lesson explains code that it imports. `show_source` prints that very code, so that
nothing is retyped and nothing can drift apart.
"""

import ast
import inspect
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, MethodType

__all__ = ["Source", "show_source"]

PACKAGE = Path(__file__).resolve().parent
SEPARATOR = "\n\n\n"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """Source code that a notebook shows as Markdown; made by `show_source`.

    Parameters
    ----------
    names : tuple of str
        The functions and classes, in the order asked for.
    markdown : str
        For each file its path and its code.
    """

    names: tuple[str, ...]
    markdown: str

    def __repr__(self) -> str:
        return f"Source({', '.join(self.names)})"

    def _repr_markdown_(self) -> str:
        return self.markdown


def show_source(*objects: object) -> Source:
    """Return the source of functions or classes of this package, ready to be shown.

    Each docstring is cut to its first line, because the lesson explains the rest;
    code and comments stay as they are in the file.

    Parameters
    ----------
    *objects : function, class, method or property
        What to show. Code from one file comes together under the file's path.

    Returns
    -------
    Source
        The code; a notebook shows it as Markdown.

    Raises
    ------
    TypeError
        If there is no object, or one is not defined in a module of mlnotes.

    Examples
    --------
    >>> from mlnotes.information.discrete import entropy
    >>> show_source(entropy)
    Source(entropy)
    >>> print(show_source(entropy).markdown.splitlines()[0])
    `mlnotes/information/discrete.py`
    """
    if not objects:
        raise _refusal("nothing")
    names = []
    blocks: dict[str, list[str]] = {}
    for obj in objects:
        name, path, code = _definition(obj)
        names.append(name)
        blocks.setdefault(path, []).append(code)
    files = [
        f"`{path}`\n\n```python\n{SEPARATOR.join(codes)}\n```"
        for path, codes in blocks.items()
    ]
    return Source(tuple(names), "\n\n".join(files))


def _definition(obj: object) -> tuple[str, str, str]:
    """Return qualified name, path from the root, and shortened code."""
    target = obj.fget if isinstance(obj, property) else obj
    target = target.__func__ if isinstance(target, MethodType) else target
    target = inspect.unwrap(target) if callable(target) else target
    if not isinstance(target, FunctionType | type):
        raise _refusal(type(obj).__name__)
    module, name = target.__module__, target.__qualname__
    if module.partition(".")[0] != PACKAGE.name:
        raise _refusal(f"{name} of {module}")
    path = Path(str(sys.modules[module].__file__)).resolve()
    source = path.read_text(encoding="utf-8")
    node = _find(ast.parse(source), name)
    if node is None:  # made at run time, such as the __init__ of a dataclass
        raise _refusal(f"{name}, which {module} does not define")
    code = _code(source, node)
    return name, path.relative_to(PACKAGE.parent).as_posix(), code


def _find(tree: ast.Module, qualname: str) -> Definition | None:
    scope: ast.Module | Definition = tree
    for name in qualname.split("."):
        found = [
            node
            for node in scope.body
            if isinstance(node, Definition) and node.name == name
        ]
        if not found:
            return None
        scope = found[-1]  # the implementation stands after its overloads
    return scope if isinstance(scope, Definition) else None


def _code(source: str, node: Definition) -> str:
    first = min(part.lineno for part in (node, *node.decorator_list))
    code = "\n".join(source.split("\n")[first - 1 : node.end_lineno])
    for inner in ast.walk(node):
        if isinstance(inner, Definition) and ast.get_docstring(inner):
            literal = ast.get_source_segment(source, inner.body[0]) or ""
            code = code.replace(literal, _first_line(literal), 1)
    return textwrap.dedent(code)


def _first_line(literal: str) -> str:
    """Return a docstring as it is written, cut after its first line."""
    opening = re.match(r"(?i)[ru]?(\"{3}|'{3})\s*", literal)
    if opening is None or "\n" not in literal:
        return literal
    quotes = opening[1]
    line = literal[opening.end() : -len(quotes)].split("\n")[0].rstrip()
    gap = " " if line.endswith(quotes[0]) else ""
    return f"{opening[0].rstrip()}{line}{gap}{quotes}"


def _refusal(got: str) -> TypeError:
    return TypeError(f"objects: expected functions or classes of mlnotes, got {got}")
