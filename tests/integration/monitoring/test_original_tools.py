"""The tools of the original system run unmodified: its monitor and its tests of a candidate.

They read the registry by names, aliases, metrics and tags of before; what they need is true here.
"""

from __future__ import annotations

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from flows.registry.contract import CANDIDATE
from tests.integration.monitoring.conftest import Stage
from tests.integration.monitoring.original_monitor import COLUMNS, NAME, cleaned, monitor

pytestmark = pytest.mark.integration


def test_the_test_file_is_no_drift(stage: Stage) -> None:
    found = monitor(str(stage.folder / "winemag-test.csv"))
    assert not found.drift, found
    # The same figure, not one within the threshold: measured with the four fields, as the monitor does.
    assert found.rmse == pytest.approx(found.reference, rel=0.03)


def test_a_file_of_another_world_is_drift(stage: Stage, tmp_path: Path) -> None:
    wines = pd.read_csv(stage.folder / "winemag-test.csv")
    dear = wines.assign(price=wines["price"] * np.where(np.arange(len(wines)) % 2, 3.0, 1.0))
    dear.to_csv(tmp_path / "shifted.csv", index=False)
    assert monitor(str(tmp_path / "shifted.csv")).drift


def test_a_threshold_of_its_own_is_taken_from_the_environment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFT_THRESHOLD", "0.0")
    assert monitor(str(stage.folder / "winemag-test.csv")).drift


@pytest.mark.parametrize(
    "uri", [f"models:/{NAME}@{CANDIDATE}", f"models:/{NAME}/latest", f"models:/{NAME}/{{}}"]
)
def test_a_candidate_is_loaded_by_its_alias_its_number_or_as_the_latest(stage: Stage, uri: str) -> None:
    client = stage.registry.client
    production = client.get_model_version_by_alias(NAME, "production")
    client.set_registered_model_alias(NAME, CANDIDATE, production.version)
    try:
        model = mlflow.sklearn.load_model(uri.format(production.version))
        wines = cleaned(str(stage.folder / "winemag-test.csv")).head(50)
        predicted = model.predict(wines[COLUMNS])
    finally:
        client.delete_registered_model_alias(NAME, CANDIDATE)
    assert len(predicted) == 50
    assert np.isfinite(predicted).all()
    assert (np.exp(predicted) > 1).all()
    assert (np.exp(predicted) < 10_000).all()


@pytest.mark.filterwarnings(
    "ignore::FutureWarning"
)  # stages are deprecated in MLflow, and asked for by old tools
def test_a_version_is_in_no_stage_and_found_so(stage: Stage) -> None:
    client = stage.registry.client
    [latest] = client.get_latest_versions(NAME, stages=["None"])
    assert latest.current_stage == "None"
    assert latest.version == client.get_model_version_by_alias(NAME, "production").version


def test_the_run_has_the_metrics_and_tags_that_were_there_before(stage: Stage) -> None:
    client = stage.registry.client
    version = client.get_model_version_by_alias(NAME, "production")
    run = client.get_run(version.run_id)
    assert client.get_experiment(run.info.experiment_id).name == "Wine_Price_Regression"
    assert {"test_rmse_log_scale", "test_r2_score"} <= run.data.metrics.keys()
    assert run.data.tags["dataset_s3_path"] == version.tags["dataset_s3_path"] == str(stage.folder)
    signature = mlflow.models.get_model_info(f"models:/{NAME}@production").signature
    assert signature is not None
    inputs = {column["name"]: column["type"] for column in signature.inputs.to_dict()}
    assert {inputs[name] for name in ("country", "description", "province")} == {"string"}
    assert "millesime" in inputs
