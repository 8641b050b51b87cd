"""The address of the MLflow server, for those that ask it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from configuration.errors import SettingsError
from configuration.placeholders import PLACEHOLDER, is_placeholder

TRACKING_URI: Final = "MLFLOW_TRACKING_URI"
EXAMPLE: Final = "https://mlflow.my-team.org"
_SERVERS: Final = ("http", "https")
_FOLDERS: Final = ("file", "sqlite")
_PASSWORD: Final = "MLFLOW_TRACKING_PASSWORD"  # noqa: S105 - the name of one


def tracker_address(env: Mapping[str, str]) -> str | None:
    """MLFLOW_TRACKING_URI, else BACKEND_STORE_URI; None where neither is set.

    An address never holds an account: it is shown in links, logs and health. Raises SettingsError.
    """
    for name in (TRACKING_URI, "BACKEND_STORE_URI"):
        if uri := env.get(name, "").strip():
            _check(name, uri)
            if is_placeholder(env.get(_PASSWORD, "")):
                raise SettingsError.of(_PASSWORD, PLACEHOLDER)
            return uri.rstrip("/")
    return None


def public_address(name: str, uri: str, example: str = EXAMPLE) -> str:
    """An http address that is shown to people, without a slash at its end. Raises SettingsError."""
    _check_server(name, uri, example)
    return uri.rstrip("/")


def _check(name: str, uri: str) -> None:
    scheme = uri.partition(":")[0].lower()
    if scheme.startswith("postgres"):
        raise SettingsError.of(
            name,
            f"is the database of the tracker, which nobody but the tracker opens; set {TRACKING_URI} to the "
            "address of the tracker",
            EXAMPLE,
        )
    if scheme in _FOLDERS:
        return
    _check_server(name, uri, EXAMPLE)


def _check_server(name: str, uri: str, example: str) -> None:
    try:
        parts = urlsplit(uri)
        valid = parts.scheme in _SERVERS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
        parts = urlsplit("")
    if "@" in uri:
        raise SettingsError.of(
            name,
            "holds an account. Take user and password out of it, and set MLFLOW_TRACKING_USERNAME and "
            f"{_PASSWORD} instead",
            example,
        )
    if not valid or any(sign in uri for sign in " \t\r\n<>\"'"):
        raise SettingsError.of(name, "must begin with http:// or https:// and name a host", example)
    if parts.query or parts.fragment:
        raise SettingsError.of(name, "must be an address without ? and #", example)
