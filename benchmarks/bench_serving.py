"""`make bench-serving`: a no-model handler, this service, and `mlflow models serve` with the same model.

One run, one machine, one process each: each server has one core, the load generator another. The
service logs every prediction to a PostgreSQL of its own and answers with intervals. The model is fitted
on the largest training file in DATA (or ARTIFACT_DATA), or on synthetic reviews where there is none;
`BENCH_MODEL=path/to/model.skops` takes a fitted one instead, and BENCH_SECONDS says how long a line takes.

BENCH_MLSERVER=path/to/bin/mlserver measures MLServer too. Its packages do not fit beside ours, so it has an
environment of its own: `uv venv X && uv pip install --python X mlserver mlserver-mlflow` and what the model
needs (the requirements.txt of a registered version).
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.http_load import PATH, Load, Measured, generator, measured
from benchmarks.record import keep
from benchmarks.serving_rig import (
    LOAD_CORE,
    Bench,
    Server,
    mlflow_serve,
    mlserver,
    no_model,
    pinned,
    prepare,
    service,
)
from tests.serving_kit.postgres import postgres_server

NO_MODEL, OURS, MLFLOW = "the no-model handler", "this service", "`mlflow models serve`"
CONCURRENCIES = (1, 16, 64)
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
BATCH = 1_000


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="wine-bench-") as folder:
        bench = prepare(Path(folder))
        with no_model() as one:
            ceiling = measure(one, bench.folder / "wines.jsonl", PATH)
        with postgres_server() as database, service(bench, database.create_database("bench")) as one:
            ours = measure(one, bench.folder / "wines.jsonl", PATH)
            rate, cost = batch_rate(one, bench.folder / "wines.jsonl")
            logged = wait_for_log(one.port, lambda statement: database.query(statement, "bench"))
            ready, memory = one.ready, one.peak_megabytes()
        with mlflow_serve(bench) as one:
            theirs = measure(one, bench.folder / "records.jsonl", "/invocations")
            their_ready, their_memory = one.ready, one.peak_megabytes()
        servers = {NO_MODEL: ceiling, OURS: ours, MLFLOW: theirs}
        if program := os.environ.get("BENCH_MLSERVER"):
            with mlserver(bench, program) as one:
                servers["MLServer"] = measure(one, bench.folder / "records.jsonl", "/invocations")
    text = report(bench, servers, facts={
        "Batch of 1,000, wines a second": f"{rate:,.0f}",
        "Batch of 1,000, CPU a wine (µs)": f"{cost * 1e6:.0f}",
        "Ready after start, model cached (s)": f"{ready:.1f}",
        "Peak memory of the process, registry's client included (MB)": f"{memory:.0f}",
        "`mlflow models serve`: ready after start (s)": f"{their_ready:.1f}",
        "`mlflow models serve`: peak memory (MB)": f"{their_memory:.0f}",
        "Rows in the log, of answers given": logged,
    })  # fmt: skip
    keep("serving.md", text)
    return 0


def measure(server: Server, bodies: Path, path: str) -> Figures:
    core = LOAD_CORE if pinned(LOAD_CORE) else None
    asked = Load(server.port, path, bodies, core)
    measured(asked, connections=4, seconds=1)  # warm
    return {count: with_cost(server, asked, count) for count in CONCURRENCIES}


def with_cost(server: Server, asked: Load, connections: int) -> tuple[Measured, float]:
    """What was measured, and the CPU seconds of the server for each answer."""
    before = server.cpu_seconds()
    found = measured(asked, connections=connections, seconds=SECONDS)
    return found, (server.cpu_seconds() - before) / max(1.0, found.rate * SECONDS)


def batch_rate(server: Server, bodies: Path) -> tuple[float, float]:
    """Wines a second of one client that sends batches of 1,000, and the server's CPU seconds for each."""
    wines = [json.loads(line) for line in bodies.read_text().splitlines()]
    body = json.dumps({"wines": [wines[number % len(wines)] for number in range(BATCH)]}).encode()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
        client.post("/predict/batch", content=body).raise_for_status()
        began, sent, before = time.perf_counter(), 0, server.cpu_seconds()
        while time.perf_counter() - began < SECONDS:
            client.post("/predict/batch", content=body).raise_for_status()
            sent += BATCH
        return sent / (time.perf_counter() - began), (server.cpu_seconds() - before) / sent


def wait_for_log(port: int, query: Callable[[str], str]) -> str:
    """Wait for an empty outbox; rows in the log of wines priced."""
    address = f"http://127.0.0.1:{port}"
    while httpx.get(f"{address}/health").json()["outbox"]["rows"]:
        time.sleep(0.2)
    text = httpx.get(f"{address}/metrics").text
    (priced,) = [line.split()[1] for line in text.splitlines() if line.startswith("wine_predictions_total ")]
    rows = int(query("SELECT count(*) FROM wine_predictions"))
    return f"{rows:,} of {int(float(priced)):,}"


Figures = dict[int, tuple[Measured, float]]


def report(bench: Bench, servers: Mapping[str, Figures], *, facts: dict[str, str]) -> str:
    """The record: one table of figures, one of ratios, and where they come from."""
    ours = servers[OURS]
    lines = [
        "# Serving",
        "",
        (
            f"`make bench-serving`, {datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, load from {generator()}, {SECONDS:.0f} s a line; model trained on "
            f"{bench.trained_on}. One process each; the service logs every answer to PostgreSQL."
        ),
        "",
        "| server | connections | answers/s | p50 (ms) | p99 (ms) | CPU an answer (µs) | failed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, figures in servers.items():
        lines += [
            f"| {name} | {count} | {one.rate:,.0f} | {one.p50:.2f} | {one.p99:.2f} | {cost * 1e6:,.0f} |"
            f" {one.failed} |"
            for count, (one, cost) in figures.items()
        ]
    lines += ["", "| ratio | " + " | ".join(f"{count} connections" for count in CONCURRENCIES) + " |"]
    lines += ["| --- |" + " ---: |" * len(CONCURRENCIES)]
    lines.append(ratio("p50 against the no-model handler", ours, servers[NO_MODEL], lambda one: one.p50))
    lines += [
        ratio(f"answers/s against {name}", ours, figures, lambda one: one.rate)
        for name, figures in servers.items()
        if name != OURS
    ]
    lines += ["", "| | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in facts.items()), ""]
    return "\n".join(lines)


def ratio(name: str, one: Figures, other: Figures, of: Callable[[Measured], float]) -> str:
    """A line of ratios; a dash where the other server answered nothing in time."""
    pairs = [(of(one[at][0]), of(other[at][0])) for at in CONCURRENCIES]
    cells = (f"{ours / theirs:.2f}" if theirs else "-" for ours, theirs in pairs)
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
