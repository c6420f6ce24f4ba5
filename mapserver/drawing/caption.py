"""What is said of one feature in one language: by the map, lists, pages, posters and popups."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.drawing.state_words import StateWords
from mapserver.drawing.trail_facts import TrailFacts


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said of one feature, in one language.

    Attributes
    ----------
    name
        Its name, or its id where it has none.
    name_lang, place_lang, notes_lang
        The language of these words, where it is known not to be the reader's.
    place
        The neighbourhood, or empty.
    rows
        Label and value, in the order in which they are read.
    state
        Of a trail: ``open``, ``closed``, ``planned`` or ``unknown``; empty for all else.
    state_kind
        What is drawn for it: ``open``, ``last``, ``cond``, ``shut``, ``planned`` or ``unknown``.
    state_text
        The same in words, with reason and dates.
    state_short
        The same in a few words, for a list.
    kind
        Of a facility: what it is (``foot_wash``); empty for all else.
    trail
        Of a facility: the id of its trail.
    figure
        The one number that a list shows beside the name.
    facts
        The few words that a list shows below the name.
    words
        Of a trail: all that is said of its state; None for all else.
    measures
        Of a trail: its figures and facilities, as numbers and answers; None for all else.
    walk
        Of a trail: the time of one walk along it, in words; empty where its length is unknown.
    notes
        Of a trail: what the register notes about it.
    """

    name: str
    place: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    state: str = ""
    state_text: str = ""
    state_short: str = ""
    kind: str = ""
    trail: str = ""
    figure: str = ""
    facts: tuple[str, ...] = ()
    name_lang: str = ""
    place_lang: str = ""
    state_kind: str = ""
    words: StateWords | None = None
    measures: TrailFacts | None = None
    walk: str = ""
    notes: str = ""
    notes_lang: str = ""
