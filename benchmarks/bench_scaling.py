"""Two replicas of the service against one: `python -m benchmarks.bench_scaling`.

Needs a local stack that is up (`make up`) and wrk. Replicas share nothing but the database and the
tracker, so the second is simply started beside the first. Writes benchmarks/scaling.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import psutil

from benchmarks.record import keep
from deployments.local.settings import StackSettings
from deployments.local.stack.services import client_environment, inherited_environment

SECONDS = 6
ROUNDS = (1, 2, 1, 2)  # in turn: what else runs here meanwhile falls on both
WINE = {
    "country": "US", "province": "California", "millesime": "2013",
    "description": "Ripe black cherry and cassis with firm tannins and a long finish.",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """`rate` is answers a second of all replicas together, `cpu` microseconds of theirs for each answer."""

    replicas: int
    rate: float
    cpu: float


@contextmanager
def process(command: Sequence[str], env: dict[str, str], cores: str) -> Iterator[psutil.Process]:
    started = subprocess.Popen(["taskset", "-c", cores, *command], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(timeout=60)


def wait_for(url: str) -> None:
    for _ in range(240):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.25)
    raise SystemExit(f"{url} did not come up")


def load(urls: Sequence[str], folder: Path) -> float:
    """Answers a second over all `urls` at once, 16 connections each."""
    script = folder / "wine.lua"
    body = json.dumps(WINE).replace('"', '\\"')
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = "{body}"\nwrk.headers["Content-Type"] = "application/json"\n'
    )
    running = [
        subprocess.Popen(["wrk", "-t1", "-c16", f"-d{SECONDS}s", "-s", str(script), f"{url}/predict"],
                         stdout=subprocess.PIPE, text=True)
        for url in urls
    ]  # fmt: skip
    texts = [each.communicate()[0] for each in running]
    return sum(float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]) for text in texts)  # type: ignore[index]


async def logged(uri: str) -> tuple[int, int]:
    """Rows of the log, and distinct requests in it."""
    connection = await asyncpg.connect(uri)
    try:
        row = await connection.fetchrow(
            "SELECT count(*) AS rows, count(DISTINCT request_id) AS requests FROM wine_predictions"
        )
        return row["rows"], row["requests"]
    finally:
        await connection.close()


def replicas(settings: StackSettings, folder: Path) -> list[Result]:
    """The best round of one replica and of two, each replica on a core of its own where there are two."""
    found = [measure(settings, folder, number) for number in ROUNDS]
    return [max((each for each in found if each.replicas == n), key=lambda each: each.rate) for n in (1, 2)]


def measure(settings: StackSettings, folder: Path, number: int) -> Result:
    ports = (settings.serving_port + 101, settings.serving_port + 102)[:number]
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                process(
                    [sys.executable, "-m", "serving"], serving_environment(settings, port, folder), str(core)
                )
            )
            for core, port in enumerate(ports)
        ]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for url in urls:
            wait_for(f"{url}/health")
        before = sum(cpu_seconds(each) for each in running)
        rate = load(urls, folder)
        used = sum(cpu_seconds(each) for each in running) - before
    return Result(number, rate, used / (rate * SECONDS) * 1e6)


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def serving_environment(settings: StackSettings, port: int, folder: Path) -> dict[str, str]:
    return inherited_environment() | client_environment(settings) | {
        "OMP_NUM_THREADS": "1", "SERVING_PORT": str(port), "SERVING_STATE_DIR": str(folder / str(port)),
    }  # fmt: skip


def main() -> int:
    settings = StackSettings.from_env(os.environ)
    uri = settings.postgres_uri("wine")
    with tempfile.TemporaryDirectory() as folder:
        before = asyncio.run(logged(uri))
        results = replicas(settings, Path(folder))  # a replica that ends has emptied its outbox
        after = asyncio.run(logged(uri))
    rows, requests = after[0] - before[0], after[1] - before[1]
    lines = [
        "# Replicas of the service on one database", "",
        "`python -m benchmarks.bench_scaling`, intervals and log on, 16 connections a replica, the better of",
        f"two rounds of {SECONDS} s; {os.cpu_count()} cores shared with wrk and the rest of the stack.", "",
        "| replicas | answers a second | µs of CPU an answer |", "| --- | --- | --- |",
        *(f"| {each.replicas} | {each.rate:,.0f} | {each.cpu:.0f} |" for each in results), "",
        f"{rows:,} rows came into the log, {requests:,} of them distinct requests.",
    ]  # fmt: skip
    keep("scaling.md", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
