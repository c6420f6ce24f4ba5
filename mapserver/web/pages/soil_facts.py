"""What the page of a trail says of its soil: the worst share of the limits, and each metal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mapserver.errors import N_, fill
from mapserver.model import METALS, SoilSample
from mapserver.settings.soil_limits import LIMITS_MG_PER_KG, LIMITS_SOURCE
from mapserver.text import language
from mapserver.text.heading_names import METAL_NAMES
from mapserver.text.languages import LANGUAGES
from mapserver.text.ledger_words import Below, UnreadCell
from mapserver.web.pages.site import Site

AREAS = {
    1: N_("Limits for land category 1 (parks, school grounds, playgrounds)"),
    2: N_("Limits for land category 2 (hills, rivers, sports grounds)"),
    3: N_("Limits for land category 3 (roads, factories)"),
}
LEAST_SHOWN = 0.001
"""mg/kg: numbers are shown with so many decimals."""


@dataclass(frozen=True, slots=True)
class MetalWords:
    """A metal in a sample: its name, how much of it there is, its limit and its share of that."""

    name: str
    value: str
    limit: str
    share: str


@dataclass(frozen=True, slots=True)
class SampleWords:
    """A sample in one language.

    Attributes
    ----------
    worst
        The sentence about the metal that comes nearest to its limit.
    area
        By which limits it is measured, with the law; or that nobody knows by which.
    taken
        When, where and by whom, as far as it is known.
    untested
        The sentence that names what was not tested; empty where all of it was.
    unread
        The sentence that has what was not understood, as it is written; empty where all was.
    metals
        Each metal.
    source
        Where it stands, in the office's own words.
    """

    worst: str
    area: str
    taken: str
    untested: str
    unread: str
    metals: tuple[MetalWords, ...]
    source: str


def describe_soil(site: Site, trail: str) -> list[SampleWords] | None:
    """Describe the newest samples of a trail's soil; None where no soil tests are kept."""
    soil = site.city.soil
    if soil is None:
        return None
    # Nobody has taken a sample on a day that has not come, whatever the page is about.
    samples = soil[trail].list_newest(min(site.day, site.city.today()))
    return [_describe_sample(site, each) for each in samples]


def _describe_sample(site: Site, sample: SoilSample) -> SampleWords:
    say = site.say
    untested = ", ".join(say(METAL_NAMES[metal]) for metal in sample.untested)
    unread = ", ".join(f"{say(METAL_NAMES[m])} “{sample.values[m]}”" for m in sample.unread)
    area = say(N_("The land category is not known, so no share of a limit can be said"))
    if sample.area is not None:
        area = f"{say(AREAS[sample.area])}: {LIMITS_SOURCE}"
    elif sample.over:
        area = f"{area} ({LIMITS_SOURCE})"
    return SampleWords(
        worst=_write_worst(site, sample),
        area=area,
        taken=_write_taken(site, sample),
        untested=_fill_list(site, N_("Not tested: {metals}."), untested),
        unread=_fill_list(site, N_("Not understood: {metals}."), unread),
        metals=tuple(_describe_metal(site, sample, metal) for metal in METALS),
        source=sample.source,
    )


def _fill_list(site: Site, sentence: str, metals: str) -> str:
    return fill(site.say(sentence), {"metals": metals}) if metals else ""


def _write_worst(site: Site, sample: SoilSample) -> str:
    if sample.area is None and sample.over:
        return "; ".join(_write_over(site, areas, own) for areas, own in sample.over.items())
    worst = sample.worst
    if worst is None:
        is_tested = len(sample.untested) < len(METALS)
        text = N_("Share of the limit: not known") if is_tested else N_("Nothing was tested")
        return site.say(text)
    metal, share = worst
    values = {"metal": site.say(METAL_NAMES[metal]), "share": language.percent(share, site.lang, 1)}
    if sample.is_bound(metal):
        return _write_bound(site, values["metal"], share)
    if share > 1:
        return fill(site.say(N_("Over the limit: {metal}, {share} of it")), values)
    # A share is of what was found: 0 % would say more than a laboratory can measure.
    sentence = N_("None of the metals that were tested was detected")
    if sample.unread:
        # What nobody could read may be more than all that one could.
        sentence = N_("Nothing was detected, as far as the values were understood")
        if share:
            sentence = N_("Highest share of a limit that was understood: {metal}, {share}")
    elif share:
        sentence = N_("Highest share of a limit: {metal}, {share}")
    return fill(site.say(sentence), values)


def _write_over(site: Site, areas: tuple[int, ...], metals: list[str]) -> str:
    """Write which metals are over limits of which categories, where none is given."""
    names = ", ".join(site.say(METAL_NAMES[metal]) for metal in metals)
    sentence = N_("Over the limit of land category {areas}: {metals}")
    if len(areas) == len(LIMITS_MG_PER_KG):
        sentence = N_("Over the limit of every land category: {metals}")
    return fill(site.say(sentence), {"areas": ", ".join(map(str, areas)), "metals": names})


def _write_bound(site: Site, metal: str, share: float) -> str:
    """Write what follows from a bound that is nearer to its limit than all that was measured."""
    if share > 1:
        # A laboratory that cannot measure as little as the limit says nothing of it.
        return fill(
            site.say(N_("Whether it is over the limit is not known: {metal}")), {"metal": metal}
        )
    text = N_("No share of a limit that was understood is above {share}")
    return fill(site.say(text), {"share": _write_most(site, share)})


def _write_most(site: Site, share: float) -> str:
    """Write a share that a bound is of its limit, rounded up: it is the most that there can be."""
    return language.percent(math.ceil(round(share * 1000, 6)) / 1000, site.lang, 1)


def _write_taken(site: Site, sample: SoilSample) -> str:
    day = site.say(N_("day not known"))
    if sample.day is not None:
        day = LANGUAGES[site.lang].write_day(sample.day)
    text = fill(site.say(N_("Sampled: {day}")), {"day": day})
    return " · ".join(filter(None, (text, sample.point, sample.lab)))


def _write_amount(site: Site, value: float) -> str:
    """Write mg/kg with three decimals; what is less than these can show is not nothing."""
    if 0 < value < LEAST_SHOWN:
        return f"< {language.number(LEAST_SHOWN, site.lang, 3)}"
    return language.number(value, site.lang, 3)


def _describe_metal(site: Site, sample: SoilSample, metal: str) -> MetalWords:
    value, limit, share = (
        sample.values[metal],
        sample.find_limit(metal),
        sample.find_share(metal),
    )
    written_share = "" if share is None else language.percent(share, site.lang, 1)
    if value is None:
        text = site.say(N_("not tested"))
    elif isinstance(value, UnreadCell):
        text = fill(site.say(N_("not understood: {value}")), {"value": value.text})
    elif isinstance(value, Below):
        shown = max(value.bound, LEAST_SHOWN)
        text = f"{value.sign} {language.number(shown, site.lang, 3)}"
        written_share = "" if share is None else f"≤ {_write_most(site, share)}"
    elif isinstance(value, str):
        text = site.say(N_("not detected"))
        # Of what was not detected the share is below what the laboratory can measure, not 0.
        written_share = ""
    else:
        text = _write_amount(site, value)
    return MetalWords(
        name=site.say(METAL_NAMES[metal]),
        value=text,
        limit="" if limit is None else language.number(limit, site.lang),
        share=written_share,
    )
