"""Versions as the gate sees them: downloaded from the registry and loaded as a stranger would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mlflow
import pandas as pd
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from flows.data.datasets import HOLDOUT_PATH
from flows.data.price_level import LEVEL_TAG, NetOfLevel
from flows.errors import CandidateRejected
from flows.registry.model_registry import Registry
from pricing.errors import PricingError, UntrustedArtefact
from pricing.estimators.protocol import PriceEstimator
from pricing.storage import skops_file

CARD_FILE: Final = "card.json"
HOLDOUT_FILE: Final = "holdout.parquet"


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """A version of the model, loaded; its prices lie `level` (log) above those of the reviews."""

    number: str
    estimator: PriceEstimator
    synthetic: bool
    level: float

    @property
    def at_review_prices(self) -> NetOfLevel:
        return NetOfLevel(self.estimator, self.level)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate in `folder`, with its card and the held-out wines of its training (`FIELDS`, `price`).

    The folder holds `model.skops`, `card.json` and `holdout.parquet`, all that `tests/model` needs.
    """

    loaded: LoadedVersion
    folder: Path
    holdout: pd.DataFrame
    card: Mapping[str, Any]


def fetch_candidate(registry: Registry, version: ModelVersion, folder: Path) -> Candidate:
    """Download and load. Raises `CandidateRejected` for a version that is damaged, foreign or incomplete."""
    try:
        model = _download_model(registry, version, folder)
        path = _download_file(version, HOLDOUT_PATH, folder)
        loaded = _load(version, folder, model)
    except (PricingError, MlflowException, OSError) as error:
        raise CandidateRejected(version.version, [f"it cannot be loaded: {error}"]) from error
    card = (model.metadata or {}).get("model_card", {})
    (folder / CARD_FILE).write_text(json.dumps(card))
    path.rename(folder / HOLDOUT_FILE)
    return Candidate(loaded, folder, pd.read_parquet(folder / HOLDOUT_FILE), card)


def fetch_champion(registry: Registry, version: ModelVersion, folder: Path) -> LoadedVersion | str:
    """The version in production, or the reason why a candidate cannot be compared with it.

    A model of another system (a pickle) is never loaded.
    """
    try:
        return _load(version, folder, _download_model(registry, version, folder))
    except (PricingError, MlflowException, OSError) as error:
        return f"Version {version.version} in production is no model of this system: {error}"


def _download_model(registry: Registry, version: ModelVersion, folder: Path) -> Model:
    folder.mkdir(parents=True, exist_ok=True)
    uri = f"models:/{registry.name}/{version.version}"
    mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder))
    model: Model = Model.load(str(folder))
    return model


def _download_file(version: ModelVersion, path: str, folder: Path) -> Path:
    if not version.run_id:
        raise FileNotFoundError(f"version {version.version} belongs to no run, so {path} is not known")
    return Path(
        mlflow.artifacts.download_artifacts(
            run_id=version.run_id, artifact_path=path, dst_path=str(folder / "run")
        )
    )


def _load(version: ModelVersion, folder: Path, model: Model) -> LoadedVersion:
    file = folder / skops_file.FILE_NAME
    metadata: dict[str, Any] = model.metadata or {}
    if file.is_file():
        _check_bytes(version, file, metadata)
    return LoadedVersion(
        number=version.version,
        estimator=skops_file.load(file),
        synthetic=version.tags.get("data_synthetic") == "true",
        level=float(version.tags.get(LEVEL_TAG, 0.0)),
    )


def _check_bytes(version: ModelVersion, file: Path, metadata: dict[str, Any]) -> None:
    """The bytes must be those that training wrote, as recorded in two places."""
    found = skops_file.sha256_of(file)
    for place, recorded in (
        ("its MLmodel file", metadata.get("artefact_sha256")),
        ("the registry", version.tags.get("artefact_sha256")),
    ):
        if recorded != found:
            raise UntrustedArtefact(
                f"{file.name} has the SHA-256 {found[:16]}…, {place} says {str(recorded)[:16]}…: "
                "its bytes were changed after training. Train again."
            )
