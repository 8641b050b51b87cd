"""What a body means, and what is said of one that means nothing."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import BadRequest, RequestTooLarge
from serving.payloads import parsing

WINE = {"country": "France", "description": "Ripe plum.", "province": "Bordeaux", "millesime": 2015}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def encoded(**changes: object) -> bytes:
    return json.dumps({**WINE, **changes}).encode()


def test_a_wine_without_complaint() -> None:
    wine, warnings = parsing.one_wine(encoded(points=92))
    assert (wine.country, wine.points, warnings) == ("France", 92, ())


def test_an_unknown_field_is_ignored_with_a_warning() -> None:
    wine, warnings = parsing.one_wine(encoded(varietal="Merlot"))
    assert wine.variety is None
    assert [(warning.code, warning.field) for warning in warnings] == [("unknown_field", "varietal")]


def test_every_offending_field_is_named_at_once() -> None:
    with pytest.raises(BadRequest) as caught:
        parsing.one_wine(b'{"country": 3, "description": "x", "points": 120}')
    assert {error.field for error in caught.value.errors} == {"country", "province", "millesime", "points"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"country": "\xed\xa0\x80"}', b"[" * 100_000])
def test_what_is_not_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(BadRequest, match="not JSON"):
        parsing.one_wine(body)


def complaint(body: bytes) -> BadRequest | None:
    """What is said of a body as a wine, if anything; no other error may come of it."""
    try:
        parsing.one_wine(body)
    except BadRequest as refusal:
        return refusal
    return None


@given(JSON)
def test_any_json_is_a_wine_or_a_complaint(anything: object) -> None:
    refusal = complaint(json.dumps(anything).encode())
    assert refusal is None or str(refusal)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*WINE, "points", "winery"], JSON)))
def test_any_values_in_the_right_fields_are_a_wine_or_a_complaint(changes: dict[str, object]) -> None:
    refusal = complaint(json.dumps({**WINE, **changes}).encode())
    assert refusal is None or {error.field for error in refusal.errors} <= set(changes)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_wine_or_a_complaint(body: bytes) -> None:
    refusal = complaint(body)
    assert refusal is None or str(refusal)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_a_complaint(body: bytes) -> None:
    with suppress(BadRequest):
        parsing.wines(body)


def test_a_batch_comes_as_an_object_or_as_a_list() -> None:
    assert len(parsing.wines(json.dumps({"wines": [WINE, {}]}).encode())) == 2
    assert len(parsing.wines(json.dumps([WINE]).encode())) == 1


def test_a_batch_has_its_limit() -> None:
    with pytest.raises(RequestTooLarge, match="1,001"):
        parsing.wines(json.dumps([{}] * 1_001).encode())


def test_feedback_names_what_is_wrong_with_it() -> None:
    with pytest.raises(BadRequest) as caught:
        parsing.feedback(b'{"request_id": "7", "price": -1, "prize": 2}')
    assert [error.field for error in caught.value.errors] == ["request_id", "price", "prize"]


def test_the_same_id_in_other_letters_is_the_same_feedback() -> None:
    lower = '{"price": 20, "request_id": "0b7a2b1e-53a1-4f43-9d7e-5f3f4f8f2d10"}'
    upper = lower.replace("0b7a2b1e", "0B7A2B1E").replace("5f3f4f8f2d10", "5F3F4F8F2D10")
    assert parsing.feedback(lower.encode()) == parsing.feedback(upper.encode())
