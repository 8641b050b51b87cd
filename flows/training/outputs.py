"""What a training run leaves behind in MLflow: files and tags."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from flows.data.datasets import HOLDOUT_PATH
from flows.data.price_level import LEVEL_TAG
from flows.data.reference import REFERENCE_PATH, reference_sample
from flows.registry.production import HOLDOUT_TAG
from flows.training.outcome import Outcome
from flows.training.reports.data_profile import data_profile
from flows.training.reports.model_card import card_markdown
from flows.training.reports.plots import Picture
from flows.training.reports.validation import bad_rows_csv, validation_markdown
from pricing.wine.schema import FIELDS, PRICE


def run_files(outcome: Outcome, pictures: Iterable[Picture]) -> dict[str, bytes | str]:
    """Artifacts by their path in the run."""
    dataset, wines, card = outcome.dataset, outcome.wines, outcome.card
    files: dict[str, bytes | str] = {
        "model_card.md": card_markdown(card),
        "model_card.json": json.dumps(card, indent=2),
        "data_profile.md": data_profile(wines.train),
        "data/validation.md": validation_markdown(dataset, wines, outcome.feedback.remarks()),
        "data/bad_rows.csv": bad_rows_csv(dataset),
        HOLDOUT_PATH: _parquet(wines.test[[*FIELDS, PRICE]]),
        REFERENCE_PATH: _parquet(reference_sample(wines.train, wines.test)),
    }
    return files | {f"plots/{picture.name}.png": picture.png for picture in pictures}


def material_tags(outcome: Outcome) -> dict[str, str]:
    """What the model learned from: identities of data and feedback, and counts of rows."""
    data = outcome.card["data"]
    return {
        "dataset_s3_path": data["uri"],
        "data_sha256": data["sha256"],
        "data_synthetic": str(data["synthetic"]).lower(),
        "feedback_sha256": outcome.feedback.sha256,
        "train_rows": str(data["train_rows"]),
        "test_rows": str(data["test_rows"]),
        "feedback_rows": str(data["feedback_rows"]),
        HOLDOUT_TAG: outcome.dataset.test.sha256,
        LEVEL_TAG: f"{outcome.feedback.level:.6f}",
    }


def version_tags(outcome: Outcome, metadata: Mapping[str, Any]) -> dict[str, str]:
    """The facts about a version that serving, drift and people look for first."""
    metrics = outcome.card["metrics"]
    return {
        **material_tags(outcome),
        "schema_version": str(metadata["schema_version"]),
        "artefact_sha256": str(metadata["artefact_sha256"]),
        "git_commit": outcome.card["git_commit"],
        "trained_at": outcome.card["trained_at"],
        "test_rmse_log_scale": f"{metrics['test_rmse_log_scale']:.6f}",
        "coverage": f"{metrics['coverage']:.6f}",
    }


def _parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()
