"""What the board says of inspections: trails at which nobody has looked for long, open repairs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mapserver.errors import N_, fill
from mapserver.model import Role
from mapserver.web.pages.checks import FaultWords
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A trail with its last look, and the day from which on that is too long ago.

    Attributes
    ----------
    place
        The trail.
    holds
        That day as ISO 8601, with a slash after it: the browser shows the row from then on. Empty
        before the slash where nobody has ever looked.
    is_due
        Whether it is too long ago on the day of the page.
    """

    place: ListedFeature
    holds: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class CheckBoard:
    """What the board says of inspections.

    Attributes
    ----------
    heading
        After how many days a look is too long ago, as a heading.
    checks
        The trails, the longest unseen first.
    all_good, all_good_holds
        The sentence that none is due, and the days on which that is so.
    is_all_good
        Whether it is so on the day of the page.
    repairs
        What is to be repaired, the oldest first, each with its trail.
    """

    heading: str
    checks: tuple[DueCheck, ...]
    all_good: str
    all_good_holds: str
    is_all_good: bool
    repairs: tuple[tuple[ListedFeature, FaultWords], ...]


def describe_check_board(site: Site) -> CheckBoard | None:
    """Describe what of the trails is to be checked or repaired; None without inspections."""
    if not site.checks:
        return None
    trails = site.places(Role.TRAILS)
    patience = dt.timedelta(days=site.city.catalog.check_days + 1)
    due_days = {
        id_: dt.date.fromisoformat(words.day_iso) + patience if words.day_iso else None
        for id_, words in site.checks.items()
    }
    # Nobody has ever looked at the first of them; their day is before all others.
    ids = sorted(due_days, key=lambda id_: (due_days[id_] or dt.date.min, trails[id_].name))
    checks = tuple(
        DueCheck(trails[id_], f"{due or ''}/", due is None or due <= site.day)
        for id_ in ids
        for due in [due_days[id_]]
    )
    first_due = due_days[ids[0]] or dt.date.min
    # Before the first of them is due, all of them are well; where one has never been seen, never.
    last_good = first_due - dt.timedelta(days=1) if first_due > dt.date.min else dt.date.min
    days = {"days": site.number(site.city.catalog.check_days)}
    repairs = [(trails[id_], fault) for id_ in ids for fault in site.checks[id_].faults]
    return CheckBoard(
        heading=fill(site.say(N_("Not checked for more than {days} days")), days),
        checks=checks,
        all_good=fill(site.say(N_("All were checked within {days} days.")), days),
        all_good_holds=f"/{last_good}",
        is_all_good=site.day <= last_good,
        repairs=tuple(sorted(repairs, key=lambda pair: (pair[1].since_iso, pair[0].name))),
    )
