"""A map as the output of a notebook: a map where it is trusted, a picture where it is not."""

from __future__ import annotations

import base64
import gzip
import html
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import geopandas as gpd
import pandas as pd
import pytest
from browsing import DESK, PHONE, needs_chromium
from conftest import ROOT
from IPython.core.interactiveshell import InteractiveShell

from mapserver import drawing
from mapserver.drawing import notebook_view


@pytest.fixture(scope="module")
def output(sample_city) -> str:
    return sample_city.map()._repr_html_()


def unpack(output: str) -> str:
    """Return the page of the map that an output carries."""
    frame = html.unescape(re.search(r'srcdoc="([^"]+)"', output)[1])
    return gzip.decompress(base64.b64decode(re.search(r'atob\("([^"]+)"\)', frame)[1])).decode()


def sanitize(output: str) -> str:
    """Take out what JupyterLab 4.6 takes out of an output that is not trusted."""
    return re.sub(r"<iframe.*</iframe>", "", output, flags=re.DOTALL)


@pytest.mark.slow
def test_the_output_carries_the_whole_map(output, sample_city):
    page = unpack(output)
    assert "maenballo.furnish" in page
    assert all(f'"id":"{id_}"' in page for id_ in sample_city.trails.index)


@pytest.mark.slow
def test_an_output_is_small(output):
    assert len(output) < 270_000  # with stops, car parks and toilets


@needs_chromium
def test_where_it_is_trusted_the_map_lies_over_its_picture(output, browser):
    page = browser.new_page(viewport=DESK)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.route("http*://**", lambda route: route.abort())
    page.set_content(f"<!DOCTYPE html><body>{output}</body>")
    frame = page.frame_locator("iframe")
    frame.locator(".leaflet-container").wait_for()
    assert frame.locator(".map-badge").count() == 1
    assert frame.locator(".name-text").count() > 3
    inner, outer = page.locator("iframe").bounding_box(), page.locator("body > div").bounding_box()
    assert inner == outer
    assert faults == []
    page.close()


@needs_chromium
@pytest.mark.parametrize(("lang", "sentence"), [("ko", "신뢰"), ("en", "Trust Notebook")])
def test_where_it_is_not_trusted_a_picture_stays_and_says_what_to_do(
    lang, sentence, sample_city, browser
):
    rate = pd.Series(0.5, sample_city.neighborhoods.index, name="비율 <b>")
    untrusted = sanitize(sample_city.map(lang=lang, color=rate, unit="%")._repr_html_())
    assert "script" not in untrusted
    page = browser.new_page(viewport=DESK)
    page.set_content(f"<!DOCTYPE html><body>{untrusted}</body>")
    picture = page.locator("img")
    assert picture.evaluate("one => one.naturalWidth") > 500
    assert picture.get_attribute("alt")
    assert sentence in page.locator("p").inner_text()
    page.close()


@needs_chromium
def test_korean_words_in_tables_do_not_break(sample_city, browser):
    table = pd.DataFrame(
        {"맨발길까지의거리 (m)": ["상무시민공원맨발길을한바퀴도는길"] * 2}, ["가", "나"]
    )
    page = browser.new_page(viewport=PHONE)
    for written in (notebook_view.write_table(table), sample_city.layers._repr_html_()):
        page.set_content(f'<!DOCTYPE html><div style="width: 40px">{written}</div>')
        ways = "cells => cells.map(cell => getComputedStyle(cell).wordBreak)"
        assert set(page.locator("th, td").evaluate_all(ways)) == {"keep-all"}
        heights = "cells => cells.map(cell => cell.getBoundingClientRect().height)"
    page.set_content(f'<!DOCTYPE html><div style="width: 40px">{notebook_view.write_table(table)}')
    assert max(page.locator("td").evaluate_all(heights)) < 30
    page.close()


def test_a_notebook_shows_its_tables_so_and_their_texts_whole(monkeypatch):
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    remedy = "Add a column with the English name, or take the language out of the catalogue"
    with pd.option_context("display.max_colwidth", 50):  # as pandas begins, and put back
        notebook_view.show_tables()
        bundle, _ = shell.display_formatter.format(pd.DataFrame({"가": [remedy]}))
        assert "keep-all" in bundle["text/html"]
        assert remedy in bundle["text/html"]
        bundle, _ = shell.display_formatter.format(gpd.GeoDataFrame({"가": [1]}))
        assert "keep-all" in bundle["text/html"]


def test_a_city_with_nothing_in_it_has_an_output(make_city):
    assert "srcdoc=" in make_city({}).map()._repr_html_()


def test_without_matplotlib_the_sentence_stays(make_city, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in [name for name in sys.modules if name.startswith("mapserver.drawing.figures")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(drawing, "figures", raising=False)
    written = make_city({}).map(lang="en")._repr_html_()
    assert "Trust Notebook" in written
    assert "maenballo.furnish" in unpack(written)


def test_a_title_is_text_in_the_output():
    written = notebook_view.write_output(
        "<p>page</p>", notebook_view.View("en", 'A "map" <b>', lambda: b"")
    )
    assert "<b>" not in written
    assert unpack(written) == "<p>page</p>"


def test_coloured_maps_keep_the_trails(sample_city):
    page = sample_city.map(color="shops").get_root().render()
    layers = re.findall(r"var (\w+) = maenballo\.layer.*?\"role\":\"(\w+)\"", page)
    shown = {role for name, role in layers if f"{name}.addTo(map_main)" in page}
    assert "trails" in shown
    assert "shops" not in shown


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_opens_the_notebooks_on_a_city_with_arguments():
    command = ["make", "-n", "notebooks", "CITY=mycity", "ARGS=--no-browser --port 8890"]
    recipe = subprocess.run(  # noqa: S603 -- our own Makefile
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert 'MAPSERVER_CITY="$(cd "mycity" && pwd)"' in recipe
    assert "jupyter lab --no-browser --port 8890 notebooks" in recipe


def test_git_takes_outputs_out_and_leaves_the_rest():
    if find_spec("nbstripout") is None:  # importing it takes a second
        pytest.skip("needs nbstripout")
    assert "*.ipynb filter=nbstripout" in (ROOT / ".gitattributes").read_text("utf-8")
    assert "--keep-id" in (ROOT / "Makefile").read_text("utf-8")
