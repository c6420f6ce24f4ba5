"""The recipe of docs/joining.md: Spark runs the same function by path, and makes the same bytes."""

from __future__ import annotations

import shutil
import sys

import pytest
from joining_points import hash_parts, make_joining_city, make_points, write_parts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


@pytest.fixture
def spark(monkeypatch):
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not installed")
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    # Workers are of this same Python.
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_spark_makes_the_same_bytes(city, tmp_path, spark):
    folder = write_parts(tmp_path / "p", make_points(6_000), 6)

    def on_spark(make_part, tasks):
        return spark.sparkContext.parallelize(tasks, len(tasks)).map(make_part).toLocalIterator()

    there = city.join(folder, out=tmp_path / "there", scheduler=on_spark, nearest="trails")
    alone = city.join(folder, out=tmp_path / "alone", nearest="trails")
    assert hash_parts(there.out) == hash_parts(alone.out)
    assert there.answered == alone.answered
