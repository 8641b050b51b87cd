"""What each field of a body means, for the description of the API.

By the field's name, and by `Type.field` where a name has several meanings.
"""

from __future__ import annotations

from typing import Any, Final

from serving.api import openapi_examples as examples

Json = dict[str, Any]

EXAMPLES: Final[dict[str, Json]] = {
    "Wine": examples.WINE,
    "WineBatch": {"wines": [examples.WINE]},
    "Prediction": examples.ANSWER,
    "BatchAnswer": examples.BATCH_ANSWER,
    "Feedback": examples.FEEDBACK,
    "FeedbackReceipt": {**examples.FEEDBACK, "status": "recorded"},
    "Problem": examples.PROBLEM,
    "Health": examples.HEALTH,
    "ModelFacts": examples.MODEL,
}
"""An example of each body, whose values are those of its fields."""

DESCRIPTIONS: Final[dict[str, str]] = {
    # a request
    "country": "Country of origin, in any of five languages, by a code or an abbreviation",
    "description": "Tasting note in English, French, Italian, Spanish or German; a line, a few words or none",
    "province": "Province or region; an appellation may stand here too",
    "millesime": "Vintage: a year as text or number, or NV for a wine without one",
    "variety": "Grape or blend, by any of its names",
    "winery": "Producer",
    "region": "Appellation",
    "designation": "Cuvée or vineyard",
    "points": "Score of a reviewer, 80 to 100",
    "wines": "The wines, answered in their order",
    # a prediction
    "prediction": "Estimated price, USD a bottle of 75 cl",
    "currency": "Currency of every price: USD",
    "interval": "Prices between which the wine's price lies in `coverage` of all cases",
    "low": "Lower end of the interval, USD",
    "high": "Upper end of the interval, USD",
    "coverage": "Share of wines whose price lies in the interval",
    "request_id": "Id of the answer, under which it is logged; `POST /feedback` takes it",
    "warnings": "How the request was read, and what makes the price less trustworthy",
    "language": "Language of the note (ISO 639): en, fr, it, es or de; und: another; empty: no note",
    "explanation": "What moved the price, where `explain=true` asked for it",
    "base_price": "Price of a typical wine, USD; times all factors it is the prediction",
    "factors": "What multiplies the base price",
    "factor": "What the price is multiplied by",
    "term": "The value or word that the factor belongs to; empty where the field says nothing",
    "predictions": "One answer for each wine, in their order",
    "priced": "Wines that have a price",
    "failed": "Wines that have an error instead",
    "error": "What is wrong with this wine; the others are not affected",
    "code": "Stable name of the warning, for programs",
    "message": "What is meant, in a sentence for people",
    "field": "Field that is meant; empty for the request as a whole",
    "suggestion": "Known name that may be meant, where there is one",
    "given": "The value as it was sent",
    "used": "The value that it was read as",
    "price": "What the wine really cost, USD a bottle",
    "name": "Name of the registered model",
    "version": "Version of the registered model",
    # a problem
    "type": "Kind of the problem, as a URI (RFC 9457)",
    "title": "Kind of the problem, in words",
    "detail": "What happened and what to do",
    "errors": "Every offending field",
    # the state of the service
    "status": "State in one word",
    "model_name": "Name of the registered model",
    "model_version": "Version in service; null without a model",
    "release": "Release of the service",
    "model": "The model that answers",
    "registry": "State of the MLflow registry, as of the last look",
    "database": "State of the database of the log",
    "outbox": "Rows that wait for the database, and what became of the others",
    "source": "Where the model was loaded from: registry or cache",
    "loaded_at": "When the model was loaded (UTC)",
    "synthetic_data": "Whether the model was trained on generated reviews, so that its prices mean nothing",
    "synthetic": "Whether the model was trained on generated reviews, so that its prices mean nothing",
    "wanted_version": "Version that the alias points to",
    "problem": "What is wrong, in one word; null where nothing is",
    "advice": "The setting that is missing, and what to set it to",
    "load_failures": "Versions that could not be loaded since start",
    "last_error": "Text of the last error, for holders of a key",
    "crashes": "Errors of the relay itself since start",
    "rows": "Rows that wait for the database",
    "held": "Rows that the database did not take so far, and that are tried again",
    "oldest_seconds": "How long the oldest row has waited",
    "published": "Rows written to the database since start",
    "dropped": "Rows for which there was no room",
    "dead_letters": "Rows that the database will never take, kept with the reason",
    "durable": "Whether waiting rows are on disk",
    "artefact_sha256": "SHA-256 of the model file",
    "training_language": "Language of the reviews that the model learned from (ISO 639)",
    "card": "Model card, as training wrote it",
    # names
    "names": "Names that the model knows, the most frequent first",
    "complete": "Whether these are all",
    "labels": "For some of the names, the name in the language asked for",
    # the operators' report
    "span": "Length of the span",
    "since": "Begin of the span (UTC)",
    "until": "End of the span (UTC)",
    "bucket_seconds": "Length of a bucket, seconds",
    "service": "What the process knows of itself",
    "log": "What the prediction log says; null where the database is not reached",
    "total": "Figures of the whole span",
    "buckets": "Figures by bucket",
    "versions": "Answers by model version and bucket",
    "at": "Begin of the bucket (UTC)",
    "requests": "Answers",
    "latency_p50": "Median latency, ms",
    "latency_p95": "95th percentile of latency, ms",
    "latency_p99": "99th percentile of latency, ms",
    "warned": "Share of answers with a warning",
    "price_low": "Tenth percentile of prices, USD",
    "price_median": "Median price, USD",
    "price_high": "90th percentile of prices, USD",
    "expected_error": "Mean expected absolute error of log price",
    "feedback": "Answers whose real price became known",
    "realised_error": "Mean absolute error of log price, where the real price is known",
    "expected_of_realised": "Mean expected error of the same answers",
    "model_problem": "Why a newer model is not in service",
    "waiting_rows": "Rows that wait for the database",
    "oldest_waiting_seconds": "How long the oldest row has waited",
    "published_rows": "Rows written to the database since start",
    "refused_rows": "Rows that the database will never take",
    "dropped_rows": "Rows for which there was no room",
    "retries": "Attempts to write that failed",
    "database_problem": "Why rows do not reach the database",
    # names with another meaning
    "Problem.status": "HTTP status",
    "Problem.request_id": "Id of the request, which finds the reason in the log",
    "Prediction.model": "The model that answered",
    "BatchAnswer.model": "The model that answered",
    "FieldError.field": "Offending field",
    "FieldError.message": "What was expected, and what came",
    "Factor.field": "Field that the term belongs to",
    "Factor.given": "The note's own words for the term, where the note is not in English",
    "Feedback.request_id": "Id of the answer that is meant",
    "FeedbackReceipt.request_id": "Id of the answer that is meant",
    "Log.warnings": "Warnings by code",
    "WarningUse.requests": "Answers with the warning",
    "ModelFacts.model_version": "Version in service",
    "OperationsReport.database": "ok, not configured or unreachable",
}


def with_descriptions(name: str, schema: Json) -> Json:
    """The schema of a type with the meaning of each field, and its value in the example of the type."""
    example = EXAMPLES.get(name, {})
    properties = {
        field: _described(f"{name}.{field}", field, one) | _examples(example, field)
        for field, one in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _described(full: str, field: str, schema: Json) -> Json:
    text = DESCRIPTIONS.get(full) or DESCRIPTIONS.get(field)
    return {**schema, "description": text} if text else schema


def _examples(example: Json, field: str) -> Json:
    return {"examples": [example[field]]} if field in example else {}
