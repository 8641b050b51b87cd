"""The whole system through its own commands: real Prefect, MLflow, worker, PostgreSQL and service.

The tests tell one story, in order: an interrupted start, a start, a prediction, a second training under
load, a crash, the end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from deployments.local.stack import processes
from tests.integration.stack.conftest import ROW_FROM_BEFORE
from tests.integration.stack.shop import ask_prices, write_prices
from tests.integration.stack.stack import LocalStack, eventually, request_of
from tests.pace import patience

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

FOUR_FIELDS = {
    "country": "France",
    "description": "Ripe plum and cedar; medium bodied and well balanced.",
    "province": "Bordeaux",
    "millesime": "2010",
}


@dataclass
class Load:
    """A constant light load on the service; remembers versions and failures."""

    url: str
    versions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Load:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=patience(30)) as client:
            while not self._end.wait(0.05):
                try:
                    answer = client.post(f"{self.url}/predict", json=FOUR_FIELDS)
                    answer.raise_for_status()
                    self.versions.append(answer.json()["model"]["version"])
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))


def test_a_start_that_is_interrupted_in_mid_training_with_its_worker_killed(stack: LocalStack) -> None:
    with stack.begin("up") as starting:
        running = eventually(lambda: running_training(stack, starting), seconds=180, what="training runs")
        kill_worker_and_run(stack, running["id"])
        starting.send_signal(signal.SIGINT)
        output, _ = starting.communicate(timeout=patience(30))
    assert starting.returncode == 130
    assert "Interrupted. make up continues from here" in output


def running_training(stack: LocalStack, starting: subprocess.Popen[str]) -> dict[str, Any] | None:
    if starting.poll() is not None:
        pytest.fail(f"make up ended before it trained: {starting.communicate()[0]}")
    runs = [run for run in stack.runs("wine-train") if run["state_type"] == "RUNNING"]
    return runs[0] if runs else None


def kill_worker_and_run(stack: LocalStack, run_id: str) -> None:
    state = stack.settings.state
    workers = [process for process in processes.of_stack(state) if "worker" in command_of(process)]
    executing = processes.flow_runs(state)[run_id]
    assert workers
    for process in workers + executing:
        process.kill()


def test_running_it_again_completes(stack: LocalStack) -> None:
    done = stack.command("up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is in production" in done.stdout
    assert "SYNTHETIC" in done.stdout
    for url in (stack.settings.serving_url, stack.settings.prefect_url, stack.settings.mlflow_url):
        assert url in done.stdout
    answer = subprocess.run(request_of(done.stdout), shell=True, capture_output=True, check=True)  # noqa: S602
    assert b'"prediction"' in answer.stdout
    assert [run["state_type"] for run in stack.runs("wine-train")].count("CRASHED") == 1


def test_running_it_a_third_time_changes_nothing(stack: LocalStack) -> None:
    before = stack.served_version()
    done = stack.command("up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "was trained on this data: kept" in done.stdout
    assert stack.served_version() == before


def test_every_service_is_shown_as_healthy(stack: LocalStack) -> None:
    shown = stack.command("status")
    assert shown.returncode == 0, shown.stdout
    for service in ("postgres", "mlflow", "prefect", "worker", "serving"):
        assert service in shown.stdout
    assert "INFO" in stack.command("logs", "mlflow").stdout


def test_the_doctor_knows_the_stack_its_ports_and_what_it_holds(stack: LocalStack) -> None:
    names = ("PREFECT_PORT", "MLFLOW_PORT", "SERVING_PORT")
    examined = stack.command(run=("-m", "deployments.doctor"), without=names)
    assert examined.returncode == 0, examined.stdout
    for service in ("postgres", "mlflow", "prefect", "worker", "rescuer", "serving"):
        assert f"ok   local stack: {service}: runs" in examined.stdout
    for url in (stack.settings.serving_url, stack.settings.prefect_url, stack.settings.mlflow_url):
        assert url in examined.stdout
    assert f"WinePriceRegressorPipeline version {stack.served_version()}" in examined.stdout
    assert stack.settings.serving_url in stack.command("status", without=names).stdout


def test_the_row_is_in_the_table_within_two_seconds_with_its_version(stack: LocalStack) -> None:
    answer = stack.predict(**FOUR_FIELDS, variety="Merlot").json()
    query = "SELECT model_version, predicted_price FROM wine_predictions WHERE request_id = %s"
    rows = eventually(lambda: stack.query(query, answer["request_id"]), seconds=2, what="the row")
    assert rows[0][0] == answer["model"]["version"] == stack.served_version()
    assert float(rows[0][1]) == pytest.approx(answer["prediction"])


def test_the_runs_stand_in_prefect_with_their_artifacts(stack: LocalStack) -> None:
    for deployment in ("wine-train", "wine-promote"):
        run = stack.runs(deployment)[0]
        assert run["state_type"] == "COMPLETED"
        body: dict[str, Any] = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}}
        kinds = {artifact["type"] for artifact in stack.prefect("/artifacts/filter", body)}
        assert "markdown" in kinds


def test_what_it_serves_is_marked_as_synthetic(stack: LocalStack) -> None:
    card = httpx.get(f"{stack.settings.serving_url}/model", timeout=patience(30)).json()
    assert card["synthetic_data"] is True


def test_the_clients_and_the_table_of_the_original_keep_working(stack: LocalStack) -> None:
    health = httpx.get(f"{stack.settings.serving_url}/health", timeout=patience(30))
    assert health.status_code == 200
    assert health.json()["status"] == "OK"
    assert health.json()["model_name"] == "WinePriceRegressorPipeline"
    price = stack.predict(**FOUR_FIELDS)
    assert price.status_code == 200
    assert price.json()["prediction"] == round(price.json()["prediction"], 2)
    malformed = stack.predict(country="France")
    assert malformed.status_code in (400, 422)
    assert "detail" in malformed.json()
    columns = "country, description, province, millesime, predicted_price::text"
    assert stack.query(f"SELECT {columns} FROM wine_predictions WHERE id = 1") == [ROW_FROM_BEFORE]  # noqa: S608


def test_a_second_training_is_taken_up_with_no_failed_request(stack: LocalStack) -> None:
    before = stack.served_version()
    assert before
    with Load(stack.settings.serving_url) as load:
        stack.start_run("train/wine-train", seed=1, force=True, extras="never")
        stack.wait_for_version_after(before, seconds=120)
        time.sleep(0.5)  # the load goes on with the new version for a moment
    assert load.failures == []
    assert len(load.versions) > 100
    assert load.versions[0] == before
    assert load.versions[-1] == stack.served_version()


def test_dearer_wines_lead_from_drift_to_a_new_version_in_service(stack: LocalStack) -> None:
    before = stack.served_version()
    write_prices(ask_prices(stack, wines=400, seed=77), stack.data / "cave.csv", dearer=1.4)
    told = stack.ended_run("feedback/wine-feedback", prices_uri=str(stack.data / "cave.csv"), client="cave")
    assert told["state_name"] == "Completed", told["state"]
    let_two_days_pass_since_the_last_training(stack)
    found = stack.ended_run("drift/wine-drift", report=False)
    assert found["state_name"] == "Drift", found["state"]
    assert "feedback" in found["state"]["message"]
    stack.wait_for_version_after(before, seconds=150)
    trained = next(run for run in stack.runs("wine-train") if run["state_type"] == "COMPLETED")
    assert trained["parameters"]["triggered_by"] == "drift"
    assert trained["parameters"]["reason"] in found["state"]["message"]
    data = httpx.get(f"{stack.settings.serving_url}/model", timeout=patience(30)).json()["card"]["data"]
    assert data["feedback_rows"] > 300
    assert data["price_level"] == pytest.approx(0.15, abs=0.01)  # the most that one training moves it


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; empty where it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def let_two_days_pass_since_the_last_training(stack: LocalStack) -> None:
    """Drift trains once a day at most."""
    earlier = "UPDATE model_versions SET creation_time = creation_time - 2 * 86400000"
    stack.query(earlier, database="mlflow")


def test_a_crashed_service_comes_back_and_has_lost_nothing(stack: LocalStack) -> None:
    answered = stack.predict(**FOUR_FIELDS).json()
    serving = [p for p in processes.of_stack(stack.settings.state) if command_of(p)[-1:] == ["serving"]]
    os.kill(serving[0].pid, signal.SIGKILL)
    eventually(stack.served_version, seconds=30, what="the service is back")
    query = "SELECT 1 FROM wine_predictions WHERE request_id = %s"
    eventually(lambda: stack.query(query, answered["request_id"]), seconds=10, what="the row from before")


def test_down_leaves_no_process_and_a_second_down_is_content(stack: LocalStack) -> None:
    done = stack.command("down")
    assert done.returncode == 0, done.stderr
    assert processes.of_stack(stack.settings.state) == []
    assert stack.command("status").returncode == 1
    assert "local stack: none runs from" in stack.command(run=("-m", "deployments.doctor")).stdout
    assert "Nothing was running" in stack.command("down").stdout
