"""``layers/basemap.pmtiles``: a backdrop of one's own, checked before anybody reads its tiles."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from pmtiles.tile import Compression, TileType, deserialize_header

from mapserver.errors import N_, DataError
from mapserver.files.links import is_own_file
from mapserver.model import Basemap
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

NAME = "basemap.pmtiles"
BASEMAP = f"layers/{NAME}"
"""What the file is called in messages."""
HEADER_LENGTH, DIRECTORY_END, VERSION = 127, 16_384, 3
"""Bytes of the header, and where the root directory ends at most (PMTiles 3, sections 3 and 4)."""
PACKED = {Compression.NONE, Compression.GZIP}
"""Kinds of packing that browsers undo without a program of ours."""
SHIFTS = range(0, 70, 7)
"""A number of 64 bits takes at most ten bytes, each of 7 bits."""
KNOWN_LAYERS = frozenset(
    [
        *("water", "ocean", "water_areas", "water_polygons", "rivers"),
        *("waterway", "waterways", "water_lines"),
        *("green", "park", "parks", "forest"),
        *("landuse", "landcover", "natural", "land", "sites"),
        *("building", "buildings"),
        *("road", "roads", "street", "streets", "transportation", "transit", "highway"),
        *("transportation_name", "street_labels"),
        *("place", "places", "place_label", "place_labels"),
    ]
)
"""Layers that ``frontend/streets/layers.js`` paints, by all names that common schemas have."""
MEND = N_("Make it again, as docs/backdrop.md says; until then the map has no streets")


def read_basemap(layers_dir: Path) -> tuple[Basemap | None, list[Finding]]:
    """Read what a backdrop says of itself, and check that its parts lie where it says.

    Parameters
    ----------
    layers_dir
        The folder ``layers/`` of a city.

    Returns
    -------
    basemap : Basemap or None
        None where there is no such file.
    findings : list of Finding
        One, where the map would paint none of its layers.

    Raises
    ------
    DataError
        It is too large, damaged, cut off, or made of pictures.
    """
    path = layers_dir / NAME
    if not is_own_file(path, layers_dir):
        return None, []
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        # The size is asked before anything is read: a planet of 120 GB would take minutes.
        if stat.st_size > limits.MAX_BASEMAP_BYTES:
            raise _refuse(
                N_("the backdrop has {size} MB; at most {limit} are used"),
                N_("Cut out the city alone, as docs/backdrop.md says"),
                size=round(stat.st_size / 2**20),
                limit=limits.MAX_BASEMAP_BYTES // 2**20,
            )
        header = _read_header(file, stat.st_size)
        _check_directory(file, header)
        metadata = _read_metadata(file, header)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    basemap = Basemap(
        path=path,
        digest=digest,
        size_bytes=stat.st_size,
        written_ns=stat.st_mtime_ns,
        max_zoom=header["max_zoom"],
        credit=_read_credit(metadata.get("attribution")),
    )
    return basemap, _check_layers(metadata)


def _read_header(file: BinaryIO, size_bytes: int) -> dict[str, Any]:
    """Read the header, and refuse parts outside of the file and tiles that are no vectors."""
    data = file.read(HEADER_LENGTH)
    # What the library does not say in our words: another format, an older one, a file cut short.
    if data[:7] != b"PMTiles":
        raise _refuse(N_("this is no PMTiles file"), MEND)
    if len(data) < HEADER_LENGTH or data[7] != VERSION:
        raise _refuse(N_("this is no PMTiles file of version 3"), MEND)
    # The library knows few kinds, and raises over any other number.
    if data[97] > max(x.value for x in Compression) or data[98] > max(x.value for x in Compression):
        raise _refuse(N_("its tiles are packed in a way that browsers do not know"), MEND)
    if data[99] != TileType.MVT.value:
        raise _refuse(
            N_("its tiles are pictures, or of a kind that is not painted"),
            N_("Make vector tiles (MVT); for tiles of pictures there is MAPSERVER_TILE_URL"),
        )
    header: dict[str, Any] = dict(deserialize_header(data))
    if not {header["internal_compression"], header["tile_compression"]} <= PACKED:
        raise _refuse(
            N_("its tiles are packed in a way that browsers do not know"),
            N_("Pack them with gzip, which is what pmtiles and tippecanoe do"),
        )
    for part in ("root", "metadata", "leaf_directory", "tile_data"):
        # A download that broke off is the usual reason.
        if header[f"{part}_offset"] + header[f"{part}_length"] > size_bytes:
            raise _refuse(N_("the file is cut off: its end is missing"), MEND)
    in_first_bytes = header["root_offset"] + header["root_length"] <= DIRECTORY_END
    if header["root_length"] == 0 or header["root_offset"] < HEADER_LENGTH or not in_first_bytes:
        raise _refuse(N_("the file is damaged: its directory cannot be read"), MEND)
    if not header["min_zoom"] <= header["max_zoom"] <= limits.MAX_BASEMAP_ZOOM:
        raise _refuse(N_("the file is damaged: its zoom levels cannot be"), MEND)
    return header


def _check_directory(file: BinaryIO, header: dict[str, Any]) -> None:
    """Refuse a root directory that is damaged, or that leads out of the file's parts."""
    damaged = _refuse(N_("the file is damaged: its directory cannot be read"), MEND)
    data = _unpack(file, header, "root")
    try:
        lengths_and_offsets = _read_entries(data)
    except (IndexError, ValueError):
        raise damaged from None
    if not lengths_and_offsets:
        raise _refuse(N_("there is no tile in it"), MEND)
    for run_length, length, offset in lengths_and_offsets:
        # An entry without a run is a further directory.
        part = "tile_data" if run_length else "leaf_directory"
        if length == 0 or offset < 0 or offset + length > header[f"{part}_length"]:
            raise damaged


def _read_entries(data: bytes) -> list[tuple[int, int, int]]:
    """Read run length, length and offset of the entries of a directory (PMTiles 3, section 4.1).

    Raises
    ------
    IndexError, ValueError
        It is cut off, or has too many entries or too long a number.
    """
    position = 0

    def read_number() -> int:
        nonlocal position
        number = 0
        for shift in SHIFTS:
            byte = data[position]
            position += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise ValueError(position)

    count = read_number()
    if count > limits.MAX_BASEMAP_ENTRIES:
        raise ValueError(count)
    for _ in range(count):
        read_number()  # differences of the numbers of tiles
    run_lengths = [read_number() for _ in range(count)]
    lengths = [read_number() for _ in range(count)]
    offsets: list[int] = []
    for row in range(count):
        number = read_number()
        # Zero means: right behind the entry before.
        is_next = number == 0 and row > 0
        offsets.append(offsets[-1] + lengths[row - 1] if is_next else number - 1)
    return list(zip(run_lengths, lengths, offsets, strict=True))


def _read_metadata(file: BinaryIO, header: dict[str, Any]) -> dict[str, Any]:
    """Read what the file says of itself: a JSON object, or nothing where there is none."""
    if header["metadata_length"] == 0:
        return {}
    try:
        metadata = json.loads(_unpack(file, header, "metadata"))
    except (ValueError, RecursionError):
        metadata = None
    if not isinstance(metadata, dict):
        raise _refuse(N_("the file is damaged: its description cannot be read"), MEND)
    return metadata


def _unpack(file: BinaryIO, header: dict[str, Any], part: str) -> bytes:
    """Read a part of the file and unpack it, up to a limit: its size is what the file says."""
    most = limits.MAX_BASEMAP_DIRECTORY_BYTES
    damaged = _refuse(N_("the file is damaged: its directory cannot be read"), MEND)
    if header[f"{part}_length"] > most:
        raise damaged
    file.seek(header[f"{part}_offset"])
    data = file.read(header[f"{part}_length"])
    if header["internal_compression"] == Compression.NONE:
        return data
    unpacker = zlib.decompressobj(wbits=31)  # gzip and nothing else
    try:
        unpacked = unpacker.decompress(data, most)
    except zlib.error:
        raise damaged from None
    if not unpacker.eof:  # it is cut off, or goes on beyond the limit
        raise damaged
    return unpacked


def _check_layers(metadata: dict[str, Any]) -> list[Finding]:
    """Report a file of which the map would paint nothing."""
    layers = metadata.get("vector_layers")
    names = [x.get("id") for x in layers if isinstance(x, dict)] if isinstance(layers, list) else []
    texts = [name for name in names if isinstance(name, str)]
    # A file that does not name its layers may have them all.
    if not texts or KNOWN_LAYERS & {name.lower() for name in texts}:
        return []
    return [
        Finding(
            Severity.WARNING,
            "basemap-layers-unknown",
            BASEMAP,
            N_("the map paints none of its layers: {layers}"),
            N_("Name them roads, water, green, buildings or places, as docs/backdrop.md says"),
            values={"layers": ", ".join(map(repr, texts[: limits.MAX_CHECKED_IDS]))},
        )
    ]


def _read_credit(attribution: object) -> str:
    """Return the credit that the file has, as plain text: map viewers show it as HTML."""
    if not isinstance(attribution, str):
        return ""
    text = html.unescape(re.sub(r"<[^<>]*>", "", attribution[: limits.MAX_CREDIT_LETTERS]))
    return " ".join(text.split())


def _refuse(what: str, mend: str, **values: object) -> DataError:
    return DataError(what, where=BASEMAP, mend=mend, **values)
