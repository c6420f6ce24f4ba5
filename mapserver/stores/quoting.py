"""SQL of ours with names and parts in it: names are quoted, so that none can act as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.sql import Composable, Composed


def compose(text: str, **names: str) -> Composed:
    """Put names of schemas, tables and columns into SQL, each quoted: none can act as SQL."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    return sql.SQL(text).format(**{key: sql.Identifier(name) for key, name in names.items()})


def write_sql(text: str, *parts: Composable) -> Composed:
    """Put parts of SQL, names among them, into SQL of ours; values are bound by ``%s``."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    return sql.SQL(text).format(*parts)
