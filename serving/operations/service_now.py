"""What the running service knows of itself."""

from __future__ import annotations

from serving.lifecycle import Service
from serving.operations.report import ServiceNow


def service_now(service: Service) -> ServiceNow:
    """The model in service and the state of the outbox, from memory alone."""
    model = service.active.current
    relay, reload = service.relay_state, service.reloader.state
    keyed = service.has_keys  # a report that anybody may read says what is wrong in a word
    return ServiceNow(
        model_name=model.name if model else None,
        model_version=model.version if model else None,
        synthetic=bool(model and model.synthetic),
        model_problem=reload.last_error if keyed else reload.problem,
        waiting_rows=service.outbox.depth,
        oldest_waiting_seconds=round(service.outbox.oldest_age(), 1),
        published_rows=relay.published,
        refused_rows=service.outbox.dead_letters,
        dropped_rows=service.outbox.dropped.total(),
        retries=relay.retries,
        database_problem=relay.last_error if keyed else relay.problem,
    )
