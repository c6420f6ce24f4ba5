"""Coordinates of any stated CRS into degrees on WGS 84; an unstated one is refused, not guessed."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import ProjError

from mapserver.errors import N_, CrsError
from mapserver.geo import extent, geodesy
from mapserver.readers.vector.source import Source
from mapserver.settings import limits
from mapserver.text.code_pages import Box
from mapserver.text.findings import Finding, Severity

CANDIDATES = (5186, 5174, 5179, 5181, 5187, 5185, 5178, 2097, 32652, 4326)
"""EPSG codes that Korean offices use. Mistaking one for another moves a place by 260 m or more."""

KOREA = (124.0, 33.0, 132.0, 43.5)
USUAL = re.compile(r"258[23]\d|32[67]\d\d|66[67]\d|24[45]\d|45\d\d|3826|3857")
"""UTM on ETRS89 and WGS 84, and the grids of Japan, China and Taiwan: codes that come first."""

NEAR_DEGREES = 0.5


def to_lonlat(
    source: Source, stated: str | None, name: str, city_box: Box | None = None
) -> tuple[geodesy.Geometries, list[Finding]]:
    """Transform the geometries of a source to EPSG:4326.

    Parameters
    ----------
    source
        What was read, with an index of ids for messages.
    stated
        The CRS that the catalogue states; it counts where the file states none.
    name
        Name of the file for messages.
    city_box
        Where the city lies, which the CRS of a file that states none has to fit.

    Returns
    -------
    geometries : ndarray of geometry
        In degrees, longitude first, two dimensions. None where a feature is no place on earth.
    findings : list of Finding
        A contradiction between the file and the catalogue, and features that are no place.

    Raises
    ------
    CrsError
        The CRS is unknown, has no known relation to WGS 84, or does not fit the coordinates.
    """
    geometries = shapely.force_2d(source.frame.geometry.to_numpy())
    # Each guard below belongs to one mistake: metres called degrees, then degrees called a grid.
    crs, findings = _decide_crs(source, geometries, stated, name, city_box)
    if crs.is_geographic:
        _require_degrees(geometries, name, city_box)
    if not crs.equals(geodesy.LONLAT, ignore_axis_order=True):
        _require_grid(crs, geometries, name)
        # Infinite coordinates raise warnings here and are dropped as faulty below.
        transform = make_lonlat_transformer(crs, name).transform
        with np.errstate(invalid="ignore"):
            geometries = shapely.transform(geometries, transform, interleaved=False)
    return _drop_faulty(geometries, source, crs, name, findings)


def override_crs(source: Source, stated: str, name: str) -> Source:
    """Return a source that states no CRS, so that the one that a person names counts.

    Where the file states another one, a finding says so.

    Raises
    ------
    CrsError
        The name is not that of a CRS.
    """
    wanted = geodesy.parse_crs(stated, where=name)
    file_crs = _drop_vertical(source.crs)
    if file_crs is None or wanted.equals(file_crs, ignore_axis_order=True):
        return replace(source, crs=None)
    overridden = Finding(
        Severity.WARNING,
        "crs-overridden",
        name,
        N_("the file says {own}; it is read as {stated}, as you say"),
        N_("Leave --crs out if the file is right"),
        values={
            "own": _name_crs(file_crs),
            "stated": stated,
        },
    )
    return replace(source, crs=None, findings=[*source.findings, overridden])


def make_lonlat_transformer(crs: CRS, name: str) -> Transformer:
    """Make a transformer to WGS 84 that knows the shift between the datums.

    Raises
    ------
    CrsError
        PROJ knows no shift. It would pass the degrees on as they are, which for a ``.prj`` on the
        Bessel ellipsoid is some 390 m off in Korea.
    """
    try:
        return Transformer.from_crs(crs, geodesy.LONLAT, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise CrsError(
            N_("{crs} has no known relation to WGS 84"),
            where=name,
            mend=N_(
                "Name the CRS with --crs EPSG:5174, for example; for a file in layers/ remove its"
                ' .prj and write crs = "EPSG:5174" in catalog.toml'
            ),
            crs=crs.name,
        ) from error


def ask_crs(name: str, x: float, y: float, city_box: Box | None = None) -> CrsError:
    """Ask for the CRS, and show where each that is possible would put the first point.

    Parameters
    ----------
    x, y
        The first point.
    city_box
        Where the city lies; None where that is not known.
    """
    places = find_candidates(x, y, city_box)
    is_swapped = not places and bool(find_candidates(y, x, city_box))
    if is_swapped:
        places = find_candidates(y, x, city_box)
    written = [f"{code} {lon:.4f}, {lat:.4f}" for code, (lon, lat) in places.items()]
    return CrsError(
        N_("the CRS is not stated; with x and y swapped the first point would be at {places}")
        if is_swapped
        else N_("the CRS is not stated; the first point would be at {places}")
        if written
        else N_(
            "the CRS is not stated, and the first point, {x}, {y}, fits none that is used here"
        ),
        where=name,
        mend=N_("Ask who made the file, and name it: --crs {first}, or crs in catalog.toml"),
        places="; ".join(written),
        first=next(iter(places), "EPSG:5186"),
        x=x,
        y=y,
    )


def _require_degrees(geometries: geodesy.Geometries, name: str, city_box: Box | None) -> None:
    """Ask for the CRS of a file that says degrees and holds metres throughout."""
    coordinates = shapely.get_coordinates(geometries)
    # All of the finite coordinates must be beyond 1000; one mistyped degree does not make a grid.
    coordinates = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(coordinates) or not (np.abs(coordinates) > 1000).all():
        return
    x, y = map(float, coordinates[0])
    raise CrsError(
        N_("longitude {lon}, latitude {lat}: these look like metres of a projected CRS"),
        where=name,
        mend=N_("Ask who made the file, and name it: --crs {first}, or crs in catalog.toml"),
        lon=x,
        lat=y,
        first=ask_crs(name, x, y, city_box).values["first"],
    )


def find_candidates(x: float, y: float, city_box: Box | None) -> dict[str, tuple[float, float]]:
    """Find the CRS in which a point may be, and where on earth it then lies.

    Of a city those of its area of use are tried (``pyproj.database``), the usual ones first, and
    listed where the point falls within half a degree of it. Without a city Korea's
    are listed where the point falls into Korea, or else the others of the world where it falls
    into their area of use.

    Returns
    -------
    dict
        For each CRS longitude and latitude; at most :data:`MOST_CANDIDATES`.
    """
    tried: list[tuple[list[str], Box | None]]
    # The usual Korean codes come first, in the order in which offices use them.
    korean = [f"EPSG:{code}" for code in CANDIDATES]
    if city_box is None:
        tried = [(korean, KOREA), (_query_crs(None), None)]
    else:
        area = _widen_box(city_box, NEAR_DEGREES)
        is_korea = shapely.box(*area).intersects(shapely.box(*KOREA))
        used = _query_crs(area)
        ordered = [*korean, *(code for code in used if code not in korean)] if is_korea else used
        tried = [(ordered if is_korea else ["EPSG:4326", *ordered], area)]
    # The first list in which any candidate fits is the answer; the wider list is only tried after
    # it.
    for codes, area_box in tried:
        places = {
            code: place
            for code in codes
            if (place := _find_place(code, x, y, area_box)) is not None
        }
        if places:
            return dict(list(_drop_equal(places).items())[: limits.MAX_SHOWN_CRS])
    return {}


def _drop_equal(
    places: dict[str, tuple[float, float]],
) -> dict[str, tuple[float, float]]:
    """Drop the CRS that put the point where one before them does, to some ten metres."""
    distinct: dict[tuple[float, float], str] = {}
    for code, (lon, lat) in places.items():
        # Four decimals of a degree are some eleven metres, less than any two distinct candidates
        # differ.
        distinct.setdefault((round(lon, 4), round(lat, 4)), code)
    return {code: places[code] for code in distinct.values()}


def _name_crs(crs: CRS) -> str:
    """Return the code of a CRS, or its name where no authority has given it one."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def _widen_box(box: Box, degrees: float) -> Box:
    return box[0] - degrees, box[1] - degrees, box[2] + degrees, box[3] + degrees


@cache
def _query_crs(area: Box | None) -> list[str]:
    """Return the projected CRS that are used in an area, the most local ones first."""
    of_interest = None
    if area is not None:
        # An area over 180 degrees has its west beyond its east once both are wrapped.
        west, east = extent.wrap([area[0], area[2]]).tolist()
        of_interest = AreaOfInterest(west, area[1], east, area[3])
    infos = query_crs_info("EPSG", PJType.PROJECTED_CRS, of_interest)
    bounds = {info.code: info.area_of_use.bounds for info in infos if info.area_of_use is not None}

    def rank_crs(code: str) -> tuple[bool, float]:
        west, south, east, north = bounds[code]
        is_usual = USUAL.fullmatch(code) is not None
        # Sorted by usualness, then by area in square degrees: a small area of use fits a city best.
        return not is_usual, float((east - west) % 360 * (north - south))

    return [f"EPSG:{code}" for code in sorted(bounds, key=rank_crs)]


def _find_place(code: str, x: float, y: float, area: Box | None) -> tuple[float, float] | None:
    """Return where a point in a CRS lies; None outside of the area, or of where the CRS is used."""
    crs = geodesy.parse_crs(code)
    if area is None and crs.area_of_use is not None:
        area = crs.area_of_use.bounds
    try:
        # Ballpark shifts are allowed here: the place is only shown to a person, who decides.
        lon, lat = geodesy.build_transformer(crs, geodesy.LONLAT).transform(x, y)
    except ProjError:
        return None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return (lon, lat) if area is None or extent.is_within(lon, lat, area) else None


def describe_crs(source: Source, stated: str | None) -> str:
    """Return the name of the CRS that a file is in, as the file or else the catalogue says it."""
    file_crs = _drop_vertical(source.crs)
    if file_crs is None:
        return stated or "EPSG:4326"
    if file_crs.equals(geodesy.LONLAT, ignore_axis_order=True):
        return "EPSG:4326"
    return _name_crs(file_crs)


def describe_crs_proof(source: Source, stated: str | None) -> str:
    """Return what the CRS of a file was concluded from: a message id."""
    if _drop_vertical(source.crs) is not None:
        return N_("the file says so")
    return N_("as you say") if stated else N_("the format means degrees")


def _decide_crs(
    source: Source,
    geometries: geodesy.Geometries,
    stated: str | None,
    name: str,
    city_box: Box | None,
) -> tuple[CRS, list[Finding]]:
    wanted = None if stated is None else geodesy.parse_crs(stated, where=name)
    file_crs = _drop_vertical(source.crs)
    if file_crs is None:
        if wanted is not None:
            return wanted, []
        if source.implied:
            return geodesy.LONLAT, []
        coordinates = shapely.get_coordinates(geometries[:100])
        x, y = coordinates[0] if len(coordinates) else (0.0, 0.0)
        raise ask_crs(name, float(x), float(y), city_box)
    if wanted is None or wanted.equals(file_crs, ignore_axis_order=True):
        return file_crs, []
    contradiction = Finding(
        Severity.WARNING,
        "crs-contradiction",
        name,
        N_("the file says {own}, the catalogue {stated}; the file is followed"),
        N_("Take crs out of catalog.toml, or correct the file"),
        values={
            "own": _name_crs(file_crs),
            "stated": stated,
        },
    )
    return file_crs, [contradiction]


def _drop_vertical(crs: CRS | None) -> CRS | None:
    """Leave out heights, and what GDAL calls undefined."""
    if crs is None or crs.name.startswith(("Undefined", "Unknown", "unnamed")):
        return None
    return crs.sub_crs_list[0] if crs.is_compound else crs


def _require_grid(crs: CRS, geometries: geodesy.Geometries, name: str) -> None:
    """Refuse degrees under the name of a grid: they would all land on the grid's origin."""
    coordinates = shapely.get_coordinates(geometries)
    if crs.is_projected and len(coordinates) and (np.abs(coordinates) <= [180, 90]).all():
        raise CrsError(
            N_("the CRS is {crs}, but longitude {lon}, latitude {lat} are degrees"),
            where=name,
            mend=N_("Correct the CRS of the file or in catalog.toml; degrees are EPSG:4326"),
            crs=crs.name,
            lon=float(coordinates[0][0]),
            lat=float(coordinates[0][1]),
        )


def _drop_faulty(
    geometries: geodesy.Geometries,
    source: Source,
    crs: CRS,
    name: str,
    findings: list[Finding],
) -> tuple[geodesy.Geometries, list[Finding]]:
    """Remove the features that are no place on earth; refuse the file if all are."""
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    with np.errstate(invalid="ignore"):
        # The comparison is False for NaN, so vertices that are no number count as faulty, too.
        on_earth = (np.abs(coordinates) <= [180, 90]).all(axis=1)  # False for NaN
    faulty, first_vertices = np.unique(owner[~on_earth], return_index=True)
    if not len(faulty):
        return geometries, findings
    places = coordinates[~on_earth][first_vertices]
    if len(faulty) == len(np.unique(owner)):
        what, mend, values = _describe_misfit(places[0], crs)
        raise CrsError(what, where=name, mend=mend, **values)
    for position, place in zip(faulty, places, strict=True):
        what, mend, values = _describe_misfit(place, crs)
        feature = str(source.frame.index[position])
        findings.append(
            Finding(Severity.ERROR, "coordinate-out-of-range", name, what, mend, feature, values)
        )
    placed_geometries = geometries.copy()
    placed_geometries[faulty] = None
    return placed_geometries, findings


def _describe_misfit(place: geodesy.Floats, crs: CRS) -> tuple[str, str, dict[str, object]]:
    if crs.is_geographic:
        lon, lat = float(place[0]), float(place[1])
        what, mend = geodesy.find_lonlat_fault(lon, lat) or ("", "")
        return what, mend, {"lon": lon, "lat": lat}
    return (
        N_("the coordinates do not fit {crs}"),
        N_("Correct the CRS of the file or in catalog.toml"),
        {"crs": crs.name},
    )
