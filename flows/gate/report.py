"""The gate's decision for people."""

from __future__ import annotations

from flows.gate.decision import GateDecision
from flows.gate.suite import TestResult
from flows.orchestration.markdown import bullets, table
from pricing.evaluation.comparison import Comparison, Difference


def decision_markdown(decision: GateDecision, shadow: str = "") -> str:
    """Why a version was promoted or not, with every number."""
    parts = [
        _headline(decision),
        bullets(decision.reasons),
        "## Against production",
        _comparison(decision.comparison) if decision.comparison else decision.note,
        *(["## On real requests", shadow] if shadow else []),
        "## Tests",
        bullets(_test(test) for test in decision.tests),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _test(test: TestResult) -> str:
    """A line, not a row: Prefect's pages cut wide tables off, and the figures are long."""
    return f"**{test.outcome}** {test.name}" + (f": {test.figures}" if test.figures else "")


def _headline(decision: GateDecision) -> str:
    against = f" Production was version {decision.champion}." if decision.champion else ""
    if decision.passed:
        return f"# Version {decision.version}: promoted\n\nIt passed every check.{against}"
    return f"# Version {decision.version}: not promoted\n\nProduction is unchanged.{against} The reasons:"


def _comparison(comparison: Comparison) -> str:
    slices = sorted(comparison.slices, key=lambda part: -part.relative)
    explained = (
        "RMSE of log price on the same held-out wines. Below zero the candidate is better; the bounds are "
        "one-sided at 95 % and hold both the choice of the wines and the noise of training. p is adjusted "
        "for the number of rows of its table (Holm)."
    )
    header = ["wines", "rows", "production", "candidate", "difference", "bounds", "p"]
    parts = [explained, "**Every way of asking**", table(header, map(_row, comparison.views))]
    if slices:
        parts += ["**Slices**", table(header, map(_row, slices))]
    return "\n\n".join(parts)


def _row(part: Difference) -> tuple[str, ...]:
    return (
        part.group, f"{part.rows:,}", f"{part.champion_rmse:.4f}", f"{part.challenger_rmse:.4f}",
        f"{part.relative:+z.1%}", f"{part.low:+z.1%} to {part.high:+z.1%}",
        f"{part.p_value:.3f}",
    )  # fmt: skip
