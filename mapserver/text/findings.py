"""Findings: what is odd or wrong in the data, one entry per fault, for people to act on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mapserver.errors import MapserverError, MistakeError, fill, one_line
from mapserver.text import language


class Severity(StrEnum):
    """How bad a finding is: an error loses data or misleads, a warning should be looked at."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Trails that cannot be called open, because something about them was not understood.

    Attributes
    ----------
    trails
        Their ids; None where every trail may be meant.
    first_day, last_day
        The days on which they are in doubt, both included; None where it is open-ended.
    """

    trails: tuple[str, ...] | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None

    def covers_day(self, day: dt.date) -> bool:
        """Return whether a day is in doubt."""
        return (self.first_day or dt.date.min) <= day <= (self.last_day or dt.date.max)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in the data of a city.

    Attributes
    ----------
    severity
        ``error``, ``warning`` or ``note``.
    code
        Stable kebab-case name of the kind of fault, for filters and tests.
    file
        File relative to the city folder, as the planner knows it.
    what, mend
        English message templates; ``values`` fills their braces.
    feature
        Id of the feature, line number, or empty when the file as a whole is meant.
    doubt
        The trails that cannot be called open for this fault; None where it concerns no state.
    """

    severity: Severity
    code: str
    file: str
    what: str
    mend: str = ""
    feature: str = ""
    values: dict[str, object] = field(default_factory=dict)
    doubt: Doubt | None = None

    def with_doubt(self, doubt: Doubt | None) -> Finding:
        """Return the same finding, which puts trails in doubt."""
        return replace(self, doubt=doubt)

    @classmethod
    def from_error(cls, error: MapserverError, *, code: str, file: str) -> Finding:
        """Turn an error that made a file unusable into a finding about that file.

        A mistake of this program has the code ``program-mistake``, whatever the file is.
        """
        # A mistake of ours has its own code, so that nobody looks for it in the file.
        code = "program-mistake" if isinstance(error, MistakeError) else code
        # The error names file and line; the finding has the file in a field of its own.
        place = error.where.removeprefix(file).lstrip(":, ")
        return cls(Severity.ERROR, code, file, error.what, error.mend, place, dict(error.values))

    @property
    def message(self) -> str:
        """What is wrong, in English, with the values filled in."""
        return fill(self.what, self.values)

    def in_language(self, lang: str, say: language.Say | None = None) -> tuple[str, str]:
        """Write in a language what is wrong and how to mend it.

        With ``city.phrases(lang).say`` it is in the words of the city.
        """
        what, mend = (
            language.write_message(text, self.values, lang, say) for text in (self.what, self.mend)
        )
        return what, mend

    def __str__(self) -> str:
        place = f"{self.file}, {self.feature}" if self.feature else self.file
        return one_line(self.what, place, self.mend, self.values)
