"""Whether a run has anything new to learn, and alone: asked when drift, not a person, started it."""

from __future__ import annotations

from datetime import UTC, datetime

from mlflow.entities.model_registry import ModelVersion
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType

from flows.data.datasets import Dataset
from flows.data.retraining import DRIFT_TRIGGER, Decision, LastTraining, TrainingMaterial, decide
from flows.orchestration.runs import flow_run_id
from flows.registry.contract import DATA_SHA256_TAG, FEEDBACK_SHA256_TAG
from flows.registry.model_registry import Registry
from flows.training.feedback import Feedback
from flows.training.request import TrainRequest


def debounced(registry: Registry, request: TrainRequest, dataset: Dataset, feedback: Feedback) -> Decision:
    """The decision for this run, against the newest version that this system registered."""
    ours = (version for version in registry.versions() if FEEDBACK_SHA256_TAG in version.tags)
    newest = next(ours, None)
    decision = decide(
        triggered_by=request.triggered_by,
        force=request.force,
        now=datetime.now(UTC),
        last=None if newest is None else _last(newest),
        material=TrainingMaterial(dataset.sha256, feedback.sha256),
    )
    if decision.train and request.triggered_by == DRIFT_TRIGGER and not request.force:
        return _alone(decision)
    return decision


def _alone(decision: Decision) -> Decision:
    """The decision, unless drift has started another training that runs and began earlier: an event may be
    delivered twice. All runs see the same order, so exactly one of them trains.
    """
    running = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
    with get_client(sync_client=True) as client:
        trainings = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["train"])),
            flow_run_filter=FlowRunFilter(state=running),
        )
    rivals = [run for run in trainings if run.parameters.get("triggered_by") == DRIFT_TRIGGER]
    first = min(rivals, key=_began, default=None)
    if first is None or str(first.id) == flow_run_id():
        return decision
    return Decision(train=False, why=f"the run {first.name}, which drift started earlier, is training")


def _began(run: FlowRun) -> tuple[datetime, str]:
    return run.start_time or datetime.now(UTC), str(run.id)


def _last(version: ModelVersion) -> LastTraining:
    trained_at = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    material = TrainingMaterial(version.tags.get(DATA_SHA256_TAG, ""), version.tags[FEEDBACK_SHA256_TAG])
    return LastTraining(version=version.version, trained_at=trained_at, material=material)
