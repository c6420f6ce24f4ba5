"""The trails of the sample city: smooth paths of the reported lengths at real places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import gpxpy.gpx
import numpy as np
import numpy.typing as npt
import pandas as pd

from sample_city import plane
from sample_city.tables import read_facts, write_csv

SPACING_M = 5.0
NAMESPACE = "https://maenballo.invalid/sample/1"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
SAMPLE = "견본: 실제로 측량한 길이 아님 / Sample: not a surveyed path"
FACILITIES = {
    "entrance": "입구",
    "foot_wash": "세족장",
    "shoe_rack": "신발장",
    "toilet": "화장실",
    "bench": "벤치",
    "light": "조명",
}
STEPS = {"geumdangsan-2": "yes", "jipbongsan": "yes", "geumdangsan-1": "", "yuchon-park": ""}
"""Made up: which trails have steps, and of which nobody says; all others have none."""
BESIDE_M = {"entrance": 0.0, "foot_wash": 3.0, "shoe_rack": -3.0, "toilet": 12.0, "light": -2.0}
REGISTER = (
    *("id", "name", "name_en", "neighborhood", "surface", "width_m", "lighting", "foot_wash"),
    *("steps", "toilet", "opened", "season", "status", "source", "notes", "sample"),
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Facility:
    """Something beside a trail: its kind and where it is (lon, lat, elevation in metres)."""

    kind: str
    lon: float
    lat: float
    elevation_m: float


@dataclass(frozen=True, slots=True)
class Trail:
    """A drawn trail.

    Attributes
    ----------
    facts
        Its row of ``facts/trails.csv``, as text.
    points
        Shape (n, 3): lon, lat, elevation in metres; one point for about 5 m.
    facilities
        What stands beside it.
    """

    facts: dict[str, str]
    points: Floats
    facilities: tuple[Facility, ...]


def draw() -> list[Trail]:
    """Draw every trail of ``facts/trails.csv``, in its order."""
    positions = read_facts("positions.csv").set_index("name")[["lon", "lat"]].astype(float)
    hill = read_facts("geumdangsan.csv").astype(float)
    trails = []
    for facts in read_facts("trails.csv").to_dict("records"):
        row = {str(key): str(value) for key, value in facts.items()}
        length_m = float(row["length_m"])
        if row["shape"] == "path":
            section = hill[hill["section"] == float(row["id"].rpartition("-")[2])]
            at = plane.to_metres(section[["lon", "lat"]].to_numpy())
            corners = np.column_stack([at, section["elevation_m"]])
        else:
            corners = _corners(row) * length_m / 4
            corners[:, :2] += plane.to_metres(positions.loc[[row["place"]]].to_numpy())
            corners[:, 2] = _elevations(row, corners)
        line = _even(_fitted(_rounded(corners), length_m))
        trails.append(Trail(row, _lonlat(line), _facilities(row, line)))
    return trails


def write(trails: list[Trail], out: Path) -> None:
    """Write one GPX 1.1 file for each trail and the register ``trails.csv`` into ``gpx/``."""
    for trail in trails:
        text = _gpx(trail).to_xml(version="1.1", prettyprint=True)
        (out / "gpx" / f"{trail.facts['id']}.gpx").write_text(text + "\n", "utf-8", newline="")
    register = pd.DataFrame([trail.facts for trail in trails]).assign(
        steps=[STEPS.get(trail.facts["id"], "no") for trail in trails],
        toilet=["yes" if "toilet" in trail.facts["facilities"] else "no" for trail in trails],
        season="03-01/11-30",
        status="open",
        source="Drawn for this project; names and totals as reported in 2025",
        sample="yes",
    )
    write_csv(register[list(REGISTER)], out / "gpx" / "trails.csv")


# -- shapes --------------------------------------------------------------------------------------


def _corners(row: dict[str, str]) -> Floats:
    """Give the corners of a shape about the origin, some four units long, turned as asked."""
    aspect = float(row["aspect"])
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    match row["shape"]:
        case "loop":
            # Round, but a little different at each place, as paths in parks are.
            phase = sum(map(ord, row["id"])) % 12
            radius = 1 + 0.16 * np.cos(2 * turn + phase) + 0.1 * np.cos(3 * turn - phase)
            x, y = radius * np.cos(turn), aspect * radius * np.sin(turn)
        case "oval":
            # A running track: two straights and two half circles.
            bend = np.linspace(-np.pi / 2, np.pi / 2, 7)
            right = 1 + aspect * np.cos(bend), aspect * np.sin(bend)
            x, y = np.concatenate([right, np.negative(right)], axis=1)
        case "square":
            x = np.array([-1, 0, 1, 1, 1, 0, -1, -1])
            y = np.array([-1, -1, -1, 0, 1, 1, 1, 0]) * aspect
        case "arc":
            part = np.linspace(-0.42 * np.pi, 0.42 * np.pi, 9)
            x, y = 2 * np.sin(part), 2 * aspect * np.cos(part) + 0.08 * np.sin(5 * part)
        case "strip":
            x = np.linspace(-2, 2, 9)
            y = 2 * aspect * np.sin(1.7 * x + aspect)
        case shape:
            raise ValueError(f"facts/trails.csv names an unknown shape: {shape}")
    if row["shape"] in ("loop", "oval", "square"):
        x, y = np.append(x, x[0]), np.append(y, y[0])
    bearing = np.radians(90 - float(row["bearing_deg"]))
    turned = np.column_stack(
        [x * np.cos(bearing) - y * np.sin(bearing), x * np.sin(bearing) + y * np.cos(bearing)]
    )
    return np.column_stack([turned, np.zeros(len(x))])


def _elevations(row: dict[str, str], corners: Floats) -> Floats:
    """Let the ground rise towards the north-east of the place: the same path, the same heights."""
    slope = corners[:, 0] + corners[:, 1]
    lift = (slope - slope.min()) / np.ptp(slope)
    return np.asarray(float(row["elevation_m"]) + float(row["rise_m"]) * lift, dtype=np.float64)


def _rounded(corners: Floats) -> Floats:
    """Cut corners (Chaikin 1974) until none is left to see; ends stay, loops stay closed."""
    line = corners
    closed = np.array_equal(line[0], line[-1])
    for _ in range(5):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.stack([near, far], axis=1).reshape(-1, line.shape[1])
        line = np.vstack([cut, cut[:1]]) if closed else np.vstack([line[:1], cut[1:-1], line[-1:]])
    return line


def _fitted(line: Floats, length_m: float) -> Floats:
    """Scale a line about its middle until it has its length; heights stay."""
    fitted = line.copy()
    middle = line[:, :2].mean(axis=0)
    for _ in range(3):
        fitted[:, :2] = middle + (fitted[:, :2] - middle) * length_m / plane.length_m(fitted)
    return fitted


def _even(line: Floats) -> Floats:
    """Place points along a line, one for about 5 m."""
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(line[:, :2], axis=0).T)))
    steps = np.linspace(0, along[-1], max(round(along[-1] / SPACING_M), 1) + 1)
    return np.column_stack([np.interp(steps, along, column) for column in line.T])


def _lonlat(line: Floats) -> Floats:
    lonlat = np.round(plane.to_lonlat(line[:, :2]), 7)
    return np.column_stack([lonlat, np.round(line[:, 2], 1)])


# -- facilities ----------------------------------------------------------------------------------


def _facilities(row: dict[str, str], line: Floats) -> tuple[Facility, ...]:
    """Place what the facts name: entrances at the ends, benches and lights along the way."""
    kinds = row["facilities"].split()
    found = []
    for kind in dict.fromkeys(kinds):
        for number in range(kinds.count(kind)):
            share = _share(kind, number, kinds.count(kind), line)
            found.append(_beside(line, kind, share))
    return tuple(found)


def _share(kind: str, number: int, of: int, line: Floats) -> float:
    """Tell how far along the line something stands, from 0 to 1."""
    match kind:
        case "entrance":
            is_loop = np.array_equal(line[0], line[-1])
            return number / of if is_loop else float(number)
        case "foot_wash" | "shoe_rack" | "toilet":
            return 2 / len(line)  # some ten metres in, where one comes and leaves
        case _:
            return (number + 0.5 + (0.2 if kind == "light" else 0.0)) / of % 1


def _beside(line: Floats, kind: str, share: float) -> Facility:
    at = share * (len(line) - 1)
    here = np.array([np.interp(at, np.arange(len(line)), column) for column in line.T])
    before = min(int(at), len(line) - 2)
    ahead = line[before + 1, :2] - line[before, :2]
    left = np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead)
    lon, lat = np.round(plane.to_lonlat([here[:2] + BESIDE_M.get(kind, 2.0) * left])[0], 7)
    return Facility(kind, float(lon), float(lat), round(float(here[2]), 1))


# -- files ---------------------------------------------------------------------------------------


def _gpx(trail: Trail) -> gpxpy.gpx.GPX:
    facts = trail.facts
    content = gpxpy.gpx.GPX()
    content.creator = "Maenballo make_sample_city"
    content.nsmap = {"maenballo": NAMESPACE}
    content.name, content.description = facts["name"], SAMPLE
    content.copyright_author, content.copyright_license = "Maenballo", CC0
    content.bounds = _bounds(trail)
    content.metadata_extensions.append(_mark())
    content.waypoints = [_waypoint(facility) for facility in trail.facilities]
    segment = gpxpy.gpx.GPXTrackSegment(
        [
            gpxpy.gpx.GPXTrackPoint(latitude=float(lat), longitude=float(lon), elevation=float(ele))
            for lon, lat, ele in trail.points
        ]
    )
    track = gpxpy.gpx.GPXTrack(name=facts["name"], description=facts["notes"] or None)
    track.type = "barefoot"
    track.segments.append(segment)
    content.tracks.append(track)
    return content


def _bounds(trail: Trail) -> gpxpy.gpx.GPXBounds:
    beside = [(facility.lon, facility.lat) for facility in trail.facilities]
    every = np.vstack([trail.points[:, :2], beside])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    return gpxpy.gpx.GPXBounds(float(south), float(north), float(west), float(east))


def _waypoint(facility: Facility) -> Any:
    return gpxpy.gpx.GPXWaypoint(
        latitude=facility.lat,
        longitude=facility.lon,
        elevation=facility.elevation_m,
        name=FACILITIES[facility.kind],
        type=facility.kind,
    )


def _mark() -> Any:
    mark = ElementTree.Element(f"{{{NAMESPACE}}}sample")
    mark.text = "true"
    return mark
