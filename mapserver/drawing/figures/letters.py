"""Letters of a figure: fonts of this machine for those that ours lack; a word where none has."""

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
from mapserver.text import language

SHOWN = 12
"""So many letters are named in a warning."""
EMOJI = range(0x1F000, 0x1FB00)
PACKAGES = {"emoji": "fonts-symbola", "cjk": "fonts-noto-cjk", "other": "fonts-noto-core"}
"""Debian packages with fonts, by what letters they are for."""


class MissingLetters(UserWarning):
    """A figure has letters that no font of this machine has; they are boxes in it."""


@contextmanager
def drawing(style: Any, texts: Iterable[str]) -> Iterator[None]:
    """Set matplotlib's style, with a font for every letter of some texts that any font has.

    Parameters
    ----------
    style
        Settings of matplotlib, with ``font.family``, a list of families.
    texts
        What will be drawn.
    """
    families, _ = find_families(tuple(style["font.family"]), _letters(texts))
    with mpl.rc_context(style | {"font.family": list(families)}), warnings.catch_warnings():
        # What is missing is said once and in plain words by `warn_of_missing`.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def warn_of_missing(families: Iterable[str], texts: Iterable[str], lang: str) -> None:
    """Warn of the letters that no font has, with a text they stand in and the font to install."""
    every = list(texts)
    _, missing = find_families(tuple(families), _letters(every))
    if not missing:
        return
    text = next(each for each in every if missing & set(each))
    what = N_(
        "no font of this machine has the letters {letters}, as in {text}; they are boxes in the "
        "figure. Install a font that has them, for example the package {package}"
    )
    values = {
        "letters": " ".join(sorted(missing)[:SHOWN]),
        "text": repr(" ".join(text.split())),
        "package": ", ".join(dict.fromkeys(map(_package, sorted(missing)))),
    }
    warnings.warn(
        fill(language.translator(lang).gettext(what), values), MissingLetters, stacklevel=3
    )


@lru_cache(maxsize=256)
def find_families(
    families: tuple[str, ...], letters: frozenset[str]
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Find fonts of this machine for letters that some families lack.

    Returns
    -------
    families : tuple of str
        Those given, and after them whatever else is needed.
    missing : frozenset of str
        Letters that no font has.
    """
    missing = letters - _covered(families)
    extra: list[str] = []
    for font in font_manager.fontManager.ttflist if missing else []:
        found = missing & _charmap(font.fname)
        if found and font.name not in extra:
            extra.append(font.name)
            missing -= found
        if not missing:
            break
    return (*families, *extra), missing


@lru_cache(maxsize=8)
def _covered(families: tuple[str, ...]) -> frozenset[str]:
    """Return the letters that fonts of some families have."""
    files = {f.fname for f in font_manager.fontManager.ttflist if f.name in families}
    return frozenset().union(*map(_charmap, files))


@lru_cache(maxsize=512)
def _charmap(file: str) -> frozenset[str]:
    """Return the letters of a font; none of one that matplotlib cannot draw with."""
    try:
        return frozenset(map(chr, font_manager.get_font(file).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


def _letters(texts: Iterable[str]) -> frozenset[str]:
    """Return the letters that need a shape: no blanks, line breaks and joiners."""
    every = {letter for text in texts for letter in text}
    return frozenset(
        c for c in every if not (c.isspace() or unicodedata.category(c) in {"Cc", "Cf"})
    )


def _package(letter: str) -> str:
    """Return the package of fonts that has a letter."""
    if ord(letter) in EMOJI:
        return PACKAGES["emoji"]
    wide = unicodedata.east_asian_width(letter) in {"W", "F"}
    return PACKAGES["cjk" if wide else "other"]
