"""``mapserver join``: districts around and trails near each point of Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from rich.console import ConsoleRenderable
from rich.text import Text

from mapserver.city import join_city
from mapserver.commands.options import UserPath, city_option, lang_option, open_wished_city
from mapserver.commands.printing import format_thousandths, make_plain_table, print_parts
from mapserver.errors import N_, printable
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.joining.joined import Joined

DISTRICTS = "districts"
PROBLEM_WORDS = {
    "missing": N_("no place given"),
    "no place": N_("no place on earth"),
    "likely swapped": N_("likely swapped"),
    "outside": N_("far outside of the city"),
}


@click.command("join")
@click.argument("points", type=UserPath(path_type=Path))
@click.option("--layer", metavar="ID", help="The polygons to find around each point.")
@click.option("--nearest", metavar="ID", help="The layer to find the nearest of.")
@click.option("-k", "--k", "k", default=1, show_default=True, help="How many of these.")
@click.option(
    "--max-distance",
    "max_distance_m",
    type=float,
    default=50_000.0,
    show_default=True,
    metavar="METRES",
    help="How far they may be.",
)
@click.option("--out", required=True, type=UserPath(path_type=Path), help="The folder of answers.")
@click.option("--keep", metavar="NAME,...", help="Columns of the points to write; all else.")
@click.option("--crs", metavar="EPSG:N", help="CRS of columns x and y, or of files without one.")
@click.option(
    "--on-bad",
    type=click.Choice(["keep", "stop"]),
    default="keep",
    show_default=True,
    help="Rows without a usable place: keep them, marked, or stop at the first.",
)
@click.option("--scheduler", metavar="local|ADDRESS", help="Work on a Dask cluster.")
@city_option
@lang_option
def join_points(
    points: Path, out: Path, city: Path | None, lang: str, keep: str | None, **options: Any
) -> None:
    """Find districts around, and trails near, each point of Parquet files of any size.

    POINTS is a Parquet file or a folder of them: GeoParquet, or columns lon and lat (or x and y
    with --crs). OUT gets a file of answers for each. A join that was stopped goes on when it is
    called again; one over other data or with other options begins anew.

    \b
    Examples:
      mapserver join shops/ --layer districts --out answers/
      mapserver join shops.parquet --layer districts --nearest trails --out answers/
      mapserver join homes/ --nearest trails --k 3 --max-distance 2000 --out near/ --keep id
    """  # noqa: D301 -- click reads \b as a mark
    layer, nearest = options.pop("layer"), options.pop("nearest")
    # What nobody has said is not asked either: it would make no sense without --nearest.
    context = click.get_current_context()
    for name in ("k", "max_distance_m"):
        if context.get_parameter_source(name) is ParameterSource.DEFAULT:
            del options[name]
    wishes = options | {
        "within": layer or (None if nearest else DISTRICTS),
        "nearest": nearest,
        "keep": None
        if keep is None
        else [name for name in map(str.strip, keep.split(",")) if name],
    }
    # Nobody else has the city, so its frames can go before the points come.
    joined = join_city(lambda: open_wished_city(city, may_reopen=True), points, out, **wishes)
    print_joined(joined, lang)


def print_joined(joined: Joined, lang: str) -> None:
    """Print what came of a join; what is odd goes to standard error."""
    say = language.translator(lang).gettext
    for note in joined.notes:
        text = language.write_message(note.what, note.values, lang)
        click.echo(printable(f"mapserver: {text}"), err=True)
    if len(joined.bad):
        print_parts(*_list_bad_rows(joined, lang), to_stderr=True)
    speed = joined.new_rows / max(joined.seconds, 1e-3)
    values = {
        "path": joined.out,
        "rows": language.number(joined.rows, lang),
        "files": language.number(len(joined.parts), lang),
        "seconds": format_thousandths(joined.seconds, lang),
        "speed": language.number(round(speed), lang),
    }
    message = N_("{path}: rows: {rows}, files: {files}, {seconds} s, {speed} rows a second")
    if not joined.new_rows:
        # All was there already, so nothing was measured.
        message = N_("{path}: rows: {rows}, files: {files}, {seconds} s")
    table = make_plain_table(say(N_("layer")), ">" + say(N_("rows with an answer")))
    for layer, count in joined.answered.items():
        table.add_row(Text(printable(layer)), language.number(count, lang))
    print_parts(table, Text(printable(language.write_message(message, values, lang))))


def _list_bad_rows(joined: Joined, lang: str) -> list[ConsoleRenderable]:
    """List bad rows by kind, with the first of each."""
    say = language.translator(lang).gettext
    counted, number = ">" + say(N_("rows")), ">" + say(N_("row"))
    table = make_plain_table("problem", say(N_("bad rows")), counted, say(N_("first in")), number)
    for problem, rows, file, row in joined.bad.itertuples(index=False):
        word = say(PROBLEM_WORDS.get(problem, problem))
        numbers = (language.number(rows, lang), Text(printable(file)), language.number(row, lang))
        # First the value as the column has it, by which such rows are picked out.
        table.add_row(Text(printable(problem)), Text(word), *numbers)
    return [table]
