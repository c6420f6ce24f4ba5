"""Columns by the names that offices give them: names, English names and codes of features."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from mapserver.model import Role
from mapserver.text.header_row import simplify_name

NAMES = (
    *("name", "명칭", "이름", "name_ko", "name_kr", "kor_nm"),
    *("상호명", "상호", "점포명", "가게명", "시설명", "시설명칭"),
    *(
        "길명",
        "공원명",
        "시장명",
        "상점가명",
        "골목형상점가명",
        "상권명",
        "trdar_cd_nm",
        "trdar_nm",
    ),
    *(
        "맨발길명",
        "산책로명",
        "노선명",
        "코스명",
        "학교명",
        "도서관명",
        "기관명",
        "업소명",
        "구역명",
    ),
    *("거리명", "생활권명", "권역명", "mntn_nm"),
    *("名称", "名前", "名稱", "название", "наименование", "nombre", "nom", "nome", "nama", "ชื่อ"),
)
"""Columns that hold a name by custom, in the order in which they are looked for."""

AREA_NAMES = (
    *("li_kor_nm", "행정동명", "adm_dr_nm", "emd_kor_nm", "adm_nm", "emd_nm", "dong_nm", "hname"),
    *("법정동명", "읍면동명", "동명", "행정동", "법정동", "읍면동"),
    *("sig_kor_nm", "sgg_nm", "sggnm", "sig_nm", "시군구명", "시군구"),
    *("ctp_kor_nm", "sido_nm", "시도명", "시도", "행정구역명"),
)
"""Names of administrative areas, the smallest first. A table of shops has them, too, and there they
say where each row lies; so they are names only where most rows have one of their own."""

ENGLISH_NAMES = (
    *("name_en", "name:en", "name_eng", "eng_name", "영문명", "영문명칭", "영문이름", "영문"),
    *("영어이름", "english_name", "english"),
    *("li_eng_nm", "emd_eng_nm", "adm_eng_nm", "sig_eng_nm", "ctp_eng_nm", "eng_nm"),
)

ANY_CODES = ("관리번호", "관리코드", "고유번호", "식별번호", "mgtno", "ufid", "코드", "code")
"""Columns of ids of any kind of features; they are looked for after those of the kind itself.
Running numbers (연번) are not among them: they change from one delivery to the next."""

AREA_CODES = (
    *("adm_cd2", "행정동코드", "행정동코", "adm_dr_cd", "adm_cd", "hjd_cd", "emd_cd", "법정동코드"),
    *(
        "읍면동코드",
        "bjd_cd",
        "li_cd",
        "dong_cd",
        "sgg",
        "sgg_cd",
        "sig_cd",
        "시군구코드",
        "sido_cd",
    ),
    *("ctprvn_cd", "시도코드", "행정구역코드", "geoid"),
)
"""Codes of administrative areas, which are ids of areas; of a shop they say where it lies."""

GROUPED = re.compile(r"\S*[가-힣]\S* .*[가-힣]{2,}")
"""A Korean name of two words. English ones are left alone: ``Owner Name`` is no name of a shop."""

LEAST_CODED_SHARE = 0.98
"""Share of rows with a code of their own; the doubled ones of an office's table are mistakes."""


def find_columns(frame: pd.DataFrame, wanted: Iterable[str]) -> list[str]:
    """Return the columns of a frame with these names, in the order of the names.

    Case, blanks and punctuation do not count; of two such columns that with the very name is
    returned, or else the first. Behind them stand those whose last word is one of the names, as a
    header of two rows makes them: ``점포 상호명``.

    Examples
    --------
    >>> find_columns(pd.DataFrame(columns=["EMD_CD", "Sig Cd"]), ["sig_cd", "name", "emd_cd"])
    ['Sig Cd', 'EMD_CD']
    """
    # Of two columns that differ by case alone the first counts, hence the reversed order below: the
    # later assignment wins.
    exact = [str(c) for c in frame.columns if c != "geometry"]
    columns = {simplify_name(c): c for c in reversed(exact)}
    last_words = {simplify_name(c.rpartition(" ")[2]): c for c in exact if GROUPED.fullmatch(c)}
    wanted = list(wanted)
    # Exact names come first, then simplified ones, and last words only behind all of these.
    names = [n if n in exact else columns.get(simplify_name(n)) for n in wanted]
    names += [last_words.get(simplify_name(n)) for n in wanted]
    return list(dict.fromkeys(name for name in names if name is not None))


def find_name_column(frame: pd.DataFrame, role: Role) -> str | None:
    """Return the column of names; None where none has a usual name."""
    names = find_columns(frame, (*NAMES, *role.row.name_columns))
    areas = [c for c in find_columns(frame, AREA_NAMES) if _tells_rows_apart(frame[c])]
    return next(iter([*names, *areas]), None)


def find_code_column(frame: pd.DataFrame, role: Role) -> str | None:
    """Return the column of codes that are ids: no row is empty, and few are twice.

    Codes of the role come first, then those of any table, then those of administrative areas where
    the role is one of areas.
    """
    names = (
        *role.row.id_columns,
        *ANY_CODES,
        *(AREA_CODES if role.row.takes_area_codes else ()),
    )
    columns = find_columns(frame, names)
    # A national register is known by the very names of its columns: one doubled id is a slip there.
    own = set(find_columns(frame, role.row.id_columns)) if role.row.covers_country else set()
    return next(
        (c for c in columns if is_code(frame[c]) or (c in own and _tells_rows_apart(frame[c]))),
        None,
    )


def is_code(column: pd.Series) -> bool:
    """Check whether a column has a value in every row, and nearly everywhere one of its own."""
    texts = column.dropna().astype("str").str.strip()
    is_full = len(texts) == len(column) and bool(texts.ne("").all())
    return is_full and _share_of_own(texts) >= LEAST_CODED_SHARE


def _share_of_own(texts: pd.Series) -> float:
    return texts.nunique() / max(len(texts), 1)


def _tells_rows_apart(column: pd.Series) -> bool:
    """Check whether names of areas, or ids, are those of the rows: most have one of their own."""
    texts = column.dropna().astype("str")
    # A table of shops in one neighbourhood repeats its name in every row; a layer of neighbourhoods
    # has each name once.
    return len(column) < 2 or _share_of_own(texts) > 0.5
