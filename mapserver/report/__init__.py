"""Make reports: run the notebooks on a city again, and write their contents as one folder."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mapserver
from mapserver.errors import N_, SettingsError
from mapserver.files.drafts import draft_beside, move_folder
from mapserver.model import Snapshot
from mapserver.report import kept, printing
from mapserver.report.finding import find_notebooks, list_shipped_notebooks
from mapserver.report.notebook_rules import check_parameters
from mapserver.settings import expand_home, limits
from mapserver.text.languages import DEFAULT, ENGLISH

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from mapserver.report.chapters import Chapter
    from mapserver.report.page import Report

__all__ = [
    "ReportRequest",
    "ReportResult",
    "find_notebooks",
    "list_shipped_notebooks",
    "make_report",
]

PAGE, PDF, RECORD = "report.html", "report.pdf", "report.json"
TABLES, FIGURES = "tables", "figures"
REQUIRED_PACKAGES = ("nbclient", "nbformat", "ipykernel", "matplotlib", "nh3")
"""Packages of the extra ``notebooks``, without which there is no report."""

SQLITE_SUFFIXES = ("-wal", "-shm", "-journal")
"""Endings of files that QGIS leaves next to a GeoPackage that it has open."""

NO_PROGRESS: Callable[[str, float], None] = lambda _name, _share: None  # noqa: E731


@dataclass(frozen=True)
class ReportRequest:
    """What a report is to contain.

    Attributes
    ----------
    notebooks
        Files, names or numbers; empty for all that come with mapserver.
    folder
        The folder of the report.
    lang
        ``ko`` or ``en``.
    day
        The day of the report.
    settings
        Other parameters, each ``NAME=VALUE``.
    author
        The person or office that makes it.
    timeout_s
        The longest time that a notebook may take.
    pdf
        Whether to print it as PDF, too.
    """

    folder: Path
    day: dt.date
    notebooks: Sequence[str] = ()
    lang: str = DEFAULT
    settings: Sequence[str] = ()
    author: str = ""
    timeout_s: int = limits.NOTEBOOK_TIMEOUT_S
    pdf: bool = False


@dataclass(frozen=True)
class ReportResult:
    """The page of a report, numbers of chapters and tables, and the reason of each failure."""

    page: Path
    chapters: int
    tables: int
    failed: Mapping[str, str]


def make_report(
    city: Snapshot,
    request: ReportRequest,
    report_progress: Callable[[str, float], None] = NO_PROGRESS,
) -> ReportResult:
    """Run notebooks on a city and write their contents as a report.

    The folder appears complete: it is written next to its place and moved there at the end. Only
    then is an earlier report replaced. A notebook that fails has a chapter that says why.

    Parameters
    ----------
    city
        A city of a folder; the notebooks open it anew.
    request
        What the report is to contain.
    report_progress
        Called with the name of the running notebook and the share of its cells that are done.

    Returns
    -------
    ReportResult
        Where the report is, and what did not finish.

    Raises
    ------
    SettingsError
        A package, a notebook or a parameter is missing, or the folder has files of something else.
    DataError
        A file is no notebook.
    """
    _require_packages()
    from mapserver.report import page, parameters, running  # noqa: PLC0415 -- optional

    # All that can be wrong is checked before the first notebook runs, which may take minutes.
    paths = find_notebooks(request.notebooks)
    notebooks = {path: running.read_notebook(path) for path in paths}
    names = {name for notebook in notebooks.values() for name in parameters.read_defaults(notebook)}
    values = parameters.read_settings(request.settings, names)
    values |= _check_shipped_parameters(city, notebooks, values, request.lang)
    target = expand_home(request.folder).resolve()
    _require_replaceable(target)
    if request.pdf:
        printing.find_browser()
    target.parent.mkdir(parents=True, exist_ok=True)
    with draft_beside(target) as draft:
        tables_folder = draft / TABLES
        tables_folder.mkdir()
        values |= {
            "CITY": str(city.path.resolve()),
            "OUT": str(tables_folder),
            "LANG": request.lang,
            "DAY": request.day.isoformat(),
        }
        done_chapters, origin = _run_chapters(
            city, notebooks, values, request, tables_folder, report_progress=report_progress
        )
        report = page.Report(
            city=city,
            day=request.day,
            lang=request.lang,
            author=request.author,
            program=f"Maenballo {mapserver.__version__}",
            chapters=done_chapters,
            tables=kept.count_tables(tables_folder, origin),
        )
        if not report.tables:
            tables_folder.rmdir()
        (draft / PAGE).write_text(page.render_report(report), "utf-8")
        _write_figures(draft / FIGURES, done_chapters)
        if request.pdf:
            printing.print_page(draft / PAGE, draft / PDF)
        _write_record(draft, report)
        move_folder(draft, target)
    failed = {item.id: item.failure.message(ENGLISH.code) for item in done_chapters if item.failure}
    return ReportResult(request.folder / PAGE, len(done_chapters), len(report.tables), failed)


def _run_chapters(  # noqa: PLR0913 -- all that a run needs
    city: Snapshot,
    notebooks: Mapping[Path, NotebookNode],
    values: Mapping[str, Any],
    request: ReportRequest,
    folder: Path,
    *,
    report_progress: Callable[[str, float], None],
) -> tuple[list[Chapter], dict[str, str]]:
    """Run notebooks one after another.

    Returns
    -------
    chapters : list of Chapter
        One for each notebook, also for one that failed.
    origin : dict of str to str
        By name of a table in the folder the id of the chapter that wrote it last.
    """
    from mapserver.report import chapters, running  # noqa: PLC0415 -- optional

    done_chapters: list[Chapter] = []
    origin: dict[str, str] = {}
    for path, notebook in notebooks.items():
        stamps_before = kept.read_stamps(folder)
        run = running.run_notebook(
            path,
            notebook,
            values,
            timeout_s=request.timeout_s,
            report_progress=partial(report_progress, path.stem),
        )
        used_ids = [item.id for item in done_chapters]
        chapter = chapters.read_chapter(run, city, request.lang, used_ids)
        done_chapters.append(chapter)
        # A table is new, or was written again, if its time of modification has changed.
        stamps = kept.read_stamps(folder)
        changed = (name for name, stamp in stamps.items() if stamp != stamps_before.get(name))
        origin |= dict.fromkeys(changed, chapter.id)
    return done_chapters, origin


def _check_shipped_parameters(
    city: Snapshot, notebooks: Mapping[Path, NotebookNode], values: Mapping[str, Any], lang: str
) -> dict[str, Any]:
    """Check given parameters by the rules of the notebooks that come with mapserver.

    Notebooks of a planner may use a name for something else; they check their own parameters.
    """
    from mapserver.report import parameters  # noqa: PLC0415 -- optional

    shipped_paths = {path.resolve() for path in list_shipped_notebooks()}
    checked_values: dict[str, Any] = {}
    for path, notebook in notebooks.items():
        if path.resolve() in shipped_paths:
            literals = parameters.read_literals(notebook)
            overrides = {name: value for name, value in values.items() if name in literals}
            valid = check_parameters({**literals, **overrides, "LANG": lang}, city=city)
            checked_values |= {name: valid[name] for name in overrides if name in valid}
    return checked_values


def _require_packages() -> None:
    """Check that the packages of the extra ``notebooks`` are installed, without importing them."""
    missing = [name for name in REQUIRED_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(
            N_("a report needs {packages}"),
            mend=N_("Install them with: pip install 'mapserver[notebooks]'"),
            packages=", ".join(missing),
        )


def _require_replaceable(folder: Path) -> None:
    """Check that a folder holds nothing but an earlier report, since it will be replaced.

    Raises
    ------
    SettingsError
        It holds a file that is no part of a report.
    """
    if folder.is_dir():
        files = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        }
        # Only files that the record of an earlier report lists may be deleted with it. Without a
        # readable record no file is known to be part of one.
        try:
            report_files = set(json.loads((folder / RECORD).read_text("utf-8"))["files"])
        except (OSError, ValueError, KeyError, TypeError):
            report_files = set()
        foreign_files = sorted(
            name for name in files - report_files if not name.endswith(SQLITE_SUFFIXES)
        )
    else:
        foreign_files = [folder.name] if folder.exists() else []
    if foreign_files:
        raise SettingsError(
            N_("this folder holds {file}, which is no part of an earlier report"),
            where=str(folder),
            mend=N_("Choose another folder with --out, or move the file away"),
            file=repr(foreign_files[0]),
        )


def _write_figures(folder: Path, chapters: Sequence[Chapter]) -> None:
    """Write the static figures of chapters as files, in all formats that they have."""
    for chapter in chapters:
        for number, figure in enumerate(chapter.figures, start=1):
            folder.mkdir(exist_ok=True)
            for ending, data in figure.files.items():
                (folder / f"{chapter.id}-{number}.{ending}").write_bytes(data)


def _write_record(folder: Path, report: Report) -> None:
    """Write what the report was made from, and the list of its files."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    record = {
        "title": report.city.catalog.title.in_language(report.lang),
        "day": report.day.isoformat(),
        "lang": report.lang,
        "author": report.author,
        "program": report.program,
        "version": report.city.version,
        "chapters": [
            {
                "id": item.id,
                "title": item.title,
                "parameters": item.parameters,
                "seconds": round(item.seconds, 1),
                "failure": item.failure.message(ENGLISH.code) if item.failure else None,
            }
            for item in report.chapters
        ],
        "tables": [asdict(item) for item in report.tables],
        "files": sorted([*names, RECORD]),
    }
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
