"""The cost of growth as a picture: points, layers, and workers."""

from __future__ import annotations

import time
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

import mapserver
from benchmarks.scale.scenes import write_country, write_points

mpl.use("Agg")
CLAY, BLUE = "#b4532a", "#2f5d8a"
SHARES = (0.03, 0.1, 0.3, 1.0)
"""Of the points, and of the layers, that the lines have as places."""
WORKERS = (1, 2)
STYLES = {"district": ("In-district", CLAY), "nearest": ("Nearest trail", BLUE)}


def draw_growth(folder: Path, rows: int, path: Path) -> None:
    """Measure and draw seconds by points, by the size of layers, and by workers.

    Parameters
    ----------
    folder
        Of the country and the points.
    rows
        The most points that are joined.
    path
        Of the picture.
    """
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    country = write_country(folder / "country")
    by_points = {
        question: [(n, measure(question, country, folder, n)) for n in _share(rows)]
        for question in STYLES
    }
    fewer = max(rows // 10, 1)
    by_layer = {question: [] for question in STYLES}
    for share in SHARES:
        some = write_country(folder / f"country-{share}", int(100_000 * share), int(15_000 * share))
        for question, features in (("district", 15_000), ("nearest", 100_000)):
            seconds = measure(question, some, folder, fewer)
            by_layer[question].append((int(features * share), seconds))
    by_workers = {
        question: [(n, measure(question, country, folder, rows, workers=n)) for n in WORKERS]
        for question in STYLES
    }
    titles = ("points", f"features of the layer ({fewer:,} points)", f"workers ({rows:,} points)")
    for axes, lines, title in zip(panels, (by_points, by_layer, by_workers), titles, strict=True):
        for question, places in lines.items():
            label, color = STYLES[question]
            axes.plot(*zip(*places, strict=True), "o-", color=color, label=label)
        if lines is not by_workers:
            axes.set_xscale("log")
        if lines is by_points:
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        if lines is by_workers:
            axes.set_xticks(WORKERS)
        axes.set_xlabel(title, fontsize=9)
        axes.set_ylabel("seconds", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=110)


def _share(rows: int) -> list[int]:
    return [max(int(rows * share), 1) for share in SHARES]


def measure(
    question: str, country: Path, folder: Path, rows: int, workers: int | None = None
) -> float:
    """Return the seconds of a join, of points in random order; on Dask where workers are said."""
    city = mapserver.open_city(country)
    points = write_points(folder, rows, "random")
    out = folder / "growth"
    scheduler = None
    cluster = None
    if workers is not None:
        import distributed

        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        )
        scheduler = cluster.scheduler_address
    ask = city.join if question == "district" else city.nearest
    # The first join loads what is compiled and makes the index; the second is measured.
    few = write_points(folder, 20_000, "random")
    for place in (few, points):
        start_s = time.perf_counter()
        joined = ask(place, out=out, progress=False, scheduler=scheduler)
        seconds = time.perf_counter() - start_s
        for path in (*joined.parts, out / "_manifest.json"):
            path.unlink()
    if cluster is not None:
        cluster.close()
    return seconds
