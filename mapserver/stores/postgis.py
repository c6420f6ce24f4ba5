"""A city in PostGIS as a folder that follows it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapserver.errors import StoreError
from mapserver.model import CityData
from mapserver.settings import LARGE_ROWS, limits
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.changes import hear, listen, read_states
from mapserver.stores.checkout import Checkout
from mapserver.stores.connecting import (
    bound_transaction,
    connect,
    require_postgis,
    translate_store_errors,
)
from mapserver.stores.large_tables import LargeTables
from mapserver.stores.layout import find_city, require_layout
from mapserver.stores.pool import QuestionPool
from mapserver.stores.quoting import compose
from mapserver.stores.recording_files import write_recordings

if TYPE_CHECKING:
    import psycopg


class PostgisStore:
    """A city in a database, with a folder of this process that is kept equal to it.

    Parameters
    ----------
    address
        The database.
    large_rows
        A layer of no role with more rows stays in the database, and is asked there.
    clock
        Seconds that only grow.

    Attributes
    ----------
    label
        The address as it may be shown.
    schema
        Of the city.
    folder
        A city folder; it goes when nobody has this any more.
    is_away
        Whether the last attempt to look at the database failed.

    Raises
    ------
    StoreError
        The database does not let us in, or has no such city.
    """

    def __init__(
        self,
        address: StoreAddress,
        *,
        large_rows: int = LARGE_ROWS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._clock = address, clock
        self.is_away = False
        self._attempts, self._retry_at_s, self._look_at_s = 0, 0.0, 0.0
        self._connections: list[psycopg.Connection[Any]] = []
        self._states: object = None
        with translate_store_errors(address):
            connection = self._connect()
            with connection.transaction(), connection.cursor() as cursor:
                bound_transaction(cursor, limits.STORE_STATEMENT_S, reads=True)
                self.schema = find_city(cursor, address)
                require_layout(cursor, self.schema, address)
                require_postgis(cursor, address)
                cursor.execute(compose("SELECT name FROM {schema}._city", schema=self.schema))
                [name] = cursor.fetchone() or ("",)
                place = tempfile.mkdtemp(prefix="maenballo-")
                # A worker that is forked from this process must not remove what others read.
                self._finalizer = weakref.finalize(
                    self, _leave, place, self._connections, os.getpid()
                )
                self.folder = Path(place, Path(name).name or "city")
                self.folder.mkdir()
                self._checkout = Checkout(
                    self.folder,
                    write_recordings=write_recordings,
                    large_tables=LargeTables(large_rows, QuestionPool(address)),
                )
                self._update(cursor)
        self.label = f"{address.label.partition('?')[0]}?schema={self.schema}"

    def label_data(self, data: CityData) -> CityData:
        """Return what was read from the folder, as of the database that it is from."""
        return replace(
            data,
            label=self.label,
            keeper=self,
            large=dict(self._checkout.large),
            findings=(*data.findings, *self._checkout.findings),
        )

    def refresh(self) -> bool:
        """Look whether the city has changed in the database, and make the folder equal to it.

        It is cheap to call this four times a second: the database is asked once a second, and at
        once when it has told of a change. One that is away is tried again after a while.

        Returns
        -------
        bool
            Whether any file is another one.

        Raises
        ------
        StoreError
            The database could not be asked; the folder is as it was. It is not raised again before
            the next attempt; meanwhile :attr:`is_away` holds.
        """
        now_s = self._clock()
        if self.is_away and now_s < self._retry_at_s:
            return False
        try:
            with translate_store_errors(self._address):
                is_changed = self._look(now_s)
        except StoreError:
            self._note_failure()
            raise
        self.is_away, self._attempts = False, 0
        return is_changed

    def close(self) -> None:
        """Leave the database; the folder stays as it is."""
        _close(self._connections)

    def _connect(self) -> psycopg.Connection[Any]:
        """Connect, and have the database tell of changes."""
        connection = connect(self._address, autocommit=True)
        self._connections.append(connection)
        listen(connection)
        return connection

    def _look(self, now_s: float) -> bool:
        """Ask the database for changes, if it has told of some or it is time."""
        if self._connections:
            [connection] = self._connections
        else:
            connection = self._connect()
            self._look_at_s = now_s
        is_told = hear(connection, self.schema)
        if not is_told and now_s < self._look_at_s:
            return False
        self._look_at_s = now_s + limits.STORE_POLL_S
        with connection.transaction(), connection.cursor() as cursor:
            bound_transaction(cursor, limits.STORE_LOOK_S, reads=True)
            if (states := read_states(cursor, self.schema)) == self._states:
                return False
            bound_transaction(cursor, limits.STORE_STATEMENT_S)
            require_layout(cursor, self.schema, self._address)
            require_postgis(cursor, self._address)
            return self._update(cursor, states)

    def _update(self, cursor: psycopg.Cursor[Any], states: Any = None) -> bool:
        """Make the folder equal to what the transaction sees."""
        whole, tables = states or read_states(cursor, self.schema)
        is_changed = self._checkout.update(cursor, self.schema, tables)
        self._states = (whole, tables)
        return is_changed

    def _note_failure(self) -> None:
        self.close()
        pause_s = limits.STORE_RETRY_S[min(self._attempts, len(limits.STORE_RETRY_S) - 1)]
        self.is_away, self._attempts = True, self._attempts + 1
        self._retry_at_s = self._clock() + pause_s


def _close(connections: list[psycopg.Connection[Any]]) -> None:
    while connections:
        with suppress(Exception):  # it may have gone by itself
            connections.pop().close()


def _leave(place: str, connections: list[psycopg.Connection[Any]], process: int) -> None:
    """Remove the folder and leave the database, as the process that has made and joined them."""
    if os.getpid() == process:
        _close(connections)
        shutil.rmtree(place, ignore_errors=True)
