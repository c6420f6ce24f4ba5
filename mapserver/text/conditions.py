"""Conditions in notes: when a trail that is open cannot be used, as 수업 시간에는 이용할 수 없음.

A clause of a note is a condition where it is made of these parts and nothing else:

- when: in school hours, in rain, at night ... (``TIMES``), alone or several of them;
- what one then cannot do, if it is said: 이용, 출입, 통행 ... (``USE``);
- that one cannot: 불가, 금지, 통제, 할 수 없음 ... (``BAN``).

Or it says when alone it can be used: 방과 후에만 이용 가능, 낮에만 개방 (``only``). Everything
else stays a note: 비가 많이 오면 물에 잠길 수 있음 closes nothing. A condition never changes the
state of a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mapserver.errors import N_
from mapserver.settings import limits
from mapserver.text.dates import normalize_text


@dataclass(frozen=True, slots=True)
class Time:
    """A time at which a trail may not be used.

    Attributes
    ----------
    words
        The time in words that follow "Open except": English, to be translated.
    pattern
        How notes write it, without blanks.
    only
        How notes write the time at which alone it can be used, without blanks; empty for none.
    """

    words: str
    pattern: str
    only: str = ""


AT = r"(?:(?:중|시)?(?:에는|에|엔)|중|시|동안(?:에는|은)?|때(?:에는|는)?|은|는|기간(?:에는|중)?)?"
IF = (
    r"(?:(?:시|중)?(?:에는|에|엔)|시|중|때(?:에는|는)?|날(?:에는|은|엔)?|경우(?:에는)?"
    r"|이?면|으?로|로인해)?"
)
RAIN = r"우천|강우|호우|집중호우|폭우|장마철?|비가?(?:오는|올|오|내리는)|비"
TIMES: tuple[Time, ...] = (
    Time(
        N_("during school hours"),
        rf"(?:평일)?(?:학교)?(?:정규)?(?:수업|일과|교육|학습|학교운영|학사)(?:시간)?{AT}"
        r"|(?:during|in)?(?:school|class|lesson)(?:hours|times?|es|s)?",
        r"방과후(?:시간)?(?:에만|만|에)"
        r"|(?:수업|일과|하교)(?:시간)?(?:이후|종료후|마친후|후|외|외시간|이외)(?:에만|만|에)"
        r"|(?:only)?(?:after|outside)(?:of)?(?:school|class)(?:hours|es)?(?:only)?",
    ),
    Time(
        N_("in rain"),
        rf"(?:{RAIN}){IF}"
        r"|(?:in|during|when)?(?:itis|its|it)?(?:heavy)?(?:rain|rains|raining|rainy|wetweather)",
    ),
    Time(
        N_("at night"),
        rf"(?:야간|심야|한?밤|일몰이?후|해가?진(?:뒤|후)|어두워진후)(?:시간|시간대)?{AT}"
        r"|(?:at|by|during)?(?:the)?(?:night|dark)(?:time|s)?|after(?:dark|sunset)",
        r"(?:주간|낮|낮시간|일출후일몰전|일출부터일몰까지|해가있는동안)(?:에만|만)"
        r"|(?:only)?(?:by|in|during)(?:the)?(?:day|daylight|daytime)(?:hours)?(?:only)?",
    ),
    Time(
        N_("during events"),
        rf"(?:행사|경기|대회|축제|체육행사|공연)(?:개최|진행)?{AT}"
        r"|(?:during|when)?(?:thereis|thereare)?(?:an)?(?:events?|festivals?|match(?:es)?|games)",
    ),
    Time(
        N_("on ice and snow"),
        rf"(?:결빙|동결|빙판|적설|강설|폭설|눈이?(?:오는|올)|눈쌓인|얼음|눈){IF}"
        r"|(?:in|on|when|during)?(?:itis|its|it)?"
        r"(?:snow|ice|icy|snows|snowing|frozen|snowandice|iceandsnow)",
    ),
    Time(
        N_("in bad weather"),
        rf"(?:기상악화|악천후|기상특보|태풍|강풍|호우(?:특보|주의보|경보)|폭염)(?:발효|발령)?{IF}"
        r"|(?:in|during)?(?:bad|severe|stormy)weather|(?:in|during)?storms?",
    ),
    Time(
        N_("at weekends"),
        rf"주말{AT}|(?:at|on)?weekends?",
        r"평일(?:에만|만)|(?:only)?onweekdays(?:only)?",
    ),
    Time(
        N_("on weekdays"),
        rf"평일{AT}|(?:on)?weekdays?",
        r"주말(?:에만|만)|(?:only)?(?:at|on)weekends(?:only)?",
    ),
)

PEOPLE = r"(?:외부인|일반인|주민|시민|일반)?"
USE = rf"{PEOPLE}(?:이용|사용|출입|통행|입장|진입|개방|운영|보행|걷기|산책|맨발걷기)"
NOT = (
    r"할수없(?:음?|다|습니다)|하지못함|못함|불가능|불가|금지|통제|제한|중단|폐쇄|휴장|차단|삼가"
    r"|안됨|안함|안합니다|하지않음|하지않습니다"
)
ENDING = r"(?:됨|됩니다|합니다|함|한다|된다|될수있음|될수있습니다|중|입니다|임)?"
BAN = rf"(?:{USE}[을이은를가는]?)?(?:전면|일시|임시|잠시)?(?:{NOT}){ENDING}"
MAY = rf"{USE}[을이은]?(?:가능(?:함|합니다)?|할수있음|할수있습니다|됨|합니다|함)?|열림|엽니다"
CLOSED_WORDS = (
    r"(?:it|thetrail|thepath)?(?:is|are)?(?:closed|shut|notopen|notaccessible|noaccess|noentry|nouse|"
    r"cannotbeused|notusable|notinuse|notavailable|offlimits)"
)
OPEN_WORDS = r"(?:it|thetrail|thepath)?(?:is|are)?(?:open|accessible|canbeused|usable|available)"
HOURS = re.compile(r"\([\d\s:~∼\-–시분]+\)")
"""Hours in brackets beside a time: the pages say the time, the note itself has the hours."""
JOINTS = re.compile(r"\s*[·ㆍ‧・/]\s*")
SIGNS = re.compile(r"[\s‘’'\"“”*※\-–—:]+")
CLAUSES = re.compile(r"[.。;\n,]|(?<=[가함음능])\s*/|(?<=[없하되])(?:고|으며|며)\s")
AND = r"(?:및|또는|과|와|나|이나|혹은|and|or)"


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
def read_conditions(notes: str) -> tuple[str, ...]:
    """Read when an open trail cannot be used, out of a note on it.

    Parameters
    ----------
    notes
        As an office has written it.

    Returns
    -------
    tuple of str
        The times in English words, each once, to be translated; empty where it says none.

    Examples
    --------
    >>> read_conditions("수업 시간에는 이용할 수 없음")
    ('during school hours',)
    >>> read_conditions("우천 시 통제. 화장실은 공원 입구에 있음")
    ('in rain',)
    >>> read_conditions("비가 많이 오면 물에 잠길 수 있음")
    ()
    """
    words: list[str] = []
    # Each clause by itself, without the signs and joints that say the same in other writing.
    for clause in CLAUSES.split(HOURS.sub("", normalize_text(notes))):
        plain = SIGNS.sub("", JOINTS.sub("및", clause))
        for time in TIMES:
            if time.words not in words and _means(time, plain):
                words.append(time.words)
    return tuple(words)


def _means(time: Time, clause: str) -> bool:
    """Return whether a clause without blanks says that a trail cannot be used at a time."""
    # "In rain and at night" names several times; the one asked for may stand anywhere among them.
    anytime = "|".join(f"(?:{each.pattern})" for each in TIMES)
    several = rf"(?:(?:{anytime}){AND})*(?:{time.pattern})(?:{AND}(?:{anytime}))*"
    is_banned = re.fullmatch(rf"(?:{several})(?:{BAN})|(?:{CLOSED_WORDS})(?:{several})", clause)
    is_only = time.only and re.fullmatch(
        rf"(?:{time.only})(?:{MAY})|(?:{OPEN_WORDS})(?:{time.only})", clause
    )
    return bool(is_banned or is_only)
