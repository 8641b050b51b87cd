"""From a measured change to a result, and from the results of a check to their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.monitoring.distance import Distance, holm
from flows.monitoring.error_growth import Change, rmse, rmse_growth
from flows.monitoring.verdict import CheckResult, Thresholds, Verdict
from pricing.arrays import Floats


def short(name: str, what: str, rows: int, limits: Thresholds) -> CheckResult:
    """There are too few rows to say anything."""
    detail = f"{rows} {what}; at least {limits.min_rows} are needed"
    return CheckResult(name=name, what=what, verdict=Verdict.NOT_ENOUGH_DATA, rows=rows, detail=detail)


def moved(name: str, rows: int, distance: Distance, limits: Thresholds, detail: str) -> CheckResult:
    """A distance between samples, not yet judged."""
    low, high = distance.interval
    return CheckResult(
        name=name,
        what="effect size",
        verdict=Verdict.NO_DRIFT,
        rows=rows,
        detail=detail,
        effect=distance.effect,
        threshold=limits.moved_share,
        low=low,
        high=high,
        p_value=distance.p_value,
        confidence=distance.chance_above(limits.moved_share),
    )


def changed(name: str, change: Change, threshold: float, rows: int, detail: str) -> CheckResult:
    """A change of one number, not yet judged."""
    low, high = change.interval
    return CheckResult(
        name=name,
        what=name,
        verdict=Verdict.NO_DRIFT,
        rows=rows,
        detail=detail,
        effect=change.effect,
        threshold=threshold,
        low=low,
        high=high,
        p_value=change.p_value,
        confidence=change.chance_above(threshold),
    )


def grown(name: str, before: Floats, after: Floats, limits: Thresholds) -> CheckResult:
    """The growth of an RMSE from one sample of errors to another, not yet judged."""
    detail = f"{name} {rmse(before):.3f} → {rmse(after):.3f}"
    return changed("growth of RMSE", rmse_growth(before, after), limits.error_growth, len(after), detail)


def judged(measured: Sequence[CheckResult], level: float) -> tuple[CheckResult, ...]:
    """Verdicts by size and by chance, at a family-wise `level`.

    P-values are adjusted within the family, and `confidence` is turned to the side of the verdict.
    """
    tested = [result for result in measured if result.p_value is not None]
    p_values = holm([result.p_value or 0.0 for result in tested])
    adjusted = {result.name: p_value for result, p_value in zip(tested, p_values, strict=True)}
    return tuple(_verdict(f, adjusted[f.name], level) if f.name in adjusted else f for f in measured)


def _verdict(result: CheckResult, p_value: float, level: float) -> CheckResult:
    large = (result.effect or 0.0) > (result.threshold or 0.0)
    above = result.confidence or 0.0
    if large and p_value < level:
        return replace(result, verdict=Verdict.DRIFT, p_value=p_value, confidence=above)
    return replace(result, verdict=Verdict.NO_DRIFT, p_value=p_value, confidence=1 - above)
