"""From a body to an answer that is in the log: the core of the service, which knows no transport."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET

from pricing.estimate import Estimate, RequestWarning
from pricing.schema import CURRENCY
from pricing.wine import Wine
from serving import bodies, problems
from serving.answers import BatchAnswer, BatchItem, FeedbackReceipt, Interval, ModelName, Prediction
from serving.errors import MalformedRequest, NoModelYet, NotRecorded
from serving.outbox import Outbox
from serving.reloader import ModelSlot
from serving.rows import FEEDBACK, PREDICTION, FeedbackRow, encode_row, prediction_row
from serving.served_model import ServedModel
from serving.shadow import Shadow
from serving.telemetry import Telemetry
from serving.turns import give_way

CHUNK_WINES: Final = 50
"""Wines of a batch that are scored in one go; others are answered between two chunks."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the log may know, and since when (seconds of the monotonic clock)."""

    client: str | None
    request_id: str
    started: float


class Scored(NamedTuple):
    """A wine with its estimate, under the id by which the log knows them."""

    request_id: str
    wine: Wine
    estimate: Estimate
    warnings: Sequence[RequestWarning]

    @classmethod
    def of(cls, request_id: str, asked: bodies.Asked, estimate: Estimate) -> Scored:
        wine, unknown = asked
        warnings = (*estimate.warnings, *unknown) if unknown else estimate.warnings
        return cls(request_id, wine, estimate, warnings)


def utc_now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Predictor:
    """Answers requests with the model in `slot`, and logs every answer before giving it."""

    slot: ModelSlot
    outbox: Outbox
    telemetry: Telemetry
    shadow: Shadow
    clock: Callable[[], datetime] = utc_now

    async def predict(self, body: bytes, caller: Caller, *, explain: bool = False) -> bytes:
        """One wine's price as JSON. Raises one of RequestRefused."""
        model = self._model()
        asked = bodies.one_wine(body)
        scored = Scored.of(caller.request_id, asked, model.scorer.score(asked[0]))
        logged = self.outbox.append(PREDICTION, (self._log(model, scored, caller),))
        answer = _encode(
            Prediction(
                round(scored.estimate.price, 2),
                CURRENCY,
                _interval(scored.estimate),
                ModelName(model.name, model.version),
                scored.request_id,
                scored.warnings,
                model.scorer.explain(scored.wine) if explain else UNSET,
            )
        )
        await logged
        return answer

    async def predict_batch(self, given: Sequence[msgspec.Raw], caller: Caller) -> bytes:
        """Prices of many wines as JSON, in their order. Raises one of RequestRefused."""
        model = self._model()
        items: list[BatchItem] = []
        for start in range(0, len(given), CHUNK_WINES):
            if start:
                await give_way()
            items.extend(await self._chunk(model, given[start : start + CHUNK_WINES], caller))
        failed = sum(item.error is not UNSET for item in items)
        name = ModelName(model.name, model.version)
        return _encode(BatchAnswer(items, CURRENCY, name, priced=len(items) - failed, failed=failed))

    async def record_feedback(self, body: bytes, caller: Caller) -> bytes:
        """Keep what a wine really cost. Raises one of RequestRefused."""
        given = bodies.feedback(body)
        row = FeedbackRow(given.request_id, given.price, self.clock().isoformat(), caller.client, "api")
        if not await self.outbox.append(FEEDBACK, (encode_row(row),)):
            raise NotRecorded(
                "The feedback could not be stored: the service's outbox is full. Send it again later."
            )
        return _encode(FeedbackReceipt(given.request_id, given.price))

    def _model(self) -> ServedModel:
        model = self.slot.current
        if model is None:
            raise NoModelYet(
                "No model is loaded yet: train one and promote it, or see /health for what is missing."
            )
        return model

    async def _chunk(
        self, model: ServedModel, given: Sequence[msgspec.Raw], caller: Caller
    ) -> list[BatchItem]:
        decoded = [_decoded(raw) for raw in given]
        asked = [item for item in decoded if not isinstance(item, BatchItem)]
        estimates = iter(model.scorer.score_batch([wine for wine, _ in asked]))
        rows: list[bytes] = []
        items: list[BatchItem] = []
        for item in decoded:
            if isinstance(item, BatchItem):
                items.append(item)
                continue
            scored = Scored.of(str(uuid.uuid4()), item, next(estimates))
            rows.append(self._log(model, scored, caller))
            items.append(_batch_item(scored))
        if rows:
            await self.outbox.append(PREDICTION, rows)
        return items

    def _log(self, model: ServedModel, scored: Scored, caller: Caller) -> bytes:
        """The row of an answer, which is counted and offered to the candidate as well."""
        self.telemetry.count_answers(1, scored.warnings)
        self.shadow.offer(scored.request_id, scored.wine)
        return prediction_row(
            scored.wine,
            scored.estimate,
            request_id=scored.request_id,
            warnings=scored.warnings,
            model_version=model.version,
            latency_ms=round((time.perf_counter() - caller.started) * 1e3, 3),
            client=caller.client,
            created_at=self.clock().replace(tzinfo=None).isoformat(),
        )


def _decoded(raw: msgspec.Raw) -> bodies.Asked | BatchItem:
    try:
        return bodies.one_wine(raw)
    except MalformedRequest as refusal:
        return BatchItem(error=problems.of_refusal(refusal))


def _interval(estimate: Estimate) -> Interval:
    return Interval(round(estimate.low, 2), round(estimate.high, 2), estimate.coverage)


def _batch_item(scored: Scored) -> BatchItem:
    estimate = scored.estimate
    return BatchItem(scored.request_id, round(estimate.price, 2), _interval(estimate), scored.warnings)
