"""Names that offices give to the columns of registers, closures and benefits."""

from __future__ import annotations

import re

from mapserver.text.header_row import Synonyms

REGISTER_COLUMNS: Synonyms = {
    "id": (
        *("아이디", "식별자", "trail_id", "길 아이디", "길번호", "노선번호", "관리번호", "파일명"),
        *("파일이름", "gpx 파일", "gpx", "filename", "trail", "코드", "code", "번호", "no"),
        *(
            "코스 id",
            "코스 아이디",
            "코스번호",
            "코스코드",
            "산책로 id",
            "산책로번호",
            "노선 id",
            "길 id",
        ),
        *("gpx 파일명", "gpx file", "file", "파일", "file name", "route id", "course id"),
    ),
    "name": (
        *("이름", "명칭", "길이름", "길 명칭", "맨발길명", "맨발길 이름", "산책로명", "노선명"),
        *("길명", "맨발길", "산책로", "trail_name", "name_ko", "코스명", "코스 이름", "코스"),
    ),
    "name_en": ("영문명", "영문 이름", "영어 이름", "영문", "english", "english name"),
    "neighborhood": ("행정동", "행정동명", "동", "동명", "neighbourhood", "dong"),
    "surface": ("재질", "노면", "포장재", "바닥재", "노면재질", "포장재질", "바닥", "포장"),
    "width_m": (
        *("폭", "폭(m)", "폭원", "폭원(m)", "너비", "너비(m)", "노폭", "노폭(m)", "width"),
        *("width(m)", "폭(미터)"),
    ),
    "least_width_m": (
        *("최소폭", "최소폭(m)", "최소 폭", "최소너비", "최소노폭", "최소폭원", "유효폭"),
        *("유효폭(m)", "유효 폭", "유효너비", "최협폭", "최협부폭", "least width", "min width"),
        *("minimum width", "narrowest", "clear width", "최소폭(미터)"),
    ),
    "steps": (
        *("계단", "계단유무", "계단여부", "계단 유무", "계단구간", "계단 구간", "계단수"),
        *("계단 수", "계단개수", "계단(개)", "계단(단)", "계단설치여부", "계단설치", "계단시설"),
        *("stairs", "stair", "has steps", "has stairs", "number of steps", "step count"),
    ),
    "lighting": (
        "조명",
        "야간조명",
        "조명시설",
        "조명유무",
        "조명여부",
        "가로등",
        "light",
        "lights",
    ),
    "foot_wash": ("세족장", "세족시설", "세족장유무", "세족장여부", "세족대", "발 씻는 곳"),
    "checked_on": (
        *("확인일", "확인일자", "확인 날짜", "최근확인일", "최종확인일", "현장확인일"),
        *("checked", "checked date", "last checked"),
    ),
    "toilet": (
        *("화장실", "화장실유무", "화장실여부", "공중화장실", "개방화장실", "toilets", "restroom"),
        *("restrooms", "wc"),
    ),
    "opened": (
        *("개장일", "개장일자", "개장", "개장연도", "개장년도", "개장시기", "개장예정일", "개방일"),
        *("조성연도", "조성년도", "조성일", "조성시기", "준공일", "준공연도", "개통일", "opening"),
        *(
            "조성일자",
            "준공년도",
            "준공일자",
            "완공일",
            "완공연도",
            "완공년도",
            "개통일자",
            "개통연도",
        ),
        *("설치연도", "설치년도", "설치일", "설치일자", "개설일", "개설일자", "개설연도", "개소일"),
        *("개방연도", "개방년도", "개방일자", "year opened", "opening year", "year built"),
        *("opening date", "open date", "opened on", "opens", "opens on", "date opened"),
    ),
    "season": (
        *(
            "운영기간",
            "개방기간",
            "이용기간",
            "개장기간",
            "운영시기",
            "개방시기",
            "이용시기",
            "시즌",
        ),
        *("계절", "운영계절", "운영월", "기간", "seasons", "open season", "운영시즌"),
    ),
    "status": (
        *("상태", "운영상태", "운영현황", "운영여부", "개방여부", "개방상태", "이용상태", "현황"),
        *("휴장여부", "통제여부", "폐쇄여부", "이용가능여부", "state"),
        *("현재상태", "상태구분", "운영상황", "운영구분", "개방현황", "개장여부", "이용여부"),
        *("사용여부", "공개여부", "공사여부", "휴무여부", "폐장여부", "휴관여부"),
        *("운영", "휴장", "폐쇄", "통제"),
    ),
    "source": ("출처", "자료출처", "자료 출처"),
    "notes": ("비고", "메모", "참고", "특이사항", "note", "remarks", "remark", "comment"),
    "sample": (),
    "description": (),
    "photo_credit": (),
}

PLAIN_REASONS = ("reason", "cause")
"""Columns of reasons that name no language: they are in the city's own."""

CLOSURE_COLUMNS: Synonyms = {
    "trail_id": (
        *(
            "trail",
            "trails",
            "산책로",
            "맨발길",
            "대상",
            "대상지",
            "노선",
            "길",
            "코스",
            "산책로명",
        ),
        *(
            "맨발길명",
            "노선명",
            "길이름",
            "trail name",
            "산책로 id",
            "아이디",
            "id",
            "이름",
            "name",
        ),
    ),
    "from": (
        *("start", "start date", "from date", "begin", "begins", "starts", "since", "시작"),
        *(
            "시작일",
            "시작일자",
            "시작 날짜",
            "부터",
            "개시일",
            "통제시작",
            "통제시작일",
            "휴장시작",
            "폐쇄시작",
            "공사시작",
            "date from",
            "통제 시작일자",
        ),
        *("통제개시", "통제개시일", "개시", "개시일자", "폐쇄개시일", "시작예정일", "착공예정일"),
        *("휴장시작일", "폐쇄시작일", "공사시작일", "착공일", "closed from", "valid from"),
    ),
    "to": (
        *("end", "end date", "to date", "until", "ends", "till", "종료", "종료일", "종료일자"),
        *("해제일", "해제일자", "해제예정일", "통제해제일", "해제예정", "종료예정일", "완료예정일"),
        *("준공예정일", "종료예정", "완료예정", "공사완료예정일", "until when"),
        *("종료 날짜", "까지", "마감일", "완료일", "통제종료", "통제종료일", "통제 종료일자", "끝"),
        *(
            "휴장종료일",
            "폐쇄종료일",
            "휴장종료",
            "폐쇄종료",
            "공사종료",
            "공사완료",
            "finish",
            "date to",
            "공사종료일",
            "준공일",
            "closed to",
            "closed until",
            "valid to",
        ),
    ),
    "period": (
        *("기간", "통제기간", "휴장기간", "폐쇄기간", "공사기간", "dates", "일정", "통제일정"),
        *("일시", "통제일시", "휴장일시", "폐쇄일시", "통제일", "통제일자", "휴장일", "휴장일자"),
        *("폐쇄일", "폐쇄일자", "날짜", "일자", "date"),
    ),
    "reason_ko": (
        *(PLAIN_REASONS[0], "사유", "이유", "내용", "통제사유", "휴장사유", "폐쇄사유", "공사명"),
        *PLAIN_REASONS[1:],
    ),
    "reason_en": ("영문사유", "영문 사유", "english reason"),
    "geometry": (),
    "sample": (),
    "notes": ("비고", "메모", "note"),
    "source": ("출처",),
}

BENEFIT_COLUMNS: Synonyms = {
    "from": CLOSURE_COLUMNS["from"],
    "to": CLOSURE_COLUMNS["to"],
    "period": ("기간", "행사기간", "할인기간", "적용기간", "dates"),
    "rate": ("할인율", "혜택률", "환급률", "비율", "율", "discount", "할인", "할인율(%)"),
    "cap_won": (
        *("한도", "한도액", "한도(원)", "한도액(원)", "상한", "상한액", "최대금액", "최대한도"),
        *("구매한도", "환급한도", "cap", "limit", "cap(won)", "할인한도"),
    ),
    "payment": ("결제수단", "지급수단", "결제방법", "상품권종류", "수단", "유형", "payment type"),
    "title": ("제목", "행사명", "혜택", "혜택명", "내용", "이름", "name"),
    "source": ("출처", "근거", "자료출처"),
    "checked_on": ("확인일", "확인일자", "확인 날짜", "점검일", "checked", "checked date"),
    "notes": ("비고", "메모", "note"),
    "sample": (),
}

ABOUT_STATE = re.compile(
    r"(?:휴장|통제|폐쇄|중단|휴무|개방|운영|개장|개통|이용|공사)"
    r"(?:여부|상태|상황|기간|시기|일정|일|일자|시즌|현황|구분|계절|월|중지|제한|예정|종료|사유)$"
    r"|휴(?:일|원일|무일|관일)$|^(?:동절기|하절기|동계|하계|겨울|여름|혹서기|혹한기|우기|장마)"
    r"|^(?:휴장|폐쇄|폐장|통제|휴무|휴관|운영중단|운영중지)|^(?:공사|개방|점검|중단|철거)중?$"
    r"|^(?:is)?(?:season|status|state|clos|open|shut|active$)"
)
"""Names of unknown columns that may decide about a trail's state."""

OWN = frozenset(
    (
        *(
            "운영기관",
            "관리기관",
            "운영주체",
            "관리주체",
            "운영자",
            "운영시간",
            "이용시간",
            "개방시간",
        ),
        *(
            "이용료",
            "이용요금",
            "이용방법",
            "이용안내",
            "소재지",
            "주소",
            "위치",
            "연락처",
            "전화번호",
        ),
        *(
            "길이",
            "총길이",
            "연장",
            "면적",
            "구분",
            "유형",
            "담당자",
            "담당부서",
            "geometry",
            "trail",
        ),
        *("stage", "region", "desc", "cmt", "link", "sym", "type", "src", "time", "number"),
    )
)
"""Columns of other meanings whose names resemble ours."""

POSITIVE = frozenset(
    (
        *("운영여부", "개방여부", "이용가능여부", "개장여부", "이용여부", "사용여부", "공개여부"),
        "운영",
    )
)

NEGATIVE = frozenset(
    (
        *("휴장여부", "통제여부", "폐쇄여부", "공사여부", "휴무여부", "폐장여부", "휴관여부"),
        *("휴장", "폐쇄", "통제"),
    )
)
"""Columns of yes and no that stand for a status."""

FILE_NAMES = frozenset(
    ("파일명", "파일이름", "파일", "gpx파일", "gpx파일명", "gpx", "gpxfile", "filename", "file")
)
"""Columns of ids whose cells are names of files, with their ending or without."""

NO_DAY = frozenset(("없음", "무", "해당없음", "연중무휴", "무휴", "x", "n", "no", "none", "-"))
"""Cells of a column of closed days that say that there are none."""
