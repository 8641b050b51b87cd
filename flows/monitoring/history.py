"""Past drift checks: one MLflow run each, which is what the trend table reads."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mlflow import MlflowClient
from mlflow.entities import Metric, Run, RunTag

from flows.monitoring.checks import CHECKS
from flows.monitoring.verdict import Check, DriftOutcome, Verdict
from flows.registry.experiments import FLOW_RUN, ClosedRun, experiment_id

EXPERIMENT: Final = "Wine_Price_Drift"
REPORT_FILE: Final = "drift_report.html"
_NOTE: Final = "Checks for drift: one run each, with the verdict of every check and the report."
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class PastCheck:
    """A check of the past as the trend shows it."""

    at: datetime
    version: str
    rows: int
    verdict: str
    effects: Mapping[str, float]


class DriftHistory:
    """The runs of `Wine_Price_Drift`."""

    def __init__(self, client: MlflowClient) -> None:
        self.client = client
        self.id = experiment_id(client, EXPERIMENT, _NOTE)

    def open(self, flow_run_id: str, *, version: str, start: datetime, end: datetime) -> ClosedRun:
        """The MLflow run of a flow run; a flow run that was killed and runs again gets the one it had."""
        found = self.client.search_runs([self.id], f"tags.`{FLOW_RUN}` = '{flow_run_id}'", max_results=1)
        tags = {
            FLOW_RUN: flow_run_id,
            "model_version": version,
            "window_start": start.astimezone(UTC).isoformat(),
            "window_end": end.astimezone(UTC).isoformat(),
        }
        name = f"drift {end.astimezone(UTC):%Y-%m-%d}, version {version}"
        run = found[0] if found else self.client.create_run(self.id, run_name=name, tags=tags)
        return ClosedRun(self.client, run)

    def record(self, run: Run, outcome: DriftOutcome, *, rows: int) -> None:
        """Verdicts and effects of a check, in one request."""
        now = time.time_ns() // 1_000_000
        figures = {"window_rows": float(rows), **_effects(outcome.checks)}
        tags = {
            "verdict": outcome.verdict.value,
            **{f"verdict.{v.name}": v.verdict.value for v in outcome.checks},
        }
        self.client.log_batch(
            run.info.run_id,
            metrics=[Metric(name, value, now, 0) for name, value in figures.items()],
            tags=[RunTag(name, value) for name, value in tags.items()],
        )

    def add_report(self, run: Run, html: str) -> None:
        self.client.log_text(run.info.run_id, html, REPORT_FILE)

    def past(self, *, but: Run) -> list[PastCheck]:
        """The latest finished checks, newest first, without the run at hand."""
        runs = self.client.search_runs(
            [self.id],
            "attributes.status = 'FINISHED'",
            order_by=["attributes.start_time DESC"],
            max_results=_SHOWN + 1,
        )
        return [
            _past(run) for run in runs if run.info.run_id != but.info.run_id and "verdict" in run.data.tags
        ][:_SHOWN]


def drifting_since(past: Iterable[PastCheck], version: str) -> datetime | None:
    """When the unbroken row of drift verdicts about a version, up to now, began. None: it begins now."""
    since = None
    for earlier in past:
        if earlier.verdict != Verdict.DRIFT or earlier.version != version:
            break
        since = earlier.at
    return since


def _effects(checks: Iterable[Check]) -> dict[str, float]:
    strongest = {check.name: check.strongest for check in checks}
    return {
        f"effect.{name}": result.effect
        for name, result in strongest.items()
        if result is not None and result.effect is not None
    }


def _past(run: Run) -> PastCheck:
    metrics = run.data.metrics
    return PastCheck(
        at=datetime.fromtimestamp(run.info.start_time / 1000, UTC),
        version=run.data.tags.get("model_version", ""),
        rows=int(metrics.get("window_rows", 0)),
        verdict=run.data.tags["verdict"],
        effects={name: metrics[f"effect.{name}"] for name in CHECKS if f"effect.{name}" in metrics},
    )
