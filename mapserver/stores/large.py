"""Layers so large that they stay in the database: each question is asked there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from mapserver.errors import (
    N_,
    QueryError,
    StoreSlowError,
)
from mapserver.geo.geodesy import LONLAT
from mapserver.model import LayerEntry, drop_infinite
from mapserver.settings import limits
from mapserver.stores.areas import Box, box_condition, join_all, join_any, list_boxes_around
from mapserver.stores.changed_columns import ask_table
from mapserver.stores.columns import (
    GEOMETRY,
    ID,
    NARROW_TYPES,
    NATIVE_TYPES,
    ROW,
    demote,
    make_column,
)
from mapserver.stores.conditions import Condition
from mapserver.stores.flaws import Flaws
from mapserver.stores.paging import Anchor, PageKeys, SortKey, write_after
from mapserver.stores.places import read_places, write_place
from mapserver.stores.pool import QuestionPool
from mapserver.stores.quoting import write_finite, write_sql

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable


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
    flaws
        Rows that cannot be asked as they are.
    has_row
        Whether the table still has the column that keeps the order of the file.
    is_ordered
        Whether each row has a place in this order.
    anchors
        The keys of every thousandth row in this order.
    pages
        Where pages end that somebody has read.
    shape_kinds
        The kinds of geometries that it has, as ``MultiPolygon``.
    moments
        Which properties of texts are all days or times, as ``text-date`` or ``text-date-time``.
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
    flaws: Flaws = field(default_factory=Flaws, compare=False, repr=False)
    has_row: bool = True
    is_ordered: bool = True
    anchors: tuple[Anchor, ...] = field(default=(), compare=False, repr=False)
    pages: PageKeys = field(default_factory=PageKeys, compare=False, repr=False)
    shape_kinds: frozenset[str] = frozenset()
    moments: Mapping[str, str] = field(default_factory=dict)

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
    def bare_columns(self) -> dict[str, Composable]:
        """The column of each property of floating-point numbers as it is in the table."""
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        return {
            name: sql.Identifier(label)
            for name, label in self.labels.items()
            if self.kinds[name] == "float"
        }

    @cached_property
    def prototype(self) -> gpd.GeoDataFrame:
        """One row without values: it says what the columns are, and that each may be unknown."""
        return self._make_frame([("", *[None] * len(self.columns), None, None)])

    def ask(self) -> AbstractContextManager[psycopg.Cursor[Any]]:
        """Ask the database about this layer; a change that is being followed is said as one."""
        place = self.schema, self.table
        return ask_table(self.pool, self, self.entry.id, place, self.columns, has_row=self.has_row)

    def count_matches(self, cursor: psycopg.Cursor[Any], conditions: Sequence[Condition]) -> int:
        """Count the features for which conditions hold."""
        if not conditions:
            return self.count
        where, values = join_all(conditions)
        question = (where.as_string(cursor), repr(values))
        if (count := self.pages.find_count(question)) is not None:
            return count
        cursor.execute(write_sql("SELECT count(*) FROM {}{}", self._place, where), values)
        row = cursor.fetchone()
        return self.pages.note_count(question, int(row[0]) if row else 0)

    def has_more(
        self, cursor: psycopg.Cursor[Any], conditions: Sequence[Condition], most: int
    ) -> bool:
        """Return whether conditions hold for more than so many features; no more are looked at."""
        where, values = join_all(conditions)
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

        keys = [self._write_key(name, is_descending) for name, is_descending in order]
        if self.has_row:
            keys.append(SortKey(sql.Identifier(ROW), is_known=self.is_ordered))
        keys.append(SortKey(sql.Identifier(ID), is_known=True))
        where, values = join_all(conditions)
        question = (where.as_string(cursor), repr(values), repr(order))
        # The rows before the page are passed over by the key of one that is known, and counted
        # only from there on.
        start, key = self.pages.find_start(question, offset)
        if not conditions and not order and self.anchors:
            start, key = max((start, key), self._find_anchor(offset), key=lambda each: each[0])
        after = [write_after(keys, key)] if key is not None else []
        where, values = join_all([*conditions, *after])
        listed = sql.SQL(", ").join(each.column for each in keys)
        # The page is found by its keys alone, and only its rows are read and written out.
        cursor.execute(
            write_sql(
                "SELECT {}, {keys} FROM {} JOIN (SELECT {id}, row_number() OVER () AS _n FROM "
                "(SELECT {id} FROM {}{} ORDER BY {} LIMIT %s OFFSET %s) k) p USING ({id}) "
                "ORDER BY p._n".replace("{id}", '"id"').replace("{keys}", "{}"),
                sql.SQL(", ").join(self._wanted),
                listed,
                self._place,
                self._place,
                where,
                sql.SQL(", ").join(each.write_order() for each in keys),
            ),
            [*values, most, offset - start],
        )
        rows = cursor.fetchall()
        if rows:
            self.pages.note_key(question, offset + len(rows), rows[-1][-len(keys) :])
        return self._make_frame([row[: -len(keys)] for row in rows])

    def _write_key(self, name: str, is_descending: bool) -> SortKey:
        """Write a property as features are sorted by it: letters by their numbers."""
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        column = sql.Identifier(ID) if name == ID else self.written_columns[name]
        is_text = name == ID or self.kinds[name] == "text"
        return SortKey(column, is_descending, ' COLLATE "C"' if is_text else "")

    def _find_anchor(self, offset: int) -> tuple[int, Anchor | None]:
        """Find the last row before a page of which the place in the order is known."""
        number = min(offset // limits.LARGE_ANCHOR_ROWS, len(self.anchors))
        if not number:
            return 0, None
        return number * limits.LARGE_ANCHOR_ROWS, self.anchors[number - 1]

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

        with self.ask() as cursor:
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
        with self.ask() as cursor:
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
        with self.ask() as cursor:
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

    @cached_property
    def _place(self) -> Composable:
        """The rows that are asked: those of the table, without its flaws."""
        order = [ROW] if self.has_row else []
        return self.flaws.write_rows(self.schema, self.table, [ID, *self.columns, *order])

    @property
    def _wanted(self) -> list[Composable]:
        own = [self._write_cell(label) for label in self.columns]
        return [write_sql('"id"::text'), *own, write_place(GEOMETRY)]

    def write_column(self, label: str) -> Composable:
        """Write a column as it is compared and sorted: without NaN and Infinity, which are unknown.

        All that is asked is answered so, whether in memory or in the database.
        """
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        if NATIVE_TYPES.get(self.columns[label]) == "float":
            return write_finite(sql.Identifier(label))
        return self._write_cell(label)

    def _write_cell(self, label: str) -> Composable:
        """Write a column as frames have it: what has a type that they do not know is text."""
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        is_plain = self.columns[label] in NATIVE_TYPES
        return write_sql("{}" if is_plain else "{}::text", sql.Identifier(label))

    def _make_frame(self, rows: Sequence[Sequence[Any]]) -> gpd.GeoDataFrame:
        """Make a frame of rows as layers have it: indexed by id, in longitude and latitude."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        ids, *cells, texts, systems = columns or [[] for _ in range(len(self.columns) + 3)]
        shapes, _ = read_places(ids, texts, systems)
        if self.is_promoted:
            shapes = np.array([demote(each) for each in shapes], dtype=object)
        data = {
            name: make_column(
                values,
                self.kinds[name],
                is_nullable=True,
                narrow_type=NARROW_TYPES.get(self.columns[label], ""),
            )
            for (name, label), values in zip(self.labels.items(), cells, strict=True)
        }
        # Unknown, as where a layer is read: JSON has none, and a file would say something else.
        data = {name: drop_infinite(values)[0] for name, values in data.items()}
        frame = gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=LONLAT))
        return frame.set_index(pd.Index(ids, name=ID, dtype="str"))
