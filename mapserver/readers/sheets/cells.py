"""Cells: what a person wrote in one, as text, a number, or degrees."""

from __future__ import annotations

import datetime as dt
import math
import re

import numpy as np
import pandas as pd

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
"""What a cell of a workbook holds; those of a CSV are text or None."""

PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
COMMA = re.compile(r"[+-]?\d+,\d+")
DOTTED = re.compile(r"[+-]?[1-9]\d{0,2}((\.\d{3})+,\d+|(\.\d{3}){2,})")
"""Points between the thousands, as ``187.000,5``: a comma follows, or another point."""
QUOTED = re.compile(r"[+-]?[1-9]\d{0,2}(['’ʼ_]\d{3})+([.,]\d+)?")
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The wide digits and signs of East Asian keyboards, and the usual ones."""
INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF))
"""Signs without a width, which come along when one copies from a web page."""
EXPONENT = re.compile(r"[+-]?\d*\.?\d+(e[+-]?\d{1,3})?", re.IGNORECASE)
UNIT = re.compile(
    r"(?P<number>[+-]?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>㎡|m²|m2|㎢|km²|km2|㏊|ha|평|㎞|km|㎝|cm|㎜|mm|m"
    r"|미터|%|％|천원|만원|백만원|원|명|개소|개|건|대|곳)"
)

SIGNS = {"E": 1, "W": -1, "N": 1, "S": -1, "동": 1, "서": -1, "북": 1, "남": -1}
LETTER = re.compile(r"^([EWNS]|[동서북남][경위]?)\s*|\s*([EWNS]|[동서북남][경위]?)$", re.IGNORECASE)
NEXT = r"(?:(?<!\d)\s*|\s*[-:]\s*|\s+)"
"""Between the parts: a sign of the part before, a hyphen, a colon or a blank."""

DEGREES = re.compile(
    r"(?P<minus>[-−])?(?P<degrees>\d{1,3}(?:[.]\d+)?)\s*(?:[°º˚]|도|deg|d)?"
    rf"(?:{NEXT}(?P<minutes>\d{{1,2}}(?:[.]\d+)?)\s*(?:['′’`‘´＇]|분|min|m)?"
    rf"(?:{NEXT}(?P<seconds>\d{{1,2}}(?:[.]\d+)?)\s*(?:[\"″”“＂]|''|′′|’’|초|sec|s)?)?)?",
    re.IGNORECASE,
)
LONGITUDE, LATITUDE = frozenset("EW동서"), frozenset("NS북남")


def write_cell(cell: Cell) -> str | None:
    """Return a cell as text: whole numbers without a point, days and times as ISO 8601 has them.

    None for an empty cell.
    """
    # The type itself is compared, which is several times faster than isinstance over a million
    # cells.
    if cell is None or type(cell) is str:
        return cell  # nearly all of a large table
    match cell:
        case bool():
            text = "true" if cell else "false"
        case float():
            # Never an exponent: 1e+16 would not be recognised as the code that it was in the sheet.
            text = f"{cell:.0f}" if cell.is_integer() else np.format_float_positional(cell)
        case dt.datetime():
            text = cell.isoformat(timespec="milliseconds" if cell.microsecond else "seconds")
        case dt.time():
            text = cell.isoformat(timespec="seconds" if cell.second else "minutes")
        case dt.timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            text = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case _:
            text = str(cell).strip()
    return text or None


def is_number(text: str) -> bool:
    """Return whether a text is a plain number, or one with thousands separators."""
    return bool(PLAIN.fullmatch(text) or THOUSANDS.fullmatch(text))


def parse_number(text: str | None, *, comma: bool = False) -> float:
    """Parse a number as a person writes it; NaN for what is none.

    Read are ``1,234.5``, ``126,85``, ``1.2e5``, ``187.000,5``, ``187'000.5`` and ``187 000,5``.

    Parameters
    ----------
    comma
        Commas are decimal, in ``1,234`` as well.
    """
    # Blanks inside a number stand between thousands (ISO 80000-1), so all of them go.
    plain = re.sub(r"\s", "", (text or "").translate(WIDE | INVISIBLE)).replace("\u2212", "-")
    if QUOTED.fullmatch(plain):
        plain = re.sub(r"['’ʼ_]", "", plain)
    # The order matters: what can be read in one way only is read before what may be a decimal
    # comma.
    if DOTTED.fullmatch(plain):
        return float(plain.replace(".", "").replace(",", "."))
    if COMMA.fullmatch(plain) and (comma or not THOUSANDS.fullmatch(plain)):
        return float(plain.replace(",", "."))
    if is_number(plain):
        return float(plain.replace(",", ""))
    return float(plain) if EXPONENT.fullmatch(plain) else math.nan


def parse_degrees(text: str | None, axis: str) -> float:
    """Parse a longitude or latitude: decimal, or degrees, minutes and seconds.

    Read are ``126.8526``, ``126,8526``, ``126°51'09.4"E``, ``E126 51 9.4``, ``126-51-09.4``,
    ``126:51:09.4``, ``126도 51분 9.4초``, ``동경 126도 51.157분``.

    Parameters
    ----------
    axis
        ``lon`` or ``lat``: a letter of the other one is no value of this.

    Returns
    -------
    float
        Degrees; NaN for what is none, such as 61 minutes.
    """
    text = text or ""
    if PLAIN.fullmatch(text):
        return float(text)
    plain = re.sub(r"(?<=\d),(?=\d)", ".", text.translate(WIDE | INVISIBLE).strip())
    if PLAIN.fullmatch(plain):
        return float(plain)
    if re.search(r"\d\s*d.*\d\s*m", plain, re.IGNORECASE):
        plain = re.sub(r"(?<=\d)\s*s", '"', plain, flags=re.IGNORECASE)  # seconds, not south
    # A letter may stand on either side, as E126 and 126E; two letters contradict each other.
    letters = [(prefix or suffix).upper() for prefix, suffix in LETTER.findall(plain)]
    match = DEGREES.fullmatch(LETTER.sub("", plain))
    if match is None:
        return parse_number(text)
    allowed = LONGITUDE if axis == "lon" else LATITUDE
    if len(letters) > 1 or any(letter[0] not in allowed for letter in letters):
        return math.nan
    degrees, minutes, seconds = (float(match[g] or 0) for g in ("degrees", "minutes", "seconds"))
    # A part with decimals is the last one, and the smaller ones have no more than 59.
    is_broken = ("." in match["degrees"] and match["minutes"]) or (
        "." in (match["minutes"] or "") and match["seconds"]
    )
    if is_broken or minutes >= 60 or seconds >= 60:
        return math.nan
    # Degrees + minutes / 60 + seconds / 3600; west and south are negative.
    sign = -1 if match["minus"] else SIGNS[letters[0][0]] if letters else 1
    return sign * (degrees + minutes / 60 + seconds / 3600)


def convert_numbers(column: pd.Series[str], *, comma: bool) -> tuple[pd.Series[float], str] | None:
    """Convert a column of numbers with thousands separators, decimal commas or one unit.

    Parameters
    ----------
    column
        Text, NaN for an empty cell.
    comma
        Commas are decimal: cells are separated by something else.

    Returns
    -------
    numbers, unit
        The unit is empty where none is written. None for a column that holds anything else, or
        plain numbers alone, and where ``1,234`` may mean either.
    """
    values = column.dropna()
    if values.empty or not values.iloc[0].lstrip("+-")[:1].isdigit():
        return None
    # One unit for all cells, or none for all: a mix of cm and m is left as text.
    matches = map(UNIT.fullmatch, values.to_numpy(object))
    units = {match["unit"] if match else "" for match in matches}
    if len(units) != 1:
        return None
    unit = units.pop()
    numbers = column.map(lambda text: text.removesuffix(unit).strip(), na_action="ignore")
    values = numbers.dropna()
    is_plain = values.map(lambda text: PLAIN.fullmatch(text) is not None)
    is_readable = _is_readable(values, is_plain, comma=comma)
    if not is_readable or (not unit and is_plain.all()):
        return None
    return parse_numbers(numbers, comma=comma), unit


def _is_readable(values: pd.Series[str], is_plain: pd.Series[bool], *, comma: bool) -> bool:
    """Check whether all texts of a column are numbers that can be read in one way alone."""
    is_foreign = values.map(lambda text: bool(DOTTED.fullmatch(text) or QUOTED.fullmatch(text)))
    if is_foreign.any():
        return has_one_style(values)
    is_thousand = values.map(lambda text: THOUSANDS.fullmatch(text) is not None)
    if not comma:
        return bool((is_plain | is_thousand).all())
    is_decimal = values.map(lambda text: COMMA.fullmatch(text) is not None)
    return bool((is_plain | is_decimal).all()) and not bool(is_thousand.all())


def has_one_style(texts: pd.Series[str]) -> bool:
    """Check whether texts are numbers that write thousands and decimals in one way.

    Where one says ``187.000,5``, ``187.000`` means thousands and ``187,000.5`` is another way.
    """
    is_dotted = texts.map(lambda text: DOTTED.fullmatch(text) is not None).any()
    # Where points group thousands the comma is decimal; an apostrophe leaves the decimal sign open.
    group, decimal = (r"\.", ",") if is_dotted else (r"['’ʼ_]", "[.,]")
    number = re.compile(rf"[+-]?(\d+|[1-9]\d{{0,2}}({group}\d{{3}})+)({decimal}\d+)?")
    return bool(texts.map(lambda text: number.fullmatch(text) is not None).all())


def parse_numbers(texts: pd.Series[str], *, comma: bool = False) -> pd.Series[float]:
    """Parse a column of numbers: points are between thousands in all cells where one shows it."""
    is_dotted = texts.dropna().map(lambda text: DOTTED.fullmatch(text.strip()) is not None).any()

    def parse_cell(text: str) -> float:
        # One cell with two points proves that points group thousands in the whole column.
        plain = text.replace(".", "") if is_dotted else text
        return parse_number(plain, comma=comma or bool(is_dotted))

    return texts.map(parse_cell, na_action="ignore").astype(float)
