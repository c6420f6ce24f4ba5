"""Titles of cities, layers and roles, and sources of data, in one language or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mapserver.text import language
from mapserver.text.languages import DEFAULT, ENGLISH, LANGUAGES, choose_text


class Title:
    """A text in one language or several, immutable; false when it says nothing.

    Parameters
    ----------
    text
        The text in Korean or, with ``english`` missing and no ``texts``, in whatever language.
    english
        The same in English.
    texts
        Or by code of language; the key ``""`` is of a text whose language nobody says.
    """

    __slots__ = ("texts",)

    texts: Mapping[str, str]

    def __init__(
        self, text: str = "", english: str = "", *, texts: Mapping[str, str] | None = None
    ) -> None:
        if texts is None:
            texts = {DEFAULT: text, ENGLISH.code: english} if english else {"": text}
        written = {code: text for code, text in texts.items() if text}
        object.__setattr__(self, "texts", MappingProxyType(written))

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse every change: a title is shared by the cities that have it."""
        raise AttributeError(name)

    def __bool__(self) -> bool:
        """Return whether it says anything."""
        return bool(self.texts)

    def __eq__(self, other: object) -> bool:
        """Return whether both say the same to every reader."""
        if not isinstance(other, Title):
            return NotImplemented
        return self.texts == other.texts or self._read_by_all() == other._read_by_all()

    def __hash__(self) -> int:
        """Return a number that equal titles share."""
        return hash(self._read_by_all())

    def __repr__(self) -> str:
        """Return how it is written in Python."""
        return f"Title(texts={dict(self.texts)})"

    def __str__(self) -> str:
        """Return the text as files for programs have it: in English, or else in what there is."""
        return self.in_language(ENGLISH.code)

    def __reduce__(self) -> tuple[object, ...]:
        """Return what another process makes it of: a mapping that cannot change is not pickled."""
        return _load_title, (dict(self.texts),)

    def in_language(self, lang: str) -> str:
        """Return the text for readers of a language; see :func:`choose_text` when it lacks it."""
        return choose_text(self.texts, lang)

    def translate(self) -> Title:
        """Return it in every language of the program, by the translations of its English."""
        if not self:  # which gettext would answer with the head of the translations
            return self
        english = self.in_language(ENGLISH.code)
        texts = {code: language.translator(code).gettext(english) for code in LANGUAGES}
        # What is not translated comes back as it is, and is no text in that language.
        texts = {c: t for c, t in texts.items() if t != english or c == ENGLISH.code}
        return Title(texts=texts | {code: text for code, text in self.texts.items() if code})

    def for_languages(self, languages: Iterable[str]) -> dict[str, str]:
        """Return the texts by code; what is in no stated language serves all of ``languages``."""
        stated = {code: text for code, text in self.texts.items() if code}
        return stated or {code: self.in_language(code) for code in languages if self}

    def _read_by_all(self) -> tuple[str, ...]:
        return tuple(self.in_language(code) for code in LANGUAGES)


def _load_title(texts: dict[str, str]) -> Title:
    return Title(texts=texts)
