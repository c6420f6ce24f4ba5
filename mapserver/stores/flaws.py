"""Rows of large layers that the database could not answer about: they cost no other an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, printable
from mapserver.settings import limits
from mapserver.stores.columns import GEOMETRY, ID
from mapserver.stores.quoting import compose, write_sql
from mapserver.stores.table_faults import UnreadPlacesError, describe_rows
from mapserver.stores.tables import StoredTable
from mapserver.text.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg
    from psycopg.sql import Composable

# Functions of PostGIS refuse a whole question for one row in another system; the libraries under
# them refuse surfaces, and rings of which a coordinate is no number (its eight bytes are these).
FIND_PLACES = r"""
SELECT {id}::text, CASE WHEN ST_SRID({geom}) <> 4326 THEN 'SRID ' || ST_SRID({geom})
    ELSE GeometryType({geom}) END
FROM {schema}.{table}
WHERE {geom} IS NOT NULL AND (
    NOT %s AND (
        ST_SRID({geom}) <> 4326
        OR GeometryType({geom}) IN ('TIN', 'TRIANGLE', 'POLYHEDRALSURFACE')
    )
    OR position('\x000000000000f87f'::bytea IN ST_AsBinary({geom}, 'NDR')) > 0
) LIMIT %s
"""
FIND_IDS = """
SELECT coalesce({id}::text, ''), count(*), {id} IS NULL FROM {schema}.{table}
GROUP BY {id} HAVING {id} IS NULL OR count(*) > 1 LIMIT %s
"""
IS_BOUND = """
SELECT postgis_typmod_srid(a.atttypmod) = 4326
    AND postgis_typmod_type(a.atttypmod) ~* '^(Multi)?(Point|LineString|Polygon)Z?M?$'
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attname = %s
"""
"""Whether the type of a column lets in no other system and no surface, so that none is looked for:
of a million rows that takes a second."""
IS_KEY = """
SELECT EXISTS (
    SELECT FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
    WHERE n.nspname = %s AND c.relname = %s AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND a.attnotnull
)
"""


@dataclass(frozen=True, slots=True)
class Flaws:
    """Rows of a table that are not asked as they are.

    Attributes
    ----------
    unread
        Why a row has no place that can be asked, by id; it is served without one.
    doubled
        Ids that several rows have; these rows are left out.
    left_out
        How many rows are left out, those without an id among them.
    """

    unread: Mapping[str, str] = field(default_factory=dict)
    doubled: Sequence[str] = ()
    left_out: int = 0

    def write_rows(
        self, schema: str, table: str, columns: Sequence[str], alias: str = "_sound"
    ) -> Composable:
        """Write the rows of the table without these flaws, to be asked in its place.

        The table itself where it has none: only then the indexes of places and keys serve.
        """
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        if not self.unread and not self.left_out:
            return sql.Identifier(schema, table)
        return write_sql(
            "(SELECT {}, CASE WHEN {}::text = ANY({}) THEN NULL ELSE {} END AS {} FROM {} "
            "WHERE {} IS NOT NULL AND {}::text <> ALL({})) AS {}",
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.Identifier(ID),
            sql.Literal(list(self.unread)),
            sql.Identifier(GEOMETRY),
            sql.Identifier(GEOMETRY),
            sql.Identifier(schema, table),
            sql.Identifier(ID),
            sql.Identifier(ID),
            sql.Literal(list(self.doubled)),
            sql.Identifier(alias),
        )

    def describe(self, table: StoredTable, schema: str) -> tuple[Finding, ...]:
        """Describe the rows, so that somebody mends them."""
        findings = describe_rows(table, schema, self.unread)
        if self.left_out:
            ids = [printable(id_)[:40] for id_ in self.doubled[: limits.MAX_NAMED_ROWS]]
            findings += (
                Finding(
                    Severity.ERROR,
                    "id-unusable",
                    table.source,
                    N_(
                        "rows of the table {table} of the database have no id, or one that another "
                        "row has, and are left out: {count} ({ids})"
                    ),
                    N_("Give each row an id of its own, and make id the key of the table again"),
                    values={
                        "table": table.name,
                        "count": self.left_out,
                        "ids": ", ".join(ids) or "-",
                    },
                ),
            )
        return findings


def find_flaws(cursor: psycopg.Cursor[Any], schema: str, table: str) -> Flaws:
    """Find the rows of a large table that the database could not answer about.

    Raises
    ------
    UnreadPlacesError
        There are so many that the table itself is at fault.
    """
    names = {"schema": schema, "table": table, "id": ID, "geom": GEOMETRY}
    most = limits.MAX_FLAWED_ROWS
    cursor.execute(IS_BOUND, [schema, table, GEOMETRY])
    is_bound = cursor.fetchone() == (True,)
    cursor.execute(compose(FIND_PLACES, **names), [is_bound, most + 1])
    unread = {str(id_): str(reason) for id_, reason in cursor.fetchall()}
    cursor.execute(IS_KEY, [schema, table])
    doubles: list[Any] = []
    if cursor.fetchone() != (True,):
        cursor.execute(compose(FIND_IDS, **names), [most + 1])
        doubles = cursor.fetchall()
    if len(unread) > most or len(doubles) > most:
        reason = next(iter(unread.values()), "id")
        raise UnreadPlacesError(f"{most}+ {reason}")
    return Flaws(
        unread,
        [id_ for id_, _, is_missing in doubles if not is_missing],
        sum(count for _, count, _ in doubles),
    )
