"""The words for a city's things: what is called a trail, a district or a certificate there.

The texts of the program are about barefoot trails, shopping districts and Onnuri certificates. A
catalogue with ``[words]`` says what its city has instead, and every text of pages, maps, figures
and files then says so: they all ask :class:`Phrases`, and nobody else replaces words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from mapserver.errors.particles import fit_particle
from mapserver.text import language
from mapserver.text.languages import ENGLISH, LANGUAGES, Language, choose_text

KINDS = ("paper", "card", "mobile")
"""Texts that are nothing but the kind of a certificate."""

NUMBERS = ("one", "many")
"""Of a thing: the order of its expressions in the row of a language."""

LETTER = "[A-Za-zÀ-ÖØ-öø-ɏ]"
"""A letter of the languages that are written in Latin script."""

NO_WORDS = re.compile(
    r"(\{[^}]*\}|%\(\w+\)[sd]"  # places for values
    r'|"[^"]*"'  # what is to be written as it stands, and attributes of markup
    r"|--\w+(?: \w+)?|\bcolumns? [a-z_]+"  # options of commands, and columns of tables
    r"|\w+(?:[/=.]\w+)+|\w*_\w+)"  # files, ids, names in Python
)
"""What the program's texts name as it is for programs: none of it is a word for a thing."""


MARKS_OF_WORDS = ("article", "particle")
"""What stands beside a word and changes with it."""
PARTICLE = "(?:(?P<particle>으로|[이가을를은는과와로])(?![가-힣]))?"
"""A Korean particle right behind a word, which the sound of the word decides: 길이, 산책로가."""


class Word:
    """What a thing is called: singular and plural by code of language.

    Attributes
    ----------
    singular, plural
        The key ``""`` is of a word whose language nobody says.
    """

    # No dataclass: msgspec would read its fields, and not the forms that a catalogue has.
    __slots__ = ("plural", "singular")

    def __init__(self, singular: Mapping[str, str], plural: Mapping[str, str]) -> None:
        self.singular = singular
        self.plural = plural

    @classmethod
    def read(cls, value: object) -> Word:
        """Read ``"Radweg"``, ``["Radweg", "Radwege"]`` or such a value for each language.

        One text serves for one thing and for many.

        Raises
        ------
        ValueError
            It is none of these.
        """
        by_language: dict[str, Any] = value if isinstance(value, dict) else {"": value}
        forms: dict[str, list[str]] = {}
        for code, given in by_language.items():
            texts = [given] if isinstance(given, str) else given
            is_read = isinstance(texts, list) and len(texts) in {1, 2}
            if not is_read or not all(isinstance(text, str) and text.strip() for text in texts):
                raise ValueError('Expected a word, or two: ["cycle path", "cycle paths"]')
            forms[str(code)] = texts
        if not forms:
            raise ValueError("Expected a word in at least one language")
        return cls({c: t[0] for c, t in forms.items()}, {c: t[-1] for c, t in forms.items()})


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a city calls its things; the program's own word where one is not given.

    Attributes
    ----------
    trail, district, neighborhood, zone
        A feature of the layer of that role.
    certificate
        What shops take and a city adds to: a voucher, a card.
    paper, card, mobile
        The kinds of certificate.
    """

    trail: Word | None = None
    district: Word | None = None
    neighborhood: Word | None = None
    zone: Word | None = None
    certificate: Word | None = None
    paper: Word | None = None
    card: Word | None = None
    mobile: Word | None = None

    def find(self, noun: str) -> Word | None:
        """Return the city's word for what a role calls ``noun``; None where it has none."""
        return getattr(self, noun, None) if noun in self.__struct_fields__ else None


OWN_WORDS = Words()
"""Of a city that has no words of its own: those of the program."""


def find_phrases(words: Words, lang: str) -> Phrases:
    """Return the texts of the program in a language, in the words of a catalogue."""
    return _make_phrases(words, LANGUAGES[lang])


@lru_cache(maxsize=16)
def _make_phrases(words: Words, row: Language) -> Phrases:
    return Phrases(words, row.code)


class Phrases:
    """The texts of the program in a language, with a city's words for its things.

    Parameters
    ----------
    words
        Of the catalogue.
    lang
        A language of the program.
    """

    def __init__(self, words: Words, lang: str) -> None:
        self._translations = language.translator(lang)
        self._lang = lang
        # Each expression has a group for each thing, so one pass replaces all of them: what has
        # been put in is not looked at again.
        # A language without terms of its own has English texts where it has no translations.
        terms = LANGUAGES[lang].terms or ENGLISH.terms
        patterns = {noun: forms for noun, forms in terms.items() if words.find(noun)}
        self._words = {noun: words.find(noun) for noun in (*patterns, *KINDS)}
        # Each expression has a group for one and for many, so one pass replaces all of them: what
        # has been put in is not looked at again.
        alternatives = "|".join(
            f"(?P<{noun}_{number}>{form})"
            for noun, forms in patterns.items()
            for number, form in zip(NUMBERS, forms, strict=False)
        )
        # Korean particles follow a noun without a blank, so only Latin letters bound a word.
        whole = rf"(?:\b(?P<article>an?) )?(?<!{LETTER})(?:{alternatives})(?!{LETTER}){PARTICLE}"
        self._pattern = re.compile(whole, re.IGNORECASE) if patterns else None

    def say(self, text: str) -> str:
        """Return a text of the program in the language, in the city's words."""
        if not text:  # which gettext would answer with the head of the translations
            return ""
        kind = self._words.get(text)
        if kind is not None:
            return choose_text(kind.singular, self._lang)
        return self.replace_words(self._translations.gettext(text))

    def say_counted(self, one: str, many: str, count: int) -> str:
        """Return the one of two texts that fits a count, in the city's words."""
        return self.replace_words(self._translations.ngettext(one, many, count))

    def replace_words(self, text: str) -> str:
        """Return a text that is in the language already, in the city's words."""
        if self._pattern is None:
            return text
        # Every second part is for programs, and stays.
        parts = NO_WORDS.split(text)
        parts[::2] = [self._pattern.sub(self._write_word, part) for part in parts[::2]]
        return "".join(parts)

    def _write_word(self, match: re.Match[str]) -> str:
        """Write the city's word for one of the program's, in its number and with its article."""
        group, found = next(
            (g, t) for g, t in match.groupdict().items() if t and g not in MARKS_OF_WORDS
        )
        noun, _, number = group.rpartition("_")
        word = self._words[noun]
        assert word is not None  # noqa: S101 -- only nouns with a word are in the pattern
        text = choose_text(word.plural if number == "many" else word.singular, self._lang)
        if match["particle"]:
            text += fit_particle(text, match["particle"])
        article = match["article"]
        if article:
            fitting = "an" if text[0].casefold() in "aeiou" else "a"
            return f"{fitting.capitalize() if article[0].isupper() else fitting} {text}"
        # A name has its capital anywhere, and a word in its place only where a sentence begins.
        before = match.string[: match.start()].rstrip()
        is_name = found.startswith("Onnuri") and before and before[-1] not in ".!?:·"
        return text[0].upper() + text[1:] if found[0].isupper() and not is_name else text
