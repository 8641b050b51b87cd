"""HTTP routes for operators: the page, which says nothing by itself, and the report that it draws."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.exceptions import ClientException
from litestar.params import QueryParameter
from litestar.response import Response, Template

from serving.access.route_access import OPEN, UNLIMITED
from serving.api.openapi import KEYS, documented, problem_responses
from serving.operations.reader import OperationsReader
from serving.operations.report import SPANS, OperationsReport
from serving.pages.headers import PAGE_HEADERS

HTML = "text/html"


def operations_page_router() -> Router:
    """`/ops`: an empty page without figures, so it needs no key."""
    return Router("/", route_handlers=[show_operations_page], include_in_schema=False, opt=OPEN)


def operations_report_router(reader: OperationsReader) -> Router:
    """`/ops/report`: the figures. To be put behind the API keys."""

    @get(
        "/ops/report",
        operation_id="operationsReport",
        summary="Figures for operators over time",
        response_description="Figures",
        responses=problem_responses(400, 401, 429),
        operation_class=documented(),
    )
    async def report(
        span: Annotated[str, QueryParameter(description=f"How far to look back: {', '.join(SPANS)}")] = "24h",
    ) -> Response[OperationsReport]:
        """Requests, latency, warnings, prices, errors and versions."""
        if span not in SPANS:
            raise ClientException(f"span: expected one of {', '.join(SPANS)}, got {span[:40]!r}.")
        return Response(await reader.report(SPANS[span]), headers={"Cache-Control": "no-store"})

    return Router("/", route_handlers=[report], tags=["operations"], opt=UNLIMITED, security=KEYS)


@get("/ops", media_type=HTML, sync_to_thread=False)
def show_operations_page() -> Template:
    return Template("ops.html", headers=PAGE_HEADERS)
