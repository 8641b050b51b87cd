"""What a drift check concludes: results make checks, checks make the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WHOLE_REQUEST: Final = "whole request"


class Verdict(StrEnum):
    NO_DRIFT = "no drift"
    DRIFT = "drift"
    NOT_ENOUGH_DATA = "not enough data"


@dataclass(frozen=True)
class Thresholds:
    """From where on a change counts. A result is drift only if it is large *and* not chance.

    `error_growth`: relative growth of the RMSE of log price (`DRIFT_THRESHOLD`). `moved_share`: share of
    requests that would have to change for window and reference to look alike (0 to 1). `price_level`:
    change of the typical price, log USD. `significance`: chance of a false alarm in one whole check
    when nothing has moved; it is shared out between the checks. `min_rows`: fewer rows than this are
    "not enough data".
    """

    error_growth: float = 0.10
    moved_share: float = 0.08
    price_level: float = 0.05
    significance: float = 0.02
    min_rows: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.significance < 1:
            raise ValueError(
                f"significance is {self.significance}; expected a chance between 0 and 1, e.g. 0.01"
            )
        if min(self.error_growth, self.moved_share, self.price_level) <= 0:
            raise ValueError("thresholds of drift must be above zero, e.g. DRIFT_THRESHOLD=0.10")
        if self.min_rows < 2:  # noqa: PLR2004 - no variance in one row
            raise ValueError(f"min_rows is {self.min_rows}; expected at least 2, e.g. 100")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One comparison of the window with the reference.

    `effect` (with its 95 % interval `low` to `high`) and `threshold` share a unit that `what` names;
    `p_value` is adjusted for the other results of its check. `confidence` is the chance, 0 to 1, that the
    true effect lies on the verdict's side of the threshold.
    """

    name: str
    what: str
    verdict: Verdict
    rows: int
    detail: str
    effect: float | None = None
    threshold: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One way of looking at the model in production."""

    name: str
    results: tuple[CheckResult, ...]
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        return combined([result.verdict for result in self.results])

    @property
    def strongest(self) -> CheckResult | None:
        """The result that carries the verdict: the largest effect against its threshold.

        One with a name that people know (a country, a vintage) goes before that on whole requests.
        """
        carrying = [f for f in self.results if f.verdict is self.verdict]
        named = [f for f in carrying if f.name != WHOLE_REQUEST]
        return max(named or carrying, key=_relative_effect, default=None)


@dataclass(frozen=True, slots=True)
class DriftOutcome:
    """All checks of one window, and what they amount to."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        return combined([check.verdict for check in self.checks])

    @property
    def drifted(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.verdict is Verdict.DRIFT)

    def check(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """Drift if anything drifted; "no drift" only if something had the data to say so."""
    for verdict in (Verdict.DRIFT, Verdict.NO_DRIFT):
        if verdict in verdicts:
            return verdict
    return Verdict.NOT_ENOUGH_DATA


def _relative_effect(result: CheckResult) -> float:
    if result.effect is None or not result.threshold:
        return 0.0
    return result.effect / result.threshold
