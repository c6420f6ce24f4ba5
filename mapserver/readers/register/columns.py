"""Columns of the register, the closures and the benefits, under the names that offices give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from mapserver.errors import N_
from mapserver.readers.gpx import COMPUTED
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import Synonyms, match_columns, simplify_name, suggest_name

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
        *("reason", "사유", "이유", "내용", "통제사유", "휴장사유", "폐쇄사유", "공사명", "cause"),
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

BOTH = " / "
"""Between two cells of one meaning that contradict each other; no parser reads such a text."""


SNAPSHOT_COLUMNS = ("state", "state_reason", "state_on")
"""The state of one day, as an export writes it beside what it follows from."""


def drop_snapshot(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the state of the day on which it was exported.

    Without ``state_on`` a column ``state`` is an office's own word for the status.
    """
    has_snapshot = {"state", "state_on"} <= set(map(str, frame.columns))
    return frame.drop(columns=list(SNAPSHOT_COLUMNS), errors="ignore") if has_snapshot else frame


def rename_known_columns(
    table: pd.DataFrame, columns: Synonyms, file: str, *, text_columns: Iterable[str] = ()
) -> tuple[pd.DataFrame, list[Finding]]:
    """Rename the columns of a table to the names that they are known by.

    Parameters
    ----------
    table
        Text, as from :func:`mapserver.readers.csv_text.read_table`.
    columns
        The names and their synonyms.
    file
        What to call the table in messages.
    text_columns
        Columns of which the best name counts where several mean the same. Of all others the cells
        are put together: equal ones are one, and of different ones neither can be proved.

    Returns
    -------
    table : DataFrame
        The same rows; columns that are not known stay under their own name.
    findings : list of Finding
        Columns that are not known, with the nearest that is, and those that mean the same.
    """
    # An exported state is of the day of its export; read back, it would hold for ever.
    table = drop_snapshot(table)
    matches = dict(zip(table.columns, match_columns(list(table.columns), columns), strict=True))
    findings: list[Finding] = []
    result = {}
    # Several columns may be matched to one known name; the result has it once.
    for known_name in dict.fromkeys(filter(None, matches.values())):
        same = _rank_names(
            [c for c, match in matches.items() if match == known_name], known_name, columns
        )
        if len(same) > 1 and known_name != "id":
            findings.append(_report_same(same, known_name, file))
        if known_name in text_columns or known_name == "id" or len(same) == 1:
            result[same[0]] = known_name
        else:
            table = table.assign(**{same[0]: _combine_cells(table[same])}).drop(columns=same[1:])
            result[same[0]] = known_name
    table = table.rename(columns=result)
    findings += report_unknown_columns(table, columns, file)
    return table, findings


def report_unknown_columns(table: pd.DataFrame, columns: Synonyms, file: str) -> list[Finding]:
    """Report the columns that are not known: one finding each where another may be meant."""
    unknown = [
        str(c) for c in table.columns if c and c not in columns and not _is_own_column(str(c))
    ]
    free = [name for name in columns if name not in table]
    findings, own_columns = [], []
    for column in unknown:
        # A misspelt column may hold the state of a trail, so each is reported with what is probably
        # meant.
        nearest = suggest_name(column, [*free, *(word for name in free for word in columns[name])])
        if nearest is None:
            own_columns.append(column)
            continue
        findings.append(
            Finding(
                Severity.WARNING,
                "column-unknown",
                file,
                N_("column {column} is not known; did you mean {nearest}?"),
                N_("Correct its name in the header, or leave it as a column of your own"),
                values={"column": repr(column), "nearest": repr(nearest)},
            )
        )
    if own_columns:
        findings.append(
            Finding(
                Severity.NOTE,
                "column-unknown",
                file,
                N_("columns that are not known, and are kept as they are: {columns}"),
                N_("Nothing needs to be done if they are your own"),
                values={"columns": ", ".join(own_columns)},
            )
        )
    return findings


def find_columns_about(table: pd.DataFrame, columns: Synonyms, wanted: Iterable[str]) -> list[str]:
    """Find columns that are not known and may hold what is wanted, misspelt or in other words."""
    names = [name for name in wanted if name not in table]
    words = [*names, *(word for name in names for word in columns[name])]
    return [
        str(column)
        for column in table.columns
        if column not in columns
        and not _is_own_column(str(column))
        and suggest_name(str(column), words)
    ]


def pick_cells(
    rows: Mapping[int, Sequence[str | None]],
    header: Iterable[object],
    known_name: str,
    columns: Synonyms,
) -> dict[int, str]:
    """Return the cells of one known column out of rows that do not fit the header, by line."""
    names = [str(name) for name in header]
    matches = zip(names, match_columns(names, columns), strict=True)
    best = _rank_names(
        [name for name, match in matches if match == known_name], known_name, columns
    )
    # Beyond the last cell where no column is meant, so that no row yields anything.
    position = names.index(best[0]) if best else len(names)
    return {
        line: cell
        for line, cells in rows.items()
        if position < len(cells) and (cell := cells[position])
    }


def _is_own_column(column: str) -> bool:
    """Return whether a column is known to mean nothing here, or is measured anew from the line."""
    return column.removeprefix("stated_") in COMPUTED or simplify_name(column) in OWN


def _rank_names(names: list[str], known_name: str, columns: Synonyms) -> list[str]:
    """Sort names of one meaning: the known name itself first, then as the synonyms stand."""
    # The known name, then its synonyms in the order of the table above: the best is first.
    order = [simplify_name(known_name), *map(simplify_name, columns[known_name])]
    return sorted(names, key=lambda name: (name != known_name, order.index(simplify_name(name))))


def _combine_cells(cells: pd.DataFrame) -> pd.Series:
    """Join cells of one meaning; those that differ stand side by side."""
    return cells.apply(lambda row: BOTH.join(dict.fromkeys(row.dropna())) or None, axis=1)


def _report_same(same: list[str], known_name: str, file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "columns-same",
        file,
        N_("the columns {columns} mean the same, {known}"),
        N_("Keep one of them"),
        values={"columns": ", ".join(map(repr, same)), "known": repr(known_name)},
    )
