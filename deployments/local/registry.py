"""What the model registry says, over MLflow's REST API (importing MLflow takes seconds)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import httpx

from deployments.local.errors import StackError
from flows.registry.contract import DATA_URI_TAG, SYNTHETIC_TAG
from pricing.wine.schema import MODEL_NAME


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    version: str
    tags: Mapping[str, str]

    @property
    def synthetic(self) -> bool:
        return self.tags.get(SYNTHETIC_TAG) == "true"

    def trained_on(self, folder: Path) -> bool:
        uri = unquote(self.tags.get(DATA_URI_TAG, "")).removeprefix("file://")
        return Path(uri) == folder


def version_with_alias(tracking_uri: str, alias: str) -> RegisteredVersion | None:
    """The version of the wine model that the alias points to; None if there is none."""
    try:
        response = httpx.get(
            f"{tracking_uri}/api/2.0/mlflow/registered-models/alias",
            params={"name": MODEL_NAME, "alias": alias},
            timeout=30,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise StackError(
            f"MLflow at {tracking_uri} does not answer ({error}). make logs SERVICE=mlflow says why."
        ) from error
    if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST):
        return None
    response.raise_for_status()
    found = response.json()["model_version"]
    return RegisteredVersion(found["version"], {tag["key"]: tag["value"] for tag in found.get("tags", [])})
