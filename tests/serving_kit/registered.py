"""Versions in a real MLflow registry: whole, or wrong in one way."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from pricing.wine.schema import MODEL_NAME
from tests.serving_kit.models import write_version


class Registered:
    """The registered model of a tracking server."""

    def __init__(self, tracking_uri: str) -> None:
        self.client = MlflowClient(tracking_uri, tracking_uri)
        with suppress(MlflowException):  # another test made it
            self.client.create_registered_model(MODEL_NAME)

    def add(self, *, alias: str | None = None, tagged: bool = True, **wrong: Any) -> str:
        """Register a version; its number."""
        with tempfile.TemporaryDirectory() as folder:
            tags = write_version(Path(folder), **wrong)
            return self.add_folder(Path(folder), tags if tagged else {}, alias)

    def add_folder(self, folder: Path, tags: dict[str, str], alias: str | None = None) -> str:
        run = self.client.create_run("0").info.run_id
        self.client.log_artifacts(run, str(folder), "model")
        source = f"{self.client.get_run(run).info.artifact_uri}/model"
        version = str(self.client.create_model_version(MODEL_NAME, source, run, tags=tags).version)
        if alias:
            self.point(version, alias)
        return version

    def point(self, version: str, alias: str = "production") -> None:
        self.client.set_registered_model_alias(MODEL_NAME, alias, version)

    def forget(self) -> None:
        """Delete the registered model, if it is there."""
        with suppress(MlflowException):
            self.client.delete_registered_model(MODEL_NAME)
