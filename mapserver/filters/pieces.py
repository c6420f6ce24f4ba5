"""Parse the text form of CQL2 piece by piece, so that no text can stop or stall the parser.

The ``cql2`` parser calls itself for each level and reads what is in parentheses twice, once as an
expression and once as a list: a mistake within 20 parentheses takes it six seconds, one more twice
as long, and 1,600 of them end the process. So a scan that knows texts in quotes finds the
parentheses first and bounds their levels. What stands in one pair is parsed alone, and the
outer text has a name in its place that nobody can write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import cql2

from mapserver.errors import N_, QueryError
from mapserver.filters.syntax import clean_parser_error, refuse_syntax, require_few_levels
from mapserver.settings import limits

TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|''|\\'|\\)*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<word>[^\W\d][\w.:]*)
    |(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)
    |(?P<space>\s+)
    |(?P<sign><>|!=|<=|>=|[-+*/%^=<>(),])""",
    re.VERBOSE,
)
"""What a filter is made of; whatever else stands in it is a mistake."""

QUOTE = re.compile(r"''|\\'")

KEYWORDS = frozenset({"and", "or", "not", "in", "like", "between", "div", "is", "null"})
"""Words before a parenthesis that are no function's name."""

GEOMETRIES = frozenset(
    {
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
    }
)
"""Words before the parentheses of a geometry, which hold numbers and no expressions."""

DIMENSIONS = frozenset({"z", "m", "zm", "empty"})

CHAINED = frozenset({"not", "div", "is", "like", "in", "between"})
"""Words that may begin another level without a parenthesis: operators and NOT."""

FIRST_STAND_IN = 0xF0000
"""The first letter for private use that, in double quotes, stands for a piece parsed before."""

MEANINGLESS = N_("a letter that has no meaning here; names with such letters need double quotes")


@dataclass(slots=True)
class _Group:
    """What stands between a parenthesis and its partner, while it is scanned.

    Attributes
    ----------
    start
        Index of the first letter inside.
    role
        ``group`` for an expression in parentheses, ``list`` after IN, ``call`` after a name,
        ``geometry`` for the numbers of a geometry.
    levels
        How many levels the parser would be in at its beginning.
    parts
        Pieces of text for the parser, each with the index of its first letter in the filter.
    chain
        Operators since the last AND, OR or comma: each may be a level for the parser.
    terms
        How many AND and OR there were.
    geometry_levels
        Parentheses of a geometry that it is in, its own included.
    """

    start: int
    role: str
    levels: int
    parts: list[tuple[str, int]] = field(default_factory=list)
    chain: int = 0
    terms: int = 0
    geometry_levels: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """What was parsed before, in its JSON form; ``is_list`` where it is the list of an IN."""

    tree: Any
    is_list: bool


def parse_text(text: str) -> Any:
    """Parse a filter in CQL2 text.

    Parameters
    ----------
    text
        At most ``limits.MAX_FILTER_BYTES`` long.

    Returns
    -------
    Any
        The JSON form of the filter as plain Python.

    Raises
    ------
    QueryError
        It cannot be understood, or has too many levels; the message says where.
    """
    pieces: list[_Piece] = []
    groups = [_Group(0, "group", 0)]
    before = ""
    position = 0
    while position < len(text):
        token = TOKEN.match(text, position)
        if token is None:
            raise refuse_syntax(text, position, MEANINGLESS)
        kind, word = str(token.lastgroup), token.group()
        _refuse_stand_ins(text, word, position)
        if word == "(":
            groups.append(_open_group(text, groups[-1], token.end(), before))
        elif word == ")":
            if len(groups) == 1:
                raise refuse_syntax(text, position, N_("a parenthesis that was not opened"))
            _close_group(text, groups, position, pieces)
        else:
            _add_token(text, groups[-1], kind, word, position)
        before = before if kind == "space" else _describe_token(kind, word, before)
        position = token.end()
    if len(groups) > 1:
        raise refuse_syntax(text, groups[-1].start - 1, N_("a parenthesis that is not closed"))
    return _parse_parts(text, groups[0].parts, pieces)


def _describe_token(kind: str, word: str, before: str) -> str:
    """Return what decides about a parenthesis behind a token: a keyword, ``name`` or nothing."""
    lower = word.lower()
    if kind == "word":
        if lower in GEOMETRIES or (before == "geometry" and lower in DIMENSIONS):
            return "geometry"
        return lower if lower in KEYWORDS else "name"
    return "name" if kind == "quoted" else ")" if word == ")" else ""


def _refuse_stand_ins(text: str, word: str, position: int) -> None:
    """Refuse letters that stand for pieces: nobody writes them, and they would be taken for one."""
    for offset, letter in enumerate(word):
        if ord(letter) >= FIRST_STAND_IN:
            raise refuse_syntax(text, position + offset, MEANINGLESS)


def _add_token(text: str, group: _Group, kind: str, word: str, position: int) -> None:
    """Add a token to a group, and count an operator as a level until AND, OR or a comma."""
    if kind == "text":
        # The standard has two ways to write a quote in a text, and the parser knows one of them.
        word = QUOTE.sub("''", word[1:-1]).join("''")
    # Only spaces stand between tokens, so that the parser sees one line.
    group.parts.append((" " if kind == "space" else word, position))
    lower = word.lower()
    if group.role == "geometry":
        # Anything but numbers would be read as an expression, and its parentheses twice.
        if kind in {"text", "quoted"} or (kind == "word" and lower not in GEOMETRIES | DIMENSIONS):
            raise refuse_syntax(text, position, N_("in a geometry only numbers can stand"))
    elif (kind == "word" and lower in {"and", "or"}) or word == ",":
        group.chain = 0
        group.terms += word != ","
        _require_few_terms(group.terms)
    elif kind == "sign" or (kind == "word" and lower in CHAINED):
        group.chain += 1
        require_few_levels(group.levels + group.chain)


def _open_group(text: str, outer: _Group, start: int, before: str) -> _Group:
    """Begin what stands behind a parenthesis: a call, a geometry, the list of IN, or a group."""
    levels = outer.levels + outer.chain + 1
    require_few_levels(levels)
    if outer.role == "geometry" or before == "geometry":
        depth = outer.geometry_levels + 1
        if depth > limits.MAX_GEOMETRY_LEVELS:
            raise refuse_syntax(text, start - 1, N_("no geometry has so many parentheses"))
        return _Group(start, "geometry", levels, geometry_levels=depth)
    role = "call" if before == "name" else "list" if before == "in" else "group"
    return _Group(start, role, levels)


def _require_few_terms(terms: int) -> None:
    if terms > limits.MAX_FILTER_TERMS:
        raise QueryError(
            N_("the filter joins more than {most} conditions by AND and OR"),
            parameter="filter",
            mend=N_("Ask for several values of one property with IN"),
            most=limits.MAX_FILTER_TERMS,
        )


def _close_group(text: str, groups: list[_Group], end: int, pieces: list[_Piece]) -> None:
    """End a group: the arguments of a call stay in place, any other is parsed and replaced."""
    group = groups.pop()
    outer = groups[-1]
    parts = [("(", group.start - 1), *group.parts, (")", end)]
    if group.role in {"call", "geometry"}:
        # What stands in a call is read once by the parser, so it may stay, with all its levels.
        outer.parts += parts
        return
    tree = _parse_parts(text, parts, pieces)
    name = f'"{chr(FIRST_STAND_IN + len(pieces))}"'
    if group.role == "list":
        # One value in parentheses is a list after IN, and an expression anywhere else.
        pieces.append(_Piece(tree if isinstance(tree, list) else [tree], is_list=True))
        outer.parts.append((f"({name})", group.start - 1))
    else:
        pieces.append(_Piece(tree, is_list=False))
        outer.parts.append((name, group.start - 1))


def _parse_parts(text: str, parts: list[tuple[str, int]], pieces: list[_Piece]) -> Any:
    """Parse a piece of text, and put what was parsed before in the place of its names."""
    source = "".join(part for part, _ in parts)
    try:
        tree = cql2.parse_text(source).to_json()
    except Exception as error:  # noqa: BLE001
        # The parser raises its own errors, and plain ones for geometries that cannot be.
        index, reason = clean_parser_error(source, str(error))
        raise refuse_syntax(text, _find_origin(parts, index, len(text)), reason) from None
    return _restore_pieces(tree, pieces)


def _find_origin(parts: list[tuple[str, int]], index: int, end: int) -> int:
    """Return where a letter of a piece of text stands in the filter; its end for one behind all."""
    passed = 0
    for part, start in parts:
        if index < passed + len(part):
            return start
        passed += len(part)
    return end


def _restore_pieces(tree: Any, pieces: list[_Piece]) -> Any:
    """Return the JSON form with each stand-in replaced by the piece that it stands for."""
    if isinstance(tree, list):
        # The list of IN was written as one name in parentheses: the piece is that list.
        piece = _find_piece(tree[0], pieces) if len(tree) == 1 else None
        if piece is not None and piece.is_list:
            return piece.tree
        return [_restore_pieces(item, pieces) for item in tree]
    if isinstance(tree, dict):
        piece = _find_piece(tree, pieces)
        if piece is not None:
            return piece.tree
        return {key: _restore_pieces(value, pieces) for key, value in tree.items()}
    return tree


def _find_piece(tree: Any, pieces: list[_Piece]) -> _Piece | None:
    """Return the piece that a name stands for; None for anything else."""
    name = tree.get("property") if isinstance(tree, dict) else None
    if isinstance(name, str) and len(name) == 1 and ord(name) >= FIRST_STAND_IN:
        return pieces[ord(name) - FIRST_STAND_IN]
    return None
