"""``mapserver check``: what a city holds, and what is wrong with it."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import ConsoleRenderable
from rich.table import Table
from rich.text import Text

from mapserver import check
from mapserver.check.backdrop import check_tiles
from mapserver.commands.exit_codes import FOUND_ERRORS
from mapserver.commands.options import city_option, format_option, lang_option, open_wished_city
from mapserver.commands.printing import (
    format_thousandths,
    make_findings_table,
    make_plain_table,
    print_parts,
)
from mapserver.errors import N_, fill, printable
from mapserver.model import Snapshot, encode
from mapserver.settings import Settings
from mapserver.text import language
from mapserver.text.findings import Finding, Severity


@click.command("check")
@city_option
@format_option
@lang_option
def check_city(city: Path | None, style: str, lang: str) -> None:
    """Examine the data and say what is wrong, where, and how to mend it.

    Ends with 0 when there are no errors, 1 when there are, 2 when called wrongly.

    \b
    Example:
      mapserver check --city seogu --format json
    """  # noqa: D301 -- click reads \b as a mark
    opened = open_wished_city(city)
    tiles = check_tiles(Settings.from_environment(city=city))
    findings = check.in_order([*opened.check(), *tiles])
    # What was found goes to standard output in both styles: it is the answer of this command.
    if style == "json":
        click.echo(encode_check(opened, findings))
    else:
        print_check(opened, findings, lang)
    if any(finding.severity is Severity.ERROR for finding in findings):
        sys.exit(FOUND_ERRORS)


def print_check(city: Snapshot, findings: list[Finding], lang: str) -> None:
    """Print what a city holds and what is wrong with it."""
    say = language.translator(lang).gettext
    # Counts of kinds that do not occur are 0, and said.
    counts = Counter(finding.severity for finding in findings)
    total = fill(
        say(N_("errors: {errors}, warnings: {warnings}, notes: {notes}")),
        {
            "errors": counts[Severity.ERROR],
            "warnings": counts[Severity.WARNING],
            "notes": counts[Severity.NOTE],
        },
    )
    version = say(N_("version"))
    body: list[ConsoleRenderable] = [_make_layer_table(city, lang)]
    if findings:
        body += [Text(), make_findings_table(findings, lang, words=city.catalog.words)]
    # The folder of a city in a database is a temporary one, which nobody knows.
    place = city.data.label or city.path.resolve()
    print_parts(
        Text(printable(city.catalog.title.in_language(lang)), style="bold"),
        Text(
            printable(f"{place}  ·  {version} {city.version}"),
            style="dim",
        ),
        Text(),
        *body,
        Text(),
        Text(total),
    )


def encode_check(city: Snapshot, findings: list[Finding]) -> str:
    """Write what ``mapserver check`` found as JSON, English and complete."""
    # English whatever the language of the terminal: programs compare these texts.
    document = {
        "city": city.data.label or str(city.path),
        "version": city.version,
        "layers": [
            asdict(summary)
            | {
                "title": str(summary.title),
                "length_m": _round_known(summary.length_m, 1),
                "area_m2": _round_known(summary.area_m2, 0),
            }
            for summary in check.summarise(city)
        ],
        "findings": [
            {
                "severity": finding.severity,
                "code": finding.code,
                "file": finding.file,
                "feature": finding.feature,
                "what": finding.message,
                "mend": fill(finding.mend, finding.values),
            }
            for finding in findings
        ],
    }
    return encode(document).decode()


def _make_layer_table(city: Snapshot, lang: str) -> Table:
    say = language.translator(lang).gettext
    table = make_plain_table(
        say(N_("layer")),
        say(N_("file")),
        ">" + say(N_("features")),
        say(N_("geometry")),
        say(N_("CRS")),
        ">" + say(N_("length")),
        ">" + say(N_("area")),
        "",
    )
    for row in check.summarise(city):
        table.add_row(
            Text(printable(row.title.in_language(lang))),
            Text(printable(row.file)),
            Text(language.number(row.features, lang)),
            Text(row.geometry),
            Text(printable(row.crs)),
            Text(_write_measure(row.length_m, 1e3, "km", lang)),
            Text(_write_measure(row.area_m2, 1e6, "km²", lang)),
            Text(say(N_("sample")) if row.sample else ""),
        )
    return table


def _round_known(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _write_measure(value: float | None, divisor: float, unit: str, lang: str) -> str:
    """Write a length or an area in a larger unit; nothing where none is known."""
    return "" if value is None else f"{format_thousandths(value / divisor, lang)} {unit}"
