"""Zones, dissolved from the neighbourhoods that say which one they belong to."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.model import FILE, Catalog, Layer, LayerEntry, Role, complete_entry
from mapserver.text.findings import Finding, Severity


def add_zones(
    catalog: Catalog, layers: dict[str, Layer], findings: list[Finding]
) -> dict[str, Layer]:
    """Dissolve the zones from the neighbourhoods, unless a file gives them."""
    neighborhoods = next((x for x in layers.values() if x.entry.role == Role.NEIGHBORHOODS), None)
    described = next((entry for entry in catalog.layers if entry.role == Role.ZONES), None)
    if described is not None and described.file is not None:
        return layers
    if neighborhoods is None or "zone" not in neighborhoods.frame:
        if described is not None:
            findings.append(_report_no_neighborhoods(described))
        return layers
    entry = described or _make_zones_entry(neighborhoods.entry, layers)
    zones = Layer(entry, dissolve_zones(neighborhoods.frame), neighborhoods.file)
    order = [e.id for e in catalog.layers]
    if described is None:
        order.insert(order.index(neighborhoods.entry.id) + 1, entry.id)
    all_layers = layers | {entry.id: zones}
    return {id_: all_layers[id_] for id_ in order if id_ in all_layers}


def dissolve_zones(neighborhoods: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the neighbourhoods of each zone.

    Parameters
    ----------
    neighborhoods
        EPSG:4326, with ``zone``; ``zone_en``, ``role`` (``hub`` or ``linked``) and ``name`` are
        used where they are.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by ``id``, which is the zone's name; with ``name``, ``name_en`` and
        ``hub``, the name of the neighbourhood at its centre.
    """
    members = neighborhoods[neighborhoods["zone"].notna()]
    rows, english = [], "zone_en" in members
    for zone, group in members.groupby("zone", sort=False):
        hubs = group["name"][group["role"] == "hub"] if "role" in group else group["name"][:0]
        rows.append(
            {
                "id": str(zone),
                "name": str(zone),
                "name_en": next(iter(group["zone_en"].dropna()), None) if english else None,
                "hub": next(iter(hubs), None),
                "geometry": shapely.union_all(group.geometry.to_numpy()),
            }
        )
    frame = pd.DataFrame(rows, columns=["id", "name", "name_en", "hub", "geometry"])
    frame = frame.astype(dict.fromkeys(["id", "name", "name_en", "hub"], "str"))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=neighborhoods.crs).set_index("id")


def _make_zones_entry(neighborhoods: LayerEntry, layers: Mapping[str, Layer]) -> LayerEntry:
    id_ = "zones" if "zones" not in layers else "zones-of-neighborhoods"
    return complete_entry(
        LayerEntry(
            id_,
            Role.ZONES,
            source=neighborhoods.source,
            licence=neighborhoods.licence,
            sample=neighborhoods.sample,
        )
    )


def _report_no_neighborhoods(entry: LayerEntry) -> Finding:
    return Finding(
        Severity.ERROR,
        "layer-unreadable",
        FILE,
        N_("the layer {layer} has no file, and no neighbourhood says its zone"),
        N_("Add a column zone to the neighbourhoods, or a file to the layer"),
        values={"layer": repr(entry.id)},
    )
