"""What the service says of its own state: categories to everybody, what errors say to holders of a key."""

from __future__ import annotations

from typing import Any

from serving.lifecycle import Service

NOT_CONFIGURED = "not configured"


def health(service: Service, *, details: bool) -> tuple[int, dict[str, Any]]:
    """Status and body of GET /health: 503 only where there is no model to answer with.

    `details` adds the texts of errors, which may name hosts and accounts. The database is not asked: a look
    at the health must not wake it.
    """
    model = service.active.current
    body: dict[str, Any] = {
        "status": "OK" if model else "NO MODEL",
        "model_name": model.name if model else None,
        "model_version": model.version if model else None,
        "release": service.settings.release,
        "model": _model(service),
        "registry": _registry(service, details=details),
        "database": _database(service, details=details),
        "outbox": _outbox(service),
    }
    return (200 if model else 503), body


def _model(service: Service) -> dict[str, Any] | None:
    model = service.active.current
    if model is None:
        return None
    return {
        "source": model.source,
        "loaded_at": model.loaded_at.isoformat(),
        "synthetic_data": model.synthetic,
    }


def _registry(service: Service, *, details: bool) -> dict[str, Any]:
    state = service.reloader.state
    reached = {None: "not asked yet", True: "reached", False: "unreachable"}
    found = {
        "status": reached[state.registry_ok] if service.reloader.registry else NOT_CONFIGURED,
        "wanted_version": state.wanted,
        "problem": state.problem,
        "load_failures": sum(state.failures.values()),
    }
    return found | ({"last_error": state.last_error} if details else {})


def _database(service: Service, *, details: bool) -> dict[str, Any]:
    if service.relay is None:
        return {"status": NOT_CONFIGURED, "problem": None}
    state = service.relay.state
    status = "failing" if state.problem else "ok" if state.migrated else "not asked yet"
    found = {"status": status, "problem": state.problem, "crashes": state.crashes}
    return found | ({"last_error": state.last_error} if details else {})


def _outbox(service: Service) -> dict[str, Any]:
    outbox = service.outbox
    return {
        "rows": outbox.depth,
        "held": len(outbox.held),
        "oldest_seconds": round(outbox.oldest_age(), 1),
        "published": service.relay_state.published,
        "dropped": outbox.dropped.total(),
        "dead_letters": outbox.dead_letters,
        "durable": outbox.durable,
    }
