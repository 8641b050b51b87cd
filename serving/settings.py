"""What the environment says about this process: read once, at start, and validated whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta

from serving.errors import SettingsError

PLACEHOLDERS: Final = ("changeme", "change-me", "<", "your-", "todo", "placeholder")
SECRETS: Final = ("neon_uri", "api_keys", "mlflow_webhook_secret", "client_salt")

Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Port = Annotated[int, Meta(ge=1, le=65535)]
LogLevel = Annotated[str, Meta(pattern="^(DEBUG|INFO|WARNING|ERROR)$")]

EXAMPLES: Final[Mapping[str, str]] = {
    "mlflow_tracking_uri": "https://tracker.example.org",
    "neon_uri": "postgresql://user:password@ep-name-123-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require",
    "serving_state_dir": "/var/lib/wine/serving",
    "api_keys": "shop=sha256:<64 hex digits>, made by `python -m serving.access.new_key shop`",
    "trusted_proxies": "10.0.0.0/8,127.0.0.1",
    "cors_origins": "https://shop.example.org",
    "frame_ancestors": "https://huggingface.co",
    "log_level": "INFO",
}


class ServingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the service. Each field is read from the variable of the same name, in capitals.

    Durations are in seconds. `docs/serving.md` says what each is for.
    """

    mlflow_tracking_uri: str = ""
    model_alias: str = "production"
    model_poll_seconds: Positive = 5.0
    mlflow_webhook_secret: str = ""
    shadow_sample: Share = 0.0

    neon_uri: str = ""
    neon_idle_seconds: Annotated[float, Meta(ge=1, le=240)] = 90.0

    serving_state_dir: Path = Path(".local/serving")
    outbox_max_rows: Annotated[int, Meta(ge=1)] = 2_000_000
    outbox_flush_seconds: Annotated[float, Meta(ge=0, le=60)] = 0.5
    drain_seconds: Annotated[float, Meta(ge=0)] = 10.0

    serving_host: str = "127.0.0.1"
    serving_port: Port = 7860
    api_keys: str = ""
    rate_limit_per_minute: Annotated[float, Meta(ge=0)] = 0.0
    rate_limit_burst: Annotated[int, Meta(ge=1)] = 100
    request_timeout_seconds: Positive = 15.0
    max_connections: Annotated[int, Meta(ge=1)] = 2_000
    trusted_proxies: str = ""
    cors_origins: str = ""
    frame_ancestors: str = "'none'"
    client_salt: str = ""

    log_level: LogLevel = "INFO"
    log_requests: bool = False
    release: str = "development"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """Settings from `env`. Raises SettingsError naming every offending variable, with an example."""
        values: dict[str, Any] = {}
        problems: list[str] = []
        for field in msgspec.structs.fields(cls):
            given = _given(env, field.name)
            if given:
                _convert(field.name, given, field.type, values, problems)
        if problems:
            raise SettingsError(problems)
        return cls(**values)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of CORS_ORIGINS, one by one."""
        return tuple(filter(None, (origin.strip() for origin in self.cors_origins.split(","))))

    def __repr__(self) -> str:
        shown = (
            f"{name}={'<secret>' if name in SECRETS and getattr(self, name) else repr(getattr(self, name))}"
            for name in self.__struct_fields__
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def _given(env: Mapping[str, str], name: str) -> str:
    value = env.get(name.upper(), "").strip()
    if not value and name == "mlflow_tracking_uri":
        value = env.get("BACKEND_STORE_URI", "").strip()
    return value


def _convert(name: str, given: str, type_: object, values: dict[str, Any], problems: list[str]) -> None:
    example = EXAMPLES.get(name, str(msgspec.structs.fields(ServingSettings)[_position(name)].default))
    hint = f"for example {name.upper()}={example}"
    if name in SECRETS and any(mark in given.lower() for mark in PLACEHOLDERS):
        problems.append(
            f"{name.upper()} holds a placeholder, not a secret; set a real one or unset it ({hint})"
        )
        return
    try:
        values[name] = Path(given) if type_ is Path else msgspec.convert(given, type_, strict=False)
    except msgspec.ValidationError as error:
        came = "its value" if name in SECRETS else repr(given)
        problems.append(f"{name.upper()}: {came} is not usable: {error}; {hint}")


def _position(name: str) -> int:
    return ServingSettings.__struct_fields__.index(name)
