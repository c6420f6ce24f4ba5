"""``mapserver serve`` and ``mapserver reload``: the server of a city."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from mapserver.commands.options import UserPath, city_option, lang_option
from mapserver.errors import N_, DataError, printable
from mapserver.files.running_servers import reload_servers
from mapserver.settings import Settings
from mapserver.settings.garbage import no_garbage
from mapserver.settings.store import read_store
from mapserver.stores.addresses import read_address
from mapserver.text import language


@click.command("serve")
@city_option
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
    "--store",
    metavar="URL",
    help="A city in PostGIS instead of a folder: postgresql://... ; MAPSERVER_STORE or none.",
)
@click.option(
    "--settings",
    "file",
    type=UserPath(path_type=Path),
    metavar="FILE",
    help="A file of settings; that of MAPSERVER_SETTINGS by default, or none.",
)
@lang_option
def serve_city(  # noqa: PLR0913, PLR0917 -- one parameter for each option
    city: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    store: str | None,
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
      mapserver serve --store "postgresql://reader@db/maps?schema=seogu"
    """  # noqa: D301 -- click reads \b as a mark
    with no_garbage(is_kept=True):
        from mapserver.web import serve  # noqa: PLC0415 -- others need no web server

    settings = Settings.from_environment(city=city, file=file)
    host, port = host or settings.host, port or settings.port
    if store is not None:
        settings = replace(settings, store=read_store(store, "--store"))
    label = read_address(settings.store, "store").label if settings.store else ""
    values = {"city": label or settings.city.resolve(), "address": f"http://{host}:{port}/"}

    def print_message(template: str) -> None:
        click.echo(printable(language.write_message(template, values, lang)), err=True)

    # Messages come when the city is opened and when the port listens, and not before either is so.
    serve(
        settings,
        host=host,
        port=port,
        workers=workers or settings.workers,
        on_open=lambda: print_message(N_("Maenballo opens {city}")),
        on_listen=lambda: print_message(N_("Maenballo serves {city} at {address}")),
    )


@click.command("reload")
@city_option
@lang_option
def reload_city(city: Path | None, lang: str) -> None:
    """Have the servers of the city open its files anew, now.

    They look for changes four times a second by themselves; this is for folders whose changes show
    in no name, size or time. Ends with 1 when no server of this user serves the city here.

    \b
    Example:
      mapserver reload --city seogu
    """  # noqa: D301 -- click reads \b as a mark
    folder = Settings.from_environment(city=city).city
    processes = reload_servers(folder)
    # Silence would look like success to whoever waits for the pages to change.
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
