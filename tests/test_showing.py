"""show_source: the code is the file's own, only the docstrings are shorter."""

import ast
import importlib
import importlib.util
import inspect
import io
import pkgutil
import re
import sys
import textwrap
import tokenize

import numpy as np
import pytest
from scipy.special import logsumexp

import mlnotes
from mlnotes import showing
from mlnotes.information.discrete import cross_entropy, entropy
from mlnotes.probability.distributions import Normal
from mlnotes.showing import Source, show_source

EXAMPLE = r'''
import functools
import typing


@typing.overload
def scale(x: int) -> int: ...


@typing.overload
def scale(x: float) -> float: ...


def scale(x):
    return 2 * x


def outer(x):  # why x
    r"""Sum over :math:`\theta`, called "so".

    Parameters
    ----------
    x : float
        A number.
    """

    # a comment of its own

    def inner(y):
        """
        Text that starts late.

        And goes on.
        """
        return  y + 1   # spacing kept

    text = """not a docstring

    stays whole"""
    return inner(x), text


@functools.lru_cache
def cached(x):
    """Ends with a "quote"

    and goes on."""
    return x


class Record:
    """Record of something.

    With more text.
    """

    @property
    def area(self):
        """Short already."""
        return 1

    @classmethod
    def make(cls):
        """Make one.

        Slowly.
        """
        return cls()
'''


@pytest.fixture
def example(tmp_path, monkeypatch):
    """A module that passes for a part of the package."""
    path = tmp_path / "mlnotes" / "deep" / "example.py"
    path.parent.mkdir(parents=True)
    path.write_text(EXAMPLE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mlnotes.deep.example", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.setattr(showing, "PACKAGE", tmp_path.resolve() / "mlnotes")
    spec.loader.exec_module(module)
    return module


def code_of(source):
    return re.fullmatch(r"`[^`]+`\n\n```python\n(.*)\n```", source, re.DOTALL)[1]


def without_docstrings(code):
    tree = ast.parse(textwrap.dedent(code))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return ast.dump(tree)


def comments(code):
    tokens = tokenize.generate_tokens(io.StringIO(textwrap.dedent(code)).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_every_public_object_of_the_package_is_shown_as_it_is():
    shown = 0
    for info in pkgutil.walk_packages(mlnotes.__path__, "mlnotes."):
        module = importlib.import_module(info.name)
        for name in module.__all__ if not info.ispkg else []:
            obj = getattr(module, name)
            if not inspect.isroutine(obj) and not isinstance(obj, type):
                continue
            if not obj.__module__.startswith("mlnotes"):
                continue
            code, original = code_of(show_source(obj).markdown), inspect.getsource(obj)
            assert without_docstrings(code) == without_docstrings(original), name
            assert comments(code) == comments(original), name
            assert "----" not in code, name
            shown += 1
    assert shown > 20


def test_keeps_code_and_comments_and_cuts_every_docstring(example):
    assert code_of(show_source(example.outer).markdown) == textwrap.dedent(
        r'''
        def outer(x):  # why x
            r"""Sum over :math:`\theta`, called "so"."""

            # a comment of its own

            def inner(y):
                """Text that starts late."""
                return  y + 1   # spacing kept

            text = """not a docstring

            stays whole"""
            return inner(x), text'''
    ).lstrip("\n")


def test_keeps_decorators_and_closes_a_line_that_ends_with_a_quote(example):
    code = code_of(show_source(example.cached).markdown)
    assert code.splitlines()[:3] == [
        "@functools.lru_cache",
        "def cached(x):",
        '    """Ends with a "quote" """',
    ]
    ast.parse(code)


def test_shows_the_implementation_after_its_overloads(example):
    code = code_of(show_source(example.scale).markdown)
    assert code == "def scale(x):\n    return 2 * x"


def test_shows_methods_and_properties_without_their_indentation(example):
    make = show_source(example.Record.make)
    assert code_of(make.markdown).splitlines() == [
        "@classmethod",
        "def make(cls):",
        '    """Make one."""',
        "    return cls()",
    ]
    assert repr(make) == "Source(Record.make)"
    area = code_of(show_source(example.Record.area).markdown)
    assert area.startswith("@property\ndef area(self):\n")


def test_names_each_file_once_and_keeps_the_order_of_code():
    source = show_source(entropy, Normal, cross_entropy)
    assert repr(source) == "Source(entropy, Normal, cross_entropy)"
    found = re.findall(r"^`\w.*`$|^(?:def|class) \w+", source._repr_markdown_(), re.M)
    assert found == [
        "`mlnotes/information/discrete.py`",
        "def entropy",
        "def cross_entropy",
        "`mlnotes/probability/distributions/_continuous.py`",
        "class Normal",
    ]


@pytest.mark.parametrize(
    ("obj", "got"),
    [
        (logsumexp, "logsumexp of scipy"),
        (np, "module"),
        (3, "int"),
        ("entropy", "str"),
        (len, "builtin_function_or_method"),
        (Source.__init__, "Source.__init__, which mlnotes.showing"),
    ],
)
def test_refuses_what_the_package_does_not_define(obj, got):
    message = f"objects: expected functions or classes of mlnotes, got {got}"
    with pytest.raises(TypeError, match=re.escape(message)):
        show_source(entropy, obj)


def test_refuses_to_show_nothing():
    with pytest.raises(TypeError, match="got nothing"):
        show_source()
