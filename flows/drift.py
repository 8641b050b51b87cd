"""The flow `drift`: whether the model in production still sees the world it was trained on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import numpy as np
from mlflow.entities import Run
from prefect import State, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed
from pydantic import Field

from configuration.errors import SettingsError
from flows.data.datasets import TEST_FILE, read_file
from flows.data.feedback_rows import TrustedFeedback, trusted_feedback
from flows.data.inference_log import InferenceLog, LogWindow
from flows.errors import DatabaseUnreachable, DataUnavailable
from flows.monitoring.drift_check import Evidence, Labelled, check_drift, scoreable
from flows.monitoring.drift_markdown import CheckContext, drift_markdown, summary
from flows.monitoring.evidently_report import drift_html
from flows.monitoring.history import REPORT_FILE, DriftHistory
from flows.monitoring.verdict import DriftOutcome, Thresholds, Verdict
from flows.orchestration import artifacts, events, failures
from flows.orchestration.endings import close_in_mlflow
from flows.orchestration.parameters import AtLeastOne, Positive, Share
from flows.orchestration.retries import IO
from flows.orchestration.runs import flow_run_id, named
from flows.registry import tracker
from flows.registry.experiments import run_link
from flows.registry.model_registry import Registry
from flows.registry.production import Production, production
from flows.settings import FlowSettings
from pricing.data.cleaning import clean
from pricing.errors import DataError

T = TypeVar("T")

DRIFT_KEY: Final = "wine-drift"
SAMPLE_ROWS: Final = 20_000
_NOT_READABLE: Final = (DatabaseUnreachable, DataUnavailable, DataError)


@dataclass(frozen=True, slots=True)
class DriftRequest:
    """The parameters of a run, checked."""

    start: datetime
    end: datetime
    labelled: str | None
    limits: Thresholds
    sample_rows: int
    report: bool


@flow(
    name="drift",
    description="Compares present requests, answers and prices with the production model's reference.",
    flow_run_name=named("drift {until}", until=lambda until: f"{_aware(until):%Y-%m-%d}"),
    on_cancellation=[close_in_mlflow],
    on_crashed=[close_in_mlflow],
)
def drift(
    *,
    window_days: Annotated[float, Field(gt=0, le=3650)] = 7.0,
    until: datetime | None = None,
    labelled: str | None = None,
    threshold: Annotated[float, Field(gt=0, lt=10)] | None = None,
    moved_share: Share = Thresholds.moved_share,
    price_level: Positive = Thresholds.price_level,
    min_rows: AtLeastOne = Thresholds.min_rows,
    sample_rows: AtLeastOne = SAMPLE_ROWS,
    report: bool = True,
) -> State[Any]:
    """Look at a window of the log, and say whether anything has moved. Drift ends the run as Failed.

    Args:
        window_days: Length of the window of the log, in days: above 0, at most 3,650.
        until: End of the window; now when empty. A time without a zone is UTC.
        labelled: File of reviews with prices; winemag-test.csv of ARTIFACT_DATA when empty.
        threshold: Growth of the error that is drift: 0.1 is 10 %; above 0, below 10. DRIFT_THRESHOLD when
            empty.
        moved_share: Share of requests that must have moved to be drift: above 0, at most 1.
        price_level: Change of the level of prices (natural log) that is drift, above 0.
        min_rows: With fewer rows the verdict is "not enough data"; at least 1.
        sample_rows: Most rows of the log that are looked at, at least 1.
        report: Make the detailed report (HTML, in MLflow).
    """
    failures.tell_once()
    try:
        settings = FlowSettings.from_env(os.environ)
        limits = Thresholds(
            threshold or settings.drift_threshold, moved_share, price_level, min_rows=min_rows
        )
        end = _aware(until)
        start = end - timedelta(days=window_days)
        return _drift(settings, DriftRequest(start, end, labelled, limits, sample_rows, report))
    except failures.HANDLED as error:
        return failures.failed(error)


def _drift(settings: FlowSettings, request: DriftRequest) -> State[Any]:
    client = tracker.connect(settings)
    watched = load_production(Registry(client))
    history = DriftHistory(client)
    evidence = gather(settings, request)
    verdicts = compare(watched, evidence, request.limits)
    opened = history.open(flow_run_id(), version=watched.version, start=request.start, end=request.end)
    with opened as run:
        rows = evidence.log.rows if evidence.log else 0
        history.record(run, verdicts, rows=rows)
        to_show = request.report and evidence.log is not None and not scoreable(evidence.log.sample).empty
        error = render(history, run, watched, evidence) if to_show else None
        has_report = to_show and error is None
        link = run_link(settings.public_tracking_uri, run, REPORT_FILE) if has_report else None
        past = history.past(but=run)
        context = CheckContext(watched.version, request.start, request.end, past, link, error)
        artifacts.show(DRIFT_KEY, drift_markdown(verdicts, evidence, context), description="Drift check")
    return _conclusion(verdicts, evidence, watched, run_link(settings.public_tracking_uri, run))


@task(name="load-production", cache_policy=NO_CACHE)
def load_production(registry: Registry) -> Production:
    """The model in production and the sample that it was trained and tested on."""
    return production(registry)


@task(name="gather", cache_policy=NO_CACHE, timeout_seconds=3600, **IO)
def gather(settings: FlowSettings, request: DriftRequest) -> Evidence:
    """Everything there is to look at. What cannot be read is named, and does not hide the rest."""
    missing: dict[str, str] = {}
    log, feedback = None, None
    if settings.neon_uri is not None:
        source = InferenceLog(settings.neon_uri)
        log = _tried("log", missing, lambda: _window(source, request))
        feedback = _tried("feedback", missing, lambda: _feedback(source, request))
    labelled = _tried("labelled", missing, lambda: _labelled(settings, request))
    for name, why in missing.items():
        get_run_logger().warning("Not looked at: %s. %s", name, why)
    return Evidence(log=log, feedback=feedback, labelled=labelled, missing=missing)


@task(name="compare", cache_policy=NO_CACHE)
def compare(watched: Production, evidence: Evidence, limits: Thresholds) -> DriftOutcome:
    """The verdict of every check."""
    return check_drift(watched, evidence, limits)


@task(name="report", cache_policy=NO_CACHE)
def render(history: DriftHistory, run: Run, watched: Production, evidence: Evidence) -> str | None:
    """Keep the detailed report; the message of what went wrong, where it could not be made."""
    if evidence.log is None:
        return None
    window = scoreable(evidence.log.sample)
    try:
        history.add_report(
            run, drift_html(watched.reference, window, watched.model, np.random.default_rng(0))
        )
    except Exception as error:  # noqa: BLE001 - a report that fails in whatever way must not cost the verdict
        get_run_logger().warning("The report could not be made", exc_info=True)
        return f"{type(error).__name__}: {error}"
    return None


def _conclusion(verdicts: DriftOutcome, evidence: Evidence, watched: Production, link: str) -> State[Any]:
    text = summary(verdicts)
    if verdicts.verdict is Verdict.DRIFT:
        checks = {check.name: check.verdict.value for check in verdicts.checks}
        payload = {"reason": text, "model_version": watched.version, "checks": checks, "report": link}
        events.emit("wine.drift.detected", version=watched.version, payload=payload)
        # A name of its own, so that an alert for failed runs does not repeat the one for drift.
        return Failed(name="Drift", message=text)
    if evidence.missing:
        listed = "; ".join(f"{name}: {why}" for name, why in evidence.missing.items())
        return Failed(message=f"{text} But not everything could be read: {listed}")
    unseen = verdicts.verdict is Verdict.NOT_ENOUGH_DATA
    return Completed(name="NotEnoughData" if unseen else None, message=text)


def _window(source: InferenceLog, request: DriftRequest) -> LogWindow:
    return source.window(request.start, request.end, rows=request.sample_rows)


def _feedback(source: InferenceLog, request: DriftRequest) -> TrustedFeedback:
    return trusted_feedback(source.feedback(request.start, request.end))


def _labelled(settings: FlowSettings, request: DriftRequest) -> Labelled | None:
    try:
        uri = request.labelled or f"{settings.data_folder().rstrip('/')}/{TEST_FILE}"
    except SettingsError:
        return None
    folder, _, name = uri.rpartition("/")
    file = read_file(folder or ".", name)
    wines, _ = clean(file.reviews)
    return Labelled(uri=uri, sha256=file.sha256, wines=wines.reset_index(drop=True))


def _tried(name: str, missing: dict[str, str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except _NOT_READABLE as error:
        missing[name] = str(error)
        return None


def _aware(moment: datetime | None) -> datetime:
    """`until` in UTC; a time without a zone is taken for UTC."""
    if moment is None:
        return datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
