"""Plain requests and all others are answered alike, whichever way they take through the service."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.pace import patience
from tests.serving_kit.load import WINE, request_bytes
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service

pytestmark = pytest.mark.integration

BODY = msgspec.json.encode(WINE)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("lanes") / "state"
    keep_in_cache(state)
    with service(state, {}) as running:
        yield running


def exchange(port: int, sent: bytes, answers: int = 1) -> list[tuple[int, dict[str, str], Any]]:
    """Status, headers and JSON of each answer to bytes on one connection."""
    return asyncio.run(_exchange(port, sent, answers))


async def _exchange(port: int, sent: bytes, answers: int) -> list[tuple[int, dict[str, str], Any]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        async with asyncio.timeout(patience(30)):
            return [await _answer(reader) for _ in range(answers)]
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], Any]:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    if " 100 " in status:
        return await _answer(reader)
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return int(status.split()[1]), headers, json.loads(body)


def told_apart(answer: tuple[int, dict[str, str], Any]) -> tuple[int, dict[str, str], str]:
    """An answer without what differs from one to the next."""
    status, headers, body = answer
    varying = {"date", "x-request-id", "connection"}
    rest = {name: value for name, value in headers.items() if name not in varying}
    return status, rest, re.sub(r"[0-9a-f-]{36}", "<id>", json.dumps(body))


@pytest.mark.parametrize("body", [BODY, b"{}", b"[", b'{"country": 1}', b""], ids=repr)
@pytest.mark.parametrize("header", ["Expect: 100-continue", "Connection: close"])
def test_both_ways_give_the_same_answer(running: Process, body: bytes, header: str) -> None:
    (plain,) = exchange(running.port, request_bytes("POST", "/predict", body))
    (other,) = exchange(running.port, request_bytes("POST", "/predict", body, [header]))
    assert told_apart(plain) == told_apart(other)
    for _, headers, _ in (plain, other):
        assert uuid.UUID(headers["x-request-id"])
        assert headers["x-content-type-options"] == "nosniff"


def test_a_chunked_body_is_read_too(running: Process) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    ((status, _, body),) = exchange(running.port, head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))
    assert (status, body["model"]["version"]) == (200, "1")


def test_requests_sent_without_waiting_are_answered_in_their_order(running: Process) -> None:
    ids = [f"cart-{number}" for number in range(12)]
    sent = b"".join(request_bytes("POST", "/predict", BODY, [f"X-Request-ID: {one}"]) for one in ids[:-1])
    sent += request_bytes("GET", "/health/live", b"", [f"X-Request-ID: {ids[-1]}"])
    answers = exchange(running.port, sent, len(ids))
    assert [headers["x-request-id"] for _, headers, _ in answers] == ids
    assert {status for status, _, _ in answers} == {200}


def test_a_body_that_comes_in_pieces_is_put_together(running: Process) -> None:
    async def slowly() -> tuple[int, dict[str, str], Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        whole = request_bytes("POST", "/predict?explain=true", BODY)
        for at in range(0, len(whole), 40):
            writer.write(whole[at : at + 40])
            await writer.drain()
            await asyncio.sleep(0)
        try:
            return await _answer(reader)
        finally:
            writer.close()

    status, _, body = asyncio.run(slowly())
    assert status == 200
    assert body["explanation"]["base_price"] > 0


def test_requests_on_both_ways_are_counted_under_one_route(tmp_path: Path) -> None:
    state = tmp_path / "state"
    keep_in_cache(state)
    with service(state, {}) as running:
        exchange(running.port, request_bytes("POST", "/predict", BODY))
        exchange(running.port, request_bytes("POST", "/predict", BODY, ["Connection: close"]))
        exchange(running.port, request_bytes("POST", "/predict", b"no"))
        assert running.metric("wine_predictions_total") == 2
        assert running.metric('wine_requests_total{route="/predict",status="200"}') == 2
        assert running.metric('wine_requests_total{route="/predict",status="400"}') == 1
