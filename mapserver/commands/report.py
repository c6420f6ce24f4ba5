"""``mapserver report``: the notebooks rerun on a city."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from mapserver.commands.exit_codes import FOUND_ERRORS
from mapserver.commands.options import UserPath, city_option, lang_option, open_wished_city
from mapserver.commands.progress import show_running
from mapserver.errors import N_, printable
from mapserver.text import language


@click.command("report")
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@city_option
@click.option(
    "--out",
    type=UserPath(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="The folder of the report; an earlier report there is replaced.",
)
@lang_option
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day it is of; today else.")
@click.option("--author", default="", help="Who makes it, for the cover.")
@click.option(
    "-p", "settings", multiple=True, metavar="NAME=VALUE", help="Another parameter of a notebook."
)
@click.option(
    "--timeout",
    "timeout_s",
    default=600,
    show_default=True,
    type=click.IntRange(1),
    help="Seconds that one notebook may take.",
)
@click.option("--pdf", is_flag=True, help="Print report.pdf, too; needs Chromium or Chrome.")
def rerun_notebooks(
    city: Path | None, out: Path, lang: str, day: dt.datetime | None, **wishes: Any
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

    opened = open_wished_city(city)
    # A report is in the city's language unless asked otherwise, whatever that of the terminal.
    wished_lang = click.get_current_context().find_root().obj
    request = reports.ReportRequest(
        folder=out,
        day=day.date() if day else opened.today(),
        lang=wished_lang or opened.catalog.default_language,
        # The other options bear the names of what a request holds.
        **wishes,
    )
    with show_running() as report_progress:
        result = reports.make_report(opened, request, report_progress)
    counts = {"page": result.page, "chapters": result.chapters, "tables": result.tables}
    message = N_("{page}: chapters: {chapters}, tables: {tables}")
    click.echo(printable(language.write_message(message, counts, lang)))
    for name, reason in result.failed.items():
        values = {"notebook": name, "reason": reason}
        text = language.write_message(N_("{notebook} did not finish: {reason}"), values, lang)
        click.echo(printable(f"mapserver: {text}"), err=True)
    if result.failed:
        sys.exit(FOUND_ERRORS)
