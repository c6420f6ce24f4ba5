"""Yes and no, as cells of tables say them."""

from __future__ import annotations

import re

from mapserver.text.dates import normalize_text

YES = frozenset({"yes", "y", "true", "1", "o", "○", "예", "유", "있음"})
NO = frozenset({"no", "n", "false", "0", "x", "×", "아니오", "아니요", "무", "없음"})


def read_yes_or_no(text: str) -> bool:
    """Read yes or no in Korean or English."""
    word = normalize_text(text)
    if word not in YES | NO:
        raise ValueError(text)
    return word in YES


def read_any_or_none(text: str) -> bool:
    """Read whether there is any of something: yes, no, or how many, with a remark in brackets.

    Examples
    --------
    >>> [read_any_or_none(text) for text in ("있음(24단)", "12단", "0", "계단 없음", "no")]
    [True, True, False, False, False]
    """
    core = re.sub(r"\s*[(\[].*[)\]]$", "", normalize_text(text))
    core = re.sub(r"^(?:계단|steps?|stairs?)\s*(?=\S)", "", core)
    count = re.fullmatch(r"(\d{1,4})\s*(?:단|개|개소|개단|곳|계단|steps?|stairs?)?", core)
    return int(count[1]) > 0 if count else read_yes_or_no(core)
