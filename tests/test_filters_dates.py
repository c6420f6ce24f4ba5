"""Columns of texts that are days or times, asked by filters as dates and as texts."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapserver.errors import QueryError
from mapserver.filters import read_filter
from mapserver.filters.written_moments import find_moment_kind
from mapserver.settings import Settings
from mapserver.web import create_app

COUNT = 60
SEOUL = ZoneInfo("Asia/Seoul")
ITEMS = "/api/collections/parcels/items"


def make_frame() -> gpd.GeoDataFrame:
    """Days and times about the new year, some of them missing, and columns that are neither."""
    rows = range(COUNT)
    starts = [dt.datetime(2025, 12, 1, 15, 30, tzinfo=dt.UTC) + dt.timedelta(days=n) for n in rows]
    offsets = (dt.timezone(dt.timedelta(hours=hours)) for hours in (0, 9, -5) * COUNT)
    times = [
        start.astimezone(zone).isoformat() for start, zone in zip(starts, offsets, strict=False)
    ]
    days = [f"{start:%Y-%m-%d}" for start in starts]
    return gpd.GeoDataFrame(
        {
            "designated": [None if n % 7 == 2 else day for n, day in enumerate(days)],
            "repeated": [days[n // 10] for n in rows],
            "edited": [None if n % 5 == 2 else time for n, time in enumerate(times)],
            "mixed": ["미정", *days[1:]],
            "blank": ["", *days[1:]],
            "naive": [f"{start:%Y-%m-%dT%H:%M:%S}" for start in starts],
            "number": [*rows],
        },
        geometry=shapely.points(126.8 + np.arange(COUNT) / 1000, 35.1),
        crs=4326,
        index=pd.Index([f"p{n}" for n in rows], name="id"),
    )


DAY, TIME = "2026-01-01", "2025-12-31T18:00:00Z"
QUESTIONS = {
    f"designated >= DATE('{DAY}')": lambda d, _: d >= DAY,
    f"DATE('{DAY}') > designated": lambda d, _: d < DAY,
    f"NOT (designated >= DATE('{DAY}'))": lambda d, _: d < DAY,
    f"designated = DATE('{DAY}')": lambda d, _: d == DAY,
    f"designated <> DATE('{DAY}')": lambda d, _: d.notna() & (d != DAY),
    f"designated IN (DATE('{DAY}'), DATE('2025-12-05'))": lambda d, _: (
        (d == DAY) | (d == "2025-12-05")
    ),
    f"designated IN ('2025-12-05', DATE('{DAY}'))": lambda d, _: (d == DAY) | (d == "2025-12-05"),
    f"designated BETWEEN DATE('2025-12-20') AND DATE('{DAY}')": lambda d, _: d.between(
        "2025-12-20", DAY
    ),
    # Three in the morning of the next day in Seoul.
    f"designated < TIMESTAMP('{TIME}')": lambda d, _: d < DAY,
    f"designated = TIMESTAMP('{TIME}')": lambda d, _: d == DAY,
    f"T_AFTER(designated, DATE('{DAY}'))": lambda d, _: d > DAY,
    f"T_BEFORE(DATE('{DAY}'), designated)": lambda d, _: d > DAY,
    f"T_DURING(designated, INTERVAL('2025-12-20', '{DAY}'))": lambda d, _: (
        (d > "2025-12-20") & (d < DAY)
    ),
    f"T_INTERSECTS(designated, INTERVAL('..', '{DAY}'))": lambda d, _: d <= DAY,
    f"T_AFTER(designated, TIMESTAMP('{TIME}'))": lambda d, _: d > DAY,
    f"edited > TIMESTAMP('{TIME}')": lambda _, e: e > TIME,
    f"edited <= TIMESTAMP('{TIME}')": lambda _, e: e <= TIME,
    "edited = TIMESTAMP('2025-12-31T15:30:00Z')": lambda _, e: e == "2025-12-31T15:30:00Z",
    f"edited = DATE('{DAY}')": lambda _, e: e.dt.tz_convert(SEOUL).dt.date == dt.date(2026, 1, 1),
    f"edited <> DATE('{DAY}')": lambda _, e: (
        e.notna() & (e.dt.tz_convert(SEOUL).dt.date != dt.date(2026, 1, 1))
    ),
    f"edited < DATE('{DAY}')": lambda _, e: e < pd.Timestamp(DAY, tz=SEOUL),
    f"edited <= DATE('{DAY}')": lambda _, e: e < pd.Timestamp("2026-01-02", tz=SEOUL),
    f"edited > DATE('{DAY}')": lambda _, e: e >= pd.Timestamp("2026-01-02", tz=SEOUL),
    f"edited >= DATE('{DAY}')": lambda _, e: e >= pd.Timestamp(DAY, tz=SEOUL),
    f"T_BEFORE(edited, DATE('{DAY}'))": lambda _, e: e < pd.Timestamp(DAY, tz=SEOUL),
    f"T_DURING(edited, INTERVAL('{DAY}', '..'))": lambda _, e: e > pd.Timestamp(DAY, tz=SEOUL),
    f"T_DISJOINT(INTERVAL('..', '{TIME}'), edited)": lambda _, e: e > TIME,
    # As texts, as ever.
    "designated >= '2026'": lambda d, _: d >= "2026-01-01",
    "designated LIKE '2026-01-1%'": lambda d, _: d.between("2026-01-10", "2026-01-19"),
    "designated IS NULL": lambda d, _: d.isna(),
    "edited LIKE '%-05:00' AND edited > TIMESTAMP('2025-12-31T18:00:00Z')": lambda _, e: (
        (e > TIME) & (np.arange(COUNT) % 3 == 2)
    ),
    f"designated > repeated AND designated <= DATE('{DAY}')": lambda d, _: (
        (d > make_frame()["repeated"].astype("datetime64[us]")) & (d <= DAY)
    ),
}
"""Filters, with the same question to columns of days and times of pandas."""


def ask_pandas(question) -> list[str]:
    frame = make_frame()
    days = pd.to_datetime(frame["designated"])
    times = pd.to_datetime(frame["edited"], utc=True, format="ISO8601")
    return [*frame.index[np.asarray(question(days, times).fillna(value=False), dtype=bool)]]


def write_layer(folder) -> None:
    frame = make_frame().reset_index()
    features = json.loads(frame.to_json())["features"]
    layer = {"type": "FeatureCollection", "features": features}
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "parcels.geojson").write_text(json.dumps(layer), "utf-8")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dates") / "city"
    write_layer(folder)
    return create_app(Settings(city=folder, tile_url="")).test_client()


@pytest.mark.parametrize("text", QUESTIONS)
def test_texts_of_days_and_times_are_asked_as_pandas_has_them(client, text):
    expected = ask_pandas(QUESTIONS[text])
    assert expected
    frame = make_frame()
    assert [*frame.index[read_filter(text).find_rows(frame, zone=SEOUL)]] == expected
    answer = client.get(ITEMS, query_string={"filter": text, "limit": 100})
    assert answer.status_code == 200, answer.text
    assert [feature["id"] for feature in answer.json["features"]] == expected


def test_missing_days_are_unknown(client):
    text = f"designated >= DATE('{DAY}')"
    counts = [
        client.get(ITEMS, query_string={"filter": each}).json["numberMatched"]
        for each in (text, f"NOT ({text})", f"({text}) IS NULL", "designated IS NULL")
    ]
    assert counts[2] == counts[3] == make_frame()["designated"].isna().sum()
    assert sum(counts[:3]) == COUNT


@pytest.mark.parametrize("name", ["mixed", "blank", "naive"])
@pytest.mark.parametrize(
    "text",
    ["{} >= DATE('2026-01-01')", "T_AFTER({}, DATE('2026-01-01'))", "{} IN (DATE('2026-01-01'))"],
)
def test_texts_of_several_kinds_stay_texts_and_say_why(client, name, text):
    answer = client.get(ITEMS, query_string={"filter": text.format(name)})
    assert answer.status_code == 400
    assert "each of them is a day" in answer.json["detail"]
    assert name in answer.json["detail"]
    with pytest.raises(QueryError, match="each of them is a day"):
        read_filter(text.format(name)).find_rows(make_frame())
    assert client.get(ITEMS, query_string={"filter": f"{name} > '2026'"}).json["numberMatched"]


def test_descriptions_say_which_texts_are_days_or_times(client):
    formats = {"designated": "date", "repeated": "date", "edited": "date-time"}
    for kind in ("queryables", "sortables", "schema"):
        properties = client.get(f"/api/collections/parcels/{kind}").json["properties"]
        assert {k: v["format"] for k, v in properties.items() if "format" in v} == (
            formats if kind == "sortables" else formats | {"geometry": "geometry-point"}
        )
    assert properties["designated"]["type"] == ["string", "null"]
    own = client.get("/api/openapi.json").json["components"]["schemas"]["Feature.parcels"]
    members = own["properties"]["properties"]["properties"]
    assert {k: v["format"] for k, v in members.items() if "format" in v} == formats


def test_texts_of_days_are_sorted_and_chosen_as_texts(client):
    answer = client.get(ITEMS, query_string={"sortby": "-edited", "limit": 100})
    texts = [each["properties"]["edited"] for each in answer.json["features"]]
    known = [text for text in texts if text is not None]
    assert known == sorted(known, reverse=True)
    assert texts[: len(known)] == known
    assert client.get(ITEMS, query_string={"repeated": "2025-12-02"}).json["numberMatched"] == 10
    assert 'name="repeated"' in client.get(f"{ITEMS}?f=html").text


def test_gdal_compares_texts_of_times_as_times(client):
    expected = ask_pandas(QUESTIONS[f"edited > TIMESTAMP('{TIME}')"])
    query = {"filter": f"edited > '{TIME}'", "filter-lang": "cql-text", "limit": 100}
    features = client.get(ITEMS, query_string=query).json["features"]
    assert [feature["id"] for feature in features] == expected
    query = {"filter": f"designated > '{DAY}T'", "filter-lang": "cql-text", "limit": 100}
    features = client.get(ITEMS, query_string=query).json["features"]
    assert [each["id"] for each in features] == ask_pandas(lambda d, _: d > DAY)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2024-02-29"], "date"),
        (["2025-02-29"], None),
        (["2000-02-29", "1900-02-28"], "date"),
        (["1900-02-29"], None),
        (["2025-04-31"], None),
        (["0000-01-01"], None),
        (["2025-1-1"], None),
        (["2025-01-01\n"], None),
        (["２０２５-01-01"], None),
        (["2025-01-01", 3], None),
        ([dt.date(2025, 1, 1)], None),
        ([20250101], None),
        ([None, None], None),
        ([], None),
        (["2025-01-01", None], "date"),
        (["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.123456+09:00"], "timestamp"),
        (["2025-01-01", "2025-01-01T00:00:00Z"], None),
        (["2025-01-01T00:00:00"], None),
        (["2025-01-01 00:00:00Z"], None),
        (["2025-01-01T24:00:00Z"], None),
        (["2025-01-01T00:00:00+15:00"], None),
        (["2025-01-01T00:00:00.1234567Z"], None),
    ],
)
def test_a_column_is_of_days_or_times_where_all_of_its_values_are(values, kind):
    assert find_moment_kind(pd.Series(values, dtype=object)) == kind
    if all(value is None or isinstance(value, str) for value in values):
        assert find_moment_kind(pd.Series(values, dtype="str")) == kind
