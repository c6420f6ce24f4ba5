"""Getting it out: a city, or some of its layers, in any format of the trade, whole or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_
from mapserver.files.damage import translate_write_errors
from mapserver.files.drafts import draft_beside, move_files, move_folder
from mapserver.model import arguments
from mapserver.settings import expand_home
from mapserver.text.findings import Finding
from mapserver.writers import FORMATS, Format
from mapserver.writers.export_choices import ExportChoice, choose_export, require_no_foreign_files
from mapserver.writers.export_parts import ExportFile, divide_layers
from mapserver.writers.trail_register import write_register

if TYPE_CHECKING:
    from mapserver.model import Snapshot


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes
    ----------
    path
        The file, or the folder.
    format
        Its format.
    files
        Names of the files in the folder; of the files beside each other where one was named.
    rows
        How many rows of each layer were asked for, by its id.
    size_bytes
        Of all files together.
    findings
        What was left out or changed because the format cannot hold it.
    """

    path: Path
    format: Format
    files: list[str]
    rows: dict[str, int]
    size_bytes: int
    findings: list[Finding]


def export(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    out: str | Path,
    *,
    layers: Sequence[str] = (),
    format: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    replace: bool = False,
    progress: Callable[[Sequence[ExportFile]], Any] = iter,
) -> Exported:
    """Write a city, or some of its layers, in a format of the trade.

    Parameters
    ----------
    city
        The city.
    out
        A file, whose ending names the format; or a folder, which gets a file for each layer (in
        GPX for each trail). GeoPackage, PMTiles and KML hold all layers in one file.
    layers
        Ids of layers; all by default (in GPX the trails and their facilities).
    format
        ``geojson``, ``gpkg``, ``parquet``, ``fgb``, ``shp``, ``csv``, ``gpx``, ``kml`` or
        ``pmtiles``; by default what the ending of ``out`` says.
    encoding
        Of the text in CSV (UTF-8 with byte order mark by default) and shapefiles (UTF-8).
    crs
        ``EPSG:5186``, for example, in formats that say their CRS: gpkg, parquet, fgb, shp.
    replace
        What is there gives way; otherwise it stays and the export is refused. A folder gives way
        only if it holds nothing but what the export writes anew.
    progress
        Passes the files on, and may show how far the work is.

    Returns
    -------
    Exported
        What was written, and in ``findings`` what the format could not hold.

    Raises
    ------
    SettingsError
        The options contradict each other.
    NotFoundError
        There is no such layer.
    DataError
        A layer that was named cannot be written in this format, or nothing can.

    Notes
    -----
    Everything is written beside ``out`` first and then moved to its place.

    Examples
    --------
    >>> import tempfile
    >>> from mapserver import open_city
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = export(open_city("."), f"{folder}/seogu.gpkg", layers=["districts"])
    >>> done.rows
    {'districts': 119}
    """
    # Notebooks may hand over anything; a wrong type is said with its option.
    for name, text in (("format", format), ("encoding", encoding), ("crs", crs)):
        arguments.require_text(text, name)
    choice = choose_export(
        city,
        expand_home(out).resolve(),
        arguments.read_ids(layers, "layers"),
        wished_format=format,
        encoding_label=encoding,
        crs=crs,
        may_replace=replace,
    )
    names, size_bytes, findings = _write_files(choice, progress)
    rows = {layer.entry.id: len(layer.frame) for layer in choice.layers}
    return Exported(expand_home(out), choice.format, names, rows, size_bytes, findings)


def _write_files(
    choice: ExportChoice, progress: Callable[[Sequence[ExportFile]], Any]
) -> tuple[list[str], int, list[Finding]]:
    """Write all files beside their place and then move them there.

    Returns
    -------
    tuple
        The names of the files, sorted; their size in bytes together; and what was left out or
        changed because the format cannot hold it.
    """
    findings = list(choice.findings)
    if choice.is_one_file:
        parts = [ExportFile(choice.place.name, choice.layers)]
    else:
        parts = divide_layers(choice.format, choice.layers, findings)
    with draft_beside(choice.place) as draft:
        for part in progress(parts):
            findings += _write_part(choice, part, draft / part.name)
        if choice.format is Format.GPX and not choice.is_one_file:
            write_register(choice.layers, draft)
        size_bytes = sum(file.stat().st_size for file in draft.iterdir())
        names = sorted(file.name for file in draft.iterdir())
        # Until here nothing of ours is at the place, so a failure leaves what was there before.
        if choice.is_one_file:
            move_files(draft, choice.place.parent)
        else:
            require_no_foreign_files(choice.place, names)
            move_folder(draft, choice.place)
    return names, size_bytes, findings


def _write_part(choice: ExportChoice, part: ExportFile, path: Path) -> list[Finding]:
    name = ", ".join(layer.entry.id for layer in part.layers)
    with translate_write_errors(name, path, N_("Use another format, such as gpkg")):
        return FORMATS[choice.format].write(part.layers, path, choice.options)
