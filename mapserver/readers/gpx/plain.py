"""The short way for long tracks: points that are written plainly, read without an XML element each.

A recorder writes hundreds of thousands of points, all alike. Where every segment of a file is made
of nothing but such points, they are taken out of the text in one pass, and the rest goes the usual
way (:mod:`mapserver.readers.gpx.xmltext`). Anything out of the ordinary sends the whole file that
way, so that both ways give the same result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapserver.geo.geodesy import Floats

LONG = 50_000
"""Characters from which on the short way is worth trying."""

# What could put an element where it does not count: comments, sections, foreign elements.
ODD = re.compile(r"<!|<\?(?!xml )|<extensions|<[A-Za-z0-9_.-]+:trkseg|<gpx[^>]*/>")
SEGMENT = re.compile(r"<trkseg>([^!]*?)</trkseg>")
# Decimals without a sign for plus and without exponents; times of whole or broken seconds in UTC.
_POINT = (
    r'\s*<trkpt\s+lat="(?P<lat>-?\d{1,2}(?:\.\d{1,17})?)"\s+lon="(?P<lon>-?\d{1,3}(?:\.\d{1,17})?)"'
    r"\s*(?:/>|>\s*(?:<ele>(?P<ele>-?\d{1,5}(?:\.\d{1,17})?)</ele>\s*)?"
    r"(?:<time>(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z)</time>\s*)?</trkpt>)"
)
POINT = re.compile(_POINT)
POINTS = re.compile(f"(?>{re.sub(r'[?]P<[a-z]+>', '?:', _POINT)})++\\s*")


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one segment.

    Attributes
    ----------
    lonlat
        Shape (n, 2), degrees.
    elevation_m
        Shape (n,), NaN where unknown.
    times
        The first and the last known time in UTC; empty when none is known.
    """

    lonlat: Floats
    elevation_m: Floats
    times: tuple[pd.Timestamp, ...]


def take_out(text: str) -> tuple[str, list[Points]]:
    """Take plainly written points out of a GPX text.

    Parameters
    ----------
    text
        The whole file.

    Returns
    -------
    rest : str
        The text with its segments empty, line for line; the text itself if anything is odd.
    segments : list of Points
        One for each ``trkseg`` in the order of the file; empty if anything is odd.
    """
    if len(text) < LONG or ODD.search(text):
        return text, []
    rest, segments, end = [], [], 0
    for found in SEGMENT.finditer(text):
        points = _points(found[1])
        if points is None:
            return text, []
        segments.append(points)
        lines = "\n" * found[1].count("\n")
        rest += [text[end : found.start()], "<trkseg>", lines, "</trkseg>"]
        end = found.end()
    rest.append(text[end:])
    whole = "".join(rest)
    if "<trkpt" in whole or whole.count("<trkseg") != len(segments):
        return text, []
    return whole, segments


def _points(inside: str) -> Points | None:
    if not POINTS.fullmatch(inside):
        return None
    lat, lon, ele, time = zip(*POINT.findall(inside), strict=True)
    lonlat = np.column_stack([np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)])
    elevation = np.array([value or "nan" for value in ele], dtype=np.float64)
    if (np.abs(lonlat) > [180, 90]).any():
        return None
    try:
        times = pd.to_datetime([t for t in time if t], format="ISO8601", utc=True)
    except ValueError:  # a thirteenth month
        return None
    span = (times.min(), times.max()) if len(times) else ()
    return Points(lonlat, elevation, span)
