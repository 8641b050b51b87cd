"""What a run of `watch` does."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from prefect import State
from prefect.states import Completed

from flows.orchestration import events, failures
from flows.registry import tracker
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings
from flows.watching.service_health import Patience, is_stale, problems, read_health


def run(patience: Patience) -> State[Any]:
    """Look at the service and at the age of the model, and emit an event for what is beyond `patience`."""
    failures.tell_once()
    try:
        settings = FlowSettings.from_env(os.environ)
        registry = Registry(tracker.connect(settings))
        found = [*_service(settings, patience), *_model(registry, patience)]
        if settings.serving_url is None and registry.by_alias(PRODUCTION) is None:
            return Completed(
                name="NothingSeen",
                message="Nothing was looked at: SERVING_URL is not set, and no version is in production.",
            )
    except failures.HANDLED as error:
        return failures.failed(error)
    if settings.serving_url is None:
        found.append("The service was not looked at: SERVING_URL is not set.")
    return Completed(message="; ".join(found) or "All is well.")


def _service(settings: FlowSettings, patience: Patience) -> list[str]:
    if settings.serving_url is None:
        return []
    health = read_health(settings.serving_url)
    found = problems(health, patience)
    if found:
        payload = {"reason": "; ".join(found), "service": settings.serving_url}
        events.emit("wine.service.unhealthy", version=health.get("model_version"), payload=payload)
    return found


def _model(registry: Registry, patience: Patience) -> list[str]:
    version = registry.by_alias(PRODUCTION)
    if version is None:
        return []
    trained_at = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    if not is_stale(trained_at, datetime.now(UTC), patience):
        return []
    reason = f"version {version.version} in production was trained on {trained_at:%Y-%m-%d}"
    events.emit("wine.model.stale", version=version.version, payload={"reason": reason})
    return [reason]
