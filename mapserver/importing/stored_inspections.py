"""Rows of one look at a trail, written into the table of inspections of a city in a database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from mapserver.errors import N_, DataError, SettingsError, StoreError
from mapserver.importing.inspection_rows import LEDGER, OTHER_CONTENT, KeyTakenError, fit_row
from mapserver.importing.sent_keys import digest_content, digest_key
from mapserver.readers.register.columns import rename_known_columns
from mapserver.settings import limits
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.columns import ROW, list_columns
from mapserver.stores.connecting import bound_transaction, connect, translate_store_errors
from mapserver.stores.quoting import compose
from mapserver.stores.tables import SHEET, StoredTable, list_tables

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger("mapserver")


class StoreLedger:
    """Writes looks at trails into a database: all rows of one in a transaction, and never twice.

    Whoever follows the database is told of them as of any other edit.

    Parameters
    ----------
    address
        The database, with a role that may add rows.
    schema
        Of the city.
    """

    def __init__(self, address: StoreAddress, schema: str) -> None:
        self._address, self._schema = address, schema
        # Entries are rare, and connections of a database few: one at a time has one.
        self._one_thread = threading.Lock()

    def require_writable(self) -> None:
        """Refuse a database in which inspectors could not write, before any of them tries.

        Raises
        ------
        SettingsError
            It has no table of inspections, or this role may not add rows to it.
        """
        with translate_store_errors(self._address), connect(self._address) as connection:
            cursor = connection.cursor()
            table = self._find_table(cursor)
            place = compose("{schema}.{table}", schema=self._schema, table=table.name)
            sent = compose("{schema}._sent", schema=self._schema)
            names = (place.as_string(cursor), sent.as_string(cursor))
            cursor.execute(
                "SELECT has_table_privilege(%(place)s, 'INSERT') "
                "AND has_table_privilege(%(sent)s, 'SELECT') "
                "AND has_table_privilege(%(sent)s, 'INSERT') "
                "AND has_table_privilege(%(sent)s, 'DELETE')",
                {"place": names[0], "sent": names[1]},
            )
            if cursor.fetchone() != (True,):
                raise SettingsError(
                    N_("inspectors could not write: the role may not add rows to {place}"),
                    where="secret_key",
                    mend=N_(
                        "Run GRANT INSERT ON {place} TO the role, and GRANT SELECT, INSERT, "
                        "DELETE ON {sent}; or serve without secret_key"
                    ),
                    place=names[0],
                    sent=names[1],
                )

    def append(self, rows: Sequence[Mapping[str, str]], key: str, content: str) -> bool:
        """Append rows to the table of inspections, all of them or none, and never twice.

        Parameters
        ----------
        rows
            Cells by column of the ledger, as text; those that are missing are empty.
        key
            Tells one look from all others: rows that were sent again have the same.
        content
            What was entered, of which the rows follow: with one key it is always the same.

        Returns
        -------
        bool
            Whether they were written now; False where they had been before.

        Raises
        ------
        DataError
            The database cannot be written now, or has no column for what the rows say.
        KeyTakenError
            The key is known with another content; nothing was written.
        """
        with self._change() as cursor:
            # Two workers that get one entry twice: the second waits, and finds the first one's.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('mapserver inspections ' || %s, 0))",
                [self._schema],
            )
            content_digest = self._find_content(cursor, key)
            if content_digest and content_digest != digest_content(key, content):
                raise KeyTakenError(OTHER_CONTENT, where="", mend="")
            if content_digest:
                return False
            self._insert(cursor, rows)
            cursor.execute(
                compose("INSERT INTO {schema}._sent VALUES (%s, %s)", schema=self._schema),
                [digest_key(key), digest_content(key, content)],
            )
            cursor.execute(
                compose(
                    "DELETE FROM {schema}._sent WHERE key IN (SELECT key FROM {schema}._sent "
                    "ORDER BY sent_at DESC OFFSET %s)",
                    schema=self._schema,
                ),
                [limits.MAX_SENT_KEYS],
            )
        return True

    def is_written(self, key: str, content: str) -> bool:
        """Return whether the entry of a key was written, and is the one that had this content."""
        with self._change() as cursor:
            return self._find_content(cursor, key) == digest_content(key, content)

    @contextmanager
    def _change(self) -> Iterator[psycopg.Cursor[Any]]:
        """Yield a cursor in a transaction; what the database says of a failure is for the log."""
        if not self._one_thread.acquire(timeout=limits.INSPECTION_WAIT_S):
            raise DataError(
                N_("others are writing just now"),
                where=LEDGER.file,
                mend=N_("Try again in a moment"),
            )
        try:
            connection = connect(self._address)
            with translate_store_errors(self._address), connection, connection.cursor() as cursor:
                bound_transaction(cursor, limits.INSPECTION_WAIT_S)
                yield cursor
        except StoreError as error:
            log.error("an inspection cannot be written into the database: %s", error)
            raise DataError(
                N_("nothing can be written into the database now"),
                where=LEDGER.file,
                mend=N_("Try again in a moment"),
            ) from None
        finally:
            self._one_thread.release()

    def _find_content(self, cursor: psycopg.Cursor[Any], key: str) -> str:
        """Find the digest of what was written with a key; empty where nothing was."""
        cursor.execute(
            compose("SELECT content FROM {schema}._sent WHERE key = %s", schema=self._schema),
            [digest_key(key)],
        )
        row = cursor.fetchone()
        return str(row[0]) if row else ""

    def _find_table(self, cursor: psycopg.Cursor[Any]) -> StoredTable:
        for table in list_tables(cursor, self._schema):
            is_ledger = table.kind == SHEET and table.source.casefold() == LEDGER.file
            if is_ledger and list_columns(cursor, self._schema, table.name):
                return table
        raise SettingsError(
            N_("the database has no table of inspections"),
            where=LEDGER.file,
            mend=N_("Mend the file in the city folder, or move it away, and load the city again"),
        )

    def _insert(self, cursor: psycopg.Cursor[Any], rows: Sequence[Mapping[str, str]]) -> None:
        """Insert rows in the columns that the table has, as its file called them."""
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        table = self._find_table(cursor)
        headings = {label: heading for heading, label in table.labels.items()}
        columns = [name for name in list_columns(cursor, self._schema, table.name) if name != ROW]
        head = pd.DataFrame(columns=[headings.get(name, name) for name in columns], dtype="str")
        head, _ = rename_known_columns(
            head, LEDGER.synonyms, LEDGER.file, text_columns=LEDGER.text_columns
        )
        names = [str(column) for column in head.columns]
        for row in rows:
            cells = fit_row(row, names)
            cursor.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(self._schema, table.name),
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
                ),
                [cells.get(name) or None for name in names],
            )
