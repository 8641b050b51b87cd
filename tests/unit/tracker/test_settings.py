from __future__ import annotations

from pathlib import Path

import pytest

from configuration.errors import SettingsError
from tracker.server import command, environment, write_auth_config
from tracker.settings import CHECKS, EXAMPLES, TrackerSettings

GOOD = {
    "BACKEND_STORE_URI": "postgresql://mlflow:s3cr3t%40word@db/mlflow",
    "ARTIFACT_ROOT": "s3://bucket/mlflow",
    "MLFLOW_AUTH_ADMIN_PASSWORD": "correct horse battery",
    "MLFLOW_FLASK_SERVER_SECRET_KEY": "0123456789abcdef" * 2,
    "TRACKER_HOSTS": "mlflow.my-team.org",
}


def settings(**changes: str) -> TrackerSettings:
    return TrackerSettings.from_env(GOOD | changes)


def test_every_missing_setting_is_named_at_once_with_an_example() -> None:
    with pytest.raises(SettingsError) as caught:
        TrackerSettings.from_env({})
    message = str(caught.value)
    for name in GOOD:
        assert f"{name}: " in message
        assert f"{name}={EXAMPLES[name]}" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MLFLOW_AUTH_ADMIN_PASSWORD", "password1234"),  # what MLflow shipped through 3.16.0
        ("MLFLOW_AUTH_ADMIN_PASSWORD", "short"),
        ("MLFLOW_AUTH_ADMIN_PASSWORD", "<choose a password>"),
        ("MLFLOW_FLASK_SERVER_SECRET_KEY", "changeme" * 8),
        ("MLFLOW_FLASK_SERVER_SECRET_KEY", ""),
        ("BACKEND_STORE_URI", "sqlite:///mlflow.db"),
        ("BACKEND_STORE_URI", "http://mlflow:5000"),
        ("BACKEND_STORE_URI", "postgresql://mlflow:PASSWORD@db/mlflow"),
        ("BACKEND_STORE_URI", "postgresql://mlflow:pa/ss@db/mlflow"),
        ("ARTIFACT_ROOT", "mlruns"),
        ("TRACKER_HOSTS", "*"),
        ("TRACKER_HOSTS", "https://mlflow.my-team.org/"),
        ("TRACKER_PORT", "http"),
        ("TRACKER_WORKERS", "0"),
    ],
)
def test_placeholder_or_malformed_setting_refuses_to_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(**{name: value})
    assert caught.value.names == [name]


def test_examples_of_the_reference_are_refused_as_secrets() -> None:
    for name in ("MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY"):
        assert CHECKS[name]("<" + EXAMPLES[name] + ">") is not None


def test_no_secret_is_shown_or_put_on_the_command_line() -> None:
    made = settings()
    shown = repr(made) + " ".join(command(made))
    for secret in ("s3cr3t", "correct horse", "0123456789abcdef"):
        assert secret not in shown


def test_public_name_is_allowed_with_and_without_port_and_nothing_else() -> None:
    assert settings().allowed_hosts == (
        "mlflow.my-team.org", "mlflow.my-team.org:*", "localhost", "localhost:*", "127.0.0.1", "127.0.0.1:*",
    )  # fmt: skip


def test_installed_driver_is_named_and_jobs_stay_off(tmp_path: Path) -> None:
    made = settings()
    path = write_auth_config(made, tmp_path / "state")
    env = environment(made, {"PATH": "/bin"}, path)
    assert env["MLFLOW_BACKEND_STORE_URI"].startswith("postgresql+psycopg2://")
    assert env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert path.stat().st_mode & 0o077 == 0


def test_password_is_cached_with_one_worker_only(tmp_path: Path) -> None:
    one = write_auth_config(settings(), tmp_path / "one").read_text()
    two = write_auth_config(settings(TRACKER_WORKERS="2"), tmp_path / "two").read_text()
    assert "auth_cache_ttl_seconds = 60" in one
    assert "auth_cache_ttl_seconds = 0" in two
