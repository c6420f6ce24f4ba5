"""What ``mapserver add`` prints: what was concluded and why, columns, rows, a map, findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import ConsoleRenderable
from rich.table import Table
from rich.text import Text

from mapserver.commands.plan_sketch import draw_sketch
from mapserver.commands.printing import (
    count_rest,
    list_findings,
    make_plain_table,
    print_parts,
)
from mapserver.errors import N_, fill, printable
from mapserver.model import OWN_WORDS, Words
from mapserver.settings import limits
from mapserver.text import language
from mapserver.text.findings import Finding

if TYPE_CHECKING:
    from mapserver.importing import Plan


WIDEST_VALUE = 28
"""Characters of a value in the table of columns: three of them fit on a line."""


def print_plan(plan: Plan, lang: str, words: Words = OWN_WORDS) -> None:
    """Print what adding files would do: what was concluded and why, columns, rows, and a map."""
    say = language.translator(lang).gettext
    parts = make_plain_table(
        say(N_("file")),
        ">" + say(N_("features")),
        ">" + say(N_("left out")),
        say(N_("CRS")),
        say(N_("encoding")),
    )
    # Of a folder with hundreds of files the first are shown, and how many there are more.
    for part in plan.parts[: limits.MAX_TERMINAL_LINES]:
        parts.add_row(
            Text(printable(part.name)),
            Text(language.number(len(part.frame), lang)),
            Text(language.number(part.left_out, lang)),
            Text(printable(f"{part.crs} ({say(part.crs_from)})")),
            Text(printable(f"{part.encoding} ({say(part.encoding_from)})")),
        )
    body: list[ConsoleRenderable] = [parts, *count_rest(len(plan.parts), lang)]
    # Several files may fill the same columns; each is named once, in the order of the files.
    filled_columns = dict.fromkeys(text for part in plan.parts for text in part.columns)
    heading = say(N_("filled"))
    if filled_columns:
        body.append(Text(printable(f"{heading}: {', '.join(filled_columns)}")))
    body += [Text(), _make_column_table(plan.frame, lang), Text(), draw_sketch(plan, lang)]
    if plan.findings:
        body += [Text(), *list_findings(plan.findings, lang, plan.leaves_out, words)]
    print_parts(*body)


def print_dry_run(plan: Plan, lang: str) -> None:
    """Print that nothing was written, and how many features would be."""
    count = len(plan.frame)
    text = language.translator(lang).ngettext(
        "{count} feature would be added; nothing was written (--dry-run).",
        "{count} features would be added; nothing was written (--dry-run).",
        count,
    )
    message = fill(text, {"count": language.number(count, lang)})
    print_parts(Text(), Text(printable(message), style="bold"))


def print_added(
    plan: Plan,
    written: list[str],
    findings: list[Finding],
    lang: str,
    words: Words = OWN_WORDS,
) -> None:
    """Print what was written, and what the check says of it."""
    names = (
        written
        if len(written) <= limits.MAX_TERMINAL_NAMES
        else [*written[: limits.MAX_TERMINAL_NAMES], "…"]
    )
    count = len(plan.frame)
    text = language.translator(lang).ngettext(
        "{count} feature added; written: {files}. The originals are in originals/.",
        "{count} features added; written: {files}. The originals are in originals/.",
        count,
    )
    message = fill(text, {"count": language.number(count, lang), "files": ", ".join(names)})
    body: list[ConsoleRenderable] = [Text(), Text(printable(message), style="bold")]
    if plan.failures:
        counts = {"count": len(plan.failures)}
        text = language.write_message(N_("files that could not be used: {count}"), counts, lang)
        body.append(Text(text, style="bold red"))
    if findings:
        body += [Text(), *list_findings(findings, lang, words=words)]
    print_parts(*body)


def _make_column_table(frame: pd.DataFrame, lang: str) -> Table:
    """List the columns with how many rows say something, and the first rows' values."""
    say = language.translator(lang).gettext
    row = say(N_("row"))
    table = make_plain_table(
        say(N_("column")), ">" + say(N_("filled")), *(f"{row} {n}" for n in (1, 2, 3))
    )
    rows = frame.reset_index()
    # The index is a column, too: somebody should see which ids were chosen.
    for column in rows.columns:
        if column == "geometry":
            continue
        values = [_shorten(_write_example(value)) for value in rows[column].head(3)]
        table.add_row(
            Text(printable(str(column)), style="bold"),
            Text(language.number(int(rows[column].notna().sum()), lang)),
            *(Text(printable(value)) for value in values),
        )
    return table


def _shorten(text: str) -> str:
    return text if len(text) <= WIDEST_VALUE else text[: WIDEST_VALUE - 1] + "…"


def _write_example(value: Any) -> str:
    """Write a value without the digits that arithmetic left behind: 6.100000000000001 is 6.1."""
    # A list is no scalar: pandas would answer for each of its values.
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)
