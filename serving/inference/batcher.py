"""From a body to an answer that is in the log: the core of the service, which knows no transport.

Requests that arrive in one turn of the event loop make a micro-batch: they are scored together and logged in
one transaction. Alone, a wine costs about twice what it costs in company, and a commit as much as scoring.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET

from pricing.wine.schema import CURRENCY
from serving.errors import ModelNotLoaded, NotRecorded
from serving.inference import answers
from serving.inference.answers import Caller, encode
from serving.inference.fairness import BatchLimits, Turns
from serving.inference.fairness import chunk as next_chunk
from serving.inference.reply import FutureReply, Reply
from serving.inference.request_ids import new_request_id
from serving.inference.shadow import Shadow
from serving.models.loading import ServedModel
from serving.models.reloader import ActiveModel
from serving.observability.counters import Counters
from serving.payloads import parsing
from serving.payloads.schemas import BatchAnswer, BatchItem, FeedbackReceipt, ModelName
from serving.prediction_log.outbox import Outbox
from serving.prediction_log.records import FEEDBACK, PREDICTION, FeedbackRow, encode_row, prediction_row

log = logging.getLogger(__name__)

MAX_BATCH_SIZE: Final = 200
"""Requests of a micro-batch; the rest follows in the next one."""

SINGLE_SECONDS: Final = 1.0
"""How long after a single request batches make their chunks small."""


class PendingRequest(NamedTuple):
    """A request that has been understood and waits for its micro-batch."""

    wine: parsing.ParsedWine
    caller: Caller
    explain: bool
    reply: Reply


def utc_now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


class Predictor:
    """Answers requests with the model in `active`, and logs every answer before giving it."""

    def __init__(
        self,
        active: ActiveModel,
        outbox: Outbox,
        counters: Counters,
        shadow: Shadow,
        *,
        limits: BatchLimits,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._active = active
        self._outbox = outbox
        self._counters = counters
        self._shadow = shadow
        self._limits = limits
        self._clock = clock
        self._pending: list[PendingRequest] = []
        self._turns = Turns()
        self._last_single = 0.0
        self.batches = 0

    def ask(self, wine: parsing.ParsedWine, caller: Caller, reply: Reply, *, explain: bool = False) -> None:
        """Have one wine priced in the next micro-batch. Raises one of RequestRefused where it cannot be."""
        self._model()
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._answer_pending)
            self._last_single = time.monotonic()
        self._pending.append(PendingRequest(wine, caller, explain, reply))

    async def predict(self, wine: parsing.ParsedWine, caller: Caller, *, explain: bool = False) -> bytes:
        """One wine's price as JSON. Raises one of RequestRefused."""
        reply = FutureReply()
        self.ask(wine, caller, reply, explain=explain)
        return await reply.future

    async def predict_batch(
        self, given: Sequence[msgspec.Raw], caller: Caller, *, explain: bool = False
    ) -> bytes:
        """Prices of many wines as JSON, in their order. Raises one of RequestRefused."""
        model = self._model()
        self._limits.check(self.batches, len(given), explain=explain)
        self.batches += 1
        try:
            items = [
                item
                async for chunk in self._chunks(given)
                for item in self._priced(model, chunk, caller, explain=explain)
            ]
        finally:
            self.batches -= 1
        failed = sum(item.error is not UNSET for item in items)
        name = ModelName(model.name, model.version)
        return encode(BatchAnswer(items, CURRENCY, name, priced=len(items) - failed, failed=failed))

    async def _chunks(self, given: Sequence[msgspec.Raw]) -> AsyncIterator[Sequence[msgspec.Raw]]:
        start = 0
        while start < len(given):
            await self._turns.next()
            shared = time.monotonic() - self._last_single < SINGLE_SECONDS
            chunk = next_chunk(given, start, shared=shared)
            yield chunk
            start += len(chunk)

    async def record_feedback(self, given: parsing.Feedback, caller: Caller) -> bytes:
        """Keep what a wine really cost. Raises NotRecorded."""
        row = FeedbackRow(given.request_id, given.price, self._clock().isoformat(), caller.client, "api")
        if not self._outbox.store(FEEDBACK, [encode_row(row)]):
            raise NotRecorded(
                "The feedback could not be stored: the service's outbox is full. Send it again later."
            )
        return encode(FeedbackReceipt(given.request_id, given.price))

    def _model(self) -> ServedModel:
        model = self._active.current
        if model is None:
            raise ModelNotLoaded(
                "No model is loaded yet: train one and promote it, or see /health for what is missing."
            )
        return model

    def _answer_pending(self) -> None:
        """Answer what has arrived in this turn of the loop; nothing may be left waiting, whatever happens."""
        batch, self._pending = self._pending[:MAX_BATCH_SIZE], self._pending[MAX_BATCH_SIZE:]
        if self._pending:
            asyncio.get_running_loop().call_soon(self._answer_pending)
        try:
            self._answer(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].reply.refuse(error)
                return
            log.exception("A micro-batch of %d requests failed; they are answered one by one", len(batch))
            for pending in batch:
                self._answer_alone(pending)

    def _answer_alone(self, pending: PendingRequest) -> None:
        try:
            self._answer([pending])
        except Exception as error:  # noqa: BLE001 - handed to the request, which logs it
            pending.reply.refuse(error)

    def _answer(self, batch: Sequence[PendingRequest]) -> None:
        model = self._model()
        estimates = answers.estimates(model, [pending.wine[0] for pending in batch])
        now = self._now()
        rows: list[bytes] = []
        encoded: list[bytes] = []
        for pending, estimate in zip(batch, estimates, strict=True):
            scored = answers.scored(pending.caller.request_id, pending.wine, estimate)
            rows.append(self._row(model, scored, pending.caller, now))
            encoded.append(answers.prediction(model, scored, explain=pending.explain))
        self._outbox.store(PREDICTION, rows)
        for pending, answer in zip(batch, encoded, strict=True):
            pending.reply.answer(answer)

    def _priced(
        self, model: ServedModel, given: Sequence[msgspec.Raw], caller: Caller, *, explain: bool
    ) -> list[BatchItem]:
        """Some wines of a batch, priced and logged, with the problems of those that cannot be."""
        decoded = [answers.decoded(raw) for raw in given]
        wines = [item[0] for item in decoded if not isinstance(item, BatchItem)]
        estimates = iter(answers.estimates(model, wines))
        now = self._now()
        items: list[BatchItem] = []
        rows: list[bytes] = []
        for item in decoded:
            if isinstance(item, BatchItem):
                items.append(item)
                continue
            scored = answers.scored(new_request_id(), item, next(estimates))
            rows.append(self._row(model, scored, caller, now))
            items.append(answers.item(model, scored, explain=explain))
        self._outbox.store(PREDICTION, rows)
        return items

    def _now(self) -> str:
        """The present time as the log has it: UTC, without saying so."""
        return self._clock().replace(tzinfo=None).isoformat()

    def _row(self, model: ServedModel, scored: answers.Scored, caller: Caller, now: str) -> bytes:
        """The row of an answer, which is counted and offered to the candidate as well."""
        self._counters.count_answers(1, scored.warnings)
        self._shadow.offer(scored.request_id, scored.wine)
        return prediction_row(
            scored.wine,
            scored.price,
            scored.interval,
            expected_error=scored.expected_error,
            request_id=scored.request_id,
            warnings=scored.warnings,
            model_version=model.version,
            latency_ms=round((time.perf_counter() - caller.started) * 1e3, 3),
            client=caller.client,
            created_at=now,
        )
