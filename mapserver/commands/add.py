"""``mapserver add``: files of planners into a city."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from mapserver.commands.add_ledger import add_ledger_rows
from mapserver.commands.options import (
    UserPath,
    city_option,
    lang_option,
    make_addition_choice,
    open_wished_city,
    require_folder,
)
from mapserver.commands.plan_text import print_added, print_dry_run, print_plan
from mapserver.commands.progress import show_files
from mapserver.files.change import lock_city, recover_city
from mapserver.model import LEDGERS, OWN_WORDS, find_role, find_zone, today
from mapserver.readers.city_folder import is_city
from mapserver.settings import Settings


@click.command("add")
@click.argument("files", nargs=-1, required=True, type=UserPath(path_type=Path))
@click.option(
    "--as",
    "role",
    required=True,
    type=make_addition_choice(),
    help="What the data means to the city: --as districts. Districts, neighborhoods and zones take"
    " polygons, trails lines or GPX, shops, facilities and services points; layer takes all. What"
    " is of another kind is left out, and named. inspections, soil, rain, requests, programmes,"
    " holidays and bus_lines are tables.",
)
@city_option
@click.option(
    "--crs",
    metavar="EPSG:N",
    help="The CRS of the coordinates: --crs EPSG:5186. It overrides what the files say, also a .prj"
    " that cannot be used.",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="The text encoding of files that do not say it: --encoding cp949.",
)
@click.option(
    "--layer",
    metavar="NAME",
    help="Which layer of a file with several, sheet of a workbook, folder of a KML file, or which"
    " file of a folder or zip: --layer 행정동.",
)
@click.option(
    "--header",
    "header_row",
    type=click.IntRange(1),
    metavar="ROW",
    help="The row that names the columns of a workbook or CSV, if it is not found by itself:"
    " --header 4.",
)
@click.option(
    "--id-column",
    metavar="COLUMN",
    help="The column of ids: --id-column EMD_CD. Without it a column id or a code with a usual name"
    " is taken, if no two rows share one. The next --replace remembers it.",
)
@click.option(
    "--number-ids",
    is_flag=True,
    help="Number the rows that share an id in the column of --id-column, or have none there: 011,"
    " 011~2. Without it they are named, and nothing is added.",
)
@click.option(
    "--name",
    "--name-column",
    "name_column",
    metavar="COLUMN",
    help="The column of names, if it is an unusual one: --name 골목이름. The next --replace"
    " remembers it.",
)
@click.option(
    "--layer-id",
    "--id",
    "layer_id",
    metavar="ID",
    default="",
    help="The layer's own id, if not its role or the file's name: --layer-id parks. (--id is the"
    " same.)",
)
@click.option(
    "--title", metavar="TEXT", default="", help="The layer's title in Korean: --title 공원."
)
@click.option(
    "--title-en", metavar="TEXT", default="", help="The layer's title in English: --title-en Parks."
)
@click.option(
    "--source",
    metavar="TEXT",
    default="",
    help='Whose data it is, if not the file\'s name: --source "서구청 경제과, 2026".',
)
@click.option(
    "--languages",
    metavar="CODES",
    default="",
    callback=lambda _context, _option, text: tuple(re.findall(r"[^,\s]+", text)),
    help="Languages of the city for its catalogue, its own first: --languages de,en.",
)
@click.option(
    "--time-zone",
    metavar="NAME",
    default="",
    help="Where the city's days begin and end, for its catalogue: --time-zone Europe/Vienna.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Take the place of the layer or trails that are there; these are kept in originals/."
    " Title, style, source, licence and columns stay as the catalogue has them.",
)
@click.option(
    "--anyway",
    is_flag=True,
    help="Add data that lies wholly outside of the city.",
)
@click.option(
    "--skip-unreadable",
    is_flag=True,
    help="Pass by files that cannot be used, and add the others: watch/*.gpx --skip-unreadable.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be done, with all findings, and do nothing."
)
@lang_option
def add_files(
    files: tuple[Path, ...],
    role: str,
    city: Path | None,
    dry_run: bool,
    lang: str,
    **wishes: Any,
) -> None:
    """Add files to the city: trails, districts, shops, or any other layer.

    Takes shapefiles (zipped or not), GeoPackage, GeoJSON, FlatGeobuf, GeoParquet, KML, KMZ, CSV and
    Excel with coordinates, GPX, folders and zip archives of these. It says what it concluded and
    why, and then examines the city. A folder that is no city yet becomes one.

    All of the files are added, or nothing is changed and it ends with 1; every original is kept in
    originals/. Rows that cannot be used are left out and named; if that leaves none, nothing is
    changed. Several files of a folder or zip are one layer when they have the same columns and no
    feature is in two of them; else it asks which is meant.

    \b
    Examples:
      mapserver add dongs.zip --as neighborhoods --dry-run
      mapserver add roads.shp --as layer --crs EPSG:5186 --encoding cp949
      mapserver add alleys.shp --as districts --name 골목이름 --id-column 지정번호
      mapserver add city.gpkg --as districts --layer alleys --replace
      mapserver add shops.csv onnuri-members.csv --as shops
      mapserver add watch/*.gpx --as trails
      mapserver add 점검대장.xlsx --as inspections
    """  # noqa: D301 -- click reads \b as a mark
    from mapserver import importing  # noqa: PLC0415 -- only this command writes

    folder = require_folder(Settings.from_environment(city=city))
    if role in LEDGERS:
        add_ledger_rows(files, LEDGERS[role], folder, wishes, lang, is_dry_run=dry_run)
        return
    # The other options bear the names of what a wish holds.
    wish = importing.Wish(role=find_role(role), **wishes)
    # An add that was ended half way first: its folder may not be in its place.
    recover_city(folder)
    # What the plan rests on must still be so when it is carried out.
    with TemporaryDirectory() as unpacked, nullcontext() if dry_run else lock_city(folder):
        city_before = open_wished_city(folder) if is_city(folder) else None
        plan = importing.make_plan(
            files,
            wish,
            city_before,
            folder,
            unpacked=Path(unpacked),
            progress=show_files,
        )
        print_plan(plan, lang, city_before.catalog.words if city_before else OWN_WORDS)
        plan.require_all()
        if dry_run:
            print_dry_run(plan, lang)
            return
        written = importing.carry_out_plan(
            plan, today=city_before.today() if city_before else today(find_zone(wish.time_zone))
        )
    # The city is examined as everybody sees it now; what was not written is not read again.
    opened = open_wished_city(folder, earlier=city_before)
    # A finding names a layer's file with its folder or without.
    files_added = {*written, *(file.removeprefix("layers/") for file in written)}
    findings = [finding for finding in opened.check() if finding.file in files_added]
    print_added(plan, written, findings, lang, opened.catalog.words)
