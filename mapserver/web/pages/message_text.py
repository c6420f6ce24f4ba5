"""The message to the office that a page fills in: short enough for one text message."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from mapserver.settings import limits

CUT = ".."


@dataclass(frozen=True, slots=True)
class Phone:
    """The number of the direct line as links take it.

    Attributes
    ----------
    number
        As the office writes it; empty where the catalogue has none.
    dial
        The address that calls it, with the code of the country in Korea.
    digits
        For messages: without hyphens.
    """

    number: str
    dial: str
    digits: str


def describe_phone(number: str, *, is_in_korea: bool) -> Phone:
    """Describe a number for links.

    Examples
    --------
    >>> describe_phone("062-360-7000", is_in_korea=True).dial
    'tel:+82623607000'
    """
    digits = number.replace("-", "")
    # Numbers of one place begin with 0, which falls away behind the country's code; 1588-0000 and
    # the like are dialled as they are.
    abroad = f"+82{digits[1:]}" if is_in_korea and digits.startswith("0") else digits
    return Phone(number, f"tel:{quote(abroad, safe='+')}" if digits else "", digits)


def count_bytes(text: str) -> int:
    """Count the bytes of a text message: one for ASCII, two for Hangul and all else."""
    return sum(1 if letter.isascii() else 2 for letter in text)


def write_message(name: str, area: str, position: str, mark: str = "") -> str:
    """Write where a message is about, in 90 bytes: names are shortened, numbers never.

    Parameters
    ----------
    name, area
        Of the trail and its neighbourhood; either may be empty.
    position
        Latitude and longitude.
    mark
        What the message begins with.

    Examples
    --------
    >>> write_message("상무시민공원", "치평동", "35.15321, 126.84712", "[맨발길]")
    '[맨발길] 상무시민공원 치평동 / 35.15321, 126.84712'
    """
    while True:
        place = " ".join(filter(None, (mark, name, area)))
        text = " / ".join(filter(None, (place, position)))
        if count_bytes(text) <= limits.MAX_MESSAGE_BYTES or not (name or area):
            return text
        # The longer of the two names gives way, letter by letter.
        if count_bytes(name) >= count_bytes(area):
            name = _shorten(name)
        else:
            area = _shorten(area)


def _shorten(name: str) -> str:
    """Return a name without its last letter, marked as cut; nothing where no letter is left."""
    whole = name.removesuffix(CUT)[:-1].rstrip()
    return whole + CUT if whole else ""
