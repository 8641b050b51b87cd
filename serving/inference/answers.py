"""What is made of an estimate: a wine with its figures as they are shown, and the answer as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from pricing.wine.estimate import Estimate, RequestWarning
from pricing.wine.request import Wine
from pricing.wine.schema import CURRENCY
from serving.errors import BadRequest, RequestTooLarge
from serving.models.loading import ServedModel
from serving.payloads import parsing, problems
from serving.payloads.schemas import BatchItem, Interval, ModelName, Prediction

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the log may know, and since when (seconds of the monotonic clock)."""

    client: str | None
    request_id: str
    started: float


class Scored(NamedTuple):
    """A wine with its price and interval as they are shown, under the id by which the log knows them."""

    request_id: str
    wine: Wine
    price: float
    interval: Interval
    expected_error: float
    warnings: Sequence[RequestWarning]
    language: str


def scored(request_id: str, parsed: parsing.ParsedWine, estimate: Estimate) -> Scored:
    wine, unknown = parsed
    return Scored(
        request_id,
        wine,
        round(estimate.price, 2),
        Interval(round(estimate.low, 2), round(estimate.high, 2), estimate.coverage),
        estimate.expected_error,
        (*estimate.warnings, *unknown) if unknown else estimate.warnings,
        estimate.language,
    )


def estimates(model: ServedModel, wines: list[Wine]) -> Sequence[Estimate]:
    return [model.scorer.score(wines[0])] if len(wines) == 1 else model.scorer.score_batch(wines)


def prediction(model: ServedModel, scored: Scored, *, explain: bool) -> bytes:
    return encode(
        Prediction(
            scored.price,
            CURRENCY,
            scored.interval,
            ModelName(model.name, model.version),
            scored.request_id,
            scored.warnings,
            scored.language,
            model.scorer.explain(scored.wine) if explain else UNSET,
        )
    )


def item(model: ServedModel, scored: Scored, *, explain: bool) -> BatchItem:
    return BatchItem(
        scored.request_id,
        scored.price,
        scored.interval,
        scored.warnings,
        scored.language,
        explanation=model.scorer.explain(scored.wine) if explain else UNSET,
    )


def decoded(raw: msgspec.Raw) -> parsing.ParsedWine | BatchItem:
    try:
        return parsing.one_wine(raw)
    except (BadRequest, RequestTooLarge) as refusal:
        return BatchItem(error=problems.of_refusal(refusal))
