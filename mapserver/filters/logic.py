"""AND, OR and NOT with three values: an unknown answer is neither yes nor no."""

from __future__ import annotations

from mapserver.filters.operands import Kind, Mask, Operand, make_booleans, require_kind


def combine_and(answers: list[Operand]) -> Operand:
    """Return where all answers are yes; unknown where none is no and one is unknown."""
    for answer in answers:
        require_kind(answer, (Kind.BOOLEAN,), "AND")
    values, is_unknown = _read_answer(answers[0])
    for answer in answers[1:]:
        other_values, other_unknown = _read_answer(answer)
        # A no decides, whatever the other is.
        is_false = (~values & ~is_unknown) | (~other_values & ~other_unknown)
        is_unknown = (is_unknown | other_unknown) & ~is_false
        values = values & other_values
    return make_booleans(values, is_unknown)


def combine_or(answers: list[Operand]) -> Operand:
    """Return where one of the answers is yes; unknown where none is and one is unknown."""
    for answer in answers:
        require_kind(answer, (Kind.BOOLEAN,), "OR")
    values, is_unknown = _read_answer(answers[0])
    for answer in answers[1:]:
        other_values, other_unknown = _read_answer(answer)
        values = values | other_values
        # A yes decides, whatever the other is.
        is_unknown = (is_unknown | other_unknown) & ~values
    return make_booleans(values, is_unknown)


def negate(answer: Operand) -> Operand:
    """Return the opposite of an answer; the opposite of unknown is unknown."""
    require_kind(answer, (Kind.BOOLEAN,), "NOT")
    values, is_unknown = _read_answer(answer)
    return make_booleans(~values, is_unknown)


def _read_answer(answer: Operand) -> tuple[Mask, Mask]:
    """Return the yes of an answer, false where unknown, and where it is unknown."""
    # NULL has numbers for values, and is unknown everywhere.
    return answer.values.astype(bool) & ~answer.is_unknown, answer.is_unknown
