"""The national welfare lists as rows of programmes: 복지로 as XML, 보조금24 as JSON or CSV.

Lists and details of one service are rows of their own, in the columns of the ledger;
:func:`join_programmes` makes one row of all that files say of one id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pandas as pd
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from mapserver.errors import N_, DataError
from mapserver.readers.xml_faults import describe_document_type
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

WELFARE_SUFFIXES = (".xml", ".json")
MARK = "welfare_list"
"""Marks a table whose rows come out of a national list."""
GOV24_ID = "서비스ID"
"""The column by which a table of 보조금24 is recognised."""

NONE_FOUND = "40"
"""Result code of 복지로 for a list of nothing, which is an answer and no fault."""
FINE = frozenset(("", "0", "00"))
NO_END = frozenset(("99991231", "00000000"))
"""How lists write that a programme has no last day."""
EIGHT_DIGITS = re.compile(r"\d{8}")
LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)

AGES = ((0, 5, "영유아"), (6, 12, "아동"), (13, 18, "청소년"), (19, 34, "청년"), (35, 64, "중장년"))
OLD_FROM = 65
OLDEST = 120
"""Lists write 999 and the like for no limit of age."""
INCOMES = {
    "JA0201": "0~50%",
    "JA0202": "51~75%",
    "JA0203": "76~100%",
    "JA0204": "101~200%",
    "JA0205": "200% 초과",
}
"""Bands of income, in per cent of the median, by the column that says Y."""


def read_welfare_list(path: Path, *, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Read a list of 복지로 (XML) or 보조금24 (JSON) as rows of the ledger of programmes.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.

    Returns
    -------
    table : DataFrame
        Text under the ledger's own names, indexed from 1; without rows where the list says that
        there is nothing.
    findings : list of Finding
        That there is nothing.

    Raises
    ------
    DataError
        The file is too large, is damaged, defines entities, or is another list.
    """
    if path.stat().st_size > limits.MAX_WELFARE_LIST_BYTES:
        raise DataError(
            N_("it is larger than {limit} MB"),
            where=name,
            mend=N_("Fetch it in parts"),
            limit=limits.MAX_WELFARE_LIST_BYTES // 2**20,
        )
    data = path.read_bytes()
    is_xml = path.suffix.casefold() == ".xml"
    rows = _read_bokjiro(data, name) if is_xml else _read_gov24(data, name)
    table = pd.DataFrame(rows, dtype="str")
    table.index = pd.RangeIndex(1, len(table) + 1, name="line")
    findings = [] if rows else [_report_nothing(name)]
    return _mark_list(table), findings


def convert_gov24_table(table: pd.DataFrame) -> pd.DataFrame:
    """Convert a CSV of 보조금24, under its own headings, to the columns of the ledger."""
    rows = [_convert_gov24(row) for row in table.to_dict("records")]
    return _mark_list(pd.DataFrame(rows, index=table.index, dtype="str"))


def is_welfare_list(table: pd.DataFrame) -> bool:
    """Return whether rows come out of a national list, and can be joined with those of another."""
    return bool(table.attrs.get(MARK))


def _mark_list(table: pd.DataFrame) -> pd.DataFrame:
    """Mark a table as rows of a national list; cells that say nothing are missing."""
    marked = table.mask(table == "")
    marked.attrs[MARK] = True
    return marked


def join_programmes(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join what tables say of one service: list, detail and conditions fill each other in.

    Parameters
    ----------
    tables
        As :func:`read_welfare_list` returns them; where two say something of one cell, the later
        table does, since a detail says more than a list.
    """
    joined: dict[str, dict[str, str]] = {}
    for table in tables:
        for line, row in zip(table.index, table.to_dict("records"), strict=True):
            cells = {str(key): value for key, value in row.items() if isinstance(value, str)}
            # A row without an id is about nothing else in any table.
            key = cells.get("id") or f"{id(table)} {line}"
            joined.setdefault(key, {}).update(cells)
    for cells in joined.values():
        # Ages and incomes are said of whom it is for, whichever table says them.
        who = _join_texts(cells.get("who", ""), cells.pop("conditions", ""))
        if who:
            cells["who"] = who
        # A detail does not name the office that its list has named.
        cells.setdefault("source", cells.pop("origin", ""))
        cells.pop("origin", "")
    table = pd.DataFrame(list(joined.values()), dtype="str")
    table.index = pd.RangeIndex(1, len(table) + 1, name="line")
    return table


def _report_nothing(name: str) -> Finding:
    return Finding(
        Severity.NOTE,
        "welfare-list-empty",
        name,
        N_("the list says that there is nothing; nothing is changed"),
        N_("Ask for another place, need or part of life"),
    )


# -- 복지로 ------------------------------------------------------------


def _read_bokjiro(data: bytes, name: str) -> list[dict[str, str]]:
    """Read the services of an answer of 복지로, list or detail, central or local.

    Raises
    ------
    DataError
        It cannot be read, says that it failed, or is none.
    """
    try:
        # A document type could define entities that expand to gigabytes, or name local files.
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise describe_document_type(name) from error
    except (ParseError, ValueError, LookupError) as error:
        raise DataError(
            N_("the XML cannot be read: {reason}"),
            where=name,
            mend=N_("Fetch the list again"),
            reason=str(error),
        ) from error
    code = _read_element(root, "resultCode")
    if code.lstrip("0") == NONE_FOUND.lstrip("0"):
        return []
    services = [element for element in root.iter() if element.find("servId") is not None]
    if code not in FINE or not services:
        raise DataError(
            N_("it is no list of welfare services (result {code}: {message})"),
            where=name,
            mend=N_("Fetch it again; its rows have servId and servNm"),
            code=code or "-",
            message=_read_element(root, "resultMessage") or "-",
        )
    return [_convert_bokjiro(service) for service in services]


def _convert_bokjiro(service: Element) -> dict[str, str]:
    """Convert a service of 복지로 to a row; what only its detail says is empty in its list."""
    first = _make_chooser(service)
    contacts = [
        *_list_related(service, "inqplCtadrList", "servSeDetailLink", "wlfareInfoReldCn"),
        first("rprsCtadr"),
    ]
    applying = _list_related(service, "applmetList", "servSeDetailLink", "servSeDetailNm")
    pages = _list_related(service, "inqplHmpgReldList", "servSeDetailLink")
    names = ("ctpvNm", "sggNm", "jurMnofNm", "jurOrgNm", "bizChrDeptNm")
    office = _name_office(*(first(name) for name in names))
    changed = _write_days(first("lastModYmd"))
    return {
        "id": first("servId"),
        "name": first("servNm"),
        "need": first("intrsThemaNmArray", "intrsThemaArray"),
        "life": first("lifeNmArray", "lifeArray"),
        "who": _join_texts(
            first("sprtTrgtCn", "tgtrDtlCn", "trgterIndvdlNmArray", "trgterIndvdlArray"),
            first("slctCritCn"),
        ),
        "what": first("alwServCn", "servDgst", "wlfareInfoOutlCn"),
        "apply_at": first("aplyMtdCn") or " / ".join(applying) or first("aplyMtdNm"),
        "period": _write_term(first("enfcBgngYmd"), first("enfcEndYmd")),
        "phone": next((contact for contact in contacts if re.search(r"\d{3}", contact)), ""),
        "url": first("servDtlLink") or next(iter(pages), ""),
        "source": office and _join_texts(f"복지로 {office}", changed and f"{changed} 수정"),
        "origin": "복지로",
    }


def _make_chooser(service: Element) -> Any:
    def choose(*names: str) -> str:
        """Return the first of several fields that says anything."""
        return next(filter(None, (_read_element(service, name) for name in names)), "")

    return choose


def _read_element(parent: Element, name: str) -> str:
    return _tidy(parent.findtext(name) or "")


def _list_related(service: Element, name: str, *fields: str) -> list[str]:
    """List what the entries of a list within a service say in the first field that they have."""
    texts = []
    for entry in service.iter(name):
        # Some answers wrap the entries in an element of the same name.
        text = next(filter(None, (_read_element(entry, field) for field in fields)), "")
        if text and text not in texts:
            texts.append(text)
    return texts


def _write_term(first: str, last: str) -> str:
    """Write a term of days without separators; open ends are left open, no end at all is empty."""
    start = _write_days(first)
    if last in NO_END:
        return f"{start} ~" if start else "상시"
    end = _write_days(last)
    return f"{start} ~ {end}" if start or end else ""


def _write_days(text: str) -> str:
    """Write ``20260413`` as a day; what is none is empty."""
    digits = re.sub(r"\D", "", text)[:8]
    if not EIGHT_DIGITS.fullmatch(digits) or digits in NO_END:
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


# -- 보조금24 ------------------------------------------------------------


def _read_gov24(data: bytes, name: str) -> list[dict[str, str]]:
    """Read the services of an answer of 보조금24: list, detail or conditions.

    Raises
    ------
    DataError
        It is no JSON, or no such answer.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError(
            N_("the JSON cannot be read: {reason}"),
            where=name,
            mend=N_("Fetch the list again"),
            reason=type(error).__name__,
        ) from error
    rows = document.get("data") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and GOV24_ID in row for row in rows
    ):
        raise DataError(
            N_("it is no list of welfare services (result {code}: {message})"),
            where=name,
            mend=N_("Fetch it again; its rows stand in data and have {column}"),
            code="-",
            message="-",
            column=GOV24_ID,
        )
    return [_convert_gov24(row) for row in rows]


def _convert_gov24(row: Mapping[Any, Any]) -> dict[str, str]:
    """Convert a service of 보조금24 to a row; what another of its three tables says is empty."""

    def first(*names: str) -> str:
        texts = (_tidy("" if value is None else str(value)) for value in map(row.get, names))
        return next((text for text in texts if text not in {"", "nan", "None"}), "")

    ages = _read_ages(first("JA0110"), first("JA0111"))
    incomes = [band for column, band in INCOMES.items() if first(column).upper() == "Y"]
    # All bands ticked are no condition, and none says nothing.
    income = f"중위소득 {', '.join(incomes)}" if 0 < len(incomes) < len(INCOMES) else ""
    changed = _write_days(first("수정일시"))
    office = _name_office(first("소관기관명"), first("부서명"))
    return {
        "id": first(GOV24_ID),
        "name": first("서비스명"),
        "need": first("서비스분야"),
        "life": _name_lives(ages),
        "who": _join_texts(first("지원대상"), first("선정기준")),
        "what": first("지원내용", "서비스목적요약", "서비스목적"),
        "apply_at": _join_texts(first("접수기관명", "접수기관"), first("신청방법")),
        "papers": first("구비서류"),
        "papers_office": first("공무원확인구비서류"),
        "papers_identity": first("본인확인필요구비서류"),
        "period": first("신청기한"),
        "phone": first("문의처", "전화문의"),
        "url": first("상세조회URL", "온라인신청사이트URL"),
        "source": office and _join_texts(f"보조금24 {office}", changed and f"{changed} 수정"),
        "origin": "보조금24",
        "conditions": _join_texts(_write_ages(ages), income),
    }


def _read_ages(first: str, last: str) -> tuple[int, int] | None:
    """Read from which age to which; None where nothing is said."""
    try:
        # Spreadsheets write whole numbers as 19.0 once a column has an empty cell.
        low, high = int(float(first or 0)), int(float(last or OLDEST))
    except (ValueError, OverflowError):
        return None
    return (max(low, 0), min(high, OLDEST)) if (first or last) and low <= high else None


def _name_lives(ages: tuple[int, int] | None) -> str:
    """Name the parts of life that ages touch; all of them are everybody."""
    if ages is None:
        return ""
    low, high = ages
    names = [name for start, end, name in AGES if low <= end and start <= high]
    if high >= OLD_FROM:
        names.append("노년")
    return "전체" if len(names) == len(AGES) + 1 else ", ".join(names)


def _write_ages(ages: tuple[int, int] | None) -> str:
    if ages is None or ages == (0, OLDEST):
        return ""
    low, high = ages
    return f"만 {low}세 이상" if high == OLDEST else f"만 {low}~{high}세"


def _tidy(text: str) -> str:
    """Return a text on one line, without the marks that lists write between lines and parts."""
    return " ".join(LINE_BREAK.sub(" ", text).replace("||", ", ").split())


def _name_office(*names: str) -> str:
    """Join the names of an office from the largest on; what one repeats of those before is once.

    >>> _name_office("광주광역시", "서구", "광주광역시 서구 복지정책과", "복지정책과")
    '광주광역시 서구 복지정책과'
    """
    words: list[str] = []
    for name in map(str.split, names):
        # So many of its first words are the last ones that stand there: lists write whole names.
        shared = next(n for n in range(len(name), -1, -1) if words[len(words) - n :] == name[:n])
        words += name[shared:]
    return " ".join(words)


def _join_texts(*texts: str) -> str:
    return " · ".join(dict.fromkeys(filter(None, texts)))
