"""Settings of the flows: read from the environment once, at the start of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from configuration.errors import SettingsError
from configuration.postgresql import PostgresAddress, postgres_address
from configuration.tracker_address import TRACKING_URI, public_address, tracker_address

EXPERIMENT: Final = "Wine_Price_Regression"

_LARGEST_THRESHOLD: Final = 10


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """What a flow needs to know about where it runs.

    `artifact_data` is the data folder (`s3://…`, `file://…` or a path), None when each run names its own;
    `archive_uri` is where old predictions go; `serving_url` is the service that the flow `watch` looks after;
    `public_tracking_uri` is MLflow's address for the links that people click; `state` holds what a
    flow keeps between runs on its host; `drift_threshold` is a share of the reference RMSE.
    """

    tracking_uri: str
    public_tracking_uri: str
    artifact_data: str | None = None
    neon_uri: PostgresAddress | None = None
    drift_threshold: float = 0.10
    dask_address: str | None = None
    serving_url: str | None = None
    git_commit: str | None = None
    archive_uri: str | None = None
    state: Path = Path(".local/flows")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read and check the settings. Raises `SettingsError` naming the variable, with an example."""
        tracking_uri = _tracking_uri(env)
        return cls(
            tracking_uri=tracking_uri,
            public_tracking_uri=_public_uri(env) or tracking_uri,
            artifact_data=_text(env, "ARTIFACT_DATA"),
            neon_uri=_database(env),
            drift_threshold=_threshold(env),
            dask_address=_dask(env),
            serving_url=_serving(env),
            git_commit=_text(env, "GIT_COMMIT"),
            archive_uri=_text(env, "ARCHIVE_URI"),
            state=Path(_text(env, "FLOWS_STATE") or ".local/flows"),
        )

    def data_folder(self, given: str | None = None) -> str:
        """The data folder of a run: the one `given`, else `ARTIFACT_DATA`."""
        folder = given or self.artifact_data
        if folder is None:
            raise SettingsError.of(
                "ARTIFACT_DATA",
                "is not set, and the run was given no data_uri: the folder that holds winemag-train.csv and "
                "winemag-test.csv",
                "s3://my-bucket/wine/",
            )
        return folder


def _text(env: Mapping[str, str], name: str) -> str | None:
    return env.get(name, "").strip() or None


def _tracking_uri(env: Mapping[str, str]) -> str:
    uri = tracker_address(env)
    if uri is None:
        raise SettingsError.of(
            TRACKING_URI, "is not set: the address of the MLflow server", "http://127.0.0.1:5000"
        )
    return uri


def _public_uri(env: Mapping[str, str]) -> str | None:
    uri = _text(env, "MLFLOW_PUBLIC_URI")
    return public_address("MLFLOW_PUBLIC_URI", uri) if uri else None


def _database(env: Mapping[str, str]) -> PostgresAddress | None:
    uri = _text(env, "NEON_URI")
    return postgres_address("NEON_URI", uri) if uri else None


def _threshold(env: Mapping[str, str]) -> float:
    text = _text(env, "DRIFT_THRESHOLD") or "0.10"
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < _LARGEST_THRESHOLD:
        raise SettingsError.of(
            "DRIFT_THRESHOLD", f"must be a share of the reference error above 0, not {text!r}", "0.10"
        )
    return value


def _serving(env: Mapping[str, str]) -> str | None:
    url = _text(env, "SERVING_URL")
    return public_address("SERVING_URL", url, "https://my-team.hf.space") if url else None


def _dask(env: Mapping[str, str]) -> str | None:
    address = _text(env, "DASK_ADDRESS")
    if address is not None and not address.startswith(("tcp://", "tls://", "ws://", "wss://")):
        raise SettingsError.of(
            "DASK_ADDRESS", f"must be a scheduler's address, not {address!r}", "tcp://10.0.0.5:8786"
        )
    return address
