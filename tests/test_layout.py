"""The layout that ARCHITECTURE.md draws: imports go one way, from its first row to its last."""

from __future__ import annotations

import ast

from conftest import ROOT

PACKAGE = ROOT / "mapserver"


WIDTH = 44
"""Of the drawing's left half, which has the names."""


def rows() -> list[set[str]]:
    """Read the rows of names out of the drawing."""
    drawing = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("```")[1]
    lines = [line[:WIDTH].strip(" │").split() for line in drawing.splitlines()]
    return [{name.partition("/")[0] for name in line} for line in lines if line]


def imports(path) -> set[str]:
    """Give the modules of ours that a module imports when it is imported itself."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in whole if name.startswith("mapserver.")}
    return found


def test_imports_go_one_way():
    rank = {name: at for at, names in enumerate(rows()) for name in names}
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules()}
    assert set(rank) == parts
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        for name in imports(path) & set(rank)
        if rank[name] > rank[path.relative_to(PACKAGE).parts[0].removesuffix(".py")]
    ]
    assert wrong == []


def test_modules_of_adding_import_each_other_one_way():
    ahead: dict[str, set[str]] = {}
    for path in (PACKAGE / "adding").glob("[!_]*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))  # also those for types alone
        names = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
        ours = {name for name in names if name.startswith("mapserver.adding.")}
        ahead[path.stem] = {name.rpartition(".")[2] for name in ours}
    while free := {name for name, needed in ahead.items() if not needed & set(ahead)}:
        ahead = {name: needed for name, needed in ahead.items() if name not in free}
    assert ahead == {}


def modules():
    return [path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem[0] != "_"]


def test_every_module_says_in_its_first_line_what_it_is_for():
    for path in PACKAGE.rglob("*.py"):
        first = ast.get_docstring(ast.parse(path.read_text("utf-8"))).splitlines()[0]
        assert first.endswith("."), path
