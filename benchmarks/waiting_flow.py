"""The flow that benchmarks.bench_workers runs: it waits, as a run does for a database or a cluster."""

from __future__ import annotations

import time

from prefect import flow


@flow(name="wait")
def wait(seconds: float = 1.0) -> None:
    time.sleep(seconds)
