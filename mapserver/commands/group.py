"""The group of commands: what is wrong is one line, in the language that is asked for."""

from __future__ import annotations

import gettext
import os
import sys
from collections import UserDict
from importlib import import_module
from typing import Any

import click

from mapserver.commands.exit_codes import FOUND_ERRORS, INTERRUPTED, STOPPED, WRONG_USAGE
from mapserver.commands.options import WORDS, find_terminal_language
from mapserver.commands.stopping import is_stopped
from mapserver.errors import N_, MapserverError, QueryError, SettingsError, printable
from mapserver.files.damage import FULL, describe_os_error, describe_unforeseen
from mapserver.model import OWN_WORDS, find_phrases
from mapserver.stores.addresses import hide_passwords
from mapserver.text import language
from mapserver.text.languages import TRANSLATIONS

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


class Commands(UserDict[str, Any]):
    """Commands by their names, each imported when somebody wants it.

    They are given as places: the module beside this one, and the function there.
    """

    def __getitem__(self, name: str) -> Any:
        """Import the command of a name; one that was put in is what it is."""
        place = self.data[name]
        if not isinstance(place, str):
            return place
        module, _, function = place.rpartition(".")
        return getattr(import_module(f"{__package__}.{module}"), function)


class CommandGroup(click.Group):
    """Commands whose errors are one line on standard error, and no traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and end the process with its code; what was called wrongly is said."""
        # Click asks gettext for its texts: here are ours.
        gettext.bindtextdomain("messages", str(TRANSLATIONS))
        language_before = os.environ.get("LANGUAGE")
        try:
            return super().main(*args, **extra | {"standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            path = context.command_path if context else "mapserver"
            lang = (context and context.find_root().obj) or find_terminal_language()
            # Click repeats what it does not understand, be it an address with its password.
            what = hide_passwords(" ".join(error.format_message().split()).rstrip("."))
            see = language.write_message(N_("See {command} --help"), {"command": path}, lang)
            click.echo(printable(f"{path}: {what}. {see}"), err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(INTERRUPTED)
        finally:
            os.environ.pop("LANGUAGE", None)
            os.environ.update({} if language_before is None else {"LANGUAGE": language_before})

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what goes wrong in it is one line, and its kind the exit code."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if is_stopped(ctx):
                sys.exit(STOPPED)
            raise
        except BrokenPipeError:
            # Whoever reads the output, such as head, has seen enough: Click ends quietly.
            raise
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            # Click's own are no errors of the city; main says them.
            raise
        except Exception as error:
            if is_stopped(ctx):
                # A library may make anything of an end that it has not expected.
                sys.exit(STOPPED)
            if ctx.params["debug"]:
                raise
            lang = ctx.obj or find_terminal_language()
            # A full disk may show anywhere; what nobody foresaw is a mistake of ours, with an id.
            if isinstance(error, OSError) and error.errno in FULL:
                error = describe_os_error(error, str(error.filename or ""))
            elif not isinstance(error, (MapserverError, OSError)):
                error = describe_unforeseen(error)
            if isinstance(error, MapserverError):
                words = ctx.find_root().meta.get(WORDS, OWN_WORDS)
                text = language.write_error(error, lang, find_phrases(words, lang).say)
            else:
                text = hide_passwords(str(error))
            click.echo(printable(f"mapserver: {text}"), err=True)
            is_wrong_usage = isinstance(error, (QueryError, SettingsError))
            sys.exit(WRONG_USAGE if is_wrong_usage else FOUND_ERRORS)
