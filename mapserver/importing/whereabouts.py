"""Time zone and languages of a city: as the command says, as its names show, or asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd

from mapserver.errors import N_, SettingsError
from mapserver.geo import extent
from mapserver.importing.wish import Wish
from mapserver.model import FILE, Snapshot, find_nearest_zone, is_in_korea, is_zone
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import ENGLISH, KOREAN, LANGUAGES, is_language_code

LANGUAGE_OF_SCRIPT = {
    **{"HIRAGANA": "ja", "KATAKANA": "ja", "HEBREW": "he", "THAI": "th", "GREEK": "el"},
    **{"GEORGIAN": "ka", "ARMENIAN": "hy", "KHMER": "km", "LAO": "lo", "HANGUL": KOREAN.code},
}
"""Scripts in which names are written in one language alone, by the names of letters in Unicode."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is written into a catalogue of where a city is and what it speaks.

    Attributes
    ----------
    languages
        Codes, the city's own first; what the catalogue says stays where there are none.
    time_zone
        As the IANA database has it; what the catalogue says stays where it is empty.
    """

    languages: tuple[str, ...] = ()
    time_zone: str = ""


def check_whereabouts(wish: Wish) -> None:
    """Refuse a time zone or a language that there is not, before anything is read.

    Raises
    ------
    SettingsError
        It is unknown.
    """
    if wish.time_zone and not is_zone(wish.time_zone):
        raise SettingsError(
            N_("there is no time zone {value}"),
            where="--time-zone",
            mend=N_("Write it as the IANA database has it, such as America/New_York"),
            value=repr(wish.time_zone),
        )
    for code in wish.languages:
        if not is_language_code(code):
            raise SettingsError(
                N_("there is no language {value}"),
                where="--languages",
                mend=N_("Use codes such as ko, en and de"),
                value=repr(code),
            )


def choose_whereabouts(
    wish: Wish, frame: gpd.GeoDataFrame, city: Snapshot | None, *, is_new: bool
) -> tuple[Whereabouts, list[Finding]]:
    """Choose what is written of time zone and languages, and report what is still to be said.

    Parameters
    ----------
    wish
        What the command says wins.
    frame
        What is added, in EPSG:4326.
    city
        The city as it is; None when the folder is to become one.
    is_new
        A catalogue is written where there was none.
    """
    frames = [frame, *(city.layers.values() if city is not None else ())]
    if extent.find_frame_bounds(frames) is None:
        return Whereabouts(wish.languages, wish.time_zone), []
    lon, lat = extent.find_frame_middle(frames)
    if is_in_korea(lon, lat):
        return Whereabouts(wish.languages, wish.time_zone), []
    findings = []
    # The nearest place that the database knows may lie beyond a border: it is proposed, no more.
    if not wish.time_zone and (city is None or city.catalog.time_zone is None):
        findings.append(
            Finding(
                Severity.WARNING,
                "time-zone-missing",
                FILE,
                N_("it lies outside Korea and names no time zone, so its days are Korea's"),
                N_('Write time_zone = "{nearest}", or its own, into {file}, or add --time-zone'),
                values={"nearest": find_nearest_zone(lon, lat), "file": FILE},
            )
        )
    languages = wish.languages
    if not languages and is_new:
        languages = find_languages(_list_names(frames))
        if languages == (ENGLISH.code,):
            findings.append(
                Finding(
                    Severity.NOTE,
                    "languages-not-said",
                    FILE,
                    N_("the names do not show their language, so pages and titles are in English"),
                    N_(
                        'Write languages = ["de", "en"], say, into {file}, or add --languages de,en'
                    ),
                    values={"file": FILE},
                )
            )
    # Korean and English are what a catalogue without languages has.
    is_usual = languages == tuple(LANGUAGES)
    return Whereabouts(() if is_usual and is_new else languages, wish.time_zone), findings


def find_languages(names: Iterable[str]) -> tuple[str, ...]:
    """Find the languages that names show by their script, with English; English alone if none.

    Examples
    --------
    >>> find_languages(["渋谷センター街", "代官山"]), find_languages(["Währing"])
    (('ja', 'en'), ('en',))
    """
    # The name of a letter begins with its script: HEBREW LETTER ALEF.
    letters = {letter for name in names for letter in name if letter.isalpha()}
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in letters}
    codes = {LANGUAGE_OF_SCRIPT[script] for script in scripts if script in LANGUAGE_OF_SCRIPT}
    # Names in two such languages show neither as the city's own.
    return (*codes, ENGLISH.code) if len(codes) == 1 else (ENGLISH.code,)


def _list_names(frames: Iterable[gpd.GeoDataFrame]) -> list[str]:
    named = (frame["name"].dropna() for frame in frames if "name" in frame)
    return [str(name) for names in named for name in names]
