"""Columns of a large table that were changed, before who follows the table has seen it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, StoreAwayError, StoreChangedError, StoreError
from mapserver.stores.columns import GEOMETRY, ID, ROW, list_columns

if TYPE_CHECKING:
    import psycopg

    from mapserver.stores.pool import QuestionPool


@contextmanager
def ask_table(  # noqa: PLR0913 -- what is known of the table
    pool: QuestionPool,
    layer: object,
    id_: str,
    place: tuple[str, str],
    kinds: Mapping[str, str],
    *,
    has_row: bool,
) -> Iterator[psycopg.Cursor[Any]]:
    """Yield a cursor for questions about the table of a layer, as ``QuestionPool.ask`` does.

    Parameters
    ----------
    pool
        Asks the database.
    layer
        Of which there is another one as soon as a change is followed.
    id_
        Of the layer.
    place
        Schema and table: names of any letters.
    kinds
        The type of each column that it had, but for id, geometry and order.
    has_row
        Whether it had a column for the order.

    Raises
    ------
    StoreChangedError
        The table has other columns since, and whoever follows it has not yet seen that.
    StoreError
        The database refuses the question or is away.
    """
    try:
        with pool.ask() as cursor:
            yield cursor
    except StoreAwayError:
        raise
    except StoreError as error:
        with pool.ask() as cursor:
            if not _is_changed(cursor, *place, kinds, has_row=has_row):
                raise
        pool.note_change(layer, '"{}"."{}"'.format(*place), error)
        raise StoreChangedError(
            N_("the table of {layer} has just been changed in the database"),
            mend=N_("Ask again in a moment"),
            layer=id_,
        ) from None


def _is_changed(
    cursor: psycopg.Cursor[Any], schema: str, table: str, kinds: Mapping[str, str], *, has_row: bool
) -> bool:
    """Return whether a table has other columns than it had.

    It has not where it is gone: that does not pass by itself.
    """
    present = list_columns(cursor, schema, table)
    # Columns that every table has are no part of what the layer knows of its own.
    common = {ID, GEOMETRY, ROW}
    present_kinds = {name: kind for name, kind in present.items() if name not in common}
    is_whole = {ID, GEOMETRY} <= set(present) and (ROW in present) == has_row
    return bool(present) and not (is_whole and present_kinds == kinds)
