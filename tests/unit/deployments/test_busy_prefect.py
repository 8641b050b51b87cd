"""A Prefect server whose SQLite is locked answers 503: the call waits for it."""

from __future__ import annotations

import httpx

from deployments.prefect_api import PrefectApi


def test_a_busy_server_is_asked_again() -> None:
    answers = [httpx.Response(503, headers={"Retry-After": "0"}), httpx.Response(200, json=[{"name": "a"}])]
    api = PrefectApi("http://prefect/api", transport=httpx.MockTransport(lambda _: answers.pop(0)))
    assert api.deployments() == [{"name": "a"}]
    assert not answers
