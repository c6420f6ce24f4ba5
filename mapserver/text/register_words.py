"""Words of registers: states, payments, and numbers with their units."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mapserver.settings import limits
from mapserver.text.dates import normalize_text
from mapserver.text.season_text import read_season

REGISTER = "gpx/trails.csv"
"""The trail register."""
STATE_COLUMNS = ("opened", "season", "status")
"""Columns of the register from which the state of a trail on a day follows."""


class Payment(StrEnum):
    """How a gift certificate is paid with."""

    PAPER = "paper"
    CARD = "card"
    MOBILE = "mobile"


PAYMENTS = {
    **{payment.value: payment.value for payment in Payment},
    **dict.fromkeys(("지류", "종이", "지류형", "종이상품권"), "paper"),
    **dict.fromkeys(("카드", "충전식카드", "카드형", "체크카드"), "card"),
    **dict.fromkeys(("모바일", "디지털", "모바일형", "앱"), "mobile"),
}

# A status is a word of a table or is composed by the rules below; nothing else is understood.
OPEN = frozenset(
    (
        *("open", "opened", "active", "operating", "inoperation", "normal", "opentoall"),
        *("운영", "운영중", "정상운영", "정상운영중", "개방", "개방중", "정상개방", "전면개방"),
        *("정상", "개장", "개장중", "이용가능", "이용중", "정상이용", "상시개방", "상시운영"),
        *("연중개방", "연중운영", "전구간개방", "전체개방", "운영함", "개방함"),
        *("열림", "오픈", "재개장", "재개방", "운영재개", "임시개방", "임시운영", "시범운영"),
        *("시범개방", "사용중", "사용가능", "상시", "연중", "연중무휴", "무휴", "개통"),
    )
)
PLANNED = frozenset(
    (
        *("planned", "proposed", "comingsoon", "notyetopen", "notopenyet", "future"),
        *("예정", "계획", "계획중", "준비중", "조성중", "조성예정", "조성계획", "조성준비중"),
        *("개장예정", "개방예정", "운영예정", "개통예정", "개장준비중", "설계중", "추진중"),
        *("미개장", "착공예정", "조성공사중", "신설예정", "신규조성중", "미개통"),
        *("개장연기", "개방연기", "개통연기", "개장보류", "개방보류", "개통보류"),
    )
)
CLOSED = frozenset(
    (
        *("closed", "shut", "temporarilyclosed", "closedtemporarily", "underrepair", "suspended"),
        *("maintenance", "undermaintenance", "outoforder", "outofservice", "closedforworks"),
        *("중단", "중지", "미운영", "미개방", "운영안함", "개방안함", "이용불가", "폐지"),
        *("닫힘", "비운영", "비개방", "철거", "철거됨", "휴식년제", "자연휴식년제"),
        *("운영종료", "개방종료", "이용종료", "재개장예정", "재개방예정", "운영재개예정"),
        *("closeduntilfurthernotice", "closedforrepairs", "closedforconstruction"),
    )
)
HOW = (
    "임시|일시|잠정|전면|전체|전구간|완전|긴급|장기|당분간|출입|통행|진입|입장|입산|보행|시설|안전"
)
WORKS = "폐쇄|휴장|휴관|폐장|통제|차단|공사|보수|정비|수리|점검|복구|개보수|보강"
USE = "운영|이용|사용|개방|출입|통행|진입|입장|입산|보행"
CLOSED_WORDS = re.compile(
    rf"(?:{HOW})*(?:(?:{WORKS})+|(?:{USE})(?:중단|중지|금지|불가|불가능)|(?<=임시|일시|잠정)(?:중단|중지))"
    r"(?:중|중임|중입니다|상태|됨|함)?"
)
CAUSE = re.compile(
    r"[가-힣\s]+?(?:(?<![산도통입행책회경선종])로\s*(?:인한|인해|인하여)?|에\s*(?:따른|따라|의한)|때문에|관계로)\s+"
)
"""Why it is closed, before the word that says so: ``공사로 인한 휴장``."""

OPEN_WORDS = re.compile(
    r"(?:전일|종일|24시간|연중|상시|정상|전면|전구간|전체|무료|시범)*"
    r"(?:(?:운영|개방|개장)(?:중|중임|중입니다|함|됨)?|(?:이용|사용)(?:가능|중|중임|중입니다))"
)
BARE = frozenset(
    ("closed", "shut", "폐쇄", "휴장", "폐장", "통제", "중단", "중지", "미운영", "미개방")
)
"""Words that say no more than that a trail is closed."""

SEASONAL = frozenset(("하절기", "동절기", "하계", "동계", "계절", "계절운영", "여름", "봄가을"))
HARMLESS = frozenset(
    ("연중", "상시", "무료", "24시간", "연중무휴", "매일", "정상", "종일", "전구간", "전체", "전면")
)
"""Remarks that make an open trail no less open."""

HEDGES = re.compile(
    r"일부|부분|구간|제한|해제|종료|완료|예정|까지|부터|매주|주말|주중|평일|야간|주간|시간|절기|하계|동계"
    r"|우천|봄|여름|가을|겨울|[월화수목금토일]요일|^[월화수목금토일]$|\d|[~〜∼]|part|until|except|night"
)
"""Remarks that say when or where a trail is closed, and so that it is open at other times."""

REMARK = re.compile(r"([^()\[\]]+?)\s*[(\[]([^()\[\]]+)[)\]]\s*")
WON = re.compile(r"₩?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.0{1,2})?\s*(?:원|won|krw)?")
LARGE_WON = re.compile(r"(\d+(?:,\d{3})*|\d+\.\d{1,4})\s*(억|천만|백만|십만|만|천)\s*원?")
UNITS = {"억": 10**8, "천만": 10**7, "백만": 10**6, "십만": 10**5, "만": 10**4, "천": 10**3}


@dataclass(frozen=True, slots=True)
class StatusWord:
    """What a status says.

    Attributes
    ----------
    state
        ``open``, ``closed`` or ``planned``.
    reason
        The remark that stood with it, as typed: ``공사`` of ``휴장(공사)``.
    is_seasonal
        Whether it is open in a season that the status does not date.
    season
        The days on which it is open, where the status dates them: ``운영(3~11월)``. Where it says
        instead when it is closed, ``휴장(12~2월)``, nobody knows of the others: ``unknown``.
    """

    state: str
    reason: str = ""
    is_seasonal: bool = False
    season: str = ""


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
def read_status(text: str) -> StatusWord:
    """Read a status: a word, or a word with a remark in brackets.

    A trail that is open or closed in part, or at times that are not dated, is neither.

    Raises
    ------
    ValueError
        It is not understood.

    Examples
    --------
    >>> read_status("휴장(공사)").state, read_status("휴장(공사)").reason
    ('closed', '공사')
    """
    plain = re.sub(
        "[\u200b-\u200d\u2060\ufeff\u00ad]", "", unicodedata.normalize("NFKC", text)
    ).strip()
    # From the plainest form to the richest; the last one raises where nothing was understood.
    status = _read_word(plain) or _read_caused(plain)
    return status or _read_dated_status(text, plain)


def _read_word(text: str) -> StatusWord | None:
    """Read a word of the tables, or a word with a remark; None where it is not understood."""
    remarked = REMARK.fullmatch(text)
    words, remark = (remarked[1], remarked[2].strip()) if remarked else (text, "")
    word, plain_remark = _join_words(words), _join_words(remark)
    if word in PLANNED:
        return StatusWord("planned", remark)
    if word in CLOSED or CLOSED_WORDS.fullmatch(word):
        # Suffixes that mean "is being" carry no reason: 통제중 says no more than 통제.
        says_no_more = re.sub(r"(?:중|중임|상태|됨|함)$", "", word) in BARE
        reason = remark or ("" if says_no_more else words.strip())
        return None if HEDGES.search(plain_remark) else StatusWord("closed", reason)
    is_open = word in OPEN or OPEN_WORDS.fullmatch(word)
    if is_open and (not remark or plain_remark in HARMLESS):
        return StatusWord("open")
    if is_open and plain_remark in SEASONAL:
        return StatusWord("open", remark, is_seasonal=True)
    return None


def _read_caused(text: str) -> StatusWord | None:
    """Read a word for closed behind its cause: ``공사로 인한 휴장``."""
    cause = CAUSE.match(text)
    if cause is None or HEDGES.search(cause[0]):
        return None
    is_closed = CLOSED_WORDS.fullmatch(_join_words(text[cause.end() :]))
    return StatusWord("closed", text) if is_closed else None


def _read_dated_status(text: str, plain: str) -> StatusWord:
    """Read a status that says on which days of the year it holds; ValueError without days."""
    # A status with days needs a month or a range of numbers; any other digits are not dates.
    if not re.search(r"\d\s*월|\d\s*[~∼]\s*\d", plain):
        raise ValueError(text)
    read_season(plain)
    is_open = _join_words(plain.partition("(")[0]) in OPEN
    return StatusWord("open" if is_open else "unknown", plain, season=plain)


def read_choice(text: str, words: dict[str, str]) -> str:
    """Return what a word of a table stands for; ValueError where it is none of them."""
    word = _join_words(text)
    if word not in words:
        raise ValueError(text)
    return words[word]


def read_payment(text: str) -> str:
    """Read how an offer is paid for."""
    return read_choice(text, PAYMENTS)


def read_positive(text: str) -> float:
    """Read a number above 0."""
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(text)
    return number


def read_rate(text: str) -> float:
    """Read a share of one: ``0.1`` or ``10%``.

    A number of 1 and more without a sign of per cent is not understood: ``10`` and ``1`` may be a
    tenth and a hundredth, or a mistake.
    """
    plain = normalize_text(text)
    # 10% and 0.1 are read; a bare 10 is not, as nobody can tell a rate in per cent from a mistake.
    percent = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*(?:%|퍼센트|프로)", plain)
    share = re.fullmatch(r"0?\.\d+|0", plain)
    number = float(percent[1]) / 100 if percent else float(plain) if share else math.inf
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def read_won(text: str) -> int:
    """Read an amount of won: ``50000``, ``50,000원``, ``50000.0``, ``5만원``."""
    plain = normalize_text(text)
    if whole_won := WON.fullmatch(plain):
        won = int(whole_won[1].replace(",", ""))
    elif large_won := LARGE_WON.fullmatch(plain):
        amount = float(large_won[1].replace(",", "")) * UNITS[large_won[2]]
        # 5.5만원 is exact in won; an amount that is not a whole number of won is a misprint.
        won = round(amount)
        if abs(amount - won) > 1e-6:
            raise ValueError(text)
    else:
        raise ValueError(text)
    return won


def _join_words(text: str) -> str:
    return re.sub(r"[\s._·]+", "", normalize_text(text))
