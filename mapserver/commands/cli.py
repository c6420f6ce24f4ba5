"""The command ``mapserver``: a thin skin over the Python API, one module for each command."""

from __future__ import annotations

import logging
from functools import partial

import click

import mapserver
from mapserver.commands.group import CommandGroup, Commands
from mapserver.commands.stopping import stop_on_signal
from mapserver.files.damage import MISTAKES

COMMANDS = {
    "add": "add.add_files",
    "check": "check.check_city",
    "codes": "codes.write_codes",
    "diff": "diff.show_changes",
    "export": "export.export_city",
    "join": "join.join_points",
    "load": "load.load_into_store",
    "locate": "questions.answer_locate",
    "nearest": "questions.answer_nearest",
    "publish": "publish.publish_months",
    "reload": "serve.reload_city",
    "report": "report.rerun_notebooks",
    "serve": "serve.serve_city",
    "site": "site.publish_site",
}
"""The module of each command in this room, and its function there. It is imported when somebody
wants the command: all together take as long as a fifth of a server's start."""


@click.group(
    cls=CommandGroup,
    commands=Commands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
    context = click.get_current_context()
    # A server and its workers have a way of their own to end.
    if context.invoked_subcommand != "serve":
        context.with_resource(stop_on_signal(context))
    # A server's log has the tracebacks of mistakes; a command shows one line, which names the id.
    has_log = debug or context.invoked_subcommand == "serve"
    # A program that calls a command in its own process has the level back afterwards.
    context.call_on_close(partial(MISTAKES.setLevel, MISTAKES.level))
    MISTAKES.setLevel(logging.NOTSET if has_log else logging.CRITICAL)
