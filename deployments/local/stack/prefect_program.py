"""Prefect's program as it runs well on SQLite; its arguments are `prefect`'s. Garbage is collected in a
thread of its own, the server's transactions begin as writers, prefect-aws is left out, and a worker asks less
often when nothing goes on.

Prefect's server on SQLite stands still for a minute now and then (docs/decisions/0007): the collector, which
Python runs in whatever thread has just made an object, meets a cursor of a connection that waits for the
lock, and has to wait for that connection, in the thread of the transaction that holds the lock. In a thread
of its own it keeps nobody from ending a transaction. And what starts is ready sooner.
"""

from __future__ import annotations

import gc
import runpy
import sys
import threading
import time
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoints
from typing import Any, Final

YOUNG_SECONDS: Final = 5.0
"""Between two collections of what is young."""

KEPT_AT: Final = 3
"""At this collection all that exists is kept for good: it is the server's code."""

OLD_EVERY: Final = 12
"""Of so many collections one is of everything else."""

BUSY_SECONDS: Final = 60.0
"""After its start and after each run that it took, a worker asks for the next one at each of its turns."""

SELDOM_SECONDS: Final = 4.0
"""Otherwise a turn passes without asking, unless it has not asked for so long."""

AWS: Final = "prefect_aws"

LOOK: Final = timedelta(seconds=1)
"""Between two looks of the server for background tasks whose time has come. Those to be run at once do not
wait for it.
"""


def collect_apart(stop: threading.Event) -> threading.Thread:
    """Leave all collecting to a thread that ends when `stop` is set."""
    gc.disable()
    thread = threading.Thread(target=_collect, args=(stop,), name="garbage collector", daemon=True)
    thread.start()
    return thread


def _collect(stop: threading.Event) -> None:
    times = 0
    while not stop.wait(YOUNG_SECONDS):
        times += 1
        if times == KEPT_AT:
            gc.freeze()
        gc.collect(1 if times % OLD_EVERY else 2)


def look_less_often() -> None:
    """Prefect's server looks for background tasks four times a second, and has no setting for it: a third of
    what it takes at rest.
    """
    tasks: Any = import_module("prefect.server.api.background_workers")  # seconds, for the server alone
    tasks.Worker = partial(tasks.Worker, scheduling_resolution=LOOK, minimum_check_interval=LOOK)


def begin_as_writers() -> None:
    """Transactions that change something wait for SQLite's write lock when they begin.

    Prefect begins them as readers. Where another one has written before their first write, SQLite refuses
    that at once, whatever the time-out ("database is locked", PrefectHQ/prefect#18934), and Prefect's API
    answers 503: a run that somebody starts in the UI on a busy machine is not started.
    """
    configurations: Any = import_module("prefect.server.database.configurations")
    sqlite = configurations.AioSqliteConfiguration
    begin = sqlite.begin_transaction

    def begin_as_writer(self: object, session: object, with_for_update: bool = True) -> object:  # noqa: ARG001 (Prefect's)
        return begin(self, session, with_for_update=True)

    sqlite.begin_transaction = begin_as_writer


def leave_out_aws() -> None:
    """Server and worker import every package that brings further kinds of blocks and workers, and have no
    setting against it. prefect-aws costs each 1.5 s and 25 MB, and this stack's pool runs processes. The
    blocks of AWS stay in the UI: the server brings descriptions of them.
    """
    collections: Any = import_module("prefect._internal.plugins.collections")
    all_of = collections.entry_points

    def others(*, group: str) -> EntryPoints:
        return EntryPoints(point for point in all_of(group=group) if point.module != AWS)

    collections.entry_points = others


def ask_seldom_at_rest() -> None:
    """A worker has one interval at which it asks for runs (PREFECT_WORKER_QUERY_SECONDS), whatever goes on: a
    short one costs the server more at rest than all else, and with a long one each step of a chain waits.
    """
    worker: Any = import_module("prefect.workers.base").BaseWorker
    ask = worker.get_and_submit_flow_runs
    busy_until = time.monotonic() + BUSY_SECONDS
    asked = 0.0

    async def ask_when_due(self: object) -> list[object]:
        nonlocal busy_until, asked
        now = time.monotonic()
        if now > busy_until and now < asked + SELDOM_SECONDS:
            return []
        asked = now
        taken: list[object] = await ask(self)
        if taken:
            busy_until = now + BUSY_SECONDS
        return taken

    worker.get_and_submit_flow_runs = ask_when_due


def main() -> None:
    """`prefect` with this program's arguments."""
    collect_apart(threading.Event())
    leave_out_aws()
    if sys.argv[1:2] == ["server"]:
        look_less_often()
        begin_as_writers()
    elif sys.argv[1:2] == ["worker"]:
        ask_seldom_at_rest()
    sys.argv[0] = "prefect"
    runpy.run_module("prefect", run_name="__main__")


if __name__ == "__main__":
    main()
