"""Text encodings: which one a file from a Korean office is in, from evidence and never by guess."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from mapserver.errors import N_, DataError
from mapserver.settings import limits
from mapserver.text.code_pages import (
    CLEAR_LEAD,
    Box,
    Reading,
    choose_reading,
    find_languages,
    is_common_hangul,
    is_text,
    weigh_readings,
)
from mapserver.text.encoding_names import find_codec
from mapserver.text.header_row import simplify_name

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

ALIKE = {"gbk": "gb18030", "cp936": "gb18030", "cp950": "big5hkscs", "big5": "big5hkscs"}
"""Encodings that are weighed as one with more letters."""

READS_AS = {
    "ko": N_("its words read as Korean"),
    "zh": N_("its words read as Chinese"),
    "ja": N_("its words read as Japanese"),
    "th": N_("its words read as Thai"),
    "ru": N_("its words read as Russian"),
    "el": N_("its words read as Greek"),
    "he": N_("its words read as Hebrew"),
    "ar": N_("its words read as Arabic"),
}
"""What proves an encoding by content, for the languages that decide by themselves."""

UTF16_RATIO = 3
"""So many times as many zeros stand at one half of a text's places as at the other."""

SEPARATOR = re.compile(r"[,;|\t\r]")
LEAST_HEADINGS = 2
"""One known word may stand in a title of another language by chance; two in one line do not."""
WORTH_SHOWING = 0.1
NOT_ASCII = re.compile("[^\x00-\x7f]")


def detect_encoding(
    pieces: Iterable[bytes],
    *,
    city_box: Box | None = None,
    may_be_cut: bool = True,
    where: str = "",
    headings: frozenset[str] = frozenset(),
) -> tuple[str, str]:
    """Find the encoding of text without a label: UTF-8 if strictly valid, else by what it says.

    Parameters
    ----------
    pieces
        Texts of one file.
    city_box
        Where the city lies: west, south, east, north. The place's language is expected.
    may_be_cut
        A piece may break off in the middle of a character, as the fields of a DBF table do.

    where
        Name of the file, for messages.
    headings
        Korean names of columns, as :func:`~mapserver.text.header_row.simplify_name` writes them: a
        table with two of them in one line of its top is Korean.

    Returns
    -------
    encoding : str
        Python's name of it.
    proof : str
        What proves it: a message id.

    Raises
    ------
    DataError
        The bytes prove none. It says how the text would read in those that are possible.
    """
    texts = [piece for piece in pieces if not piece.isascii()]
    # Text of another encoding with a few letters beyond ASCII is practically never valid UTF-8.
    if is_valid_in(texts, "utf-8"):
        return "utf-8", N_("the text is valid in it")
    if not may_be_cut:
        _require_one_encoding(texts, where)
    # Rows of hours and numbers have too few words to be weighed, but names of columns are known.
    if headings and _has_headings(texts, headings):
        return "cp949", N_("the names of its columns are Korean")
    # All other encodings accept nearly any bytes: only what the text then says can decide.
    readings = weigh_readings(texts, may_be_cut=may_be_cut)
    chosen = choose_reading(readings, find_languages(b"\n".join(texts), city_box))
    if chosen is None:
        odd_lines = None if may_be_cut else find_odd_lines(texts, where)
        raise odd_lines or ask_encoding(readings, where)
    return chosen.encoding, READS_AS.get(chosen.language, N_("its words read well"))


def require_credible(
    pieces: Sequence[bytes], name: str, *, city_box: Box | None = None, where: str = ""
) -> bool:
    """Return whether a text may be in the encoding that its file states.

    Parameters
    ----------
    pieces
        Texts of one file, valid in the encoding.
    name
        Python's name of the encoding.
    city_box
        Where the city lies.
    where
        Name of the file, for messages.

    Returns
    -------
    bool
        False where the text is in another encoding beyond doubt.

    Raises
    ------
    DataError
        It reads far better in another one, but not beyond doubt.
    """
    texts = [piece for piece in pieces if not piece.isascii()]
    if not texts or name == "utf-8":
        return True
    if is_valid_in(texts, "utf-8"):
        return False
    readings = weigh_readings(texts, may_be_cut=True)
    # Encodings that contain one another read the same and are weighed as one.
    same = {name, ALIKE.get(name, name)}
    stated_reading = next((reading for reading in readings if reading.encoding in same), None)
    chosen = choose_reading(readings, find_languages(b"\n".join(texts), city_box))
    # The stated encoding is not among those that are weighed; it stands if it yields a text.
    if stated_reading is None and is_text("\n".join(decode_cut(text, name) for text in texts)):
        return True  # one that is not weighed, or that reads the same as another
    if chosen is not None:
        return chosen is stated_reading
    if stated_reading is None or readings[0].weight > CLEAR_LEAD * stated_reading.weight:
        raise ask_encoding(readings, where)
    return True


def is_valid_in(pieces: Iterable[bytes], name: str) -> bool:
    """Return whether all pieces are valid in an encoding, but for a character cut at the end."""
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


def prove_encoding(
    data: bytes,
    *,
    label: str | None = None,
    where: str = "",
    city_box: Box | None = None,
    headings: frozenset[str] = frozenset(),
) -> tuple[str, str]:
    """Find the encoding of a text file, and what proves it: a message id.

    Raises
    ------
    DataError
        Nothing proves one.
    """
    # A byte order mark counts before a label: it is in the file itself.
    marked = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if marked:
        return marked, N_("its byte order mark says so")
    if label:
        return find_codec(label, where=where), N_("as you say")
    wide = find_wide_encoding(data)
    if wide is not None:
        return wide, N_("its bytes are those of UTF-16")
    return detect_encoding(
        [data], city_box=city_box, may_be_cut=False, where=where, headings=headings
    )


def find_wide_encoding(data: bytes) -> str | None:
    """Find out whether a text without a mark is UTF-16: every second byte of ASCII is 0 there.

    No other text holds bytes 0. Separators, digits and line ends are ASCII in every table.

    Returns
    -------
    str or None
        ``utf-16-le`` or ``utf-16-be``.
    """
    start = data[: limits.UTF16_SEARCHED_BYTES]
    # ASCII letters in UTF-16 have a zero as their high byte: at odd places in little endian, at
    # even ones in big endian.
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < UTF16_RATIO * (min(even, odd) + 1) or len(data) % 2:
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else name


def decode_text(
    data: bytes, *, where: str, label: str | None = None, city_box: Box | None = None
) -> str:
    """Decode a text file, normalised to NFC and without its byte order mark.

    Parameters
    ----------
    data
        The whole file.
    where
        Name of the file, for messages.
    label
        The encoding that the catalogue names; it is followed, not checked against the content.
    city_box
        Where the city lies, for a text without a label.

    Raises
    ------
    DataError
        The bytes are not valid in the encoding, or prove none.
    """
    name, _ = prove_encoding(data, label=label, where=where, city_box=city_box)
    # The other decoders take their mark away themselves.
    # Only the decoder of UTF-8 leaves its mark in the text.
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(name)
    except UnicodeError as error:
        # The decoder says at which byte it failed; people look for a line.
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise DataError(
            N_("the text is not valid {encoding}"),
            where=f"{where}:{line}",
            mend=N_("Name the right one: --encoding NAME, or encoding in catalog.toml"),
            encoding=name,
        ) from error
    return unicodedata.normalize("NFC", text)


def decode_file_name(name: str) -> str:
    """Return the name of a file as people read it.

    Archives packed in Korea unpack elsewhere into names that are bytes of cp949, which Python hands
    on as half characters that nothing can write.
    """
    # fsencode restores the very bytes of the name (PEP 383).
    data = os.fsencode(name)
    korean = not is_valid_in([data], "utf-8") and _is_mostly_hangul(data)
    text = data.decode("cp949" if korean else "utf-8", "replace")
    return unicodedata.normalize("NFC", text)


def _is_mostly_hangul(data: bytes) -> bool:
    """Return whether a name reads as common Hangul in cp949; a name is too short to be weighed."""
    if not is_valid_in([data], "cp949"):
        return False
    letters = NOT_ASCII.findall(decode_cut(data, "cp949"))
    return sum(map(is_common_hangul, letters)) * 2 >= len(letters)


def _has_headings(texts: Sequence[bytes], headings: frozenset[str]) -> bool:
    """Check whether a text is valid in cp949, and a line of its top names two known columns."""
    if not is_valid_in(texts, "cp949"):
        return False
    for text in texts:
        # Decoded piece by piece, a line that is cut ends in no letter that is not its own.
        for line in text.split(b"\n", limits.SEARCHED_HEADER_ROWS)[: limits.SEARCHED_HEADER_ROWS]:
            cells = SEPARATOR.split(decode_cut(line, "cp949"))[: limits.MAX_TABLE_COLUMNS]
            if len({simplify_name(cell) for cell in cells} & headings) >= LEAST_HEADINGS:
                return True
    return False


def find_odd_lines(texts: Sequence[bytes], where: str) -> DataError | None:
    """Return an error naming the few lines that keep a text from being UTF-8, else None.

    Lists that are put together from two files have such lines, and so have damaged ones. No text
    in another encoding has three lines that are valid in UTF-8 for each that is not.
    """
    lines = [(number, line) for text in texts for number, line in enumerate(text.split(b"\n"), 1)]
    telling = [(number, line) for number, line in lines if not line.isascii()]
    odd = [number for number, line in telling if not is_valid_in([line], "utf-8")]
    # More than a quarter of odd lines is another encoding, not a damaged UTF-8.
    if not odd or 4 * len(odd) > len(telling):
        return None
    return DataError(
        N_("the text is {encoding}, but for lines that are not: {lines}"),
        where=where,
        mend=N_("Correct these lines, or save each part in one encoding, UTF-8"),
        encoding="utf-8",
        lines=", ".join(map(str, odd[: limits.MAX_SHOWN_READINGS]))
        + ", ..." * (len(odd) > limits.MAX_SHOWN_READINGS),
    )


def _require_one_encoding(texts: Sequence[bytes], where: str) -> None:
    """Refuse a text of which some lines are Korean in UTF-8 and others are not UTF-8.

    Lists that are put together from two files are such. Read in one encoding, the lines of the
    other are garbled, and there may be too few of them to tell from the whole.

    Raises
    ------
    DataError
        Names the lines in UTF-8.
    """
    lines = [(number, line) for text in texts for number, line in enumerate(text.split(b"\n"), 1)]
    telling = [(number, line) for number, line in lines if not line.isascii()]
    utf8 = [number for number, line in telling if _is_hangul_in_utf8(line)]
    if utf8 and len(utf8) < len(telling) and 4 * len(utf8) < 3 * len(telling):
        raise DataError(
            N_("the text is in two encodings; these lines are UTF-8: {lines}"),
            where=where,
            mend=N_("Correct these lines, or save each part in one encoding, UTF-8"),
            lines=", ".join(map(str, utf8[: limits.MAX_SHOWN_READINGS]))
            + ", ..." * (len(utf8) > limits.MAX_SHOWN_READINGS),
        )


def _is_hangul_in_utf8(line: bytes) -> bool:
    """Check whether a line is UTF-8 with a word of Hangul, which other bytes are not by chance."""
    try:
        return re.search("[가-힣]{2}", line.decode()) is not None
    except UnicodeDecodeError:
        return False


def ask_encoding(readings: Sequence[Reading], where: str) -> DataError:
    """Ask for the encoding of a text whose bytes prove none, and show how it would read."""
    if not readings:
        return DataError(
            N_("the text is valid in no encoding that we know"),
            where=where,
            mend=N_("Save it as UTF-8, or name the encoding: --encoding cp1252, for example"),
        )
    worth = [r for r in readings if r.weight >= WORTH_SHOWING * readings[0].weight]
    shown = worth if len(worth) > 1 else readings[:2]
    return DataError(
        N_("the encoding of the text is not certain; it would read {readings}"),
        where=where,
        mend=N_('Name the one that reads right: --encoding {best}, or encoding = "{best}"'),
        readings="; ".join(
            f"{r.encoding}: {r.sample or '-'}" for r in shown[: limits.MAX_SHOWN_READINGS]
        ),
        best=readings[0].encoding,
    )
