"""Ledgers, ``layers/inspections.csv`` and the like: each cell by the rule of its column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.links import is_own_file, report_false_files
from mapserver.model import LEDGERS, Ledger, LedgerColumn
from mapserver.readers.attempts import attempt_read
from mapserver.readers.csv_text import read_table
from mapserver.readers.register.cells import Cells, require_columns
from mapserver.readers.register.closures import UNREAD_ENDINGS
from mapserver.readers.register.columns import rename_known_columns
from mapserver.readers.register.named_trails import join_contradicting_trails
from mapserver.readers.register.sums import leave_out_sums, make_sum_rule
from mapserver.text.dates import KOREA
from mapserver.text.findings import Doubt, Finding, Severity
from mapserver.text.formulas import restore_safe_cell
from mapserver.text.header_row import match_columns, simplify_name
from mapserver.text.ledger_words import UnreadCell, split_hour

MONTHLY = re.compile(r"(?:\d{4}[년.-])?(?:0?[1-9]|1[0-2])월|\d{4}-\d\d|연월|년월|(?:연|년)?누계")
"""Columns of tables of counts, without blanks: ``12월``, ``연월``, ``연누계``."""


def read_ledgers(
    layers_dir: Path,
    findings: list[Finding],
    zone: dt.tzinfo = KOREA,
    deciding: Collection[str] = (),
    trails: gpd.GeoDataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Read every ledger that a city has; one that cannot be read leaves the others standing.

    Parameters
    ----------
    layers_dir
        The folder ``layers/`` of a city.
    findings
        Where faults are reported. Those of a ledger that decides states put trails in doubt.
    zone
        The city's time zone.
    deciding
        Ledgers that decide states in this city, beside those that do so everywhere.
    trails
        The trails of the city; None where it has none.

    Returns
    -------
    dict of str to DataFrame
        By the ledger's id; see :func:`read_ledger_rows`.
    """
    tables = {}
    for ledger in LEDGERS.values():
        doubt = Doubt() if ledger.decides_states or ledger.id in deciding else None
        findings.extend(_report_unread(layers_dir, ledger, doubt))
        findings.extend(report_false_files(layers_dir, [f"{ledger.id}.csv"], doubt))
        path = find_ledger_file(layers_dir, ledger)
        if path is None:
            continue
        rows = attempt_read(
            partial(_read_file, path, ledger, zone, doubt, trails), ledger.file, findings, doubt
        )
        if rows is not None:
            tables[ledger.id], remarks = join_contradicting_trails(rows, ledger, trails)
            findings.extend(remarks)
    return tables


def find_ledger_file(layers_dir: Path, ledger: Ledger) -> Path | None:
    """Find the file of a ledger, whatever the case of its name; None where there is none."""
    files = sorted(layers_dir.iterdir()) if layers_dir.is_dir() else []
    name = f"{ledger.id}.csv"
    return next(
        (f for f in files if f.name.casefold() == name and is_own_file(f, layers_dir)), None
    )


def _read_file(
    path: Path,
    ledger: Ledger,
    zone: dt.tzinfo,
    doubt: Doubt | None,
    trails: gpd.GeoDataFrame | None,
) -> tuple[pd.DataFrame, list[Finding]]:
    table, findings = read_table(path, name=ledger.file, columns=ledger.synonyms)
    if not ledger.written_by:
        rule = make_sum_rule(ledger, zone, trails)
        table, findings = leave_out_sums(table, findings, rule, ledger.file)
    lost_rows = [finding.feature for finding in findings if finding.code == "row-shape"]
    rows, row_findings = read_ledger_rows(table, ledger, ledger.file, zone)
    findings += row_findings
    # A row of another width than the header may be about any trail.
    if doubt is not None and lost_rows:
        findings = [
            finding.with_doubt(doubt) if finding.code == "row-shape" else finding
            for finding in findings
        ]
    return rows, findings


def read_ledger_rows(
    table: pd.DataFrame, ledger: Ledger, file: str, zone: dt.tzinfo = KOREA
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the rows of a ledger, each cell by the rule of its column.

    Parameters
    ----------
    table
        Text, indexed by line, with columns under any of their names.
    ledger
        What it is.
    file
        What to call it in messages.
    zone
        The city's time zone.

    Returns
    -------
    rows : DataFrame
        Indexed by line, with every column of the ledger, None (NaN for numbers) where nothing is
        known, the file's other columns as text, ``unclear``: the first finding about a cell of
        the row that was not understood or is missing, else None, and ``as_written``: the texts of
        all cells of the row that were not understood, by column. No row is left out.
    findings : list of Finding
        By line.

    Raises
    ------
    DataError
        A required column is missing, or there is one that the ledger refuses.
    """
    _require_no_others(table, ledger, file)
    table, findings = rename_ledger_columns(table, ledger, file)
    require_columns(table, list(ledger.required), file)
    table = split_times(table, ledger)
    # Findings about cells are gathered apart: a row is unclear for them, not for its file's header.
    cell_findings: list[Finding] = []
    cells = Cells(table, file, cell_findings, zone)
    # The columns of the ledger first, in its order; own columns of the file follow as text.
    columns = {
        name: _read_column(table, name, column, cells, zone)
        for name, column in ledger.columns.items()
    }
    columns |= {
        restore_safe_cell(str(name)): table[name].map(restore_safe_cell, na_action="ignore")
        for name in table
        if name not in columns
    }
    for name in ledger.required:
        _report_empty(table, name, cells)
    first: Mapping[str, Finding] = {f.feature: f for f in reversed(cell_findings)}
    # The first finding of a row speaks for it; reversed above, so that the first one wins.
    unclear = [first.get(cells.place(line)) for line in table.index]
    rows = pd.DataFrame(columns, table.index).assign(
        unclear=pd.Series(unclear, table.index, dtype=object),
        as_written=pd.Series(_list_unread(table, columns, ledger), table.index, dtype=object),
    )
    return rows, [*findings, *cell_findings, *_count_denied_rows(rows, ledger, file)]


def rename_ledger_columns(
    table: pd.DataFrame, ledger: Ledger, file: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Rename the columns of a table to those of a ledger (:func:`rename_known_columns`)."""
    headings = [str(name) for name in table.columns]
    renamed, findings = rename_known_columns(
        table,
        ledger.synonyms,
        file,
        text_columns=ledger.text_columns,
        filled_columns=ledger.filled_columns,
    )
    # 조치사항 beside 지적사항 is another column, and nobody has to remove it.
    loose = {
        simplify_name(word) for column in ledger.columns.values() for word in column.loose_words
    }
    return renamed, [
        each
        for each in findings
        if each.code != "columns-same" or _are_alike(headings, str(each.values["columns"]), loose)
    ]


def _are_alike(headings: Sequence[str], shown: str, loose: Collection[str]) -> bool:
    """Return whether several of the headings that a finding shows mean surely the same."""
    strict = [name for name in headings if repr(name) in shown and simplify_name(name) not in loose]
    return len(strict) > 1


def _list_unread(
    table: pd.DataFrame, columns: Mapping[str, pd.Series], ledger: Ledger
) -> list[dict[str, str]]:
    """List for each row the cells that were not understood, as they are written."""
    texts: list[dict[str, str]] = [{} for _ in table.index]
    for name, column in ledger.columns.items():
        if column.read is None or name not in table:
            continue
        is_unread = columns[name].isna() | columns[name].map(_is_unread)
        for position in np.flatnonzero(table[name].notna() & is_unread):
            texts[position][name] = str(table[name].iloc[position])
    return texts


def _is_unread(cell: object) -> bool:
    return isinstance(cell, UnreadCell)


def _count_denied_rows(rows: pd.DataFrame, ledger: Ledger, file: str) -> list[Finding]:
    """Count the rows of which a column says that they are not what the others are."""
    return [
        Finding(
            Severity.NOTE,
            "rows-denied",
            file,
            column.says_no,
            N_("Nothing needs to be done"),
            values={"count": count, "all": len(rows)},
        )
        for name, column in ledger.columns.items()
        if column.says_no and (count := int((rows[name] == "no").sum()))
    ]


def split_times(table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return a table with the times of its days in a column of their own, where it has any.

    A day that stands beside a time would lose it, and twenty-four rows of a day would be one.
    """
    for name, column in ledger.columns.items():
        if not column.time_of or name in table or column.time_of not in table:
            continue
        times = table[column.time_of].map(split_hour, na_action="ignore")
        times = times.where(times.fillna("") != "")
        if times.notna().any():
            table = table.assign(**{name: times})
    return table


def _read_column(
    table: pd.DataFrame, name: str, column: LedgerColumn, cells: Cells, zone: dt.tzinfo
) -> pd.Series:
    """Read one column; where the file lacks it, nothing is known in any row."""
    if column.read is None:
        values = table[name] if name in table else pd.Series(None, table.index, dtype="str")
        # The apostrophe that keeps spreadsheets from running a cell is none of its text.
        values = values.map(restore_safe_cell, na_action="ignore")
        return values.astype(object).where(values.notna(), None)
    read = column.read
    result = cells.parse(name, lambda text: read(text, zone), column.mend)
    if column.keeps_unread:
        is_unread = cells.is_unread(name, result)
        result = [
            UnreadCell(str(table[name].iloc[position])) if is_unread[position] else value
            for position, value in enumerate(result)
        ]
    return pd.Series(result, table.index, dtype=float if column.is_number else object)


def _report_empty(table: pd.DataFrame, name: str, cells: Cells) -> None:
    """Report the rows in which a required cell is empty."""
    for line in table.index[table[name].isna()]:
        cells.report(line, N_("{column} is empty"), N_("Write it, or remove the row"), name)


def _require_no_others(table: pd.DataFrame, ledger: Ledger, file: str) -> None:
    """Refuse a table with columns that its ledger must not have; their cells are not repeated.

    Raises
    ------
    DataError
        It has such a column.
    """
    if not ledger.refuses_others:
        return
    names = [str(column) for column in table.columns]
    matches = match_columns(names, ledger.synonyms)
    _require_rows_of_one(names, matches, ledger, file)
    others = [name for name, match in zip(names, matches, strict=True) if match is None]
    if others:
        raise DataError(
            N_("columns that must not be in it: {others}; it is not read"),
            where=file,
            mend=N_("Take them out, so that nothing of a person is in it; it holds only {columns}"),
            others=", ".join(map(repr, others)),
            columns=", ".join(name for name in ledger.columns if name != "sample"),
        )


def _require_rows_of_one(
    names: Sequence[str], matches: Sequence[str | None], ledger: Ledger, file: str
) -> None:
    """Refuse a table that is another one for what it is, not for the columns that it has besides.

    Raises
    ------
    DataError
        It counts things by month, or has no column without which a row says nothing.
    """
    if ledger.written_by:
        return
    others = [name for name, match in zip(names, matches, strict=True) if match is None]
    # Offices publish counts, with a column for each month or for each outcome; 접수 counts there.
    if any(MONTHLY.fullmatch("".join(name.split())) for name in others):
        raise DataError(
            N_("it has counts by month, and not a row for each message"),
            where=file,
            mend=N_("Ask for the list from which it was counted, with these columns: {columns}"),
            columns=", ".join(name for name in ledger.columns if name != "sample"),
        )
    lacking = [name for name in ledger.required if name not in matches]
    if not lacking:
        return
    words = ledger.columns[lacking[0]].words
    raise DataError(
        N_("no column of it is {column}, so it is another table"),
        where=file,
        mend=N_("Call the column {column} or {words}, or say with --as what the file is"),
        column=lacking[0],
        words=", ".join(words[:3]),
    )


def _report_unread(layers_dir: Path, ledger: Ledger, doubt: Doubt | None) -> list[Finding]:
    """Report a ledger that is kept in a form that is not read from the folder."""
    files = sorted(layers_dir.iterdir()) if layers_dir.is_dir() else []
    return [
        Finding(
            Severity.ERROR,
            "ledger-not-read",
            f"layers/{path.name}",
            N_("it is not read from such a file"),
            N_("Bring it in with mapserver add {name} --as {id}, or save it as {file} (UTF-8)"),
            values={"name": path.name, "id": ledger.id, "file": ledger.file},
            doubt=doubt,
        )
        for path in files
        if path.stem.casefold() == ledger.id and path.suffix.casefold() in UNREAD_ENDINGS
    ]
