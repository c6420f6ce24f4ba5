"""Kinds of facilities along a trail: one table of our words and of everybody else's for them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text

OTHER = N_("Other facility")
"""What stands where neither a kind nor a name is known."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of facility.

    Attributes
    ----------
    id
        Our word, which stands in data and is translated for people.
    aliases
        What Korean offices, Garmin, OsmAnd, Locus and OpenStreetMap call it; compared without
        case, blanks and punctuation.
    """

    id: str
    aliases: tuple[str, ...]


KINDS = (
    Kind(
        N_("foot_wash"),
        (
            *("세족장", "세족시설", "세족대", "세족기", "세족", "세족탕", "족욕장", "족욕탕"),
            *("발씻는곳", "발 씻는 장소", "발세척장", "발세척시설", "발 세척대", "발닦는곳"),
            *("세족장소", "세족실", "세족공간", "맨발세족장", "수돗가"),
            *("foot washing", "feet wash", "foot bath", "foot shower", "wash feet", "foot basin"),
            *("foot washing station", "foot wash station"),
        ),
    ),
    Kind(
        N_("shoe_rack"),
        (
            *("신발장", "신발보관함", "신발보관소", "신발보관대", "신발거치대", "신발함"),
            *("신발보관장", "신발 보관", "신발 선반", "신발 벗는 곳", "신발정리대"),
            *("shoe storage", "shoes", "shoe cabinet", "shoe locker", "shoe shelf", "shoe racks"),
        ),
    ),
    Kind(
        N_("toilet"),
        (
            *("화장실", "공중화장실", "개방화장실", "간이화장실", "이동식화장실", "장애인화장실"),
            *("해우소", "남자화장실", "여자화장실", "남녀화장실", "공공화장실"),
            *("restroom", "rest room", "toilets", "wc", "bathroom", "lavatory", "washroom"),
            *("public toilet", "public toilets", "restrooms", "public restroom", "water closet"),
        ),
    ),
    Kind(
        N_("drinking_water"),
        (
            *("음수대", "급수대", "식수대", "음수전", "음용수", "식수", "먹는물", "아리수 음수대"),
            *("마시는물", "아리수"),
            *("drinking water", "drinking fountain", "water fountain", "potable water"),
            *("water point", "water tap", "drinking tap", "tap"),
        ),
    ),
    Kind(
        N_("water_source"),
        (
            *("약수터", "약수", "샘터", "샘물", "옹달샘", "우물", "샘"),
            *("water source", "spring", "water well", "natural spring", "water"),
        ),
    ),
    Kind(
        N_("air_blower"),
        (
            *("흙먼지털이기", "먼지털이기", "흙먼지털이", "먼지털이", "에어건", "에어컴프레서"),
            *(
                "흙먼지제거기",
                "먼지제거기",
                "흙털이기",
                "에어컴프레셔",
                "먼지떨이기",
                "흙먼지떨이기",
            ),
            *(
                "air gun",
                "airgun",
                "dust remover",
                "air blower",
                "air compressor",
                "compressed air",
            ),
        ),
    ),
    Kind(
        N_("bench"),
        (
            *("벤치", "의자", "등의자", "평의자", "앉음벽", "긴의자", "쉼의자", "야외의자", "평상"),
            *("benches", "seat", "seating", "chair", "chairs"),
        ),
    ),
    Kind(
        N_("shelter"),
        (
            *(
                "쉼터",
                "정자",
                "파고라",
                "퍼걸러",
                "휴게소",
                "휴게시설",
                "육각정",
                "팔각정",
                "사각정",
            ),
            *("휴식공간", "그늘막", "무더위쉼터", "대피소", "정자쉼터", "휴게쉼터", "파골라"),
            *("shelter", "pavilion", "gazebo", "pergola", "rest area", "lean to"),
            *("picnic shelter",),
        ),
    ),
    Kind(
        N_("exercise"),
        (
            *("운동기구", "운동시설", "체력단련시설", "체육시설", "야외운동기구", "체력단련장"),
            *("fitness station", "fitness", "fitness center", "exercise equipment", "outdoor gym"),
        ),
    ),
    Kind(
        N_("light"),
        (
            *("조명", "가로등", "보안등", "조명등", "조명시설", "볼라드등", "정원등", "공원등"),
            *("lighting", "street lamp", "streetlamp", "lamp", "street light", "lights"),
        ),
    ),
    Kind(
        N_("sign"),
        (
            *("안내판", "이정표", "표지판", "안내표지판", "종합안내판", "안내도", "안내시설"),
            *("게시판", "길안내판", "방향표지판"),
            *("information", "guidepost", "signpost", "information board", "info board", "info"),
            *("trail sign", "signboard", "notice board", "guide post"),
        ),
    ),
    Kind(
        N_("entrance"),
        (
            *("입구", "출입구", "진입로", "진입구", "들머리", "시작점", "출발지점", "주출입구"),
            *("부출입구", "정문", "맨발길 입구", "산책로 입구"),
            *("trail head", "trailhead", "entry", "gate", "main entrance"),
        ),
    ),
    Kind(
        N_("parking"),
        (
            *("주차장", "주차구역", "공영주차장", "주차", "주차공간", "부설주차장"),
            *("parking area", "parking lot", "car park", "parking space", "car parking"),
        ),
    ),
    Kind(
        N_("bus_stop"),
        (
            *("버스정류장", "버스정류소", "정류장", "정류소", "버스승강장", "버스 정거장"),
            *("bus station", "bus stop", "bus", "bus stops", "bus platform"),
        ),
    ),
    Kind(
        N_("waste_bin"),
        (
            *("쓰레기통", "휴지통", "분리수거함", "쓰레기 수거함", "재활용 수거함"),
            *("waste basket", "trash can", "trash", "garbage can", "bin", "litter bin", "garbage"),
        ),
    ),
    Kind(
        N_("first_aid"),
        (
            *(
                "자동심장충격기",
                "자동제세동기",
                "심장충격기",
                "aed",
                "구급함",
                "응급함",
                "구급상자",
            ),
            *("defibrillator", "first aid kit", "emergency box"),
        ),
    ),
    Kind(
        N_("viewpoint"),
        (
            *("전망대", "조망점", "전망점", "전망데크", "조망대", "전망쉼터"),
            *("scenic area", "view point", "overlook", "scenic view", "observation deck"),
        ),
    ),
)
"""In the order in which walkers look for them."""

UNTOLD = frozenset(
    {"waypoint", "wpt", "user", "dot", "pin", "marker", "default", "poi", "point", "favorite"}
    | {"favorites", "unknown", "none", "null", "기타", "미상", "없음", "웨이포인트", "지점"}
)
"""Types and symbols that say nothing of what stands there; so do Garmin's flags and numbers."""

MARKS = re.compile(r"(flag|pin|block|circle|diamond|oval|rectangle|square|triangle|letter|number)")
"""Beginnings of Garmin's symbols that are marks on the map alone: ``Flag, Blue``."""

PREFIXES = frozenset(
    {"amenity", "highway", "tourism", "leisure", "natural", "man", "made", "manmade", "special"}
    | {"emergency", "information", "misc", "poi", "osmand", "osm", "service", "services"}
    | {"transport", "public", "entrance", "fitness", "building", "locus", "garmin", "symbol"}
    | {"sym", "icon", "wpt", "hiking", "outdoor", "sport"}
)
"""Words that stand before the kind in tags of OpenStreetMap and in the names of icons."""

ORDER = tuple(kind.id for kind in KINDS)

COLUMNS = (
    *("kind", "type", "sym", "symbol", "amenity", "highway", "leisure", "tourism", "natural"),
    *("man_made", "emergency", "fclass", "facility", "facility_type", "category"),
    *("시설종류", "시설구분", "시설유형", "시설물종류", "시설물", "구분", "종류", "유형", "분류"),
)
"""Columns of a table of facilities that may say what each is, the likeliest first."""


def plain(text: str) -> str:
    """Return a text for comparison: composed, without case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


BY_ALIAS = {plain(word): kind.id for kind in KINDS for word in (kind.id, *kind.aliases)}


def match_kind(text: str) -> str:
    """Return the kind of ours that a word stands for, or an empty text.

    Parameters
    ----------
    text
        ``Restroom``, ``amenity=toilets``, ``세족시설``, ``벤치 2``, ``화장실(남)``.

    Examples
    --------
    >>> [match_kind(word) for word in ("Drinking Water", "amenity_toilets", "벤치 2", "Flag")]
    ['drinking_water', 'toilet', 'bench', '']
    """
    # A number or a remark in brackets behind the word does not change what it is.
    core = re.sub(r"\s*(\([^()]*\)|\[[^\[\]]*\])\s*$", "", text.strip())
    core = re.sub(r"\s*[#№-]?\s*\d{1,4}\s*(호|번|개소|개)?$", "", core)
    for word in dict.fromkeys((plain(text), plain(core))):
        if kind := BY_ALIAS.get(word) or BY_ALIAS.get(word.removesuffix("s")):
            return kind
    # Tags and icons: amenity=toilets, tourism-information, leaving one word after the other out.
    words = [word for word in re.split(r"[\W_]+", core) if word]
    while len(words) > 1 and words[0].casefold() in PREFIXES:
        words = words[1:]
        if kind := BY_ALIAS.get(plain("".join(words))):
            return kind
    return ""


def choose_kind(stated: tuple[str | None, ...], name: str | None = None) -> str | None:
    """Return what a facility is: a kind of ours if any text says one, else the first text.

    Parameters
    ----------
    stated
        Its type, its symbol, its tags; the first that is understood wins.
    name
        Its own name, which decides only if it is a kind as a whole ("화장실").

    Returns
    -------
    str or None
        A kind of ours, or the text as it stands, or None where nothing is said.
    """
    texts = [text.strip() for text in stated if text and text.strip()]
    for text in (*texts, name or ""):
        if kind := match_kind(text):
            return kind
    telling = (text for text in texts if plain(text) not in UNTOLD and re.search(r"[^\W\d]", text))
    return next((text for text in telling if not MARKS.match(text.casefold())), None)


def kind_word(kind: str | None, lang: str) -> str:
    """Return what a kind is called in a language; empty where it has no word in it.

    A kind that is not ours is shown as it stands only to those who read its letters: Korean on
    Korean pages, Latin on English ones.
    """
    if not kind:
        return ""
    if kind in ORDER:
        return language.word(kind, lang)
    return kind if language.is_written_in(kind, lang) else ""


def count_kinds(kinds: Iterable[str], lang: str) -> list[tuple[str, str, int]]:
    """Count facilities by what they are called: kind, word and how many, the most useful first.

    Parameters
    ----------
    kinds
        The kind of each, or a Counter of them; those without a word in this language are counted
        together as other facilities, at the end.
    lang
        ``ko`` or ``en``.
    """
    counts: dict[tuple[str, str], int] = {}
    for kind, count in Counter(kinds).items():
        word = kind_word(kind, lang)
        key = (kind, word) if word else ("", language.word(OTHER, lang))
        counts[key] = counts.get(key, 0) + count
    places = {kind: place for place, kind in enumerate(ORDER)}

    def rank(key: tuple[str, str]) -> tuple[bool, int, str]:
        return not key[0], places.get(key[0], len(ORDER)), key[1]

    return [(*key, counts[key]) for key in sorted(counts, key=rank)]


def facility_name(row: Mapping[str, object], lang: str) -> str:
    """Return the own name of a facility for a reader, or an empty text.

    A name that is nothing but another word for the kind, in the letters of the other language,
    is left to the kind's word in the reader's.
    """
    name = language.read_translated_cell(row, "name", lang)
    only_kind = match_kind(name) if name else ""
    foreign = bool(only_kind) and not language.is_written_in(name, lang)
    return "" if foreign and only_kind == row.get("kind") else name


def facility_label(row: Mapping[str, object], lang: str) -> str:
    """Return what a facility is and its own name: ``세족장 · 북문 세족장``; never an empty text.

    Parameters
    ----------
    row
        ``kind``, ``name`` and perhaps ``name_en``.
    lang
        ``ko`` or ``en``.
    """
    word = kind_word(read_cell_text(row.get("kind")), lang)
    name = facility_name(row, lang)
    if word and name.casefold().startswith(word.casefold()):
        word = ""
    return " · ".join(filter(None, (word, name))) or language.word(OTHER, lang)


def with_kinds(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add what every layer of facilities has: ``kind`` in our words, and ``trail``.

    Parameters
    ----------
    frame
        Points with any of ``COLUMNS``.

    Returns
    -------
    GeoDataFrame
        All columns as they were; a ``kind`` that said it in other words is kept as
        ``original_kind``.
    """
    by_name = {str(column).casefold(): column for column in reversed(list(frame.columns))}
    columns = [by_name[name] for name in COLUMNS if name in by_name]
    texts = frame[[*columns, *(["name"] if "name" in frame else [])]].astype(object)
    rows = texts.where(texts.notna(), None).to_numpy()
    kinds = [
        choose_kind(
            tuple(None if value is None else str(value) for value in row[: len(columns)]),
            str(row[-1]) if "name" in frame and row[-1] is not None else None,
        )
        for row in rows
    ]
    words = pd.Series(kinds, frame.index, dtype="str")
    if "kind" in frame and "original_kind" not in frame:
        stated = frame["kind"].astype("str")
        if (stated.notna() & (stated != words)).any():
            frame = frame.assign(original_kind=frame["kind"])
    if "trail" not in frame:
        frame = frame.assign(trail=pd.Series(None, frame.index, dtype="str"))
    return frame.assign(kind=words)
