"""Features as lists show and filter them, in one language and on one day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely

from mapserver.analysis import shops as shop_analysis
from mapserver.drawing.caption import Caption
from mapserver.drawing.captions import Captions, list_records
from mapserver.drawing.trail_facts import TrailFacts
from mapserver.drawing.trail_picture import TrailPicture, draw_trail_picture
from mapserver.geo import extent
from mapserver.geo.geodesy import MAP_DECIMALS
from mapserver.model import Snapshot, State
from mapserver.text.cell_text import read_cell_text
from mapserver.text.hangul import make_search_pattern
from mapserver.text.languages import LANGUAGES

SHORT_M, LONG_M = 200, 1000
"""Below and above these a trail is found among the short and the long ones."""


@dataclass(frozen=True, slots=True)
class ListedFeature:
    """A feature as lists show it.

    Attributes
    ----------
    layer, id, name
        Which it is, and its name in the reader's language.
    names
        All that one may type to find it.
    area_id, area
        Its neighbourhood: id and name, empty where unknown.
    lon, lat
        A place on it, in degrees; NaN where it has none.
    caption
        What else is said of it.
    row
        Its attributes as they stand in the data.
    """

    layer: str
    id: str
    name: str
    names: str
    area_id: str
    area: str
    lon: float
    lat: float
    caption: Caption
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListedTrail:
    """A trail as lists show and filter it: its length, its picture, and what one finds there.

    Attributes
    ----------
    place
        The trail as all lists show it.
    measures
        Its figures and facilities, as its page and its poster have them.
    picture
        Its own line, in a small square; None where it is not drawn.
    """

    place: ListedFeature
    measures: TrailFacts
    picture: TrailPicture | None

    @property
    def length_m(self) -> float:
        """Its length in metres; NaN where it is not drawn."""
        return math.nan if self.measures.length_m is None else self.measures.length_m

    @property
    def surface(self) -> str:
        """Its ground as the register has it, or empty."""
        return self.measures.surface

    @property
    def foot_wash(self) -> bool | None:
        """Whether there is a foot wash; None where nobody has said."""
        return self.measures.foot_wash

    @property
    def toilet(self) -> bool | None:
        """Whether there is a toilet; None where nobody has said."""
        return self.measures.toilet

    @property
    def light(self) -> bool | None:
        """Whether it is lit at night; None where nobody has said."""
        return self.measures.light

    @property
    def ground(self) -> str:
        """The kind of ground, which colours its picture: ``clay``, or ``sand`` for all else."""
        return "clay" if self.measures.is_clay else "sand"

    @property
    def span(self) -> str:
        """Whether it is ``short``, ``middle``, ``long`` or ``unknown``, as lists filter it."""
        if math.isnan(self.length_m):
            return "unknown"
        if self.length_m < SHORT_M:
            return "short"
        return "long" if self.length_m > LONG_M else "middle"

    @property
    def is_open(self) -> bool:
        """Whether one can walk it today."""
        return self.place.caption.state == State.OPEN

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can tell if one can walk it today."""
        return self.place.caption.state == State.UNKNOWN


def list_features(city: Snapshot, layer: str, captions: Captions) -> list[ListedFeature]:
    """List the features of a layer in the order of its frame, with their captions.

    Parameters
    ----------
    city, layer
        The city, and the id of one of its layers.
    captions
        Captions of the city in the reader's language.
    """
    frame = city.layers[layer]
    # A line over the 180th meridian is two, so that its place lies on one of them.
    points = shapely.point_on_surface(extent.divide_lines(frame.geometry.to_numpy()))
    areas = city.neighborhoods
    homes = pd.Series(None, frame.index)
    if areas is not None:
        homes = city.derived.get("homes", (frame, areas), lambda: shop_analysis.home(frame, areas))
    rows = zip(
        frame.index, list_records(city, frame), captions.of(layer), points, homes, strict=True
    )
    features = []
    for id_, row, caption, point, home in rows:
        has_place = point is not None and not point.is_empty
        area = read_cell_text(row.get("neighborhood"))
        names = {
            caption.name,
            str(id_),
            read_cell_text(row.get("name")),
            *(read_cell_text(row.get(f"name_{lang}")) for lang in LANGUAGES),
        }
        features.append(
            ListedFeature(
                layer=layer,
                id=str(id_),
                name=caption.name,
                # Readers have put accents that stand for themselves and their letters together.
                names=" ".join((*sorted(names - {""}), caption.place, area)),
                area_id=read_cell_text(home),
                area=caption.place,
                lon=round(point.x, MAP_DECIMALS) if has_place else float("nan"),
                lat=round(point.y, MAP_DECIMALS) if has_place else float("nan"),
                caption=caption,
                row=row,
            )
        )
    return features


def list_trails(city: Snapshot, places: list[ListedFeature]) -> list[ListedTrail]:
    """List trails with what one filters them by, in the order of their places."""
    geometries = city.layers[places[0].layer].geometry if places else {}
    return [
        ListedTrail(place, _read_measures(place), draw_trail_picture(geometries.get(place.id)))
        for place in places
    ]


def _read_measures(place: ListedFeature) -> TrailFacts:
    return place.caption.measures or TrailFacts()


def read_length(place: ListedFeature) -> float:
    """Return the length of a trail in metres; NaN where it is not drawn."""
    length_m = place.row.get("length_m")
    return math.nan if length_m is None else float(length_m)


def rank_in(orders: Mapping[str, list[str]]) -> dict[str, dict[str, int]]:
    """Return for each id its rank in each of some orders, for pages that sort in the browser."""
    ranks: dict[str, dict[str, int]] = {}
    for name, ids in orders.items():
        for rank, id_ in enumerate(ids):
            ranks.setdefault(id_, {})[name] = rank
    return ranks


def has_all_words(place: ListedFeature, typed: str) -> bool:
    """Return whether all words that somebody typed, or began to type, find a feature."""
    return all(make_search_pattern(word).search(place.names) for word in typed.split())
