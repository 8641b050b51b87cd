"""What a training run has in hand before it records it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.data.datasets import Dataset, PreparedWines
from flows.training.feedback import Feedback
from flows.training.reports.model_card import Findings
from pricing.estimator import WinePriceRegressor


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted estimator, the hyper-parameters it was given, and the seconds it took."""

    estimator: WinePriceRegressor
    params: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a run has to record."""

    dataset: Dataset
    feedback: Feedback
    wines: PreparedWines
    fitted: Fitted
    findings: Findings
    card: dict[str, Any]
