"""Ledgers: tables beside the map, of what is checked, measured, asked and offered.

One row of the registry holds all that the program knows of a ledger. A city has it as
``layers/ID.csv``, and every one is optional.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from mapserver.errors import N_
from mapserver.model.ledger_kinds import Ledger, LedgerColumn, Read, register_ledger
from mapserver.model.titles import Title
from mapserver.text.dates import WRITE_DAY, read_day
from mapserver.text.ledger_words import (
    read_acidity,
    read_area,
    read_grade,
    read_hour,
    read_metal,
    read_moment,
    read_rain,
)
from mapserver.text.yes_no import read_yes_or_no

METALS = ("cadmium", "copper", "arsenic", "mercury", "lead", "chromium6", "zinc", "nickel")
"""The metals that laboratories look for in the soil of trails, as columns of ``soil.csv``."""


def _read_day(text: str, zone: dt.tzinfo) -> dt.date:
    # Spreadsheets count days from 1900.
    return read_day(text, is_serial=True, zone=zone)


def _read_flag(text: str) -> str:
    return "yes" if read_yes_or_no(text) else "no"


def _without_zone(read: Callable[[str], object]) -> Read:
    """Return a reader of cells that have no time in them."""
    return partial(_read_plain, read)


def _read_plain(read: Callable[[str], object], text: str, zone: dt.tzinfo) -> object:  # noqa: ARG001
    return read(text)


WRITE_MOMENT = N_("Write the day and the time as YYYY-MM-DD HH:MM")
WRITE_NUMBER = N_("Write a number from 0 on, without its unit")
TEXT = LedgerColumn()
SAMPLE = {"sample": TEXT}
SOURCE = {"source": LedgerColumn(words=("출처", "근거", "자료출처"))}
TRAIL = LedgerColumn(
    words=(
        *("길", "길 id", "맨발길", "맨발길명", "길명", "길이름", "산책로", "산책로명", "대상지"),
        *("시설명", "장소", "장소명", "trail", "trail name", "name", "id"),
    ),
    is_required=True,
    loose_words=("시설명", "장소", "장소명", "name", "id"),
    # The id is empty where an office knows a trail by its name alone.
    is_filled=True,
)
DAY_WORDS = ("일자", "날짜", "date", "day")
CHECKED_ON = LedgerColumn(
    words=("확인일", "확인일자", "확인 날짜", "checked", "checked date"),
    read=_read_day,
    mend=WRITE_DAY,
)
PHONE = LedgerColumn(words=("전화", "전화번호", "문의처", "문의", "연락처", "전화문의", "tel"))
URL = LedgerColumn(words=("주소(url)", "누리집", "홈페이지", "상세조회url", "링크", "link"))

INSPECTIONS = register_ledger(
    Ledger(
        id="inspections",
        title=Title(N_("Inspections")),
        columns={
            "trail_id": TRAIL,
            "checked_on": LedgerColumn(
                words=("점검일", "점검일자", "점검 날짜", *CHECKED_ON.words, *DAY_WORDS),
                read=_read_day,
                mend=WRITE_DAY,
                is_required=True,
            ),
            "by": LedgerColumn(
                words=("점검자", "점검반", "점검 주체", "담당", "checked by"), is_role=True
            ),
            "item": LedgerColumn(words=("점검항목", "항목", "점검내용", "구분")),
            "grade": LedgerColumn(
                words=("판정", "등급", "점검결과", "결과", "상태", "result"),
                read=_without_zone(read_grade),
                mend=N_("Write 양호, 요주의, 요수리 or 이용금지 (good, watch, repair, forbidden)"),
                is_required=True,
            ),
            # 점검내용 is an item where no other column has the items, and else what was found.
            "finding": LedgerColumn(
                words=(
                    *("지적사항", "지적내용", "소견", "내용", "점검내용", "특이사항"),
                    *("조치사항", "조치내용", "비고", "note"),
                ),
                # What was done, and remarks, are columns of their own beside what was found.
                loose_words=("조치사항", "조치내용", "비고", "note"),
            ),
            "fixed_on": LedgerColumn(
                words=("조치일", "조치일자", "조치완료일", "보수일", "수리일", "완료일", "fixed"),
                read=_read_day,
                mend=WRITE_DAY,
            ),
            "photo": LedgerColumn(words=("사진", "사진파일")),
            **SOURCE,
            **SAMPLE,
        },
        filled_later="fixed_on",
        decides_states=True,
        # A form that was filled in with trails and items alone says of no look at all.
        evidence=("checked_on", "grade", "finding", "fixed_on"),
    )
)

MILLIGRAMS = N_(
    "Write mg/kg as a number, <0.01 or 불검출 (not detected); leave it empty if not tested"
)


def _make_metal(*words: str) -> LedgerColumn:
    """Make the column of a metal: mg/kg, not detected, or empty for not tested."""
    read = _without_zone(read_metal)
    return LedgerColumn(words=words, read=read, mend=MILLIGRAMS, keeps_unread=True)


SOIL = register_ledger(
    Ledger(
        id="soil",
        title=Title(N_("Soil tests")),
        columns={
            "trail_id": TRAIL,
            "sampled_on": LedgerColumn(
                words=("채취일", "채취일자", "시료채취일", "조사일", "검사일", *DAY_WORDS),
                read=_read_day,
                mend=WRITE_DAY,
                is_required=True,
            ),
            "lab": LedgerColumn(words=("검사기관", "분석기관", "시험기관", "기관", "laboratory")),
            "point": LedgerColumn(words=("지점", "채취지점", "시료번호", "지점명")),
            "cadmium": _make_metal("카드뮴", "Cd"),
            "copper": _make_metal("구리", "Cu"),
            "arsenic": _make_metal("비소", "As"),
            "mercury": _make_metal("수은", "Hg"),
            "lead": _make_metal("납", "Pb"),
            "chromium6": _make_metal("6가크롬", "6가크로뮴", "Cr6+", "Cr(VI)", "Cr6"),
            "zinc": _make_metal("아연", "Zn"),
            "nickel": _make_metal("니켈", "Ni"),
            "ph": LedgerColumn(
                words=("수소이온농도",),
                read=_without_zone(read_acidity),
                mend=N_("Write a pH from 0 to 14"),
                is_number=True,
            ),
            "area": LedgerColumn(
                words=("지역", "지역구분", "적용기준", "기준지역", "토지구분"),
                read=_without_zone(read_area),
                mend=N_("Write 1, 2 or 3, the land category of the limits"),
            ),
            **SOURCE,
            **SAMPLE,
        },
        evidence=METALS,
    )
)

RAIN = register_ledger(
    Ledger(
        id="rain",
        title=Title(N_("Rain")),
        columns={
            "date": LedgerColumn(
                words=("일시", *DAY_WORDS), read=_read_day, mend=WRITE_DAY, is_required=True
            ),
            # Weather services write one row an hour into files of the same form.
            "hour": LedgerColumn(
                words=("시각", "시간"),
                read=_without_zone(read_hour),
                mend=N_("Write a whole hour from 0 to 24, as 13:00"),
                time_of="date",
            ),
            "station": LedgerColumn(words=("지점", "지점번호", "관측소")),
            "station_name": LedgerColumn(words=("지점명", "관측소명")),
            "rain_mm": LedgerColumn(
                words=("일강수량(mm)", "일강수량", "강수량(mm)", "강수량", "rain"),
                read=_without_zone(read_rain),
                mend=N_(
                    "Write millimetres as a number; where nothing was measured (999.9 and the "
                    "like), leave the cell empty"
                ),
                is_number=True,
            ),
            **SOURCE,
            **SAMPLE,
        },
        key=("date", "hour", "station"),
        measured="rain_mm",
    )
)

REQUESTS = register_ledger(
    Ledger(
        id="requests",
        title=Title(N_("Messages to the direct line")),
        columns={
            "received": LedgerColumn(
                words=("접수일시", "접수 시각", "접수", "접수시간", "received at"),
                read=read_moment,
                mend=WRITE_MOMENT,
                is_required=True,
            ),
            "answered": LedgerColumn(
                words=("답변일시", "답변 시각", "처리일시", "답변", "처리시각", "answered at"),
                read=read_moment,
                mend=WRITE_MOMENT,
            ),
            "neighborhood": LedgerColumn(words=("행정동", "동", "동명", "neighbourhood")),
            "category": LedgerColumn(words=("분류", "분야", "유형", "민원분류", "민원 구분")),
            **SAMPLE,
        },
        filled_later="answered",
        refuses_others=True,
        is_public=False,
    )
)

PROGRAMMES = register_ledger(
    Ledger(
        id="programmes",
        title=Title(N_("Welfare programmes")),
        columns={
            "id": LedgerColumn(words=("서비스id", "servid", "서비스 아이디", "번호")),
            "name": LedgerColumn(
                words=("서비스명", "사업명", "이름", "제도명", "servnm"), is_required=True
            ),
            "name_en": LedgerColumn(words=("영문명",)),
            "need": LedgerColumn(words=("관심주제", "필요", "intrsthemanmarray", "서비스분야")),
            "life": LedgerColumn(words=("생애주기", "lifenmarray", "lifearray")),
            "who": LedgerColumn(words=("지원대상", "대상", "sprttrgtcn", "tgtrdtlcn")),
            "who_en": TEXT,
            "what": LedgerColumn(words=("지원내용", "내용", "servdgst", "서비스목적요약")),
            "what_en": TEXT,
            "apply_at": LedgerColumn(words=("신청방법", "신청처", "접수기관", "접수기관명")),
            "apply_at_en": TEXT,
            "papers": LedgerColumn(words=("구비서류", "제출서류")),
            "papers_en": TEXT,
            "papers_office": LedgerColumn(words=("공무원확인구비서류", "담당자확인서류")),
            "papers_office_en": TEXT,
            "papers_identity": LedgerColumn(words=("본인확인필요구비서류", "본인확인서류")),
            "papers_identity_en": TEXT,
            "period": LedgerColumn(words=("신청기한", "신청기간", "기간")),
            "period_en": TEXT,
            "phone": PHONE,
            "address": LedgerColumn(words=("주소", "소재지", "접수처 주소")),
            "address_en": TEXT,
            "url": URL,
            **SOURCE,
            "checked_on": CHECKED_ON,
            **SAMPLE,
        },
        key=("id",),
    )
)

HOLIDAYS = register_ledger(
    Ledger(
        id="holidays",
        title=Title(N_("Holidays")),
        columns={
            "date": LedgerColumn(
                words=(
                    *("locdate", "휴일", "휴일일자", "공휴일", "공휴일일자", "예외일", "예외일자"),
                    *("민원처리예외일", "민원처리 예외일자", *DAY_WORDS),
                ),
                read=_read_day,
                mend=WRITE_DAY,
                is_required=True,
            ),
            "name": LedgerColumn(
                words=(
                    *("datename", "이름", "명칭", "휴일명", "공휴일명", "예외일명", "예외일 명칭"),
                    *("예외사유", "예외일사유", "휴일사유"),
                )
            ),
            # The national register lists days on which people work, too, such as memorial days.
            "is_holiday": LedgerColumn(
                words=("isholiday", "공휴일여부", "휴일여부", "공공기관휴일여부", "휴무여부"),
                read=_without_zone(_read_flag),
                mend=N_("Write Y for a day off and N for one on which offices work"),
                says_no=N_("days that are no days off by their register: {count} of {all}"),
            ),
            **SOURCE,
            **SAMPLE,
        },
        # A day may be two holidays, of which each has its row.
        key=("date", "name"),
        measured="is_holiday",
    )
)
