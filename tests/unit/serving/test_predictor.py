"""The core: an answer for each wine, logged before it is given."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import msgspec
import pytest

from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine
from serving.errors import BadRequest, ModelNotLoaded, NotRecorded
from serving.inference.answers import Caller
from serving.inference.batcher import MAX_BATCH_SIZE, Predictor
from serving.inference.fairness import BatchLimits
from serving.inference.shadow import Shadow
from serving.models.loading import ServedModel
from serving.models.reloader import ActiveModel
from serving.observability.counters import Counters
from serving.payloads import parsing
from serving.prediction_log.outbox import Outbox

WINE = {"country": "France", "description": "Ripe plum.", "province": "Bordeaux", "millesime": "2015"}
CALLER = Caller("shop", "0b7a2b1e-53a1-4f43-9d7e-5f3f4f8f2d10", time.perf_counter())


def predictor(outbox: Outbox, model: ServedModel | None) -> Predictor:
    active = ActiveModel(current=model)
    return Predictor(active, outbox, Counters(), Shadow(active, outbox, 0.0), limits=BatchLimits())


def rows(outbox: Outbox) -> list[dict[str, Any]]:
    return [json.loads(row.payload) for row in outbox.peek(10_000)]


async def ask(made: Predictor, **changes: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await made.predict(parsed(**changes), CALLER))
    return answer


def parsed(**changes: object) -> parsing.ParsedWine:
    return parsing.one_wine(json.dumps({**WINE, **changes}).encode())


async def test_the_answer_and_its_row_agree(outbox: Outbox, model: ServedModel) -> None:
    answer = await ask(predictor(outbox, model), varietal="x")
    (row,) = rows(outbox)
    assert answer["prediction"] == row["predicted_price"] == 26.0
    assert answer["interval"] == {"low": 13.0, "high": 52.0, "coverage": 0.8}
    assert answer["request_id"] == row["request_id"] == CALLER.request_id
    assert answer["warnings"] == row["warnings"]
    assert answer["model"]["version"] == row["model_version"] == "7"
    assert (row["client"], row["millesime"], row["winery"]) == ("shop", "2015", None)
    assert "T" in row["created_at"]
    assert "+" not in row["created_at"], "UTC, without saying so, as the column has it"


async def test_an_explanation_comes_when_asked_for(outbox: Outbox, model: ServedModel) -> None:
    made = predictor(outbox, model)
    assert "explanation" not in await ask(made)
    explained = json.loads(await made.predict(parsed(), CALLER, explain=True))
    factor = explained["explanation"]["factors"][0]["factor"]
    assert explained["explanation"]["base_price"] * factor == pytest.approx(explained["prediction"])


async def test_a_batch_keeps_its_order_and_one_bad_wine_spoils_no_other(
    outbox: Outbox, model: ServedModel
) -> None:
    wines: list[object] = [{**WINE, "country": "F" * (1 + number % 9)} for number in range(130)]
    wines[60] = {"country": "France"}
    wines[61] = None
    given = [msgspec.Raw(json.dumps(wine).encode()) for wine in wines]
    answer = json.loads(await predictor(outbox, model).predict_batch(given, CALLER))
    assert (answer["priced"], answer["failed"]) == (128, 2)
    for number, item in enumerate(answer["predictions"]):
        if number in {60, 61}:
            assert item["error"]["status"] == 400
        else:
            assert item["prediction"] == 21.0 + number % 9
    ids = [item["request_id"] for item in answer["predictions"] if "request_id" in item]
    assert ids == [row["request_id"] for row in rows(outbox)]
    assert len(set(ids)) == 128


async def test_an_empty_batch_is_answered(outbox: Outbox, model: ServedModel) -> None:
    answer = json.loads(await predictor(outbox, model).predict_batch([], CALLER))
    assert answer["predictions"] == []


async def test_without_a_model_there_is_a_reason(outbox: Outbox) -> None:
    with pytest.raises(ModelNotLoaded, match="promote"):
        await ask(predictor(outbox, None))


async def test_nothing_is_logged_of_a_malformed_request(outbox: Outbox, model: ServedModel) -> None:
    with pytest.raises(BadRequest):
        await ask(predictor(outbox, model), millesime="last year")
    assert rows(outbox) == []


async def test_nul_characters_leave_the_row_whole(outbox: Outbox, model: ServedModel) -> None:
    await ask(predictor(outbox, model), description="a\0b \\u0000", country="Fra\0nce")
    (row,) = rows(outbox)
    assert row["description"] == "ab \\u0000"
    assert "\0" not in json.dumps(row)
    assert row["warnings"][0]["message"] == "never seen: France"


async def test_feedback_is_stored_or_refused(outbox: Outbox, model: ServedModel) -> None:
    made = predictor(outbox, model)
    body = json.dumps({"request_id": CALLER.request_id, "price": 31}).encode()
    await made.record_feedback(parsing.feedback(body), CALLER)
    (row,) = rows(outbox)
    assert (row["request_id"], row["actual_price"], row["source"]) == (CALLER.request_id, 31.0, "api")
    outbox.max_rows = 1
    with pytest.raises(NotRecorded, match="again later"):
        await made.record_feedback(parsing.feedback(body), CALLER)


async def test_an_answer_is_given_even_when_it_cannot_be_logged(outbox: Outbox, model: ServedModel) -> None:
    outbox.max_rows = 0
    assert (await ask(predictor(outbox, model)))["prediction"] == 26.0
    assert outbox.dropped["cap"] == 1


async def test_requests_of_one_turn_share_a_transaction_and_keep_their_answers(
    outbox: Outbox, model: ServedModel
) -> None:
    made = predictor(outbox, model)
    before = outbox.depth
    answers = await asyncio.gather(*(ask(made, country="F" * (1 + number)) for number in range(130)))
    assert [answer["prediction"] for answer in answers] == [21.0 + number for number in range(130)]
    assert outbox.depth == before + 130


@pytest.mark.parametrize(
    ("requests", "transactions"),
    [(1, 1), (MAX_BATCH_SIZE, 1), (MAX_BATCH_SIZE + 1, 2), (2 * MAX_BATCH_SIZE, 2)],
)
async def test_requests_of_one_micro_batch_cost_one_transaction(
    outbox: Outbox, model: ServedModel, requests: int, transactions: int
) -> None:
    made = predictor(outbox, model)
    statements: list[str] = []
    outbox._db.set_trace_callback(statements.append)
    await asyncio.gather(*(ask(made) for _ in range(requests)))
    assert statements.count("COMMIT") == transactions


async def test_a_request_that_is_cancelled_hurts_none_of_its_turn(outbox: Outbox, model: ServedModel) -> None:
    made = predictor(outbox, model)
    tasks = [asyncio.create_task(ask(made)) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, dict) for result in results] == [True, True, False, True, True]


async def test_a_wine_that_breaks_the_scorer_hurts_none_of_its_turn(
    outbox: Outbox, model: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = model.scorer.score

    def score(wine: Wine) -> Estimate:
        if wine.country == "Atlantis":
            raise ArithmeticError("no such place")
        return whole(wine)

    monkeypatch.setattr(model.scorer, "score", score)
    made = predictor(outbox, model)
    asked = [ask(made), ask(made, country="Atlantis"), ask(made)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(result, ArithmeticError) for result in results] == [False, True, False]
    assert outbox.depth == 2
