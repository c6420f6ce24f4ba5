"""Programs of others, each installed apart from ours, and the paths that they are shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import mapserver

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "build" / "tools"
"""Where they are installed; what stands there is used again."""
PLACE = "lon=126.8526&lat=35.1467"


def make_environment(name: str, *requirements: str) -> Path:
    """Make a virtual environment with packages from PyPI; return its folder of programs."""
    programs = TOOLS / name / "bin"
    if not (programs / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", TOOLS / name], check=True)
    pip = [programs / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *requirements], check=True)
    return programs


def list_pages(city: mapserver.City) -> list[str]:
    """List a path of each kind of page for people."""
    trail, district = quote(str(city.trails.index[0])), quote(str(city.districts.index[0]))
    neighborhood = quote(str(city.layers["neighborhoods"].index[0]))
    programme = quote(str(city.ledgers["programmes"]["id"].iloc[0]))
    below_trail = [f"/trails/{trail}", f"/trails/{trail}/poster", f"/map?trail={trail}"]
    lists = ["/trails/", "/districts/", "/neighborhoods/", "/board", "/help/", "/statistics"]
    return [
        *("/", "/?date=2026-12-20", "/?size=large", "/map", "/map.html", "/embed", "/offline"),
        *lists,
        *below_trail,
        f"/districts/{district}",
        *(f"/neighborhoods/{neighborhood}", f"/neighborhoods/{neighborhood}.html"),
        f"/help/{programme}",
        "/nothing",
    ]


def list_operations(city: mapserver.City) -> list[str]:
    """List a path of each operation of the API that is asked by GET and has a page."""
    trail = quote(str(city.trails.index[0]))
    kinds = ("schema", "queryables", "sortables", "tiles", "tiles/WebMercatorQuad")
    trails = "/api/collections/trails"
    return [
        *("/api/", "/api/conformance", "/api/functions", "/api/collections", trails),
        *(f"{trails}/{kind}" for kind in kinds),
        *(f"{trails}/items?limit=3", f"{trails}/items?bbox=126.8,35.1,126.9,35.2&limit=5"),
        *(f"{trails}/items?filter=length_m%3E300", f"{trails}/items/{trail}"),
        *(f"/api/nearest?{PLACE}", f"/api/locate?{PLACE}", "/api/nearest?f=html"),
        *("/api/locate?f=html", "/api/statistics/requests", "/api/docs", "/api/openapi.json"),
    ]
