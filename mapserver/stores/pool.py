"""Questions to the database: few connections for a process, bounded in time, and said when away."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, MissingPackageError, StoreAwayError, StoreError, StoreSlowError
from mapserver.settings import limits
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.connecting import bound_transaction, require_postgis, translate_store_errors
from mapserver.stores.quoting import make_cursor_type

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool


log = logging.getLogger("mapserver")


class QuestionPool:
    """Connections of this process to a database; each process that is forked has its own.

    Parameters
    ----------
    address
        The database.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        self._process = 0
        self._pool: ConnectionPool[Any] | None = None
        self._making = threading.Lock()
        self._rests_until_s = 0.0
        self._failed_at_s, self._is_said = 0.0, False
        self._changed: dict[str, weakref.ref[object]] = {}

    @contextmanager
    def ask(self) -> Iterator[psycopg.Cursor[Any]]:
        """Yield a cursor in a transaction that only reads, from one state of the database.

        Raises
        ------
        StoreAwayError
            The database is away, has no connection left, or takes too long.
        """
        # Who has just waited in vain has waited for all: others are answered at once.
        if time.monotonic() < self._rests_until_s:
            raise self._describe_rest()
        ends_at_s = time.monotonic() + limits.LARGE_STATEMENT_S
        try:
            with (
                translate_store_errors(self._address),
                self._open().connection(timeout=limits.LARGE_PATIENCE_S) as connection,
                connection.cursor() as cursor,
            ):
                bound_transaction(cursor, limits.LARGE_STATEMENT_S, reads=True)
                # Also what waited for a connection, so that nobody waits longer than is promised.
                cursor.find_rest_s = lambda: ends_at_s - time.monotonic()
                require_postgis(cursor, self._address)
                self._note_answer()
                yield cursor
        except StoreAwayError as error:
            # A question that was too large says nothing about the next one.
            if not isinstance(error, StoreSlowError):
                self._note_failure(error)
            raise

    def close(self) -> None:
        """Leave the database; the next question connects again."""
        with self._making:
            if self._pool is not None and self._process == os.getpid():
                self._pool.close()
            self._pool = None

    def _note_failure(self, error: StoreAwayError) -> None:
        """Let the next questions rest, and say once an outage why, however many ask in it."""
        self._failed_at_s = time.monotonic()
        self._rests_until_s = self._failed_at_s + limits.LARGE_REST_S
        if not self._is_said:
            self._is_said = True
            log.error("large layers cannot be asked in the database: %s", error)

    def note_change(self, layer: object, table: str, error: StoreError) -> None:
        """Say once that a table was changed, however many ask before the change is followed.

        Parameters
        ----------
        layer
            Of which there is another one as soon as it is followed.
        table
            Its name, for the log.
        error
            What the database has said.
        """
        with self._making:
            if table in self._changed and self._changed[table]() is layer:
                return
            self._changed[table] = weakref.ref(layer)
        log.warning("the table %s was changed, which is being followed: %s", table, error)

    def _note_answer(self) -> None:
        """Say once that the database answers again; not between two failures of one outage."""
        if self._is_said and time.monotonic() - self._failed_at_s > limits.LARGE_CALM_S:
            self._is_said = False
            log.info("large layers are asked in the database again")

    def _open(self) -> ConnectionPool[Any]:
        """Return the pool of this process, which is made when somebody first asks."""
        with self._making:
            if self._pool is None or self._process != os.getpid():
                try:
                    from psycopg_pool import ConnectionPool  # noqa: PLC0415 -- only an extra brings it
                except ImportError as error:
                    raise MissingPackageError(
                        N_("a city in PostGIS needs the package {package}, which is not installed"),
                        mend=N_('Install it with pip install "mapserver[postgis]"'),
                        package="psycopg_pool",
                    ) from error
                # What it logs of each attempt is said by us, once for a question and in our form.
                logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
                self._pool = ConnectionPool(
                    self._address.conninfo,
                    min_size=0,
                    max_size=limits.LARGE_CONNECTIONS,
                    max_waiting=limits.LARGE_WAITING,
                    max_idle=limits.LARGE_IDLE_S,
                    reconnect_timeout=limits.LARGE_PATIENCE_S,
                    check=ConnectionPool.check_connection,
                    kwargs={
                        "connect_timeout": limits.STORE_CONNECT_S,
                        "application_name": "mapserver",
                        "cursor_factory": make_cursor_type(),
                        "prepare_threshold": None,
                    },
                    open=True,
                )
                self._process = os.getpid()
            return self._pool

    def _describe_rest(self) -> StoreAwayError:
        return StoreAwayError(
            N_("the database does not answer: {reason}"),
            where=self._address.label,
            mend=N_("Look whether PostgreSQL runs there and has connections left"),
            reason="it did not a moment ago",
        )
