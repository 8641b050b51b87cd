from __future__ import annotations

from pathlib import Path

import pytest

from deployments.ec2 import drain
from tests.unit.deployments.prefect_server import Server


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "state" / "drained"


def test_drain_waits_for_the_run_and_the_next_start_opens_the_pool(mark: Path) -> None:
    server, waited = Server(active=[["train-1"], ["train-1"], []]), []
    assert drain.pause(server.api(), mark, deadline=60, wait=waited.append) == []
    assert server.paused
    assert len(waited) == 2
    assert drain.resume(server.api(), mark)
    assert not server.paused
    assert not drain.resume(server.api(), mark)


def test_drain_gives_up_at_its_deadline_and_names_the_run(mark: Path) -> None:
    server = Server(active=[["train-1"]] * 100)
    assert drain.pause(server.api(), mark, deadline=5, wait=lambda _: None) == ["train-1"]


def test_pool_that_a_person_paused_stays_paused(mark: Path) -> None:
    server = Server(paused=True)
    drain.pause(server.api(), mark, deadline=5, wait=lambda _: None)
    drain.resume(server.api(), mark)
    assert server.paused


def test_server_that_does_not_come_is_reported(mark: Path) -> None:
    stranger = Server().api(auth="prefect:wrong")
    assert not drain.wait_until(stranger.healthy, seconds=0, poll=0)


def test_a_pool_that_no_worker_has_made_yet_is_waited_for() -> None:
    assert not drain.worker_listens(Server().api())


def test_only_runs_of_this_host_without_a_process_are_given_back() -> None:
    here, there = {drain.LABEL: "here"}, {drain.LABEL: "there"}
    server = Server(found=[
        {"id": "a", "name": "cut-off", "infrastructure_pid": "11", "labels": here},
        {"id": "b", "name": "alive", "infrastructure_pid": "12", "labels": here},
        {"id": "c", "name": "elsewhere", "infrastructure_pid": "11", "labels": there},
    ])  # fmt: skip
    assert drain.rescue(server.api(), "here", alive=lambda pid: pid == 12) == ["cut-off"]
    assert [call for call in server.calls if "set_state" in call] == ["POST /flow_runs/a/set_state"] * 2


def test_a_run_that_ended_in_the_meantime_is_not_given_back() -> None:
    run = {"id": "a", "name": "ended", "infrastructure_pid": "11", "labels": {drain.LABEL: "here"}}
    server = Server(found=[run], ended=True)
    assert drain.rescue(server.api(), "here", alive=lambda _: False) == []
    assert [call for call in server.calls if "set_state" in call] == ["POST /flow_runs/a/set_state"]
