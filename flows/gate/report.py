"""The gate's verdict for people."""

from __future__ import annotations

from flows.gate.suite import TestResult
from flows.gate.verdict import Verdict
from flows.markdown import bullets, table
from pricing.evaluation.comparison import Comparison, Difference


def verdict_markdown(verdict: Verdict, shadow: str = "") -> str:
    """Why a version was promoted or not, with every number."""
    parts = [
        _headline(verdict),
        bullets(verdict.reasons),
        "## Against production",
        _comparison(verdict.comparison) if verdict.comparison else verdict.note,
        *(["## On real requests", shadow] if shadow else []),
        "## Tests",
        bullets(_test(test) for test in verdict.tests),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _test(test: TestResult) -> str:
    """A line, not a row: Prefect's pages cut wide tables off, and the figures are long."""
    return f"**{test.outcome}** {test.name}" + (f": {test.figures}" if test.figures else "")


def _headline(verdict: Verdict) -> str:
    against = f" Production was version {verdict.champion}." if verdict.champion else ""
    if verdict.passed:
        return f"# Version {verdict.version}: promoted\n\nIt passed every check.{against}"
    return f"# Version {verdict.version}: not promoted\n\nProduction is unchanged.{against} The reasons:"


def _comparison(comparison: Comparison) -> str:
    parts = sorted(comparison.slices, key=lambda part: -part.relative)
    rows = [_row(comparison.overall), *(_row(part) for part in parts)]
    explained = (
        "RMSE of log price on the same held-out wines. Below zero the candidate is better; the bounds are "
        "one-sided at 95 %, by resampling the wines in pairs."
    )
    header = ["wines", "rows", "production", "candidate", "difference", "bounds"]
    return f"{explained}\n\n{table(header, rows)}"


def _row(part: Difference) -> tuple[str, ...]:
    return (
        part.group, f"{part.rows:,}", f"{part.champion_rmse:.4f}", f"{part.challenger_rmse:.4f}",
        f"{part.relative:+.1%}", f"{part.low:+.1%} to {part.high:+.1%}",
    )  # fmt: skip
