"""Ledgers brought in: rows of an office's table become rows of ``layers/ID.csv``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.change import change_folder, removing_new_folders
from mapserver.files.drafts import write_file
from mapserver.importing.originals import keeping_originals, list_sets
from mapserver.importing.place import find_area, widen_area
from mapserver.importing.placing import AROUND_CITY_M
from mapserver.model import BUS_LINES, Ledger, Snapshot
from mapserver.readers.csv_text import read_table
from mapserver.readers.formula_cells import restore_cells_of_table
from mapserver.readers.gtfs import GTFS_SUFFIX, read_gtfs
from mapserver.readers.register import find_ledger_file, read_ledger_rows, split_times
from mapserver.readers.register.columns import rename_known_columns
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
from mapserver.text.formulas import make_safe_text, restore_safe_cell

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
    added, replaced, same, left_out
        How many rows are new, take the place of one with the same key, were there already, and
        cannot be used.
    findings
        What is odd, by file and line.
    """

    city: Path
    ledger: Ledger
    files: list[Path]
    rows: pd.DataFrame
    added: int
    replaced: int
    same: int
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
    key, a row takes the place of the one with its key. A row of which a required cell is missing or
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
    findings: list[Finding] = []
    parts, left_out = [], 0
    tables = []
    for file in files:
        table, table_findings = _read_file(file, wish, city)
        if ledger.decides_states:
            _require_whole_rows(table_findings, file.name)
        findings += table_findings
        tables.append((file.name, table))
    for name, table in _join_welfare_lists(tables):
        part, part_findings = _choose_rows(table, ledger, name, zone)
        findings += part_findings
        left_out += len(table) - len(part)
        parts.append(part)
    # All files are read before anything is compared: two of them may share rows.
    new_rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(dtype="str")
    # A list of nothing takes no row away.
    gives_way = wish.replace and len(new_rows) > 0
    old_rows = new_rows.iloc[:0] if gives_way else _read_old_rows(folder, ledger, new_rows)
    rows, replaced, same = _merge_rows(old_rows, new_rows, ledger.key)
    added = len(new_rows) - replaced - same
    findings += _report_sample(old_rows, city)
    return LedgerPlan(folder, ledger, list(files), rows, added, replaced, same, left_out, findings)


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
        text = plan.rows.map(make_safe_text).to_csv(index=False, lineterminator="\r\n")
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
    rows, findings = read_ledger_rows(table, ledger, name, zone)
    texts, _ = rename_known_columns(table, ledger.synonyms, name, text_columns=ledger.text_columns)
    texts = split_times(texts, ledger)
    is_usable = rows[list(ledger.required)].notna().all(axis=1)
    if not is_usable.any():
        raise _make_useless_error(rows, findings, name)
    # What was not understood stays as it was written, so that the check still names it.
    columns = {
        column: [
            write_cell(value) or text
            for value, text in zip(rows[column], _get_texts(texts, column), strict=True)
        ]
        for column in rows
        if column in texts
    }
    written = pd.DataFrame(columns, rows.index, dtype="str")
    # Whoever looked has found something, even where nobody understands when, where or how bad.
    proving = [column for column in ledger.evidence if column in written]
    is_usable |= (written[proving] != "").any(axis=1)
    return written[is_usable.to_numpy()], findings


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


def _read_old_rows(folder: Path, ledger: Ledger, new_rows: pd.DataFrame) -> pd.DataFrame:
    """Read the rows that a ledger has, as they are written but for the apostrophe of safe cells.

    Raises
    ------
    DataError
        It has rows that would be lost.
    """
    path = find_ledger_file(folder / "layers", ledger)
    if path is None:
        return new_rows.iloc[:0]
    table, findings = read_table(path, name=ledger.file, columns=ledger.synonyms)
    _require_whole_rows(findings, ledger.file)
    table, _ = rename_known_columns(
        table, ledger.synonyms, ledger.file, text_columns=ledger.text_columns
    )
    return split_times(restore_cells_of_table(table), ledger).fillna("").astype("str")


def _require_whole_rows(findings: list[Finding], name: str) -> None:
    """Refuse a table of which rows cannot be read, since their cells are not under their headings.

    Raises
    ------
    DataError
        It has rows that would be lost.
    """
    lost = [fault for fault in findings if fault.code == "row-shape"]
    if lost:
        raise DataError(
            N_("it has rows that would be lost"),
            where=f"{name}, {lost[0].feature}",
            mend=N_("Mend them first"),
        )


def _merge_rows(
    old_rows: pd.DataFrame, new_rows: pd.DataFrame, key: tuple[str, ...]
) -> tuple[pd.DataFrame, int, int]:
    """Merge rows; return all of them, how many took another's place, and how many were there.

    Without a key equal rows may mean several things that happened, so of a row that stands twice in
    one table and once in the other two are left.
    """
    columns = [*old_rows.columns, *(c for c in new_rows.columns if c not in old_rows)]
    old = old_rows.reindex(columns=columns).astype(object).fillna("")
    new = new_rows.reindex(columns=columns).astype(object).fillna("")
    key_columns = [column for column in key if column in columns]
    # How many rows of each kind are there already: every new row that is equal uses one up.
    spare = Counter(map(tuple, old.to_numpy().tolist()))
    is_new, taken_keys = [], set()
    for row in new.to_dict("records"):
        cells = tuple(row[column] for column in columns)
        is_new.append(spare[cells] <= 0)
        spare[cells] -= 1
        if is_new[-1]:
            taken_keys.add(tuple(row[column] for column in key_columns))
    # Rows without any of the key are not the same row: nothing tells them apart.
    taken_keys -= {tuple("" for _ in key_columns)}
    same = len(is_new) - sum(is_new)
    # A row of the ledger gives way where a new one has its key and says something else.
    gives_way = [
        tuple(row[column] for column in key_columns) in taken_keys for row in old.to_dict("records")
    ]
    added_rows = new[pd.Series(is_new, new.index, dtype=bool)]
    if key_columns:
        # Of two new rows with one key the later in the file is the correction.
        has_key = (added_rows[key_columns] != "").any(axis=1)
        added_rows = added_rows[~has_key | ~added_rows.duplicated(key_columns, keep="last")]
    rows = pd.concat([old[~pd.Series(gives_way, old.index, dtype=bool)], added_rows])
    return rows.reset_index(drop=True), sum(gives_way), same


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
