"""Yes and no, as cells of tables say them."""

from __future__ import annotations

from mapserver.text.dates import normalize_text

YES = frozenset({"yes", "y", "true", "1", "o", "○", "예", "유", "있음"})
NO = frozenset({"no", "n", "false", "0", "x", "×", "아니오", "아니요", "무", "없음"})


def read_yes_or_no(text: str) -> bool:
    """Read yes or no in Korean or English."""
    word = normalize_text(text)
    if word not in YES | NO:
        raise ValueError(text)
    return word in YES
