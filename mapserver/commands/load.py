"""``mapserver load``: a city folder into PostGIS, where several people edit it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from mapserver.commands.options import city_option, lang_option
from mapserver.commands.progress import show_running
from mapserver.errors import N_, printable
from mapserver.settings import Settings
from mapserver.stores.addresses import read_address
from mapserver.stores.loading import LoadedCity, load_city
from mapserver.stores.upgrading import upgrade_city
from mapserver.text import language


@click.command("load")
@click.argument("url")
@city_option
@click.option("--schema", default="", help="Schema of the city; named as its folder by default.")
@click.option("--replace", is_flag=True, help="Discard what was edited in the database since.")
@click.option(
    "--upgrade",
    is_flag=True,
    help="Copy nothing: bring a city of an earlier version of this program up to date.",
)
@lang_option
def load_into_store(  # noqa: PLR0913 -- one parameter for each option
    url: str, city: Path | None, schema: str, *, replace: bool, upgrade: bool, lang: str
) -> None:
    """Copy the city into PostGIS, where several people can edit it.

    The city becomes a schema with a table for each layer, and beside them all its files. A second
    copy takes the place of the first one as a whole. A password stands better in ~/.pgpass or in
    PGPASSWORD than in the address, which others may see.

    \b
    Examples:
      mapserver load postgresql://gis@db/maps --city seogu
      mapserver load postgresql://gis@db/maps --schema seogu --replace
    """  # noqa: D301 -- click reads \b as a mark
    address = read_address(url, "URL", schema)

    def say(template: str, **values: object) -> None:
        click.echo(printable(language.write_message(template, values, lang)))

    if upgrade:
        name, before, now = upgrade_city(address)
        say(N_("{schema}: layout {now}, was {before}"), schema=name, before=before, now=now)
        return
    folder = Settings.from_environment(city=city).city
    with show_running() as report_progress:
        loaded = load_city(folder, address, discards_edits=replace, progress=report_progress)
    _print_loaded(loaded, say)


def _print_loaded(loaded: LoadedCity, say: Callable[..., None]) -> None:
    """Print what was copied, and all that was not."""
    for table, rows in loaded.tables.items():
        say(N_("{table}: {rows} rows"), table=table, rows=f"{rows:,}")
    for table, reason in loaded.only_files.items():
        say(
            N_("{table}: kept as a file, not to be edited as a table, since {reason}"),
            table=table,
            reason=reason,
        )
    for name, reason in loaded.left_out:
        say(N_("{name}: not copied, {reason}"), name=name, reason=reason)
    say(
        N_("Copied into the schema {schema}: {files} files, version {version}"),
        schema=loaded.schema,
        files=loaded.files,
        version=loaded.version[:8],
    )
    if loaded.findings:
        say(N_("Findings in the city: {count}; see mapserver check"), count=loaded.findings)
