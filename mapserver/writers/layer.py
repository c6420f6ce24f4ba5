"""What a file says beside the rows of a layer, title, source and terms, and how it is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from pyproj import CRS

from mapserver.errors import N_, fill
from mapserver.model import OWN_WORDS, LayerEntry, Words
from mapserver.readers.gpx.original import Originals
from mapserver.text import language
from mapserver.text.languages import DEFAULT


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How files are written.

    Attributes
    ----------
    title
        Of the city, for formats that hold several layers.
    lang
        Language of titles and descriptions in the files.
    words
        What the city calls its things, for headings and legends.
    crs
        CRS of the coordinates; None for degrees on WGS 84.
    encoding
        Python's name of the text encoding; None for the format's own.
    styled
        Say how layers are drawn, where the format can.
    originals
        The GPX files that trails were read from, for what only GPX holds of them.
    changed_at
        The time that files say as that of their data, where a format has one; None for now.
    """

    title: str = ""
    lang: str = DEFAULT
    words: Words = OWN_WORDS
    crs: CRS | None = None
    encoding: str | None = None
    styled: bool = False
    originals: Originals = field(default_factory=lambda: Originals({}))
    changed_at: dt.datetime | None = None


def build_credit(entry: LayerEntry, lang: str) -> str:
    """Write a line with the source of the data, its licence, and whether it is a sample."""
    say = language.translator(lang).gettext
    parts = [
        fill(say(template), {"text": text})
        for template, text in (
            (N_("Source: {text}"), entry.source.in_language(lang)),
            (N_("Licence: {text}"), entry.licence),
        )
        if text
    ]
    if entry.sample:
        parts.append(say(N_("Sample data: not surveyed, do not rely on it")))
    return ". ".join(part.rstrip(".") for part in parts)


def build_title(entry: LayerEntry, lang: str) -> str:
    """Return a layer's title, marked as a sample where the data is one."""
    title = entry.title.in_language(lang)
    sample = language.translator(lang).gettext(N_("sample"))
    return f"{title} ({sample})" if entry.sample else title
