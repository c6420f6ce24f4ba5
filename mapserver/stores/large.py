"""Layers so large that they stay in the database: each question is asked there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_, QueryError, StoreSlowError
from mapserver.geo.geodesy import LONLAT
from mapserver.model import LayerEntry
from mapserver.settings import limits
from mapserver.stores.columns import ID, NATIVE_TYPES, ROW, demote, make_column
from mapserver.stores.filtering import Condition
from mapserver.stores.pool import QuestionPool
from mapserver.stores.quoting import write_sql

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

Box = tuple[float, float, float, float]
METRES_PER_DEGREE = 110_000.0
"""Less than a degree of latitude has anywhere, so that a box is never too small."""


@dataclass(frozen=True)
class LargeLayer:
    """A layer that stays in the database.

    Attributes
    ----------
    entry
        Its description.
    file
        The file that it was loaded from.
    schema, table
        Where it is.
    columns
        The type of each column of the table but for id, geometry and order, by its name.
    names
        What each column is called in the layer.
    is_promoted
        Whether geometries of one part are single ones.
    count
        How many features it has.
    placeless
        How many of them have no place.
    bounds
        West, south, east, north; None where nothing has a place.
    pool
        Asks the database.
    """

    entry: LayerEntry
    file: str
    schema: str
    table: str
    columns: Mapping[str, str]
    names: Mapping[str, str]
    is_promoted: bool
    count: int
    placeless: int
    bounds: Box | None
    pool: QuestionPool = field(compare=False, repr=False)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The column of the table for each property."""
        return {self.names.get(label, label): label for label in self.columns}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """What each property is: ``text``, ``int``, ``float`` or ``bool``."""
        return {
            name: NATIVE_TYPES.get(self.columns[label], "text")
            for name, label in self.labels.items()
        }

    @cached_property
    def written_columns(self) -> dict[str, Composable]:
        """The column of each property, as it is compared and sorted."""
        return {name: self.write_column(label) for name, label in self.labels.items()}

    @cached_property
    def prototype(self) -> gpd.GeoDataFrame:
        """One row without values: it says what the columns are, and that each may be unknown."""
        return self._make_frame([("", *[None] * len(self.columns), None)])

    def count_matches(self, cursor: psycopg.Cursor[Any], conditions: Sequence[Condition]) -> int:
        """Count the features for which conditions hold."""
        if not conditions:
            return self.count
        where, values = _join(conditions)
        cursor.execute(write_sql("SELECT count(*) FROM {}{}", self._place, where), values)
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    def has_more(
        self, cursor: psycopg.Cursor[Any], conditions: Sequence[Condition], most: int
    ) -> bool:
        """Return whether conditions hold for more than so many features; no more are looked at."""
        where, values = _join(conditions)
        cursor.execute(
            write_sql("SELECT count(*) FROM (SELECT FROM {}{} LIMIT %s) t", self._place, where),
            [*values, most + 1],
        )
        row = cursor.fetchone()
        return bool(row and row[0] > most)

    def fetch(
        self,
        cursor: psycopg.Cursor[Any],
        conditions: Sequence[Condition],
        *,
        order: Sequence[tuple[str, bool]] = (),
        most: int,
        offset: int = 0,
    ) -> gpd.GeoDataFrame:
        """Fetch features for which conditions hold.

        Parameters
        ----------
        cursor
            Of :meth:`QuestionPool.ask`.
        conditions
            All of them hold.
        order
            Properties to sort by, each with whether the largest comes first; equals stay in the
            order of the layer, and what is unknown comes last.
        most
            How many features.
        offset
            How many are passed over.
        """
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        where, values = _join(conditions)
        keys: list[Composable] = [
            write_sql(
                "{}{} {} NULLS LAST",
                sql.Identifier(ID) if name == ID else self.written_columns[name],
                write_sql(' COLLATE "C"' if name == ID or self.kinds[name] == "text" else ""),
                write_sql("DESC" if is_descending else "ASC"),
            )
            for name, is_descending in order
        ]
        keys += [sql.Identifier(ROW), sql.Identifier(ID)]
        # The page is found by its keys alone, and only its rows are read and written out.
        cursor.execute(
            write_sql(
                "SELECT {} FROM {} JOIN (SELECT {id}, row_number() OVER () AS _n FROM "
                "(SELECT {id} FROM {}{} ORDER BY {} LIMIT %s OFFSET %s) k) p USING ({id}) "
                "ORDER BY p._n".replace("{id}", '"id"'),
                sql.SQL(", ").join(self._wanted),
                self._place,
                self._place,
                where,
                sql.SQL(", ").join(keys),
            ),
            [*values, most, offset],
        )
        return self._make_frame(cursor.fetchall())

    def fetch_near(
        self, lon: float, lat: float, k: int, max_distance_m: float | None, measure: Any
    ) -> gpd.GeoDataFrame:
        """Fetch all features that may be among the nearest to a place.

        The index orders by degrees, which are no metres: the ``k`` first of that order say how far
        the nearest can be at most, and everything so near is fetched, to be measured.

        Parameters
        ----------
        lon, lat
            In degrees.
        k
            How many are asked for.
        max_distance_m
            What is farther is not asked for.
        measure
            Takes a frame, and returns the geodesic metres of the farthest of its ``k`` nearest.

        Raises
        ------
        StoreSlowError
            So many are equally near that they cannot be measured here.
        """
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        with self.pool.ask() as cursor:
            cursor.execute(
                write_sql(
                    "SELECT {} FROM {} WHERE {geom} IS NOT NULL AND NOT ST_IsEmpty({geom}) "
                    "ORDER BY {geom} <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326) LIMIT %s".replace(
                        "{geom}", '"geom"'
                    ),
                    sql.SQL(", ").join(self._wanted),
                    self._place,
                ),
                [lon, lat, k],
            )
            first = self._make_frame(cursor.fetchall())
            if not len(first):
                return first
            reach_m = measure(first)
            if max_distance_m is not None:
                reach_m = min(reach_m, max_distance_m)
            boxes = [box_condition(box) for box in list_boxes_around(lon, lat, reach_m * 1.01 + 1)]
            near = join_any(boxes)
            frame = self.fetch(cursor, [near], most=limits.MAX_LARGE_CANDIDATES + 1)
        if len(frame) > limits.MAX_LARGE_CANDIDATES:
            raise StoreSlowError(
                N_("too many features are equally near"),
                mend=N_("Ask for fewer, or for those within a smaller distance"),
            )
        return frame

    def fetch_item(self, id_: str) -> gpd.GeoDataFrame:
        """Fetch one feature; no row where there is none."""
        with self.pool.ask() as cursor:
            is_it = Condition(write_sql('("id" = %s)'), (id_.replace("\x00", ""),))
            return self.fetch(cursor, [is_it], most=1)

    def fetch_tile(self, zoom: int, row: int, column: int) -> bytes:
        """Cut a vector tile; nothing where nothing lies in it.

        Raises
        ------
        QueryError
            More features lie in it than a tile may have.
        """
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        own = sql.SQL(", ").join(
            write_sql("{} AS {}", self.write_column(label), sql.Identifier(name[:63]))
            for name, label in self.labels.items()
        )
        with self.pool.ask() as cursor:
            cursor.execute(
                write_sql(
                    "WITH box AS (SELECT ST_TileEnvelope(%s, %s, %s) AS web), cut AS ("
                    'SELECT "id"::text AS id, {}ST_AsMVTGeom(ST_Transform(ST_Force2D("geom"), 3857)'
                    ", box.web, 4096, 64) AS shape FROM {}, box "
                    'WHERE "geom" && ST_Transform(ST_Expand(box.web, 64 * 40075016.7 / 4096 / 2^%s)'
                    ", 4326) LIMIT %s) "
                    "SELECT count(*), ST_AsMVT(cut, %s, 4096, 'shape') FROM cut WHERE shape IS NOT "
                    "NULL",
                    write_sql("{}, ", own) if self.columns else write_sql(""),
                    self._place,
                ),
                [zoom, column, row, zoom, limits.MAX_LARGE_TILE_FEATURES + 1, self.entry.id],
            )
            count, tile = cursor.fetchone() or (0, b"")
        if count > limits.MAX_LARGE_TILE_FEATURES:
            raise QueryError(
                N_("more than {most} features lie in this tile"),
                mend=N_("Ask for tiles of a higher zoom level"),
                most=f"{limits.MAX_LARGE_TILE_FEATURES:,}",
            )
        return bytes(tile) if count else b""

    @property
    def _place(self) -> Composable:
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        return sql.Identifier(self.schema, self.table)

    @property
    def _wanted(self) -> list[Composable]:
        own = [self.write_column(label) for label in self.columns]
        shapes = write_sql('ST_AsBinary(ST_Transform(ST_CurveToLine("geom"), 4326))')
        return [write_sql('"id"::text'), *own, shapes]

    def write_column(self, label: str) -> Composable:
        """Write a column as frames have it: what has a type that they do not know is text."""
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        is_plain = self.columns[label] in NATIVE_TYPES
        return write_sql("{}" if is_plain else "{}::text", sql.Identifier(label))

    def _make_frame(self, rows: Sequence[Sequence[Any]]) -> gpd.GeoDataFrame:
        """Make a frame of rows as layers have it: indexed by id, in longitude and latitude."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        ids, *cells, texts = columns or [[] for _ in range(len(self.columns) + 2)]
        shapes = shapely.from_wkb([None if text is None else bytes(text) for text in texts])
        if self.is_promoted:
            shapes = np.array([demote(each) for each in shapes], dtype=object)
        data = {
            name: make_column(values, self.kinds[name], is_nullable=True)
            for name, values in zip(self.labels, cells, strict=True)
        }
        frame = gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=LONLAT))
        return frame.set_index(pd.Index(ids, name=ID, dtype="str"))


def describe_table(
    cursor: psycopg.Cursor[Any], schema: str, table: str
) -> tuple[int, int, Box | None]:
    """Count the features of a table and those without a place, and find their bounds."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    cursor.execute(
        write_sql(
            "SELECT c, p, ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT count(*) c, "
            'count(*) FILTER (WHERE "geom" IS NULL OR ST_IsEmpty("geom")) p, ST_Extent("geom") e '
            "FROM {}) t",
            sql.Identifier(schema, table),
        )
    )
    row: Any = cursor.fetchone()
    count, placeless, west, south, east, north = row
    bounds: Box | None = None if west is None else (west, south, east, north)
    return count, placeless, bounds


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

    joined = sql.SQL(" OR ").join([each.sql for each in conditions])
    return Condition(
        write_sql("({})", joined), tuple(v for each in conditions for v in each.values)
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


def _join(conditions: Sequence[Condition]) -> tuple[Composable, list[Any]]:
    """Return WHERE with conditions that all hold, and their values."""
    if not conditions:
        return write_sql(""), []
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    joined = sql.SQL(" AND ").join([each.sql for each in conditions])
    return write_sql(" WHERE {}", joined), [value for each in conditions for value in each.values]
