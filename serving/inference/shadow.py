"""A candidate's answers to a sample of live requests, made off the answer path and only logged."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from pricing.wine.request import Wine
from serving.models.reloader import ActiveModel
from serving.prediction_log.outbox import Outbox
from serving.prediction_log.records import SHADOW, ShadowRow, encode_row

log = logging.getLogger(__name__)

WAITING_AT_MOST: Final = 1_000
"""Sampled wines that wait for their turn; under heavier load the oldest give way."""


@dataclass(slots=True)
class Shadow:
    """Scores `share` of the wines it is offered with the candidate in `active`, when the loop is free."""

    active: ActiveModel
    outbox: Outbox
    share: float
    scored: int = 0
    failed: int = 0
    _random: random.Random = field(default_factory=random.Random)
    _waiting: deque[tuple[str, Wine]] = field(default_factory=lambda: deque(maxlen=WAITING_AT_MOST))
    _offered: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, request_id: str, wine: Wine) -> None:
        """Take a wine into the sample, or not."""
        if self.share and self.active.shadow is not None and self._random.random() < self.share:
            self._waiting.append((request_id, wine))
            self._offered.set()

    async def run(self) -> None:
        """Score the sample until cancelled."""
        while True:
            await self._offered.wait()
            self._offered.clear()
            while self._waiting:
                self._score(*self._waiting.popleft())
                await asyncio.sleep(0)  # live requests first

    def _score(self, request_id: str, wine: Wine) -> None:
        model = self.active.shadow
        if model is None:
            return
        try:
            estimate = model.scorer.score(wine)
        except Exception:
            self.failed += 1
            log.exception("The candidate, version %s, failed to score a live request", model.version)
            return
        row = ShadowRow(
            request_id,
            model.version,
            round(estimate.price, 2),
            estimate.expected_error,
            datetime.now(UTC).isoformat(),
        )
        if self.outbox.store(SHADOW, [encode_row(row)]):
            self.scored += 1
