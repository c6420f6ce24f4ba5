"""Ids and names of features: from the columns that hold them, and never two the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_
from mapserver.model import LayerEntry
from mapserver.readers.vector.customary import ENGLISH_NAMES, find_columns, find_name_column
from mapserver.readers.vector.source import Source
from mapserver.text.findings import Finding, Severity


def assign_ids_and_names(
    source: Source, entry: LayerEntry, name: str
) -> tuple[Source, list[Finding]]:
    """Index the rows by id and give them a ``name`` and, where there is one, a ``name_en``.

    The id comes from the catalogue's column, a column ``id``, the features' own ids, or is a
    running number after the layer's id. The columns that ids and names come from stay, but for
    ``id`` itself, which becomes the index, and those that differ from ``name`` and ``name_en`` by
    their case alone. A column ``id`` or ``name`` that the catalogue passes over is kept as
    ``original_id`` and ``original_name``.

    Returns
    -------
    source : Source
        With a frame indexed by ``id``: text, unique.
    findings : list of Finding
        Columns that are not there, ids that are missing or doubled.
    """
    findings: list[Finding] = []
    frame = source.frame
    usual_id = next(iter(find_columns(frame, ["id"])), None)
    # Order of proof: the catalogue, a column called id, the ids of the format itself.
    column = _find_stated_column(frame, entry.id_column, usual_id, name, findings)
    file_ids = source.ids if column is None else frame[column].to_numpy(dtype=object)
    ids = _number_missing_ids(_write_ids(file_ids, len(frame)), entry.id, name, findings)
    named = _find_stated_column(
        frame, entry.name_column, find_name_column(frame, entry.role), name, findings
    )
    usual_english = next(iter(find_columns(frame, ENGLISH_NAMES)), None)
    english = _find_stated_column(frame, entry.name_en_column, usual_english, name, findings)
    texts = {"name": _write_id_column(frame, named)}
    if english is not None:
        texts["name_en"] = _write_id_column(frame, english)
    # Columns that clash with ours must be renamed before ours are assigned, or they would be lost.
    other_columns = _set_aside_columns(frame, {"id": column, "name": named, "name_en": english})
    result = other_columns.assign(**texts)
    result.index = pd.Index(_mark_duplicate_ids(ids, name, findings), name="id", dtype="str")
    return replace(source, frame=result), findings


def _set_aside_columns(frame: gpd.GeoDataFrame, used: dict[str, str | None]) -> gpd.GeoDataFrame:
    """Rename or drop the columns that are called as ours, whatever their case.

    Files that people work with do not tell ``NAME`` from ``name``. The column that ours comes from
    says nothing more and goes; another one is called ``original_NAME`` from here on.
    """
    ours = {c: key for c in map(str, frame.columns) for key in used if c.lower() == key}
    # What ours was read from would stand in the table twice.
    sources = [c for c, key in ours.items() if c == used[key]]
    clashing = [c for c in map(str, frame.columns) if c.lower() == "geometry" and c != "geometry"]
    set_aside = [*clashing, *(c for c in ours if c not in sources)]
    renames = {c: free_name(f"original_{c}", frame) for c in set_aside}
    copies = [c for c in sources if c not in {"name", "name_en"}]
    # Most files need neither, and a copy of a frame takes longer than all before it.
    if copies:
        frame = frame.drop(columns=copies)
    return frame.rename(columns=renames) if renames else frame


def free_name(wanted: str, frame: pd.DataFrame) -> str:
    """Return a name that no column has, whatever its case: the wanted one, or with a number."""
    # GeoPackage and Shapefile compare names without case, so a free name must be free in any case.
    names = {str(column).lower() for column in frame.columns}
    candidates = (wanted if n == 1 else f"{wanted}_{n}" for n in range(1, len(names) + 2))
    return next(name for name in candidates if name.lower() not in names)


def find_column(frame: pd.DataFrame, column: str) -> str | None:
    """Return the column of this name; case counts only where two differ by nothing else."""
    same = [str(c) for c in frame.columns if str(c).lower() == column.lower() and c != "geometry"]
    return column if column in same else same[0] if len(same) == 1 else None


def _find_stated_column(
    frame: gpd.GeoDataFrame,
    column: str | None,
    usual: str | None,
    name: str,
    findings: list[Finding],
) -> str | None:
    """Find the column that the catalogue names, or else the one with a usual name."""
    stated = None if column is None else find_column(frame, column)
    if column is not None and stated is None:
        findings.append(
            Finding(
                Severity.ERROR,
                "column-missing",
                name,
                N_("column {column} is missing"),
                N_("Correct it in catalog.toml; the file has: {columns}"),
                values={
                    "column": repr(column),
                    "columns": ", ".join(str(c) for c in frame if c != "geometry"),
                },
            )
        )
    return stated or usual


def make_texts(column: pd.Series[Any]) -> list[str | None]:
    """Return the ids or names that a column holds, as text; None for an empty cell."""
    return _write_ids(column.to_numpy(dtype=object), len(column))


def make_unique(ids: list[str]) -> list[str]:
    """Return ids of which the second and further of the same are marked with ``~2``, ``~3``."""
    return _mark_duplicate_ids(ids, "", [])


def _write_ids(values: npt.NDArray[np.object_] | None, length: int) -> list[str | None]:
    if values is None:
        return [None] * length
    return [None if pd.isna(value) else write_id(value) for value in values.tolist()]


def write_id(value: Any) -> str | None:
    """Write an id as text; 7.0 is 7, which a spreadsheet or a DBF table made decimal."""
    # A cell that is empty anywhere in the column makes pandas turn whole ids into decimals.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _write_id_column(frame: gpd.GeoDataFrame, column: str | None) -> pd.Series[str]:
    texts = [None] * len(frame) if column is None else _write_ids(frame[column].to_numpy(object), 0)
    return pd.Series(texts, frame.index, dtype="str")


def _number_missing_ids(
    ids: list[str | None], layer: str, name: str, findings: list[Finding]
) -> list[str]:
    """Return the ids, with a running number for each feature that has none."""
    missing = sum(id_ is None for id_ in ids)
    if missing:
        findings.append(
            Finding(
                Severity.NOTE,
                "id-missing",
                name,
                N_("features without an id: {count}; they are numbered as they stand in the file"),
                N_("Name the column with ids in catalog.toml, as id_column"),
                values={"count": missing},
            )
        )
    return [id_ or f"{layer}-{number}" for number, id_ in enumerate(ids, start=1)]


def _mark_duplicate_ids(ids: list[str], name: str, findings: list[Finding]) -> list[str]:
    """Mark the second and further features of one id with ``~2``, ``~3``, so that none is lost."""
    given_ids, result = set(ids), []
    # By id the number of its last feature: what was tried for one is tried for no other, or a
    # file whose rows have all the same id would take as many steps as the square of them.
    last_numbers: dict[str, int] = {}
    for id_ in ids:
        free, number = id_, last_numbers.get(id_, 0) + 1
        # A marked id may be another feature's own id: it must differ from all given ids, too.
        while number > 1 and (free := f"{id_}~{number}") in given_ids:
            number += 1
        last_numbers[id_] = number
        result.append(free)
        if free != id_:
            findings.append(_describe_duplicate_id(name, id_, free))
    return result


def _describe_duplicate_id(name: str, id_: str, free: str) -> Finding:
    return Finding(
        Severity.ERROR,
        "id-duplicate",
        name,
        N_("another feature has the same id; this one is called {free}"),
        N_("Delete the feature if it stands there twice, or give it an id of its own"),
        id_,
        {"free": free},
    )
