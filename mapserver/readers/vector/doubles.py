"""Rows of registers that stand there twice: merged, so that a page names a stop once."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.model import Role
from mapserver.readers.vector.customary import find_columns
from mapserver.text.findings import Finding, Severity

SAME = (("id", "x", "y"), ("id", "name"), ("name", "x", "y"))
"""What two rows have to share to be one; ids of rows without a place count with their names."""


def merge_doubles(
    frame: gpd.GeoDataFrame, given_ids: Sequence[str | None], role: Role, name: str
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.bool_], list[Finding]]:
    """Merge the rows of a register that are one: of one id and place, or of one name and place.

    Two cities keep the stops at their border, and lists that are put together repeat rows. Rows of
    which both say a number on the pole, a fee or the like, and not the same, stay two.

    Parameters
    ----------
    frame
        Rows with ``name``.
    given_ids
        The id of each row as its file has it; None where it has none.
    role
        Other roles than those of national registers are left as they are.
    name
        The file, for messages.

    Returns
    -------
    frame : GeoDataFrame
        The first row of each; where it is empty, what a later one says.
    stays : array of bool
        Which rows are there still.
    findings : list of Finding
        How many rows were merged into others.
    """
    stays = np.ones(len(frame), dtype=bool)
    if not role.row.covers_country or len(frame) < 2:
        return frame, stays, []
    points = frame.geometry.to_numpy()
    keys = pd.DataFrame(
        {
            "id": pd.Series(list(given_ids), dtype="str"),
            "name": frame["name"].astype("str").reset_index(drop=True),
            # NaN for what is no point or nowhere.
            "x": shapely.get_x(points),
            "y": shapely.get_y(points),
        }
    )
    is_placed = keys["x"].notna()
    for columns in SAME:
        is_known = keys[list(columns)].notna().all(axis=1) & stays
        if columns == ("id", "name"):
            is_known &= ~is_placed
        rows = keys.loc[is_known, list(columns)]
        alike = rows[rows.duplicated(keep=False)]
        if len(alike):
            labels = _tell_apart(frame.iloc[alike.index], alike, role)
            frame = _fill_first_rows(frame, labels)
            stays[labels.index[labels.duplicated()]] = False
    count = int((~stays).sum())
    if not count:
        return frame, stays, []
    finding = Finding(
        Severity.NOTE,
        "rows-doubled",
        name,
        N_(
            "rows that stand there again, with the id or the name and the place of another: {count}"
        ),
        N_("Nothing needs to be done: each is read once"),
        values={"count": count},
    )
    return frame[stays], stays, [finding]


def _tell_apart(rows: gpd.GeoDataFrame, keys: pd.DataFrame, role: Role) -> pd.Series[int]:
    """Assign one number to rows that are one; those that contradict each other have others."""
    groups = keys.groupby(list(keys.columns), sort=False).ngroup()
    parts = {"group": groups}
    for known_name, usual_names in role.row.known_columns.items():
        column = (
            known_name if known_name in rows else next(iter(find_columns(rows, usual_names)), "")
        )
        if not column:
            continue
        texts = rows[column].astype("str").set_axis(keys.index)
        # A column in which only some say something, and the same, contradicts nothing.
        differs = texts.groupby(groups).transform("nunique") > 1
        parts[known_name] = texts.where(differs).fillna("")
    labels = pd.DataFrame(parts)
    return labels.groupby(list(labels.columns), sort=False).ngroup()


def _fill_first_rows(frame: gpd.GeoDataFrame, labels: pd.Series[int]) -> gpd.GeoDataFrame:
    """Fill what the first row of each number leaves empty with what later ones of it say."""
    rows = frame.iloc[labels.index]
    first = ~labels.duplicated().to_numpy()
    frame = frame.copy()
    for column in frame.columns.drop(frame.geometry.name):
        values = rows[column]
        if values.isna().to_numpy()[first].any():
            position = frame.columns.get_loc(column)
            # In the order of the first rows, as the numbers were handed out.
            filled = values.groupby(labels.to_numpy(), sort=True).first()
            frame.iloc[labels.index[first], position] = filled.loc[labels[first]].array
    return frame
