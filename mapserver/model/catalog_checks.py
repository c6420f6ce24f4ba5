"""Check a catalogue before it is followed: ids, files, colours, CRS and encodings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from mapserver.errors import N_, CatalogError
from mapserver.geo import geodesy
from mapserver.model.catalog import FILE, SUFFIXES, Catalog, LayerEntry
from mapserver.model.roles import Role
from mapserver.text.encoding_names import find_codec
from mapserver.text.languages import is_language_code

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
DASH = re.compile(r"\d+(?:\.\d+)?(?:[ ,]+\d+(?:\.\d+)?)*")


def check_catalog(catalog: Catalog) -> None:
    """Refuse what cannot be followed, with the layer and the key at fault.

    Raises
    ------
    CatalogError
        An id, a file or a colour cannot be used, or stands twice.
    DataError
        A CRS or an encoding is not known.
    """
    for code in catalog.languages:
        if not is_language_code(code):
            raise CatalogError(
                N_("languages: there is no language {value}"),
                where=FILE,
                mend=N_("Use codes such as ko, en and de"),
                value=repr(code),
            )
    if catalog.metric_crs is not None:
        _check_metric_crs(catalog.metric_crs)
    _check_unique([entry.id for entry in catalog.layers], N_("there are two layers {value}"))
    roles = [str(entry.role) for entry in catalog.layers if entry.role != Role.LAYER]
    _check_unique(roles, N_("there are two layers with the role {value}"))
    for entry in catalog.layers:
        _check_entry(entry)


def _check_metric_crs(value: str) -> None:
    where = f"{FILE}, metric_crs"
    crs = geodesy.parse_crs(value, where=where)
    in_metres = crs.is_projected and all(a.unit_conversion_factor == 1 for a in crs.axis_info)
    if not in_metres:
        raise CatalogError(
            N_("{value} is not a projected CRS in metres"),
            where=where,
            mend=N_("Use one such as EPSG:5186, or leave metric_crs out"),
            value=value,
        )


def _check_unique(values: Sequence[str], what: str) -> None:
    doubled = next((value for i, value in enumerate(values) if value in values[:i]), None)
    if doubled is not None:
        raise CatalogError(
            what,
            where=FILE,
            mend=N_("Keep one of them, and give the other an id of its own or the role layer"),
            value=repr(doubled),
        )


def _check_entry(entry: LayerEntry) -> None:
    where = f"{FILE}, layer '{entry.id}'"
    if not SLUG.fullmatch(entry.id):
        raise CatalogError(
            N_("{value} cannot be an id"),
            where=where,
            mend=N_("Use ASCII letters, digits, - and _, for example districts"),
            value=repr(entry.id),
        )
    _check_file(entry, where)
    if entry.crs is not None:
        geodesy.parse_crs(entry.crs, where=f"{where}, crs")
    if entry.encoding is not None:
        find_codec(entry.encoding, where=f"{where}, encoding")
    for key, value, pattern in (
        ("style.color", entry.style.color, COLOR),
        ("style.fill", entry.style.fill, COLOR),
        ("style.dash", entry.style.dash, DASH),
    ):
        if value and not pattern.fullmatch(value):
            raise CatalogError(
                N_("{key}: {value} cannot be drawn"),
                where=where,
                mend=N_("Write a colour as #rrggbb, and dashes as numbers such as 6 4"),
                key=key,
                value=repr(value),
            )


def _check_file(entry: LayerEntry, where: str) -> None:
    if entry.file is None:
        if not entry.role.row.needs_file:
            return
        raise CatalogError(
            N_("{key} is missing"),
            where=where,
            mend=N_("Name the layer's file in layers/"),
            key="file",
        )
    path = PurePosixPath(entry.file)
    outside = path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", entry.file)
    if outside or not entry.file.strip():
        raise CatalogError(
            N_("the file {value} is not inside layers/"),
            where=where,
            mend=N_("Copy it there, and name it relative to that folder with / between folders"),
            value=repr(entry.file),
        )
    if path.suffix.lower() not in SUFFIXES:
        raise CatalogError(
            N_("files like {value} cannot be read"),
            where=where,
            mend=N_("Use one of: {choices}"),
            value=repr(entry.file),
            choices=", ".join(SUFFIXES),
        )
