"""Whether a cell names a role, such as 점검반 or an office: all else may be the name of a person.

Names of persons cannot be told from other words, in Korean or English. Words of roles can: there
are few of them, and offices end in few syllables. So what is not known as a role counts as a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache

from mapserver.settings import limits
from mapserver.text.person_marks import SURNAMES, drop_unseen_signs, has_person_marks

ROLES = (
    "점검반|점검자|점검원|점검팀|관리인|관리자|관리원|관리단|주민|시민|자원봉사자|자원봉사|"
    "봉사자|방범대|방범대원|순찰대|순찰반|순찰원|조사원|조사단|조사반|조사자|안내원|지킴이|"
    "도우미|기간제|근로자|공무직|공무원|업체|업자|시공사|수탁자|위탁사|용역사|용역|전문가|"
    "외부|민간인|담당|담당자|담당관|주무관|팀장|과장|계장|소장|단장|대장|회장|반장|반원|통장|"
    "직원|요원|감독|감독관|작업반|작업자|청소원|미화원|환경미화원|공원사|경비원|이용자|"
    "신고자|민원인|책임자|관리사|해설사|숲해설가|당직|당직자|당직실|구청|시청|군청|도청|"
    "부녀회|노인회|상인회|청년회|주민회|자치회|주민자치회|통장단|새마을회|자율방범대|소방서|"
    "경찰서|파출소|지구대|보건소|구조대|기동대|기동반"
)
"""Words that are roles by themselves, without a surname before them."""
STEMS = (
    "공원|녹지|산림|조경|도시|안전|점검|관리|시설|시설물|환경|정비|하천|하수|도로|건설|건축|"
    "교통|주택|문화|관광|체육|복지|행정|민원|기획|홍보|보건|위생|여성|가족|가정|노인|장애인|"
    "청소년|청년|주민|주민자치|자치|마을|동네|골목|재난|방재|예방|구조|기동|순찰|방범|자율|"
    "자율방범|봉사|자원|자원봉사|유지|보수|유지보수|용역|위탁|시공|생활|경제|일자리|고용|"
    "지역|재생|총무|회계|세무|정책|전략|미래|스마트|정보|통신|토목|상수도|수도|전기|기계|"
    "조명|청소|자원순환|순환|기후|생태|맨발|맨발길|산책로|보행|황토|담당|합동|특별|긴급|현장|"
    "외부|민간|민관|공공|공동|상인|부녀|통장|조사|감시|감독|감사|운영|지원|사업|추진|총괄|"
    "협력|소방|경찰|서구|동구|남구|북구|중구|본부|이용|작업|상무|행복"
)
"""What names of offices are made of; none of one syllable, as surnames are."""
OFFICES = (
    "과|반|대|팀|센터|단|회|청|소|국|실|부|본부|계|조|서|공단|공사|재단|사업소|사무소|관리소|"
    "보건소|위원회|협의회|자치회|행정복지센터|주민센터|동사무소|면사무소|읍사무소|협회|조합|"
    "업체|회사"
)
"""How names of offices end."""
FILLERS = frozenset(
    (
        "및",
        "외",
        "등",
        "와",
        "과",
        "각",
        "구",
        "시",
        "군",
        "동",
        "합동",
        "the",
        "of",
        "and",
        "for",
        "a",
    )
)
"""Words that say nothing of who it was."""
SURE_ENDS = (
    "센터",
    "공단",
    "사업소",
    "사무소",
    "관리소",
    "위원회",
    "협의회",
    "구청",
    "시청",
    "군청",
)
"""Endings before which stands no name of a person."""
DOUBLE_SURNAMES = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
HEADS = (
    "agency|association|bureau|caretaker|caretakers|center|centre|citizen|citizens|committee|"
    "company|contractor|contractors|council|crew|department|dept|division|expert|experts|"
    "guard|guards|inspection|inspector|inspectors|keeper|keepers|manager|managers|office|"
    "officer|offices|official|officials|patrol|ranger|rangers|resident|residents|section|"
    "squad|staff|supervisor|team|teams|unit|volunteer|volunteers|warden|wardens|worker|"
    "workers"
)
"""English words for who looks."""
ATTRIBUTES = (
    "administration|administrative|barefoot|check|checks|city|cleaning|community|"
    "construction|day|district|duty|environment|environmental|external|facilities|facility|"
    "field|forest|forestry|green|health|inspecting|joint|landscape|local|maintenance|"
    "management|monthly|neighborhood|neighbourhood|night|on|outside|park|parks|public|"
    "regular|repair|repairs|road|roads|safety|senior|service|services|space|spaces|trail|"
    "trails|welfare|works"
)
"""English words that stand beside them."""

_ROLES, _OFFICES = frozenset(ROLES.split("|")), tuple(OFFICES.split("|"))
_STEMS, _HEADS = frozenset(STEMS.split("|")), frozenset(HEADS.split("|"))
_ATTRIBUTES = frozenset(ATTRIBUTES.split("|"))
_PARTS = _ROLES | _STEMS
_LONGEST_PART = max(map(len, _PARTS))
_NUMBER_BEHIND = re.compile(r"제?\d{1,2}$")
_COUNT = re.compile(r"제?\d{1,2}(?:명|인|호|차)?")
_NUMBERED_TEAM = re.compile(r"제?\d{1,2}(?:조|반|팀|과)")
_PIECES = re.compile(r"[,;:|()\[\]]+")
_WORDS = re.compile(r"[\s/·ㆍ・&+\-]+")
_NUMBERED = re.compile(r"[가-힣]{1,3}\d동")
"""A neighbourhood with its number, such as 농성1동."""


@lru_cache(maxsize=1024)
def is_role(text: str, places: frozenset[str] = frozenset()) -> bool:
    """Return whether a text is made of words of roles alone, so that everybody may read it.

    Parameters
    ----------
    text
        A cell that should name a role.
    places
        Names of neighbourhoods, which stand before their office.

    Examples
    --------
    >>> [is_role(text) for text in ("점검반", "공원녹지과 주무관", "Parks department")]
    [True, True, True]
    >>> [is_role(text) for text in ("홍길동", "점검반 김철수", "김주무관", "Hong Gil-dong")]
    [False, False, False, False]
    """
    text = drop_unseen_signs(unicodedata.normalize("NFKC", text)).casefold()
    if len(text) > limits.MAX_ROLE_LETTERS or has_person_marks(text):
        return False
    names = {"".join(name.split()).casefold() for name in places}
    pieces = [_WORDS.split(piece.strip()) for piece in _PIECES.split(text) if piece.strip()]
    # Each piece by itself: in "Park, inspector" the first is a surname.
    has_role = [_has_role(words, names) for words in pieces if not _is_filling(words)]
    return bool(has_role) and all(has_role)


def _is_filling(words: Sequence[str]) -> bool:
    return all(word in FILLERS or _COUNT.fullmatch(word) for word in words)


def _has_role(words: Sequence[str], names: Collection[str]) -> bool:
    """Return whether words are those of a role, and of nothing else."""
    has_head = False
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in FILLERS or _COUNT.fullmatch(word):
            continue
        if word in _ATTRIBUTES:
            # A park officer, or a department of parks; but Officer Park is somebody.
            if not following and "of" not in words:
                return False
            continue
        is_before_office = _is_known(following) or following in _STEMS
        if is_before_office and (word in names or _NUMBERED.fullmatch(word)):
            continue
        # A stem alone says of nobody that he looked, and 조경 is a name, too: an office follows.
        if is_before_office and word in _STEMS:
            continue
        if not _is_known(word, names):
            return False
        has_head = True
    return has_head


def _is_known(word: str, names: Collection[str] = ()) -> bool:
    """Return whether a word is a role or an office by itself."""
    if word in _HEADS or _NUMBERED_TEAM.fullmatch(word):
        return True
    # 공원과장 is made of known parts, and 홍길동과장 is not.
    if any(word.endswith(role) and not _peel(word.removesuffix(role)) for role in _ROLES):
        return True
    if word.endswith(SURE_ENDS):
        return True
    rests = (_peel(word.removesuffix(end)) for end in _OFFICES if word.endswith(end))
    return any(not _could_be_name(rest, word, names) for rest in rests)


def _peel(word: str) -> str:
    """Return what is left of a word without the known parts at its end, as many as there can be."""
    reached = {len(word)}
    for end in range(len(word), 0, -1):
        if end in reached:
            sizes = range(2, min(end, _LONGEST_PART) + 1)
            reached |= {end - size for size in sizes if word[end - size : end] in _PARTS}
            if number := _NUMBER_BEHIND.search(word[:end]):
                reached.add(number.start())
    return word[: min(reached)]


def _could_be_name(rest: str, word: str, names: Collection[str]) -> bool:
    """Return whether what stands before the known parts of an office could be a person's name."""
    if rest in names:
        return False
    # 김영대, 최민소 and 이단 are names as a whole; 남궁영대 is one of four syllables.
    whole = rest and len(word) <= 3 and word[0] in SURNAMES
    if whole or rest.startswith(DOUBLE_SURNAMES):
        return True
    if not re.fullmatch("[가-힣]*", rest):
        # A팀 is a team; Kim팀 is somebody's.
        return len(rest) > 1
    return 0 < len(rest) <= 3 and rest[0] in SURNAMES
