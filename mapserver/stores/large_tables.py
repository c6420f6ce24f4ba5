"""Which tables are so large that they stay in the database, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from mapserver.model import Role, parse_catalog
from mapserver.stores.columns import GEOMETRY, ID, ROW, list_columns
from mapserver.stores.large import Box, LargeLayer, describe_table
from mapserver.stores.pool import QuestionPool
from mapserver.stores.quoting import compose
from mapserver.stores.table_faults import TableReader
from mapserver.stores.tables import LAYER, StoredTable

if TYPE_CHECKING:
    import psycopg


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
        self._facts: dict[str, tuple[object, tuple[int, int, Box | None]]] = {}

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
            state, facts = states.get(table.name), self._facts.get(table.name)
            if facts is None or state is None or facts[0] != state:
                read = partial(describe_table, cursor, schema, table.name)
                described = reader.attempt(table, read)
                if described is None:
                    continue
                facts = (state, described)
                self._facts[table.name] = facts
            count, placeless, bounds = facts[1]
            if count <= self._large_rows:
                continue
            columns = list_columns(cursor, schema, table.name)
            large[entry.id] = LargeLayer(
                entry=entry,
                file=table.source,
                schema=schema,
                table=table.name,
                columns={k: v for k, v in columns.items() if k not in {ID, GEOMETRY, ROW}},
                names={label: name for name, label in table.labels.items()},
                is_promoted=table.is_promoted,
                count=count,
                placeless=placeless,
                bounds=bounds,
                pool=self._pool,
            )
        return large

    def write_note(self, layer: LargeLayer) -> str:
        """Write what differs when a layer does that stays in the database."""
        state, _ = self._facts[layer.table]
        return f"{layer.table}: {layer.count} rows, {state}\n"
