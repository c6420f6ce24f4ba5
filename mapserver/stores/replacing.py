"""An earlier copy of a city that gives way to a new one, in one step and with its grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, StoreError
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.columns import list_columns
from mapserver.stores.layout import BOOKKEEPING, CHANNEL, FUNCTIONS, list_cities
from mapserver.stores.quoting import compose
from mapserver.stores.tables import compute_digest, list_tables

if TYPE_CHECKING:
    import psycopg

RELATIONS = """
SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'm', 'f', 'p') ORDER BY 1
"""
GRANTS = """
SELECT c.relname, a.privilege_type, a.is_grantable,
    CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
WHERE n.nspname = %s AND c.relkind = 'r' AND a.grantee <> c.relowner
"""
"""Who else may read or edit each table; nobody's name is everybody."""


def require_replaceable(
    cursor: psycopg.Cursor[Any], schema: str, address: StoreAddress, *, discards_edits: bool
) -> None:
    """Refuse to replace what is no city, what others have put beside it, and edits.

    Two loads of one schema wait for each other here.

    Raises
    ------
    StoreError
        The schema holds something else, or tables in it were edited.
    """
    cursor.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('mapserver ' || %s, 0))", [schema]
    )
    cursor.execute(RELATIONS, [schema])
    present = [name for name, _ in cursor.fetchall()]
    if schema not in list_cities(cursor):
        if present:
            raise StoreError(
                N_("the schema {schema} holds something else than a city"),
                where=address.label,
                mend=N_("Choose another one with --schema"),
                schema=repr(schema),
            )
        return
    tables = list_tables(cursor, schema)
    ours = {table.name for table in tables} | {*BOOKKEEPING}
    if others := [name for name in present if name not in ours]:
        raise StoreError(
            N_("the schema {schema} holds tables of others, which would be lost: {tables}"),
            where=address.label,
            mend=N_("Move them to another schema with ALTER TABLE ... SET SCHEMA"),
            schema=repr(schema),
            tables=", ".join(map(repr, others[:5])),
        )
    edited = [
        table.name
        for table in tables
        if list_columns(cursor, schema, table.name)
        and compute_digest(cursor, schema, table.name) != table.digest
    ]
    if edited and not discards_edits:
        raise StoreError(
            N_("tables were edited in the database since they were loaded: {tables}"),
            where=address.label,
            mend=N_(
                "Export them first (mapserver export with MAPSERVER_STORE), or discard these edits "
                "with --replace"
            ),
            tables=", ".join(edited),
        )


def put_in_place(cursor: psycopg.Cursor[Any], staging: str, schema: str) -> None:
    """Let the tables of one schema take the place of those of another, for all at once."""
    cursor.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema])
    if cursor.fetchone() is None:
        cursor.execute(
            compose("ALTER SCHEMA {staging} RENAME TO {schema}", staging=staging, schema=schema)
        )
        return
    cursor.execute(GRANTS, [schema])
    grants = cursor.fetchall()
    cursor.execute(RELATIONS, [schema])
    # Parts refer to files, so all go in one statement.
    if old := [name for name, _ in cursor.fetchall()]:
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        cursor.execute(
            sql.SQL("DROP TABLE {}").format(
                sql.SQL(", ").join(sql.Identifier(schema, name) for name in old)
            )
        )
    for function in FUNCTIONS:
        cursor.execute(compose(f"DROP FUNCTION IF EXISTS {{schema}}.{function}", schema=schema))
        cursor.execute(
            compose(
                f"ALTER FUNCTION {{staging}}.{function} SET SCHEMA {{schema}}",
                staging=staging,
                schema=schema,
            )
        )
    cursor.execute(RELATIONS, [staging])
    new = [name for name, _ in cursor.fetchall()]
    for name in new:
        cursor.execute(
            compose(
                "ALTER TABLE {staging}.{table} SET SCHEMA {schema}",
                staging=staging,
                table=name,
                schema=schema,
            )
        )
    cursor.execute(compose("DROP SCHEMA {staging}", staging=staging))
    # Whoever listens opens the new city at once, without waiting for the next look.
    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, schema])
    for table, privilege, is_grantable, grantee in grants:
        if table in new:
            _grant(cursor, schema, table, privilege, grantee, is_grantable=is_grantable)


def _grant(  # noqa: PLR0913 -- what a grant is
    cursor: psycopg.Cursor[Any],
    schema: str,
    table: str,
    privilege: str,
    grantee: str | None,
    *,
    is_grantable: bool,
) -> None:
    """Give a role on the new table what it had on the old one."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    cursor.execute(
        sql.SQL("GRANT {} ON {} TO {}{}").format(
            sql.SQL(privilege),
            sql.Identifier(schema, table),
            sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee),
            sql.SQL(" WITH GRANT OPTION" if is_grantable else ""),
        )
    )
