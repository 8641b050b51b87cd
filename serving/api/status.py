"""The routes that look at the service rather than use it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Template

from serving.access.route_access import OPEN, UNLIMITED
from serving.access.webhook_signature import WebhookGate
from serving.api.health import health
from serving.api.openapi import document
from serving.errors import ModelNotLoaded
from serving.lifecycle import Service
from serving.observability.metrics import CONTENT_TYPE, prometheus_text
from serving.pages.model_page import model_page

Asked = Request[Any, Any, Any]


def service_of(request: Asked) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


@get("/health", opt=OPEN, sync_to_thread=False)
def get_health(request: Asked) -> Response[dict[str, Any]]:
    service = service_of(request)
    details = service.authorizer.shows_details(dict(request.scope["headers"]))
    status, body = health(service, details=details)
    return Response(body, status_code=status)


@get("/health/live", opt=OPEN, sync_to_thread=False)
def get_live() -> dict[str, str]:
    return {"status": "OK"}


@get("/metrics", opt=UNLIMITED, sync_to_thread=False)
def get_metrics(request: Asked) -> Response[bytes]:
    return Response(prometheus_text(service_of(request)), media_type=CONTENT_TYPE)


@get("/model", opt=OPEN, sync_to_thread=False)
def get_model(request: Asked) -> Response[Any] | Template:
    """The model card of what is being served: JSON, or a page for those who prefer `text/html`."""
    model = service_of(request).active.current
    if model is None:
        raise ModelNotLoaded(
            "No model is loaded yet: train one and promote it, or see /health for what is missing."
        )
    facts = {
        "model_name": model.name,
        "model_version": model.version,
        "synthetic_data": model.synthetic,
        "artefact_sha256": model.sha256,
        "loaded_at": model.loaded_at.isoformat(),
        "source": model.source,
        "training_language": model.scorer.training_language,
    }
    answer = {**facts, "card": model.card}
    headers = {"Vary": "Accept"}
    if request.accept.best_match(["application/json", "text/html"]) == "text/html":
        return Template("model.html", context=model_page(answer), headers=headers)
    return Response(answer, headers=headers)


@get("/openapi.json", opt=OPEN, sync_to_thread=False)
def get_openapi(request: Asked) -> dict[str, Any]:
    return document(service_of(request).settings.release)


@post("/webhooks/mlflow", opt=OPEN, status_code=202)
async def post_webhook(request: Asked) -> Response[bytes]:
    gate: WebhookGate = request.app.state.webhook_gate
    gate.check({name.lower(): value for name, value in request.headers.items()}, await request.body())
    service_of(request).reloader.trigger()
    return Response(msgspec.json.encode({"status": "looking"}), media_type="application/json")
