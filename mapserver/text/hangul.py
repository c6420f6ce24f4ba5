"""Korean syllables taken apart: to find text half typed, and to write it in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FIRST, LAST = 0xAC00, 0xD7A3
FINALS = 28
PER_INITIAL = 21 * FINALS
"""Syllables stand in Unicode by initial, vowel and final (The Unicode Standard, 3.12)."""

ROMAN = {
    0x1100: "g kk n d tt r m b pp s ss - j jj ch k t p h",
    0x1161: "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
    0x11A8: "k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
}
"""Initials, vowels and finals from their first in Unicode, in the Revised Romanization of 2000."""
LETTERS = {
    first_code + n: letters.strip("-")
    for first_code, row in ROMAN.items()
    for n, letters in enumerate(row.split())
}


def romanize_korean(text: str) -> str:
    """Write the Korean in a text in Latin letters, syllable by syllable, for ids and file names.

    Sounds that change where syllables meet are written as they stand: 신라 becomes ``sinra``.
    Everything else stays.
    """
    return unicodedata.normalize("NFD", text).translate(LETTERS)


def make_search_pattern(query: str) -> re.Pattern[str]:
    """Make a pattern that finds what somebody typed.

    Parameters
    ----------
    query
        ``ㄱㄷㅅ`` finds 금당산, and so do ``금다`` and ``금당``; letter case and spaces at the ends
        do not matter, nor do accents: ``orakei`` finds Ōrākei.
    """
    # macOS types Hangul in pieces; the pattern works on whole syllables.
    text = unicodedata.normalize("NFC", query).strip()
    return re.compile("".join(map(_make_sign_pattern, text)), re.IGNORECASE)


ACCENTED_RANGES = ((0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x2000))
"""Letters of Latin, Greek and Cyrillic that may have accents, by their codes in Unicode."""
STROKED = {"d": "đĐðÐ", "h": "ħĦ", "i": "ı", "l": "łŁ", "o": "øØ", "t": "ŧŦ"}
"""Letters with a stroke, or without a dot, which Unicode does not take apart."""


@lru_cache(maxsize=1)
def _list_accented_letters() -> dict[str, str]:
    """List for each plain letter, small and capital, those that are it with an accent."""
    accented = dict(STROKED)
    for code in (code for first, end in ACCENTED_RANGES for code in range(first, end)):
        letter = chr(code)
        plain = unicodedata.normalize("NFD", letter)[0].lower()
        if plain.isalpha() and plain != letter.lower():
            accented[plain] = accented.get(plain, "") + letter
    return accented


def _make_sign_pattern(sign: str) -> str:
    if sign in INITIALS:
        # A lone initial stands for every syllable that begins with it: one range in Unicode.
        first_code = FIRST + INITIALS.index(sign) * PER_INITIAL
        return f"[{sign}{chr(first_code)}-{chr(first_code + PER_INITIAL - 1)}]"
    code = ord(sign)
    if FIRST <= code <= LAST and (code - FIRST) % FINALS == 0:
        # A syllable without a final may be one whose final is still to be typed.
        return f"[{sign}-{chr(code + FINALS - 1)}]"
    if sign.isspace():
        return r"\s+"
    # Whoever types finds names with accents, whether the keyboard has them or not.
    plain = unicodedata.normalize("NFD", sign)[0].lower()
    accented = _list_accented_letters().get(plain, "")
    return f"[{plain}{accented}]" if accented else re.escape(sign)


USUAL_SYLLABLES = frozenset(
    "가각간갈감갑값강같개거건걷걸검겁것겉게겨격견결겸겹겼경계고곡곤곧골곰곱곳공곶과관괄광교구국"
    "군굴굵굽굿궁궈권궤귀규균그극근글금급기긴길김깁깃깊까깍깔깝깡깨꺼껌껍껏껑께껴꼬꼭꼴꼼꼽꽁꽂"
    "꽃꽝꽤꾸꾹꾼꿀꿈꿋꿔뀌뀐뀔끈끊끌끓끝끼낀낄낌나낙낚난날남납낫났낭낮낱내낸낼냅냇냉너넉넌넓넘"
    "넝넣네넷녀년념녔녘노녹논놀놋농높놓뇨누눈눌눔눕뉴느는늘능늦니닌님닙닝다닥닦단닫달닭닮담답당"
    "닿대댁댄댈댐댓댕더덕던덜덤덧덩덮데덱덴델뎅도독돈돋돌돔돕돗동돼됐되된될됨됩두둑둔둘둡둥뒤뒷"
    "듀드득든듣들듦듬듭듯등디딘딜딥딧딩따딱딸땀땅때땐땡떠떡떤떨떴떻떼또똑뚝뚫뚱뛰뛸뜁뜨뜯뜰뜹뜻"
    "띄띠라락란랄람랍랏랐랑랗래랙랜램랩랭략량러럭런럴럼럽럿렀렁렇레렉렌렘렙려련렬렸령례로록론롤"
    "롬롯롱뢰료룡루룩룬룰룸룹룻룽뤄뤼류륙륜률륨륭르륵른를름릅릇릉릎리릭린릴림립릿링마막만많말맑"
    "맘맛망맞맡매맥맨맴맵맷맹맺먀머먹먼멀멈멋멍메멕멘멜며면멸명몇모목몫몬몰몸몹못몽뫼묘무묵묶문"
    "묻물뭇뭉뭐뭔뮤므믈미믹민믿밀밉밋밌및밑바박밖반받발밝밤밥방밭배백밴뱃뱅버벅번벌범법벗벙벚베"
    "벤벨벳벼벽변별볏병볕보복볶본볼봄봅봇봉봐봤뵙부북분불붉붐붓붕붙뷔뷰브블비빅빈빌빔빗빙빚빛빠"
    "빡빨빵빼뺀뺍뺐뺑뻐뻔뻗뻥뼈뽀뽑뽕뿌뿐뿔뿜삐사삭산살삶삼삽샀상새색샌샐샘샛생샤샵샹서석섞선설"
    "섬섭섯성세센셀셉셋셔션셜셨셰소속손솔솜솝솟송솥쇄쇠쇼숍숏숑수순숟술숨숫숭숯숲쉐쉘쉬쉼쉽슈슐"
    "스슥슨슬슴습승시식신실싫심십싯싱싶싸싹싼쌀쌈쌍쌓쌤써썩썬썰쏘쏙쏟쏠쐬쑤쑥쓰쓴쓸씀씁씌씨씩씻"
    "씽아악안앉않알암압앗았앙앞애액앨앱앳앵야약얀얄얇얌양얕어억언얹얼엄업없엇었엌엎에엑엔엘엠엣"
    "엥여역엮연열염엽엿였영옅옆예옐옛오옥온올옮옳옴옵옷옹옻와왁완왈왓왔왕왜외왼요욕욘욜용우욱운"
    "울움웁웃웅워웍원월웨웰웹위윈윌윔윗윙유육윤율융으은을음읍응의이익인일읽잃임입잇있잉잊잎자작"
    "잔잘잠잡잣장재잭잰잽쟁쟈쟤저적전절젊점접젓정젖제젝젠젤젯져졌조족존졸좀좁종좋좌죄죠주죽준줄"
    "줌줍줏중쥐쥔쥬즉즌즐즘즙증지직진질짐집짓징짖짙짚짜짝짠짤짧짬짱째쨍쩌쩡쪄쪽쫀쫄쫓쭈쭉쯔찌찍"
    "찐찔찜찡차착찬찮찰참찻찼창찾채책챈챌챔챕챙챠처척천철첩첫청체첼쳇쳐쳤초촉촌촛총촬최추축춘출"
    "춤춥춧충춰췌취츠측층치칙친칠칡침칩칭카칵칸칼캄캅캉캐캔캠캣캬커컥컨컬컴컵컷케켄켓켜켤코콕콘"
    "콜콤콧콩콸쾅쾌쿠쿡쿤쿨쿰쿱쿵쿼퀄퀴퀵퀸큐큘크큰클큼큽키킥킨킬킴킵킹타탁탄탈탉탐탑탓탔탕태택"
    "탠탬탭탱터턱턴털텀텃텅테텍텐텔템텝토톡톤톨톰톱통톺퇴툇투툰툴퉁튀튄튈튜트특튼틀틈틔티틱틴팀"
    "팁팅파팍판팔팜팝팠팡팥패팩팬팰팸팽퍅퍼퍽펀펄펌페펙펜펠펩펫펴편펼폈평폐포폭폰폴폼표푯푸푹푼"
    "풀품풍퓨프픈플픔피픽핀필핌핍핏핑하학한할핥함합핫항해핵핸핼햄햅햇했행향허헌헐험헝헤헬혀혁현"
    "혈협형혜호혹혼홀홈홉홋홍홑화확환활황회획횟횡효후훅훈훌훔훙훠훤훨훼휘휠휴흉흐흑흔흘흙흡흥흩"
    "희흰히힌힐힘힙"
)
"""Syllables in which names of places and shops are written: some 1,100 of the 11,172."""
