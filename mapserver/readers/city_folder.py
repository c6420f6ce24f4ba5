"""The city folder: every file in it into one set of frames, and a digest of what was read."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, DataError, MapserverError, UnrestError
from mapserver.files.change import recover_city
from mapserver.files.damage import translate_read_errors
from mapserver.files.links import leads_out, report_links_out
from mapserver.files.reads import Reads
from mapserver.model import (
    BUS_LINES,
    FILE,
    FROZEN,
    Catalog,
    CityData,
    Fingerprint,
    FrozenFigures,
    Layer,
    LayerEntry,
    Role,
    name_lines,
    read_catalog,
    read_frozen,
    salvage_catalog,
)
from mapserver.readers.attempts import attempt_read
from mapserver.readers.basemap import BASEMAP, read_basemap
from mapserver.readers.hidden_gpx import find_hidden_gpx
from mapserver.readers.layer_file import LAYERS, read_layer_file
from mapserver.readers.photos import find_photos
from mapserver.readers.register import (
    find_ledger_file,
    read_benefits,
    read_closures,
    read_ledgers,
)
from mapserver.readers.trails import GPX, TrailFolder, read_trail_folder
from mapserver.readers.zones import add_zones
from mapserver.settings import limits
from mapserver.settings.store import require_no_address
from mapserver.text.findings import Doubt, Finding

GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP})
"""What a system says of a file that went while it was looked at, or of a ring of links."""


def read_city(
    path: Path, *, readings: int = limits.MAX_CITY_READINGS, earlier: CityData | None = None
) -> CityData:
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
    SettingsError
        It is the address of a database.
    UnrestError
        Its files changed each time while they were read.
    """
    require_no_address(path)  # which errors of the system would repeat with its password
    for _ in range(readings):
        recover_city(path)
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
    findings = [link for name in (GPX, LAYERS) for link in report_links_out(path / name)]
    catalog = _read_catalog(path / LAYERS, findings)
    registered: set[tuple[str, str]] = set()
    zone = catalog.zone
    content = reads.get(
        (GPX, zone.key),  # with another zone, the days of the register are others
        f"{GPX}/",
        lambda: read_trail_folder(path, reads, zone),
        is_whole=TrailFolder.is_whole,
    )
    findings.extend(content.findings)
    registered.update(content.registered)
    from_gpx = {Role.TRAILS: content.trails, Role.FACILITIES: content.facilities}
    findings.extend(find_hidden_gpx(catalog, from_gpx))
    layers: dict[str, Layer] = {}
    for entry in catalog.layers:
        if entry.file is not None:
            layer = read_layer_file(path, entry, findings, registered, reads, zone=zone)
        elif entry.role == Role.TRAILS:
            layer = _make_gpx_layer(entry, content.trails)
        elif entry.role == Role.FACILITIES:
            layer = _make_gpx_layer(entry, content.facilities)
        else:
            continue  # zones, which wait for the neighbourhoods
        if layer is not None:
            layers[entry.id] = layer
    layers = (
        attempt_read(lambda: (add_zones(catalog, layers, findings), []), FILE, findings) or layers
    )
    # Where rain closes trails, a file of it that cannot be read leaves them in doubt.
    deciding = ("rain",) if catalog.rain.closes else ()
    trails = next((each.frame for each in layers.values() if each.entry.role == Role.TRAILS), None)
    ledgers = read_ledgers(path / LAYERS, findings, zone, deciding, trails)
    frozen = _read_published(path / LAYERS, ledgers, findings)
    layers = _name_lines(layers, ledgers, reads)
    return CityData(
        path=path,
        catalog=catalog,
        layers=MappingProxyType(layers),
        closures=attempt_read(
            lambda: read_closures(path / LAYERS, zone, catalog.default_language, trails),
            "layers/closures",
            findings,
            Doubt(),
        ),
        benefits=attempt_read(
            lambda: read_benefits(path / LAYERS, zone), "layers/benefits.csv", findings
        ),
        photos=MappingProxyType(
            attempt_read(lambda: find_photos(path / GPX), f"{GPX}/", findings) or {}
        ),
        basemap=attempt_read(
            lambda: reads.get("basemap", BASEMAP, lambda: read_basemap(path / LAYERS)),
            BASEMAP,
            findings,
        ),
        ledgers=MappingProxyType(ledgers),
        frozen=frozen,
        findings=tuple(findings),
        version=compute_version(path),
        files=reads.states,
        reads=reads,
        registered=frozenset(registered),
    )


def _name_lines(
    layers: dict[str, Layer], ledgers: dict[str, pd.DataFrame], reads: Reads
) -> dict[str, Layer]:
    """Return the layers, of which stops say which lines stop there, where a file has them."""
    rows = ledgers.get(BUS_LINES.id)
    if rows is None:
        return layers
    named = dict(layers)
    for id_, layer in layers.items():
        if layer.entry.role != Role.STOPS:
            continue
        # Frames of files that have not changed stay the same objects, so what was computed of
        # them holds: beside the ledger they depend on the stops and on what is said of their file.
        names = (FILE, layer.file.rpartition(".")[0])
        states = tuple(state for state in reads.states if state[0].startswith(names))
        key = ("lines", id_, layer.entry, states)
        compute = partial(name_lines, layer.frame, rows)
        named[id_] = replace(layer, frame=reads.get(key, f"{LAYERS}/{BUS_LINES.id}.", compute))
    return named


def _read_published(
    layers_dir: Path, ledgers: dict[str, pd.DataFrame], findings: list[Finding]
) -> FrozenFigures | None:
    """Read what was published of the direct line; rows that are not as published are left out."""
    if find_ledger_file(layers_dir, FROZEN) is None:
        return None
    # A line that became no row may be of any month: which ones were published is not known then.
    is_whole = not any(f.code == "row-shape" and f.file == FROZEN.file for f in findings)
    rows = ledgers.get(FROZEN.id)
    frozen, remarks = read_frozen(rows, is_whole=is_whole)
    findings.extend(remarks)
    # Nobody is shown, by the API or in an export, a row that was not published so.
    if rows is not None:
        ledgers[FROZEN.id] = rows[rows["period"].isin(list(frozen.cells))]
    return frozen


def fingerprint(path: Path) -> Fingerprint:
    """Return the state of a city folder without reading a file.

    Two equal fingerprints mean that nothing changed in between.
    """
    return tuple(
        (name, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
        for name, _, state in _look_at_inputs(path)
    )


def is_city(path: Path) -> bool:
    """Return whether a folder is a city: it has ``gpx/`` or ``layers/``."""
    return any((path / folder).is_dir() for folder in (GPX, LAYERS))


def _require_city(path: Path) -> None:
    if not is_city(path):
        raise DataError(
            N_("{path} is not a city folder"),
            where="",
            mend=N_(
                "Name another folder with --city or MAPSERVER_CITY (in Python as path of "
                "open_city), or make gpx/ (one GPX file per trail) and layers/ (polygons) "
                "in this one"
            ),
            path=repr(str(path)),
        )


def list_inputs(path: Path) -> Iterator[tuple[str, Path]]:
    """List the files that a city is read from, in the same order on every system."""
    for name, file, _ in _look_at_inputs(path):
        yield name, Path(file)


def _look_at_inputs(path: Path) -> list[tuple[str, str, os.stat_result]]:
    """Look at the files that a city is read from: name in the city, path and state, by name.

    The parent of the workers does it four times a second, on a processor that a worker may need. So
    paths are texts: as objects they took 2.3 ms for fifty files, and answers waited for that.
    """
    inputs = []
    for folder in (GPX, LAYERS):
        top = os.fspath(path / folder)
        # Folders that go while they are listed are passed by, which the next look sees.
        for place, _, names in os.walk(top):
            inner = folder + place[len(top) :].replace(os.sep, "/")
            for name in names:
                file = f"{place}{os.sep}{name}"
                if not name.startswith(".") and (state := _look_at_file(file, path / folder)):
                    inputs.append((f"{inner}/{name}", file, state))
    return sorted(inputs)


def _look_at_file(file: str, folder: Path) -> os.stat_result | None:
    """Return the state of a file; None for what is none, or went, or leads out of the folder."""
    try:
        state = os.lstat(file)
        if stat.S_ISLNK(state.st_mode):
            if leads_out(Path(file), folder):
                return None
            state = os.stat(file)  # noqa: PTH116 -- a path is a text here
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    return state if stat.S_ISREG(state.st_mode) else None


def compute_version(path: Path) -> str:
    """Return a digest of the names and the contents of the files of a city."""
    digest = hashlib.sha256()
    for name, file in list_inputs(path):
        try:
            size_bytes = file.stat().st_size
            with file.open("rb") as content:
                if name == BASEMAP and size_bytes > limits.MAX_BASEMAP_BYTES:
                    # A planet, which is not used, would take minutes.
                    inner = f"unused {size_bytes}"
                else:
                    inner = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:  # the reader of the file says so, too
            inner = f"unreadable {error.errno}"
        digest.update(f"{name}\0{inner}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _read_catalog(layers_dir: Path, findings: list[Finding]) -> Catalog:
    """Read the catalogue; a broken one is as good as none, but said so."""
    try:
        with translate_read_errors(FILE):
            catalog, remarks = read_catalog(layers_dir)
    except DataError as error:
        finding = Finding.from_error(error, code="catalog-broken", file=FILE)
        catalog, is_harmless = salvage_catalog(layers_dir)
        # Without the time zone that it has, nobody knows which day it is there; without its rules
        # of rain, on which days trails are closed.
        findings.append(finding if is_harmless else finding.with_doubt(Doubt()))
        return catalog
    findings.extend(remarks)
    return catalog


def _make_gpx_layer(entry: LayerEntry, frame: gpd.GeoDataFrame | None) -> Layer | None:
    return None if frame is None or frame.empty else Layer(entry, frame, f"{GPX}/")
