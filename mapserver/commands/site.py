"""``mapserver site``: the whole public site as static files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from mapserver.commands.options import UserPath, city_option, lang_option
from mapserver.commands.printing import (
    format_thousandths,
    list_findings,
    print_parts,
)
from mapserver.commands.progress import show_count
from mapserver.errors import N_, printable
from mapserver.model import find_phrases
from mapserver.settings import Settings
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.web.static_site import WrittenSite


@click.command("site")
@click.argument("out", type=UserPath(path_type=Path))
@city_option
@click.option(
    "--base-url",
    metavar="URL",
    default="",
    help="The public address: --base-url https://example.org/trails. Links are relative without it;"
    " search engines and the codes on posters need it. MAPSERVER_BASE_URL by default.",
)
@lang_option
def publish_site(out: Path, city: Path | None, base_url: str, lang: str) -> None:
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

    # An option wins over the environment; without one the environment says the address.
    settings = Settings.from_environment(
        {**os.environ, **({"MAPSERVER_BASE_URL": base_url} if base_url else {})}, city=city
    )
    with show_count() as show:
        site = write_site(settings, out, progress=show)
    print_site(site, lang)


def print_site(site: WrittenSite, lang: str) -> None:
    """Print how large a site is and how long it knows the states; what was left out, before."""
    if site.findings:
        print_parts(*list_findings(site.findings, lang, words=site.words), to_stderr=True)
    counts = {
        "path": site.path,
        "files": language.number(site.files, lang),
        "size": f"{format_thousandths(site.size_bytes / 1e6, lang)} MB",
        "day": site.last_day,
    }
    message = N_("{path}: files: {files}, {size}; the states of trails are known until {day}")
    say = find_phrases(site.words, lang).say
    print_parts(Text(printable(language.write_message(message, counts, lang, say))))
