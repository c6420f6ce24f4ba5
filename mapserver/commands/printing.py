"""How commands print: tables, findings, and numbers, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import babel.numbers
from rich.console import Console, ConsoleRenderable
from rich.table import Table
from rich.text import Text

from mapserver.errors import N_, one_line, printable
from mapserver.model import OWN_WORDS, Words, find_phrases
from mapserver.settings import limits
from mapserver.text import language
from mapserver.text.findings import Finding, Severity

SEVERITIES = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.NOTE: N_("note"),
}
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
PIPED_WIDTH = 10_000
"""In a file there is no width to keep to, and a line that is cut would lose what matters."""


def print_parts(*parts: ConsoleRenderable, to_stderr: bool = False) -> None:
    """Print to the width of the terminal; into a pipe whole lines without blanks at their ends."""
    console = Console(highlight=False, emoji=False, stderr=to_stderr)
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    # Rich would fold lines at 80 characters and fill columns with blanks up to the last one.
    console.width = PIPED_WIDTH
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    console.out("\n".join(line.rstrip() for line in capture.get().splitlines()), highlight=False)


def make_plain_table(*headings: str) -> Table:
    """Make a table without lines; what a heading with ``>`` before it names is flush right."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        # Long values go on in the next line of their cell: nothing that names a file may be cut.
        justify: Literal["left", "right"] = "right" if heading.startswith(">") else "left"
        table.add_column(heading.removeprefix(">"), justify=justify, overflow="fold")
    return table


def list_findings(
    findings: list[Finding],
    lang: str,
    is_left_out: Callable[[Finding], bool] = lambda _: False,
    words: Words = OWN_WORDS,
) -> list[ConsoleRenderable]:
    """List what to print of findings: the first of them as a table, and how many there are more."""
    if not findings:
        return []
    table = make_findings_table(findings[: limits.MAX_TERMINAL_LINES], lang, is_left_out, words)
    return [table, *count_rest(len(findings), lang)]


def make_findings_table(
    findings: list[Finding],
    lang: str,
    is_left_out: Callable[[Finding], bool] = lambda _: False,
    words: Words = OWN_WORDS,
) -> Table:
    """Make a table of findings with their severity; or "left out", of a row that merely is."""
    say = find_phrases(words, lang).say
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        what, mend = finding.in_language(lang, say)
        # Texts of findings have no full stop, since they also stand in the middle of a line.
        what += "" if what.endswith(("?", ".")) else "."
        # What is said of the call as a whole stands in no file.
        place = printable(_write_place(finding, lang))
        text = Text.assemble(
            (place, "bold"),
            printable(f": {what} " if place else f"{what} "),
            (printable(mend), "italic"),
        )
        word = N_("left out") if is_left_out(finding) else SEVERITIES[finding.severity]
        severity = Text(say(word), style=STYLES[finding.severity])
        table.add_row(severity, text)
    return table


def count_rest(count: int, lang: str) -> list[Text]:
    """Return a line that counts what a list of so many entries leaves out, if it does."""
    if count <= limits.MAX_TERMINAL_LINES:
        return []
    text = language.write_message(
        N_("and {count} more"), {"count": count - limits.MAX_TERMINAL_LINES}, lang
    )
    return [Text(f"… {text}", style="dim")]


def write_finding(finding: Finding, lang: str, words: Words = OWN_WORDS) -> str:
    """Write a finding on one line: where, what, and how to mend it."""
    what, mend = finding.in_language(lang, find_phrases(words, lang).say)
    return one_line(what, _write_place(finding, lang), mend, {})


def _write_place(finding: Finding, lang: str) -> str:
    feature = language.write_place(finding.feature, lang)
    return f"{finding.file}, {feature}" if feature else finding.file


def format_thousandths(value: float, lang: str) -> str:
    """Format a number with three decimals, as its language writes them."""
    return babel.numbers.format_decimal(value, format="#,##0.000", locale=lang)
