"""The events that other flows and alerts hang on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from prefect.events import emit_event

from pricing.wine.schema import MODEL_NAME

EventName = Literal[
    "wine.model.registered",
    "wine.model.promoted",
    "wine.model.rejected",
    "wine.model.rolled_back",
    "wine.drift.detected",
    "wine.model.stale",
    "wine.service.unhealthy",
]


def emit(event: EventName, *, version: str | None, payload: Mapping[str, Any]) -> None:
    """Tell Prefect that something happened to the price model (its `version`, where there is one)."""
    suffix = f".{version}" if version else ""
    resource = {
        "prefect.resource.id": f"{MODEL_NAME}{suffix}",
        "prefect.resource.name": f"{MODEL_NAME} {version}" if version else MODEL_NAME,
    }
    emit_event(event=event, resource=resource, payload=dict(payload))
