"""Texts without their case (CASEI) and without their accents (ACCENTI)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from mapserver.filters.operands import Kind, Operand, change_texts, require_kind


def fold_case(text: str) -> str:
    """Return a text as Unicode folds case, for letters of every script, composed.

    Examples
    --------
    >>> fold_case("Straße") == fold_case("STRASSE"), fold_case("ΟΔΟΣ") == fold_case("οδος")
    (True, True)
    """
    if text.isascii():
        return text.lower()
    # What decomposes is folded decomposed, as Unicode's canonical caseless matching has it.
    folded = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFC", folded)


def compose(text: str) -> str:
    """Return a text as nearly everybody writes it: with its letters and syllables in one piece.

    Telephones and files of macOS write a Korean syllable as the two or three letters that it is
    made of (NFD), which looks the same and is another text.

    Examples
    --------
    >>> compose("\u1112\u1173\u11b0")
    '흙'
    """
    return unicodedata.normalize("NFC", text)


def fold_accents(text: str) -> str:
    """Return a text without the marks above and below its letters.

    Examples
    --------
    >>> fold_accents("débárquér"), fold_accents("맨발길")
    ('debarquer', '맨발길')
    """
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFD", text)
    # Korean syllables decompose too, into letters that are no marks and are composed again.
    plain = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", plain)


def fold(operand: Operand, operation: str, change: Callable[[str], str]) -> Operand:
    """Return texts folded, a constant as a constant.

    Raises
    ------
    QueryError
        The value is no text.
    """
    require_kind(operand, (Kind.TEXT,), operation)
    if operand.kind is Kind.NULL:
        return operand
    values = change_texts(operand.values, change)
    return Operand(Kind.TEXT, values, operand.is_unknown, operand.name, operand.is_constant)
