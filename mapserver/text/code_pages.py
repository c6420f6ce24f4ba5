"""Code pages: which one a text without a label is in, weighed by what the text then says."""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mapserver.settings import limits
from mapserver.text.hangul import USUAL_SYLLABLES

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

MODELS = {
    "cp949": "cp949",
    "gb18030": "gb18030",
    "big5hkscs": "big5hkscs",
    "cp932": "cp932",
    "euc_jis_2004": "euc_jp",
    "cp874": "cp874",
    "cp1251": "cp1251",
    "koi8-r": "koi8_r",
    "cp1253": "cp1253",
    "cp1255": "cp1255",
    "cp1256": "cp1256",
    "cp1252": "cp1252",
    "cp1250": "cp1250",
    "cp1254": "cp1254",
    "cp1257": "cp1257",
    "cp1258": "cp1258",
}
"""Encodings that are weighed: chardet's name of the model, and Python's of the encoding."""

WITH_OWN_SCRIPT = frozenset(list(MODELS.values())[:11])
"""Whose letters are not Latin: a text that reads well in one of them reads badly in the others.

The Latin code pages differ in so few letters that a person has to look.
"""

UNMIXED = frozenset({"cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"})
"""Whose scripts do not stand beside Latin letters in one word, as Hangul and hanzi do."""

BOXES: dict[str, tuple[Box, ...]] = {
    "ko": ((124.5, 33.0, 129.2, 43.1), (129.2, 34.9, 131.9, 43.1)),
    "ja": ((122.9, 24.0, 129.2, 33.0), (128.6, 33.0, 129.9, 34.8), (129.9, 30.0, 146.0, 45.6)),
    "zh": ((73.5, 18.0, 124.5, 53.6), (124.5, 43.1, 135.1, 53.6), (103.6, 1.1, 104.1, 1.5)),
    "th": ((97.3, 5.6, 105.7, 20.5),),
    "ru": ((19.0, 41.0, 180.0, 82.0),),
    "el": ((19.3, 34.8, 28.3, 41.8), (32.2, 34.5, 34.6, 35.8)),
    "he": ((34.2, 29.4, 35.9, 33.4),),
    "ar": ((-17.1, 10.0, 38.0, 37.4), (34.2, 12.5, 60.0, 37.4)),
}
"""Where a language is the place's own, roughly; boxes may overlap."""

KOREAN_RATIO = {True: 0.8, None: 0.8, False: 1.5}
"""How much of the best other reading's weight a Korean one needs: in Korea, in a place that is not
known, and elsewhere. All of 300 samples of two Korean names reach the first; lists of five Chinese
or Japanese names never do."""

LEAST_USUAL = 0.85
"""Share of usual syllables in Korean text. Kanji in EUC-JP, read as cp949, are syllables at random:
of pairs of such words 7 in 100 would read as Korean, and with this 6 in 1,000."""

FEW_LETTERS = 4
"""Fewer prove nothing by themselves; in Korea they count where all are usual."""

MANY_LETTERS = 12
"""So many make a text with Hanja among its Hangul one that can be judged."""

CLEAR_LEAD = 2.0
ENOUGH_LETTERS = 20
"""What another encoding needs. Five names of places in kanji alone, some 13 letters, read as well
in GB18030."""

DEGREES = re.compile(rb"(?<![\d.])-?\d{1,3}\.\d{2,}(?![\d.])")
CELL = re.compile(r"[^,;|\t\r\n\"]+")
HANJA_BESIDE = re.compile(r"(?<=[가-힣])[(（][\u4e00-\u9fff·]+[)）]")
"""Hanja that says again what stands before it in Hangul."""
SAMPLE_WORDS, SAMPLE_LETTERS = 3, 24


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it reads in one encoding.

    Attributes
    ----------
    encoding
        Python's name.
    language
        The language that it reads as (``ko``), or empty.
    weight
        How much it reads like that language, against the other readings.
    letters
        How many letters it has that are not ASCII.
    hangul_share
        Share of common Hangul syllables (those of KS X 1001) among these letters.
    usual_share
        Share of usual syllables among those of Hangul.
    sample
        Its first words with such letters.
    """

    encoding: str
    language: str
    weight: float
    letters: int
    hangul_share: float
    usual_share: float
    sample: str


def weigh_readings(pieces: Iterable[bytes], *, may_be_cut: bool) -> list[Reading]:
    """Read a text in every encoding in which it is valid, and weigh how well it reads.

    The weights are those of chardet's models of byte pairs.

    Parameters
    ----------
    pieces
        Texts of one file that are not all ASCII.
    may_be_cut
        A piece may break off within a character, as the fields of a DBF table do. The broken
        character counts for nothing.

    Returns
    -------
    list of Reading
        Best first. Encodings in which the text reads the same are one reading.
    """
    # Distinct lines only: a value that is repeated says nothing new, and weighing takes time.
    texts = _select_texts(pieces, may_be_cut=may_be_cut)
    valid: dict[bytes, dict[str, str]] = defaultdict(dict)
    for model, name in MODELS.items():
        lines = _cut_lines(texts, name)
        # An encoding is possible only if the bytes are valid in it and yield no control signs.
        if lines is not None and is_text(b"\n".join(lines).decode(name)):
            valid[b"\n".join(lines)][model] = name
    readings = [
        reading for data, models in valid.items() for reading in _weigh_models(data, models)
    ]
    distinct: dict[str, Reading] = {}
    # Best first, so that of equal samples the best reading is the one that stays.
    for reading in sorted(readings, key=lambda reading: -reading.weight):
        distinct.setdefault(reading.sample, reading)
    return list(distinct.values())


def choose_reading(readings: list[Reading], languages: set[str] | None) -> Reading | None:
    """Choose the reading that is beyond doubt.

    Korean is taken when the text is made of common Hangul and no other reading is clearly better:
    two words are enough in Korea, elsewhere it must lead. Another encoding is taken when its script
    is not Latin, the text is long enough, no other reading comes near and nothing speaks against
    its language in this place.

    Parameters
    ----------
    readings
        From :func:`weigh_readings`.
    languages
        The languages of the place, from :func:`find_languages`; None where it is not known.

    Returns
    -------
    Reading or None
        None where a person has to choose.
    """
    korean = next((r for r in readings if r.encoding == "cp949"), None)
    if korean is not None and _is_korean(korean, readings, languages):
        return korean
    if not readings or readings[0].encoding not in WITH_OWN_SCRIPT - {"cp949"}:
        return None
    best, *other_readings = readings
    # Twice the weight of every other reading, by trial on samples: below that, readings were
    # confused.
    is_clear = all(best.weight >= CLEAR_LEAD * reading.weight for reading in other_readings)
    is_local = languages is None or best.language in languages
    return best if is_clear and is_local and best.letters >= ENOUGH_LETTERS else None


def find_languages(data: bytes, city_box: Box | None = None) -> set[str] | None:
    """Find the languages of the place that a text speaks of, from the degrees in it.

    Parameters
    ----------
    data
        The text. Two decimal numbers that follow each other are tried as a place both ways round.
    city_box
        Where the city lies, which counts as well.

    Returns
    -------
    set of str or None
        None where neither tells a place.
    """
    numbers = [float(number) for number in DEGREES.findall(data[: limits.MAX_WEIGHED_BYTES])[:400]]
    # A place is two numbers that follow each other, in either order.
    places = list(itertools.pairwise(numbers))
    places += [(lat, lon) for lon, lat in places]
    if city_box is not None:
        west, south, east, north = city_box
        places.append(((west + east) / 2, (south + north) / 2))
    languages = {
        language
        for language, boxes in BOXES.items()
        for west, south, east, north in boxes
        if any(west <= lon < east and south <= lat < north for lon, lat in places)
    }
    is_place = any(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in places)
    return languages if is_place else None


def _select_texts(pieces: Iterable[bytes], *, may_be_cut: bool) -> list[tuple[bytes, bool]]:
    """Return the distinct lines that are not ASCII, enough to weigh, and whether one may be cut.

    The last line of a piece may be, where the piece breaks off, and one that is longer than all
    that is weighed, which is cut here.
    """
    selected: dict[tuple[bytes, bool], None] = {}
    size = 0
    for piece in pieces:
        *lines, last_line = piece.rstrip(b" \0")[: limits.MAX_SEARCHED_BYTES].split(b"\n")
        if len(piece) > limits.MAX_SEARCHED_BYTES:
            last_line = b""  # it is cut where we cut it
        for line, is_open in (*((line, False) for line in lines), (last_line, may_be_cut)):
            # A line that is cut here may end within a character, like one that the file cuts.
            text = line[: limits.MAX_WEIGHED_BYTES], is_open or len(line) > limits.MAX_WEIGHED_BYTES
            if not text[0].isascii() and text not in selected:
                selected[text] = None
                size += len(text[0])
            if size >= limits.MAX_WEIGHED_BYTES:
                return list(selected)
    return list(selected)


def _cut_lines(texts: list[tuple[bytes, bool]], name: str) -> list[bytes] | None:
    """Cut texts where their last whole character ends; None where one is invalid before that."""
    lines = []
    for text, is_open in texts:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            decoder.decode(text, final=not is_open)
        except UnicodeDecodeError:
            return None
        # What the decoder still holds back are the bytes of the character that is cut.
        broken = len(decoder.getstate()[0])
        lines.append(text[: -broken or None])
    return lines


def is_text(text: str) -> bool:
    """Check whether there are no control signs, no private and no unassigned ones beyond ASCII."""
    signs = (sign for sign in set(text) if not sign.isascii())
    return not any(unicodedata.category(sign) in {"Cc", "Co", "Cn"} for sign in signs)


def _weigh_models(data: bytes, models: dict[str, str]) -> list[Reading]:
    import chardet  # noqa: PLC0415 -- it weighs what is not UTF-8, and takes a while to import

    guesses = chardet.detect_all(
        data,
        ignore_threshold=True,
        include_encodings=[*models, "utf-8"],
        no_match_encoding="utf-8",  # which the text is not: so nothing is made up
        compat_names=False,
        max_bytes=2 * limits.MAX_WEIGHED_BYTES,
    )
    weights = {str(f["encoding"]): (f["confidence"], f["language"] or "") for f in guesses}
    return [
        _make_reading(data.decode(name), name, *weights.get(model, (0.0, "")))
        for model, name in models.items()
    ]


def _make_reading(text: str, name: str, weight: float, language: str) -> Reading:
    # Hanja in brackets repeats the Hangul before it and would count against Korean.
    plain = HANJA_BESIDE.sub("", text)
    # Counted first: a text of many thousand letters has a few hundred different ones.
    counts = Counter(plain)
    signs = [sign for sign in counts if not sign.isascii() and sign.isalpha()]
    hangul = [sign for sign in signs if is_common_hangul(sign)]
    usual = [sign for sign in hangul if sign in USUAL_SYLLABLES or sign < "가"]
    letters, syllables, usual_syllables = (
        sum(counts[sign] for sign in kind) for kind in (signs, hangul, usual)
    )
    share, usual_share = syllables / max(letters, 1), usual_syllables / max(syllables, 1)
    if name in UNMIXED:
        words = [word for word in text.split() if not word.isascii()]
        # The weight falls by the share of words that mix scripts, which no language does.
        weight *= 1 - sum(map(_is_mixed, words)) / max(len(words), 1)
    return Reading(name, language, weight, letters, share, usual_share, _pick_sample(text))


def _is_mixed(word: str) -> bool:
    """Return whether a letter of another script stands beside a Latin one: ``cafй``."""
    return re.search(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", word) is not None


def is_common_hangul(sign: str) -> bool:
    """Return whether a sign is one of the 2,350 syllables of KS X 1001, or a letter of Hangul."""
    if not ("\uac00" <= sign <= "\ud7a3"):
        return "\u3131" <= sign <= "\u318e"
    # Python writes the others in pieces, each of eight bytes.
    # Two bytes for a syllable of KS X 1001; others take eight, as a sequence with filler.
    return len(sign.encode("euc-kr", "replace")) == 2


def _is_korean(korean: Reading, readings: list[Reading], languages: set[str] | None) -> bool:
    highest_other = max((r.weight for r in readings if r is not korean), default=0.0)
    # How much better it reads as Korean than as the best other language.
    ratio = korean.weight / highest_other if highest_other else 99.0
    is_korea = None if languages is None else "ko" in languages
    if korean.usual_share < LEAST_USUAL:
        return False
    if korean.letters < FEW_LETTERS and not (is_korea and korean.usual_share == 1):
        return False
    if korean.hangul_share < 0.9:
        # Hanja, as on old maps; what reads better in Chinese is Chinese.
        is_long = korean.letters >= MANY_LETTERS
        return is_long and korean.hangul_share >= 0.5 and ratio >= KOREAN_RATIO[False]
    return ratio >= KOREAN_RATIO[is_korea]


def _pick_sample(text: str) -> str:
    cells: dict[str, None] = {}
    for match in CELL.finditer(text):
        if not match[0].isascii():
            cells[match[0].strip()] = None
            if len(cells) == SAMPLE_WORDS:
                break
    return ", ".join(cells)[:SAMPLE_LETTERS]
