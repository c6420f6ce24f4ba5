"""Reports: notebooks rerun on a city, one page that needs no network, tables beside it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from browsing import DESK, PATIENCE_S, PHONE, needs_chromium
from click.testing import CliRunner, Result
from conftest import ROOT

from mapserver.commands.cli import main
from mapserver.commands.progress import show_running
from mapserver.errors import SettingsError
from mapserver.report import finding, frames, grids, list_shipped_notebooks, parameters, wording

HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}${alert(2)}</script><script>alert(3)</script>"

AREAS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": name, "name": f"{title}{HOSTILE}", "name_en": title},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 35.1], [x + 0.02, 35.1], [x + 0.02, 35.12], [x, 35.1]]],
            },
        }
        for name, title, x in (("east", "동", 126.84), ("west", "서", 126.86))
    ],
}


def notebook(path: Path, *cells: str, values: str = 'CITY = "."\nOUT = ""\nLANG = "ko"') -> Path:
    """Write a notebook of text cells (they begin with ``#``) and of code."""
    import nbformat  # noqa: PLC0415 -- takes a second, and not every worker runs a notebook

    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(values, metadata={"tags": ["parameters"]})]
    for cell in cells:
        new = nbformat.v4.new_markdown_cell if cell[0] == "#" else nbformat.v4.new_code_cell
        made.cells.append(new(cell.removeprefix("#!")))
    if cells and cells[0][0] == "#":
        made.cells[0], made.cells[1] = made.cells[1], made.cells[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)], env={"LC_ALL": "C.UTF-8"})


def record(out: Path) -> dict:
    return json.loads((out / "report.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "city"
    (folder / "gpx").mkdir(parents=True)
    (folder / "layers").mkdir()
    text = json.dumps(AREAS, ensure_ascii=False)
    (folder / "layers/neighborhoods.geojson").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def made(folder) -> tuple[Path, Result]:
    """A report with one notebook that ships, one that shows hostile names, and one that fails."""
    asked = folder.parent / "notebooks"
    names = notebook(
        asked / "names.ipynb",
        f"# 이름\n### Names\n\n가{HOSTILE}\n*<b>bold</b>*\n\n![out](https://example.org/x.png)",
        "import mapserver\nfrom mapserver.tables import keep\ncity = mapserver.open_city(CITY)",
        'keep(city.neighborhoods, OUT, "areas")\ncity.neighborhoods',

        'import pandas as pd\nkeep(pd.DataFrame({"third": [1 / 3]}), OUT, "thirds")',
        "city.neighborhoods[['name']].style",
        "print(city.neighborhoods.name.iloc[0])",
        "city.neighborhoods.name.iloc[0]",
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(3, 2))\n"
        "axes.set_title(city.neighborhoods.name.iloc[0], parse_math=False);",
        "city.map(lang=LANG)",
    )  # fmt: skip
    fails = notebook(
        asked / "fails.ipynb",
        "# 실패\n### Failing",
        "print('before')",
        f"raise ValueError({HOSTILE!r} + chr(10) + 'more')",
        "print('never')",
    )
    out = folder.parent / "out" / "report"
    done = run("01", names, fails, "--city", folder, "--out", out, "--day", "2026-10-05")
    return out, done


def page_of(out: Path) -> str:
    return (out / "report.html").read_text("utf-8")


# -- running ---------------------------------------------------------------------------------------


@pytest.mark.notebooks
def test_a_notebook_that_fails_leaves_the_others_standing(made):
    out, done = made
    assert done.exit_code == 1
    assert "fails did not finish: cell 3: ValueError" in done.stderr
    assert "chapters: 3," in done.stdout
    chapters = {each["id"]: each for each in record(out)["chapters"]}
    assert list(chapters) == ["01_first_look", "names", "fails"]
    assert chapters["01_first_look"]["failure"] is None
    assert chapters["names"]["failure"] is None
    page = page_of(out)
    assert "before" in page
    assert "never" not in re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert "Traceback" not in page
    assert str(ROOT) not in page


@pytest.mark.notebooks
def test_the_page_is_of_the_day_and_the_language_asked_for(made, folder, tmp_path):
    page = page_of(made[0])
    assert '<html lang="ko"' in page
    assert "2026년 10월 5일" in page
    short = notebook(
        tmp_path / "short.ipynb", "# 짧다\n### Short\n\n한국어 *English*", "print(LANG, OUT != '')"
    )
    assert run(short, "--city", folder, "--out", tmp_path / "r", "--lang", "en").exit_code == 0
    english = page_of(tmp_path / "r")
    assert '<div class="text" lang="ko">' in english
    assert '<html lang="en"' in english
    assert "en True" in english
    assert re.search(r"<h2[^>]*>.*Short</h2>", english)


@pytest.mark.notebooks
def test_tables_lie_beside_it_whole(made):
    out, _ = made
    assert (out / "tables/areas.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    kept = gpd.read_file(out / "tables/tables.gpkg", layer="areas")
    assert kept["name"].tolist() == [f"동{HOSTILE}", f"서{HOSTILE}"]
    assert pd.read_csv(out / "tables/thirds.csv")["third"].tolist() == [1 / 3]
    by_name = {each["name"]: each for each in record(out)["tables"]}
    assert (by_name["areas"]["rows"], by_name["areas"]["layer"]) == (2, True)
    assert (by_name["thirds"]["rows"], by_name["thirds"]["chapter"]) == (1, "names")
    page = page_of(out)
    for link in set(re.findall(r'href="(tables/[^"]+)"', page)):
        assert (out / link).is_file()
    assert set(record(out)["files"]) == {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    }


@pytest.mark.notebooks
def test_the_kernel_is_this_python_whatever_kernels_are_installed(folder, tmp_path, monkeypatch):
    spec = tmp_path / "jupyter/kernels/python3"
    spec.mkdir(parents=True)
    broken = {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x"}
    (spec / "kernel.json").write_text(json.dumps(broken | {"language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    asks = notebook(tmp_path / "asks.ipynb", "import sys; print('python', sys.executable)")
    assert run(asks, "--city", folder, "--out", tmp_path / "r").exit_code == 0
    assert f"python {sys.executable}" in page_of(tmp_path / "r")


@pytest.mark.notebooks
def test_parameters_take_their_places(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder.parent)
    asks = notebook(
        tmp_path / "asks.ipynb",
        "print(CITY, LANG, K, NAMES, WHEN)",
        values='CITY, LANG = "..", "ko"\nK: int = 3\nNAMES = ("a",)\nWHEN = None',
    )
    given = ("-p", "K=7", "-p", 'NAMES=["가", "b"]', "-p", "WHEN=2026-12-20")
    done = run(asks, "--city", folder.name, "--out", tmp_path / "r", "--lang", "en", *given)
    assert done.exit_code == 0
    assert f"{folder} en 7 [&#39;가&#39;, &#39;b&#39;] 2026-12-20" in page_of(tmp_path / "r")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("KK=3", "There are K, LON"),
        ("K", "Write it as K=3"),
        ("K=many", "text in quotes"),
        ("K=1\nLON=2", "text in quotes"),
        ("CITY='x'", "--city"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_before_anything_runs(setting, says):
    with pytest.raises(SettingsError, match=re.escape(says)):
        parameters.read_settings([setting], ["CITY", "K", "LON"])


@pytest.mark.notebooks
def test_a_notebook_that_takes_too_long_is_stopped(folder, tmp_path):
    woken = tmp_path / "woken"
    sleeps = notebook(
        tmp_path / "sleeps.ipynb", f"import time; time.sleep(60)\nopen({str(woken)!r}, 'w')"
    )
    done = run(sleeps, "--city", folder, "--out", tmp_path / "r", "--timeout", 4)
    assert not woken.exists()
    assert done.exit_code == 1
    assert "took more than 4 s" in done.stderr


@pytest.mark.notebooks
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_earlier_report_as_it_was(folder, tmp_path, number, code):
    quick = notebook(tmp_path / "quick.ipynb", "print('earlier')")
    marks = tmp_path / "running"
    slow = notebook(
        tmp_path / "slow.ipynb", f"open({str(marks)!r}, 'w')\nimport time; time.sleep(60)"
    )
    out = tmp_path / "r"
    assert run(quick, "--city", folder, "--out", out).exit_code == 0
    before = page_of(out)
    command = [sys.executable, "-m", "mapserver", "report", slow, quick, "--city", folder]
    command = [*map(str, command), "--out", str(out)]
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603
    while not marks.exists() and running.poll() is None:
        time.sleep(0.1)
    running.send_signal(number)
    _, said = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == code
    assert "mistake" not in said
    assert "Traceback" not in said
    assert page_of(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.notebooks
def test_only_an_earlier_report_is_replaced(folder, tmp_path):
    quick = notebook(tmp_path / "quick.ipynb", "print('once')")
    out = tmp_path / "r"
    assert run(quick, "--city", folder, "--out", out).exit_code == 0
    notebook(quick, "print('twice')")
    assert run(quick, "--city", folder, "--out", out).exit_code == 0
    assert "twice" in page_of(out)
    (out / "mine.txt").write_text("keep me")
    done = run(quick, "--city", folder, "--out", out)
    assert done.exit_code == 2
    assert "'mine.txt'" in done.stderr
    assert (out / "mine.txt").read_text() == "keep me"


# -- the page --------------------------------------------------------------------------------------


@pytest.mark.notebooks
@needs_chromium
def test_hostile_names_stay_text_and_maps_work_without_network(visit, made):
    for viewport in (PHONE, DESK):
        seen = visit((made[0] / "report.html").as_uri(), viewport, offline=True)
        page = seen.page
        page.wait_for_selector("html[data-maps=drawn]", state="attached")
        assert page.locator("img[src=x], img[onerror]").count() == 0
        assert page.locator("td", has_text=HOSTILE[:40]).count() >= 2
        assert page.locator("pre.printed", has_text=HOSTILE).count() >= 2
        assert page.locator(".failure", has_text=HOSTILE).count() == 1
        frame = page.locator("iframe").last
        assert frame.get_attribute("title")
        drawn = frame.element_handle().content_frame()
        assert drawn.locator("path.drawn").count() > 0
        assert drawn.locator("img[src=x]").count() == 0
        names = """() => Object.values(maenballo.layers)
            .flatMap(({ byId }) => Object.values(byId))
            .map(({ feature }) => feature.properties.name)"""
        assert any(HOSTILE[:20] in str(name) for name in drawn.evaluate(names))
        assert [a for a in seen.requests if not a.startswith(("file:", "data:", "about:"))] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        for picture in page.locator("figure > img").all():
            assert picture.get_attribute("alt")
            assert picture.evaluate("each => each.naturalWidth") > 0


@pytest.mark.notebooks
@needs_chromium
@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_no_rule_of_accessibility_is_broken(visit, made, viewport):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- with Chromium only

    address = (made[0] / "report.html").as_uri()
    page = visit(address, viewport, offline=True, bypass_csp=True).page  # axe comes from outside
    page.wait_for_selector("html[data-maps=drawn]", state="attached")
    # The maps' own rules are held where the server shows them.
    found = Axe().run(page, options={"iframes": False})
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found.response["violations"]] == []


@pytest.mark.notebooks
@needs_chromium
def test_it_prints(folder, tmp_path):
    maps = notebook(
        tmp_path / "maps.ipynb",
        "# 한 장\n\n" + "줄\n\n" * 200,  # the maps are out of sight
        "import mapserver\ncity = mapserver.open_city(CITY)\ncity.map()",
        "city.map(lang='en')",
    )
    assert run(maps, "--city", folder, "--out", tmp_path / "r", "--pdf").exit_code == 0
    assert (tmp_path / "r/report.pdf").read_bytes().startswith(b"%PDF")
    assert "report.pdf" in record(tmp_path / "r")["files"]


@pytest.mark.notebooks
def test_maps_share_what_they_have_in_common(made):
    pages = ["a\n" + "x" * 1000 + "\nb", "c\n" + "x" * 1000]
    pieces, apart = frames.share_lines(pages)
    assert ["\n".join(pieces[n] for n in each) for each in apart] == pages
    assert sum(len(piece) for piece in pieces) < 1100
    # Two maps of the same city: Leaflet stands in the page once.
    assert page_of(made[0]).count("data:text/javascript") < 6


def test_text_cells_keep_their_words_and_lose_what_acts():
    html = wording.render_markdown(
        "## 둘\n\n한국어 줄\n*English line*\n\n"
        f"{HOSTILE}\n\n[js](javascript:alert(1)) [site](https://example.org)\n\n"
        "![a](attachment:a.png) ![그림](https://example.org/b.png) <b>굵게</b>\n\n"
        "<div><img src=x alt='><script>alert(4)</script>'>칸</div>",
        {"a.png": {"image/png": "AAAA"}},
    )
    assert "<h3>둘</h3>" in html
    assert '한국어 줄<br>\n<em lang="en">English line</em>' in html
    assert "onerror" not in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert 'href="https://example.org"' in html
    assert re.findall(r'src="([^"]+)"', html) == ["data:image/png;base64,AAAA"]
    assert html.count("<img") == 1
    assert "그림 <b>굵게</b>" in html
    assert "<div>칸</div>" in html


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# 무엇?\n### What?\n\nText", ("무엇?", "What?", "\nText")),
        ("# 하나\n\nText\n\n## 둘", ("하나", "", "\nText\n\n## 둘")),
        ("Text", ("", "", "Text")),
    ],
)
def test_the_title_is_the_first_heading_and_its_twin_the_one_below(source, expected):
    assert wording.split_title(source) == expected


def test_tables_are_for_readers():
    frame = pd.DataFrame(
        {"이름": ["가<b>", "나"], "km": [1.5, None], "geometry": ["POINT", "POINT"]}
    )
    (grid,) = grids.GridReader(frame.to_html()).grids
    tidy = grids.tidy_grid(grid)
    assert [cell.text for cell in tidy.head[0]] == ["이름", "km"]
    assert [[cell.text for cell in row] for row in tidy.body] == [["가<b>", "1.5"], ["나", "–"]]
    assert tidy.numeric == {1}
    (named,) = grids.GridReader(frame.set_index("이름")[["km"]].to_html()).grids
    tidy = grids.tidy_grid(named)
    assert [[cell.text for cell in row] for row in tidy.head] == [["이름", "km"]]
    assert tidy.body[0][0] == grids.Cell("가<b>", head=True)
    codes = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["29140", "29155"], name="code"))
    (coded,) = grids.GridReader(codes.to_html()).grids
    assert [cell.text for cell in grids.tidy_grid(coded).head[0]] == ["code", "n"]


# -- where notebooks are ---------------------------------------------------------------------------


def test_notebooks_are_found_in_a_checkout_and_in_a_wheel(tmp_path, monkeypatch):
    names = [path.name for path in list_shipped_notebooks()]
    assert names == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert finding.find_notebooks(["01", "01_first_look"]) == [
        ROOT / "notebooks/01_first_look.ipynb"
    ]
    shutil.copytree(ROOT / "notebooks", tmp_path / "mapserver/notebooks")
    monkeypatch.setattr(finding, "PACKAGE", tmp_path / "mapserver")
    assert [path.name for path in list_shipped_notebooks()] == names
    assert list_shipped_notebooks()[0].is_relative_to(tmp_path)
    with pytest.raises(SettingsError, match="01_first_look"):
        finding.find_notebooks(["99"])


def test_a_missing_package_is_one_line(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("mapserver.report.REQUIRED_PACKAGES", ("nbclient", "no_such_package"))
    done = run("01", "--city", folder, "--out", tmp_path / "r")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'mapserver[notebooks]'" in done.stderr


def test_a_report_that_is_piped_names_each_notebook_and_its_seconds(capsys):
    with show_running() as report_progress:
        for name in ("01_first_look", "02_who_can_walk"):
            for share in (0.0, 0.5, 1.0):
                report_progress(name, share)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["01_first_look", "02_who_can_walk"]
    assert all(line.endswith(" s") for line in lines)
