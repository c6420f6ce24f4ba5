"""The welfare centre of a neighbourhood: what one can do there, and by which number one asks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mapserver.text.cell_text import read_cell_text
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
    """A place of services as the page of its neighbourhood shows it."""

    place: ListedFeature
    programmes: tuple[str, ...]
    phones: tuple[Phone, ...]


def describe_centre(place: ListedFeature, lang: str) -> WelfareCentre:
    """Describe a feature of the layer of services.

    Parameters
    ----------
    place
        The feature.
    lang
        The reader's language; programmes that nobody has translated are shown as they are.
    """
    row = place.row
    programmes = read_cell_text(row.get(f"programmes_{lang}")) or read_cell_text(
        row.get("programmes")
    )
    return WelfareCentre(
        place=place,
        programmes=tuple(filter(None, SEPARATOR.split(programmes))),
        phones=read_phones(read_cell_text(row.get("phone"))),
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
