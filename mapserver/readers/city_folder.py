"""The city folder: every file in it into one set of frames, and a digest of what was read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_, DataError, MapserverError, UnrestError
from mapserver.files.change import recover
from mapserver.files.damage import translate_read_errors
from mapserver.files.links import leads_out, report_links_out
from mapserver.files.reads import Reads
from mapserver.geo import geodesy
from mapserver.model import (
    FILE,
    Catalog,
    CityData,
    Fingerprint,
    Layer,
    LayerEntry,
    Role,
    complete_entry,
    derive_catalog,
    read_catalog,
    with_kinds,
)
from mapserver.readers.gpx import TRAIL_COLUMNS, read_folder
from mapserver.readers.gpx.climbs import sum_trail_climbs
from mapserver.readers.gpx.heights import clear_lines
from mapserver.readers.hidden_gpx import find_hidden_gpx
from mapserver.readers.photos import find_photos
from mapserver.readers.register import (
    REGISTER,
    STATE_COLUMNS,
    drop_snapshot,
    find_register,
    read_benefits,
    read_closures,
    read_trail_register,
    report_state_columns,
    report_unread,
)
from mapserver.readers.vector import read_layer
from mapserver.text import encoding
from mapserver.text.findings import Doubt, Finding, Severity
from mapserver.text.header_row import find_similar_ids

T = TypeVar("T")

READINGS = 4
"""How often a folder is read whose files change meanwhile."""

MEASURED = {c: f"stated_{c}" for c in TRAIL_COLUMNS if c not in {"name", "description"}}
"""Columns of trails that come from the lines themselves, and how a table's own is then called."""

GPX = "gpx"
LAYERS = "layers"


def read_city(path: Path, *, readings: int = READINGS, earlier: CityData | None = None) -> CityData:
    """Read a city folder. A file that cannot be read costs its own layer and nothing else.

    What comes back is one state of the folder: its files are looked at before and after they are
    read and digested, and read again when they changed meanwhile.

    Parameters
    ----------
    path
        A folder with ``gpx/`` or ``layers/`` or both.
    readings
        How often to read at most.
    earlier
        What an earlier reading found: files that have not changed since are not read again, and
        their frames are the same objects.

    Raises
    ------
    DataError
        The folder is not a city, or an interrupted change cannot be put back.
    UnrestError
        Its files changed each time while they were read.
    """
    for _ in range(readings):
        recover(path)
        _require_city(path)
        files = fingerprint(path)
        try:
            data = _read_files(path, Reads(files, earlier.reads if earlier else None))
        except (MapserverError, OSError):
            if fingerprint(path) == files:
                raise
            continue  # a file or folder went from under the reader: no fault of what is there now
        if fingerprint(path) == files:
            return data
    raise UnrestError(
        N_("the files of the city change while they are read"),
        where=str(path),
        mend=N_("Wait until they are copied, and try again"),
    )


def _read_files(path: Path, reads: Reads) -> CityData:
    """Read every file of a city folder once, unless it has not changed since an earlier reading."""
    findings = [found for name in (GPX, LAYERS) for found in report_links_out(path / name)]
    catalog = _read_catalog(path / LAYERS, findings)
    registered: set[tuple[str, str]] = set()
    content = reads.get(
        GPX, f"{GPX}/", lambda: _read_gpx(path, reads), is_whole=_GpxContent.is_whole
    )
    findings.extend(content.findings)
    registered.update(content.registered)
    from_gpx = {Role.TRAILS: content.trails, Role.FACILITIES: content.facilities}
    findings.extend(find_hidden_gpx(catalog, from_gpx))
    layers: dict[str, Layer] = {}
    for entry in catalog.layers:
        if entry.file is not None:
            layer = _read_layer_file(path, entry, findings, registered, reads)
        elif entry.role == Role.TRAILS:
            layer = _from_gpx(entry, content.trails)
        elif entry.role == Role.FACILITIES:
            layer = _from_gpx(entry, content.facilities)
        else:
            continue  # zones, which wait for the neighbourhoods
        if layer is not None:
            layers[entry.id] = layer
    layers = (
        _attempt(lambda: (_with_zones(catalog, layers, findings), []), FILE, findings) or layers
    )
    return CityData(
        path=path,
        catalog=catalog,
        layers=MappingProxyType(layers),
        closures=_attempt(
            lambda: read_closures(path / LAYERS), "layers/closures", findings, Doubt()
        ),
        benefits=_attempt(lambda: read_benefits(path / LAYERS), "layers/benefits.csv", findings),
        photos=MappingProxyType(
            _attempt(lambda: find_photos(path / GPX), f"{GPX}/", findings) or {}
        ),
        findings=tuple(findings),
        version=_version(path),
        files=reads.states,
        reads=reads,
        registered=frozenset(registered),
    )


def fingerprint(path: Path) -> Fingerprint:
    """Return the state of a city folder without reading a file.

    Two equal fingerprints mean that nothing changed in between.
    """
    states = []
    for name, file in _inputs(path):
        with suppress(FileNotFoundError):  # it went while the folder was listed
            at = file.stat()
            states.append((name, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino))
    return tuple(states)


def is_city(path: Path) -> bool:
    """Return whether a folder is a city: it has ``gpx/`` or ``layers/``."""
    return any((path / folder).is_dir() for folder in (GPX, LAYERS))


def _require_city(path: Path) -> None:
    if not is_city(path):
        raise DataError(
            N_("{path} is not a city folder"),
            where="",
            mend=N_("Make the folders gpx/ (one GPX file per trail) and layers/ (polygons) in it"),
            path=repr(str(path)),
        )


def _inputs(path: Path) -> Iterator[tuple[str, Path]]:
    """List the files that a city is read from, in the same order on every system."""
    # Folders that go while they are listed are passed by, which the next look sees.
    files = [
        (file.relative_to(path).as_posix(), file)
        for folder in (GPX, LAYERS)
        for place, _, names in os.walk(path / folder)
        for file in (Path(place, name) for name in names if not name.startswith("."))
        if file.is_file()
        if not (file.is_symlink() and leads_out(file, path / folder))
    ]
    yield from sorted(files)


def _version(path: Path) -> str:
    """Return a digest of the names and the contents of the files of a city."""
    digest = hashlib.sha256()
    for name, file in _inputs(path):
        try:
            with file.open("rb") as content:
                inner = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:  # the reader of the file says so, too
            inner = f"unreadable {error.errno}"
        digest.update(f"{name}\0{inner}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _attempt(
    read: Callable[[], tuple[T, list[Finding]]],
    file: str,
    findings: list[Finding],
    doubt: Doubt | None = None,
) -> T | None:
    """Read something whose failure must not take the rest down, but may put trails in doubt."""
    try:
        with translate_read_errors(file):
            result, about = read()
    except MapserverError as error:
        fault = Finding.from_error(error, code="layer-unreadable", file=file)
        findings.append(fault.with_doubt(doubt))
        return None
    findings.extend(about)
    return result


def _read_catalog(layers_dir: Path, findings: list[Finding]) -> Catalog:
    """Read the catalogue; a broken one is as good as none, but said so."""
    try:
        with translate_read_errors(FILE):
            catalog, about = read_catalog(layers_dir)
    except DataError as error:
        findings.append(Finding.from_error(error, code="catalog-broken", file=FILE))
        return derive_catalog(layers_dir)
    findings.extend(about)
    return catalog


@dataclass(frozen=True)
class _GpxContent:
    """What ``gpx/`` holds: trails with what the register says of them, and facilities."""

    trails: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    findings: tuple[Finding, ...] = ()
    registered: frozenset[tuple[str, str]] = frozenset()

    def is_whole(self) -> bool:
        """Return whether every file could be read."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)


def _read_gpx(path: Path, reads: Reads) -> _GpxContent:
    """Read trails with their register, and facilities, from ``gpx/``."""
    folder = path / GPX
    if not folder.is_dir():
        return _GpxContent()
    content = read_folder(folder, reads)
    findings, registered = list(content.findings), set[tuple[str, str]]()
    if set(STATE_COLUMNS) & set(content.trails.columns):  # an export of ours was put in by hand
        findings.extend(report_state_columns(content.trails, f"{GPX}/"))
    trails = _with_register(content.trails, folder, findings, registered)
    return _GpxContent(trails, content.waypoints, tuple(findings), frozenset(registered))


def _with_register(
    trails: gpd.GeoDataFrame,
    folder: Path,
    findings: list[Finding],
    registered: set[tuple[str, str]],
) -> gpd.GeoDataFrame:
    """Join the trail register by id; what it says wins over the GPX file and is in `registered`."""
    if find_register(folder) is None:
        findings.extend(report_unread(folder))
        return trails
    register = _attempt(lambda: read_trail_register(folder), REGISTER, findings, Doubt())
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

    What such a row says of a trail is lost: the trail cannot be called open. Where not one row
    belongs to a trail, the ids are of another kind, and any row may be about any trail.
    """
    without_row = [str(trail) for trail in trails.index if trail not in register.index]
    names = dict(zip(trails.index, trails["name"], strict=True)) if "name" in trails else {}
    is_of_another_kind = len(register) > 0 and len(without_row) == len(trails)
    for row in register.index.difference(trails.index, sort=False):
        named = [trail for trail in without_row if names.get(trail) == row]
        similar = named or find_similar_ids(str(row), without_row)
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
            {"trail": repr(row), "similar": " / ".join(similar)},
            Doubt(tuple(without_row if is_of_another_kind else similar)),
        )


def _from_gpx(entry: LayerEntry, frame: gpd.GeoDataFrame | None) -> Layer | None:
    return None if frame is None or frame.empty else Layer(entry, frame, f"{GPX}/")


def _read_layer_file(
    path: Path,
    entry: LayerEntry,
    findings: list[Finding],
    registered: set[tuple[str, str]],
    reads: Reads,
) -> Layer | None:
    there = path / LAYERS / str(entry.file)
    file = f"{LAYERS}/{encoding.decode_file_name(str(entry.file))}"
    if there.exists() and leads_out(there, path / LAYERS):
        return None  # which is reported with the other links
    if not there.is_file():
        findings.append(
            Finding(
                Severity.ERROR,
                "layer-unreadable",
                file,
                N_("the file of the layer {layer} is missing"),
                N_("Put it there, or correct file in catalog.toml"),
                values={"layer": repr(entry.id)},
            )
        )
        return None
    # All parts of a shapefile have one stem, and so has what is noted beside a GeoPackage.
    parts = f"{LAYERS}/{Path(str(entry.file)).with_suffix('').as_posix()}."
    frame = _attempt(
        lambda: reads.get(entry, parts, lambda: _read_frame(there, entry, file)), file, findings
    )
    if frame is None:
        return None
    if entry.role == Role.TRAILS:
        frame = _with_register(frame, path / GPX, findings, registered)
    return Layer(entry, frame, file)


def _read_frame(path: Path, entry: LayerEntry, file: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer and add the columns that its role has."""
    _require_own_parts(path, file)
    frame, findings = read_layer(path, entry, name=file)
    if entry.role == Role.FACILITIES:
        frame = with_kinds(frame)
    if entry.role == Role.TRAILS:
        frame = gpd.GeoDataFrame(drop_snapshot(frame))
        lines, about = clear_lines(frame.geometry.to_numpy(), frame.index, file)
        findings = [*findings, *report_state_columns(frame, file), *about]
        frame = frame.set_geometry(gpd.GeoSeries(lines, frame.index, crs=frame.crs))
        frame = _measured(frame, file)
    return frame, findings


def _require_own_parts(path: Path, file: str) -> None:
    """Refuse a layer of which any part, such as a .dbf, is a link out of its folder."""
    for part in path.parent.iterdir():
        if part.is_symlink() and part.stem == path.stem and leads_out(part, path.parent):
            raise DataError(
                N_("a part of it, {part}, is a link that leads out of the folder"),
                where=file,
                mend=N_("Copy all parts here"),
                part=repr(part.name),
            )


def _measured(trails: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
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
    return measured.assign(**_measure_heights(lines)) if shapely.has_z(lines).any() else measured


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


def _with_zones(
    catalog: Catalog, layers: dict[str, Layer], findings: list[Finding]
) -> dict[str, Layer]:
    """Dissolve the zones from the neighbourhoods, unless a file gives them."""
    neighborhoods = next((x for x in layers.values() if x.entry.role == Role.NEIGHBORHOODS), None)
    described = next((entry for entry in catalog.layers if entry.role == Role.ZONES), None)
    if described is not None and described.file is not None:
        return layers
    if neighborhoods is None or "zone" not in neighborhoods.frame:
        if described is not None:
            findings.append(_zones_without_neighborhoods(described))
        return layers
    entry = described or _zones_entry(neighborhoods.entry, layers)
    zones = Layer(entry, dissolve_zones(neighborhoods.frame), neighborhoods.file)
    order = [e.id for e in catalog.layers]
    if described is None:
        order.insert(order.index(neighborhoods.entry.id) + 1, entry.id)
    every = layers | {entry.id: zones}
    return {id_: every[id_] for id_ in order if id_ in every}


def dissolve_zones(neighborhoods: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the neighbourhoods of each zone.

    Parameters
    ----------
    neighborhoods
        EPSG:4326, with ``zone``; ``zone_en``, ``role`` (``hub`` or ``linked``) and ``name`` are
        used where they are.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by ``id``, which is the zone's name; with ``name``, ``name_en`` and
        ``hub``, the name of the neighbourhood at its centre.
    """
    members = neighborhoods[neighborhoods["zone"].notna()]
    rows, english = [], "zone_en" in members
    for zone, group in members.groupby("zone", sort=False):
        hubs = group["name"][group["role"] == "hub"] if "role" in group else group["name"][:0]
        rows.append(
            {
                "id": str(zone),
                "name": str(zone),
                "name_en": next(iter(group["zone_en"].dropna()), None) if english else None,
                "hub": next(iter(hubs), None),
                "geometry": shapely.union_all(group.geometry.to_numpy()),
            }
        )
    frame = pd.DataFrame(rows, columns=["id", "name", "name_en", "hub", "geometry"])
    frame = frame.astype(dict.fromkeys(["id", "name", "name_en", "hub"], "str"))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=neighborhoods.crs).set_index("id")


def _zones_entry(neighborhoods: LayerEntry, layers: Mapping[str, Layer]) -> LayerEntry:
    id_ = "zones" if "zones" not in layers else "zones-of-neighborhoods"
    return complete_entry(
        LayerEntry(
            id_,
            Role.ZONES,
            source=neighborhoods.source,
            source_ko=neighborhoods.source_ko,
            licence=neighborhoods.licence,
            sample=neighborhoods.sample,
        )
    )


def _zones_without_neighborhoods(entry: LayerEntry) -> Finding:
    return Finding(
        Severity.ERROR,
        "layer-unreadable",
        FILE,
        N_("the layer {layer} has no file, and no neighbourhood says its zone"),
        N_("Add a column zone to the neighbourhoods, or a file to the layer"),
        values={"layer": repr(entry.id)},
    )
