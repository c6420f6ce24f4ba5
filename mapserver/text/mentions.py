"""Which trails the words of a closure mean: ids, names, several of them, or all."""

from __future__ import annotations

import difflib
import re
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_
from mapserver.text.header_row import find_similar_ids, is_same_id, simplify_name

EVERY = r"전체|전|모든|모두|all|every|관내|시내|구내|우리구"
THING = r"의|맨발|걷기|산책|둘레|등산|황톳|흙|길|로|구간|노선|코스|공원|곳|지역|시설|trails?|paths?"
ALL_TRAILS = re.compile(rf"\*|(?=.*(?:전체|전|모든|모두|all|every))(?:{EVERY}|{THING})+")
"""What names every trail, without blanks: ``전 구간``, ``관내 모든 맨발길``."""

PARTLY_NAMED = N_("a part of {trail} names no trail (rows: {count}); is it {similar}?")
SHOWN_SIMILAR = 5
"""So many trails a finding names; of a part that fits none all others may be meant."""

MAY_BE_ALL = re.compile(r"전체|모든|모두|전\s?구간|전\s?노선|전역|관내|외\s*\d+\s*(?:개소|곳|개)")
NAME_SIMILARITY = 0.6
"""From 0 to 1: so much alike are names of which one has a wrong syllable of three, or lacks two of
six (화정공원, 화정근린공원); a doubt too many costs less than a shut way that is called open."""

WHOLE = re.compile(r"(?<=\S)\s*(?:전체|전\s?구간|전\s?노선|whole)$")


def find_closed_trails(
    trails: gpd.GeoDataFrame, row: dict[Any, Any]
) -> tuple[list[str], list[str]]:
    """Find the trails that a closure is about.

    Parameters
    ----------
    trails
        Trails in EPSG:4326, with their ``name`` if there is one.
    row
        A closure, with ``trail_id`` (ids or names of trails, or ``전체``) or ``geometry``.

    Returns
    -------
    closed, similar : list of str
        The ids of the trails it names or touches; and of those that it may mean besides: trails
        whose id or name is spelt alike, or has the text in it. Of several names of which one fits
        no trail, every other trail may be meant.
    """
    value, geometry = row.get("trail_id"), row.get("geometry")
    text = "" if pd.isna(value) else str(value).strip()
    closed, similar = _find_named_trails(trails, text) if text else ([], [])
    if closed or geometry is None or geometry.is_empty:
        return closed, similar
    # Where a name says nothing certain, the place does.
    touched = [str(trail) for trail in trails.index[trails.intersects(geometry)]]
    return touched, [trail for trail in similar if trail not in touched]


def find_trails_in_doubt(
    trails: gpd.GeoDataFrame, row: dict[Any, Any]
) -> tuple[list[str], list[str]]:
    """Find the trails that a row closes, and those of which nobody knows whether it does.

    It is :func:`find_closed_trails` but for a name that fits no trail at all: any may be meant, as
    where no name is written.
    """
    closed, similar = find_closed_trails(trails, row)
    value, geometry = row.get("trail_id"), row.get("geometry")
    is_placed = geometry is not None and not geometry.is_empty
    is_named = not pd.isna(value) and str(value).strip() != ""
    if closed or similar or is_placed or not is_named:
        return closed, similar
    return [], [str(trail) for trail in trails.index]


def find_parts_of(trails: gpd.GeoDataFrame, text: str) -> list[str]:
    """Find the trails whose id or name has a text in it: 금당산 1구간 is a part of 금당산."""
    key = simplify_name(text)
    return [
        str(trail)
        for trail, name in _get_names(trails).items()
        if len(key) > 1 and any(key in simplify_name(word) for word in (str(trail), name))
    ]


def _find_named_trails(trails: gpd.GeoDataFrame, text: str) -> tuple[list[str], list[str]]:
    # From the most certain meaning to the least: an id, all trails, a name, several names, a
    # mention.
    if text in trails.index:
        return [text], []
    all_ids = [str(trail) for trail in trails.index]
    if ALL_TRAILS.fullmatch(re.sub(r"[\s()]+", "", text.casefold())):
        return all_ids, []
    if WHOLE.search(text):
        # All of one trail; of a name that nobody knows, all trails may be meant.
        closed, _ = _find_named_trails(trails, WHOLE.sub("", text))
        return closed, [] if closed else find_mentioned(trails, text)
    key, names = simplify_name(text), _get_names(trails)
    named = [str(trail) for trail, name in names.items() if simplify_name(name) == key]
    # Two trails of one name: which one is closed nobody knows, so both may be.
    if named:
        return (named, []) if len(named) == 1 else ([], named)
    # Commas, slashes and the Korean words for "and" stand between names.
    signs = r"[,;/·ㆍ‧∙・&+\n]|\s및\s|(?<=[길로원])(?:와|과)\s"
    parts = [part.strip() for part in re.split(signs, text) if part.strip()]
    if len(parts) > 1:
        results = [_find_named_trails(trails, part) for part in parts]
        # An id and the name of its trail are one trail, whose rows count once.
        closed = [*dict.fromkeys(trail for ids, _ in results for trail in ids)]
        similar = [trail for _, ids in results for trail in ids]
        # Beside names a part that fits none is one, too; among other words it may be anything.
        if closed and any(not ids and not near for ids, near in results):
            similar = all_ids
        return closed, [trail for trail in dict.fromkeys(similar) if trail not in closed]
    return [], _find_similar_trails(trails, text)


def _find_similar_trails(trails: gpd.GeoDataFrame, text: str) -> list[str]:
    """Find the trails that a text may mean which is the id or name of none."""
    similar = find_similar_ids(text, map(str, trails.index))
    if similar and is_same_id(text, similar[0]):
        return similar
    key = simplify_name(text)
    return find_mentioned(trails, text) or [
        str(trail)
        for trail, name in _get_names(trails).items()
        if trail in similar or _is_near(key, simplify_name(str(trail)), simplify_name(name))
    ]


def _is_near(key: str, *names: str) -> bool:
    """Return whether a text is a part of a name, or is spelt like one; all are simplified."""
    return any(len(key) > 1 and key in name for name in names) or bool(
        difflib.get_close_matches(key, names, 1, NAME_SIMILARITY)
    )


def find_mentioned(trails: gpd.GeoDataFrame, text: str) -> list[str]:
    """Find the trails that a text may mean among other words: ``언덕길 일부``, ``서구 전역``."""
    if MAY_BE_ALL.search(text):
        return [str(trail) for trail in trails.index]
    key = simplify_name(text)
    return [
        str(trail)
        for trail, name in _get_names(trails).items()
        if any(len(word) > 1 and simplify_name(word) in key for word in (str(trail), name))
    ]


def _get_names(trails: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the names of trails by their ids; empty where one has none."""
    empty = pd.Series("", trails.index, dtype="str")
    return trails["name"].fillna("").astype("str") if "name" in trails else empty
