"""A wire between a service and its database that counts what passes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.pace import patience


@dataclass
class Tap:
    """Bytes that passed, in either direction."""

    port: int = 0
    bytes: int = 0


@contextmanager
def tap(target: int) -> Iterator[Tap]:
    """A loopback port that leads to the loopback port `target`."""
    made = Tap()
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                made.bytes += len(data)
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, other_writer), carry(other_reader, writer))

    async def serve() -> None:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        made.port = server.sockets[0].getsockname()[1]
        ready.set()
        try:
            await asyncio.Event().wait()
        finally:
            server.close()

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(serve())
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        for left in asyncio.all_tasks(loop):
            left.cancel()
        loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
        loop.close()

    stop: list[Callable[[], object]] = []
    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(patience(10))
    try:
        yield made
    finally:
        for each in stop:
            each()
        thread.join(patience(10))
