"""What the service says of itself, and what of it is worth telling a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

_TIMEOUT = 15.0


@dataclass(frozen=True)
class Patience:
    """From where on a state is trouble: rows waiting in the outbox, and how long (seconds) the oldest may."""

    outbox_rows: int = 5_000
    outbox_seconds: float = 900.0
    model_age: timedelta = timedelta(days=60)


def read_health(url: str) -> Mapping[str, Any]:
    """`GET /health` of the service; an unreachable one is a state, too: `{"status": "UNREACHABLE", …}`."""
    try:
        answer = httpx.get(f"{url}/health", timeout=_TIMEOUT, follow_redirects=True)
        health: Mapping[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return {"status": "UNREACHABLE", "error": f"{type(error).__name__}: {error}"}
    return health


def problems(health: Mapping[str, Any], patience: Patience) -> list[str]:
    """What is wrong with the service, in words; nothing when all is well."""
    return list(_troubles(health, patience))


def is_stale(trained_at: datetime, now: datetime, patience: Patience) -> bool:
    """Whether a model was trained so long ago that somebody should look."""
    return now - trained_at > patience.model_age


def _troubles(health: Mapping[str, Any], patience: Patience) -> Iterator[str]:
    if health.get("status") == "UNREACHABLE":
        yield f"the service does not answer ({health.get('error')})"
        return
    if health.get("status") != "OK":
        yield f"the service says {health.get('status')}"
    outbox = health.get("outbox") or {}
    rows, seconds = outbox.get("rows", 0), outbox.get("oldest_seconds", 0.0)
    if rows >= patience.outbox_rows or (rows and seconds >= patience.outbox_seconds):
        yield f"{rows:,} rows wait in the outbox, the oldest for {seconds / 60:.0f} minutes"
    if outbox.get("dropped"):
        yield f"{outbox['dropped']:,} rows could not be kept"
    if (health.get("database") or {}).get("problem") == "crashed":
        yield "the service's relay fails with an error of its own; its log says which"
    if outbox.get("dead_letters"):
        yield f"the database refused {outbox['dead_letters']:,} rows for a reason of their own"
