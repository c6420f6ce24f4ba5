"""A plan carried out: the layer or the trails, the catalogue, and the originals beside."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver import catalog, encoding, tables
from mapserver.adding.plan import Plan
from mapserver.catalog import LayerEntry, Title
from mapserver.errors import N_, DataError
from mapserver.register import REGISTER
from mapserver.store.change import changing, put
from mapserver.table import read_table

ORIGINALS = "originals"
RESERVED = frozenset({"fid", "geom"})
"""Columns that a GeoPackage has of its own."""


def carry_out(plan: Plan, *, today: dt.date) -> list[str]:
    """Write what a plan says; the city folder changes in one step or not at all.

    Parameters
    ----------
    plan
        From :func:`mapserver.adding.make_plan`.
    today
        Names the folder in which the originals are kept.

    Returns
    -------
    list of str
        The files written, relative to the city folder.
    """
    kept = plan.city / ORIGINALS / today.isoformat()
    folder = "layers" if plan.layer else "gpx"
    with changing(plan.city, folder) as draft:
        written = _write_layer(plan, draft, kept) if plan.layer else _write_trails(plan, draft)
        kept.mkdir(parents=True, exist_ok=True)
        for original in plan.originals:
            shutil.copy2(original, kept / encoding.file_name(original.name))
    return [f"{folder}/{name}" for name in written]


def _write_layer(plan: Plan, draft: Path, kept: Path) -> list[str]:
    file = f"{plan.layer}.gpkg"
    frame = plan.frame
    clash = {c: f"original_{c}" for c in frame.columns if str(c).lower() in RESERVED}
    tables.write(gpd.GeoDataFrame(frame.rename(columns=clash)), draft / file)
    path = draft / "catalog.toml"
    text = path.read_text("utf-8") if path.is_file() else None
    before = catalog.parse_catalog(text) if text else catalog.derive_catalog(plan.city / "layers")
    put(
        path,
        catalog.with_layer(text, before, _entry(plan, file), plan.city.resolve().name).encode(),
    )
    replaced = next((entry.file for entry in before.layers if entry.id == plan.layer), None)
    if replaced and replaced != file and (draft / replaced).is_file():
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy2(draft / replaced, kept / f"replaced-{Path(replaced).name}")
        (draft / replaced).unlink()
    elif replaced and (plan.city / "layers" / replaced).is_file():
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy2(plan.city / "layers" / replaced, kept / f"replaced-{Path(replaced).name}")
    return [file, "catalog.toml"]


def _entry(plan: Plan, file: str) -> LayerEntry:
    wish = plan.wish
    named = ", ".join(dict.fromkeys(encoding.file_name(p.name) for p in plan.sources))
    stem = encoding.file_name(plan.sources[0].stem)
    default = catalog.TITLES.get(wish.role, Title(stem))
    return LayerEntry(
        plan.layer,
        wish.role,
        Title(wish.title or default.ko, wish.title_en or wish.title or default.en),
        file,
        id_column="id",
        name_column="name",
        name_en_column="name_en" if "name_en" in plan.frame else None,
        source=wish.source or named,
    )


def _write_trails(plan: Plan, draft: Path) -> list[str]:
    for id_, data in plan.trails.items():
        put(draft / f"{id_}.gpx", data)
    put(draft / "trails.csv", _register(plan, draft).encode("utf-8-sig"))
    return [*(f"{id_}.gpx" for id_ in plan.trails), "trails.csv"]


def _register(plan: Plan, draft: Path) -> str:
    """Write the trail register with rows for the new trails; rows that are there stay."""
    path = draft / "trails.csv"
    there = pd.DataFrame(columns=["id", "name"], dtype="str")
    if path.is_file():
        there, findings = read_table(path, name=REGISTER)
        if findings:
            raise DataError(
                N_("the register has rows that would be lost: {first}"),
                where=REGISTER,
                mend=N_("Mend them first"),
                first=str(findings[0]),
            )
    known = set(there["id"]) if "id" in there else set()
    rows = new_rows(plan)
    table = pd.concat([there, rows[~rows["id"].isin(known)]], ignore_index=True)
    return table.to_csv(index=False, lineterminator="\r\n")


def new_rows(plan: Plan) -> pd.DataFrame:
    """Give the register's rows of the new trails: id, name, and columns that the files had."""
    measured = {"file", "segments", "points", "length_m", "geometry", "ascent_m", "descent_m"}
    rows = []
    ids = iter(plan.trails)
    for part in plan.parts:
        frame = part.frame
        # The column that the name came from says nothing more.
        same = [c for c in frame if c != "name" and frame[c].astype("str").equals(frame["name"])]
        frame = frame.drop(columns=same)
        drawn = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
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
        for _, row in drawn.iterrows():
            about = {str(k): v for k, v in row.items() if k not in measured}
            rows.append({"id": next(ids, None), "name": row.get("name"), **about})
    table = pd.DataFrame(rows, columns=None if rows else ["id", "name"], dtype=object)
    return table.dropna(subset="id").dropna(axis="columns", how="all")
