"""Scorers of fitted estimators: made once, kept as long as the estimator, shared by its threads.

A scorer is not part of its estimator: it holds handles of a C library, which neither a pickle nor a
model file can keep, and `predict` must leave an estimator as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from pricing.model.state import Knowledge, State
from pricing.scoring.scorer import Scorer
from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine


@dataclass(frozen=True, slots=True)
class SharedScorer:
    """A scorer of `state` that several threads may ask; they take turns."""

    state: State
    scorer: Scorer
    turn: Lock = field(default_factory=Lock)

    def score_batch(self, wines: Sequence[Wine], coverage: float) -> list[Estimate]:
        with self.turn:
            return self.scorer.with_coverage(coverage).score_batch(wines)


class ScorerCache:
    """The scorers of fitted estimators, forgotten with them."""

    def __init__(self) -> None:
        self._scorers: WeakKeyDictionary[object, SharedScorer] = WeakKeyDictionary()
        self._making: Final = Lock()

    def of(self, estimator: object, state: State) -> SharedScorer:
        """The scorer of an estimator whose fitted state is `state`; another state is another scorer."""
        found = self._scorers.get(estimator)
        if found is not None and found.state is state:
            return found
        with self._making:
            found = self._scorers.get(estimator)
            if found is None or found.state is not state:
                found = SharedScorer(state, Scorer(Knowledge.unpack(state), coverage=0.8))
                self._scorers[estimator] = found
            return found
