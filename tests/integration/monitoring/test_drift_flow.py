"""The flow `drift` against a real registry, a real Prefect API and a real PostgreSQL."""

from __future__ import annotations

import time

import httpx
import numpy as np
import pandas as pd
import pytest
from prefect.settings import PREFECT_API_URL

from flows.drift import drift
from flows.monitoring.history import EXPERIMENT, REPORT_FILE
from flows.registry.contract import CANDIDATE
from flows.train import train
from tests.integration.monitoring.conftest import Database, Stage
from tests.integration.monitoring.traffic import feedback, logged
from tests.pace import patience

pytestmark = pytest.mark.integration


def last_check(stage: Stage):
    client = stage.registry.client
    experiment = client.get_experiment_by_name(EXPERIMENT)
    return client.search_runs(
        [experiment.experiment_id], order_by=["attributes.start_time DESC"], max_results=1
    )[0]


def drift_event(report: str, seconds: float = 20) -> dict:
    """The event of the check whose report is at `report`."""
    url = f"{PREFECT_API_URL.value()}/events/filter"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        wanted = {"filter": {"event": {"name": ["wine.drift.detected"]}}, "limit": 50}
        for event in httpx.post(url, json=wanted, timeout=patience(20)).json()["events"]:
            if f"/{report}?" in event["payload"].get("report", ""):
                return event
        time.sleep(0.1)
    raise AssertionError("no event of this check arrived")


def shifted(wines: pd.DataFrame, rows: int = 500) -> pd.DataFrame:
    dear = wines.nlargest(len(wines) // 5, "price").sample(rows, replace=True, random_state=2)
    return dear.assign(description=[f"{text} vintage {n}" for n, text in enumerate(dear["description"])])


# Evidently's older half imports numpy.core, and divides by the spread of constant columns.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::FutureWarning")
def test_the_traffic_it_was_trained_for_is_no_drift(stage: Stage, database: Database) -> None:
    database.insert("wine_predictions", logged(stage.registry, stage.wines.head(500)))
    state = drift(return_state=True)
    assert state.is_completed(), state.message
    run = last_check(stage)
    assert run.data.tags["verdict"] == "no drift"
    assert run.data.metrics["window_rows"] == 500
    html = [file.path for file in stage.registry.client.list_artifacts(run.info.run_id)]
    assert REPORT_FILE in html


def test_traffic_that_moved_is_drift_and_fails_the_run(stage: Stage, database: Database) -> None:
    database.insert("wine_predictions", logged(stage.registry, shifted(stage.wines)))
    state = drift(report=False, return_state=True)
    assert state.is_failed()
    assert state.name == "Drift"
    assert "predict" in (state.message or "")
    run = last_check(stage)
    assert run.data.tags["verdict.inputs"] == run.data.tags["verdict.predictions"] == "drift"


def test_dearer_prices_are_seen_in_feedback_and_learned(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logged(stage.registry, stage.wines.head(600))
    database.insert("wine_predictions", log)
    dearer = stage.wines["price"].head(600).to_numpy() * 1.12
    database.insert("wine_feedback", feedback(log, dearer))
    state = drift(report=False, return_state=True)
    assert state.is_failed()
    assert last_check(stage).data.tags["verdict.feedback"] == "drift"

    # What the event's trigger starts: less than a day after the last training it waits, forced it does not.
    waiting = train(extras="never", triggered_by="drift", return_state=True)
    assert waiting.name == "Skipped"
    assert "less than a day" in (waiting.message or "")
    trained = train(extras="never", triggered_by="drift", force=True, return_state=True)
    assert trained.is_completed(), trained.message
    candidate = stage.registry.by_alias(CANDIDATE)
    assert candidate is not None
    assert float(candidate.tags["price_level"]) == pytest.approx(np.log(1.12), abs=0.05)
    assert int(candidate.tags["feedback_rows"]) > 0
    # The same event again: the candidate has learned all there is.
    again = train(extras="never", triggered_by="drift", return_state=True)
    assert again.name == "Skipped"
    assert "same model" in (again.message or "")
    stage.registry.withdraw(candidate.version)
    stage.registry.client.delete_model_version(stage.registry.name, candidate.version)


def test_the_event_names_what_moved(stage: Stage, database: Database) -> None:
    database.insert("wine_predictions", logged(stage.registry, shifted(stage.wines)))
    drift(report=False, return_state=True)
    event = drift_event(last_check(stage).info.run_id)
    assert event["payload"]["checks"]["inputs"] == "drift"
    assert "typical price" in event["payload"]["reason"]
    assert event["resource"]["prefect.resource.id"].startswith(stage.registry.name)
