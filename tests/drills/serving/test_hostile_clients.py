"""Clients that send rubbish, or nothing, or a byte a second: never a 500, never a hang."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.pace import patience
from tests.serving_kit.load import WINE, request_bytes, response
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service

pytestmark = pytest.mark.drill

BODIES = int(os.environ.get("DRILL_BODIES", "10000"))
TIMEOUT = "2"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("hostile") / "state"
    keep_in_cache(state)
    settings = {"REQUEST_TIMEOUT_SECONDS": TIMEOUT, "MAX_CONNECTIONS": "40", "LOG_LEVEL": "WARNING"}
    with service(state, settings) as started:
        yield started


def mutations(seed: int) -> Iterator[bytes]:
    """Bodies that are a wine with something wrong: its bytes, its structure, its values, its size."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    whole = json.dumps(WINE).encode()
    values = [
        None, True, -1, 1e308, float("inf"), 10**40, "", " ", "\0", "\ud800", "x" * 20_000, [], {}, [[[]]],
        "19999", "2015-01-01", "٢٠١٥", -2015, 79.99, 100.01, "NaN", "'; DROP TABLE wine_predictions; --",
    ]  # fmt: skip
    while True:
        kind = rng.randrange(5)
        if kind == 0:
            at = rng.randrange(len(whole))
            yield whole[:at] + bytes([rng.randrange(256)]) + whole[at + rng.randrange(3) :]
        elif kind == 1:
            yield whole[: rng.randrange(len(whole))]
        elif kind == 2:
            wine = {**WINE, rng.choice([*WINE, "points", "varietal", "", "\0"]): rng.choice(values)}
            yield json.dumps(wine).encode("utf-8", "surrogatepass")
        elif kind == 3:
            yield json.dumps(rng.choice(values)).encode("utf-8", "surrogatepass")
        else:
            yield rng.randbytes(rng.randrange(200)) + b"[" * rng.choice([0, 0, 100, 50_000])


async def send_all(port: int, path: str, bodies: Iterator[bytes], count: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    remaining = iter(range(count))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in remaining:
            writer.write(request_bytes("POST", path, next(bodies)))
            status, body = await asyncio.wait_for(response(reader), patience(10))
            statuses[status] += 1
            assert isinstance(json.loads(body), dict)
        writer.close()

    await asyncio.gather(*(client() for _ in range(8)))
    return statuses


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/feedback"])
def test_malformed_bodies_get_reasons(path: str, running: Process) -> None:
    count = BODIES if path == "/predict" else BODIES // 5
    statuses = asyncio.run(send_all(running.port, path, mutations(7), count))
    assert statuses.total() == count
    assert set(statuses) <= {200, 400, 413}
    assert httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).status_code == 200


def test_a_byte_a_second_is_closed_in_time_and_holds_nobody_up(running: Process) -> None:
    whole = request_bytes("POST", "/predict", json.dumps(WINE).encode())

    async def drip(start: int) -> tuple[float, bytes]:
        """Send the rest from `start` a byte at a time; seconds until the end, and what was said."""
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        began = time.monotonic()
        writer.write(whole[:start])
        reading = asyncio.create_task(reader.read())
        for byte in whole[start:]:
            if (await asyncio.wait({reading}, timeout=0.5))[0]:
                break
            writer.write(bytes([byte]))
        said = await reading
        writer.close()
        return time.monotonic() - began, said

    async def both() -> list[tuple[float, bytes]]:
        slow = [asyncio.create_task(drip(start)) for start in (0, 30, whole.index(b"\r\n\r\n") + 10)]
        async with httpx.AsyncClient(base_url=running.address, timeout=patience(20)) as client:
            for _ in range(20):
                assert (await client.post("/predict", json=WINE, timeout=1)).status_code == 200
        return await asyncio.gather(*slow)

    for seconds, said in asyncio.run(both()):
        assert seconds < float(TIMEOUT) + 3
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in said


def test_connections_over_the_limit_are_told_so(running: Process) -> None:
    async def crowd() -> bytes:
        held = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(40)]
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        said = await asyncio.wait_for(reader.read(), patience(5))
        for _, other in [*held, (reader, writer)]:
            other.close()
        return said

    assert asyncio.run(crowd()).startswith(b"HTTP/1.1 503 ")
    assert httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /predict HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 60_000 + b"\r\n\r\n", b"431"),
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
    ],
    ids=["endless head", "no HTTP", "TLS on a plain port"],
)
def test_what_is_no_request_is_closed_with_a_problem(sent: bytes, status: bytes, running: Process) -> None:
    async def say() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(sent)
        said = await asyncio.wait_for(reader.read(), patience(5))
        writer.close()
        return said

    assert asyncio.run(say()).startswith(b"HTTP/1.1 " + status)


def test_a_body_over_the_limit_is_refused_before_it_is_read(running: Process) -> None:
    answer = httpx.post(f"{running.address}/predict", content=b"x" * 1_000_000, timeout=patience(20))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    many = httpx.post(
        f"{running.address}/predict/batch", json={"wines": [WINE] * 1_001}, timeout=patience(20)
    )
    assert many.status_code == 413
    assert "1,001" in many.json()["detail"]


def test_the_live_service_answers_as_its_description_says(running: Process, tmp_path: Path) -> None:
    """Schemathesis on every operation: statuses, media types and bodies as described, and never a 500."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{running.address}/openapi.json",
        "--checks", CHECKS,
        "--max-examples", os.environ.get("DRILL_EXAMPLES", "25"), "--seed", "1", "--no-color",
        "--suppress-health-check", "all",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, timeout=patience(280), check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
