"""What the page of a trail says of its slope, width and steps, and of places to sit down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from mapserver.analysis.slopes import BENCH, find_longest_stretch
from mapserver.drawing.trail_facts import TrailFacts, estimate_walk
from mapserver.errors import N_, fill
from mapserver.geo.slopes import Slopes
from mapserver.settings import walking
from mapserver.text import language
from mapserver.web.pages.site import Site
from mapserver.web.pages.trail_details import TrailDetails

CLASSES = (
    ("gentle", "slope_1_18_share", N_("Up to {gentle} %")),
    ("middle", "slope_1_12_share", N_("{gentle} to {ramp} %")),
    ("steep", "slope_over_share", N_("Over {ramp} %")),
    ("unknown", "slope_unknown_share", N_("Not known")),
)
"""Classes of slopes: their name in the drawing, their column, and their words."""
WALKS = (
    (N_("Without shoes, {speed} km/h"), walking.BAREFOOT_KM_PER_H),
    (N_("In shoes, {speed} km/h"), walking.WALKING_KM_PER_H),
    (N_("Older people, {speed} km/h"), walking.OLDER_KM_PER_H),
)
"""Who walks, and how fast."""


@dataclass(frozen=True, slots=True)
class SlopeClass:
    """A class of slopes: its name, its words, and its share of the length in whole per cent.

    Attributes
    ----------
    name, text
        ``gentle``; ``Up to 5.56 %``.
    percent, start
        Its share, and the sum of those before it: where it begins on a bar of 100.
    """

    name: str
    text: str
    percent: int
    start: int


def describe_slopes(site: Site, details: TrailDetails, facts: TrailFacts) -> dict[str, Any]:
    """Gather what a trail's page says for wheels and weak knees, for its template.

    Parameters
    ----------
    site
        The city, in the reader's language.
    details, facts
        What the trail's page says of it, and its figures.
    """
    surface = language.word(facts.surface, site.lang)
    return {
        "slope_classes": list_classes(site, facts.slopes),
        "steepest": write_steepest(site, facts.slopes),
        "slope_rule": write_rule(site),
        "width_label": site.say(N_("Least width") if facts.is_least_width else N_("Width")),
        "width_text": ""
        if facts.width_m is None
        else language.measure(facts.width_m, "m", site.lang, 1),
        "steps_text": write_steps(site, facts.has_steps),
        "ground_text": surface,
        "benches_text": write_benches(site, details),
        "walks_along": list_walks(site, facts),
        "has_slope_facts": facts.length_m is not None,
    }


def list_classes(site: Site, slopes: Slopes) -> list[SlopeClass]:
    """List the classes of slopes that a trail has; none where no slope of it is known."""
    shares = [getattr(slopes, column) for _, column, _ in CLASSES]
    if any(map(math.isnan, shares)):
        return []
    percents = round_to_hundred(shares)
    limits = {
        "gentle": language.number(walking.GENTLE_PERCENT, site.lang, 2),
        "ramp": language.number(walking.RAMP_PERCENT, site.lang, 2),
    }
    return [
        SlopeClass(name, fill(site.say(text), limits), percents[n], sum(percents[:n]))
        for n, (name, _, text) in enumerate(CLASSES)
        if shares[n] > 0
    ]


def round_to_hundred(shares: list[float]) -> list[int]:
    """Round shares of one to whole per cent that add up to 100; what there is, is 1 at least.

    Examples
    --------
    >>> round_to_hundred([1 / 3, 1 / 3, 1 / 3, 0]), round_to_hundred([0.999, 0.001, 0, 0])
    ([34, 33, 33, 0], [99, 1, 0, 0])
    """
    # The largest remainders are rounded up, all others down (Hamilton's method).
    percents = [max(math.floor(100 * share), int(share > 0)) for share in shares]
    remainders = [100 * share - math.floor(100 * share) for share in shares]
    for n in sorted(range(len(shares)), key=lambda n: -remainders[n]):
        if sum(percents) < 100 and shares[n] > 0:
            percents[n] += 1
    # What was lifted to 1 is taken from the largest.
    percents[percents.index(max(percents))] -= sum(percents) - 100
    return percents


def write_steepest(site: Site, slopes: Slopes) -> str:
    """Write how steep the steepest 30 m are, and where; empty where nobody knows."""
    if math.isnan(slopes.steepest_30m_percent):
        return ""
    start_m = slopes.steepest_at_m
    values = {
        "slope": language.number(slopes.steepest_30m_percent, site.lang, 1),
        "from": language.number(start_m, site.lang),
        "to": language.measure(start_m + walking.SLOPE_WINDOW_M, "m", site.lang),
    }
    return fill(site.say(N_("{slope} %, {from} to {to} from the start")), values)


def write_rule(site: Site) -> str:
    """Write how slopes are found, with the window over which they are evened out."""
    values = {
        "window": language.measure(walking.SLOPE_WINDOW_M, "m", site.lang),
        "apart": language.measure(walking.HEIGHTS_APART_M, "m", site.lang),
    }
    sentences = (
        N_("Slopes are the rise or fall over {window}, out of the heights of the recorded line."),
        N_("Steeper places shorter than that do not show, and heights may be off by a metre."),
        N_("Where heights are more than {apart} apart the slope is not known."),
    )
    return " ".join(fill(site.say(text), values) for text in sentences)


def write_steps(site: Site, has_steps: bool | None) -> str:
    """Write whether there are steps; empty where the register says nothing."""
    if has_steps is None:
        return ""
    return site.say(N_("There are steps")) if has_steps else site.say(N_("No steps"))


def write_benches(site: Site, details: TrailDetails) -> str:
    """Write how many benches there are and how far they are apart; empty where none is known."""
    points = [point for kind, point in details.list_points() if kind == BENCH]
    longest_m = find_longest_stretch(details.line, points, site.city.metric_crs)
    if math.isnan(longest_m):
        return ""
    count = len(points)
    ngettext = site.city.phrases(site.lang).say_counted  # texts are collected by this name
    text = ngettext(
        "{count} bench, at most {distance} without one",
        "{count} benches, at most {distance} without one",
        count,
    )
    distance = language.distance(longest_m, site.lang)
    return fill(text, {"count": site.number(count), "distance": distance})


def list_walks(site: Site, facts: TrailFacts) -> list[tuple[str, str]]:
    """List who walks along the trail, and how long it takes; none where the length is unknown."""
    length_m = facts.length_m
    if length_m is None:
        return []
    return [
        (
            fill(site.say(who), {"speed": language.number(speed, site.lang, 1)}),
            language.duration(estimate_walk(length_m, facts.ascent_m or 0.0, speed), site.lang),
        )
        for who, speed in WALKS
    ]
