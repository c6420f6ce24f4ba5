"""Query parameters: read strictly, refused by name."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from mapserver.errors import N_, QueryError
from mapserver.settings import limits
from mapserver.web.refusals import refuse_value

BBox = tuple[float, float, float, float]
WHOLE = re.compile(r"[-+]?\d+", re.ASCII)


class Parameters:
    """The query parameters of one request.

    Parameters
    ----------
    pairs
        Names and values, as the client sent them.
    allowed
        The names that mean something here.

    Raises
    ------
    QueryError
        A name is unknown, or given twice.
    """

    __slots__ = ("_query",)

    def __init__(self, pairs: Sequence[tuple[str, str]], allowed: Collection[str]) -> None:
        for name, _ in pairs:
            if name not in allowed:
                raise QueryError(
                    N_("there is no parameter {name}"),
                    parameter=name,
                    mend=N_("Known here: {allowed}"),
                    name=repr(name),
                    allowed=", ".join(sorted(allowed)),
                )
        # A dictionary keeps the last of equal names, so a shorter one means that some were equal.
        self._query = dict(pairs)
        if len(self._query) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise QueryError(N_("given more than once"), parameter=twice)

    @classmethod
    def from_checked(cls, query: dict[str, str]) -> Parameters:
        """Return parameters whose names were checked already, with those of an equal question."""
        parameters = cls.__new__(cls)
        parameters._query = query
        return parameters

    def text(self, name: str, default: str) -> str:
        """Return a text, or the default when the parameter is not there."""
        return self._query.get(name, default)

    def __contains__(self, name: str) -> bool:
        """Return whether a parameter is there."""
        return name in self._query

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None when the parameter is not there."""
        return self._query.get(name)

    def names(self, name: str, choices: Collection[str]) -> list[str] | None:
        """Return a list of names with commas between; None when the parameter is not there.

        Parameters
        ----------
        name
            Of the parameter.
        choices
            The names that there are. One of them may hold commas: the most parts that are
            together such a name are one; what is none stays a part of its own.
        """
        text = self._query.get(name)
        if text is None:
            return None
        parts = text.split(",")
        # A name with two commas is of three parts, so no run needs to be longer.
        longest = 1 + max((choice.count(",") for choice in choices), default=0)
        names: list[str] = []
        start = 0
        while start < len(parts):
            ends = range(min(start + longest, len(parts)), start, -1)
            runs = ((end, ",".join(parts[start:end])) for end in ends)
            # Spaces around a name are none of it, unless there is a name that has them.
            tried = ((end, form) for end, run in runs for form in (run, run.strip()))
            unknown = start + 1, parts[start].strip()
            start, text = next((pair for pair in tried if pair[1] in choices), unknown)
            names.append(text)
        if not all(names):
            raise QueryError(
                N_("a name is empty"),
                parameter=name,
                mend=N_("Write the names with commas between"),
            )
        return names

    def number(self, name: str) -> float:
        """Return a finite number that must be there."""
        text = self._query.get(name)
        if text is None or not text.strip():
            raise QueryError(N_("missing"), parameter=name, mend=N_("Give a number"))
        return read_number(name, text)

    def optional_number(self, name: str) -> float | None:
        """Return a finite number, or None when the parameter is not there."""
        return self.number(name) if name in self._query else None

    def integer(self, name: str, default: int, *, minimum: int) -> int:
        """Return a whole number that is at least ``minimum``, cut to ``limits.MAX_INTEGER``."""
        text = self._query.get(name, str(default)).strip()
        is_plain = text.isascii() and text.isdecimal()
        if is_plain and len(text) > limits.MAX_INTEGER_DIGITS:
            raise QueryError(
                N_("a number of {count} digits is longer than any that is read"),
                parameter=name,
                mend=N_("Give a number of {most} digits at most"),
                count=len(text),
                most=limits.MAX_INTEGER_DIGITS,
            )
        # Signs, spaces between digits and digits of other scripts are no plain whole number.
        if not is_plain or int(text) < minimum:
            raise QueryError(
                N_("{value} is not a whole number from {least}"),
                parameter=name,
                value=repr(text[:40]),
                least=minimum,
            )
        return min(int(text), limits.MAX_INTEGER)

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """Return one of some values."""
        value = self._query.get(name, default)
        if value not in choices:
            raise refuse_value(name, value, choices)
        return value

    def box(self, name: str, mend: str) -> BBox | None:
        """Return the four numbers of a box as they stand; heights of six are left out.

        Parameters
        ----------
        name
            Name of the parameter.
        mend
            How a box is written in its reference system, for the error where it has other numbers.
        """
        text = self._query.get(name)
        if text is None:
            return None
        numbers = read_numbers(name, text)
        # West, south, lowest, east, north, highest (RFC 7946, 5): heights select nothing here.
        if len(numbers) == 6:
            numbers = [numbers[i] for i in (0, 1, 3, 4)]
        if len(numbers) != 4:
            raise QueryError(
                N_("a box has 4 or 6 numbers"),
                parameter=name,
                mend=mend,
            )
        first, second, third, fourth = numbers
        return first, second, third, fourth


def require_box(box: BBox, mend: str) -> BBox:
    """Check that a box in degrees is a place on earth.

    Parameters
    ----------
    box
        West, south, east, north; over 180 degrees the east is less than the west.
    mend
        How a box is written in the reference system that it was given in.

    Raises
    ------
    QueryError
        It is none.
    """
    west, south, east, north = box
    # Written so that NaN fails, which compares false with everything.
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        raise QueryError(
            N_("the box is no place on earth"),
            parameter="bbox",
            mend=mend,
        )
    return box


def read_number(name: str, text: str) -> float:
    """Read a parameter that is a finite number.

    Raises
    ------
    QueryError
        It is none, is not one (NaN), or is beyond all numbers (1e999).
    """
    try:
        value = read_float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise QueryError(
            N_("{value} is not a number"),
            parameter=name,
            mend=N_("Write it with a decimal point, for example 126.85"),
            value=repr(text[:40]),
        )
    return value


def read_whole(name: str, text: str) -> int:
    """Read a parameter that is a whole number, with all of its digits.

    Raises
    ------
    QueryError
        It is none.
    """
    number = read_number(name, text)
    if not number.is_integer():
        raise QueryError(N_("{value} is no whole number"), parameter=name, value=repr(text[:40]))
    # Codes of parcels have 19 digits, of which a float keeps 15.
    return int(text) if WHOLE.fullmatch(text.strip()) else int(number)


def read_numbers(name: str, text: str) -> list[float]:
    """Read a parameter that is finite numbers with commas between.

    Raises
    ------
    QueryError
        One of them is no finite number; it is named as :func:`read_number` does.
    """
    parts = text.split(",")
    try:
        numbers = [*map(float, parts)]
    except ValueError:
        numbers = [math.nan]
    # A sum is finite only if all of it is. Else, and where "1_000" may be among them, which is a
    # number to float() alone, each is looked at by itself.
    if "_" in text or not math.isfinite(sum(numbers)):
        return [read_number(name, part) for part in parts]
    return numbers


def read_float(text: str) -> float:
    """Read a number as it is written in data; ``1_000`` is a number in programs alone.

    Raises
    ------
    ValueError
        It is none.
    """
    if "_" in text:
        raise ValueError(text)
    return float(text)
