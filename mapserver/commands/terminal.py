"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import babel.numbers
import click
import numpy as np
import pandas as pd
import shapely
from rich.console import Console, ConsoleRenderable
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, track
from rich.table import Table
from rich.text import Text

from mapserver import check
from mapserver.city import City
from mapserver.errors import N_, fill, one_line, printable
from mapserver.geo import extent
from mapserver.model import encode
from mapserver.text import language
from mapserver.text.findings import Finding, Severity

if TYPE_CHECKING:
    from mapserver.importing import Plan
    from mapserver.web.static_site import WrittenSite
    from mapserver.writers.export import Exported

SEVERITIES = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.NOTE: N_("note"),
}
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
# Piped into a file there is no width to keep to, and a cut line would lose what matters.
PIPED_WIDTH = 10_000
MOST_LINES = 30
FEW_NAMES = 6

T = TypeVar("T")


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


def print_nearest(features: list[dict[str, Any]], lang: str) -> None:
    """Print what is nearest, one line a feature."""
    if not features:
        nothing = N_("Nothing within that distance.")
        _print(Text(language.write_message(nothing, {}, lang)))
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


def print_location(answer: dict[str, Any], lang: str) -> None:
    """Print what lies at a point, one line a fact."""
    say = language.translator(lang).gettext
    table = Table.grid(padding=(0, 2))
    districts = ", ".join(_named(d) or "" for d in answer["districts"])
    rows = {
        "in_city": say(N_("yes")) if answer["in_city"] else say(N_("no")),
        "districts": districts or say(N_("none")),
        "neighborhood": _named(answer["neighborhood"]),
        "zone": _named(answer["zone"]),
        "nearest_district": _named(answer["nearest_district"]),
        "border_distance_m": answer["border_distance_m"],
    }
    for name, value in rows.items():
        if value is not None:
            table.add_row(Text(name, style="dim"), Text(printable(value)))
    _print(table)


def progress(files: Sequence[T]) -> Iterable[T]:
    """Pass files on, with a bar on a terminal when there are several; quiet when piped."""
    console = Console(stderr=True)
    quiet = not console.is_terminal or len(files) < 2
    return track(files, "", console=console, transient=True, disable=quiet)


@contextmanager
def running() -> Iterator[Callable[[str, float], None]]:
    """Show on a terminal what runs and how far it is; piped, write a line when each is done.

    A report takes minutes: who reads its messages in a file sees which notebook took how long.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        with _lines() as told:
            yield told
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def told(name: str, share: float) -> None:
            if name not in tasks:
                for task in tasks.values():
                    bars.update(task, completed=1)
                tasks[name] = bars.add_task(escape(printable(name)), total=1)
            bars.update(tasks[name], completed=share)

        yield told


@contextmanager
def _lines() -> Iterator[Callable[[str, float], None]]:
    """Write a line to standard error for each thing that was run, with its seconds."""
    begun: dict[str, float] = {}

    def finish() -> None:
        for name, start in begun.items():
            click.echo(f"{printable(name)}: {time.monotonic() - start:.1f} s", err=True)
        begun.clear()

    def told(name: str, _: float) -> None:
        if name not in begun:
            finish()
            begun[name] = time.monotonic()

    yield told
    finish()


def print_plan(plan: Plan, lang: str) -> None:
    """Print what adding files would do: what was concluded and why, columns, rows, and a map."""
    say = language.translator(lang).gettext
    parts = _table(
        say(N_("file")),
        ">" + say(N_("features")),
        ">" + say(N_("left out")),
        say(N_("CRS")),
        say(N_("encoding")),
    )
    for part in plan.parts[:MOST_LINES]:
        parts.add_row(
            Text(printable(part.name)),
            Text(language.number(len(part.frame), lang)),
            Text(language.number(part.left_out, lang)),
            Text(printable(f"{part.crs} ({say(part.crs_from)})")),
            Text(printable(f"{part.encoding} ({say(part.encoding_from)})")),
        )
    body: list[ConsoleRenderable] = [parts, *_more(len(plan.parts), say)]
    filled = dict.fromkeys(text for part in plan.parts for text in part.columns)
    heading = say(N_("filled"))
    body += [Text(printable(f"{heading}: {', '.join(filled)}"))] if filled else []
    body += [Text(), _columns(plan.frame, say, lang), Text(), _sketch(plan, say)]
    if plan.findings:
        body += [Text(), _findings(plan.findings[:MOST_LINES], lang, plan.leaves_out)]
        body += _more(len(plan.findings), say)
    _print(*body)


def print_dry_run(plan: Plan, lang: str) -> None:
    """Print that nothing was written, and how many features would be."""
    count = len(plan.frame)
    text = language.translator(lang).ngettext(
        "{count} feature would be added; nothing was written (--dry-run).",
        "{count} features would be added; nothing was written (--dry-run).",
        count,
    )
    said = fill(text, {"count": language.number(count, lang)})
    _print(Text(), Text(printable(said), style="bold"))


def print_added(plan: Plan, written: list[str], findings: list[Finding], lang: str) -> None:
    """Print what was written, and what the check says of it."""
    say = language.translator(lang).gettext
    names = written if len(written) <= FEW_NAMES else [*written[:FEW_NAMES], "…"]
    count = len(plan.frame)
    text = language.translator(lang).ngettext(
        "{count} feature added; written: {files}. The originals are in originals/.",
        "{count} features added; written: {files}. The originals are in originals/.",
        count,
    )
    done = fill(text, {"count": language.number(count, lang), "files": ", ".join(names)})
    body: list[ConsoleRenderable] = [Text(), Text(printable(done), style="bold")]
    if plan.failures:
        counted = {"count": len(plan.failures)}
        refused = fill(say(N_("files that could not be used: {count}")), counted)
        body.append(Text(refused, style="bold red"))
    if findings:
        body += [Text(), _findings(findings[:MOST_LINES], lang), *_more(len(findings), say)]
    _print(*body)


def print_exported(done: Exported, lang: str) -> None:
    """Print what was written; what the format could not hold goes to standard error."""
    say = language.translator(lang).gettext
    if done.findings:
        shown = done.findings[:MOST_LINES]
        _print(_findings(shown, lang), *_more(len(done.findings), say), to_stderr=True)
    counts = {
        "path": done.path,
        "layers": language.number(len(done.rows), lang),
        "rows": language.number(sum(done.rows.values()), lang),
        "files": language.number(len(done.files), lang),
        "size": f"{_thousandths(done.size_bytes / 1e6, lang)} MB",
    }
    said = say(N_("{path}: layers: {layers}, rows: {rows}, files: {files}, {size}"))
    _print(Text(printable(fill(said, counts))))


@contextmanager
def counting() -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many files are written; quiet when piped."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as shown:
        yield lambda count: shown.update(str(count))


def print_site(done: WrittenSite, lang: str) -> None:
    """Print how large a site is and how long it knows the states; what was left out, before."""
    say = language.translator(lang).gettext
    if done.findings:
        shown = done.findings[:MOST_LINES]
        _print(_findings(shown, lang), *_more(len(done.findings), say), to_stderr=True)
    counts = {
        "path": done.path,
        "files": language.number(done.files, lang),
        "size": f"{_thousandths(done.size_bytes / 1e6, lang)} MB",
        "day": done.last_day,
    }
    said = say(N_("{path}: files: {files}, {size}; the states of trails are known until {day}"))
    _print(Text(printable(fill(said, counts))))


def _more(count: int, say: Callable[[str], str]) -> list[Text]:
    if count <= MOST_LINES:
        return []
    text = fill(say(N_("and {count} more")), {"count": count - MOST_LINES})
    return [Text(f"… {text}", style="dim")]


def _columns(frame: pd.DataFrame, say: Callable[[str], str], lang: str) -> Table:
    """List the columns with how many rows say something, and the first rows' values."""
    row = say(N_("row"))
    table = _table(say(N_("column")), ">" + say(N_("filled")), *(f"{row} {n}" for n in (1, 2, 3)))
    rows = frame.reset_index()
    for column in rows.columns:
        if column == "geometry":
            continue
        values = [_brief(v) for v in rows[column].head(3)]
        table.add_row(
            Text(printable(str(column)), style="bold"),
            Text(language.number(int(rows[column].notna().sum()), lang)),
            *(Text(printable(v if len(v) <= 28 else v[:27] + "…")) for v in values),
        )
    return table


def _brief(value: Any) -> str:
    """Write a value without the digits that arithmetic left behind: 6.100000000000001 is 6.1."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _sketch(plan: Plan, say: Callable[[str], str]) -> Text:
    """Draw where it lies, and the bounds of the city, in characters."""
    wide, high = 56, 16
    x, y = shapely.get_coordinates(plan.frame.geometry.to_numpy()).T
    if not len(x):
        return Text()
    lies = extent.find_bounds(plan.frame.geometry.to_numpy()) or (0.0, 0.0, 0.0, 0.0)
    box = extent.unwrap_box(plan.city_box or lies)
    x = extent.unwrap(x, (box[0] + box[2]) / 2)  # so that both sides of 180 degrees meet
    # A stray point must not shrink the rest to a dot.
    shown = (
        box
        if plan.city_box
        else (
            *np.quantile([x, y], 0.01, axis=1),
            *np.quantile([x, y], 0.99, axis=1),
        )
    )
    room = max(shown[2] - shown[0], shown[3] - shown[1], 1e-4) * 0.08
    west, south, east, north = np.add(shown, (-room, -room, room, room))
    size = max((east - west) / wide, (north - south) / high / 1.6, 1e-9)

    def place(lon: Any, lat: Any) -> tuple[Any, Any]:
        column = np.clip(((lon - west) / size).astype(int), 0, wide - 1)
        return column, np.clip(((north - lat) / size / 1.6).astype(int), 0, high - 1)

    cells = np.full((high, wide), " ")
    if plan.city_box is not None:
        left, bottom, right, top = box
        (c1, c2), (r1, r2) = place(np.array([left, right]), np.array([top, bottom]))
        cells[[r1, r2], c1 : c2 + 1] = "·"
        cells[r1 : r2 + 1, [c1, c2]] = "·"
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    column, row = place(x[inside], y[inside])
    counts = np.zeros((high, wide), int)
    np.add.at(counts, (row, column), 1)
    # Four shades, each for twice and twice again as many vertices.
    steps = np.quantile(counts[counts > 0], [0.5, 0.8]) if counts.any() else [1, 2]
    shade = np.searchsorted(steps, counts, side="left")
    cells = np.where(counts > 0, np.array(["░", "▒", "▓"])[np.clip(shade, 0, 2)], cells)
    legend = say(N_("where it lies; dots: the bounds of the city"))
    bounds = f"{lies[0]:.4f}, {lies[1]:.4f} – {lies[2]:.4f}, {lies[3]:.4f}"
    lines = ["".join(line).rstrip() for line in cells]
    while lines and not lines[-1]:
        lines.pop()
    return Text("\n".join([*lines, f"{legend}  ({bounds})"]), style="dim")


def _named(place: dict[str, Any] | None) -> str | None:
    if place is None:
        return None
    return f"{place['name']} ({place['id']})" if place["name"] else str(place["id"])


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


def _findings(
    findings: list[Finding],
    lang: str,
    is_left_out: Callable[[Finding], bool] = lambda _: False,
) -> Table:
    """List findings by severity; of a row that is merely left out that is said in place of it."""
    say = language.translator(lang).gettext
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        feature = language.write_place(finding.feature, lang)
        place = f"{finding.file}, {feature}" if feature else finding.file
        what, mend = finding.in_language(lang)
        what += "" if what.endswith(("?", ".")) else "."
        text = Text.assemble(
            (printable(place), "bold"), printable(f": {what} "), (printable(mend), "italic")
        )
        word = N_("left out") if is_left_out(finding) else SEVERITIES[finding.severity]
        severity = Text(say(word), style=STYLES[finding.severity])
        table.add_row(severity, text)
    return table


def write_finding(finding: Finding, lang: str) -> str:
    """Write a finding on one line: where, what, and how to mend it."""
    feature = language.write_place(finding.feature, lang)
    place = f"{finding.file}, {feature}" if feature else finding.file
    what, mend = finding.in_language(lang)
    return one_line(what, place, mend, {})


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


def _print(*parts: ConsoleRenderable, to_stderr: bool = False) -> None:
    """Print to the width of the terminal; into a pipe whole lines without blanks at their ends."""
    console = Console(highlight=False, emoji=False, stderr=to_stderr)
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    console.width = PIPED_WIDTH
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    console.out("\n".join(line.rstrip() for line in capture.get().splitlines()), highlight=False)
