"""From a measured change to a finding, and from the findings of a view to their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.monitoring.distance import Distance, holm
from flows.monitoring.error_growth import Change, rmse, rmse_growth
from flows.monitoring.verdict import Finding, Thresholds, Verdict
from pricing.arrays import Floats


def short(name: str, what: str, rows: int, limits: Thresholds) -> Finding:
    """There are too few rows to say anything."""
    detail = f"{rows} {what}; at least {limits.min_rows} are needed"
    return Finding(name=name, what=what, verdict=Verdict.NOT_ENOUGH_DATA, rows=rows, detail=detail)


def moved(name: str, rows: int, distance: Distance, limits: Thresholds, detail: str) -> Finding:
    """A distance between samples, not yet judged."""
    low, high = distance.interval
    return Finding(
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


def changed(name: str, change: Change, threshold: float, rows: int, detail: str) -> Finding:
    """A change of one number, not yet judged."""
    low, high = change.interval
    return Finding(
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


def grown(name: str, before: Floats, after: Floats, limits: Thresholds) -> Finding:
    """The growth of an RMSE from one sample of errors to another, not yet judged."""
    detail = f"{name} {rmse(before):.3f} → {rmse(after):.3f}"
    return changed("growth of RMSE", rmse_growth(before, after), limits.error_growth, len(after), detail)


def judged(measured: Sequence[Finding], level: float) -> tuple[Finding, ...]:
    """Verdicts by size and by chance, at a family-wise `level`.

    P-values are adjusted within the family, and `confidence` is turned to the side of the verdict.
    """
    tested = [finding for finding in measured if finding.p_value is not None]
    p_values = holm([finding.p_value or 0.0 for finding in tested])
    adjusted = {finding.name: p_value for finding, p_value in zip(tested, p_values, strict=True)}
    return tuple(_verdict(f, adjusted[f.name], level) if f.name in adjusted else f for f in measured)


def _verdict(finding: Finding, p_value: float, level: float) -> Finding:
    large = (finding.effect or 0.0) > (finding.threshold or 0.0)
    above = finding.confidence or 0.0
    if large and p_value < level:
        return replace(finding, verdict=Verdict.DRIFT, p_value=p_value, confidence=above)
    return replace(finding, verdict=Verdict.NO_DRIFT, p_value=p_value, confidence=1 - above)
