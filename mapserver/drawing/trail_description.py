"""A trail in words, made from its geometry: for screen readers, print and messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.trail_line import TrailLine, locate_on_line, name_direction
from mapserver.errors import N_, fill
from mapserver.model import OWN_WORDS, Words, find_phrases
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text

FLAT_M = 5.0
"""Climbs below this are the noise of a receiver."""
SIDES = {"left": N_("on the left"), "right": N_("on the right"), "on": N_("on the way")}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that one comes by on a trail.

    Attributes
    ----------
    distance_m
        Metres from the start.
    distance
        The same in words.
    text
        What it is, and on which side.
    kind
        Of a facility: what it is (``foot_wash``); empty for the two ends.
    """

    distance_m: float
    distance: str
    text: str
    kind: str = ""


def describe_trail(
    way: TrailLine, row: dict[str, Any], lang: str, words: Words = OWN_WORDS
) -> list[str]:
    """Describe in a few sentences what a trail is like.

    Parameters
    ----------
    way
        The trail as it is walked.
    row
        Its attributes; those that are missing are not told.
    lang
        Code of the language.
    words
        What the city calls its things.
    """
    say = find_phrases(words, lang).say
    length = language.distance(way.length_m, lang)
    sentences = []
    if way.is_loop:
        sentences.append(
            fill(say(N_("A round of {length}: it ends where it begins.")), {"length": length})
        )
    else:
        values = {"length": length, "direction": say(name_direction(way.bearing_deg))}
        sentences.append(
            fill(say(N_("{length} from end to end, towards the {direction}.")), values)
        )
    surface = language.word(read_cell_text(row.get("surface")), lang)
    width = row.get("width_m")
    if surface and _is_known(width):
        values = {"surface": surface, "width": f"{language.number(float(width or 0), lang, 1)} m"}
        sentences.append(fill(say(N_("The ground is {surface}, {width} wide.")), values))
    elif surface:
        sentences.append(fill(say(N_("The ground is {surface}.")), {"surface": surface}))
    ascent, descent = row.get("ascent_m"), row.get("descent_m")
    if _is_known(ascent) and _is_known(descent):
        if max(float(ascent or 0), float(descent or 0)) < FLAT_M:
            sentences.append(say(N_("It is flat.")))
        else:
            values = {
                "ascent": f"{language.number(float(ascent or 0), lang)} m",
                "descent": f"{language.number(float(descent or 0), lang)} m",
            }
            sentences.append(fill(say(N_("It climbs {ascent} and falls {descent}.")), values))
    return sentences


def list_steps(
    way: TrailLine,
    line: shapely.Geometry,
    facilities: list[tuple[str, str, shapely.Point]],
    crs: CRS,
    lang: str,
) -> list[Step]:
    """Describe what one comes by from the start of a trail to its end.

    Parameters
    ----------
    way, line
        The trail as it is walked and as it is drawn, in EPSG:4326.
    facilities
        Kind (``foot_wash``), label for people, and place of each.
    crs
        Projected CRS in metres in which to measure.
    lang
        Code of the language.

    Returns
    -------
    list of Step
        In the order in which one comes by them.
    """
    say = language.translator(lang).gettext
    middle_steps = []
    for kind, label, point in facilities:
        if kind == "light":  # a row of lamps is told once, as an attribute of the trail
            continue
        place = locate_on_line(line, point, crs)
        text = f"{label} ({say(SIDES[place.side])})"
        distance = language.distance(place.distance_m, lang)
        middle_steps.append(Step(place.distance_m, distance, text, kind))
    start = Step(0.0, language.distance(0.0, lang), say(N_("Start")))
    end = Step(way.length_m, language.distance(way.length_m, lang), say(N_("End")))
    return [start, *sorted(middle_steps, key=lambda step: step.distance_m), end]


def _is_known(value: object) -> bool:
    return isinstance(value, (int, float)) and not pd.isna(value)
