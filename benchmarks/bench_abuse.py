"""`python -m benchmarks.bench_abuse [SECONDS]`: a steady client beside many that misbehave, 10 minutes long.

The steady client asks 200 times a second with a valid key, on connections of its own, whether or not answers
come. What it gets, how long it waits (from when it meant to ask), what memory the service takes, and whether
every answered row is in the table, is printed; the exit code is 1 where a bound is broken (`BOUNDS`).
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import psutil

from benchmarks.abusers import abuse
from serving.access.api_keys import new_key
from tests.serving_kit.load import WINE, request_bytes, response
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.postgres import Postgres, postgres_server
from tests.serving_kit.services import Process, service, wait_for

RATE: Final = 200
CONNECTIONS: Final = 20
BOUNDS: Final = {"p99_ms": 50.0, "memory_mb": 500.0}


@dataclass
class Steady:
    """What the steady client got."""

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    broken: int = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("inf")

    @property
    def failed(self) -> int:
        return self.broken + self.statuses.total() - self.statuses[200]


@dataclass
class Outcome:
    """The steady client's figures, and the service's."""

    steady: Steady
    memory_mb: float
    missing_rows: int

    def figures(self) -> dict[str, float]:
        steady = self.steady
        return {
            "requests": steady.statuses.total(),
            "failed": steady.failed,
            "p50_ms": round(steady.percentile(0.5), 1),
            "p99_ms": round(steady.percentile(0.99), 1),
            "max_ms": round(max(steady.milliseconds, default=0.0), 1),
            "memory_mb": round(self.memory_mb),
            "missing_rows": self.missing_rows,
        }


async def steady(port: int, key: str, seconds: float) -> Steady:
    """Ask at a steady pace over a few kept connections."""
    result = Steady()
    request = request_bytes("POST", "/predict", json.dumps(WINE).encode(), [f"X-API-Key: {key}"])
    began = time.perf_counter()

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for turn in range(number, int(seconds * RATE), CONNECTIONS):
                due = began + turn / RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                writer.write(request)
                status, body = await asyncio.wait_for(response(reader), 30)
                result.milliseconds.append((time.perf_counter() - due) * 1e3)
                result.statuses[status] += 1
                if status == 200:
                    result.ids.append(json.loads(body)["request_id"])
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            result.broken += 1
        finally:
            writer.close()

    await asyncio.gather(*(client(number) for number in range(CONNECTIONS)))
    return result


@contextmanager
def watched_memory(pid: int) -> Iterator[list[float]]:
    """The largest resident memory of a process (MB), in a list of one."""
    largest = [0.0]
    done = threading.Event()

    def watch() -> None:
        process = psutil.Process(pid)
        while not done.wait(0.2):
            largest[0] = max(largest[0], process.memory_info().rss / 2**20)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield largest
    finally:
        done.set()
        thread.join()


def run(seconds: float) -> Outcome:
    """Start a database and a service, and let both kinds of clients at it."""
    (key, key_hash), (other, other_hash) = new_key(), new_key()
    with tempfile.TemporaryDirectory(prefix="wine-abuse-") as folder, postgres_server() as database:
        state = Path(folder) / "state"
        keep_in_cache(state)
        settings = {
            "API_KEYS": f"steady={key_hash},other={other_hash}",
            "NEON_URI": database.create_database("abuse"),
            "LOG_LEVEL": "WARNING",
        }
        with service(state, settings, path="/health/live") as running:
            with watched_memory(running.process.pid) as memory:
                result = both(running, key, other, seconds)
            return Outcome(result, memory[0], missing_rows(running, database, result.ids))


def both(running: Process, key: str, other: str, seconds: float) -> Steady:
    """The steady client here, the others in a process of their own, so that they do not slow it down."""
    abusers = get_context("spawn").Process(target=_abuse, args=(running.port, other, seconds))
    abusers.start()
    try:
        return asyncio.run(steady(running.port, key, seconds))
    finally:
        abusers.join(30)
        abusers.kill()


def _abuse(port: int, key: str, seconds: float) -> None:
    asyncio.run(abuse(port, key, seconds))


def missing_rows(running: Process, database: Postgres, ids: list[str]) -> int:
    """Answered requests that are not in the table when the outbox is empty."""
    wait_for(lambda: running.health()["outbox"]["rows"] == 0, what="an empty outbox", seconds=300)
    rows = set(database.query("SELECT request_id FROM wine_predictions", "abuse").split("\n"))
    return len(set(ids) - rows)


def main(arguments: list[str]) -> int:
    outcome = run(float(arguments[0]) if arguments else 600.0)
    figures = outcome.figures()
    print(json.dumps(figures, indent=2))
    broken = [name for name, bound in BOUNDS.items() if figures[name] > bound]
    broken += [name for name in ("failed", "missing_rows") if figures[name]]
    print("All bounds hold." if not broken else f"Broken: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
