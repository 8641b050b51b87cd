"""The model registry as this service sees it: which version an alias names, and that version's files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from serving.errors import RegistryUnavailable
from serving.models.loading import VersionRef

if TYPE_CHECKING:
    from mlflow import MlflowClient

_CLIENT_DEFAULTS: Final = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""MLflow's own defaults retry for minutes; the reloader tries again by itself."""


class Registry(Protocol):
    """What the reloader asks. Both methods block and run in a thread."""

    def version_of(self, alias: str) -> VersionRef | None:
        """The version that `alias` names now; None where it names none. Raises RegistryUnavailable."""

    def download(self, ref: VersionRef, folder: Path) -> None:
        """Put the files of a version into `folder`. Raises RegistryUnavailable."""


class MlflowRegistry:
    """A registered model in MLflow. The client is imported on first use: it takes seconds."""

    def __init__(self, tracking_uri: str, model_name: str) -> None:
        self._tracking_uri = tracking_uri
        self._model_name = model_name
        self._client: MlflowClient | None = None

    def version_of(self, alias: str) -> VersionRef | None:
        client = self._connected()
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - see the class

        try:
            found = client.get_model_version_by_alias(self._model_name, alias)
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise self._unavailable(error) from error
        except OSError as error:
            raise self._unavailable(error) from error
        return VersionRef(self._model_name, str(found.version), dict(found.tags), found.run_id)

    def download(self, ref: VersionRef, folder: Path) -> None:
        self._connected()
        from mlflow.artifacts import download_artifacts  # noqa: PLC0415 - see the class
        from mlflow.exceptions import MlflowException  # noqa: PLC0415

        try:
            came = download_artifacts(
                artifact_uri=f"models:/{ref.name}/{ref.version}",
                dst_path=str(folder),
                tracking_uri=self._tracking_uri,
            )
        except (MlflowException, OSError) as error:
            raise self._unavailable(error) from error
        _lift(Path(came), folder)

    def _connected(self) -> MlflowClient:
        if self._client is None:
            for name, value in _CLIENT_DEFAULTS.items():
                os.environ.setdefault(name, value)
            from mlflow import MlflowClient  # noqa: PLC0415 - see the class

            self._client = MlflowClient(tracking_uri=self._tracking_uri, registry_uri=self._tracking_uri)
        return self._client

    def _unavailable(self, error: Exception) -> RegistryUnavailable:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return RegistryUnavailable(f"The registry does not answer as it should: {reason}")


def _lift(came: Path, folder: Path) -> None:
    """Files that the client put into a folder of its own belong into `folder` itself."""
    if came.resolve() == folder.resolve():
        return
    for entry in came.iterdir():
        shutil.move(entry, folder / entry.name)
