"""Korean and English: every text has its translation, numbers are written as people read them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import mapserver
from mapserver.text import language
from mapserver.text.languages import LANGUAGES, TRANSLATIONS

ROOT = Path(__file__).parents[1]


def data_words(template: set) -> set[str]:
    """Of all texts, those that stand in the data and are Korean to begin with."""
    return {text for text in template if isinstance(text, str) and re.fullmatch("[가-힣]+", text)}


def catalog(lang: str):
    path = TRANSLATIONS / lang / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=lang)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract"]
    command += ["-F", "babel.cfg", "-k", "N_", "-o", str(path), "."]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 -- our own command
    with path.open("rb") as file:
        return {message.id for message in read_po(file) if message.id}


@pytest.mark.slow
def test_every_text_of_the_program_is_translated_into_korean(template):
    korean = catalog("ko")
    missing = sorted(
        id_
        for id_ in template - data_words(template)
        if not (found := korean.get(id_ if isinstance(id_, str) else id_[0])) or not found.string
    )
    assert missing == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_translation_is_left_out_as_a_guess(lang):
    assert [message.id for message in catalog(lang) if message.id and message.fuzzy] == []


VOICE = re.compile(
    r"십시오|(?:해|예|에|아|어|지|네)요\b|[나까]요\?|이 날\b|\s(?:은\(는\)|이\(가\)|을\(를\))"
)
"""What the Korean never has: other voices (하십시오, 해요) and particles that stand apart."""
OTHER_WORDS = {
    "사이트": "누리집",
    "쪽의 주소": "페이지 주소",
    "등록부": "대장",
    "곧은 거리": "직선거리",
    "산책로": "맨발길",
    "종이": "지류",
    "자료판": "자료 버전",
    "권역": "생활권",
    "상황판": "한눈에 보는 현황",
    "표본": "견본",
    "출발점": "시작점",
    "휴장": "운영 기간 아님",
    "전화기": "휴대전화",
    "누적": "오르막",
    "한도": "기준치",
    "달별": "월별",
    "연결동": "연계동",
    "바탕지도": "배경지도",
    "메시지": "문자",
    "상자": "범위",
    "지물": "항목",
}
"""Words that once stood for a thing beside the one by which it is called."""


def list_korean_texts():
    for message in catalog("ko"):
        if message.id:
            texts = message.string
            yield from [texts] if isinstance(texts, str) else texts


def test_the_korean_speaks_in_one_voice():
    assert [text for text in list_korean_texts() if VOICE.search(text)] == []


@pytest.mark.parametrize("other", OTHER_WORDS)
def test_a_thing_has_one_korean_name(other):
    assert [text for text in list_korean_texts() if other in text] == [], OTHER_WORDS[other]


def test_no_text_calls_a_shop_otherwise():
    assert [text for text in list_korean_texts() if re.search("상점(?!가)", text)] == []


@pytest.mark.parametrize(
    "kind", ["shops and members", "shops", "counts of a list", "shops of a district"]
)
def test_residents_read_one_word_for_shops(kind):
    korean = language.translator("ko").gettext
    text = {
        "shops and members": korean(
            "%(count)s districts, %(shops)s shops, %(members)s take Onnuri certificates."
        ),
        "shops": korean("{count} shops"),
        "counts of a list": korean("Shops: {shown} of {count}"),
        "shops of a district": korean("%(count)s shop"),
    }[kind]
    assert "가게" in text


@pytest.mark.slow
def test_no_text_stands_inside_a_formatted_string_where_it_would_not_be_collected():
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "mapserver").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "N_"
    ]
    assert hidden == []


def test_every_korean_word_of_the_data_has_an_english_one(template):
    english = catalog("en")
    words = data_words(template)
    assert words
    assert [id_ for id_ in words if not english.get(id_).string] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_translations_keep_the_placeholders(lang):
    texts = catalog(lang)
    faults = [str(e) for m in texts if m.id and m.string for e in m.check(texts)]
    assert faults == []
    for message in texts:
        if message.id and "".join(message.string):
            # A text with a singular and a plural is a pair; Korean has one form for both.
            forms = [message.id] if isinstance(message.id, str) else [*message.id]
            assert braces(message.string) in [*map(braces, forms), braces(message.id)], message.id


def braces(text: str | tuple[str, ...]) -> set[str]:
    text = "".join(text)
    return {part.split("}")[0] for part in text.split("{")[1:] if "}" in part}


@pytest.mark.parametrize(
    ("asked", "accepted", "expected"),
    [
        (None, [], "ko"),
        ("en", ["ko"], "en"),
        ("xx", ["en-US", "ko"], "en"),
        (None, ["fr", "en"], "en"),
        (None, ["ko-KR", "en"], "ko"),
        (None, ["*"], "ko"),
        (None, ["-", "!!", ""], "ko"),
    ],
)
def test_the_language_is_the_one_asked_for_then_the_browser_s(asked, accepted, expected):
    assert language.negotiate(asked, accepted, ("ko", "en")) == expected


@pytest.mark.parametrize(
    ("metres", "text"),
    [(0, "0 m"), (350.4, "350 m"), (999.4, "999 m"), (999.5, "1.0 km"), (8_712, "8.7 km")],
)
def test_distances_are_metres_then_kilometres(metres, text):
    for lang in ("en", "ko"):
        # No end of a line parts a number from its unit.
        assert language.distance(metres, lang) == text.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("{hours} h {minutes} min", "{hours}~h {minutes}~min"),
        ("Straight line, at 4 km/h.", "Straight line, at 4~km/h."),
        ("오르막 {climb} m마다 1분", "오르막 {climb}~m마다 1분"),
        ("over {moderate} m of climb", "over {moderate}~m of climb"),
        ("약 3분", "약 3분"),  # Korean counts have no space before their unit
        ("{count} methods, 3 minutes, 2 hours", "{count} methods, 3 minutes, 2 hours"),
        ("Section 2 m", "Section 2~m"),
    ],
)
def test_no_end_of_a_line_parts_a_number_from_its_unit(text, joined):
    assert language.join_units(text) == joined.replace("~", "\N{NO-BREAK SPACE}")


COUNTED_ALIKE = {
    "a {format} file holds one layer, and these are {count}",
    "{count} files with the same columns are taken as one layer: {files}",
    "{count} shops could be the member {member}; none is marked",
    "all {count} heights are 0, which recorders write for unknown: they count as that",
    "{count} found",
    "{count} of {all} streets and paths are left out: nobody may walk there",
}
"""Texts about several things in any case."""
OF_PICTURES = {"{count} things", "{count} shops", "without {count} shops that do not say"}


def test_a_text_that_counts_things_is_right_for_one_of_them(template):
    """Two forms, or the count behind the word: ``features without an id: 1``."""
    texts = {id_ for id_ in template if isinstance(id_, str)} - COUNTED_ALIKE - OF_PICTURES
    assert [text for text in sorted(texts) if re.match(r"(?:all )?\{count\} \w+", text)] == []


CODES_ELSEWHERE = {
    "text/languages.py": "the rows themselves",
    "text/code_pages.py": "languages that encodings are made for, whether the program speaks them",
    "text/encoding.py": "the same",
}
"""Modules that name a language by its code, and why."""


def test_a_language_is_named_by_its_code_in_its_row_alone():
    package = Path(mapserver.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in {"ko", "en"}:
                found.add(path.relative_to(package).as_posix())
    assert found == set(CODES_ELSEWHERE)
