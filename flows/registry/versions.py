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

from flows.data.price_level import NetOfLevel
from flows.errors import ProductionUnusable
from flows.registry.contract import CARD_KEY, LEVEL_TAG, SHA256_TAG, SYNTHETIC_TAG
from flows.registry.model_registry import Registry
from pricing.errors import ArtefactError, PricingError, UntrustedArtefact
from pricing.estimators.protocol import PriceEstimator
from pricing.storage import skops_file

UNUSABLE: Final = (PricingError, MlflowException, OSError)
"""What the functions here raise for a version that is damaged, foreign or out of reach."""


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
    """Put a version into `folder` and compare its bytes with what training recorded. Raises `UNUSABLE`."""
    folder.mkdir(parents=True, exist_ok=True)
    uri = f"models:/{registry.name}/{version.version}"
    place = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder)))
    file = place / skops_file.FILE_NAME
    if not file.is_file():
        raise ArtefactError(
            f"version {version.version} has no {skops_file.FILE_NAME}: another system wrote it, perhaps as a "
            "pickle, which is never opened here. Train and promote one of this system."
        )
    metadata: dict[str, Any] = Model.load(str(place)).metadata or {}
    sha256 = _verified(version, file, metadata)
    return SavedVersion(version.version, file, sha256, metadata.get(CARD_KEY) or {}, dict(version.tags))


def load(registry: Registry, version: ModelVersion, folder: Path) -> LoadedVersion:
    """Download, verify and load a version. Raises `UNUSABLE`."""
    saved = download(registry, version, folder)
    return LoadedVersion(saved, skops_file.load(saved.file))


def run_file(version: ModelVersion, path: str, folder: Path) -> Path:
    """A file of the run that made the version, put into `folder`. Raises `UNUSABLE`."""
    if not version.run_id:
        raise FileNotFoundError(f"version {version.version} belongs to no run, so {path} is not known")
    return Path(
        mlflow.artifacts.download_artifacts(run_id=version.run_id, artifact_path=path, dst_path=str(folder))
    )


def _verified(version: ModelVersion, file: Path, metadata: Mapping[str, Any]) -> str:
    """The hash of the file, which must stand in the registry and in MLmodel."""
    sha256 = skops_file.sha256_of(file)
    for place, recorded in (
        ("its MLmodel file", metadata.get(SHA256_TAG)),
        ("the registry", version.tags.get(SHA256_TAG)),
    ):
        if recorded != sha256:
            raise UntrustedArtefact(
                f"{file.name} has the SHA-256 {sha256[:16]}…, {place} says {str(recorded)[:16]}…: "
                "its bytes were changed after training. Train again."
            )
    return sha256
