"""Korean syllables taken apart: to find text half typed, and to write it in Latin letters."""

from __future__ import annotations

import re
import unicodedata

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
    first + n: letters.strip("-")
    for first, row in ROMAN.items()
    for n, letters in enumerate(row.split())
}


def romanize(text: str) -> str:
    """Write the Korean in a text in Latin letters, syllable by syllable, for ids and file names.

    Sounds that change where syllables meet are written as they stand: 신라 becomes ``sinra``.
    Everything else stays.
    """
    return unicodedata.normalize("NFD", text).translate(LETTERS)


def finder(query: str) -> re.Pattern[str]:
    """Make a pattern that finds what somebody typed.

    Parameters
    ----------
    query
        ``ㄱㄷㅅ`` finds 금당산, and so do ``금다`` and ``금당``; letter case and spaces at the ends
        do not matter.
    """
    text = unicodedata.normalize("NFC", query).strip()
    return re.compile("".join(map(_sign, text)), re.IGNORECASE)


def _sign(sign: str) -> str:
    if sign in INITIALS:
        first = FIRST + INITIALS.index(sign) * PER_INITIAL
        return f"[{sign}{chr(first)}-{chr(first + PER_INITIAL - 1)}]"
    code = ord(sign)
    if FIRST <= code <= LAST and (code - FIRST) % FINALS == 0:
        # A syllable without a final may be one whose final is still to be typed.
        return f"[{sign}-{chr(code + FINALS - 1)}]"
    return r"\s+" if sign.isspace() else re.escape(sign)


USUAL_SYLLABLES = frozenset(
    "가각간갈감갑값강같개거건걷걸검겁것겉게겨견결겸겼경계고곡곤곧골곱곳공과관괄광교구국군굴굵굽"
    "궁궈권귀규균그극근글금급기긴길김깁깃까깔깡깨꺼껌껍껏께껴꼬꼭꼴꼼꽃꾸꾼꿀꿈꿔뀌뀐끈끊끌끓끝"
    "끼낀낄나낙낚난날남납낫낭낮낱내낸낼냅냉너넉넌넓넘넣네넷년노녹논놀농높놓뇨누눈눔느는늘능니닌"
    "닙닝다닥닦단닫달닭닮담답당닿대댁댄댐댕더덕던덜덤덧덩덮데덱덴델뎅도독돈돌돔돕돗동됐되된될됩"
    "두둑둔둘둡둥뒤뒷듀드득든들듬등디딘딜딥딩따딱딸땀땅때땐땡떠떡떤떨떻떼또똑뚝뚫뚱뛰뜨뜯뜻띄띠"
    "라락란랄람랏랐랑래랙램랩략량러럭런럴럼럿렁렇레렉렌렘렙려렬렸령례로록론롤롬롯뢰료룡루룩룬룰"
    "룻뤼류륙륜률륨르륵른를름릅릇릉리릭린릴림립릿링마막만많말맑맘망맞맡매맥맨맴맹맺먀머먹먼멀멈"
    "멋멍메멕멘멜며면멸명몇모목몬몸못몽묘무묵묶문묻물뭉뭐뭔뮤므미믹민믿밀밋밑바박밖반받발밝밤밥"
    "방밭배백밴뱃뱅버벅번벌범법벗벚베벨벳벼벽변별볏병볕보복볶본볼봄봅봇봉봐봤뵙부북분불붐붕붙뷔"
    "뷰브블비빅빈빌빔빗빙빚빛빠빡빨빵빼뺀뺍뺐뺑뻐뼈뽕뿌뿐뿔뿜사삭산살삶삼삽샀상새색샐샘생샤샵샹"
    "서석섞선설섬섭섯성세셀셉셋셔션셜셨셰소속손솔솜솝솟송솥쇄쇠쇼숍숏수순술숨숫숭숯숲쉐쉘쉬쉼쉽"
    "슈슐스슥슨슬슴습승시식신실심십싯싱싶싸싹쌀쌈쌍쌓쌤써썩썬쏘쏙쏟쐬쑥쓰쓴쓸씀씁씌씨씩씻씽아악"
    "안앉않알암압앗았앞애액앨앱앳야약얀얄얇얌양얕어억언얹얼엄업없엇었엌엎에엑엔엘엠엣엥여역엮연"
    "열염엽엿였영옆예옐옛오옥온올옮옳옴옵옷옹와왁완왔왕왜외왼요욕욘욜용우욱운울움웃웅워웍원월웨"
    "웰웹위윈윌윔윗윙유육윤율융으은을음읍응의이익인일읽잃임입잇있잊잎자작잔잘잠잡잣장재잭쟁쟈쟤"
    "저적전절젊점접젓정젖제젝젠젤젯져졌조족존졸좀좁종좋좌죄죠주죽준줄줌줍중쥐쥔쥬즉즌즐즘증지직"
    "진질짐집짓짙짚짜짝짠짤짬짱째쨍쩌쩡쪽쫄쫓쭈쭉쯔찌찍찐찜차착찬찮찰참찻찼창찾채책챈챔챙챠처척"
    "천철첩첫청체첼쳐쳤초촉촌촛총촬최추축춘출춤춧충췌취츠측층치칙친칠침칩칭카칵칸칼캄캉캐캔캣캬"
    "커컥컨컬컴컵컷케켄켓켜켤코콕콘콜콤콧콩쾌쿠쿡쿤쿨쿰쿱쿼퀄퀴퀵퀸큐큘크큰클큼큽키킨킬킴킹타탁"
    "탄탈탉탐탑탓탔탕태택탠탬탱터턱턴털텀텃텅테텍텐텔템텝토톡톤톨톰톱통퇴투툰툴퉁튀튈튜트특튼틀"
    "틈틔티틱틴팀팁팅파팍판팔팜팝팠팡팥패팩팬팸팽퍅퍼퍽펀펄펌페펙펜펠펩펫펴편펼폈평폐포폭폴폼표"
    "푯푸푹푼풀품풍퓨프픈플픔피픽핀필핌핏핑하학한할핥함합핫항해핵핸핼햄햅햇했행향허헌헐험헝헤헬"
    "혀혁현혈협형혜호혹혼홀홈홉홋홍홑화확환활황회획횟횡효후훈훌훔훙훠훤훨훼휘휠휴흉흐흑흔흘흙흡"
    "흥흩희흰히힌힐힘힙"
)
"""Syllables in which names of places and shops are written: some 1,000 of the 11,172."""
