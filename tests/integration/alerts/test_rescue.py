"""The rescue of runs on a real Prefect server: the dead run again, living and ended ones are left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from deployments.prefect_api import Json, PrefectApi
from deployments.rescue.rescuer import AGAIN, LABEL, RUNS_ON, Rescuer
from deployments.waiting import wait_until
from tests.integration.conftest import Servers
from tests.integration.servers import ask
from tests.pace import patience

pytestmark = pytest.mark.integration

HERE, THERE = "this-host", "another-host"
SILENCE = 120.0
KILLED = "Process exited with status code: -9. It was killed."


@dataclass
class World:
    """A deployment on a real server, and a rescuer with a clock of its own."""

    api: PrefectApi
    now: float = 0.0
    living: set[int] = field(default_factory=set)
    rescuer: Rescuer = field(init=False)

    def __post_init__(self) -> None:
        self.rescuer = Rescuer(self.api, HERE, self.living.__contains__, SILENCE, lambda: self.now)
        flow = self.post("/flows/", {"name": f"rescued-{uuid.uuid4().hex[:8]}"})
        self.deployment = self.post(
            "/deployments/", {"name": "rescued", "flow_id": flow["id"], "entrypoint": "x.py:x"}
        )["id"]

    def post(self, path: str, body: Json) -> Json:
        return ask("POST", f"{self.api.url}{path}", body).json()

    def run(self, *states: str, pid: int = 11, worker: str = HERE) -> str:
        """A run of the deployment that has been through `states`."""
        body = {"state": {"type": "SCHEDULED"}, "labels": {LABEL: worker}}
        run = self.post(f"/deployments/{self.deployment}/create_flow_run", body)
        fields = {"infrastructure_pid": str(pid)}
        ask("PATCH", f"{self.api.url}/flow_runs/{run['id']}", fields)
        for state in states:
            self.set(run["id"], state)
        return str(run["id"])

    def set(self, run: str, state: str, message: str = "as it was") -> None:
        body = {"state": {"type": state, "message": message}, "force": True}
        self.post(f"/flow_runs/{run}/set_state", body)

    def heartbeat(self, run: str) -> None:
        before = self.api.last_event(run)
        emit_event("prefect.flow-run.heartbeat", resource={"prefect.resource.id": f"prefect.flow-run.{run}"})
        EventsWorker.drain_all()
        assert wait_until(lambda: self.api.last_event(run) != before, seconds=30)

    def look(self, times: int = 1, *, apart: float = 10.0) -> None:
        for _ in range(times):
            self.rescuer.look()
            self.now += apart

    def history(self, run: str) -> list[str]:
        return [state["name"] for state in self.api.states_of(run)]

    def state(self, run: str) -> str:
        return str(self.api.run(run)["state_name"])


@pytest.fixture
def world(servers: Servers) -> Iterator[World]:
    settings = {PREFECT_API_URL: servers.prefect, PREFECT_LOGGING_LEVEL: "CRITICAL"}
    with temporary_settings(settings), closing(PrefectApi(servers.prefect)) as api:
        made = World(api)
        yield made
        ask("DELETE", f"{api.url}/deployments/{made.deployment}")
        for run in api.runs_in_state("RUNNING"):
            made.set(run["id"], "CANCELLED")


@pytest.mark.parametrize("end", ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"])
def test_a_run_that_has_ended_stays_as_it_is_however_late_its_heartbeats_come(world: World, end: str) -> None:
    run = world.run("RUNNING", end)
    before = world.history(run)
    for _ in range(3):
        world.heartbeat(run)
        world.look(2, apart=SILENCE)
    assert world.history(run) == before
    assert world.api.run(run)["state"]["message"] == "as it was"


@pytest.mark.parametrize("state", ["SCHEDULED", "PENDING", "CANCELLING", "PAUSED"])
def test_a_run_that_waits_or_is_being_cancelled_is_not_marked(world: World, state: str) -> None:
    run = world.run("RUNNING", state)
    before = world.history(run)
    world.heartbeat(run)
    world.look(4, apart=SILENCE)
    assert world.history(run) == before


def test_a_run_whose_process_lives_is_left_alone_though_no_heartbeat_arrives(world: World) -> None:
    world.living.add(11)
    run = world.run("RUNNING")
    world.look(5, apart=SILENCE * 2)
    assert world.state(run) == "Running"


def test_a_run_whose_process_is_gone_is_marked_and_run_again_once(world: World) -> None:
    run = world.run("RUNNING")
    world.look(1)
    assert world.state(run) == "Running"  # one look is not enough: the worker reports ends itself
    world.look(1)
    assert world.history(run)[-2:] == ["Zombie", "AwaitingRetry"]
    world.set(run, "RUNNING")
    world.look(3)
    assert world.state(run) == "Zombie"  # within the hour it is marked, not run again
    assert sum(AGAIN in (state["message"] or "") for state in world.api.states_of(run)) == 1


@pytest.mark.parametrize("code", ["-9", "-11", "137"])
def test_a_run_whose_worker_reports_that_it_was_killed_is_run_again_once(world: World, code: str) -> None:
    run = world.run("RUNNING")
    world.set(run, "CRASHED", f"Process exited with status code: {code}. It was killed.")
    world.look(1)
    assert world.state(run) == "AwaitingRetry"
    world.set(run, "RUNNING")
    world.set(run, "CRASHED", f"Process exited with status code: {code}. It was killed.")
    world.look(3)
    assert world.state(run) == "Crashed"


def test_a_late_report_of_the_first_crash_does_not_stop_the_attempt_that_runs(world: World) -> None:
    run = world.run("RUNNING")
    world.set(run, "CRASHED", KILLED)
    world.look(1)
    world.living.add(11)
    world.set(run, "RUNNING")
    world.set(run, "CRASHED", KILLED)
    world.look(3)
    assert world.api.run(run)["state"]["message"] == RUNS_ON
    assert world.history(run)[-2:] == ["Crashed", "Running"]
    world.set(run, "COMPLETED")
    world.look(3)
    assert world.state(run) == "Completed"


@pytest.mark.parametrize(
    "message", ["Process exited with status code: 1.", "Execution was cancelled by the runtime environment."]
)
def test_a_crash_of_its_own_making_is_not_repeated(world: World, message: str) -> None:
    run = world.run("RUNNING")
    world.set(run, "CRASHED", message)
    world.look(3)
    assert world.state(run) == "Crashed"


def test_a_run_of_another_host_is_judged_by_its_silence(world: World) -> None:
    run = world.run("RUNNING", worker=THERE)
    for _ in range(4):
        world.look(1, apart=SILENCE - 10)
        world.heartbeat(run)
    assert world.state(run) == "Running"
    world.look(3, apart=SILENCE - 10)
    assert world.history(run)[-2:] == ["Zombie", "AwaitingRetry"]


def test_silence_while_the_server_was_away_does_not_count(world: World) -> None:
    run = world.run("RUNNING", worker=THERE)
    world.look(1, apart=SILENCE * 3)
    world.rescuer.clear()
    world.look(1)
    assert world.state(run) == "Running"


def test_a_run_that_ends_between_the_look_and_the_mark_keeps_its_end(world: World, monkeypatch) -> None:
    run = world.run("RUNNING")
    world.look(1)
    asked = world.api.run

    def ends_now(run_id: str) -> Json:
        found = asked(run_id)
        world.set(run_id, "COMPLETED", "in time")
        return found

    monkeypatch.setattr(world.api, "run", ends_now)
    world.look(1)
    monkeypatch.undo()
    assert world.history(run)[-1] == "Completed"
    assert world.api.run(run)["state"]["message"] == "in time"


def test_it_runs_as_a_program_and_ends_on_a_signal(servers: Servers) -> None:
    env = {**os.environ, "PREFECT_API_URL": servers.prefect}
    command = [sys.executable, "-m", "deployments.rescue", "--worker", HERE, "--poll", "0.1"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert HERE in running.stdout.readline()
        running.terminate()
        assert running.wait(patience(30)) == 0
