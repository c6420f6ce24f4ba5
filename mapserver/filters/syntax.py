"""Errors about a filter that cannot be understood: where, why, and what a filter looks like."""

from __future__ import annotations

import re

from mapserver.errors import N_, Phrase, QueryError
from mapserver.settings import limits

EXAMPLE = "length_km < 2 AND name LIKE '%숲길%'"
SHOWN_LETTERS = 24
"""Letters of the filter that a message repeats from where it cannot be understood."""

PLACE = re.compile(r"-->\s*(\d+):(\d+)")
EXPECTED = re.compile(r"expected (.+)", re.DOTALL)


def refuse_syntax(text: str, position: int, reason: str) -> QueryError:
    """Return the error for a place in a filter.

    Parameters
    ----------
    text
        The filter as it was written.
    position
        Index of the letter at which it cannot be understood; the length of the text for its end.
    reason
        A message id that says what is wrong there.
    """
    rest = " ".join(text[position : position + SHOWN_LETTERS].split())
    return QueryError(
        N_("the filter cannot be read at letter {letter} ({rest}): {reason}")
        if rest
        else N_("the filter cannot be read at letter {letter}, its end: {reason}"),
        parameter="filter",
        mend=N_("A filter looks like this: {example}"),
        letter=position + 1,
        rest=rest,
        reason=Phrase(reason),
        example=EXAMPLE,
    )


def clean_parser_error(source: str, message: str) -> tuple[int, str]:
    """Return the index of the letter that a parser stopped at, and why, as a message id.

    Parameters
    ----------
    source
        The text that it parsed.
    message
        What it said: ``--> 1:5``, lines that show the place, and a list of names of rules.

    Examples
    --------
    >>> clean_parser_error("a = ", "--> 1:5 = expected Identifier, True")
    (4, 'a property, a value or a function is missing here')
    """
    index = 0
    if place := PLACE.search(message):
        lines = source.split("\n")[: int(place[1]) - 1]
        index = sum(len(line) + 1 for line in lines) + int(place[2]) - 1
    rules = set(re.findall(r"\w+", found[1])) if (found := EXPECTED.search(message)) else set()
    # What may stand where it stopped: a value, or what goes on after one.
    if rules & {"Expr", "ExpressionInParentheses", "Identifier", "AtomicExpr"}:
        return index, N_("a property, a value or a function is missing here")
    if rules & {"EOI", "And", "Or"}:
        return index, N_("AND, OR, an operator or the end is missing here")
    return index, N_("it is not written as CQL2 has it")


def require_few_levels(levels: int) -> None:
    """Check how many parentheses, calls and brackets of a filter stand within each other.

    Raises
    ------
    QueryError
        There are more than the parser may call itself for.
    """
    if levels > limits.MAX_FILTER_LEVELS:
        raise QueryError(
            N_("the filter has more than {most} levels within each other"),
            parameter="filter",
            mend=N_("Write it with fewer parentheses, functions and NOTs within each other"),
            most=limits.MAX_FILTER_LEVELS,
        )
