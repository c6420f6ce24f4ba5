"""The command line: a thin skin over the Python API."""

from __future__ import annotations

import datetime as dt
import gettext
import logging
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import geopandas as gpd

import mapserver
from mapserver import tables
from mapserver.city import City, open_city
from mapserver.commands import terminal
from mapserver.errors import N_, DataError, MapserverError, QueryError, SettingsError, printable
from mapserver.files.change import locking, recover
from mapserver.files.damage import FULL, MISTAKES, describe_os_error, describe_unforeseen
from mapserver.files.running_servers import reload_servers
from mapserver.model import ROLES, Features, encode, find_role, today
from mapserver.readers.city_folder import is_city
from mapserver.settings import Settings, expand_home
from mapserver.text import language
from mapserver.text.findings import Severity
from mapserver.writers import Format, answers

FOUND_ERRORS = 1
WRONG_USAGE = 2

CLICK_TEXTS = (
    *(N_("Missing argument"), N_("Missing option"), N_("Missing parameter")),
    *(N_("Missing command."), N_("Missing parameter: {param_name}"), N_("Missing {param_type}")),
    *(N_("Invalid value: {message}"), N_("Invalid value for {param_hint}: {message}")),
    *(N_("No such option {name!r}."), N_("No such command {name!r}.")),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    *(N_("{name} {filename!r} does not exist."), N_("{name} {filename!r} is a directory.")),
    *(N_("{name} {filename!r} is a file."), N_("{name} {filename!r} is not readable.")),
    *(N_("Choose from:\n\t{choices}"), N_("Option {name!r} does not take a value.")),
    gettext.ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 2),
    gettext.ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 2
    ),
    gettext.ngettext(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 2
    ),
)
"""What Click says of a command that was called wrongly: it asks gettext for these texts."""


class UserPath(click.Path):
    """A path in which ``~`` is the user's own folder, also behind ``--city=``."""

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        """Write out the ``~`` before anything looks for the path."""
        return super().convert(expand_home(value), parameter, context)


def _city_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--city",
        type=UserPath(path_type=Path),
        metavar="DIR",
        help="The city folder; MAPSERVER_CITY or the current folder by default.",
    )(command)


def _make_role_choice() -> click.Choice[str]:
    """Make the choice of a role."""
    choice: click.Choice[str] = click.Choice(())
    choice.choices = ROLES.keys()  # type: ignore[assignment]  # a view, so that it has all rows
    return choice


def _remember_language(context: click.Context, _: click.Parameter, lang: str | None) -> str:
    """Return the language that was asked for, or the terminal's; errors are written in it, too."""
    if lang is not None:
        context.find_root().obj = lang
        os.environ["LANGUAGE"] = lang  # which Click's own texts follow; main puts it back
    return lang or _language()


def _lang_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--lang",
        type=click.Choice(language.LANGUAGES),
        is_eager=True,  # so that what is wrong with the other words is said in it
        callback=_remember_language,
        help="Language of what is printed: --lang en. That of the terminal by default.",
    )(command)


def _format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--format",
        "style",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="text for people, json for programs.",
    )(command)


class _Commands(click.Group):
    """Commands whose errors are one line on standard error, and no traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:
        # Click asks gettext for its texts: here are ours.
        gettext.bindtextdomain("messages", str(language.TRANSLATIONS))
        before = os.environ.get("LANGUAGE")
        try:
            return super().main(*args, **extra | {"standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            path = context.command_path if context else "mapserver"
            lang = (context and context.find_root().obj) or _language()
            what = " ".join(error.format_message().split()).rstrip(".")
            see = language.write_message(N_("See {command} --help"), {"command": path}, lang)
            click.echo(printable(f"{path}: {what}. {see}"), err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(130)  # as shells count an interrupt
        finally:
            os.environ.pop("LANGUAGE", None)
            os.environ.update({} if before is None else {"LANGUAGE": before})

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader, such as head, has seen enough
            raise
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise  # click's own, which are no errors of the city
        except Exception as error:
            if ctx.params["debug"]:
                raise
            lang = ctx.obj or _language()
            if isinstance(error, OSError) and error.errno in FULL:
                error = describe_os_error(error, str(error.filename or ""))
            elif not isinstance(error, (MapserverError, OSError)):
                error = describe_unforeseen(error)
            ours = error if isinstance(error, MapserverError) else None
            text = language.write_error(ours, lang) if ours else str(error)
            click.echo(printable(f"mapserver: {text}"), err=True)
            wrong_usage = isinstance(error, (QueryError, SettingsError))
            sys.exit(WRONG_USAGE if wrong_usage else FOUND_ERRORS)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mapserver.__version__, prog_name="mapserver")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(*, debug: bool) -> None:
    """Maenballo: a folder of trails and districts becomes a map and an API.

    A city is a folder with gpx/ and layers/. Every command works on the current folder unless
    --city names another.
    """
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.INFO, format="%(levelname)s %(message)s"
    )
    logging.getLogger("pyogrio").setLevel(logging.WARNING)  # it tells of every file it writes
    # A server's log has the tracebacks of mistakes; a command shows one line, which names the id.
    has_log = debug or click.get_current_context().invoked_subcommand == "serve"
    MISTAKES.setLevel(logging.NOTSET if has_log else logging.CRITICAL)


@main.command()
@_city_option
@click.option("--host", help="Address to listen on; MAPSERVER_HOST or 127.0.0.1 by default.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port; MAPSERVER_PORT or 8000 by default."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes; MAPSERVER_WORKERS or up to four by default.",
)
@click.option(
    "--settings",
    "file",
    type=UserPath(path_type=Path),
    metavar="FILE",
    help="A file of settings; that of MAPSERVER_SETTINGS by default, or none.",
)
@_lang_option
def serve(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    city: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    file: Path | None,
    lang: str,
) -> None:
    """Serve the map and the API.

    Settings come from options, from variables (MAPSERVER_PORT), and from a file of settings
    (port = 8000), in this order. All are checked before the server starts.

    \b
    Examples:
      mapserver serve --city seogu --port 8000
      mapserver serve --settings /etc/mapserver.toml
    """  # noqa: D301 -- click reads \b as a mark
    from mapserver.web import serve as serve_city  # noqa: PLC0415 -- others need no web server

    settings = Settings.from_environment(city=city, file=file)
    host, port = host or settings.host, port or settings.port
    values = {"city": settings.city.resolve(), "address": f"http://{host}:{port}/"}

    def say(template: str) -> None:
        click.echo(printable(language.write_message(template, values, lang)), err=True)

    serve_city(
        settings,
        host=host,
        port=port,
        workers=workers or settings.workers,
        on_open=lambda: say(N_("Maenballo opens {city}")),
        on_listen=lambda: say(N_("Maenballo serves {city} at {address}")),
    )


@main.command()
@_city_option
@_lang_option
def reload(city: Path | None, lang: str) -> None:
    """Have the servers of the city open its files anew, now.

    They look for changes ten times a second by themselves; this is for folders whose changes show
    in no name, size or time. Ends with 1 when no server of this user serves the city here.

    \b
    Example:
      mapserver reload --city seogu
    """  # noqa: D301 -- click reads \b as a mark
    folder = Settings.from_environment(city=city).city
    processes = reload_servers(folder)
    if not processes:
        raise DataError(
            N_("no server of this user serves it on this machine"),
            where=str(folder),
            mend=N_("Start one with mapserver serve, or send its process SIGHUP"),
        )
    values = {"processes": ", ".join(map(str, processes))}
    click.echo(
        language.write_message(N_("Opens its files anew: process {processes}"), values, lang)
    )


@main.command()
@_city_option
@_format_option
@_lang_option
def check(city: Path | None, style: str, lang: str) -> None:
    """Examine the data and say what is wrong, where, and how to mend it.

    Ends with 0 when there are no errors, 1 when there are, 2 when called wrongly.

    \b
    Example:
      mapserver check --city seogu --format json
    """  # noqa: D301 -- click reads \b as a mark
    opened = _open(city)
    findings = opened.check()
    if style == "json":
        click.echo(terminal.check_json(opened, findings))
    else:
        terminal.print_check(opened, findings, lang)
    if any(finding.severity is Severity.ERROR for finding in findings):
        sys.exit(FOUND_ERRORS)


@main.command()
@click.argument("files", nargs=-1, required=True, type=UserPath(path_type=Path))
@click.option(
    "--as",
    "role",
    required=True,
    type=_make_role_choice(),
    help="What the data means to the city: --as districts. Districts, neighborhoods and zones take"
    " polygons, trails lines or GPX, shops, facilities and services points; layer takes all. What"
    " is of another kind is left out, and named.",
)
@_city_option
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
@_lang_option
def add(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    files: tuple[Path, ...],
    role: str,
    city: Path | None,
    crs: str | None,
    encoding: str | None,
    layer: str | None,
    header_row: int | None,
    id_column: str | None,
    number_ids: bool,
    name_column: str | None,
    layer_id: str,
    title: str,
    title_en: str,
    source: str,
    replace: bool,
    anyway: bool,
    skip_unreadable: bool,
    dry_run: bool,
    lang: str,
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
    """  # noqa: D301 -- click reads \b as a mark
    from mapserver import importing  # noqa: PLC0415 -- only this command writes

    folder = Settings.from_environment(city=city).city
    wish = importing.Wish(
        role=find_role(role),
        layer_id=layer_id,
        title=title,
        title_en=title_en,
        source=source,
        crs=crs,
        encoding=encoding,
        layer=layer,
        header_row=header_row,
        id_column=id_column,
        number_ids=number_ids,
        name_column=name_column,
        replace=replace,
        anyway=anyway,
        skip_unreadable=skip_unreadable,
    )
    recover(folder)
    # What the plan rests on must still be so when it is carried out.
    with TemporaryDirectory() as unpacked, nullcontext() if dry_run else locking(folder):
        plan = importing.make_plan(
            files,
            wish,
            _open(folder) if is_city(folder) else None,
            folder,
            unpacked=Path(unpacked),
            progress=terminal.progress,
        )
        terminal.print_plan(plan, lang)
        plan.require_all()
        if dry_run:
            terminal.print_dry_run(plan, lang)
            return
        written = importing.carry_out(plan, today=today())
    opened = _open(folder)
    about = {*written, *(file.removeprefix("layers/") for file in written)}
    terminal.print_added(plan, written, [f for f in opened.check() if f.file in about], lang)


@main.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@_city_option
@click.option(
    "--out",
    type=UserPath(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="The folder of the report; an earlier report there is replaced.",
)
@_lang_option
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day it is of; today else.")
@click.option("--author", default="", help="Who makes it, for the cover.")
@click.option(
    "-p", "settings", multiple=True, metavar="NAME=VALUE", help="Another parameter of a notebook."
)
@click.option(
    "--timeout",
    default=600,
    show_default=True,
    type=click.IntRange(1),
    help="Seconds that one notebook may take.",
)
@click.option("--pdf", is_flag=True, help="Print report.pdf, too; needs Chromium or Chrome.")
def report(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    notebooks: tuple[str, ...],
    city: Path | None,
    out: Path,
    lang: str,
    day: dt.datetime | None,
    author: str,
    settings: tuple[str, ...],
    timeout: int,
    pdf: bool,
) -> None:
    """Rerun the notebooks on the city and write what they say as one HTML page.

    A NOTEBOOK is a file, or the name or number of one that comes with mapserver; without any, all
    of these run. Maps, figures and styles are inside report.html; tables lie beside it as CSV and
    GeoPackage. Ends with 1 when a notebook did not finish; its chapter says why.

    \b
    Examples:
      mapserver report --city seogu --out report-2026-q4
      mapserver report 01 mine.ipynb --day 2026-12-20 -p 'DISTANCES_M=[300, 500]' --pdf
    """  # noqa: D301 -- click reads \b as a mark
    from mapserver import report as reports  # noqa: PLC0415 -- only this command runs notebooks

    opened = _open(city)
    asked = click.get_current_context().find_root().obj  # a report is Korean unless asked otherwise
    wish = reports.ReportRequest(
        folder=out,
        day=day.date() if day else today(),
        notebooks=notebooks,
        lang=asked or language.DEFAULT,
        settings=settings,
        author=author,
        timeout_s=timeout,
        pdf=pdf,
    )
    with terminal.running() as told:
        made = reports.make_report(opened, wish, told)
    counts = {"page": made.page, "chapters": made.chapters, "tables": made.tables}
    done = N_("{page}: chapters: {chapters}, tables: {tables}")
    click.echo(printable(language.write_message(done, counts, lang)))
    for name, why in made.failed.items():
        values = {"notebook": name, "reason": why}
        text = language.write_message(N_("{notebook} did not finish: {reason}"), values, lang)
        click.echo(printable(f"mapserver: {text}"), err=True)
    if made.failed:
        sys.exit(FOUND_ERRORS)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@_city_option
@click.option("--layer", default="trails", show_default=True, help="The layer to search.")
@click.option("-k", "k", default=1, show_default=True, help="How many features.")
@click.option("--max-distance", type=float, metavar="METRES", help="Leave out what is farther.")
@click.option("--points", type=UserPath(path_type=Path), help="A file of points to ask for.")
@click.option("--out", type=UserPath(path_type=Path), help="The file for their answers.")
@_format_option
@_lang_option
def nearest(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    lon: float | None,
    lat: float | None,
    city: Path | None,
    layer: str,
    k: int,
    max_distance: float | None,
    points: Path | None,
    out: Path | None,
    style: str,
    lang: str,
) -> None:
    """Find what is nearest to a point, or to each point of a file.

    \b
    Examples:
      mapserver nearest 126.8526 35.1467 -k 3
      mapserver nearest --points schools.csv --out answers.csv
    """  # noqa: D301 -- click reads \b as a mark
    _require_one_form(lon, lat, points, out, lang)
    opened = _open(city)
    if points and out:
        answer = opened.nearest(
            _asked(opened, points, lang), layer=layer, k=k, max_distance_m=max_distance
        )
        tables.write(answer, out)
        return
    found = opened.find_nearest(lon, lat, layer=layer, k=k, max_distance_m=max_distance)  # type: ignore[arg-type]
    _say_if_far(opened, [lon], [lat], lang)
    features = answers.nearest_features(Features(opened.layers[layer]), found)
    if style == "json":
        click.echo(encode({"type": "FeatureCollection", "features": features}).decode())
    else:
        terminal.print_nearest(features, lang)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@_city_option
@click.option("--layer", default="districts", show_default=True, help="The layer, for --points.")
@click.option("--points", type=UserPath(path_type=Path), help="A file of points to ask for.")
@click.option("--out", type=UserPath(path_type=Path), help="The file for their answers.")
@_format_option
@_lang_option
def locate(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    lon: float | None,
    lat: float | None,
    city: Path | None,
    layer: str,
    points: Path | None,
    out: Path | None,
    style: str,
    lang: str,
) -> None:
    """Tell in which district, neighbourhood and zone a point lies, or each point of a file.

    \b
    Examples:
      mapserver locate 126.8526 35.1467
      mapserver locate --points shops.csv --out shops-with-district.csv
    """  # noqa: D301 -- click reads \b as a mark
    _require_one_form(lon, lat, points, out, lang)
    opened = _open(city)
    if points and out:
        tables.write(opened.join(_asked(opened, points, lang), layer=layer), out)
        return
    answer = answers.location(opened.locate(lon, lat))  # type: ignore[arg-type]
    _say_if_far(opened, [lon], [lat], lang)
    if style == "json":
        click.echo(encode(answer).decode())
    else:
        terminal.print_location(answer, lang)


@main.command()
@click.argument("out", type=UserPath(path_type=Path))
@_city_option
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
@_lang_option
def export(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    out: Path,
    city: Path | None,
    layers: tuple[str, ...],
    style: str | None,
    encoding: str | None,
    crs: str | None,
    replace: bool,
    lang: str,
) -> None:
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
    done = _open(city).export(
        out,
        layers=layers,
        format=style,
        encoding=encoding,
        crs=crs,
        replace=replace,
        progress=terminal.progress,
    )
    terminal.print_exported(done, lang)


@main.command()
@click.argument("out", type=UserPath(path_type=Path))
@_city_option
@click.option(
    "--base-url",
    metavar="URL",
    default="",
    help="The public address: --base-url https://example.org/trails. Links are relative without it;"
    " search engines and the codes on posters need it. MAPSERVER_BASE_URL by default.",
)
@_lang_option
def site(out: Path, city: Path | None, base_url: str, lang: str) -> None:
    """Write the whole public site as files for any web host or CDN.

    Korean lies at the root, English in en/. The pages know the state of every trail for 400 days:
    the browser chooses the day, and after the last one says that it is not certain. Write the site
    anew when the data change, and at least each year. OUT may be empty or an earlier site, which is
    replaced whole.

    \b
    Example:
      mapserver site public --city seogu --base-url https://example.org/trails
    """  # noqa: D301 -- click reads \b as a mark
    from mapserver.web import write_site  # noqa: PLC0415 -- the other commands need no web pages

    settings = Settings.from_environment(
        {**os.environ, **({"MAPSERVER_BASE_URL": base_url} if base_url else {})}, city=city
    )
    with terminal.counting() as show:
        done = write_site(settings, out, progress=show)
    terminal.print_site(done, lang)


def _open(city: Path | None) -> City:
    folder = Settings.from_environment(city=city).city
    try:
        return open_city(folder)
    except DataError as error:  # no city there, so the command was called wrongly
        raise SettingsError(
            error.what, where=error.where, mend=error.mend, **error.values
        ) from error


def _asked(city: City, path: Path, lang: str) -> gpd.GeoDataFrame:
    """Read a file of points; what was left out, and what lies far away, goes to standard error."""
    points, findings = tables.read_points(path)
    for finding in findings:
        click.echo(f"mapserver: {terminal.write_finding(finding, lang)}", err=True)
    places = points.geometry.get_coordinates()
    _say_if_far(city, places["x"], places["y"], lang, path.name)
    return points


def _say_if_far(city: City, lons: Any, lats: Any, lang: str, file: str = "") -> None:
    """Write to standard error how far outside of the city places lie, if that is far."""
    finding = answers.find_far_places(city, lons, lats, file)
    if finding is not None:
        click.echo(f"mapserver: {terminal.write_finding(finding, lang)}", err=True)


def _require_one_form(
    lon: float | None, lat: float | None, points: Path | None, out: Path | None, lang: str
) -> None:
    one_point = lon is not None and lat is not None
    many_points = points is not None and out is not None
    if one_point == many_points or (points is None) != (out is None):
        usage = N_("Give either LON LAT, or --points FILE and --out FILE.")
        raise click.UsageError(language.write_message(usage, {}, lang))


def _language() -> str:
    """Follow the terminal's own language."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    first = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "ko" if first.startswith("ko") else "en"
