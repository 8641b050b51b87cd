"""Nobody holds a connection, says more than a request, or takes somebody else's answer."""

from __future__ import annotations

import uuid
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import msgspec
import pytest

from serving.access.api_keys import new_key
from tests.pace import patience
from tests.serving_kit.load import WINE, request_bytes
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service, wait_for
from tests.serving_kit.sockets import Client, statuses

pytestmark = pytest.mark.integration

BODY = msgspec.json.encode(WINE)
PREDICT = request_bytes("POST", "/predict", BODY)
LIVE = request_bytes("GET", "/health/live", b"")
OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"
KEY, KEY_HASH = new_key()


def chunked(path: str, *headers: str, trailers: str = "") -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{lines}\r\n".encode()
    half = len(BODY) // 2
    parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:]))
    return head + parts + b"0\r\n" + trailers.encode() + b"\r\n"


def sends(client: Client, data: bytes) -> bool:
    """Whether a connection still takes bytes."""
    try:
        client.send(data)
    except OSError:
        return False
    return True


class TestUpgrade:
    @pytest.mark.parametrize("request_", [
        request_bytes("POST", "/predict", BODY, [OFFER]),
        request_bytes("POST", "/predict/", BODY, [OFFER]),
        chunked("/predict", OFFER),
        request_bytes("POST", "/predict", BODY, ["Connection: upgrade", "Upgrade: websocket"]),
    ], ids=["length", "by the handler", "chunks", "websocket"])  # fmt: skip
    def test_an_offer_is_ignored_and_its_body_read(self, request_: bytes, running: Process) -> None:
        with Client(running.port) as client:
            client.send(request_, LIVE, request_, PREDICT)
            assert [client.answer().status for _ in range(4)] == [200] * 4

    def test_it_may_come_byte_by_byte(self, running: Process) -> None:
        with Client(running.port) as client:
            whole = chunked("/predict", OFFER)
            client.send(*(whole[at : at + 1] for at in range(len(whole))))
            assert client.answer().json()["prediction"] > 0

    def test_its_body_is_no_request_of_its_own(self, running: Process) -> None:
        smuggled = request_bytes("POST", "/feedback", b"{}")
        with Client(running.port) as client:
            client.send(request_bytes("POST", "/predict", smuggled, [OFFER]), LIVE)
            assert "not JSON" in client.answer().json()["detail"]
            assert client.answer().json() == {"status": "OK"}, "the next request is the next answer"

    def test_many_offers_at_once_are_answered(self, running: Process) -> None:
        with Client(running.port) as client:
            client.send(request_bytes("GET", "/health/live", b"", [OFFER]) * 500)
            assert {client.answer().status for _ in range(500)} == {200}

    def test_this_is_no_proxy(self, running: Process) -> None:
        with Client(running.port) as client:
            client.send(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n" + LIVE)
            assert statuses(client.rest()) == [400]


class TestTrailers:
    def test_they_are_no_headers(self, tmp_path: Path) -> None:
        state = tmp_path / "state"
        keep_in_cache(state)
        settings = {
            "API_KEYS": f"shop={KEY_HASH}", "TRUSTED_PROXIES": "127.0.0.1", "RATE_LIMIT_PER_MINUTE": "1",
            "RATE_LIMIT_BURST": "3",
        }  # fmt: skip
        with service(state, settings) as running, Client(running.port) as client:
            client.send(chunked("/predict", trailers=f"X-API-Key: {KEY}\r\n"))
            assert client.answer().status == 401
            for number in range(5):
                client.send(chunked("/predict", trailers=f"X-Forwarded-For: 203.0.113.{number}\r\n"))
            assert [client.answer().status for _ in range(5)] == [401, 401, 429, 429, 429]


class TestHeldConnections:
    def test_who_never_reads_is_cut_off(self, running: Process) -> None:
        aborted = running.metric("wine_aborted_connections_total")
        with ExitStack() as stack:
            for _ in range(5):
                client = stack.enter_context(Client(running.port, seconds=0.5, receive_buffer=4_096))
                with suppress(TimeoutError):
                    client.send(request_bytes("GET", "/openapi.json", b"") * 2_000)
            wait_for(
                lambda: running.metric("wine_aborted_connections_total") >= aborted + 5, what="5 aborted"
            )
            assert (
                httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).status_code == 200
            )

    @pytest.mark.parametrize(
        "first", [b"", LIVE, PREDICT], ids=["new", "after a handler", "after the fast path"]
    )
    def test_empty_lines_hold_nothing(self, first: bytes, running: Process) -> None:
        with Client(running.port) as client:
            client.send(first)
            wait_for(lambda: not sends(client, b"\r\n"), what="the end of the connection", seconds=30)

    def test_a_request_that_does_not_arrive_gets_one_408(self, running: Process) -> None:
        for start in (b"", PREDICT[:20], PREDICT[:-5], LIVE + PREDICT[:-5]):
            with Client(running.port) as client:
                client.send(start)
                assert statuses(client.rest()) == ([200, 408] if start.startswith(LIVE) else [408])

    def test_a_refused_body_that_goes_on_gets_no_second_answer(self, running: Process) -> None:
        with Client(running.port) as client:
            client.send(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n1234")
            assert statuses(client.rest()) == [404]

    def test_idle_connections_give_way(self, running: Process) -> None:
        with ExitStack() as stack:
            held = [stack.enter_context(Client(running.port)) for _ in range(60)]
            for client in held:
                client.send(LIVE)
                client.answer()
            for _ in range(20):
                assert (
                    httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).status_code
                    == 200
                )

    def test_states_are_counted(self, running: Process) -> None:
        with Client(running.port) as client:
            client.send(PREDICT[:30])
            wait_for(
                lambda: running.metric('wine_connections{state="reading"}'), what="a connection being read"
            )


class TestPipelines:
    def test_garbage_waits_for_the_answers_before_it(self, running: Process) -> None:
        for count, request_ in ((5, PREDICT), (5, LIVE), (1, PREDICT)):
            with Client(running.port) as client:
                client.send(request_ * count + b"\x00garbage\r\n\r\n")
                assert statuses(client.rest()) == [200] * count + [400]

    def test_thousands_at_once_are_answered_in_their_order(self, running: Process) -> None:
        ids = [f"cart-{number}" for number in range(2_000)]
        sent = [request_bytes("GET", "/health/live", b"", [f"X-Request-ID: {one}"]) for one in ids]
        with Client(running.port, seconds=60) as client:
            client.send(b"".join(sent))
            assert [client.answer().headers["x-request-id"] for _ in ids] == ids

    def test_a_broken_body_waits_too(self, running: Process) -> None:
        broken = b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        with Client(running.port) as client:
            client.send(PREDICT + LIVE + broken)
            assert statuses(client.rest()) == [200, 200, 400]

    def test_who_has_said_all_still_reads_the_answers(self, running: Process) -> None:
        for requests in ([PREDICT], [PREDICT, LIVE, PREDICT], [LIVE]):
            with Client(running.port) as client:
                client.send(b"".join(requests))
                client.end()
                assert statuses(client.rest()) == [200] * len(requests)

    @pytest.mark.parametrize("head", [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n b: folded\r\n",
    ], ids=repr)  # fmt: skip
    def test_lengths_that_servers_read_differently_are_refused(self, head: bytes, running: Process) -> None:
        with Client(running.port) as client:
            client.send(b"POST /predict HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n0\r\n\r\n" + LIVE)
            assert statuses(client.rest()) == [400]


class TestBodies:
    def test_unfinished_bodies_are_bounded_and_small_requests_go_on(self, running: Process) -> None:
        head = b"POST /predict/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
        with ExitStack() as stack:
            for _ in range(8):
                client = stack.enter_context(Client(running.port))
                client.send(head, b" " * 3_900_000)
            wait_for(lambda: running.metric("wine_held_body_bytes") <= 8 * 2**20, what="bodies within bounds")
            assert (
                httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).status_code == 200
            )
        wait_for(lambda: running.metric("wine_held_body_bytes") == 0, what="no body left")


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"NONSENSE\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431)],
)
def test_what_is_no_request_is_answered_and_counted_like_any(
    sent: bytes, status: int, running: Process
) -> None:
    counted = f'wine_requests_total{{route="unmatched",status="{status}"}}'
    before = running.metric(counted)
    with Client(running.port) as client:
        client.send(sent)
        answer = client.answer()
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (
        answer.headers["x-request-id"]
        == answer.json()["request_id"]
        == str(uuid.UUID(answer.json()["request_id"]))
    )
    assert running.metric(counted) == before + 1
