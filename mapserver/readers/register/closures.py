"""Dated closures, ``layers/closures.*``: from when to when a trail is closed, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, MapserverError
from mapserver.files.links import is_own_file, report_false_files
from mapserver.geo.geodesy import LONLAT
from mapserver.model import SUFFIXES, LayerEntry
from mapserver.readers.csv_text import read_table
from mapserver.readers.formula_cells import restore_cells_of_table
from mapserver.readers.register.cells import Cells, make_object_column, require_columns
from mapserver.readers.register.column_names import CLOSURE_COLUMNS, PLAIN_REASONS
from mapserver.readers.register.columns import pick_cells, rename_known_columns
from mapserver.readers.register.sums import SumRule, leave_out_sums
from mapserver.readers.vector import read_layer
from mapserver.text.dates import KOREA, WRITE_DAY, Period, is_open_end, read_period
from mapserver.text.findings import Doubt, Finding, Severity
from mapserver.text.header_row import Synonyms
from mapserver.text.languages import DEFAULT, LANGUAGES
from mapserver.text.person_cells import report_person_cells
from mapserver.text.spans import Span, read_span

UNREAD_ENDINGS = frozenset({".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".numbers", ".hwp"})
WITHOUT_END = frozenset(("상시", "무기한", "계속", "상시통제", "상시폐쇄", "전면통제", "당분간"))
"""Periods of what is closed from now on, or always was."""

OPEN_TEXTS = ("trail_id", "source", "notes")
"""Columns besides the reasons that are texts of people."""
UNDECIDED_END = dt.date.max
"""Stands for an end that is said not to be known: the closure holds until further notice."""


def read_closures(
    layers_dir: Path,
    zone: dt.tzinfo = KOREA,
    lang: str = DEFAULT,
    trails: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Read ``layers/closures.*``: dated closures of trails or of places.

    Parameters
    ----------
    layers_dir
        The folder ``layers/`` of a city.
    zone
        The city's time zone, where a time with an offset becomes a day.
    lang
        The language of a column that is called ``reason`` alone: the city's own.
    trails
        The trails of the city, whose names are no sums; None where it has none.

    Returns
    -------
    closures : GeoDataFrame or None
        EPSG:4326, with ``trail_id`` (None where a geometry says what is closed), ``from`` and
        ``to`` (``datetime.date``, both days included, None where it is open-ended), ``reason_ko``,
        ``reason_en`` and ``unclear``: the finding that says why one cannot tell whether the row
        closes anything on these days, else None. None when there is no such file.
    findings : list of Finding
        Values and files that cannot be used, with the trails and days that this puts in doubt.
    """
    findings = _report_unread(layers_dir)
    names = [f"closures{suffix}" for suffix in SUFFIXES]
    findings += report_false_files(layers_dir, names, Doubt())
    read_end = partial(read_period, is_serial=True, zone=zone)
    days: dict[str, Callable[[str], object]] = dict.fromkeys(("from", "to"), read_end)
    days["period"] = partial(_read_span, zone=zone)
    rule = SumRule(_choose_columns(lang), ("trail_id",), days, trails=trails)
    frames = []
    for path in _find_closure_files(layers_dir):
        name = f"layers/{path.name}"
        try:
            # One file that cannot be read leaves the others standing, and puts all trails in doubt.
            frames.append(_read_file(path, name, findings, zone, rule))
        except MapserverError as error:
            fault = Finding.from_error(error, code="layer-unreadable", file=name)
            findings.append(fault.with_doubt(Doubt()))
    if not frames:
        return None, findings
    closures = pd.concat(frames, ignore_index=True)
    closures.index = pd.Index(
        [f"closure-{n + 1}" for n in range(len(closures))], name="id", dtype="str"
    )
    return gpd.GeoDataFrame(closures, geometry="geometry", crs=LONLAT), findings


def _find_closure_files(layers_dir: Path) -> Iterator[Path]:
    """Find the files of closures, whatever the case of their names, by their endings."""
    files = sorted(layers_dir.iterdir()) if layers_dir.is_dir() else []
    for suffix in SUFFIXES:
        for path in files:
            if path.name.casefold() == f"closures{suffix}" and is_own_file(path, layers_dir):
                yield path


def _report_unread(layers_dir: Path) -> list[Finding]:
    """Report closures that are kept in a form that is not read; they put every trail in doubt."""
    files = sorted(layers_dir.iterdir()) if layers_dir.is_dir() else []
    return [
        Finding(
            Severity.ERROR,
            "closures-not-read",
            f"layers/{path.name}",
            N_("closures are not read from such a file"),
            N_("Save it as layers/closures.csv (UTF-8)"),
            doubt=Doubt(),
        )
        for path in files
        if path.stem.casefold() == "closures" and path.suffix.casefold() in UNREAD_ENDINGS
    ]


def _choose_columns(lang: str) -> Synonyms:
    """Return the names of columns, with the reason without a language in that of the city."""
    plain, own = set(PLAIN_REASONS), f"reason_{lang}"
    columns: dict[str, Iterable[str]] = {
        name: [word for word in words if word not in plain]
        for name, words in CLOSURE_COLUMNS.items()
    }
    columns[own] = [*PLAIN_REASONS, *columns.get(own, ())]
    return columns


def _read_file(
    path: Path,
    name: str,
    findings: list[Finding],
    zone: dt.tzinfo,
    rule: SumRule,
) -> pd.DataFrame:
    columns = rule.columns
    reasons = [column for column in columns if column.startswith("reason_")]
    if path.suffix.casefold() == ".csv":
        table, new_findings = read_table(path, name=name, columns=columns)
        table, new_findings = leave_out_sums(table, new_findings, rule, name)
        table = restore_cells_of_table(table)
        left_out = table.attrs["left_out"]
        header = list(table.columns)
        findings.extend(new_findings)
        table, new_findings = rename_known_columns(table, columns, name, text_columns=reasons)
        findings.extend(new_findings)
        findings.extend(report_person_cells(table, (*reasons, *OPEN_TEXTS), name))
        if not set(columns) & set(table.columns):
            require_columns(table, ["trail_id"], name)
        lost = _read_ragged_rows(left_out, header, name, findings, zone)
        closures = _read_closure_rows(table.assign(geometry=None), name, findings, zone)
        return pd.concat([closures, lost]) if len(lost) else closures
    frame, new_findings = read_layer(path, LayerEntry("closures"), name=name)
    # A closure needs no id, and one without a geometry may name a trail.
    findings.extend(f for f in new_findings if f.code not in {"id-missing", "no-geometry"})
    # The id and the name of a feature are those of the closure, not those of a trail.
    columns = {
        column_name: [word for word in words if word not in {"id", "name", "아이디", "이름"}]
        for column_name, words in columns.items()
    }
    table, new_findings = rename_known_columns(
        pd.DataFrame(frame), columns, name, text_columns=reasons
    )
    findings.extend(f for f in new_findings if f.code != "column-unknown" or "nearest" in f.values)
    findings.extend(report_person_cells(table, (*reasons, *OPEN_TEXTS), name))
    return _read_closure_rows(table, name, findings, zone)


def _read_ragged_rows(
    left_out: dict[int, list[str | None]],
    header: list[str],
    name: str,
    findings: list[Finding],
    zone: dt.tzinfo,
) -> pd.DataFrame:
    """Return rows of another width than the header as unclear closures of the trails they name."""
    trails = pick_cells(left_out, header, "trail_id", CLOSURE_COLUMNS)
    first_texts = pick_cells(left_out, header, "from", CLOSURE_COLUMNS)
    last_texts = pick_cells(left_out, header, "to", CLOSURE_COLUMNS)
    # The finding about the width of a row says why its closure is unclear.
    by_place = {f.feature: f for f in findings if f.file == name and f.code == "row-shape"}
    read_serial_period = partial(read_period, is_serial=True, zone=zone)
    rows = []
    for line, trail in trails.items():
        try:
            start = read_serial_period(first_texts.get(line, "")).first
            end: dt.date | None = read_serial_period(last_texts.get(line, "")).last
        except ValueError:
            start, end = None, None
        days = {"from": start, "to": end, "unclear": by_place.get(f"line {line}")}
        rows.append({"trail_id": trail, "geometry": None, **days})
    return pd.DataFrame(rows, dtype=object)


def _read_closure_rows(
    table: pd.DataFrame, name: str, findings: list[Finding], zone: dt.tzinfo
) -> pd.DataFrame:
    cells = Cells(table, name, findings, zone)
    first_days, last_days = _read_closure_days(cells)
    missing = _report_missing_days(table, name)
    # Without a column of days every row is unclear, whatever its cells say.
    default = next(iter(missing), None)
    # The findings about days must stand before the rows are read: they are looked up by place
    # below.
    findings.extend(missing)
    # The findings so far about cells of this file.
    bad = {f.feature: f for f in reversed(findings) if (f.file, f.code) == (name, "bad-value")}
    unclear = [
        _report_reversed(cells, row, start, end) or bad.get(cells.place(row)) or default
        for row, start, end in zip(table.index, first_days, last_days, strict=True)
    ]
    # The whole of a vague day counts: from its first day to its last, so no closed day is lost.
    starts = [None if f is None else f.first for f in first_days]
    ends = [None if t is None or t.last == UNDECIDED_END else t.last for t in last_days]
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        # Reversed days: closed from the earlier on, with an open end, and marked as unclear above.
        if start is not None and end is not None and start > end:
            starts[row], ends[row] = min(start, end), None
    empty = pd.Series(None, table.index, dtype="str")
    texts = {c: table.get(c, empty).astype("str") for c in ("trail_id", *_list_reason_columns())}
    frame = table.assign(
        **{"from": make_object_column(starts, table), "to": make_object_column(ends, table)},
        **texts,
        unclear=pd.Series(unclear, table.index, dtype=object),
    )
    # A row without a trail and without a geometry closes nothing that could be found.
    closes = frame["trail_id"].notna() | frame["geometry"].notna()
    lost = frame[~closes]
    findings.extend(
        _describe_missing_place(name, cells.place(row), lost.loc[row]) for row in lost.index
    )
    return pd.DataFrame(frame[closes])


def _read_closure_days(cells: Cells) -> tuple[list[Period | None], list[Period | None]]:
    """Read the first and the last days, from two columns or from one for both."""
    zone, mend = cells.zone, N_("Write two days, as 2026-07-01 ~ 2026-07-31")
    read_first_day = partial(read_period, is_serial=True, zone=zone)
    first_days = cells.parse("from", read_first_day, WRITE_DAY)
    last_days = cells.parse("to", partial(_read_last_day, zone=zone), WRITE_DAY)
    spans = cells.parse("period", partial(_read_span, zone=zone), mend)
    for row, span in enumerate(spans):
        if span is not None:
            # A column of its own counts before the period.
            first_days[row] = first_days[row] or span.first
            # A day beside a column of its own for the end is the first: 통제일, 해제일.
            is_first = cells.has("to") and span.first == span.last
            last_days[row] = last_days[row] or (None if is_first else span.last)
    return first_days, last_days


def _read_span(text: str, zone: dt.tzinfo) -> Span:
    if text.replace(" ", "") in WITHOUT_END:
        return Span(None, None)
    return read_span(text, zone)


def _read_last_day(text: str, zone: dt.tzinfo) -> Period:
    if is_open_end(text):
        return Period(UNDECIDED_END, UNDECIDED_END)
    return read_period(text, is_serial=True, zone=zone)


def _report_missing_days(table: pd.DataFrame, name: str) -> list[Finding]:
    """Report that the table has no column for the first or the last day."""
    if "period" in table or not len(table):
        return []
    return [
        Finding(
            Severity.ERROR,
            "column-missing",
            name,
            N_("column {column} is missing, so nobody knows on which days the closures hold"),
            N_("Add it; an empty cell of it means until further notice"),
            values={"column": repr(column)},
        )
        for column in ("from", "to")
        if column not in table
    ]


def _report_reversed(
    cells: Cells, row: Hashable, first_day: Period | None, last_day: Period | None
) -> Finding | None:
    """Report a closure that ends before it begins."""
    if first_day is None or last_day is None or first_day.first <= last_day.last:
        return None
    what = N_("it ends on {value}, before it begins")
    return cells.report(row, what, N_("Correct from or to"), "to", str(last_day))


def _list_reason_columns() -> list[str]:
    return [f"reason_{lang}" for lang in LANGUAGES]


def _describe_missing_place(name: str, place: str, row: pd.Series) -> Finding:
    """Report a closure that names no trail: it may be meant for any, on its days."""
    says_something = any(
        not pd.isna(row.get(column)) for column in ("from", "to", *_list_reason_columns())
    )
    # It may be meant for any trail, so all are in doubt on these days; a row that says nothing is
    # not.
    doubt = Doubt(None, row["from"], row["to"]) if says_something else None
    return Finding(
        Severity.ERROR,
        "closure-without-place",
        name,
        N_("the closure names no trail and has no geometry; it is left out"),
        N_("Enter the id of a trail in the column trail_id"),
        place,
        doubt=doubt,
    )
