"""The drift check in words: what moved, by how much, since when, and what happens now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flows.monitoring.check import Evidence
from flows.monitoring.history import PastCheck, drifting_since
from flows.monitoring.verdict import WHOLE_REQUEST, DriftCheck, Finding, Verdict, View
from flows.monitoring.views import VIEWS
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


def drift_markdown(check: DriftCheck, evidence: Evidence, context: CheckContext) -> str:
    """The artifact of a run."""
    parts = [
        _headline(check, context),
        _moved(check),
        _unread(evidence),
        f"**Now**: {what_happens(check, evidence)}",
        _report(context),
        _window(evidence, context),
        table(
            ["view", "verdict", "effect", "limit", "sure", "rows", ""], [_row(view) for view in check.views]
        ),
        _refused(evidence),
        _trend(context.past),
    ]
    return "\n\n".join(part for part in parts if part)


def summary(check: DriftCheck) -> str:
    """The verdict in one line, for states, events and alerts."""
    if check.verdict is not Verdict.DRIFT:
        unseen = [view.name for view in check.views if view.verdict is Verdict.NOT_ENOUGH_DATA]
        if len(unseen) == len(check.views):
            return f"Nothing was seen: not enough data in any of {len(check.views)} views."
        seen = f"No drift in {len(check.views) - len(unseen)} of {len(check.views)} views."
        return f"{seen} Not enough data: {', '.join(unseen)}." if unseen else seen
    parts = [f"{view.name} ({finding.detail})" for view in check.drifted if (finding := view.strongest)]
    return f"Drift in {'; '.join(parts)}."


def what_happens(check: DriftCheck, evidence: Evidence) -> str:
    """What follows from the verdict."""
    if check.verdict is Verdict.DRIFT:
        return (
            "a training starts by itself, if the data or the feedback have changed since the last one and "
            "that was more than a day ago. Its candidate goes live only if it passes the gate."
        )
    if evidence.missing:
        return "put right what could not be read, and run the check again."
    if check.verdict is Verdict.NOT_ENOUGH_DATA:
        return "nothing. A longer window (`window_days`) or a labelled file would allow a verdict."
    return "nothing. The next check runs by schedule."


def _headline(check: DriftCheck, context: CheckContext) -> str:
    if check.verdict is not Verdict.DRIFT:
        return f"# {check.verdict.value.capitalize()}\n\nModel version {context.version}."
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


def _row(view: View) -> tuple[str, ...]:
    finding = view.strongest
    verdict = f"**{view.verdict.value}**" if view.verdict is Verdict.DRIFT else view.verdict.value
    if finding is None or finding.effect is None:
        return (view.name, verdict, "", "", "", "", finding.detail if finding else "")
    sure = f"{finding.confidence or 0:z.0%}" if (finding.confidence or 0) < 0.995 else ">99%"  # noqa: PLR2004
    note = f"{finding.detail}. {view.note}".strip()
    return (
        view.name, verdict, _effect(finding), f"{finding.threshold:z.0%} {finding.what}", sure,
        f"{finding.rows:,}", note,
    )  # fmt: skip


def _effect(finding: Finding) -> str:
    if finding.low is None or finding.high is None:
        return f"{finding.effect:z.0%}"
    return f"{finding.effect:z.0%} ({finding.low:z.0%} to {finding.high:z.0%})"


def _moved(check: DriftCheck) -> str:
    """The largest findings of each view, those with a name that people know first."""
    lines = [
        f"{finding.detail} ({finding.what} {_effect(finding)})"
        for view in check.drifted
        for finding in sorted(view.findings, key=_by_size)[:_MOVED_SHOWN]
        if finding.verdict is Verdict.DRIFT
    ]
    return f"**What moved**\n\n{bullets(lines)}" if lines else ""


def _by_size(finding: Finding) -> tuple[bool, bool, float]:
    return finding.verdict is not Verdict.DRIFT, finding.name == WHOLE_REQUEST, -(finding.effect or 0)


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
        (f"{check.at:%Y-%m-%d %H:%M}", check.version, f"{check.rows:,}", check.verdict,
         *(f"{check.effects[name]:z.0%}" if name in check.effects else "" for name in VIEWS))
        for check in past
    ]  # fmt: skip
    return "**Trend** (effect by view)\n\n" + table(["checked", "version", "rows", "verdict", *VIEWS], rows)
