"""The API as OpenAPI 3.1: generated from the handlers, and completed with what Litestar has no place for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from litestar import MediaType, Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.types import ControllerRouterHandler

from pricing.wine.request import Wine
from serving.access.route_access import OPEN
from serving.api.field_descriptions import with_descriptions
from serving.api.openapi_examples import PROBLEM
from serving.operations.report import OperationsReport
from serving.payloads import parsing, problems
from serving.payloads.health import Health
from serving.payloads.problems import Problem
from serving.payloads.schemas import (
    BatchAnswer,
    CategoryNames,
    FeedbackReceipt,
    FoundNames,
    Live,
    ModelFacts,
    Prediction,
    WebhookReceipt,
)

Json = dict[str, Any]
Responses = dict[int, ResponseSpec]

KEYS: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"header": []}, {}]
"""Security of the routes that want a key, where keys are configured."""
NO_KEY: Final[list[dict[str, list[str]]]] = [{}]
TYPES: Final = (
    Wine, Prediction, BatchAnswer, parsing.Feedback, FeedbackReceipt, Problem, Health, Live, ModelFacts,
    WebhookReceipt, OperationsReport, CategoryNames, FoundNames,
)  # fmt: skip
_ALWAYS: Final = (405, 408, 500)

_REASONS: Final = {
    400: "The body, a parameter or a header is malformed; `errors` names every offending field",
    401: "A key is configured, and this request carries none, or a wrong one",
    403: "A page of another site sent this, and its origin is not in CORS_ORIGINS",
    404: "There is nothing by that name",
    405: "The path exists, the method does not",
    408: "The request did not arrive in time",
    413: "The body, or the number of wines in it, is over the limit",
    415: "The body is not said to be JSON, or is compressed",
    429: "The client is over its rate limit; `Retry-After` says how many seconds to wait",
    500: "The service failed; the request id finds the reason in its log",
    503: "Nothing can answer now: no model is loaded yet, or what was sent could not be stored",
}
_HEADERS: Final = {
    "401": {"WWW-Authenticate": "Which scheme is asked for"},
    "405": {"Allow": "The methods that are answered"},
    "429": {"Retry-After": "Seconds to wait"},
    "503": {"Retry-After": "Seconds to wait, where the service is busy"},
}


def openapi_config(version: str) -> OpenAPIConfig:
    """The description of the API, at `/openapi.json`. `version` is the release's."""
    config = OpenAPIConfig(
        title="Give Me The Wine Price",
        version=version,
        description="What a bottle of wine costs, and how sure that is. Prices are USD.",
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "header": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
            }
        ),
        render_plugins=[_JsonWithSchemas()],
        openapi_router=_DescriptionRouter(
            "/",
            route_handlers=[],
            opt=OPEN,
            include_in_schema=False,
            response_headers={"Cache-Control": "no-cache"},
        ),
        use_handler_docstrings=True,
    )
    config.default_plugin = None
    return config


class _JsonWithSchemas(JsonRenderPlugin):
    """Puts msgspec's schemas of the types that it decodes and encodes in the place of Litestar's, which lack
    the limits within unions and defaults.
    """

    def __init__(self) -> None:
        super().__init__(media_type=MediaType.JSON)
        self._rendered = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        """The document, put together once."""
        if not self._rendered:
            self._rendered = self.render_json(request, with_schemas(openapi_schema))
        return self._rendered


def with_schemas(document: Json) -> Json:
    """The document with the schemas of `TYPES`, and the meaning of every field."""
    _, components = msgspec.json.schema_components(TYPES, ref_template="#/components/schemas/{name}")
    for schema in components.values():
        schema.pop("additionalProperties", None)  # a field that is not known is ignored with a warning
    components["Feedback"]["additionalProperties"] = False
    schemas = {
        name: with_descriptions(name, schema)
        for name, schema in {**document["components"]["schemas"], **components}.items()
    }
    return {**document, "components": {**document["components"], "schemas": schemas}}


class _DescriptionRouter(Router):
    """Takes `/openapi.json` alone of what Litestar registers: it has a page and a 404 of its own, too."""

    def register(self, value: ControllerRouterHandler) -> Any:  # noqa: ANN401 - as Litestar has it
        if isinstance(value, HTTPRouteHandler) and value.paths == {"/openapi.json"}:
            return super().register(value)
        return []


def problem_responses(*statuses: int) -> Responses:
    """The problems that an operation may answer with; those that every one may are among them."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, description=_REASONS[status], media_type=problems.MEDIA_TYPE
        )
        for status in sorted({*statuses, *_ALWAYS})
    }


def additional(body: type[Any], description: str) -> ResponseSpec:
    """Another answer of an operation, which is no problem."""
    return ResponseSpec(body, generate_examples=False, description=description)


def documented(*, request: object = None, answer: object = None) -> type[Operation]:
    """A class of operations with examples of a request and of a successful answer."""
    return type("DocumentedOperation", (_Documented,), {"request_example": request, "answer_example": answer})


class _Documented(Operation):
    """An operation that adds its examples, headers and the parameter that every operation takes."""

    request_example: object = None
    answer_example: object = None

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - the fields of an operation
        super().__init__(**values)
        self.parameters = [*(self.parameters or []), _REQUEST_ID]
        if self.request_example is not None and isinstance(self.request_body, RequestBody):
            _exemplify(self.request_body.content, self.request_example)
        for status, response in (self.responses or {}).items():
            _complete(status, cast("OpenAPIResponse", response), self.answer_example)


def _complete(status: str, response: OpenAPIResponse, answer: object) -> None:
    content = cast("Mapping[str, OpenAPIMediaType]", response.content or {})
    if status.startswith("2"):
        if answer is not None:
            _exemplify(content, answer)
    elif problems.MEDIA_TYPE in content:
        _exemplify(content, _problem_example(int(status)))
    for name, what in _HEADERS.get(status, {}).items():
        header = OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING), description=what)
        response.headers = {**(response.headers or {}), name: header}


def _problem_example(status: int) -> Json:
    """A problem of this status as it comes."""
    if status == PROBLEM["status"]:
        return PROBLEM
    return problems.as_json(problems.example(status, PROBLEM["request_id"], _REASONS[status]))


def _exemplify(content: Mapping[str, OpenAPIMediaType], example: object) -> None:
    for media_type in content.values():
        media_type.example = example


_REQUEST_ID: Final = Parameter(
    name="X-Request-ID",
    param_in="header",
    schema=Schema(type=OpenAPIType.STRING, max_length=128),
    description="Echoed, and logged",
    required=False,
)
