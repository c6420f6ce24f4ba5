"""How a city lies in a schema: its bookkeeping, the version of it, and steps from each earlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, StoreError
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.quoting import compose

if TYPE_CHECKING:
    import psycopg

LAYOUT = 5
"""The version of the layout that this program reads and writes."""

BOOKKEEPING = ("_changes", "_city", "_files", "_parts", "_rows", "_sent", "_tables")
"""Tables that are no layers; what a planner edits has no underscore before it."""

TABLES = """
CREATE TABLE {schema}._city (
    layout integer NOT NULL,
    program text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    catalog text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE {schema}._files (
    file integer PRIMARY KEY,
    name bytea NOT NULL UNIQUE,
    shown text NOT NULL,
    size_bytes bigint NOT NULL,
    written_ns bigint NOT NULL,
    sha256 text NOT NULL
);
CREATE TABLE {schema}._parts (
    file integer NOT NULL REFERENCES {schema}._files,
    part integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (file, part)
);
CREATE TABLE {schema}._tables (
    name text PRIMARY KEY,
    kind text NOT NULL,
    source text NOT NULL,
    layer text NOT NULL,
    labels jsonb NOT NULL,
    is_promoted boolean NOT NULL,
    digest text NOT NULL
);
"""
"""Version 1. ``_parts`` are the files' bytes, never compressed twice; ``_tables`` says what each
table stands for, and its digest as it was loaded, by which one knows whether it was edited."""

CHANNEL = "mapserver"
"""On which the database tells of changes; what it says is the schema."""

NOTE_CHANGES = """
CREATE TABLE {schema}._changes (
    change bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, transaction)
);
CREATE FUNCTION {schema}._note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %I._changes (name) VALUES (%L) ON CONFLICT DO NOTHING',
        TG_TABLE_SCHEMA, TG_TABLE_NAME
    );
    PERFORM pg_notify('mapserver', TG_TABLE_SCHEMA);
    RETURN NULL;
END
$$;
DO $$
DECLARE each text;
BEGIN
    FOR each IN SELECT name FROM {schema}._tables LOOP
        EXECUTE format(
            'CREATE TRIGGER _note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION %I._note_change()',
            {schema_text}, each, {schema_text}
        );
    END LOOP;
END
$$;
"""
"""From version 1 to 2: triggers note each transaction that edits a table, and tell who listens.

A row for each transaction, and no counter: two editors never wait for each other. Editors need no
right to ``_changes``, since the function runs as its owner."""

NOTE_ROWS = """
CREATE TABLE {schema}._rows (
    name text NOT NULL,
    id text NOT NULL,
    source text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (name, id)
);
"""
"""From version 2 to 3: of trails and facilities each row's file and digest, as it was loaded."""

FILL_ROWS = """
CREATE FUNCTION {schema}._next_row(place regclass) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT nextval(pg_get_serial_sequence(place::text, '_row'))
$$;
CREATE FUNCTION {schema}._fill_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW._row := nextval(pg_get_serial_sequence(TG_RELID::regclass::text, '_row'));
    RETURN NEW;
END
$$;
DO $$
DECLARE each record; first bigint; sequence text;
BEGIN
    FOR each IN
        SELECT t.name, t.kind FROM {schema}._tables t
        JOIN pg_namespace n ON n.nspname = {schema_text}
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '_row' AND a.attidentity <> ''
    LOOP
        EXECUTE format(
            'SELECT coalesce(max(_row), 0) + 1 FROM %I.%I', {schema_text}, each.name
        ) INTO first;
        sequence := '_row_of_' || md5(each.name);
        EXECUTE format(
            'ALTER TABLE %I.%I ALTER _row DROP IDENTITY', {schema_text}, each.name
        );
        EXECUTE format(
            'CREATE SEQUENCE %I.%I START %s MINVALUE %s OWNED BY %I.%I._row',
            {schema_text}, sequence, first, least(first, 1), {schema_text}, each.name
        );
        IF each.kind = 'sheet' THEN
            EXECUTE format(
                'ALTER TABLE %1$I.%2$I ALTER _row SET DEFAULT %1$I._next_row(%3$L::regclass)',
                {schema_text}, each.name, format('%I.%I', {schema_text}, each.name)
            );
        ELSE
            EXECUTE format(
                'ALTER TABLE %I.%I ALTER _row DROP NOT NULL', {schema_text}, each.name
            );
        END IF;
        EXECUTE format(
            'CREATE TRIGGER _fill_row BEFORE INSERT ON %1$I.%2$I FOR EACH ROW '
            'WHEN (NEW._row IS NULL) EXECUTE FUNCTION %1$I._fill_row()',
            {schema_text}, each.name
        );
    END LOOP;
END
$$;
"""
"""From version 3 to 4: QGIS can add rows. It writes NULL into each column that it has no value for,
which an identity refuses; and where that column is the key, it asks the sequence itself, to which
an editor has no right. So a trigger fills it, and a function that runs as its owner asks."""

TAKE_INSPECTIONS = """
CREATE TABLE {schema}._sent (
    key text PRIMARY KEY,
    content text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
DO $$
DECLARE place text;
BEGIN
    IF EXISTS (SELECT FROM {schema}._tables WHERE lower(source) = 'layers/inspections.csv')
        OR EXISTS (SELECT FROM {schema}._files WHERE lower(shown) = 'layers/inspections.csv')
    THEN
        RETURN;
    END IF;
    place := 'inspections';
    IF to_regclass(format('%I.%I', {schema_text}, place)) IS NOT NULL THEN
        place := 'inspections_table';
    END IF;
    EXECUTE format(
        'CREATE TABLE %I.%I (trail_id text, checked_on text, by text, item text, grade text, '
        'finding text, fixed_on text, photo text, source text, _row bigint PRIMARY KEY)',
        {schema_text}, place
    );
    EXECUTE format(
        'CREATE SEQUENCE %I.%I OWNED BY %I.%I._row',
        {schema_text}, '_row_of_' || md5(place), {schema_text}, place
    );
    EXECUTE format(
        'ALTER TABLE %1$I.%2$I ALTER _row SET DEFAULT %1$I._next_row(%3$L::regclass)',
        {schema_text}, place, format('%I.%I', {schema_text}, place)
    );
    EXECUTE format(
        'CREATE TRIGGER _fill_row BEFORE INSERT ON %1$I.%2$I FOR EACH ROW '
        'WHEN (NEW._row IS NULL) EXECUTE FUNCTION %1$I._fill_row()',
        {schema_text}, place
    );
    EXECUTE format(
        'CREATE TRIGGER _note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION %I._note_change()',
        {schema_text}, place, {schema_text}
    );
    INSERT INTO {schema}._tables
    SELECT place, 'sheet', 'layers/inspections.csv', '',
        jsonb_object_agg(a.attname, a.attname) FILTER (WHERE a.attname <> '_row'), false,
        md5(string_agg(a.attname || ' ' || t.typname, chr(10) ORDER BY a.attnum))
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = format('%I.%I', {schema_text}, place)::regclass AND a.attnum > 0;
END
$$;
"""
"""From version 4 to 5: those who inspect write into the database. ``_sent`` has a digest of each
entry, so that none is written twice; a city without inspections gets an empty table of them."""

STEPS: Mapping[int, str] = {1: NOTE_CHANGES, 2: NOTE_ROWS, 3: FILL_ROWS, 4: TAKE_INSPECTIONS}
"""SQL that makes of a layout the next one, by the version that it starts from."""

FUNCTIONS = ("_note_change()", "_fill_row()", "_next_row(regclass)")
"""What the steps have made beside tables."""


def create_bookkeeping(cursor: psycopg.Cursor[Any], schema: str) -> None:
    """Make the tables of the first layout in an empty schema; :func:`upgrade_layout` goes on."""
    cursor.execute(compose(TABLES, schema=schema))


def take_step(cursor: psycopg.Cursor[Any], schema: str, step: str) -> None:
    """Run the SQL that makes of a layout the next one."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    cursor.execute(
        sql.SQL(step).format(schema=sql.Identifier(schema), schema_text=sql.Literal(schema))
    )


def list_cities(cursor: psycopg.Cursor[Any]) -> list[str]:
    """List the schemas of a database that hold a city."""
    cursor.execute(
        "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relname = '_city' AND c.relkind = 'r' AND n.nspname !~ '^pg_' "
        "AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'layout') "
        "ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def find_city(cursor: psycopg.Cursor[Any], address: StoreAddress) -> str:
    """Find the schema of the city that an address means.

    Raises
    ------
    StoreError
        There is none, there are several and none is named, or its layout is of another program.
    """
    cities = list_cities(cursor)
    choices = ", ".join(map(repr, cities))
    if address.schema:
        if address.schema not in cities:
            raise StoreError(
                N_("there is no city in the schema {schema}"),
                where=address.label,
                mend=N_("Choose from: {choices}")
                if cities
                else N_("Copy one there with mapserver load"),
                schema=repr(address.schema),
                choices=choices,
            )
        return address.schema
    if len(cities) != 1:
        raise StoreError(
            N_("the database has several cities") if cities else N_("the database has no city"),
            where=address.label,
            mend=N_("Name one with ?schema=NAME behind the address: {choices}")
            if cities
            else N_("Copy one there with mapserver load"),
            choices=choices,
        )
    return cities[0]


def read_layout(cursor: psycopg.Cursor[Any], schema: str) -> int:
    """Return the version of the layout of a city."""
    cursor.execute(compose("SELECT layout FROM {schema}._city", schema=schema))
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def require_layout(cursor: psycopg.Cursor[Any], schema: str, address: StoreAddress) -> None:
    """Refuse a city whose layout another version of this program has made.

    Raises
    ------
    StoreError
        It is older, and its owner must upgrade it, or newer.
    """
    layout = read_layout(cursor, schema)
    if layout != LAYOUT:
        raise StoreError(
            N_("the city has the layout {layout}, and this program reads {wanted}"),
            where=address.label,
            mend=N_("Have its owner run mapserver load URL --upgrade, which leaves all edits")
            if layout < LAYOUT
            else N_("Install a newer mapserver"),
            layout=layout,
            wanted=LAYOUT,
        )


def upgrade_layout(
    cursor: psycopg.Cursor[Any],
    schema: str,
    steps: Mapping[int, str] | None = None,
) -> tuple[int, int]:
    """Bring a city to the newest layout, step by step, in the transaction of the cursor.

    Parameters
    ----------
    cursor
        Within a transaction of the owner of the tables.
    schema
        Of the city.
    steps
        What makes of each layout the next one; ours by default.

    Returns
    -------
    before, now : int
        The layouts.
    """
    steps = STEPS if steps is None else steps
    before = now = read_layout(cursor, schema)
    while now in steps:
        take_step(cursor, schema, steps[now])
        now += 1
        cursor.execute(compose("UPDATE {schema}._city SET layout = %s", schema=schema), [now])
    return before, now
