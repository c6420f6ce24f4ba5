"""Korean particles after a value: 이 or 가, 을 or 를, by the sound on which the value ends.

A translator writes both, as Korean forms do: ``{name}이(가) 없습니다``. When the value is filled
in, the one that fits stays: ``풍암1로가 없습니다``. ``frontend/text/particles.js`` is the twin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

PAIRS = {
    "이(가)": ("이", "가"),
    "가(이)": ("이", "가"),
    "을(를)": ("을", "를"),
    "를(을)": ("을", "를"),
    "은(는)": ("은", "는"),
    "는(은)": ("은", "는"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)": ("이", ""),
}
"""Each pair as it is written, with the particle after a consonant and the one after a vowel."""

VALUE = r"\{[^{}]*\}|%\(\w+\)[sd]"
MARKED = re.compile(
    rf"({VALUE})((?:</\w+>|[\"'’”»」』\])])*)({'|'.join(map(re.escape, PAIRS))})",
)
"""A place for a value, what closes a quotation, and both particles."""

FIRST, LAST, FINALS, FINAL_L = 0xAC00, 0xD7A3, 28, 8
"""Syllables stand in Unicode by initial, vowel and final, of which the eighth is ㄹ."""
VOWEL, CONSONANT, L = "vowel", "consonant", "l"
DIGITS = "영일이삼사오육칠팔구"
"""How Korean reads the last digit of a number; of tens, hundreds and thousands the end is one of
the consonants of 십, 백, 천, 만, as of 영."""
UNITS = {
    "m": VOWEL,
    "km": VOWEL,
    "cm": VOWEL,
    "mm": VOWEL,
    "kg": CONSONANT,
    "m²": VOWEL,
    "km²": VOWEL,
}
"""Units, as they are read after a number: 미터, 킬로그램."""
SPELT = {"L": L, "R": L, "M": CONSONANT, "N": CONSONANT}
"""Letters whose Korean names end on a consonant: 엘, 알, 엠, 엔."""
LETTER_NAMES = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"


def choose_particles(template: str, write_value: Callable[[str], str]) -> str:
    """Choose in a template each particle that follows a value.

    Parameters
    ----------
    template
        ``{name}이(가) 없습니다`` or ``%(name)s을(를) 지우세요``.
    write_value
        Fills in one place for a value, as ``{name}``.

    Returns
    -------
    str
        The template with its places; where nobody knows how a value is read, both particles stay.
    """

    def replace(match: re.Match[str]) -> str:
        place, closing, pair = match.groups()
        return f"{place}{closing}{choose_particle(write_value(place), pair)}"

    return MARKED.sub(replace, template)


def choose_particle(text: str, pair: str) -> str:
    """Choose the particle of a pair that fits behind a text.

    Examples
    --------
    >>> [choose_particle(name, "이(가)") for name in ("풍암1로", "금당산", "5·18기념공원(서구)")]
    ['가', '이', '이']
    >>> [choose_particle(name, "(으)로") for name in ("길", "산", "3", "7", "GPX", "Trail")]
    ['로', '으로', '으로', '로', '로', '로']
    """
    sound = find_final_sound(text)
    after_consonant, after_vowel = PAIRS[pair]
    if not sound:
        return pair
    # 으로 alone is 로 after ㄹ, too: 길로.
    takes_vowel_form = sound == VOWEL or (sound == L and pair == "(으)로")
    return after_vowel if takes_vowel_form else after_consonant


def fit_particle(text: str, particle: str) -> str:
    """Return a particle in the form that fits behind a text: 이 as 가 behind 산책로.

    Parameters
    ----------
    text
        A noun.
    particle
        In one of its two forms, as it stood behind another noun.
    """
    pair = next((pair for pair, forms in PAIRS.items() if particle in forms), "")
    fitted = choose_particle(text, pair) if pair else particle
    return particle if fitted == pair else fitted


def find_final_sound(text: str) -> str:
    """Find on what a text ends when it is read: ``vowel``, ``consonant``, ``l``; else empty."""
    plain = _strip_remarks(unicodedata.normalize("NFC", text))
    if not plain:
        return ""
    last = plain[-1]
    if FIRST <= ord(last) <= LAST:
        final = (ord(last) - FIRST) % FINALS
        return L if final == FINAL_L else CONSONANT if final else VOWEL
    if last in LETTER_NAMES:
        return L if last == "ㄹ" else CONSONANT
    number = unicodedata.numeric(last, None)
    if number is not None:
        return find_final_sound(DIGITS[int(number) % 10]) if number == int(number) else ""
    return _find_latin_sound(plain)


def _strip_remarks(text: str) -> str:
    """Strip what is not read aloud at the end: quotation marks, and a remark in brackets."""
    bare = re.sub(r"(?<=\S)\s*[(\[（][^()\[\]（）]*[)\]）]\s*$", "", text)
    return re.sub(r"[^\w%°℃²]+$", "", bare).rstrip("_")


def _find_latin_sound(text: str) -> str:
    """Find the sound of a word in Latin letters, as Korean reads it: 트레일, 맵, 파크."""
    word = re.search(r"[a-zA-ZÀ-ɏ²]+$", text)
    if word is None:
        return VOWEL if text[-1] in "%°℃" else ""  # 퍼센트, 도
    letters = word[0]
    if letters in UNITS and re.search(r"\d\s*$", text[: word.start()]):
        return UNITS[letters]
    # What has no small letter is spelt out: GPX 지피엑스, URL 유알엘.
    if letters == letters.upper():
        return SPELT.get(letters[-1], VOWEL)
    plain = unicodedata.normalize("NFD", letters).encode("ascii", "ignore").decode().lower()
    if re.search(r"le?$", plain):
        return L
    # m, n, ng, and these before a silent e; a stop right behind a short vowel is a final, too.
    is_closed = re.search(r"([mn]e?|ng|(?<![aeiou])[aeiou](ck?|[pt]))$", plain)
    return CONSONANT if is_closed else VOWEL
