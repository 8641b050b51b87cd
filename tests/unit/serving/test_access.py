"""Who may ask, how often, and under which name the log knows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from configuration.errors import SettingsError
from serving.access.api_keys import ApiKeys, new_key
from serving.access.client_identity import ClientNames, networks
from serving.access.client_salt import client_salt
from serving.access.rate_limit import CLIENTS_AT_MOST, RateLimit
from serving.access.webhook_signature import WebhookGate
from serving.errors import TooManyRequests, Unauthorized


def test_several_keys_are_good_at_once_and_only_hashes_are_kept() -> None:
    (old, old_hash), (new, new_hash) = new_key(), new_key()
    keys = ApiKeys.parse(f"shop=sha256:{'0' * 64}, shop-old={old_hash},shop-new={new_hash}")
    assert keys.holder({b"authorization": f"Bearer {old}".encode()}) == "shop-old"
    assert keys.holder({b"x-api-key": new.encode()}) == "shop-new"
    assert old not in old_hash


@pytest.mark.parametrize(
    "headers",
    [{}, {b"authorization": b"Basic abc"}, {b"authorization": b"Bearer "}, {b"x-api-key": b"wrong"}],
)
def test_no_key_and_a_wrong_key_are_refused(headers: dict[bytes, bytes]) -> None:
    with pytest.raises(Unauthorized):
        ApiKeys.parse(f"shop={new_key()[1]}").holder(headers)


@pytest.mark.parametrize(
    "given", ["shop", "shop=secret", "shop=sha256:12", f"a=sha256:{'0' * 64},a=sha256:{'1' * 64}"]
)
def test_malformed_keys_are_named_without_showing_them(given: str) -> None:
    with pytest.raises(SettingsError, match="API_KEYS") as caught:
        ApiKeys.parse(given)
    assert "secret" not in str(caught.value)


def test_a_burst_is_let_through_and_then_the_pace_is_kept() -> None:
    now = [0.0]
    limit = RateLimit(60, 3, clock=lambda: now[0])
    for _ in range(3):
        limit.take("shop")
    with pytest.raises(TooManyRequests) as caught:
        limit.take("shop")
    assert caught.value.retry_after == 1
    limit.take("another")
    now[0] = 1.0
    limit.take("shop")


def test_a_batch_is_waited_off() -> None:
    now = [0.0]
    limit = RateLimit(60, 10, clock=lambda: now[0])
    limit.take("shop")
    limit.charge("shop", 99)
    with pytest.raises(TooManyRequests) as caught:
        limit.take("shop")
    assert caught.value.retry_after == 91


def test_the_memory_of_clients_is_bounded() -> None:
    limit = RateLimit(60, 3, clock=lambda: 0.0)
    for number in range(CLIENTS_AT_MOST + 500):
        limit.take(str(number))
    assert len(limit._buckets) == CLIENTS_AT_MOST


def test_no_limit_costs_nothing_and_refuses_nobody() -> None:
    limit = RateLimit(0, 1)
    for _ in range(100):
        limit.take("shop")


def names(trusted: str = "") -> ClientNames:
    return ClientNames(b"salt", networks(trusted))


def test_the_forwarded_address_counts_only_behind_a_trusted_proxy() -> None:
    headers = {b"x-forwarded-for": b"6.6.6.6, 203.0.113.9, 10.0.0.7"}
    assert names().address("198.51.100.1", headers) == "198.51.100.1"
    assert names("10.0.0.0/8").address("198.51.100.1", headers) == "198.51.100.1"
    assert names("10.0.0.0/8").address("10.0.0.1", headers) == "203.0.113.9", "the first hop nobody trusts"
    assert names("10.0.0.0/8").address("10.0.0.1", {}) == "10.0.0.1"
    assert names("10.0.0.0/8").address("10.0.0.1", {b"x-forwarded-for": b"<script>"}) == "10.0.0.1"


def test_names_tell_clients_apart_and_give_no_address_away() -> None:
    made = names()
    assert made.name_of("203.0.113.9") == made.name_of("203.0.113.9") != made.name_of("203.0.113.8")
    assert made.name_of("2001:db8::1") == made.name_of("2001:db8::2"), "one household, one /64"
    assert "203.0.113.9" not in made.name_of("203.0.113.9")
    assert ClientNames(b"other", ()).name_of("203.0.113.9") != made.name_of("203.0.113.9")


def test_the_salt_of_an_installation_stays(tmp_path: Path) -> None:
    first = client_salt("", tmp_path)
    assert first == client_salt("", tmp_path)
    assert (tmp_path / "client-salt").stat().st_mode & 0o077 == 0
    assert client_salt("own", tmp_path) == b"own"


def test_malformed_networks_are_named() -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        networks("10.0.0.0/33")


class TestWebhook:
    gate = WebhookGate("s3cret", clock=lambda: 1_000.0)

    def headers(self, delivery: str, timestamp: str = "1000", body: bytes = b"{}") -> dict[str, str]:
        return {
            "x-mlflow-delivery-id": delivery,
            "x-mlflow-timestamp": timestamp,
            "x-mlflow-signature": self.gate.signature(delivery, timestamp, body),
        }

    def test_a_signed_delivery_passes_once(self) -> None:
        self.gate.check(self.headers("a"), b"{}")
        with pytest.raises(Unauthorized, match="been here before"):
            self.gate.check(self.headers("a"), b"{}")

    def test_another_body_an_old_one_and_no_signature_are_refused(self) -> None:
        with pytest.raises(Unauthorized, match="signature"):
            self.gate.check(self.headers("b"), b"{ }")
        with pytest.raises(Unauthorized, match="too old"):
            self.gate.check(self.headers("c", timestamp="10"), b"{}")
        with pytest.raises(Unauthorized):
            self.gate.check({}, b"{}")

    def test_without_a_secret_nothing_passes(self) -> None:
        open_gate = WebhookGate("", clock=lambda: 1_000.0)
        headers = self.headers("d") | {"x-mlflow-signature": open_gate.signature("d", "1000", b"{}")}
        with pytest.raises(Unauthorized):
            open_gate.check(headers, b"{}")
