"""Prices that clients reported, as training rows, and the level of prices that they show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from flows.data.feedback_rows import REASONS, one_per_wine, trusted_feedback
from flows.data.inference_log import InferenceLog
from flows.data.price_level import at_todays_level, price_level
from flows.data.retraining import DRIFT_TRIGGER
from flows.errors import DatabaseUnreachable
from flows.registry.contract import LEVEL_TAG, PRODUCTION
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings
from flows.training.request import TrainRequest
from pricing.wine.schema import FIELDS, PRICE

NONE_SHA256: Final = hashlib.sha256(b"").hexdigest()

_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Trusted feedback: `wines` in `FIELDS` and `price` (USD, at today's level), and what was refused.

    `level` is the log of today's prices over those of the reviews; `note` says why there is no feedback.
    """

    wines: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*FIELDS, PRICE]))
    level: float = 0.0
    sha256: str = NONE_SHA256
    refused: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    def remarks(self) -> list[str]:
        """In words, for the report of the run."""
        refused = [f"{REASONS[reason]}: {count:,}" for reason, count in self.refused.items() if count]
        return [
            *([self.note] if self.note else []),
            *(["Feedback that was not trusted: " + "; ".join(refused) + "."] if refused else []),
            *(
                [f"Training prices were moved by {self.level:+z.1%} (log) to today's level."]
                if self.level
                else []
            ),
        ]


def gather(settings: FlowSettings, registry: Registry, request: TrainRequest, now: datetime) -> Feedback:
    """The trusted feedback up to `now`.

    A database that does not answer costs a run its feedback, not its life; a run triggered by drift, which
    needs the feedback, raises `DatabaseUnreachable`.
    """
    levels = _levels(registry)
    production = registry.by_alias(PRODUCTION)
    current = levels.get(production.version, 0.0) if production else 0.0
    if settings.neon_uri is None:
        return Feedback(level=current)
    try:
        received = InferenceLog(settings.neon_uri).feedback(_BEGINNING, now)
    except DatabaseUnreachable as error:
        if request.triggered_by == DRIFT_TRIGGER:
            raise
        return Feedback(level=current, note=f"Trained without feedback. {error}")
    return _trusted(received, now, levels, current)


def _trusted(received: pd.DataFrame, now: datetime, levels: Mapping[str, float], current: float) -> Feedback:
    trusted = trusted_feedback(received)
    if trusted.rows.empty:
        return Feedback(level=current, refused=trusted.refused)
    level = price_level(trusted.rows, now=pd.Timestamp(now), levels=levels, production=current)
    wines = one_per_wine(at_todays_level(trusted.wines, level)).reset_index(drop=True)
    content = trusted.wines.to_csv(index=False).encode()
    return Feedback(
        wines=wines,
        level=level.today,
        sha256=hashlib.sha256(content).hexdigest(),
        refused=trusted.refused,
    )


def _levels(registry: Registry) -> dict[str, float]:
    """The price level of every version that has one."""
    tagged = ((version.version, version.tags.get(LEVEL_TAG)) for version in registry.versions())
    return {number: float(level) for number, level in tagged if level}
