"""Columns of tables renamed to the names that are known; those that are not are reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from mapserver.errors import N_
from mapserver.readers.gpx import COMPUTED
from mapserver.readers.register.column_names import OWN
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import Synonyms, match_columns, simplify_name, suggest_name

BOTH = " / "
"""Between two cells of one meaning that contradict each other; no parser reads such a text."""

SNAPSHOT_COLUMNS = ("state", "state_reason", "state_on")
"""The state of one day, as an export writes it beside what it follows from."""


def drop_snapshot(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the state of the day on which it was exported.

    Without ``state_on`` a column ``state`` is an office's own word for the status.
    """
    has_snapshot = {"state", "state_on"} <= set(map(str, frame.columns))
    return frame.drop(columns=list(SNAPSHOT_COLUMNS), errors="ignore") if has_snapshot else frame


def rename_known_columns(
    table: pd.DataFrame,
    columns: Synonyms,
    file: str,
    *,
    text_columns: Iterable[str] = (),
    filled_columns: Iterable[str] = (),
) -> tuple[pd.DataFrame, list[Finding]]:
    """Rename the columns of a table to the names that they are known by.

    Parameters
    ----------
    table
        Text, as from :func:`mapserver.readers.csv_text.read_table`.
    columns
        The names and their synonyms.
    file
        What to call the table in messages.
    text_columns
        Columns of which the best name counts where several mean the same. Of all others the cells
        are put together: equal ones are one, and of different ones neither can be proved.
    filled_columns
        Those of ``text_columns`` of which an empty cell is filled from the next best name.

    Returns
    -------
    table : DataFrame
        The same rows; columns that are not known stay under their own name.
    findings : list of Finding
        Columns that are not known, with the nearest that is, and those that mean the same.
    """
    # An exported state is of the day of its export; read back, it would hold for ever.
    table = drop_snapshot(table)
    matches = dict(zip(table.columns, match_columns(list(table.columns), columns), strict=True))
    matches |= _find_second_meanings(matches, columns)
    findings: list[Finding] = []
    result = {}
    # Several columns may be matched to one known name; the result has it once.
    for known_name in dict.fromkeys(filter(None, matches.values())):
        same = _rank_names(
            [c for c, match in matches.items() if match == known_name], known_name, columns
        )
        if len(same) > 1 and known_name != "id":
            findings.append(_report_same(same, known_name, file))
        if known_name in filled_columns:
            table = table.assign(**{same[0]: _fill_cells(table, same)})
        if known_name in text_columns or known_name == "id" or len(same) == 1:
            result[same[0]] = known_name
        else:
            table = table.assign(**{same[0]: _combine_cells(table[same])}).drop(columns=same[1:])
            result[same[0]] = known_name
    table = table.rename(columns=result)
    findings += report_unknown_columns(table, columns, file)
    return table, findings


def _find_second_meanings(matches: Mapping[str, str | None], columns: Synonyms) -> dict[str, str]:
    """Find what columns mean whose first meaning another column has by a better name.

    ``점검내용`` is what was looked at, but beside ``점검항목`` it is what was found.
    """
    meanings = {}
    for known_name in dict.fromkeys(filter(None, matches.values())):
        same = [column for column, match in matches.items() if match == known_name]
        for column in _rank_names(same, known_name, columns)[1:]:
            key = simplify_name(column)
            others = (
                name
                for name, words in columns.items()
                if name != known_name and key in map(simplify_name, words)
            )
            if second := next(others, None):
                meanings[column] = second
    return meanings


def report_unknown_columns(table: pd.DataFrame, columns: Synonyms, file: str) -> list[Finding]:
    """Report the columns that are not known: one finding each where another may be meant."""
    unknown = [
        str(c) for c in table.columns if c and c not in columns and not _is_own_column(str(c))
    ]
    free = [name for name in columns if name not in table]
    findings, own_columns = [], []
    for column in unknown:
        # A misspelt column may hold the state of a trail, so each is reported with what is probably
        # meant.
        nearest = suggest_name(column, [*free, *(word for name in free for word in columns[name])])
        if nearest is None:
            own_columns.append(column)
            continue
        findings.append(
            Finding(
                Severity.WARNING,
                "column-unknown",
                file,
                N_("column {column} is not known; did you mean {nearest}?"),
                N_("Correct its name in the header, or leave it as a column of your own"),
                values={"column": repr(column), "nearest": repr(nearest)},
            )
        )
    if own_columns:
        findings.append(
            Finding(
                Severity.NOTE,
                "column-unknown",
                file,
                N_("columns that are not known, and are kept as they are: {columns}"),
                N_("Nothing needs to be done if they are your own"),
                values={"columns": ", ".join(own_columns)},
            )
        )
    return findings


def find_columns_about(table: pd.DataFrame, columns: Synonyms, wanted: Iterable[str]) -> list[str]:
    """Find columns that are not known and may hold what is wanted, misspelt or in other words."""
    names = [name for name in wanted if name not in table]
    words = [*names, *(word for name in names for word in columns[name])]
    return [
        str(column)
        for column in table.columns
        if column not in columns
        and not _is_own_column(str(column))
        and suggest_name(str(column), words)
    ]


def pick_cells(
    rows: Mapping[int, Sequence[str | None]],
    header: Iterable[object],
    known_name: str,
    columns: Synonyms,
) -> dict[int, str]:
    """Return the cells of one known column out of rows that do not fit the header, by line."""
    names = [str(name) for name in header]
    matches = zip(names, match_columns(names, columns), strict=True)
    best = _rank_names(
        [name for name, match in matches if match == known_name], known_name, columns
    )
    # Beyond the last cell where no column is meant, so that no row yields anything.
    position = names.index(best[0]) if best else len(names)
    return {
        line: cell
        for line, cells in rows.items()
        if position < len(cells) and (cell := cells[position])
    }


def _is_own_column(column: str) -> bool:
    """Return whether a column is known to mean nothing here, or is measured anew from the line."""
    return column.removeprefix("stated_") in COMPUTED or simplify_name(column) in OWN


def _rank_names(names: list[str], known_name: str, columns: Synonyms) -> list[str]:
    """Sort names of one meaning: the known name itself first, then as the synonyms stand."""
    # The known name, then its synonyms in the order of the table above: the best is first.
    order = [simplify_name(known_name), *map(simplify_name, columns[known_name])]
    return sorted(names, key=lambda name: (name != known_name, order.index(simplify_name(name))))


def _fill_cells(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """Return the cells of the first column, and where it is empty, those of the next."""
    cells = table[names[0]]
    for name in names[1:]:
        cells = cells.where(cells.notna(), table[name])
    return cells


def _combine_cells(cells: pd.DataFrame) -> pd.Series:
    """Join cells of one meaning; those that differ stand side by side."""
    return cells.apply(lambda row: BOTH.join(dict.fromkeys(row.dropna())) or None, axis=1)


def _report_same(same: list[str], known_name: str, file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "columns-same",
        file,
        N_("the columns {columns} mean the same, {known}"),
        N_("Keep one of them"),
        values={"columns": ", ".join(map(repr, same)), "known": repr(known_name)},
    )
