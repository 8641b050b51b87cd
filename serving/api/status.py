"""The routes that look at the service rather than use it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.response import Response, Template

from serving.access.route_access import OPEN, UNLIMITED
from serving.api.health import health
from serving.api.openapi import KEYS, NO_KEY, additional, documented, problem_responses
from serving.api.openapi_examples import HEALTH, MODEL
from serving.errors import ModelNotLoaded
from serving.http import context
from serving.lifecycle import Service
from serving.models.loading import ServedModel
from serving.observability.metrics import CONTENT_TYPE, prometheus_text
from serving.pages.model_page import model_page
from serving.payloads.health import Health
from serving.payloads.schemas import Live, ModelFacts

Services = NamedDependency[Service]
_NO_MODEL = "No model is loaded yet: train one and promote it, or see /health for what is missing."


class StatusController(Controller):
    """State of the service and its model, for everybody."""

    tags = ("status",)
    security = NO_KEY
    opt = OPEN

    @get(
        "/health",
        operation_id="health",
        summary="The state of the service",
        response_description="It can answer",
        responses={**problem_responses(), 503: additional(Health, "No model is loaded yet")},
        operation_class=documented(answer=HEALTH),
        sync_to_thread=False,
    )
    def health(self, request: Request[Any, Any, Any], service: Services) -> Response[Health]:
        """503 only while there is no model. With a valid key it also says what errors say."""
        details = service.authorizer.shows_details(context.of(request.scope).headers)
        state = health(service, details=details)
        return Response(state, status_code=200 if state.model else 503)

    @get(
        "/health/live",
        operation_id="live",
        summary="The process runs",
        responses=problem_responses(),
        operation_class=documented(answer={"status": "OK"}),
        sync_to_thread=False,
    )
    def live(self) -> Live:
        """Constant."""
        return Live()

    @get(
        "/model",
        operation_id="model",
        summary="The card of the model in service",
        responses=problem_responses(503),
        operation_class=documented(answer=MODEL),
        media_type="application/json",
        sync_to_thread=False,
    )
    def model(self, request: Request[Any, Any, Any], service: Services) -> Response[ModelFacts]:
        """JSON, or a page for those who prefer `text/html`."""
        model = service.active.current
        if model is None:
            raise ModelNotLoaded(_NO_MODEL)
        facts = _facts(model)
        if request.accept.best_match(["application/json", "text/html"]) == "text/html":
            page = model_page(msgspec.structs.asdict(facts))
            return Template(  # type: ignore[return-value]
                "model.html", context=page, headers={"Vary": "Accept"}, media_type="text/html"
            )
        return Response(facts, headers={"Vary": "Accept"}, media_type="application/json")


class MetricsController(Controller):
    """What a monitoring system reads, as often as it likes."""

    tags = ("status",)
    security = KEYS
    opt = UNLIMITED

    @get(
        "/metrics",
        operation_id="metrics",
        summary="Figures for Prometheus",
        response_description="Prometheus metrics",
        media_type="text/plain",
        responses=problem_responses(401, 429),
        operation_class=documented(),
        sync_to_thread=False,
    )
    def metrics(self, service: Services) -> Response[str]:
        """In Prometheus' text format."""
        return Response(prometheus_text(service).decode(), media_type=CONTENT_TYPE)


def _facts(model: ServedModel) -> ModelFacts:
    return ModelFacts(
        model_name=model.name,
        model_version=model.version,
        synthetic_data=model.synthetic,
        artefact_sha256=model.sha256,
        loaded_at=model.loaded_at.isoformat(),
        source=model.source,
        training_language=model.scorer.training_language,
        card=model.card,
    )
