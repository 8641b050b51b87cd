"""The pages of a service, ready to be mounted."""

from __future__ import annotations

from litestar import Router

from pricing.scoring.record_scorer import RecordScorer
from serving.lifecycle import Service
from serving.operations.reader import OperationsReader
from serving.operations.routes import operations_page_router, operations_report_router
from serving.operations.service_now import service_now
from serving.pages.routes import category_router, page_router


def page_routers(service: Service) -> list[Router]:
    """`/`, `/categories`, `/ops` and what they are made of."""

    def scorer() -> RecordScorer | None:
        model = service.active.current
        return model.scorer if model else None

    reader = OperationsReader(service.database, lambda: service_now(service))
    return [
        page_router(),
        category_router(scorer),
        operations_page_router(),
        operations_report_router(reader),
    ]
