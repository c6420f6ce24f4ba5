"""The notebooks: stripped, bilingual, and run on the sample, a second city, and bare ones."""

from __future__ import annotations

import ast
import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from conftest import ROOT
from gpxtext import gpx, track

import mapserver
from benchmarks.bigcity import make_layers, write_city
from mapserver.commands.cli import main

if TYPE_CHECKING:
    from nbformat import NotebookNode

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PUBLIC = {
    "mapserver",
    "mapserver.extent",
    "mapserver.figures",
    "mapserver.headings",
    "mapserver.language",
    "mapserver.report.notebook",
    "mapserver.tables",
    "mapserver.analysis",
}
"""What of the package notebooks may import; and any module of ``mapserver.analysis``."""
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[dict]:
    return [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == kind]


def parameters(path: Path) -> dict:
    return next(c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", []))


def run(path: Path, city: Path, out: Path, lang: str, **more) -> NotebookNode:
    """Run a notebook as a planner would who changed the cell of parameters."""
    import nbformat  # noqa: PLC0415 -- takes a second, and not every worker runs a notebook
    from nbclient import NotebookClient  # noqa: PLC0415

    notebook = nbformat.read(path, as_version=4)
    given = {"CITY": str(city), "OUT": str(out), "LANG": lang, "DAY": "2026-05-20"} | more
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    cell.source += "".join(f"\n{name} = {value!r}" for name, value in given.items())
    where = {"metadata": {"path": str(path.parent)}}
    old = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), old])
    try:
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    finally:
        os.environ["PYTHONPATH"] = old
    return notebook


def outputs(notebook: NotebookNode) -> list:
    return [output for c in notebook.cells for output in c.get("outputs", [])]


def said(notebook: NotebookNode) -> str:
    return "".join(o.text for o in outputs(notebook) if o.output_type == "stream")


def shown(notebook: NotebookNode, mime: str) -> list[str]:
    return [o.data[mime] for o in outputs(notebook) if mime in o.get("data", {})]


# -- as they lie in the repository ------------------------------------------------------------


@every_notebook
def test_nothing_that_was_run_is_kept_in_the_repository(path):
    for cell in cells(path, "code"):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)


@every_notebook
def test_the_title_is_a_question_in_both_languages(path):
    first = "".join(cells(path, "markdown")[0]["source"]).splitlines()
    assert first[0].startswith("# ")
    assert first[0].endswith("?")
    assert first[1].startswith("### ")
    assert first[1].endswith("?")


@every_notebook
def test_the_first_parameters_are_the_same_everywhere(path):
    tree = ast.parse("".join(parameters(path)["source"]))
    values = {
        node.targets[0].id: node.value for node in tree.body if hasattr(node.targets[0], "id")
    }
    assert list(values)[:4] == ["CITY", "OUT", "LANG", "DAY"]
    assert [ast.literal_eval(values[n]) for n in list(values)[:4]] == ["..", "", "ko", None]


@every_notebook
def test_only_the_public_interface_is_called(path):
    code = "\n".join("".join(cell["source"]) for cell in cells(path, "code"))
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("mapserver"):
            module = str(node.module)
            named = {f"{module}.{alias.name}" for alias in node.names}
            inner = module in PUBLIC or module.startswith("mapserver.analysis.")
            assert named <= PUBLIC or (inner and module != "mapserver"), ast.unparse(node)
        if isinstance(node, ast.Attribute) and not node.attr.startswith("__"):
            assert not node.attr.startswith("_"), ast.unparse(node)


# -- on the sample ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_sample(tmp_path_factory):
    """Give a notebook that ran on the sample, and the folder of its tables; each runs once."""
    ran: dict[str, tuple[NotebookNode, Path]] = {}

    def once(number: str) -> tuple[NotebookNode, Path]:
        if number not in ran:
            out = tmp_path_factory.mktemp(f"sample{number}")
            path = next(path for path in NOTEBOOKS if path.stem.startswith(number))
            ran[number] = run(path, ROOT, out, "ko"), out
        return ran[number]

    return once


@pytest.mark.notebooks
@every_notebook
def test_it_runs_on_the_sample(path, on_sample):
    notebook, _ = on_sample(path.stem[:2])
    assert not [o for o in outputs(notebook) if o.get("name") == "stderr"]
    pictures = shown(notebook, "image/png")
    assert len(pictures) >= 2
    assert all(base64.b64decode(picture).startswith(b"\x89PNG") for picture in pictures)
    maps = [html for html in shown(notebook, "text/html") if "srcdoc=" in html]
    assert len(maps) == 1
    assert "<img src=" in maps[0]  # for those who do not trust it


@pytest.mark.notebooks
def test_the_tables_that_it_keeps_add_up(on_sample, sample_city):
    total = sample_city.trails["length_m"].sum()
    by_area = pd.read_csv(on_sample("01")[1] / "trails_by_neighborhood.csv")
    assert by_area["length_m"].sum() == pytest.approx(total)
    zones = pd.read_csv(on_sample("05")[1] / "zones.csv")
    assert zones["length_m"].sum() == pytest.approx(total)
    assert zones["shops"].sum() == len(sample_city.shops)
    assert zones["districts"].sum() == len(sample_city.districts)
    by_district = pd.read_csv(on_sample("03")[1] / "shops_by_district.csv")
    assert by_district["shops"].sum() == len(sample_city.shops)


@pytest.mark.notebooks
def test_shapes_are_kept_as_layers_beside_the_tables(on_sample):
    layers = gpd.list_layers(on_sample("02")[1] / "tables.gpkg").set_index("name")
    assert {"gaps", "sites", "reach_500m"} <= set(layers.index)
    assert layers["geometry_type"]["sites"] == "Point"


@pytest.mark.notebooks
def test_the_share_within_reach_agrees_with_points_thrown_at_random(on_sample, sample_city):
    reach = pd.read_csv(on_sample("02")[1] / "reach.csv")
    share = reach.set_index(["area", "distance_m"])["share"]
    random = np.random.default_rng(5)
    area = sample_city.neighborhoods.geometry["chipyeong"]
    west, south, east, north = area.bounds
    lon, lat = random.uniform(west, east, 6000), random.uniform(south, north, 6000)
    inside = shapely.contains_xy(area, lon, lat)
    found = sample_city.find_nearest(lon[inside], lat[inside])
    near = float((found.distance_m <= 500).mean())
    assert share["chipyeong", 500] == pytest.approx(near, abs=0.03)


# -- on a second city, which is made of real files with `mapserver add` alone -----------------

PLACES = {
    "dong-gu": (126.95, 35.14),
    "seo-gu": (126.86, 35.13),
    "nam-gu": (126.86, 35.09),
    "buk-gu": (126.91, 35.20),
    "gwangsan-gu": (126.79, 35.17),
}


@pytest.fixture(scope="module")
def second(test_data, tmp_path_factory) -> Path:
    """Gwangju: its five districts as neighbourhoods, people in them, paths around the trails."""
    made, folder = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("gwangju")
    for name, (lon, lat) in PLACES.items():
        turn = np.linspace(0, 2 * np.pi, 60)
        loop = [(lon + 0.001 * np.cos(t), lat + 0.0008 * np.sin(t)) for t in turn]
        text = gpx(track([(round(x, 6), round(y, 6)) for x, y in loop], name=name))
        (made / f"{name}.gpx").write_text(text, "utf-8")
    areas = gpd.read_file(test_data / "gwangju_gu.geojson")
    people = areas[["geometry"]].assign(everybody=[100_000, 300_000, 200_000, 400_000, 400_000])
    people.assign(over_65=people["everybody"] // 5).to_file(made / "population.gpkg")
    lon, lat = PLACES["seo-gu"]
    steps = np.linspace(-0.01, 0.01, 11)
    streets = [shapely.LineString([(lon + d, lat - 0.01), (lon + d, lat + 0.01)]) for d in steps]
    streets += [shapely.LineString([(lon - 0.01, lat + d), (lon + 0.01, lat + d)]) for d in steps]
    blocks = list(shapely.node(shapely.MultiLineString(streets)).geoms)
    gpd.GeoDataFrame(geometry=blocks, crs=4326).to_file(made / "paths.geojson")
    for files, role in (
        ([test_data / "gwangju_gu.geojson"], "neighborhoods"),
        ([test_data / "shp_5186_cp949_nocpg"], "districts"),
        ([test_data / "shops_sample_cp949.csv"], "shops"),
        (sorted(made.glob("*.gpx")), "trails"),
        ([made / "population.gpkg"], "layer"),
        ([made / "paths.geojson"], "layer"),
    ):
        command = ["add", "--city", str(folder), "--as", role, *map(str, files)]
        answer = CliRunner().invoke(main, command)
        assert answer.exit_code in {0, 1}, answer.output  # 1: some rows are left out
    return folder


@pytest.mark.notebooks
@every_notebook
def test_it_runs_on_a_second_city_in_english(path, second, tmp_path):
    notebook = run(path, second, tmp_path, "en")
    assert not [o for o in outputs(notebook) if o.get("name") == "stderr"]
    assert not [c for c in said(notebook) if "가" <= c <= "힣" and c not in second_names(second)]
    if path.stem.startswith("02"):
        reach = pd.read_csv(tmp_path / "reach.csv")
        assert {"everybody_share", "over_65_share"} <= set(reach)
        along = pd.read_csv(tmp_path / "reach_along_paths.csv")
        straight = reach.set_index(["area", "distance_m"])["share"]
        walked = along.set_index(["area", "distance_m"])["share"]
        assert (walked <= straight.reindex(walked.index) + 1e-9).all()


@pytest.mark.notebooks
def test_a_group_of_people_that_is_unknown_is_named_and_the_others_are_counted(tmp_path, capsys):
    city = write_city(tmp_path / "city", make_layers(9, 1, 3, 1, 300))
    path = next(each for each in NOTEBOOKS if each.stem.startswith("02"))
    code = ["".join(cell["source"]) for cell in cells(path, "code")]
    last = next(at for at, source in enumerate(code) if "reach_by_people" in source)
    names: dict = {"display": lambda _: None}
    exec(code[0], names)  # noqa: S102 -- our own notebooks
    names |= {"CITY": str(city), "LANG": "en"}
    exec("\n".join(code[1 : last + 1]), names)  # noqa: S102 -- as above
    text = capsys.readouterr().out
    assert "adults: unknown in 1 " in text
    assert "children: unknown" not in text


SMALL_AREAS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": str(n), "name": name, **({"name_en": english} if english else {})},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[126.8 + n, 35.1], [126.9 + n, 35.1], [126.9 + n, 35.2], [126.8 + n, 35.1]]
                ],
            },
        }
        for n, (name, english) in enumerate({"양동": "Yang-dong", "농성동": ""}.items())
    ],
}


def test_hidden_and_unknown_counts_of_the_direct_line_are_words_and_places_have_english_names(
    make_folder,
):
    """Runs the cells of the seventh notebook on a ledger with a count too small to be shown."""
    rows = [("양동", 9, 10), ("농성동", 3, 10), ("", 7, 30)]
    messages = [
        f"2026-09-{day:02} 10:00,2026-09-{day:02} {answered}:00,{area},길"
        for area, count, answered in rows
        for day, answered in zip(range(1, count + 1), [11] * count, strict=True)
    ]
    # A month is complete once the ledger goes beyond it.
    messages.append("2026-10-01 10:00,2026-10-01 11:00,양동,길")
    messages.insert(0, "2026-08-31 10:00,2026-08-31 11:00,양동,길")
    folder = make_folder(
        {
            "layers/neighborhoods.geojson": json.dumps(SMALL_AREAS, ensure_ascii=False),
            "layers/requests.csv": "received,answered,neighborhood,category\n"
            + "\n".join(messages),
        }
    )
    path = next(each for each in NOTEBOOKS if each.stem.startswith("07"))
    code = ["".join(cell["source"]) for cell in cells(path, "code")]
    tables: list = []
    space: dict = {"display": lambda each: tables.append(each) if hasattr(each, "columns") else 0}
    exec(code[0], space)  # noqa: S102 -- our own notebooks
    space |= {"CITY": str(folder), "LANG": "en", "DAY": "2026-10-20"}
    exec("\n".join(code[1:-1]), space)  # noqa: S102 -- as above
    by_area = next(table for table in tables if table.index.name == "Neighborhood")
    # One has no English name and keeps its own.
    assert set(by_area.index) == {"Yang-dong", "농성동"}
    assert set(by_area.loc["농성동", ["Messages", "Median hours"]]) == {"hidden"}
    assert not (by_area["Messages"] == "0").any()


def second_names(folder: Path) -> set[str]:
    """Letters of names and titles, which stay as they are where they have no English."""
    city = mapserver.open_city(folder)
    return {
        letter for frame in city.layers.values() for n in frame.get("name", []) for letter in str(n)
    }


# -- on cities that lack something ------------------------------------------------------------


@pytest.mark.notebooks
@every_notebook
@pytest.mark.parametrize("role", ["trails", "neighborhoods", "shops"])
def test_what_a_city_lacks_is_said_and_the_rest_goes_on(path, role, tmp_path, capsys, sample_city):
    """Runs the cells here and not in a kernel, which takes longer to start than they to run."""
    (tmp_path / "layers").mkdir()
    some = sample_city.layers[role].head(3)
    some = some.drop(columns=["lon", "lat"], errors="ignore")
    some.to_file(tmp_path / "layers" / f"{role}.gpkg")
    code = ["".join(cell["source"]) for cell in cells(path, "code")]
    names: dict = {"display": print}
    exec(code[0], names)  # noqa: S102 -- our own notebooks
    names |= {"CITY": str(tmp_path), "LANG": "en"}
    exec("\n".join(code[1:]), names)  # noqa: S102 -- as above
    told = capsys.readouterr().out
    assert "Not in this city: " in told or path.stem.startswith(("01", "06"))
