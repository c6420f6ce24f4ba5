"""What the form of inspectors asks and says: grades and roles; and an entry read from it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, UNPRINTABLE, DataError
from mapserver.model import Fault, Snapshot
from mapserver.settings import limits
from mapserver.text.formulas import make_safe_cell
from mapserver.text.grades import Grade
from mapserver.text.inspection_words import INSPECTORS, recognise_item
from mapserver.text.ledger_words import read_grade
from mapserver.text.mentions import find_closed_trails
from mapserver.text.person_marks import cut_person_marks
from mapserver.web.pages.inspection_items import find_whole_word, list_items

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

GRADE_BUTTONS = {
    Grade.GOOD: (N_("Good"), N_("Nothing is wrong")),
    Grade.WATCH: (N_("To be watched"), N_("Fit to walk; worn or ageing, look again soon")),
    Grade.REPAIR: (N_("To be repaired"), N_("Fit to walk with care; residents read a warning")),
    Grade.FORBIDDEN: (N_("Not to be used"), N_("Dangerous: the trail is closed from today")),
}
"""The four grades of the legal scale, and what each means to who presses it."""
FAULTY_GRADES = (Grade.REPAIR, Grade.FORBIDDEN)
"""Grades that say that something is wrong with an item."""
REPAIRED_AND_WRONG = N_(
    "The same item cannot be found wrong and repaired in one entry. Untick one of the two"
)
REPAIRED = N_("Repaired")
LEFT_OUT = N_("[left out]")
"""Stands in the text for a number or an address of a person."""
REPAIR_NOTES = {
    "again": N_("A repair of today that was written before is not written a second time."),
    "later": N_(
        "What was found today keeps the trail closed though it is repaired: somebody has to look"
        " again on a later day."
    ),
}
"""What the answer to an entry says of its repairs."""
KEY = re.compile(r"[A-Za-z0-9-]{8,64}")


class EntryError(DataError):
    """An entry says what cannot be; whoever made it can mend it."""


@dataclass(frozen=True)
class Entry:
    """What an inspector has entered.

    Attributes
    ----------
    key
        Made up by the page; the same when the entry is sent again.
    day
        The day of the look.
    grade
        A grade; empty where only repairs were ticked.
    role
        Who looked.
    items
        What was looked at; nothing for the trail as a whole.
    text
        What was found, on one line.
    repairs
        Marks of the faults that were repaired.
    """

    key: str = ""
    day: dt.date = dt.date.min
    grade: str = ""
    role: str = ""
    items: tuple[str, ...] = ()
    text: str = ""
    repairs: tuple[str, ...] = field(default=())

    @property
    def content(self) -> str:
        """All that was entered; the day is left out, since a page may be sent again after it."""
        parts = (self.grade, self.role, self.text, "\0".join(self.items), "\0".join(self.repairs))
        return "\n".join(parts)


def read_entry(form: MultiDict[str, str], today: dt.date, items: Collection[str]) -> Entry:
    """Read an entry from its form, strictly.

    Parameters
    ----------
    form
        As it was sent.
    today
        The day in the city.
    items
        What can be ticked, as :func:`.inspection_items.list_items` has it.

    Raises
    ------
    EntryError
        Something is missing, is none of what was offered, or too long.
    """
    text = " ".join(unicodedata.normalize("NFC", form.get("finding", "")).split())
    entry = Entry(
        form.get("key", ""),
        _read_day(form.get("day", ""), today),
        form.get("grade", ""),
        form.get("by", ""),
        tuple(dict.fromkeys(form.getlist("item"))),
        text,
        tuple(dict.fromkeys(form.getlist("repaired")))[: limits.MAX_SHOWN_REPAIRS],
    )
    if not KEY.fullmatch(entry.key):
        raise _refuse(N_("the entry has no key"))
    if not entry.grade and not entry.repairs:
        raise _refuse(N_("Choose how the trail is, or what was repaired"))
    if entry.grade not in {"", *GRADE_BUTTONS}:
        raise _refuse(N_("this is no grade"))
    if entry.role not in INSPECTORS:
        raise _refuse(N_("Choose who looked"))
    if not set(entry.items) <= set(items):
        raise _refuse(N_("this is no item"))
    # An entry of repairs alone has no row for a text or for items: they would be lost unsaid.
    if not entry.grade and (entry.text or entry.items):
        raise _refuse(N_("Choose how the trail is, too: items and text belong to it"))
    if len(text) > limits.MAX_FINDING_LETTERS or UNPRINTABLE.search(text):
        raise _refuse(N_("The text is too long, or has signs that cannot be shown"))
    return entry


def _refuse(what: str) -> EntryError:
    return EntryError(what, where="", mend="")


def _read_day(text: str, today: dt.date) -> dt.date:
    """Read the day of a look: today, or one of the days for which an entry may wait.

    Raises
    ------
    EntryError
        It is another day, or none.
    """
    try:
        day = dt.date.fromisoformat(text) if text else today
    except ValueError:
        raise _refuse(N_("this is no day")) from None
    # A telephone may be a day ahead of the city, but nobody has looked on a later day.
    if (day - today).days > 1:
        raise _refuse(N_("this day has not come yet"))
    day = min(day, today)
    if (today - day).days > limits.MAX_LATE_DAYS:
        raise _refuse(N_("The entry is too old to be sent; write it into the file"))
    return day


def list_open_faults(city: Snapshot, trail: str, day: dt.date) -> list[Fault]:
    """List what is to be repaired at a trail on a day."""
    checks = (city.checks or {}).get(trail)
    return checks.list_open_faults(day)[: limits.MAX_SHOWN_REPAIRS] if checks else []


def mark_fault(fault: Fault) -> str:
    """Return a short mark by which the form names a fault, whatever its item is called."""
    text = f"{fault.item}\0{fault.first_day}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def list_rows(city: Snapshot, trail: str, entry: Entry) -> list[Mapping[str, str]]:
    """List the rows of the ledger that an entry makes, in the language of the city.

    Raises
    ------
    EntryError
        A repair is of nothing that is open, so that nobody knows what was repaired; or of an item
        that the same entry finds wrong, so that nobody knows how it is.
    """
    lang = city.catalog.page_languages[0]
    say = city.phrases(lang).say
    # Korean files have the words of the law; where no reader knows the word, the grade's own name.
    words = {grade: say(word) for grade, (word, _) in GRADE_BUTTONS.items()}
    cells = {grade: word if _is_grade(word, grade) else grade for grade, word in words.items()}
    shared = {
        "trail_id": trail,
        "checked_on": entry.day.isoformat(),
        "by": say(INSPECTORS[entry.role].label),
    }
    rows: list[Mapping[str, str]] = []
    wrong_items: set[str] = set()
    if entry.grade:
        grade = cells[Grade(entry.grade)]
        items = list_items(city, lang)
        # An item is called as the file calls it, so that both mean the same from then on.
        names = [items[item].cell for item in entry.items] or [find_whole_word(city)]
        if entry.grade in FAULTY_GRADES:
            wrong_items = {recognise_item(name) for name in names}
        # A number is cut out, and not refused: what closes a trail must not wait for its text.
        text = make_safe_cell(cut_person_marks(entry.text, say(LEFT_OUT)))
        rows += [
            shared | {"item": name, "grade": grade, "finding": text}
            for name in map(make_safe_cell, names)
        ]
    faults = {mark_fault(fault): fault for fault in list_open_faults(city, trail, entry.day)}
    for mark in entry.repairs:
        fault = faults.get(mark)
        if fault is None:
            raise _refuse(N_("One of the repairs is no longer open; load the page again"))
        if recognise_item(fault.item) in wrong_items:
            raise _refuse(REPAIRED_AND_WRONG)
        if _is_repaired_on(city, trail, fault, entry.day):
            continue  # the row stands there, and a second one says no more
        # Another look at the item ends what was found on an earlier day. Of two rows of one day the
        # worse counts, and nobody knows their order: what closes a trail and was found on the day
        # of its repair lasts until the look of a later day.
        same_day = fault.grade if _is_found_on(city, trail, fault, entry.day) else None
        grade = cells[Grade(same_day or Grade.GOOD)]
        row = {"item": make_safe_cell(fault.item), "grade": grade, "finding": say(REPAIRED)}
        rows.append(shared | row | {"fixed_on": entry.day.isoformat()})
    return rows


def _is_grade(word: str, grade: str) -> bool:
    try:
        return read_grade(word) == grade
    except ValueError:
        return False


def list_repair_notes(city: Snapshot, trail: str, entry: Entry) -> list[str]:
    """List what an inspector has to know of the repairs of an entry, as keys of ``REPAIR_NOTES``.

    Parameters
    ----------
    city
        As it was before the entry was written.
    trail
        The trail's id.
    entry
        What was entered.
    """
    faults = {mark_fault(fault): fault for fault in list_open_faults(city, trail, entry.day)}
    repaired = [faults[mark] for mark in entry.repairs if mark in faults]
    # 요수리 closes nothing, and is past with a repair of its day.
    stays_closed = any(
        fault.grade == Grade.FORBIDDEN and _is_found_on(city, trail, fault, entry.day)
        for fault in repaired
    )
    is_known = any(_is_repaired_on(city, trail, fault, entry.day) for fault in repaired)
    return [*(["again"] if is_known else []), *(["later"] if stays_closed else [])]


def _is_found_on(city: Snapshot, trail: str, fault: Fault, day: dt.date) -> bool:
    """Return whether a row of that very day says that something is wrong with an item."""
    rows = _list_rows_of_day(city, trail, fault, day)
    return any(row["grade"] in FAULTY_GRADES for row in rows)


def _is_repaired_on(city: Snapshot, trail: str, fault: Fault, day: dt.date) -> bool:
    """Return whether a row of that very day says that an item was repaired on it."""
    return any(row["fixed_on"] == day for row in _list_rows_of_day(city, trail, fault, day))


def _list_rows_of_day(
    city: Snapshot, trail: str, fault: Fault, day: dt.date
) -> Iterator[dict[Any, Any]]:
    """List the rows of a day about the item of a fault."""
    rows, trails = city.ledgers.get("inspections"), city.trails
    if rows is None or trails is None:
        return
    for row in rows[rows["checked_on"] == day].to_dict("records"):
        if recognise_item(row["item"] or "") == recognise_item(fault.item):
            named, _ = find_closed_trails(trails, {"trail_id": row["trail_id"]})
            if trail in named:
                yield row
