"""Geometries written as text in a table: WKT, EWKT with its SRID, and hexadecimal WKB."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_, CrsError
from mapserver.geo import geodesy
from mapserver.text.findings import Finding, Severity

NAMES = ("wkt", "wktgeom", "ewkt", "geometry", "geom", "thegeom", "geomwkt", "wkb", "shape")
"""Names of such columns, compared without case, blanks and underscores."""

CURVES = r"circularstring|compoundcurve|curvepolygon|multicurve|multisurface"
TYPES = (
    r"(multi)?(point|linestring|polygon)|geometrycollection|linearring|triangle|tin"
    rf"|polyhedralsurface|{CURVES}"
)
WKT = re.compile(
    rf"\s*(?:srid\s*=\s*(?P<srid>\d+)\s*;)?\s*(?:{TYPES})\s*(?:z|m|zm)?\s*(?:\(|empty)",
    re.IGNORECASE,
)
HEX = re.compile(r"(?:[0-9a-f]{2}){9,}", re.IGNORECASE)
JSON = re.compile(r"\s*\{.*\"coordinates\"\s*:", re.DOTALL)
BYTE_ORDERS = ("00", "01")


def find_wkt_column(table: pd.DataFrame, *, usual_name: bool = True) -> str | None:
    """Return the column whose texts are geometries, or None.

    A column with a usual name counts where its first text is a geometry; one with another name,
    where all are.

    Parameters
    ----------
    usual_name
        Only columns with a usual name are looked at.
    """
    if not usual_name:
        columns = [
            str(c)
            for c in table
            if (cells := table[c].dropna()).size and all(_is_geometry(str(cell)) for cell in cells)
        ]
        return columns[0] if len(columns) == 1 else None
    # Of two columns that differ by case and signs alone the first counts: reversed, it is assigned
    # last.
    by_name = {re.sub(r"[\W_]+", "", str(c)).lower(): str(c) for c in reversed(table.columns)}
    for name in NAMES:
        column = by_name.get(name)
        texts = [] if column is None else table[column].dropna().head(1).tolist()
        if texts and _is_geometry(str(texts[0])):
            return column
    return None


def parse_geometries(
    texts: pd.Series[str], name: str
) -> tuple[geodesy.Geometries, str | None, list[Finding]]:
    """Parse the texts of a column into geometries.

    Parameters
    ----------
    texts
        Of each row, indexed by its line; missing where a row has no place.
    name
        Name of the file for messages.

    Returns
    -------
    geometries : ndarray of geometry, shape (n,)
        None where there is no text or it cannot be read.
    crs : str or None
        ``EPSG:5186``, where the texts say ``SRID=5186``.
    findings : list of Finding
        Texts that cannot be read, by line.

    Raises
    ------
    CrsError
        The rows name different coordinate reference systems.
    """
    parsed, srids, findings = [], set(), []
    for line, text in texts.items():
        geometry, reason = (None, "") if pd.isna(text) else _parse_geometry(str(text))
        parsed.append(geometry)
        if reason:
            findings.append(_describe_unreadable(name, f"line {line}", reason))
        # A text without an SRID counts as 0, so a mix of rows with and without one is refused as
        # well.
        elif geometry is not None:
            srids.add(_find_srid(str(text), geometry))
    if len(srids) > 1:
        raise CrsError(
            N_("rows name different coordinate reference systems: {codes}"),
            where=name,
            mend=N_("Write all of them in one"),
            codes=", ".join(sorted(str(code or "-") for code in srids)),
        )
    crs = f"EPSG:{srid}" if srids and (srid := srids.pop()) else None
    return np.array(parsed, dtype=object), crs, findings


def _is_geometry(text: str) -> bool:
    if JSON.match(text):
        return True
    is_hex = text[:2] in BYTE_ORDERS and HEX.fullmatch(text.strip())
    return bool(is_hex or WKT.match(text))


def _parse_geometry(text: str) -> tuple[shapely.Geometry | None, str]:
    """Parse one text; the reason is empty where it could be read."""
    try:
        if JSON.match(text):
            return shapely.from_geojson(text), ""
        if HEX.fullmatch(text.strip()):
            return shapely.from_wkb(text.strip()), ""
        plain = re.sub(r"^\s*srid\s*=\s*\d+\s*;", "", text, flags=re.IGNORECASE)
        # A triangle is a polygon of three corners, and a surface several polygons; they are
        # written alike, and GEOS knows only the polygons' names.
        plain = re.sub(r"^\s*triangle", "POLYGON", plain, flags=re.IGNORECASE)
        plain = re.sub(r"^\s*(tin|polyhedralsurface)", "MULTIPOLYGON", plain, flags=re.IGNORECASE)
        return shapely.from_wkt(plain), ""
    except (shapely.errors.GEOSException, NotImplementedError, ValueError) as error:
        return None, str(error).removeprefix("ParseException: ") or "-"


def _find_srid(text: str, geometry: shapely.Geometry) -> int:
    match = WKT.match(text)
    return int(match["srid"]) if match and match["srid"] else int(shapely.get_srid(geometry))


def _describe_unreadable(name: str, line: str, reason: str) -> Finding:
    is_curve = re.search(f"{CURVES}|nonlinear", reason, re.IGNORECASE) is not None
    return Finding(
        Severity.ERROR,
        "geometry-unreadable",
        name,
        N_("the geometry cannot be read: {reason}"),
        N_("Save the layer as GeoPackage, from which curves are read")
        if is_curve
        else N_("Write it as WKT, as POINT (126.8514 35.1523)"),
        line,
        {"reason": reason[:200]},
    )
