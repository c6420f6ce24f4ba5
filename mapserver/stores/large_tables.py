"""Which tables are so large that they stay in the database, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from mapserver.model import Role, parse_catalog
from mapserver.settings import limits
from mapserver.stores.areas import Box
from mapserver.stores.columns import GEOMETRY, ID, NATIVE_TYPES, ROW, list_columns
from mapserver.stores.flaws import Flaws, find_flaws
from mapserver.stores.large import LargeLayer
from mapserver.stores.moments import find_moments
from mapserver.stores.paging import Anchor
from mapserver.stores.pool import QuestionPool
from mapserver.stores.quoting import compose, write_sql
from mapserver.stores.table_faults import TableReader
from mapserver.stores.tables import LAYER, StoredTable

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is known of the table of a layer, as of one state of it.

    Attributes
    ----------
    count
        How many features it has.
    placeless
        How many of them have no place.
    bounds
        West, south, east, north; None where nothing has a place.
    anchors
        The keys of every thousandth row in the order of the layer, of a large one.
    flaws
        Rows that cannot be asked as they are.
    is_ordered
        Whether each row has a place in the order of the layer.
    kinds
        The kinds of its geometries as the table has them, each with whether it has one part.
    moments
        What the columns of texts count as that are all days or times.
    """

    count: int
    placeless: int = 0
    bounds: Box | None = None
    anchors: tuple[Anchor, ...] = ()
    flaws: Flaws = field(default_factory=Flaws)
    is_ordered: bool = True
    kinds: tuple[tuple[str, bool], ...] = ()
    moments: Mapping[str, str] = field(default_factory=dict)


class LargeTables:
    """Finds the layers that stay in the database.

    Parameters
    ----------
    large_rows
        A layer with more rows stays there.
    pool
        Asks about these.
    """

    def __init__(self, large_rows: int, pool: QuestionPool) -> None:
        self._large_rows, self._pool = large_rows, pool
        self._facts: dict[str, tuple[object, TableFacts]] = {}

    def find_layers(
        self,
        cursor: psycopg.Cursor[Any],
        schema: str,
        tables: Sequence[StoredTable],
        states: Mapping[str, object],
        reader: TableReader,
    ) -> dict[str, LargeLayer]:
        """Find the layers that stay in the database; what is known of each is kept with its state.

        Only layers of no role are such: pages ask about all shops, stops and trails at once.
        """
        cursor.execute(compose("SELECT catalog FROM {schema}._city", schema=schema))
        [text] = cursor.fetchone() or ("",)
        entries = {entry.id: entry for entry in parse_catalog(text).layers}
        large = {}
        for table in tables:
            entry = entries.get(table.layer) if table.kind == LAYER else None
            if entry is None or entry.role != Role.LAYER:
                continue
            state, known = states.get(table.name), self._facts.get(table.name)
            if known is None or state is None or known[0] != state:
                read = partial(describe_table, cursor, schema, table.name, self._large_rows)
                described = reader.attempt(table, read)
                if described is None:
                    continue
                known = (state, described)
                self._facts[table.name] = known
            facts = known[1]
            if facts.count <= self._large_rows:
                continue
            columns = list_columns(cursor, schema, table.name)
            names = {label: name for name, label in table.labels.items()}
            large[entry.id] = LargeLayer(
                entry=entry,
                file=table.source,
                schema=schema,
                table=table.name,
                columns={k: v for k, v in columns.items() if k not in {ID, GEOMETRY, ROW}},
                names=names,
                is_promoted=table.is_promoted,
                count=facts.count,
                placeless=facts.placeless,
                bounds=facts.bounds,
                pool=self._pool,
                has_row=ROW in columns,
                anchors=facts.anchors,
                flaws=facts.flaws,
                is_ordered=facts.is_ordered,
                shape_kinds=frozenset(
                    # Those of one part are single ones, as in the file.
                    kind.removeprefix("Multi") if table.is_promoted and is_one else kind
                    for kind, is_one in facts.kinds
                ),
                moments={names.get(label, label): type_ for label, type_ in facts.moments.items()},
            )
            reader.row_findings[table.name] = facts.flaws.describe(table, schema)
        return large

    def write_note(self, layer: LargeLayer) -> str:
        """Write what differs when a layer does that stays in the database."""
        state, _ = self._facts[layer.table]
        return f"{layer.table}: {layer.count} rows, {state}\n"


def describe_table(
    cursor: psycopg.Cursor[Any], schema: str, table: str, large_rows: int
) -> TableFacts:
    """Count the features of a table; of a large one find its flaws, its bounds and its anchors."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    place = {"schema": schema, "table": table}
    cursor.execute(compose("SELECT count(*) FROM {schema}.{table}", **place))
    [count] = cursor.fetchone() or (0,)
    if count <= large_rows:
        return TableFacts(count)
    flaws = find_flaws(cursor, schema, table)
    columns = list_columns(cursor, schema, table)
    keys = [key for key in (ROW, ID) if key in columns]
    rows = flaws.write_rows(schema, table, keys)
    kinds = _describe_kinds(cursor, rows)
    listed = sql.SQL(", ").join(map(sql.Identifier, keys))
    cursor.execute(
        write_sql(
            "SELECT {} FROM (SELECT {}, row_number() OVER (ORDER BY {}) AS n FROM {}) k "
            "WHERE n %% %s = 0 ORDER BY n",
            *(listed, listed, listed, rows),
        ),
        [limits.LARGE_ANCHOR_ROWS],
    )
    anchors = cursor.fetchall()
    cursor.execute(
        write_sql(
            "SELECT {} FROM {} ORDER BY {} DESC NULLS FIRST LIMIT 1",
            *(sql.Identifier(keys[0]), rows, sql.Identifier(keys[0])),
        )
    )
    last = cursor.fetchone()
    return TableFacts(
        sum(count for _, _, count, _, _ in kinds),
        sum(count if kind is None else empty for kind, _, count, empty, _ in kinds),
        _join_boxes([box for *_, box in kinds if box is not None]),
        tuple(anchors),
        flaws,
        # Those without one come last, so the last of the order tells.
        is_ordered=not (last and last[0] is None),
        kinds=tuple((kind, bool(is_one)) for kind, is_one, *_ in kinds if kind is not None),
        moments=find_moments(
            cursor,
            flaws.write_rows(schema, table, [name for name in columns if name != GEOMETRY]),
            [k for k, v in columns.items() if k not in {ID, GEOMETRY} and v not in NATIVE_TYPES],
        ),
    )


def _join_boxes(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _describe_kinds(
    cursor: psycopg.Cursor[Any], rows: Composable
) -> list[tuple[str | None, bool | None, int, int, Box | None]]:
    """Describe the places of rows by kind: is it of one part, how many, how many empty, their box.

    All in one pass; the kind of rows without a place is None.
    """
    # The database expects a kind for each row, and would sort a million of them.
    cursor.execute("SELECT set_config('enable_sort', 'off', true)")
    cursor.execute(
        write_sql(
            "SELECT substr(kind, 4), is_one, n, empty, "
            "ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM ("
            'SELECT ST_GeometryType("geom") kind, ST_NumGeometries("geom") = 1 is_one, count(*) n,'
            ' count(*) FILTER (WHERE ST_IsEmpty("geom")) empty, ST_Extent("geom") box '
            "FROM {} GROUP BY 1, 2) t",
            rows,
        )
    )
    kinds: list[Any] = cursor.fetchall()
    cursor.execute("SELECT set_config('enable_sort', 'on', true)")
    return [
        (*kind, None if west is None else (west, south, east, north))
        for *kind, west, south, east, north in kinds
    ]
