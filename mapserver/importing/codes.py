"""Ids of rows that are brought in: the column that holds them, and none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import msgspec
import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.importing.wish import Wish
from mapserver.model import LayerEntry, Role
from mapserver.readers.vector.customary import find_code_column, find_columns
from mapserver.readers.vector.identity import find_column, free_name, make_texts, make_unique
from mapserver.readers.vector.longnumbers import find_inexact_columns
from mapserver.readers.vector.source import Source
from mapserver.text.findings import Finding, Severity

OWN = {"id_column": "id", "name_column": "name", "name_en_column": "name_en"}
"""Columns that the city writes itself; a catalogue that names them has chosen nothing."""

NAME_IDS = N_("If a column holds ids, name it: --id-column COLUMN")
MEND_IDS = N_(
    "Mend the file, name another column with --id-column, or say --number-ids to number these rows"
)
MOST_NAMED = 5
"""So many ids or rows are named in one message."""


def choose_columns(
    source: Source, entry: LayerEntry, before: LayerEntry | None, wish: Wish, name: str
) -> tuple[Source, LayerEntry]:
    """Choose the columns with ids and names of a file.

    Ids come from the column that the command names, the one that the catalogue names, a column
    ``id``, the features' own ids where they are more than numbers, or a column of codes with a
    usual name in which no row is empty and few are twice.

    Parameters
    ----------
    source
        What was read.
    entry
        With the columns that the command names.
    before
        The layer that is replaced, as the catalogue describes it; None for a new one.
    wish
        What was asked for: the role, and whether rows may be numbered.
    name
        Name of the file for messages.

    Returns
    -------
    source : Source
        Without a column ``id`` that says nothing.
    entry : LayerEntry
        With the columns that were chosen; None where the usual names are to be tried.

    Raises
    ------
    DataError
        The file has no column of the name that the command or the catalogue gives, or the one
        of ids does not tell its rows apart.
    """
    keys = ("id_column", "name_column")
    wanted = {key: getattr(entry, key) or catalogued_column(before, key) for key in keys}
    for key, option in (("id_column", "--id-column"), ("name_column", "--name")):
        _require_column(source, wanted[key], option, name, in_catalogue=getattr(entry, key) is None)
    if wanted["id_column"] is None:
        source, wanted["id_column"] = _find_ids(source, wish.role, name)
    else:
        _require_exact(source, wanted["id_column"], name)
        if not wish.number_ids:
            require_own_ids(source, wanted["id_column"], name)
    english = catalogued_column(before, "name_en_column")
    if english is not None and find_column(source.frame, english) is None:
        english = None
    return source, msgspec.structs.replace(entry, **wanted, name_en_column=english)


def catalogued_column(before: LayerEntry | None, key: str) -> str | None:
    """Return the column that a catalogue names for ids or names, unless it is the city's own."""
    column = None if before is None else getattr(before, key)
    return None if column is None or column == OWN[key] else str(column)


def _require_column(
    source: Source, column: str | None, option: str, name: str, *, in_catalogue: bool
) -> None:
    if column is None or find_column(source.frame, column) is not None:
        return
    raise DataError(
        N_("column {column}, which the catalogue names, is missing")
        if in_catalogue
        else N_("column {column} is missing"),
        where=name,
        mend=N_("Name one that the file has with {option}: {columns}"),
        column=repr(column),
        option=option,
        columns=", ".join(str(c) for c in source.frame if c != "geometry"),
    )


def _require_exact(source: Source, column: str, name: str) -> None:
    exact = find_column(source.frame, column)
    if repr(exact) in find_inexact_columns(source.findings):
        raise DataError(
            N_("column {column} holds numbers of more than 15 digits, of which the last are lost"),
            where=name,
            mend=N_("Save it as text where it comes from, or name another one with --id-column"),
            column=repr(exact),
        )


def require_own_ids(source: Source, column: str, name: str) -> None:
    """Refuse a column of ids in which rows share one or have none; the rows are named.

    Whoever names a column means it to tell the rows apart; next quarter's file is compared by it.

    Raises
    ------
    DataError
        Names the rows by their line in the file, or else by their number.
    """
    exact = str(find_column(source.frame, column))
    texts = pd.Series(make_texts(source.frame[exact]), dtype="str")
    numbers = pd.RangeIndex(1, len(texts) + 1) if source.lines is None else source.lines
    rows = pd.Series(numbers, texts.index).astype("str")
    shared = rows.groupby(texts, sort=False).agg(list)
    ids = [f"{id_} ({', '.join(of)})" for id_, of in shared.items() if len(of) > 1]
    empty = rows[texts.isna().to_numpy()].tolist()
    if not ids and not empty:
        return
    raise DataError(
        N_("column {column} has one id for several rows ({count}): {ids}")
        if ids
        else N_("rows in which column {column} is empty: {count} ({rows})"),
        where=name,
        mend=MEND_IDS,
        column=repr(exact),
        count=len(ids) or len(empty),
        ids=_list_some(ids),
        rows=_list_some(empty),
    )


def require_apart(ids: pd.Index, name: str) -> None:
    """Refuse files of which two have a row of the same id, in a column that somebody named.

    Raises
    ------
    DataError
        Names the ids.
    """
    shared = list(ids[ids.duplicated()].unique())
    if shared:
        raise DataError(
            N_("several files have rows of one id ({count}): {ids}"),
            where=name,
            mend=MEND_IDS,
            count=len(shared),
            ids=_list_some(shared),
        )


def write_numbered(frame: gpd.GeoDataFrame, column: str | None) -> gpd.GeoDataFrame:
    """Write numbered ids into the column that they come from, for the next delivery to find them.

    What stood there before is kept as ``original_COLUMN``.

    Parameters
    ----------
    frame
        Indexed by id.
    column
        The column of ids that somebody named; None where there is none.
    """
    own = None if column is None else find_column(frame, column)
    if own is None or make_texts(frame[own]) == list(frame.index):
        return frame
    spare = free_name(f"original_{own}", frame)
    return frame.assign(**{spare: frame[own], own: frame.index.astype("str")})


def _list_some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:MOST_NAMED]) + (", …" if len(texts) > MOST_NAMED else "")


def _find_ids(source: Source, role: Role, name: str) -> tuple[Source, str | None]:
    frame = source.frame
    usual = next(iter(find_columns(frame, ["id"])), None)
    inexact = find_inexact_columns(source.findings)
    if usual is not None and _mostly_own(frame[usual]) and repr(usual) not in inexact:
        return source, usual
    if usual is not None:
        # QGIS makes a column id in every new shapefile, which stays empty or 0.
        spare = f"original_{usual}" if f"original_{usual}" not in frame else f"original_{usual}_2"
        source = replace(
            source,
            frame=frame.rename(columns={usual: spare}),
            findings=[*source.findings, _useless(usual, spare, frame[usual], name)],
        )
    if source.ids is not None and any(not _is_number(id_) for id_ in source.ids):
        return source, None
    exact = [c for c in source.frame.columns if repr(c) not in inexact]
    return source, find_code_column(source.frame[exact], role)


def _mostly_own(column: pd.Series) -> bool:
    """Check whether a column ``id`` was filled in: some rows may lack one or share one."""
    return len(column) < 2 or column.dropna().astype("str").nunique() > len(column) / 2


def _is_number(id_: object) -> bool:
    """Check whether an id may be a running number, which has no zeros before it."""
    return id_ is None or (str(id_).isdigit() and str(int(str(id_))) == str(id_))


def _useless(column: str, spare: str, values: pd.Series, name: str) -> Finding:
    return Finding(
        Severity.NOTE,
        "id-not-unique",
        name,
        N_("column {column} has {count} values in {rows} rows, so no ids; it is kept as {spare}"),
        NAME_IDS,
        values={
            "column": repr(column),
            "count": int(values.dropna().astype("str").nunique()),
            "rows": len(values),
            "spare": spare,
        },
    )


def separate_ids(ids: list[str], file: str) -> tuple[pd.Index, list[Finding]]:
    """Mark the second and further rows of one id with ``~2``, ``~3``, so that none is lost."""
    unique = make_unique(ids)
    pairs = zip(ids, unique, strict=True)
    findings = [_doubled(id_, free, file) for id_, free in pairs if free != id_]
    return pd.Index(unique, name="id", dtype="str"), findings


def speak_of_options(finding: Finding) -> Finding:
    """Return what a reader found about ids in the words of whoever brings the file in."""
    if finding.code == "id-duplicate":
        return _doubled(finding.feature, str(finding.values["free"]), finding.file)
    if finding.code == "id-missing":
        return replace(finding, mend=NAME_IDS)
    return finding


def _doubled(id_: str, free: str, file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "id-duplicate",
        file,
        N_("another row has the id {id}; this one is called {free}"),
        N_("Take out the one that is there twice"),
        free,
        {"id": repr(id_), "free": repr(free)},
    )
