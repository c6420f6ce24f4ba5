"""Draw docs/analysis.png: who can walk to a trail of the sample city, and where one is missing."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import geopandas as gpd
import matplotlib.pyplot as plt

import mapserver
from mapserver.analysis import access

ROOT = Path(__file__).resolve().parent.parent
INK, CLAY, GROUND = "#3a342c", "#b4502b", "#f3ede2"
REACHED = {1000: "#dcebe6", 500: "#aed6ca", 300: "#6fb5a5", 100: "#2f8577"}


def main() -> None:
    """Draw both maps beside one another, north up, with a scale bar."""
    city = mapserver.open_city(ROOT)
    crs = city.metric_crs
    hoods, trails = city.neighborhoods.to_crs(crs), city.trails.to_crs(crs)
    zones = access.service_areas(None, city.trails, tuple(REACHED), crs).to_crs(crs)
    gaps = access.gaps(city.neighborhoods, city.trails, crs, reach_m=500).to_crs(crs)
    sites = access.sites(city.neighborhoods, city.trails, crs, count=5, reach_m=500).to_crs(crs)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5.6), layout="constrained")
    for axes, title in (
        (left, "Within 100, 300, 500 and 1,000 m of a trail"),
        (right, "Hectares that a new trail would bring within 500 m, and five sites"),
    ):
        hoods.plot(ax=axes, color=GROUND)
        axes.set_title(title, color=INK, fontsize=11)
        axes.set_axis_off()
    for metres, zone in zip(
        zones["distance_m"], zones.clip(hoods.union_all(), sort=True).geometry, strict=True
    ):
        gpd.GeoSeries([zone]).plot(ax=left, color=REACHED[int(metres)])
    gaps.clip(hoods.union_all()).plot(
        "gain", ax=right, cmap="YlOrBr", legend=True, legend_kwds={"shrink": 0.6, "label": "ha"}
    )
    for rank, middle in zip(sites["rank"], sites.centroid, strict=True):
        disc = {"boxstyle": "circle", "facecolor": "white", "edgecolor": INK}
        right.annotate(str(rank), (middle.x, middle.y), ha="center", fontsize=7, bbox=disc)
    for axes in (left, right):
        hoods.boundary.plot(ax=axes, color="#8c8378", linewidth=0.6)
        trails.plot(ax=axes, color=CLAY, linewidth=1.6)
        west, south, _, _ = hoods.total_bounds
        axes.plot([west, west + 2000], [south, south], color=INK, linewidth=2)
        axes.annotate("2 km", (west + 1000, south + 120), ha="center", fontsize=8, color=INK)
    figure.text(0.01, 0.01, "Sample data, drawn for this project", fontsize=7, color=INK)
    figure.savefig(ROOT / "docs" / "analysis.png", dpi=90, metadata={"Software": None})


if __name__ == "__main__":
    main()
