"""Options that several commands share, and the city that they name."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

import mapserver
from mapserver.errors import N_, DataError, SettingsError
from mapserver.model import LEDGERS, ROLES
from mapserver.readers.city_folder import read_city
from mapserver.readers.opened_city import digest_conditions, keep_city, reopen_city
from mapserver.settings import Settings, expand_home
from mapserver.text import language
from mapserver.text.languages import ENGLISH, LANGUAGES


class UserPath(click.Path):
    """A path in which ``~`` is the user's own folder, also behind ``--city=``."""

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        """Write out the ``~`` before anything looks for the path, and refuse an empty one."""
        # An empty path would be the current folder: mostly a variable of a script is not set.
        if isinstance(value, str) and not value.strip():
            lang = (context and context.find_root().obj) or find_terminal_language()
            self.fail(language.write_message(N_("the path is empty"), {}, lang), parameter, context)
        return super().convert(expand_home(value), parameter, context)


def city_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--city`` to a command."""
    return click.option(
        "--city",
        type=UserPath(path_type=Path),
        metavar="DIR",
        help="The city folder; MAPSERVER_CITY or the current folder by default.",
    )(command)


def make_role_choice() -> click.Choice[str]:
    """Make the choice of a role; one that is registered later is a choice, too."""
    return _make_live_choice(ROLES)


def make_addition_choice() -> click.Choice[str]:
    """Make the choice of what can be added: a role, or a ledger."""
    known: ChainMap[str, Any] = ChainMap(LEDGERS, ROLES)
    return _make_live_choice(known)


def make_language_choice() -> click.Choice[str]:
    """Make the choice of a language; one that is registered later is a choice, too."""
    return _make_live_choice(LANGUAGES)


def _make_live_choice(table: Mapping[str, object]) -> click.Choice[str]:
    choice: click.Choice[str] = click.Choice(())
    # Click copies what it is given; the view of the table's keys stays true.
    choice.choices = table.keys()  # type: ignore[assignment]  # a view serves as a sequence
    return choice


def _remember_language(context: click.Context, _: click.Parameter, lang: str | None) -> str:
    """Return the language that was asked for, or the terminal's; errors are written in it, too."""
    if lang is not None:
        context.find_root().obj = lang
        # Click's own texts follow this variable; CommandGroup.main puts it back.
        os.environ["LANGUAGE"] = lang
    return lang or find_terminal_language()


def lang_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--lang`` to a command."""
    return click.option(
        "--lang",
        type=make_language_choice(),
        # Read before all other words, so that what is wrong with them is said in it.
        is_eager=True,
        callback=_remember_language,
        help="Language of what is printed: --lang en. That of the terminal by default.",
    )(command)


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format``, for people or for programs, to a command."""
    return click.option(
        "--format",
        "style",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="text for people, json for programs.",
    )(command)


def find_terminal_language() -> str:
    """Return the language of the terminal, as its locale says it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), "")
    known_code = locale.partition("_")[0].partition(".")[0]
    return known_code if known_code in LANGUAGES else ENGLISH.code


WORDS = "mapserver.words"
"""Under this key the context of a command has the words of the city that it has opened."""


def open_wished_city(
    city: Path | None, earlier: mapserver.City | None = None, *, may_reopen: bool = False
) -> mapserver.City:
    """Open the city folder that an option or the settings name; without one it is wrong usage.

    Parameters
    ----------
    city
        The folder that the option names.
    earlier
        The city as it was opened before: files that have not changed since are not read again.
    may_reopen
        Whether it may be opened from the cache folder, or else kept there when it was read. That is
        of use to who only asks a large city: a country is read in 12 s, and opened so in one.
    """
    settings = Settings.from_environment(city=city)
    folder = expand_home(settings.city)
    try:
        if settings.store:
            return _remember_words(
                mapserver.open_city(settings.store, large_rows=settings.large_rows)
            )
        conditions = digest_conditions(folder) if may_reopen else b""
        data = reopen_city(folder, conditions)
        if data is None:
            data = read_city(folder, earlier=earlier.data if earlier else None)
            keep_city(folder, conditions, data)
        opened = mapserver.City(data, earlier=earlier)
    except DataError as error:
        # There is no city, so the command was called wrongly: exit code 2, and not 1.
        raise SettingsError(
            error.what, where=error.where, mend=error.mend, **error.values
        ) from error
    return _remember_words(opened)


def require_folder(settings: Settings) -> Path:
    """Return the city folder that a command writes into.

    Raises
    ------
    SettingsError
        The city is in a database: what was written into a folder beside it nobody would see.
    """
    if settings.store:
        raise SettingsError(
            N_("this command writes into a folder, and the city that is set is in a database"),
            where="MAPSERVER_STORE",
            mend=N_(
                "Name the folder with --city, and copy it with mapserver load; or edit the tables "
                "themselves, as docs/postgis.md says"
            ),
        )
    return settings.city


def _remember_words(opened: mapserver.City) -> mapserver.City:
    """Have what goes wrong from here on said in the words of the city."""
    if (context := click.get_current_context(silent=True)) is not None:
        context.find_root().meta[WORDS] = opened.catalog.words
    return opened
