"""The same answer by every way: the fast path, the handler, and the handler under another server's hands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest

from serving.access.api_keys import new_key
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service
from tests.serving_kit.sockets import Answer, Client

pytestmark = pytest.mark.integration

KEY, KEY_HASH = new_key()
BODY = msgspec.json.encode(WINE)
GOOD = f"X-API-Key: {KEY}"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Odd:
    """A request that is not quite as usual."""

    status: int
    body: bytes = BODY
    headers: tuple[str, ...] = (GOOD,)
    query: str = ""


ODD = {
    "plain": Odd(200),
    "explained": Odd(200, query="?explain=true"),
    "with a charset": Odd(200, headers=(GOOD, "Content-Type: application/json; charset=utf-8")),
    "another JSON": Odd(200, headers=(GOOD, "Content-Type: application/vnd.wine+json")),
    "upper-case type": Odd(200, headers=(GOOD, "Content-Type: Application/JSON")),
    "bearer": Odd(200, headers=(f"Authorization: Bearer {KEY}",)),
    "lower-case bearer": Odd(200, headers=(f"Authorization: bearer {KEY}",)),
    "both, one wrong": Odd(200, headers=("Authorization: Basic eDp5", GOOD)),
    "byte order mark": Odd(200, BOM + BODY),
    "white space": Odd(200, b" \r\n\t" + BODY + b"\n"),
    "null options": Odd(200, msgspec.json.encode({**WINE, "points": None, "winery": None})),
    "year as a float": Odd(200, msgspec.json.encode({**WINE, "millesime": 2018.0})),
    "year as the text of a float": Odd(200, msgspec.json.encode({**WINE, "millesime": "2018.0"})),
    "no vintage": Odd(200, msgspec.json.encode({**WINE, "millesime": "NV"})),
    "unknown fields": Odd(200, msgspec.json.encode({**WINE, **{f"f{n}": n for n in range(5_000)}})),
    "a long unknown field": Odd(200, msgspec.json.encode({**WINE, "x" * 10_000: 1})),
    "key twice in JSON": Odd(200, BODY[:-1] + b',"country":"Italy"}'),
    "a request id": Odd(200, headers=(GOOD, "X-Request-ID: cart-7")),
    "a strange request id": Odd(200, headers=(GOOD, "X-Request-ID: <script>")),
    "two request ids": Odd(200, headers=(GOOD, "X-Request-ID: a", "X-Request-ID: b")),
    "an accept that nobody has": Odd(200, headers=(GOOD, "Accept: image/png")),
    "identity": Odd(200, headers=(GOOD, "Content-Encoding: identity")),
    "its own page": Odd(200, headers=(GOOD, "Origin: http://localhost", "Sec-Fetch-Site: same-origin")),
    "its own page, old browser": Odd(200, headers=(GOOD, "Origin: http://localhost")),
    "empty": Odd(400, b""),
    "no JSON": Odd(400, b"["),
    "a list": Odd(400, b"[]"),
    "null": Odd(400, b"null"),
    "nothing in it": Odd(400, b"{}"),
    "wrong types": Odd(400, b'{"country": 1, "province": [], "description": {}, "millesime": true}'),
    "not UTF-8": Odd(400, b'{"country": "\xff"}'),
    "half a surrogate": Odd(400, b'{"country": "\\ud800"}'),
    "UTF-16": Odd(400, BODY.decode().encode("utf-16")),
    "deep": Odd(400, b"[" * 60_000),
    "a long year": Odd(400, msgspec.json.encode({**WINE, "millesime": " " * 50_000 + "x"})),
    "a long note": Odd(400, msgspec.json.encode({**WINE, "description": "a" * 100_000})),
    "a huge number": Odd(400, BODY[:-1] + b',"points":' + b"9" * 5_000 + b"}"),
    "marks alone": Odd(400, BOM * 40_000),
    "too large": Odd(413, b" " * 131_073),
    "no key": Odd(401, headers=()),
    "a wrong key": Odd(401, headers=("X-API-Key: no",)),
    "an empty bearer": Odd(401, headers=("Authorization: Bearer ",)),
    "another scheme": Odd(401, headers=("Authorization: Basic eDp5",)),
    "no key and no JSON": Odd(401, b"[", headers=()),
    "text": Odd(415, headers=(GOOD, "Content-Type: text/plain")),
    "a form": Odd(415, headers=(GOOD, "Content-Type: application/x-www-form-urlencoded")),
    "another charset": Odd(415, headers=(GOOD, "Content-Type: application/json; charset=latin-1")),
    "gzip": Odd(415, headers=(GOOD, "Content-Encoding: gzip")),
    "another site": Odd(403, headers=(GOOD, "Origin: https://evil.example")),
    "another site, as browsers say": Odd(403, headers=(GOOD, "Sec-Fetch-Site: cross-site")),
    "nobody's page": Odd(403, headers=(GOOD, "Origin: null")),
    **{f"explain={value}": Odd(200, query=f"?explain={value}") for value in (
        "True", "TRUE", "1", "yes", "on", "false", "False", "0", "no", "off")},
    **{f"explain={value}": Odd(400, query=f"?explain={value}") for value in ("banana", "2", "tru")},
    "noexplain": Odd(200, query="?noexplain=true"),
}  # fmt: skip

WAYS = {
    "plain": ("/predict", ()),
    "by the handler": ("/predict", ("Expect: 100-continue",)),
    "closing": ("/predict", ("Connection: close",)),
    "another spelling": ("//predict/", ()),
    "an offer": ("/predict", ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAA")),
}
VARYING = {"date", "x-request-id", "connection"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("ways") / "state"
    keep_in_cache(state)
    with service(state, {"API_KEYS": f"shop={KEY_HASH}", "LOG_LEVEL": "WARNING"}) as running:
        yield running


def asked(running: Process, way: str, odd: Odd) -> Answer:
    path, extra = WAYS[way]
    headers = "".join(f"{header}\r\n" for header in (*odd.headers, *extra))
    length = f"Content-Length: {len(odd.body)}"
    head = f"POST {path}{odd.query} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n{headers}\r\n"
    with Client(running.port) as client:
        client.send(head.encode() + odd.body)
        answer = client.answer()
        return client.answer() if answer.status == 100 else answer


def told(answer: Answer) -> tuple[int, dict[str, str], object]:
    """An answer without what differs from one to the next."""
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
    body = json.loads(re.sub(rb"[0-9a-f]{8}-[0-9a-f-]{27}", b"<id>", answer.body))
    return answer.status, headers, body


@pytest.mark.parametrize("name", ODD)
def test_the_answer_does_not_depend_on_the_way(name: str, guarded: Process) -> None:
    odd = ODD[name]
    first = asked(guarded, "plain", odd)
    assert first.status == odd.status, first.body
    for way in WAYS:
        assert told(asked(guarded, way, odd)) == told(first), way


def test_warnings_are_few_whatever_is_sent(guarded: Process) -> None:
    warnings = asked(guarded, "plain", ODD["unknown fields"]).json()["warnings"]
    unknown = [warning for warning in warnings if warning["code"] == "unknown_field"]
    assert len(unknown) == 11
    assert "4,990 more" in unknown[-1]["message"]


def test_explanations_come_to_those_who_ask(guarded: Process) -> None:
    for value, wanted in (("True", True), ("1", True), ("yes", True), ("false", False), ("0", False)):
        body = asked(guarded, "plain", ODD[f"explain={value}"]).json()
        assert ("explanation" in body) is wanted, value
    assert "explanation" not in asked(guarded, "plain", ODD["noexplain"]).json()
