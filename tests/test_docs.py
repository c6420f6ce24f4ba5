"""The documentation: its examples are true, and it leaves out nothing that is offered."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from conftest import ROOT

import mapserver
from mapserver import analysis

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(mapserver.__path__, "mapserver.")
    if not module.name.endswith("__main__")
)
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def test_what_pages_call_the_dashboard_is_called_so_everywhere(sample_app):
    assert "<h1>Dashboard" in sample_app.test_client().get("/board?lang=en").text
    assert [
        page.name for page in PAGES if "situation board" in page.read_text("utf-8").lower()
    ] == [
        "CHANGELOG.md"  # as it was called then
    ]


def with_examples() -> list[str]:
    """Find the modules whose docstrings have examples."""
    files = {name: ROOT.joinpath(*name.split(".")) for name in MODULES}
    files = {
        name: path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for name, path in files.items()
    }
    return [name for name, path in files.items() if ">>> " in path.read_text("utf-8")]


@pytest.mark.slow
@pytest.mark.parametrize("name", with_examples())
def test_examples_in_docstrings_are_true(name, monkeypatch):
    monkeypatch.chdir(ROOT)  # where `open_city(".")` finds the sample
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_every_analysis_stands_in_the_reference():
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs/reference").glob("*.rst"))
    public = {
        f"mapserver.analysis.{module.name}"
        for module in pkgutil.iter_modules(analysis.__path__)
        if module.name not in INNER
    }
    assert public == set(re.findall(r"^   (mapserver\.analysis\.\w+)$", pages, re.MULTILINE))


INNER = {
    *("answers", "detours", "frames", "line_steps", "trail_line", "unserved"),
    *("feature_pairs", "layer_changes", "shifts", "table_changes", "unread", "values"),
    *("catalog_changes", "table_kinds", "understood_rows"),
}
"""Modules of ``mapserver.analysis`` that answer no question themselves."""


def test_every_chapter_is_named_where_the_documentation_begins():
    first = (ROOT / "docs/index.md").read_text("utf-8")
    chapters = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    contents = first.partition("```{toctree}")[2]
    assert chapters == set(re.findall(r"^(\w+)$", contents, re.MULTILINE))
    assert chapters == set(re.findall(r"\]\((\w+)\.md\)", first))


CURRENT = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""Pages that speak of what is there now."""


ANY_TEST = "tests/test_x.py"
"""Stands for whichever file of tests."""


def read_trials(text: str) -> list[str]:
    """Return the short names of trials in the columns "tried by" of tables."""
    tables = re.findall(r"^\|.*\| tried by \|\n((?:\|.*\n)+)", text, re.MULTILINE)
    cells = [row.strip(" |").split("|")[-1] for table in tables for row in table.splitlines()[1:]]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_test_and_trial_that_a_page_names_is_there():
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    missing, count = [], 0
    for page in CURRENT:
        text = page.read_text("utf-8")
        functions = re.findall(r"`(test_\w+)`", text)
        files = re.findall(r"\b(?:tests|benchmarks|scripts|deploy)/[\w/]+(?:\.\w+)+", text)
        modules = re.findall(r"\bbenchmarks((?:\.[a-z_]\w*)+)", text)
        files += [f"benchmarks{name.replace('.', '/')}" for name in modules]
        files += [f"benchmarks/faults/{name}" for name in read_trials(text)]
        missing += [
            (page.name, name)
            for name in functions
            if f"def {name}(" not in tests and not (ROOT / f"tests/{name}.py").is_file()
        ]
        missing += [
            (page.name, name)
            for name in files
            if name != ANY_TEST and not any((ROOT / f"{name}{end}").exists() for end in ("", ".py"))
        ]
        count += len(functions) + len(files)
    assert missing == []
    assert count > 100


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_the_files_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    broken = [
        link for link in links if "://" not in link and not page.parent.joinpath(link).exists()
    ]
    assert broken == []


def test_the_korean_readme_marks_each_link_to_an_english_page():
    text = (ROOT / "README.ko.md").read_text("utf-8")
    links = list(re.finditer(r"\]\(([^)]+\.md)\)", text))
    english = [link for link in links if not re.search("[가-힣]{2}", head_of(ROOT / link[1]))]
    assert len(english) > 10
    assert [
        link[1]
        for link in english
        if link[1] != "README.md" and not text[link.end() :].startswith(("(영어)", ", 영어"))
    ] == []


def head_of(page: Path) -> str:
    return page.read_text("utf-8")[:300]
