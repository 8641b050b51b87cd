"""What `make up` does about the model, by what an earlier one has left."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest

from deployments.local import training
from deployments.local.errors import StackError
from deployments.local.progress import Progress
from deployments.local.registry import RegisteredVersion
from deployments.local.settings import StackSettings
from deployments.local.stack import processes
from deployments.local.stack.supervisor import ServiceState
from deployments.local.training import PROMOTE, TRAIN, Trainer

Json = dict[str, Any]


class FakePrefect:
    """A server on which every look at a run moves it to its next state."""

    def __init__(self, settings: StackSettings, registry: dict[str, RegisteredVersion]) -> None:
        self.settings = settings
        self.registry = registry
        self.stored: dict[str, Json] = {}
        self.scripts: dict[str, list[str]] = {}
        self.started: list[str] = []
        self.crashed: list[str] = []
        self.outcomes: dict[str, list[list[str]]] = {TRAIN: [], PROMOTE: []}
        self.triggers = True
        self._ids = itertools.count(1)

    def add(self, deployment: str, states: list[str], **parameters: object) -> Json:
        run_id = f"{deployment.partition('/')[0]}-{next(self._ids)}"
        self.stored[run_id] = {
            "id": run_id,
            "name": run_id,
            "deployment": deployment,
            "state_type": states[0],
            "state": {"message": f"said {states[-1].lower()}"},
            "parameters": parameters,
        }
        self.scripts[run_id] = states[1:]
        return self.stored[run_id]

    def start(self, deployment: str, parameters: Json) -> Json:
        self.started.append(deployment)
        outcomes = self.outcomes[deployment]
        return self.add(deployment, outcomes.pop(0) if outcomes else ["SCHEDULED", "RUNNING", "COMPLETED"])

    def run(self, run_id: str) -> Json:
        run = self.stored[run_id]
        if self.scripts[run_id]:
            run["state_type"] = self.scripts[run_id].pop(0)
            if run["state_type"] == "COMPLETED":
                self._completed(run)
        return run

    def runs(self, **filters: Json) -> list[Json]:
        states = filters["flow_runs"]["state"]["type"]["any_"]
        names = filters.get("deployments", {}).get("name", {}).get("any_")
        return [
            run
            for run in self.stored.values()
            if run["state_type"] in states and (names is None or run["deployment"].partition("/")[2] in names)
        ]

    def runs_of(self, deployment: str) -> list[Json]:
        return [run for run in self.stored.values() if run["deployment"] == deployment]

    def mark_crashed(self, run_id: str, _: str) -> None:
        self.crashed.append(run_id)
        self.stored[run_id]["state_type"] = "CRASHED"

    def _completed(self, run: Json) -> None:
        version = RegisteredVersion("1", {"dataset_s3_path": str(self.settings.data_folder)})
        if run["deployment"] == TRAIN:
            self.registry["ready_to_test"] = version
            if self.triggers:
                states = self.outcomes[PROMOTE] or [["SCHEDULED", "COMPLETED"]]
                self.add(PROMOTE, states.pop(0), train_flow_run_id=run["id"])
        else:
            self.registry["production"] = version


class FakeSupervisor:
    worker = ServiceState("RUNNING", 1, "")

    def states(self) -> dict[str, ServiceState]:
        return {"worker": self.worker}


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(state=tmp_path)


@pytest.fixture
def registry() -> dict[str, RegisteredVersion]:
    return {}


@pytest.fixture
def prefect(settings: StackSettings, registry: dict[str, RegisteredVersion]) -> FakePrefect:
    return FakePrefect(settings, registry)


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def trainer(
    settings: StackSettings,
    prefect: FakePrefect,
    registry: dict[str, RegisteredVersion],
    said: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> Trainer:
    monkeypatch.setattr(training, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(training, "TRIGGER_SECONDS", 0.0)
    monkeypatch.setattr(training, "LOOK_EVERY", 1)
    monkeypatch.setattr(training, "version_with_alias", lambda _, alias: registry.get(alias))
    monkeypatch.setattr(processes, "flow_runs", lambda _: dict.fromkeys(prefect.stored, ()))
    progress = Progress(out=said, clock=lambda: 0.0, began=0.0)
    return Trainer(settings, FakeSupervisor(), prefect, progress)  # type: ignore[arg-type]


def version(folder: Path, number: str = "7") -> RegisteredVersion:
    return RegisteredVersion(number, {"dataset_s3_path": f"file://{folder}"})


def test_with_nothing_there_it_trains_and_waits_for_the_promotion(
    trainer: Trainer, prefect: FakePrefect
) -> None:
    assert trainer.ensure_production().version == "1"
    assert prefect.started == [TRAIN]


def test_a_production_model_of_the_same_data_is_kept(
    trainer: Trainer, prefect: FakePrefect, registry: dict[str, RegisteredVersion], settings: StackSettings
) -> None:
    registry["production"] = version(settings.data_folder)
    assert trainer.ensure_production().version == "7"
    assert prefect.started == []


def test_other_data_are_trained_on(
    trainer: Trainer, prefect: FakePrefect, registry: dict[str, RegisteredVersion], tmp_path: Path
) -> None:
    registry["production"] = version(tmp_path / "other")
    assert trainer.ensure_production().version == "1"
    assert prefect.started == [TRAIN]


def test_an_unfinished_training_is_followed_not_repeated(trainer: Trainer, prefect: FakePrefect) -> None:
    prefect.add(TRAIN, ["PENDING", "RUNNING", "RUNNING", "COMPLETED"])
    trainer.ensure_production()
    assert prefect.started == []


def test_an_unfinished_promotion_is_followed(trainer: Trainer, prefect: FakePrefect) -> None:
    prefect.add(PROMOTE, ["RUNNING", "COMPLETED"])
    assert trainer.ensure_production().version == "1"
    assert prefect.started == []


def test_a_waiting_candidate_is_promoted_without_training_again(
    trainer: Trainer, prefect: FakePrefect, registry: dict[str, RegisteredVersion], settings: StackSettings
) -> None:
    registry["ready_to_test"] = version(settings.data_folder)
    trainer.ensure_production()
    assert prefect.started == [PROMOTE]


def test_a_run_whose_process_is_gone_is_marked_and_training_starts_again(
    trainer: Trainer, prefect: FakePrefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    zombie = prefect.add(TRAIN, ["RUNNING"])
    alive = lambda _: {run: () for run in prefect.stored if run != zombie["id"]}  # noqa: E731
    monkeypatch.setattr(processes, "flow_runs", alive)
    trainer.ensure_production()
    assert prefect.crashed == [zombie["id"]]
    assert prefect.started == [TRAIN]


def test_a_run_whose_process_dies_while_it_is_followed_is_repeated_once(
    trainer: Trainer, prefect: FakePrefect, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect.outcomes[TRAIN] = [["SCHEDULED", "RUNNING"]]
    monkeypatch.setattr(processes, "flow_runs", lambda _: {"train-2": (), "promote-3": ()})
    trainer.ensure_production()
    assert prefect.crashed == ["train-1"]
    assert prefect.started == [TRAIN, TRAIN]
    assert "crashed; training again" in said.getvalue()


def test_a_failed_training_gives_its_reason_and_the_way_on(trainer: Trainer, prefect: FakePrefect) -> None:
    prefect.outcomes[TRAIN] = [["SCHEDULED", "FAILED"]]
    with pytest.raises(StackError, match=r"training ended as Failed: said failed(?s:.*)run make up again"):
        trainer.ensure_production()


def test_a_rejected_candidate_gives_its_reason(trainer: Trainer, prefect: FakePrefect) -> None:
    prefect.outcomes[PROMOTE] = [["SCHEDULED", "FAILED"]]
    with pytest.raises(StackError, match="promotion ended as Failed: said failed"):
        trainer.ensure_production()


def test_a_trigger_that_does_not_fire_is_reported(trainer: Trainer, prefect: FakePrefect) -> None:
    prefect.triggers = False
    with pytest.raises(StackError, match="did not trigger promote/wine-promote"):
        trainer.ensure_production()


def test_a_worker_that_was_given_up_is_reported(
    trainer: Trainer, prefect: FakePrefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect.outcomes[TRAIN] = [["SCHEDULED"] * 3]
    monkeypatch.setattr(FakeSupervisor, "worker", ServiceState("FATAL", None, ""))
    with pytest.raises(StackError, match="worker stopped during training"):
        trainer.ensure_production()
