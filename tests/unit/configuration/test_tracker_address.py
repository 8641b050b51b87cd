"""The tracker's address: shown everywhere, so it never holds an account."""

from __future__ import annotations

import pytest

from configuration.errors import SettingsError
from configuration.tracker_address import tracker_address


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_URI", "BACKEND_STORE_URI"])
@pytest.mark.parametrize(
    "uri", ["https://owner:hush@mlflow.my-team.org", "http://hush@mlflow:5000/", "http://a:h#ush@b"]
)
def test_an_account_in_it_is_refused_with_what_to_set_instead(name: str, uri: str) -> None:
    with pytest.raises(SettingsError) as caught:
        tracker_address({name: uri})
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "MLFLOW_TRACKING_USERNAME" in message
    assert "MLFLOW_TRACKING_PASSWORD" in message
    assert "hush" not in message
    assert "owner" not in message


def test_the_trackers_database_is_no_address_of_the_tracker() -> None:
    with pytest.raises(SettingsError, match="MLFLOW_TRACKING_URI to the address") as caught:
        tracker_address({"BACKEND_STORE_URI": "postgresql+psycopg2://mlflow:hush@db/mlflow"})
    assert "hush" not in str(caught.value)


def test_the_trackers_database_does_no_harm_beside_the_address() -> None:
    env = {
        "MLFLOW_TRACKING_URI": "http://mlflow:5000/",
        "BACKEND_STORE_URI": "postgresql://mlflow:hush@db/mlflow",
    }
    assert tracker_address(env) == "http://mlflow:5000"


@pytest.mark.parametrize(
    "uri",
    [
        "mlflow.my-team.org",
        "mlflow.my-team.org:5000",
        "localhost:5000",
        "http//mlflow",
        "https://",
        "http://[mlflow",
        "http://mlflow:port",
        "ftp://mlflow",
        "./mlruns",
        "https://mlflow.my-team.org/?x=1",
        "<https://mlflow>",
    ],
)
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"MLFLOW_TRACKING_URI.*Example: MLFLOW_TRACKING_URI=https://"):
        tracker_address({"MLFLOW_TRACKING_URI": uri})


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:5000",
        "https://mlflow.my-team.org/mlflow",
        "http://[::1]:5000",
        "sqlite:///x.db",
        "file:mlruns",
    ],
)
def test_addresses_and_folders_are_taken(uri: str) -> None:
    assert tracker_address({"MLFLOW_TRACKING_URI": uri}) == uri


def test_none_is_none() -> None:
    assert tracker_address({"MLFLOW_TRACKING_URI": " "}) is None


def test_a_placeholder_for_its_password_is_refused() -> None:
    with pytest.raises(SettingsError, match="MLFLOW_TRACKING_PASSWORD"):
        tracker_address({"MLFLOW_TRACKING_URI": "http://m:5000", "MLFLOW_TRACKING_PASSWORD": "changeme"})
