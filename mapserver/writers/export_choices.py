"""What an export writes: its format, its options, its layers, and whether its place is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from mapserver.errors import N_, DataError, Phrase, SettingsError
from mapserver.geo import geodesy
from mapserver.model import Layer, Role, State, is_table
from mapserver.readers.gpx.original import find_originals
from mapserver.readers.register import SNAPSHOT_COLUMNS
from mapserver.text import encoding
from mapserver.text.encoding_names import find_codec
from mapserver.text.findings import Finding, Severity
from mapserver.writers import FORMATS, Format, WriteOptions, find_format
from mapserver.writers.columns import find_placeless_rows
from mapserver.writers.geometry_kinds import LINES, POINTS, find_shapefile_kinds

if TYPE_CHECKING:
    from mapserver.model import Snapshot

WITH_STATES = frozenset({Format.CSV, Format.KML})
"""Formats that people read; in all others a state of today would pass for one of any day."""


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What will be written, and where.

    Attributes
    ----------
    place
        The file or folder, absolute.
    format
        Of all files.
    layers
        Those that the format can hold.
    options
        For the writer of the format.
    is_one_file
        Whether ``place`` is a file, and not a folder of files.
    findings
        Which layers were left out and why.
    """

    place: Path
    format: Format
    layers: list[Layer]
    options: WriteOptions
    is_one_file: bool
    findings: list[Finding]


def choose_export(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    place: Path,
    layer_ids: Sequence[str],
    *,
    wished_format: str | None,
    encoding_label: str | None,
    crs: str | None,
    may_replace: bool,
) -> ExportChoice:
    """Return what an export will write; parameters are those of :func:`~.export.export`.

    Raises
    ------
    SettingsError
        The options contradict each other.
    NotFoundError
        There is no such layer.
    DataError
        A layer that was named cannot be written in this format, or nothing can, or the place is
        not free.
    """
    chosen = _choose_format(place, wished_format)
    options = _choose_options(city, chosen, encoding_label, crs)
    wished_layers = [
        Layer(city.entry(id_), _add_states(city, id_, chosen), city.file(id_))
        for id_ in dict.fromkeys(layer_ids or _list_usual_layers(city, chosen))
    ]
    layers, findings = _select_writable_layers(wished_layers, chosen, are_named=bool(layer_ids))
    is_one_file = find_format(place) is not None
    _require_usable_place(place, chosen, layers, is_one_file=is_one_file, may_replace=may_replace)
    # A file of one layer or trail bears its title, a file of several that of the city.
    if not is_one_file or len(layers) == 1:
        options = replace_fields(options, title="")
    return ExportChoice(place, chosen, layers, options, is_one_file, findings)


def _choose_format(place: Path, wished: str | None) -> Format:
    # The ending and the option may each name the format; where both do, they must agree.
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
    if by_ending is None and not FORMATS[chosen].may_be_folder:
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
) -> WriteOptions:
    kind = FORMATS[chosen]
    # UTF-8 may be asked for everywhere, anything else only where a format has the choice.
    codec = None if encoding_label is None else find_codec(encoding_label, where="--encoding")
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
    lang = city.catalog.default_language
    title = city.catalog.title.in_language(lang)
    originals = find_originals(city.path / "gpx")
    return WriteOptions(
        title,
        lang,
        city.catalog.words,
        wished_crs,
        codec,
        styled=True,
        originals=originals,
        changed_at=city.data.changed_at,
    )


def _list_usual_layers(city: Snapshot, chosen: Format) -> list[str]:
    """List what is written where no layer is named: ledgers only where a format holds tables."""
    return list(city.published if FORMATS[chosen].holds_tables else city.layers)


def _add_states(city: Snapshot, id_: str, chosen: Format) -> gpd.GeoDataFrame:
    """Return a layer; trails with their state of today where somebody could be misled without.

    That is so in the tables that people read, if the state of any trail is unknown. The columns
    say their day and are left out again when the file is brought in.
    """
    frame = city.published[id_]
    # The day is written beside each state, since tomorrow it may be another.
    day = city.today()
    trails = city.trails_on(day) if chosen in WITH_STATES else None
    if trails is None or id_ != city.layer_of(Role.TRAILS):
        return frame
    if not (trails["state"] == State.UNKNOWN).any():
        return frame
    reason = f"reason_{city.catalog.default_language}"
    values = (trails["state"], trails[reason].replace("", None), day.isoformat())
    return frame.assign(**dict(zip(SNAPSHOT_COLUMNS, values, strict=True)))


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
        raise _make_nothing_written_error(findings, chosen)
    return writable_layers, [
        replace_fields(finding, severity=Severity.WARNING) for finding in findings
    ]


def _make_nothing_written_error(findings: list[Finding], chosen: Format) -> DataError:
    """Make the error that no layer could be written, with the reason of the first."""
    reason = Phrase(findings[0].what, **findings[0].values) if findings else "-"
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
    # What each format cannot hold at all; what it holds with losses is a finding of its writer.
    if is_table(layer) and not FORMATS[chosen].holds_tables:
        return DataError(
            N_("it is a table, and {format} holds places"),
            where=where,
            mend=N_("Use another format for it, such as csv or gpkg"),
            format=chosen,
        )
    if chosen is Format.SHP:
        try:
            find_shapefile_kinds(layer.frame)
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
    if is_one_file and len(layers) > 1 and not FORMATS[chosen].holds_layers:
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
    # An empty folder is as good as none: nothing in it would be lost.
    is_taken = any(place.iterdir()) if place.is_dir() else place.exists()
    if is_taken and not may_replace:
        raise DataError(
            N_("it is there already"),
            where=str(place),
            mend=N_("Use another name, or --replace"),
        )


def require_no_foreign_files(place: Path, names: list[str]) -> None:
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
