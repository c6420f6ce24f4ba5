"""Words and numbers of ledgers: grades of inspections, shares of soil, moments, millimetres."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from mapserver.settings import limits
from mapserver.text.dates import normalize_text, read_day
from mapserver.text.grades import Grade
from mapserver.text.register_words import read_choice

NOT_DETECTED = "not-detected"
"""Stands for a metal that the laboratory looked for and did not find."""


GRADES = {
    **{grade.value: grade.value for grade in Grade},
    **dict.fromkeys(("양호", "이상없음", "정상", "적합", "ok", "fine"), "good"),
    **dict.fromkeys(("요주의", "주의", "주의요망", "관찰", "caution", "attention"), "watch"),
    **dict.fromkeys(("요수리", "수리필요", "보수필요", "정비필요", "needsrepair"), "repair"),
    **dict.fromkeys(("이용금지", "사용금지", "사용중지", "이용중지", "closed"), "forbidden"),
}

NOT_FOUND_WORDS = frozenset(
    (
        *("불검출", "미검출", "nd", "n.d", "n.d.", "n/d", "notdetected", "not-detected"),
        *("정량한계미만", "검출한계미만", "정량한계이하", "검출한계이하", "<lod", "<loq"),
    )
)
NUMBER_PATTERN = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:e[+-]?\d{1,2})?|\.\d+"
"""With commas between thousands, and as spreadsheets and instruments write it: 100., 4.0E+0."""
BELOW = re.compile(
    rf"(?P<sign>[<≤])\s*(?P<after>{NUMBER_PATTERN})"
    rf"|(?P<before>{NUMBER_PATTERN})\s*(?P<word>미만|이하)"
)
"""What a laboratory writes of a metal of which there is less than it can measure."""
AREA = re.compile(r"([123])\s*(?:지역)?")
HOUR = re.compile(r"(\d{1,2})(?:\.0)?\s*(?:시|:00(?::00)?)?")
"""A whole hour: rain of ten minutes must not be taken for that of an hour."""
NUMBER = re.compile(NUMBER_PATTERN)
MOMENT = re.compile(
    r"(?P<day>.*?\d[\d.)일]*)[\sT]*"
    r"(?P<half>오전|오후|am|pm)?\s*(?P<hour>\d{1,2})\s*(?::|시)\s*(?P<minute>\d{2})?\s*분?"
    r"(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<offset>z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)

USUAL_MOMENT = re.compile(
    r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[ T](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2})?"
)
"""A moment as programs write it, which can be read at once: a ledger may have thousands."""


@dataclass(frozen=True, slots=True)
class Below:
    """A bound that an amount stays below: how much there is, nobody knows.

    Attributes
    ----------
    bound
        In the unit of the column.
    sign
        ``<``, or ``≤`` where it may be reached.
    """

    bound: float
    sign: str = "<"

    def __str__(self) -> str:
        return f"{self.sign}{self.bound:.15g}"


@dataclass(frozen=True, slots=True)
class UnreadCell:
    """A cell that was not understood, as it is written: it says something, nobody knows what."""

    text: str

    def __str__(self) -> str:
        return self.text


def read_grade(text: str) -> str:
    """Read the grade of an inspection, in Korean or English."""
    return read_choice(text, GRADES)


def read_amount(text: str) -> float:
    """Read a number from 0 on, with or without commas between thousands."""
    plain = normalize_text(text)
    if not NUMBER.fullmatch(plain):
        raise ValueError(text)
    return float(plain.replace(",", ""))


def read_metal(text: str) -> float | str | Below:
    """Read what a laboratory says of a metal: mg/kg, a bound, or that it was not detected.

    Returns
    -------
    float, Below or str
        The number, the bound of ``<0.01``, or ``NOT_DETECTED``.
    """
    # Below what the laboratory can measure is a result; an empty cell is none, and is read nowhere.
    plain = normalize_text(text)
    if re.sub(r"\s+", "", plain) in NOT_FOUND_WORDS:
        return NOT_DETECTED
    amount = plain.removesuffix("mg/kg").strip()
    match = BELOW.fullmatch(amount)
    if not match:
        return read_amount(amount)
    sign = match["sign"] or ("<" if match["word"] == "미만" else "≤")
    return Below(read_amount(match["after"] or match["before"]), sign)


def read_acidity(text: str) -> float:
    """Read a pH, from 0 to 14."""
    number = read_amount(text)
    if not 0 <= number <= 14:
        raise ValueError(text)
    return number


def read_area(text: str) -> int:
    """Read the land category of the soil limits: 1, 2 or 3, as ``1지역``."""
    match = AREA.fullmatch(normalize_text(text))
    if match:
        return int(match[1])
    # Spreadsheets write a whole number as 1.0 once a column has an empty cell.
    number = read_amount(text)
    if number not in {1, 2, 3}:
        raise ValueError(text)
    return int(number)


def read_moment(text: str, zone: dt.tzinfo) -> dt.datetime:
    """Read a day with its time, in a time zone.

    Parameters
    ----------
    text
        ``2026-11-20 14:05``, ``2026. 11. 20. 오후 2:05``, ``2026-11-20T05:05Z``.
    zone
        Of a time without an offset.

    Returns
    -------
    datetime
        In the zone.

    Raises
    ------
    ValueError
        It has no time, or is none: of a day alone nobody knows the hour.
    """
    try:
        if USUAL_MOMENT.fullmatch(text):
            return dt.datetime.fromisoformat(text).replace(tzinfo=zone)
        match = MOMENT.fullmatch(normalize_text(text))
        if not match:
            raise ValueError(text)
        day = read_day(match["day"].strip(" t"))
        hour, minute, second = (
            _read_hour(match),
            int(match["minute"] or 0),
            int(match["second"] or 0),
        )
        # 24:00 is the end of a day, and so the beginning of the next one.
        is_end = (hour, minute, second, match["half"]) == (24, 0, 0, None)
        moment = dt.datetime.combine(day, dt.time(0 if is_end else hour, minute, second))
        moment += dt.timedelta(days=is_end)
        if not match["offset"]:
            return moment.replace(tzinfo=zone)
        # A time with an offset is a moment anywhere; it is shown in the city's own time.
        stamp = f"{moment.isoformat()}{match['offset'].upper()}"
        return dt.datetime.fromisoformat(stamp).astimezone(zone)
    except (ValueError, OverflowError) as error:
        raise ValueError(text) from error


def _read_hour(match: re.Match[str]) -> int:
    """Return the hour of a day; twelve is the first hour of either half."""
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(match[0])
    return hour % 12 + (12 if half in {"오후", "pm"} else 0)


def split_hour(text: str) -> str:
    """Return what a day with a time says of the hour; empty where it is a day alone.

    Examples
    --------
    >>> split_hour("2026-07-02 13:00"), split_hour("2026-07-02")
    ('13:00', '')
    """
    match = MOMENT.fullmatch(normalize_text(text))
    if not match:
        return ""
    # An hour that cannot be (25:00) is returned as it is, so that it is reported and not lost.
    hour = _read_hour(match) if match["half"] else int(match["hour"])
    return f"{hour:02}:{match['minute'] or '00'}"


def read_hour(text: str) -> int:
    """Read a whole hour of a day, from 0 to 24: ``13:00``, ``13시``, ``13``."""
    match = HOUR.fullmatch(normalize_text(text))
    if not match or int(match[1]) > 24:
        raise ValueError(text)
    return int(match[1])


def read_rain(text: str) -> float:
    """Read an amount of rain in millimetres, from 0 on, that can fall on a day."""
    amount = read_amount(normalize_text(text).removesuffix("mm").strip())
    if not math.isfinite(amount) or amount > limits.MAX_RAIN_MM_PER_DAY:
        raise ValueError(text)
    return amount
