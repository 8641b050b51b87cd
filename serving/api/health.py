"""What the service says of its own state."""

from __future__ import annotations

from typing import Any

from serving.lifecycle import Service


def health(service: Service) -> tuple[int, dict[str, Any]]:
    """Status and body of GET /health: 503 only where there is no model to answer with.

    The database is not asked: a look at the health must not wake it.
    """
    model = service.active.current
    body: dict[str, Any] = {
        "status": "OK" if model else "NO MODEL",
        "model_name": model.name if model else None,
        "model_version": model.version if model else None,
        "release": service.settings.release,
        "model": _model(service),
        "registry": _registry(service),
        "database": _database(service),
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


def _registry(service: Service) -> dict[str, Any]:
    state = service.reloader.state
    reached = {None: "not asked yet", True: "reached", False: "unreachable"}
    return {
        "status": reached[state.registry_ok],
        "wanted_version": state.wanted,
        "last_error": state.last_error,
        "load_failures": sum(state.failures.values()),
    }


def _database(service: Service) -> dict[str, Any]:
    if service.relay is None:
        return {"status": "not configured", "last_error": None}
    error = service.relay.state.last_error
    status = "failing" if error else "ok" if service.relay.state.migrated else "not asked yet"
    return {"status": status, "last_error": error}


def _outbox(service: Service) -> dict[str, Any]:
    outbox = service.outbox
    return {
        "rows": outbox.depth,
        "oldest_seconds": round(outbox.oldest_age(), 1),
        "moved": service.relay_state.moved,
        "dropped": outbox.dropped.total(),
        "dead_letters": outbox.dead_letters(),
        "durable": outbox.durable,
    }
