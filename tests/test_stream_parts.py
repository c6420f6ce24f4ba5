"""The parts of an answer that is written while it is sent: how large, how quickly packed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import brotli
import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from mapserver.settings import limits
from mapserver.web import responses, streams


def collect(parts: list[bytes], coding: str = "") -> list[bytes]:
    """Collect what is sent of an answer in some parts."""
    request = Request(EnvironBuilder(headers={"Accept-Encoding": coding}).get_environ())
    return list(streams.send_stream(iter(parts), "text/csv", "tag", request).response)


@pytest.mark.parametrize(
    ("parts", "head", "is_whole"),
    [
        ([], b"", True),
        ([b"abc"], b"abc", True),
        ([b"ab", b"cd"], b"abcd", True),
        ([b"ab", b"cd", b"e", b"f"], b"abcde", False),
        ([b"abcde"], b"abcde", False),
    ],
)
def test_what_is_longer_than_a_head_is_not_whole(parts, head, is_whole):
    rest = iter(parts)
    assert streams.take_head(rest, 4) == (head, is_whole)
    assert is_whole or head + b"".join(rest) == b"".join(parts)


def test_parts_are_gathered_and_none_is_empty(monkeypatch):
    monkeypatch.setattr(limits, "STREAM_PART_BYTES", 4)
    assert collect([b"a", b"bcd", b"", b"efghi", b"jk"]) == [b"abcd", b"efghi", b"jk"]
    assert collect([b"ab", b"cd"]) == [b"abcd"]
    assert collect([]) == []


def test_parts_are_packed_quickly(monkeypatch):
    made = []

    def note(make):
        return lambda *words, **named: made.append((words, named)) or make(*words, **named)

    monkeypatch.setattr(brotli, "Compressor", note(brotli.Compressor))
    monkeypatch.setattr(zlib, "compressobj", note(zlib.compressobj))
    for coding in ("br", "gzip"):
        assert collect([b"abc"], coding)
    assert made == [
        ((), {"quality": responses.BROTLI_AT_ONCE}),
        ((responses.GZIP_AT_ONCE,), {"wbits": streams.GZIP_WINDOW}),
    ]


@pytest.mark.parametrize("coding", ["", "br", "gzip"])
def test_a_part_leaves_before_the_next_is_written(monkeypatch, coding):
    monkeypatch.setattr(limits, "STREAM_PART_BYTES", 4)
    written: list[int] = []

    def write() -> Iterator[bytes]:
        for number in range(9):
            written.append(number)
            yield b"abcd"

    request = Request(EnvironBuilder(headers={"Accept-Encoding": coding}).get_environ())
    parts = iter(streams.send_stream(write(), "text/csv", "tag", request).response)
    assert next(parts)
    assert written == [0]
