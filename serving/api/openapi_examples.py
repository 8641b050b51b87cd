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
