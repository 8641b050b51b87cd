"""What flows, service and people find at a version of the model: aliases, tags, paths in its run.

The tags by which a file is known are those of `pricing.storage.recorded`.
"""

from __future__ import annotations

from typing import Final

CANDIDATE: Final = "ready_to_test"
PRODUCTION: Final = "production"
PREVIOUS: Final = "previous"

FLOW_RUN_TAG: Final = "train_flow_run_id"
ESTIMATOR_TAG: Final = "estimator"
"""`wine`, `baseline`, or the dotted path of the factory."""

DATA_URI_TAG: Final = "dataset_s3_path"
DATA_SHA256_TAG: Final = "data_sha256"
FEEDBACK_SHA256_TAG: Final = "feedback_sha256"
SYNTHETIC_TAG: Final = "data_synthetic"
HOLDOUT_TAG: Final = "holdout_sha256"
LEVEL_TAG: Final = "price_level"
"""What training added to the log prices of its reviews."""

PROMOTION_TAG: Final = "promotion"
PROMOTED: Final = "promoted"
REJECTED: Final = "rejected"

MODEL_PATH: Final = "model"
HOLDOUT_PATH: Final = "holdout/holdout.parquet"
"""The cleaned test wines (`FIELDS`, `price`), in the training run."""

REFERENCE_PATH: Final = "reference/reference_sample.parquet"
"""The sample that drift compares with, in the training run."""

CARD_KEY: Final = "model_card"
"""In the metadata of the MLmodel file."""
