"""What changed in a city, in the words of its residents: once for page, feed and command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from mapserver import headings
from mapserver.analysis.catalog_changes import SUBJECT
from mapserver.analysis.city_changes import Change, Changes
from mapserver.drawing.change_values import is_setting, write_label, write_setting_name, write_value
from mapserver.errors import N_, fill, printable
from mapserver.model import LEDGERS, ROLES, Snapshot
from mapserver.settings import limits
from mapserver.text import language

OF_FEATURES = {
    "come": N_("New: {name}"),
    "gone": N_("No longer there: {name}"),
    "renumbered": N_("{name}: the id {before} is now {after}"),
    "renamed": N_("{before} is now called {after}"),
    "rerouted": N_("{name}: the line is up to {distance} from where it was"),
    "reshaped": N_("{name}: the border is up to {distance} from where it was"),
    "moved": N_("{name}: moved by {distance}"),
    "measured": N_("{name}: {column} {before} → {after}"),
    "changed": N_("{name}: {column} {before} → {after}"),
    "column_come": N_("New information: {column}"),
    "column_gone": N_("No longer said: {column}"),
    "layer_come": N_("New: {after} entries"),
    "layer_gone": N_("No longer there: {before} entries"),
    "count": N_("Entries: {before} → {after}"),
    "unknown": N_("{name}: not known, because a file could not be read"),
}
OF_ROWS = OF_FEATURES | {"come": N_("Added: {name}"), "gone": N_("Removed: {name}")}
COLUMN_WORDS = {
    "from": N_("first day"),
    "to": N_("last day"),
    "reason_ko": N_("reason"),
    "reason_en": N_("reason"),
    "checked_on": N_("checked on"),
    "fixed_on": N_("repaired on"),
    "what": N_("what one gets"),
    "who": N_("for whom"),
    "papers": N_("papers"),
    "period": N_("period"),
    "apply_at": N_("where to apply"),
    "phone": N_("phone"),
    "rate": N_("rate"),
    "length_m": N_("length"),
    "area_m2": N_("area"),
}
"""What people call columns of tables; those of layers have headings."""
WITHOUT_DISTANCE = N_("{name}: its place is known only before or only after")
UNREAD_FILE = N_("{name} could not be read")
UNREAD_LAYER = N_("Not known, because a file could not be read")
TITLES = {
    SUBJECT: N_("Settings of the city"),
    "files": N_("Files"),
    "closures": N_("Closures"),
    "benefits": N_("Benefits"),
}
"""What things are called that are neither layers nor ledgers."""
SETTING = N_("{column}: {before} → {after}")
REPAIRED = N_("{name}: repaired on {after}")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change as a sentence.

    Attributes
    ----------
    text
        The sentence.
    role, id
        Of the feature that it is about; empty where it is about none.
    """

    text: str
    role: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSection:
    """What changed of one thing: a layer, a table, a ledger.

    Attributes
    ----------
    title
        What the thing is called.
    lines
        Its changes; of many of a kind the first, and a line that counts the others.
    """

    title: str
    lines: tuple[ChangeLine, ...]


def describe_changes(
    changes: Changes, city: Snapshot, lang: str, most: int | None = limits.MAX_WRITTEN_CHANGES
) -> list[ChangeSection]:
    """Describe changes by what they are about.

    Parameters
    ----------
    changes
        What changed.
    city
        The state whose names and words are used: the later one.
    lang
        Code of the language.
    most
        How many changes of one kind are written out; None for all.
    """
    writer = _Writer(city, lang)
    return [
        ChangeSection(writer.write_title(rows[0]), tuple(writer.write_lines(rows, most)))
        for _, group in groupby(changes.rows, key=lambda row: row.subject)
        for rows in [list(group)]
    ]


class _Writer:
    """Writes changes in one language, in the words of one city."""

    def __init__(self, city: Snapshot, lang: str) -> None:
        self._city = city
        self._lang = lang
        self._say: Callable[[str], str] = city.phrases(lang).say

    def write_title(self, change: Change) -> str:
        """Write what a change is about."""
        if change.subject in TITLES:
            return self._say(TITLES[change.subject])
        if change.subject in self._city.layers:
            return self._city.entry(change.subject).title.in_language(self._lang)
        if change.subject in LEDGERS:
            return self._say(str(LEDGERS[change.subject].title.in_language(self._lang)))
        title = ROLES[change.role].layer_title if change.role in ROLES else None
        return self._say(title.in_language(self._lang)) if title else change.subject

    def write_lines(self, changes: list[Change], most: int | None) -> Iterator[ChangeLine]:
        """Write the changes of one thing."""
        for _, group in groupby(changes, key=lambda row: row.kind):
            # Of thousands of shops nobody reads all; the table has them.
            rows = list(group)
            for row in rows[:most]:
                has_page = row.role and row.id
                yield ChangeLine(self._write(row), row.role if has_page else "", row.id)
            if most is not None and len(rows) > most:
                count = language.number(len(rows) - most, self._lang)
                yield ChangeLine(fill(self._say(N_("and {count} more")), {"count": count}))

    def _write(self, change: Change) -> str:
        templates = OF_FEATURES if change.role or change.subject == "files" else OF_ROWS
        template = templates[change.kind]
        if change.kind in {"rerouted", "reshaped", "moved"} and change.distance_m is None:
            template = WITHOUT_DISTANCE
        elif (change.attribute, change.before) == ("fixed_on", None):
            template = REPAIRED
        elif is_setting(change):
            template = SETTING
        elif change.kind == "unknown":
            if change.subject == "files":
                template = UNREAD_FILE
            elif change.attribute == "layer":
                template = UNREAD_LAYER
        # Unknown has words of its own and is never written as nothing or 0.
        distance_m = change.distance_m
        values = {
            "name": self._write_name(change),
            "column": self._write_column(change),
            "before": write_value(change, change.before, self._lang, self._say),
            "after": write_value(change, change.after, self._lang, self._say),
            "distance": "" if distance_m is None else language.distance(distance_m, self._lang),
        }
        # Texts of files are shown on terminals, too, where control characters would act.
        return printable(fill(language.join_units(self._say(template)), values))

    def _write_name(self, change: Change) -> str:
        """Write the name of what changed; a row about a trail begins with the trail's."""
        trails = self._city.trails
        if change.role or change.subject == "files":
            return change.name or change.id
        trail_name = ""
        if change.id and trails is not None and change.id in trails.index:
            trail_name = str(headings.names(trails.loc[[change.id]], self._lang).iloc[0])
        return write_label(change, trail_name, self._lang, self._say) or change.id

    def _write_column(self, change: Change) -> str:
        column = change.attribute
        if is_setting(change):
            return write_setting_name(column, self._say)
        if column in COLUMN_WORDS:
            return self._say(COLUMN_WORDS[column])
        return headings.write_title(column, self._lang, self._say) if column else ""
