"""A served city follows its files: a changed trail changes every number that depends on it."""

from __future__ import annotations

import json
import shutil
import time

import pytest
from browsing import PATIENCE_S
from conftest import ROOT
from gpxtext import gpx, track

import mapserver
from mapserver.settings import Settings
from mapserver.web import create_app, live

TINY = ((126.85, 35.15), (126.8512, 35.15))


@pytest.fixture
def folder(tmp_path):
    for part in ("gpx", "layers"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


@pytest.fixture
def client(folder, monkeypatch):
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.0)
    return create_app(Settings(city=folder, tile_url="")).test_client()


def numbers(client) -> dict[str, object]:
    ready = json.loads(client.get("/readyz").data)
    nearest = json.loads(client.get("/api/nearest?lon=126.85&lat=35.15").data)
    page = client.get("/?lang=en").text
    return {
        "trails": ready["layers"]["trails"],
        "version": ready["version"],
        "nearest": nearest["features"][0]["id"],
        "distance_m": nearest["features"][0]["properties"]["distance_m"],
        "page": page,
    }


def until(client, change):
    """Ask until something has changed, as a person who reloads the page would."""
    last = time.monotonic() + PATIENCE_S
    while time.monotonic() < last:
        now = numbers(client)
        if change(now):
            return now
        time.sleep(0.05)
    raise AssertionError("the server did not follow its files")


@pytest.mark.slow
def test_a_changed_gpx_file_changes_every_number(folder, client):
    before = numbers(client)
    trails = mapserver.open_city(folder).trails
    (folder / "gpx" / "new-path.gpx").write_text(gpx(track(TINY, name="새 길")), "utf-8")
    after = until(client, lambda now: now["version"] != before["version"])
    assert after["trails"] == before["trails"] + 1 == len(trails) + 1
    assert (after["nearest"], after["distance_m"]) == ("new-path", 0)
    assert "새 길" in after["page"]
    assert "새 길" not in before["page"]
    changed = mapserver.open_city(folder)
    grown_m = changed.trails.length_m.sum() - trails.length_m.sum()
    assert grown_m == pytest.approx(changed.trails.length_m["new-path"])
    assert f">{len(changed.trails)}<" in after["page"].replace(" ", "")


@pytest.mark.slow
def test_a_file_that_breaks_costs_only_its_trail(folder, client, caplog):
    before = numbers(client)
    (folder / "gpx" / "geumdangsan-1.gpx").write_text("<gpx><trk>", "utf-8")
    after = until(client, lambda now: now["version"] != before["version"])
    assert after["trails"] == before["trails"] - 1
    assert json.loads(client.get("/readyz").data)["findings"] > 0
    assert "gpx/geumdangsan-1.gpx" in caplog.text
    assert "geumdangsan-1.gpx" in after["page"]


@pytest.mark.slow
def test_a_folder_that_disappears_leaves_the_old_city(folder, client):
    before = numbers(client)
    shutil.rmtree(folder / "gpx")
    shutil.rmtree(folder / "layers")
    for _ in range(5):
        time.sleep(0.05)
        assert numbers(client)["version"] == before["version"]
