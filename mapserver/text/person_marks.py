"""What stands for one person in a text that everybody can read: numbers, addresses, names."""

from __future__ import annotations

import re
import unicodedata

DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－ー~∼〜～·ㆍ・"), "-")
"""Signs that people write between the groups of a number."""
GAP = r"[\s.\-/()]{0,3}"
COUNTRY = rf"(?:\+?82{GAP}0?|0)"
NUMBER = re.compile(
    r"(?<![\d.])(?:"
    # A mobile telephone: 010-1234-5678, +82 10 1234 5678, and without its zero.
    rf"{COUNTRY}1[016789]{GAP}\d{{3,4}}{GAP}\d{{4}}"
    r"|10[\s.\-]\d{4}[\s.\-]\d{4}"
    # A telephone at home, with the number of its area, or one by the internet.
    rf"|{COUNTRY}(?:2|[3-6][1-5]|70|50\d?){GAP}\d{{3,4}}{GAP}\d{{4}}"
    # Without the area; what begins with 15, 16 and 18 is a firm's, and two years are no number.
    r"|(?!1[568]\d\d|(?:19|20)\d\d-(?:19|20)\d\d)[2-9]\d{2,3}-\d{4}"
    # The number of a resident, or of a foreigner: six digits of a birthday and seven more.
    r"|\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s\-]{0,3}[1-8]\d{6}"
    # A number plate. Only these syllables stand on one.
    r"|\d{2,3}\s?[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호]"
    r"\s?\d{4}"
    r")(?![\d])"
)
MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+")
"""Letters before the sign are 64 at most (RFC 5321, 4.5.3.1.1); any number would be looked through
again from each letter of a long text."""
SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구나민진지엄채원천방"
    "공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용"
)
"""The first syllables of nearly all Korean names."""
NO_NAME = re.compile(
    r".*[반팀과동단회실부청국소대관장사]|공무원|조사원|안내원|지킴이|도우미|기간제|민간인|유지보수"
)
"""How words for a role end, and roles that begin like a name: 공원과, 방범대, 공무원."""
TITLED = re.compile(r"([가-힣]{2,4})\s*(?:씨|님|주무관|과장|팀장|계장|반장|통장|기사|선생)(?:님)?")


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
    # Digits of any width and all dashes become plain ones, sign by sign, so that places stay.
    plain = "".join(map(_simplify_sign, text.translate(DASHES)))
    spans = sorted(match.span() for form in (MAIL, NUMBER) for match in form.finditer(plain))
    parts, end = [], 0
    for first, last in spans:
        if first >= end:
            parts += [text[end:first], mark]
            end = last
    return "".join([*parts, text[end:]])


def has_person_marks(text: str) -> bool:
    """Return whether a text has a telephone, a number or an address of one person."""
    return cut_person_marks(text, "") != text


def looks_like_name(text: str) -> bool:
    """Return whether a cell that names a role looks like the name of a person.

    Examples
    --------
    >>> [looks_like_name(text) for text in ("김영자", "김철수 주무관", "점검반", "공원녹지과")]
    [True, True, False, False]
    """
    text = unicodedata.normalize("NFC", text).strip()
    titled = TITLED.fullmatch(text)
    name = titled[1] if titled else text
    is_of_name = len(name) == 3 and name[0] in SURNAMES and re.fullmatch("[가-힣]+", name)
    return bool(is_of_name) and not NO_NAME.fullmatch(name)


def _simplify_sign(sign: str) -> str:
    """Return a digit of any script or width as a plain one, and any other sign as it is."""
    value = unicodedata.digit(sign, None)
    plain = unicodedata.normalize("NFKC", sign)
    return sign if value is None and len(plain) != 1 else plain if value is None else str(value)
