"""Both coordinates in one cell: which column holds them, and which of the two comes first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.readers.sheets.cells import WIDE, parse_degrees
from mapserver.readers.sheets.coordinates import simplify_coordinate

NAMES = (
    *(
        "위경도",
        "경위도",
        "위도경도",
        "경도위도",
        "위경도좌표",
        "위치좌표",
        "좌표",
        "좌표값",
        "좌표정보",
    ),
    *("gps좌표", "gps", "wgs84", "지도좌표", "위치정보"),
    *("latlon", "latlng", "latlong", "lonlat", "lnglat", "longlat", "latitudelongitude"),
    *("longitudelatitude", "coordinates", "coordinate", "coords", "geopoint", "geopoint2d"),
    *("location", "position", "point", "xy", "yx", "위치", "座標", "坐标", "koordinaten"),
)
"""Names of such columns, simplified; one with another name counts by what it holds."""

LAT_FIRST = re.compile(r"^(위도?경도?|lat.*lon|lat.*lng|latitude.*longitude|yx|geopoint)")
LON_FIRST = re.compile(r"^(경도?위도?|lon.*lat|lng.*lat|longitude.*latitude|xy)")
LABEL = re.compile(r"(?i)\b(latitude|longitude|lat|lon|lng|x|y)\s*[:=]\s*|(위도|경도)\s*[:=]?\s*")
LAT_LABEL, LON_LABEL = re.compile(r"(?i)lat|위도|\by"), re.compile(r"(?i)lon|lng|경도|\bx")
SEPARATORS = (
    r"\s*[;/|\n]\s*",
    r"(?<=[NSEWnsew])[\s,]+(?=\d)|[\s,]+(?=[NSEW]\s*\d)|[\s,]+(?=[북남동서][위경])",
    *(r",\s+", r"\s*,\s*", r"\s+"),
)
PRECISE = re.compile(r"[.,]\d{2}|[°º˚도′']|[NSEW]|\d[-:]\d+[-:]\d+[.,]\d", re.IGNORECASE)
BRACKETS = "()[]{}<>（）"
LEAST_SHARE = 0.8
"""So many of the filled cells hold two coordinates; the others are named one by one."""


@dataclass(frozen=True)
class PairColumn:
    """A column with both coordinates in each cell.

    Attributes
    ----------
    name
        The column.
    first, second
        The texts of the two, NaN where a cell does not hold two; indexed as the table.
    """

    name: str
    first: pd.Series[str]
    second: pd.Series[str]


def find_pair_column(table: pd.DataFrame) -> PairColumn | None:
    """Find the column whose cells hold two coordinates: ``35.145, 126.855``.

    One with a usual name is taken first; of those without a usual name it has to be the only one.
    """
    names = [str(column) for column in table]
    named = [name for name in names if _is_usual(name)]
    # A usual name is evidence of its own; without one the cells must leave no choice.
    for candidates in (named, [name for name in names if name not in named]):
        pairs = [pair for name in candidates if (pair := _split_column(table[name])) is not None]
        if pairs and (candidates is named or len(pairs) == 1):
            return pairs[0]
    return None


def find_first_axis(pair: PairColumn, is_near: Callable[[float, float], bool] | None) -> str | None:
    """Find out whether longitude or latitude comes first in the cells of a column.

    What the cells say decides: letters and words beside the numbers, and numbers beyond 90. Else
    the name of the column and the place of the city do, where they do not contradict each other.

    Parameters
    ----------
    pair
        From :func:`find_pair_column`.
    is_near
        Says of longitude and latitude whether they lie near the city; None where none is known.

    Returns
    -------
    str or None
        ``lon`` or ``lat``; None where nobody can tell.
    """
    by_cells = _find_by_cells(pair)
    # What the cells say is proof; if they contradict each other, no name can settle it.
    if by_cells:
        return by_cells.pop() if len(by_cells) == 1 else None
    simple = simplify_coordinate(pair.name)
    signs = {"lat"} if LAT_FIRST.match(simple) else set()
    signs |= {"lon"} if LON_FIRST.match(simple) else set()
    first_middle, second_middle = (_find_middle(texts) for texts in (pair.first, pair.second))
    if is_near is not None:
        places_fit = [is_near(first_middle, second_middle), is_near(second_middle, first_middle)]
        # The city decides only if one order lies near it and the other does not.
        if places_fit[0] != places_fit[1]:
            signs.add("lon" if places_fit[0] else "lat")
    return signs.pop() if len(signs) == 1 else None


def parse_column(texts: pd.Series[str], axis: str) -> npt.NDArray[np.float64]:
    """Parse texts as degrees of one axis, or of either where none is named."""
    axes = [axis] if axis else ["lon", "lat"]
    return np.array([_parse_either(text, axes) for text in texts], dtype=float)


def strip_label(text: str) -> str:
    """Return a coordinate without the word before it: ``위도: 35.145``."""
    return LABEL.sub("", text).strip()


def _find_middle(texts: pd.Series[str]) -> float:
    return float(np.nanmedian(parse_column(texts, "")))


def _is_usual(name: str) -> bool:
    plain = re.sub(r"[(\[（][^)\]）]*[)\]）]", "", name)
    return bool({simplify_coordinate(name), simplify_coordinate(plain)} & set(NAMES))


def _split_column(column: pd.Series[str]) -> PairColumn | None:
    texts = column.dropna()
    pairs = {
        line: pair for line, text in texts.items() if (pair := split_pair(str(text))) is not None
    }
    # A column of remarks may hold two numbers in a few rows; that does not make it coordinates.
    if not pairs or len(pairs) < LEAST_SHARE * len(texts):
        return None
    first_texts, second_texts = (
        pd.Series(
            [pairs[line][n] if line in pairs else np.nan for line in column.index], column.index
        )
        for n in (0, 1)
    )
    return PairColumn(str(column.name), first_texts.astype("str"), second_texts.astype("str"))


def split_pair(text: str) -> tuple[str, str] | None:
    """Split a text into two coordinates; None where it does not hold two.

    Examples
    --------
    >>> split_pair("(35.145, 126.855)"), split_pair("35,145 126,855"), split_pair("서구 풍암동")
    (('35.145', '126.855'), ('35,145', '126,855'), None)
    """
    if text.lstrip().startswith("{"):
        text = text.replace('"', "")  # {"lat": 35.145, "lng": 126.855}
    plain = text.translate(WIDE).strip().strip(BRACKETS).strip()
    # From the clearest separator to the weakest: a comma may be decimal, a blank may stand within
    # degrees.
    for separator in SEPARATORS:
        parts = [part.strip(" ,") for part in re.split(separator, plain)]
        if len(parts) == 2 and all(_is_coordinate(part) for part in parts):
            return parts[0], parts[1]
    return None


def _is_coordinate(part: str) -> bool:
    number = _parse_either(part, ["lon", "lat"])
    # Two numbers without decimals or signs are a date, a lot number or a time.
    return bool(np.isfinite(number)) and (abs(number) > 1000 or PRECISE.search(part) is not None)


def _parse_either(text: object, axes: list[str]) -> float:
    if not isinstance(text, str):
        return np.nan
    plain = strip_label(text)
    return next((n for axis in axes if np.isfinite(n := parse_degrees(plain, axis))), np.nan)


def _find_by_cells(pair: PairColumn) -> set[str]:
    """Return the axes that the cells themselves say come first."""
    axes = set()
    for texts, own_axis, other_axis in ((pair.first, "lon", "lat"), (pair.second, "lat", "lon")):
        numbers = parse_column(texts, "")
        # Beyond 90 degrees a number can be no latitude.
        if ((np.abs(numbers) > 90) & (np.abs(numbers) <= 180)).any():
            axes.add("lon" if texts is pair.first else "lat")
        for text in texts.dropna():
            match = LABEL.match(text)
            label = match[0] if match else ""
            is_own = np.isfinite(_parse_either(text, [own_axis])) and not _mentions_axis(
                label, other_axis
            )
            is_other = np.isfinite(_parse_either(text, [other_axis])) and not _mentions_axis(
                label, own_axis
            )
            if is_own != is_other:
                axes.add("lon" if is_own else "lat")
    return axes


def _mentions_axis(label: str, axis: str) -> bool:
    return bool((LON_LABEL if axis == "lon" else LAT_LABEL).search(label))
