"""The picture of a benchmark: points a second, on a logarithmic scale."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

mpl.use("Agg")

TITLES = {"nearest": "Nearest trail", "within": "Which district"}


def draw(rows: list[dict], path: Path) -> None:
    """Draw one panel for each scene and question; ours in red clay."""
    panels = list(dict.fromkeys((row["scene"], row["question"]) for row in rows))
    figure, grid = plt.subplots(
        -(-len(panels) // 2), 2, figsize=(10, 2.6 * -(-len(panels) // 2)), squeeze=False
    )
    for axes, (scene, question) in zip(grid.flat, panels, strict=False):
        shown = [r for r in rows if (r["scene"], r["question"]) == (scene, question)]
        shown.sort(key=lambda row: row["rate"])
        colors = ["#b4532a" if row["name"] == "mapserver" else "#b9ada0" for row in shown]
        bars = axes.barh([row["name"] for row in shown], [r["rate"] for r in shown], color=colors)
        axes.bar_label(bars, [label(row) for row in shown], padding=3, fontsize=8)
        axes.set_xscale("log")
        axes.margins(x=0.2)
        axes.set_title(f"{TITLES[question]}, {scene}", loc="left", fontsize=10)
        axes.set_xlabel("million points a second", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def label(row: dict) -> str:
    """Write a rate with three digits, and say where answers are not exact."""
    return f"{row['rate']:.3g}" + ("" if row["exact"] else "  not exact")
