"""Drills of the watch: what is broken is named, and what is not broken is still looked at."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from prefect import State

from configuration.postgresql import postgres_address
from flows.data.inference_log import InferenceLog
from flows.drift import drift
from flows.feedback import import_feedback
from flows.monitoring import drift_run
from flows.registry.contract import CANDIDATE
from flows.train import train
from tests.integration.monitoring.conftest import Database, Stage
from tests.integration.monitoring.test_drift_flow import last_check, shifted
from tests.integration.monitoring.traffic import feedback, logged
from tests.ports import free_port

pytestmark = [pytest.mark.integration, pytest.mark.drill]


def verdicts(stage: Stage) -> dict[str, str]:
    tags = last_check(stage).data.tags
    return {
        name.removeprefix("verdict."): value for name, value in tags.items() if name.startswith("verdict.")
    }


def test_a_database_that_is_down_leaves_the_verdict_on_the_labelled_file(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_URI", f"postgresql://wine:word@127.0.0.1:{free_port()}/wine")
    state = drift(report=False, return_state=True)
    assert state.is_failed()
    assert state.name == "Failed"
    assert "does not answer" in (state.message or "")
    assert "word" not in (state.message or "")
    found = verdicts(stage)
    assert found["labelled file"] == "no drift"
    assert found["inputs"] == found["feedback"] == "not enough data"


def test_an_empty_log_is_not_enough_data_and_no_failure(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(drift_run.artifacts, "show", lambda _key, text, **_: shown.append(text))
    state = drift(return_state=True)
    assert state.is_completed()
    assert "report could not be made" not in shown[0]
    found = verdicts(stage)
    assert found["labelled file"] == "no drift"
    assert {found[name] for name in ("inputs", "predictions", "expected error", "feedback")} == {
        "not enough data"
    }


def test_a_database_without_the_tables_is_an_empty_log(stage: Stage, database: Database) -> None:
    database.execute("DROP TABLE wine_predictions, wine_feedback")
    assert drift(report=False, return_state=True).is_completed()


def test_a_log_from_three_model_versions_is_looked_at_as_one(stage: Stage, database: Database) -> None:
    third = len(stage.wines) // 3
    for number, version in enumerate(("41", "42", None)):
        wines = stage.wines.iloc[number * third : (number + 1) * third]
        database.insert("wine_predictions", logged(stage.registry, wines, version=version))
    database.execute("UPDATE wine_predictions SET model_version = NULL WHERE model_version = '41'")
    state = drift(report=False, return_state=True)
    assert state.is_completed(), state.message
    assert last_check(stage).data.metrics["window_rows"] == 3 * third


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_window_is_the_same_in_any_time_zone(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    end = datetime(2026, 3, 1, 12, tzinfo=UTC)
    database.insert("wine_predictions", logged(stage.registry, stage.wines.head(120), at=end))
    database.execute(f"ALTER ROLE wine SET timezone = '{zone}'")
    try:
        log = InferenceLog(postgres_address("NEON_URI", database.uri))
        assert log.window(end - timedelta(hours=1), end, rows=1_000).rows == 120
        assert log.window(end, end + timedelta(days=1), rows=1_000).rows == 0
        assert log.window(end - timedelta(days=1), end - timedelta(hours=1), rows=1_000).rows == 0
    finally:
        database.execute("ALTER ROLE wine RESET timezone")


def test_a_labelled_file_with_missing_columns_is_named_and_the_log_still_judged(
    stage: Stage, database: Database, tmp_path: Path
) -> None:
    labelled = tmp_path / "march.csv"
    pd.read_csv(stage.folder / "winemag-test.csv").drop(columns=["price"]).to_csv(labelled, index=False)
    database.insert("wine_predictions", logged(stage.registry, shifted(stage.wines)))
    state = drift(labelled=str(labelled), report=False, return_state=True)
    assert state.name == "Drift"
    found = verdicts(stage)
    assert found["labelled file"] == "not enough data"
    assert found["inputs"] == "drift"


def test_a_report_that_fails_to_render_costs_no_verdict(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("degenerate vocabulary")

    monkeypatch.setattr(drift_run, "drift_html", broken)
    database.insert("wine_predictions", logged(stage.registry, shifted(stage.wines)))
    state = drift(return_state=True)
    assert state.name == "Drift"
    assert verdicts(stage)["inputs"] == "drift"


def test_two_checks_at_once_come_to_the_same_verdict(stage: Stage, database: Database) -> None:
    database.insert("wine_predictions", logged(stage.registry, shifted(stage.wines)))
    end = datetime.now(UTC)

    def check() -> State:
        return drift(until=end, report=False, return_state=True)

    with ThreadPoolExecutor(2) as pool:
        # Each thread with this one's settings, which hold the address of the server.
        states = [future.result() for future in [pool.submit(copy_context().run, check) for _ in range(2)]]
    assert [state.name for state in states] == ["Drift", "Drift"]
    assert states[0].message == states[1].message


def test_an_event_delivered_twice_trains_once(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.data.retraining.SHORTEST_PAUSE", timedelta(0))
    log = logged(stage.registry, stage.wines.head(300))
    database.insert("wine_predictions", log)
    database.insert("wine_feedback", feedback(log, stage.wines["price"].head(300).to_numpy() * 1.1))

    def learn() -> State:
        return train(extras="never", triggered_by="drift", return_state=True)

    with ThreadPoolExecutor(2) as pool:
        states = [future.result() for future in [pool.submit(copy_context().run, learn) for _ in range(2)]]
    skipped, trained = sorted(states, key=lambda state: state.name != "Skipped")
    assert skipped.name == "Skipped"
    assert "Not trained" in (skipped.message or "")
    assert "Registered version" in (trained.message or "")
    candidate = stage.registry.by_alias(CANDIDATE)
    assert candidate is not None
    stage.registry.withdraw(candidate.version)
    stage.registry.client.delete_model_version(stage.registry.name, candidate.version)


def test_prices_read_in_twice_count_once_and_unknown_requests_are_kept(
    stage: Stage, database: Database, tmp_path: Path
) -> None:
    log = logged(stage.registry, stage.wines.head(30))
    database.insert("wine_predictions", log)
    unknown = uuid.uuid4()
    ids = [*log["request_id"].astype(str), str(unknown), "no uuid", str(log["request_id"][0])]
    prices = ["12.5"] * 30 + ["20", "20", "free"]
    file = tmp_path / "march.csv"
    pd.DataFrame({"request_id": ids, "price": prices}).to_csv(file, index=False)
    first = import_feedback(prices_uri=str(file), client="shop", return_state=True)
    assert first.message == "31 prices added, 1 for unknown requests, 2 rows refused."
    again = import_feedback(prices_uri=str(file), client="shop", return_state=True)
    assert (again.message or "").startswith("0 prices added")
    assert database.value("SELECT count(*) FROM wine_feedback") == 31
    orphans = (
        "SELECT count(*) FROM wine_feedback f LEFT JOIN wine_predictions USING (request_id) WHERE id IS NULL"
    )
    assert database.value(orphans) == 1


def test_a_price_list_without_its_columns_is_refused_with_what_it_should_have(
    stage: Stage, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "march.csv"
    file.write_text("id,cost\n1,2\n")
    state = import_feedback(prices_uri=str(file), return_state=True)
    assert state.is_failed()
    assert "request_id, price" in (state.message or "")


def test_a_file_of_which_no_price_can_be_used_fails_the_import(
    stage: Stage, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "march.csv"
    file.write_text(f"request_id;price\n{uuid.uuid4()};€ 12,50\n")
    state = import_feedback(prices_uri=str(file), return_state=True)
    assert state.is_failed()
    assert "price is in EUR, not in USD" in (state.message or "")
    assert database.value("SELECT count(*) FROM wine_feedback") == 0
