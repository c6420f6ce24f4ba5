"""Names as people typed them, and what programs made of them: garbled, escaped, invisible."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from mapserver.errors import N_

BLANKS = frozenset("\u3164\u115f\u1160\uffa0\u2800\u00ad\u034f")
"""Letters that show nothing, though Unicode counts them as letters or marks."""

ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos|nbsp);", re.IGNORECASE)
REPLACEMENT = "\ufffd"
READ_AS = ("cp1252", "latin-1", "cp949")
"""Encodings that text in UTF-8 is taken for by mistake."""

GARBLED = re.compile("[\u00ea-\u00ed][\u0080-\u00bf\u0152-\u2122]")
"""Two of the three bytes of a Korean syllable, read as Western letters."""

COMMON_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
"""A syllable among the 2,350 of KS X 1001, as cp949 and EUC-KR write it."""


@dataclass(frozen=True, slots=True)
class NameFault:
    """What is wrong with a name.

    Attributes
    ----------
    code
        Of the finding.
    what, mend
        Message ids; ``{probable}`` is what the name probably is.
    probable
        The right text, as far as it can be told; empty where it cannot.
    """

    code: str
    what: str
    mend: str
    probable: str = ""


def is_visible(text: str) -> bool:
    r"""Return whether a text shows anything.

    Examples
    --------
    >>> [is_visible(text) for text in ("길", "\u200b", "\u3164", " ")]
    [True, False, False, False]
    """
    return any(
        letter not in BLANKS and unicodedata.category(letter)[0] not in {"C", "Z"}
        for letter in text
    )


def find_name_fault(text: str) -> NameFault | None:
    """Find what a program made of a name on its way; None where nothing looks wrong.

    Examples
    --------
    >>> find_name_fault("A &amp; B").probable, find_name_fault("맨발길")
    ('A & B', None)
    """
    # An empty name is none; one of invisible letters looks empty and is not.
    if text and not is_visible(text):
        return NameFault(
            "name-invisible",
            N_("its name has no letter that can be seen"),
            N_("Write a name, or leave it empty"),
        )
    # The order matters: an escaped name may look garbled as well, and unescaping is certain.
    if ENTITY.search(text):
        return NameFault(
            "name-escaped",
            N_("its name holds codes of a web page: {name}; it is probably {probable}"),
            N_("Write it as {probable}"),
            html.unescape(html.unescape(text)).replace("\u00a0", " "),
        )
    if probable := restore_garbled_name(text):
        return NameFault(
            "name-garbled",
            N_("its name was read in the wrong encoding: {name}; it is probably {probable}"),
            N_("Write it as {probable}, or export the file again as UTF-8"),
            probable,
        )
    if REPLACEMENT in text:
        return NameFault(
            "name-broken",
            N_("its name has signs for letters that were lost: {name}"),
            N_("Look the name up where it comes from, and write it anew"),
        )
    return None


def restore_garbled_name(text: str) -> str:
    """Return what a garbled Korean text probably was, or an empty text.

    UTF-8 that was read as Western or Korean letters gives way when it is written in those and read
    as UTF-8; cp949 that was read as Western letters when it is read as cp949. The result counts
    only if it is Korean and the text was not, or was mixed with Chinese letters and rare ones.
    """
    if text.isascii():
        return ""
    for codec in READ_AS:
        if codec == "cp949" and not re.search(r"[\u4e00-\u9fff\ufffd?]", text):
            continue  # Korean that was read right
        # Right only if it is shorter: two or three garbled letters stand for one syllable.
        probable = _reinterpret_text(text, codec)
        if _count_hangul(probable) >= 1 and len(probable) < len(text):
            return probable
    if len(GARBLED.findall(text)) >= 2:  # some bytes were lost, such as control characters
        data = text.encode("cp1252", "ignore")
        probable = data.decode("utf-8", "replace")
        if _count_hangul(probable) >= 2:
            return probable
    # cp949 read as Western letters has two letters for each syllable, in pairs.
    western = re.fullmatch(r"[\x20-\x7e\u00a0-\u00ff]+", text)
    data = text.encode("latin-1") if western else b""
    runs = re.findall(rb"[\x80-\xff]+", data)
    pairs = [run[n : n + 2] for run in runs for n in range(0, len(run), 2)]
    if pairs and all(map(COMMON_HANGUL.fullmatch, pairs)):
        probable = data.decode("cp949")
        return probable if _count_hangul(probable) >= 2 else ""
    return ""


def _reinterpret_text(text: str, codec: str) -> str:
    """Write a text in an encoding and read it as UTF-8; empty where that is not possible."""
    pieces = []
    for letter in text:
        try:
            pieces.append(letter.encode(codec))
        except UnicodeEncodeError:
            # cp1252 has no letter for five bytes, which readers hand through as they are.
            if ord(letter) > 0xFF and letter != REPLACEMENT:
                return ""
            pieces.append(b"" if letter == REPLACEMENT else bytes([ord(letter)]))
    data = b"".join(pieces)
    # Where bytes were lost already, the broken syllables are left out of the guess.
    lost = REPLACEMENT in text or "?" in text
    try:
        return data.decode("utf-8", "ignore" if lost else "strict")
    except UnicodeDecodeError:
        return ""


def _count_hangul(text: str) -> int:
    return len(re.findall("[\uac00-\ud7a3]", text))
