"""The parameters of a run of `drift`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.monitoring.verdict import Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRequest:
    """The parameters of a run, as documented at `flows.drift.drift`."""

    start: datetime
    end: datetime
    labelled: str | None
    threshold: float | None
    moved_share: float
    price_level: float
    min_rows: int
    sample_rows: int
    report: bool

    def limits(self, usual_threshold: float) -> Thresholds:
        """From where on a change is drift; `usual_threshold` where the run was given none."""
        return Thresholds(
            self.threshold or usual_threshold, self.moved_share, self.price_level, min_rows=self.min_rows
        )
