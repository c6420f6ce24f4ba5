"""What stands along a trail: the three things that walkers ask for first, and all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import shapely
from pyproj import CRS

from mapserver.analysis.trail_line import locate_on_line
from mapserver.drawing.trail_facts import TrailFacts
from mapserver.errors import N_, fill
from mapserver.geo import geodesy, heights
from mapserver.model import Phrases, Snapshot
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text

ENTRANCE_M = 20.0
"""So near to the start something stands at the entrance."""
SHOWN_DISTANCES = 6
"""Of more than this many benches nobody reads where each one is."""
NEAREST_WALK_MIN = 15
"""Another trail's toilet farther than this is none that one would walk to."""
ASKED = {
    "foot_wash": (N_("Foot wash"), "wash", "wash"),
    "toilet": (N_("Toilet"), "wc", "wc"),
    "light": (N_("Lighting"), "lamp", "lamp"),
}
"""The word, class and sign of each kind that walkers ask for first."""
SIGNS = {"shoe_rack": "rack", "bench": "bench", "entrance": "gate", "bus_stop": "bus"} | {
    kind: sign for kind, (_, _, sign) in ASKED.items()
}
SIGNS["parking"] = "park"
"""The sign of a kind in sprite.html; all others have a pin."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the three tiles: whether there is one, and where.

    Attributes
    ----------
    kind, word, name, sign
        ``toilet``; its word; the class of the tile; its sign.
    answer
        True, False, or None where nobody has said.
    where
        In words: at the entrance, three of them, none, or not known.
    """

    kind: str
    word: str
    name: str
    sign: str
    answer: bool | None
    where: str


@dataclass(frozen=True, slots=True)
class Along:
    """Facilities of one kind along a trail: the kind, its word, how many, and where they are."""

    kind: str
    word: str
    sign: str
    where: str


class TrailAlong:
    """Finds what stands along a trail, in one language.

    Parameters
    ----------
    line
        The trail in EPSG:4326.
    facilities
        Kind, label for people and place of each facility along it.
    crs
        Projected CRS in metres in which to measure.
    phrases
        The texts of the program, in the words of the city.
    lang
        Code of the language.
    """

    def __init__(
        self,
        line: shapely.Geometry,
        facilities: Sequence[tuple[str, str, shapely.Point | None]],
        crs: CRS,
        phrases: Phrases,
        lang: str,
    ) -> None:
        self._say, self._count = phrases.say, phrases.say_counted
        self._lang = lang
        # How far from the start each one is; None where it has no place, or the trail no line.
        is_drawn = line is not None and not line.is_empty
        self._distances_m: dict[tuple[str, str], list[float | None]] = {}
        for kind, label, point in facilities:
            has_place = is_drawn and point is not None and not point.is_empty
            distance_m = locate_on_line(line, point, crs).distance_m if has_place else None
            # That one enters where the trail starts goes without saying.
            if kind == "entrance" and distance_m is not None and distance_m <= ENTRANCE_M:
                continue
            self._distances_m.setdefault((kind, label), []).append(distance_m)

    def list_asked(self, facts: TrailFacts, *, with_foot_wash: bool) -> list[Asked]:
        """List the tiles of what walkers ask for first.

        Parameters
        ----------
        facts
            What is known of the trail.
        with_foot_wash
            Whether anybody looks for a foot wash in this city.
        """
        return [
            Asked(kind, self._say(word), name, sign, answer, self._write_place(kind, answer))
            for kind, (word, name, sign) in ASKED.items()
            if kind != "foot_wash" or with_foot_wash
            for answer in [getattr(facts, kind)]
        ]

    def _write_place(self, kind: str, answer: bool | None) -> str:
        if answer is None:
            return self._say(N_("Not confirmed"))
        if not answer:
            return self._say(N_("None"))
        places = [m for (k, _), found in self._distances_m.items() if k == kind for m in found]
        if len(places) > 1:
            return self._write_count(len(places))
        if not places or places[0] is None:
            return self._say(N_("There is one"))
        if places[0] <= ENTRANCE_M:
            return self._say(N_("At entrance"))
        return self._write_distances(places)

    def list_along(self) -> list[Along]:
        """List all that stands along the trail, in the order in which one comes by it first."""
        rows = [
            (min((m for m in found if m is not None), default=float("inf")), kind, label, found)
            for (kind, label), found in self._distances_m.items()
        ]
        return [
            Along(
                kind,
                self._write_label(label, len(found)),
                SIGNS.get(kind, "pin"),
                self._write_distances(found),
            )
            for _, kind, label, found in sorted(rows, key=lambda row: row[:3])
        ]

    def _write_label(self, label: str, count: int) -> str:
        return label if count == 1 else f"{label} {self._write_count(count)}"

    def _write_count(self, count: int) -> str:
        text = self._count("{count} place", "{count} places", count)
        return fill(text, {"count": language.number(count, self._lang)})

    def _write_distances(self, distances_m: Sequence[float | None]) -> str:
        """Write how far from the start some are; empty where that is not known of all, or many."""
        known_m = sorted(m for m in distances_m if m is not None)
        if not known_m or len(known_m) < len(distances_m) or len(known_m) > SHOWN_DISTANCES:
            return ""
        texts = ", ".join(language.distance(m, self._lang) for m in known_m)
        return fill(self._say(N_("{distances} from the start")), {"distances": texts})


def find_nearest_facility(
    city: Snapshot, line: shapely.Geometry, kind: str
) -> tuple[str, float] | None:
    """Find the nearest facility of a kind that another trail has.

    Parameters
    ----------
    city
        The city.
    line
        The trail that has none, in EPSG:4326.
    kind
        The kind (``toilet``).

    Returns
    -------
    trail, metres : tuple or None
        Id of the trail it belongs to, or empty, and the geodesic distance from the line; None
        where there is none within a short walk.
    """
    frame = city.facilities
    if frame is None or line is None or line.is_empty:
        return None
    crs = city.metric_crs
    placed = city.derived.get(
        ("placed", kind, crs), (frame,), lambda: _place_kind(frame, kind, crs)
    )
    if placed.empty:
        return None
    way = heights.project_shapes(gpd.GeoSeries([line], crs=frame.crs), crs).iloc[0]
    distances_m = placed.distance(way)
    nearest = int(distances_m.to_numpy().argmin())
    distance_m = float(distances_m.iloc[nearest])
    if distance_m > NEAREST_WALK_MIN * geodesy.WALKING_M_PER_MIN:
        return None
    return read_cell_text(placed["trail"].iloc[nearest]), distance_m


def _place_kind(frame: gpd.GeoDataFrame, kind: str, crs: CRS) -> gpd.GeoDataFrame:
    """Project the facilities of a kind that have a place."""
    rows = frame[(frame["kind"] == kind) & ~(frame.geometry.is_empty | frame.geometry.isna())]
    return rows[["trail", rows.geometry.name]].to_crs(crs)
