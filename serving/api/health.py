"""What the service says of its own state: categories to everybody, what errors say to holders of a key."""

from __future__ import annotations

from msgspec import UNSET

from configuration.postgresql import EXAMPLE
from serving.lifecycle import Service
from serving.models.reloader import NO_REGISTRY
from serving.payloads.health import DatabaseHealth, Health, ModelHealth, OutboxHealth, RegistryHealth

NOT_CONFIGURED = "not configured"
NO_DATABASE = (
    "NEON_URI is not set, so predictions are kept on this disk and reach no database. "
    f"Set it to the database's connection string, for example NEON_URI={EXAMPLE}"
)
_REACHED = {None: "not asked yet", True: "reached", False: "unreachable"}


def health(service: Service, *, details: bool) -> Health:
    """The body of GET /health.

    `details` adds the texts of errors, which may name hosts and accounts. The database is not asked: a look
    at the health must not wake it.
    """
    model = service.active.current
    return Health(
        status="OK" if model else "NO MODEL",
        model_name=model.name if model else None,
        model_version=model.version if model else None,
        release=service.settings.release,
        model=ModelHealth(model.source, model.loaded_at.isoformat(), model.synthetic) if model else None,
        registry=_registry(service, details=details),
        database=_database(service, details=details),
        outbox=_outbox(service),
    )


def _registry(service: Service, *, details: bool) -> RegistryHealth:
    state = service.reloader.state
    return RegistryHealth(
        status=_REACHED[state.registry_ok] if service.reloader.registry else NOT_CONFIGURED,
        wanted_version=state.wanted,
        problem=state.problem,
        load_failures=sum(state.failures.values()),
        advice=UNSET if service.reloader.registry else NO_REGISTRY,
        last_error=state.last_error if details else UNSET,
    )


def _database(service: Service, *, details: bool) -> DatabaseHealth:
    if service.relay is None:
        return DatabaseHealth(status=NOT_CONFIGURED, advice=NO_DATABASE)
    state = service.relay.state
    status = "failing" if state.problem else "ok" if state.migrated else "not asked yet"
    error = state.last_error if details else UNSET
    return DatabaseHealth(status=status, problem=state.problem, crashes=state.crashes, last_error=error)


def _outbox(service: Service) -> OutboxHealth:
    outbox = service.outbox
    return OutboxHealth(
        rows=outbox.depth,
        held=len(outbox.held),
        oldest_seconds=round(outbox.oldest_age(), 1),
        published=service.relay_state.published,
        dropped=outbox.dropped.total(),
        dead_letters=outbox.dead_letters,
        durable=outbox.durable,
    )
