"""One place for limits: no other module has one, each says why, and the documentation has them."""

from __future__ import annotations

import ast
import re
import runpy
from collections import Counter

import pytest
from conftest import ROOT

from mapserver.settings import limits

PACKAGE = ROOT / "mapserver"
LIMITS = sorted((PACKAGE / "settings" / "limits").glob("*.py"))
MODULES = sorted(set(PACKAGE.rglob("*.py")) - set(LIMITS))
NAME_OF_A_LIMIT = re.compile(
    r"_*((MAX|MIN|MOST|LARGEST|GREATEST|LIMIT)_\w+|\w+_(MAX|LIMIT|BYTES|DEPTH|TIMEOUT|S|MS))"
)
COLUMN_WIDTHS = {"BOUNDS_S"}
"""Numbers of seconds that limit nothing: the bounds of the histogram of `/metrics`."""


def list_constants(source: str) -> list[str]:
    """List the names in capitals that a module or a class in it gives numbers to."""
    names = []
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            names += [part.id for part in parts if isinstance(part, ast.Name) and is_numeric(node)]
    return [name for name in names if name.isupper()]


def is_numeric(node: ast.Assign | ast.AnnAssign) -> bool:
    """Check whether what is assigned is made of numbers: ``2**20``, ``(2.0, 5.0)``."""
    leaves = [leaf for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant)]
    is_plain = not any(
        isinstance(part, ast.Call | ast.Dict | ast.Set) for part in ast.walk(node.value)
    )
    return is_plain and bool(leaves) and all(isinstance(leaf.value, int | float) for leaf in leaves)


def find_limits(source: str) -> list[str]:
    """Find the constants of a module that are named as limits are."""
    return [
        name
        for name in list_constants(source)
        if NAME_OF_A_LIMIT.fullmatch(name) and name not in COLUMN_WIDTHS
    ]


@pytest.mark.parametrize(
    "source",
    [
        "MAX_ROWS = 5",
        "MOST_FILES, MOST_BYTES = 200_000, 8 * 2**30",
        "_PIECE_BYTES: int = 2**20",
        "class A:\n    TIMEOUT_S = 3",
        "RETRY_S = (2.0, 5.0)",
        "LARGEST_PHOTO = 1.5e6",
        "def ask():\n    MAX_TRIES = 3",
    ],
)
def test_a_limit_is_seen_wherever_it_stands(source):
    assert find_limits(source)


@pytest.mark.parametrize("source", ["SPIKE_M = 15", "MAX = find()", "LANGUAGE_BYTES = {1: 2}"])
def test_numbers_that_judge_data_and_tables_are_no_limits(source):
    assert find_limits(source) == []


def test_no_other_module_has_a_limit_of_its_own():
    others = {
        str(path.relative_to(ROOT)): names
        for path in MODULES
        if (names := find_limits(path.read_text("utf-8")))
    }
    assert others == {}


def test_every_limit_is_read_by_a_module():
    text = "\n".join(path.read_text("utf-8") for path in MODULES)
    text += "".join(path.read_text("utf-8") for path in LIMITS)
    counts = Counter(re.findall(r"\w+", text))
    assert [name for name in vars(limits) if name.isupper() and counts[name] < 2] == []


def test_every_limit_says_what_it_protects_and_stands_in_the_documentation():
    script = runpy.run_path(str(ROOT / "scripts" / "write_limits.py"))
    listed = {limit.name: limit.reason for limit in script["read_limits"]()}
    assert set(listed) == {n for n in vars(limits) if n.isupper()} - {"KIB", "MIB", "GIB"}
    assert all(re.fullmatch(r"[^\n]{20,94}\.", reason) for reason in listed.values())
    page = (ROOT / "docs" / "limits.md").read_text("utf-8")
    assert page == script["render_page"](), "write it anew: python scripts/write_limits.py"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("MAX_FILE_BYTES", 512 * 2**20, "512 MiB"),
        ("MAX_UNPACKED_BYTES", 2 * 2**30, "2 GiB"),
        ("DBF_TEXT_BYTES", 254, "254 bytes"),
        ("HEAD_TIMEOUT_MS", 10_000, "10,000 ms"),
        ("LOCK_POLL_S", 0.05, "0.05 s"),
        ("REOPEN_AFTER_S", (2.0, 60.0), "2, 60 s"),
        ("MAX_K", 1000, "1,000"),
    ],
)
def test_a_limit_is_written_with_its_unit(name, value, text):
    script = runpy.run_path(str(ROOT / "scripts" / "write_limits.py"))
    assert script["format_value"](name, value) == text
