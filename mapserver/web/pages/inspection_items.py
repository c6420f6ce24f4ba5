"""What can be ticked on the form of inspectors: the words of the city's own file come first."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass

from mapserver.model import Snapshot
from mapserver.settings import limits
from mapserver.text.inspection_words import ITEMS, WHOLE, recognise_item, translate_item
from mapserver.text.person_marks import has_person_marks


@dataclass(frozen=True, slots=True)
class Tick:
    """An item of the form.

    Attributes
    ----------
    shown
        What it is called in the language of the page.
    cell
        What is written into the file.
    """

    shown: str
    cell: str


def list_items(city: Snapshot, lang: str) -> dict[str, Tick]:
    """List what can be ticked: the usual items, and then those that the office has besides.

    Parameters
    ----------
    city
        A snapshot.
    lang
        The language of the page.

    Returns
    -------
    dict
        By the value that the form sends. An item is called as it is most often in the city's file,
        in its own language; where it does not stand in the file, as the districts call it.
    """
    spellings = _count_spellings(city)
    file_lang = city.catalog.page_languages[0]
    say, say_in_file = city.phrases(lang).say, city.phrases(file_lang).say
    ticks = {}
    for key, term in ITEMS.items():
        words = spellings.pop(key, None)
        cell = _find_commonest(words) if words else say_in_file(term.label)
        ticks[key] = Tick(translate_item(cell, lang, say), cell)
    spellings.pop(WHOLE, None)
    own_words = [_find_commonest(words) for words in _sort_by_use(spellings)]
    # Some offices write whole sentences into this column, which are no items to be ticked again.
    own_words = [
        word
        for word in own_words
        if len(word) <= limits.MAX_ITEM_LETTERS and not has_person_marks(word)
    ]
    for word in own_words[: limits.MAX_OWN_ITEMS]:
        ticks[_mark_item(word)] = Tick(word, word)
    return ticks


def find_whole_word(city: Snapshot) -> str:
    """Find what the file writes for a trail as a whole; empty where it writes nothing for it."""
    words = _count_spellings(city).get(WHOLE)
    return _find_commonest(words) if words else ""


def _count_spellings(city: Snapshot) -> dict[str, Counter[str]]:
    """Count by item how often it is written how."""
    rows = city.ledgers.get("inspections")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, count in ({} if rows is None else rows["item"].value_counts()).items():
        if word := " ".join(str(text).split()):
            counts[recognise_item(word)][word] += int(count)
    return counts


def _find_commonest(words: Counter[str]) -> str:
    return min(words, key=lambda word: (-words[word], word))


def _sort_by_use(spellings: dict[str, Counter[str]]) -> list[Counter[str]]:
    """Sort items by how often they were looked at; of equal ones by their word."""
    keys = sorted(spellings, key=lambda key: (-spellings[key].total(), key))
    return [spellings[key] for key in keys]


def _mark_item(word: str) -> str:
    """Return the value of an item that only the office has, whatever signs its word is made of."""
    digest = hashlib.sha256(recognise_item(word).encode("utf-8", "replace"))
    return f"own-{digest.hexdigest()[:16]}"
