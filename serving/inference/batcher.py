"""From a body to an answer that is in the log: the core of the service, which knows no transport.

Requests that arrive in one turn of the event loop are scored together and logged in one transaction:
alone, a wine costs about twice what it costs in company, and a commit as much as scoring.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET

from pricing.wine.estimate import Estimate, RequestWarning
from pricing.wine.request import Wine
from pricing.wine.schema import CURRENCY
from serving.errors import BadRequest, ModelNotLoaded, NotRecorded
from serving.inference.reply import FutureReply, Reply
from serving.inference.shadow import Shadow
from serving.models.loading import ServedModel
from serving.models.reloader import ActiveModel
from serving.observability.counters import Counters
from serving.observability.request_ids import request_ids
from serving.payloads import parsing, problems
from serving.payloads.schemas import BatchAnswer, BatchItem, FeedbackReceipt, Interval, ModelName, Prediction
from serving.prediction_log.outbox import Outbox
from serving.prediction_log.records import FEEDBACK, PREDICTION, FeedbackRow, encode_row, prediction_row

log = logging.getLogger(__name__)

MAX_BATCH_SIZE: Final = 200
"""Wines that are scored in one go. Of larger turns and batches the rest follows in the next turns."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the log may know, and since when (seconds of the monotonic clock)."""

    client: str | None
    request_id: str
    started: float


class PendingRequest(NamedTuple):
    """A request that has been understood and waits for the end of its turn."""

    asked: parsing.ParsedWine
    caller: Caller
    explain: bool
    reply: Reply


class Scored(NamedTuple):
    """A wine with its price and interval as they are shown, under the id by which the log knows them."""

    request_id: str
    wine: Wine
    price: float
    interval: Interval
    expected_error: float
    warnings: Sequence[RequestWarning]
    language: str


def _scored(request_id: str, asked: parsing.ParsedWine, estimate: Estimate) -> Scored:
    wine, unknown = asked
    return Scored(
        request_id,
        wine,
        round(estimate.price, 2),
        Interval(round(estimate.low, 2), round(estimate.high, 2), estimate.coverage),
        estimate.expected_error,
        (*estimate.warnings, *unknown) if unknown else estimate.warnings,
        estimate.language,
    )


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
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._active = active
        self._outbox = outbox
        self._counters = counters
        self._shadow = shadow
        self._clock = clock
        self._turn: list[PendingRequest] = []
        self._ids = request_ids()

    def ask(self, body: bytes, caller: Caller, reply: Reply, *, explain: bool = False) -> None:
        """Have one wine priced at the end of the turn. Raises one of RequestRefused where it cannot be."""
        self._model()
        asked = parsing.one_wine(body)
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._turn.append(PendingRequest(asked, caller, explain, reply))

    async def predict(self, body: bytes, caller: Caller, *, explain: bool = False) -> bytes:
        """One wine's price as JSON. Raises one of RequestRefused."""
        reply = FutureReply()
        self.ask(body, caller, reply, explain=explain)
        return await reply.future

    async def predict_batch(self, given: Sequence[msgspec.Raw], caller: Caller) -> bytes:
        """Prices of many wines as JSON, in their order. Raises one of RequestRefused."""
        model = self._model()
        items: list[BatchItem] = []
        rows: list[bytes] = []
        for start in range(0, len(given), MAX_BATCH_SIZE):
            self._chunk(model, given[start : start + MAX_BATCH_SIZE], caller, items, rows)
            await asyncio.sleep(0)  # others have their turn
        self._outbox.store(PREDICTION, rows)
        name = ModelName(model.name, model.version)
        return _encode(BatchAnswer(items, CURRENCY, name, priced=len(rows), failed=len(items) - len(rows)))

    async def record_feedback(self, body: bytes, caller: Caller) -> bytes:
        """Keep what a wine really cost. Raises one of RequestRefused."""
        given = parsing.feedback(body)
        row = FeedbackRow(given.request_id, given.price, self._clock().isoformat(), caller.client, "api")
        if not self._outbox.store(FEEDBACK, [encode_row(row)]):
            raise NotRecorded(
                "The feedback could not be stored: the service's outbox is full. Send it again later."
            )
        return _encode(FeedbackReceipt(given.request_id, given.price))

    def _model(self) -> ServedModel:
        model = self._active.current
        if model is None:
            raise ModelNotLoaded(
                "No model is loaded yet: train one and promote it, or see /health for what is missing."
            )
        return model

    def _end_turn(self) -> None:
        """Answer what arrived in this turn; nothing may be left waiting, whatever happens."""
        turn, self._turn = self._turn[:MAX_BATCH_SIZE], self._turn[MAX_BATCH_SIZE:]
        if self._turn:
            asyncio.get_running_loop().call_soon(self._end_turn)
        try:
            self._answer(turn)
        except Exception as error:
            if len(turn) == 1:
                turn[0].reply.refuse(error)
                return
            log.exception("A turn of %d requests failed; they are answered one by one", len(turn))
            for waiting in turn:
                self._answer_alone(waiting)

    def _answer_alone(self, waiting: PendingRequest) -> None:
        try:
            self._answer([waiting])
        except Exception as error:  # noqa: BLE001 - handed to the request, which logs it
            waiting.reply.refuse(error)

    def _answer(self, turn: Sequence[PendingRequest]) -> None:
        model = self._model()
        estimates = _estimates(model, [waiting.asked[0] for waiting in turn])
        now = self._now()
        rows: list[bytes] = []
        answers: list[bytes] = []
        for waiting, estimate in zip(turn, estimates, strict=True):
            scored = _scored(waiting.caller.request_id, waiting.asked, estimate)
            rows.append(self._row(model, scored, waiting.caller, now))
            answers.append(_prediction(model, scored, explain=waiting.explain))
        self._outbox.store(PREDICTION, rows)
        for waiting, answer in zip(turn, answers, strict=True):
            waiting.reply.answer(answer)

    def _chunk(
        self,
        model: ServedModel,
        given: Sequence[msgspec.Raw],
        caller: Caller,
        items: list[BatchItem],
        rows: list[bytes],
    ) -> None:
        """Price some wines of a batch: their items, problems among them, and the rows of those priced."""
        decoded = [_decoded(raw) for raw in given]
        estimates = iter(_estimates(model, [item[0] for item in decoded if not isinstance(item, BatchItem)]))
        now = self._now()
        for item in decoded:
            if isinstance(item, BatchItem):
                items.append(item)
                continue
            scored = _scored(next(self._ids), item, next(estimates))
            rows.append(self._row(model, scored, caller, now))
            items.append(_batch_item(scored))

    def _now(self) -> str:
        """The present time as the log has it: UTC, without saying so."""
        return self._clock().replace(tzinfo=None).isoformat()

    def _row(self, model: ServedModel, scored: Scored, caller: Caller, now: str) -> bytes:
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


def _estimates(model: ServedModel, wines: list[Wine]) -> Sequence[Estimate]:
    return [model.scorer.score(wines[0])] if len(wines) == 1 else model.scorer.score_batch(wines)


def _prediction(model: ServedModel, scored: Scored, *, explain: bool) -> bytes:
    return _encode(
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


def _batch_item(scored: Scored) -> BatchItem:
    return BatchItem(scored.request_id, scored.price, scored.interval, scored.warnings, scored.language)


def _decoded(raw: msgspec.Raw) -> parsing.ParsedWine | BatchItem:
    try:
        return parsing.one_wine(raw)
    except BadRequest as refusal:
        return BatchItem(error=problems.of_refusal(refusal))
