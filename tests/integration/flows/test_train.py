from __future__ import annotations

import json
from pathlib import Path

import mlflow
import pytest

from flows.registry import CANDIDATE, Registry
from flows.train import train
from pricing import artefact

pytestmark = pytest.mark.integration


def test_a_training_leaves_a_tested_candidate(registry: Registry, tmp_path: Path) -> None:
    state = train(reason="first", return_state=True)

    assert state.is_completed(), state.message
    version = registry.by_alias(CANDIDATE)
    assert version is not None
    assert version.tags["data_synthetic"] == "true"
    path = Path(
        mlflow.artifacts.download_artifacts(
            f"models:/{registry.name}/{version.version}", dst_path=str(tmp_path)
        )
    )
    model = path / "model.skops"
    assert artefact.sha256_of(model) == version.tags["artefact_sha256"]
    artefact.load(model)
    run = registry.client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    card = json.loads(
        Path(
            mlflow.artifacts.download_artifacts(
                run_id=version.run_id, artifact_path="model_card.json", dst_path=str(tmp_path)
            )
        ).read_text()
    )
    assert card["metrics"]["test_rmse_log_scale"] == pytest.approx(run.data.metrics["test_rmse_log_scale"])
