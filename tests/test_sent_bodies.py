"""Bodies that are sent to the API, of which a server of WSGI says how they end, or does not."""

from __future__ import annotations

import asyncio
import io

import pytest
from browsing import serve
from gpxtext import gpx
from granian.rsgi import ProtocolClosed, ProtocolError
from rsgi import Protocol, run_apart
from shared_fixtures import write_folder
from werkzeug.exceptions import ClientDisconnected

from mapserver.settings import limits
from mapserver.web.gateway import SentBody

TABLE = b"lon,lat\n126.85,35.15\n"


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    """Send a table to a server that tells the end of a body itself, with or without its length."""
    folder = write_folder(tmp_path_factory.mktemp("bodies"), {"gpx/a.gpx": gpx()})
    client = serve(folder).test_client()

    def ask(body: bytes, announced: int | None):
        environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
        environ["CONTENT_LENGTH"] = "" if announced is None else str(announced)
        headers = {"Transfer-Encoding": "chunked"} if announced is None else {}
        return client.post(
            "/api/nearest", content_type="text/csv", headers=headers, environ_overrides=environ
        )

    return ask


@pytest.mark.parametrize("missing", [1, len(b"126.85,35.15\n"), 10**6])
def test_a_body_that_is_shorter_than_was_announced_is_refused(post, missing):
    assert post(TABLE, len(TABLE)).status_code == 200
    answer = post(TABLE, len(TABLE) + missing)
    assert answer.status_code == 400
    assert "could not be received" in answer.json["detail"]


def test_a_body_without_a_length_may_be_as_large_as_one_with_it(post, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BODY_BYTES", len(TABLE))
    assert post(TABLE, None).status_code == 200
    for more in (1, 2, 100_000):
        answer = post(TABLE + b"\n" * more, None)
        assert answer.status_code == 413
        assert f"more than {len(TABLE)}" in answer.json["detail"]


@pytest.mark.parametrize("parts", [(ProtocolClosed(),), (ProtocolError(),), (b"", b"")])
def test_whoever_reads_a_body_hears_that_its_client_has_gone(parts):
    async def receive() -> None:
        loop = asyncio.get_running_loop()
        body = SentBody(Protocol(TABLE, *parts), loop)
        await loop.run_in_executor(None, body.readall)

    with pytest.raises(ClientDisconnected):
        run_apart(receive())
