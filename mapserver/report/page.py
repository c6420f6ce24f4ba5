"""The report as one HTML page that needs no other file and no network."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import babel.dates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mapserver.city import City
from mapserver.drawing import maps
from mapserver.report import frames
from mapserver.report.chapters import Chapter
from mapserver.report.kept import KeptTable
from mapserver.text import language

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Report:
    """All that a report says.

    Attributes
    ----------
    city
        The city it is of.
    day
        The day it is of.
    lang
        ``ko`` or ``en``: the language of its frame; the notebooks speak theirs.
    author
        Who made it; may be empty.
    program
        Name and version of the program that made it.
    """

    city: City
    day: dt.date
    lang: str
    author: str
    program: str
    chapters: Sequence[Chapter]
    tables: Sequence[KeptTable]


def render(report: Report) -> str:
    """Write a report as HTML.

    Every text goes through the template as text. Maps stand in frames of their own, without the
    rights of the page; a policy lets no script run but the page's and the maps' own, and lets
    nothing be fetched.
    """
    pages = [frames.fitted(drawn.page) for chapter in report.chapters for drawn in chapter.maps]
    pieces, apart = frames.share(pages)
    script = (HERE / "page.js").read_text("utf-8")
    scripts = " ".join([frames.script_hash(script), *frames.hashes(pages)])
    city = report.city
    return (
        _environment(report.lang)
        .get_template("page.html")
        .render(
            report=report,
            lang=report.lang,
            title=city.catalog.title.in_language(report.lang),
            date=babel.dates.format_date(report.day, "long", locale=report.lang),
            sample=any(city.entry(layer).sample for layer in city.layers),
            sources=_sources(city, report.lang),
            number=lambda value: language.number(value, report.lang),
            map_number=itertools.count().__next__,
            table_number=itertools.count(1).__next__,
            policy="default-src 'none'; img-src data:; style-src 'unsafe-inline' data:; "
            f"script-src data: {scripts}; base-uri 'none'; form-action 'none'",
            style=Markup((HERE / "page.css").read_text("utf-8")),  # noqa: S704 -- our own file
            script=Markup(script),  # noqa: S704 -- our own file
            data=Markup(  # noqa: S704 -- safe_json leaves nothing that acts
                maps.safe_json({"pieces": pieces, "pages": apart})
            ),
        )
    )


def _environment(lang: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(language.translator(lang), newstyle=True)  # type: ignore[attr-defined]
    return made


def _sources(city: City, lang: str) -> list[dict[str, str]]:
    return [
        {
            "title": city.entry(layer).title.in_language(lang),
            "source": city.entry(layer).source_in(lang),
            "licence": city.entry(layer).licence,
            "count": language.number(len(frame), lang),
        }
        for layer, frame in city.layers.items()
    ]
