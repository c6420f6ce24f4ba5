"""Header of a table: the row that names the columns, and which column each name means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from mapserver.settings import limits

UNITS = frozenset({"m", "cm", "mm", "km", "ft", "미터", "원", "천원", "만원", "won", "krw", "%"})
TELLING = UNITS | {"url"}
"""Remarks in brackets that tell one column from another."""
"""What in brackets belongs to a name: ``폭(cm)`` is not ``폭(m)``."""

BRACKETS = re.compile(r"[(\[{<]([^()\[\]{}<>]*)[)\]}>]")
PUNCTUATION = re.compile(r"[\s_\-.:;*·∙・/\\'\"`’#※()\[\]{}<>\ufeff\u200b]+")
SIMILARITY = 0.7
ID_SIMILARITY = 0.75

Synonyms = Mapping[str, Iterable[str]]
"""For each column that is known by name: the other names that people give it, best first."""


def simplify_name(text: str | None) -> str:
    """Return a column name without case, blanks, punctuation and remarks in brackets.

    A unit in brackets stays: ``폭 (m)`` is ``폭m`` and ``운영기간(월일)`` is ``운영기간``. So does
    ``주소(URL)``, which is another address than ``주소``.
    """
    # NFKC makes one letter of wide, half-width and composed forms, which people cannot tell apart.
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    plain = BRACKETS.sub(lambda match: match[1] if match[1].strip() in TELLING else "", plain)
    return PUNCTUATION.sub("", plain)


_simplify_known_name = lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)(simplify_name)
"""The same for names that we know, which every table is compared with; cells are not remembered."""


def match_columns(cells: Sequence[str | None], columns: Synonyms) -> list[str | None]:
    """Return for each cell of a header the known column that it names, or None.

    Two cells may name the same column; which of them holds is up to the caller. A word of two
    columns names the first.

    Examples
    --------
    >>> match_columns(["ID", "운영 기간", "Colour"], {"id": (), "season": ("운영기간",)})
    ['id', 'season', None]
    """
    columns_by_name = {
        _simplify_known_name(word): name
        for name, words in reversed(list(columns.items()))
        for word in words
    }
    columns_by_name |= {_simplify_known_name(name): name for name in columns}
    return [columns_by_name.get(simplify_name(cell)) for cell in cells]


def find_header_row(rows: Sequence[Sequence[str | None]], columns: Synonyms) -> int | None:
    """Find the row that names the columns, below titles and notes.

    It is the row among the first ``limits.SEARCHED_HEADER_ROWS`` in which most of the known columns
    are named; of two alike, the upper one.

    Parameters
    ----------
    rows
        The cells of each row as text, from the top of the table. None and blanks are empty.
    columns
        The names that are looked for, and their synonyms. Case, blanks and punctuation are ignored.

    Returns
    -------
    int or None
        The position of the header in ``rows``; None where no row names a known column.

    Examples
    --------
    >>> rows = [["맨발길 현황"], ["ID", "Season"], ["a", "5월~9월"]]
    >>> find_header_row(rows, {"id": (), "season": ()})
    1
    """
    counts = [
        len(set(match_columns(row, columns)) - {None})
        for row in rows[: limits.SEARCHED_HEADER_ROWS]
    ]
    # index() returns the first row with that count, so of two alike the upper one is the header.
    highest_count = max(counts, default=0)
    return counts.index(highest_count) if highest_count else None


def suggest_name(text: str, names: Iterable[str], *, similarity: float = SIMILARITY) -> str | None:
    """Return the name that a text most resembles, without regard to case and punctuation.

    Parameters
    ----------
    text
        A name that is not known.
    names
        Those that are.
    similarity
        From 0 to 1: so much alike they must be (:func:`difflib.get_close_matches`).

    Returns
    -------
    str or None
        None where none resembles it.

    Examples
    --------
    >>> suggest_name("Seasons", ["season", "status"])
    'season'
    """
    by_key: dict[str, str] = {}
    for name in names:
        # The first of two names with one key counts: the caller lists the best first.
        by_key.setdefault(simplify_name(name), name)
    close = difflib.get_close_matches(simplify_name(text), by_key, n=1, cutoff=similarity)
    return by_key[close[0]] if close else None


def find_similar_ids(text: str, ids: Iterable[str]) -> list[str]:
    """Find the ids that a text probably means: of another case, with ``.gpx``, or zeros lost.

    Parameters
    ----------
    text
        An id that stands in a table and is none of ``ids``.
    ids
        The ids that there are.

    Returns
    -------
    list of str
        Those that differ in nothing else; without any, the one that is spelt most alike.

    Examples
    --------
    >>> find_similar_ids("Hill_7.GPX", ["hill-007", "hill-8"]), find_similar_ids("hlil", ["hill"])
    (['hill-007'], ['hill'])
    """
    by_key: dict[str, list[str]] = {}
    for id_ in ids:
        by_key.setdefault(_simplify_id(id_), []).append(id_)
    key = _simplify_id(text)
    # An exact match of the simplified ids counts before any similarity.
    close = [key] if key in by_key else difflib.get_close_matches(key, by_key, 1, ID_SIMILARITY)
    return by_key[close[0]] if close and key else []


def is_same_id(text: str, id_: str) -> bool:
    """Return whether two ids differ in case, blanks, endings of files and zeros alone.

    Examples
    --------
    >>> is_same_id("Hill_7.GPX", "hill-007"), is_same_id("hlil", "hill")
    (True, False)
    """
    return _simplify_id(text) == _simplify_id(id_)


def _simplify_id(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().casefold().replace("\\", "/")
    plain = re.sub(r"^gpx/|(?:\.(?:gpx|kml|csv|tcx|geojson|txt|gz|zip))+$", "", plain)
    # A spreadsheet turns the id 7 into 7.0, and 007 into 7.
    plain = re.sub(r"^(\d+)\.0+$", r"\1", plain)
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\s_\-]+", "", plain))
