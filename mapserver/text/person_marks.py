"""What stands for one person in a text that everybody can read: numbers, addresses, names."""

from __future__ import annotations

import re
import unicodedata

DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－ー~∼〜～·ㆍ・"), "-")
"""Signs that people write between the groups of a number."""
GAP = r"[\s.\-/()_*,:|]{0,3}"
COUNTRY = rf"(?:\+?82{GAP}0?|0)"
FIRM = r"1(?:522|533|544|566|577|588|599|600|644|66[0168]|670|688|800|811|833|855|877|899)"
"""How numbers of firms and offices begin that are dialled without an area."""
NUMBER = re.compile(
    r"(?<![\d.])(?:"
    # A mobile telephone: 010-1234-5678, +82 10 1234 5678, and without its zero.
    rf"{COUNTRY}1[016789]{GAP}\d{{3,4}}{GAP}\d{{4}}"
    r"|10[\s.\-_]\d{4}[\s.\-_]\d{4}"
    # A telephone at home, with the number of its area, or one by the internet or free of charge.
    rf"|{COUNTRY}(?:2|[3-6][1-5]|[78]0|50\d?){GAP}\d{{3,4}}{GAP}\d{{4}}"
    # Without the area; two years are no number.
    r"|(?!1[568]\d\d|(?:19|20)\d\d-(?:19|20)\d\d)[2-9]\d{2,3}[\-_]\d{4}"
    # A firm's or an office's: a program cannot tell whose it is, and a text needs neither.
    rf"|{FIRM}[\s.\-_]{{1,3}}\d{{4}}"
    # The number of a resident, or of a foreigner: six digits of a birthday and seven more.
    r"|\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s\-_]{0,3}[1-8]\d{6}"
    # A number plate. Only these syllables stand on one.
    r"|\d{2,3}\s?[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호]"
    r"\s?\d{4}"
    r")(?![\d])"
)
AT = r"(?:@|\s?[(\[{<]\s?(?:at|@|골뱅이)\s?[)\]}>]\s?|\s?골뱅이\s?)"
DOT = r"(?:\.|\s?[(\[{<]\s?(?:dot|\.|점)\s?[)\]}>]\s?)"
MAIL = re.compile(rf"[\w.+\-]{{1,64}}{AT}[\w\-]+(?:{DOT}[\w\-]+)+", re.IGNORECASE)
"""Letters before the sign are 64 at most (RFC 5321, 4.5.3.1.1); any number would be looked through
again from each letter of a long text. The sign may be written as (at), since people hide it so."""
FILLING = frozenset("\u115f\u1160\u3164\u2800\u034f")
"""Signs that are letters or marks by their kind, and that nobody sees."""
SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구나민진지엄채원천방"
    "공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용"
)
"""The first syllables of nearly all Korean names."""


def cut_person_marks(text: str, mark: str) -> str:
    """Cut what belongs to one person out of a text: telephones, numbers, plates, e-mail addresses.

    Parameters
    ----------
    text
        One line.
    mark
        What stands there instead.

    Examples
    --------
    >>> cut_person_marks("김씨 010-1234-5678, 2026-11-24 배수로 3-5m", "…")
    '김씨 …, 2026-11-24 배수로 3-5m'
    """
    # Digits of any width and all dashes become plain ones, sign by sign, so that places stay; what
    # nobody sees stands between no digits.
    places = [place for place, sign in enumerate(text) if not _is_unseen(sign)]
    plain = "".join(_simplify_sign(text[place].translate(DASHES)) for place in places)
    spans = sorted(match.span() for form in (MAIL, NUMBER) for match in form.finditer(plain))
    parts, end = [], 0
    for first, last in spans:
        if places[first] >= end:
            parts += [text[end : places[first]], mark]
            end = places[last - 1] + 1
    return "".join([*parts, text[end:]])


def drop_unseen_signs(text: str) -> str:
    """Drop signs without a picture, such as blanks of no width, which hide what a text says."""
    return "".join(sign for sign in text if not _is_unseen(sign))


def _is_unseen(sign: str) -> bool:
    # Ways of writing (Cf), and marks that change the picture of the sign before them (Mn, Me).
    return sign in FILLING or unicodedata.category(sign) in {"Cf", "Mn", "Me"}


def has_person_marks(text: str) -> bool:
    """Return whether a text has a telephone, a number or an address of one person."""
    return cut_person_marks(text, "") != text


def _simplify_sign(sign: str) -> str:
    """Return a digit of any script or width as a plain one, and any other sign as it is."""
    value = unicodedata.digit(sign, None)
    plain = unicodedata.normalize("NFKC", sign)
    return sign if value is None and len(plain) != 1 else plain if value is None else str(value)
