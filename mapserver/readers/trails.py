"""The trails of a city: ``gpx/`` with its register, and what is measured on each line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.files.reads import Reads
from mapserver.geo import geodesy
from mapserver.geo.slopes import SLOPE_COLUMNS, measure_slopes
from mapserver.readers.attempts import attempt_read
from mapserver.readers.gpx import MEASURED, read_folder
from mapserver.readers.gpx.climbs import sum_trail_climbs
from mapserver.readers.gpx.heights import clear_lines
from mapserver.readers.register import (
    drop_snapshot,
    find_register,
    read_trail_register,
    report_state_columns,
    report_unread,
)
from mapserver.text.dates import KOREA
from mapserver.text.findings import Doubt, Finding, Severity
from mapserver.text.header_row import find_similar_ids
from mapserver.text.mentions import SHOWN_SIMILAR, find_closed_trails, find_parts_of
from mapserver.text.register_words import REGISTER, STATE_COLUMNS

GPX = "gpx"


@dataclass(frozen=True)
class TrailFolder:
    """What ``gpx/`` holds: trails with what the register says of them, and facilities."""

    trails: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    findings: tuple[Finding, ...] = ()
    registered: frozenset[tuple[str, str]] = frozenset()

    def is_whole(self) -> bool:
        """Return whether every file could be read."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)


def read_trail_folder(path: Path, reads: Reads, zone: dt.tzinfo = KOREA) -> TrailFolder:
    """Read trails with their register, and facilities, from ``gpx/``."""
    folder = path / GPX
    if not folder.is_dir():
        return TrailFolder()
    content = read_folder(folder, reads)
    findings, registered = list(content.findings), set[tuple[str, str]]()
    if set(STATE_COLUMNS) & set(content.trails.columns):  # an export of ours was put in by hand
        findings.extend(report_state_columns(content.trails, f"{GPX}/"))
    trails = join_register(content.trails, folder, findings, registered, zone)
    return TrailFolder(trails, content.waypoints, tuple(findings), frozenset(registered))


def join_register(
    trails: gpd.GeoDataFrame,
    folder: Path,
    findings: list[Finding],
    registered: set[tuple[str, str]],
    zone: dt.tzinfo = KOREA,
) -> gpd.GeoDataFrame:
    """Join the trail register by id; what it says wins over the GPX file and is in `registered`."""
    if find_register(folder) is None:
        findings.extend(report_unread(folder))
        return trails
    register = attempt_read(lambda: read_trail_register(folder, zone), REGISTER, findings, Doubt())
    if register is None:
        return trails
    findings.extend(_report_unmatched(trails, register))
    findings.extend(
        Finding(
            Severity.WARNING,
            "trail-not-in-register",
            str(trails.loc[trail].get("file") or GPX),
            N_("the trail {trail} is not in the register"),
            N_("Add a row for it to gpx/trails.csv"),
            str(trail),
            {"trail": repr(trail)},
        )
        for trail in trails.index.difference(register.index, sort=False)
    )
    # What is measured stays measured; what the register says of it stands beside.
    known = register.reindex(trails.index).rename(columns=MEASURED)
    known = known.drop(columns="geometry", errors="ignore")
    for column in set(STATE_COLUMNS) & set(known.columns):
        registered.update((str(trail), column) for trail in known.index[known[column].notna()])
    columns = {
        c: known[c].where(known[c].notna(), trails[c]) if c in trails else known[c]
        for c in known.columns
    }
    return trails.assign(**columns)


def _report_unmatched(trails: gpd.GeoDataFrame, register: pd.DataFrame) -> Iterator[Finding]:
    """Report rows of the register that no trail has the id of, with the trail that may be meant.

    What such a row says of a trail is lost: the trail cannot be called open. Names are looked up as
    those of closures and inspections are. Where not one row belongs to a trail, the ids are of
    another kind, and any row may be about any trail. A row near to no trail is about another one,
    of which there is no file.
    """
    without_row = [str(trail) for trail in trails.index if trail not in register.index]
    names = dict(zip(trails.index, trails["name"], strict=True)) if "name" in trails else {}
    is_of_another_kind = len(register) > 0 and len(without_row) == len(trails)
    for row in register.index.difference(trails.index, sort=False):
        if is_of_another_kind:
            # All are in doubt: to ask for each name what it may mean says nothing more.
            named = [trail for trail in without_row if names.get(trail) == row]
            near = [] if named else find_similar_ids(str(row), without_row)
        else:
            named, near = find_closed_trails(trails, {"trail_id": row})
        # A trail with a row of its own is not meant by one that is spelt alike: 3구간 is not 1구간.
        # One that names it, or a whole of which it is a part, may shut it nevertheless.
        broader = [*named, *find_parts_of(trails, str(row))] if _may_be_shut(register, row) else []
        similar = [trail for trail in (*named, *near) if trail in without_row or trail in broader]
        what = N_("the register has {trail}, but there is no such trail")
        if similar:
            what = N_("the register has {trail}, but there is no such trail; is it {similar}?")
        yield Finding(
            Severity.WARNING,
            "register-without-trail",
            REGISTER,
            what,
            N_("Correct the id to the name of the GPX file without .gpx, or add the file"),
            str(row),
            {"trail": repr(row), "similar": " / ".join(similar[:SHOWN_SIMILAR])},
            Doubt(tuple(without_row if is_of_another_kind else similar)),
        )


def _may_be_shut(register: pd.DataFrame, row: str) -> bool:
    """Return whether a row says anything of a state but that its trail is open."""
    columns = [column for column in STATE_COLUMNS if column in register]
    cells = register.loc[row, columns].dropna()
    return any(cell != "open" for cell in cells)


def measure_line_trails(
    trails: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return trails of a line layer with the columns that trails from GPX have, and findings.

    Parameters
    ----------
    trails
        EPSG:4326, lines with or without heights in metres.
    file
        Where they come from.
    """
    trails = gpd.GeoDataFrame(drop_snapshot(trails))
    lines, height_findings = clear_lines(trails.geometry.to_numpy(), trails.index, file)
    findings = [*report_state_columns(trails, file), *height_findings]
    trails = trails.set_geometry(gpd.GeoSeries(lines, trails.index, crs=trails.crs))
    return _add_measures(trails, file), findings


def _add_measures(trails: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Add to trails from a line layer the columns that trails from GPX have."""
    lines = trails.geometry.to_numpy()
    length_m = geodesy.length_m(lines)
    measured = trails.rename(columns=MEASURED).assign(
        file=file,
        segments=shapely.get_num_geometries(lines),
        points=shapely.get_num_coordinates(lines),
        # The length of what is not drawn is not known.
        length_m=np.where(shapely.is_empty(lines) | shapely.is_missing(lines), np.nan, length_m),
    )
    if not shapely.has_z(lines).any():
        return measured
    slopes = [asdict(measure_slopes(line)) for line in lines]
    columns = {name: [row[name] for row in slopes] for name in SLOPE_COLUMNS}
    return measured.assign(**_measure_heights(lines), **columns)


def _measure_heights(lines: geodesy.Geometries) -> dict[str, list[float]]:
    """Compute ascent, descent, least and greatest height of lines; NaN where none is known."""
    columns: dict[str, list[float]] = {
        name: [] for name in ("ascent_m", "descent_m", "min_ele_m", "max_ele_m")
    }
    for line in lines:
        parts = [shapely.get_coordinates(p, include_z=True) for p in shapely.get_parts(line)]
        known = np.concatenate([part[:, 2] for part in parts]) if parts else np.array([])
        known = known[np.isfinite(known)]
        climbs = sum_trail_climbs((part[:, :2], part[:, 2]) for part in parts)
        extremes = (known.min(), known.max()) if len(known) else (np.nan, np.nan)
        for name, value in zip(columns, (*climbs, *extremes), strict=True):
            columns[name].append(float(value))
    return columns
