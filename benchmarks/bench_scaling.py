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
from pathlib import Path

import asyncpg
import httpx

from deployments.local.services import client_environment, inherited_environment
from deployments.local.settings import StackSettings

SECONDS = 8
RESULT = Path(__file__).with_name("scaling.md")
WINE = {
    "country": "US", "province": "California", "millesime": "2013",
    "description": "Ripe black cherry and cassis with firm tannins and a long finish.",
}  # fmt: skip


@contextmanager
def process(command: Sequence[str], env: dict[str, str], cores: str) -> Iterator[None]:
    started = subprocess.Popen(["taskset", "-c", cores, *command], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield
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


def replicas(settings: StackSettings, folder: Path) -> list[tuple[int, float]]:
    """Answers a second of one replica and of two, each replica on a core of its own where there are two."""
    results = []
    ports = (settings.serving_port + 101, settings.serving_port + 102)
    for number in (1, 2):
        with ExitStack() as stack:
            for core, port in enumerate(ports[:number]):
                command = [sys.executable, "-m", "serving"]
                stack.enter_context(process(command, serving_environment(settings, port, folder), str(core)))
            urls = [f"http://127.0.0.1:{port}" for port in ports[:number]]
            for url in urls:
                wait_for(f"{url}/health")
            results.append((number, load(urls, folder)))
            time.sleep(3)  # the outboxes empty themselves
    return results


def serving_environment(settings: StackSettings, port: int, folder: Path) -> dict[str, str]:
    return inherited_environment() | client_environment(settings) | {
        "OMP_NUM_THREADS": "1", "SERVING_PORT": str(port), "SERVING_STATE_DIR": str(folder / str(port)),
    }  # fmt: skip


def main() -> int:
    settings = StackSettings.from_env(os.environ)
    uri = settings.postgres_uri("wine")
    with tempfile.TemporaryDirectory() as folder:
        before = asyncio.run(logged(uri))
        rates = replicas(settings, Path(folder))
        after = asyncio.run(logged(uri))
    rows, requests = after[0] - before[0], after[1] - before[1]
    lines = [
        "# Replicas of the service on one database", "",
        "`python -m benchmarks.bench_scaling`, intervals and log on, 16 connections a replica,",
        f"{SECONDS} s; {os.cpu_count()} cores shared with wrk and the rest of the stack.", "",
        "| replicas | answers a second |", "| --- | --- |",
        *(f"| {number} | {rate:,.0f} |" for number, rate in rates), "",
        f"{rows:,} rows came into the log, {requests:,} of them distinct requests.",
    ]  # fmt: skip
    RESULT.write_text("\n".join(lines) + "\n")
    sys.stdout.write(RESULT.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
