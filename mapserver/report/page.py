"""Render a report as one HTML page that needs no other file and no network."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import babel.dates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mapserver.drawing import maps
from mapserver.model import Snapshot
from mapserver.report import frames
from mapserver.report.chapters import Chapter
from mapserver.report.kept import KeptTable
from mapserver.text import language
from mapserver.text.languages import LANGUAGES

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Report:
    """The contents of a report.

    Attributes
    ----------
    city
        The city that it describes.
    day
        The day of the report.
    lang
        ``ko`` or ``en``: the language of all but the notebooks, which have their own.
    author
        The person or office that made it; may be empty.
    program
        Name and version of the program that made it.
    """

    city: Snapshot
    day: dt.date
    lang: str
    author: str
    program: str
    chapters: Sequence[Chapter]
    tables: Sequence[KeptTable]


def render_report(report: Report) -> str:
    """Render a report as HTML.

    The template escapes every text. Each map has a frame of its own, without the rights of the
    page. A content security policy lets only the scripts of the page and of maps run, and forbids
    all requests.
    """
    pages = [
        frames.fit_map(map_block.page) for chapter in report.chapters for map_block in chapter.maps
    ]
    pieces, page_pieces = frames.share_lines(pages)
    # The policy names each permitted script by its hash: an injected one does not run.
    script = (HERE / "page.js").read_text("utf-8")
    scripts = " ".join([frames.hash_script(script), *frames.hash_scripts(pages)])
    city = report.city
    return (
        _build_environment(city, report.lang)
        .get_template("page.html")
        .render(
            report=report,
            lang=report.lang,
            direction=LANGUAGES[report.lang].direction,
            title=city.catalog.title.in_language(report.lang),
            date=babel.dates.format_date(report.day, "long", locale=report.lang),
            # One layer of sample data is enough to warn readers on the cover.
            sample=any(city.entry(layer).sample for layer in city.layers),
            sources=_list_sources(city, report.lang),
            number=lambda value: language.number(value, report.lang),
            map_number=itertools.count().__next__,
            table_number=itertools.count(1).__next__,
            policy="default-src 'none'; img-src data:; style-src 'unsafe-inline' data:; "
            f"script-src data: {scripts}; base-uri 'none'; form-action 'none'",
            style=Markup((HERE / "page.css").read_text("utf-8")),  # noqa: S704 -- our own file
            script=Markup(script),  # noqa: S704 -- our own file
            data=Markup(  # noqa: S704 -- safe_json leaves nothing that acts
                maps.safe_json({"pieces": pieces, "pages": page_pieces})
            ),
        )
    )


def _build_environment(city: Snapshot, lang: str) -> Environment:
    """Build the environment of templates, with escaping, in a language and a city's words."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    phrases = city.phrases(lang)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        phrases.say, phrases.say_counted, newstyle=True
    )
    return environment


def _list_sources(city: Snapshot, lang: str) -> list[dict[str, str]]:
    """Return title, source, licence and size of each layer."""
    return [
        {
            "title": city.entry(layer).title.in_language(lang),
            "source": city.entry(layer).source.in_language(lang),
            "licence": city.entry(layer).licence,
            "count": language.number(len(frame), lang),
        }
        for layer, frame in city.layers.items()
    ]
