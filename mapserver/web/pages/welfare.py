"""The welfare centre of a neighbourhood: what one can do there, and by which number one asks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mapserver.text.cell_text import read_cell_text
from mapserver.text.language import read_translated_cell
from mapserver.web.pages.listed import ListedFeature

SEPARATOR = re.compile(r"\s*[,;、，\n]\s*(?![^(]*\))")
"""Between two programmes; what stands in brackets belongs to one: ``Advice (Mon, Tue)``."""

NUMBER = re.compile(r"\+?\(?\d+\)?(?:[ .-]?\d+)+")
"""A telephone number as offices write it: ``062)360-7114``, ``+82 62 360 7114``."""

PHONE_DIGITS = 7
"""Fewer are no number to dial but the hours, a room, or a short number that stands alone: 120."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number as it is written, and as a link dials it (empty where it is none)."""

    text: str
    dialled: str


@dataclass(frozen=True, slots=True)
class WelfareCentre:
    """A place of services as pages show it; an empty text is one that nobody knows.

    Attributes
    ----------
    place
        The feature.
    programmes
        What one can do there.
    phones
        Its telephone numbers.
    hours, lunch, address
        When it is open and rests at noon, and where it is.
    directions
        Addresses that hand it over to map applications.
    """

    place: ListedFeature
    programmes: tuple[str, ...]
    phones: tuple[Phone, ...]
    hours: str
    lunch: str
    address: str
    directions: tuple[Mapping[str, str], ...]

    @property
    def has_place(self) -> bool:
        """Whether it is known where on the map it is."""
        return not math.isnan(self.place.lon)


def describe_centre(
    place: ListedFeature, lang: str, directions: Sequence[Mapping[str, str]] = ()
) -> WelfareCentre:
    """Describe a feature of the layer of services.

    Parameters
    ----------
    place
        The feature.
    lang
        The reader's language; what nobody has translated is shown as it is.
    directions
        Addresses that hand it over to map applications.
    """
    row = place.row
    programmes = read_translated_cell(row, "programmes", lang)
    return WelfareCentre(
        place=place,
        programmes=tuple(filter(None, SEPARATOR.split(programmes))),
        phones=read_phones(read_cell_text(row.get("phone"))),
        hours=read_translated_cell(row, "hours", lang),
        lunch=read_translated_cell(row, "lunch", lang),
        address=read_translated_cell(row, "address", lang),
        # The map of the telephone itself opens by a script; these are pages that any browser opens.
        directions=tuple(link for link in directions if "own" not in link),
    )


def read_phones(text: str) -> tuple[Phone, ...]:
    """Read the telephone numbers of a cell.

    Examples
    --------
    >>> [(phone.text, phone.dialled) for phone in read_phones("062-360-7114 (교환 3)")]
    [('062-360-7114 (교환 3)', '0623607114')]
    >>> [phone.dialled for phone in read_phones("062)360-7114, +82 62 360 7115")]
    ['0623607114', '+82623607115']
    >>> read_phones("방문 상담만")
    (Phone(text='방문 상담만', dialled=''),)
    >>> [phone.dialled for phone in read_phones("120")]
    ['120']
    """
    numbers = [number for number in NUMBER.findall(text) if len(_dial(number)) >= PHONE_DIGITS]
    if re.fullmatch(r"\d{3,4}", text):
        numbers = [text]
    if len(numbers) < 2:  # what stands beside a single number belongs to it
        return (Phone(text, _dial(numbers[0]) if numbers else ""),) if text else ()
    return tuple(Phone(number, _dial(number)) for number in numbers)


def _dial(number: str) -> str:
    return ("+" if number.startswith("+") else "") + re.sub(r"\D", "", number)
