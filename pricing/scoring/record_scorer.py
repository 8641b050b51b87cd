"""What answers requests: any estimator's record path, without frames in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pricing.wine.estimate import Estimate, Explanation
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.request import Wine


class RecordScorer(Protocol):
    """Prices records. `categories` are the known names of each category field, most frequent first;
    `hierarchy` says which of them stood together in training.
    """

    coverage: float
    categories: Mapping[str, tuple[str, ...]]
    hierarchy: Hierarchy
    training_language: str

    def score(self, wine: Wine) -> Estimate: ...

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]: ...

    def explain(self, wine: Wine) -> Explanation: ...
