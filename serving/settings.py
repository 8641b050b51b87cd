"""What the environment says about this process: read once, at start, and validated whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo

from configuration.errors import Problem, SettingsError
from configuration.placeholders import PLACEHOLDER, is_placeholder
from configuration.postgresql import EXAMPLE as POSTGRES_EXAMPLE
from configuration.postgresql import postgres_address
from configuration.tracker_address import EXAMPLE as TRACKER_EXAMPLE
from configuration.tracker_address import tracker_address
from serving import browser_policy

SECRETS: Final = ("neon_uri", "api_keys", "mlflow_webhook_secret", "client_salt")

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Share = Annotated[float, Meta(ge=0, le=1)]
Port = Annotated[int, Meta(ge=1, le=65535)]
LogLevel = Annotated[str, Meta(pattern="^(DEBUG|INFO|WARNING|ERROR)$")]
Alias = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,200}$")]
Release = Annotated[str, Meta(pattern="^[!-~]{1,100}$")]

EXAMPLES: Final[Mapping[str, str]] = {
    "mlflow_tracking_uri": TRACKER_EXAMPLE,
    "neon_uri": POSTGRES_EXAMPLE,
    "serving_state_dir": "/var/lib/wine/serving",
    "api_keys": "shop=sha256:<64 hex digits>, made by `python -m serving.access.new_key shop`",
    "mlflow_webhook_secret": "the output of: openssl rand -hex 32",
    "client_salt": "the output of: openssl rand -hex 16",
    "trusted_proxies": "10.0.0.0/8,127.0.0.1",
    "cors_origins": "https://shop.example.org",
    "frame_ancestors": "https://huggingface.co",
    "log_level": "INFO",
}


class ServingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the service. Each field is read from the variable of the same name, in capitals.

    Durations are in seconds. `docs/settings.md` says what each is for.
    """

    mlflow_tracking_uri: str = ""
    model_alias: Alias = "production"
    model_poll_seconds: Seconds = 5.0
    mlflow_webhook_secret: str = ""
    shadow_sample: Share = 0.0

    neon_uri: str = ""
    neon_idle_seconds: Annotated[float, Meta(ge=1, le=240)] = 90.0

    serving_state_dir: Path = Path(".local/serving")
    outbox_max_rows: Annotated[int, Meta(ge=1)] = 2_000_000
    outbox_batch_bytes: Annotated[int, Meta(ge=1_024, le=256 * 2**20)] = 4 * 2**20
    outbox_max_dead_letters: Annotated[int, Meta(ge=0)] = 10_000
    outbox_flush_seconds: Annotated[float, Meta(ge=0, le=60)] = 0.5
    drain_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 10.0

    serving_host: str = "127.0.0.1"
    serving_port: Port = 7860
    api_keys: str = ""
    rate_limit_per_minute: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    rate_limit_burst: Annotated[int, Meta(ge=1)] = 100
    request_timeout_seconds: Seconds = 15.0
    response_timeout_seconds: Seconds = 30.0
    max_body_megabytes: Annotated[int, Meta(ge=8)] = 64
    max_batches: Annotated[int, Meta(ge=1)] = 32
    max_explained_wines: Annotated[int, Meta(ge=0, le=1_000)] = 100
    max_connections: Annotated[int, Meta(ge=1)] = 2_000
    trusted_proxies: str = ""
    cors_origins: str = ""
    frame_ancestors: str = "'none'"
    client_salt: str = ""

    log_level: LogLevel = "INFO"
    log_requests: bool = False
    release: Release = "development"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """Settings from `env`. Raises SettingsError naming every offending variable, with an example."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for field in msgspec.structs.fields(cls):
            try:
                value = _value(field, env)
            except SettingsError as error:
                problems += error.problems
            else:
                values |= {} if value is None else {field.name: value}
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


def known_settings() -> frozenset[str]:
    """The names of the variables that the service reads."""
    return frozenset(name.upper() for name in ServingSettings.__struct_fields__)


def _value(field: FieldInfo, env: Mapping[str, str]) -> object:
    """The value of one setting, None where the default holds. Raises SettingsError."""
    name, given = field.name.upper(), env.get(field.name.upper(), "").strip()
    if field.name == "mlflow_tracking_uri":
        return tracker_address(env)
    if not given:
        return None
    example = EXAMPLES.get(field.name, str(field.default))
    if field.name in SECRETS and is_placeholder(given):
        raise SettingsError.of(name, PLACEHOLDER, example)
    try:
        return _CHECKS[field.name](given) if field.name in _CHECKS else _converted(given, field.type)
    except ValueError as error:
        came = "is not usable" if field.name in SECRETS else f"{given[:100]!r} is not usable"
        raise SettingsError.of(name, f"{came}: {error}", example) from None


def _converted(given: str, type_: object) -> object:
    return Path(given) if type_ is Path else msgspec.convert(given, type_, strict=False)


def _database(given: str) -> str:
    postgres_address("NEON_URI", given)
    return given


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "neon_uri": _database,
    "cors_origins": browser_policy.origins,
    "frame_ancestors": browser_policy.frame_ancestors,
}
