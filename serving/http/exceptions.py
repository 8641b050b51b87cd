"""Errors of handlers and of the framework as answers: each is the problem that the core would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from pricing.errors import FieldError
from serving.errors import BadRequest, MethodNotAllowed, RequestRefused, RequestTooLarge
from serving.http import context
from serving.payloads import problems
from serving.payloads.problems import Problem

AnyRequest = Request[Any, Any, Any]


def _refused(request: AnyRequest, refusal: RequestRefused) -> Response[bytes]:
    headers = {name.decode(): value.decode() for name, value in problems.headers_of(refusal)}
    return _response(problems.of_refusal(refusal, context.of(request.scope).request_id), headers)


def _http_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    headers = dict(error.headers or {})
    match error.status_code:
        case 405:
            return _refused(request, _method_not_allowed(request, headers))
        case 413:
            return _refused(request, _too_large(request))
        case 400 if isinstance(error, ValidationException):
            return _refused(request, _bad_parameters(error))
        case 404 if error.detail == "Not Found":
            detail = f"There is nothing at {request.url.path}. See /docs for what there is."
        case _:
            detail = error.detail
    problem = problems.of_status(error.status_code, detail, context.of(request.scope).request_id)
    return _response(problem, headers)


def _method_not_allowed(request: AnyRequest, headers: Mapping[str, str]) -> MethodNotAllowed:
    named = {name.lower(): value for name, value in headers.items()}.get("allow", "")
    allowed = [method for method in named.split(", ") if method]
    if "GET" in allowed:
        allowed.append("HEAD")
    return MethodNotAllowed(request.method, sorted(allowed))


def _too_large(request: AnyRequest) -> RequestTooLarge:
    limit = request.route_handler.resolve_request_max_body_size()
    return RequestTooLarge(
        f"The body is over the limit of {limit:,} bytes. Shorten its texts, or split a batch."
    )


def _bad_parameters(error: ValidationException) -> BadRequest:
    """What Litestar found wrong with parameters."""
    found: list[Any] = error.extra if isinstance(error.extra, list) else []
    errors = [FieldError(str(entry.get("key", "")), str(entry.get("message", ""))) for entry in found]
    detail = "; ".join(f"{one.field}: {one.message}" for one in errors) or error.detail
    return BadRequest(f"{detail}.", errors)


def _unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    return _response(problems.of_error(error, context.of(request.scope).request_id), {})


def _response(problem: Problem, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        headers=headers,
        media_type=problems.MEDIA_TYPE,
    )


HANDLERS: Final[ExceptionHandlersMap] = {
    RequestRefused: _refused,
    HTTPException: _http_error,
    Exception: _unforeseen,
}
