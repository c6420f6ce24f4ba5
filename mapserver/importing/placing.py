"""Rows of national files: those of this city alone, and places for those that have none."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.importing.place import Box, is_outside, widen_area
from mapserver.model import Role, Snapshot
from mapserver.text.cell_text import read_cell_text
from mapserver.text.dates import normalize_text
from mapserver.text.findings import Finding, Severity

AROUND_CITY_M = 2_000.0
"""National files are cut so far beyond the box of the city: who walks to a trail at its border may
come from a stop on the other side, and stops are named up to 700 m from a trail."""
ADDRESSES = ("소재지도로명주소", "소재지지번주소", "도로명주소", "지번주소", "주소", "address")
"""Columns with an address, as registers and the city's own layers call them."""
PLACE_NAMES = ("name", "공원명")
KIND_WORDS = re.compile(r"(?:개방|공중|공공|이동식|간이)*화장실\d*(?:호|번)?$|toilets?$")
"""The end of a toilet's name; what stands before it is the place that it belongs to."""
ACCOUNT = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\s,.\-_]")
"""What is not compared in names and addresses: remarks in brackets, blanks, punctuation."""
NO_SOURCES = frozenset({Role.STOPS, Role.PARKING, Role.SHOPS, Role.TRAILS, Role.TOILETS})
"""Layers that say of no other thing where it is: stops and car parks are called after what lies
beside them, shops move out, lines are no place, and toilets are what is replaced."""
CITIES = (("도시명",), ("시도명", "시군구명"))
"""Columns of national files that say in which city a row is; there is a 서구 in several cities."""
LEAST_PLACED = 5
"""So many rows of a city that lie elsewhere show where it is; fewer may be mistyped."""
LEAST_LETTERS = 3
"""Of a shorter name (공원) there are many: it is no certain place."""


def cut_to_city(
    frame: gpd.GeoDataFrame, area: Box | None, name: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Leave out the rows that lie far from the city, unless all of them do.

    Parameters
    ----------
    frame
        EPSG:4326, indexed by id.
    area
        Box of the city; None where nothing is known of it, and nothing is left out.
    name
        The file, for messages.

    Returns
    -------
    frame : GeoDataFrame
        The rows near the city, and those without a place.
    findings : list of Finding
        How many were left out, if any. Where all would be it is another city's file or a wrong
        CRS, of which others speak.
    """
    if area is None or frame.empty:
        return frame, []
    is_far, has_place = is_outside(frame, widen_area(area, AROUND_CITY_M))
    if not is_far.any() or is_far.sum() == has_place.sum():
        return frame, []
    is_elsewhere = _find_unplaced_elsewhere(frame, is_far, has_place)
    finding = Finding(
        Severity.NOTE,
        "rows-of-elsewhere",
        name,
        N_("rows more than {km} km outside of the city are left out: {count} of {all}"),
        N_("Add it with --anyway if they belong to this city"),
        values={
            "km": round(AROUND_CITY_M / 1000),
            "count": int(is_far.sum()),
            "all": len(frame),
        },
    )
    findings = [finding]
    if is_elsewhere.any():
        findings.append(
            Finding(
                Severity.NOTE,
                "rows-of-elsewhere",
                name,
                N_("rows without a place, of cities that lie elsewhere, are left out: {count}"),
                N_("Add it with --anyway if they belong to this city"),
                values={"count": int(is_elsewhere.sum())},
            )
        )
    return frame[~is_far & ~is_elsewhere], findings


def _find_unplaced_elsewhere(
    frame: gpd.GeoDataFrame, is_far: np.ndarray, has_place: np.ndarray
) -> np.ndarray:
    """Find the rows without a place that name a city of which all rows with one lie elsewhere."""
    # Most files have none, and those of the whole country are long.
    if has_place.all():
        return np.zeros(len(frame), dtype=bool)
    cities = pd.Series([_name_city(row) for row in frame.to_dict("records")], dtype="str")
    placed = cities[has_place]
    counts = placed.value_counts()
    near = set(placed[~is_far[has_place]])
    elsewhere = {city for city in counts.index[counts >= LEAST_PLACED] if city not in near}
    return ~has_place & cities.isin(elsewhere).to_numpy()


def _name_city(row: Mapping[Hashable, object]) -> str | None:
    """Return the city that a row names: in a column of its own, or at the front of an address."""
    names = [[read_cell_text(row.get(column)) for column in columns] for columns in CITIES]
    # 광주광역시 서구 내방로 111: two words are the city, or the part of it that is one's own.
    addresses = [read_cell_text(row.get(column)).split()[:2] for column in ADDRESSES]
    texts = [words for words in names if all(words)]
    texts += [words for words in addresses if len(words) == 2]
    return next(map(" ".join, texts), None)


def place_rows(
    frame: gpd.GeoDataFrame, city: Snapshot | None, name: str, role: Role
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Fill in the places of rows without one that the city's own layers name beyond doubt.

    An address has to be the same but for blanks and remarks, or what stands before "공중화장실" in
    the name has to be the name of one place. Of two places that differ neither is taken.

    Parameters
    ----------
    frame
        EPSG:4326, indexed by id.
    city
        The city, of whose points addresses and names are known.
    name
        The file, for messages.
    role
        What the rows are: rows that give way to them say nothing of their places.

    Returns
    -------
    frame : GeoDataFrame
        With ``placed_by`` (``address`` or ``name``) in the rows that have got a place here.
    findings : list of Finding
        How many have got one by which, and how many have none.
    """
    lacks = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    if not lacks.any():
        return frame, []
    known = _list_known_places(city, role)
    geometries = frame.geometry.to_numpy().copy()
    placed_by = np.full(len(frame), None, dtype=object)
    for row in np.flatnonzero(lacks):
        cells = frame.iloc[row]
        for source, keys in (("address", _list_addresses(cells)), ("name", _list_names(cells))):
            points = {known[source][key] for key in keys if key in known[source]}
            # Two addresses of one row that lead to different places are no certain place.
            point = points.pop() if len(points) == 1 else None
            if point is not None:
                geometries[row], placed_by[row] = shapely.Point(point), source
                break
    result = frame.set_geometry(gpd.GeoSeries(geometries, frame.index, crs=frame.crs))
    if any(placed_by):
        result["placed_by"] = placed_by
    counts = {
        "address": int((placed_by == "address").sum()),
        "by_name": int((placed_by == "name").sum()),
    }
    finding = Finding(
        Severity.NOTE,
        "rows-placed",
        name,
        N_(
            "rows without a place: {count} of {all}; placed by their address: {address}, by their "
            "name: {by_name}, without a place still: {rest}"
        ),
        N_("Add columns lon and lat, or a place of the city with the same address or name"),
        values={
            "count": int(lacks.sum()),
            "all": len(frame),
            **counts,
            "rest": int(lacks.sum()) - sum(counts.values()),
        },
    )
    return result, [finding]


Places = dict[str, tuple[float, float] | None]
"""A place in degrees by its name or address; None for one that several places have."""


def _list_known_places(city: Snapshot | None, own_role: Role) -> dict[str, Places]:
    """List the places of the city's points by address and by name."""
    known: dict[str, Places] = {"address": {}, "name": {}}
    for id_, frame in city.layers.items() if city is not None else ():
        role = Role.LAYER if city is None else city.entry(id_).role
        if role in NO_SOURCES or role is own_role:
            continue
        if role is Role.FACILITIES:
            # What is marked along a trail is called after the park, too: only a toilet is one.
            frame = frame[frame["kind"] == "toilet"]  # noqa: PLW2901 -- the same layer, less of it
        is_point = (frame.geometry.geom_type == "Point").to_numpy() & ~frame.geometry.is_empty
        columns = [column for column in (*ADDRESSES, *PLACE_NAMES) if column in frame]
        for (_, cells), point in zip(
            frame.loc[is_point, columns].iterrows(), frame.geometry[is_point], strict=True
        ):
            place = (point.x, point.y)
            _note_places(known["address"], _list_addresses(cells), place)
            _note_places(known["name"], _list_names(cells), place)
    _note_marked_toilets(known["name"], city)
    return known


def _note_marked_toilets(known: Places, city: Snapshot | None) -> None:
    """Note a toilet that is marked along a trail under the trail's name: it is the park's."""
    facilities, trails = (city.facilities, city.trails) if city is not None else (None, None)
    if facilities is None or trails is None or "name" not in trails:
        return
    marked = facilities[(facilities["kind"] == "toilet") & ~facilities.geometry.is_empty]
    names = trails["name"].to_dict()
    for trail, point in zip(marked["trail"], marked.geometry, strict=True):
        _note_places(known, _list_names({"name": names.get(trail)}), (point.x, point.y))


def _note_places(known: Places, keys: Iterable[str], place: tuple[float, float]) -> None:
    for key in keys:
        # A second, different place of one name: neither is certain.
        known[key] = place if known.get(key, place) == place else None


def _list_addresses(cells: pd.Series | dict[str, object]) -> set[str]:
    texts = (_simplify(cells.get(column)) for column in ADDRESSES)
    # An address has a number; without one it is a street or a part of the city.
    return {text for text in texts if text and text[-1].isdecimal()}


def _list_names(cells: pd.Series | dict[str, object]) -> set[str]:
    texts = (_simplify(cells.get(column)) for column in PLACE_NAMES)
    stems = {re.sub(r"(?:맨발)?(?:산책)?길$", "", KIND_WORDS.sub("", text)) for text in texts}
    return {stem for stem in stems if len(stem) >= LEAST_LETTERS}


def _simplify(cell: object) -> str:
    return ACCOUNT.sub("", normalize_text(read_cell_text(cell)))
