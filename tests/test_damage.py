"""Whatever a reader raises over a file is one finding about that file, and the rest opens."""

from __future__ import annotations

import errno
import logging
import struct
import zipfile
import zlib

import geopandas as gpd
import pyogrio
import pytest
import shapely
from gpxtext import gpx
from shapely.errors import GEOSException

import mapserver
from mapserver.errors import DataError, MistakeError
from mapserver.files.damage import (
    compute_mistake_id,
    is_disk_full,
    translate_read_errors,
    translate_write_errors,
)
from mapserver.readers.vector import surfaces

AREA = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(126.8, 35.1, 126.9, 35.2)], crs=4326)

RAISED = [
    *(GEOSException("ParseException"), zlib.error("Error -3"), struct.error("unpack requires")),
    *(NotImplementedError("compression type 99"), UnboundLocalError("local variable"), EOFError()),
    *(RecursionError("maximum depth"), MemoryError(), IndexError("out of range"), KeyError("geo")),
    *(zipfile.BadZipFile("bad"), pyogrio.errors.DataSourceError("corrupt"), OSError("thrift")),
]


def raiser(error: BaseException, module: str):
    """A function of a module, as its exceptions' frames have it, that raises an error."""
    room = {"__name__": module, "error": error}
    exec("def read(*args, **options): raise error", room)  # noqa: S102 -- its module is its globals
    return room["read"]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_what_a_reader_raises_costs_one_layer_and_is_said(make_folder, monkeypatch, error):
    folder = make_folder({"gpx/park.gpx": gpx(), "layers/districts.gpkg": AREA})
    monkeypatch.setattr(surfaces.pyogrio, "read_dataframe", raiser(error, "pyogrio.geopandas"))
    monkeypatch.setattr(surfaces, "_read_surfaces", raiser(error, "pyogrio.raw"))
    city = mapserver.open_city(folder)
    assert list(city.trails.index) == ["park"]
    (finding,) = city.findings
    assert finding.code == "layer-unreadable"
    assert finding.file == "layers/districts.gpkg"
    assert finding.mend
    assert str(folder) not in str(finding)


def test_a_panic_of_a_reader_in_rust_is_a_damaged_file():
    panic = type("PanicException", (BaseException,), {})
    with (
        pytest.raises(DataError, match=r"x\.xls: the file cannot be read"),
        translate_read_errors("x.xls"),
    ):
        raise panic


def test_an_interrupt_is_no_damage():
    with pytest.raises(KeyboardInterrupt), translate_read_errors("x.gpkg"):
        raise KeyboardInterrupt


def test_a_mistake_of_ours_is_not_blamed_on_the_file(make_folder, monkeypatch):
    folder = make_folder({"gpx/park.gpx": gpx(), "layers/districts.gpkg": AREA})
    broken = raiser(AttributeError("no attribute 'x'"), "mapserver.readers.vector.repair")
    monkeypatch.setattr("mapserver.readers.vector.repair_polygons", broken)
    city = mapserver.open_city(folder)
    assert list(city.trails.index) == ["park"]
    (finding,) = city.findings
    assert finding.code == "program-mistake"
    assert "mistake" in finding.message
    assert "may be sound" in finding.message


def test_our_frame_inside_of_a_reader_s_is_ours():
    def call_back(_line):
        raiser(ValueError("ours"), "mapserver.readers.gpx.reading")()

    outer = {"__name__": "gpxpy.parser"}
    exec("def parse(back): back(1)", outer)  # noqa: S102 -- its module is its globals
    with pytest.raises(MistakeError), translate_read_errors("a.gpx"):
        outer["parse"](call_back)


WRITER = "pyogrio.raw"


@pytest.mark.parametrize(
    "error",
    [
        *(pyogrio.errors.FieldError("unsupported type"), ValueError("must be str"), OSError("io")),
        *(MemoryError(), NotImplementedError("lists"), OverflowError("too large")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_writer_cannot_hold_asks_for_another_format(tmp_path, error):
    write = raiser(error, WRITER)
    context = translate_write_errors("a", tmp_path / "a.shp", "Use another format")
    with pytest.raises(DataError, match="cannot be written") as caught, context:
        write()
    assert not isinstance(caught.value, MistakeError)
    assert caught.value.mend == "Use another format"


@pytest.mark.parametrize(
    ("error", "module"),
    [
        (KeyError("parks"), "mapserver.writers.geopackage"),
        (ValueError("ours"), "mapserver.writers.columns"),
        (TypeError("wrong arguments"), WRITER),
        (KeyError("parks"), WRITER),
        (AttributeError("no encode"), "pandas.core.strings.accessor"),
    ],
    ids=["our table", "our value", "our call", "our key", "our use of pandas"],
)
def test_a_mistake_of_ours_is_not_blamed_on_the_format(tmp_path, error, module):
    write = raiser(error, module)
    context = translate_write_errors("a", tmp_path / "a.gpkg", "Use another format")
    with pytest.raises(MistakeError) as caught, context:
        write()
    assert "another format" not in str(caught.value)
    assert type(error).__name__ in str(caught.value)


def test_our_frame_inside_of_a_writer_s_is_ours(tmp_path):
    outer = {"__name__": WRITER, "back": raiser(ValueError("ours"), "mapserver.writers.gpx")}
    exec("def write(): back()", outer)  # noqa: S102 -- its module is its globals
    with pytest.raises(MistakeError), translate_write_errors("a", tmp_path / "a.gpx", ""):
        outer["write"]()


def test_a_mistake_has_an_id_under_which_the_log_has_the_traceback(caplog):
    caplog.set_level(logging.ERROR, "mapserver.mistakes")  # a command before may have silenced it
    broken = raiser(KeyError("parks"), "mapserver.model.catalog")
    errors = []
    for _ in range(2):
        with pytest.raises(MistakeError) as caught, translate_read_errors("a.gpkg"):
            broken()
        errors.append(caught.value)
    (id_,) = {str(error.values["reason"]).rpartition(", ")[2] for error in errors}
    assert id_ == compute_mistake_id(errors[0].__cause__)
    assert id_ in caplog.messages[0]
    assert caplog.records[0].exc_info[1] is errors[0].__cause__


def test_mistakes_at_two_lines_have_two_ids():
    def find_id(line: int) -> str:
        room = {"__name__": "mapserver.model.catalog"}
        exec("\n" * line + "def read(): raise KeyError", room)  # noqa: S102 -- its line is chosen
        with pytest.raises(KeyError) as caught:
            room["read"]()
        return compute_mistake_id(caught.value)

    assert find_id(1) == find_id(1)
    assert find_id(1) != find_id(2)


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EIO])
def test_what_the_system_says_is_no_damage(number):
    with pytest.raises(DataError, match="cannot be opened"), translate_read_errors("a.csv"):
        raise OSError(number, "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_called_so(tmp_path, number):
    for context in (
        translate_read_errors("a.zip"),
        translate_write_errors("a", tmp_path / "a.shp", "Use another format"),
    ):
        with pytest.raises(DataError, match="the disk is full"), context:
            raise OSError(number, "")


def test_a_full_disk_is_known_by_what_libraries_say(tmp_path):
    said = [
        pyogrio.errors.DataSourceError("sqlite3_exec failed: database or disk is full"),
        RuntimeError("VSIFWriteL(): No space left on device"),
        ValueError("File too large"),
    ]
    assert all(is_disk_full(error, tmp_path) for error in said)
    assert not is_disk_full(ValueError("cannot write a list"), tmp_path)
