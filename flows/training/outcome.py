"""What a training run has in hand before it records it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flows.data.datasets import Dataset, PreparedWines
from flows.training.estimators import EstimatorConfig
from flows.training.feedback import Feedback
from flows.training.reports.model_card import CardFigures
from pricing.estimators.protocol import PriceEstimator


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted estimator, how it was made, and the seconds it took."""

    estimator: PriceEstimator
    config: EstimatorConfig
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a run has to record."""

    dataset: Dataset
    feedback: Feedback
    wines: PreparedWines
    fitted: Fitted
    figures: CardFigures
    card: dict[str, Any]
