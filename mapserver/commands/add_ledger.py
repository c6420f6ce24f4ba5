"""``mapserver add --as inspections`` and the like: rows of an office's table into a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import ConsoleRenderable
from rich.text import Text

from mapserver.commands.options import open_wished_city
from mapserver.commands.printing import list_findings, print_parts
from mapserver.errors import N_, SettingsError, fill, printable
from mapserver.files.change import lock_city, recover_city
from mapserver.model import OWN_WORDS, Ledger, Words, find_zone, today
from mapserver.readers.city_folder import is_city
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.importing import LedgerPlan

OPTIONS = frozenset({"encoding", "layer", "header_row", "replace", "time_zone"})
"""Options of ``add`` that a table without places can have."""


def add_ledger_rows(  # noqa: PLR0913 -- what the command was asked for
    files: tuple[Path, ...],
    ledger: Ledger,
    folder: Path,
    wishes: Mapping[str, Any],
    lang: str,
    *,
    is_dry_run: bool,
) -> None:
    """Add rows to a ledger of the city, and print what was concluded.

    Raises
    ------
    SettingsError
        An option is of layers alone, or the ledger is written by a command of its own.
    """
    from mapserver import importing  # noqa: PLC0415 -- only this command writes

    useless = next((key for key, value in wishes.items() if value and key not in OPTIONS), None)
    if useless is not None:
        options = {
            option.name: option.opts[0] for option in click.get_current_context().command.params
        }
        raise SettingsError(
            N_("it says nothing of a table without places"),
            where=options.get(useless, useless),
            mend=N_("Leave it out with --as {id}"),
            id=ledger.id,
        )
    if ledger.written_by:
        raise SettingsError(
            N_("{file} is written by mapserver {command} alone, so that what is out stays out"),
            where="--as",
            mend=N_("Copy the file into layers/ to move it with its city"),
            file=ledger.file,
            command=ledger.written_by,
        )
    recover_city(folder)
    with nullcontext() if is_dry_run else lock_city(folder):
        before = open_wished_city(folder) if is_city(folder) else None
        zone = find_zone(wishes["time_zone"]) if before is None else before.catalog.zone
        wish = importing.LedgerWish(
            ledger,
            encoding=wishes["encoding"],
            sheet=wishes["layer"],
            header_row=wishes["header_row"],
            replace=wishes["replace"],
        )
        plan = importing.plan_ledger(files, wish, before, folder, zone=zone)
        words = before.catalog.words if before else OWN_WORDS
        if is_dry_run:
            _print_plan(plan, lang, words, N_("nothing was written (--dry-run)"))
            return
        importing.carry_out_ledger_plan(plan, today=before.today() if before else today(zone))
    opened = open_wished_city(folder, earlier=before)
    # What the files said of themselves was said of the plan; here is what the city makes of it.
    findings = [finding for finding in opened.check() if finding.file == ledger.file]
    _print_plan(
        plan, lang, opened.catalog.words, N_("written: {file}; the originals are in originals/")
    )
    if findings:
        print_parts(Text(), *list_findings(findings, lang, words=opened.catalog.words))


def _print_plan(plan: LedgerPlan, lang: str, words: Words, outcome: str) -> None:
    """Print how many rows are new, changed, known and left out, what is odd, and the outcome."""
    say = language.translator(lang).gettext
    became = plan.counts
    counts = (
        (N_("new rows"), became.added),
        (N_("rows that take the place of one"), became.replaced),
        (N_("rows that were there, of which more is known now"), became.completed),
        (N_("rows that gave way besides"), became.removed),
        (N_("rows that were there already"), became.same),
        (N_("rows that stand in a table twice, of which one counts"), became.doubled),
        (N_("rows that know less than one that is there, which stays"), became.lesser),
        (N_("rows left out"), plan.left_out),
        (N_("rows in all"), len(plan.rows)),
    )
    body: list[ConsoleRenderable] = [
        Text(f"{say(text)}: {language.number(count, lang)}")
        for text, count in counts
        if count or text == counts[0][0]
    ]
    if plan.findings:
        body += [Text(), *list_findings(plan.findings, lang, words=words)]
    message = fill(say(outcome), {"file": plan.ledger.file})
    print_parts(*body, Text(), Text(printable(message), style="bold"))
