"""Getting it out: a city, or some of its layers, in any format of the trade, whole or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_, DataError, SettingsError
from mapserver.files.damage import translate_write_errors
from mapserver.files.drafts import draft_beside, move_files, move_folder
from mapserver.geo import geodesy
from mapserver.model import Layer, Role, State, arguments, slug, today
from mapserver.readers.city_folder import MEASURED
from mapserver.readers.gpx import TRAIL_COLUMNS
from mapserver.readers.gpx.original import find_originals
from mapserver.readers.register import SNAPSHOT_COLUMNS
from mapserver.settings import expand_home
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity
from mapserver.writers import FORMATS, Format, How, Kind, find_format, shapefile
from mapserver.writers.columns import find_placeless_rows, make_names_distinct
from mapserver.writers.gpx import LINES, POINTS

if TYPE_CHECKING:
    from mapserver.model import Snapshot

"""What a GPX file of the whole city is for."""

PLAIN_NAME = re.compile(r"[\w][\w.-]{0,100}")
REGISTER = "trails.csv"

WITH_STATES = frozenset({Format.CSV, Format.KML})
"""Formats that people read; in all others a state of today would pass for one of any day."""


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


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an export: its name, and the layers in it."""

    name: str
    layers: list[Layer]


def export(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    out: str | Path,
    *,
    layers: Sequence[str] = (),
    format: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    replace: bool = False,
    progress: Callable[[Sequence[Part]], Any] = iter,
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
    layers = arguments.read_ids(layers, "layers")
    place = expand_home(out).resolve()
    chosen_format = _choose_format(place, format)
    kind = FORMATS[chosen_format]
    options = _choose_options(city, chosen_format, encoding, crs)
    wished_layers = [
        Layer(city.entry(id_), _get_frame_with_states(city, id_, chosen_format), city.file(id_))
        for id_ in dict.fromkeys(layers or city.layers)
    ]
    writable_layers, findings = _select_writable_layers(
        wished_layers, chosen_format, are_named=bool(layers)
    )
    is_one_file = find_format(place) is not None
    _require_usable_place(
        place, chosen_format, writable_layers, is_one_file=is_one_file, may_replace=replace
    )
    if is_one_file:
        parts = [Part(place.name, writable_layers)]
    else:
        parts = _divide_layers(chosen_format, writable_layers, findings)
    # A file of one layer or trail bears its title, a file of several that of the city.
    if not is_one_file or len(writable_layers) == 1:
        options = replace_fields(options, title="")
    with draft_beside(place) as draft:
        for part in progress(parts):
            findings += _write_part(kind, part, draft / part.name, options)
        if chosen_format is Format.GPX and not is_one_file:
            _write_register(writable_layers, draft)
        size_bytes = sum(file.stat().st_size for file in draft.iterdir())
        names = sorted(file.name for file in draft.iterdir())
        _move_into_place(draft, place, names, is_one_file=is_one_file)
    rows = {layer.entry.id: len(layer.frame) for layer in writable_layers}
    return Exported(expand_home(out), chosen_format, names, rows, size_bytes, findings)


def _move_into_place(draft: Path, place: Path, names: list[str], *, is_one_file: bool) -> None:
    """Move what was written to its place; a folder only replaces files that it writes anew."""
    if is_one_file:
        move_files(draft, place.parent)
    else:
        _require_no_foreign_files(place, names)
        move_folder(draft, place)


def _get_frame_with_states(city: Snapshot, id_: str, chosen: Format) -> gpd.GeoDataFrame:
    """Return a layer; trails with their state of today where somebody could be misled without.

    That is so in the tables that people read, if the state of any trail is unknown. The columns
    say their day and are left out again when the file is brought in.
    """
    frame = city.layers[id_]
    day = today()
    trails = city.trails_on(day) if chosen in WITH_STATES else None
    if trails is None or id_ != city.layer_of(Role.TRAILS):
        return frame
    if not (trails["state"] == State.UNKNOWN).any():
        return frame
    reason = "reason_en" if city.catalog.languages[0] == "en" else "reason_ko"
    values = (trails["state"], trails[reason].replace("", None), day.isoformat())
    return frame.assign(**dict(zip(SNAPSHOT_COLUMNS, values, strict=True)))


def _choose_format(place: Path, wished: str | None) -> Format:
    by_ending = find_format(place)
    if wished is None:
        if by_ending is None:
            raise SettingsError(
                N_("it is not said in which format"),
                where=place.name,
                mend=N_("Give --format, or a file whose ending says it: {endings}"),
                endings=", ".join(kind.suffixes[0] for kind in FORMATS.values()),
            )
        return by_ending
    if wished not in set(Format):
        raise SettingsError(
            N_("{value} is not a format"),
            where="--format",
            mend=N_("Use one of: {choices}"),
            value=repr(wished),
            choices=", ".join(Format),
        )
    chosen = Format(wished)
    if by_ending not in {None, chosen}:
        raise SettingsError(
            N_("the ending says {ending}, and --format says {format}"),
            where=place.name,
            mend=N_("Leave one of them out"),
            ending=by_ending,
            format=chosen,
        )
    if by_ending is None and not FORMATS[chosen].apart:
        raise SettingsError(
            N_("{format} is one file for all layers, and this name has no ending"),
            where=place.name,
            mend=N_("Name it {name}"),
            format=chosen,
            name=f"{place.name}{FORMATS[chosen].suffixes[0]}",
        )
    return chosen


def _choose_options(
    city: Snapshot, chosen: Format, encoding_label: str | None, crs: str | None
) -> How:
    kind = FORMATS[chosen]
    # UTF-8 may be asked for everywhere, anything else only where a format has the choice.
    codec = (
        None if encoding_label is None else encoding.find_codec(encoding_label, where="--encoding")
    )
    if codec not in {None, "utf-8"} and not kind.any_encoding:
        raise SettingsError(
            N_("{format} is always UTF-8"),
            where="--encoding",
            mend=N_("Leave it out, or use one of: {choices}"),
            format=chosen,
            choices=", ".join(f for f in Format if FORMATS[f].any_encoding),
        )
    # Degrees on WGS 84 are what all formats have, so asking for them asks for nothing.
    wished_crs = None if crs is None else geodesy.parse_crs(crs, where="--crs")
    if wished_crs == geodesy.LONLAT:
        wished_crs = None
    if wished_crs is not None and not kind.any_crs:
        raise SettingsError(
            N_("{format} is always in degrees on WGS 84: a file cannot say another CRS"),
            where="--crs",
            mend=N_("Leave it out, or use one of: {choices}"),
            format=chosen,
            choices=", ".join(f for f in Format if FORMATS[f].any_crs),
        )
    lang = city.catalog.languages[0]
    title = city.catalog.title.in_language(lang)
    originals = find_originals(city.path / "gpx")
    return How(title, lang, wished_crs, codec, styled=True, originals=originals)


def _select_writable_layers(
    wished_layers: list[Layer], chosen: Format, *, are_named: bool
) -> tuple[list[Layer], list[Finding]]:
    """Select the layers that a format can hold; one that was named and cannot is an error."""
    writable_layers, findings = [], []
    for layer in wished_layers:
        reason = _find_refusal(layer, chosen, are_named=are_named)
        if reason is None:
            writable_layers.append(layer)
            continue
        if are_named:
            raise reason
        findings.append(Finding.from_error(reason, code="layer-left-out", file=layer.entry.id))
    if not writable_layers:
        raise make_nothing_written_error(findings, chosen)
    return writable_layers, [
        replace_fields(finding, severity=Severity.WARNING) for finding in findings
    ]


def make_nothing_written_error(findings: list[Finding], chosen: Format) -> DataError:
    """Make the error that no layer could be written, with the reason of the first."""
    reason = findings[0].message if findings else "-"
    return DataError(
        N_("no layer can be written as {format}: {reason}"),
        mend=N_("Use another format, such as gpkg"),
        format=chosen,
        reason=reason,
    )


def _find_refusal(layer: Layer, chosen: Format, *, are_named: bool) -> DataError | None:
    where = layer.entry.id
    geometries = layer.frame.geometry.to_numpy()
    places = geometries[~find_placeless_rows(geometries)]
    if chosen is Format.SHP:
        try:
            shapefile.find_kinds(layer.frame)
        except DataError as error:
            return DataError(error.what, where=where, mend=error.mend, **error.values)
    if chosen is Format.PMTILES and not len(places):
        return DataError(N_("no row has a place, so no tile can show it"), where=where)
    if chosen is Format.GPX:
        if not np.isin(shapely.get_type_id(places), (*LINES, *POINTS)).any():
            return DataError(
                N_("GPX holds lines and points, and this layer has neither"),
                where=where,
                mend=N_("Use another format for it, such as gpkg or kml"),
            )
        if not are_named and not layer.entry.role.row.from_gpx:
            return DataError(
                N_("a GPX of the whole city has the trails and their facilities"),
                where=where,
                mend=N_("Name the layer with --layer to have its points"),
            )
    return None


def _require_usable_place(
    place: Path, chosen: Format, layers: list[Layer], *, is_one_file: bool, may_replace: bool
) -> None:
    if is_one_file and len(layers) > 1 and not FORMATS[chosen].together:
        raise SettingsError(
            N_("a {format} file holds one layer, and these are {count}"),
            where=place.name,
            mend=N_("Name one with --layer, or a folder: {name} with --format {format}"),
            format=chosen,
            count=len(layers),
            name=place.stem,
        )
    if is_one_file and place.is_dir():
        raise DataError(
            N_("a folder is in the place of the file"),
            where=str(place),
            mend=N_("Use another name"),
        )
    if not is_one_file and place.is_file():
        raise DataError(
            N_("a file is in the place of the folder"),
            where=str(place),
            mend=N_("Use another name"),
        )
    is_taken = any(place.iterdir()) if place.is_dir() else place.exists()
    if is_taken and not may_replace:
        raise DataError(
            N_("it is there already"),
            where=str(place),
            mend=N_("Use another name, or --replace"),
        )


def _require_no_foreign_files(place: Path, names: list[str]) -> None:
    """Refuse to replace a folder that holds anything else: it would be gone."""
    foreign_files = sorted(
        {item.name for item in place.iterdir()} - {*names} if place.is_dir() else ()
    )
    if foreign_files:
        raise DataError(
            N_("the folder holds other files, which --replace would remove: {files}"),
            where=str(place),
            mend=N_("Use another name, or move them away"),
            files=", ".join(map(encoding.decode_file_name, foreign_files[:3])),
        )


def _write_part(kind: Kind, part: Part, path: Path, how: How) -> list[Finding]:
    name = ", ".join(layer.entry.id for layer in part.layers)
    with translate_write_errors(name, path, N_("Use another format, such as gpkg")):
        return kind.write(part.layers, path, how)


# -- what becomes a file of its own ----------------------------------------------------------------


def _divide_layers(chosen: Format, layers: list[Layer], findings: list[Finding]) -> list[Part]:
    """Divide the layers into the files of a folder."""
    suffix = FORMATS[chosen].suffixes[0]
    if chosen is Format.GPX:
        return _divide_gpx_layers(layers, suffix)
    parts = []
    for layer in layers:
        kinds = shapefile.find_kinds(layer.frame) if chosen is Format.SHP else []
        # Only a shapefile needs several files for a layer: one for each kind of geometry.
        if len(kinds) < 2:
            parts.append(Part(f"{layer.entry.id}{suffix}", [layer]))
            continue
        names = [f"{layer.entry.id}-{kind}{suffix}" for kind in kinds]
        findings.append(
            Finding(
                Severity.NOTE,
                "layer-split",
                layer.entry.id,
                N_("a shapefile holds one kind of geometry; it is written as {files}"),
                values={"files": ", ".join(names)},
            )
        )
        types = layer.frame.geom_type
        # A geometry of two kinds (a point, which multipoints hold too) goes into the first file.
        is_remaining = pd.Series(data=True, index=layer.frame.index)
        for name, kind in zip(names, kinds, strict=True):
            is_of_kind = types.isin(shapefile.KINDS[kind]) & is_remaining
            is_remaining &= ~is_of_kind
            if name == names[0]:  # rows without a place must be somewhere
                is_of_kind |= find_placeless_rows(layer.frame.geometry.to_numpy())
            parts.append(Part(name, [replace_fields(layer, frame=layer.frame[is_of_kind])]))
    return parts


def _divide_gpx_layers(layers: list[Layer], suffix: str) -> list[Part]:
    """Divide trails into a file each, with their facilities, as the city's own folder has them."""
    trails = [layer for layer in layers if layer.entry.role is Role.TRAILS]
    ids = [str(id_) for layer in trails for id_ in layer.frame.index]
    names = make_names_distinct(
        [*ids, *(x.entry.id for x in layers if x not in trails)], shorten=_make_file_name
    )
    parts: dict[str, Part] = {}
    for layer in trails:
        for position, id_ in enumerate(map(str, layer.frame.index)):
            trail_layer = replace_fields(layer, frame=layer.frame.iloc[[position]])
            parts[id_] = Part(f"{names[id_]}{suffix}", [trail_layer])
    for layer in layers:
        if layer in trails:
            continue
        # Points of no trail of this export go into a file of their own layer.
        owners = layer.frame.get("trail", pd.Series(None, layer.frame.index, dtype="str"))
        for owner, rows in layer.frame.groupby(owners.where(owners.isin(ids)), dropna=False):
            owned_layer = replace_fields(layer, frame=rows)
            if isinstance(owner, str):
                parts[owner].layers.append(owned_layer)
            else:
                parts[f"layer {layer.entry.id}"] = Part(
                    f"{names[layer.entry.id]}{suffix}", [owned_layer]
                )
    return list(parts.values())


def _make_file_name(id_: str, room: int) -> str:
    name = id_ if PLAIN_NAME.fullmatch(id_) else slug(id_) or "trail"
    return name[: 100 - room]


def _write_register(layers: list[Layer], draft: Path) -> None:
    """Write what GPX has no element for as the trail register, which a city reads beside it."""
    trails = [layer for layer in layers if layer.entry.role is Role.TRAILS]
    tables = []
    for layer in trails:
        # What follows from the GPX file itself is measured anew when the city is read.
        measured_columns = [c for c in TRAIL_COLUMNS if c not in {"name", "description"}]
        stated_names = {aside: own for own, aside in MEASURED.items()}
        table = pd.DataFrame(
            layer.frame.drop(columns=[*measured_columns, "geometry"], errors="ignore")
        )
        table = table.drop(columns="description", errors="ignore").rename(columns=stated_names)
        # Registers write yes and no; a spreadsheet would turn TRUE into its own value.
        for column in table.select_dtypes(["bool", "boolean"]):
            table[column] = table[column].map({True: "yes", False: "no"})
        tables.append(table.rename_axis(index="id").reset_index())
    if tables:
        register = pd.concat(tables, ignore_index=True)
        register.to_csv(draft / REGISTER, index=False, encoding="utf-8-sig", lineterminator="\r\n")
