"""Rows of the trail register for trails that are brought in; rows that are there stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.importing.lost_rows import require_whole_rows
from mapserver.importing.part import Part
from mapserver.readers.csv_text import read_table
from mapserver.readers.gpx import COMPUTED
from mapserver.readers.register import (
    drop_snapshot,
    find_register,
    read_register_table,
    report_unread,
)
from mapserver.readers.register.column_names import REGISTER_COLUMNS
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import match_columns
from mapserver.text.register_words import REGISTER
from mapserver.text.yes_no import YES
from mapserver.writers.columns import make_safe_table


def merge_register(
    gpx_folder: Path, trails: Mapping[str, bytes], parts: Sequence[Part]
) -> tuple[str, list[Finding]]:
    """Write the trail register with rows for new trails.

    Rows that are there stay as they are. Of a trail that was a sample and gives way the mark and
    the source are taken out, since they speak of the line that is no longer there.

    Parameters
    ----------
    gpx_folder
        The folder with ``trails.csv``; neither need be there.
    trails
        The GPX files that are added, by the trail's id.
    parts
        What they were read from.

    Returns
    -------
    text : str
        CSV.
    findings : list of Finding
        Trails that are no longer a sample.

    Raises
    ------
    DataError
        The register has rows that would be lost, or is kept in a form that is not read.
    """
    table, names = _read_rows(gpx_folder)
    table, findings = _remove_sample_marks(table, names, trails)
    known_ids = set(table[names.get("id", "id")])
    # Rows that are there win: somebody has looked after them.
    rows = make_rows(trails, parts)
    new_rows = rows[~rows["id"].isin(known_ids)].rename(columns=names)
    # Names of trails come from GPX files of others, and the register is opened in a spreadsheet.
    merged = pd.concat([table, make_safe_table(new_rows)], ignore_index=True)
    return merged.to_csv(index=False, lineterminator="\r\n"), findings


def join_rows(
    trails: Mapping[str, bytes], parts: Sequence[Part], register: pd.DataFrame
) -> tuple[list[Part], set[str]]:
    """Join the rows of a register to the trails of GPX files, by the file's id or stem.

    Parameters
    ----------
    trails, parts
        As for :func:`merge_register`.
    register
        Rows by id, all as text.

    Returns
    -------
    parts : list of Part
        With the columns of the register, which win over the file's own.
    used : set of str
        Ids of the rows that belong to a trail.
    """
    # Trails have their ids in the order of the files and of the lines in them.
    ids = iter(trails)
    joined, used = [], set()
    for part in parts:
        frame = part.frame
        is_gpx = part.name.lower().endswith(".gpx")
        file_id = next(ids, "") if is_gpx else ""
        row_ids = list(frame.index) if is_gpx else [next(ids, "") for _ in range(len(frame))]
        keys = [
            next((key for key in (id_, file_id) if key in register.index), None) for id_ in row_ids
        ]
        used |= {key for key in keys if key is not None}
        rows = register.reindex(keys).set_index(frame.index)
        columns: dict[str, pd.Series] = {
            str(column): rows[column].where(rows[column].notna(), frame.get(column))
            if column in frame
            else rows[column]
            for column in rows
            if column not in COMPUTED - {"name"}
        }
        joined.append(replace(part, frame=frame.assign(**columns)) if any(keys) else part)
    return joined, used


def _find_computed(frame: pd.DataFrame) -> set[str]:
    """Find the columns that follow from the line, or have their place in the GPX file.

    A column ``kind`` is one of the file's own unless it holds what the reader of GPX writes.
    """
    computed = set(COMPUTED)
    if "kind" in frame and not frame["kind"].dropna().isin(["track", "route"]).all():
        computed.discard("kind")
    return computed


def has_title(path: Path) -> bool:
    """Check whether a register has lines above its header, which are not written again."""
    table, _ = read_table(path, name=REGISTER, columns=REGISTER_COLUMNS)
    return len(table) > 0 and int(table.index[0]) > 2


def _read_rows(gpx_folder: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Read the register as it stands, and its own names of the columns that we know."""
    path = find_register(gpx_folder)
    if path is None:
        for fault in report_unread(gpx_folder):
            raise DataError(fault.what, where=fault.file, mend=fault.mend, **fault.values)
        return pd.DataFrame(columns=["id", "name"], dtype="str"), {}
    # This refuses what is no register, before anything of it is written anew.
    read_register_table(path)
    table, findings = read_table(path, name=REGISTER, columns=REGISTER_COLUMNS)
    require_whole_rows(findings, REGISTER)
    columns = [str(column) for column in table.columns]
    matches = zip(columns, match_columns(columns, REGISTER_COLUMNS), strict=True)
    names = {
        known_name: own_name
        for own_name, known_name in reversed(list(matches))
        if known_name is not None
    }
    return table, {
        known_name: known_name if known_name in columns else own_name
        for known_name, own_name in names.items()
    }


def _remove_sample_marks(
    table: pd.DataFrame, names: Mapping[str, str], trails: Mapping[str, bytes]
) -> tuple[pd.DataFrame, list[Finding]]:
    if not {"id", "sample"} <= set(names):
        return table, []
    is_sample = table[names["sample"]].astype("str").str.strip().str.lower().isin(YES)
    is_replaced = is_sample & table[names["id"]].isin(set(trails))
    if not is_replaced.any():
        return table, []
    # The mark and the source spoke of the line that gives way; other columns may still be true.
    changed_table = table.copy()
    changed_table.loc[is_replaced, [names[c] for c in ("sample", "source") if c in names]] = None
    ids = ", ".join(map(str, table.loc[is_replaced, names["id"]]))
    finding = Finding(
        Severity.WARNING,
        "sample-replaced",
        REGISTER,
        N_("trails that were a sample now count as real, without the sample's source: {ids}"),
        N_("Look whether the other columns of their rows are true; write sample = yes otherwise"),
        values={"ids": ids},
    )
    return changed_table, [finding]


def make_rows(trails: Mapping[str, bytes], parts: Sequence[Part]) -> pd.DataFrame:
    """Return the register's rows of new trails: id, name, and columns that the files had."""
    rows = []
    ids = iter(trails)
    for part in parts:
        frame = drop_snapshot(part.frame)
        computed = _find_computed(frame)
        # The column that the name came from says nothing more.
        name_columns = [
            c for c in frame if c != "name" and frame[c].astype("str").equals(frame["name"])
        ]
        frame = frame.drop(columns=name_columns)
        if part.name.lower().endswith(".gpx"):
            # The file's id, and behind it the number of the track where it has several.
            id_ = next(ids, None)
            suffixes = [""] if len(frame) == 1 else [f"-{n}" for n in range(1, len(frame) + 1)]
            row_ids = [None if id_ is None else f"{id_}{suffix}" for suffix in suffixes]
        else:
            row_ids = [next(ids, None) for _ in range(len(frame))]
        for row_id, (_, row) in zip(row_ids, frame.iterrows(), strict=True):
            values = {str(column): value for column, value in row.items() if column not in computed}
            rows.append({"id": row_id, "name": row.get("name"), **values})
    table = pd.DataFrame(rows, columns=None if rows else ["id", "name"], dtype=object)
    return table.dropna(subset="id").dropna(axis="columns", how="all")
