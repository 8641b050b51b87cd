"""What the service counts about itself: plain numbers on the hot path, Prometheus text when scraped."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pricing.wine.estimate import RequestWarning

BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the latency histogram, seconds."""


@dataclass(slots=True)
class Latency:
    """A histogram of seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Upper bound → how many took at most that long, as Prometheus wants it."""
        running = 0
        rows = []
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self.counts, strict=True):
            running += count
            rows.append((bound, float(running)))
        return rows


@dataclass(slots=True)
class Counters:
    """Counts of requests by route and status, of answers, and of their warnings by code."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    latencies: dict[str, Latency] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)
    answers: int = 0

    def count_request(self, route: str, status: int, seconds: float) -> None:
        self.requests[route, status] += 1
        latency = self.latencies.get(route)
        if latency is None:
            latency = self.latencies[route] = Latency()
        latency.observe(seconds)

    def count_answers(self, count: int, warnings: Sequence[RequestWarning]) -> None:
        self.answers += count
        for warning in warnings:
            self.warnings[warning.code] += 1
