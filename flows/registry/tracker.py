"""The connection to MLflow: checked once, with a message that says what to do."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urlsplit

import httpx
import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from flows.errors import TrackerUnreachable
from flows.settings import EXPERIMENT, FlowSettings

_TIMEOUT: Final = 10.0

_CLIENT_SETTINGS: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4",  # of 7, with waits that double: minutes without a word
    "MLFLOW_UV_AUTO_DETECT": "false",  # else our lock file is packed with every model
}
"""How MLflow's client behaves in a flow, unless the environment says otherwise."""


def connect(settings: FlowSettings) -> MlflowClient:
    """A client of the tracker, which is then also the one that `mlflow`'s functions use.

    Raises `TrackerUnreachable` within seconds when nobody answers, or the credentials are refused.
    """
    _check_alive(settings.tracking_uri)
    for name, value in _CLIENT_SETTINGS.items():
        os.environ.setdefault(name, value)
    mlflow.set_tracking_uri(settings.tracking_uri)
    client = MlflowClient(settings.tracking_uri)
    try:
        client.get_experiment_by_name(EXPERIMENT)
    except MlflowException as error:
        raise TrackerUnreachable(
            f"MLflow at {settings.tracking_uri} refused a request: {str(error)[:300]} "
            "Check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and the server's allowed hosts."
        ) from error
    return client


def _check_alive(uri: str) -> None:
    if urlsplit(uri).scheme not in ("http", "https"):
        return
    try:
        httpx.get(f"{uri}/health", timeout=_TIMEOUT, follow_redirects=True).raise_for_status()
    except httpx.HTTPError as error:
        raise TrackerUnreachable(
            f"MLflow does not answer at {uri} ({type(error).__name__}: {error}). "
            "Start it (make up, or the mlflow service of the host), or correct "
            "MLFLOW_TRACKING_URI. Nothing was changed; run again."
        ) from error
