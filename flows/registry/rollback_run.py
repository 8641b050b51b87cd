"""What a run of `rollback` does: the aliases, and why they moved."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.orchestration import artifacts, events, failures
from flows.registry import tracker
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings


def run(reason: str) -> State[Any]:
    """Put the previous version back into production, for this reason."""
    failures.tell_once()
    try:
        registry = Registry(tracker.connect(FlowSettings.from_env(os.environ)))
        return _rollback(registry, reason.strip())
    except failures.HANDLED as error:
        return failures.failed(error)


def _rollback(registry: Registry, reason: str) -> State[Any]:
    change = registry.planned_rollback()
    if change.before is not None:
        # Written down before the move: a run cut off in between leaves the reason, and can be run again.
        when = datetime.now(UTC).isoformat(timespec="seconds")
        registry.tag(change.before, {"rolled_back_at": when, "rollback_reason": reason})
    registry.set_alias(PRODUCTION, change.after)
    text = (
        f"# Production is version {change.after} again\n\nIt was version {change.before or 'none'}. "
        f"The reason: {reason}\n\nRunning services load it within their polling time."
    )
    artifacts.show(artifacts.ROLLBACK_KEY, text, description=f"Back to version {change.after}")
    payload = {"from": change.before, "reason": reason}
    events.emit("wine.model.rolled_back", version=change.after, payload=payload)
    return Completed(message=f"Version {change.after} is in production again. Reason: {reason}")
