"""Two Prefect workers on one pool against one: `python -m benchmarks.bench_workers`.

Starts a PostgreSQL and a Prefect server of its own, as the host has them (needs PostgreSQL installed),
then workers that take one run at a time. Each run waits some seconds, as one does for a database or a
Dask cluster; the rest of its time is what starting a run costs. Writes benchmarks/workers.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import keep
from deployments.prefect_api import Json, PrefectApi
from tests.integration.servers import free_port, process, wait_until_healthy
from tests.serving_kit.postgres import postgres_server

PROJECT = Path(__file__).resolve().parents[1]
POOL = "bench-workers"
PREFECT = (sys.executable, "-m", "prefect")
RUNS, WAIT = 8, 5.0
DEADLINE = 300.0


@dataclass(frozen=True)
class Result:
    """`shares` are the runs that each worker took."""

    workers: int
    seconds: float
    shares: tuple[int, ...]

    @property
    def runs_a_minute(self) -> float:
        return 60 * sum(self.shares) / self.seconds


@contextmanager
def server(folder: Path) -> Iterator[PrefectApi]:
    """Prefect on PostgreSQL; the environment of this process then leads to it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    with postgres_server() as database:
        uri = database.create_database("prefect", extension="pg_trgm").replace(
            "postgresql://", "postgresql+asyncpg://"
        )
        env = {
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": url,
            "PREFECT_API_DATABASE_CONNECTION_URL": uri,
        }
        command = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
        with process([*PREFECT, *command], log=folder / "prefect.log", env=env) as started:
            wait_until_healthy(f"{url}/health", started, folder / "prefect.log")
            with closing(PrefectApi(url)) as api:
                yield api


def environment(api: PrefectApi, folder: Path) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": api.url,
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PYTHONPATH": str(PROJECT),
    }


@contextmanager
def workers(api: PrefectApi, folder: Path, number: int) -> Iterator[list[str]]:
    """Names of that many workers of the pool, online, each taking one run at a time."""
    names = [f"worker-{number}-{each}" for each in range(1, number + 1)]
    with ExitStack() as stack:
        for name in names:
            options = ["--pool", POOL, "--type", "process", "--name", name, "--limit", "1"]
            command = [*PREFECT, "worker", "start", *options]
            stack.enter_context(process(command, log=folder / f"{name}.log", env=environment(api, folder)))
        end = time.monotonic() + 120
        while not set(names) <= {each["name"] for each in api.workers(POOL)}:
            if time.monotonic() > end:
                raise TimeoutError(f"{names}: {(folder / f'{names[0]}.log').read_text()[-2000:]}")
            time.sleep(0.2)
        yield names


def deploy(api: PrefectApi, folder: Path) -> str:
    """Deploy the flow of this benchmark; return its deployment."""
    api.create_pool(POOL)
    script = (
        "from prefect import flow; from prefect.deployments.runner import RunnerDeployment;"
        "flow.from_source(source='.', entrypoint='benchmarks/waiting_flow.py:wait')"
        f".deploy(name='wait', work_pool_name='{POOL}', ignore_warnings=True)"
    )
    log = folder / "deploy.log"
    with process([sys.executable, "-c", script], log=log, env=environment(api, folder)) as done:
        if done.wait(timeout=120) != 0:
            raise RuntimeError(log.read_text()[-2000:])
    return "wait/wait"


def measure(api: PrefectApi, folder: Path, number: int, *, runs: int = RUNS, wait: float = WAIT) -> Result:
    """Time from the first run's start to the last one's end. Raises if one ran twice or not at all."""
    with workers(api, folder, number) as names:
        started = [api.start("wait/wait", {"seconds": wait})["id"] for _ in range(runs)]
        began = time.monotonic()
        done = [api.wait(run, deadline=DEADLINE) for run in started]
        seconds = time.monotonic() - began
    wrong = [run["name"] for run in done if run["state_type"] != "COMPLETED" or run["run_count"] != 1]
    if wrong:
        raise RuntimeError(f"These did not run once: {wrong}")
    return Result(number, seconds, shares(done, names))


def shares(runs: Sequence[Json], names: Sequence[str]) -> tuple[int, ...]:
    took = [str((run.get("labels") or {}).get("prefect.worker.name")) for run in runs]
    return tuple(took.count(name) for name in names)


def main() -> int:
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as api:
        deploy(api, Path(name))
        results = [measure(api, Path(name), number) for number in (1, 2)]
    lines = [
        "# Workers of one pool", "",
        f"`python -m benchmarks.bench_workers`: {RUNS} runs at once, each waiting {WAIT:.0f} s; workers that",
        f"take one at a time; Prefect on PostgreSQL; {os.cpu_count()} cores that all of it shares.", "",
        "| workers | seconds | runs a minute | runs each took |", "| --- | --- | --- | --- |",
        *(
            f"| {each.workers} | {each.seconds:.0f} | {each.runs_a_minute:.1f} | {each.shares} |"
            for each in results
        ),
        "", "Each run ran once.",
    ]  # fmt: skip
    keep("workers.md", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
