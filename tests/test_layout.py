"""The layout that ARCHITECTURE.md says: a room imports only from the rooms above it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "mapserver"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
LONGEST_MODULE, LONGEST_FUNCTION, MOST_PARAMETERS, DEEPEST = 400, 80, 8, 12
"""Lines of a module and of a function, parameters, and modules that import each other in a row."""

COMPILED = {"mapserver.index.kernels", "mapserver.index.compiled_nearest"}
"""Numba compiles functions of plain arrays, and neither objects nor what calls many others."""

FACES = ("mapserver.index", "mapserver.model")
"""Packages whose classes and functions other rooms take from the package itself."""


def rooms() -> list[str]:
    """Read the rooms from the table, the lowest first."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    table = text.partition("| room |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


@cache
def parse_module(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imported_names(path: Path) -> tuple[str, ...]:
    """List what a module imports of ours: at its top, inside functions and for types alone."""
    names: list[str] = []
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(names)


def find_module(name: str) -> str:
    """Find the module that a dotted name lies in; empty for what is not ours."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def needed_modules(name: str) -> set[str]:
    """Return the modules of ours that a module imports."""
    return {find_module(other) for other in imported_names(MODULES[name])} - {"", name}


def room_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_every_room_stands_in_the_table_and_there_are_at_most_twenty_two():
    assert sorted(rooms()) == sorted({room_of(name) for name in MODULES} - {"", "__main__"})
    assert len(rooms()) <= 22


def test_no_room_imports_from_one_below_it():
    rank = {room: position for position, room in enumerate(rooms())}
    upward = [
        f"{name} imports {other}"
        for name in MODULES
        for other in needed_modules(name)
        if room_of(name) in rank and rank.get(room_of(other), -1) > rank[room_of(name)]
    ]
    assert upward == []
    # The package itself offers the whole: no room may build on it. Its version may be asked for,
    # and commands, on top of all, open a city as everybody does.
    assert [
        name
        for name in MODULES
        if room_of(name) in rank and "mapserver.City" in set(imported_names(MODULES[name]))
    ] == []


def outer_imports() -> dict[str, set[str]]:
    """Return what each module imports; a package's face and its own parts may import each other."""
    return {
        name: {
            other
            for other in needed_modules(name)
            if not other.startswith(f"{name}.") and not name.startswith(f"{other}.")
        }
        for name in MODULES
    }


def test_no_modules_import_each_other_in_a_circle_and_few_stand_on_each_other():
    ahead, levels = outer_imports(), 0
    # Level by level: what needs nothing that is still ahead is done.
    while free := {name for name, needed in ahead.items() if not needed & set(ahead)}:
        ahead = {name: needed for name, needed in ahead.items() if name not in free}
        levels += 1
    assert ahead == {}
    assert levels <= DEEPEST


def test_modules_and_functions_are_short_enough_to_read():
    long_modules = [
        name
        for name, path in MODULES.items()
        if path.read_text("utf-8").count("\n") >= LONGEST_MODULE
    ]
    functions = [
        (f"{name}.{node.name}", node)
        for name, path in MODULES.items()
        if name not in COMPILED
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef)
    ]
    long_functions = [
        name for name, node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    wide_functions = [
        name
        for name, node in functions
        if len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs) > MOST_PARAMETERS
    ]
    assert (long_modules, long_functions, wide_functions) == ([], [], [])


@pytest.mark.parametrize("face", FACES)
def test_other_rooms_import_a_package_by_its_face(face):
    inner = [
        f"{name} imports {other}"
        for name, path in MODULES.items()
        if not f"{name}.".startswith(f"{face}.")
        for other in imported_names(path)
        if other.startswith(f"{face}.") and find_module(other) != face and other not in MODULES
    ]
    assert inner == []


def test_every_module_says_in_its_first_line_what_it_is_for():
    for path in PACKAGE.rglob("*.py"):
        first = ast.get_docstring(parse_module(path)).splitlines()[0]
        assert first.endswith("."), path


UNTYPED = re.compile(r"#\s*type:\s*ignore|#\s*mypy:|#\s*pyright:", re.IGNORECASE)
EXPLAINED = re.compile(r"# type: ignore\[[a-z-]+(, [a-z-]+)*\]  # \w.{3,}")


def unexplained_exceptions(source: str) -> list[str]:
    """List the comments that hide something from the check of types and do not say why."""
    if not UNTYPED.search(source):
        return []
    comments = (
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    )
    return [text for text in comments if UNTYPED.match(text) and not EXPLAINED.match(text)]


def test_what_is_hidden_from_the_check_of_types_says_why_in_its_line():
    folders = ("mapserver", "benchmarks", "scripts", "tests", "docs")
    paths = [
        *ROOT.glob("*.py"),
        *(path for name in folders for path in (ROOT / name).rglob("*.py")),
    ]
    unexplained = {
        str(path.relative_to(ROOT)): comments
        for path in paths
        if (comments := unexplained_exceptions(path.read_text("utf-8")))
    }
    assert unexplained == {}


@pytest.mark.parametrize(
    "comment",
    [
        "# type: ignore",
        "# type:ignore  # why",
        "# type: ignore  # it is typed in part",
        "# type: ignore[misc]",
        "# type: ignore[misc]  #",
        "# mypy: ignore-errors",
    ],
)
def test_an_exception_without_a_kind_or_a_reason_is_found(comment):
    assert unexplained_exceptions(f"x = 1  {comment}\n") == [comment.strip()]
    assert unexplained_exceptions(f"x = {comment!r}\n") == []
    assert unexplained_exceptions("x = 1  # type: ignore[misc]  # it is typed in part\n") == []


# -- where things are ------------------------------------------------------------------------


def read_answers() -> list[str]:
    """Read what the table "Where is ...?" says to open, a row for each question."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Where is ...?")[2]
    rows = re.findall(r"^\| (.+\?) \| (.+) \|$", text.partition("\n## ")[0], re.MULTILINE)
    return [answer for _, answer in rows]


def list_names(path: Path) -> set[str]:
    """List what a module defines: functions, methods, classes, and what it assigns."""
    names: set[str] = set()
    for node in ast.walk(parse_module(path)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(ast.unparse(target) for target in targets)
    return names


@pytest.mark.parametrize("answer", read_answers())
def test_a_question_is_answered_by_at_most_two_files_that_have_what_is_named(answer):
    words = re.findall(r"`([^`]+)`", answer)
    files = [
        path
        for word in words
        for path in (PACKAGE / f"{word}.py", PACKAGE / word, ROOT / word)
        if path.is_file()
    ]
    assert 1 <= len(files) <= 2
    names = {"style.color"}.union(*(list_names(path) for path in files if path.suffix == ".py"))
    assert [word for word in words if "/" not in word and word not in names] == []


def test_ten_questions_of_a_newcomer_are_answered():
    assert len(read_answers()) >= 10


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "README.md", "README.ko.md"])
def test_every_path_that_the_page_names_is_there(page):
    text = (ROOT / page).read_text("utf-8")
    built = {"static/map.js", "build/report/report.html"}
    # A folder that `add` makes when it is first needed.
    named = set(re.findall(r"`(\w[\w.]*/[\w./]*)`", text)) - built - {"originals/"}
    missing = [
        path
        for path in sorted(named)
        if not any(
            place.exists() for place in (PACKAGE / f"{path}.py", PACKAGE / path, ROOT / path)
        )
    ]
    assert missing == []
