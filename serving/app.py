"""The application: its routes, what they are given, and what stands around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide

from serving.access.route_access import access_of
from serving.access.webhook_signature import WebhookGate
from serving.api.openapi import openapi_config
from serving.api.predictions import PredictionController
from serving.api.status import MetricsController, StatusController
from serving.api.webhooks import WebhookController
from serving.http import context
from serving.http.exceptions import HANDLERS
from serving.http.fast_path import PATH, FastPath
from serving.http.guard import authorize
from serving.http.middleware import ServingApp
from serving.inference.answers import Caller
from serving.lifecycle import Service
from serving.mounting import page_routers
from serving.pages.template import template_config
from serving.settings import ServingSettings

OTHER_BODY_BYTES: Final = 64 * 2**10
"""How long a body may be where it is not wines or feedback."""


def create_app(settings: ServingSettings) -> ServingApp:
    """The service as an ASGI application. Raises SettingsError; touches nothing until it is started."""
    service = Service(settings)
    gate = WebhookGate(settings.mlflow_webhook_secret)
    app = ServingApp(
        route_handlers=[
            PredictionController,
            StatusController,
            MetricsController,
            WebhookController,
            *page_routers(service),
        ],
        dependencies={
            "service": Provide(lambda: service, sync_to_thread=False),
            "webhook_gate": Provide(lambda: gate, sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
        },
        state=State({"service": service}),
        guards=[authorize],
        lifespan=[_lifespan(service)],
        cors_config=CORSConfig(allow_origins=list(settings.origins)) if settings.origins else None,
        exception_handlers=HANDLERS,
        template_config=template_config(),
        openapi_config=openapi_config(settings.release),
        logging_config=None,
        request_max_body_size=OTHER_BODY_BYTES,
    )
    app.outermost = service.middleware
    return app


def _caller(request: Request[Any, Any, Any]) -> Caller:
    return context.caller_of(context.of(request.scope))


def _lifespan(service: Service) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with service.running():
            handler = app.route_handler_method_map[PATH]["POST"]
            service.connections.fast_path = FastPath(
                service.middleware, service.authorizer, access_of(handler.opt), service.predictor
            )
            yield

    return running
