"""Tables in cp949 whose rows are numbers: the names of their columns tell the encoding."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import DataError
from mapserver.model import LEDGERS
from mapserver.readers.csv_text import read_table
from mapserver.readers.known_headings import list_known_headings
from mapserver.text.encoding import prove_encoding

HOURS = "지점,지점명,일시,강수량(mm)\n" + "".join(
    f"788,풍암,2025-11-24 {hour:02d}:00,{hour / 10}\n" for hour in range(1, 24)
)


def test_the_hourly_file_of_the_weather_service_comes_in_without_a_question(make_folder, tmp_path):
    city, office = make_folder({}), tmp_path / "OBS_AWS_TIM_20251125.csv"
    office.write_bytes(HOURS.encode("cp949"))
    words = ["add", str(office), "--as", "rain", "--city", str(city), "--lang", "en"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    rows = mapserver.open_city(city).ledgers["rain"]
    assert list(rows["station_name"].unique()) == ["풍암"]
    assert len(rows) == 23


@pytest.mark.parametrize("ledger", LEDGERS)
def test_the_names_of_the_columns_of_each_ledger_tell_cp949(ledger):
    columns = LEDGERS[ledger].synonyms.values()
    korean = [[word for word in words if not word.isascii()] for words in columns]
    names = [words[0] for words in korean if words][:3]
    if len(names) < 2:
        pytest.skip("a table that the program alone writes")
    data = (",".join(names) + "\n1,2,3\n").encode("cp949")
    assert prove_encoding(data, headings=list_known_headings())[0] == "cp949"


@pytest.mark.parametrize(
    "header",
    [
        "정류장번호,정류장명,위도,경도",
        "주차장관리번호,주차장명,위도,경도",
        "번호,화장실명,개방시간,전화번호",
    ],
)
def test_registers_of_points_tell_it_by_their_columns(header, tmp_path):
    path = tmp_path / "points.csv"
    path.write_bytes(f"{header}\n1,A,35.1,126.8\n".encode("cp949"))
    table, _ = read_table(path, name="points.csv")
    assert list(table.columns) == header.split(",")


def test_a_table_in_two_encodings_is_still_refused():
    data = HOURS.encode("cp949") + "156,광주광역시,2025-11-25 01:00,0\n".encode() * 2
    with pytest.raises(DataError, match="two encodings"):
        prove_encoding(data, headings=list_known_headings())


@pytest.mark.parametrize(
    ("text", "codec"), [("站点,日期\n1,2\n", "gb18030"), ("지점\n1\n", "cp949")]
)
def test_other_words_and_one_alone_are_still_asked_about(text, codec):
    with pytest.raises(DataError, match="not certain"):
        prove_encoding(text.encode(codec), headings=list_known_headings())
