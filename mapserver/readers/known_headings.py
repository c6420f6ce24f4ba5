"""Names of columns that registers of Korea have, by which the encoding of a table is told."""

from __future__ import annotations

from itertools import chain

from mapserver.model import LEDGERS, ROLES
from mapserver.text.header_row import Synonyms, simplify_name


def list_known_headings(columns: Synonyms | None = None) -> frozenset[str]:
    """List the Korean names of columns that the program knows, as headers are compared.

    Parameters
    ----------
    columns
        Those that a reader looks for, beside those of every role and ledger.
    """
    tables = [*(ledger.synonyms for ledger in LEDGERS.values()), columns or {}]
    rows = [role.row for role in ROLES.values()]
    names = chain(
        *(chain(table, *table.values()) for table in tables),
        *(chain(row.id_columns, row.name_columns, *row.known_columns.values()) for row in rows),
    )
    return frozenset(simplify_name(name) for name in names if not name.isascii())
