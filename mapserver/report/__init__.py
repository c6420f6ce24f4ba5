"""Reports: the notebooks rerun on a city, and what they say written as one folder."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mapserver
from mapserver.city import City
from mapserver.errors import N_, SettingsError
from mapserver.parameters import check_parameters
from mapserver.report import kept, printing
from mapserver.report.finding import find, shipped
from mapserver.settings import expand_home

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from mapserver.report.chapters import Chapter
    from mapserver.report.page import Report

__all__ = ["Made", "Wish", "find", "make", "shipped"]

PAGE, PDF, RECORD = "report.html", "report.pdf", "report.json"
TABLES, FIGURES = "tables", "figures"
NEEDED = ("nbclient", "nbformat", "ipykernel", "matplotlib", "nh3")
"""What the extra ``notebooks`` brings."""

TIMEOUT_S = 600
OF_SQLITE = ("-wal", "-shm", "-journal")
"""What QGIS leaves beside a GeoPackage that it has open."""

NOTHING: Callable[[str, float], None] = lambda _name, _share: None  # noqa: E731


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes
    ----------
    notebooks
        Files, names or numbers; none: all that ship.
    out
        The folder of the report.
    lang
        ``ko`` or ``en``.
    day
        The day it is of.
    settings
        Other parameters, each ``NAME=VALUE``.
    author
        Who makes it.
    timeout_s
        How long a notebook may take.
    pdf
        Print it, too.
    """

    out: Path
    day: dt.date
    notebooks: Sequence[str] = ()
    lang: str = "ko"
    settings: Sequence[str] = ()
    author: str = ""
    timeout_s: int = TIMEOUT_S
    pdf: bool = False


@dataclass(frozen=True)
class Made:
    """What came of it: the page, how many tables, and the chapters that did not finish, by why."""

    page: Path
    chapters: int
    tables: int
    failed: Mapping[str, str]


def make(city: City, wish: Wish, told: Callable[[str, float], None] = NOTHING) -> Made:
    """Run notebooks on a city and write what they say.

    The folder appears whole: it is written beside its place and moved there at the end. An
    earlier report is replaced then, and no sooner. A notebook that fails leaves a chapter that
    says why.

    Parameters
    ----------
    city
        A city of a folder; the notebooks open it anew.
    wish
        What is asked for.
    told
        Called with the name of the notebook that runs and the share of it that is done.

    Returns
    -------
    Made
        What was written.

    Raises
    ------
    SettingsError
        A package, a notebook or a parameter is not there, or the folder holds something else.
    DataError
        A file is no notebook.
    """
    _require_packages()
    from mapserver.report import chapters, page, parameters, running  # noqa: PLC0415 -- optional

    paths = find(wish.notebooks)
    notebooks = {path: running.read(path) for path in paths}
    known = {name for each in notebooks.values() for name in parameters.defaults(each)}
    values = parameters.read(wish.settings, known)
    values |= _checked(city, notebooks, values, wish.lang)
    out = expand_home(wish.out).resolve()
    _require_ours(out)
    if wish.pdf:
        printing.browser()
    with _beside(out) as draft:
        folder = draft / TABLES
        folder.mkdir()
        values |= {
            "CITY": str(city.path.resolve()),
            "OUT": str(folder),
            "LANG": wish.lang,
            "DAY": wish.day.isoformat(),
        }
        done: list[chapters.Chapter] = []
        origin: dict[str, str] = {}
        for path, notebook in notebooks.items():
            before = kept.stamps(folder)
            run = running.run(
                path, notebook, values, timeout_s=wish.timeout_s, told=partial(told, path.stem)
            )
            done.append(chapters.chapter(run, wish.lang, taken=[each.id for each in done]))
            after = kept.stamps(folder)
            origin |= {name: done[-1].id for name in after if after[name] != before.get(name)}
        said = page.Report(
            city=city,
            day=wish.day,
            lang=wish.lang,
            author=wish.author,
            program=f"Maenballo {mapserver.__version__}",
            chapters=done,
            tables=kept.count(folder, origin),
        )
        if not said.tables:
            folder.rmdir()
        (draft / PAGE).write_text(page.render(said), "utf-8")
        _write_figures(draft / FIGURES, done)
        if wish.pdf:
            printing.print_page(draft / PAGE, draft / PDF)
        _write_record(draft, said)
    failed = {each.id: each.failure.message("en") for each in done if each.failure}
    return Made(wish.out / PAGE, len(done), len(said.tables), failed)


def _checked(
    city: City, notebooks: Mapping[Path, NotebookNode], values: Mapping[str, Any], lang: str
) -> dict[str, Any]:
    """Check the parameters that were given by the rules that the shipped notebooks go by.

    Notebooks of a planner's own may mean something else by a name; they check theirs themselves.
    """
    from mapserver.report import parameters  # noqa: PLC0415 -- optional

    ours = {path.resolve() for path in shipped()}
    checked: dict[str, Any] = {}
    for path, notebook in notebooks.items():
        if path.resolve() in ours:
            written = parameters.literals(notebook)
            mine = {name: value for name, value in values.items() if name in written}
            whole = check_parameters({**written, **mine, "LANG": lang}, city=city)
            checked |= {name: whole[name] for name in mine if name in whole}
    return checked


def _require_packages() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(
            N_("a report needs {packages}"),
            mend=N_("Install them with: pip install 'mapserver[notebooks]'"),
            packages=", ".join(missing),
        )


def _require_ours(out: Path) -> None:
    """Refuse a folder that holds more than an earlier report: it will be replaced."""
    if out.is_dir():
        there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
        try:
            ours = set(json.loads((out / RECORD).read_text("utf-8"))["files"])
        except (OSError, ValueError, KeyError, TypeError):
            ours = set()
        others = sorted(name for name in there - ours if not name.endswith(OF_SQLITE))
    else:
        others = [out.name] if out.exists() else []
    if others:
        raise SettingsError(
            N_("this folder holds {file}, which is no part of an earlier report"),
            where=str(out),
            mend=N_("Choose another folder with --out, or move the file away"),
            file=repr(others[0]),
        )


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """Give a folder beside a place; when it is filled it moves there, else it goes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft, old = (out.with_name(f".{out.name}.{os.getpid()}{end}") for end in ("", ".old"))
    draft.mkdir()
    try:
        yield draft
        if out.exists():
            out.rename(old)
        try:
            draft.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    finally:
        for each in (draft, old):
            shutil.rmtree(each, ignore_errors=True)


def _write_figures(folder: Path, chapters: Sequence[Chapter]) -> None:
    for chapter in chapters:
        for number, figure in enumerate(chapter.figures, start=1):
            folder.mkdir(exist_ok=True)
            for ending, data in figure.files.items():
                (folder / f"{chapter.id}-{number}.{ending}").write_bytes(data)


def _write_record(folder: Path, said: Report) -> None:
    """Write what the report was made of, and which files it consists of."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    record = {
        "title": said.city.catalog.title.in_language(said.lang),
        "day": said.day.isoformat(),
        "lang": said.lang,
        "author": said.author,
        "program": said.program,
        "version": said.city.version,
        "chapters": [
            {
                "id": each.id,
                "title": each.title,
                "parameters": each.parameters,
                "seconds": round(each.seconds, 1),
                "failure": each.failure.message("en") if each.failure else None,
            }
            for each in said.chapters
        ],
        "tables": [asdict(each) for each in said.tables],
        "files": sorted([*names, RECORD]),
    }
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
