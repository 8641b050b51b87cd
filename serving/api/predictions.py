"""Prices of wines, and what they really cost. Plain requests for one price take `serving.http.fast_path`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType
from litestar.params import JSONBody, QueryParameter
from litestar.response import Response

from serving.api.bodies import BatchBody, FeedbackBody, JsonRequest, WineBody
from serving.api.flags import flag
from serving.api.openapi import KEYS, documented, problem_responses
from serving.api.openapi_examples import ANSWER, BATCH_ANSWER, FEEDBACK, WINE
from serving.inference.answers import Caller
from serving.lifecycle import Service
from serving.payloads import parsing
from serving.payloads.parsing import MAX_BATCH_BYTES, MAX_BODY_BYTES, MAX_WINES
from serving.payloads.schemas import BatchAnswer, FeedbackReceipt, Prediction

JSON: Final = "application/json"

Services = NamedDependency[Service]
Callers = NamedDependency[Caller]
Explain = Annotated[
    str,
    QueryParameter(
        description="Add what moved the price",
        schema_extra={"type": OpenAPIType.BOOLEAN, "default": False},
    ),
]


class PredictionController(Controller):
    """The routes that answers come from. They say nothing of access: they want a key and are rate limited."""

    tags = ("predictions",)
    security = KEYS
    request_class = JsonRequest
    return_dto = None

    @post(
        "/predict",
        operation_id="predict",
        response_description="Successful response.",
        summary="Price one wine",
        dto=WineBody,
        status_code=200,
        request_max_body_size=MAX_BODY_BYTES,
        responses=problem_responses(400, 401, 403, 413, 415, 429, 503),
        operation_class=documented(request=WINE, answer=ANSWER),
    )
    async def predict(
        self,
        data: JSONBody[parsing.ParsedWine],
        service: Services,
        caller: Callers,
        explain: Explain = "false",
    ) -> Response[Prediction]:
        """The price, with its interval, the model that answered, and warnings."""
        wanted = flag("explain", explain)
        return encoded(await service.predictor.predict(data, caller, explain=wanted))

    @post(
        "/predict/batch",
        operation_id="predictBatch",
        response_description="Successful response.",
        summary=f"Price up to {MAX_WINES:,} wines, in their order",
        dto=BatchBody,
        status_code=200,
        request_max_body_size=MAX_BATCH_BYTES,
        responses=problem_responses(400, 401, 403, 413, 415, 429, 503),
        operation_class=documented(request={"wines": [WINE]}, answer=BATCH_ANSWER),
    )
    async def predict_batch(
        self,
        data: JSONBody[Sequence[msgspec.Raw]],
        service: Services,
        caller: Callers,
        explain: Explain = "false",
    ) -> Response[BatchAnswer]:
        """One bad wine gives its own error and spoils no other."""
        wanted = flag("explain", explain)
        service.authorizer.charge(caller.client, len(data) - 1)
        return encoded(await service.predictor.predict_batch(data, caller, explain=wanted))

    @post(
        "/feedback",
        operation_id="feedback",
        response_description="Successful response.",
        summary="Say what a wine really cost",
        dto=FeedbackBody,
        status_code=202,
        request_max_body_size=MAX_BODY_BYTES,
        responses=problem_responses(400, 401, 403, 413, 415, 429, 503),
        operation_class=documented(request=FEEDBACK, answer={**FEEDBACK, "status": "recorded"}),
    )
    async def feedback(
        self, data: JSONBody[parsing.Feedback], service: Services, caller: Callers
    ) -> Response[FeedbackReceipt]:
        """Sent twice, it counts once."""
        return encoded(await service.predictor.record_feedback(data, caller), status=202)


def encoded(body: bytes, *, status: int = 200) -> Response[Any]:
    """An answer that the core has encoded, with the row that it logged."""
    return Response(body, media_type=JSON, status_code=status)
