"""Connections to PostgreSQL: made in time, and what goes wrong is one line without a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, MissingPackageError, StoreAwayError, StoreError, StoreSlowError
from mapserver.settings import limits
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.quoting import make_cursor_type

if TYPE_CHECKING:
    import psycopg

AWAY_CLASSES = ("08", "53", "57")
"""Classes of SQLSTATE of a database that is away, has no room left, or is told to stop."""
AWAY_CODES = ("55P03", "40001", "40P01", "25P03")
"""Locks that are not free in time, two transactions in each other's way, idle ones ended."""
CANCELED = "57014"
"""A statement that took longer than it may."""
SYNTAX_ERROR = "42601"
"""SQL that no database would understand, which nobody but this program has written."""
RELATION = re.compile(r'(?:relation|table|view|schema) "?([^"\s]+)"?')
"""How PostgreSQL names the table of which it speaks."""
MENDS = (
    (r"password", False, N_("Correct user and password; a password may stand in ~/.pgpass, too")),
    (r"pg_hba\.conf", False, N_("Have the database's pg_hba.conf let this user in from here")),
    (r'role ".*" does not exist', False, N_("Correct the user of the address")),
    (
        r'database ".*" does not exist',
        False,
        N_("Correct the name of the database, or make it with createdb"),
    ),
    (r"permission denied", False, N_("Grant the role what docs/postgis.md lists")),
    (
        r"SSL|sslmode",
        False,
        N_("Correct sslmode of the address, or have the server offer SSL"),
    ),
    (r"host name|resolve host|Name or service", True, N_("Correct the host of the address")),
)
"""What PostgreSQL says, whether that may pass by itself, and how to mend it. In other languages
than English the general advice holds."""


class QuestionMistakeError(Exception):
    """A question to a database was wrong in itself, by a mistake of this program."""


def import_psycopg() -> Any:
    """Import the driver.

    Raises
    ------
    MissingPackageError
        It is not installed: only those who keep a city in a database need it.
    """
    try:
        import psycopg  # noqa: PLC0415 -- only an extra brings it
    except ImportError as error:
        raise MissingPackageError(
            N_("a city in PostGIS needs the package {package}, which is not installed"),
            mend=N_('Install it with pip install "mapserver[postgis]"'),
            package=error.name or "psycopg",
        ) from error
    return psycopg


def connect(address: StoreAddress, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """Connect to a database.

    Raises
    ------
    MissingPackageError
        The driver is not installed.
    StoreAwayError
        The database cannot be reached now.
    StoreError
        It does not let us in.
    """
    driver = import_psycopg()
    with translate_store_errors(address):
        connection: psycopg.Connection[Any] = driver.connect(
            address.conninfo,
            autocommit=autocommit,
            connect_timeout=limits.STORE_CONNECT_S,
            # A machine that is gone must not be waited for: 15 s until a broken line is seen.
            keepalives_idle=5,
            keepalives_interval=5,
            keepalives_count=2,
            tcp_user_timeout=15_000,
            application_name="mapserver",
            cursor_factory=make_cursor_type(),
            prepare_threshold=None,  # poolers such as pgbouncer hand each transaction to another
        )
    return connection


def bound_transaction(cursor: psycopg.Cursor[Any], seconds: float, *, reads: bool = False) -> None:
    """Bound how long statements of this transaction may take, and fix how values are written.

    Set for the transaction alone, since a pooler may give the session to others afterwards.

    Parameters
    ----------
    cursor
        Within a transaction that has just begun.
    seconds
        For each statement.
    reads
        Whether it only reads, from one state of the database.
    """
    if reads:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    # The digests of rows are of their text, which must not depend on whose session it is.
    cursor.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true), "
        "set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true), "
        "set_config('IntervalStyle', 'iso_8601', true), set_config('bytea_output', 'hex', true), "
        # To compile a question takes longer than these do.
        "set_config('extra_float_digits', '1', true), set_config('jit', 'off', true)",
        [f"{int(seconds * 1000)}", f"{limits.STORE_LOCK_S * 1000}"],
    )


@contextmanager
def translate_store_errors(address: StoreAddress) -> Iterator[None]:
    """Turn what the driver raises into a sentence that says what is wrong and how to mend it."""
    psycopg = import_psycopg()
    try:
        yield
    except psycopg.Error as error:
        if is_own_mistake(error):
            # Not of the database, which has done nothing: nobody has to wait for it.
            reason = address.hide_secrets(str(error))[:300]
            trace = error.__traceback__
            raise QuestionMistakeError(f"{type(error).__name__}: {reason}").with_traceback(
                trace
            ) from None
        # Nothing of the driver's error is kept: its attributes hold how we connected.
        raise describe_store_error(error, address) from None


def is_own_mistake(error: Exception) -> bool:
    """Return whether a question was wrong in itself: ours, and no matter of the database."""
    psycopg = import_psycopg()
    # Without a code of the server, the driver itself has refused to send it.
    is_unsent = not getattr(error, "sqlstate", None) and isinstance(
        error, psycopg.ProgrammingError | psycopg.DataError | psycopg.NotSupportedError
    )
    return is_unsent or getattr(error, "sqlstate", None) == SYNTAX_ERROR


def is_of_one_question(error: Exception) -> bool:
    """Return whether the database refuses one question, and may well answer others."""
    code = str(getattr(error, "sqlstate", None) or "")
    is_away = code.startswith(AWAY_CLASSES) or code in {*AWAY_CODES, CANCELED}
    return bool(code) and not is_away and not is_own_mistake(error)


def describe_store_error(error: Exception, address: StoreAddress) -> StoreError:
    """Describe an error of the driver."""
    reason = address.hide_secrets(str(error)).removeprefix("connection failed: ")
    code = str(getattr(error, "sqlstate", None) or "")
    known = (each for each in MENDS if re.search(each[0], str(error)))
    # Without a code nothing came from a server, and without known words nobody has refused.
    _, may_pass, mend = next(known, ("", not code, ""))
    if code == CANCELED:
        return StoreSlowError(
            N_("the database takes too long over it"),
            where=address.label,
            mend=N_("Ask for less at once, or have an index made for what is asked"),
        )
    if code.startswith(AWAY_CLASSES) or code in AWAY_CODES or may_pass:
        return StoreAwayError(
            N_("the database does not answer: {reason}"),
            where=address.label,
            mend=mend or N_("Look whether PostgreSQL runs there and has connections left"),
            reason=reason[:300],
        )
    return StoreError(
        N_("the database refuses: {reason}"),
        where=address.label,
        mend=mend,
        reason=reason[:300],
        table=table.group(1)[:130] if (table := RELATION.search(reason)) else "",
    )


def require_postgis(cursor: psycopg.Cursor[Any], address: StoreAddress) -> None:
    """See to it that the database has PostGIS, and that its functions are found.

    Raises
    ------
    StoreError
        It has not, and this role may not add it.
    """
    import psycopg  # noqa: PLC0415 -- only an extra brings it

    if not _find_postgis(cursor):
        cursor.execute("SAVEPOINT extension")
        try:
            cursor.execute("CREATE EXTENSION postgis")
        except psycopg.Error as error:
            cursor.execute("ROLLBACK TO SAVEPOINT extension")
            raise StoreError(
                N_("the database has no PostGIS: {reason}"),
                where=address.label,
                mend=N_("Have a superuser run CREATE EXTENSION postgis in it"),
                reason=address.hide_secrets(str(error))[:200],
            ) from None
        _find_postgis(cursor)


def _find_postgis(cursor: psycopg.Cursor[Any]) -> bool:
    """Let the functions of PostGIS be found in this transaction; return whether there are any."""
    cursor.execute(
        "SELECT set_config('search_path', quote_ident(n.nspname) || ', pg_catalog', true) "
        "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'postgis'"
    )
    return cursor.fetchone() is not None
