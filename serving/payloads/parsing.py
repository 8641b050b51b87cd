"""From the bytes of a body to wines: one decode where the body is right, every error where it is not."""

from __future__ import annotations

import codecs
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from pricing.errors import FieldError, InvalidWine
from pricing.wine.estimate import RequestWarning
from pricing.wine.request import Wine, parse
from serving.errors import BadRequest, RequestTooLarge

MAX_WINES: Final = 1_000
MAX_BODY_BYTES: Final = 128 * 2**10
"""Of the body of one wine, and of each wine of a batch."""
MAX_BATCH_BYTES: Final = MAX_WINES * 4 * 2**10
MAX_UNKNOWN_FIELDS: Final = 10
"""Unknown fields of a wine that are warned of by name; of the others one warning says how many they are."""
MAX_ERRORS: Final = 20
"""Offending fields that are named; a wine has fewer."""
EXAMPLE: Final = (
    '{"country": "France", "description": "Ripe plum, cedar.", "province": "Bordeaux", "millesime": "2015"}'
)

_NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Price = Annotated[float, Meta(gt=0, le=1_000_000)]

ParsedWine = tuple[Wine, tuple[RequestWarning, ...]]

Wines = Annotated[list[Wine], Meta(max_length=MAX_WINES)]
"""The wines of a batch, for the description of the API: each is decoded for itself."""

_decode_wine = msgspec.json.Decoder(Wine).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    wines: list[msgspec.Raw]


class Feedback(msgspec.Struct, forbid_unknown_fields=True):
    """What a wine really cost, USD a bottle."""

    request_id: Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
    price: Price


_decode_batch = msgspec.json.Decoder(_Batch).decode


def one_wine(body: bytes | msgspec.Raw) -> ParsedWine:
    """The wine of a body, with a warning for each field name that is not known.

    Raises BadRequest with every offending field at once, or RequestTooLarge.
    """
    if len(body) > MAX_BODY_BYTES:
        raise RequestTooLarge(
            f"A wine is at most {MAX_BODY_BYTES:,} bytes of JSON, this one is {len(body):,}."
        )
    try:
        return _decode_wine(body), ()
    except (msgspec.ValidationError, *_NOT_JSON):
        return _with_every_error(json_of(body))


def json_of(body: bytes | msgspec.Raw) -> object:
    """The JSON of a body, with or without a byte order mark. Raises BadRequest."""
    try:
        given: object = msgspec.json.decode(_without_mark(bytes(body)))
    except _NOT_JSON as error:
        raise _not_json(error) from error
    return given


def _without_mark(body: bytes) -> bytes:
    """RFC 8259 lets a reader ignore the mark that some programs write before UTF-8."""
    return body.removeprefix(codecs.BOM_UTF8)


def _with_every_error(given: object) -> ParsedWine:
    try:
        wine, unknown = parse(given)
    except InvalidWine as invalid:
        raise BadRequest(
            "The wine is malformed: " + "; ".join(_sentence(error) for error in invalid.errors) + ".",
            invalid.errors,
        ) from invalid
    warnings = [_unknown(name) for name in unknown[:MAX_UNKNOWN_FIELDS]]
    if len(unknown) > MAX_UNKNOWN_FIELDS:
        more = len(unknown) - MAX_UNKNOWN_FIELDS
        warnings.append(
            RequestWarning("unknown_field", "", f"{more:,} more fields are not known and ignored.")
        )
    return wine, tuple(warnings)


def _sentence(error: FieldError) -> str:
    return f"{error.field}: {error.message}" if error.field else error.message


def _unknown(name: str) -> RequestWarning:
    shown = _shown(name)
    return RequestWarning("unknown_field", shown, f"There is no field {shown!r}; it was ignored.")


def _shown(name: str) -> str:
    return name if len(name) <= 60 else name[:60] + "…"  # noqa: PLR2004 - a message stays readable


def _not_json(error: Exception) -> BadRequest:
    return BadRequest(f"The body is not JSON ({error}). Send an object such as {EXAMPLE}.")


def wines(body: bytes) -> Sequence[msgspec.Raw]:
    """The wines of a batch, each still to be decoded: `{"wines": [...]}`, or the list alone.

    Raises BadRequest or RequestTooLarge.
    """
    body = _without_mark(body)
    try:
        found = _decode_list(body) if body.lstrip()[:1] == b"[" else _decode_batch(body).wines
    except msgspec.ValidationError as error:
        hint = FieldError("wines", f'expected {{"wines": [...]}}, a list of wines ({error})')
        raise BadRequest(f"The batch is malformed: {hint.message}.", [hint]) from error
    except _NOT_JSON as error:
        raise _not_json(error) from error
    if len(found) > MAX_WINES:
        raise RequestTooLarge(
            f"A batch holds at most {MAX_WINES:,} wines, this one has {len(found):,}. Split it."
        )
    return found


def feedback(body: bytes) -> Feedback:
    """A feedback. Raises BadRequest with every offending field at once."""
    given = json_of(body)
    if not isinstance(given, dict):
        raise BadRequest('A feedback is an object: {"request_id": "…", "price": 24.5}.')
    errors = [*_id_errors(given), *_price_errors(given), *_extra_errors(given)]
    if errors:
        raise BadRequest("The feedback is malformed: " + "; ".join(map(_sentence, errors)) + ".", errors)
    return Feedback(str(uuid.UUID(given["request_id"])), float(given["price"]))


def _id_errors(given: dict[str, Any]) -> list[FieldError]:
    try:
        uuid.UUID(given["request_id"])
    except (KeyError, ValueError, AttributeError, TypeError):
        return [FieldError("request_id", "expected the request_id of a prediction, a UUID")]
    return []


def _price_errors(given: dict[str, Any]) -> list[FieldError]:
    try:
        msgspec.convert(given.get("price"), Price)
    except msgspec.ValidationError:
        return [
            FieldError("price", "expected what the bottle cost in USD, a number over 0 and up to 1,000,000")
        ]
    return []


def _extra_errors(given: dict[str, Any]) -> list[FieldError]:
    unknown = [name for name in given if name not in Feedback.__struct_fields__]
    return [FieldError(_shown(name), "there is no such field") for name in unknown[:MAX_ERRORS]]
