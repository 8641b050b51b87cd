"""What a run of `drift` does, from the log to the verdict."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
from mlflow.entities import Run
from prefect import State, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed

from configuration.errors import SettingsError
from flows.data.datasets import TEST_FILE, read_file
from flows.data.feedback_rows import TrustedFeedback, trusted_feedback
from flows.data.inference_log import InferenceLog, LogWindow
from flows.errors import DatabaseUnreachable, DataUnavailable
from flows.monitoring.drift_check import Evidence, Labelled, check_drift, scoreable
from flows.monitoring.drift_markdown import CheckContext, drift_markdown, summary
from flows.monitoring.evidently_report import drift_html
from flows.monitoring.history import REPORT_FILE, DriftHistory
from flows.monitoring.request import DriftRequest
from flows.monitoring.verdict import DriftOutcome, Thresholds, Verdict
from flows.orchestration import artifacts, events, failures
from flows.orchestration.retries import IO
from flows.orchestration.runs import flow_run_id
from flows.registry import tracker
from flows.registry.experiments import run_link
from flows.registry.model_registry import Registry
from flows.registry.production import Production, production
from flows.settings import FlowSettings
from pricing.data.cleaning import clean
from pricing.errors import DataError

T = TypeVar("T")

DRIFT_KEY: Final = "wine-drift"
_NOT_READABLE: Final = (DatabaseUnreachable, DataUnavailable, DataError)


def run(request: DriftRequest) -> State[Any]:
    """Look at a window of the log, and say whether anything has moved."""
    failures.tell_once()
    try:
        return _drift(FlowSettings.from_env(os.environ), request)
    except failures.HANDLED as error:
        return failures.failed(error)


def _drift(settings: FlowSettings, request: DriftRequest) -> State[Any]:
    client = tracker.connect(settings)
    watched = load_production(Registry(client))
    history = DriftHistory(client)
    evidence = gather(settings, request)
    verdicts = compare(watched, evidence, request.limits(settings.drift_threshold))
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
