"""What the service answers, as msgspec encodes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from pricing.wine.estimate import Explanation, RequestWarning
from serving.payloads.problems import Problem


class Interval(msgspec.Struct, frozen=True):
    """The prices (USD) between which the wine's price is expected to be, in `coverage` of all cases."""

    low: float
    high: float
    coverage: float


class ModelName(msgspec.Struct, frozen=True):
    """Which model answered."""

    name: str
    version: str


class Prediction(msgspec.Struct, frozen=True):
    """One wine's price, USD a bottle."""

    prediction: float
    currency: str
    interval: Interval
    model: ModelName
    request_id: str
    warnings: Sequence[RequestWarning]
    language: str = "en"
    explanation: Explanation | UnsetType = UNSET


class BatchItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One wine of a batch: its price, or the problem that it has."""

    request_id: str | UnsetType = UNSET
    prediction: float | UnsetType = UNSET
    interval: Interval | UnsetType = UNSET
    warnings: Sequence[RequestWarning] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    error: Problem | UnsetType = UNSET
    explanation: Explanation | UnsetType = UNSET


class BatchAnswer(msgspec.Struct, frozen=True):
    """The wines of a batch, in the order in which they were asked."""

    predictions: Sequence[BatchItem]
    currency: str
    model: ModelName
    priced: int
    failed: int


class FeedbackReceipt(msgspec.Struct, frozen=True):
    """What was understood of a feedback."""

    request_id: str
    price: float
    status: str = "recorded"


class Live(msgspec.Struct, frozen=True):
    """The process runs."""

    status: str = "OK"


class WebhookReceipt(msgspec.Struct, frozen=True):
    """A delivery was taken; the service looks at the registry."""

    status: str = "looking"


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The model in service: where it comes from, and its card as training wrote it."""

    model_name: str
    model_version: str
    synthetic_data: bool
    artefact_sha256: str
    loaded_at: str
    source: str
    training_language: str
    card: Mapping[str, Any]


class CategoryNames(msgspec.Struct, frozen=True):
    """Names that the model knows in one field, the most frequent first, and whether these are all."""

    names: Sequence[str]
    complete: bool


class FoundNames(msgspec.Struct, frozen=True):
    """`names` as the model knows them; `labels`: for some of them, the name in the language asked for."""

    names: Sequence[str]
    labels: Mapping[str, str]
