"""Clients that misbehave, each in its own way, over and over until they are cancelled."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from tests.serving_kit.load import WINE, request_bytes, response

Abuser = Callable[["Target"], Awaitable[None]]

END_SECONDS: Final = 10
"""The time that clients have to end."""

LONG_NOTE: Final = "plum cedar leather " * 500
HOSTILE_BODIES: Final = [
    json.dumps({**WINE, **{f"field {number}": number for number in range(6_000)}}),
    json.dumps({**WINE, "millesime": " " * 50_000 + "x"}),
    json.dumps({**WINE, "description": "@" * 9_999}),
    json.dumps({**WINE, "description": LONG_NOTE}),
    "[" * 60_000,
    '{"country": "' + "\\u0000" * 10_000,
    "\ufeff" * 40_000,
]


class Target:
    """Where the service listens, and a key that is not the steady client's."""

    def __init__(self, port: int, key: str, seed: int) -> None:
        self.port = port
        self.key = [f"X-API-Key: {key}"]
        self.random = random.Random(seed)  # noqa: S311 - no secret

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)

    async def ask(self, path: str, body: bytes, headers: list[str]) -> int:
        """One request on a connection of its own; the status of its answer."""
        reader, writer = await self.connect()
        try:
            writer.write(request_bytes("POST", path, body, headers))
            status, _ = await asyncio.wait_for(response(reader), 60)
            return status
        finally:
            writer.close()


async def slow_reader(target: Target) -> None:
    """Asks without end and reads nothing."""
    reader, writer = await target.connect()
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    try:
        for _ in range(500):
            writer.write(request_bytes("GET", "/openapi.json", b"") * 20)
            await asyncio.wait_for(writer.drain(), 45)
    finally:
        writer.transport.abort()


async def slow_writer(target: Target) -> None:
    """Sends a byte now and then: of the head, or of a body."""
    reader, writer = await target.connect()
    whole = request_bytes("POST", "/predict", json.dumps(WINE).encode(), target.key)
    start = target.random.choice([0, 30, whole.index(b"\r\n\r\n") + 20])
    writer.write(whole[:start])
    for byte in whole[start:]:
        writer.write(bytes([byte]))
        await writer.drain()
        if reader.at_eof():
            break
        await asyncio.sleep(0.5)
    writer.close()


async def unfinished_batch(target: Target) -> None:
    """Sends nearly four megabytes of a batch, and waits."""
    reader, writer = await target.connect()
    head = f"POST /predict/batch HTTP/1.1\r\nHost: x\r\n{target.key[0]}\r\nContent-Length: 4000000\r\n\r\n"
    writer.write(head.encode() + b" " * 3_900_000)
    await writer.drain()
    await reader.read()
    writer.close()


async def hostile_body(target: Target) -> None:
    """Bodies that are expensive to read, or to complain about."""
    await target.ask("/predict", target.random.choice(HOSTILE_BODIES).encode(), target.key)


async def hostile_batch(target: Target) -> None:
    """A batch as large as may be, of wines with unknown fields or long notes."""
    wine = {**WINE, **{f"u{number}": 1 for number in range(300)}}
    note = {**WINE, "description": LONG_NOTE[:3_500]}
    body = json.dumps([target.random.choice([wine, note])] * 1_000).encode()[:3_999_000]
    await target.ask("/predict/batch", body, target.key)


async def batch(target: Target) -> None:
    """A thousand wines, as good as any."""
    await target.ask("/predict/batch", json.dumps([WINE] * 1_000).encode(), target.key)


async def wrong_key(target: Target) -> None:
    """Guesses keys."""
    await target.ask("/predict", json.dumps(WINE).encode(), [f"X-API-Key: {target.random.random()}"])


async def garbage(target: Target) -> None:
    """Bytes that are no HTTP, after some that are; offers of an upgrade with a request for a body."""
    smuggled = request_bytes("POST", "/feedback", b"{}")
    offer = ["Connection: Upgrade", "Upgrade: h2c", *target.key]
    reader, writer = await target.connect()
    writer.write(request_bytes("POST", "/predict", smuggled, offer) + target.random.randbytes(100))
    await asyncio.wait_for(reader.read(), 60)
    writer.close()


async def idler(target: Target) -> None:
    """Opens a connection, and sends empty lines."""
    reader, writer = await target.connect()
    for _ in range(40):
        writer.write(b"\r\n")
        await writer.drain()
        if reader.at_eof():
            break
        await asyncio.sleep(1)
    writer.close()


ABUSERS: Final[dict[Abuser, int]] = {
    slow_reader: 20,
    slow_writer: 100,
    unfinished_batch: 40,
    hostile_body: 3,
    hostile_batch: 1,
    batch: 1,
    wrong_key: 2,
    garbage: 2,
    idler: 150,
}
"""How many of each there are at a time."""


async def abuse(port: int, key: str, seconds: float) -> None:
    """All of them, for so long."""
    end = asyncio.get_running_loop().time() + seconds

    async def again(abuser: Abuser, seed: int) -> None:
        target = Target(port, key, seed)
        while asyncio.get_running_loop().time() < end:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                await abuser(target)
            await asyncio.sleep(target.random.uniform(0.05, 0.5))

    tasks = [
        asyncio.create_task(again(abuser, seed)) for abuser, count in ABUSERS.items() for seed in range(count)
    ]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=END_SECONDS)  # wait_for may hide a cancellation (cpython issue 86296)
