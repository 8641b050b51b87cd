"""What is said of a request that never becomes one: with the id, headers and counts of every other answer."""

from __future__ import annotations

from typing import Final

import msgspec

from serving.http.context import RequestContext
from serving.http.endings import Ending
from serving.http.fast_path import rendered as rendered_head
from serving.http.middleware import UNMATCHED, Headers, Middleware
from serving.payloads import problems

RETRY_SECONDS: Final = 5
_UNAVAILABLE: Final = 503


def rendered(middleware: Middleware, ending: Ending, context: RequestContext, common: Headers) -> bytes:
    """The bytes of the answer, after which the connection closes. It is counted and logged."""
    status, detail = ending
    body = msgspec.json.encode(problems.of_status(status, detail, context.request_id))
    own = [(b"retry-after", str(RETRY_SECONDS).encode())] if status == _UNAVAILABLE else []
    head = rendered_head(
        status,
        [
            *common,
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *own,
            *middleware.headers,
            (b"x-request-id", context.correlation_id.encode()),
        ],
    )
    context.status = status
    middleware.close(context, "", "", UNMATCHED)
    return head + b"\r\n" + body
