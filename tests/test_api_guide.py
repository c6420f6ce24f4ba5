"""The guide to the API (docs/api.md): its examples are run against the sample."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess

import pyogrio
import pytest
from conftest import ROOT

GUIDE = (ROOT / "docs" / "api.md").read_text("utf-8")
SITE = "https://trails.example.org"


def list_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


LINES = [line for block in list_blocks("sh") for line in block.splitlines()]


def test_every_address_of_the_guide_is_answered(sample_app):
    addresses = re.findall(rf"{re.escape(SITE)}(/api[^\s\"`]*)", GUIDE)
    assert len(addresses) > 10
    client = sample_app.test_client()
    for template in addresses:
        address = template.replace("{z}/{y}/{x}", "12/1620/3491")
        if "/nearest?limit=1" not in address and not address.endswith("/locate"):
            assert client.get(address, follow_redirects=True).status_code == 200, address
    paths = re.findall(r"`(/api/[\w./-]*)`", GUIDE)
    assert len(paths) > 8
    for template in paths:
        path = template.replace("items/ID", "items/geumdangsan-2")
        query = "?lon=126.85&lat=35.14" if path in {"/api/nearest", "/api/locate"} else ""
        assert client.get(path + query).status_code == 200, path


@pytest.mark.slow
def test_lines_for_a_terminal_work(sample_url, tmp_path):
    # One shell for all: a file that one line writes is sent by the next.
    lines = [line for line in LINES if line.startswith(("curl", "printf"))]
    script = "\n".join(lines).replace(SITE, sample_url).replace("curl ", "curl --fail -sS ")
    assert script.count("curl") > 8
    done = subprocess.run(  # noqa: S603 -- our own guide
        ["/bin/sh", "-e", "-c", script],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "school" in done.stdout
    assert (tmp_path / "trails.gpkg").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.slow
def test_lines_for_gdal_work(sample_url, tmp_path, sample_city):
    lines = [line for line in LINES if line.startswith("ogr")]
    assert len(lines) == 3
    if not shutil.which("ogrinfo"):
        pytest.skip("GDAL's programs are not there")
    for line in lines:
        done = subprocess.run(  # noqa: S603 -- our own guide
            shlex.split(line.replace(SITE, sample_url)),
            check=False,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "near.gpkg").exists()
    newer = sample_city.districts["designated"] >= "2025-06-01"
    assert pyogrio.read_info(tmp_path / "new.gpkg")["features"] == newer.sum() > 0


def test_the_python_of_the_guide_works(sample_url, sample_city):
    [block] = list_blocks("python")
    names: dict[str, object] = {}
    exec(block.replace(SITE, sample_url), names)  # noqa: S102 -- our own guide
    assert len(names["trails"]) == len(sample_city.trails)
    assert len(names["longest"]) == 3
    assert len(names["shops"]) > 0


def test_the_limits_that_the_guide_says_are_those_of_the_rows():
    from mapserver.settings import limits  # noqa: PLC0415 -- of this test alone

    assert f"at most {limits.MAX_PAGE_ITEMS:,} features and {limits.DEFAULT_PAGE_ITEMS}" in GUIDE
