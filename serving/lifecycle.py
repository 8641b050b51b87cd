"""The parts of a running service, how they start, and in which order they stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pricing.wine.schema import MODEL_NAME
from serving.access.api_keys import ApiKeys
from serving.access.authorization import Authorizer
from serving.access.client_identity import ClientNames, networks
from serving.access.client_salt import client_salt
from serving.access.cross_origin import CrossOriginCheck
from serving.access.rate_limit import RateLimit
from serving.http.connections import Connections
from serving.http.middleware import Middleware
from serving.inference.batcher import Predictor, utc_now
from serving.inference.fairness import BatchLimits
from serving.inference.shadow import Shadow
from serving.models.cache import ModelCache
from serving.models.registry import MlflowRegistry
from serving.models.reloader import ActiveModel, Reloader
from serving.observability.counters import Counters
from serving.prediction_log.database import Database
from serving.prediction_log.outbox import Outbox
from serving.prediction_log.outbox_folder import OutboxFolder
from serving.prediction_log.relay import Relay, RelayState
from serving.settings import ServingSettings

log = logging.getLogger(__name__)


class Service:
    """Everything that a running service consists of. Making one touches nothing; `running` starts it."""

    outbox: Outbox
    predictor: Predictor
    shadow: Shadow
    authorizer: Authorizer

    def __init__(self, settings: ServingSettings) -> None:
        """Raises SettingsError."""
        self.settings = settings
        self.active = ActiveModel()
        self.counters = Counters()
        self.database = (
            Database(settings.neon_uri, idle_seconds=settings.neon_idle_seconds)
            if settings.neon_uri
            else None
        )
        self.reloader = Reloader(
            registry=MlflowRegistry(settings.mlflow_tracking_uri, MODEL_NAME)
            if settings.mlflow_tracking_uri
            else None,
            cache=ModelCache(settings.serving_state_dir / "models"),
            active=self.active,
            alias=settings.model_alias,
            poll_seconds=settings.model_poll_seconds,
            clock=utc_now,
            shadowing=settings.shadow_sample > 0,
        )
        self.middleware = Middleware(
            counters=self.counters,
            frame_ancestors=settings.frame_ancestors,
            log_requests=settings.log_requests,
        )
        self.connections = Connections(
            at_most=settings.max_connections,
            request_seconds=settings.request_timeout_seconds,
            response_seconds=settings.response_timeout_seconds,
            body_bytes=settings.max_body_megabytes * 2**20,
            middleware=self.middleware,
        )
        self.relay: Relay | None = None
        self._batch_limits = BatchLimits(settings.max_batches, settings.max_explained_wines)
        self._keys = ApiKeys.parse(settings.api_keys)
        self._trusted = networks(settings.trusted_proxies)

    @property
    def has_keys(self) -> bool:
        """Whether API keys are configured."""
        return bool(self._keys)

    @property
    def relay_state(self) -> RelayState:
        """What became of the rows so far."""
        return self.relay.state if self.relay else RelayState()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start every part, and stop them in order. Raises OutboxUnusable."""
        settings = self.settings
        folder = OutboxFolder(
            settings.serving_state_dir / "outbox",
            max_rows=settings.outbox_max_rows,
            max_dead_letters=settings.outbox_max_dead_letters,
        )
        self.outbox = folder.open()
        self.shadow = Shadow(self.active, self.outbox, settings.shadow_sample)
        self.predictor = Predictor(
            self.active, self.outbox, self.counters, self.shadow, limits=self._batch_limits
        )
        self.authorizer = Authorizer(
            self._keys,
            ClientNames(client_salt(settings.client_salt, settings.serving_state_dir), self._trusted),
            RateLimit(settings.rate_limit_per_minute, settings.rate_limit_burst),
            CrossOriginCheck(frozenset(settings.origins)),
        )
        if self.database is not None:
            self.relay = Relay(
                self.outbox,
                self.database,
                flush_seconds=settings.outbox_flush_seconds,
                batch_bytes=settings.outbox_batch_bytes,
            )
        else:
            log.warning("NEON_URI is not set: predictions stay in the outbox %s", self.outbox.path)
        self.reloader.start_from_cache()
        gc.freeze()  # collections pass over what a start leaves: a model is many objects, and none is garbage
        try:
            async with self._tasks(folder):
                yield
        finally:
            await self._drain()
            self.outbox.close()
            folder.close()

    @asynccontextmanager
    async def _tasks(self, folder: OutboxFolder) -> AsyncIterator[None]:
        works = [
            self.reloader.run(),
            self.shadow.run(),
            self.connections.watch(),
            folder.watch(self.outbox),
        ]
        tasks = [asyncio.create_task(work) for work in works]
        relaying = asyncio.create_task(self.relay.run()) if self.relay else None
        try:
            yield
        finally:
            if self.relay and relaying:
                await self.relay.stop(relaying, self.settings.drain_seconds)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _drain(self) -> None:
        if self.database is not None:
            await self.database.close()
        if self.outbox.depth:
            log.warning("%d rows wait in the outbox for the next start", self.outbox.depth)
