"""The application: routes, the middleware around them, and how their errors read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from serving.access.route_access import access_of
from serving.access.webhook_signature import WebhookGate
from serving.api import predictions, status
from serving.errors import RequestRefused
from serving.http import context
from serving.http.fast_path import FastPath
from serving.http.guard import authorize
from serving.http.middleware import ServingApp
from serving.lifecycle import Service
from serving.mounting import page_routers
from serving.pages.template import template_config
from serving.payloads import problems
from serving.payloads.problems import Problem
from serving.settings import ServingSettings

Asked = Request[Any, Any, Any]

OTHER_BODY_BYTES: Final = 64 * 2**10
"""How long a body may be where it is not wines or feedback."""


def create_app(settings: ServingSettings) -> ServingApp:
    """The service as an ASGI application. Raises SettingsError; touches nothing until it is started."""
    service = Service(settings)
    app = ServingApp(
        route_handlers=[
            predictions.predict,
            predictions.predict_batch,
            predictions.feedback,
            status.get_health,
            status.get_live,
            status.get_metrics,
            status.get_model,
            status.get_openapi,
            status.post_webhook,
            *page_routers(service),
        ],
        state=State({"service": service, "webhook_gate": WebhookGate(settings.mlflow_webhook_secret)}),
        lifespan=[_lifespan(service)],
        cors_config=CORSConfig(allow_origins=list(settings.origins)) if settings.origins else None,
        exception_handlers={RequestRefused: _refused, HTTPException: _http_error, Exception: _unforeseen},
        template_config=template_config(),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=OTHER_BODY_BYTES,
        guards=[authorize],
    )
    app.outermost = service.middleware
    return app


def _lifespan(service: Service) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        async with service.running():
            service.connections.fast_path = FastPath(
                service.middleware,
                service.authorizer,
                access_of(predictions.predict.opt),
                service.predictor,
            )
            yield

    return running


def _refused(request: Asked, refusal: RequestRefused) -> Response[bytes]:
    headers = {name.decode(): value.decode() for name, value in problems.headers_of(refusal)}
    return _response(problems.of_refusal(refusal, context.of(request.scope).request_id), headers)


def _http_error(request: Asked, error: HTTPException) -> Response[bytes]:
    headers = dict(error.headers or {})
    detail = _what_to_do(request, error.status_code, headers) or error.detail
    problem = problems.of_status(error.status_code, detail, context.of(request.scope).request_id)
    return _response(problem, headers)


def _what_to_do(request: Asked, status: int, headers: dict[str, str]) -> str:
    """What Litestar's own detail leaves out."""
    path = request.url.path
    allowed = {name.lower(): value for name, value in headers.items()}.get("allow", "")
    return {
        404: f"There is nothing at {path}. See /docs for what there is.",
        405: f"{request.method} is not answered at {path}; use {allowed.replace(', ', ' or ')}.",
        413: f"The body is over the limit of {OTHER_BODY_BYTES:,} bytes. Send a shorter one.",
    }.get(status, "")


def _unforeseen(request: Asked, error: Exception) -> Response[bytes]:
    return _response(problems.of_error(error, context.of(request.scope).request_id), {})


def _response(problem: Problem, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        headers=headers,
        media_type=problems.MEDIA_TYPE,
    )
