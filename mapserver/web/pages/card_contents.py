"""What the cards of a city say and show: trails, districts, neighbourhoods, the city itself."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import shapely

from mapserver.drawing.card import Picture, Shape, ShareCard
from mapserver.drawing.outline import choose_tints, write_svg
from mapserver.errors import N_, fill
from mapserver.geo.heights import project_shapes
from mapserver.model import Role, Snapshot
from mapserver.settings import page_colors, palette
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.languages import LANGUAGES
from mapserver.web.pages.content import has_sample
from mapserver.web.pages.listed import ListedFeature, ListedTrail
from mapserver.web.pages.site import Site

DAY = page_colors.DAY
"""A card is light, whatever the screen that it is seen on."""
TINTS = (DAY["m-0"], DAY["m-1"], DAY["m-2"], DAY["m-3"])
"""Neighbourhoods: no two neighbours alike."""
GLOW = 0.22
"""How much of the light about a trail is seen."""
CHOSEN = 0.2
"""How much of its colour the inside of what a card is about has."""
AREA_MARGIN, DISTRICT_MARGIN = 0.3, 1.2
"""What is seen about a neighbourhood, and about a district, as a share of its longer side."""
WIDE = 0.66
"""Height of the outline of a place as a share of its width, at most: it stands above the words."""
NOWHERE = (0.0, 0.0, 1.0, 1.0)

Box = tuple[float, float, float, float]


class CardWords(NamedTuple):
    """The words of a card, as :class:`~mapserver.drawing.share_card.ShareCard` has them."""

    name: str
    place: str
    facts: tuple[tuple[str, str], ...]
    marks: tuple[tuple[str, str], ...]
    note: str


def describe_card(site: Site, place: ListedFeature | None = None) -> ShareCard:
    """Return what a card says and shows.

    Parameters
    ----------
    site
        The pages of the city in one language.
    place
        The trail, district or other feature that the card is about; None for the city.
    """
    return ShareCard(
        brand=site.title,
        **_choose_words(site, place)._asdict(),
        picture=_choose_picture(site, place),
        is_right_to_left=LANGUAGES[site.lang].direction == "rtl",
        has_feet=site.city.is_barefoot,
    )


def describe_picture(site: Site, place: ListedFeature | None = None) -> str:
    """Return what a card says in one line, for those who do not see it."""
    words = _choose_words(site, place)
    facts = [f"{label} {value}" for label, value in words.facts]
    marks = [word for _, word in words.marks]
    return _join(words.name or site.title, words.place, *facts, *marks, words.note)


def _choose_words(site: Site, place: ListedFeature | None) -> CardWords:
    note = _write_note(site, place)
    if place is None:
        return CardWords("", "", _list_city_facts(site), (), note)
    role = site.city.entry(place.layer).role
    if role is Role.TRAILS:
        line = _join(place.area, _read_surface(site, place))
        facts, marks = _list_trail_facts(site, place), _list_marks(site, place)
        return CardWords(place.name, line, facts, marks, note)
    # The kind of a thing is said with its name: a district is often called like its road.
    line = _join(site.heading(role), place.area)
    return CardWords(place.name, line, _list_area_facts(site, place), (), note)


def draw_outline(site: Site, place: ListedFeature | None, *, is_dark: bool) -> bytes:
    """Draw what pages without script show in place of the map, as SVG.

    Parameters
    ----------
    site, place
        As for :func:`describe_card`.
    is_dark
        Whether it is for a screen that wants it dark.
    """
    label = place.name if place else site.title
    night = _list_night_colors()
    recolor = (lambda color: night.get(color, color)) if is_dark else str
    tallest = 1.25 if place is None else WIDE
    return write_svg(_choose_picture(site, place), label, recolor, tallest=tallest)


def _list_night_colors() -> dict[str, str]:
    """Return for each colour of a picture the one that stands for it at night."""
    by_day, at_night = page_colors.DAY, page_colors.NIGHT
    names = [name for name in by_day if name.startswith(("m-", "t-"))]
    night = {by_day[name]: at_night[name] for name in names if name in at_night}
    for name in ("clay", "m-shop"):
        inside = [
            palette.mix_colors(each[name], each["m-0"], CHOSEN) for each in (by_day, at_night)
        ]
        night |= {by_day[name]: at_night[name], inside[0]: inside[1]}
    # The edges of neighbourhoods and of lines are both white by day.
    return night | {by_day["m-border"]: at_night["m-border"]}


def _choose_picture(site: Site, place: ListedFeature | None) -> Picture:
    if place is None:
        return draw_city(site.city)
    is_trail = site.city.entry(place.layer).role is Role.TRAILS
    return _draw_trail(site, place) if is_trail else _draw_area(site.city, place)


def _join(*words: str) -> str:
    return " · ".join(filter(None, words))


# -- words ---------------------------------------------------------------------------------------


def _list_city_facts(site: Site) -> tuple[tuple[str, str], ...]:
    counts = [(role, len(site.places(role))) for role in (Role.TRAILS, Role.DISTRICTS)]
    return tuple(
        (site.heading(role), site.count_in_words(count)) for role, count in counts if count
    )


def _list_trail_facts(site: Site, place: ListedFeature) -> tuple[tuple[str, str], ...]:
    rows = dict(place.caption.rows)
    width = site.say(N_("Width"))
    facts = [(site.say(N_("Length")), place.caption.figure), (width, rows.get(width, ""))]
    return tuple((label, value) for label, value in facts if value)


def _list_area_facts(site: Site, place: ListedFeature) -> tuple[tuple[str, str], ...]:
    """Return how many trails and districts a neighbourhood has, or how many shops a district."""
    role = site.city.entry(place.layer).role
    if role is Role.DISTRICTS:
        count = site.shops.counts.get(place.id)
        shops = [] if count is None else [(site.say(N_("Shops")), site.count_in_words(count.shops))]
        return tuple(shops if count is not None and count.shops else [])
    if role is not Role.NEIGHBORHOODS:
        return ()
    counts = [
        (inner, len(site.places_in(inner, place.id))) for inner in (Role.TRAILS, Role.DISTRICTS)
    ]
    return tuple(
        (site.heading(inner), site.count_in_words(count)) for inner, count in counts if count
    )


def _read_surface(site: Site, place: ListedFeature) -> str:
    return language.word(read_cell_text(place.row.get("surface")), site.lang)


def _find_trail(site: Site, place: ListedFeature) -> ListedTrail:
    return next(trail for trail in site.trails if trail.place.id == place.id)


def _list_marks(site: Site, place: ListedFeature) -> tuple[tuple[str, str], ...]:
    """Return what is known to stand along a trail; what is unknown or missing is not on a card."""
    trail = _find_trail(site, place)
    marks = (
        ("foot_wash", site.say(N_("Foot wash")), trail.foot_wash),
        ("toilet", site.say(N_("Toilet")), trail.toilet),
        ("light", site.say(N_("Lighting")), trail.light),
    )
    return tuple((kind, word) for kind, word, is_there in marks if is_there)


def _write_note(site: Site, place: ListedFeature | None) -> str:
    """Write the season of a trail, and whether what the card shows is made up."""
    season, city = "", site.city
    if place is not None and city.entry(place.layer).role is Role.TRAILS:
        season = site.trail(place.id).season
        if season:
            season = fill(site.say(N_("Season: {season}")), {"season": season})
    is_sample = has_sample(city) if place is None else city.entry(place.layer).sample
    return _join(season, site.say(N_("Sample data")) if is_sample else "")


# -- pictures ------------------------------------------------------------------------------------


def _project(city: Snapshot, layer: str) -> gpd.GeoSeries:
    """Return the places of a layer in the city's plane in metres; those without one left out."""
    frame = city.layers[layer]

    def project() -> gpd.GeoSeries:
        shapes = frame.geometry[~(frame.geometry.isna() | frame.geometry.is_empty)]
        return project_shapes(shapes, city.metric_crs)

    return city.derived.get(("card", layer), (frame,), project)


def _project_role(city: Snapshot, role: Role) -> gpd.GeoSeries:
    layer = city.layer_of(role)
    return gpd.GeoSeries([], crs=4326) if layer is None else _project(city, layer)


def _find_bounds(shapes: gpd.GeoSeries) -> Box:
    if shapes.empty:
        return NOWHERE
    west, south, east, north = map(float, shapes.total_bounds)
    return west, south, east, north


def _draw_trail(site: Site, place: ListedFeature) -> Picture:
    """Return the picture of a trail: its own line on the colour of its ground."""
    lines = _project(site.city, place.layer)
    if place.id not in lines.index:
        return draw_city(site.city)
    line = lines.loc[place.id]
    kind = _find_trail(site, place).ground
    ground, color = DAY[f"t-{kind}"], DAY[f"t-{kind}-line"]
    start = shapely.get_coordinates(line)[0]
    west, south, east, north = map(float, line.bounds)
    return Picture(
        ground=ground,
        frame=(west, south, east, north),
        shapes=(Shape(line, edge=color, width_px=14),),
        glow=line,
        glow_color=palette.mix_colors(color, ground, GLOW),
        dots=((float(start[0]), float(start[1])),),
        dot_color=color,
    )


def draw_city(city: Snapshot) -> Picture:
    """Return the picture of a city: its neighbourhoods, and its trails on them."""
    land, trails = _project_role(city, Role.NEIGHBORHOODS), _project_role(city, Role.TRAILS)
    return Picture(
        ground=DAY["m-0"] if land.empty else DAY["m-out"],
        frame=_find_bounds(trails if land.empty else land),
        shapes=(*_tint_land(land), *_list_trails(trails, 5)),
        dots=tuple(_list_starts(trails)),
        dot_color=DAY["m-trail"],
    )


def _draw_area(city: Snapshot, place: ListedFeature) -> Picture:
    """Return the picture of a district, a neighbourhood or any other feature, and what is about."""
    shapes = _project(city, place.layer)
    if place.id not in shapes.index:
        return draw_city(city)
    area, role = shapes.loc[place.id], city.entry(place.layer).role
    land, trails = _project_role(city, Role.NEIGHBORHOODS), _project_role(city, Role.TRAILS)
    is_neighborhood = role is Role.NEIGHBORHOODS
    edge = DAY["clay" if is_neighborhood else "m-shop"]
    inside = palette.mix_colors(edge, DAY["m-0"], CHOSEN)
    west, south, east, north = map(float, area.bounds)
    margin = (AREA_MARGIN if is_neighborhood else DISTRICT_MARGIN) * max(east - west, north - south)
    middle = ((west + east) / 2, (south + north) / 2)
    return Picture(
        ground=DAY["m-0"] if land.empty else DAY["m-out"],
        frame=(west - margin, south - margin, east + margin, north + margin),
        shapes=(
            *_tint_land(land),
            *(Shape(area, fill=DAY["m-grain"]) for area in _project_role(city, Role.DISTRICTS)),
            Shape(area, fill=inside, edge=edge, width_px=4),
            *_list_trails(trails, 7),
        ),
        dots=(middle,) if area.geom_type in {"Point", "MultiPoint"} else (),
        dot_color=edge,
    )


def _list_trails(trails: gpd.GeoSeries, width_px: int) -> list[Shape]:
    color, casing = DAY["m-trail"], DAY["m-border"]
    return [Shape(line, edge=color, width_px=width_px, casing=casing) for line in trails]


def _list_starts(trails: gpd.GeoSeries) -> list[tuple[float, float]]:
    starts = [shapely.get_coordinates(line)[0] for line in trails]
    return [(float(x), float(y)) for x, y in starts]


def _tint_land(land: gpd.GeoSeries) -> list[Shape]:
    """Return neighbourhoods in four tints."""
    areas = land.to_numpy()
    return [
        Shape(area, fill=TINTS[tint], edge=DAY["m-border"], width_px=2)
        for area, tint in zip(areas, choose_tints(areas), strict=True)
    ]
