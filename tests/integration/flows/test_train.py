from __future__ import annotations

import json
import shutil
from pathlib import Path

import boto3
import mlflow
import pandas as pd
import pytest

from flows.registry.contract import CANDIDATE
from flows.registry.experiments import FLOW_RUN
from flows.registry.model_registry import Registry
from flows.train import train
from flows.training.experiment import Experiment
from flows.training.extended_evaluation import NOISE_FITS
from pricing.storage import skops_file
from pricing.wine.schema import FIELDS
from tests.integration.conftest import Servers
from tests.integration.s3 import aws_server, lead_to
from tests.integration.servers import ask

pytestmark = pytest.mark.integration

PLOTS = {
    "predicted_vs_actual",
    "residuals_by_decile",
    "coverage",
    "coverage_by_slice",
    "importance",
    "learning_curve",
}


def artifacts_of(api: str, key: str) -> list[dict[str, str]]:
    query = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC"}
    return ask("POST", f"{api}/artifacts/filter", query).json()


def test_a_training_leaves_a_candidate_with_its_card(
    registry: Registry, flow_env: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = train(reason="first", extras="always", return_state=True)

    assert state.is_completed(), state.message
    version = registry.by_alias(CANDIDATE)
    assert version is not None
    assert version.tags["data_synthetic"] == "true"
    assert version.tags["git_commit"] == "0123abc"
    folder = mlflow.artifacts.download_artifacts(
        f"models:/{registry.name}/{version.version}", dst_path=str(tmp_path)
    )
    model = Path(folder) / "model.skops"
    assert skops_file.sha256_of(model) == version.tags["artefact_sha256"]
    run = registry.client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert {i.dataset.name for i in run.inputs.dataset_inputs} == {"winemag-train.csv", "winemag-test.csv"}
    card = json.loads(_text(version.run_id, "model_card.json", tmp_path))
    assert card["metrics"]["test_rmse_log_scale"] == run.data.metrics["test_rmse_log_scale"]
    assert card["data"]["synthetic"] is True
    by_slice = run.data.metrics["slice/provided fields/required fields/rmse_log"]
    assert by_slice == card["metrics"]["test_rmse_log_scale"]
    assert card["metrics"]["test_rmse_log_scale_all_fields"] < card["metrics"]["test_rmse_log_scale"]
    assert "How to use it" in version.description
    assert len(card["training_noise"]["all"]) == NOISE_FITS
    assert "baseline" in card
    listed = {Path(f.path).stem for f in registry.client.list_artifacts(version.run_id, "plots")}
    assert listed == PLOTS
    shown = artifacts_of(flow_env.prefect, "wine-model-card")[0]["data"]
    assert "Synthetic data" in shown
    assert shown.count("data:image/png;base64,") == len(PLOTS)
    assert artifacts_of(flow_env.prefect, "wine-train-progress")[0]["data"] == 100.0
    _check_that_anyone_can_load_it(registry, monkeypatch)


def _check_that_anyone_can_load_it(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true")  # MLflow's switch covers skops too
    model = mlflow.pyfunc.load_model(f"models:/{registry.name}@{CANDIDATE}")
    four = {"country": "US", "description": "ripe fruit", "province": "California", "millesime": "2012"}
    expected = float(model.predict(pd.DataFrame([four]))[0])
    assert 0 < expected < 8
    assert float(model.predict(pd.DataFrame([four | {"millesime": 2012}]))[0]) == expected
    assert [c.name for c in model.metadata.signature.inputs.inputs] == list(FIELDS)


def _text(run_id: str, path: str, folder: Path) -> str:
    return Path(
        mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=str(folder))
    ).read_text()


def test_training_again_gives_the_same_model_and_closes_what_a_killed_run_left(registry: Registry) -> None:
    experiment = Experiment(registry.client)
    nobody = "00000000-0000-4000-8000-000000000000"
    left = registry.client.create_run(experiment.id, tags={FLOW_RUN: nobody})
    train(extras="never")
    train(extras="never")
    first, second = (registry.client.get_run(v.run_id).data.metrics for v in registry.versions())
    assert first["test_rmse_log_scale"] == second["test_rmse_log_scale"]
    closed = registry.client.get_run(left.info.run_id)
    assert (closed.info.status, "abandoned" in closed.data.tags) == ("KILLED", True)

    drifted = train(extras="never", triggered_by="drift", return_state=True)
    assert (drifted.is_completed(), drifted.name) == (True, "Skipped")
    assert "have changed" in drifted.message
    assert len(registry.versions()) == 2


def test_data_come_from_s3(registry: Registry, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with aws_server() as environment:
        lead_to(environment, monkeypatch)
        client = boto3.client("s3")
        client.create_bucket(Bucket="reviews")
        for file in data_folder.iterdir():
            client.upload_file(str(file), "reviews", f"wine/{file.name}")

        state = train(data_uri="s3://reviews/wine/", extras="never", return_state=True)

    assert state.is_completed(), state.message
    version = registry.by_alias(CANDIDATE)
    assert version is not None
    assert version.tags["dataset_s3_path"] == "s3://reviews/wine/"
    assert version.tags["data_synthetic"] == "true"


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda f: (f / "winemag-train.csv").unlink(), "There is no file"),
        (lambda f: (f / "winemag-test.csv").write_bytes(b""), "winemag-test.csv is empty"),
        (
            lambda f: (f / "winemag-train.csv").write_bytes("id,vin\n1,Châteauneuf".encode("latin-1")),
            "has no column country",
        ),
    ],
    ids=["missing", "empty", "latin-1"],
)
def test_bad_data_fail_the_run_with_one_message_and_leave_nothing(
    registry: Registry, data_folder: Path, tmp_path: Path, break_it, said: str
) -> None:
    folder = Path(shutil.copytree(data_folder, tmp_path / "broken"))
    break_it(folder)
    state = train(data_uri=str(folder), return_state=True)
    assert state.is_failed()
    assert said in state.message
    assert registry.versions() == []


def test_an_unreachable_tracker_is_named(flow_env: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    state = train(return_state=True)
    assert state.is_failed()
    assert "MLflow does not answer at http://127.0.0.1:9" in state.message


def test_an_unreachable_database_costs_the_feedback_and_says_so(
    registry: Registry, flow_env: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_URI", "postgresql://wine:secret-word@127.0.0.1:9/wine")
    state = train(extras="never", return_state=True)
    assert state.is_completed(), state.message
    shown = artifacts_of(flow_env.prefect, "wine-data")[0]["data"]
    assert "Trained without feedback" in shown
    assert "secret-word" not in shown
