"""What stands at the foot of the first page: sources, and the files that could not be used."""

from __future__ import annotations

from typing import Any

from mapserver.errors import N_, one_line
from mapserver.model import Snapshot
from mapserver.text import language
from mapserver.text.findings import Finding, Severity


def gather_footer(city: Snapshot, lang: str) -> dict[str, Any]:
    """Gather what stands at the foot of the first page: sources, faults, the version of the data.

    Parameters
    ----------
    city
        The city.
    lang
        Code of the reader's language.
    """
    say = city.phrases(lang).say
    return {
        "version": city.version,
        "faults": [
            _write_fault(f, lang, say) for f in city.findings if f.severity == Severity.ERROR
        ],
        "sources": _list_sources(city, lang),
    }


def has_sample(city: Snapshot) -> bool:
    """Return whether any layer holds invented data, which every page then says."""
    return any(city.entry(layer).sample for layer in (*city.layers, *city.data.large))


def _list_sources(city: Snapshot, lang: str) -> list[dict[str, str]]:
    say = city.phrases(lang).say
    sources = []
    for layer in (*city.layers, *city.data.large):
        entry = city.entry(layer)
        has_sample = say(N_("Sample data")) if entry.sample else ""
        text = " · ".join(filter(None, (entry.source.in_language(lang), entry.licence, has_sample)))
        if text:
            sources.append({"title": entry.title.in_language(lang), "text": text})
    return sources


UNREAD = frozenset({"layer-unreadable", "gpx-unreadable", "catalog-broken", "program-mistake"})
"""Codes of findings about files that were not read: what these hold is not for everybody."""


def _write_fault(finding: Finding, lang: str, say: language.Say) -> str:
    """Return a finding as visitors see it: without a word out of a file that was not read."""
    if finding.code in UNREAD:
        return one_line(say(N_("the file could not be used")), finding.file, "", {})
    feature = language.write_place(finding.feature, lang)
    place = f"{finding.file}, {feature}" if feature else finding.file
    mend = say(finding.mend) if finding.mend else ""
    return one_line(say(finding.what), place, mend, finding.values)
