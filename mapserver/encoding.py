"""Text encodings: which one a file from a Korean office is in, from evidence and never by guess."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from collections.abc import Iterable

from mapserver.errors import N_, DataError

KOREAN_LABELS = frozenset(
    {"949", "cp949", "ms949", "uhc", "windows949", "xwindows949", "euckr", "ksc56011987", "ksc5601"}
    | {"ksx1001", "ksc56011989", "ansi949", "korean"}
)
"""Names of cp949 and its subsets, without punctuation; cp949 reads all of them."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
NOT_ASCII = re.compile("[^\x00-\x7f]")


def codec(label: str, *, where: str = "") -> str:
    """Find Python's name of an encoding that a catalogue or a ``.cpg`` file names.

    Raises
    ------
    DataError
        There is no such encoding.
    """
    plain = re.sub(r"[^a-z0-9]", "", label.lower())
    if plain in KOREAN_LABELS:
        return "cp949"
    name = f"cp{plain}" if plain.isdecimal() else label.strip()
    name = re.sub(r"(?i)^ansi[ _-]*(?=\d)", "cp", name)
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # refuses what Python calls a codec but is no text, such as base64
    except (LookupError, ValueError, TypeError) as error:
        raise DataError(
            N_("{label} is not the name of a text encoding"),
            where=where,
            mend=N_('Write encoding = "utf-8" or encoding = "cp949" for the layer in catalog.toml'),
            label=repr(label),
        ) from error
    return found.name


def detect(pieces: Iterable[bytes]) -> str | None:
    """Tell the encoding of text without a label: UTF-8 if strictly valid, else cp949 if Hangul.

    Parameters
    ----------
    pieces
        Texts of one file. A piece may be cut in the middle of a character, as the fields of a DBF
        table are.

    Returns
    -------
    str or None
        ``utf-8``, ``cp949``, or None when the bytes prove neither.
    """
    texts = [piece for piece in pieces if not piece.isascii()]
    if fits(texts, "utf-8"):
        return "utf-8"
    if not fits(texts, "cp949"):
        return None
    foreign = "".join(NOT_ASCII.findall("".join(decode_cut(text, "cp949") for text in texts)))
    # Western text may decode as stray Korean characters; Korean text is Hangul for the most part.
    return "cp949" if len(HANGUL.findall(foreign)) * 2 >= max(len(foreign), 1) else None


def fits(pieces: Iterable[bytes], name: str) -> bool:
    """Tell whether all pieces are valid in an encoding, but for a character cut off at the end."""
    try:
        for piece in pieces:
            decode_cut(piece, name)
    except UnicodeDecodeError:
        return False
    return True


def decode_cut(piece: bytes, name: str) -> str:
    """Decode text that may end in the middle of a character; the broken character is dropped.

    Raises
    ------
    UnicodeDecodeError
        The text is invalid elsewhere than at its end.
    """
    return codecs.getincrementaldecoder(name)().decode(piece.rstrip(b" \0"), final=False)


BY_CONTENT = N_("the text itself is valid in it, and in no other that we know")


def proven(data: bytes, *, label: str | None = None, where: str = "") -> tuple[str, str]:
    """Tell the encoding of a text file, and what proves it: a message id.

    Raises
    ------
    DataError
        Nothing proves one.
    """
    marked = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if marked:
        return marked, N_("its byte order mark says so")
    if label:
        return codec(label, where=where), N_("as you say")
    found = detect([data])
    if found is None:
        raise unknown_encoding(where)
    return found, BY_CONTENT


def decode(data: bytes, *, where: str, label: str | None = None) -> str:
    """Decode a text file, normalised to NFC and without its byte order mark.

    Parameters
    ----------
    data
        The whole file.
    where
        Name of the file, for messages.
    label
        The encoding that the catalogue names; it is followed, not checked against the content.

    Raises
    ------
    DataError
        The bytes are not valid in the encoding, or prove none.
    """
    name, _ = proven(data, label=label, where=where)
    # The other decoders take their mark away themselves.
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, UnicodeError) as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise DataError(
            N_("the text is not valid {encoding}"),
            where=f"{where}:{line}",
            mend=N_('Name the right one: encoding = "cp949" in catalog.toml, or --encoding cp949'),
            encoding=name,
        ) from error
    return unicodedata.normalize("NFC", text)


def file_name(name: str) -> str:
    """Give the name of a file as people read it.

    Archives packed in Korea unpack elsewhere into names that are bytes of cp949, which Python hands
    on as half characters that nothing can write.
    """
    data = os.fsencode(name)
    found = detect([data])
    return unicodedata.normalize("NFC", data.decode(found or "utf-8", "replace"))


def unknown_encoding(where: str) -> DataError:
    """Ask for the encoding of a file whose bytes prove none."""
    return DataError(
        N_("the text is neither UTF-8 nor Korean (cp949)"),
        where=where,
        mend=N_('Name it, for example encoding = "cp1252" in catalog.toml or --encoding cp1252'),
    )
