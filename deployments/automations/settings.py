"""Where alerts go, from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import SecretStr

from configuration.errors import SettingsError
from configuration.placeholders import PLACEHOLDER, holds_placeholder


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts go, what is asked after a look for drift, and how often live runs say so (seconds).

    URLs hold secrets.
    """

    webhook_url: SecretStr | None = None
    email_url: SecretStr | None = None
    drift_ping_url: SecretStr | None = None
    heartbeat_seconds: int = 30

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises SettingsError."""
        return cls(
            webhook_url=_url(
                env, "ALERT_WEBHOOK_URL", ("https://", "http://"), "https://hooks.slack.com/services/…"
            ),
            email_url=_url(
                env,
                "ALERT_EMAIL_URL",
                ("mailto://", "mailtos://"),
                "mailtos://user:password@smtp.my-team.org?from=wine@my-team.org&to=me@my-team.org",
            ),
            drift_ping_url=_url(env, "DRIFT_PING_URL", ("https://", "http://"), "https://hc-ping.com/…"),
            heartbeat_seconds=_heartbeat(env),
        )


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...], example: str) -> SecretStr | None:
    value = env.get(name, "").strip()
    if not value:
        return None
    if not value.startswith(schemes):
        raise SettingsError.of(name, f"must begin with {' or '.join(schemes)}", example)
    if holds_placeholder(value):
        raise SettingsError.of(name, PLACEHOLDER, example)
    return SecretStr(value)


def _heartbeat(env: Mapping[str, str]) -> int:
    text = env.get("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "").strip() or "30"
    if not text.isdigit() or int(text) < 30:  # noqa: PLR2004 - Prefect's own minimum
        raise SettingsError.of(
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY",
            f"must be seconds, at least 30, the same as the worker has, not {text!r}",
            "30",
        )
    return int(text)
