"""A plan carried out: the layer or the trails, the catalogue, and the originals beside."""

from __future__ import annotations

import datetime as dt
import errno
from pathlib import Path

import msgspec

from mapserver import tables
from mapserver.errors import N_, DataError
from mapserver.files.change import change_folder, removing_new_folders
from mapserver.files.damage import describe_os_error, is_disk_full
from mapserver.files.drafts import write_file
from mapserver.importing.inputs import list_parts
from mapserver.importing.originals import OriginalsFolder, keeping_originals, list_sets
from mapserver.importing.plan import Plan
from mapserver.importing.record import build_written_frame, choose_file, describe_layer
from mapserver.importing.trailrows import has_title, merge_register
from mapserver.importing.whereabouts import Whereabouts
from mapserver.model import (
    FILE,
    Catalog,
    LayerEntry,
    derive_catalog,
    parse_catalog,
    write_city_keys,
    write_layer_entry,
)
from mapserver.readers.register import find_register

MEND_UNWRITABLE = N_("Leave out the column that it names, and tell those who make this program")
"""Whoever adds data does not choose the format that it is kept in."""


def carry_out_plan(plan: Plan, *, today: dt.date) -> list[str]:
    """Write what a plan says; the city folder changes in one step or not at all.

    The originals, and what gives way, are kept first; then ``gpx/`` or ``layers/`` is made anew
    beside its place, and takes it in one step. When anything fails, all of it goes again.

    Parameters
    ----------
    plan
        From :func:`mapserver.importing.make_plan`.
    today
        Names the folder in which the originals are kept.

    Returns
    -------
    list of str
        The files written, relative to the city folder.

    Raises
    ------
    DataError
        A file could not be used and that was not asked for, another program is changing the city,
        or the disk is full or may not be written.
    """
    plan.require_all()
    folder = "layers" if plan.layer else "gpx"
    says_whereabouts = plan.whereabouts != Whereabouts()
    try:
        # The draft takes its place when the innermost ends; only then do the originals stay.
        with (
            removing_new_folders(plan.city),
            keeping_originals(plan.city, today) as originals,
            change_folder(plan.city, folder) as draft,
        ):
            for files in list_sets(plan.originals):
                originals.copy_files(files)
            write = _write_layer if plan.layer else _write_trails
            written = [f"{folder}/{name}" for name in write(plan, draft, originals)]
            if says_whereabouts and not plan.layer:
                with change_folder(plan.city, "layers") as layers_draft:
                    write_file(layers_draft / "catalog.toml", _write_catalog(plan, layers_draft))
                written.append(FILE)
    except OSError as error:
        # Copying a folder raises one error of many, which has no number.
        if is_disk_full(error, plan.city):
            raise describe_os_error(OSError(errno.ENOSPC, ""), str(plan.city)) from error
        raise DataError(
            N_("the city cannot be written, and is as it was: {reason}"),
            where=str(plan.city),
            mend=N_("Look whether the disk is full, and whether the folder may be written"),
            reason=str(error.strerror or error),
        ) from error
    return written


def _write_layer(plan: Plan, draft: Path, originals: OriginalsFolder) -> list[str]:
    """Write the file of a layer and its entry in the catalogue; return the names of both."""
    _, old_catalog = _read_old_catalog(plan, draft)
    file = choose_file(old_catalog, draft, plan.layer)
    if plan.before is not None and plan.before.file:
        _copy_replaced_file(draft, plan.before.file, old_catalog, originals)
    tables.write(build_written_frame(plan), draft / file, mend=MEND_UNWRITABLE)
    entry = describe_layer(plan, file, plan.whereabouts.languages or old_catalog.languages)
    write_file(draft / "catalog.toml", _write_catalog(plan, draft, entry))
    return [file, "catalog.toml"]


def _read_old_catalog(plan: Plan, draft: Path) -> tuple[str | None, Catalog]:
    """Return the text of the catalogue, None where there is none, and what it says."""
    path = draft / "catalog.toml"
    text = path.read_text("utf-8") if path.is_file() else None
    return text, parse_catalog(text) if text else derive_catalog(plan.city / "layers")


def _write_catalog(plan: Plan, draft: Path, entry: LayerEntry | None = None) -> bytes:
    """Write the catalogue with the entry of a layer, if any, and the city's whereabouts."""
    text, catalog = _read_old_catalog(plan, draft)
    said = plan.whereabouts
    values = {"languages": said.languages, "time_zone": said.time_zone}
    values = {key: value for key, value in values.items() if value}
    catalog = msgspec.structs.replace(catalog, **values)
    # One that is new gets them with its other keys, before its layers.
    text = None if text is None else write_city_keys(text, values)
    new_text = write_layer_entry(text, catalog, entry, plan.city.resolve().name)
    # A catalogue that cannot be followed would cost all layers their entries.
    parse_catalog(new_text)
    return new_text.encode()


def _copy_replaced_file(
    draft: Path, file: str, old_catalog: Catalog, originals: OriginalsFolder
) -> None:
    """Copy the file of a layer that gives way, and remove it unless another layer is in it, too."""
    old = draft / file
    if not old.is_file():
        return
    files = list_parts(old)
    originals.copy_files(files, prefix="replaced-")
    if sum(entry.file == file for entry in old_catalog.layers) < 2:
        for part in files:
            part.unlink()


def _write_trails(plan: Plan, draft: Path, originals: OriginalsFolder) -> list[str]:
    """Write GPX files and the register with rows for them; return the names of all."""
    for id_, data in plan.trails.items():
        path = draft / f"{id_}.gpx"
        if path.is_file() and path.read_bytes() != data:
            originals.copy_files([path], prefix="replaced-")
        write_file(path, data)
    # The register is written last, as trails.csv: one in another form would be read beside it.
    text, _ = merge_register(draft, plan.trails, plan.parts)
    register = find_register(draft)
    if register is not None and (register.name != "trails.csv" or has_title(register)):
        originals.copy_files([register], prefix="replaced-")
        register.unlink()
    write_file(draft / "trails.csv", text.encode("utf-8-sig"))
    return [*(f"{id_}.gpx" for id_ in plan.trails), "trails.csv"]
