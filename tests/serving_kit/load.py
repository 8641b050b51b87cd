"""Many requests over a few kept connections: fast enough not to be what is measured."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

WINE = {
    "country": "France",
    "description": "Ripe plum and cedar with firm tannins and a long finish.",
    "province": "Bordeaux",
    "millesime": "2015",
    "variety": "Merlot",
}


@dataclass
class LoadCounts:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    request_ids: list[str] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)
    broken: int = 0

    @property
    def answered(self) -> int:
        return self.statuses.total()


@dataclass
class Load:
    """`connections` clients that ask one after the other, `requests` times in all or until `stop`."""

    port: int
    connections: int = 16
    requests: int | None = None
    wine: dict[str, object] = field(default_factory=lambda: dict(WINE))
    counts: LoadCounts = field(default_factory=LoadCounts)
    stopping: bool = False
    _started: int = 0

    async def run(self) -> LoadCounts:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.connections):
                group.create_task(self._client())
        return self.counts

    def stop(self) -> None:
        self.stopping = True

    def _more(self) -> bool:
        if self.stopping or (self.requests is not None and self._started >= self.requests):
            return False
        self._started += 1
        return True

    async def _client(self) -> None:
        body = msgspec.json.encode(self.wine)
        request = request_bytes("POST", "/predict", body)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                while self._more():
                    writer.write(request)
                    self._note(*await response(reader))
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self.counts.broken += 1

    def _note(self, status: int, body: bytes) -> None:
        self.counts.statuses[status] += 1
        if status == 200:
            answer = msgspec.json.decode(body)
            self.counts.request_ids.append(answer["request_id"])
            self.counts.versions[answer["model"]["version"]] += 1


def request_bytes(method: str, path: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    extra = "".join(f"{header}\r\n" for header in headers)
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


async def response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of the next response."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    lengths = [int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length:")]
    return int(lines[0].split()[1]), await reader.readexactly(lengths[0] if lengths else 0)


def during(load: Load, work: Callable[[], None]) -> LoadCounts:
    """The counts of a load that lasts as long as `work`, which runs beside it in a thread."""

    async def both() -> LoadCounts:
        running = asyncio.create_task(load.run())
        try:
            await asyncio.to_thread(work)
        finally:
            load.stop()
        return await running

    return asyncio.run(both())
