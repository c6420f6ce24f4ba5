"""A layer of a city from its file, with the columns that its role has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd

from mapserver.errors import N_, DataError
from mapserver.files.links import leads_out
from mapserver.files.reads import Reads
from mapserver.model import Layer, LayerEntry, Role, with_kinds
from mapserver.readers.attempts import attempt_read
from mapserver.readers.trails import GPX, join_register, measure_line_trails
from mapserver.readers.vector import read_layer
from mapserver.text import encoding
from mapserver.text.dates import KOREA
from mapserver.text.findings import Finding, Severity

LAYERS = "layers"


def read_layer_file(  # noqa: PLR0913 -- all of them belong to one reading
    path: Path,
    entry: LayerEntry,
    findings: list[Finding],
    registered: set[tuple[str, str]],
    reads: Reads,
    *,
    zone: dt.tzinfo = KOREA,
) -> Layer | None:
    """Read the file of a layer; what is wrong with it goes to `findings`, and costs this layer.

    Parameters
    ----------
    path
        The city folder.
    entry
        The layer's entry in the catalogue, with a file.
    findings
        Gets what is odd or wrong.
    registered
        Gets trail and column of each state that the register says.
    reads
        What was read before and has not changed.
    zone
        The city's time zone, where a time with an offset in the register becomes a day.
    """
    layer_path = path / LAYERS / str(entry.file)
    file = f"{LAYERS}/{encoding.decode_file_name(str(entry.file))}"
    if layer_path.exists() and leads_out(layer_path, path / LAYERS):
        return None  # which is reported with the other links
    if not layer_path.is_file():
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
    frame = attempt_read(
        lambda: reads.get(entry, parts, lambda: _read_frame(layer_path, entry, file)),
        file,
        findings,
    )
    if frame is None:
        return None
    if entry.role == Role.TRAILS:
        frame = join_register(frame, path / GPX, findings, registered, zone)
    return Layer(entry, frame, file)


def _read_frame(path: Path, entry: LayerEntry, file: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer and add the columns that its role has."""
    _require_own_parts(path, file)
    frame, findings = read_layer(path, entry, name=file)
    if entry.role == Role.FACILITIES:
        frame = with_kinds(frame)
    if entry.role == Role.TRAILS:
        frame, remarks = measure_line_trails(frame, file)
        findings = [*findings, *remarks]
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
