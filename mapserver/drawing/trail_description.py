"""A trail in words, made from its geometry: for screen readers, print and messages."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mapserver.analysis.trail_line import TrailLine, name_direction
from mapserver.errors import N_, fill
from mapserver.model import OWN_WORDS, Words, find_phrases
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text

FLAT_M = 5.0
"""Climbs below this are the noise of a receiver."""


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
        values = {"surface": surface, "width": language.measure(float(width or 0), "m", lang, 1)}
        sentences.append(fill(say(N_("The ground is {surface}, {width} wide.")), values))
    elif surface:
        sentences.append(fill(say(N_("The ground is {surface}.")), {"surface": surface}))
    ascent, descent = row.get("ascent_m"), row.get("descent_m")
    if _is_known(ascent) and _is_known(descent):
        if max(float(ascent or 0), float(descent or 0)) < FLAT_M:
            sentences.append(say(N_("It is flat.")))
        else:
            values = {
                "ascent": language.measure(float(ascent or 0), "m", lang),
                "descent": language.measure(float(descent or 0), "m", lang),
            }
            sentences.append(fill(say(N_("It climbs {ascent} and falls {descent}.")), values))
    return sentences


def _is_known(value: object) -> bool:
    return isinstance(value, (int, float)) and not pd.isna(value)
