"""What an addition would push out of the city: layers of its role or id, those from GPX too."""

from __future__ import annotations

from mapserver.errors import N_, DataError
from mapserver.model import ROLES, Role, Snapshot
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity


def require_own_role(role: Role, layer: str, city: Snapshot | None, file: str) -> None:
    """Check that no layer under another id has the role; a catalogue with two is not followed.

    Parameters
    ----------
    role, layer
        What is to be added, and its id.
    city
        The city as it is; None when the folder is to become one.
    file
        Name of the file for messages.

    Raises
    ------
    DataError
        Another layer has the role, or the id belongs to what is read from ``gpx/``.
    """
    # An id that is the name of a role, such as facilities, means that role.
    role_of_id = ROLES.get(layer)
    if (
        role_of_id is not None
        and role_of_id.row.from_gpx
        and role_of_id != role
        and _is_read_from_gpx(role_of_id, city)
    ):
        raise DataError(
            N_("{id} is the layer that is read from gpx/"),
            where=file,
            mend=N_("Use another --layer-id"),
            id=repr(layer),
        )
    other_layer = None if role is Role.LAYER else _find_layer_of(role, city)
    if other_layer in {None, layer}:
        return
    raise DataError(
        N_("the layer {other} is the city's {role} already"),
        where=file,
        mend=N_("Use --layer-id {other} with --replace, or show it beside: --as layer"),
        other=other_layer,
        role=role,
    )


def find_hidden_features(
    layer: str, city: Snapshot | None, file: str, *, replace: bool
) -> list[Finding]:
    """Find the features that the city makes of other files, and that a layer of its own would hide.

    These are facilities from the waypoints in ``gpx/``, and zones from the neighbourhoods. Their
    files stay as they are, but nobody sees them any more.

    Parameters
    ----------
    layer, city, file
        As of :func:`require_own_role`.
    replace
        Whether it was asked for that the file takes their place.

    Returns
    -------
    list of Finding
        A warning with their count; empty where nothing is hidden.

    Raises
    ------
    DataError
        Features would be hidden, and that was not asked for.
    """
    if city is None or layer not in city.layers or city.entry(layer).file is not None:
        return []
    values: dict[str, object] = {
        "count": len(city.layers[layer]),
        "layer": repr(layer),
        "source": _list_source_files(city, layer),
    }
    if not replace:
        raise DataError(
            N_("features of the layer {layer}, {count}, come from {source} and would not be shown"),
            where=file,
            mend=N_("Show the file alone: --replace; or both: --as layer --layer-id NAME"),
            **values,
        )
    return [
        Finding(
            Severity.WARNING,
            "layer-hidden",
            file,
            N_("features of the layer {layer}, {count}, from {source} are no longer shown"),
            N_("To show them again, take the layer {layer} out of layers/catalog.toml"),
            values=values,
        )
    ]


def require_shown_trails(city: Snapshot | None, file: str) -> None:
    """Check that trails which become GPX files are shown: a layer of trails would hide them.

    Raises
    ------
    DataError
        The trails of the city are a layer with a file.
    """
    layer = None if city is None else _find_layer_of(Role.TRAILS, city)
    if city is None or layer is None or (layer_file := _find_file(city, layer)) is None:
        return
    raise DataError(
        N_("the trails of this city come from layers/{other}, which hides all GPX files"),
        where=file,
        mend=N_(
            "Add that file as GPX: move it out of layers/ and its entry out of catalog.toml,"
            " then add both --as trails"
        ),
        other=layer_file,
    )


def find_hidden_points(count: int, city: Snapshot | None, file: str) -> list[Finding]:
    """Find waypoints of trails that are not shown, since the facilities are a layer with a file."""
    layer = None if city is None else _find_layer_of(Role.FACILITIES, city)
    if (
        city is None
        or layer is None
        or (layer_file := _find_file(city, layer)) is None
        or not count
    ):
        return []
    return [
        Finding(
            Severity.WARNING,
            "waypoints-hidden",
            file,
            N_("waypoints: {count}; they are kept but not shown, since layers/{other} hides them"),
            N_("Add them to that file, or take its layer out of layers/catalog.toml"),
            values={"count": count, "other": layer_file},
        )
    ]


def _is_read_from_gpx(role: Role, city: Snapshot | None) -> bool:
    """Check whether a role has no file, so that what is in ``gpx/``, or will be, plays it."""
    entries = () if city is None else city.catalog.layers
    return all(entry.file is None for entry in entries if entry.role is role)


def _find_layer_of(role: Role, city: Snapshot | None) -> str | None:
    """Find the layer that plays a role: one with a file, readable or not, or one that is shown."""
    if city is None:
        return None
    # A file that cannot be read has no layer in the city, but will have one when it is mended.
    entries = [entry.id for entry in city.catalog.layers if entry.role is role and entry.file]
    return next(iter(entries), city.layer_of(role))


def _find_file(city: Snapshot, layer: str) -> str | None:
    """Return the file of a layer as the catalogue has it; None for one made of other files."""
    return next((entry.file for entry in city.catalog.layers if entry.id == layer), None)


def _list_source_files(city: Snapshot, layer: str) -> str:
    """Return the files that features come from: ``gpx/a.gpx, gpx/b.gpx, ... (32)``."""
    frame = city.layers[layer]
    if "file" not in frame:
        return city.file(layer)
    # Each file once, in the order in which features come from them.
    files = list(dict.fromkeys(frame["file"].dropna()))
    more = f", ... ({len(files)})" if len(files) > limits.MAX_NAMED_STANDING else ""
    return ", ".join(files[: limits.MAX_NAMED_STANDING]) + more
