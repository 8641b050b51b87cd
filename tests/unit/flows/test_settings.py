from __future__ import annotations

import pytest

from configuration.errors import SettingsError
from flows.settings import FlowSettings
from serving.settings import ServingSettings

TRACKER = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000/"}


def test_defaults() -> None:
    settings = FlowSettings.from_env(TRACKER)
    assert settings.tracking_uri == settings.public_tracking_uri == "http://127.0.0.1:5000"
    assert settings.drift_threshold == 0.10
    assert settings.neon_uri is None


def test_the_original_name_of_the_tracker_is_understood() -> None:
    assert (
        FlowSettings.from_env({"BACKEND_STORE_URI": "http://tracker:5000"}).tracking_uri
        == "http://tracker:5000"
    )


def test_the_database_password_does_not_print() -> None:
    settings = FlowSettings.from_env(TRACKER | {"NEON_URI": "postgresql://wine:hunter2@host/wine"})
    assert "hunter2" not in repr(settings)
    assert settings.neon_uri is not None
    assert settings.neon_uri.dsn == "postgresql://wine:hunter2@host/wine"


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://mlflow:hunter2@db.internal/mlflow",
        "postgresql+psycopg2://mlflow:hunter2@db.internal:5432/mlflow?sslmode=require",
        "postgres://:hunter2@/mlflow?host=/run/postgresql",
        "mlflow:hunter2@tracker:5000",
    ],
)
@pytest.mark.parametrize("name", ["BACKEND_STORE_URI", "MLFLOW_TRACKING_URI"])
def test_password_in_the_address_of_no_tracker_does_not_print(name: str, uri: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        FlowSettings.from_env({name: uri})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_URI", "MLFLOW_PUBLIC_URI"])
def test_links_that_people_click_hold_no_credential(name: str) -> None:
    with pytest.raises(SettingsError, match="MLFLOW_TRACKING_PASSWORD instead") as caught:
        FlowSettings.from_env(TRACKER | {name: "https://flows:hunter2@mlflow.my-team.org"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "MLFLOW_TRACKING_URI"),
        ({"MLFLOW_TRACKING_URI": "localhost"}, "MLFLOW_TRACKING_URI"),
        (TRACKER | {"NEON_URI": "mysql://x"}, "NEON_URI"),
        (TRACKER | {"NEON_URI": "postgresql://user:<password>@host/db"}, "NEON_URI"),
        (TRACKER | {"NEON_URI": "postgresql://user:changeme@host/db"}, "NEON_URI"),
        (TRACKER | {"NEON_URI": "postgresql://user:pa#ss@host/db"}, "encode # as %23"),
        ({"MLFLOW_TRACKING_URI": "http://me:word@mlflow"}, "MLFLOW_TRACKING_USERNAME"),
        ({"BACKEND_STORE_URI": "postgresql://mlflow:word@db/mlflow"}, "BACKEND_STORE_URI"),
        (TRACKER | {"MLFLOW_PUBLIC_URI": "https://me:word@mlflow.my-team.org"}, "MLFLOW_PUBLIC_URI"),
        (TRACKER | {"SERVING_URL": "https://me:word@my-team.hf.space"}, "SERVING_URL"),
        (TRACKER | {"DRIFT_THRESHOLD": "ten"}, "DRIFT_THRESHOLD"),
        (TRACKER | {"DRIFT_THRESHOLD": "nan"}, "DRIFT_THRESHOLD"),
        (TRACKER | {"DRIFT_THRESHOLD": "-1"}, "DRIFT_THRESHOLD"),
        (TRACKER | {"DASK_ADDRESS": "10.0.0.5:8786"}, "DASK_ADDRESS"),
    ],
)
def test_a_bad_variable_is_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        FlowSettings.from_env(env)
    assert "word" not in str(caught.value).partition("Example")[0].replace("password", "")


def test_service_and_flows_take_and_refuse_the_same_databases() -> None:
    for uri in ("postgresql://wine:hush@db/todo", "postgresql://wine:todo-list@db/wine"):
        assert FlowSettings.from_env(TRACKER | {"NEON_URI": uri}).neon_uri is not None
        assert ServingSettings.from_env({"NEON_URI": uri}).neon_uri == uri
    for uri in (
        "postgresql://wine:<password>@db/wine",
        "postgresql://wine:a/b@db/wine",
        "postgresql://a:b@c:d/e",
    ):
        with pytest.raises(SettingsError) as by_flows:
            FlowSettings.from_env(TRACKER | {"NEON_URI": uri})
        with pytest.raises(SettingsError) as by_service:
            ServingSettings.from_env({"NEON_URI": uri})
        assert str(by_flows.value) == str(by_service.value)


def test_a_run_without_data_says_what_to_set() -> None:
    with pytest.raises(SettingsError, match="ARTIFACT_DATA"):
        FlowSettings.from_env(TRACKER).data_folder()


def test_the_runs_own_folder_comes_first() -> None:
    settings = FlowSettings.from_env(TRACKER | {"ARTIFACT_DATA": "/a"})
    assert (settings.data_folder(), settings.data_folder("s3://b/c")) == ("/a", "s3://b/c")
