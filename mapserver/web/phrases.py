"""The texts of templates: in the language of the page, and in the words of its city."""

from __future__ import annotations

from flask_babel import get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from mapserver.errors.particles import choose_particles
from mapserver.model import Phrases, Words
from mapserver.text import language


@pass_context
def say_in_page(context: Context, text: str, **values: object) -> str:
    """Return a text of a template, with its values filled in: ``_("%(n)s trails", n=3)``."""
    return _fill_in(context, _find_phrases(context).say(text), values)


@pass_context
def say_counted_in_page(context: Context, one: str, many: str, num: int, **values: object) -> str:
    """Return the one of two texts that fits a number, which they may name as ``num``."""
    text = _find_phrases(context).say_counted(one, many, num)
    return _fill_in(context, text, {"num": num, **values})


def _find_phrases(context: Context) -> Phrases:
    """Return the phrases of the city that a page is about; a page of errors is about none."""
    site = context.get("site")
    if site is None:
        return Phrases(Words(), str(get_locale()))
    phrases: Phrases = site.city.phrases(site.lang)
    return phrases


def _fill_in(context: Context, text: str, values: dict[str, object]) -> str:
    # The text is ours and may be markup; each value is escaped when it is filled in.
    fitted = choose_particles(text, lambda place: place % values) if values else text
    # Once the values stand in it, so that their numbers keep to the units behind them.
    whole = (Markup(fitted) if context.eval_ctx.autoescape else fitted) % values  # noqa: S704
    return type(whole)(language.join_units(whole))
