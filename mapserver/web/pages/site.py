"""What the pages of a city share: its sections, its features as lists show them, its walks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from mapserver.analysis import trail_line
from mapserver.analysis.city_messages import has_messages
from mapserver.analysis.walks import STEPS_MIN, walks
from mapserver.drawing import shop_counts
from mapserver.drawing.captions import captions_on
from mapserver.drawing.symbols import choose_icon_colors
from mapserver.errors import N_, fill
from mapserver.geo import geodesy
from mapserver.model import ROLES, Role, Snapshot, find_role
from mapserver.text import language
from mapserver.text.languages import LANGUAGES
from mapserver.web.pages.benefits import Benefit, BenefitCheck, check_benefits, list_benefits
from mapserver.web.pages.checks import CheckWords, describe_checks
from mapserver.web.pages.listed import ListedFeature, ListedTrail, list_features, list_trails
from mapserver.web.pages.shop_lists import ShopLists
from mapserver.web.pages.trail_details import TrailDetails


@dataclass(frozen=True, slots=True)
class Walk:
    """A trail and a district that are a short walk apart."""

    place: ListedFeature
    minutes: int
    distance: str
    direction: str
    shops: str
    soon: bool


class Section(NamedTuple):
    """A page that the menu offers: its address below the root, its name, and the sign beside it."""

    address: str
    text: str
    icon: str


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
        self._phrases = city.phrases(lang)
        self._captions = captions_on(city, lang, day)
        self._places: dict[Role, dict[str, ListedFeature]] = {}

    def say(self, text: str) -> str:
        """Return a text in the language and the city's words, each number beside its unit."""
        return language.join_units(self._phrases.say(text))

    @property
    def title(self) -> str:
        """The name of the city's map."""
        return self.city.catalog.title.in_language(self.lang)

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """Addresses and names of the pages that this city has."""
        # What lies on top of the map comes first.
        roles = [role for role in reversed(ROLES.values()) if role.row.has_pages]
        sections = [("", self.say(N_("Map")))]
        sections += [(f"{role}/", self.heading(role)) for role in roles if self.places(role)]
        if self.has_board:
            sections.append(("board", self.say(N_("Board"))))
        if "programmes" in self.city.ledgers and len(self.city.ledgers["programmes"]):
            sections.append(("help/", self.say(N_("What do you need?"))))
        return sections

    @cached_property
    def menu(self) -> list[Section]:
        """The pages that the menu offers, with how many things each of them lists."""
        signs = {"": "map", "trails/": "list", "districts/": "store", "neighborhoods/": "pin"}
        signs |= {"board": "board", "help/": "info"}
        return [
            Section(address, self._count_in_words(address, name), signs.get(address, "list"))
            for address, name in self.sections
        ]

    def _count_in_words(self, address: str, name: str) -> str:
        """Write the name of a section with the number of what it lists."""
        # A section that lists no features of a role has no number: the map, the board, the help.
        role = ROLES.get(address.strip("/"))
        if role is Role.NEIGHBORHOODS:
            # Residents look for their own; how many the office counts says nothing to them.
            return self.say(N_("Your neighborhood"))
        if role is None:
            return name
        return f"{name} {self.count_in_words(len(self.places(role)))}"

    def count_in_words(self, count: int | str) -> str:
        """Write how many things there are as the language counts them: ``32``, ``32곳``.

        Parameters
        ----------
        count
            The number, or what is written already: ``≥ 98``.
        """
        written = count if isinstance(count, str) else self.number(count)
        return fill(self.say(N_("{count} things")), {"count": written})

    @cached_property
    def has_foot_washes(self) -> bool:
        """Whether anybody looks for a foot wash: who walks barefoot, or where there is one."""
        facilities = self.city.facilities
        is_drawn = False
        if facilities is not None and "kind" in facilities:
            is_drawn = bool((facilities["kind"] == "foot_wash").any())
        return self.city.is_barefoot or is_drawn or any(trail.foot_wash for trail in self.trails)

    @cached_property
    def has_certificates(self) -> bool:
        """Whether there are certificates that shops take: the data or the city's words say so."""
        return shop_counts.has_certificates(self.city)

    @property
    def has_board(self) -> bool:
        """Whether there is anything to count for the situation board."""
        return self.city.shops is not None and bool(self.places(Role.DISTRICTS))

    @cached_property
    def has_messages(self) -> bool:
        """Whether the city keeps the times of messages to its direct line."""
        return has_messages(self.city)

    def count_features(self, role: Role) -> int:
        """Count the features of a role."""
        layer = self.city.layer_of(role)
        return 0 if layer is None else len(self.city.layers[layer])

    @property
    def walking_km_per_h(self) -> str:
        """The walking speed behind every number of minutes, as text."""
        return language.number(geodesy.WALKING_KM_PER_H, self.lang, 1)

    def find_language(self, text: str) -> str:
        """Find the language of a text out of the data; empty where it is in the reader's."""
        if language.is_written_in(text, self.lang):
            return ""
        lang = language.find_language(text, self.city.catalog.languages, self.lang)
        return "" if lang == self.lang else lang

    def heading(self, role: Role) -> str:
        """Return the title of the layer of a role."""
        layer = self.city.layer_of(role)
        return "" if layer is None else self.city.entry(layer).title.in_language(self.lang)

    def own_colors(self, role: str) -> dict[str, str]:
        """Return the colours that the catalogue gives the layer of a role, and what lies on them.

        Empty where it gives none: a page has colours of its own then, others on a dark screen.
        """
        layer = self.city.layer_of(find_role(role))
        entry = self.city.entry(layer) if layer else None
        return choose_icon_colors(entry) if entry and entry.has_own_color else {}

    # -- features as lists show them -----------------------------------------------------------

    def places(self, role: Role) -> dict[str, ListedFeature]:
        """Return the features of a role by id, in the order of their names."""
        if role not in self._places:
            layer = self.city.layer_of(role)
            features = [] if layer is None else list_features(self.city, layer, self._captions)
            features.sort(key=lambda place: place.name.casefold())
            self._places[role] = {place.id: place for place in features}
        return self._places[role]

    def places_in(self, role: Role, area_id: str) -> list[ListedFeature]:
        """List the features of a role that lie in a neighbourhood."""
        return [place for place in self.places(role).values() if place.area_id == area_id]

    @cached_property
    def trails(self) -> list[ListedTrail]:
        """All trails, in the order of their names."""
        return list_trails(self.city, list(self.places(Role.TRAILS).values()))

    @cached_property
    def checks(self) -> dict[str, CheckWords]:
        """The last look at each trail by its id; empty where no inspections are kept."""
        return describe_checks(self.city, self.lang, self.day)

    def trail(self, id_: str) -> TrailDetails:
        """Return what the page of a trail says of it."""
        place = self.places(Role.TRAILS)[id_]
        return TrailDetails(self.city, place.layer, id_, place.row, self.lang)

    @cached_property
    def shops(self) -> ShopLists:
        """The shops of the city by district."""
        names = {id_: place.name for id_, place in self.places(Role.DISTRICTS).items()}
        return ShopLists(self.city, self.lang, names)

    @cached_property
    def benefits(self) -> list[Benefit]:
        """What the dated table confirms for this day; empty when it confirms nothing."""
        return list_benefits(self.city, self.lang, self.day)

    @cached_property
    def benefit_check(self) -> BenefitCheck | None:
        """When benefits were last looked for, and the last one; None where there is no table."""
        return check_benefits(self.city, self.lang, self.day)

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
        return [self._describe_walk(pair, Role.DISTRICTS) for pair in pairs.to_dict("records")]

    def trails_near(self, district: str) -> list[Walk]:
        """Find the trails that end a short walk from a district, nearest first."""
        pairs = self._walks[self._walks["district"] == district]
        return [self._describe_walk(pair, Role.TRAILS) for pair in pairs.to_dict("records")]

    def _describe_walk(self, pair: dict[Any, Any], role: Role) -> Walk:
        """Describe a walk as the page of its other end lists it: to a district, or to a trail."""
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

    # -- how numbers and days are written --------------------------------------------------------

    @cached_property
    def today(self) -> str:
        """The day that the pages speak of."""
        return LANGUAGES[self.lang].write_day(self.day)

    def number(self, value: float) -> str:
        """Write a whole number."""
        return language.number(value, self.lang)
