"""Find fonts of this machine for the letters of a figure, and warn of letters that none has."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

from mapserver.errors import N_, fill
from mapserver.settings import limits
from mapserver.text import language

EMOJI = range(0x1F000, 0x1FB00)
PACKAGES = {"emoji": "fonts-symbola", "cjk": "fonts-noto-cjk", "other": "fonts-noto-core"}
"""Debian packages with fonts, by kind of letters."""


class MissingLetters(UserWarning):
    """A figure has letters that no font of this machine has; they are drawn as boxes."""


@contextmanager
def use_style(style: Any, texts: Iterable[str]) -> Iterator[None]:
    """Set matplotlib's style, with fonts for all letters of some texts.

    Parameters
    ----------
    style
        Settings of matplotlib, with ``font.family``, a list of families.
    texts
        The texts that will be drawn. A letter that no font has is drawn as a box.
    """
    families, _ = find_families(tuple(style["font.family"]), _collect_letters(texts))
    with mpl.rc_context(style | {"font.family": list(families)}), warnings.catch_warnings():
        # matplotlib warns of each letter at each drawing; `warn_of_missing` warns once of all.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def warn_of_missing(families: Iterable[str], texts: Iterable[str], lang: str) -> None:
    """Warn of letters that no font has, with a text that has them and the font to install."""
    all_texts = list(texts)
    _, missing = find_families(tuple(families), _collect_letters(all_texts))
    if not missing:
        return
    text = next(candidate for candidate in all_texts if missing & set(candidate))
    template = N_(
        "no font of this machine has the letters {letters}, as in {text}; they are boxes in the "
        "figure. Install a font that has them, for example the package {package}"
    )
    values = {
        "letters": " ".join(sorted(missing)[: limits.MAX_NAMED_LETTERS]),
        "text": repr(" ".join(text.split())),
        "package": ", ".join(dict.fromkeys(map(_find_package, sorted(missing)))),
    }
    warnings.warn(
        fill(language.translator(lang).gettext(template), values), MissingLetters, stacklevel=3
    )


@lru_cache(maxsize=256)
def find_families(
    families: tuple[str, ...], letters: frozenset[str]
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Find fonts of this machine for letters that some families lack.

    Returns
    -------
    families : tuple of str
        The families given, followed by those that have the other letters.
    missing : frozenset of str
        Letters that no font has.
    """
    missing = letters - _list_covered_letters(families)
    # In the order of matplotlib's list, until all letters are covered: matplotlib looks for each
    # letter in one family after another, so an addition changes nothing else.
    added: list[str] = []
    for font in font_manager.fontManager.ttflist if missing else []:
        covered = missing & _read_charmap(font.fname)
        if covered and font.name not in added:
            added.append(font.name)
            missing -= covered
        if not missing:
            break
    return (*families, *added), missing


@lru_cache(maxsize=8)
def _list_covered_letters(families: tuple[str, ...]) -> frozenset[str]:
    """Return the letters that fonts of some families have."""
    files = {f.fname for f in font_manager.fontManager.ttflist if f.name in families}
    return frozenset().union(*map(_read_charmap, files))


@lru_cache(maxsize=512)
def _read_charmap(file: str) -> frozenset[str]:
    """Return the letters of a font; none if matplotlib cannot draw with it."""
    try:
        return frozenset(map(chr, font_manager.get_font(file).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


def _collect_letters(texts: Iterable[str]) -> frozenset[str]:
    """Return the letters that need a shape: no blanks, line breaks and joiners."""
    all_letters = {letter for text in texts for letter in text}
    return frozenset(
        c for c in all_letters if not (c.isspace() or unicodedata.category(c) in {"Cc", "Cf"})
    )


def _find_package(letter: str) -> str:
    """Return the Debian package of a font that has a letter."""
    # East Asian letters are wide (W) or fullwidth (F) by Unicode's property.
    if ord(letter) in EMOJI:
        return PACKAGES["emoji"]
    is_wide = unicodedata.east_asian_width(letter) in {"W", "F"}
    return PACKAGES["cjk" if is_wide else "other"]
