"""What changed between two versions of a dated table or a ledger: rows that came, went, changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely

from mapserver.analysis.city_changes import Change
from mapserver.analysis.values import format_value

Cells = tuple[tuple[str, str], ...]
"""The cells of a row that say something: column and text, in the order of the columns' names."""
NOT_SAID = frozenset({"unclear", "as_written", "sample"})
"""Columns that are not of the table: what was not understood, and that it is made up."""
PLACE_DIGITS = 5
"""Digits of a place in a row: about a metre."""


@dataclass(frozen=True, slots=True)
class TableKind:
    """How the rows of a table are told apart.

    Attributes
    ----------
    subject
        What changes of it are about: ``closures``, ``benefits`` or the ledger's id.
    keys
        Columns that tell rows apart, best first: the first of them that do so in both versions.
    labels
        Columns by which people know a row.
    id_column
        The column that has the id of a feature.
    is_counted_only
        Only how many rows there are may be said.
    """

    subject: str
    keys: tuple[tuple[str, ...], ...] = ()
    labels: tuple[str, ...] = ()
    id_column: str = ""
    is_counted_only: bool = False


def compare_table(kind: TableKind, old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Change]:
    """List what changed between two versions of a table, whatever the order of its rows.

    Parameters
    ----------
    kind
        What the table is.
    old, new
        Its versions. A row of the same key has changed; any other came or went.
    """
    if kind.is_counted_only:
        if len(old) != len(new):
            yield Change(kind.subject, "count", before=float(len(old)), after=float(len(new)))
        return
    # Rows that both versions have, as often as they have them, cancel out.
    gone, come = Counter(_list_rows(old)), Counter(_list_rows(new))
    gone, come = gone - come, come - gone
    old_rows, new_rows = sorted(gone.elements()), sorted(come.elements())
    # Of what is left, rows that a key tells apart are the same row with other cells.
    for key in kind.keys:
        old_by_key, new_by_key = _index_rows(old_rows, key), _index_rows(new_rows, key)
        values = sorted(old_by_key.keys() & new_by_key.keys())
        for value in values:
            yield from _compare_rows(kind, dict(old_by_key[value]), dict(new_by_key[value]))
        # A row that its key tells apart is there once, so all of its like is done.
        paired_old = {old_by_key[value] for value in values}
        paired_new = {new_by_key[value] for value in values}
        old_rows = [row for row in old_rows if row not in paired_old]
        new_rows = [row for row in new_rows if row not in paired_new]
    yield from (_describe_row(kind, "come", dict(row)) for row in new_rows)
    yield from (_describe_row(kind, "gone", dict(row)) for row in old_rows)


def _list_rows(table: pd.DataFrame) -> Iterator[Cells]:
    """Return each row as its cells that say something."""
    columns = sorted(str(column) for column in table if column not in NOT_SAID)
    texts = {column: [_write_cell(cell) for cell in table[column]] for column in columns}
    for position in range(len(table)):
        yield tuple((column, text[position]) for column, text in texts.items() if text[position])


def _write_cell(cell: Any) -> str:
    """Return a cell as text; a place with as many digits as matter."""
    if isinstance(cell, shapely.Geometry):
        rounded = shapely.normalize(shapely.set_precision(cell, 10**-PLACE_DIGITS))
        return str(shapely.to_wkt(rounded, rounding_precision=PLACE_DIGITS))
    return format_value(cell)


def _index_rows(rows: Sequence[Cells], key: tuple[str, ...]) -> dict[tuple[str, ...], Cells]:
    """Return the rows that a key tells apart from all others, by the values of the key."""
    values = [tuple(dict(row).get(column, "") for column in key) for row in rows]
    counts = Counter(values)
    return {
        value: row
        for value, row in zip(values, rows, strict=True)
        # What has nothing in its key is not told apart by it.
        if counts[value] == 1 and any(value)
    }


def _compare_rows(
    kind: TableKind, before: dict[str, str], after: dict[str, str]
) -> Iterator[Change]:
    """Compare the cells of a row that both versions have."""
    # Known by what stayed the same: that names it alike, whichever of the two comes first.
    same = {column: text for column, text in before.items() if after.get(column) == text}
    for column in sorted(before.keys() | after.keys()):
        if before.get(column) != after.get(column):
            is_place = column == "geometry"
            yield Change(
                kind.subject,
                "changed",
                id=same.get(kind.id_column, ""),
                name=_label_row(kind, same),
                attribute=column,
                before=None if is_place else before.get(column),
                after=None if is_place else after.get(column),
            )


def _describe_row(kind: TableKind, change: str, row: dict[str, str]) -> Change:
    return Change(kind.subject, change, id=row.get(kind.id_column, ""), name=_label_row(kind, row))


def _label_row(kind: TableKind, row: dict[str, str]) -> str:
    """Return what people know a row by; all that it says where it has none of that."""
    texts = [row[column] for column in kind.labels if row.get(column)]
    texts = texts or [text for column, text in row.items() if column not in {"geometry", "source"}]
    return " · ".join(texts)
