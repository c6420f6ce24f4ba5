"""``mapserver codes``: the sheets with codes for those who inspect trails."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.text import Text

from mapserver.commands.options import UserPath, city_option, lang_option
from mapserver.commands.printing import print_parts
from mapserver.errors import N_, printable
from mapserver.settings import Settings
from mapserver.text import language


@click.command("codes")
@click.argument("out", type=UserPath(path_type=Path))
@city_option
@click.option("--settings", "file", type=UserPath(path_type=Path), help="The file of settings.")
@click.option(
    "--base-url",
    metavar="URL",
    default="",
    help="The public address, which the QR codes lead to. MAPSERVER_BASE_URL by default.",
)
@lang_option
def write_codes(out: Path, city: Path | None, file: Path | None, base_url: str, lang: str) -> None:
    """Write the sheets for those who inspect trails, with a QR code for each trail.

    OUT is one page of HTML, to be printed and hung where only they see it: whoever has a code can
    write inspections of its trail. The codes follow from MAPSERVER_SECRET_KEY; another secret makes
    all of them worthless.

    \b
    Example:
      mapserver codes codes.html --base-url https://example.org
    """  # noqa: D301 -- click reads \b as a mark
    from mapserver.web import write_sheets  # noqa: PLC0415 -- the other commands need no web pages

    settings = Settings.from_environment(
        {**os.environ, **({"MAPSERVER_BASE_URL": base_url} if base_url else {})},
        city=city,
        file=file,
    )
    count = write_sheets(settings, out, lang)
    message = N_("{path}: sheets: {count}; whoever has a sheet can write, keep them as keys")
    values = {"path": out, "count": language.number(count, lang)}
    print_parts(Text(printable(language.write_message(message, values, lang))))
