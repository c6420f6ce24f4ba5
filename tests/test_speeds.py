"""The walking speed stands once, and everybody who says it says that one."""

from __future__ import annotations

import ast
import re

import pytest
from conftest import ROOT
from flask.testing import FlaskClient
from gpxtext import gpx

from mapserver.geo import geodesy
from mapserver.settings import Settings, walking
from mapserver.web import create_app

TEXTS = [
    path
    for folder in ("mapserver", "docs", "notebooks", "frontend")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".po", ".md", ".ipynb", ".js"}
    and not {"node_modules", "vendor", "static", ".scripts"} & set(path.parts)
] + [ROOT / "README.md", ROOT / "README.ko.md"]


@pytest.fixture
def pages(make_folder) -> FlaskClient:
    """The pages of a city with one trail."""
    folder = make_folder({"gpx/a.gpx": gpx()})
    return create_app(Settings(city=folder)).test_client()


def test_every_text_that_says_how_fast_people_walk_says_the_same():
    said = {
        float(number)
        for path in TEXTS
        for pair in re.findall(r"([\d.]+) ?km/h|시속 ?([\d.]+)", path.read_text("utf-8"))
        for number in pair
        if number
    }
    assert said == {*(walking.WALKING_KM_PER_H, walking.BAREFOOT_KM_PER_H, walking.OLDER_KM_PER_H)}


def test_no_other_module_has_a_speed_of_its_own():
    speeds = {
        (path.relative_to(ROOT).as_posix(), target.id)
        for path in (ROOT / "mapserver").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
        and re.search(r"SPEED|_PER_(MIN|H|HOUR)$|_M_PER_S$", target.id)
    }
    module = "mapserver/geo/geodesy.py"
    barefoot = "mapserver/settings/walking.py"
    assert speeds == {
        (module, "WALKING_KM_PER_H"),
        (module, "WALKING_M_PER_MIN"),
        (barefoot, "WALKING_KM_PER_H"),
        (barefoot, "OLDER_KM_PER_H"),
        (barefoot, "BAREFOOT_KM_PER_H"),
        (barefoot, "CLIMB_M_PER_MIN"),
    }
    scripts = [path for path in TEXTS if path.suffix == ".js"]
    assert scripts
    for path in scripts:
        assert not re.search(r"(?i)(speed|per_?min|per_?h)\w* *= *[\d.]", path.read_text("utf-8"))


def test_the_browser_takes_the_number_of_python(pages, monkeypatch):
    monkeypatch.setattr(geodesy, "WALKING_M_PER_MIN", 75.0)
    page = pages.get("/?lang=en").text
    assert re.search(r'data-walking-m-per-min="([\d.]+)"', page)[1] == "75.0"


def test_a_page_says_the_speed_that_its_minutes_have(pages, monkeypatch):
    monkeypatch.setattr(geodesy, "WALKING_KM_PER_H", 4.5)
    assert "at 4.5\xa0km/h" in pages.get("/?lang=en").text
    assert "시속 4.5\xa0km" in pages.get("/?lang=ko").text
