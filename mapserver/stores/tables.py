"""The tables of a city in the database: what each stands for, and whether it was edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mapserver.stores.columns import ID, ROW, list_columns
from mapserver.stores.quoting import compose

if TYPE_CHECKING:
    import psycopg

LAYER, SHEET, TRAILS, FACILITIES = "layer", "sheet", "trails", "facilities"
"""Kinds of tables: a layer with a file, a table of texts, and what is made of GPX files."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table that people edit, as it was loaded.

    Attributes
    ----------
    name
        Of the table.
    kind
        ``layer``, ``sheet``, ``trails`` or ``facilities``.
    source
        The file that it was loaded from, relative to the city folder.
    layer
        Id of the layer; empty for a sheet.
    labels
        Its column for each column of the frame or heading of the file.
    is_promoted
        Whether geometries of one part were single ones.
    digest
        Of its rows as they were loaded.
    """

    name: str
    kind: str
    source: str
    layer: str
    labels: Mapping[str, str]
    is_promoted: bool
    digest: str


def list_tables(cursor: psycopg.Cursor[Any], schema: str) -> list[StoredTable]:
    """List the tables of a city that people edit."""
    cursor.execute(
        compose(
            "SELECT name, kind, source, layer, labels, is_promoted, digest "
            "FROM {schema}._tables ORDER BY name",
            schema=schema,
        )
    )
    return [StoredTable(*row) for row in cursor.fetchall()]


def record_table(cursor: psycopg.Cursor[Any], schema: str, table: StoredTable) -> None:
    """Record what a table stands for."""
    from psycopg.types.json import Jsonb  # noqa: PLC0415 -- only an extra brings it

    cursor.execute(
        compose("INSERT INTO {schema}._tables VALUES (%s, %s, %s, %s, %s, %s, %s)", schema=schema),
        [
            *(table.name, table.kind, table.source, table.layer),
            *(Jsonb(dict(table.labels)), table.is_promoted, table.digest),
        ],
    )


def compute_digest(cursor: psycopg.Cursor[Any], schema: str, table: str) -> str:
    """Compute a digest of the rows and columns of a table, in the database itself.

    What was edited and put back has the digest that it had before.
    """
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    present = list_columns(cursor, schema, table)
    names = "\0".join(f"{label} {kind}" for label, kind in present.items())
    keys = [label for label in (ROW, ID) if label in present]
    order = sql.SQL(", ").join(sql.Identifier("t", key) for key in keys)
    cursor.execute(
        sql.SQL(
            "SELECT md5(%s || coalesce(string_agg(md5(t::text), ',' ORDER BY {}), '')) FROM {} t"
        ).format(order if keys else sql.SQL("t::text"), sql.Identifier(schema, table)),
        [names.replace("\0", "\n")],
    )
    row = cursor.fetchone()
    return str(row[0]) if row else ""
