"""The legend of the map, and all its script needs beside the layers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from mapserver.drawing.symbols import choose_icon_colors
from mapserver.errors import N_, fill
from mapserver.model import ORDER, Role, State, count_kinds
from mapserver.text import language
from mapserver.text.languages import LANGUAGES

if TYPE_CHECKING:
    from mapserver.model import Snapshot


def list_furniture(
    city: Snapshot, lang: str, day: dt.date | None, too_many: list[str]
) -> dict[str, Any]:
    """List what the script of the map needs beside the layers.

    Parameters
    ----------
    city, lang
        The city, and the language of the texts.
    day
        The day whose states the legend explains; None for a map on which none is certain.
    too_many
        Ids of layers that have too many features to be drawn, as the legend then says.
    """
    say = city.phrases(lang).say
    sample = any(city.entry(layer).sample for layer in city.layers)
    return {
        "legend": _list_marks(city, lang, day, too_many),
        "badge": say(N_("Sample data: do not walk by it")) if sample else "",
        "text": {
            "map": fill(
                say(N_("Map of {city}")), {"city": city.catalog.title.in_language(lang)}
            ),
            "zoomIn": say(N_("Zoom in")),
            "zoomOut": say(N_("Zoom out")),
            "layers": say(N_("Layers and legend")),
            "close": say(N_("Close")),
            "noPosition": say(N_("Your position is not known")),
            "group": say(N_("Trails here: {count}.")),
            "twoFingers": say(N_("Move the map with two fingers")),
            "noTiles": say(N_("Shown without background map")),
            "missing": say(
                N_("Some of what was added could not be drawn; it may need the internet")
            ),
        },
    }  # fmt: skip


def describe_states(city: Snapshot, lang: str) -> dict[str, str]:
    """Return the words of the legend for the mark of each state, with a place for the day."""
    say = city.phrases(lang).say
    return {
        State.OPEN: say(N_("Trail, open on {day}")),
        State.CLOSED: say(N_("Trail, closed on {day} (dotted line)")),
        State.PLANNED: say(N_("Trail, not open yet (dotted line)")),
        State.UNKNOWN: say(N_("Trail, not certain whether it is open (dashes and dots)")),
    }


def _list_marks(
    city: Snapshot, lang: str, day: dt.date | None, too_many: list[str]
) -> list[dict[str, str]]:
    """List the marks that the layer control's own swatches do not explain."""
    say = city.phrases(lang).say
    entries = []
    trails = city.trails if day is None else city.trails_on(day)
    if trails is not None and len(trails):
        states = {State.UNKNOWN} if day is None else set(trails["state"])
        # A map that is saved is read on other days, too: it says of which day it speaks.
        day_words = "" if day is None else LANGUAGES[lang].write_day(day)
        colors = _choose_colors_of_role(city, Role.TRAILS)
        entries = [
            {
                "className": f"pin pin-{state}",
                "kind": "trail",
                "text": fill(text, {"day": day_words}),
                **colors,
            }
            for state, text in describe_states(city, lang).items()
            if state in states
        ]
    facilities = city.facilities
    if facilities is not None and "kind" in facilities:
        colors = _choose_colors_of_role(city, Role.FACILITIES)
        kinds = count_kinds(facilities["kind"].dropna().astype("str"), lang)
        entries += [
            {"className": f"facility facility-{kind}", "kind": kind, "text": word, **colors}
            for kind, word, _ in kinds
            if kind in ORDER
        ]
    entries += [
        {
            "className": "",
            "kind": "",
            "text": fill(
                say(N_("Not drawn: {layer} ({count})")),
                {
                    "layer": city.entry(id_).title.in_language(lang),
                    "count": language.number(len(city.layers[id_]), lang),
                },
            ),
        }
        for id_ in too_many
    ]
    return entries


def _choose_colors_of_role(city: Snapshot, role: Role) -> dict[str, str]:
    """Choose the colours of the marks of a role's layer; none where the city has no such layer."""
    layer = city.layer_of(role)
    return choose_icon_colors(city.entry(layer)) if layer else {}
