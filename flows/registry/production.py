"""The model in production with what drift compares it with."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException

from flows.data.price_level import LEVEL_TAG
from flows.data.reference import REFERENCE_PATH, Model, Reference, reference_of
from flows.errors import ProductionUnusable
from flows.registry.model_registry import PRODUCTION, Registry
from pricing.errors import ArtefactError
from pricing.storage import skops_file

HOLDOUT_TAG: Final = "holdout_sha256"


@dataclass(frozen=True, slots=True)
class Production:
    """A version of the registered model, loaded."""

    version: str
    model: Model
    reference: Reference


def production(registry: Registry) -> Production:
    """The version under the alias `production`. Raises `ProductionUnusable` where it cannot be watched."""
    version = registry.by_alias(PRODUCTION)
    if version is None:
        raise ProductionUnusable(
            f"{registry.name} has no version under the alias 'production'. Train and promote one first."
        )
    try:
        with tempfile.TemporaryDirectory() as folder:
            uri = f"models:/{registry.name}/{version.version}"
            path = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
            model = skops_file.load(path / skops_file.FILE_NAME)
        sample = _sample(version.run_id or "")
    except (ArtefactError, MlflowException, OSError) as error:
        raise ProductionUnusable(
            f"Version {version.version} in production cannot be watched: {error} A model of another system "
            "has no stored training sample; train and promote one of this system."
        ) from error
    reference = reference_of(
        sample,
        price_level=float(version.tags.get(LEVEL_TAG, 0.0)),
        holdout_sha256=version.tags.get(HOLDOUT_TAG),
    )
    return Production(version.version, model, reference)


def _sample(run_id: str) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=REFERENCE_PATH, dst_path=folder
        )
        return pd.read_parquet(io.BytesIO(Path(path).read_bytes()))
