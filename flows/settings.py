"""Settings of the flows: read from the environment once, at the start of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from flows.errors import SettingsError

EXPERIMENT: Final = "Wine_Price_Regression"

_PLACEHOLDER: Final = re.compile(r"<[^>]*>|change[-_ ]?me|your[-_]?(password|secret)", re.IGNORECASE)
_LARGEST_THRESHOLD: Final = 10
_TRACKER_SCHEMES: Final = ("http", "https", "sqlite", "file")


class Secret:
    """A value that does not print. `reveal()` gives it to the one who connects."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """What a flow needs to know about where it runs.

    `artifact_data` is the data folder (`s3://…`, `file://…` or a path), None when each run names its own;
    `serving_url` is the service that the flow `watch` looks after;
    `public_tracking_uri` is MLflow's address for the links that people click; `state` holds what a
    flow keeps between runs on its host; `drift_threshold` is a share of the reference RMSE.
    """

    tracking_uri: str = field(repr=False)
    public_tracking_uri: str
    artifact_data: str | None = None
    neon_uri: Secret | None = None
    drift_threshold: float = 0.10
    dask_address: str | None = None
    serving_url: str | None = None
    git_commit: str | None = None
    state: Path = Path(".local/flows")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read and check the settings. Raises `SettingsError` naming the variable, with an example."""
        tracking_uri = _tracking_uri(env)
        return cls(
            tracking_uri=tracking_uri,
            public_tracking_uri=without_credential(
                (_text(env, "MLFLOW_PUBLIC_URI") or tracking_uri).rstrip("/")
            ),
            artifact_data=_text(env, "ARTIFACT_DATA"),
            neon_uri=_database(env),
            drift_threshold=_threshold(env),
            dask_address=_dask(env),
            serving_url=_serving(env),
            git_commit=_text(env, "GIT_COMMIT"),
            state=Path(_text(env, "FLOWS_STATE") or ".local/flows"),
        )

    def data_folder(self, given: str | None = None) -> str:
        """The data folder of a run: the one `given`, else `ARTIFACT_DATA`."""
        folder = given or self.artifact_data
        if folder is None:
            raise SettingsError(
                "No data folder: set ARTIFACT_DATA (for example s3://my-bucket/wine/) or give the run the "
                "parameter data_uri. The folder holds winemag-train.csv and winemag-test.csv."
            )
        return folder


def without_credential(uri: str) -> str:
    """The address as it may be shown: a user and password in it are left out."""
    return re.sub(r"(^|//)[^/?#]*@", r"\1", uri)


def _text(env: Mapping[str, str], name: str) -> str | None:
    return env.get(name, "").strip() or None


def _tracking_uri(env: Mapping[str, str]) -> str:
    name = "MLFLOW_TRACKING_URI" if _text(env, "MLFLOW_TRACKING_URI") else "BACKEND_STORE_URI"
    uri = _text(env, name)
    if uri is None:
        raise SettingsError(
            "MLFLOW_TRACKING_URI is not set. Give the address of the MLflow server, for example "
            "MLFLOW_TRACKING_URI=http://127.0.0.1:5000"
        )
    if urlsplit(uri).scheme not in _TRACKER_SCHEMES:
        raise SettingsError(
            f"{name} is {without_credential(uri)!r}, which is no address of an MLflow server. "
            "Example: MLFLOW_TRACKING_URI=http://127.0.0.1:5000"
        )
    return uri.rstrip("/")


def _database(env: Mapping[str, str]) -> Secret | None:
    uri = _text(env, "NEON_URI")
    if uri is None:
        return None
    if not uri.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            "NEON_URI must begin with postgresql://. Copy it from the Neon console, for example "
            "NEON_URI=postgresql://user:secret@ep-name.neon.tech/wine?sslmode=require"
        )
    if _PLACEHOLDER.search(uri):
        raise SettingsError(
            "NEON_URI holds a placeholder instead of a secret. Copy it from the Neon console."
        )
    return Secret(uri)


def _threshold(env: Mapping[str, str]) -> float:
    text = _text(env, "DRIFT_THRESHOLD") or "0.10"
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < _LARGEST_THRESHOLD:
        raise SettingsError(
            f"DRIFT_THRESHOLD is {text!r}; give a share of the reference error above 0, for example "
            "DRIFT_THRESHOLD=0.10"
        )
    return value


def _serving(env: Mapping[str, str]) -> str | None:
    url = _text(env, "SERVING_URL")
    if url is not None and not url.startswith(("http://", "https://")):
        raise SettingsError(
            f"SERVING_URL is {url!r}; give the service's address, for example SERVING_URL=https://my-team.hf.space"
        )
    return url.rstrip("/") if url else None


def _dask(env: Mapping[str, str]) -> str | None:
    address = _text(env, "DASK_ADDRESS")
    if address is not None and not address.startswith(("tcp://", "tls://", "ws://", "wss://")):
        raise SettingsError(
            f"DASK_ADDRESS is {address!r}; give a scheduler's address, for example "
            "DASK_ADDRESS=tcp://10.0.0.5:8786"
        )
    return address
