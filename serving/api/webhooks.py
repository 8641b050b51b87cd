"""Deliveries of other systems."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, post
from litestar.di import NamedDependency

from serving.access.route_access import OPEN
from serving.access.webhook_signature import WebhookGate
from serving.api.openapi import NO_KEY, documented, problem_responses
from serving.lifecycle import Service
from serving.payloads.schemas import WebhookReceipt


class WebhookController(Controller):
    """Open to everybody: a delivery proves by its signature where it comes from."""

    tags = ("status",)
    security = NO_KEY
    opt = OPEN

    @post(
        "/webhooks/mlflow",
        operation_id="mlflowWebhook",
        summary="MLflow says that an alias moved",
        status_code=202,
        responses=problem_responses(401, 403, 413),
        operation_class=documented(answer={"status": "looking"}),
    )
    async def mlflow(
        self,
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
        webhook_gate: NamedDependency[WebhookGate],
    ) -> WebhookReceipt:
        """The service looks at the registry at once."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        webhook_gate.check(headers, await request.body())
        service.reloader.trigger()
        return WebhookReceipt()
