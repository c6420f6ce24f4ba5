"""Titles of cities, layers and roles, in Korean and English."""

from __future__ import annotations

import msgspec


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A title in Korean and English; without an English one the Korean serves for both."""

    ko: str
    en: str = ""

    def __post_init__(self) -> None:
        if not self.en:
            msgspec.structs.force_setattr(self, "en", self.ko)

    def in_language(self, lang: str) -> str:
        """Return the title in a language, in Korean unless it is ``en``."""
        return self.en if lang == "en" else self.ko
