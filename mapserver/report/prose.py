"""Prose of notebooks for the readers of a city: in its languages, and in its words.

The notebooks are written in Korean with the English below: ``## 지도 / The map``, and a paragraph
in italics after each paragraph. A city whose pages are in English alone has the English alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from mapserver.drawing.shop_counts import has_certificates
from mapserver.model import Snapshot
from mapserver.report.wording import HANGUL
from mapserver.text.languages import KOREAN

if TYPE_CHECKING:
    from nbformat import NotebookNode

CODE = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)
"""Code within a text, whose names are no words."""
FENCE = re.compile(r"(```.*?```)", re.DOTALL)
HEADING = re.compile(r"(#+ (?:\d+\. )?)(.*) / (.*)")
TWIN = re.compile(r"\*(?!\*)(.*[^*])\*", re.DOTALL)
"""A paragraph that is in italics as a whole, as the English one below the Korean is."""


CONDITIONS: dict[str, Callable[[Snapshot], bool]] = {
    "if-certificates": has_certificates,
    "if-korea": lambda city: city.is_in_korea,
}
"""Tags of cells about things that not every city has, and whether one has them."""


def concerns_city(cell: NotebookNode, city: Snapshot) -> bool:
    """Return whether a cell is about things that the city has; one without such a tag is."""
    return all(
        holds(city) for tag, holds in CONDITIONS.items() if tag in cell.metadata.get("tags", ())
    )


def select_prose(source: str, city: Snapshot) -> str:
    """Return the Markdown of a cell as the readers of a city want it.

    Parameters
    ----------
    source
        The cell as the notebook has it.
    city
        Its catalogue says in which languages and in which words.
    """
    languages = city.catalog.page_languages
    if KOREAN.code not in languages:
        source = _select_twins(source)
    return replace_words(source, city)


def replace_words(source: str, city: Snapshot) -> str:
    """Put the city's words for its things into a text, but not into code within it."""
    parts = CODE.split(source)
    for lang in city.catalog.page_languages:
        # Every second part is code, and stays.
        parts[::2] = map(city.phrases(lang).replace_words, parts[::2])
    return "".join(parts)


def _select_twins(source: str) -> str:
    """Keep of a bilingual text what stands below the Korean; what has no twin stays as it is."""
    parts = FENCE.split(source)
    parts[::2] = ["\n\n".join(_select_paragraphs(part.split("\n\n"))) for part in parts[::2]]
    return "".join(parts)


def _select_paragraphs(paragraphs: list[str]) -> Iterable[str]:
    followers = [*paragraphs[1:], ""]
    for paragraph, follower in zip(paragraphs, followers, strict=True):
        heading, twin = HEADING.fullmatch(paragraph.strip()), TWIN.fullmatch(paragraph.strip())
        if heading and HANGUL.search(heading[2]) and not HANGUL.search(heading[3]):
            yield heading[1] + heading[3]
        elif twin and not HANGUL.search(twin[1]):
            yield twin[1]
        elif not (HANGUL.search(paragraph) and TWIN.fullmatch(follower.strip())):
            yield paragraph
