"""What the pages say of trails, districts and neighbourhoods, in one language and on one day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import babel.dates
import pandas as pd
import shapely

from mapserver.analysis import shops as shop_analysis
from mapserver.analysis import trail_line
from mapserver.analysis.walks import STEPS_MIN, walks
from mapserver.drawing import trail_description
from mapserver.drawing.captions import Caption, captions_on, list_records
from mapserver.drawing.shop_counts import count_shops, read_payments
from mapserver.errors import N_, fill
from mapserver.geo import extent, geodesy
from mapserver.model import (
    ROLES,
    Role,
    Snapshot,
    count_kinds,
    facility_label,
    plain_records,
    status,
)
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.season import Season
from mapserver.text.season_text import read_season
from mapserver.web.pages.members import ShopCount
from mapserver.web.pages.profile import Profile, profile

NEAR_BORDER_M = 5.0
"""So near to the border of a district, whether a shop belongs to it is asked in the shop."""
DECIMALS = 6
SHORT_M, LONG_M = 200, 1000
"""Below and above these a trail is found among the short and the long ones."""


@dataclass(frozen=True, slots=True)
class Place:
    """A feature as lists show it.

    Attributes
    ----------
    layer, id, name
        Which it is, and its name in the reader's language.
    names
        All that one may type to find it.
    area_id, area
        Its neighbourhood: id and name, empty where unknown.
    lon, lat
        A place on it, in degrees; NaN where it has none.
    caption
        What else is said of it.
    row
        Its attributes as they stand in the data.
    """

    layer: str
    id: str
    name: str
    names: str
    area_id: str
    area: str
    lon: float
    lat: float
    caption: Caption
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail as lists show and filter it: its length, and whether one finds water and light."""

    place: Place
    length_m: float
    surface: str
    foot_wash: bool
    light: bool

    @property
    def span(self) -> str:
        """Whether it is ``short``, ``middle``, ``long`` or ``unknown``, as lists filter it."""
        if math.isnan(self.length_m):
            return "unknown"
        if self.length_m < SHORT_M:
            return "short"
        return "long" if self.length_m > LONG_M else "middle"

    @property
    def is_open(self) -> bool:
        """Whether one can walk it today."""
        return self.place.caption.state == status.State.OPEN

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can tell if one can walk it today."""
        return self.place.caption.state == status.State.UNKNOWN


@dataclass(frozen=True, slots=True)
class Walk:
    """A trail and a district that are a short walk apart."""

    place: Place
    minutes: int
    distance: str
    direction: str
    shops: str
    soon: bool


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop in the list of a district; ``kind`` is its category as it stands in the data."""

    name: str
    kind: str
    category: str
    kinds: tuple[str, ...]
    near_border: bool


@dataclass(frozen=True, slots=True)
class Benefit:
    """What an Onnuri certificate saves on this day, and who says so."""

    title: str
    payment: str
    rate: str
    cap: str
    until: str
    source: str
    checked_on: str
    facts: str
    """All that is said below its title, in one line."""


class Site:
    """What the pages say, worked out from the data when it is first asked for, and kept.

    Parameters
    ----------
    city
        A snapshot.
    lang
        ``ko`` or ``en``.
    day
        The day whose closures and benefits are told.
    """

    def __init__(self, city: Snapshot, lang: str, day: dt.date) -> None:
        self.city = city
        self.lang = lang
        self.day = day
        self.say = language.translator(lang).gettext
        self._captions = captions_on(city, lang, day)
        self._places: dict[Role, dict[str, Place]] = {}

    @property
    def title(self) -> str:
        """Name of the city's map."""
        return self.city.catalog.title.in_language(self.lang)

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """Addresses and names of the pages that this city has."""
        # What lies on top comes first.
        named = [role for role in reversed(ROLES.values()) if role.row.has_pages]
        found = [("", self.say(N_("Map")))]
        found += [(f"{role}/", self.heading(role)) for role in named if self.places(role)]
        if self.has_board:
            found.append(("board", self.say(N_("Board"))))
        return found

    @property
    def has_board(self) -> bool:
        """Whether there is anything to count for the situation board."""
        return self.city.shops is not None and bool(self.places(Role.DISTRICTS))

    def places_count(self, role: Role) -> int:
        """Count the features of a role."""
        layer = self.city.layer_of(role)
        return 0 if layer is None else len(self.city.layers[layer])

    @property
    def walking_km_per_h(self) -> str:
        """The walking speed behind every number of minutes, as text."""
        return language.number(geodesy.WALKING_KM_PER_H, self.lang, 1)

    def heading(self, role: Role) -> str:
        """Return the title of the layer of a role."""
        layer = self.city.layer_of(role)
        return "" if layer is None else self.city.entry(layer).title.in_language(self.lang)

    # -- features as lists show them -----------------------------------------------------------

    def places(self, role: Role) -> dict[str, Place]:
        """Return the features of a role by id, in the order of their names."""
        if role not in self._places:
            layer = self.city.layer_of(role)
            found = [] if layer is None else self._make_places(layer)
            found.sort(key=lambda place: place.name.casefold())
            self._places[role] = {place.id: place for place in found}
        return self._places[role]

    def _make_places(self, layer: str) -> list[Place]:
        frame = self.city.layers[layer]
        points = shapely.point_on_surface(extent.divide_lines(frame.geometry.to_numpy()))
        areas = self.city.neighborhoods
        homes = pd.Series(None, frame.index)
        if areas is not None:
            homes = self.city.derived.get(
                "homes", (frame, areas), lambda: shop_analysis.home(frame, areas)
            )
        rows = zip(
            frame.index,
            list_records(self.city, frame),
            self._captions.of(layer),
            points,
            homes,
            strict=True,
        )
        made = []
        for id_, row, caption, point, home in rows:
            there = point is not None and not point.is_empty
            area = read_cell_text(row.get("neighborhood"))
            names = {
                caption.name,
                str(id_),
                read_cell_text(row.get("name")),
                read_cell_text(row.get("name_en")),
            }
            made.append(
                Place(
                    layer=layer,
                    id=str(id_),
                    name=caption.name,
                    names=" ".join((*sorted(names - {""}), caption.place, area)),
                    area_id=read_cell_text(home),
                    area=caption.place,
                    lon=round(point.x, DECIMALS) if there else float("nan"),
                    lat=round(point.y, DECIMALS) if there else float("nan"),
                    caption=caption,
                    row=row,
                )
            )
        return made

    @cached_property
    def trails(self) -> list[Trail]:
        """All trails, in the order of their names."""
        there: dict[str, set[str]] = {}
        facilities = self.city.facilities
        if facilities is not None:
            for trail, kind in zip(facilities["trail"], facilities["kind"], strict=True):
                there.setdefault(read_cell_text(trail), set()).add(read_cell_text(kind))
        return [
            Trail(
                place=place,
                length_m=length_of(place),
                surface=read_cell_text(place.row.get("surface")),
                foot_wash=place.row.get("foot_wash") is True
                or "foot_wash" in there.get(place.id, ()),
                light=place.row.get("lighting") is True or "light" in there.get(place.id, ()),
            )
            for place in self.places(Role.TRAILS).values()
        ]

    # -- a trail ---------------------------------------------------------------------------------

    def line(self, trail: str) -> shapely.Geometry:
        """Return the line of a trail, with heights."""
        frame = self.city.layers[self.places(Role.TRAILS)[trail].layer]
        return frame.geometry.loc[trail]

    def _is_drawn(self, trail: str) -> bool:
        line = self.line(trail)
        return line is not None and not line.is_empty

    def way(self, trail: str) -> trail_line.TrailLine:
        """Return a trail as it is walked."""
        return trail_line.measure_line(self.line(trail))

    def profile(self, trail: str) -> Profile | None:
        """Return the elevation profile of a trail; None when its heights are unknown."""
        if not self._is_drawn(trail):
            return None
        return profile(self.way(trail), self.lang)

    def description(self, trail: str) -> list[str]:
        """Describe in a few sentences what a trail is like."""
        if not self._is_drawn(trail):
            return [self.say(N_("Where this trail runs is not known."))]
        row = dict(self.places(Role.TRAILS)[trail].row)
        return trail_description.describe(self.way(trail), row, self.lang)

    def steps(self, trail: str) -> list[trail_description.Step]:
        """Describe what one comes by on a trail."""
        if not self._is_drawn(trail):
            return []
        there = [
            (kind, label, point)
            for kind, label, point in self._facilities(trail)
            if point is not None and not point.is_empty
        ]
        line, crs = self.line(trail), self.city.metric_crs
        return trail_description.steps(trail_line.measure_line(line), line, there, crs, self.lang)

    def facility_counts(self, trail: str) -> list[tuple[str, str, int]]:
        """Count what stands along a trail: kind, its word, how many; the most useful first."""
        return count_kinds((kind for kind, _, _ in self._facilities(trail)), self.lang)

    def entrance(self, trail: str) -> tuple[float, float] | None:
        """Return where one goes to: the marked entrance, else the start of the line, if any."""
        for kind, _, point in self._facilities(trail):
            if kind == "entrance" and point is not None and not point.is_empty:
                return round(point.x, DECIMALS), round(point.y, DECIMALS)
        if not self._is_drawn(trail):
            return None
        way = self.way(trail)
        return round(float(way.lon[0]), DECIMALS), round(float(way.lat[0]), DECIMALS)

    def season(self, trail: str) -> str:
        """Write on which days of the year a trail is open; empty where nothing is known."""
        season = read_cell_text(self.places(Role.TRAILS)[trail].row.get("season"))
        if not season:
            return ""
        try:
            read = read_season(season)
        except ValueError:
            return season  # as it was typed; the state says that it is not understood
        if not read.is_certain:
            return season
        if read.is_whole_year:
            return self.say(N_("All year"))
        template, write = self.say(N_("{first} to {last}")), self._write_day
        return ", ".join(
            fill(template, {end: write(getattr(span, end), read) for end in ("first", "last")})
            for span in read.spans
        )

    def _write_day(self, day: dt.date, season: Season) -> str:
        if season.is_dated:
            return babel.dates.format_date(day, locale=self.lang)
        pattern = "MMMd" if self.lang == "ko" else "MMMMd"
        return babel.dates.format_skeleton(pattern, day, locale=self.lang)

    def _facilities(self, trail: str) -> Iterable[tuple[str, str, shapely.Point]]:
        """Return kind, label and place of what stands along a trail."""
        frame = self.city.facilities
        if frame is None:
            return []
        own = frame[frame["trail"] == trail]
        labels = [facility_label(row, self.lang) for row in plain_records(own)]
        return zip(own["kind"].map(read_cell_text), labels, own.geometry, strict=True)

    # -- trails and districts --------------------------------------------------------------------

    @cached_property
    def _walks(self) -> pd.DataFrame:
        trails, districts = self.city.trails, self.city.districts
        if trails is None or districts is None:
            return pd.DataFrame({"trail": [], "district": []})
        return walks(trails, districts, self.city.metric_crs)

    def districts_near(self, trail: str) -> list[Walk]:
        """Find the districts a short walk from a trail's ends, nearest first."""
        pairs = self._walks[self._walks["trail"] == trail]
        return [self._walk(pair, Role.DISTRICTS) for pair in pairs.to_dict("records")]

    def trails_near(self, district: str) -> list[Walk]:
        """Find the trails that end a short walk from a district, nearest first."""
        pairs = self._walks[self._walks["district"] == district]
        return [self._walk(pair, Role.TRAILS) for pair in pairs.to_dict("records")]

    def _walk(self, pair: dict[Any, Any], role: Role) -> Walk:
        place = self.places(role)[pair["district" if role == Role.DISTRICTS else "trail"]]
        bearing = pair["bearing_deg"]
        if role == Role.TRAILS:
            bearing = (bearing + 180) % 360  # from the district to the trail
        direction = trail_line.name_direction(bearing)
        return Walk(
            place=place,
            minutes=max(1, round(pair["walk_min"])),
            distance=language.distance(pair["distance_m"], self.lang),
            direction=self.say(direction) if direction else "",
            shops=" · ".join(filter(None, (place.caption.figure, *place.caption.facts[1:]))),
            soon=pair["walk_min"] <= STEPS_MIN[0],
        )

    # -- a district ------------------------------------------------------------------------------

    @cached_property
    def shop_rows(self) -> pd.DataFrame:
        """All shops with the district they lie in, as plain columns."""
        # They are the same in every language.
        sources = (self.city.shops, self.city.districts)
        return self.city.derived.get("shop rows", sources, self._make_shop_rows)

    def _make_shop_rows(self) -> pd.DataFrame:
        shops, districts = self.city.shops, self.city.districts
        payments = read_payments(self.city)
        if shops is None or payments is None:
            return pd.DataFrame({"district": [], "name": [], "category": []})
        table = payments.assign(
            name=shops["name"].map(read_cell_text) if "name" in shops else shops.index.astype(str),
            category=shops["category"].map(read_cell_text) if "category" in shops else "",
        )
        if districts is None:
            return table.assign(district=None)
        return table.assign(district=shop_analysis.assign(shops, districts))

    def _near_border(self) -> pd.Series:
        """Find the shops so near to the border of their district that a survey could move them."""
        shops, districts = self.city.shops, self.city.districts
        if shops is None or districts is None:
            return pd.Series(False, self.shop_rows.index)
        crs = self.city.metric_crs
        return self.city.derived.get(
            ("near border", crs),
            (shops, districts),
            lambda: shop_analysis.near_border(shops, districts, crs, NEAR_BORDER_M),
        )

    @cached_property
    def city_count(self) -> ShopCount:
        """Count all shops, and those that take Onnuri certificates."""
        answers = self.shop_rows["any"] if "any" in self.shop_rows else pd.Series(dtype="boolean")
        return ShopCount.of_answers(answers)

    @property
    def tells_members(self) -> bool:
        """Whether the shops say if they take Onnuri certificates; no word is not a no."""
        return self.city_count.members is not None

    @cached_property
    def shop_counts(self) -> dict[str, ShopCount]:
        """Count the shops of each district, and those that take Onnuri certificates."""
        districts = self.city.districts
        if districts is None or (counted := count_shops(self.city, districts)) is None:
            return dict.fromkeys(self.places(Role.DISTRICTS), ShopCount(0, None, 0))
        return {str(id_): ShopCount.of(row) for id_, row in counted.iterrows()}

    @cached_property
    def shop_table(self) -> dict[str, Any]:
        """All shops with a place, as briefly as they can be written for the map.

        ``shops`` has longitude, latitude, name, position in ``kinds``, the certificates taken (a
        bit for each of ``payments``; None where the shop does not say) and position in
        ``districts``.
        """
        shops = self.city.shops
        rows = self.shop_rows
        if shops is None or rows.empty:
            return {"shops": [], "kinds": [], "districts": [], "payments": []}
        placed = (~(shops.geometry.is_empty | shops.geometry.isna())).to_numpy()
        rows, points = rows[placed], shops.geometry.to_numpy()[placed]
        kinds = sorted(rows["category"].unique())
        districts = sorted(rows["district"].dropna().unique())
        taken = sum(
            rows[kind].fillna(False).astype(int) * 2**bit
            for bit, kind in enumerate(shop_analysis.PAYMENTS)
        )
        taken = taken.astype(object).mask(rows["any"].isna(), None)
        columns = (
            shapely.get_x(points).round(DECIMALS).tolist(),
            shapely.get_y(points).round(DECIMALS).tolist(),
            rows["name"].tolist(),
            pd.Index(kinds).get_indexer(pd.Index(rows["category"])).tolist(),
            taken.tolist(),
            pd.Index(districts).get_indexer(pd.Index(rows["district"])).tolist(),
        )
        named = self.places(Role.DISTRICTS)
        return {
            "kinds": [language.word(str(kind), self.lang) for kind in kinds],
            "districts": [named[id_].name for id_ in districts],
            "payments": [self.say(PAYMENT_WORDS[kind]) for kind in shop_analysis.PAYMENTS],
            "takes": self.say(N_("Takes Onnuri")),
            "takesNone": self.say(N_("Takes no Onnuri")),
            "takesUnknown": self.say(N_("Onnuri unknown")) if self.tells_members else "",
            "shops": list(zip(*columns, strict=True)),
        }

    def shops(self, district: str, category: str = "", *, onnuri: bool = False) -> list[Shop]:
        """List the shops of a district by business type and name.

        Parameters
        ----------
        district
            Its id.
        category
            Only of this business type, as it stands in the data.
        onnuri
            Only those that take Onnuri certificates.
        """
        rows = self.shop_rows[self.shop_rows["district"] == district]
        if category:
            rows = rows[rows["category"] == category]
        if onnuri:
            rows = rows[rows["any"].fillna(False)]
        rows = rows.assign(near_border=self._near_border()[rows.index])
        return [
            Shop(
                name=row["name"],
                kind=row["category"],
                category=language.word(row["category"], self.lang),
                kinds=tuple(
                    self.say(PAYMENT_WORDS[kind])
                    for kind in shop_analysis.PAYMENTS
                    if row[kind] is True
                ),
                near_border=row["near_border"],
            )
            for row in rows.sort_values(["category", "name"]).to_dict("records")
        ]

    def mix(self, district: str) -> list[dict[str, Any]]:
        """Count the shops of a district by business type, the most frequent first."""
        mixes = self._mixes
        counted = mixes[mixes.index.get_level_values("area") == district].reset_index()
        most = int(counted["shops"].max()) if len(counted) else 1
        return [
            {
                "value": row["category"],
                "name": language.word(row["category"], self.lang) or self.say(N_("Type unknown")),
                "shops": row["shops"],
                "members": ShopCount.of(row).members_text(self.lang),
                "share": 100 * row["shops"] / most,
            }
            for row in counted.to_dict("records")
        ]

    @cached_property
    def _mixes(self) -> pd.DataFrame:
        shops, districts = self.city.shops, self.city.districts
        if shops is None or districts is None:
            return pd.DataFrame({"area": []}).set_index("area")
        kinds = shops.assign(category=self.shop_rows["category"])
        return shop_analysis.mix(kinds, districts)

    @cached_property
    def benefits(self) -> list[Benefit]:
        """What the dated table confirms for this day; empty when it confirms nothing."""
        return [self._benefit(row) for row in status.benefits_on(self.city.benefits, self.day)]

    def _benefit(self, row: Mapping[Any, Any]) -> Benefit:
        payment = self.say(PAYMENT_WORDS.get(read_cell_text(row.get("payment")), "")) or ""
        has_rate, has_cap = _is_number(row.get("rate")), _is_number(row.get("cap_won"))
        won = language.number(int(row["cap_won"]), self.lang) if has_cap else ""
        cap = fill(self.say(N_("up to {won} won")), {"won": won}) if has_cap else ""
        until, checked_on = self.date(row.get("to")), self.date(row.get("checked_on"))
        source = read_cell_text(row.get("source"))
        last_day = fill(self.say(N_("until {date}")), {"date": until}) if until else ""
        checked = fill(self.say(N_("checked on {date}")), {"date": checked_on})
        facts = (payment, cap, last_day, source, checked if checked_on else "")
        return Benefit(
            title=self._part(read_cell_text(row.get("title"))),
            payment=payment,
            rate=language.percent(float(row["rate"]), self.lang) if has_rate else "",
            cap=cap,
            until=until,
            source=source,
            checked_on=checked_on,
            facts=" · ".join(filter(None, facts)),
        )

    def _part(self, text: str) -> str:
        """Return the reader's half of a title in two languages (``한국어 / English``)."""
        korean, slash, english = text.partition(" / ")
        return english if slash and self.lang == "en" else korean

    # -- a neighbourhood ---------------------------------------------------------------------------

    def within(self, role: Role, area_id: str) -> list[Place]:
        """List the features of a role that name a neighbourhood as theirs."""
        return [place for place in self.places(role).values() if place.area_id == area_id]

    def date(self, value: object) -> str:
        """Write a day as readers do; empty when there is none."""
        if not isinstance(value, dt.date) or pd.isna(value):
            return read_cell_text(value)
        return babel.dates.format_date(value, format="medium", locale=self.lang)

    @cached_property
    def today(self) -> str:
        """The day that the pages speak of."""
        return babel.dates.format_date(self.day, format="long", locale=self.lang)

    def number(self, value: float) -> str:
        """Write a whole number."""
        return language.number(value, self.lang)

    def distance(self, metres: float) -> str:
        """Write metres."""
        return language.distance(metres, self.lang)


PAYMENT_WORDS = {"paper": N_("paper"), "card": N_("card"), "mobile": N_("mobile"), "": ""}


def length_of(place: Place) -> float:
    """Return the length of a trail; NaN where it is not drawn."""
    length_m = place.row.get("length_m")
    return math.nan if length_m is None else float(length_m)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not pd.isna(value)
