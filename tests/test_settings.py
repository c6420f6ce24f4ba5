"""Settings: from the environment and one file, every mistake named before the server starts."""

from __future__ import annotations

import re
import tomllib
import tracemalloc
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from mapserver.commands.cli import main
from mapserver.errors import SettingsError
from mapserver.settings import READERS, Settings, expand_home, name_variable


@pytest.fixture
def write_settings(tmp_path):
    """Write a file of settings; give its path."""

    def write(content: str | bytes) -> Path:
        file = tmp_path / "mapserver.toml"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


def read(file: Path, **environ: str) -> Settings:
    return Settings.from_environment({"MAPSERVER_SETTINGS": str(file), **environ})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAPSERVER_TILE_URL", "tiles"),
        ("MAPSERVER_TILE_URL", "https://host/no-marks.png"),
        ("MAPSERVER_TILE_URL", "https://ho;st/{z}/{x}/{y}.png"),
        ("MAPSERVER_TILE_URL", "https://[/{z}/{x}/{y}.png"),
        ("MAPSERVER_TILE_URL", "https://:80/{z}/{x}/{y}.png"),
        ("MAPSERVER_BASE_URL", "host"),
        ("MAPSERVER_BASE_URL", "http://[/"),
        ("MAPSERVER_BASE_URL", "https://host:99999"),
        ("MAPSERVER_BASE_URL", "https://host/?a=1"),
        ("MAPSERVER_BASE_URL", "https://user@host"),
        ("MAPSERVER_BASE_URL", 'https://host/"><b>'),
        ("MAPSERVER_BASE_URL", "https://host/a\nb"),
        ("MAPSERVER_TILE_ATTRIBUTION", "two\nlines"),
        ("MAPSERVER_PORT", "0"),
        ("MAPSERVER_PORT", "65536"),
        ("MAPSERVER_PORT", "-1"),
        ("MAPSERVER_PORT", "8000.0"),
        ("MAPSERVER_PORT", "９０００"),
        ("MAPSERVER_PORT", "8_000"),
        ("MAPSERVER_PORT", "9" * 5000),
        ("MAPSERVER_PORT", "tcp://10.0.0.1:80"),
        ("MAPSERVER_WORKERS", "many"),
        ("MAPSERVER_WORKERS", "0"),
        ("MAPSERVER_HOST", "localhost:8000"),
        ("MAPSERVER_HOST", "http://localhost"),
        ("MAPSERVER_HOST", "[]"),
        ("MAPSERVER_HOST", "maps.example/seogu"),
        ("MAPSERVER_HOST", "127.0.0.1 8000"),
        ("MAPSERVER_HOST", "127.0.0.1,::1"),
        ("MAPSERVER_BASE_URL", "https://host/#trails"),
        ("MAPSERVER_LOG", "xml"),
        ("MAPSERVER_LOG", "JSON"),
    ],
)
def test_values_that_cannot_work_are_named_with_their_variable(name, value):
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment({name: value})


def test_without_any_setting_the_city_is_the_current_folder():
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.tile_origin == "https://tile.openstreetmap.org"
    assert Settings.from_environment({"MAPSERVER_CITY": "", "MAPSERVER_PORT": ""}) == settings


def test_tiles_are_switched_off_by_an_empty_address():
    settings = Settings.from_environment({"MAPSERVER_TILE_URL": ""})
    assert (settings.tile_origin, settings.tile_attribution) == ("", "")


@pytest.mark.parametrize(
    ("attribution", "is_said"),
    [(None, True), ("", True), (" ", True), ("© Seo-gu", False)],
)
def test_tiles_without_their_credit_are_said_and_no_credit_is_made_up(caplog, attribution, is_said):
    environ = {"MAPSERVER_TILE_URL": "https://tiles.example/{z}/{x}/{y}{r}.png"}
    if attribution is not None:
        environ["MAPSERVER_TILE_ATTRIBUTION"] = attribution
    settings = Settings.from_environment(environ)
    assert settings.tile_attribution == (attribution or "").strip()
    assert settings.lacks_tile_credit is is_said
    settings.log_missing_credit()
    assert ("https://tiles.example without their credit" in caplog.text) == is_said


def test_every_setting_can_stand_in_the_file(write_settings):
    file = write_settings(
        "\ufeff# settings\r\n"
        'city = "seogu"\r\nhost = "::1"\r\nport = 8080\r\nworkers = 2\r\n'
        'tile_url = "https://tiles.example/{z}/{x}/{y}.png"\r\n'
        'tile_attribution = "© 서구청"\r\nbase_url = "https://maps.example/seogu/"\r\n'
    )
    settings = read(file)
    assert settings == Settings(
        city=file.parent / "seogu",  # beside the file, wherever the command is called
        host="::1",
        port=8080,
        workers=2,
        tile_url="https://tiles.example/{z}/{x}/{y}.png",
        tile_attribution="© 서구청",
        base_url="https://maps.example/seogu",
    )
    assert set(READERS) == {field.name for field in fields(Settings)}


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(write_settings):
    file = write_settings('city = "/srv/one"\nport = 1111\nworkers = 3\ntile_url = ""\n')
    settings = read(file, MAPSERVER_CITY="two", MAPSERVER_PORT="2222")
    assert (settings.city, settings.port, settings.workers) == (Path("two"), 2222, 3)
    given = Settings.from_environment(
        {"MAPSERVER_SETTINGS": "/nowhere", "MAPSERVER_CITY": "two"}, city=Path("three"), file=file
    )
    assert (given.city, given.port) == (Path("three"), 1111)


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        ('city = "a"\nprot = 80\n', "2: prot", "Did you mean port"),
        ('\n\nMAPSERVER_CITY = "a"\n', "3: MAPSERVER_CITY", "Did you mean city"),
        ("tile-url = ''\n", "1: tile-url", "Did you mean tile_url"),
        ("Port = 80\n", "1: Port", "Did you mean port"),
        ("colour = 'red'\n", "1: colour", "Settings are: city, host, port"),
        ("[server]\nport = 80\n", "1: server", "there is no such setting"),
        ("host = 'a'\n[[port]]\nx = 1\n", "2: port", "no whole number from 1 to 65535"),
        ("port = true\n", "1: port", "no whole number"),
        ("port = 80.0\n", "1: port", "no whole number"),
        ('port = "http"\n', "1: port", "no whole number"),
        ("port = 2026-11-26\n", "1: port", "no whole number"),
        ("city = 1\n", "1: city", "quotation marks"),
        ("city = ['a']\n", "1: city", "quotation marks"),
        ("host = ''\n", "1: host", "no address to listen on"),
        ("base_url = 'example'\n", "1: base_url", "is not a web address"),
        ('city = """\nport = 1\n"""\n"port" = 0\n', "4: port", "no whole number"),
        ("port = 80\nport = 81\n", "2", "this is not TOML"),
        ("city = seogu\n", "1", "this is not TOML"),
        ("port: 80\n", "1", "this is not TOML"),
        ("a = 1\nb = '\x00'\n", "2", "this is not TOML"),
        ("port = 80\n# 서구\n".encode("cp949"), "2", "this is not UTF-8"),
        ("port = 80".encode("utf-16"), "1", "this is not UTF-8"),
        ("a = " + "[" * 5000, "", "this is not TOML"),
        ("# " + "x" * 200_000, "", "larger than 100 kB"),
    ],
)
def test_mistakes_in_the_file_are_named_with_file_line_and_key(
    write_settings, content, where, what
):
    file = write_settings(content)
    place = f"{file}:{where}: " if where else str(file)
    with pytest.raises(SettingsError, match=re.escape(what)) as caught:
        read(file)
    assert str(caught.value).startswith(place)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    for file in (tmp_path / "none.toml", tmp_path, Path("a\0b")):
        with pytest.raises(SettingsError, match="cannot be read"):
            read(file)
    assert Settings.from_environment({"MAPSERVER_SETTINGS": ""}) == Settings()


def test_no_more_of_a_file_is_read_than_it_may_have(tmp_path):
    file = tmp_path / "large.toml"
    with file.open("wb") as handle:
        handle.truncate(200_000_000)  # takes no room on the disk
    tracemalloc.start()
    try:
        with pytest.raises(SettingsError, match="larger than 100 kB"):
            read(file)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 1_000_000


@pytest.mark.parametrize("value", [3, None, b"city", ["city"]])
def test_what_is_no_path_is_named(value):
    with pytest.raises(SettingsError, match="is no path"):
        expand_home(value)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("MAPSERVER_TILEURL", "MAPSERVER_TILE_URL"),
        ("MAPSERVER_PROT", "MAPSERVER_PORT"),
        ("mapserver_city", "MAPSERVER_CITY"),
        ("MAPSERVER_SETTING", "MAPSERVER_SETTINGS"),
        ("MAPSERVER_BASEURL", "MAPSERVER_BASE_URL"),
    ],
)
def test_a_misspelt_variable_is_not_passed_over(name, near):
    with pytest.raises(SettingsError, match=f"^{name}: .*Did you mean {near}"):
        Settings.from_environment({name: "1"})


def test_other_variables_with_our_prefix_are_logged_and_do_no_harm(caplog):
    foreign = {"MAPSERVER_SERVICE_HOST": "10.0.0.1", "MAPSERVER_PORT_80_TCP": "tcp://10.0.0.1:80"}
    assert Settings.from_environment({**foreign, "MAPSERVER_TEST_DATA": "a"}) == Settings()
    assert [record.args[0] for record in caplog.records] == sorted(foreign)


def test_the_server_does_not_start_with_a_wrong_file_and_says_why_in_korean(write_settings):
    file = write_settings("port = 70000\n")
    result = CliRunner().invoke(main, ["serve", "--settings", str(file)], env={"LC_ALL": "ko_KR"})
    assert result.exit_code == 2
    assert result.stderr.startswith(f"mapserver: {file}:1: port: 70000")
    assert "1부터 65535까지" in result.stderr


def test_the_documentation_names_every_setting_and_its_example_can_be_read(write_settings):
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.MULTILINE)
    assert rows == [(key, name_variable(key)) for key in READERS]
    example = page.partition("```toml\n")[2].partition("```")[0]
    assert set(tomllib.loads(example)) <= set(READERS)
    read(write_settings(example))


def test_a_city_of_the_command_line_wins_over_a_database_of_the_environment(tmp_path):
    environ = {"MAPSERVER_STORE": "postgresql://db/maps"}
    assert Settings.from_environment(environ).store == "postgresql://db/maps"
    chosen = Settings.from_environment(environ, city=tmp_path)
    assert (chosen.city, chosen.store) == (tmp_path, "")


@pytest.mark.parametrize("text", ["mysql://u:s3cret@h/d", "u:s3cret@h", "postgresql://s3cret\nx"])
def test_a_wrong_address_of_a_database_is_refused_without_being_repeated(text):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"MAPSERVER_STORE": text})
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(Settings(store="postgresql://u:s3cret@h/d"))
