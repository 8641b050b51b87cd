"""How a refusal reads to a client: RFC 9457 problem details. Errors meet HTTP here and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from pricing.errors import FieldError
from serving.errors import (
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    ModelNotLoaded,
    NotRecorded,
    Overloaded,
    RequestRefused,
    RequestTooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)

log = logging.getLogger(__name__)

_UNFORESEEN: Final = (
    "The service failed on this request; it has been logged under its request id. Send it again, and if "
    "it fails again tell whoever runs the service that id."
)
MEDIA_TYPE: Final = "application/problem+json"

STATUSES: Final[dict[type[RequestRefused], tuple[int, str, str]]] = {
    BadRequest: (400, "bad-request", "The request is malformed"),
    Unauthorized: (401, "unauthorized", "An API key is needed"),
    MethodNotAllowed: (405, "method-not-allowed", "The method is not answered here"),
    Forbidden: (403, "forbidden", "This may not be sent from there"),
    RequestTooLarge: (413, "request-too-large", "The request is too large"),
    UnsupportedMediaType: (415, "unsupported-media-type", "The body is not JSON"),
    TooManyRequests: (429, "too-many-requests", "Too many requests"),
    Overloaded: (503, "overloaded", "The service is busy"),
    ModelNotLoaded: (503, "model-not-loaded", "No model is loaded yet"),
    NotRecorded: (503, "not-recorded", "What was sent could not be stored"),
}


class Problem(msgspec.Struct, omit_defaults=True):
    """Problem details of RFC 9457, with every offending field and the request's id."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str = ""
    errors: Sequence[FieldError] = ()


def of_refusal(refusal: RequestRefused, request_id: str = "") -> Problem:
    """The problem of a refused request."""
    status, slug, title = STATUSES[type(refusal)]
    errors = refusal.errors if isinstance(refusal, BadRequest) else ()
    return Problem(_type(slug), title, status, str(refusal), request_id, errors)


def example(status: int, request_id: str, detail: str) -> Problem:
    """A problem of this status, for the description of the API."""
    for known, slug, title in STATUSES.values():
        if known == status:
            return Problem(_type(slug), title, status, detail, request_id)
    return of_status(status, detail, request_id)


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem as a JSON object."""
    found: dict[str, Any] = msgspec.to_builtins(problem)
    return found


def of_status(status: int, detail: str = "", request_id: str = "") -> Problem:
    """The problem of a status that no refusal of ours stands for."""
    phrase = HTTPStatus(status).phrase
    return Problem(_type(phrase.lower().replace(" ", "-")), phrase, status, detail or phrase, request_id)


def of_error(error: Exception, request_id: str = "") -> Problem:
    """The problem of whatever kept a request from its answer. What nobody foresaw is logged."""
    if isinstance(error, RequestRefused):
        return of_refusal(error, request_id)
    log.error("A request failed in a way nobody foresaw", exc_info=error)
    return of_status(500, _UNFORESEEN, request_id)


def headers_of(refusal: RequestRefused) -> list[tuple[bytes, bytes]]:
    """Headers that a refusal's status calls for."""
    if isinstance(refusal, TooManyRequests | Overloaded):
        return [(b"retry-after", str(refusal.retry_after).encode())]
    if isinstance(refusal, Unauthorized):
        return [(b"www-authenticate", b'Bearer realm="wine"')]
    if isinstance(refusal, MethodNotAllowed):
        return [(b"allow", ", ".join(refusal.allowed).encode())]
    if isinstance(refusal, UnsupportedMediaType) and refusal.accept_encoding:
        return [(b"accept-encoding", refusal.accept_encoding.encode())]
    return []


def _type(slug: str) -> str:
    return f"/docs/problems#{slug}"
