"""What the map and its lists say of a feature: a name, a state, and rows of label and value."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from mapserver.drawing.caption import Caption
from mapserver.drawing.shop_counts import count_shops
from mapserver.drawing.state_words import StateWriter
from mapserver.drawing.trail_facts import FACILITY_COLUMNS, TrailFacts, read_trail_facts
from mapserver.errors import N_, fill
from mapserver.model import Role, facilities, plain_records
from mapserver.settings import limits
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.languages import LANGUAGES

if TYPE_CHECKING:
    from mapserver.model import Snapshot


FLAT_M = 5.0


Writer = Callable[[str, dict[str, Any]], Caption]


def list_records(city: Snapshot, frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows of a layer as plain dictionaries, which are shared: change none."""
    return city.derived.get("records", (frame,), lambda: plain_records(frame))


def captions_on(city: Snapshot, lang: str, day: dt.date) -> Captions:
    """Return the captions of a city in a language on a day.

    Those of the day that is asked for first are kept with the city, for the map, the lists and the
    pages that show them.
    """
    captions = city.derived.get(("captions", lang), (city.data,), lambda: Captions(city, lang, day))
    return captions if captions.day == day else Captions(city, lang, day)


@dataclass(frozen=True)
class Captions:
    """Writes captions of a city's layers in one language and for one day.

    Parameters
    ----------
    city
        The city.
    lang
        Code of the language.
    day
        The day whose closures are told.
    """

    city: Snapshot
    lang: str
    day: dt.date
    _names: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _written: dict[str, list[Caption]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        # Trails and districts name their neighbourhood in the city's first language.
        column = f"name_{self.lang}"
        for frame in (self.city.neighborhoods, self.city.zones):
            if frame is not None and column in frame:
                # Zones that are made of neighborhoods have no English name: an empty cell is a NaN.
                names = frame[["name", column]].dropna().itertuples(index=False, name=None)
                self._names.update(
                    {k: v for k, v in names if read_cell_text(k) and read_cell_text(v)}
                )

    def of(self, layer: str) -> list[Caption]:
        """Caption every feature of a layer, in its order."""
        if layer not in self._written:
            self._written[layer] = self._caption_layer(layer)
        return self._written[layer]

    def _caption_layer(self, layer: str) -> list[Caption]:
        role = self.city.entry(layer).role
        frame: gpd.GeoDataFrame = self.city.layers[layer]
        records = list_records(self.city, frame)
        if role == Role.TRAILS and (trails := self.city.trails_on(self.day)) is not None:
            frame, records = trails, plain_records(trails)
        write = self._choose_writer(role, layer)
        captions = (write(str(id_), row) for id_, row in zip(frame.index, records, strict=True))
        return [
            self._mark_languages(caption, row)
            for caption, row in zip(captions, records, strict=True)
        ]

    def _mark_languages(self, caption: Caption, row: Mapping[str, Any]) -> Caption:
        """Mark the names that stand in a caption as the data has them, in another language."""
        return replace(
            caption,
            name_lang=self._find_language(caption.name, row.get("name")),
            place_lang=self._find_language(caption.place, row.get("neighborhood")),
            notes_lang=self._find_language(caption.notes, row.get("notes")),
        )

    def _find_language(self, text: str, cell: object) -> str:
        """Find the language of a text out of a cell; empty where it is the reader's."""
        if not text or text != read_cell_text(cell):
            return ""  # it was translated, or is ours
        lang = language.find_language(text, self.city.catalog.languages, self.lang)
        return "" if lang == self.lang else lang

    def _choose_writer(self, role: Role, layer: str) -> Writer:
        # Some look things up first, so each is made only when it is asked for.
        makers: dict[Role, Callable[[], Writer]] = {
            Role.TRAILS: self._trail_writer,
            Role.DISTRICTS: lambda: self._district_writer(layer),
            Role.FACILITIES: self._facility_writer,
            Role.NEIGHBORHOODS: lambda: self._caption_neighborhood,
            Role.ZONES: lambda: self._caption_zone,
            Role.SERVICES: lambda: self._caption_service,
        }
        return makers.get(role, lambda: self._caption_plainly)()

    # -- one writer for each role ----------------------------------------------------------------

    def _trail_writer(self) -> Writer:
        counted = self._facilities_by_trail()
        states = StateWriter(self.city, self.lang)

        def write(id_: str, row: dict[str, Any]) -> Caption:
            kinds = counted.get(id_, Counter())
            measures = read_trail_facts(row, kinds)
            # What the register knows and no waypoint shows.
            registered_kinds = [kind for kind in FACILITY_COLUMNS if getattr(measures, kind)]
            kinds |= Counter(registered_kinds)
            say = self.city.phrases(self.lang).say
            rows = (
                (N_("Length"), self._write_metres(row.get("length_m"))),
                (N_("Surface"), language.word(read_cell_text(row.get("surface")), self.lang)),
                (N_("Width"), self._write_decimal(row.get("width_m"), "m")),
                (N_("Ascent"), self._write_climb(row.get("ascent_m"))),
                (N_("Steepest 30 m"), self._write_steepest(measures)),
                (N_("Steps"), say(N_("There are steps")) if measures.has_steps else ""),
                (N_("Facilities"), self._write_counts(kinds)),
                (N_("Opened"), read_cell_text(row.get("opened"))),
                (N_("About"), self._read_prose(row, "notes")),
            )
            offers = ((N_("Foot wash"), "foot_wash"), (N_("Lighting"), "light"))
            facts = (
                self._write_place(row),
                language.word(measures.surface, self.lang),
                *(say(label) for label, kind in offers if getattr(measures, kind)),
            )
            words = states.write(row, self.day)
            return Caption(
                name=self._choose_name(id_, row),
                place=self._write_place(row),
                rows=self._write_rows(rows),
                state=words.state,
                state_kind=words.kind,
                state_text=words.long,
                state_short=words.short,
                words=words,
                figure=self._write_metres(row.get("length_m")),
                facts=tuple(filter(None, facts)),
                measures=measures,
                walk=""
                if measures.walk_min is None
                else language.duration(measures.walk_min, self.lang),
                # A condition is for everybody, in whatever language it was noted.
                notes=language.read_translated_cell(row, "notes", self.lang),
            )

        return write

    def _district_writer(self, layer: str) -> Writer:
        counted: dict[Any, Any] = {"shops": {}, "members": {}, "members_unknown": {}}
        if (table := count_shops(self.city, self.city.layers[layer])) is not None:
            counted = table.to_dict()

        def write(id_: str, row: dict[str, Any]) -> Caption:
            shops, taking = counted["shops"].get(id_, 0), counted["members"].get(id_, None)
            # No word of a shop is not a no: unknown members are left out, or it is "at least".
            members = "" if pd.isna(taking) else self._write_number(int(taking))
            if members and counted["members_unknown"].get(id_, 0):
                members = f"≥ {members}"
            rows = (
                (N_("Shops"), self._write_number(shops)),
                (N_("Taking Onnuri"), members),
                (N_("Association"), read_cell_text(row.get("association"))),
                (N_("Designated"), self._write_date(row.get("designated"))),
                (N_("Zone"), self._write_known(row.get("zone"))),
            )
            say = self.city.phrases(self.lang).say
            onnuri = fill(say(N_("Onnuri {count}")), {"count": members}) if members else ""
            facts = (self._write_place(row), onnuri)
            return Caption(
                name=self._choose_name(id_, row),
                place=self._write_place(row),
                rows=self._write_rows(rows),
                figure=fill(say(N_("{count} shops")), {"count": self._write_number(shops)})
                if shops
                else "",
                facts=tuple(filter(None, facts)),
            )

        return write

    def _facility_writer(self) -> Writer:
        trails = self._names_of_trails()

        def write(_: str, row: dict[str, Any]) -> Caption:
            kind = read_cell_text(row.get("kind"))
            word = facilities.kind_word(kind, self.lang)
            name = facilities.facility_name(row, self.lang)
            name = name or facilities.facility_label(row, self.lang)
            trail = read_cell_text(row.get("trail"))
            rows = (
                (N_("Kind"), word if word != name else ""),
                (N_("Trail"), trails.get(trail, trail)),
            )
            return Caption(name, rows=self._write_rows(rows), kind=kind, trail=trail)

        return write

    def _caption_neighborhood(self, id_: str, row: dict[str, Any]) -> Caption:
        rows = (
            (N_("Zone"), self._write_known(row.get("zone"))),
            (N_("Role"), language.word(read_cell_text(row.get("role")), self.lang)),
            (N_("Brand"), self._read_prose(row, "brand")),
        )
        return Caption(self._choose_name(id_, row), rows=self._write_rows(rows))

    def _caption_zone(self, id_: str, row: dict[str, Any]) -> Caption:
        rows = ((N_("Hub"), self._write_known(row.get("hub"))),)
        return Caption(self._choose_name(id_, row), rows=self._write_rows(rows))

    def _caption_service(self, id_: str, row: dict[str, Any]) -> Caption:
        rows = (
            (N_("Programmes"), self._read_prose(row, "programmes")),
            (N_("Telephone"), read_cell_text(row.get("phone"))),
        )
        return Caption(self._choose_name(id_, row), self._write_place(row), self._write_rows(rows))

    def _caption_plainly(self, id_: str, row: dict[str, Any]) -> Caption:
        """Show the columns of a layer that has no meaning of its own as they are."""
        hidden = {"name", "sample", *(f"name_{lang}" for lang in LANGUAGES)}
        rows = [
            (k, read_cell_text(v)) for k, v in row.items() if k not in hidden and read_cell_text(v)
        ]
        return Caption(self._choose_name(id_, row), rows=tuple(rows[: limits.MAX_CARD_ROWS]))

    # -- values as people read them --------------------------------------------------------------

    def _write_rows(self, rows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        say = self.city.phrases(self.lang).say
        return tuple((say(label), value) for label, value in rows if value)

    def _choose_name(self, id_: str, row: Mapping[str, Any]) -> str:
        return language.read_translated_cell(row, "name", self.lang) or id_

    def _read_prose(self, row: Mapping[str, Any], column: str) -> str:
        """Read sentences in the reader's language; those of the city's first have no other."""
        if self.lang == self.city.catalog.languages[0]:
            return language.read_translated_cell(row, column, self.lang)
        return read_cell_text(row.get(f"{column}_{self.lang}"))

    def _write_place(self, row: Mapping[str, Any]) -> str:
        return self._write_known(row.get("neighborhood"))

    def _write_known(self, value: object) -> str:
        return self._names.get(read_cell_text(value), read_cell_text(value))

    def _names_of_trails(self) -> dict[str, str]:
        frame = self.city.trails
        if frame is None:
            return {}
        rows = zip(frame.index, plain_records(frame), strict=True)
        return {str(id_): self._choose_name(str(id_), row) for id_, row in rows}

    def _facilities_by_trail(self) -> dict[str, Counter[str]]:
        frame = self.city.facilities
        kinds_by_trail: dict[str, Counter[str]] = {}
        if frame is not None and {"trail", "kind"} <= set(frame.columns):
            for trail, kind in zip(frame["trail"], frame["kind"], strict=True):
                if read_cell_text(trail):
                    kinds_by_trail.setdefault(read_cell_text(trail), Counter())[
                        read_cell_text(kind)
                    ] += 1
        return kinds_by_trail

    def _write_counts(self, kinds: Counter[str]) -> str:
        words = (
            word + (f" {count}" if count > 1 else "")
            for _, word, count in facilities.count_kinds(kinds, self.lang)
        )
        return " · ".join(words)

    def _write_number(self, number: int) -> str:
        return language.number(number, self.lang) if number else ""

    def _write_metres(self, value: object) -> str:
        if not isinstance(value, float) or pd.isna(value):
            return ""
        return language.distance(value, self.lang)

    def _write_decimal(self, value: object, unit: str) -> str:
        if not isinstance(value, (int, float)) or pd.isna(value):
            return ""
        return language.measure(float(value), unit, self.lang, 1)

    def _write_minutes(self, minutes: int | None) -> str:
        return "" if minutes is None else language.duration(minutes, self.lang)

    def _write_climb(self, value: object) -> str:
        """Write an ascent; on the flat it is the noise of the receiver."""
        worth_saying = isinstance(value, float) and value >= FLAT_M
        return self._write_metres(value) if worth_saying else ""

    def _write_steepest(self, measures: TrailFacts) -> str:
        """Write how steep the steepest 30 m are where that matters: above 1/18."""
        if measures.is_gentle is not False:
            return ""
        return self._write_decimal(measures.slopes.steepest_30m_percent, "%")

    def _write_date(self, value: object) -> str:
        try:
            day = (
                value
                if isinstance(value, dt.date)
                else dt.date.fromisoformat(read_cell_text(value))
            )
        except ValueError:
            return read_cell_text(value)
        return LANGUAGES[self.lang].write_day(day)
