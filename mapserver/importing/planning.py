"""Files read together, and concluded what adding them would do: a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from mapserver.errors import N_, DataError, MapserverError, SettingsError
from mapserver.importing.choice import pick_layer
from mapserver.importing.codes import (
    find_catalogued_column,
    require_distinct_ids,
    separate_ids,
    write_numbered_ids,
)
from mapserver.importing.inputs import Input, find_ignored, list_inputs
from mapserver.importing.members import read_members
from mapserver.importing.oddities import find_odd_names
from mapserver.importing.place import check_place, find_area
from mapserver.importing.placing import cut_to_city
from mapserver.importing.plan import Plan
from mapserver.importing.reading import Reader
from mapserver.importing.record import find_entry, find_renamed, find_sample
from mapserver.importing.standing import (
    find_hidden_features,
    find_hidden_points,
    require_own_role,
    require_shown_trails,
)
from mapserver.importing.trailfiles import choose_point_files
from mapserver.importing.trailrows import merge_register
from mapserver.importing.whereabouts import check_whereabouts, choose_whereabouts
from mapserver.importing.wish import Wish
from mapserver.model import FILE, Catalog, Role, Snapshot, make_slug
from mapserver.readers.vector import merge_doubles
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
    check_whereabouts(wish)
    # Before anything is read: what is meant, where it goes, and whether it would hide something.
    inputs = pick_layer(list_inputs(files, unpacked), wish.layer)
    ignored = find_ignored(files, unpacked)
    city_box = None if city is None else city.bounds
    catalog = Catalog() if city is None else city.catalog
    is_layer = wish.role is not Role.TRAILS
    layer = _choose_layer_id(wish, inputs[0], catalog) if is_layer else ""
    before = find_entry(catalog, layer) if is_layer else None
    hidden = _find_hidden(wish, layer, city, inputs[0].name)
    reader = Reader(wish, city, before, city_box)
    # The files are read alone; only then is it known whether they belong together.
    for input_ in progress(inputs):
        reader.read_file(input_)
    findings = [*ignored, *hidden, *reader.check_groups(), *reader.join_register()]
    if not reader.parts and reader.members is None:
        raise _make_unusable_error(reader, inputs)
    frame, frame_findings = _combine_features(reader, inputs[0].name)
    points = choose_point_files(
        reader.point_files, reader.trails, folder / "gpx", replace=wish.replace
    )
    # Trails are files of their own, and need no catalogue.
    is_new = bool(layer) and not (folder / FILE).is_file()
    whereabouts, open_questions = choose_whereabouts(wish, frame, city, is_new=is_new)
    plan = Plan(
        city=folder,
        wish=wish,
        layer=layer,
        before=before,
        parts=reader.parts,
        frame=frame,
        trails=reader.trails | points,
        # Several files of one archive have one original.
        originals=list(dict.fromkeys(input_.origin for input_ in inputs)),
        city_box=city_box,
        findings=[*reader.refusals, *reader.findings, *findings, *frame_findings, *open_questions],
        failures=reader.failures,
        marks_only=not reader.parts,
        whereabouts=whereabouts,
    )
    plan.findings.extend(_find_consequences(plan))
    return plan


def _combine_features(reader: Reader, first_name: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Combine the features of all files in one frame, and find what is odd about them together.

    Parameters
    ----------
    reader
        Has read all files.
    first_name
        The first file, for findings about all of them.

    Raises
    ------
    DataError
        Files share ids that somebody chose, or all of it lies outside of the city.
    """
    wish, city = reader.wish, reader.city
    frame, findings = reader.combine_parts()
    if wish.role is not Role.TRAILS:
        # Ids must be apart over all files. A column that somebody named is taken at its word; where
        # the ids are ours, further rows of one id get a number.
        id_column = wish.id_column or find_catalogued_column(reader.before, "id_column")
        if id_column is not None and not wish.number_ids:
            require_distinct_ids(frame.index, ", ".join(part.name for part in reader.parts))
        # Rows of two files, or such as the city itself has given a place, may be one as well.
        frame, _, double_findings = merge_doubles(frame, list(frame.index), wish.role, first_name)
        findings += double_findings
        ids, id_findings = separate_ids(list(frame.index), first_name)
        frame = write_numbered_ids(frame.set_index(ids), id_column)
        findings += id_findings
    if reader.parts:
        # Where features lie shows whether their CRS was read rightly.
        part = reader.parts[0]
        proof = part.crs, part.crs_from
        area = find_area(city)
        if wish.role.row.covers_country and not wish.anyway:
            frame, far_findings = cut_to_city(frame, area, part.name)
            findings += far_findings
        findings += check_place(frame, area, part.name, proof, anyway=wish.anyway)
    findings += find_odd_names(frame, first_name) if wish.role is Role.SHOPS else []
    findings += find_hidden_points(reader.waypoints, city, first_name)
    return frame, findings


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
    return find_hidden_features(layer, city, file, replace=wish.replace)


def _make_unusable_error(reader: Reader, inputs: Sequence[Input]) -> MapserverError:
    """Return the error of the only file, or one that speaks of all."""
    if len(inputs) == 1 or not reader.failures:
        names = ", ".join(input_.name for input_ in inputs)
        unusable = DataError(N_("nothing in it can be used"), where=names)
        return next(iter(reader.failures), unusable)
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


def _choose_layer_id(wish: Wish, input_: Input, catalog: Catalog) -> str:
    """Choose the id of a layer: the one asked for, that of the role, or the file's name.

    Raises
    ------
    SettingsError
        It cannot be an id.
    DataError
        There is a layer of that id, and it is not to be replaced.
    """
    entries = {entry.id: entry for entry in catalog.layers}
    # A role other than layer has one layer in a city, so a new file is that layer's next edition.
    of_role = [entry.id for entry in catalog.layers if entry.role is wish.role and entry.file]
    role_id = None if wish.role is Role.LAYER else (of_role or [str(wish.role)])[0]
    id_ = wish.layer_id or role_id or make_slug(input_.path.stem) or "layer"
    # The id becomes a file name and a part of addresses.
    if make_slug(id_) != id_.lower():
        raise SettingsError(
            N_("{id} cannot be the id of a layer"),
            where="--layer-id",
            mend=N_("Use letters, digits, hyphens and underscores"),
            id=repr(id_),
        )
    twin = next((other_id for other_id in entries if _differ_by_case(other_id, id_)), None)
    if twin is not None:
        raise DataError(
            N_("the city has a layer {other}, whose id differs from {id} by its case alone"),
            where=input_.name,
            mend=N_("Many disks do not tell the two apart: use --layer-id {other}, or another id"),
            id=repr(id_),
            other=repr(twin),
        )
    entry_of_id = entries.get(id_)
    if (
        entry_of_id is not None
        and entry_of_id.file
        and not wish.replace
        and not _marks_members_only(wish, input_)
    ):
        raise DataError(
            N_("the city has a layer {id} already, from {file}"),
            where=input_.name,
            mend=N_("Add it with --replace (the old file is kept), or with another --layer-id"),
            id=repr(id_),
            file=entry_of_id.file,
        )
    return id_


def _differ_by_case(id_: str, other_id: str) -> bool:
    return id_ != other_id and id_.casefold() == other_id.casefold()


def _marks_members_only(wish: Wish, input_: Input) -> bool:
    """Check whether what is added marks the shops that are there, which stay what they are."""
    if wish.role is not Role.SHOPS:
        return False
    return read_members(input_.path, name=input_.name, label=wish.encoding) is not None
