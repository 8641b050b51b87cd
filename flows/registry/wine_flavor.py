"""MLflow's sklearn flavour, with the model file written by our own code and its hash in the metadata.

MLflow writes a skops file of its own; ours replaces it, so that the bytes are those that
`pricing.storage.skops_file` reads back, and the hash of exactly these bytes stands in `MLmodel`. The code
of `pricing` travels with the model, so that it loads wherever its requirements are installed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import mlflow.sklearn
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.models.model import MLMODEL_FILE_NAME, ModelInfo
from mlflow.types import ColSpec, Schema, TensorSpec
from mlflow.types.schema import AnyType

import pricing
from flows.registry.contract import CARD_KEY, MODEL_PATH
from flows.registry.provenance import requirements
from pricing.estimators.protocol import PriceEstimator
from pricing.storage import skops_file
from pricing.storage.recorded import SCHEMA_TAG, SHA256_TAG
from pricing.wine.schema import FIELDS, OPTIONAL_FIELDS, REQUIRED_FIELDS, SCHEMA_VERSION

NUMBER_LIKE: Final = ("millesime", "points")
CODE: Final = Path(pricing.__file__).parent


def signature() -> ModelSignature:
    """The required fields, the optional ones, and natural log USD out.

    A vintage and a score are what pandas makes of them: text, integers, floats with gaps.
    """
    anything = AnyType()  # type: ignore[no-untyped-call]
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(anything if name in NUMBER_LIKE else "string", name, required=name in REQUIRED_FIELDS)
        for name in FIELDS
    ]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema([ColSpec("double")]))


def log_model(
    estimator: PriceEstimator, *, run_id: str, example: pd.DataFrame, card: dict[str, Any]
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
        estimator: PriceEstimator,
        example: pd.DataFrame,
        card: dict[str, Any],
        validate_serving_input: bool,
    ) -> None:
        """Write the model directory: the sklearn flavour's, then our file and the facts about it."""
        del validate_serving_input
        file = Path(path) / skops_file.FILE_NAME
        with tempfile.TemporaryDirectory() as scratch:  # MLflow wants an empty folder, and the types before
            written = Path(scratch) / skops_file.FILE_NAME
            skops_file.save(estimator, written)
            mlflow.sklearn.save_model(
                estimator,
                path,
                mlflow_model=mlflow_model,
                signature=signature(),
                input_example=_plain_example(example),
                serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_SKOPS,
                skops_trusted_types=skops_file.trusted_types(written),
                code_paths=[str(CODE)],
                pip_requirements=requirements(),
            )
            shutil.move(written, file)
        mlflow_model.metadata = {
            SCHEMA_TAG: SCHEMA_VERSION,
            SHA256_TAG: skops_file.sha256_of(file),
            CARD_KEY: card,
        }
        mlflow_model.save(str(Path(path) / MLMODEL_FILE_NAME))


def _plain_example(wines: pd.DataFrame) -> pd.DataFrame:
    """Two wines: one with every field, one with the required fields only."""
    two = wines.reindex(columns=list(FIELDS)).head(2).astype("object")
    two.loc[two.index[-1], list(OPTIONAL_FIELDS)] = None
    return two.where(two.notna(), None)
