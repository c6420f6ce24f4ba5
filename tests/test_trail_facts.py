"""What is known of a trail, and what is not: figures, facilities, the language of its words."""

import shapely
from cities import city_of, frame_of

from mapserver.drawing.captions import Captions
from mapserver.drawing.trail_facts import (
    Level,
    choose_level,
    estimate_walk,
    find_whether,
    read_trail_facts,
)
from mapserver.text import language

FACILITIES = ("foot_wash", "toilet", "light")


def city_with(**columns):
    line = shapely.LineString([(126.85, 35.14), (126.853, 35.14)])
    return city_of(trails=frame_of([line], **columns))


def caption_of(city, lang="ko"):
    return Captions(city, lang, city.today()).of("trails")[0]


def test_an_empty_cell_is_neither_yes_nor_no():
    facts = read_trail_facts({"foot_wash": None, "lighting": None})
    assert [getattr(facts, kind) for kind in FACILITIES] == [None, None, None]


def test_what_stands_along_a_trail_says_nothing_of_other_kinds():
    facts = read_trail_facts({}, {"bench", "foot_wash"})
    assert [getattr(facts, kind) for kind in FACILITIES] == [True, None, None]


def test_the_register_says_that_there_is_none():
    facts = read_trail_facts({"foot_wash": False, "toilet": False, "lighting": True})
    assert [getattr(facts, kind) for kind in FACILITIES] == [False, False, True]


def test_what_stands_there_counts_more_than_an_old_no():
    assert find_whether(cell=False, is_drawn=True) is True


def test_cells_of_a_layer_that_is_no_register_are_read_in_words():
    cells = ("있음", "No", "유", "×", "", "perhaps", "2", 1, float("nan"))
    answers = [find_whether(cell, is_drawn=False) for cell in cells]
    assert answers == [True, False, True, False, *[None] * 5]


def test_of_a_trail_without_line_or_heights_nothing_is_made_up():
    facts = read_trail_facts({"length_m": None, "ascent_m": 12.0})
    assert (facts.length_m, facts.walk_min, facts.level, facts.is_level) == (None,) * 4
    flat = read_trail_facts({"length_m": 254.0, "ascent_m": float("nan")})
    assert (flat.walk_min, flat.level, flat.is_level) == (6, None, None)


def test_a_walk_takes_time_for_its_length_and_for_its_climb():
    assert estimate_walk(1300, 0) == 30
    assert estimate_walk(1300, 100) == 40
    # What a receiver's noise adds on level ground takes nobody any time.
    assert estimate_walk(1000, 5.9) == estimate_walk(1000, 0)


def test_a_level_changes_at_each_limit_of_the_rule():
    levels = [choose_level(length, climb) for length, climb in ((5000, 30), (5000, 30.1))]
    assert levels == [Level.EASY, Level.MODERATE]
    assert [choose_level(9000, climb) for climb in (150, 150.1)] == [Level.MODERATE, Level.HARD]
    # Steep, though not high; and too low to be steep for anybody.
    assert [choose_level(100, climb) for climb in (9.1, 5.9)] == [Level.MODERATE, Level.EASY]


def test_minutes_are_written_as_each_language_has_them():
    assert [language.duration(n, "ko").replace("\xa0", " ") for n in (6, 60, 90)] == [
        *("6분", "1시간", "1시간 30분")
    ]
    assert language.duration(90, "en").replace("\xa0", " ") == "1 hr 30 min"


def test_a_name_that_nobody_translated_says_its_language():
    city = city_with(name=["금당산"], notes=["수업 시간에는 이용할 수 없음"])
    korean, english = caption_of(city, "ko"), caption_of(city, "en")
    assert (korean.name_lang, korean.notes_lang) == ("", "")
    assert (english.name, english.name_lang, english.notes_lang) == ("금당산", "ko", "ko")


def test_a_translated_name_and_one_in_the_readers_letters_are_the_readers():
    city = city_with(name=["금당산"], name_en=["Geumdangsan"])
    assert caption_of(city, "en").name_lang == ""
    assert caption_of(city_with(name=["City Loop"]), "en").name_lang == ""


def test_the_language_of_a_name_is_the_citys_where_letters_say_nothing():
    assert language.find_language("Mauerweg", ("de", "en"), "en") == "de"
    assert language.find_language("גן סאקר", ("he", "en"), "en") == "he"
    assert language.find_language("Park", ("ko",), "en") == "en"
