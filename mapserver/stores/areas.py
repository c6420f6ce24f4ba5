"""Areas as conditions of SQL: boxes of degrees and planes, and what has no place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mapserver.stores.conditions import Condition
from mapserver.stores.quoting import write_sql

if TYPE_CHECKING:
    from psycopg.sql import Composable

Box = tuple[float, float, float, float]
METRES_PER_DEGREE = 110_000.0
"""Less than a degree of latitude has anywhere, so that a box is never too small."""


def box_condition(box: Box) -> Condition:
    """Return the condition that any part of a feature lies in a box of degrees."""
    west, south, east, north = box
    if west <= east:
        area, values = write_area(box, 4326)
        return Condition(write_sql('(ST_Intersects("geom", {}))', area), values)
    halves: tuple[Box, ...] = ((west, south, 180.0, north), (-180.0, south, east, north))
    return join_any([box_condition(half) for half in halves])


def write_area(box: Box, srid: int) -> tuple[Composable, tuple[Any, ...]]:
    """Write the area of a box in a plane; one without width or height is a line or a point.

    An area of no width is no valid one, and the database finds nothing in it.
    """
    west, south, east, north = box
    point = "ST_SetSRID(ST_MakePoint(%s, %s), %s)"
    if west == east and south == north:
        return write_sql(point), (west, south, srid)
    if west == east or south == north:
        ends = (west, south, srid, east, north, srid)
        return write_sql(f"ST_MakeLine({point}, {point})"), ends
    return write_sql("ST_MakeEnvelope(%s, %s, %s, %s, %s)"), (*box, srid)


def placeless_condition() -> Condition:
    """Return the condition that a feature has no place."""
    return Condition(write_sql('("geom" IS NULL OR ST_IsEmpty("geom"))'))


def join_any(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that any of some holds."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    joined = sql.SQL(" OR ").join([condition.sql for condition in conditions])
    return Condition(
        write_sql("({})", joined), tuple(v for condition in conditions for v in condition.values)
    )


def list_boxes_around(lon: float, lat: float, reach_m: float) -> list[Box]:
    """Return boxes of degrees that hold all places within so many metres of one."""
    rise = reach_m / METRES_PER_DEGREE
    south, north = max(lat - rise, -90.0), min(lat + rise, 90.0)
    # A degree of longitude is shortest at the latitude that lies nearest to a pole.
    shortest = float(np.cos(np.radians(max(abs(south), abs(north)))))
    run = rise / shortest if shortest > 1e-6 else 360.0
    if run >= 180:
        return [(-180.0, south, 180.0, north)]
    west, east = lon - run, lon + run
    if west < -180:
        return [(west + 360, south, 180.0, north), (-180.0, south, east, north)]
    if east > 180:
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    return [(west, south, east, north)]


def join_all(conditions: Sequence[Condition]) -> tuple[Composable, list[Any]]:
    """Return WHERE with conditions that all hold, and their values."""
    if not conditions:
        return write_sql(""), []
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    joined = sql.SQL(" AND ").join([condition.sql for condition in conditions])
    return write_sql(" WHERE {}", joined), [
        value for condition in conditions for value in condition.values
    ]
