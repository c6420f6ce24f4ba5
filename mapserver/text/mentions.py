"""Which trails the words of a closure mean: ids, names, several of them, or all."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.text.header_row import find_similar_ids, simplify_name

EVERY = r"전체|전|모든|모두|all|every|관내|시내|구내|우리구"
THING = r"의|맨발|걷기|산책|둘레|등산|황톳|흙|길|로|구간|노선|코스|공원|곳|지역|시설|trails?|paths?"
ALL_TRAILS = re.compile(rf"\*|(?=.*(?:전체|전|모든|모두|all|every))(?:{EVERY}|{THING})+")
"""What names every trail, without blanks: ``전 구간``, ``관내 모든 맨발길``."""

MAY_BE_ALL = re.compile(r"전체|모든|모두|전\s?구간|전\s?노선|전역|관내|외\s*\d+\s*(?:개소|곳|개)")
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
        The ids of the trails it names or touches; and, where it names none, of those that are
        probably meant (:func:`mapserver.text.header_row.find_similar_ids`).
    """
    value = row.get("trail_id")
    text = "" if pd.isna(value) else str(value).strip()
    if text:
        return _find_named_trails(trails, text)
    geometry = row.get("geometry")
    if geometry is None or geometry.is_empty:
        return [], []
    return [str(trail) for trail in trails.index[trails.intersects(geometry)]], []


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
        return closed, [] if closed else _find_mentioned(trails, text)
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
        return [t for ids, _ in results for t in ids], [
            t for _, similar in results for t in similar
        ]
    return [], find_similar_ids(text, all_ids) or _find_mentioned(trails, text)


def _find_mentioned(trails: gpd.GeoDataFrame, text: str) -> list[str]:
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
