"""The rows that go to the database, by kind, and the statement that takes each kind in.

A row lives in the outbox as the JSON object of its columns. A statement takes a JSON array of rows,
so moving a thousand of them costs this process one concatenation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from pricing.wine.estimate import RequestWarning
from pricing.wine.request import Wine
from serving.payloads.schemas import Interval


class PredictionRow(msgspec.Struct):
    """One row of `wine_predictions`. Prices are USD, `created_at` is UTC."""

    request_id: str
    country: str
    description: str
    province: str
    millesime: str
    variety: str | None
    winery: str | None
    region: str | None
    designation: str | None
    points: float | None
    predicted_price: float
    interval_low: float
    interval_high: float
    interval_coverage: float
    expected_error: float
    model_version: str
    latency_ms: float
    warnings: Sequence[RequestWarning]
    client: str | None
    created_at: str


class FeedbackRow(msgspec.Struct):
    """One row of `wine_feedback`."""

    request_id: str
    actual_price: float
    received_at: str
    client: str | None
    source: str


class ShadowRow(msgspec.Struct):
    """One row of `wine_shadow_predictions`."""

    request_id: str
    model_version: str
    predicted_price: float
    expected_error: float
    created_at: str


Row = PredictionRow | FeedbackRow | ShadowRow

PREDICTION: Final = "prediction"
FEEDBACK: Final = "feedback"
SHADOW: Final = "shadow"

KINDS: Final[dict[str, tuple[type[Any], str, str]]] = {
    PREDICTION: (PredictionRow, "wine_predictions", "(request_id)"),
    FEEDBACK: (FeedbackRow, "wine_feedback", "(request_id)"),
    SHADOW: (ShadowRow, "wine_shadow_predictions", "(request_id, model_version)"),
}

_encode = msgspec.json.Encoder().encode


def insert_statement(kind: str) -> str:
    """The statement that inserts a JSON array of rows ($1, text) and skips those already there.

    The types are those of the table's columns, which the migrations alone say.
    """
    row, table, key = KINDS[kind]
    names = ", ".join(row.__struct_fields__)
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} "  # noqa: S608 - names are those of this module
        f"FROM json_populate_recordset(NULL::{table}, $1::text::json) ON CONFLICT {key} DO NOTHING"
    )


def prediction_row(
    wine: Wine,
    price: float,
    interval: Interval,
    *,
    expected_error: float,
    request_id: str,
    warnings: Sequence[RequestWarning],
    model_version: str,
    latency_ms: float,
    client: str | None,
    created_at: str,
) -> bytes:
    """The inference log's row for one answer."""
    return encode_row(
        PredictionRow(
            request_id,
            wine.country,
            wine.description,
            wine.province,
            str(wine.millesime),
            wine.variety,
            wine.winery,
            wine.region,
            wine.designation,
            wine.points,
            price,
            interval.low,
            interval.high,
            interval.coverage,
            expected_error,
            model_version,
            latency_ms,
            warnings,
            client,
            created_at,
        )
    )


def encode_row(row: Row) -> bytes:
    """A row as JSON. PostgreSQL has no NUL in its texts, so they are left out rather than the row."""
    payload = _encode(row)
    return payload if b"\\u0000" not in payload else _encode(_without_nul(row))


def _without_nul(row: Row) -> Row:
    values = msgspec.to_builtins(row)
    cleaned = {
        name: value.replace("\0", "") if isinstance(value, str) else value for name, value in values.items()
    }
    return type(row)(**{**cleaned, **_cleaned_warnings(row)})


def _cleaned_warnings(row: Row) -> dict[str, Any]:
    if not isinstance(row, PredictionRow):
        return {}
    texts = ({**msgspec.to_builtins(warning)} for warning in row.warnings)
    return {
        "warnings": [{key: text and text.replace("\0", "") for key, text in given.items()} for given in texts]
    }
