"""What is looked at on a trail and by whom: one table of words for form, ledger and pages.

The Korean words are those with which the districts of Gwangju name the upkeep of such trails. Only
spellings of one thing stand in a row: a look at one thing ends what was found wrong with it, so two
things in a row would open a trail that nobody has looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from mapserver.errors import N_
from mapserver.text.language import is_written_in


@dataclass(frozen=True, slots=True)
class Term:
    """A thing or a role that has words in several languages.

    Attributes
    ----------
    label
        Its English name, which translations know.
    words
        What offices write for it.
    """

    label: str
    words: tuple[str, ...] = ()


WHOLE = "whole"
"""The trail as a whole: an item without a word of its own."""
WHOLE_TRAIL = Term(
    N_("The trail as a whole"), ("전체", "길 전체", "전 구간", "전반", "whole", "all")
)
ITEMS = {
    "litter": Term(N_("Foreign objects"), ("이물질 제거", "이물질")),
    "levelling": Term(N_("Levelling"), ("면고르기",)),
    "tamping": Term(N_("Tamping"), ("다지기",)),
    "earth": Term(N_("Topping up earth"), ("흙 보충", "흙(마사토) 보충", "마사토 보충")),
    "drainage": Term(N_("Drainage"), ("배수시설", "배수")),
    "foot-wash": Term(N_("Foot-wash"), ("세족장", "세족장 청소·퇴적물")),
    "mowing": Term(N_("Mowing"), ("예초",)),
    "leaves": Term(N_("Fallen leaves"), ("낙엽",)),
    "silt-box": Term(N_("Silt box"), ("토사함",)),
    "broom": Term(N_("Broom"), ("빗자루",)),
    "lighting": Term(N_("Lights"), ("안심 조명", "조명")),
}
"""What is looked at."""
INSPECTORS = {
    "team": Term(N_("Inspection team"), ("점검반",)),
    "office": Term(N_("Neighbourhood office"), ("동 행정복지센터", "행정복지센터")),
    "caretaker": Term(N_("Caretaker"), ("관리인",)),
}
"""Who looked: a role, and never a person."""


def simplify_word(text: str) -> str:
    """Return a word without case and blanks; brackets stay: they tell entrances apart."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _index(terms: dict[str, Term]) -> dict[str, str]:
    return {
        simplify_word(word): key
        for key, term in terms.items()
        for word in (term.label, *term.words)
    }


_ITEM_KEYS = _index({**ITEMS, WHOLE: WHOLE_TRAIL}) | {"": WHOLE}
_INSPECTOR_KEYS = _index(INSPECTORS)


def recognise_item(text: str) -> str:
    """Return the key of what was looked at; of an item that only its office has, its plain word.

    Examples
    --------
    >>> [recognise_item(text) for text in ("배수시설", "배수", "전체", "", "난간 (동쪽)")]
    ['drainage', 'drainage', 'whole', 'whole', '난간(동쪽)']
    """
    word = simplify_word(text)
    return _ITEM_KEYS.get(word, word)


def unify_item(text: str) -> str:
    """Return an item by the first of the words that it has; the trail as a whole by none.

    Examples
    --------
    >>> [unify_item(text) for text in ("배수", "Drainage", "전체", "난간 (동쪽)")]
    ['배수시설', '배수시설', '', '난간 (동쪽)']
    """
    key = recognise_item(text)
    if key == WHOLE:
        return ""
    return ITEMS[key].words[0] if key in ITEMS else text.strip()


def unify_inspector(text: str) -> str:
    """Return a role by the first of the words that it has; one that is not known as it stands."""
    key = _INSPECTOR_KEYS.get(simplify_word(text))
    return INSPECTORS[key].words[0] if key else text.strip()


def translate_item(text: str, lang: str, say: Callable[[str], str]) -> str:
    """Return an item in a language; as it is written where it is in it, or has no words in it.

    Parameters
    ----------
    text
        As an office wrote it.
    lang
        Code of the language.
    say
        Its translator.
    """
    key = recognise_item(text)
    term = WHOLE_TRAIL if key == WHOLE else ITEMS.get(key)
    is_known = term is not None and text.strip() and not is_written_in(text, lang)
    return say(term.label) if term and is_known else text


def translate_inspector(text: str, lang: str, say: Callable[[str], str]) -> str:
    """Return a role in a language; parameters as of :func:`translate_item`."""
    key = _INSPECTOR_KEYS.get(simplify_word(text))
    return say(INSPECTORS[key].label) if key and not is_written_in(text, lang) else text
