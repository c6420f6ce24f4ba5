"""Comparisons of values of one kind: six operators, BETWEEN, IN, LIKE and IS NULL."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mapserver.errors import N_, QueryError
from mapserver.filters.logic import combine_and, combine_or
from mapserver.filters.moments import find_day_bounds, read_moment
from mapserver.filters.operands import (
    Kind,
    Mask,
    Operand,
    change_texts,
    describe_kind,
    make_booleans,
    make_constant,
    require_kind,
)

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARABLE = {Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP}
MOMENTS = {Kind.DATE, Kind.TIMESTAMP}
TEXT_MEND = N_(
    "A property of texts counts as dates where each of them is a day (2026-11-26), and as times "
    "where each is one with its offset (2026-11-26T09:00:00Z); others are compared with texts in "
    "single quotes"
)
"""What to do about texts that are no dates or times."""


def compare(sign: str, left: Operand, right: Operand, zone: dt.tzinfo) -> Operand:
    """Compare two values by one of the six operators.

    Parameters
    ----------
    sign
        A key of ``OPERATORS``.
    left, right
        Of one kind, or a date and a time: a time is then earlier than, in or later than the day.
        A constant text that is a date or time, and a column all of whose texts are, can be
        compared with those.
    zone
        In which days begin.

    Raises
    ------
    QueryError
        They are of kinds that cannot be compared.
    """
    left, right = match_kinds(sign, left, right, zone)
    is_unknown = left.is_unknown | right.is_unknown
    if Kind.NULL in {left.kind, right.kind}:
        nothing = np.ones(is_unknown.shape, dtype=bool)
        return make_booleans(~nothing, nothing)
    if left.kind is not right.kind:
        return make_booleans(_compare_with_days(sign, left, right, zone), is_unknown)
    values = np.asarray(OPERATORS[sign](left.values, right.values), dtype=bool)
    return make_booleans(values, is_unknown)


def match_kinds(
    operation: str, left: Operand, right: Operand, zone: dt.tzinfo
) -> tuple[Operand, Operand]:
    """Return two operands that can be compared, with texts read as dates or times beside such.

    Of two columns of texts that are dates or times both are read so.

    Raises
    ------
    QueryError
        They are of kinds that cannot be compared.
    """
    is_either = left.kind in MOMENTS or right.kind in MOMENTS
    is_both = not left.is_constant and not right.is_constant
    if is_either or (is_both and left.read_moment() and right.read_moment()):
        left, right = read_text_moments(left, zone), read_text_moments(right, zone)
    kinds = {left.kind, right.kind}
    if Kind.NULL in kinds or kinds <= MOMENTS or (len(kinds) == 1 and kinds <= COMPARABLE):
        return left, right
    raise QueryError(
        N_("{operation} cannot compare {left} ({left_kind}) with {right} ({right_kind})"),
        parameter="filter",
        mend=TEXT_MEND
        if Kind.TEXT in kinds and kinds & MOMENTS
        else N_("Compare values of one kind: texts stand in single quotes, numbers do not"),
        operation=operation,
        left=left.name or "?",
        left_kind=describe_kind(left.kind),
        right=right.name or "?",
        right_kind=describe_kind(right.kind),
    )


def read_text_moments(operand: Operand, zone: dt.tzinfo) -> Operand:
    """Return a text of the filter, or a column of texts, as the dates or times that they are.

    A column of which not all texts are such stays what it is.

    Raises
    ------
    QueryError
        The text of the filter is neither.
    """
    if operand.kind is not Kind.TEXT:
        return operand
    if not operand.is_constant:
        return operand.read_moment() or operand
    kind, value = read_moment(str(operand.values[0]), zone)
    return make_constant(kind, value, operand.name)


def _compare_with_days(sign: str, left: Operand, right: Operand, zone: dt.tzinfo) -> Mask:
    """Compare a time with a whole day, so that exactly one of ``<``, ``=`` and ``>`` holds."""
    moment, day = (left, right) if left.kind is Kind.TIMESTAMP else (right, left)
    first, last = find_day_bounds(day.values, zone)
    # -1, 0 and 1: before, in and after the day; the other way round where the day stands left.
    side = (moment.values > last).astype(np.int8) - (moment.values < first).astype(np.int8)
    return np.asarray(OPERATORS[sign](side if moment is left else -side, 0), dtype=bool)


def is_between(value: Operand, low: Operand, high: Operand, zone: dt.tzinfo) -> Operand:
    """Return whether a value is in a range, its ends included."""
    return combine_and(compare(">=", value, low, zone), compare("<=", value, high, zone))


def is_in(value: Operand, options: Iterable[Operand], zone: dt.tzinfo) -> Operand:
    """Return whether a value equals one of several; unknown where only an unknown one is left.

    Parameters
    ----------
    value
        What is looked for.
    options
        Made one after the other, so that those of a long list do not take memory together.
    zone
        In which days begin.
    """
    constants: dict[Kind, set[Any]] = {}
    read: dict[Kind, Operand] = {}
    answer = make_booleans(np.zeros(value.values.shape, dtype=bool), value.is_unknown)
    for option in options:
        looked_for, matched = match_kinds("IN", value, option, zone)
        if matched.is_constant and matched.kind is looked_for.kind and not value.is_constant:
            # Constants of the same kind are looked up all at once, however many there are.
            constants.setdefault(matched.kind, set()).add(matched.values[0])
            read[matched.kind] = looked_for
        else:
            answer = combine_or(answer, compare("=", value, option, zone))
    for kind, wished in constants.items():
        if kind is Kind.TEXT:
            hits = change_texts(read[kind].values, wished.__contains__).astype(bool)
        else:
            hits = np.isin(read[kind].values, np.array(list(wished)))
        answer = combine_or(answer, make_booleans(hits, read[kind].is_unknown))
    return answer


def is_null(value: Operand) -> Operand:
    """Return where a value is missing; that is always known."""
    return make_booleans(value.is_unknown.copy(), np.zeros(value.is_unknown.shape, dtype=bool))


def is_like(value: Operand, pattern: Operand) -> Operand:
    """Return which texts a pattern fits.

    Parameters
    ----------
    value
        Texts.
    pattern
        A constant, folded as the texts are where it stands in CASEI or ACCENTI.

    Raises
    ------
    QueryError
        The value is no text, or the pattern none that was written in the filter.
    """
    require_kind(value, (Kind.TEXT,), "LIKE")
    require_kind(pattern, (Kind.TEXT,), "LIKE")
    if Kind.NULL in {value.kind, pattern.kind}:
        return compare("=", value, pattern, dt.UTC)
    if not pattern.is_constant:
        raise QueryError(
            N_("the pattern of LIKE is a text in single quotes, and no property"),
            parameter="filter",
        )
    match = compile_pattern(str(pattern.values[0])).match
    hits = change_texts(value.values, lambda text: match(text) is not None)
    return make_booleans(hits.astype(bool), value.is_unknown)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Return a pattern of LIKE as an expression that no text makes slow.

    Parameters
    ----------
    pattern
        ``%`` stands for any letters, ``_`` for one; a backslash before them or itself takes their
        meaning away.

    Notes
    -----
    The first place at which a part between two ``%`` fits is the best, since all that follows may
    stand behind it. So each part is sought once, in an atomic group (``(?>...)``) that is never
    tried again, and the last at the end of the text: no more steps than letters of the text times
    letters of the pattern.

    Examples
    --------
    >>> [bool(compile_pattern(r"1_\%%").match(text)) for text in ("10%", "100", "10% 할인")]
    [True, False, True]
    """
    parts = [""]
    for sign in re.findall(r"\\[\\%_]|%|_|[^%_]", pattern, re.DOTALL):
        if sign == "%":
            parts.append("")
        else:
            parts[-1] += "." if sign == "_" else re.escape(sign[-1])
    first, *middle, last = parts if len(parts) > 1 else [parts[0], ""]
    if len(parts) == 1:
        return re.compile(rf"\A{first}\Z", re.DOTALL)
    sought = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(rf"\A{first}{sought}.*{last}\Z", re.DOTALL)
