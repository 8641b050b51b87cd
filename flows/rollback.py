"""The flow `rollback`: production goes back to the version before, and why is written down."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from configuration.errors import SettingsError
from flows import artifacts, events
from flows.errors import FlowError
from flows.registry import tracker
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings


@flow(name="rollback", description="Puts the previous production version back, with a reason.")
def rollback(*, reason: str) -> State[Any]:
    """Put the version under the alias `previous` back into production.

    Args:
        reason: Why; recorded with the version that is taken back.
    """
    try:
        registry = Registry(tracker.connect(FlowSettings.from_env(os.environ)))
        return _rollback(registry, reason.strip() or "no reason given")
    except (FlowError, SettingsError) as error:
        get_run_logger().error("%s", error)
        return Failed(message=str(error))


def _rollback(registry: Registry, reason: str) -> State[Any]:
    move = registry.planned_rollback()
    if move.before is not None:
        # Written down before the move: a run cut off in between leaves the reason, and can be run again.
        when = datetime.now(UTC).isoformat(timespec="seconds")
        registry.tag(move.before, {"rolled_back_at": when, "rollback_reason": reason})
    registry.set_alias(PRODUCTION, move.after)
    text = (
        f"# Production is version {move.after} again\n\nIt was version {move.before or 'none'}. "
        f"The reason: {reason}\n\nRunning services load it within their polling time."
    )
    artifacts.show(artifacts.ROLLBACK_KEY, text, description=f"Back to version {move.after}")
    payload = {"from": move.before, "reason": reason}
    events.emit("wine.model.rolled_back", version=move.after, payload=payload)
    return Completed(message=f"Version {move.after} is in production again. Reason: {reason}")
