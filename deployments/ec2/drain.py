"""`python -m deployments.ec2.drain WHAT`: a worker that stops strands no run.

WHAT is pause, resume, rescue, wait-for-server or wait-for-worker.

A worker that is simply stopped leaves its run in RUNNING for ever. So before it stops, the pool is
paused (no new run begins) and what runs is awaited; after it has started, the pool is opened again.
A pool that somebody else paused stays paused. `rescue` is for the stop that nobody announced: before the
worker starts, runs whose process on this host is gone are marked and given back to the pool.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from deployments.prefect_api import PrefectApi, PrefectError
from deployments.waiting import wait_until

POOL: Final = "ec2-host"
POLL_SECONDS: Final = 1.0
LABEL: Final = "prefect.worker.name"
"""Set by the worker on each run that it takes; on the host it bears the host's name."""


def pause(
    api: PrefectApi, mark: Path, *, deadline: float, wait: Callable[[float], None] = time.sleep
) -> list[str]:
    """Pause the pool and wait at most `deadline` seconds; return the names of runs that still go on."""
    if not api.pool_is_paused(POOL):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()  # before the pause: killed in between, the next start opens the pool again
        api.pause_pool(POOL, paused=True)
    waited = 0.0
    while (active := api.active_in_pool(POOL)) and waited < deadline:
        wait(POLL_SECONDS)
        waited += POLL_SECONDS
    return [run["name"] for run in active]


def resume(api: PrefectApi, mark: Path) -> bool:
    """Open the pool again if it was `pause` that closed it; say whether it did."""
    if not mark.exists():
        return False
    api.pause_pool(POOL, paused=False)
    mark.unlink()
    return True


def rescue(api: PrefectApi, worker: str, *, alive: Callable[[int], bool]) -> list[str]:
    """Mark and schedule again the runs that `worker` had when its host went down; return their names.

    `deployments.rescue` does so for a process that dies while the host lives.
    """
    found = []
    for run in api.active_in_pool(POOL):
        pid = str(run.get("infrastructure_pid") or "0")
        if (run.get("labels") or {}).get(LABEL) == worker and not (pid.isdigit() and alive(int(pid))):
            if not api.mark_crashed(run["id"], "The host went down under it."):
                continue  # it has ended in the meantime
            api.schedule_again(run["id"], "Run again: the host went down under it.")
            found.append(str(run["name"]))
    return found


def is_flow_run(pid: int) -> bool:
    """Whether that process runs a flow; after a reboot its number may be another's."""
    try:
        return b"prefect" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def worker_listens(api: PrefectApi) -> bool:
    """Whether a worker polls the pool, which the first one makes itself."""
    try:
        return api.workers_online(POOL) > 0
    except PrefectError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.ec2.drain", description=__doc__)
    parser.add_argument("what", choices=("pause", "resume", "rescue", "wait-for-server", "wait-for-worker"))
    parser.add_argument("--deadline", type=float, default=120, help="seconds (default 120)")
    options = parser.parse_args(arguments)
    mark = Path(os.environ.get("FLOWS_STATE") or ".") / "drained"
    try:
        return _run(options.what, PrefectApi.from_env(os.environ), mark, options.deadline)
    except PrefectError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(what: str, api: PrefectApi, mark: Path, deadline: float) -> int:
    if what == "wait-for-server":
        return 0 if wait_until(api.healthy, seconds=deadline, poll=POLL_SECONDS) else 1
    if what == "wait-for-worker":
        return 0 if wait_until(lambda: worker_listens(api), seconds=deadline, poll=POLL_SECONDS) else 1
    if what == "rescue":
        names = rescue(api, platform.node(), alive=is_flow_run)
        sys.stdout.write(f"Scheduled again: {', '.join(names)}\n" if names else "No run was cut off.\n")
        return 0
    if what == "resume":
        sys.stdout.write(
            "The pool takes runs again.\n" if resume(api, mark) else "The pool was not drained.\n"
        )
        return 0
    going_on = pause(api, mark, deadline=deadline)
    sys.stdout.write(f"Still running: {', '.join(going_on)}\n" if going_on else "Drained: nothing runs.\n")
    return 1 if going_on else 0


if __name__ == "__main__":
    sys.exit(main())
