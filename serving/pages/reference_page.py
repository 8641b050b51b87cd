"""The pages at `/docs` and `/docs/problems`: what programs can ask, and what a refusal means."""

from __future__ import annotations

import html
import re
from functools import cache
from http import HTTPStatus
from typing import Final

from serving.pages.assets import digest
from serving.pages.template import render
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
    "request-too-large": "Send fewer wines in a batch, or shorter texts.",
    "too-many-requests": (
        "Wait for the number of seconds in the `Retry-After` header, then go on more slowly, or put"
        " many wines into one batch."
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


@cache
def reference_page() -> bytes:
    """The HTML of `/docs`."""
    return render("docs.html", {"assets": f"assets/{digest()}"}).encode()


@cache
def problems_page() -> bytes:
    """The HTML of `/docs/problems`, with one anchor for each `type` that a problem can have."""
    ours = [(slug, status, title) for status, slug, title in STATUSES.values()]
    others = [
        (status.phrase.lower().replace(" ", "-"), int(status), status.phrase)
        for status in (HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.INTERNAL_SERVER_ERROR)
    ]
    sections = [
        render(
            "problem.html",
            {"slug": slug, "status": str(status), "title": title, "advice": _prose(ADVICE[slug])},
        )
        for slug, status, title in sorted([*ours, *others], key=lambda entry: entry[1])
    ]
    return render("problems.html", {"assets": f"assets/{digest()}", "problems": "".join(sections)}).encode()


def _prose(text: str) -> str:
    """HTML of a text in which backticks stand around code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
