"""``mapserver diff``: what changed between two states of a city."""

from __future__ import annotations

import click
from rich.console import ConsoleRenderable
from rich.text import Text

import mapserver
from mapserver.analysis.city_changes import TOLERANCE_M, Changes
from mapserver.analysis.city_comparison import compare_cities
from mapserver.commands.options import lang_option, open_wished_city
from mapserver.commands.printing import print_parts
from mapserver.drawing.change_words import describe_changes
from mapserver.errors import N_, DataError, SettingsError
from mapserver.model import encode
from mapserver.readers.city_folder import is_city
from mapserver.readers.releases import find_release
from mapserver.settings import Settings, expand_home
from mapserver.text import language
from mapserver.writers.change_table import write_changes


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--tolerance",
    "tolerance_m",
    type=click.FloatRange(0, 1_000_000),
    default=TOLERANCE_M,
    show_default=True,
    metavar="METRES",
    help="What lies no farther from where it was has not moved.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="text for people, json for programs, csv for spreadsheets.",
)
@lang_option
def show_changes(old: str, new: str, tolerance_m: float, style: str, lang: str) -> None:
    """Show what changed between two states of a city: OLD and NEW are city folders.

    Where earlier states are kept (MAPSERVER_RELEASES), they may be named, too: by the beginning of
    a version, or a day for the last one of it. Files that are written anew and say the same are no
    change. Ends with 0, also when nothing changed.

    \b
    Examples:
      mapserver diff ../seogu-october .
      mapserver diff 2026-10-31 .
      mapserver diff ../seogu-october . --format csv > changes.csv
    """  # noqa: D301 -- click reads \b as a mark
    before, after = _open_state(old), _open_state(new)
    changes = compare_cities(before, after, tolerance_m=tolerance_m)
    if style == "json":
        document = {
            "before": before.version,
            "after": after.version,
            "tolerance_m": tolerance_m,
            "changes": changes.to_records(),
        }
        click.echo(encode(document).decode())
    elif style == "csv":
        click.echo(write_changes([((), changes.rows)]), nl=False)
    else:
        print_changes(changes, after, lang)


def print_changes(changes: Changes, city: mapserver.City, lang: str) -> None:
    """Print what changed, by what it is about."""
    if not changes.rows:
        print_parts(Text(language.write_message(N_("no change"), {}, lang)))
        return
    parts: list[ConsoleRenderable] = []
    for section in describe_changes(changes, city, lang):
        parts += [Text()] if parts else []
        parts.append(Text(section.title, style="bold"))
        parts += [Text(f"  {line.text}") for line in section.lines]
    print_parts(*parts)


def _open_state(name: str) -> mapserver.City:
    """Open the state of a city that a word of the command names."""
    folder, releases = expand_home(name), Settings.from_environment().releases
    if releases is None or is_city(folder):
        return open_wished_city(folder)
    try:
        return open_wished_city(find_release(releases, name).path)
    except DataError as error:
        raise SettingsError(
            error.what, where=error.where, mend=error.mend, **error.values
        ) from error
