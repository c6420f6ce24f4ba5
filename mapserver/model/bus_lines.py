"""Lines of buses and trains: the ledger of which stop where, and what it says of each stop.

``layers/bus_lines.csv`` has a row for each line and stop. Stops are a layer of their own and often
of another source, so the two are brought together by what they share: an id or the number on the
pole where nothing contradicts it, else the same name at the same place.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.model.ledger_kinds import Ledger, LedgerColumn, register_ledger
from mapserver.model.titles import Title
from mapserver.text.cell_text import read_cell_text
from mapserver.text.dates import normalize_text

LINES = "lines"
"""The column of stops that has the names of the lines that stop there."""
HALF_TURN_DEG, POLE_DEG = 180.0, 90.0
SAME_STOP_M = 150.0
"""Farther apart are two poles, whatever their numbers say: stops of one name lie on both sides of a
street and around a crossing, and a number of another city may be the same."""
SAME_POLE_M = 25.0
"""Where only the name is shared: nearer than the pole on the other side of most streets."""
OWN_IDS = ("BUSSTOP_ID", "busstop_id", "정류소ID", "정류소id")
"""Columns of stops with the id that line tables have, where the layer's own id is another."""
DIGITS = re.compile(r"(\d+)")


def _read_degrees(limit_deg: float, text: str) -> float:
    """Read a coordinate; what lies on no globe is not understood."""
    value = float(text)
    if not math.isfinite(value) or abs(value) > limit_deg:
        raise ValueError(text)
    return value


def _read_lon(text: str, _: dt.tzinfo) -> float:
    return _read_degrees(HALF_TURN_DEG, text)


def _read_lat(text: str, _: dt.tzinfo) -> float:
    return _read_degrees(POLE_DEG, text)


WRITE_DEGREES = N_("Write degrees with a decimal point, as 126.85 and 35.15")
BUS_LINES = register_ledger(
    Ledger(
        id="bus_lines",
        title=Title(N_("Lines and their stops")),
        columns={
            "line": LedgerColumn(
                words=("line_name", "노선명", "노선번호", "노선", "route_short_name", "노선이름"),
                is_required=True,
            ),
            "line_id": LedgerColumn(words=("노선id", "노선아이디", "route_id")),
            "kind": LedgerColumn(words=("노선유형", "노선종류", "노선구분")),
            "stop_id": LedgerColumn(
                words=("busstop_id", "정류소id", "정류장id", "정류소아이디", "정류장번호")
            ),
            "stop_name": LedgerColumn(words=("busstop_name", "정류소명", "정류장명", "정류소")),
            "pole_number": LedgerColumn(
                words=("ars_id", "모바일단축번호", "단축번호", "정류소번호", "ars번호", "stop_code")
            ),
            "lon": LedgerColumn(
                words=("longitude", "경도", "stop_lon", "x좌표"),
                read=_read_lon,
                mend=WRITE_DEGREES,
                is_number=True,
            ),
            "lat": LedgerColumn(
                words=("latitude", "위도", "stop_lat", "y좌표"),
                read=_read_lat,
                mend=WRITE_DEGREES,
                is_number=True,
            ),
            "return_flag": LedgerColumn(words=("회차구분", "정류소구분")),
            "source": LedgerColumn(words=("출처", "자료출처")),
            "sample": LedgerColumn(),
        },
    )
)


@dataclass(frozen=True, slots=True)
class _Pole:
    """A stop as a table has it: its numbers, what it is called and where it is, if known."""

    id: str
    number: str
    name: str
    lon: float
    lat: float

    def distance_m(self, other: _Pole) -> float:
        """Measure to another pole on the ellipsoid; NaN where one of them has no place."""
        degrees = (self.lon, self.lat, other.lon, other.lat)
        return math.nan if any(map(math.isnan, degrees)) else geodesy.GEOD.inv(*degrees)[2]

    def may_be(self, other: _Pole) -> bool:
        """Return whether nothing contradicts that two poles with one number are the same."""
        distance_m = self.distance_m(other)
        if not math.isnan(distance_m):
            return distance_m <= SAME_STOP_M
        return not self.name or not other.name or self.name == other.name


def sort_naturally(names: set[str]) -> list[str]:
    """Sort names of lines as people do: 9 before 16, and numbers before words.

    >>> sort_naturally({"16", "순환01", "9", "좌석02", "지원9", "9-1"})
    ['9', '9-1', '16', '순환01', '좌석02', '지원9']
    """
    return sorted(names, key=_split_number)


def _split_number(name: str) -> tuple[tuple[int, int, str], ...]:
    # Numbers compare as numbers and sort before words; the text at the end tells 01 from 1.
    pieces = [piece for piece in DIGITS.split(name) if piece]
    parts = [(0, int(p), p) if p.isdecimal() else (1, 0, p.casefold()) for p in pieces]
    return tuple(parts)


def name_lines(stops: gpd.GeoDataFrame, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return stops with the lines that stop there, as far as that is certain.

    Parameters
    ----------
    stops
        EPSG:4326, indexed by id.
    rows
        The ledger, as ``city.ledgers["bus_lines"]`` has it.

    Returns
    -------
    GeoDataFrame
        With the column ``lines``: names in their natural order with commas between them; missing
        where no row is about the stop, which does not say that nothing stops there.
    """
    lines: dict[object, set[str]] = defaultdict(set)
    for cell, own_stops in zip(rows["line"], find_row_stops(stops, rows), strict=True):
        line = read_cell_text(cell)
        for stop in own_stops if line else ():
            lines[stop].add(line)
    texts = [", ".join(sort_naturally(lines[stop])) or None for stop in stops.index]
    return stops.assign(**{LINES: pd.Series(texts, stops.index, dtype="str")})


def find_row_stops(stops: gpd.GeoDataFrame, rows: pd.DataFrame) -> list[list[object]]:
    """Find the stop that each row of the ledger is about, in the order of the rows.

    Returns
    -------
    list of list
        The id of the stop; an empty list where the layer has none that surely is it.
    """
    find = _Finder(_list_poles(stops))
    # A table names each stop once for every line: it is looked for once.
    matches: dict[_Pole, list[object]] = {}
    row_stops = []
    for row in rows.to_dict("records"):
        pole = _make_pole(row["stop_id"], row["pole_number"], row["stop_name"], _read_place(row))
        if pole not in matches:
            matches[pole] = find.find_stops(pole)
        row_stops.append(matches[pole])
    return row_stops


class _Finder:
    """Stops of a layer, by what a line table may know of them."""

    def __init__(self, poles: Mapping[object, _Pole]) -> None:
        self._poles = poles
        self._by_id: dict[str, list[object]] = defaultdict(list)
        self._by_number: dict[str, list[object]] = defaultdict(list)
        self._by_name: dict[str, list[object]] = defaultdict(list)
        for stop, pole in poles.items():
            for table, key in (
                (self._by_id, pole.id),
                (self._by_number, pole.number),
                (self._by_name, pole.name),
            ):
                if key:
                    table[key].append(stop)

    def find_stops(self, pole: _Pole) -> list[object]:
        """Find the stop that a row is about; none where two could be it."""
        for candidates in (self._by_id.get(pole.id, []), self._by_number.get(pole.number, [])):
            fitting = [stop for stop in candidates if self._poles[stop].may_be(pole)]
            if len(fitting) == 1:
                return fitting
        near = [
            stop
            for stop in self._by_name.get(pole.name, [])
            if self._poles[stop].distance_m(pole) <= SAME_POLE_M
        ]
        return sorted(near, key=lambda stop: self._poles[stop].distance_m(pole))[:1]


def _list_poles(stops: gpd.GeoDataFrame) -> dict[object, _Pole]:
    own_id = next((column for column in OWN_IDS if column in stops), None)
    points = stops.geometry.to_numpy()
    poles = {}
    for stop, row, point in zip(stops.index, stops.to_dict("records"), points, strict=True):
        is_nowhere = point is None or point.is_empty
        place = (math.nan, math.nan) if is_nowhere else (point.centroid.x, point.centroid.y)
        id_ = row[own_id] if own_id else stop
        poles[stop] = _make_pole(id_, row.get("pole_number"), row.get("name"), place)
    return poles


def _make_pole(id_: object, number: object, name: object, place: tuple[float, float]) -> _Pole:
    return _Pole(
        read_cell_text(id_),
        # A spreadsheet has eaten the zeros of one table and not those of the other.
        read_cell_text(number).lstrip("0"),
        normalize_text(read_cell_text(name)).replace(" ", ""),
        *place,
    )


def _read_place(row: Mapping[object, object]) -> tuple[float, float]:
    lon, lat = float(str(row["lon"])), float(str(row["lat"]))
    return (math.nan, math.nan) if math.isnan(lon) or math.isnan(lat) else (lon, lat)
