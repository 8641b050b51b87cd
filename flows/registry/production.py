"""The model in production with what drift compares it with."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.data.reference import Model, Reference, reference_of
from flows.errors import ProductionUnusable
from flows.registry import versions
from flows.registry.contract import HOLDOUT_TAG, PRODUCTION, REFERENCE_PATH
from flows.registry.model_registry import Registry


@dataclass(frozen=True, slots=True)
class Production:
    """A version of the registered model, loaded."""

    version: str
    model: Model
    reference: Reference


def production(registry: Registry) -> Production:
    """The version under the alias `production`. Raises `ProductionUnusable` where it cannot be watched."""
    version = versions.under_alias(registry, PRODUCTION)
    try:
        with tempfile.TemporaryDirectory() as folder:
            loaded = versions.load(registry, version, Path(folder) / "model")
            sample = pd.read_parquet(versions.run_file(version, REFERENCE_PATH, Path(folder) / "run"))
    except versions.UNUSABLE as error:
        raise ProductionUnusable(
            f"Version {version.version} in production cannot be watched: {error} A model of another system "
            "has no stored training sample; train and promote one of this system."
        ) from error
    reference = reference_of(
        sample, price_level=loaded.saved.level, holdout_sha256=version.tags.get(HOLDOUT_TAG)
    )
    return Production(version.version, loaded.estimator, reference)
