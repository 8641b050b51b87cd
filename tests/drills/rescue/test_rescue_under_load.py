"""Short runs on a busy machine keep their end; of those whose process is killed each is run again, once.

`RESCUE_DRILL_RUNS` (12) runs are started and `RESCUE_DRILL_KILLS` (4) killed; 200 and 20 are the figures of
the page of operations. `RESCUE_DRILL_LOAD` (2) processes keep the cores busy meanwhile.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.bench_workers import POOL, deploy, environment, server
from deployments.prefect_api import FINAL_STATES, Json, PrefectApi, PrefectError
from deployments.rescue.rescuer import AGAIN
from tests.integration.servers import process

pytestmark = [
    pytest.mark.integration,
    pytest.mark.drill,
    pytest.mark.needs("postgresql"),
    pytest.mark.timeout(3600),
]

RUNS, KILLS, LOAD = (
    int(os.environ.get(f"RESCUE_DRILL_{name}", default))
    for name, default in (("RUNS", 12), ("KILLS", 4), ("LOAD", 2))
)
WORKER = "drilled"
AT_ONCE = 6
DEADLINE = 120 + 15.0 * (RUNS + KILLS)


@pytest.fixture(scope="module")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectApi]:
    """A server on PostgreSQL, as a host has it, with a deployment, a worker, a rescuer; and busy cores."""
    folder = tmp_path_factory.mktemp("prefect")
    with server(folder) as api, ExitStack() as stack:
        deploy(api, folder)
        api.limit_pool(POOL, AT_ONCE)
        worker = ["-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", WORKER]
        rescuer = ["-m", "deployments.rescue", "--worker", WORKER, "--poll", "1", "--settle", "20"]
        for name, command in (("worker", worker), ("rescuer", rescuer)):
            running = process(
                [sys.executable, *command], log=folder / f"{name}.log", env=environment(api, folder)
            )
            stack.enter_context(running)
        for number in range(LOAD):
            busy = [sys.executable, "-c", "while True: pass"]
            stack.enter_context(process(busy, log=folder / f"busy-{number}.log"))
        yield api


def ended(api: PrefectApi, runs: list[str]) -> list[Json]:
    """The runs, when each has ended and none waits to be rescued."""
    deadline = time.monotonic() + DEADLINE
    while True:
        found = [state_of(api, run) for run in runs]
        if all(run["state_type"] in FINAL_STATES and run["state_type"] != "CRASHED" for run in found):
            return found
        assert time.monotonic() < deadline, [(run["name"], run["state_name"]) for run in found]
        time.sleep(1)


def state_of(api: PrefectApi, run: str) -> Json:
    """A run, from a server that may be too busy to answer for a while."""
    while True:
        try:
            return api.run(run)
        except PrefectError:
            time.sleep(1)


def rescues(api: PrefectApi, run: str) -> int:
    return sum(str(state["message"] or "").startswith(AGAIN) for state in api.states_of(run))


def test_runs_that_end_keep_their_end_and_run_once(orchestrator: PrefectApi) -> None:
    runs = [orchestrator.start("wait/wait", {"seconds": 0.1})["id"] for _ in range(RUNS)]
    found = ended(orchestrator, runs)
    assert {run["state_name"] for run in found} == {"Completed"}
    assert {run["run_count"] for run in found} == {1}
    assert [rescues(orchestrator, run) for run in runs] == [0] * RUNS


def test_every_run_whose_process_is_killed_is_run_again_once(orchestrator: PrefectApi) -> None:
    runs = [orchestrator.start("wait/wait", {"seconds": 8})["id"] for _ in range(KILLS)]
    left = set(runs)
    deadline = time.monotonic() + DEADLINE
    while left:
        assert time.monotonic() < deadline
        for run in list(left):
            if kill(state_of(orchestrator, run)):
                left.discard(run)
        time.sleep(0.2)
    found = ended(orchestrator, runs)
    assert {run["state_name"] for run in found} == {"Completed"}
    assert [rescues(orchestrator, run) for run in runs] == [1] * KILLS


def kill(run: Json) -> bool:
    """Kill the process of a run that is running; whether there was one."""
    pid = str(run.get("infrastructure_pid") or "").rpartition(":")[2]
    if run["state_type"] != "RUNNING" or not pid.isdigit() or not Path(f"/proc/{pid}").exists():
        return False
    os.kill(int(pid), signal.SIGKILL)
    return True
