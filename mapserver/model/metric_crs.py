"""The plane in which a city is measured and searched: the one that it states, if that fits."""

from __future__ import annotations

from pyproj import CRS

from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.text.findings import Finding, Severity

TOLERANCE = 0.005
"""How far from true to scale the stated CRS may be; with more, the search would err."""


def choose_metric_crs(
    stated: str | None, lon: float, lat: float
) -> tuple[CRS, tuple[Finding, ...]]:
    """Choose the CRS to search in: the one that the catalogue states, if it fits here.

    Parameters
    ----------
    stated
        What the catalogue says (``EPSG:5186``), or None.
    lon, lat
        The middle of the city.

    Returns
    -------
    crs : CRS
        Projected, in metres.
    findings : tuple of Finding
        One, when the stated CRS is not true to scale here and another was taken.
    """
    if stated is None:
        return geodesy.build_metric_crs(lon, lat), ()
    crs = geodesy.parse_crs(stated)
    scale = geodesy.compute_scale(crs, lon, lat)
    if abs(scale - 1) < TOLERANCE:
        return crs, ()
    unfit = Finding(
        Severity.WARNING,
        "metric-crs-unfit",
        "layers/catalog.toml",
        N_("metric_crs {crs} is not true to scale in this city (factor {scale})"),
        N_("Name the projected CRS of this region, or remove the line"),
        values={"crs": stated, "scale": f"{scale:.3f}"},
    )
    return geodesy.build_metric_crs(lon, lat), (unfit,)
