"""SQL of ours with names and parts in it: names are quoted, so that none can act as SQL."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import AdaptContext
    from psycopg.sql import Composable, Composed


def compose(text: str, **names: str) -> Composed:
    """Put names of schemas, tables and columns into SQL, each quoted: none can act as SQL."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    return sql.SQL(text).format(**{key: sql.Identifier(name) for key, name in names.items()})


def write_sql(text: str, *parts: Composable) -> Composed:
    """Put parts of SQL, names among them, into SQL of ours; values are bound by ``%s``."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    return sql.SQL(text).format(*parts)


def write_finite(column: Composable) -> Composable:
    """Write a column of floating-point numbers without NaN and Infinity, which are unknown here.

    PostgreSQL orders NaN behind Infinity, so that one comparison finds both.
    """
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    return sql.SQL("(CASE WHEN {0} > '-Infinity' AND {0} < 'Infinity' THEN {0} END)").format(column)


def double_percents(query: Composable, context: AdaptContext) -> Composable:
    """Double each ``%`` of names and literals, so that it is none of a value's place.

    The driver reads ``%`` in the whole text of a query that has values, quoted names among it; a
    query without values it sends as it is, so that this is only for those that have some.
    """
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    if isinstance(query, sql.Composed):
        return sql.Composed([double_percents(part, context) for part in query])
    if isinstance(query, sql.Identifier | sql.Literal):
        text: Any = query.as_string(context).replace("%", "%%")
        return sql.SQL(text)
    return query


@cache
def make_cursor_type() -> type[psycopg.Cursor[Any]]:
    """Make the type of our cursors: names with a ``%`` in them are names there, too."""
    import psycopg  # noqa: PLC0415 -- only an extra brings it
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    class NameCursor(psycopg.Cursor[Any]):
        """A cursor whose queries may have values beside names of any letters.

        Attributes
        ----------
        find_rest_s
            Returns how many seconds are left for all that is still run; None without a bound.
        """

        find_rest_s: Callable[[], float] | None = None

        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            """Run a query, within the time that is left."""
            if self.find_rest_s is not None:
                # The database bounds each statement, and a question has several: a lock that each
                # of them waits for would be waited for again and again.
                rest_ms = max(int(self.find_rest_s() * 1000), 1)
                super().execute(f"SET LOCAL statement_timeout = {rest_ms}")
            if params is not None and isinstance(query, sql.Composable):
                query = double_percents(query, self)
            return super().execute(query, params, **options)

    return NameCursor
