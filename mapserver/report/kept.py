"""The tables beside a report."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyogrio

from mapserver.tables import GEOPACKAGE


@dataclass(frozen=True)
class KeptTable:
    """A table beside the report.

    Attributes
    ----------
    name
        Name of its CSV, and of its layer where it has one.
    rows
        How many rows it has.
    layer
        Whether it is a layer of the GeoPackage, too.
    chapter
        Id of the chapter that kept it.
    """

    name: str
    rows: int
    layer: bool
    chapter: str


def stamps(folder: Path) -> dict[str, int]:
    """Tell when each table in a folder was written, by name."""
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.csv")}


def count(folder: Path, origin: Mapping[str, str]) -> list[KeptTable]:
    """Count what was kept, in the order of the chapters.

    Parameters
    ----------
    folder
        With the tables.
    origin
        For each table the id of the chapter that kept it last.
    """
    geopackage = folder / GEOPACKAGE
    layers = {name for name, _ in pyogrio.list_layers(geopackage)} if geopackage.exists() else set()
    found = []
    for name, chapter in origin.items():
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        found.append(KeptTable(name, rows, name in layers, chapter))
    return found
