"""Text without a label: Korean is read, other languages are told apart, and doubt asks."""

from __future__ import annotations

import csv
import random

import geopandas as gpd
import pytest

from mapserver.errors import DataError
from mapserver.model import LayerEntry, Role
from mapserver.readers.vector import read_layer
from mapserver.settings import limits
from mapserver.text import code_pages, encoding
from mapserver.text.code_pages import choose_reading, find_languages, weigh_readings
from mapserver.text.encoding_names import find_codec

SEOGU = (126.8, 35.1, 126.9, 35.2)
FOREIGN = {
    "gb18030": "人民公园 中山路商店 天府广场 北京图书馆 解放路超市 赤脚步道 长江大桥 社区医院",
    "big5": "大安森林公園 臺北市立動物園 中山路商店 信義區公所 赤腳步道 火車站 圖書館 夜市",
    "cp932": "代々木公園 新宿御苑のトイレ 裸足の道 大阪城公園 市役所前 ベンチ 図書館 駅前商店街",
    "euc_jp": "代々木公園 新宿御苑のトイレ はだしの道 大阪城公園 みずのひろば ベンチ さくら通り",
    "tis_620": "สวนลุมพินี ห้องน้ำสาธารณะ ตลาดกรุงเทพ โรงเรียน ถนนสุขุมวิท เชียงใหม่",
    "cp1251": "Парк Горького Сокольники улица Ленина туалет набережная площадь Победы",
    "koi8_r": "Парк Горького Сокольники улица Ленина туалет набережная площадь Победы",
    "cp1253": "Εθνικός Κήπος Πλατεία Συντάγματος Θεσσαλονίκη δρόμος σχολείο",
    "cp1255": "פארק הירקון גן העיר תל אביב רחוב דיזנגוף שירותים בית ספר ירושלים",
    "cp1256": "حديقة الأزهر شارع النيل القاهرة مدرسة سوق المدينة مستشفى",
    "cp1252": "Barfußpfad Köln Grünanlage Süd Forêt de Sénart Allée des chênes Málaga",
    "cp1250": "Łazienki Królewskie Ścieżka bosa Plac Zwycięstwa Źródło Żoliborz",
    "cp1254": "Gülhane Parkı Yıldız Korusu Şehir Ağaç yolu Çeşme İstanbul",
    "cp1257": "Vingio parkas šalia Žvėrynas gatvė mokykla ąžuolas",
    "latin-1": "Ström Gård Öland Åre Skövde Sjövägen",
}
ASKING = {"cp1252", "cp1250", "cp1254", "cp1257", "latin-1"}


def write_table(text: str, lon: float, lat: float) -> str:
    rows = [f"{word},{lon + n / 1000:.3f},{lat:.3f}" for n, word in enumerate(text.split())]
    return "\n".join(["name,lon,lat", *rows, ""])


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_text_is_read_right_or_asked_about_and_never_garbled(name):
    text = write_table(FOREIGN[name], 10.0, 60.0)  # a place that speaks for none of them
    try:
        result = encoding.decode_text(text.encode(name), where="t.csv")
    except DataError as error:
        assert "--encoding" in str(error)
        assert FOREIGN[name].split()[0] in str(error) or name in ASKING
    else:
        assert result == text


@pytest.mark.parametrize("name", sorted(FOREIGN.keys() - ASKING))
def test_foreign_text_is_read_where_no_place_is_known(name):
    text = "\n".join(["name", *FOREIGN[name].split()])
    assert encoding.decode_text(text.encode(name), where="t.csv") == text


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_foreign_text_in_a_korean_city_is_asked_about(name):
    text = write_table(FOREIGN[name], 126.85, 35.14)
    with pytest.raises(DataError, match="--encoding"):
        encoding.decode_text(text.encode(name), where="t.csv", city_box=SEOGU)


def test_the_question_shows_how_the_text_would_read():
    with pytest.raises(DataError) as caught:
        encoding.decode_text(write_table("北京 广场", 126.85, 35.14).encode("gbk"), where="t.csv")
    assert "gb18030: 北京, 广场" in str(caught.value)
    assert "cp949: 굇쑴, 밤끝" in str(caught.value)


def test_latin_letters_do_not_stand_in_one_word_with_others():
    with pytest.raises(DataError) as caught:
        encoding.decode_text("café à côté".encode("latin-1"), where="x")
    assert str(caught.value).index("café") < str(caught.value).index("cafй")


@pytest.mark.parametrize(
    "text",
    [
        "행복한 칼국수,양동시장 과일가게",
        "화장실,세족장",
        "상무지구,금호동",
        "GS25 풍암점,CU 쌍촌점",
        "무각사(無覺寺),운천저수지",
        "폭(㎡),맨발길 · 산책로",
        "벤치,입구",
        "맛조이,화삼골",
    ],
)
def test_a_few_korean_words_are_korean(text):
    data = write_table(text.replace(",", " "), 126.85, 35.14).encode("cp949")
    assert encoding.detect_encoding([data], city_box=SEOGU)[0] == "cp949"
    assert encoding.detect_encoding([data])[0] == "cp949"


def test_korean_names_of_shops_are_korean_in_every_sample(test_data):
    path = test_data / "shops_sample_utf8bom.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = sorted({row["상호명"].strip() for row in csv.DictReader(file)} - {""})
    names = [name for name in names if not name.isascii() and "똠" not in name]
    choose = random.Random(14)  # noqa: S311 -- no secret
    asked = 0
    for _ in range(150):
        data = "\n".join(choose.sample(names, 3)).encode("cp949", "ignore")
        chosen = choose_reading(weigh_readings([data], may_be_cut=False), {"ko"})
        asked += chosen is None
        assert chosen is None or chosen.encoding == "cp949"
    assert asked <= 1


def test_a_field_cut_in_the_middle_of_a_syllable_counts_for_nothing():
    whole = "광주광역시 서구 풍암동".encode("cp949")
    pieces = [whole[:9], "양동시장".encode("cp949"), whole[:14]]
    assert encoding.detect_encoding(pieces)[0] == "cp949"


def test_a_shapefile_in_chinese_is_not_read_as_korean(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": FOREIGN["gb18030"].split()},
        geometry=gpd.points_from_xy([126.85 + n / 1000 for n in range(8)], [35.14] * 8),
        crs=4326,
    )
    frame.to_file(tmp_path / "a.shp", encoding="gb18030")
    (tmp_path / "a.cpg").unlink()
    entry = LayerEntry("a", Role.LAYER)
    with pytest.raises(DataError, match="gb18030: 北京图书馆"):
        read_layer(tmp_path / "a.shp", entry, name="a.shp", city_box=SEOGU)
    entry = LayerEntry("a", Role.LAYER, encoding="gbk")
    frame, _ = read_layer(tmp_path / "a.shp", entry, name="a.shp", city_box=SEOGU)
    assert frame["name"].tolist() == FOREIGN["gb18030"].split()


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("TIS-620", "cp874"),
        ("Shift_JIS", "cp932"),
        ("sjis", "cp932"),
        ("Big5", "cp950"),
        ("EUC-JP", "euc_jp"),
        ("windows-1251", "cp1251"),
        ("Windows 1252", "cp1252"),
        ("latin-1", "iso8859-1"),
        ("koi8-r", "koi8-r"),
        ("utf-16", "utf-16"),
        ("mac_roman", "mac-roman"),
    ],
)
def test_any_name_of_an_encoding_is_understood(label, codec):
    assert find_codec(label) == codec


@pytest.mark.parametrize(
    "label",
    [
        "cp94",
        "utf-99",
        "korea",
        "base64",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "x",
    ],
)
def test_an_unknown_name_is_answered_with_those_that_resemble_it(label):
    with pytest.raises(DataError, match="Names are those that Python knows: "):
        find_codec(label)


def test_near_names_are_suggested():
    with pytest.raises(DataError, match="cp949"):
        find_codec("cp94")


def test_the_languages_of_a_place_come_from_the_degrees_in_the_text():
    assert find_languages(b"a,126.851,35.145\n") == {"ko"}
    assert find_languages(b"a,35.68;139.76") == {"ja"}
    assert find_languages(b"a,116.40,39.90\n") == {"zh"}
    assert find_languages(b"a,188542.1,183222.7") is None
    assert find_languages(b"no place", SEOGU) == {"ko"}
    assert find_languages(b"6.95,50.93") == set()


# -- short lists, and labels that lie ------------------------------------------------------------

KANJI = """
東京 大阪 京都 横浜 札幌 神戸 福岡 広島 千葉 新潟 静岡 岡山 長崎 金沢 公園 図書館 市役所 病院
学校 駅前 温泉 海岸 遊歩道 足湯 便所 駐車場 東口 西口 中央通 本町 緑町 新町 美術館 博物館
動物園 植物園 水族館 保健所 公民館 体育館 小学校 郵便局 警察署 銀行 市場 食堂 薬局
書店 花屋 酒屋 旅館 名称 経度 緯度 住所 電話 備考 種類 番号 面積
"""


@pytest.mark.parametrize("languages", [{"ko"}, None])
def test_pairs_of_kanji_in_euc_jp_are_asked_about_nearly_always(languages):
    choose = random.Random(15)  # noqa: S311 -- no secret
    lists = ["\n".join(choose.sample(KANJI.split(), 2)).encode("euc_jp") for _ in range(200)]
    chosen = [choose_reading(weigh_readings([d], may_be_cut=False), languages) for d in lists]
    assert sum(reading is not None for reading in chosen) <= 2  # 14 without a look at syllables


SHORT = {
    "gb18030": ["广场", "北京 公园", "名称 地址 电话"],
    "cp932": ["公園", "東口 西口", "名称 住所 電話"],
    "euc_jp": ["図書館", "東京 大阪", "薬局 公園 食堂 水族館"],
    "big5": ["公園", "臺北 高雄", "圖書館 學校 醫院"],
}


@pytest.mark.parametrize("name", SHORT)
def test_short_lists_in_other_encodings_are_asked_about_and_the_answer_is_followed(name):
    for words in SHORT[name]:
        text = write_table(words, 126.85, 35.14)
        with pytest.raises(DataError, match="--encoding") as caught:
            encoding.decode_text(text.encode(name), where="t.csv", city_box=SEOGU)
        assert words.split()[0] in str(caught.value), caught.value  # as it would read
        assert encoding.decode_text(text.encode(name), where="t.csv", label=name) == text


def test_a_word_of_two_letters_proves_korean_in_korea_alone():
    data = "공원".encode("cp949")
    assert encoding.detect_encoding([data], city_box=SEOGU)[0] == "cp949"
    with pytest.raises(DataError, match="cp949: 공원"):
        encoding.detect_encoding([data], city_box=(139.6, 35.6, 139.8, 35.8))


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "words", ["공원", "풍암동 맨발길 운천저수지 산책로", "park lake", "公園 図書館"]
)
def test_utf_16_without_a_mark_is_known_by_its_zeros(name, words):
    text = write_table(words, 126.85, 35.14)
    assert encoding.decode_text(text.encode(name), where="t.csv", city_box=SEOGU) == text


def test_zeros_in_a_text_of_bytes_are_no_utf_16():
    assert encoding.find_wide_encoding("name,공원\0\0\n".encode("cp949")) is None
    assert encoding.find_wide_encoding(b"\0" * 10) is None


def write_labelled(path, words: str, codec: str, label: int | str) -> None:
    """Write a shapefile in one encoding that states another, by its language byte or .cpg."""
    names = words.split()
    points = gpd.points_from_xy(
        [126.85 + n / 1000 for n in range(len(names))], [35.14] * len(names)
    )
    gpd.GeoDataFrame({"name": names}, geometry=points, crs=4326).to_file(path, encoding=codec)
    cpg, dbf = path.with_suffix(".cpg"), path.with_suffix(".dbf")
    cpg.unlink()
    if isinstance(label, str):
        cpg.write_text(label)
    else:
        dbf.write_bytes(dbf.read_bytes()[:29] + bytes([label]) + dbf.read_bytes()[30:])


LABELS = [0x13, 0x7B, 0x4D, 0x7A, 0x4F, 0x78, "Shift_JIS", "GBK", "gb18030", "Big5", "936"]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("words", ["행복한칼국수 양동시장 풍암호수공원", "상무지구 금호동"])
def test_korean_text_beside_a_label_of_another_language_is_korean_or_asked_about(
    tmp_path, label, words
):
    write_labelled(tmp_path / "a.shp", words, "cp949", label)
    entry = LayerEntry("a", Role.LAYER)
    try:
        frame, findings = read_layer(tmp_path / "a.shp", entry, name="a.shp", city_box=SEOGU)
    except DataError as error:
        assert f"cp949: {words.split()[0]}" in str(error)
    else:
        assert list(frame["name"]) == words.split()
        assert "encoding-label-wrong" in {finding.code for finding in findings}


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("cp932", 0x13),
        ("cp932", "Shift_JIS"),
        ("gb18030", 0x4D),
        ("gb18030", "GBK"),
        ("big5", 0x4F),
    ],
)
@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_label_that_is_true_is_believed_in_korea_too(tmp_path, codec, label, count):
    words = " ".join(FOREIGN[codec].split()[:count])
    write_labelled(tmp_path / "a.shp", words, codec, label)
    entry = LayerEntry("a", Role.LAYER)
    frame, findings = read_layer(tmp_path / "a.shp", entry, name="a.shp", city_box=SEOGU)
    assert list(frame["name"]) == words.split()
    assert "encoding-label-wrong" not in {finding.code for finding in findings}


@pytest.mark.parametrize("label", [0x4E, 0x79, "EUC-KR", "949"])
def test_a_label_of_korean_is_believed_for_two_letters(tmp_path, label):
    write_labelled(tmp_path / "a.shp", "공원 못긍", "cp949", label)
    entry = LayerEntry("a", Role.LAYER)
    frame, _ = read_layer(tmp_path / "a.shp", entry, name="a.shp")
    assert list(frame["name"]) == ["공원", "못긍"]


def test_of_a_line_without_end_only_a_part_is_weighed(monkeypatch):
    weighed = []
    weigh = code_pages._weigh_models

    def count(data, models):
        weighed.append(len(data))
        return weigh(data, models)

    monkeypatch.setattr(code_pages, "_weigh_models", count)
    monkeypatch.setattr(limits, "MAX_WEIGHED_BYTES", 2001)  # in the middle of a syllable
    line = ",".join(["행정동이름", "골목형상점가"] * 300)
    assert encoding.prove_encoding(f"{line}\n{line}\n".encode("cp949"))[0] == "cp949"
    assert max(weighed) <= 2001
