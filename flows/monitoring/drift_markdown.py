"""The drift check in words: what moved, by how much, since when, and what happens now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flows.monitoring.checks import CHECKS
from flows.monitoring.drift_check import Evidence
from flows.monitoring.history import PastCheck, drifting_since
from flows.monitoring.verdict import WHOLE_REQUEST, Check, CheckResult, DriftOutcome, Verdict
from flows.orchestration.markdown import bullets, table

_MOVED_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class CheckContext:
    """When and on what a check was made."""

    version: str
    start: datetime
    end: datetime
    past: Sequence[PastCheck]
    report_link: str | None
    report_error: str | None = None


def drift_markdown(outcome: DriftOutcome, evidence: Evidence, context: CheckContext) -> str:
    """The artifact of a run."""
    parts = [
        _headline(outcome, context),
        _moved(outcome),
        _unread(evidence),
        f"**Now**: {what_happens(outcome, evidence)}",
        _report(context),
        _window(evidence, context),
        table(["check", "verdict", "effect", "limit", "sure", "rows"], map(_row, outcome.checks)),
        bullets(_detail(check) for check in outcome.checks if check.strongest),
        _refused(evidence),
        _trend(context.past),
    ]
    return "\n\n".join(part for part in parts if part)


def summary(outcome: DriftOutcome) -> str:
    """The verdict in one line, for states, events and alerts."""
    if outcome.verdict is not Verdict.DRIFT:
        unseen = [check.name for check in outcome.checks if check.verdict is Verdict.NOT_ENOUGH_DATA]
        if len(unseen) == len(outcome.checks):
            return f"Nothing was seen: not enough data in any of {len(outcome.checks)} checks."
        seen = f"No drift in {len(outcome.checks) - len(unseen)} of {len(outcome.checks)} checks."
        return f"{seen} Not enough data: {', '.join(unseen)}." if unseen else seen
    parts = [f"{check.name} ({result.detail})" for check in outcome.drifted if (result := check.strongest)]
    return f"Drift in {'; '.join(parts)}."


def what_happens(outcome: DriftOutcome, evidence: Evidence) -> str:
    """What follows from the verdict."""
    if outcome.verdict is Verdict.DRIFT:
        return (
            "a training starts by itself, if the data or the feedback have changed since the last one and "
            "that was more than a day ago. Its candidate goes live only if it passes the gate."
        )
    if evidence.missing:
        return "put right what could not be read, and run the check again."
    if outcome.verdict is Verdict.NOT_ENOUGH_DATA:
        return "nothing. A longer window (`window_days`) or a labelled file would allow a verdict."
    return "nothing. The next check runs by schedule."


def _headline(outcome: DriftOutcome, context: CheckContext) -> str:
    if outcome.verdict is not Verdict.DRIFT:
        return f"# {outcome.verdict.value.capitalize()}\n\nModel version {context.version}."
    since = drifting_since(context.past, context.version)
    when = f"since the check of {since:%Y-%m-%d %H:%M} UTC" if since else "new in this check"
    return f"# Drift\n\nModel version {context.version}, {when}."


def _window(evidence: Evidence, context: CheckContext) -> str:
    span = f"{context.start:%Y-%m-%d %H:%M} to {context.end:%Y-%m-%d %H:%M} UTC"
    if evidence.log is None:
        return f"Window: {span}."
    log = evidence.log
    versions = ", ".join(f"version {name}: {rows:,}" for name, rows in sorted(log.versions.items()))
    warned = f"{log.warned / log.rows:z.0%} with warnings" if log.rows else "none"
    sampled = f", {len(log.sample):,} of them looked at" if len(log.sample) < log.rows else ""
    return f"Window: {span}. {log.rows:,} requests{sampled} ({versions or warned}; {warned})."


def _row(check: Check) -> tuple[str, ...]:
    result = check.strongest
    verdict = f"**{check.verdict.value}**" if check.verdict is Verdict.DRIFT else check.verdict.value
    if result is None or result.effect is None:
        return (check.name, verdict, "", "", "", "")
    sure = f"{result.confidence or 0:z.0%}" if (result.confidence or 0) < 0.995 else ">99%"  # noqa: PLR2004
    return (
        check.name, verdict, _effect(result), f"{result.threshold:z.0%} {result.what}", sure,
        f"{result.rows:,}",
    )  # fmt: skip


def _detail(check: Check) -> str:
    """A line, not a cell: Prefect's pages cut wide tables off."""
    detail = check.strongest.detail if check.strongest else ""
    return f"{check.name}: {detail}. {check.note}".strip()


def _effect(result: CheckResult) -> str:
    if result.low is None or result.high is None:
        return f"{result.effect:z.0%}"
    return f"{result.effect:z.0%} ({result.low:z.0%} to {result.high:z.0%})"


def _moved(outcome: DriftOutcome) -> str:
    """The largest results of each check, those with a name that people know first."""
    lines = [
        f"{result.detail} ({result.what} {_effect(result)})"
        for check in outcome.drifted
        for result in sorted(check.results, key=_by_size)[:_MOVED_SHOWN]
        if result.verdict is Verdict.DRIFT
    ]
    return f"**What moved**\n\n{bullets(lines)}" if lines else ""


def _by_size(result: CheckResult) -> tuple[bool, bool, float]:
    return result.verdict is not Verdict.DRIFT, result.name == WHOLE_REQUEST, -(result.effect or 0)


def _unread(evidence: Evidence) -> str:
    if not evidence.missing:
        return ""
    return f"**Could not be read**\n\n{bullets(f'{name}: {why}' for name, why in evidence.missing.items())}"


def _report(context: CheckContext) -> str:
    if context.report_error:
        return (
            f"The detailed report could not be made ({context.report_error}); the verdict stands without it."
        )
    if context.report_link is None:
        return ""
    return f"[Every distribution in detail]({context.report_link}) (by Evidently)"


def _refused(evidence: Evidence) -> str:
    if evidence.feedback is None:
        return ""
    refused = {reason: rows for reason, rows in evidence.feedback.refused.items() if rows}
    if not refused:
        return ""
    from_rows = ", ".join(f"{reason.replace('_', ' ')}: {rows:,}" for reason, rows in refused.items())
    return f"Feedback left out: {from_rows}."


def _trend(past: Sequence[PastCheck]) -> str:
    if not past:
        return ""
    rows = [
        (f"{earlier.at:%Y-%m-%d %H:%M}", earlier.version, f"{earlier.rows:,}", earlier.verdict,
         *(f"{earlier.effects[name]:z.0%}" if name in earlier.effects else "" for name in CHECKS))
        for earlier in past
    ]  # fmt: skip
    return "**Trend** (effect by check)\n\n" + table(["checked", "version", "rows", "verdict", *CHECKS], rows)
