"""A Prefect server whose SQLite is locked answers late or 503: the call waits for it."""

from __future__ import annotations

import httpx
import pytest

from deployments.prefect_api import PrefectApi, PrefectError


def test_a_busy_server_is_asked_again() -> None:
    answers = [httpx.Response(503, headers={"Retry-After": "0"}), httpx.Response(200, json=[{"name": "a"}])]
    api = PrefectApi("http://prefect/api", transport=httpx.MockTransport(lambda _: answers.pop(0)))
    assert api.deployments() == [{"name": "a"}]
    assert not answers


def test_an_answer_may_take_longer_than_prefect_waits_for_its_lock() -> None:
    limits: list[float] = []

    def late(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("timed out")

    api = PrefectApi("http://prefect/api", transport=httpx.MockTransport(late))
    with pytest.raises(PrefectError, match="did not answer POST /deployments/filter within 90 s"):
        api.deployments()
    assert not api.healthy()
    asked, health = limits
    assert health < 60 < asked
