"""What the page of a trail says of it: its way, its profile, its facilities, its season."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import shapely

from mapserver.analysis import trail_line
from mapserver.drawing import trail_description
from mapserver.errors import N_, fill
from mapserver.geo.geodesy import MAP_DECIMALS
from mapserver.model import Snapshot, facility_label, plain_records
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.dates import localize_times
from mapserver.text.languages import LANGUAGES
from mapserver.text.season import Season
from mapserver.text.season_text import read_season
from mapserver.web.pages.profile import Profile, draw_profile
from mapserver.web.pages.trail_along import TrailAlong


class TrailDetails:
    """A trail in one language, worked out when it is first asked for.

    Parameters
    ----------
    city
        A snapshot.
    layer, id_
        The layer of trails, and the trail's id in it.
    row
        Its attributes as they stand in the data.
    lang
        ``ko`` or ``en``.
    """

    def __init__(
        self, city: Snapshot, layer: str, id_: str, row: Mapping[str, Any], lang: str
    ) -> None:
        self.city = city
        self.lang = lang
        self.say = city.phrases(lang).say
        self._layer = layer
        self._id = id_
        self._row = row

    @cached_property
    def line(self) -> shapely.Geometry:
        """Its line, with heights."""
        return self.city.layers[self._layer].geometry.loc[self._id]

    @property
    def _is_drawn(self) -> bool:
        line = self.line
        return line is not None and not line.is_empty

    @cached_property
    def _way(self) -> trail_line.TrailLine:
        """The trail as it is walked."""
        return trail_line.measure_line(self.line)

    @cached_property
    def profile(self) -> Profile | None:
        """Its elevation profile; None when its heights are unknown."""
        if not self._is_drawn:
            return None
        # What is not known is None in a row of plain values.
        at_m, percent = (
            math.nan if (value := self._row.get(name)) is None else float(value)
            for name in ("steepest_at_m", "steepest_30m_percent")
        )
        return draw_profile(self._way, self.lang, at_m, percent)

    @property
    def description(self) -> list[str]:
        """A few sentences on what it is like."""
        if not self._is_drawn:
            return [self.say(N_("Where this trail runs is not known."))]
        return trail_description.describe_trail(
            self._way, dict(self._row), self.lang, self.city.catalog.words
        )

    @cached_property
    def along(self) -> TrailAlong:
        """What stands along it."""
        facilities = list(self._list_facilities())
        phrases = self.city.phrases(self.lang)
        return TrailAlong(self.line, facilities, self.city.metric_crs, phrases, self.lang)

    @cached_property
    def climb_sentence(self) -> str:
        """How far it climbs and falls in all, and how high it comes; empty where nobody knows."""
        ascent_m, descent_m, highest_m = (
            self._row.get(column) for column in ("ascent_m", "descent_m", "max_ele_m")
        )
        if ascent_m is None or descent_m is None or highest_m is None:
            return ""
        metres = {"ascent": ascent_m, "descent": descent_m, "highest": highest_m}
        words = {key: language.measure(value_m, "m", self.lang) for key, value_m in metres.items()}
        text = N_("Climb {ascent}, descent {descent}, highest point {highest}.")
        return fill(self.say(text), words)

    @property
    def entrance(self) -> tuple[float, float] | None:
        """Where one goes to: the marked entrance, else the start of the line, if there is one."""
        for kind, _, point in self._list_facilities():
            if kind == "entrance" and point is not None and not point.is_empty:
                return round(point.x, MAP_DECIMALS), round(point.y, MAP_DECIMALS)
        if not self._is_drawn:
            return None
        way = self._way
        return round(float(way.lon[0]), MAP_DECIMALS), round(float(way.lat[0]), MAP_DECIMALS)

    @property
    def season(self) -> str:
        """The days of the year on which it is open; empty where nothing is known."""
        read = self._read_season()
        if read is None or not read.is_certain:
            # As it was typed; the state says that it is not understood.
            return read_cell_text(self._row.get("season"))
        if read.is_whole_year:
            return self.say(N_("All year"))
        template, write = self.say(N_("{first} to {last}")), self._write_day
        return ", ".join(
            fill(template, {end: write(getattr(span, end), read) for end in ("first", "last")})
            for span in read.spans
        )

    @property
    def is_closed_in_winter(self) -> bool:
        """Whether it is closed each winter and open else; False where that is not known."""
        read, entrance = self._read_season(), self.entrance
        # Where it lies is not asked of a trail that is not drawn: then nobody knows its winter.
        return bool(read and entrance and read.is_closed_in_winter(is_southern=entrance[1] < 0))

    def _read_season(self) -> Season | None:
        """Read its season; None where there is none, or it is not understood."""
        season = read_cell_text(self._row.get("season"))
        try:
            return read_season(localize_times(season, self.city.catalog.zone)) if season else None
        except ValueError:
            return None

    def _write_day(self, day: dt.date, season: Season) -> str:
        # A season of every year has days without their year.
        return LANGUAGES[self.lang].write_day(day, None if season.is_dated else day)

    def list_points(self) -> list[tuple[str, shapely.Point]]:
        """List kind and place of what stands along it, where that has a place."""
        return [
            (kind, point)
            for kind, _, point in self._list_facilities()
            if point is not None and not point.is_empty
        ]

    def _list_facilities(self) -> Iterable[tuple[str, str, shapely.Point]]:
        """Return kind, label and place of what stands along it."""
        frame = self.city.facilities
        if frame is None:
            return []
        rows = frame[frame["trail"] == self._id]
        labels = [facility_label(row, self.lang) for row in plain_records(rows)]
        return zip(rows["kind"].map(read_cell_text), labels, rows.geometry, strict=True)
