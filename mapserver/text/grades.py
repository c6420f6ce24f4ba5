"""What inspections find, by the legal scale, and how it is said."""

from __future__ import annotations

from enum import StrEnum

from mapserver.errors import N_


class Grade(StrEnum):
    """What an inspection found, by the legal scale for playgrounds.

    The scale is that of annex 6 of the enforcement rule of the Act on the safety of children's
    playgrounds: 양호, 요주의, 요수리, 이용금지.
    """

    GOOD = "good"
    WATCH = "watch"
    REPAIR = "repair"
    FORBIDDEN = "forbidden"


GRADE_WORDS: dict[str | None, str] = {
    Grade.GOOD: N_("good"),
    Grade.WATCH: N_("to be watched"),
    Grade.REPAIR: N_("to be repaired"),
    Grade.FORBIDDEN: N_("not to be used"),
    None: N_("the result was not understood"),
}
"""What was found, as it stands within a sentence."""
