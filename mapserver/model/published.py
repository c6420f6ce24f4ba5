"""Ledgers as layers without places: what the API serves and an export writes of them."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd

from mapserver.geo.geodesy import LONLAT
from mapserver.model.catalog import LayerEntry
from mapserver.model.city_data import Layer
from mapserver.model.ledger_kinds import LEDGERS, Ledger
from mapserver.model.ledgers import METALS
from mapserver.model.roles import Role
from mapserver.text.findings import Finding
from mapserver.text.ledger_words import NOT_DETECTED, Below
from mapserver.text.role_words import is_role

PROBLEM = "problem"
"""The column that says what of a row was not understood."""
LINE_ID = r"line-\d+"
"""The id of a row that has none of its own."""
UNDETECTED = "not_detected"
"""The column that lists the metals which a laboratory looked for and did not find."""
BOUNDS = "less_than"
"""The column that lists the metals of which there is less than a laboratory can measure."""
UNREAD = "as_written"
"""The column that holds the cells which were not understood, by column, as an object of JSON."""


def publish_ledgers(
    tables: dict[str, pd.DataFrame], places: frozenset[str] = frozenset()
) -> dict[str, Layer]:
    """Return the ledgers that may be shown row by row, as layers without places.

    Parameters
    ----------
    tables
        Rows by the ledger's id, as :attr:`~mapserver.model.city_data.CityData.ledgers` has them.
    places
        Names of neighbourhoods, which may stand before an office that is named as a role.

    Returns
    -------
    dict of str to Layer
        By id. Ledgers about persons' messages are not in it.
    """
    return {
        id_: Layer(
            _describe_ledger(LEDGERS[id_], rows),
            publish_rows(rows, LEDGERS[id_], places),
            LEDGERS[id_].file,
        )
        for id_, rows in tables.items()
        if LEDGERS[id_].is_public
    }


def _describe_ledger(ledger: Ledger, rows: pd.DataFrame) -> LayerEntry:
    # One row that somebody made up makes the table one that nobody should rely on.
    is_sample = bool(rows["sample"].notna().any()) if "sample" in rows else False
    return LayerEntry(ledger.id, Role.LAYER, ledger.title.translate(), sample=is_sample)


def publish_rows(
    rows: pd.DataFrame, ledger: Ledger, places: frozenset[str] = frozenset()
) -> gpd.GeoDataFrame:
    """Return rows of a ledger as features without places.

    Parameters
    ----------
    rows
        As :func:`~mapserver.readers.register.ledgers.read_ledger_rows` returns them.
    ledger
        What they are.
    places
        Names of neighbourhoods, which may stand before an office that is named as a role.

    Returns
    -------
    GeoDataFrame
        In EPSG:4326 with the columns of the ledger alone: what else a file has is the office's
        own. A role that is none of the known ones may be the name of a person, and is missing.
        Numbers are NaN where nothing is known. ``not_detected`` lists the metals that a
        laboratory did not find, and ``less_than`` those that stay below a bound, with the bound, so
        that they are no missing values; ``problem`` says in English what of a row was not
        understood, ``as_written`` holds all such cells, and both are missing where all was.
    """
    # Days stay days, so that a filter can compare them.
    columns: dict[str, pd.Series] = {
        name: rows[name].astype("str") if column.read is None else rows[name]
        for name, column in ledger.columns.items()
    }
    for name in [name for name, column in ledger.columns.items() if column.is_role]:
        is_known = rows[name].map(lambda cell: isinstance(cell, str) and is_role(cell, places))
        columns[name] = columns[name].where(is_known.astype(bool))
    metals = [name for name in METALS if name in ledger.columns]
    if metals:
        columns[UNDETECTED] = _list_undetected(rows[metals])
        columns[BOUNDS] = _list_bounds(rows[metals])
        # Words among numbers stand in the columns of their own alone.
        columns |= {
            name: rows[name]
            .map(lambda cell: cell if isinstance(cell, float) else None)
            .astype(float)
            for name in metals
        }
    columns[PROBLEM] = rows["unclear"].map(_write_problem).astype("str")
    columns[UNREAD] = rows["as_written"].map(_write_unread).astype("str")
    # Columns of the file that the ledger does not know may name persons, and are not taken along.
    frame = pd.DataFrame(columns, rows.index)
    frame.index = _make_ids(rows, ledger)
    if ledger.key == ("id",):
        frame = frame.drop(columns="id")
    return gpd.GeoDataFrame(frame, geometry=np.full(len(frame), None, object), crs=LONLAT)


def is_table(layer: Layer) -> bool:
    """Return whether a layer is a ledger, whose rows have no places."""
    ledger = LEDGERS.get(layer.entry.id)
    return ledger is not None and layer.file == ledger.file


def restore_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return published rows with the cells that their ledger's own file has.

    Parameters
    ----------
    frame
        As :func:`publish_rows` returns it.

    Returns
    -------
    DataFrame
        Not detected stands among the numbers of its metal again, what was not understood in its
        own cell, ids of rows are a column where they are their own, and ``problem`` is there only
        if a row has one.
    """
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    if UNDETECTED in table:
        names = table.pop(UNDETECTED).fillna("").str.split(", ")
        for metal in METALS:
            is_undetected = names.map(lambda listed, metal=metal: metal in listed).astype(bool)
            table[metal] = table[metal].astype(object).where(~is_undetected, NOT_DETECTED)
        all_bounds = table.pop(BOUNDS)
        columns = list(table.columns)
        for position, bounds in enumerate(all_bounds):
            for text in [] if pd.isna(bounds) else str(bounds).split(", "):
                metal, _, bound = text.partition(" ")
                table.iat[position, columns.index(metal)] = bound
    table = _restore_unread(table)
    if table[PROBLEM].isna().all():
        table = table.drop(columns=PROBLEM)
    # Days and numbers beside words are texts, as in any CSV.
    for name in [name for name in table if table[name].dtype == object]:
        table[name] = table[name].map(str, na_action="ignore").astype("str")
    if table.index.name != "id":
        return table.reset_index(drop=True)
    table = table.reset_index()
    # An id that we made of a line is none of the file's.
    return table.assign(id=table["id"].where(~table["id"].str.fullmatch(LINE_ID)))


def _restore_unread(table: pd.DataFrame) -> pd.DataFrame:
    """Write the cells that were not understood where they stood."""
    all_texts = table.pop(UNREAD)
    columns = list(table.columns)
    for position in np.flatnonzero(all_texts.notna()):
        for name, text in json.loads(all_texts.iloc[position]).items():
            if table[name].dtype != object:
                table[name] = table[name].astype(object)
            table.iat[int(position), columns.index(name)] = text
    return table


def _list_undetected(metals: pd.DataFrame) -> pd.Series:
    """List the metals of each row that were looked for and not found."""
    texts = [
        ", ".join(str(name) for name, value in row.items() if value == NOT_DETECTED) or None
        for row in metals.to_dict("records")
    ]
    return pd.Series(texts, metals.index, dtype="str")


def _list_bounds(metals: pd.DataFrame) -> pd.Series:
    """List the metals of each row that stay below a bound: ``cadmium <0.01, mercury <0.005``."""
    texts = [
        ", ".join(f"{name} {cell}" for name, cell in row.items() if isinstance(cell, Below)) or None
        for row in metals.to_dict("records")
    ]
    return pd.Series(texts, metals.index, dtype="str")


def _write_problem(finding: Finding | None) -> str | None:
    return finding.message if isinstance(finding, Finding) else None


def _write_unread(texts: dict[str, str]) -> str | None:
    return json.dumps(texts, ensure_ascii=False) if texts else None


def _make_ids(rows: pd.DataFrame, ledger: Ledger) -> pd.Index:
    """Make the ids of rows: their own where they have one that is theirs alone, else their line."""
    lines = [f"line-{line}" for line in rows.index]
    if ledger.key != ("id",):
        return pd.Index(lines, name="line")
    own_ids = rows["id"]
    is_usable = own_ids.notna() & ~own_ids.duplicated(keep=False)
    ids = [
        str(own) if usable else line
        for own, usable, line in zip(own_ids, is_usable, lines, strict=True)
    ]
    return pd.Index(ids, name="id", dtype="str")
