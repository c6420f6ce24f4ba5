"""What must hold of features, as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mapserver.stores.quoting import write_sql

if TYPE_CHECKING:
    from psycopg.sql import Composable


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL.

    Attributes
    ----------
    sql
        With ``%s`` for each value.
    values
        The values, in their order.
    """

    sql: Composable
    values: tuple[Any, ...] = ()

    def __and__(self, condition: Condition) -> Condition:
        """Return that both hold."""
        return Condition(
            write_sql("({} AND {})", self.sql, condition.sql), self.values + condition.values
        )

    def __or__(self, condition: Condition) -> Condition:
        """Return that one of them holds."""
        return Condition(
            write_sql("({} OR {})", self.sql, condition.sql), self.values + condition.values
        )
