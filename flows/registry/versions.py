"""Versions on this machine: downloaded, their bytes compared with those of training, and loaded.

Train, promote, drift and score all come here, so that none of them ever loads a file that was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

from flows.data.price_level import NetOfLevel
from flows.errors import ProductionUnusable, TrackerUnreachable
from flows.registry.contract import CARD_KEY, LEVEL_TAG, SYNTHETIC_TAG
from flows.registry.model_registry import Registry
from pricing.errors import ArtefactError, PricingError
from pricing.estimators.protocol import PriceEstimator
from pricing.storage import skops_file
from pricing.storage.recorded import verified_sha256

UNUSABLE: Final = (PricingError, MlflowException, OSError)
"""What the functions here raise for a version that is damaged, foreign or incomplete. One whose files cannot
be reached raises `TrackerUnreachable`: nothing is known of it then.
"""
_ABSENT: Final = ("404 Client Error", "No such artifact", "No such file", "NoSuchKey", "Not Found")
"""How the stores behind MLflow say that a file is not there; it passes on their words alone."""


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A version's model file, verified, and what is known of it."""

    number: str
    file: Path
    sha256: str
    card: Mapping[str, Any]
    tags: Mapping[str, str]

    @property
    def synthetic(self) -> bool:
        """Whether it was trained on generated reviews."""
        return self.tags.get(SYNTHETIC_TAG) == "true"

    @property
    def level(self) -> float:
        """Log of its prices over those of the reviews."""
        return float(self.tags.get(LEVEL_TAG, 0.0))


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """A version with its estimator."""

    saved: SavedVersion
    estimator: PriceEstimator

    @property
    def number(self) -> str:
        return self.saved.number

    @property
    def at_review_prices(self) -> NetOfLevel:
        return NetOfLevel(self.estimator, self.saved.level)


def under_alias(registry: Registry, alias: str) -> ModelVersion:
    """The version that an alias points to. Raises `ProductionUnusable` where it points nowhere."""
    version = registry.by_alias(alias)
    if version is None:
        raise ProductionUnusable(
            f"{registry.name} has no version under the alias '{alias}'. Train and promote one first."
        )
    return version


def download(registry: Registry, version: ModelVersion, folder: Path) -> SavedVersion:
    """Put a version into `folder` and compare its bytes with what training recorded.

    Raises `UNUSABLE`, `TrackerUnreachable`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    uri = f"models:/{registry.name}/{version.version}"
    place = _downloaded(artifact_uri=uri, dst_path=str(folder))
    file = place / skops_file.FILE_NAME
    if not file.is_file():
        raise ArtefactError(
            f"version {version.version} has no {skops_file.FILE_NAME}: another system wrote it, perhaps as a "
            "pickle, which is never opened here. Train and promote one of this system."
        )
    metadata: dict[str, Any] = Model.load(str(place)).metadata or {}
    records = {"its MLmodel file": metadata, "the registry": version.tags}
    sha256 = verified_sha256(file, records)
    return SavedVersion(version.version, file, sha256, metadata.get(CARD_KEY) or {}, dict(version.tags))


def load(registry: Registry, version: ModelVersion, folder: Path) -> LoadedVersion:
    """Download, verify and load a version. Raises `UNUSABLE`."""
    saved = download(registry, version, folder)
    return LoadedVersion(saved, skops_file.load(saved.file))


def run_file(version: ModelVersion, path: str, folder: Path) -> Path:
    """A file of the run that made the version, put into `folder`. Raises `UNUSABLE`."""
    if not version.run_id:
        raise FileNotFoundError(f"version {version.version} belongs to no run, so {path} is not known")
    return _downloaded(run_id=version.run_id, artifact_path=path, dst_path=str(folder))


def _downloaded(**where: str) -> Path:
    try:
        return Path(mlflow.artifacts.download_artifacts(**where))
    except (MlflowException, OSError) as error:
        if _is_absent(error):
            raise
        raise TrackerUnreachable(
            f"A model's files could not be downloaded ({' '.join(str(error).split())[:300]}). Check that "
            "MLflow and its artifact store run. Nothing was changed; run again."
        ) from error


def _is_absent(error: Exception) -> bool:
    known = getattr(error, "error_code", "") == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST)
    return known or isinstance(error, FileNotFoundError) or any(words in str(error) for words in _ABSENT)
