"""What has changed in the database: heard from it, and asked for where nobody tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapserver.stores.layout import CHANNEL
from mapserver.stores.quoting import compose

if TYPE_CHECKING:
    import psycopg

STATES = """
SELECT t.name, t.digest, c.oid, has_table_privilege(c.oid, 'SELECT'), c.relfilenode,
    s.n_tup_ins, s.n_tup_upd, s.n_tup_del,
    (SELECT count(*) || ' ' || coalesce(max(change), 0) FROM {schema}._changes g
        WHERE g.name = t.name),
    (SELECT md5(string_agg(a.attname || ' ' || a.atttypid || ' ' || a.attisdropped, ','
        ORDER BY a.attnum)) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)
FROM {schema}._tables t
LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = %s)
    ON c.relname = t.name
LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
"""
"""Of each table what differs after any edit. The transactions that triggers have noted are enough;
where triggers are off, the counts of PostgreSQL's own statistics follow within some seconds, and
columns that were added are seen by themselves, as are rights that are taken or given."""


def read_states(cursor: psycopg.Cursor[Any], schema: str) -> tuple[object, dict[str, object]]:
    """Read what differs when the city does, as a whole and for each table.

    Returns
    -------
    whole : object
        Differs after each load.
    tables : dict of str to object
        By the table's name.
    """
    cursor.execute(compose("SELECT loaded_at, version FROM {schema}._city", schema=schema))
    whole = cursor.fetchone()
    cursor.execute(compose(STATES, schema=schema), [schema])
    return whole, {name: state for name, *state in cursor.fetchall()}


def listen(connection: psycopg.Connection[Any]) -> None:
    """Have the database tell of changes on this connection, where it can.

    A copy that follows another database cannot, nor does a pooler hand on what is told: then the
    states are asked for, once a second.
    """
    import psycopg  # noqa: PLC0415 -- only an extra brings it

    try:
        connection.execute(compose("LISTEN {channel}", channel=CHANNEL))
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.ReadOnlySqlTransaction):
        pass
    except psycopg.errors.ObjectNotInPrerequisiteState:
        pass


def hear(connection: psycopg.Connection[Any], schema: str) -> bool:
    """Return whether the database has told of changes of a city since the last time."""
    # All that was told is taken, since what is left would be heard again.
    payloads = {note.payload for note in connection.notifies(timeout=0)}
    return schema in payloads
