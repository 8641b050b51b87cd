"""Bodies in and answers out, at the level of ASGI messages: what the hot routes and the edge need of HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from litestar.types import Receive, Scope, Send

from serving.errors import BadRequest, MethodNotAllowed, RequestRefused, RequestTooLarge
from serving.payloads import problems
from serving.payloads.problems import Problem

JSON: Final = (b"content-type", b"application/json")
Headers = Sequence[tuple[bytes, bytes]]


async def read_body(receive: Receive, limit: int) -> bytes:
    """A request's whole body. Raises RequestTooLarge beyond `limit` bytes.

    How long it may take is the business of `serving.http.protocol`.
    """
    message = await receive()
    body: bytes = message.get("body", b"")  # type: ignore[assignment]
    if not message.get("more_body", False) and len(body) <= limit:
        return body
    parts = bytearray(body)
    while message.get("more_body", False) and len(parts) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The connection ended before the body was complete.")
        parts += message.get("body", b"")  # type: ignore[arg-type]
    if len(parts) > limit:
        raise RequestTooLarge(
            f"The body is over the limit of {limit:,} bytes. Shorten its texts, or split a batch."
        )
    return bytes(parts)


def check_method(scope: Scope, *allowed: str) -> None:
    """Raise MethodNotAllowed unless the request's method is one of `allowed`."""
    method: str = scope["method"]  # type: ignore[typeddict-item]
    if method not in allowed:
        raise MethodNotAllowed(method, allowed)


async def send_json(send: Send, body: bytes, *, status: int = 200, headers: Headers = (JSON,)) -> None:
    """Answer with JSON that is encoded already."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_problem(send: Send, problem: Problem, headers: Headers = ()) -> None:
    """Answer with a problem."""
    media_type = (b"content-type", problems.MEDIA_TYPE.encode())
    await send_json(send, msgspec.json.encode(problem), status=problem.status, headers=[media_type, *headers])


async def send_refusal(send: Send, refusal: RequestRefused, request_id: str, headers: Headers = ()) -> None:
    """Answer with the problem of a refused request."""
    own = problems.headers_of(refusal)
    await send_problem(send, problems.of_refusal(refusal, request_id), [*own, *headers])
