"""Rows of tables as the program understood them: ids of trails for names, codes for words.

Two files say the same where this is the same, however it is written: a trail by its name or its id,
parts of life by their words or their codes, an item by any of the words that offices have for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeAlias

import geopandas as gpd
import pandas as pd

from mapserver.model import simplify_station
from mapserver.text.cell_text import read_cell_text
from mapserver.text.inspection_words import unify_inspector, unify_item
from mapserver.text.mentions import find_closed_trails
from mapserver.text.welfare_words import Themes, read_lives, read_needs

TRAIL = "trail_id"
Trails: TypeAlias = gpd.GeoDataFrame | None


def _write_themes(read: Callable[[str], Themes]) -> Callable[[str], str]:
    """Return what writes needs or parts of life as codes, and what is no code as it stands."""

    def write(text: str) -> str:
        themes = read(text)
        return ", ".join((*themes.codes, *sorted(themes.unknown)))

    return write


READINGS: Mapping[str, Mapping[str, Callable[[str], str]]] = {
    "inspections": {"item": unify_item, "by": unify_inspector},
    "rain": {"station": simplify_station},
    "programmes": {"need": _write_themes(read_needs), "life": _write_themes(read_lives)},
}
"""Columns of ledgers whose texts have one meaning in several spellings, and what unifies them."""


def understand_tables(
    subject: str, old: pd.DataFrame, new: pd.DataFrame, trails: tuple[Trails, Trails]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write two versions of a table as they were understood, to be compared.

    Parameters
    ----------
    subject
        What they are: ``closures``, ``benefits`` or the ledger's id.
    old, new
        The versions; they are not changed.
    trails
        The trails of both states.

    Returns
    -------
    old, new : DataFrame
        A row that names several trails is one for each. A name that fits no trail, or of which
        nobody knows which trail it means, stays as it is written.
    """
    tables = [_unify_cells(subject, table) for table in (old, new)]
    if not all(TRAIL in table or table.empty for table in tables):
        return tables[0], tables[1]
    meanings = [
        _find_meanings(table, each_trails)
        for table, each_trails in zip(tables, trails, strict=True)
    ]
    # A text that both versions have must have a meaning in both: where the trails of one could not
    # be read, it would have become another one there.
    lost = {
        text
        for text in meanings[0].keys() & meanings[1].keys()
        if not (meanings[0][text] and meanings[1][text])
    }
    first, second = (
        _name_trails(table, meaning, lost) for table, meaning in zip(tables, meanings, strict=True)
    )
    return first, second


def _unify_cells(subject: str, table: pd.DataFrame) -> pd.DataFrame:
    readings = READINGS.get(subject, {})
    columns = {
        column: table[column].map(lambda cell, read=read: read(read_cell_text(cell)))
        for column, read in readings.items()
        if column in table
    }
    return table.assign(**columns)


def _find_meanings(table: pd.DataFrame, trails: Trails) -> dict[Hashable, list[str]]:
    """Find the trails that each text of a table surely means; none where nobody knows."""
    texts: Iterable[str] = table[TRAIL].dropna().unique() if TRAIL in table else ()
    meanings: dict[Hashable, list[str]] = {}
    for text in texts:
        if trails is None:
            meanings[text] = []
            continue
        ids, similar = find_closed_trails(trails, {TRAIL: text})
        meanings[text] = [] if similar else list(dict.fromkeys(ids))
    return meanings


def _name_trails(
    table: pd.DataFrame, meanings: Mapping[Hashable, list[str]], lost: set[Hashable]
) -> pd.DataFrame:
    """Write ids of trails in place of what means them, a row for each trail."""
    if TRAIL not in table:
        return table
    ids = [
        (meanings.get(text) if text not in lost else None) or [text]
        for text in table[TRAIL].astype(object)
    ]
    # What pandas calls a table with a geometry stays one: only rows are repeated.
    return table.assign(**{TRAIL: pd.Series(ids, table.index, dtype=object)}).explode(TRAIL)
