"""What the tracker reads from its environment: one frozen object, checked before MLflow is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from configuration.errors import Problem, SettingsError
from configuration.placeholders import is_placeholder
from configuration.postgresql import postgres_address
from tracker.accounts import Account, Kind

MIN_PASSWORD_LENGTH: Final = 12
MIN_SECRET_KEY_LENGTH: Final = 32
LOCAL_HOSTS: Final = ("localhost", "127.0.0.1")
FLOWS: Final = "wine-flows"
SERVICE: Final = "wine-service"
"""Accounts of the flows, which may write, and of the service, which reads models and nothing else."""

EXAMPLES: Final = {
    "BACKEND_STORE_URI": "postgresql://mlflow:PASSWORD@db.internal/mlflow",
    "ARTIFACT_ROOT": "s3://my-bucket/mlflow",
    "MLFLOW_AUTH_ADMIN_PASSWORD": "the output of: openssl rand -base64 24",
    "MLFLOW_FLASK_SERVER_SECRET_KEY": "the output of: openssl rand -hex 32",
    "TRACKER_FLOWS_PASSWORD": "the output of: openssl rand -base64 24",
    "TRACKER_SERVICE_PASSWORD": "the output of: openssl rand -base64 24",
    "TRACKER_HOSTS": "mlflow.my-team.org",
    "TRACKER_PORT": "5000",
    "TRACKER_WORKERS": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """Settings of the MLflow server. Secrets are left out of `repr`."""

    backend_store_uri: str = field(repr=False)
    artifact_root: str
    admin_username: str = "admin"
    admin_password: str = field(repr=False)
    secret_key: str = field(repr=False)
    flows_password: str | None = field(repr=False, default=None)
    service_password: str | None = field(repr=False, default=None)
    hosts: tuple[str, ...]
    bind: str = "127.0.0.1"
    port: int = 5000
    workers: int = 1

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read and check all settings; raise `SettingsError` naming every one that is wrong."""
        problems = [
            Problem(name, reason, EXAMPLES[name])
            for name, check in CHECKS.items()
            if (reason := check(env.get(name, "").strip())) is not None
        ]
        if problems:
            raise SettingsError(problems)
        return cls(
            backend_store_uri=with_driver(env["BACKEND_STORE_URI"].strip()),
            artifact_root=env["ARTIFACT_ROOT"].strip(),
            admin_username=env.get("MLFLOW_AUTH_ADMIN_USERNAME", "").strip() or "admin",
            admin_password=env["MLFLOW_AUTH_ADMIN_PASSWORD"].strip(),
            secret_key=env["MLFLOW_FLASK_SERVER_SECRET_KEY"].strip(),
            flows_password=env.get("TRACKER_FLOWS_PASSWORD", "").strip() or None,
            service_password=env.get("TRACKER_SERVICE_PASSWORD", "").strip() or None,
            hosts=tuple(host.strip() for host in env["TRACKER_HOSTS"].split(",")),
            bind=env.get("TRACKER_BIND", "").strip() or "127.0.0.1",
            port=int(env.get("TRACKER_PORT", "").strip() or 5000),
            workers=int(env.get("TRACKER_WORKERS", "").strip() or 1),
        )

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts that these settings name."""
        named: tuple[tuple[str, str | None, Kind], ...] = (
            (self.admin_username, self.admin_password, "admin"),
            (FLOWS, self.flows_password, "write"),
            (SERVICE, self.service_password, "read"),
        )
        return tuple(Account(name, password, kind) for name, password, kind in named if password)

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Host headers that MLflow answers to: it compares them with their port."""
        return tuple(pattern for host in (*self.hosts, *LOCAL_HOSTS) for pattern in (host, f"{host}:*"))


def with_driver(uri: str) -> str:
    """Name psycopg2, the driver that is installed: SQLAlchemy 2.1 reads `postgresql://` as psycopg 3."""
    for scheme in ("postgresql://", "postgres://"):
        if uri.startswith(scheme):
            return f"postgresql+psycopg2://{uri.removeprefix(scheme)}"
    return uri


def _database(uri: str) -> str | None:
    if not uri:
        return "is not set: where MLflow keeps runs, versions, aliases and users"
    try:
        postgres_address("BACKEND_STORE_URI", uri.replace("postgresql+psycopg2://", "postgresql://", 1))
    except SettingsError as error:
        return error.problems[0].reason
    return None


def _artifacts(uri: str) -> str | None:
    if not uri:
        return "is not set: the bucket or folder that keeps models and reports"
    if not uri.startswith(("s3://", "/")):
        return f"must be s3://bucket/prefix or an absolute folder, not {uri!r}"
    return None


def _password(secret: str) -> str | None:
    if not secret:
        return "is not set, and MLflow must not run without a password"
    if len(secret) < MIN_PASSWORD_LENGTH or is_placeholder(secret):
        return f"is a placeholder or has fewer than {MIN_PASSWORD_LENGTH} characters: choose a real one"
    return None


def _other_password(secret: str) -> str | None:
    return _password(secret) if secret else None


def _secret_key(secret: str) -> str | None:
    if len(secret) < MIN_SECRET_KEY_LENGTH or is_placeholder(secret):
        return f"must be a random string of at least {MIN_SECRET_KEY_LENGTH} characters"
    return None


def _hosts(names: str) -> str | None:
    if not names:
        return "is not set: the public host names under which clients reach the tracker"
    bad = [name for name in names.split(",") if not name.strip() or "/" in name or "*" in name]
    return (
        f"must be host names separated by commas, without scheme or wildcard, not {names!r}" if bad else None
    )


def _small_number(text: str) -> str | None:
    return (
        None if not text or (text.isdigit() and int(text) > 0) else f"must be a positive number, not {text!r}"
    )


CHECKS: Final = {
    "BACKEND_STORE_URI": _database,
    "ARTIFACT_ROOT": _artifacts,
    "MLFLOW_AUTH_ADMIN_PASSWORD": _password,
    "MLFLOW_FLASK_SERVER_SECRET_KEY": _secret_key,
    "TRACKER_FLOWS_PASSWORD": _other_password,
    "TRACKER_SERVICE_PASSWORD": _other_password,
    "TRACKER_HOSTS": _hosts,
    "TRACKER_PORT": _small_number,
    "TRACKER_WORKERS": _small_number,
}
