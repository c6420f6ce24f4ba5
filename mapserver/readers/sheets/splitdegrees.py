"""Degrees, minutes and seconds in columns of their own, put together into one coordinate."""

from __future__ import annotations

import re

import pandas as pd

from mapserver.readers.sheets.coordinates import LONLAT, simplify_coordinate

PARTS = {
    "degrees": ("도", "deg", "degree", "degrees", "d", "度"),
    "minutes": ("분", "min", "minute", "minutes", "m", "分"),
    "seconds": ("초", "sec", "second", "seconds", "s", "秒"),
}
"""What the names of such columns end in, behind that of the coordinate."""

SIGNS = {"degrees": "°", "minutes": "'", "seconds": '"'}


def join_split_degrees(table: pd.DataFrame) -> pd.DataFrame | None:
    """Join columns such as ``경도(도)``, ``경도(분)`` and ``경도(초)`` into one text for each axis.

    Returns
    -------
    DataFrame
        Longitude and latitude as ``126°51'18.0"``, under the names ``경도`` and ``위도``; None
        where the table has no such columns for both.
    """
    by_name = {simplify_coordinate(column): str(column) for column in reversed(table.columns)}
    for pair in LONLAT:
        parts_of_axes = [_find_parts(by_name, simplify_coordinate(name)) for name in pair]
        if all(parts is not None for parts in parts_of_axes):
            return pd.DataFrame(
                {
                    name: _join_parts(table, parts or {})
                    for name, parts in zip(pair, parts_of_axes, strict=True)
                },
                table.index,
            )
    return None


def _find_parts(by_name: dict[str, str], name: str) -> dict[str, str] | None:
    """Find the columns of degrees and minutes, and of seconds where there are some."""
    parts = {
        part: by_name[name + ending]
        for part, endings in PARTS.items()
        for ending in reversed(endings)
        if name + ending in by_name
    }
    return parts if {"degrees", "minutes"} <= set(parts) else None


def _join_parts(table: pd.DataFrame, parts: dict[str, str]) -> pd.Series[str]:
    """Write the parts of each row behind each other; a row without degrees has none."""
    texts = pd.Series("", table.index, dtype="str")
    for part, sign in SIGNS.items():
        if part in parts:
            # Only digits, the point and the sign are taken: a cell may repeat its unit.
            cells = table[parts[part]].fillna("").map(lambda text: re.sub(r"[^\d.\-]", "", text))
            texts += cells.map(lambda text, sign=sign: text and text + sign)
    return texts.where(table[parts["degrees"]].notna())
