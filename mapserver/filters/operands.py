"""Values of a filter: a column or a constant as an array, its kind, and what of it is unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.errors import N_, Phrase, QueryError

Mask = npt.NDArray[np.bool_]


class Kind(StrEnum):
    """What a value is; only values of one kind can be compared."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    GEOMETRY = "geometry"
    ARRAY = "array"
    NULL = "null"


KIND_NAMES = {
    Kind.TEXT: N_("a text"),
    Kind.NUMBER: N_("a number"),
    Kind.BOOLEAN: N_("true or false"),
    Kind.DATE: N_("a date"),
    Kind.TIMESTAMP: N_("a time"),
    Kind.GEOMETRY: N_("a geometry"),
    Kind.ARRAY: N_("a list"),
    Kind.NULL: N_("nothing"),
}
"""What messages call the kinds."""

EMPTY_VALUES: dict[Kind, object] = {
    Kind.TEXT: "",
    Kind.NUMBER: 0.0,
    Kind.BOOLEAN: False,
    Kind.DATE: 0,
    Kind.TIMESTAMP: 0,
    Kind.ARRAY: (),
}
"""What stands in the place of an unknown value, so that whole arrays can be computed with."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One value for each feature, or one for all of them.

    Attributes
    ----------
    kind
        Of all values.
    values
        Array ``(n,)``, or ``(1,)`` for a constant, which NumPy repeats: text and lists as objects,
        numbers as float64, dates as int64 days since 1970, timestamps as int64 microseconds since
        1970 (UTC), geometries as objects of shapely. Where a value is unknown, what stands there
        means nothing.
    is_unknown
        Array of the same length: where the value is missing or cannot be computed.
    name
        What messages call it: the name of the property, or the constant as it was written.
    is_constant
        Whether it was written in the filter, and is no property or result.
    read_moment
        Reads the texts of a column as the dates or times that all of them are; None where they
        are not, and for all else.
    """

    kind: Kind
    values: npt.NDArray[Any]
    is_unknown: Mask
    name: str
    is_constant: bool = False
    read_moment: Callable[[], Operand | None] = lambda: None


def make_constant(kind: Kind, value: object, name: str) -> Operand:
    """Return a constant of the filter as an operand with one value."""
    dtypes: dict[Kind, type] = {
        Kind.NUMBER: np.float64,
        Kind.BOOLEAN: np.bool_,
        Kind.DATE: np.int64,
        Kind.TIMESTAMP: np.int64,
    }
    # An empty array is filled afterwards: NumPy would make an array of arrays from a list.
    values: npt.NDArray[Any] = np.empty(1, dtype=dtypes.get(kind, object))
    values[0] = value
    return Operand(kind, values, np.zeros(1, dtype=bool), name, is_constant=True)


def change_texts(texts: npt.NDArray[Any], change: Callable[[str], object]) -> npt.NDArray[Any]:
    """Return what a function makes of each text; columns repeat the same few texts."""
    # Each different text is changed once, and looked up for all its rows.
    results = {text: change(text) for text in set(texts)}
    changed = np.empty(len(texts), dtype=object)
    changed[:] = [results[text] for text in texts]
    return changed


def make_null() -> Operand:
    """Return the constant NULL, which is unknown everywhere."""
    return Operand(Kind.NULL, np.zeros(1), np.ones(1, dtype=bool), "NULL", is_constant=True)


def make_booleans(values: Mask, is_unknown: Mask, name: str = "") -> Operand:
    """Return the answers of a predicate; where it is unknown, the answer counts as no."""
    return Operand(Kind.BOOLEAN, values & ~is_unknown, is_unknown, name)


def describe_kind(kind: Kind) -> Phrase:
    """Return the kind as messages call it, translated with them."""
    return Phrase(KIND_NAMES[kind])


def require_kind(
    operand: Operand, kinds: tuple[Kind, ...], operation: str | Phrase, mend: str = ""
) -> None:
    """Check that a value is of one of some kinds.

    Raises
    ------
    QueryError
        It is of another kind; the message names the value, its kind and the first kind wanted.
    """
    if operand.kind in kinds or operand.kind is Kind.NULL:
        return
    raise QueryError(
        N_("{operation} needs {wanted}, and {name} is {given}"),
        parameter="filter",
        mend=mend or N_("Ask for it in another way, or name another property"),
        operation=operation,
        wanted=describe_kind(kinds[0]),
        name=operand.name or "?",
        given=describe_kind(operand.kind),
    )


def require_count(arguments: list[Any], count: int, operation: str) -> None:
    """Check how many values an operation or function was given.

    Raises
    ------
    QueryError
        It was given more or fewer.
    """
    if len(arguments) != count:
        raise QueryError(
            N_("{operation} takes {count} values, and here it has {given}"),
            parameter="filter",
            operation=operation,
            count=count,
            given=len(arguments),
        )
