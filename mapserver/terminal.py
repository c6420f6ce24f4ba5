"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import babel.numbers
from rich.console import Console, ConsoleRenderable
from rich.table import Table
from rich.text import Text

from mapserver import check, language
from mapserver.city import City
from mapserver.errors import N_, fill, printable
from mapserver.features import encode
from mapserver.findings import Finding, Severity

SEVERITIES = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.NOTE: N_("note"),
}
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
# Piped into a file there is no width to keep to, and a cut line would lose what matters.
PIPED_WIDTH = 10_000


def print_check(city: City, findings: list[Finding], lang: str) -> None:
    """Print what a city holds and what is wrong with it."""
    say = language.translator(lang).gettext
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
    body: list[ConsoleRenderable] = [_layers(city, lang)]
    if findings:
        body += [Text(), _findings(findings, lang)]
    _print(
        Text(printable(city.catalog.title.in_language(lang)), style="bold"),
        Text(printable(f"{city.path.resolve()}  ·  {version} {city.version}"), style="dim"),
        Text(),
        *body,
        Text(),
        Text(total),
    )


def check_json(city: City, findings: list[Finding]) -> str:
    """Write what ``mapserver check`` found as JSON, English and complete."""
    document = {
        "city": str(city.path),
        "version": city.version,
        "layers": [
            asdict(summary)
            | {
                "title": summary.title.in_language("en"),
                "length_m": _rounded(summary.length_m, 1),
                "area_m2": _rounded(summary.area_m2, 0),
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


def print_nearest(features: list[dict[str, Any]]) -> None:
    """Print what is nearest, one line a feature."""
    if not features:
        _print(Text("Nothing within that distance."))
        return
    table = _table(
        "id", "name", ">distance_m", ">walk_min", ">bearing_deg", ">nearest_lon", ">nearest_lat"
    )
    for feature in features:
        about = feature["properties"]
        table.add_row(
            *(
                Text("" if value is None else printable(value))
                for value in (
                    feature["id"],
                    about.get("name"),
                    *(
                        about[n]
                        for n in (
                            "distance_m",
                            "walk_min",
                            "bearing_deg",
                            "nearest_lon",
                            "nearest_lat",
                        )
                    ),
                )
            )
        )
    _print(table)


def print_location(answer: dict[str, Any]) -> None:
    """Print what lies at a point, one line a fact."""
    table = Table.grid(padding=(0, 2))
    districts = ", ".join(f"{d['name']} ({d['id']})" for d in answer["districts"])
    rows = {
        "in_city": "yes" if answer["in_city"] else "no",
        "districts": districts or "none",
        "neighborhood": _named(answer["neighborhood"]),
        "zone": _named(answer["zone"]),
        "nearest_district": _named(answer["nearest_district"]),
        "border_distance_m": answer["border_distance_m"],
    }
    for name, value in rows.items():
        if value is not None:
            table.add_row(Text(name, style="dim"), Text(printable(value)))
    _print(table)


def _named(place: dict[str, Any] | None) -> str | None:
    return None if place is None else f"{place['name']} ({place['id']})"


def _layers(city: City, lang: str) -> Table:
    say = language.translator(lang).gettext
    table = _table(
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
            Text("" if row.length_m is None else f"{_thousandths(row.length_m / 1e3, lang)} km"),
            Text("" if row.area_m2 is None else f"{_thousandths(row.area_m2 / 1e6, lang)} km²"),
            Text(say(N_("sample")) if row.sample else ""),
        )
    return table


def _findings(findings: list[Finding], lang: str) -> Table:
    say = language.translator(lang).gettext
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        place = f"{finding.file}, {finding.feature}" if finding.feature else finding.file
        what = fill(say(finding.what), finding.values)
        what += "" if what.endswith("?") else "."
        mend = fill(say(finding.mend), finding.values) if finding.mend else ""
        text = Text.assemble(
            (printable(place), "bold"), printable(f": {what} "), (printable(mend), "italic")
        )
        severity = Text(say(SEVERITIES[finding.severity]), style=STYLES[finding.severity])
        table.add_row(severity, text)
    return table


def _thousandths(value: float, lang: str) -> str:
    return babel.numbers.format_decimal(value, format="#,##0.000", locale=lang)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        right = heading.startswith(">")
        table.add_column(
            heading.removeprefix(">"), justify="right" if right else "left", overflow="fold"
        )
    return table


def _print(*parts: ConsoleRenderable) -> None:
    """Print to the width of the terminal; into a pipe whole lines without blanks at their ends."""
    console = Console(highlight=False, emoji=False)
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    console.width = PIPED_WIDTH
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    console.out("\n".join(line.rstrip() for line in capture.get().splitlines()), highlight=False)
