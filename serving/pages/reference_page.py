"""The pages at `/docs` and `/docs/problems`: what programs can ask, and what a refusal means."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from serving.payloads.problems import STATUSES

ADVICE: Final = {
    "bad-request": (
        "The body is not JSON, or fields of the wine are missing or wrong. Correct every field that"
        " `errors` names, and send it again."
    ),
    "unauthorized": (
        "Send the key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`. Who runs the "
        "service makes keys with `python -m serving.access.new_key NAME`."
    ),
    "method-not-allowed": (
        "The address is right, the method is not. The `Allow` header lists those that are answered."
    ),
    "forbidden": (
        "A page of another site sent this. Who runs the service lets other sites in with `CORS_ORIGINS`;"
        " programs send no `Origin` and are not concerned."
    ),
    "unsupported-media-type": (
        "Send JSON with the header `Content-Type: application/json`, and uncompressed."
    ),
    "request-too-large": "Send fewer wines in a batch, or shorter texts.",
    "too-many-requests": (
        "Wait for the number of seconds in the `Retry-After` header, then go on more slowly, or put"
        " many wines into one batch."
    ),
    "overloaded": (
        "The service has as many batches in work as it can hold. Wait for the seconds in `Retry-After`."
    ),
    "model-not-loaded": (
        "The service has not been given a model. Train one and promote it; `/health` says what is "
        "missing. Ask again in a minute."
    ),
    "not-recorded": (
        "The disk of the service is full, or its outbox is. Nothing was kept: send it again later."
    ),
    "not-found": "There is nothing at this address. The API reference lists what there is.",
    "request-timeout": "The request came in too slowly and was given up. Send it again in one piece.",
    "internal-server-error": (
        "The service failed in a way nobody foresaw. Report the request id; its log says why."
    ),
}
"""What to do about a problem, by the last part of its `type`."""


def problem_types() -> list[dict[str, Any]]:
    """Every `type` that a problem can have, by status: its slug, status, title and what to do about it."""
    ours = [(slug, status, title) for status, slug, title in STATUSES.values()]
    others = [
        (status.phrase.lower().replace(" ", "-"), int(status), status.phrase)
        for status in (HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.INTERNAL_SERVER_ERROR)
    ]
    return [
        {"slug": slug, "status": status, "title": title, "advice": ADVICE[slug]}
        for slug, status, title in sorted([*ours, *others], key=lambda entry: entry[1])
    ]
