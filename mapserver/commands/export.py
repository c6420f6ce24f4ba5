"""``mapserver export``: a city as files of any format of the trade."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from mapserver.commands.options import UserPath, city_option, lang_option, open_wished_city
from mapserver.commands.printing import (
    format_thousandths,
    list_findings,
    print_parts,
)
from mapserver.commands.progress import show_files
from mapserver.errors import N_, printable
from mapserver.model import Words
from mapserver.text import language
from mapserver.writers import Format

if TYPE_CHECKING:
    from mapserver.writers.export import Exported


@click.command("export")
@click.argument("out", type=UserPath(path_type=Path))
@city_option
@click.option("--layer", "layers", multiple=True, metavar="ID", help="Only this layer; repeatable.")
@click.option(
    "--format",
    "style",
    type=click.Choice([str(format_) for format_ in Format]),
    help="The format; the ending of OUT says it else.",
)
@click.option(
    "--encoding", metavar="NAME", help="Of CSV (utf-8 with its mark else) and shp: cp949, say."
)
@click.option(
    "--crs", metavar="EPSG:N", help="Of gpkg, parquet, fgb and shp; degrees on WGS 84 else."
)
@click.option("--replace", is_flag=True, help="Take the place of what is there.")
@lang_option
def export_city(out: Path, city: Path | None, style: str | None, lang: str, **options: Any) -> None:
    """Write the city, or some of its layers, as files of any format of the trade.

    gpkg (with styles for QGIS), kml and pmtiles are one file for all layers; geojson, parquet,
    fgb, shp and csv one for each layer, in a folder OUT; gpx one for each trail in a folder OUT,
    or one file OUT.gpx with all trails. OUT appears whole or not at all. What a format cannot hold
    is said on standard error.

    \b
    Examples:
      mapserver export seogu.gpkg
      mapserver export shops.csv --layer shops --encoding cp949
      mapserver export shapefiles --format shp --crs EPSG:5186
      mapserver export trails --format gpx
    """  # noqa: D301 -- click reads \b as a mark
    # The other options bear the names of the parameters of City.export.
    opened = open_wished_city(city)
    exported = opened.export(out, format=style, progress=show_files, **options)
    print_exported(exported, lang, opened.catalog.words)


def print_exported(exported: Exported, lang: str, words: Words) -> None:
    """Print what was written; what the format could not hold goes to standard error."""
    if exported.findings:
        print_parts(*list_findings(exported.findings, lang, words=words), to_stderr=True)
    # Decimal megabytes, as file managers and mobile networks count them.
    counts = {
        "path": exported.path,
        "layers": language.number(len(exported.rows), lang),
        "rows": language.number(sum(exported.rows.values()), lang),
        "files": language.number(len(exported.files), lang),
        "size": f"{format_thousandths(exported.size_bytes / 1e6, lang)} MB",
    }
    message = N_("{path}: layers: {layers}, rows: {rows}, files: {files}, {size}")
    print_parts(Text(printable(language.write_message(message, counts, lang))))
