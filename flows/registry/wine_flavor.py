"""MLflow's sklearn flavour, with the model file written by our own code and its hash in the metadata.

MLflow writes a skops file of its own; ours replaces it, so that the bytes are those that
`pricing.storage.skops_file` reads back, and the hash of exactly these bytes stands in `MLmodel`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import mlflow.sklearn
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.models.model import MLMODEL_FILE_NAME, ModelInfo
from mlflow.types import ColSpec, Schema, TensorSpec

from flows.registry.provenance import requirements
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.wine.schema import FIELDS, OPTIONAL_FIELDS, OPTIONAL_TEXT_FIELDS, REQUIRED_FIELDS, SCHEMA_VERSION

MODEL_PATH: Final = "model"


def signature() -> ModelSignature:
    """Four required strings, the optional fields, and natural log USD out."""
    inputs: list[ColSpec | TensorSpec] = [
        *(ColSpec("string", name) for name in REQUIRED_FIELDS),
        *(ColSpec("string", name, required=False) for name in OPTIONAL_TEXT_FIELDS),
        ColSpec("double", "points", required=False),
    ]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema([ColSpec("double")]))


def log_model(
    estimator: WinePriceRegressor, *, run_id: str, example: pd.DataFrame, card: dict[str, Any]
) -> ModelInfo:
    """Log a fitted estimator to a run. `example` are wines in `FIELDS`, `card` is the model card."""
    info: ModelInfo = Model.log(
        artifact_path=None,
        name=MODEL_PATH,
        flavor=mlflow_flavor,
        run_id=run_id,
        estimator=estimator,
        example=example,
        card=card,
        validate_serving_input=False,
    )
    return info


class mlflow_flavor:  # noqa: N801 - stands for a module: MLflow calls `flavor.save_model`
    """What `Model.log` needs of a flavour."""

    @staticmethod
    def save_model(
        path: str,
        mlflow_model: Model,
        *,
        estimator: WinePriceRegressor,
        example: pd.DataFrame,
        card: dict[str, Any],
        validate_serving_input: bool,
    ) -> None:
        """Write the model directory: the sklearn flavour's, then our file and the facts about it."""
        del validate_serving_input
        mlflow.sklearn.save_model(
            estimator,
            path,
            mlflow_model=mlflow_model,
            signature=signature(),
            input_example=_plain_example(example),
            serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_SKOPS,
            skops_trusted_types=list(skops_file.TRUSTED_TYPES),
            pip_requirements=requirements(),
        )
        file = Path(path) / skops_file.FILE_NAME
        skops_file.save(estimator, file)
        mlflow_model.metadata = {
            "schema_version": SCHEMA_VERSION,
            "artefact_sha256": skops_file.sha256_of(file),
            "model_card": card,
        }
        mlflow_model.save(str(Path(path) / MLMODEL_FILE_NAME))


def _plain_example(wines: pd.DataFrame) -> pd.DataFrame:
    """Two wines: one told in full, one with the required fields only."""
    two = wines.reindex(columns=list(FIELDS)).head(2).astype("object")
    two.loc[two.index[-1], list(OPTIONAL_FIELDS)] = None
    return two.where(two.notna(), None)
