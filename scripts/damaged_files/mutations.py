"""Bytes of a file changed at random: flipped, cut, doubled, zeroed, spliced, wrong lengths."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

HEAD = 128
"""Bytes at the beginning in which lengths and counts mostly stand."""

NUMBERS = (0, 1, -1, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 10**9, 2**63 - 1, 7)
WORDS = (
    *(b"NaN", b"1e999", b"-1", b"9" * 400, b"\0", b"\xef\xbb\xbf", b'"', b"<", b"]]>", b"{" * 300),
    *(b"2026-13-45", b"999999999", b"\xff\xfe", b"&#x110000;", b"\r", b","),
    *(b"[" * 2000, b"<a>" * 999),
)
ZIPPED = (".zip", ".kmz", ".xlsx", ".ods")


def mutate(data: bytes, path: str, chance: random.Random) -> bytes:
    """Return the bytes with one to three changes; of archives every second one is made inside."""
    if path.endswith(ZIPPED) and chance.random() < 0.5:
        return _mutate_inside(data, chance)
    return _mutate_plain(data, chance)


def _mutate_plain(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if data:
            data = chance.choice(CHANGES)(data, chance)
    return data


def _mutate_inside(data: bytes, chance: random.Random) -> bytes:
    """Damage one member of an archive and pack it again: the damage is within, not of the zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    damaged = chance.randrange(len(members))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (info, content) in enumerate(members):
            changed = _mutate_plain(content, chance) if at == damaged else content
            archive.writestr(info.filename, changed)
    return out.getvalue()


def _place(data: bytes, chance: random.Random) -> int:
    """Draw a place, every third time one near the beginning."""
    end = min(len(data), HEAD) if chance.random() < 1 / 3 else len(data)
    return chance.randrange(end)


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        changed[_place(data, chance)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _replace_bytes(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    length = chance.choice((1, 2, 4, 16))
    return data[:at] + chance.randbytes(length) + data[at + length :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)]


def _delete(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.choice((1, 2, 3, 8, 100)) :]


def _double(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    piece = data[at : at + chance.choice((1, 8, 100, 5000))]
    return data[:at] + piece * chance.choice((2, 2, 20)) + data[at:]


def _zero(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    length = min(chance.choice((1, 4, 64, 1000)), len(data) - at)
    return data[:at] + bytes(length) + data[at + length :]


def _splice(data: bytes, chance: random.Random) -> bytes:
    start, at = _place(data, chance), _place(data, chance)
    piece = data[start : start + chance.choice((4, 32, 500))]
    return data[:at] + piece + data[at + len(piece) :]


def _set_number(data: bytes, chance: random.Random) -> bytes:
    width = chance.choice((2, 4, 4, 8))
    at = _place(data, chance) // 2 * 2
    number = chance.choice(NUMBERS) % 2 ** (8 * width)
    order = "little" if chance.random() < 0.5 else "big"
    return data[:at] + number.to_bytes(width, order) + data[at + width :]


def _insert_word(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.choice(WORDS) + data[at + chance.choice((0, 1, 5)) :]


CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _replace_bytes, _cut, _delete, _double, _zero, _splice, _set_number, _insert_word),
)
