"""One small, sound file of each format, and the city around it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import openpyxl
import shapely
import xlwt

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound file in a city.

    Attributes
    ----------
    files
        Contents by path within the city folder; the first is what ``add`` is given.
    role
        What ``add`` brings it in as; empty for a file that is not brought in.
    mutated
        Which of the files are damaged, one at a time.
    beside
        Sound files that the city needs for these to be read.
    """

    files: Files
    role: str
    mutated: tuple[str, ...]
    beside: Files


GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">
<metadata><name>금당산 맨발길</name></metadata>
<wpt lat="35.1401" lon="126.8502"><ele>41.5</ele><name>세족장</name><type>foot_wash</type></wpt>
<trk><name>금당산 1</name><trkseg>
<trkpt lat="35.14" lon="126.85"><ele>40</ele><time>2026-05-01T09:00:00Z</time></trkpt>
<trkpt lat="35.141" lon="126.851"><ele>44.5</ele><time>2026-05-01T09:02:00Z</time></trkpt>
<trkpt lat="35.142" lon="126.8525"><ele>48</ele><time>2026-05-01T09:04:00Z</time></trkpt>
</trkseg></trk></gpx>
"""
SHOPS = "상호명,업종,경도,위도,cap,opened\n" + "\n".join(
    f"가게 {n},음식,{126.85 + n / 1000},{35.14 + n / 1000},{n * 1000},2026-0{n}-01"
    for n in range(1, 7)
)
REGISTER = (
    "id,name,name_en,surface,width_m,lighting,foot_wash,season,status\n"
    "walk,금당산,Geumdangsan,황토,1.5,yes,yes,03-01/11-30,open\n"
)
CLOSURES = "trail_id,from,to,reason_ko,reason_en\nwalk,2026-11-01,2026-12-01,공사,works\n"
CATALOG = """title = { ko = "시험 도시", en = "Test city" }
languages = ["ko", "en"]

[[layers]]
id = "districts"
file = "districts.geojson"
role = "districts"
title = { ko = "상점가", en = "Districts" }
crs = "EPSG:4326"
id_column = "id"
style = { color = "#b4530a", dash = "6 4" }
source = { ko = "구청", en = "Office" }
sample = true
"""
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="t">
<node id="1" lat="35.14" lon="126.85"/><node id="2" lat="35.141" lon="126.851"/>
<node id="3" lat="35.142" lon="126.852"/>
<way id="9"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/>
<tag k="name" v="금당로"/></way></osm>
"""


def make_areas() -> gpd.GeoDataFrame:
    """Make six districts with text, numbers, a date and an empty cell; one of two parts."""
    boxes = [shapely.box(126.84 + n / 100, 35.14, 126.849 + n / 100, 35.15) for n in range(6)]
    boxes[0] = shapely.union(boxes[0], shapely.box(126.84, 35.16, 126.845, 35.17))
    columns = {
        "id": [f"d{n}" for n in range(6)],
        "name": [f"상점가 {n}" for n in range(6)],
        "shops": np.arange(6),
        "rate": [0.1, 0.2, np.nan, 0.4, 0.5, 0.6],
        "zone": ["동", "동", "서", "서", None, "서"],
    }
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=4326)


def make_seeds() -> dict[str, Seed]:
    """Make a sound file of each format."""
    layers = {name: _layer(make(make_areas())) for name, make in LAYERS.items()}
    walk, district = {"gpx/walk.gpx": GPX.encode()}, {"layers/districts.geojson": _geojson()}
    tables = {
        "csv": _one("layers/shops.csv", SHOPS.encode(), "shops"),
        "xlsx": _one("layers/shops.xlsx", make_workbook(), "shops"),
        "xls": _one("layers/shops.xls", make_old_workbook(), "shops"),
        "ods": _one("layers/shops.ods", make_open_document(), "shops"),
        "osm": _one("layers/streets.osm", OSM.encode(), "layer"),
        "gpx": _one("gpx/walk.gpx", GPX.encode(), "trails"),
        "register": _one("gpx/trails.csv", REGISTER.encode(), "", walk),
        "closures": _one("layers/closures.csv", CLOSURES.encode(), "", walk),
        "catalog": _one("layers/catalog.toml", CATALOG.encode(), "", district),
        "photo": _one("gpx/walk.png", make_picture(), "", walk),
    }
    return layers | tables


def _one(path: str, data: bytes, role: str, beside: Files | None = None) -> Seed:
    return Seed({path: data}, role, (path,), beside or {})


def _layer(data: Files) -> Seed:
    files = {f"layers/districts{ending}": content for ending, content in data.items()}
    return Seed(files, "districts", tuple(files), {})


def _geojson() -> bytes:
    return make_areas().to_json(drop_id=True).encode()


def _written(suffix: str) -> Callable[[gpd.GeoDataFrame], Files]:
    """Return what writes a layer as one file, or as the parts of a shapefile."""

    def write(areas: gpd.GeoDataFrame) -> Files:
        with TemporaryDirectory() as folder:
            areas.to_file(Path(folder, f"a{suffix}"))
            paths = sorted(Path(folder).iterdir(), key=lambda path: path.suffix != suffix)
            return {path.suffix: path.read_bytes() for path in paths}

    return write


def _parquet(areas: gpd.GeoDataFrame) -> Files:
    out = io.BytesIO()
    areas.to_parquet(out)
    return {".parquet": out.getvalue()}


def _zip(areas: gpd.GeoDataFrame) -> Files:
    parts = _written(".shp")(areas)
    return {".zip": pack({f"areas/상점가{suffix}": data for suffix, data in parts.items()})}


def _kml(areas: gpd.GeoDataFrame) -> Files:
    places = "".join(
        f"<Placemark><name>{row.name_}</name><ExtendedData><Data name='지정'><value>{row.shops}"
        f"</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y},0" for x, y in shapely.get_coordinates(row.geometry.convex_hull))
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for row in areas.rename(columns={"name": "name_"}).itertuples()
    )
    text = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
    text += f"<Document><name>상점가</name><Folder><name>하나</name>{places}</Folder></Document>"
    return {".kml": f"{text}</kml>".encode()}


def _kmz(areas: gpd.GeoDataFrame) -> Files:
    return {".kmz": pack({"doc.kml": _kml(areas)[".kml"], "files/icon.png": b"\x89PNG" * 20})}


def pack(members: Files) -> bytes:
    """Zip some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_workbook() -> bytes:
    """Make a workbook of the shops."""
    book = openpyxl.Workbook()
    for line in SHOPS.splitlines():
        book.active.append([_number(cell) for cell in line.split(",")])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_open_document() -> bytes:
    """Make an OpenDocument spreadsheet of the shops."""
    rows = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in line.split(",")
        )
        + "</table:table-row>"
        for line in SHOPS.splitlines()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<?xml version='1.0'?><office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="s">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?>'
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<m:file-entry m:full-path="/" m:media-type="{kind.decode()}"/></m:manifest>'
    )
    members = {"mimetype": kind, "content.xml": content.encode()}
    return pack(members | {"META-INF/manifest.xml": manifest.encode()})


def make_old_workbook() -> bytes:
    """Make a workbook of the shops as Excel 97 had it."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for row, line in enumerate(SHOPS.splitlines()):
        for column, cell in enumerate(line.split(",")):
            sheet.write(row, column, _number(cell))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_picture(width: int = 8, height: int = 8) -> bytes:
    """Make a grey PNG."""
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _number(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell


LAYERS: dict[str, Callable[[gpd.GeoDataFrame], Files]] = {
    "geojson": lambda areas: {".geojson": areas.to_json(drop_id=True).encode()},
    "gpkg": _written(".gpkg"),
    "fgb": _written(".fgb"),
    "shp": _written(".shp"),
    "zip": _zip,
    "kml": _kml,
    "kmz": _kmz,
    "parquet": _parquet,
}
