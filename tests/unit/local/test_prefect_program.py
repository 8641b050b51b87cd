"""Prefect on SQLite stands still for no garbage, and refuses no writer because of another."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docket import Docket, Worker
from prefect._internal.plugins import collections
from prefect.server.api import background_workers
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.workers.base import BaseWorker
from sqlalchemy import text

from deployments.local.stack import prefect_program
from tests.pace import patience


class Knot:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Thread]:
    monkeypatch.setattr(prefect_program, "YOUNG_SECONDS", 0.01)
    stop = threading.Event()
    thread = prefect_program.collect_apart(stop)
    yield thread
    stop.set()
    thread.join()
    gc.unfreeze()
    gc.enable()


def test_garbage_is_freed_by_a_thread_of_its_own(collecting: threading.Thread) -> None:
    freed_by: list[threading.Thread] = []
    freed = threading.Event()

    def note() -> None:
        freed_by.append(threading.current_thread())
        freed.set()

    weakref.finalize(Knot(), note)
    assert freed.wait(patience(10))
    assert freed_by == [collecting]


def test_no_other_thread_collects_however_much_it_makes(collecting: threading.Thread) -> None:
    collectors: set[threading.Thread] = set()

    def look(phase: str, info: dict[str, int]) -> None:
        collectors.add(threading.current_thread())

    gc.callbacks.append(look)
    try:
        for _ in range(10 * gc.get_threshold()[0]):
            Knot()
    finally:
        gc.callbacks.remove(look)
    assert collectors <= {collecting}


def test_the_server_looks_once_a_second_for_background_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_workers, "Worker", Worker)
    prefect_program.look_less_often()
    worker = vars(background_workers)["Worker"](Docket(name="any", url="memory://any"))
    assert (worker.scheduling_resolution, worker.minimum_check_interval) == (prefect_program.LOOK,) * 2


def test_no_package_of_aws_is_imported_at_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "entry_points", collections.entry_points)
    found = collections.entry_points(group="prefect.collections")
    prefect_program.leave_out_aws()
    left = collections.entry_points(group="prefect.collections")
    assert {point.module for point in found} - {point.module for point in left} == {"prefect_aws"}


async def test_a_worker_that_has_nothing_to_do_asks_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    runs: list[object] = []
    clock = [100.0]

    async def ask(_worker: object) -> list[object]:
        asked.append(clock[0])
        return runs

    async def turns(seconds: int) -> int:
        """One a second; how often it asked."""
        before = len(asked)
        for _ in range(seconds):
            clock[0] += 1.0
            await BaseWorker.get_and_submit_flow_runs(worker)
        return len(asked) - before

    worker: Any = object()
    monkeypatch.setattr(BaseWorker, "get_and_submit_flow_runs", ask)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    prefect_program.ask_seldom_at_rest()
    busy = int(prefect_program.BUSY_SECONDS)
    assert await turns(busy) == busy
    assert await turns(40) == 10
    runs.append("a run")
    await turns(4)
    runs.clear()
    assert await turns(busy) == busy
    assert await turns(40) == 10


async def test_who_reads_and_then_writes_is_not_refused_for_what_others_write_meanwhile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(AioSqliteConfiguration, "begin_transaction", AioSqliteConfiguration.begin_transaction)
    prefect_program.begin_as_writers()
    database = AioSqliteConfiguration(f"sqlite+aiosqlite:///{tmp_path}/prefect.db")
    engine = await database.engine()

    async def write(number: int, while_open: Callable[[], Awaitable[object]] | None = None) -> None:
        async with await database.session(engine) as session, database.begin_transaction(session):
            await session.execute(text("select count(*) from wine"))
            if while_open:
                await while_open()
            await session.execute(text("insert into wine values (:number)"), {"number": number})

    async def begin_another() -> None:
        others.append(asyncio.create_task(write(2)))
        await asyncio.wait(others, timeout=0.3)  # if it did not wait for the first, it would be done

    others: list[asyncio.Task[None]] = []
    try:
        async with engine.begin() as connection:
            await connection.execute(text("create table wine (id integer)"))
        await write(1, begin_another)
        await others[0]
        async with engine.connect() as connection:
            numbers = await connection.execute(text("select id from wine"))
            assert numbers.scalars().all() == [1, 2]
    finally:
        await engine.dispose()
