"""Rows of the trail register for trails that are brought in; rows that are there stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.findings import Finding, Severity
from mapserver.register import REGISTER, YES
from mapserver.table import read_table

if TYPE_CHECKING:
    from mapserver.adding.reading import Part

MEASURED = frozenset(
    {"file", "segments", "points", "length_m", "geometry", "ascent_m", "descent_m"}
)
"""Columns that are computed from the line."""


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
        The register has rows that would be lost.
    """
    path = gpx_folder / "trails.csv"
    table = pd.DataFrame(columns=["id", "name"], dtype="str")
    if path.is_file():
        table, faults = read_table(path, name=REGISTER)
        lost = [fault for fault in faults if fault.severity is Severity.ERROR]
        if lost:
            raise DataError(
                N_("the register has rows that would be lost: {first}"),
                where=REGISTER,
                mend=N_("Mend them first"),
                first=str(lost[0]),
            )
    table, findings = _without_sample_marks(table, trails)
    known = set(table["id"]) if "id" in table else set()
    rows = make_rows(trails, parts)
    merged = pd.concat([table, rows[~rows["id"].isin(known)]], ignore_index=True)
    return merged.to_csv(index=False, lineterminator="\r\n"), findings


def _without_sample_marks(
    table: pd.DataFrame, trails: Mapping[str, bytes]
) -> tuple[pd.DataFrame, list[Finding]]:
    if not {"id", "sample"} <= set(table.columns):
        return table, []
    is_sample = table["sample"].astype("str").str.strip().str.lower().isin(YES)
    replaced = is_sample & table["id"].isin(set(trails))
    if not replaced.any():
        return table, []
    changed = table.copy()
    changed.loc[replaced, [c for c in ("sample", "source") if c in table]] = None
    ids = ", ".join(map(str, table.loc[replaced, "id"]))
    finding = Finding(
        Severity.WARNING,
        "sample-replaced",
        REGISTER,
        N_("trails that were a sample now count as real, without the sample's source: {ids}"),
        N_("Look whether the other columns of their rows are true; write sample = yes otherwise"),
        values={"ids": ids},
    )
    return changed, [finding]


def make_rows(trails: Mapping[str, bytes], parts: Sequence[Part]) -> pd.DataFrame:
    """Return the register's rows of new trails: id, name, and columns that the files had."""
    rows = []
    ids = iter(trails)
    for part in parts:
        frame = part.frame
        # The column that the name came from says nothing more.
        same = [c for c in frame if c != "name" and frame[c].astype("str").equals(frame["name"])]
        frame = frame.drop(columns=same)
        if part.name.lower().endswith(".gpx"):
            # The file's id, and behind it the number of the track where it has several.
            id_ = next(ids, None)
            ends = [""] if len(frame) == 1 else [f"-{n}" for n in range(1, len(frame) + 1)]
            names = frame["name"].tolist()
            rows += [
                {"id": f"{id_}{end}", "name": name}
                for end, name in zip(ends, names, strict=True)
                if id_ is not None
            ]
            continue
        for _, row in frame.iterrows():
            about = {str(k): v for k, v in row.items() if k not in MEASURED}
            rows.append({"id": next(ids, None), "name": row.get("name"), **about})
    table = pd.DataFrame(rows, columns=None if rows else ["id", "name"], dtype=object)
    return table.dropna(subset="id").dropna(axis="columns", how="all")
