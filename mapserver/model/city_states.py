"""The states of a city's trails, on a day and from day to day."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd

from mapserver.model import arguments, status
from mapserver.model.city_indexes import CityIndexes
from mapserver.model.inspections import TrailChecks, add_checks, gather_checks
from mapserver.model.rain import add_rain
from mapserver.model.soil import TrailSoil, gather_soil
from mapserver.model.state_facts import StateFacts, gather_facts
from mapserver.text.cell_text import read_cell_text


class CityStates(CityIndexes):
    """The layers of a city, when one can walk its trails, and what proves it."""

    def trails_on(self, date: dt.date) -> gpd.GeoDataFrame | None:
        """Return the trails with their state on a day.

        See :func:`mapserver.model.status.trails_on`.
        """
        arguments.require_day(date, "date")
        trails = self.trails
        if trails is None:
            return None
        catalog = self.catalog
        facts = self.list_state_facts()
        phone, zone = catalog.direct_line, catalog.zone
        return status.list_states(trails, facts, date, phone=phone, zone=zone)

    def find_changes(
        self, first_day: dt.date, last_day: dt.date
    ) -> dict[str, list[tuple[dt.date, status.DayState]]]:
        """Find the states of the trails from day to day.

        Parameters
        ----------
        first_day, last_day
            The days asked for, both included.

        Returns
        -------
        dict
            For the id of each trail its states, each from its day to the day before the next.
        """
        trails, catalog = self.trails, self.catalog
        ids = [] if trails is None else [str(id_) for id_ in trails.index]
        phone, zone = catalog.direct_line, catalog.zone
        # Most trails of a city have the same season and no closures: they change together.
        known: dict[str, list[tuple[dt.date, status.DayState]]] = {}
        changes = {}
        for id_, facts in zip(ids, self.list_state_facts(), strict=True):
            key = repr(facts)
            if key not in known:
                known[key] = status.find_changes(facts, first_day, last_day, phone=phone, zone=zone)
            changes[id_] = known[key]
        return changes

    def list_state_facts(self) -> list[StateFacts]:
        """List what decides the state of each trail on any day, in the order of the trails."""
        trails, data = self.trails, self.data
        if trails is None:
            return []

        def gather() -> list[StateFacts]:
            facts = gather_facts(
                trails, self.closures, data.findings, data.registered, self.catalog.words
            )
            if self.checks is not None:
                add_checks(facts, self.checks.values())
            rain_rows = self.ledgers.get("rain")
            if rain_rows is not None and self.catalog.rain.has_rules:
                cells = trails["surface"] if "surface" in trails else [""] * len(trails)
                surfaces = [read_cell_text(cell) for cell in cells]
                add_rain(facts, surfaces, rain_rows, self.catalog.rain, self.catalog.words)
            return facts

        return self.derived.get("state facts", (data,), gather)

    @property
    def checks(self) -> dict[str, TrailChecks] | None:
        """The inspections of each trail by its id; None where the city keeps no such ledger."""
        trails, rows = self.trails, self.ledgers.get("inspections")
        if trails is None or rows is None:
            return None
        words, places = self.catalog.words, self.neighborhood_names
        return self.derived.get(
            ("inspections", repr(words), places),
            (trails, rows),
            lambda: gather_checks(trails, rows, words, places),
        )

    @property
    def soil(self) -> dict[str, TrailSoil] | None:
        """The samples of each trail's soil by its id; None where no such ledger is kept."""
        trails, rows = self.trails, self.ledgers.get("soil")
        if trails is None or rows is None:
            return None
        return self.derived.get("soil", (trails, rows), lambda: gather_soil(trails, rows))
