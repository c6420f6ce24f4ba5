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
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

OWN_COLUMNS = {"id_column": "id", "name_column": "name", "name_en_column": "name_en"}
"""Columns that the city writes itself; a catalogue that names them has chosen nothing."""

NAME_IDS = N_("If a column holds ids, name it: --id-column COLUMN")
MEND_IDS = N_(
    "Mend the file, name another column with --id-column, or say --number-ids to number these rows"
)


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
    wanted = {key: getattr(entry, key) or find_catalogued_column(before, key) for key in keys}
    for key, option in (("id_column", "--id-column"), ("name_column", "--name")):
        _require_column(source, wanted[key], option, name, in_catalogue=getattr(entry, key) is None)
    if wanted["id_column"] is None:
        source, wanted["id_column"] = _find_ids(source, wish.role, name)
    else:
        _require_exact_column(source, wanted["id_column"], name)
        # Whoever names a column of ids means them to tell rows apart.
        if not wish.number_ids:
            require_own_ids(source, wanted["id_column"], name)
    # A catalogue's column of English names is optional: a new file may have none.
    english = find_catalogued_column(before, "name_en_column")
    if english is not None and find_column(source.frame, english) is None:
        english = None
    return source, msgspec.structs.replace(entry, **wanted, name_en_column=english)


def find_catalogued_column(before: LayerEntry | None, key: str) -> str | None:
    """Return the column that a catalogue names for ids or names, unless it is the city's own."""
    column = None if before is None else getattr(before, key)
    return None if column is None or column == OWN_COLUMNS[key] else str(column)


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


def _require_exact_column(source: Source, column: str, name: str) -> None:
    exact_column = find_column(source.frame, column)
    if repr(exact_column) in find_inexact_columns(source.findings):
        raise DataError(
            N_("column {column} holds numbers of more than 15 digits, of which the last are lost"),
            where=name,
            mend=N_("Save it as text where it comes from, or name another one with --id-column"),
            column=repr(exact_column),
        )


def require_own_ids(source: Source, column: str, name: str) -> None:
    """Refuse a column of ids in which rows share one or have none; the rows are named.

    Whoever names a column means it to tell the rows apart; next quarter's file is compared by it.

    Raises
    ------
    DataError
        Names the rows by their line in the file, or else by their number.
    """
    exact_column = str(find_column(source.frame, column))
    # Compared as the text that the city will have: 11 and 11.0 are one id.
    texts = pd.Series(make_texts(source.frame[exact_column]), dtype="str")
    # A table names its rows by the lines of the file; other formats have only their order.
    numbers = pd.RangeIndex(1, len(texts) + 1) if source.lines is None else source.lines
    rows = pd.Series(numbers, texts.index).astype("str")
    rows_by_id = rows.groupby(texts, sort=False).agg(list)
    shared_ids = [
        f"{id_} ({', '.join(id_rows)})" for id_, id_rows in rows_by_id.items() if len(id_rows) > 1
    ]
    rows_without_id = rows[texts.isna().to_numpy()].tolist()
    if not shared_ids and not rows_without_id:
        return
    raise DataError(
        N_("column {column} has one id for several rows ({count}): {ids}")
        if shared_ids
        else N_("rows in which column {column} is empty: {count} ({rows})"),
        where=name,
        mend=MEND_IDS,
        column=repr(exact_column),
        count=len(shared_ids) or len(rows_without_id),
        ids=_list_some(shared_ids),
        rows=_list_some(rows_without_id),
    )


def require_distinct_ids(ids: pd.Index, name: str) -> None:
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


def write_numbered_ids(frame: gpd.GeoDataFrame, column: str | None) -> gpd.GeoDataFrame:
    """Write numbered ids into the column that they come from, for the next delivery to find them.

    What stood there before is kept as ``original_COLUMN``.

    Parameters
    ----------
    frame
        Indexed by id.
    column
        The column of ids that somebody named; None where there is none.
    """
    id_column = None if column is None else find_column(frame, column)
    if id_column is None or make_texts(frame[id_column]) == list(frame.index):
        return frame
    free_column = free_name(f"original_{id_column}", frame)
    return frame.assign(**{free_column: frame[id_column], id_column: frame.index.astype("str")})


def _list_some(texts: Sequence[str]) -> str:
    return ", ".join(texts[: limits.MAX_NAMED_IDS]) + (
        ", …" if len(texts) > limits.MAX_NAMED_IDS else ""
    )


def _find_ids(source: Source, role: Role, name: str) -> tuple[Source, str | None]:
    frame = source.frame
    id_column = next(iter(find_columns(frame, ["id"])), None)
    inexact_columns = find_inexact_columns(source.findings)
    if (
        id_column is not None
        and _has_mostly_own_ids(frame[id_column])
        and repr(id_column) not in inexact_columns
    ):
        return source, id_column
    if id_column is not None:
        # QGIS makes a column id in every new shapefile, which stays empty or 0.
        free_column = (
            f"original_{id_column}"
            if f"original_{id_column}" not in frame
            else f"original_{id_column}_2"
        )
        source = replace(
            source,
            frame=frame.rename(columns={id_column: free_column}),
            findings=[
                *source.findings,
                _report_useless_column(id_column, free_column, frame[id_column], name),
            ],
        )
    # Ids that merely count the rows, as a GeoPackage's do, would change with the next delivery.
    if source.ids is not None and any(not _is_running_number(id_) for id_ in source.ids):
        return source, None
    # Long numbers that a spreadsheet has rounded are no ids: several rows would share one.
    exact_columns = [c for c in source.frame.columns if repr(c) not in inexact_columns]
    return source, find_code_column(source.frame[exact_columns], role)


def _has_mostly_own_ids(column: pd.Series) -> bool:
    """Check whether a column ``id`` was filled in: some rows may lack one or share one."""
    # More than half of the rows have an id of their own: a slip, and no column that says nothing.
    return len(column) < 2 or column.dropna().astype("str").nunique() > len(column) / 2


def _is_running_number(id_: object) -> bool:
    """Check whether an id may be a running number, which has no zeros before it."""
    return id_ is None or (str(id_).isdigit() and str(int(str(id_))) == str(id_))


def _report_useless_column(column: str, spare: str, values: pd.Series, name: str) -> Finding:
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
    id_pairs = zip(ids, unique, strict=True)
    findings = [_report_doubled_id(id_, free, file) for id_, free in id_pairs if free != id_]
    return pd.Index(unique, name="id", dtype="str"), findings


def speak_of_options(finding: Finding) -> Finding:
    """Return what a reader found about ids in the words of whoever brings the file in."""
    if finding.code == "id-duplicate":
        return _report_doubled_id(finding.feature, str(finding.values["free"]), finding.file)
    if finding.code == "id-missing":
        return replace(finding, mend=NAME_IDS)
    return finding


def _report_doubled_id(id_: str, free: str, file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "id-duplicate",
        file,
        N_("another row has the id {id}; this one is called {free}"),
        N_("Take out the one that is there twice"),
        free,
        {"id": repr(id_), "free": repr(free)},
    )
