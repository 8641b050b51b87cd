"""Drift trains a model only where there is something to learn, once a day."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.data.retraining import DRIFT_TRIGGER, LastTraining, TrainingMaterial, decide

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
OLD, NEW = TrainingMaterial("data", "feedback"), TrainingMaterial("data", "more feedback")


def last(hours: float, material: TrainingMaterial = OLD) -> LastTraining:
    return LastTraining("4", NOW - timedelta(hours=hours), material)


@pytest.mark.parametrize(
    ("triggered_by", "force", "before", "material", "train"),
    [
        (DRIFT_TRIGGER, False, last(48), NEW, True),
        (DRIFT_TRIGGER, False, last(48), OLD, False),
        (DRIFT_TRIGGER, False, last(2), NEW, False),
        (DRIFT_TRIGGER, True, last(2), OLD, True),
        (DRIFT_TRIGGER, False, None, NEW, True),
        ("a person", False, last(0.1), OLD, True),
    ],
)
def test_when_drift_trains(triggered_by, force, before, material, train) -> None:
    decision = decide(triggered_by=triggered_by, force=force, now=NOW, last=before, material=material)
    assert decision.train is train
    assert decision.why


def test_the_reason_names_the_version_that_would_be_made_again() -> None:
    decision = decide(triggered_by=DRIFT_TRIGGER, force=False, now=NOW, last=last(48), material=OLD)
    assert "version 4" in decision.why
