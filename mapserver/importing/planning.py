"""Files read together, and concluded what adding them would do: a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mapserver.errors import N_, DataError, MapserverError, SettingsError
from mapserver.importing.choice import pick_layer
from mapserver.importing.codes import catalogued_column, require_apart, separate_ids, write_numbered
from mapserver.importing.inputs import Input, find_ignored, inputs
from mapserver.importing.members import read_members
from mapserver.importing.oddities import find_odd_names
from mapserver.importing.place import check_place, find_area
from mapserver.importing.plan import Plan
from mapserver.importing.reading import Reader
from mapserver.importing.record import entry_before, find_renamed, find_sample
from mapserver.importing.standing import (
    find_hidden,
    find_hidden_points,
    require_own_role,
    require_shown_trails,
)
from mapserver.importing.trailfiles import choose_point_files
from mapserver.importing.trailrows import merge_register
from mapserver.importing.wish import Wish
from mapserver.model import Catalog, Role, Snapshot, slug
from mapserver.text.findings import Finding


def make_plan(  # noqa: PLR0913 -- files, what they are, where they go, and two for the work
    files: Sequence[Path],
    wish: Wish,
    city: Snapshot | None,
    folder: Path,
    *,
    unpacked: Path,
    progress: Callable[[Sequence[Input]], Any] = iter,
) -> Plan:
    """Read files and conclude what adding them would do; nothing is written.

    Parameters
    ----------
    files
        Files, folders and zip archives.
    wish
        What they are, and what they do not say themselves.
    city
        The city as it is; None when the folder is to become one.
    folder
        The city folder.
    unpacked
        An empty folder for what is in archives; the plan needs it until it is carried out.
    progress
        Passes the files on one by one, and may show how far it has come.

    Raises
    ------
    DataError
        No file could be used, it is not clear which layer is meant, or what the files hold has no
        place in this city.
    """
    every = pick_layer(inputs(files, unpacked), wish.layer)
    ignored = find_ignored(files, unpacked)
    box = None if city is None else city.bounds
    catalog = Catalog() if city is None else city.catalog
    is_layer = wish.role is not Role.TRAILS
    layer = _choose_layer_id(wish, every[0], catalog) if is_layer else ""
    before = entry_before(catalog, layer) if is_layer else None
    hidden = _find_hidden(wish, layer, city, every[0].name)
    reader = Reader(wish, city, before, box)
    for one in progress(every):
        reader.read(one)
    findings = [*ignored, *hidden, *reader.check_groups(), *reader.join_register()]
    if not reader.parts and reader.members is None:
        raise _nothing_usable(reader, every)
    frame, about_members = reader.combine()
    findings += about_members
    first = every[0].name
    if is_layer:
        id_column = wish.id_column or catalogued_column(before, "id_column")
        if id_column is not None and not wish.number_ids:
            require_apart(frame.index, ", ".join(part.name for part in reader.parts))
        ids, about_ids = separate_ids(list(frame.index), first)
        frame = write_numbered(frame.set_index(ids), id_column)
        findings += about_ids
    if reader.parts:
        part = reader.parts[0]
        area, proof = find_area(city), (part.crs, part.crs_from)
        findings += check_place(frame, area, part.name, proof, anyway=wish.anyway)
    findings += find_odd_names(frame, first) if wish.role is Role.SHOPS else []
    findings += find_hidden_points(reader.waypoints, city, first)
    points = choose_point_files(
        reader.point_files, reader.trails, folder / "gpx", replace=wish.replace
    )
    plan = Plan(
        folder, wish, layer, before, reader.parts, frame, reader.trails | points,
        list(dict.fromkeys(one.origin for one in every)), box,
        [*reader.refusals, *reader.findings, *findings], reader.failures, not reader.parts,
    )  # fmt: skip
    plan.findings.extend(_find_consequences(plan))
    return plan


def _find_hidden(wish: Wish, layer: str, city: Snapshot | None, file: str) -> list[Finding]:
    """Find what would no longer be shown, and refuse what would be hidden without being asked.

    Raises
    ------
    DataError
        From :mod:`mapserver.importing.standing`.
    """
    if not layer:
        require_shown_trails(city, file)
        return []
    require_own_role(wish.role, layer, city, file)
    return find_hidden(layer, city, file, replace=wish.replace)


def _nothing_usable(reader: Reader, every: Sequence[Input]) -> MapserverError:
    """Return the error of the only file, or one that speaks of all."""
    if len(every) == 1 or not reader.failures:
        return next(
            iter(reader.failures),
            DataError(N_("nothing in it can be used"), where=", ".join(one.name for one in every)),
        )
    return DataError(
        N_("none of {count} files can be used; the first: {first}"),
        where="",
        mend=N_("Mend them, or look whether --as says what they are"),
        count=len(reader.failures),
        first=reader.failures[0],
    )


def _find_consequences(plan: Plan) -> list[Finding]:
    """Find what writing changes beside the features: register, mark of a sample, columns."""
    if not plan.layer:
        return merge_register(plan.city / "gpx", plan.trails, plan.parts)[1]
    return [*find_sample(plan.before, marks_only=plan.marks_only), *find_renamed(plan)]


def _choose_layer_id(wish: Wish, first: Input, catalog: Catalog) -> str:
    """Choose the id of a layer: the one asked for, that of the role, or the file's name.

    Raises
    ------
    SettingsError
        It cannot be an id.
    DataError
        There is a layer of that id, and it is not to be replaced.
    """
    entries = {entry.id: entry for entry in catalog.layers}
    of_role = [entry.id for entry in catalog.layers if entry.role is wish.role and entry.file]
    role_id = None if wish.role is Role.LAYER else (of_role or [str(wish.role)])[0]
    id_ = wish.layer_id or role_id or slug(first.path.stem) or "layer"
    if slug(id_) != id_.lower():
        raise SettingsError(
            N_("{id} cannot be the id of a layer"),
            where="--layer-id",
            mend=N_("Use letters, digits, hyphens and underscores"),
            id=repr(id_),
        )
    twin = next((other for other in entries if _differ_by_case(other, id_)), None)
    if twin is not None:
        raise DataError(
            N_("the city has a layer {other}, whose id differs from {id} by its case alone"),
            where=first.name,
            mend=N_("Many disks do not tell the two apart: use --layer-id {other}, or another id"),
            id=repr(id_),
            other=repr(twin),
        )
    taken = entries.get(id_)
    if taken is not None and taken.file and not wish.replace and not _only_members(wish, first):
        raise DataError(
            N_("the city has a layer {id} already, from {file}"),
            where=first.name,
            mend=N_("Add it with --replace (the old file is kept), or with another --layer-id"),
            id=repr(id_),
            file=taken.file,
        )
    return id_


def _differ_by_case(one: str, other: str) -> bool:
    return one != other and one.casefold() == other.casefold()


def _only_members(wish: Wish, first: Input) -> bool:
    """Check whether what is added marks the shops that are there, which stay what they are."""
    if wish.role is not Role.SHOPS:
        return False
    return read_members(first.path, name=first.name, label=wish.encoding) is not None
