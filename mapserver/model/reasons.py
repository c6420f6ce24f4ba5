"""Why a trail is not open on a day, in every language that the program speaks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mapserver.errors import N_, fill
from mapserver.model.words import OWN_WORDS, Words, find_phrases
from mapserver.settings import limits
from mapserver.text.findings import Finding
from mapserver.text.languages import ENGLISH, LANGUAGES

Reason = dict[str, str]
"""A reason by code of language."""

CLOSED_UNTIL_NOTICE = N_("Closed until further notice")
NOT_YET_OPEN = N_("Not open yet")
CLOSED_FOR_SEASON = N_("Closed for the season")
NOT_UNDERSTOOD = N_("{file}: nobody can tell what {column} “{value}” means")
MAY_BE_OPEN = N_("{file}: it opens in “{value}”; whether it already has is not known")
NO_SEASON_GIVEN = N_("{file}: the season is given as “{value}” only, without its days")
NO_SEASON_KNOWN = N_("{file}: the season “{value}” does not say whether it is open on this day")
SIMILAR_TRAIL = N_("{file}: a closure names “{value}”, which may be this trail")
VALUE_NOT_UNDERSTOOD = N_("{file}: nobody can tell what {value} means")
DATA_NOT_UNDERSTOOD = N_("{file}: something in the data about the trails is not understood")
NAMED_FILE = re.compile(r"(^|; )(?:gpx|layers)/[^:;“]*: ")
"""The file with which a reason begins, as planners need it; of several reasons that of each."""
ASK = N_("{reason}. Ask before you go: {phone}")
HEADINGS = {"opened": N_("Opened"), "season": N_("Season"), "status": N_("Status")}
"""What the columns of the state are called in another language than that of their names."""


def write_reason(
    template: str, values: Mapping[str, object] | None = None, words: Words = OWN_WORDS
) -> Reason:
    """Write a reason in every language that the program speaks, in the words of the city.

    A value may be a mapping: its text by code of language.
    """
    values = values or {}
    column = str(values.get("column"))
    reason = {}
    for lang in LANGUAGES:
        say = find_phrases(words, lang).say
        # English readers see the column as it is called in the file.
        is_named = column in HEADINGS and lang != ENGLISH.code
        heading = say(HEADINGS[column]) if is_named else column
        own_values = {
            name: value[lang] if isinstance(value, Mapping) else value
            for name, value in values.items()
        }
        reason[lang] = fill(say(template), {**own_values, "column": heading})
    return reason


def join_reasons(reasons: Sequence[Reason], phone: str = "") -> Reason:
    """Join the reasons for a doubt, each once, with whom to ask before one goes."""
    shown_reasons = [reason for n, reason in enumerate(reasons) if reason not in reasons[:n]]
    shown_reasons = shown_reasons[: limits.MAX_SHOWN_REASONS]
    texts = {
        lang: "; ".join(reason.get(lang, "") for reason in shown_reasons) for lang in LANGUAGES
    }
    if phone:
        for lang, text in texts.items():
            ask = find_phrases(OWN_WORDS, lang).say(ASK)
            texts[lang] = fill(ask, {"reason": text, "phone": phone})
    return texts


def quote_finding(finding: Finding, words: Words) -> Reason:
    """Return a finding as a reason: its file, and the words that nobody understood, if it has any.

    What is wrong with the file in detail, and how to mend it, is for planners: the check says it.
    """
    # Cells are quoted as Python writes them; an empty one has no words.
    value = str(finding.values.get("value", "")) if finding.code == "bad-value" else ""
    template = DATA_NOT_UNDERSTOOD if value in {"", "''"} else VALUE_NOT_UNDERSTOOD
    return write_reason(template, {"file": finding.file, "value": value}, words)


def leave_out_files(text: str) -> str:
    """Return reasons without the files that they name, for people who do not keep these.

    Examples
    --------
    >>> leave_out_files("gpx/trails.csv: nobody can tell what season “5월쯤” means")
    'nobody can tell what season “5월쯤” means'
    """
    return NAMED_FILE.sub(r"\1", text)
