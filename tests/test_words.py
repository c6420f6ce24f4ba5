"""The words of a city for its things: one door for all texts of the program."""

from __future__ import annotations

import pytest
from gpxtext import gpx

from mapserver.model.words import Phrases, Word, Words

CITY = Words(
    trail=Word.read({"en": ["cycle path", "cycle paths"], "ko": "자전거길"}),
    district=Word.read({"en": ["arcade", "arcades"]}),
    certificate=Word.read(["Bay voucher", "Bay vouchers"]),
    paper=Word.read("booklet"),
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Barefoot trail", "Cycle path"),
        ("Find a trail or district", "Find a cycle path or arcade"),
        ("%(count)s trails, %(length)s in all", "%(count)s cycle paths, %(length)s in all"),
        (
            "{city}: barefoot trails and shopping districts on a map",
            "{city}: cycle paths and arcades on a map",
        ),
        ("a district of a trail", "an arcade of a cycle path"),
        ("A shopping district", "An arcade"),
        ("Taking Onnuri", "Taking Bay vouchers"),
        ("Most Onnuri shops first", "Most Bay voucher shops first"),
        ("What the certificate saves", "What the Bay voucher saves"),
        ("paper", "booklet"),
        # These are no things of the city: an office, values, other words.
        ("Tell the district", "Tell the district"),
        ("a message to the district office", "a message to the district office"),
        ("{trail} %(district)s", "{trail} %(district)s"),
        ("trailer, zones", "trailer, zones"),
        ("", ""),
    ],
)
def test_texts_have_the_words_of_the_city(text, written):
    assert Phrases(CITY, "en").say(text) == written


def test_each_language_has_its_own_words():
    assert Phrases(CITY, "ko").say("Find a trail") == "자전거길 찾기"
    assert Phrases(CITY, "en").say_counted("%(num)s trail", "%(num)s trails", 2) == (
        "%(num)s cycle paths"
    )


def test_a_city_without_words_has_those_of_the_program():
    assert Phrases(Words(), "en").say("Barefoot trail") == "Barefoot trail"
    assert Phrases(Words(), "ko").say("Barefoot trail") == "맨발길"


def test_what_was_put_in_is_not_replaced_again():
    words = Words(trail=Word.read("district walk"), district=Word.read("trail head"))
    assert Phrases(words, "en").say("trail and district") == "district walk and trail head"


@pytest.mark.parametrize(
    "words", ['trail = ""', "trail = 3", "trail = []", 'trail = ["a", "b", "c"]', "trail = {}"]
)
def test_a_word_that_is_none_is_an_error_that_names_it(make_city, words):
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": f"[words]\n{words}\n"})
    [finding] = city.findings
    assert finding.code == "catalog-broken"
    assert "words.trail" in finding.message


def test_an_unknown_word_or_map_is_an_error_that_names_it(make_city):
    for text, named in (('[words]\ntrial = "x"\n', "words.trial"), ('map_links = ["x"]\n', "'x'")):
        city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": text})
        [finding] = city.findings
        assert named in finding.message


def test_a_layer_without_a_title_has_the_word_for_many(make_city):
    words = '[words]\ntrail = { en = ["cycle path", "cycle paths"], ko = "자전거길" }\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words})
    title = city.entry("trails").title
    assert [title.in_language(lang) for lang in ("en", "ko")] == ["Cycle paths", "자전거길"]
    named = '[[layers]]\nid = "trails"\nrole = "trails"\ntitle = "Velo"\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words + named})
    assert str(city.entry("trails").title) == "Velo"


def test_the_title_of_a_role_is_the_role_s_in_languages_that_the_catalogue_does_not_say(make_city):
    entry = '[[layers]]\nid = "trails"\nrole = "trails"\ntitle = {{ en = "{title}" }}\n'
    titles = {}
    for title in ("Barefoot trails", "Our trails"):
        files = {"gpx/a.gpx": gpx(), "layers/catalog.toml": entry.format(title=title)}
        titles[title] = make_city(files).entry("trails").title
    assert titles["Barefoot trails"].texts == {"ko": "맨발길", "en": "Barefoot trails"}
    assert titles["Our trails"].texts == {"en": "Our trails"}


def test_what_a_city_lacks_has_its_words(make_city):
    words = '[words]\ndistrict = { en = ["arcade", "arcades"], ko = "아케이드" }\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words})
    assert city.lacks("districts", lang="en") == "Not in this city: Arcades"
    assert city.lacks("districts", lang="ko").endswith("아케이드")
