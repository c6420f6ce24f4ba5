"""Places of rows: one that cannot be read costs its own row the place, and no other anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mapserver.errors import printable
from mapserver.stores.quoting import compose

if TYPE_CHECKING:
    from psycopg.sql import Composed

UNREAD = "unread"
"""The attribute of a frame that has, by id, why a row has no place."""


def write_place(column: str) -> Composed:
    """Write a geometry column as SQL: WKB in degrees, and the number of its system.

    A row whose system nobody knows has a number and no WKB: asked to transform it, the database
    would refuse the whole table.
    """
    return compose(
        "CASE WHEN ST_SRID({column}) IN (SELECT srid FROM spatial_ref_sys) "
        "THEN ST_AsBinary(ST_Transform(ST_CurveToLine({column}), 4326)) END, ST_SRID({column})",
        column=column,
    )


def read_places(
    ids: Sequence[object], texts: Sequence[bytes | None], systems: Sequence[int | None]
) -> tuple[np.ndarray[Any, Any], dict[str, str]]:
    """Read the places of rows.

    Parameters
    ----------
    ids
        Of the rows.
    texts, systems
        What :func:`write_place` has read.

    Returns
    -------
    places : array of geometry
        None where there is none, or none that can be read.
    unread : dict of str to str
        Why not, by id.
    """
    unread = {
        str(id_): f"SRID {system}"
        for id_, text, system in zip(ids, texts, systems, strict=True)
        if text is None and system is not None
    }
    packed = [None if text is None else bytes(text) for text in texts]
    try:
        return shapely.from_wkb(packed), unread
    except shapely.GEOSException:
        pass  # of a million rows one is enough, and nobody says which
    places = np.full(len(packed), None, dtype=object)
    for row, text in enumerate(packed):
        try:
            places[row] = shapely.from_wkb(text)
        except shapely.GEOSException as error:
            unread[str(ids[row])] = printable(str(error))[:100]
    return places, unread
