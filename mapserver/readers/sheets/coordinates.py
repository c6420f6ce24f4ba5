"""Columns of coordinates: the names that people give them, in one table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

Pairs = tuple[tuple[str, str], ...]

LONLAT: Pairs = (
    ("lon", "lat"),
    ("경도", "위도"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("long", "lat"),
    ("lot", "lat"),  # open data of Seoul
    ("wgs84경도", "wgs84위도"),
    ("refinewgs84logt", "refinewgs84lat"),  # open data of Gyeonggi-do
    ("longitudewgs84", "latitudewgs84"),
    ("wgs84longitude", "wgs84latitude"),
    ("decimallongitude", "decimallatitude"),  # Darwin Core
    ("gpslongitude", "gpslatitude"),
    ("gps경도", "gps위도"),
    ("경도좌표", "위도좌표"),
    ("x경도", "y위도"),
    ("경도x", "위도y"),
    ("longdd", "latdd"),
    ("londeg", "latdeg"),
    ("long", "latt"),
    ("längengrad", "breitengrad"),
    ("laengengrad", "breitengrad"),
    ("länge", "breite"),
    ("longitud", "latitud"),
    ("longitudine", "latitudine"),
    ("lengtegraad", "breedtegraad"),
    ("longitud", "latitude"),
    ("経度", "緯度"),
    ("经度", "纬度"),
    ("經度", "緯度"),
    ("долгота", "широта"),
    ("довгота", "широта"),
    ("bujur", "lintang"),
    ("garisbujur", "garislintang"),
    ("boylam", "enlem"),
    ("długość", "szerokość"),
    ("długośćgeograficzna", "szerokośćgeograficzna"),
    ("délka", "šířka"),
    ("hosszúság", "szélesség"),
    ("longitudinegeografică", "latitudinegeografică"),
    ("kinhđộ", "vĩđộ"),
    ("kinhdo", "vido"),
    ("ลองจิจูด", "ละติจูด"),
    ("μήκος", "πλάτος"),
    ("lengdegrad", "breddegrad"),
    ("longitud", "breddgrad"),
    ("pituuspiiri", "leveyspiiri"),
    ("خطالطول", "خطالعرض"),
    ("קואורך", "קורוחב"),
)
"""Names of longitude and latitude, simplified; what stands first is taken first."""

GRID: Pairs = (
    ("x", "y"),
    ("x좌표", "y좌표"),
    ("좌표x", "좌표y"),
    ("좌표정보x", "좌표정보y"),  # licensing data of the ministry
    ("좌표정보x축", "좌표정보y축"),
    ("x축좌표", "y축좌표"),
    ("x축", "y축"),
    ("xcrd", "ycrd"),
    ("xcoord", "ycoord"),
    ("xcoordinate", "ycoordinate"),
    ("coordx", "coordy"),
    ("coordinatex", "coordinatey"),
    ("xpos", "ypos"),
    ("posx", "posy"),
    ("pointx", "pointy"),  # ArcGIS
    ("xcentroid", "ycentroid"),
    ("tmx", "tmy"),
    ("tmx좌표", "tmy좌표"),
    ("x좌표tm", "y좌표tm"),
    ("utmx", "utmy"),
    ("utmkx", "utmky"),
    ("easting", "northing"),
    ("eastings", "northings"),
    ("east", "north"),
    ("e", "n"),
    ("rechtswert", "hochwert"),
    ("ostwert", "nordwert"),
    ("este", "norte"),
    ("est", "nord"),
    ("x座標", "y座標"),
    ("x坐标", "y坐标"),
    ("동향", "북향"),
)
"""Names of eastings and northings, or of what may be either."""

OTHER_NAMES = (
    *("상호명", "상호", "업소명", "가게명", "점포명", "시설명", "시설명칭", "명칭", "이름", "성명"),
    *("연번", "순번", "번호", "구분", "분류", "업종", "종류", "주소", "소재지", "도로명주소"),
    *("지번주소", "소재지주소", "행정동", "법정동", "전화번호", "연락처", "면적", "비고", "등록일"),
    *("지정일", "시장명", "상점가명", "공원명", "노선명", "길이", "연장", "폭", "위치", "관리번호"),
    *("관리기관", "데이터기준일자", "인구", "세대수", "코드", "우편번호", "id", "name", "no"),
    *("number", "address", "phone", "type", "category", "kind", "area", "note", "notes"),
    *("remarks", "date", "code", "zip", "store", "shop", "title", "wkt", "가맹점명"),
)
"""Other names of columns by which a header is known."""

SIGNS = re.compile(r"[\W_]+")


def simplify_coordinate(name: object) -> str:
    """Return a name without blanks, punctuation and case: ``좌표정보(X)`` is ``좌표정보x``."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", str(name)).casefold())


def find_coordinate_columns(
    columns: Iterable[object], *, prefer_grid: bool
) -> tuple[str, str, bool] | None:
    """Find the columns of longitude and latitude, or easting and northing.

    Parameters
    ----------
    columns
        Names. Of one that was joined from two rows of a header the last word counts as well.
    prefer_grid
        The coordinates are said to be projected: where there are both, x and y are meant.

    Returns
    -------
    x, y : str
        The columns' names.
    is_degrees : bool
        Their names are those of longitude and latitude.
        None where there is no pair.
    """
    by_name: dict[str, str] = {}
    # Of X(GRS80TM) and X(WGS84) that counts which is asked for.
    names = sorted(map(str, columns), key=lambda n: ("wgs84" in n.casefold()) == prefer_grid)
    # Full names first: a shortened one must not take the place of a column that is called so.
    for shorten in (str, _drop_remark, _take_last_word):
        for name in names:
            by_name.setdefault(simplify_coordinate(shorten(name)), name)
    # Where a table has both kinds of columns, the kind that the stated CRS needs is looked for
    # first.
    tables = ((GRID, False), (LONLAT, True)) if prefer_grid else ((LONLAT, True), (GRID, False))
    for pairs, is_degrees in tables:
        for x, y in _simplify_pairs(pairs):
            if x in by_name and y in by_name and by_name[x] != by_name[y]:
                return by_name[x], by_name[y], is_degrees
    return _find_mixed_pair(by_name)


@cache
def _simplify_pairs(pairs: Pairs) -> Pairs:
    return tuple((simplify_coordinate(x), simplify_coordinate(y)) for x, y in pairs)


def _drop_remark(name: str) -> str:
    """Return a name without what stands in brackets: ``경도(WGS84)``."""
    return re.sub(r"[(\[（][^)\]）]*[)\]）]", "", name)


def _take_last_word(name: str) -> str:
    return name.rsplit(" ", maxsplit=1)[-1]


def _find_mixed_pair(by_name: dict[str, str]) -> tuple[str, str, bool] | None:
    """Find the only name of a longitude and the only one of a latitude: ``lng`` and ``위도``."""
    for pairs, is_degrees in ((LONLAT, True), (GRID, False)):
        simple = _simplify_pairs(pairs)
        xs = {by_name[x] for x, _ in simple if x in by_name}
        ys = {by_name[y] for _, y in simple if y in by_name}
        # A pair of two tables is taken only if it is the only one: more would be a guess.
        if len(xs) == len(ys) == 1 and xs != ys:
            return xs.pop(), ys.pop(), is_degrees
    return None
