"""GeoJSON as RFC 7946 wants it, a feature on each line so that a change shows as one."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import shapely

from sample_city import plane


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer: lon/lat, seven decimals, outer rings counter-clockwise, always the same."""
    there = plane.lonlat_frame(frame)
    wound = shapely.orient_polygons(there.geometry.to_numpy())
    features = there.set_geometry(gpd.GeoSeries(wound, crs=there.crs)).iterfeatures(drop_id=True)
    lines = [json.dumps(feature, ensure_ascii=False) for feature in features]
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, "utf-8", newline="")
