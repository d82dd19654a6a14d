"""What a public callable promises.

Functions whose names end in ``problems`` return what is wrong, each with what to do
about it; nothing means that all is well.
"""

import ast
import copy
import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

import numpy as np

import mlnotes
from tests.surface.kinds import TABLE, Row

ROOT = Path(__file__).resolve().parents[2]
PARTS = [
    "foundations",
    "probability",
    "likelihood",
    "losses",
    "information",
    "inference",
    "classical",
    "deep",
    "reinforcement",
]
SHARED = {"plotting", "showing", "_check"}

# What a fresh process must not load with any module but plotting.
HEAVY = ["matplotlib", "pandas", "sklearn", "scipy.stats", "IPython", "sympy"]
# What no module but plotting may import, not even inside a function.
FOREIGN = [*HEAVY, "hypothesis", "pytest", "statsmodels", "torch"]

# What tells the unit of a result, or that it has none.
UNITS = re.compile(
    r"\b(nats?|bits?|units?|radians|degrees|log-odds|reward|probabilit(y|ies)|shares?"
    r"|pure number|number of|of length 1|labels?|ind(ex|ices)|steps|design matrix"
    r"|new array)\b",
    re.IGNORECASE,
)
NUMERIC = re.compile(r"\b(ndarray|float|int|complex)\b")


# --- what is public -----------------------------------------------------------------


def modules(package: ModuleType = mlnotes) -> list[ModuleType]:
    """Public modules and packages, the root first."""
    names = [info.name for info in pkgutil.walk_packages(package.__path__, "mlnotes.")]
    public = [name for name in names if not re.search(r"\._", name)]
    return [package, *(importlib.import_module(name) for name in public)]


def public_names(module: ModuleType) -> list[str]:
    """Names that a module offers."""
    return list(getattr(module, "__all__", []))


def is_package(module: ModuleType) -> bool:
    """Whether a module is a folder."""
    return hasattr(module, "__path__")


def is_protocol(obj: object) -> bool:
    """Whether an object is a Protocol."""
    return bool(getattr(obj, "_is_protocol", False))


def is_result(obj: object) -> bool:
    """Whether a class is a record that functions make: it writes no constructor."""
    if not (inspect.isclass(obj) and dataclasses.is_dataclass(obj)):
        return False
    # The code that dataclass makes does not come from a file.
    return bool(obj.__init__.__code__.co_filename.startswith("<"))


def parameters(obj: Any) -> dict[str, inspect.Parameter]:
    """Parameters of a callable."""
    return dict(inspect.signature(obj).parameters)


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that a class defines itself."""
    for name, value in vars(cls).items():
        if not name.startswith("_") and isinstance(
            value, FunctionType | classmethod | staticmethod | property
        ):
            yield name, value


def callables(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Public callables that take arguments, with their full names.

    Functions, classes with a constructor of their own, and public methods of all but
    protocols.
    """
    for name in public_names(module):
        obj = getattr(module, name, None)
        path = f"{module.__name__}.{name}"
        if inspect.isfunction(obj):
            if parameters(obj):
                yield path, obj
        elif inspect.isclass(obj) and not is_protocol(obj):
            if not is_result(obj):
                yield path, obj
            for method, value in methods(obj):
                if isinstance(value, property):
                    continue
                bound = getattr(obj, method)
                taken = list(parameters(bound))
                if isinstance(value, FunctionType):
                    taken = taken[1:]
                if taken:
                    yield f"{path}.{method}", bound


# --- docstrings ---------------------------------------------------------------------


def sections(doc: str) -> dict[str, str]:
    """Sections of a docstring in the style of numpydoc; the summary under ''."""
    parts = re.split(r"^([A-Z][\w ]+)\n-{3,}\s*$", inspect.cleandoc(doc), flags=re.M)
    return {"": parts[0].strip()} | {
        title: body.strip("\n")
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def entries(section: str) -> dict[str, tuple[str, str]]:
    """Entries of a section: name -> type and description; a bare type under itself."""
    found: dict[str, tuple[str, str]] = {}
    for head, body in re.findall(
        r"^(\S.*)\n((?:(?: {4}.*|)\n?)*)", section + "\n", re.M
    ):
        names, _, kind = head.partition(" : ")
        for name in names.split(", ") if kind else [head]:
            found[name.lstrip("*")] = (kind or head, body)
    return found


def summary_problems(name: str, doc: str | None) -> list[str]:
    """What is wrong with the first line."""
    if not doc or not doc.strip():
        return [f"{name}: no docstring: say in one line what it is"]
    lines = inspect.cleandoc(doc).split("\n")
    if not lines[0].endswith(".") or (len(lines) > 1 and lines[1]):
        return [
            f"{name}: the summary {lines[0]!r} is not one line that ends with a "
            "period: shorten it and leave a blank line below"
        ]
    return []


def parameter_problems(name: str, doc: str, obj: Any) -> list[str]:
    """Whether each parameter is documented, arrays with their shape."""
    taken = list(parameters(obj))
    documented = entries(sections(doc).get("Parameters", ""))
    problems = []
    if taken and not documented:
        return [f"{name}: no section Parameters: describe {', '.join(taken)} there"]
    for parameter in taken:
        if parameter not in documented:
            problems.append(f"{name}: {parameter} is not described under Parameters")
    for parameter, (kind, _) in documented.items():
        if parameter not in taken:
            problems.append(
                f"{name}: Parameters describes {parameter}, which it does not take"
            )
        problems += _shape_problems(name, parameter, kind)
    return problems


def _shape_problems(name: str, what: str, kind: str) -> list[str]:
    if re.search(r"\barray_like\b|\bndarray\b", kind) and "shape" not in kind:
        return [f"{name}: {what} is {kind!r}: add its shape, as in `shape (n,)`"]
    return []


def function_doc_problems(name: str, obj: Any) -> list[str]:
    """What is missing in the docstring of a function."""
    doc = inspect.getdoc(obj)
    problems = summary_problems(name, doc)
    if problems:
        return problems
    assert doc is not None
    found = sections(doc)
    problems += parameter_problems(name, doc, obj)
    if inspect.signature(obj).return_annotation is not None:
        problems += returns_problems(name, found.get("Returns", ""))
    if parameters(obj) and "Raises" not in found:
        problems.append(f"{name}: no section Raises: say which inputs it refuses")
    if ">>>" not in found.get("Examples", ""):
        problems.append(f"{name}: no section Examples with a line that starts with >>>")
    return problems


def returns_problems(name: str, section: str) -> list[str]:
    """Whether results have a shape where they are arrays and a unit where numbers."""
    results = entries(section)
    if not results:
        return [f"{name}: no section Returns: give type, shape and unit of the result"]
    problems = []
    for result, (kind, body) in results.items():
        problems += _shape_problems(name, f"the result {result}", kind)
        if NUMERIC.search(kind) and not UNITS.search(body):
            problems.append(
                f"{name}: Returns gives no unit: say nats, 'in units of ...', radians, "
                "'probability', 'number of ...' or 'without unit'"
            )
    return problems


def class_doc_problems(name: str, cls: type) -> list[str]:
    """What is missing in the docstring of a class and of its public methods."""
    doc = cls.__doc__
    # A dataclass without a docstring gets its signature for one.
    if doc and doc.startswith(f"{cls.__name__}("):
        doc = None
    problems = summary_problems(name, doc)
    for method, value in methods(cls):
        target = value.fget if isinstance(value, property) else getattr(cls, method)
        inner = f"{name}.{method}"
        problems += summary_problems(inner, target.__doc__)
        for parameter, (kind, _) in entries(
            sections(target.__doc__ or "").get("Parameters", "")
        ).items():
            problems += _shape_problems(inner, parameter, kind)
    if not doc or is_protocol(cls):
        return problems
    found = sections(doc)
    if is_result(cls):
        problems += _record_problems(name, cls, found)
        return problems
    problems += parameter_problems(name, doc, cls)
    if "Raises" not in found:
        problems.append(f"{name}: no section Raises: say which inputs it refuses")
    if ">>>" not in found.get("Examples", ""):
        problems.append(f"{name}: no section Examples with a line that starts with >>>")
    return problems


def _record_problems(name: str, cls: type, found: dict[str, str]) -> list[str]:
    title = "Attributes" if "Attributes" in found else "Parameters"
    documented = entries(found.get(title, ""))
    fields = [f.name for f in dataclasses.fields(cls)]
    if not documented:
        return [f"{name}: no section Attributes: describe {', '.join(fields)} there"]
    problems = [
        f"{name}: the field {f} is not described under {title}"
        for f in fields
        if f not in documented
    ]
    for described, (kind, _) in documented.items():
        if described not in fields:
            problems.append(f"{name}: {title} describes {described}, which it has not")
        problems += _shape_problems(name, described, kind)
    return problems


def module_problems(module: ModuleType, root: Path = ROOT) -> list[str]:
    """Whether a module says what it offers and which lessons it serves."""
    name, doc = module.__name__, module.__doc__ or ""
    problems = summary_problems(name, doc)
    if not is_package(module) and not hasattr(module, "__all__"):
        problems.append(f"{name}: no __all__: list what it offers")
    for offered in public_names(module):
        if not hasattr(module, offered):
            problems.append(f"{name}: __all__ lists {offered}, which does not exist")
    hidden = [
        n
        for n, value in vars(module).items()
        if not n.startswith("_")
        and n not in public_names(module)
        and getattr(value, "__module__", None) == name
        and inspect.isroutine(value) | inspect.isclass(value)
    ]
    problems += [f"{name}: add {n} to __all__ or call it _{n}" for n in hidden]
    if problems or is_package(module):
        return problems
    lessons = lessons_named(doc)
    if name.removeprefix("mlnotes.") in SHARED:
        if not re.search(r"\blessons?\b", doc, re.IGNORECASE):
            problems.append(f"{name}: say in the docstring what it does for lessons")
    elif not lessons:
        problems.append(
            f"{name}: the docstring names no lesson: write 'Lesson: ``part/lesson``.'"
        )
    for lesson in lessons:
        if not (root / "book" / f"{lesson}.ipynb").exists():
            problems.append(
                f"{name}: the docstring names the lesson {lesson}, but there is no "
                f"book/{lesson}.ipynb: correct the name or write the lesson"
            )
    return problems


def lessons_named(doc: str) -> list[str]:
    """Lessons that the docstring of a module names."""
    match = re.search(
        r"^Lessons?: (.+?)(?:\n\n|\Z)", inspect.cleandoc(doc), re.M | re.S
    )
    return re.findall(r"``([\w-]+/[\w-]+)``", match[1]) if match else []


def doc_problems(name: str, obj: Any) -> list[str]:
    """What is wrong with the docstring of one public object; constants have none."""
    if inspect.isclass(obj):
        return class_doc_problems(name, obj)
    if inspect.isfunction(obj):
        return function_doc_problems(name, obj)
    return []


# --- calls --------------------------------------------------------------------------


def resolve(name: str, table: Mapping[str, Row] = TABLE) -> Any:
    """Return the callable of a row, bound to a record where it is a method of one."""
    parent, _, last = name.rpartition(".")
    on = table[name].on
    if on is not None:
        return getattr(on() if callable(on) else on, last)
    if parent not in table:
        return getattr(importlib.import_module(parent), last)
    cls = resolve(parent, table)
    if isinstance(vars(cls)[last], FunctionType):
        return getattr(call(cls, _valid(table[parent])), last)
    return getattr(cls, last)


def call(obj: Any, arguments: Mapping[str, Any]) -> Any:
    """Call with keywords, and with what a ``*name`` takes as positions."""
    rest = dict(arguments)
    positions: list[Any] = []
    for name, parameter in parameters(obj).items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positions = list(rest.pop(name))
    return obj(*positions, **rest)


def table_problems(
    found: Mapping[str, Any], table: Mapping[str, Row] = TABLE
) -> list[str]:
    """Public callables without a row, rows without a callable, arguments left out."""
    problems = [
        f"{name}: add a row in tests/surface/rows: one valid call, with the "
        f"kind of {', '.join(p for p in parameters(obj) if p != 'self')}"
        for name, obj in found.items()
        if name not in table
    ]
    for name, entry in table.items():
        if name not in found:
            problems.append(
                f"{name}: in tests/surface/rows, but not public: remove the row "
                "or correct its name"
            )
            continue
        taken = set(parameters(found[name])) - {"self"}
        for missing in sorted(taken - set(entry.arguments)):
            problems.append(
                f"{name}: give {missing} and its kind in its row in tests/surface/rows"
            )
        for unknown in sorted(set(entry.arguments) - taken):
            problems.append(
                f"{name}: takes no {unknown}: remove it from its row in "
                "tests/surface/rows"
            )
    return problems


def fingerprint(value: Any) -> Any:
    """All that a call could change in a value, as something that can be compared."""
    if isinstance(value, np.ndarray):
        return (value.dtype, value.shape, value.strides, value.tobytes())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return (type(value), [fingerprint(getattr(value, f.name)) for f in fields])
    if isinstance(value, dict):
        return [(key, fingerprint(v)) for key, v in value.items()]
    if isinstance(value, list | tuple):
        return (type(value), [fingerprint(v) for v in value])
    if isinstance(value, np.random.Generator):
        return "a generator, which is there to be used"
    return value


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for f in dataclasses.fields(value):
            yield from _arrays(getattr(value, f.name))
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif isinstance(value, list | tuple):
        for v in value:
            yield from _arrays(v)


def _valid(row: Row) -> dict[str, Any]:
    return {name: copy.deepcopy(a.value) for name, a in row.arguments.items()}


def purity_problems(name: str, obj: Any, row: Row) -> list[str]:
    """Whether a call leaves its inputs alone, also read-only ones, and shares none."""
    problems: list[str] = []
    for change in ({}, *row.also):
        arguments = _valid(row) | copy.deepcopy(dict(change))
        problems += _writing_problems(name, obj, copy.deepcopy(arguments))
        for array in _arrays(arguments):
            array.flags.writeable = False
        try:
            call(obj, arguments)
        except Exception as error:
            problems.append(
                f"{name}: it fails on read-only arrays, work on copies: {error!r}"
            )
    return problems


def _writing_problems(name: str, obj: Any, arguments: Mapping[str, Any]) -> list[str]:
    before = {key: fingerprint(value) for key, value in arguments.items()}
    given_arrays = {key: list(_arrays(value)) for key, value in arguments.items()}
    try:
        result = call(obj, arguments)
    except Exception as error:
        return [f"{name}: the call in its row fails, correct the row: {error!r}"]
    problems = [
        f"{name}: it changes its argument {key}: work on a copy"
        for key, value in arguments.items()
        if fingerprint(value) != before[key]
    ]
    for made in _arrays(result):
        problems += [
            f"{name}: its result shares memory with {key}, so that a change of one "
            "changes the other: return a copy or freeze one"
            for key, arrays in given_arrays.items()
            if made.flags.writeable and any(np.shares_memory(made, a) for a in arrays)
        ]
    return problems


def refusal_problems(name: str, obj: Any, row: Row) -> list[str]:
    """Whether bad inputs are refused by name, saying what is expected and what came."""
    problems = []
    for key, argument in row.arguments.items():
        for what, bad in argument.bad.items():
            problem = _refusal_problem(key, obj, _valid(row) | {key: bad})
            if problem:
                problems.append(f"{name}: {key} with {what} {problem}")
    return problems


def _refusal_problem(key: str, obj: Any, arguments: dict[str, Any]) -> str:
    wanted = f"raise ValueError or TypeError('{key}: expected ..., got ...')"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call(obj, arguments)
    except (ValueError, TypeError) as error:
        if re.match(
            rf"{re.escape(key)}: .*\bexpected\b.*\bgot\b", str(error), re.DOTALL
        ):
            return ""
        return f"is refused with {str(error)!r}: {wanted}"
    except Exception as error:
        return f"ends in {error!r}: {wanted}"
    return f"is accepted: {wanted}"


# --- use ----------------------------------------------------------------------------


def code_of_notebook(path: Path) -> str:
    """Code cells of a notebook as one text, without what only IPython can read."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    return "\n".join(
        line
        for cell in code
        if not cell.startswith("%%")
        for line in cell.split("\n")
        if not re.match(r"\s*[%!]", line)
    )


def names_used(code: str) -> set[str]:
    """Full names below mlnotes that code imports or reaches as attributes."""
    tree = ast.parse(code)
    known: dict[str, str] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                known[alias.asname or alias.name] = full
                used.add(full)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_ours(alias.name):
                    first = alias.name.partition(".")[0]
                    known[alias.asname or first] = alias.name if alias.asname else first
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            head, *rest = ast.unparse(node).split(".")
            if head in known:
                used.add(".".join([known[head], *rest]))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            # getattr(module, name) reaches what is named as a text elsewhere.
            head = ast.unparse(node.args[0])
            used |= {f"{known[head]}.{text}" for text in texts if head in known}
    return used


def _is_ours(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == "mlnotes"


def mentioned(obj: Any) -> set[str]:
    """Full names of our classes in the annotations of a function."""
    try:
        hints = get_type_hints(obj)
    except (NameError, TypeError):
        return set()
    found = set()
    for hint in hints.values():
        for part in [hint, *getattr(hint, "__args__", [])]:
            if inspect.isclass(part) and _is_ours(part.__module__):
                found.add(f"{part.__module__}.{part.__qualname__}")
    return found


def used_through_functions(used: set[str], found: Mapping[str, Any]) -> set[str]:
    """Records and protocols count as used with the functions that make or take them."""
    return used.union(*(mentioned(found[name]) for name in used if name in found))


def use_problems(found: Mapping[str, Any], used: set[str], where: str) -> list[str]:
    """Public names that nothing uses."""
    used = used_through_functions(used, found)
    return [
        f"{name}: no {where} uses it: use it there, or make it private or remove it"
        for name in found
        if name not in used
    ]


# --- imports ------------------------------------------------------------------------


def imports(tree: ast.AST, module: str) -> Iterator[str]:
    """Full names that a module imports, wherever in its code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                start = ".".join([*package, *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def import_problems(module: str, code: str) -> list[str]:
    """Imports of later parts and of what the package must do without."""
    problems = []
    mine = module.split(".")[1:2] or [""]
    for name in sorted(set(imports(ast.parse(code), module))):
        if module != "mlnotes.plotting":
            problems += [
                f"{module}: imports {name}: only plotting may, and tests for oracles"
                for heavy in FOREIGN
                if f"{name}.".startswith(f"{heavy}.")
            ]
        if not _is_ours(name):
            continue
        (theirs,) = name.split(".")[1:2] or [""]
        if theirs in SHARED or theirs not in PARTS:
            continue
        if mine[0] not in PARTS:
            problems.append(f"{module}: is shared, so it must not import {name}")
        elif PARTS.index(theirs) > PARTS.index(mine[0]):
            problems.append(
                f"{module}: imports {name} from the later part {theirs}: move what "
                f"they share to {mine[0]} or earlier"
            )
    return problems
