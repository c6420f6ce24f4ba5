"""Ledgers brought in: rows of an office's table become rows of ``layers/ID.csv``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.change import change_folder, removing_new_folders
from mapserver.files.drafts import write_file
from mapserver.files.links import report_false_files
from mapserver.importing.ledger_merging import LedgerMerger, MergeCounts
from mapserver.importing.lost_rows import require_whole_rows
from mapserver.importing.originals import keeping_originals, list_sets
from mapserver.importing.place import find_area, widen_area
from mapserver.importing.placing import AROUND_CITY_M
from mapserver.model import BUS_LINES, Ledger, Snapshot
from mapserver.readers.csv_text import read_table
from mapserver.readers.formula_cells import restore_cells_of_table
from mapserver.readers.gtfs import GTFS_SUFFIX, read_gtfs
from mapserver.readers.register import (
    find_ledger_file,
    leave_out_sums,
    make_sum_rule,
    read_ledger_rows,
    rename_ledger_columns,
    split_times,
)
from mapserver.readers.sheets import SUFFIXES, read_sheet, tabulate
from mapserver.readers.welfare_lists import (
    GOV24_ID,
    WELFARE_SUFFIXES,
    convert_gov24_table,
    is_welfare_list,
    join_programmes,
    read_welfare_list,
)
from mapserver.text.cell_text import write_cell
from mapserver.text.findings import Finding, Severity
from mapserver.text.formulas import restore_safe_cell
from mapserver.writers.columns import make_safe_table

WELFARE = "programmes"
"""The ledger that national lists can be brought into."""
TABLES = (".csv", ".txt", ".tsv", *SUFFIXES)


@dataclass(frozen=True, slots=True)
class LedgerWish:
    """What tables are, and what they do not say themselves.

    Attributes
    ----------
    ledger
        What their rows are.
    encoding
        The text encoding of a CSV.
    sheet
        Which sheet of a workbook.
    header_row
        The row of a workbook that names the columns.
    replace
        The rows that are there give way.
    """

    ledger: Ledger
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    replace: bool = False


@dataclass(frozen=True)
class LedgerPlan:
    """What would be written.

    Attributes
    ----------
    city
        The folder.
    ledger
        What it is.
    files
        The files that were named.
    rows
        All rows that the ledger would have, as text under the ledger's own names.
    counts
        What became of the new rows.
    left_out
        How many rows cannot be used.
    findings
        What is odd, by file and line.
    """

    city: Path
    ledger: Ledger
    files: list[Path]
    rows: pd.DataFrame
    counts: MergeCounts
    left_out: int
    findings: list[Finding]


def plan_ledger(
    files: Sequence[Path],
    wish: LedgerWish,
    city: Snapshot | None,
    folder: Path,
    *,
    zone: dt.tzinfo,
) -> LedgerPlan:
    """Read tables and conclude what their rows would make of a ledger; nothing is written.

    Rows that the ledger has already are not added a second time, and where it tells rows apart by a
    key, a row takes the place of the one with its key; tables are added one after another, as if
    each were brought in by itself. A row of which a required cell is missing or
    not understood is left out and named; where the ledger proves something, it stays as it is
    written, so that the city has the doubt that a file laid into its folder would have.

    Parameters
    ----------
    files
        CSV files and workbooks.
    wish
        What they are, and what they do not say themselves.
    city
        The city as it is; None when the folder is to become one.
    folder
        The city folder.
    zone
        The city's time zone.

    Raises
    ------
    DataError
        A file cannot be read, none of its rows can be used, or one that may close a trail would be
        lost.
    """
    ledger = wish.ledger
    _require_file(folder, ledger)
    findings: list[Finding] = []
    parts: list[tuple[str, pd.DataFrame]] = []
    left_out, tables = 0, []
    rule = make_sum_rule(ledger, zone, None if city is None else city.trails)
    for file in files:
        table, table_findings = _read_file(file, wish, city)
        table, table_findings = leave_out_sums(table, table_findings, rule, file.name)
        if ledger.decides_states:
            require_whole_rows(table_findings, file.name)
        findings += table_findings
        tables.append((file.name, table))
    for name, table in _join_welfare_lists(tables):
        part, part_findings = _choose_rows(table, ledger, name, zone)
        findings += part_findings
        left_out += len(table) - len(part)
        parts.append((name, part))
    # All files are read before anything is written; a list of nothing takes no row away.
    gives_way = wish.replace and any(len(part) for _, part in parts)
    old_rows = pd.DataFrame(dtype="str") if gives_way else _read_old_rows(folder, ledger)
    merger = LedgerMerger(ledger, zone, old_rows, _write_plainly(old_rows, ledger, zone))
    for name, part in parts:
        merger.add_table(name, part)
    findings += [*merger.findings, *_report_sample(old_rows, city)]
    rows, counts = merger.tabulate(), merger.counts
    return LedgerPlan(folder, ledger, list(files), rows, counts, left_out, findings)


def carry_out_ledger_plan(plan: LedgerPlan, *, today: dt.date) -> list[str]:
    """Write a ledger whole or not at all, and keep the originals and the file that gives way.

    Returns
    -------
    list of str
        The file written, relative to the city folder.
    """
    with (
        removing_new_folders(plan.city),
        keeping_originals(plan.city, today) as originals,
        change_folder(plan.city, "layers") as draft,
    ):
        for files in list_sets(plan.files):
            originals.copy_files(files)
        old = find_ledger_file(draft, plan.ledger)
        if old is not None:
            originals.copy_files([old], prefix="replaced-")
            old.unlink()
        # As all CSV that we write: it is a spreadsheet in which an office opens its ledger.
        text = make_safe_table(plan.rows).to_csv(index=False, lineterminator="\r\n")
        write_file(draft / f"{plan.ledger.id}.csv", text.encode("utf-8-sig"))
    return [plan.ledger.file]


def _read_file(
    file: Path, wish: LedgerWish, city: Snapshot | None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read a table as text, indexed by line.

    Raises
    ------
    DataError
        It is no table.
    """
    is_welfare = wish.ledger.id == WELFARE
    if is_welfare and file.suffix.casefold() in WELFARE_SUFFIXES:
        return read_welfare_list(file, name=file.name)
    if wish.ledger is BUS_LINES and file.suffix.casefold() == GTFS_SUFFIX:
        # The stops of a country are cut as the layer of stops is.
        box = find_area(city)
        area = None if box is None else widen_area(box, AROUND_CITY_M)
        return read_gtfs(file, name=file.name, area=area)
    if file.suffix.casefold() not in TABLES:
        raise DataError(
            N_("this is no table"),
            where=file.name,
            mend=N_("Save it as CSV or as an Excel workbook"),
        )
    if file.suffix.casefold() in SUFFIXES:
        sheet = read_sheet(file, name=file.name, sheet=wish.sheet)
        tabulated = tabulate(sheet, header_row=wish.header_row)
        return tabulated.table, tabulated.findings
    columns = wish.ledger.synonyms
    table, findings = read_table(
        file, name=file.name, encoding_label=wish.encoding, columns=columns
    )
    if is_welfare and GOV24_ID in table:
        return convert_gov24_table(table), findings
    return table, findings


def _join_welfare_lists(
    tables: list[tuple[str, pd.DataFrame]],
) -> list[tuple[str, pd.DataFrame]]:
    """Join the tables of one national list: a detail without its list would lose what that says."""
    lists = [(name, table) for name, table in tables if is_welfare_list(table)]
    others = [(name, table) for name, table in tables if not is_welfare_list(table)]
    # One that says that there is nothing has no rows, and has said so.
    full = [(name, table) for name, table in lists if len(table)]
    if not full:
        return others
    joined = join_programmes(table for _, table in full)
    return [*others, (", ".join(name for name, _ in full), joined)]


def _choose_rows(
    table: pd.DataFrame, ledger: Ledger, name: str, zone: dt.tzinfo
) -> tuple[pd.DataFrame, list[Finding]]:
    """Choose the rows that can be used, as text; what was understood is written in one way.

    Raises
    ------
    DataError
        None of the rows is understood: such a table has another form, or words of its own.
    """
    rows, written, findings = _write_cells(table, ledger, name, zone)
    is_usable = rows[list(ledger.required)].notna().all(axis=1)
    if not is_usable.any():
        raise _make_useless_error(rows, findings, name)
    # Whoever looked has found something, even where nobody understands when, where or how bad.
    proving = [column for column in ledger.evidence if column in written]
    is_usable |= (written[proving] != "").any(axis=1)
    return written[is_usable.to_numpy()], findings


def _write_cells(
    table: pd.DataFrame, ledger: Ledger, name: str, zone: dt.tzinfo
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """Return the rows of a table as they are read, as they are to be written, and what is odd."""
    rows, findings = read_ledger_rows(table, ledger, name, zone)
    texts, _ = rename_ledger_columns(table, ledger, name)
    texts = split_times(texts, ledger)
    # What was not understood stays as it was written, so that the check still names it.
    columns = {
        column: [
            write_cell(value) or text
            for value, text in zip(rows[column], _get_texts(texts, column), strict=True)
        ]
        for column in rows
        if column in texts
    }
    return rows, pd.DataFrame(columns, rows.index, dtype="str"), findings


def _write_plainly(old_rows: pd.DataFrame, ledger: Ledger, zone: dt.tzinfo) -> pd.DataFrame:
    """Return the rows of a ledger with their cells in the one way that new rows have.

    An office writes 2026. 11. 2. where we write 2026-11-02, and means the same row.
    """
    table = old_rows.where(old_rows != "")
    try:
        _, plain, _ = _write_cells(table, ledger, ledger.file, zone)
    except DataError:
        # It cannot be read as what it is; its rows are compared as they stand there.
        return old_rows
    return plain


def _make_useless_error(rows: pd.DataFrame, findings: list[Finding], name: str) -> DataError:
    """Make the error of a table of which no row can be used, with the first reason."""
    reason = next((f for f in findings if f.severity is Severity.ERROR), None)
    if reason is None:
        return DataError(
            N_("no row can be used; rows: {count}"),
            where=name,
            mend=N_("Open it and look whether the data is there"),
            count=len(rows),
        )
    where = f"{name}, {reason.feature}"
    return DataError(reason.what, where=where, mend=reason.mend, **reason.values)


def _get_texts(texts: pd.DataFrame, column: object) -> list[str]:
    return [restore_safe_cell(text) if isinstance(text, str) else "" for text in texts[column]]


def _require_file(folder: Path, ledger: Ledger) -> None:
    """Refuse a ledger in whose place something else lies, which must not be written over.

    Raises
    ------
    DataError
        It is a folder, or a link to nothing.
    """
    for fault in report_false_files(folder / "layers", [f"{ledger.id}.csv"]):
        mend = N_("Remove it, and look first whether something in it is needed")
        raise DataError(fault.what, where=fault.file, mend=mend)


def _read_old_rows(folder: Path, ledger: Ledger) -> pd.DataFrame:
    """Read the rows that a ledger has, as they are written but for the apostrophe of safe cells.

    Raises
    ------
    DataError
        It has rows that would be lost.
    """
    path = find_ledger_file(folder / "layers", ledger)
    if path is None:
        return pd.DataFrame(dtype="str")
    table, findings = read_table(path, name=ledger.file, columns=ledger.synonyms)
    require_whole_rows(findings, ledger.file)
    table, _ = rename_ledger_columns(table, ledger, ledger.file)
    return split_times(restore_cells_of_table(table), ledger).fillna("").astype("str")


def _report_sample(old_rows: pd.DataFrame, city: Snapshot | None) -> list[Finding]:
    """Report rows of a sample that stay beside those that are added."""
    if city is None or "sample" not in old_rows or not (old_rows["sample"] != "").any():
        return []
    return [
        Finding(
            Severity.WARNING,
            "sample-stays",
            "",
            N_("rows of the sample stay beside the new ones: {count}"),
            N_("Add it with --replace, so that they give way"),
            values={"count": int((old_rows["sample"] != "").sum())},
        )
    ]
