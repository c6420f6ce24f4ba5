"""Write docs/limits.md: the table of every limit, from the modules that hold them.

    python scripts/write_limits.py

``tests/test_limits.py`` holds the two equal.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mapserver.settings import limits, units

MODULES = sorted(Path(limits.__file__).parent.glob("[!_]*.py"))
PAGE = Path(__file__).resolve().parents[1] / "docs" / "limits.md"

START = """\
# Limits

What protects memory, time, a disk or a reader's attention from what nobody foresaw. Each limit
stands once, in `mapserver/settings/limits/`, and modules read it from there. This page is
written from those modules by `python scripts/write_limits.py`, and a test holds it to be equal.
What is refused is named, with the limit and how to mend it; [faults](faults.md) has what was tried.

What operators choose for themselves are [settings](settings.md). What a visitor can take of a
public site is bounded before the server, too ([deploying](deploying.md)).
"""

HEAD = "| limit | value | what it protects |\n|---|---:|---|\n"


class Limit(NamedTuple):
    """A limit as the page shows it: section of the module, name, value, and why it is so large."""

    section: str
    name: str
    value: Any
    reason: str


def read_limits() -> list[Limit]:
    """Read the limits of all modules, in their order, with the line below each."""
    return [limit for path in MODULES for limit in _read_module(path.read_text("utf-8"))]


def _read_module(source: str) -> Iterator[Limit]:
    sections = {
        source.count("\n", 0, found.start()) + 1: found[1]
        for found in re.finditer(r"^# -- (.+?) -+$", source, re.MULTILINE)
    }
    for node, below in itertools.pairwise(ast.parse(source).body):
        if isinstance(node, ast.Assign) and isinstance(name := node.targets[0], ast.Name):
            assert isinstance(below, ast.Expr)
            assert isinstance(below.value, ast.Constant), f"{name.id} has no line below it"
            section = sections[max(line for line in sections if line < node.lineno)]
            reason = str(below.value.value)
            yield Limit(section, name.id, getattr(limits, name.id), reason)


def format_value(name: str, value: Any) -> str:
    """Write a value with its unit, which ends the name."""
    if isinstance(value, tuple):
        return ", ".join(f"{part:g}" for part in value) + " s"
    if name.endswith("_BYTES"):
        for size, unit in ((units.GIB, "GiB"), (units.MIB, "MiB"), (units.KIB, "KiB")):
            if value % size == 0:
                return f"{value // size:,} {unit}"
        return f"{value:,} bytes"
    unit = next((unit for unit in ("ms", "s") if name.endswith(f"_{unit.upper()}")), "")
    number = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return f"{number} {unit}".strip()


def render_page() -> str:
    """Render the page: a table for each section of the module."""
    lines = [START]
    section = ""
    for limit in read_limits():
        if limit.section != section:
            section = limit.section
            lines.append(
                f"\n## {section}\n\n| limit | value | what it protects |\n|---|---:|---|\n"
            )
        value = format_value(limit.name, limit.value)
        lines.append(f"| `{limit.name}` | {value} | {limit.reason} |\n")
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render_page(), "utf-8")
