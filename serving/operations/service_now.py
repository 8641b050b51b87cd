"""What the running service knows of itself."""

from __future__ import annotations

from serving.lifecycle import Service
from serving.operations.report import ServiceNow


def service_now(service: Service) -> ServiceNow:
    """The model in service and the state of the outbox, from memory alone."""
    model = service.active.current
    moved = service.relay_state
    return ServiceNow(
        model_name=model.name if model else None,
        model_version=model.version if model else None,
        synthetic=bool(model and model.synthetic),
        model_problem=service.reloader.state.last_error,
        waiting_rows=service.outbox.depth,
        oldest_waiting_seconds=round(service.outbox.oldest_age(), 1),
        moved_rows=moved.moved,
        refused_rows=service.outbox.dead_letters(),
        dropped_rows=service.outbox.dropped.total(),
        retries=moved.retries,
        database_problem=moved.last_error,
    )
