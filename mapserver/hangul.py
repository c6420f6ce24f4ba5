"""Finding Korean text as people type it: by initial consonants, and by syllables half typed."""

from __future__ import annotations

import re
import unicodedata

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FIRST, LAST = 0xAC00, 0xD7A3
FINALS = 28
PER_INITIAL = 21 * FINALS
"""Syllables stand in Unicode by initial, vowel and final (The Unicode Standard, 3.12)."""


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
