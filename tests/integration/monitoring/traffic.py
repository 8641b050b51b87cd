"""Requests as the service logs them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from flows.registry.model_registry import Registry
from flows.registry.production import production
from pricing.wine.schema import FIELDS

COLUMNS = [
    *FIELDS,
    "predicted_price",
    "expected_error",
    "model_version",
    "request_id",
    "created_at",
    "client",
]


def logged(
    registry: Registry, wines: pd.DataFrame, *, at: datetime | None = None, version: str | None = None
) -> pd.DataFrame:
    """`wines` asked one after the other up to `at` (UTC), answered by the version in production."""
    watched = production(registry)
    scored = watched.model.estimate(wines)
    end = at or datetime.now(UTC)
    times = [(end - timedelta(seconds=60 + number)).replace(tzinfo=None) for number in range(len(wines))]
    return wines[list(FIELDS)].assign(
        predicted_price=np.exp(scored["log_price"]).round(2),
        expected_error=scored["expected_error"],
        model_version=version or watched.version,
        request_id=[uuid.uuid4() for _ in range(len(wines))],
        created_at=times,
        client=[f"client {number % 7}" for number in range(len(wines))],
    )[COLUMNS]


def feedback(log: pd.DataFrame, prices: np.ndarray, *, received_at: datetime | None = None) -> pd.DataFrame:
    """Real prices (USD) for logged requests."""
    return pd.DataFrame(
        {
            "request_id": log["request_id"].to_numpy(),
            "actual_price": np.round(prices, 2),
            "received_at": received_at or datetime.now(UTC) - timedelta(seconds=30),
            "client": log["client"].to_numpy(),
            "source": "api",
        }
    )
