"""Files out: each module writes one kind of file, and says what it cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mapserver.model import Layer
from mapserver.text.findings import Finding
from mapserver.writers import binary, delimited, geojson, geopackage, gpx, kml, pmtiles, shapefile
from mapserver.writers.layer import WriteOptions

__all__ = ["FORMATS", "Format", "FormatTraits", "WriteOptions", "find_format"]


class Format(StrEnum):
    """The formats that are written."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    PARQUET = "parquet"
    FGB = "fgb"
    SHP = "shp"
    CSV = "csv"
    GPX = "gpx"
    KML = "kml"
    PMTILES = "pmtiles"


@dataclass(frozen=True, slots=True)
class FormatTraits:
    """What a format is and can do.

    Attributes
    ----------
    write
        Writes layers into a file.
    suffixes
        Endings of its files; the first is the one that we write.
    holds_layers
        A file holds several layers.
    may_be_folder
        Several layers, or trails, may be a folder of files.
    any_crs
        It says its CRS, so it may be another than degrees on WGS 84.
    any_encoding
        It may be in another encoding than UTF-8.
    holds_tables
        It holds rows of which none has a place.
    """

    write: Callable[[Sequence[Layer], Path, WriteOptions], list[Finding]]
    suffixes: tuple[str, ...]
    holds_layers: bool = False
    may_be_folder: bool = True
    any_crs: bool = False
    any_encoding: bool = False
    holds_tables: bool = False


FORMATS = {
    Format.GEOJSON: FormatTraits(geojson.write_geojson, (".geojson", ".json"), holds_tables=True),
    Format.GPKG: FormatTraits(
        geopackage.write_geopackage,
        (".gpkg",),
        holds_layers=True,
        may_be_folder=False,
        any_crs=True,
        holds_tables=True,
    ),
    Format.PARQUET: FormatTraits(
        binary.write_parquet, (".parquet", ".geoparquet"), any_crs=True, holds_tables=True
    ),
    Format.FGB: FormatTraits(binary.write_flatgeobuf, (".fgb",), any_crs=True),
    Format.SHP: FormatTraits(shapefile.write_shapefile, (".shp",), any_crs=True, any_encoding=True),
    Format.CSV: FormatTraits(delimited.write_csv, (".csv",), any_encoding=True, holds_tables=True),
    Format.GPX: FormatTraits(gpx.write_gpx, (".gpx",), holds_layers=True),
    Format.KML: FormatTraits(kml.write_kml, (".kml",), holds_layers=True, may_be_folder=False),
    Format.PMTILES: FormatTraits(
        pmtiles.write_pmtiles, (".pmtiles",), holds_layers=True, may_be_folder=False
    ),
}


def find_format(path: Path) -> Format | None:
    """Find the format that a file's ending names; None for another ending."""
    ending = path.suffix.lower()
    return next((format_ for format_, kind in FORMATS.items() if ending in kind.suffixes), None)
