"""GTFS comes in as it is published: which lines stop at the stops of the city, within limits."""

from __future__ import annotations

import tracemalloc
import zipfile

import pytest
from click.testing import CliRunner
from test_bus_lines import LAT, LON, folder, get_page  # noqa: F401 -- a fixture

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import DataError
from mapserver.readers.gtfs import read_gtfs
from mapserver.settings import limits

STOP = "RS_ACC1_S-1-0222"
FILES = {
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    "BR_GJ_16,A,16,운천-상무,0\nBR_GJ_9,A,9,,0\nRR_1,A,,광주 1호선,1\nBR_BS_1,A,부산1,,0\n",
    "trips.txt": "route_id,service_id,trip_id\n"
    "BR_GJ_16,1,t16a\nBR_GJ_16,1,t16b\nBR_GJ_9,1,t9\nRR_1,1,r1\nBR_BS_1,1,b1\n",
    "stops.txt": "stop_id,stop_code,stop_name,stop_lat,stop_lon\n"
    f'{STOP},0512,상무역,{LAT},{LON}\nRS_2,0600,"운천, 앞",{LAT},{LON + 0.003}\n'
    "RS_BUSAN,0001,부산역,35.115,129.041\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    f"t16a,25:01:00,25:01:00,{STOP},1\nt16b,08:00:00,08:00:00,{STOP},1\n"
    f"t9,08:00:00,08:00:00,{STOP},4\nr1,08:00:00,08:00:00,{STOP},4\n"
    "t9,08:02:00,08:02:00,RS_2,5\nb1,08:00:00,08:00:00,RS_BUSAN,1\n",
}
AREA = (LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1)


@pytest.fixture
def write(tmp_path):
    def pack(files=FILES, name="gtfs.zip", encoding="utf-8-sig", below=""):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, text in files.items():
                data = text if isinstance(text, bytes) else text.encode(encoding)
                archive.writestr(below + file, data)
        return path

    return pack


def read(path, area=AREA):
    return read_gtfs(path, name="gtfs.zip", area=area)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_each_line_and_stop_of_the_city_is_one_row(write, encoding):
    table, findings = read(write(encoding=encoding, below="gtfs/"))
    said = list(table[["line", "kind", "stop_name"]].itertuples(index=False, name=None))
    assert said == [
        ("16", "bus", "상무역"),
        ("9", "bus", "운천, 앞"),
        ("9", "bus", "상무역"),
        ("광주 1호선", "rail", "상무역"),
    ]
    assert list(table["pole_number"]) == ["0512", "0600", "0512", "0512"]
    assert findings == []


def test_types_of_the_standard_count_where_no_id_is_of_the_national_kind(write):
    routes = FILES["routes.txt"].replace("BR_", "X").replace("RR_1", "Y").replace(",0\n", ",3\n")
    trips = FILES["trips.txt"].replace("BR_", "X").replace("RR_1", "Y")
    table, _ = read(write(FILES | {"routes.txt": routes, "trips.txt": trips}))
    assert set(table["kind"]) == {"bus", "rail"}


def test_broken_rows_are_counted_by_file_and_leave_the_rest(write):
    files = FILES | {
        "stops.txt": FILES["stops.txt"]
        + "RS_9,1,어디,x,y\nRS_8,1,어디,95,126\n,1,이름만,35.1,126\n",
        "stop_times.txt": FILES["stop_times.txt"] + f"t16a,1\nnobody,1,1,{STOP},1\n\n",
        "trips.txt": FILES["trips.txt"] + "BR_NONE,1,t0\n",
    }
    table, findings = read(write(files))
    assert len(table) == 4
    counts = {finding.values["file"]: finding.values["count"] for finding in findings}
    assert counts == {"stops.txt": 3, "trips.txt": 1, "stop_times.txt": 2}
    assert {f.feature for f in findings} == {
        "stops.txt, line 5",
        "trips.txt, line 7",
        "stop_times.txt, line 8",
    }


def test_a_quotation_mark_that_is_never_closed_is_one_broken_row(write):
    rest = "".join(f"t9,{n},1,{STOP},{n}\n" for n in range(9000))
    times = FILES["stop_times.txt"] + 't9,"1,1\n' + rest
    table, findings = read(write(FILES | {"stop_times.txt": times}))
    assert len(table) == 4
    assert [finding.values["file"] for finding in findings] == ["stop_times.txt"]


@pytest.mark.parametrize("missing", FILES)
def test_without_one_of_its_files_or_columns_it_is_no_gtfs(write, missing):
    with pytest.raises(DataError, match=f"no {missing}"):
        read(write({name: text for name, text in FILES.items() if name != missing}))
    with pytest.raises(DataError, match=f"{missing} has no column"):
        read(write(FILES | {missing: "a,b\n1,2\n"}))
    with pytest.raises(DataError, match=f"{missing} has no column"):
        read(write(FILES | {missing: ""}))


def test_of_another_city_there_is_nothing(write):
    with pytest.raises(DataError, match="stops in the city"):
        read(write(), area=(10.0, 50.0, 11.0, 51.0))
    assert len(read(write(), area=None)[0]) == 5


@pytest.mark.parametrize("table", ["stops", "stop_times"])
def test_bombs_are_refused_before_they_are_unpacked(write, table):
    bomb = (FILES[f"{table}.txt"] + "x,1,1,1,1\n" * 3_000_000).encode()
    path = write(FILES | {f"{table}.txt": bomb})
    tracemalloc.start()
    with pytest.raises(DataError, match="times its size"):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 2**20


def test_sizes_are_limited(write, monkeypatch):
    path = write()
    for limit, match in (
        ("MAX_GTFS_TABLE_BYTES", "routes.txt unpacks to"),
        ("MAX_GTFS_TIMES_BYTES", "stop_times.txt unpacks to"),
        ("MAX_GTFS_LINE_LETTERS", "has a line of more than"),
        ("MAX_GTFS_PAIRS", "more than 2 stops"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(limits, limit, 2)
            if limit == "MAX_GTFS_LINE_LETTERS":
                path = write(FILES | {"stops.txt": FILES["stops.txt"] + "no end"})
            with pytest.raises(DataError, match=match):
                read(path)
        path = write()


def test_an_archive_that_is_damaged_or_lies_about_its_size_is_refused(write):
    data = bytearray(write().read_bytes())
    at = data.rindex(b"PK\x01\x02")
    size = int.from_bytes(data[at + 24 : at + 28], "little")
    data[at + 24 : at + 28] = (size - 9).to_bytes(4, "little")
    path = write(name="other.zip")
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="the archive is broken"):
        read(path)
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(DataError, match="broken"):
        read(path)


def test_it_comes_in_by_add_and_the_page_says_the_lines(folder, write):  # noqa: F811
    def run(path, *more):
        words = ["add", str(path), "--as", "bus_lines", "--city", str(folder), "--lang", "en"]
        return CliRunner().invoke(main, [*words, *more])

    assert "nothing was written" in run(write(), "--dry-run").output
    result = run(write())
    assert result.exit_code == 0, result.output
    # Busan is cut off, as the ones in the city are meant.
    assert "new rows: 4" in result.output
    city = mapserver.open_city(folder)
    assert list(city.ledgers["bus_lines"]["line"]) == ["16", "9", "9", "광주 1호선"]
    assert "지나는 노선 9, 16, 광주 1호선" in get_page(folder)
    assert "new rows: 0" in run(write()).output
    bad = run(write({"a.txt": "1"}, name="bad.zip"))
    assert bad.exit_code == 1
    assert "it is no GTFS" in bad.output


def fill_up(text):
    """Put so many lines of ASCII behind the header that the first piece has no Hangul."""
    header, _, lines = text.partition("\n")
    return "\n".join((header, *(f"RS_X{n},,Stop,0,0" for n in range(40_000)), lines))


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_the_encoding_is_that_of_the_whole_file_and_not_of_its_first_piece(write, encoding):
    files = FILES | {"stops.txt": fill_up(FILES["stops.txt"])}
    table, findings = read(write(files, encoding=encoding))
    assert set(table["stop_name"]) == {"상무역", "운천, 앞"}
    assert findings == read(write(encoding=encoding))[1]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_broken_letter_costs_its_row_alone_and_is_said(write, encoding):
    stops = FILES["stops.txt"].encode(encoding)
    broken = stops + b"RS_3,0700,\xff\xc0," + f"{LAT},{LON}\n".encode()
    table, findings = read(write(FILES | {"stops.txt": broken}, encoding=encoding))
    assert set(table["stop_name"]) == {"상무역", "운천, 앞"}
    assert [f.feature for f in findings if f.feature.startswith("stops.txt")] == [
        "stops.txt, line 5"
    ]


@pytest.mark.parametrize(
    ("table", "row", "reason", "mend"),
    [
        ("stops", "S9,1,어디,200,500", "no place on earth", "in degrees"),
        ("stops", "S9,1,어디", "not as many cells", "commas"),
        ("stops", f"S9,1,\ufffd,{LAT},{LON}", "letters that are broken", "UTF-8"),
        ("routes", ",A,16,,3", "no route_id", "id of the line"),
        ("trips", "NONE,1,x", "no line of routes.txt", "routes.txt"),
        ("stop_times", f"none,08:00:00,08:00:00,{STOP},1", "trips.txt has", "trips.txt"),
    ],
)
def test_rows_that_are_left_out_are_named_with_what_is_wrong_in_the_first(
    write, table, row, reason, mend
):
    file = f"{table}.txt"
    _, (finding,) = read(write({**FILES, file: f"{FILES[file]}{row}\n"}))
    assert finding.feature == f"{file}, line {FILES[file].count(chr(10)) + 1}"
    assert reason in finding.message
    assert mend in finding.mend
