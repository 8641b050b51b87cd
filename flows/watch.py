"""The flow `watch`: what nobody else reports, turned into events that alerts hang on."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import State, flow
from prefect.states import Completed

from flows.monitoring.service_health import Patience, is_stale, problems, read_health
from flows.orchestration import events, failures
from flows.orchestration.parameters import AtLeastOne, Positive
from flows.orchestration.runs import named
from flows.registry import tracker
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings


@flow(
    name="watch",
    description="Looks after the service's outbox and the age of the model in production.",
    flow_run_name=named("watch {today}"),
)
def watch(
    *,
    outbox_rows: AtLeastOne = Patience.outbox_rows,
    outbox_minutes: Positive = Patience.outbox_seconds / 60,
    stale_days: Positive = Patience.model_age / timedelta(days=1),
) -> State[Any]:
    """Emit `wine.service.unhealthy` and `wine.model.stale` where there is reason to.

    The service is the one at SERVING_URL; where that is not set, only the model's age is looked at.

    Args:
        outbox_rows: Answers that may wait in the service's outbox, at least 1.
        outbox_minutes: Minutes that the oldest of them may wait, above 0.
        stale_days: Days after which the model in production is old, above 0.
    """
    failures.tell_once()
    patience = Patience(outbox_rows, outbox_minutes * 60, timedelta(days=stale_days))
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
