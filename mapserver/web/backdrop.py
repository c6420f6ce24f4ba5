"""The streets below the map: vector tiles in one file, given or made of layers."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import geopandas as gpd
import msgspec

from mapserver.errors import N_, MapserverError
from mapserver.files.damage import translate_write_errors
from mapserver.model import Basemap, Layer, LayerEntry, Snapshot
from mapserver.settings import limits
from mapserver.writers.layer import WriteOptions
from mapserver.writers.pmtiles import write_pmtiles

log = logging.getLogger("mapserver")

KINDS = ("kind", "highway", "fclass", "class", "waterway", "natural", "landuse", "leisure")
"""Columns that say what kind of road, water or green a feature is; the map paints by them."""

FIRST_ZOOMS = {"buildings": 14, "roads": 10}
"""Zoom of tiles from which ``frontend/streets/rules.js`` paints a layer, one below the map's."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A file of vector tiles that stays open, so that nobody can put another in its place.

    Attributes
    ----------
    digest
        Of its content.
    size_bytes
        Its size.
    written_ns
        Its time of writing in nanoseconds.
    max_zoom
        The last zoom level that it has tiles of.
    """

    file: BinaryIO
    digest: str
    size_bytes: int
    written_ns: int
    max_zoom: int

    @property
    def name(self) -> str:
        """Its address below the root of the site; it changes when the content does."""
        return f"basemap-{self.digest}.pmtiles"

    @property
    def is_kept_offline(self) -> bool:
        """Whether telephones keep it whole."""
        return self.size_bytes <= limits.MAX_OFFLINE_BASEMAP_BYTES

    @property
    def is_unchanged(self) -> bool:
        """Whether nobody has written into the file since it was read."""
        stat = os.fstat(self.file.fileno())
        return (stat.st_size, stat.st_mtime_ns) == (self.size_bytes, self.written_ns)

    def read_range(self, start: int, length: int) -> bytes:
        """Read bytes of the file; threads and forked processes do so side by side."""
        return os.pread(self.file.fileno(), length, start)

    def read_pieces(self) -> Iterator[bytes]:
        """Read all of it, a piece at a time."""
        for start in range(0, self.size_bytes, limits.UNPACKED_PIECE_BYTES):
            yield self.read_range(start, limits.UNPACKED_PIECE_BYTES)


def find_backdrop(city: Snapshot) -> Backdrop | None:
    """Find the backdrop of a city: its ``basemap.pmtiles``, or tiles of the layers that are ground.

    Tiles of layers are written once and kept as long as the layers are the same. There are none
    before those that were postponed are made.
    """
    if basemap := city.basemap:
        # The very object is of one reading: the next one opens its own file.
        return city.derived.get("basemap", (basemap,), lambda: _open_basemap(basemap))
    layers = _list_layers(city)
    if not layers:
        return None
    return city.derived.get("backdrop", _list_frames(layers), lambda: _write_tiles(layers))


def postpone_backdrop(city: Snapshot) -> bool:
    """Leave tiles of layers, which take seconds to write, to ``make_postponed_backdrop``.

    Returns
    -------
    bool
        Whether there are any. A file of tiles that was given is read at once.
    """
    layers = [] if city.basemap else _list_layers(city)
    if layers:
        city.derived.put("backdrop", _list_frames(layers), None)
    return bool(layers)


def make_postponed_backdrop(city: Snapshot) -> None:
    """Write the tiles of layers that were postponed; pages that are made from now on have them."""
    layers = [] if city.basemap else _list_layers(city)
    if layers:
        city.derived.put("backdrop", _list_frames(layers), _write_tiles(layers))


def _list_layers(city: Snapshot) -> list[Layer]:
    """List the layers of a city that are ground, without those that are empty."""
    return [
        Layer(city.entry(id_), frame, city.file(id_))
        for id_, frame in city.layers.items()
        if city.entry(id_).role.row.is_backdrop and len(frame)
    ]


def _list_frames(layers: list[Layer]) -> tuple[gpd.GeoDataFrame, ...]:
    return tuple(layer.frame for layer in layers)


def write_credit(city: Snapshot, lang: str) -> str:
    """Write whom the map names for its backdrop, as plain text; empty where nobody is known."""
    if city.basemap is not None:
        return city.catalog.basemap.attribution.in_language(lang) or city.basemap.credit
    entries = [city.entry(id_) for id_ in city.layers if city.entry(id_).role.row.is_backdrop]
    sources = (entry.source.in_language(lang) for entry in entries)
    return " · ".join(dict.fromkeys(filter(None, sources)))


def _open_basemap(basemap: Basemap) -> Backdrop | None:
    """Open the file that was read; None if it has gone, or another has taken its place."""
    try:
        file = basemap.path.open("rb")
    except OSError:
        return None
    backdrop = Backdrop(
        file, basemap.digest, basemap.size_bytes, basemap.written_ns, basemap.max_zoom
    )
    return backdrop if backdrop.is_unchanged else None


def _write_tiles(layers: list[Layer]) -> Backdrop | None:
    """Write layers as vector tiles into a file that lasts as long as it is open."""
    parts = [
        Layer(_rename(layer.entry), _thin_columns(layer), layer.file)
        for layer in layers
        if not (layer.frame.geometry.is_empty | layer.frame.geometry.isna()).all()
    ]
    if not parts:
        return None
    try:
        file = _write_file(parts)
    except (MapserverError, OSError) as error:
        # No page may fail for its ground: a full disk, or a shape that tiles cannot hold.
        log.warning("the streets below the map could not be made: %s", error)
        return None
    digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    stat = os.fstat(file.fileno())
    return Backdrop(file, digest, stat.st_size, stat.st_mtime_ns, limits.MAX_TILE_ZOOM)


def _write_file(parts: list[Layer]) -> BufferedReader:
    """Write tiles into a file without a name, which lasts as long as it is open."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "backdrop.pmtiles"
        with translate_write_errors(path.name, path, N_("Make room on the disk")):
            write_pmtiles(parts, path, WriteOptions(), FIRST_ZOOMS)
        return path.open("rb")  # it stays readable when its name has gone


def _rename(entry: LayerEntry) -> LayerEntry:
    """Return an entry whose id is its role: the script knows layers of tiles by that name."""
    return msgspec.structs.replace(entry, id=str(entry.role))


def _thin_columns(layer: Layer) -> gpd.GeoDataFrame:
    """Return the features with what is painted of them: names and kinds, and no other column."""
    columns = [name for name in ("name", *KINDS) if name in layer.frame]
    return layer.frame[[*columns, layer.frame.geometry.name]]
