"""Addresses of databases: what they say, where they are refused, and no password is repeated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import SettingsError, StoreError
from mapserver.readers.city_folder import read_city
from mapserver.settings import expand_home
from mapserver.stores.addresses import is_address, read_address

ADDRESS = "postgresql://gis:SECRETPW@127.0.0.1:1/maps?schema=c"
AS_FOLDER = [
    ADDRESS,
    f" {ADDRESS}",
    ADDRESS.replace("postgresql://", "postgresql:/"),
    ADDRESS.replace("postgresql", "jdbc:postgresql"),
    ADDRESS.replace("postgresql", "postgresql+psycopg"),
    ADDRESS.replace("postgresql", "mysql"),
    "host=127.0.0.1 port=1 password=SECRETPW dbname=maps",
    "dbname = maps password='SECRETPW x'",
    f"host=h password=SECRETPW application_name={'x' * 300}",
]


def test_an_address_is_told_from_a_folder_and_shown_without_its_password():
    address = read_address("postgresql://gis:s3cr%40t@db:5433/maps?sslmode=require&schema=서구")
    assert address.label == "postgresql://gis@db:5433/maps?schema=서구"
    assert address.schema == "서구"
    assert "s3cr" not in repr(address)
    assert address.conninfo.endswith("/maps?sslmode=require")
    assert address.hide_secrets("no s3cr@t or s3cr%40t\nhere") == "no *** or *** here"
    assert is_address("postgres://db/x")
    assert not is_address("./postgresql:/x")
    assert read_address("postgresql://h/d?password=top5ecret").hide_secrets("top5ecret") == "***"


def test_a_short_password_costs_a_message_no_letter_and_is_masked_where_it_stands():
    address = read_address("postgresql://reader:r@h/d")
    assert address.hide_secrets("permission denied for role") == "permission denied for role"
    texts = {
        "in postgresql://reader:r@h/d": "in postgresql://reader:***@h/d",
        "user=reader password=r host=h": "user=reader password=*** host=h",
        "d?password=r&sslmode=x": "d?password=***&sslmode=x",
        "sslpassword='r s' host=h": "sslpassword=*** host=h",
    }
    assert {text: address.hide_secrets(text) for text in texts} == texts


@pytest.mark.parametrize("text", AS_FOLDER)
def test_an_address_where_a_folder_is_named_is_refused_and_not_repeated(text, tmp_path):
    commands = [
        ["check", "--city", text],
        ["join", text, "--out", tmp_path / "out"],
        ["export", "--city", text, tmp_path / "out"],
        ["serve", "--city", text],
        ["load", "postgresql://h/x", "--city", text],
        ["diff", text, "."],
    ]
    runs = [CliRunner().invoke(main, [*map(str, command)]) for command in commands]
    runs.append(CliRunner().invoke(main, ["check"], env={"MAPSERVER_CITY": text}))
    for run in runs:
        assert run.exit_code == 2
        assert "MAPSERVER_STORE" in run.output
        assert "SECRET" not in run.output
    for path in (text, Path(text)):
        if is_address(path):
            continue  # which is opened
        with pytest.raises(SettingsError, match="serve --store") as caught:
            mapserver.open_city(path)
        assert "SECRET" not in f"{caught.value} {caught.value.values}"
    with pytest.raises(SettingsError):
        read_city(Path(text))


def test_words_that_no_command_understands_are_repeated_without_a_password():
    for text in (ADDRESS, ADDRESS.replace("SECRETPW", "SEC SECRETPW"), *AS_FOLDER[-2:]):
        run = CliRunner().invoke(main, ["check", text])
        assert (run.exit_code, "SECRET" in run.output) == (2, False)


def test_a_folder_may_have_a_name_like_a_word_of_a_connection(make_folder, monkeypatch):
    folder = make_folder({"gpx/hill.gpx": gpx(track([(126.85, 35.15), (126.86, 35.15)]))})
    (folder.parent / "user=3").symlink_to(folder)
    monkeypatch.chdir(folder.parent)
    assert mapserver.open_city("user=3").layers
    assert str(expand_home("a@b/c:d/e")) == "a@b/c:d/e"
    assert str(expand_home("C:/a@b")) == "C:/a@b"


@pytest.mark.parametrize(
    "password", ["SEC@RET", "12/RET", "12?RET", "12#RET", "SE/C@RET", "12?a=1&RET", "SE RET"]
)
def test_no_part_of_a_password_with_signs_is_taken_for_a_host_and_named(password):
    with pytest.raises((SettingsError, StoreError)) as caught:
        mapserver.open_city(f"postgresql://gis:{password}@127.0.0.1:1/maps")
    assert "%40" in str(caught.value)
    assert not {"SE", "RET", "12"} & set(re.split(r"\W", str(caught.value)))


def test_two_schemas_of_one_load_are_refused():
    with pytest.raises(SettingsError, match="names the schema 'a', and --schema another: 'b'"):
        read_address("postgresql://h/d?schema=a", schema="b")
    assert read_address("postgresql://h/d?schema=a", schema="a").schema == "a"
    with pytest.raises(SettingsError, match=r"63 bytes.*--schema"):
        read_address("postgresql://h/d", schema="긴" * 22)


@pytest.mark.parametrize(
    "text",
    [
        "mysql://u:s3cret@h/d",
        "postgresql://u:s3[cret@h/d",
        "postgresql://u:s3cret@h:99999999/d",
        "postgresql://u:s3cret@h/d?schema=pg_x",
        "postgresql://u:s3cret@h/d?schema=" + "x" * 64,
        "postgresql://u:s3cret@h/d?schema=%00",
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(text):
    with pytest.raises(SettingsError) as caught:
        read_address(text, "--store")
    assert "s3" not in str(caught.value)
    assert str(caught.value).startswith("--store: ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("postgresql://u:s3%zz@h/d", "percent sign"),
        ("postgresql://", "neither a host nor a database"),
        ("postgresql://u:s3x@h/d?nosuch=1", "no parameter 'nosuch'"),
        ("postgresql://u:s3x@h1:1,h2:2/d", "several hosts"),
        ("postgresql://h/d?schema=a&schema=b", "several schemas"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text, fault):
    with pytest.raises(SettingsError, match=fault) as caught:
        read_address(text, "--store")
    assert "s3" not in str(caught.value)


def test_an_address_of_ipv6_is_shown_with_brackets():
    assert read_address("postgresql://u@[::1]:5433/d").label == "postgresql://u@[::1]:5433/d"
