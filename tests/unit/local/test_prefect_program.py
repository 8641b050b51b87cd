"""Whatever the collector meets, no thread that holds a lock has to wait for it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from docket import Docket, Worker
from prefect.server.api import background_workers

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
