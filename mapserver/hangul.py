"""Korean syllables taken apart: to find text half typed, and to write it in Latin letters."""

from __future__ import annotations

import re
import unicodedata

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FIRST, LAST = 0xAC00, 0xD7A3
FINALS = 28
PER_INITIAL = 21 * FINALS
"""Syllables stand in Unicode by initial, vowel and final (The Unicode Standard, 3.12)."""

ROMAN = {
    0x1100: "g kk n d tt r m b pp s ss - j jj ch k t p h",
    0x1161: "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
    0x11A8: "k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
}
"""Initials, vowels and finals from their first in Unicode, in the Revised Romanization of 2000."""
LETTERS = {
    first + n: letters.strip("-")
    for first, row in ROMAN.items()
    for n, letters in enumerate(row.split())
}


def romanize(text: str) -> str:
    """Write the Korean in a text in Latin letters, syllable by syllable, for ids and file names.

    Sounds that change where syllables meet are written as they stand: 신라 becomes ``sinra``.
    Everything else stays.
    """
    return unicodedata.normalize("NFD", text).translate(LETTERS)


def finder(query: str) -> re.Pattern[str]:
    """Make a pattern that finds what somebody typed.

    Parameters
    ----------
    query
        ``ㄱㄷㅅ`` finds 금당산, and so do ``금다`` and ``금당``; letter case and spaces at the ends
        do not matter.
    """
    text = unicodedata.normalize("NFC", query).strip()
    return re.compile("".join(map(_sign, text)), re.IGNORECASE)


def _sign(sign: str) -> str:
    if sign in INITIALS:
        first = FIRST + INITIALS.index(sign) * PER_INITIAL
        return f"[{sign}{chr(first)}-{chr(first + PER_INITIAL - 1)}]"
    code = ord(sign)
    if FIRST <= code <= LAST and (code - FIRST) % FINALS == 0:
        # A syllable without a final may be one whose final is still to be typed.
        return f"[{sign}-{chr(code + FINALS - 1)}]"
    return r"\s+" if sign.isspace() else re.escape(sign)
