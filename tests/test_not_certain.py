"""What residents read of trails of which nobody knows whether they are open."""

from __future__ import annotations

import re

import pytest
from browsing import serve
from gpxtext import gpx, track

LINES = {
    f"gpx/{id_}.gpx": gpx(
        track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=id_)
    )
    for n, id_ in enumerate("ab")
}
SOURCES = {
    "season": {"gpx/trails.csv": "id,season\na,5월쯤\nb,5월쯤\n"},
    "inspection": {"layers/inspections.csv": "길,점검일,판정\n전체,2026-11-20,최상\n"},
    "closure": {"layers/closures.csv": "trail_id,from,to\n전체,언제,\n"},
    "closures": {"layers/closures.xlsx": "x"},
}


def read_pages(make_folder, files, lang):
    client = serve(make_folder({**LINES, **files})).test_client()
    pages = [client.get(f"/{page}?lang={lang}").text for page in ("trails/a", "trails/", "")]
    (script,) = set(re.findall(r"days-\d{8}-[^\"?]+\.js", pages[0]))
    return [*pages, client.get(f"/{script}").text]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ko", "열려 있는지 알 수 없습니다"),
        ("en", "Whether it is open is not known."),
    ],
)
def test_residents_read_no_names_of_files_and_columns(make_folder, source, lang, words):
    trail, *others = read_pages(make_folder, SOURCES[source], lang)
    assert words in trail
    for page in (trail, *others):
        # What the first page folds away at its foot names files, since it is for the office.
        text = re.sub(r'(?s)<details class="faults">.*?</details>|<[^>]*>', "", page)
        assert not re.search(r"(gpx|layers)/[a-z]+\.(csv|xlsx): |(grade|from|season): ", text)


def test_programs_and_planners_have_the_file_with_the_reason(make_city):
    city = make_city({**LINES, **SOURCES["inspection"]})
    (finding,) = [each for each in city.check() if each.code == "state-unknown"]
    assert "layers/inspections.csv: nobody can tell what an inspection found" in finding.message


@pytest.mark.parametrize(
    ("status", "korean", "english"),
    [
        (
            ("이상함", "이상함"),
            "열렸는지 확인되지 않은 길 2곳",
            "2 trails that are not known to be open",
        ),
        (
            ("이상함", "closed"),
            "열렸는지 확인되지 않은 길 2곳",
            "2 trails that are not known to be open",
        ),
        (("closed", "closed"), "열리지 않은 길 2곳", "2 trails that are not open"),
        (("closed", "open"), "열리지 않은 길 1곳", "1 trail that is not open"),
    ],
)
def test_what_nobody_knows_is_not_called_shut(make_folder, status, korean, english):
    files = {**LINES, "gpx/trails.csv": "id,status\na,{}\nb,{}\n".format(*status)}
    client = serve(make_folder(files)).test_client()
    for lang, words in (("ko", korean), ("en", english)):
        page = client.get(f"/?lang={lang}").text.replace("\xa0", " ")
        heading = page.partition('id="rest-title"')[2].partition("</h2>")[0]
        assert heading.partition(">")[2].strip() == words
