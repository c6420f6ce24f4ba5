"""Names of text encodings: what a label means to Python, and which are most used."""

from __future__ import annotations

import codecs
import difflib
import re
from encodings import aliases

from mapserver.errors import N_, DataError

KOREAN_LABELS = frozenset(
    {"949", "cp949", "ms949", "uhc", "windows949", "xwindows949", "euckr", "ksc56011987", "ksc5601"}
    | {"ksx1001", "ksc56011989", "ansi949", "korean"}
)
"""Names of cp949 and its subsets, without punctuation; cp949 reads all of them."""

SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
"""Encodings whose name is used for one that has more letters (WHATWG Encoding, 4.2)."""

WRITTEN_IN_ASCII = {"idna", "punycode", "unicode-escape", "raw-unicode-escape"}
"""What Python calls encodings of text and is notation: in names of hosts, in source code."""

USUAL = ("utf-8", "cp949", "gb18030", "cp950", "cp932", "cp874", "cp1251", "cp1252")


def find_codec(label: str, *, where: str = "") -> str:
    """Find Python's name of an encoding that a catalogue or a ``.cpg`` file names.

    Raises
    ------
    DataError
        There is no such encoding.
    """
    plain = re.sub(r"[^a-z0-9]", "", label.lower())
    # cp949 contains EUC-KR and KS X 1001, and files that claim one of those often hold more.
    if plain in KOREAN_LABELS:
        return "cp949"
    # .cpg files name a code page by its number alone, or as ANSI 1252.
    name = f"cp{plain}" if plain.isdecimal() else label.strip()
    name = re.sub(r"(?i)^(ansi|windows|ms)[ _-]*(?=\d)", "cp", name)
    try:
        python_name = codecs.lookup(name).name
        # This refuses what Python calls a codec but is no text, such as base64.
        "".encode(python_name)
        if python_name in WRITTEN_IN_ASCII:
            raise ValueError(python_name)
    except (LookupError, ValueError, TypeError) as error:
        raise DataError(
            N_("{label} is not the name of a text encoding"),
            where=where,
            mend=N_("Names are those that Python knows: {names}"),
            label=repr(label),
            names=", ".join(_suggest_names(plain)),
        ) from error
    return SUPERSETS.get(python_name, python_name)


def _suggest_names(plain: str) -> list[str]:
    """Return the names of encodings that a wrong one resembles, or those most used."""
    names_by_key = {name.replace("_", ""): name for name in sorted(aliases.aliases.values())}
    names_by_key |= {name.replace("_", ""): target for name, target in aliases.aliases.items()}
    close = difflib.get_close_matches(plain, names_by_key, n=4, cutoff=0.6)
    return list(dict.fromkeys(names_by_key[name] for name in close)) or list(USUAL)
