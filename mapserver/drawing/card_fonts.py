"""Finds a font that has all letters of a text; where none has, the text is left out of a card."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

FONTS = Path(__file__).parents[1] / "fonts"
"""Nanum Gothic, which the figures use, too: the same on every machine."""
REGULAR, BOLD = FONTS / "NanumGothic-Regular.ttf", FONTS / "NanumGothic-Bold.ttf"

SYSTEM_FOLDERS = {
    "win32": ("C:/Windows/Fonts",),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
}
LINUX_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})

PROBE_PX = 32
"""Size at which the shape of a letter is compared with the box that stands for none."""
NO_LETTER = "\uffff"
"""A code point that is no letter, so a font draws its box for it."""

SHAPED = ((0x0600, 0x0900), (0x0900, 0x1100), (0x1780, 0x1900), (0xFB50, 0xFE00), (0xFE70, 0xFEFF))
"""Arabic, scripts of India and South-East Asia: their letters change with their neighbours."""
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})

Font = ImageFont.FreeTypeFont


def find_font(text: str, size_px: int, *, bold: bool = False) -> Font | None:
    """Find a font for a text.

    Parameters
    ----------
    text
        One line.
    size_px
        Height of its letters.
    bold
        Whether the letters are bold, where the font is one of several weights.

    Returns
    -------
    FreeTypeFont or None
        None where no font of this machine has all letters, or where nothing here can put letters
        in the order in which they are read. A box says nothing, and a wrong order is worse.
    """
    letters = frozenset(filter(_has_shape, text))
    if not letters or (_needs_shaping(letters) and not _can_shape()):
        return None
    path = _find_file(letters, bold)
    return None if path is None else _open(path, size_px)


@lru_cache(maxsize=512)
def _find_file(letters: frozenset[str], bold: bool) -> Path | None:
    # Our own font first; then those of the machine, the plain ones of the right weight in front.
    return next((path for path in _list_files(bold) if _has_letters(path, letters)), None)


def _list_files(bold: bool) -> Iterator[Path]:
    yield from ((BOLD, REGULAR) if bold else (REGULAR, BOLD))
    yield from sorted(_list_system_files(), key=lambda path: _rank(path, bold))


@lru_cache(maxsize=1)
def _list_system_files() -> tuple[Path, ...]:
    folders = SYSTEM_FOLDERS.get(sys.platform, LINUX_FOLDERS)
    found: set[Path] = set()
    for folder in folders:
        try:
            found.update(Path(folder).expanduser().rglob("*"))
        except (OSError, RuntimeError):  # a folder that may not be read, a home that nobody has
            continue
    return tuple(sorted(path for path in found if path.suffix.lower() in SUFFIXES))


def _rank(path: Path, bold: bool) -> tuple[bool, bool, bool, str]:
    """Return what fonts are sorted by: no serifs, upright, of the right weight, then by name."""
    name = path.stem.lower()
    is_slanted = "italic" in name or "oblique" in name or "mono" in name
    return "sans" not in name, is_slanted, ("bold" in name) != bold, name


def _has_letters(path: Path, letters: frozenset[str]) -> bool:
    try:
        font = _open(path, PROBE_PX)
        box = _draw_letter(font, NO_LETTER)
        return all(_draw_letter(font, letter) not in {box, b""} for letter in letters)
    except (OSError, ValueError):  # no font that FreeType can draw with, as one of coloured emoji
        return False


def _draw_letter(font: Font, letter: str) -> bytes:
    return bytes(font.getmask(letter))


@lru_cache(maxsize=64)
def _open(path: Path, size_px: int) -> Font:
    return ImageFont.truetype(str(path), size_px)


def _has_shape(letter: str) -> bool:
    """Return whether a letter is drawn: no blank, no mark of direction, no joiner."""
    return not (letter.isspace() or unicodedata.category(letter) in {"Cc", "Cf"})


def _needs_shaping(letters: frozenset[str]) -> bool:
    """Return whether letters are written from right to left, or change with their neighbours."""
    return any(
        unicodedata.bidirectional(letter) in RIGHT_TO_LEFT
        or any(first <= ord(letter) < end for first, end in SHAPED)
        for letter in letters
    )


def _can_shape() -> bool:
    """Return whether the libraries that order and join letters are on this machine."""
    return all(features.check(name) is True for name in ("raqm", "fribidi"))
