"""The API as OpenAPI 3.1, described from the very types that the service decodes and encodes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec

from pricing.wine.request import Wine
from serving.api.openapi_examples import ANSWER, BATCH_ANSWER, FEEDBACK, PROBLEM, WINE
from serving.payloads import problems
from serving.payloads.parsing import MAX_WINES, Feedback
from serving.payloads.problems import Problem
from serving.payloads.schemas import BatchAnswer, FeedbackReceipt, Prediction

Json = dict[str, Any]

KEYS: Final[list[Json]] = [{"bearer": []}, {"header": []}, {}]
OPEN: Final[list[Json]] = [{}]
_SHAPES: Final = (Wine, Prediction, BatchAnswer, Feedback, FeedbackReceipt, Problem)
_REASONS: Final = {
    400: "The body, a parameter or a header is malformed; `errors` names every offending field",
    401: "A key is configured, and this request carries none, or a wrong one",
    404: "There is nothing by that name",
    405: "The path exists, the method does not",
    408: "The request did not arrive in time",
    413: "The body, or the number of wines in it, is over the limit",
    429: "The client is over its rate limit; `Retry-After` says how many seconds to wait",
    500: "The service failed; the request id finds the reason in its log",
    503: "Nothing can answer now: no model is loaded yet, or what was sent could not be stored",
}
_HEADERS: Final = {
    401: {"WWW-Authenticate": "Which scheme is asked for"},
    405: {"Allow": "The methods that are answered"},
    429: {"Retry-After": "Seconds to wait"},
}


@cache
def document(version: str) -> Json:
    """The whole description. `version` is the project's."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Give Me The Wine Price",
            "version": version,
            "description": "What a bottle of wine costs, and how sure that is. Prices are USD.",
        },
        "servers": [{"url": "/"}],
        "paths": {**_prediction_paths(), **_state_paths(), **_name_paths()},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _prediction_paths() -> Json:
    explain = _parameter(
        "explain", "query", {"type": "boolean", "default": False}, "Add what moved the price"
    )
    wines = {"type": "array", "maxItems": MAX_WINES, "items": {}}
    batch = {"type": "object", "required": ["wines"], "properties": {"wines": wines}}
    return {
        "/predict": {
            "post": _operation(
                "predict",
                "Price one wine",
                _answer("Prediction", ANSWER),
                body=_body(_ref("Wine"), WINE),
                parameters=[explain],
                problems=(400, 401, 413, 429, 503),
            )
        },
        "/predict/batch": {
            "post": _operation(
                "predictBatch",
                f"Price up to {MAX_WINES:,} wines, in their order",
                _answer("BatchAnswer", BATCH_ANSWER),
                body=_body({"anyOf": [batch, wines]}, {"wines": [WINE]}),
                problems=(400, 401, 413, 429, 503),
            )
        },
        "/feedback": {
            "post": _operation(
                "feedback",
                "Say what a wine really cost",
                _answer("FeedbackReceipt", {**FEEDBACK, "status": "recorded"}),
                status=202,
                body=_body(_ref("Feedback"), FEEDBACK),
                problems=(400, 401, 413, 429, 503),
            )
        },
    }


def _state_paths() -> Json:
    anything: Json = {"type": "object"}
    text = {"description": "Prometheus metrics", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        "/health": {
            "get": {
                **_operation(
                    "health", "The state of the service", _content("It can answer", anything), security=OPEN
                ),
                "responses": {
                    "200": _content("It can answer", anything),
                    "503": _content("No model is loaded yet", anything),
                },
            }
        },
        "/health/live": {
            "get": _operation("live", "The process runs", _content("Yes", anything), security=OPEN)
        },
        "/model": {
            "get": _operation(
                "model",
                "The card of the model in service",
                _content("Its card", anything),
                problems=(503,),
                security=OPEN,
            )
        },
        "/metrics": {"get": _operation("metrics", "Figures for Prometheus", text, problems=(401, 429))},
        "/ops/report": {
            "get": _operation(
                "operationsReport",
                "Figures for operators over time",
                _content("Figures", anything),
                parameters=[_parameter("span", "query", {"type": "string"}, "How far to look back")],
                problems=(400, 401, 429),
            )
        },
        "/webhooks/mlflow": {
            "post": _operation(
                "mlflowWebhook",
                "MLflow says that an alias moved",
                _content("The service looks", anything),
                status=202,
                problems=(401, 413),
                security=OPEN,
            )
        },
    }


def _name_paths() -> Json:
    anything: Json = {"type": "object"}
    field = {**_parameter("field", "path", {"type": "string"}, "country, province, …"), "required": True}
    prefix = _parameter("prefix", "query", {"type": "string", "maxLength": 200}, "How the name starts")
    return {
        "/categories": {
            "get": _operation(
                "categories", "Names that the model knows", _content("By field", anything), security=OPEN
            )
        },
        "/categories/{field}": {
            "get": _operation(
                "searchCategory",
                "Known names that start like this",
                _content("The names", anything),
                parameters=[field, prefix],
                problems=(400, 404),
                security=OPEN,
            )
        },
    }


def _operation(
    name: str,
    summary: str,
    answer: Json,
    *,
    status: int = 200,
    body: Json | None = None,
    parameters: list[Json] | None = None,
    problems: tuple[int, ...] = (),
    security: list[Json] | None = None,
) -> Json:
    described: Json = {"operationId": name, "summary": summary, "security": security or KEYS}
    if body is not None:
        described["requestBody"] = body
    described["parameters"] = [*(parameters or []), _REQUEST_ID]
    everywhere = (405, 408, 500)
    described["responses"] = {
        str(status): answer,
        **{str(code): _problem(code) for code in sorted({*problems, *everywhere})},
    }
    return described


def _problem(status: int) -> Json:
    described: Json = {
        "description": _REASONS[status],
        "content": {
            problems.MEDIA_TYPE: {"schema": _ref("Problem"), "example": {**PROBLEM, "status": status}}
        },
    }
    if status in _HEADERS:
        described["headers"] = {
            name: {"description": what, "schema": {"type": "string"}}
            for name, what in _HEADERS[status].items()
        }
    return described


def _schemas() -> Json:
    _, components = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
    for described in components.values():
        described.pop("additionalProperties", None)  # a field that is not known is ignored with a warning
    components["Feedback"]["additionalProperties"] = False
    components["Feedback"]["properties"]["request_id"]["format"] = "uuid"
    return components


def _answer(schema: str, example: Json) -> Json:
    return {
        "description": "The answer, which is in the log",
        "content": {"application/json": {"schema": _ref(schema), "example": example}},
    }


def _content(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: Json, example: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _parameter(name: str, place: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": place, "schema": schema, "description": description, "required": False}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


_REQUEST_ID: Final = _parameter(
    "X-Request-ID",
    "header",
    {"type": "string", "maxLength": 128},
    "Given back, and found in the service's log",
)
