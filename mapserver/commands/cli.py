"""The command ``mapserver``: a thin skin over the Python API, one module for each command."""

from __future__ import annotations

import logging
from functools import partial

import click

import mapserver
from mapserver.commands.add import add_files
from mapserver.commands.check import check_city
from mapserver.commands.codes import write_codes
from mapserver.commands.diff import show_changes
from mapserver.commands.export import export_city
from mapserver.commands.group import CommandGroup
from mapserver.commands.join import join_points
from mapserver.commands.load import load_into_store
from mapserver.commands.publish import publish_months
from mapserver.commands.questions import answer_locate, answer_nearest
from mapserver.commands.report import rerun_notebooks
from mapserver.commands.serve import reload_city, serve_city
from mapserver.commands.site import publish_site
from mapserver.files.damage import MISTAKES

COMMANDS = (
    add_files,
    answer_locate,
    answer_nearest,
    check_city,
    export_city,
    load_into_store,
    join_points,
    publish_months,
    publish_site,
    reload_city,
    rerun_notebooks,
    serve_city,
    show_changes,
    write_codes,
)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
    # pyogrio logs every file that it writes.
    logging.getLogger("pyogrio").setLevel(logging.WARNING)
    # A server's log has the tracebacks of mistakes; a command shows one line, which names the id.
    context = click.get_current_context()
    has_log = debug or context.invoked_subcommand == "serve"
    # A program that calls a command in its own process has the level back afterwards.
    context.call_on_close(partial(MISTAKES.setLevel, MISTAKES.level))
    MISTAKES.setLevel(logging.NOTSET if has_log else logging.CRITICAL)


for command in COMMANDS:
    main.add_command(command)
