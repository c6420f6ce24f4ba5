"""``mapserver nearest`` and ``mapserver locate``: questions about a point, or a file of points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import geopandas as gpd
from rich.table import Table
from rich.text import Text

from mapserver import tables
from mapserver.commands.options import (
    UserPath,
    city_option,
    format_option,
    lang_option,
    open_wished_city,
)
from mapserver.commands.printing import make_plain_table, print_parts, write_finding
from mapserver.errors import N_, printable
from mapserver.model import Features, Snapshot, encode
from mapserver.text import language
from mapserver.writers import answers

NUMBERS = (">distance_m", ">walk_min", ">bearing_deg", ">nearest_lon", ">nearest_lat")
"""Columns of what was measured, flush right."""


@dataclass(frozen=True, slots=True)
class Question:
    """The words of a question: one point, or a file of points and one for the answers.

    Attributes
    ----------
    lon, lat
        The point in degrees.
    city
        The city folder, where it is said.
    layer
        Id of the layer that is asked.
    points, out
        The file of points, and that for their answers.
    style
        ``text`` or ``json``.
    lang
        Language of what is printed.
    """

    lon: float | None
    lat: float | None
    city: Path | None
    layer: str
    points: Path | None
    out: Path | None
    style: str
    lang: str

    def require_one_form(self) -> None:
        """Refuse words that ask for a point and for a file, or for half of either."""
        is_of_one_point = self.lon is not None and self.lat is not None
        is_of_a_file = self.points is not None and self.out is not None
        is_half_a_file = (self.points is None) != (self.out is None)
        if is_of_one_point == is_of_a_file or is_half_a_file:
            usage = N_("Give either LON LAT, or --points FILE and --out FILE.")
            raise click.UsageError(language.write_message(usage, {}, self.lang))


@click.command("nearest", context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@city_option
@click.option("--layer", default="trails", show_default=True, help="The layer to search.")
@click.option("-k", "k", default=1, show_default=True, help="How many features.")
@click.option("--max-distance", type=float, metavar="METRES", help="Leave out what is farther.")
@click.option("--points", type=UserPath(path_type=Path), help="A file of points to ask for.")
@click.option("--out", type=UserPath(path_type=Path), help="The file for their answers.")
@format_option
@lang_option
def answer_nearest(k: int, max_distance: float | None, **words: Any) -> None:
    """Find what is nearest to a point, or to each point of a file.

    \b
    Examples:
      mapserver nearest 126.8526 35.1467 -k 3
      mapserver nearest --points schools.csv --out answers.csv
    """  # noqa: D301 -- click reads \b as a mark
    question = Question(**words)
    # Before the city is opened, which may take seconds.
    question.require_one_form()
    city = open_wished_city(question.city)
    wishes: dict[str, Any] = {"layer": question.layer, "k": k, "max_distance_m": max_distance}
    if question.points and question.out:
        points = _read_points(city, question.points, question.lang)
        tables.write(city.nearest(points, **wishes), question.out)
        return
    nearest = city.find_nearest(question.lon, question.lat, **wishes)  # type: ignore[arg-type]  # checked: a place, if no table
    # On standard error, so that what is piped on holds the answer alone.
    _report_far_places(city, [question.lon], [question.lat], question.lang)
    features = answers.describe_nearest(Features(city.layers[question.layer]), nearest)
    if question.style == "json":
        click.echo(encode({"type": "FeatureCollection", "features": features}).decode())
    else:
        print_nearest(features, question.lang)


@click.command("locate", context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@city_option
@click.option("--layer", default="districts", show_default=True, help="The layer, for --points.")
@click.option("--points", type=UserPath(path_type=Path), help="A file of points to ask for.")
@click.option("--out", type=UserPath(path_type=Path), help="The file for their answers.")
@format_option
@lang_option
def answer_locate(**words: Any) -> None:
    """Find in which district, neighbourhood and zone a point lies, or each point of a file.

    \b
    Examples:
      mapserver locate 126.8526 35.1467
      mapserver locate --points shops.csv --out shops-with-district.csv
    """  # noqa: D301 -- click reads \b as a mark
    question = Question(**words)
    question.require_one_form()
    city = open_wished_city(question.city)
    if question.points and question.out:
        points = _read_points(city, question.points, question.lang)
        tables.write(city.join(points, layer=question.layer), question.out)
        return
    answer = answers.describe_location(city.locate(question.lon, question.lat))  # type: ignore[arg-type]  # checked as above
    _report_far_places(city, [question.lon], [question.lat], question.lang)
    if question.style == "json":
        click.echo(encode(answer).decode())
    else:
        print_location(answer, question.lang)


def _read_points(city: Snapshot, path: Path, lang: str) -> gpd.GeoDataFrame:
    """Read a file of points; what was left out, and what lies far away, goes to standard error."""
    points, findings = tables.read_points(path)
    words = city.catalog.words
    for finding in findings:
        click.echo(f"mapserver: {write_finding(finding, lang, words)}", err=True)
    places = points.geometry.get_coordinates()
    _report_far_places(city, places["x"], places["y"], lang, path.name)
    return points


def _report_far_places(city: Snapshot, lons: Any, lats: Any, lang: str, file: str = "") -> None:
    """Write to standard error how far outside of the city places lie, if that is far."""
    finding = answers.find_far_places(city, lons, lats, file)
    if finding is not None:
        click.echo(f"mapserver: {write_finding(finding, lang, city.catalog.words)}", err=True)


def print_nearest(features: list[dict[str, Any]], lang: str) -> None:
    """Print what is nearest, one line a feature."""
    if not features:
        message = N_("Nothing within that distance.")
        print_parts(Text(language.write_message(message, {}, lang)))
        return
    table = make_plain_table("id", "name", *NUMBERS)
    for feature in features:
        properties = feature["properties"]
        values = (
            feature["id"],
            properties.get("name"),
            *(properties[name.removeprefix(">")] for name in NUMBERS),
        )
        table.add_row(*(Text("" if value is None else printable(value)) for value in values))
    print_parts(table)


def print_location(answer: dict[str, Any], lang: str) -> None:
    """Print what lies at a point, one line a fact."""
    say = language.translator(lang).gettext
    table = Table.grid(padding=(0, 2))
    districts = ", ".join(_name_place(d) or "" for d in answer["districts"])
    rows = {
        "in_city": say(N_("yes")) if answer["in_city"] else say(N_("no")),
        "districts": districts or say(N_("none")),
        "neighborhood": _name_place(answer["neighborhood"]),
        "zone": _name_place(answer["zone"]),
        "nearest_district": _name_place(answer["nearest_district"]),
        "border_distance_m": answer["border_distance_m"],
    }
    # A city without such a layer has no word about it.
    for name, value in rows.items():
        if value is not None:
            table.add_row(Text(name, style="dim"), Text(printable(value)))
    print_parts(table)


def _name_place(place: dict[str, Any] | None) -> str | None:
    if place is None:
        return None
    return f"{place['name']} ({place['id']})" if place["name"] else str(place["id"])
