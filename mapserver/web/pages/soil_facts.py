"""What the page of a trail says of its soil: the worst share of the limits, and each metal."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.errors import N_, fill
from mapserver.headings import METAL_NAMES
from mapserver.model import METALS, SoilSample
from mapserver.settings.soil_limits import LIMITS_SOURCE
from mapserver.text import language
from mapserver.text.languages import LANGUAGES
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
    metals
        Each metal.
    source
        Where it stands, in the office's own words.
    """

    worst: str
    area: str
    taken: str
    untested: str
    metals: tuple[MetalWords, ...]
    source: str


def describe_soil(site: Site, trail: str) -> list[SampleWords] | None:
    """Describe the newest samples of a trail's soil; None where no soil tests are kept."""
    samples = site.city.soil
    return None if samples is None else [_describe_sample(site, each) for each in samples[trail]]


def _describe_sample(site: Site, sample: SoilSample) -> SampleWords:
    say = site.say
    untested = [say(METAL_NAMES[metal]) for metal in sample.untested]
    sentence = N_("Not tested, or not understood: {metals}.")
    if not sample.is_unclear:
        sentence = N_("Not tested: {metals}.")
    area = say(N_("The land category is not known, so no share of a limit can be said"))
    if sample.area is not None:
        area = f"{say(AREAS[sample.area])}: {LIMITS_SOURCE}"
    return SampleWords(
        worst=_write_worst(site, sample),
        area=area,
        taken=_write_taken(site, sample),
        untested=fill(say(sentence), {"metals": ", ".join(untested)}) if untested else "",
        metals=tuple(_describe_metal(site, sample, metal) for metal in METALS),
        source=sample.source,
    )


def _write_worst(site: Site, sample: SoilSample) -> str:
    worst = sample.worst
    if worst is None:
        is_tested = len(sample.untested) < len(METALS)
        text = N_("Share of the limit: not known") if is_tested else N_("Nothing was tested")
        return site.say(text)
    metal, share = worst
    values = {"metal": site.say(METAL_NAMES[metal]), "share": language.percent(share, site.lang, 1)}
    # A share is of what was found: 0 % would say more than a laboratory can measure.
    if share == 0:
        return site.say(N_("None of the metals that were tested was detected"))
    if share > 1:
        return fill(site.say(N_("Over the limit: {metal}, {share} of it")), values)
    return fill(site.say(N_("Highest share of a limit: {metal}, {share}")), values)


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
    if value is None:
        text = site.say(N_("not tested"))
    elif isinstance(value, str):
        text = site.say(N_("not detected"))
    else:
        text = _write_amount(site, value)
    # Of what was not detected the share is below what the laboratory can measure, not 0.
    has_share = share is not None and not isinstance(value, str)
    return MetalWords(
        name=site.say(METAL_NAMES[metal]),
        value=text,
        limit="" if limit is None else language.number(limit, site.lang),
        share=language.percent(share, site.lang, 1) if has_share and share is not None else "",
    )
