"""Compare two states of a city: what came, went, moved and changed, and what nobody can know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
from pyproj import CRS

from mapserver.analysis.catalog_changes import compare_catalogs, compare_entries
from mapserver.analysis.city_changes import TOLERANCE_M, Change, Changes
from mapserver.analysis.layer_changes import GPX_FILES, LayerPair, Side, compare_layer
from mapserver.analysis.table_changes import compare_table
from mapserver.analysis.table_kinds import TABLE_FILES
from mapserver.analysis.understood_rows import understand_tables
from mapserver.analysis.unread import CATALOG, Unread
from mapserver.model import Role, Snapshot, arguments


class State(NamedTuple):
    """One state of a city, and what of it could not be read."""

    city: Snapshot
    unread: Unread


def compare_cities(old: Snapshot, new: Snapshot, *, tolerance_m: float = TOLERANCE_M) -> Changes:
    """List what changed between two states of a city.

    Features are the same when their ids are, or else name and place. What cannot be read in one of
    the two is unknown, and neither gone nor changed.

    Parameters
    ----------
    old, new
        The states; they are not changed.
    tolerance_m
        A line, border or point that lies no farther than this from what it was has not moved.

    Returns
    -------
    Changes
        In an order that depends on nothing but the changes. Empty where both say the same, in
        whatever order, format and number of decimals.

    Examples
    --------
    >>> import mapserver
    >>> city = mapserver.open_city(".")
    >>> len(compare_cities(city, city))
    0
    """
    tolerance_m = arguments.read_number(tolerance_m, "tolerance_m", zero=True)
    before, after = State(old, Unread(old.findings)), State(new, Unread(new.findings))
    # Both ways must measure in one plane, so that what is far one way is as far the other way.
    crs = min(old.metric_crs, new.metric_crs, key=lambda plane: plane.to_wkt())
    # What could not be read comes first, since it limits what all else can say.
    rows = [
        *_list_unread_files(before, after),
        *_compare_layers(before, after, crs, tolerance_m),
        *_compare_tables(before, after),
    ]
    if not _is_catalog_lost(before, after):
        rows += compare_catalogs(old, new)
    return Changes.in_order(rows)


def _is_catalog_lost(before: State, after: State) -> bool:
    return before.unread.has_lost(CATALOG) or after.unread.has_lost(CATALOG)


def _list_unread_files(before: State, after: State) -> Iterator[Change]:
    """List the files that cannot be read in one of the states, or in both where files differ."""
    old, new = before.unread.reasons, after.unread.reasons
    sizes = [
        {name: size_bytes for name, size_bytes, *_ in state.city.data.files}
        for state in (before, after)
    ]
    for file in sorted(old.keys() | new.keys()):
        # The same fault of a file of the same size is no change.
        has_same_size = sizes[0].get(file) == sizes[1].get(file)
        if not (has_same_size and old.get(file) == new.get(file)):
            yield Change("files", "unknown", name=file, before=old.get(file), after=new.get(file))


def _compare_layers(before: State, after: State, crs: CRS, tolerance_m: float) -> Iterator[Change]:
    """Compare each layer that both states have, and list those that only one has."""
    new_ids = {id_: _find_like(before.city, id_, after.city) for id_ in before.city.layers}
    # Without a catalogue the layers of its files are others: only what GPX files say is compared.
    is_catalog_lost = before.unread.has_lost(CATALOG) != after.unread.has_lost(CATALOG)
    for old_id, new_id in new_ids.items():
        if new_id is None:
            yield from _describe_lone_layer(before, old_id, after, "layer_gone")
            continue
        old_side, new_side = (
            Side(state.city.layers[id_], state.city.file(id_), state.unread)
            for state, id_ in ((before, old_id), (after, new_id))
        )
        if is_catalog_lost and not old_side.file == new_side.file == GPX_FILES:
            continue
        role = after.city.entry(new_id).role
        pair = LayerPair(new_id, role, old_side, new_side, crs, tolerance_m)
        yield from compare_layer(pair)
        # A catalogue that cannot be read says neither this nor that.
        if not _is_catalog_lost(before, after):
            yield from compare_entries(before.city.entry(old_id), after.city.entry(new_id))
    for new_id in after.city.layers:
        if new_id not in new_ids.values():
            yield from _describe_lone_layer(after, new_id, before, "layer_come")


def _find_like(city: Snapshot, id_: str, like_city: Snapshot) -> str | None:
    """Find the layer of another state that is the same: of its id, or else alone of its role."""
    if id_ in like_city.layers:
        return id_
    role = city.entry(id_).role
    if role == Role.LAYER:
        return None
    # Two layers of one role could be either: then nothing says which is which.
    alike = [
        [i for i in each_city.layers if each_city.entry(i).role == role]
        for each_city in (city, like_city)
    ]
    return alike[1][0] if len(alike[0]) == len(alike[1]) == 1 else None


def _describe_lone_layer(state: State, id_: str, other_state: State, kind: str) -> Iterator[Change]:
    """Describe a layer that only one state has, as far as the other could be read."""
    entry, file = state.city.entry(id_), state.city.file(id_)
    is_unknown = any(other_state.unread.has_lost(name) for name in (file, CATALOG)) or (
        # No trail at all could be read.
        file == GPX_FILES and any(name.startswith(GPX_FILES) for name in other_state.unread.reasons)
    )
    role = "" if entry.role == Role.LAYER else str(entry.role)
    count = float(len(state.city.layers[id_]))
    has_come = kind == "layer_come"
    yield Change(
        id_,
        "unknown" if is_unknown else kind,
        role=role,
        attribute="layer",
        before=None if has_come else count,
        after=count if has_come else None,
    )


def _compare_tables(before: State, after: State) -> Iterator[Change]:
    """Compare dated tables and ledgers."""
    for file, kind in TABLE_FILES.items():
        old, new = (_find_table(state.city, kind.subject) for state in (before, after))
        if old is None and new is None:
            continue
        # Rows that a table which cannot be read lacks are not gone; its file is listed as unknown.
        empty = pd.DataFrame()
        tables = understand_tables(
            kind.subject,
            empty if old is None else old,
            empty if new is None else new,
            (before.city.trails, after.city.trails),
        )
        yield from _with_lost_rows(
            compare_table(kind, *tables),
            (before.unread.has_lost(file), after.unread.has_lost(file)),
        )


def _find_table(city: Snapshot, subject: str) -> pd.DataFrame | None:
    """Find a dated table or a ledger of a city; None where it has none."""
    tables = {"closures": city.closures, "benefits": city.benefits, **city.ledgers}
    return tables.get(subject)


def _with_lost_rows(changes: Iterator[Change], lost: tuple[bool, bool]) -> Iterator[Change]:
    """Leave out rows that came or went where the state that lacks them was not read whole."""
    for change in changes:
        is_unknown = {"come": lost[0], "gone": lost[1], "count": any(lost)}.get(change.kind, False)
        if not is_unknown:
            yield change
