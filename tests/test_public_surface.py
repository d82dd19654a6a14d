"""The public surface keeps its promises, and each check notices a broken one."""

import functools
import inspect
import json
import subprocess
import sys
import types
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from mlnotes import _check
from mlnotes.probability.distributions import Normal
from tests.surface import kinds, rules
from tests.surface.kinds import Row
from tests.surface.rows import TABLE
from tests.surface.rules import ROOT

MODULES = rules.modules()
PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name, None)
    for module in MODULES
    for name in rules.public_names(module)
}
CALLABLES = {name: obj for module in MODULES for name, obj in rules.callables(module)}
NOTEBOOKS = [
    path
    for path in sorted((ROOT / "book").rglob("*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
]
# This one touches everything, which proves nothing about any of it.
TEST_FILES = sorted(
    set((ROOT / "tests").rglob("test_*.py")) - {Path(__file__).resolve()}
)


def check(problems):
    """Fail with one line for each problem."""
    assert not problems, "\n" + "\n".join(problems)


# --- the package --------------------------------------------------------------------


def test_the_walk_finds_the_package():
    names = {module.__name__ for module in MODULES}
    assert {"mlnotes", "mlnotes.information.discrete", "mlnotes.plotting"} <= names
    assert not any("._" in name for name in names)
    assert "mlnotes.information.discrete.entropy" in CALLABLES
    assert "mlnotes.probability.distributions.Normal.mle" in CALLABLES


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_modules_say_what_they_offer_and_for_which_lessons(module):
    check(rules.module_problems(module))


@pytest.mark.parametrize("name", PUBLIC)
def test_docstrings_are_complete(name):
    check(rules.doc_problems(name, PUBLIC[name]))


def test_every_public_callable_has_its_row():
    check(rules.table_problems(CALLABLES))


@pytest.mark.parametrize("name", TABLE)
def test_calls_leave_their_inputs_alone(name):
    check(rules.purity_problems(name, rules.resolve(name), TABLE[name]))


@pytest.mark.parametrize("name", TABLE)
def test_bad_inputs_are_refused_by_name(name):
    check(rules.refusal_problems(name, rules.resolve(name), TABLE[name]))


def test_every_public_name_is_used_by_a_lesson():
    used = [rules.names_used(rules.code_of_notebook(path)) for path in NOTEBOOKS]
    check(rules.use_problems(PUBLIC, set().union(*used), "lesson of the book"))


def test_every_public_name_is_used_by_a_test():
    used = [rules.names_used(path.read_text(encoding="utf-8")) for path in TEST_FILES]
    check(rules.use_problems(PUBLIC, set().union(*used), "test file"))


def test_imports_go_from_later_parts_to_earlier_ones():
    problems = []
    for path in sorted((ROOT / "mlnotes").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(p for p in parts if p != "__init__")
        # A package's own relative imports start one level deeper than a module's.
        module = f"{name}.__init__" if parts[-1] == "__init__" else name
        problems += rules.import_problems(module, path.read_text(encoding="utf-8"))
    check(problems)


def load(names):
    """Import modules one by one in a fresh process; return what is wrong with it."""
    script = (
        "import importlib, sys\n"
        f"for name in {names}:\n"
        "    importlib.import_module(name)\n"
        f"    loaded = [heavy for heavy in {rules.HEAVY} if heavy in sys.modules]\n"
        "    if loaded:\n"
        "        sys.exit(f'{name}: loads {loaded}: import from a lighter module')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert bool(done.returncode) == bool(done.stderr)
    return done.stderr


def test_modules_load_without_heavy_companions():
    names = [m.__name__ for m in MODULES if m.__name__ != "mlnotes.plotting"]
    assert names[0] == "mlnotes"
    assert not load(names)


# --- negative controls: each check notices what it is there for ---------------------


def good(x, *, base=2.0):
    """Sum of numbers.

    Parameters
    ----------
    x : array_like, shape (n,)
        Numbers.
    base : float
        Base.

    Returns
    -------
    ndarray, shape ()
        Sum, in nats.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> float(good([1.0, 3.0]))
    2.0
    """
    return np.asarray(_check.vector("x", x).sum() / _check.number("base", base))


def documented(doc):
    """The good function with another docstring."""
    fake = types.FunctionType(good.__code__, good.__globals__, "good")
    fake.__kwdefaults__, fake.__doc__ = good.__kwdefaults__, doc
    return fake


def row_of(**arguments):
    """The row of a fake that takes x, three numbers."""
    return Row({"x": kinds.vector([1.0, 2.0, 3.0])} | arguments)


def noticed(problems, name, *wanted):
    """Every wanted problem is among the problems, and all name the culprit."""
    assert all(p.startswith(f"{name}: ") or p.startswith(f"{name}.") for p in problems)
    for part in wanted:
        assert any(part in p for p in problems), f"{part!r} not in {problems}"


def test_a_good_function_has_no_problem():
    entry = row_of(base=kinds.number(2.0))
    assert rules.doc_problems("fake.good", good) == []
    assert rules.purity_problems("fake.good", good, entry) == []
    assert rules.refusal_problems("fake.good", good, entry) == []
    assert rules.table_problems({"fake.good": good}, {"fake.good": entry}) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "Sum of numbers.",
            "Sum of numbers",
            "is not one line that ends with a period",
        ),
        ("Sum of numbers.", "Sum of\n    numbers.", "is not one line that ends"),
        (", in nats", "", "Returns gives no unit"),
        ("ndarray, shape ()", "ndarray", "add its shape"),
        ("array_like, shape (n,)", "array_like", "x is 'array_like': add its shape"),
        ("Returns\n    -------", "Gives\n    -----", "no section Returns"),
        ("Raises\n    ------", "Errors\n    ------", "no section Raises"),
        (">>> float", "float", "no section Examples"),
        ("Examples\n    --------", "Usage\n    -----", "no section Examples"),
        ("Parameters\n    ----------", "Takes\n    -----", "no section Parameters"),
        ("base : float\n        Base.\n", "", "base is not described"),
        ("base : float", "bass : float", "describes bass, which it does not take"),
    ],
)
def test_a_gap_in_a_docstring_is_noticed(old, new, problem):
    assert old in good.__doc__
    fake = documented(good.__doc__.replace(old, new))
    noticed(rules.doc_problems("fake.good", fake), "fake.good", problem)


@pytest.mark.parametrize("doc", [None, "", "   \n "])
def test_a_missing_docstring_is_noticed(doc):
    problems = rules.doc_problems("fake.good", documented(doc))
    assert problems == ["fake.good: no docstring: say in one line what it is"]


@pytest.mark.parametrize(
    "unit",
    ["in nats", "in units of the base", "in squared units of y", "without unit"],
)
def test_units_are_recognized(unit):
    fake = documented(good.__doc__.replace("in nats", unit))
    assert rules.doc_problems("fake.good", fake) == []


def test_results_that_are_no_numbers_need_no_unit():
    doc = good.__doc__.replace(
        "ndarray, shape ()\n        Sum, in nats.", "bool\n        Yes."
    )
    assert rules.doc_problems("fake.good", documented(doc)) == []


def test_gaps_in_a_class_are_noticed():
    @dataclass(frozen=True)
    class Checked:
        """A record with a door.

        Parameters
        ----------
        p : array_like
            Something.
        """

        p: float

        def __init__(self, p):
            object.__setattr__(self, "p", p)

        def value(self):
            return self.p

        @property
        def double(self):
            """twice"""  # noqa: D400, D403
            return 2 * self.p

    noticed(
        rules.doc_problems("fake.Checked", Checked),
        "fake.Checked",
        "add its shape",
        "no section Raises",
        "no section Examples",
        "fake.Checked.value: no docstring",
        "fake.Checked.double: the summary 'twice' is not one line",
    )


def test_gaps_in_a_result_are_noticed():
    @dataclass(frozen=True)
    class Result:
        """A fit.

        Attributes
        ----------
        params : ndarray
            Estimate.
        wrong : float
            Nothing.
        """

        params: float
        converged: bool

    @dataclass(frozen=True)
    class Bare:
        x: int

    noticed(
        rules.doc_problems("fake.Result", Result),
        "fake.Result",
        "params is 'ndarray': add its shape",
        "the field converged is not described",
        "describes wrong, which it has not",
    )
    assert rules.doc_problems("fake.Bare", Bare) == [
        "fake.Bare: no docstring: say in one line what it is"
    ]
    Bare.__doc__ = "A record."
    noticed(rules.doc_problems("fake.Bare", Bare), "fake.Bare", "no section Attributes")


def test_gaps_in_a_protocol_are_noticed():
    class Promise(Protocol):
        """What is promised."""

        def kept(self):
            """Something."""

        def broken(self): ...

    problems = rules.doc_problems("fake.Promise", Promise)
    assert problems == ["fake.Promise.broken: no docstring: say in one line what it is"]


def fake_module(doc, **names):
    module = types.ModuleType("mlnotes.likelihood.fake", doc)
    vars(module).update(names)
    for value in names.values():
        if inspect.isfunction(value):
            value.__module__ = module.__name__
    return module


LESSON = "Title.\n\nLesson: ``likelihood/coin``.\n"


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        (fake_module(LESSON), "no __all__"),
        (fake_module(None, __all__=[]), "no docstring"),
        (fake_module("Title.", __all__=[]), "names no lesson"),
        (fake_module(LESSON, __all__=["f"]), "__all__ lists f, which does not exist"),
        (
            fake_module(LESSON, __all__=[], f=documented("F.")),
            "add f to __all__ or call it _f",
        ),
        (
            fake_module(LESSON.replace("coin", "cion"), __all__=[]),
            "there is no book/likelihood/cion.ipynb",
        ),
    ],
)
def test_gaps_in_a_module_are_noticed(module, problem):
    noticed(rules.module_problems(module), "mlnotes.likelihood.fake", problem)


def test_a_good_module_has_no_problem():
    module = fake_module(LESSON, __all__=["f"], f=documented("F."), np=np)
    assert rules.module_problems(module) == []
    lessons = "Title.\n\nLessons: ``a/b-c``, ``d/e`` and\n``f/g``, but not\n\n``h/i``."
    assert rules.lessons_named(lessons) == ["a/b-c", "d/e", "f/g"]


def mutates(x):
    x[0] = 7.0
    return x.sum()


def mutates_and_restores_nothing_but_the_sum(x):
    x.sort()
    x[:] = x[::-1].copy()
    return x.sum()


def aliases(x):
    return np.asarray(x)[1:]


def fails(x):
    raise ValueError("x: expected something else, got this")


@pytest.mark.parametrize(
    ("fake", "wanted"),
    [
        (mutates, ["it changes its argument x", "it fails on read-only arrays"]),
        (
            mutates_and_restores_nothing_but_the_sum,
            ["it changes its argument x", "it fails on read-only arrays"],
        ),
        (aliases, ["its result shares memory with x"]),
        (fails, ["the call in its row fails, correct the row"]),
    ],
)
def test_impure_functions_are_noticed(fake, wanted):
    noticed(rules.purity_problems("fake", fake, row_of()), "fake", *wanted)


def test_every_path_that_a_row_names_is_taken():
    def writes_to_the_large(x):
        if x[0] > 10:
            x[0] = 0.0
        return x.sum()

    entry = Row({"x": kinds.vector([1.0, 2.0])}, also=[{"x": np.array([20.0, 1.0])}])
    problems = rules.purity_problems("fake", writes_to_the_large, entry)
    noticed(problems, "fake", "it changes its argument x", "it fails on read-only")


def test_a_change_inside_a_record_or_a_list_is_noticed():
    @dataclass
    class Box:
        content: np.ndarray

    def empties(box, boxes):
        box.content[0] = 0.0
        boxes.clear()

    entry = Row(
        {"box": kinds.given(Box(np.ones(3))), "boxes": kinds.given([np.ones(2)])}
    )
    problems = rules.purity_problems("fake", empties, entry)
    noticed(problems, "fake", "its argument box:", "its argument boxes:")


def accepts_nan(x):
    if np.isnan(x).any():
        return np.nan
    return good(x)


def names_another(x):
    try:
        return good(x)
    except ValueError as error:
        raise ValueError(str(error).replace("x:", "y:")) from None


def says_little(x):
    try:
        return good(x)
    except ValueError:
        raise ValueError("x: bad") from None


def stumbles(x):
    array = np.asarray(x)
    return array[0] / array[-1] + [good(x)][array.ndim - 1]


def warns(x):
    if not np.isfinite(np.asarray(x, dtype=float)).all():
        warnings.warn("not finite", stacklevel=2)
    return good(np.nan_to_num(x))


@pytest.mark.parametrize(
    ("fake", "wanted"),
    [
        (accepts_nan, ["x with NaN is accepted"]),
        (lambda x: x, ["x with NaN is accepted", "x with nothing is accepted"]),
        (names_another, ["x with NaN is refused with 'y: expected finite"]),
        (says_little, ["x with a matrix is refused with 'x: bad'"]),
        (stumbles, ["x with nothing ends in IndexError"]),
        (warns, ["x with infinity ends in UserWarning"]),
    ],
)
def test_bad_inputs_that_pass_or_fail_namelessly_are_noticed(fake, wanted):
    problems = rules.refusal_problems("fake", fake, row_of())
    noticed(problems, "fake", *wanted)
    assert all("raise ValueError or TypeError('x: expected" in p for p in problems)


def test_every_kind_of_argument_has_bad_values_and_a_good_one():
    examples = [
        (lambda x: _check.real("x", x), kinds.numbers([0.5, 0.25])),
        (lambda x: _check.real("x", x), kinds.number(0.5)),
        (lambda x: _check.vector("x", x), kinds.vector([0.5, 0.25])),
        (lambda x: _check.matrix("x", x), kinds.design([[0.5, 0.25]])),
    ]
    for fake, kind in examples:
        assert rules.purity_problems("fake", fake, Row({"x": kind})) != []  # aliases
    # A check that is too weak for the kind lets something pass.
    weak = [
        (_check.real, kinds.positive([0.5, 2.0])),
        (_check.real, kinds.unit_interval([0.5, 1.0])),
        (_check.unit_interval, kinds.probabilities([0.25, 0.75])),
        (_check.non_negative, kinds.probabilities([0.25, 0.75])),
        (_check.vector, kinds.zero_one([0.0, 1.0])),
        (_check.vector, kinds.counts([0.0, 1.0], 3)),
        (_check.vector, kinds.vector([0.0, 1.0], length_matters=True)),
        (_check.vector, kinds.weights([1.0, 2.0])),
        (_check.positive, kinds.whole([1.0, 2.0])),
        (_check.real, kinds.design([[0.5, 0.25]])),
        (_check.real, kinds.number(2.0)),
        (_check.number, kinds.positive_number(2.0)),
        (_check.number, kinds.count(2)),
        (_check.number, kinds.base(2.0)),
        (lambda _, x: None, kinds.rng()),
        (lambda _, x: None, kinds.function(abs)),
        (lambda _, x: None, kinds.size(3)),
        (lambda _, x: None, kinds.distribution(Normal(0, 1))),
        (lambda _, x: _check.labels("x", x, 9), kinds.integer_labels([0, 1], 2)),
    ]
    for weak_check, kind in weak:
        fake = functools.partial(weak_check, "x")
        problems = rules.refusal_problems(
            "fake", lambda x, f=fake: f(x), Row({"x": kind})
        )
        assert any("is accepted" in p for p in problems), kind


def test_gaps_in_the_table_are_noticed():
    found = {"mlnotes.a.f": good, "mlnotes.a.g": good, "mlnotes.a.h": good}
    table = {
        "mlnotes.a.g": row_of(),
        "mlnotes.a.h": row_of(base=kinds.base(2), z=kinds.rng()),
        "mlnotes.a.gone": row_of(),
    }
    assert rules.table_problems(found, table) == [
        "mlnotes.a.f: add a row in tests/surface/rows: one valid call, with the "
        "kind of x, base",
        "mlnotes.a.g: give base and its kind in its row in tests/surface/rows",
        "mlnotes.a.h: takes no z: remove it from its row in tests/surface/rows",
        "mlnotes.a.gone: in tests/surface/rows, but not public: remove the row "
        "or correct its name",
    ]


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("from mlnotes.a.b import f", {"mlnotes.a.b.f"}),
        ("from mlnotes.a.b import f as g\ng()", {"mlnotes.a.b.f"}),
        ("from mlnotes.a import b\nb.f(1)", {"mlnotes.a.b", "mlnotes.a.b.f"}),
        ("import mlnotes.a.b as m\nprint(m.f)", {"mlnotes.a.b.f"}),
        ("import mlnotes.a.b\nmlnotes.a.b.f()", {"mlnotes.a.b.f"}),
        ("def f():\n    from mlnotes.a import b\n    return b.f.g", {"mlnotes.a.b.f"}),
        (
            "from mlnotes.a import b\nfor n in ['f', 'g']:\n    getattr(b, n)()",
            {"mlnotes.a.b.f", "mlnotes.a.b.g"},
        ),
        ("from other.a.b import f\nb.f(1)", set()),
        ("import mlnotes.a.b as m\nother.f", set()),
        ("'mlnotes.a.b.f'  # mlnotes.a.b.f", set()),
    ],
)
def test_use_is_seen_through_every_way_to_import(code, used):
    got = rules.names_used(code)
    assert used <= got
    assert ("mlnotes.a.b.f" in got) == bool(used)


def test_an_unused_name_is_noticed_and_a_mention_in_prose_is_no_use(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["from mlnotes.a import g"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n", "x = 1"]},
        {"cell_type": "code", "source": ["%%bash\n", "from mlnotes.a import h"]},
        {"cell_type": "code", "source": ["from mlnotes.a import f\n", "f(2)"]},
    ]
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    used = rules.names_used(rules.code_of_notebook(path))
    assert used == {"mlnotes.a.f"}
    found = {"mlnotes.a.f": good, "mlnotes.a.g": good}
    assert rules.use_problems(found, used, "lesson of the book") == [
        "mlnotes.a.g: no lesson of the book uses it: use it there, or make it private "
        "or remove it"
    ]


def test_records_are_used_with_the_functions_that_make_or_take_them():
    part = "mlnotes.likelihood.maximum_likelihood"
    found = {name: PUBLIC[name] for name in (f"{part}.fit_mle", f"{part}.MLEFit")}
    assert rules.use_problems(found, {f"{part}.fit_mle"}, "lesson") == []
    assert len(rules.use_problems(found, set(), "lesson")) == 2


@pytest.mark.parametrize(
    ("module", "code", "problem"),
    [
        (
            "mlnotes.probability.a",
            "from mlnotes.deep.autodiff import grad",
            "imports mlnotes.deep.autodiff.grad from the later part deep",
        ),
        (
            "mlnotes.probability.a",
            "import mlnotes.deep.b as b",
            "from the later part deep",
        ),
        ("mlnotes.likelihood.a", "from mlnotes import losses", "the later part losses"),
        ("mlnotes.likelihood.a", "from ..deep import b", "from the later part deep"),
        ("mlnotes.likelihood.__init__", "from ..deep import b", "the later part deep"),
        (
            "mlnotes.likelihood.a",
            "def f():\n    from mlnotes.deep.b import g",
            "from the later part deep",
        ),
        (
            "mlnotes._check",
            "from mlnotes.foundations.a import f",
            "is shared, so it must",
        ),
        ("mlnotes.plotting", "from mlnotes.foundations.a import f", "is shared"),
        ("mlnotes.losses.a", "import matplotlib.pyplot as plt", "only plotting may"),
        ("mlnotes.losses.a", "from scipy import stats", "imports scipy.stats"),
        (
            "mlnotes.losses.a",
            "from scipy.stats import norm",
            "imports scipy.stats.norm",
        ),
        ("mlnotes.losses.a", "def f():\n    import sklearn", "imports sklearn"),
    ],
)
def test_forbidden_imports_are_noticed(module, code, problem):
    noticed(rules.import_problems(module, code), module, problem)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("mlnotes.deep.a", "from mlnotes.probability.distributions import Normal"),
        ("mlnotes.deep.a", "from mlnotes.deep.b import f\nfrom . import c"),
        ("mlnotes.deep.a", "from mlnotes import _check, plotting\nimport numpy as np"),
        ("mlnotes.deep.a", "from scipy.special import logsumexp\nimport scipy.linalg"),
        ("mlnotes.plotting", "import matplotlib.pyplot as plt"),
        ("mlnotes.deep.a", "'import sklearn'"),
    ],
)
def test_good_imports_are_no_problem(module, code):
    assert rules.import_problems(module, code) == []


def test_a_heavy_companion_is_noticed():
    message = load(["mlnotes.showing", "mlnotes.plotting"])
    assert "mlnotes.plotting: loads ['matplotlib'" in message
