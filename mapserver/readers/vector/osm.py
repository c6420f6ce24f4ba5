"""OpenStreetMap extracts: of all that is in them, the ways on which people may walk."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.files.sizes import require_size
from mapserver.geo.geodesy import LONLAT
from mapserver.readers.vector.source import Source
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

WALKED = frozenset(
    {
        *("footway", "path", "steps", "pedestrian", "living_street", "track", "bridleway"),
        *("corridor", "service", "residential", "unclassified", "road"),
        *("tertiary", "tertiary_link", "secondary", "secondary_link"),
        *("primary", "primary_link", "trunk", "trunk_link"),
    }
)
"""Kinds of ``highway`` that one walks on or beside unless the way says otherwise."""
IF_ALLOWED = frozenset({"cycleway", "busway", "bus_guideway", "motorway", "motorway_link"})
"""Kinds that one walks only where the way says so with ``foot``."""
YES = frozenset({"yes", "designated", "permissive", "destination", "official", "customers"})
NO = frozenset({"no", "private", "use_sidepath", "forestry", "agricultural", "military"})
"""What ``foot`` says, and, where it says nothing, ``access``; ``motorroad=yes`` is a no as well."""

TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"', re.DOTALL)
PBF = b"\n\tOSMHeader"
XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<osm[\s>]", re.DOTALL
)
OTHERS = b"<OGRVRT"
"""A mark by which GDAL would take the file for one that names other files."""


def read_osm(path: Path, *, name: str) -> Source:
    """Read the ways of an extract on which people may walk.

    Parameters
    ----------
    path
        ``.osm`` (XML) or ``.osm.pbf``, as download sites and editors write them.

    Returns
    -------
    Source
        Lines with ``osm_id`` as their id, ``name``, ``name_en`` where a way has one, ``highway``
        and ``other_tags`` (hstore). Squares drawn as areas are not in it.

    Raises
    ------
    DataError
        It is no extract, or nobody can walk in it.

    Notes
    -----
    What may be walked follows OpenStreetMap's tags (wiki: Key:highway, Key:foot, Key:access), as
    routing programs for walkers read them: ``WALKED``, ``IF_ALLOWED``, ``YES`` and ``NO``.
    """
    require_size([path], name)
    # GDAL chooses its driver by the content, so the content is checked before GDAL opens the file.
    _require_osm(path, name)
    lines = gpd.GeoDataFrame(
        pyogrio.read_dataframe(
            path,
            layer="lines",
            columns=["osm_id", "name", "highway", "other_tags"],
            where="highway IS NOT NULL",
        )
    )
    tags = lines["other_tags"].map(parse_tags) if len(lines) else pd.Series([], dtype=object)
    pairs = zip(lines["highway"], tags, strict=True)
    # Which ways are walked is decided here and not in GDAL's filter: the rules need all tags.
    is_walked = np.array([may_walk(str(highway), way_tags) for highway, way_tags in pairs], bool)
    if not is_walked.any():
        raise DataError(
            N_("there is no way on which one may walk"),
            where=name,
            mend=N_("Take an OpenStreetMap extract with the streets and paths of the city"),
        )
    ways = lines[is_walked].reset_index(drop=True)
    english = [
        way_tags.get("name:en") for way_tags, walks in zip(tags, is_walked, strict=True) if walks
    ]
    if any(english):
        ways.insert(2, "name_en", pd.Series(english, dtype="str"))
    left_out = Finding(
        Severity.NOTE,
        "ways-not-walked",
        name,
        N_("{count} of {all} streets and paths are left out: nobody may walk there"),
        N_("Add foot=yes in OpenStreetMap where one may"),
        values={"count": int((~is_walked).sum()), "all": len(is_walked)},
    )
    return Source(
        ways.drop(columns="osm_id").set_crs(None, allow_override=True),
        CRS(LONLAT),
        ids=ways["osm_id"].to_numpy(dtype=object),
        findings=[] if is_walked.all() else [left_out],
    )


def parse_tags(hstore: object) -> dict[str, str]:
    """Read tags as GDAL writes them: ``"foot"=>"yes","access"=>"private"``."""
    if not isinstance(hstore, str):
        return {}
    return {_unescape_tag(key): _unescape_tag(value) for key, value in TAG.findall(hstore)}


def _unescape_tag(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def may_walk(highway: str, tags: dict[str, str]) -> bool:
    """Return whether people may walk on a way.

    Parameters
    ----------
    highway
        Its kind.
    tags
        What else it says.
    """
    if highway not in WALKED | IF_ALLOWED or tags.get("area") == "yes":
        return False
    # The more specific tag decides: foot overrules access, and access overrules the kind of way.
    foot = tags.get("foot", "")
    if foot in YES | NO:
        return foot in YES
    forbidden = tags.get("access") in NO or tags.get("motorroad") == "yes"
    return highway in WALKED and not forbidden


def _require_osm(path: Path, name: str) -> None:
    with path.open("rb") as file:
        head = file.read(limits.OSM_HEAD_BYTES)
    is_xml = XML.match(head) is not None and OTHERS not in head
    if not (head[4 : 4 + len(PBF)] == PBF if path.suffix.lower() == ".pbf" else is_xml):
        raise DataError(
            N_("this is no OpenStreetMap extract"),
            where=name,
            mend=N_("Download it again as .osm or .osm.pbf"),
        )
