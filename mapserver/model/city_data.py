"""All that a city folder holds, as it was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.files.reads import FileState, Reads
from mapserver.model.catalog import Catalog, LayerEntry
from mapserver.model.frozen_figures import FrozenFigures
from mapserver.text.findings import Finding

Fingerprint = tuple[FileState, ...]
"""The state of each file of a city.

The time of change moves when a program writes a file and then sets its time of writing back, and
the number when another file takes its place."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of a trail.

    Attributes
    ----------
    path
        The file.
    mimetype
        What it is, by its content.
    """

    path: Path
    mimetype: str


@dataclass(frozen=True, slots=True)
class Basemap:
    """A backdrop of one's own: vector tiles in one file, ``layers/basemap.pmtiles``.

    Attributes
    ----------
    path
        The file.
    digest
        Of its content.
    size_bytes, written_ns
        Its size and its time of writing in nanoseconds when it was read.
    max_zoom
        The last zoom level that it has tiles of; a map enlarges them beyond it.
    credit
        Whom the file itself names, as plain text; empty where it names nobody.
    """

    path: Path
    digest: str
    size_bytes: int
    written_ns: int
    max_zoom: int
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a city.

    Attributes
    ----------
    entry
        Its description.
    frame
        Its features: EPSG:4326, indexed by ``id``.
    file
        The file or folder it came from, relative to the city folder.
    """

    entry: LayerEntry
    frame: gpd.GeoDataFrame
    file: str


@dataclass(frozen=True, slots=True)
class CityData:
    """All that a city folder holds.

    Attributes
    ----------
    path
        The folder.
    catalog
        Its catalogue, read or derived.
    layers
        The layers that could be read, by id, in the order of the catalogue.
    closures, benefits
        The dated tables; None where there is none.
    findings
        What went wrong or is odd.
    version
        Digest of the names and contents of all files, as they were read: the same for the same
        data anywhere.
    files
        The state of the folder that all of this is of.
    photos
        Photographs by the id of their trail.
    registered
        Trail and column of the cells that the register says; None where it is not known.
    reads
        What was read from each file, for the next reading.
    basemap
        A backdrop of one's own; None where there is none.
    ledgers
        Inspections and the like, by the ledger's id: those that the city has and that could be
        read.
    frozen
        What was published of the direct line; None where no month was.
    label
        Where the city is, where that is no folder: the address of a database, without a password.
    large
        The layers that stay in a database, by id: they are none of ``layers``, and each question
        about them is asked there.
    keeper
        What the folder goes with, where it was made for this city alone.
    """

    path: Path
    catalog: Catalog
    layers: Mapping[str, Layer]
    closures: gpd.GeoDataFrame | None
    benefits: pd.DataFrame | None
    findings: tuple[Finding, ...]
    version: str
    files: Fingerprint = ()
    photos: Mapping[str, Photo] = field(default_factory=dict)
    registered: frozenset[tuple[str, str]] | None = None
    reads: Reads | None = None
    basemap: Basemap | None = None
    ledgers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    frozen: FrozenFigures | None = None
    label: str = ""
    large: Mapping[str, Any] = field(default_factory=dict)
    keeper: object | None = field(default=None, repr=False, compare=False)

    @property
    def changed_at(self) -> dt.datetime:
        """The time of the newest file, in whole seconds of UTC; the beginning of 1970 for none.

        It is that of the data and not of the clock, so that what is written of a state has the
        same bytes whichever process writes it.
        """
        newest_s = max((written_ns for _, _, written_ns, _, _ in self.files), default=0) // 10**9
        return dt.datetime.fromtimestamp(newest_s, dt.UTC)
