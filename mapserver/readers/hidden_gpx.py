"""Trails and waypoints in ``gpx/`` that nobody sees: a layer with a file is in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd

from mapserver.errors import N_
from mapserver.model import Catalog, Role
from mapserver.text.findings import Finding, Severity

HIDDEN = {
    Role.TRAILS: (
        Severity.WARNING,
        N_("trails in GPX files: {count}; they are not shown, since layers/{file} hides them"),
    ),
    Role.FACILITIES: (
        Severity.NOTE,
        N_("waypoints in GPX files: {count}; they are not shown, since layers/{file} hides them"),
    ),
}
"""How bad it is, and what is said: who brings in a file of facilities may well mean to."""


def find_hidden_gpx(
    catalog: Catalog, frames: Mapping[Role, gpd.GeoDataFrame | None]
) -> Iterator[Finding]:
    """Find what was read from ``gpx/`` and is not shown, for a layer with a file has its role.

    Parameters
    ----------
    catalog
        The layers of the city.
    frames
        What was read from ``gpx/`` for each role; None where the folder is not there.
    """
    for entry in catalog.layers:
        frame = frames.get(entry.role)
        if entry.file is None or frame is None or frame.empty:
            continue
        severity, what = HIDDEN[entry.role]
        yield Finding(
            severity,
            f"{entry.role}-hidden",
            "gpx/",
            what,
            N_("Bring them into that file, or take its layer out of layers/ and catalog.toml"),
            values={"count": len(frame), "file": entry.file},
        )
