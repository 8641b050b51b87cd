"""Requests that work, and answers as they come, for the description of the API."""

from __future__ import annotations

from typing import Any, Final

from pricing.wine.schema import MODEL_NAME

Json = dict[str, Any]

WINE: Final[Json] = {
    "country": "US",
    "description": "Blackberry and cassis wrapped in fine oak, with ripe tannins and a long finish.",
    "province": "California",
    "millesime": "2014",
    "variety": "Cabernet Sauvignon",
    "region": "Napa Valley",
    "points": 93,
}

_ID: Final = "0b7a2b1e-53a1-4f43-9d7e-5f3f4f8f2d10"
_INTERVAL: Final = {"low": 38.12, "high": 97.4, "coverage": 0.8}
_WARNING: Final = {
    "code": "unknown_field",
    "field": "varietal",
    "message": "There is no field 'varietal'; it was ignored.",
    "suggestion": None,
    "given": None,
    "used": None,
}

ANSWER: Final[Json] = {
    "prediction": 60.93,
    "currency": "USD",
    "interval": _INTERVAL,
    "model": {"name": MODEL_NAME, "version": "7"},
    "request_id": _ID,
    "warnings": [_WARNING],
    "language": "en",
}

BATCH_ANSWER: Final[Json] = {
    "predictions": [
        {"request_id": _ID, "prediction": 60.93, "interval": _INTERVAL, "warnings": [], "language": "en"}
    ],
    "currency": "USD",
    "model": {"name": MODEL_NAME, "version": "7"},
    "priced": 1,
    "failed": 0,
}

FEEDBACK: Final[Json] = {"request_id": _ID, "price": 64.5}

PROBLEM: Final[Json] = {
    "type": "/docs/problems#bad-request",
    "title": "The request is malformed",
    "status": 400,
    "detail": "The wine is malformed: points: expected a number from 80 to 100, or null, got 120.",
    "request_id": _ID,
    "errors": [{"field": "points", "message": "expected a number from 80 to 100, or null, got 120"}],
}

HEALTH: Final[Json] = {
    "status": "OK",
    "model_name": MODEL_NAME,
    "model_version": "7",
    "release": "1cf7331",
    "model": {"source": "registry", "loaded_at": "2026-11-28T09:30:00+00:00", "synthetic_data": False},
    "registry": {"status": "reached", "wanted_version": "7", "problem": None, "load_failures": 0},
    "database": {"status": "ok", "problem": None, "crashes": 0},
    "outbox": {
        "rows": 0,
        "held": 0,
        "oldest_seconds": 0.0,
        "published": 1250,
        "dropped": 0,
        "dead_letters": 0,
        "durable": True,
    },
}

MODEL: Final[Json] = {
    "model_name": MODEL_NAME,
    "model_version": "7",
    "synthetic_data": False,
    "artefact_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "loaded_at": "2026-11-28T09:30:00+00:00",
    "source": "registry",
    "training_language": "en",
    "card": {"model_name": MODEL_NAME, "metrics": {"test_rmse_log_scale": 0.37}},
}
