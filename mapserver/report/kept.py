"""The tables next to a report."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyogrio

from mapserver.tables import GEOPACKAGE


@dataclass(frozen=True)
class KeptTable:
    """A table next to the report.

    Attributes
    ----------
    name
        Name of its CSV, and of its layer where it has one.
    rows
        How many rows it has.
    layer
        Whether it is a layer of the GeoPackage, too.
    chapter
        Id of the chapter that wrote it.
    """

    name: str
    rows: int
    layer: bool
    chapter: str


def read_stamps(folder: Path) -> dict[str, int]:
    """Return the time of modification of each table in a folder, in nanoseconds, by name."""
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.csv")}


def count_tables(folder: Path, origin: Mapping[str, str]) -> list[KeptTable]:
    """List the tables that chapters wrote, with their numbers of rows.

    Parameters
    ----------
    folder
        With the tables.
    origin
        For each table the id of the chapter that wrote it last, in the order of chapters.
    """
    geopackage = folder / GEOPACKAGE
    # A table without geometry is a CSV alone, so the GeoPackage may be missing altogether.
    layers = {name for name, _ in pyogrio.list_layers(geopackage)} if geopackage.exists() else set()
    tables = []
    for name, chapter in origin.items():
        # Rows are counted by a reader of CSV, since a text may have line breaks; less the heading.
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        tables.append(KeptTable(name, rows, name in layers, chapter))
    return tables
