"""How one gets to the trails of the sample city: stops, car parks and toilets, all made up.

They stand where the drawn trails begin, not where any real stop is: names carry the word for
sample, and numbers on the poles are counted from 0001.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sample_city import plane
from sample_city.tables import write_csv
from sample_city.trails import Trail

WITHOUT_STOP = ("jeonpyeongje-park", "seochang-folk-village")
"""Trails that no bus comes near, so that this is seen, too."""
CLEAR_OF_M = 760.0
"""So far from those every stop stays: pages look 700 m around, in a straight line."""
OFF_TRAIL_M = 15.0
STOP_M = (70.0, 140.0, 240.0, 330.0)
"""How far stops are from where their trail begins, one after the other: 2 to 5 min on foot."""
PARKING_M = (45.0, 110.0, 180.0)
TOILET_M = (60.0, 150.0)
TURN_DEG = 137.5
"""From trail to trail the bearing turns by the golden angle, so no two neighbours look alike."""
BEARINGS = 24
ACROSS_M = (9.0, 22.0)
"""From one stop of a pair to the other: across the street, and along it."""
BUS_LINES = (
    ("견본 9", 0, 22),
    ("견본 16", 6, 34),
    ("견본 순환01", 18, 46),
    ("견본 마을28", 38, 56),
    ("견본 101", 0, 12),
)
"""Made-up lines, and from which to which stop of the drawn ones each goes."""
HOURS = (
    ("09:00", "18:00", "09:00", "13:00", "", ""),
    ("00:00", "23:59", "00:00", "23:59", "00:00", "23:59"),
    ("", "", "", "", "", ""),
)
"""Hours of car parks on weekdays, Saturdays and holidays; of some nobody has entered them."""
HOUR_COLUMNS = tuple(
    day + part for day in ("평일", "토요일", "공휴일") for part in ("운영시작시각", "운영종료시각")
)
FEES = (("무료", "free"), ("유료", "paid"), ("혼합", "partly paid"), ("", ""))
BAYS = ("Y", "Y", "N", "")
"""Whether there are bays for disabled people: yes, no, and nobody has entered it."""
TOILET_HOURS = (
    ("정시", "set hours", "매일 06:00~22:00", "daily 06:00-22:00"),
    ("상시", "always", "", ""),
    ("", "", "", ""),
    ("정시", "set hours", "매일 09:00~18:00", "daily 09:00-18:00"),
)
"""Each in Korean and English; of some nobody has entered them."""
HOURS_COLUMNS = ("hours", "hours_en", "hours_note", "hours_note_en")

Floats = npt.NDArray[np.float64]


class Ground:
    """Where something may stand: in the neighbourhood of its trail, and beside every trail.

    Parameters
    ----------
    trails
        All trails, which nothing may block.
    neighborhoods
        Their areas in metres.
    """

    def __init__(self, trails: Sequence[Trail], neighborhoods: gpd.GeoDataFrame) -> None:
        self.areas = neighborhoods.set_index("name").geometry
        lines = [shapely.LineString(plane.to_metres(trail.points[:, :2])) for trail in trails]
        self.paths = shapely.union_all(lines)
        far = [
            line
            for trail, line in zip(trails, lines, strict=True)
            if trail.facts["id"] in WITHOUT_STOP
        ]
        self.without_stop = shapely.union_all(far)

    def find_place(self, trail: Trail, number: int, away_m: float, *, is_stop: bool) -> Floats:
        """Find a place so far from where a trail begins, at the first bearing that is free."""
        start = plane.to_metres(trail.points[:1, :2])[0]
        area = self.areas[trail.facts["neighborhood"]].buffer(-ACROSS_M[1] - 5.0)
        for turn in range(BEARINGS):
            bearing = np.radians(number * TURN_DEG + turn * 360 / BEARINGS)
            place = start + away_m * np.array([np.sin(bearing), np.cos(bearing)])
            point = shapely.Point(place)
            is_free = area.contains(point) and self.paths.distance(point) > OFF_TRAIL_M
            if is_free and not (is_stop and self.without_stop.distance(point) < CLEAR_OF_M):
                return place
        raise ValueError(f"nothing fits {away_m} m from the start of {trail.facts['id']}")


def draw_stops(trails: Sequence[Trail], ground: Ground) -> pd.DataFrame:
    """Draw two stops for each trail that a bus goes to, one on either side of a street.

    Returns
    -------
    DataFrame
        As ``layers/stops.csv`` has it. The direction is the next trail of the facts, and on the
        other side the one before.
    """
    served = [trail for trail in trails if trail.facts["id"] not in WITHOUT_STOP]
    rows = []
    for number, trail in enumerate(served):
        place = ground.find_place(trail, number, STOP_M[number % len(STOP_M)], is_stop=True)
        neighbors = served[(number + 1) % len(served)], served[number - 1]
        for side, neighbor in enumerate(neighbors):
            rows.append(
                {
                    "id": f"stop-{2 * number + side + 1:03}",
                    **_name(trail, "", ""),
                    "pole_number": f"{2 * number + side + 1:04}",
                    "direction": neighbor.facts["name"],
                    "direction_en": neighbor.facts["name_en"],
                    **_write_place(place + side * np.array(ACROSS_M)),
                }
            )
    return pd.DataFrame(rows).assign(sample="yes")


def draw_bus_lines(stops: pd.DataFrame) -> pd.DataFrame:
    """Draw which lines stop at the stops: each at a stretch of them, none at the last.

    Returns
    -------
    DataFrame
        As ``layers/bus_lines.csv`` has it, in the order in which lines go.
    """
    rows = [
        {
            "line_id": f"line-{number + 1:02}",
            "line": line,
            "stop_id": stop.id,
            "stop_name": stop.name,
            "pole_number": stop.pole_number,
            "source": "견본: 실제 노선이 아닙니다",
            "sample": "yes",
        }
        for number, (line, begin, end) in enumerate(BUS_LINES)
        for stop in stops.iloc[begin:end].itertuples()
    ]
    return pd.DataFrame(rows)


def draw_parking(trails: Sequence[Trail], ground: Ground) -> pd.DataFrame:
    """Draw a car park for every other trail, with what the standard register says of it."""
    rows = []
    for number, trail in enumerate(trails[::2]):
        place = ground.find_place(
            trail, number + 1, PARKING_M[number % len(PARKING_M)], is_stop=False
        )
        hours = zip(HOUR_COLUMNS, HOURS[number % len(HOURS)], strict=True)
        rows.append(
            {
                "id": f"parking-{number + 1:03}",
                **_name(trail, " 주차장", " car park"),
                "operator": "공영",
                "kind": "노외",
                "spaces": 12 + 7 * (number % 5),
                **dict(zip(("fee", "fee_en"), FEES[number % len(FEES)], strict=True)),
                "has_accessible": BAYS[number % len(BAYS)],
                **dict(hours),
                **_write_place(place),
            }
        )
    return pd.DataFrame(rows).assign(sample="yes")


def draw_toilets(trails: Sequence[Trail], ground: Ground) -> pd.DataFrame:
    """Draw the toilets that stand beside trails, and one near every third other trail."""
    rows: list[dict[str, object]] = []
    for number, trail in enumerate(trails):
        marked = [each for each in trail.facilities if each.kind == "toilet"]
        if not marked and number % 3:
            continue
        count = len(rows)
        if marked:
            place = {"lon": marked[0].lon, "lat": marked[0].lat}
        else:
            away_m = TOILET_M[count % len(TOILET_M)]
            place = _write_place(ground.find_place(trail, number + 2, away_m, is_stop=False))
        hours = TOILET_HOURS[count % len(TOILET_HOURS)]
        rows.append(
            {
                "id": f"toilet-{count + 1:03}",
                **_name(trail, " 공중화장실", " public toilet"),
                **dict(zip(HOURS_COLUMNS, hours, strict=True)),
                "accessible": ("yes", "yes", "no", "")[count % 4],
                **place,
            }
        )
    return pd.DataFrame(rows).assign(sample="yes")


def write(trails: Sequence[Trail], neighborhoods: gpd.GeoDataFrame, layers: Path) -> None:
    """Write stops and their lines, car parks and toilets to ``layers/``."""
    ground = Ground(trails, neighborhoods)
    stops = draw_stops(trails, ground)
    write_csv(stops, layers / "stops.csv")
    write_csv(draw_bus_lines(stops), layers / "bus_lines.csv")
    write_csv(draw_parking(trails, ground), layers / "parking.csv")
    write_csv(draw_toilets(trails, ground), layers / "toilets.csv")


def _name(trail: Trail, what: str, what_en: str) -> dict[str, str]:
    return {
        "name": f"{trail.facts['name']}{what} (견본)",
        "name_en": f"{trail.facts['name_en']}{what_en} (sample)",
    }


def _write_place(metres: Floats) -> dict[str, float]:
    # Six decimals are a tenth of a metre.
    lon, lat = np.round(plane.to_lonlat([metres])[0], 6)
    return {"lon": float(lon), "lat": float(lat)}
