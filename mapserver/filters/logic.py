"""AND, OR and NOT with three values: an unknown answer is neither yes nor no."""

from __future__ import annotations

from mapserver.filters.operands import Kind, Mask, Operand, make_booleans, require_kind


def combine_and(one: Operand, other: Operand) -> Operand:
    """Return where both answers are yes; unknown where none is no and one is unknown."""
    one_values, one_unknown = _read_answer(one, "AND")
    other_values, other_unknown = _read_answer(other, "AND")
    # A no decides, whatever the other is.
    is_false = (~one_values & ~one_unknown) | (~other_values & ~other_unknown)
    return make_booleans(one_values & other_values, (one_unknown | other_unknown) & ~is_false)


def combine_or(one: Operand, other: Operand) -> Operand:
    """Return where one of two answers is yes; unknown where none is and one is unknown."""
    one_values, one_unknown = _read_answer(one, "OR")
    other_values, other_unknown = _read_answer(other, "OR")
    # A yes decides, whatever the other is.
    is_true = one_values | other_values
    return make_booleans(is_true, (one_unknown | other_unknown) & ~is_true)


def negate(answer: Operand) -> Operand:
    """Return the opposite of an answer; the opposite of unknown is unknown."""
    values, is_unknown = _read_answer(answer, "NOT")
    return make_booleans(~values, is_unknown)


def _read_answer(answer: Operand, operation: str) -> tuple[Mask, Mask]:
    """Return the yes of an answer, false where unknown, and where it is unknown.

    Raises
    ------
    QueryError
        It is neither true nor false.
    """
    require_kind(answer, (Kind.BOOLEAN,), operation)
    # NULL has numbers for values, and is unknown everywhere.
    return answer.values.astype(bool) & ~answer.is_unknown, answer.is_unknown
