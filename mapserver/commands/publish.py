"""``mapserver publish``: complete months of the direct line are published, once and for good."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click
import pandas as pd
from rich.console import ConsoleRenderable
from rich.text import Text

import mapserver
from mapserver.analysis.city_messages import is_made_up, tabulate_messages
from mapserver.analysis.frozen_months import Standing, freeze
from mapserver.commands.options import city_option, lang_option, open_wished_city, require_folder
from mapserver.commands.printing import print_parts
from mapserver.errors import N_, DataError, fill, printable
from mapserver.files.change import lock_city, recover_city
from mapserver.model import FROZEN
from mapserver.readers.register import find_ledger_file
from mapserver.settings import Settings
from mapserver.text import language
from mapserver.writers.published_file import append_published

REASONS = {
    Standing.CHANGED: N_(
        "{period} is not published: the ledger no longer says what was published of its months"
    ),
    Standing.UNKNOWN: N_("{period} is not published: what was published of it cannot be read"),
}
"""Why a year that is over stays out."""


@click.command("publish")
@city_option
@click.option("--dry-run", is_flag=True, help="Show what would be published, and write nothing.")
@lang_option
def publish_months(city: Path | None, lang: str, *, dry_run: bool) -> None:
    """Publish the figures of the direct line: each complete month, once and for good.

    Months that are complete and not published yet, and years of which all months are, are written
    to layers/published.csv as they are shown, small numbers hidden. From then on pages, API, CSV
    and notebooks take them from there, whatever becomes of the ledger; what is in the file is
    never written over. Where nothing is new, nothing is written. Names of categories that were
    not public before are listed: look at them with --dry-run first.

    \b
    Examples:
      mapserver publish --city seogu --dry-run
      mapserver publish --city seogu
    """  # noqa: D301 -- click reads \b as a mark
    folder = require_folder(Settings.from_environment(city=city))
    recover_city(folder)
    # What was read must still be so when it is written: nobody adds rows meanwhile.
    with nullcontext() if dry_run else lock_city(folder):
        opened = open_wished_city(folder)
        figures = _tabulate(opened)
        rows = freeze(figures, opened.today(), is_sample=is_made_up(opened))
        if len(rows) and not dry_run:
            layers = opened.path / "layers"
            old_rows = opened.ledgers.get(FROZEN.id, rows.iloc[:0])
            path = find_ledger_file(layers, FROZEN) or opened.path / FROZEN.file
            append_published(path, old_rows, rows)
    _print_published(opened, figures, is_dry_run=dry_run, lang=lang)


def _tabulate(city: mapserver.City) -> pd.DataFrame:
    """Tabulate what is published and what can be.

    Raises
    ------
    DataError
        There is no ledger of messages, or the file of what was published is damaged.
    """
    figures = tabulate_messages(city, opens_years=True)
    if figures is None or "requests" not in city.ledgers:
        raise DataError(
            N_("there are no messages of the direct line to be published"),
            where="layers/requests.csv",
            mend=N_("Bring them in with mapserver add FILE --as requests"),
        )
    frozen = city.frozen
    if frozen is not None and (frozen.unknown or not frozen.is_whole):
        raise DataError(
            N_("what was published cannot be read whole, so nothing is added to it"),
            where=FROZEN.file,
            mend=N_("mapserver check names the lines"),
        )
    return figures


def _list_new_names(
    city: mapserver.City, figures: pd.DataFrame, lang: str
) -> list[ConsoleRenderable]:
    """List names of lines that have not been public yet: somebody has to look at them once."""
    say = city.phrases(lang).say
    lines: list[ConsoleRenderable] = []
    is_new = figures["standing"] == Standing.PROVISIONAL
    texts = {
        "neighborhood": N_("Neighborhoods that are named for the first time: {names}"),
        "category": N_("Categories that are named for the first time: {names}"),
    }
    for column, text in texts.items():
        old_names = set(figures[column][figures["standing"] == Standing.FROZEN])
        new_names = dict.fromkeys(figures[column][is_new])
        names = [str(name) for name in new_names if name and name not in old_names]
        if names:
            lines.append(Text(printable(fill(say(text), {"names": ", ".join(names)}))))
    return lines


def _print_published(
    city: mapserver.City, figures: pd.DataFrame, *, is_dry_run: bool, lang: str
) -> None:
    """Print what was published, a line for each period, what stays out, and why."""
    say = city.phrases(lang).say
    new = figures[figures["standing"] == Standing.PROVISIONAL]
    lines: list[ConsoleRenderable] = []
    for period, part in new.groupby("period", sort=False):
        total, others = part.iloc[0], part.iloc[1:]
        values = {
            "period": period,
            "count": language.number(int(total["requests"]), lang)
            if total["hidden"] == ""
            else say(N_("hidden")),
            "cells": language.number(len(others), lang),
            "hidden": language.number(int((others["hidden"] != "").sum()), lang),
        }
        text = N_("{period}: messages: {count}, cells: {cells}, of which hidden: {hidden}")
        lines.append(Text(printable(fill(say(text), values))))
        if (first_month := total["first_month"]) and not first_month.endswith("-01"):
            note = N_("it begins with {month}: there are no messages of the months before")
            lines.append(Text(f"  {fill(say(note), {'month': first_month})}"))
        if missing := next(filter(None, part["missing_holidays"]), ""):
            note = N_("the holidays of {year} are not known, and neither are its working hours")
            lines.append(Text(f"  {fill(say(note), {'year': missing})}"))
    for period, standing in zip(figures["period"], figures["standing"], strict=True):
        if standing in REASONS:
            lines.append(Text(fill(say(REASONS[standing]), {"period": period})))
    lines += _list_new_names(city, figures, lang)
    if len(new) and is_made_up(city):
        lines.append(Text(say(N_("These messages are made up, and what is published says so"))))
    outcome = N_("written: {file}; what is in it stays as it is")
    if new.empty:
        outcome = N_("nothing is to be published: no complete month is missing in {file}")
    elif is_dry_run:
        outcome = N_("nothing was written (--dry-run)")
    message = fill(say(outcome), {"file": FROZEN.file})
    print_parts(*lines, Text(message, style="bold"))
