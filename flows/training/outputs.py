"""What a training run leaves behind in MLflow: files and tags."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import pandas as pd
from sklearn.base import BaseEstimator

from flows.data.reference import reference_sample
from flows.registry import contract
from flows.registry.contract import HOLDOUT_PATH, HOLDOUT_TAG, LEVEL_TAG, REFERENCE_PATH
from flows.training.outcome import Fitted, Outcome
from flows.training.reports.card_markdown import card_markdown
from flows.training.reports.data_profile import data_profile
from flows.training.reports.plots import Picture
from flows.training.reports.validation import bad_rows_csv, validation_markdown
from pricing.storage import recorded
from pricing.wine.schema import FIELDS, PRICE

PLAIN: Final = (str, int, float, type(None))
"""Values that a person can compare between runs."""


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


def run_params(fitted: Fitted) -> dict[str, Any]:
    """The estimator's name and its parameters, those of parts among them, as far as they are plain."""
    params = cast("BaseEstimator", fitted.estimator).get_params()
    plain = {name: value for name, value in params.items() if isinstance(value, PLAIN)}
    return {contract.ESTIMATOR_TAG: fitted.config.name, **plain}


def material_tags(outcome: Outcome) -> dict[str, str]:
    """What the model learned from: identities of data and feedback, and counts of rows."""
    data = outcome.card["data"]
    return {
        contract.DATA_URI_TAG: data["uri"],
        contract.DATA_SHA256_TAG: data["sha256"],
        contract.SYNTHETIC_TAG: str(data["synthetic"]).lower(),
        contract.FEEDBACK_SHA256_TAG: outcome.feedback.sha256,
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
        contract.ESTIMATOR_TAG: outcome.fitted.config.name,
        recorded.SCHEMA_TAG: str(metadata[recorded.SCHEMA_TAG]),
        recorded.SHA256_TAG: str(metadata[recorded.SHA256_TAG]),
        "git_commit": outcome.card["git_commit"],
        "trained_at": outcome.card["trained_at"],
        "test_rmse_log_scale": f"{metrics['test_rmse_log_scale']:.6f}",
        "coverage": f"{metrics['coverage']:.6f}",
    }


def _parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()
