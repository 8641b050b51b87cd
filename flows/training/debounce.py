"""Whether a run has anything new to learn: asked when drift, not a person, started it."""

from __future__ import annotations

from datetime import UTC, datetime

from mlflow.entities.model_registry import ModelVersion

from flows.datasets import Dataset
from flows.monitoring.retraining import Decision, LastTraining, TrainingMaterial, decide
from flows.registry import Registry
from flows.training.feedback import Feedback
from flows.training.request import TrainRequest


def debounced(registry: Registry, request: TrainRequest, dataset: Dataset, feedback: Feedback) -> Decision:
    """The decision for this run, against the newest version that this system registered."""
    ours = (version for version in registry.versions() if "feedback_sha256" in version.tags)
    newest = next(ours, None)
    return decide(
        triggered_by=request.triggered_by,
        force=request.force,
        now=datetime.now(UTC),
        last=None if newest is None else _last(newest),
        material=TrainingMaterial(dataset.sha256, feedback.sha256),
    )


def _last(version: ModelVersion) -> LastTraining:
    trained_at = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    material = TrainingMaterial(version.tags.get("data_sha256", ""), version.tags["feedback_sha256"])
    return LastTraining(version=version.version, trained_at=trained_at, material=material)
