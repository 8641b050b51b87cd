"""What a run of `promote` does, from the candidate to its aliases."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mlflow.entities.model_registry import ModelVersion
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.errors import CandidateRejected
from flows.gate.candidate import Candidate, fetch_candidate, fetch_champion
from flows.gate.decision import GateDecision, decide
from flows.gate.report import decision_markdown
from flows.gate.shadow import shadow_markdown
from flows.gate.suite import JUNIT_FILE, TestResult, run_suite
from flows.orchestration import artifacts, events, failures
from flows.orchestration.retries import IO
from flows.orchestration.runs import flow_run_id
from flows.registry import tracker
from flows.registry.contract import CANDIDATE, PRODUCTION, PROMOTED, PROMOTION_TAG, REJECTED, SYNTHETIC_TAG
from flows.registry.model_registry import Registry
from flows.registry.versions import LoadedVersion
from flows.settings import FlowSettings

_TAG_LENGTH: Final = 4000


def run(train_flow_run_id: str | None, model_version: str | None, *, allow_synthetic: bool) -> State[Any]:
    """Test a candidate and promote it. The parameters are those of `flows.promote.promote`."""
    failures.tell_once()
    try:
        settings = FlowSettings.from_env(os.environ)
        registry = Registry(tracker.connect(settings))
        version = _chosen(registry, train_flow_run_id, model_version)
        if isinstance(version, str):
            return Completed(name="Skipped", message=version)
        return _promote(settings, registry, version, allow_synthetic=allow_synthetic)
    except CandidateRejected as rejection:
        # A name of its own, so that an alert for failed runs does not repeat the one for rejections.
        return Failed(name="Rejected", message=str(rejection))
    except failures.HANDLED as error:
        return failures.failed(error)


def _chosen(registry: Registry, train_flow_run_id: str | None, number: str | None) -> ModelVersion | str:
    """The candidate, or why there is none."""
    waiting = registry.by_alias(CANDIDATE)
    if number is not None:
        return registry.version(number) or f"Nothing to promote: there is no version {number}."
    if train_flow_run_id is None:
        return waiting or "Nothing to promote: no version has the alias ready_to_test. Run train first."
    version = registry.by_flow_run(train_flow_run_id)
    if version is None:
        return f"Nothing to promote: the train run {train_flow_run_id} registered no version."
    if waiting is not None and int(waiting.version) > int(version.version):
        return f"Version {version.version} is superseded: version {waiting.version} is ready to test."
    return version


def _promote(
    settings: FlowSettings, registry: Registry, version: ModelVersion, *, allow_synthetic: bool
) -> State[Any]:
    production = registry.by_alias(PRODUCTION)
    if production is not None and production.version == version.version:
        return _finish(registry, version, production.version)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            decision = _decided(registry, version, production, Path(scratch), allow_synthetic=allow_synthetic)
        except CandidateRejected as rejection:
            decision = GateDecision(
                version.version, (), None, None, "It was not compared.", rejection.reasons
            )
        _publish(settings, registry, version, decision, Path(scratch))
    if not decision.passed:
        _reject(registry, version, decision)
    return _finish(registry, version, production.version if production else None)


def _decided(
    registry: Registry,
    version: ModelVersion,
    production: ModelVersion | None,
    scratch: Path,
    *,
    allow_synthetic: bool,
) -> GateDecision:
    candidate = load_candidate(registry, version, scratch / "candidate")
    tests = test_candidate(candidate)
    champion = load_champion(registry, production, scratch / "champion") if production else None
    return compare_with_production(candidate, champion, tests, allow_synthetic)


@task(name="load-candidate", cache_policy=NO_CACHE, timeout_seconds=1800, **IO)
def load_candidate(registry: Registry, version: ModelVersion, folder: Path) -> Candidate:
    """Download the candidate and load it."""
    return fetch_candidate(registry, version, folder)


@task(name="test-candidate", cache_policy=NO_CACHE)
def test_candidate(candidate: Candidate) -> tuple[TestResult, ...]:
    """Run `tests/model` against it."""
    return run_suite(candidate.folder, candidate.loaded.number)


@task(name="load-champion", cache_policy=NO_CACHE, timeout_seconds=1800, **IO)
def load_champion(registry: Registry, version: ModelVersion, folder: Path) -> LoadedVersion | str:
    """Download the version in production, if it is one of this system."""
    return fetch_champion(registry, version, folder)


@task(name="compare-with-production", cache_policy=NO_CACHE)
def compare_with_production(
    candidate: Candidate,
    champion: LoadedVersion | str | None,
    tests: tuple[TestResult, ...],
    allow_synthetic: bool,
) -> GateDecision:
    """Compare both on the same held-out wines, and weigh everything."""
    return decide(candidate, champion, tests, allow_synthetic=allow_synthetic)


def _publish(
    settings: FlowSettings, registry: Registry, version: ModelVersion, decision: GateDecision, scratch: Path
) -> None:
    """The decision for people in Prefect, and with the test report beside the training run in MLflow."""
    text = decision_markdown(decision, shadow_markdown(settings, version.version))
    outcome = PROMOTED if decision.passed else REJECTED
    artifacts.show(artifacts.PROMOTION_KEY, text, description=f"Version {version.version}: {outcome}")
    if not version.run_id:
        return
    folder = f"gate/{flow_run_id()}"
    registry.client.log_text(version.run_id, text, f"{folder}/verdict.md")
    junit = scratch / "candidate" / JUNIT_FILE
    if junit.is_file():
        registry.client.log_artifact(version.run_id, str(junit), folder)


def _reject(registry: Registry, version: ModelVersion, decision: GateDecision) -> None:
    reasons = "\n".join(decision.reasons)
    registry.tag(version.version, {PROMOTION_TAG: REJECTED, "promotion_reasons": reasons[:_TAG_LENGTH]})
    events.emit("wine.model.rejected", version=version.version, payload={"reasons": list(decision.reasons)})
    raise CandidateRejected(version.version, decision.reasons)


def _finish(registry: Registry, version: ModelVersion, before: str | None) -> State[Any]:
    """Move the aliases; for a version that is in production already, finish what a cut off run left."""
    change = registry.promote(version.version, instead_of=before)
    if version.tags.get(PROMOTION_TAG) == PROMOTED and before == version.version:
        return Completed(message=f"Version {version.version} is in production already.")
    promoted_at = datetime.now(UTC).isoformat(timespec="seconds")
    registry.tag(version.version, {PROMOTION_TAG: PROMOTED, "promoted_at": promoted_at})
    synthetic = version.tags.get(SYNTHETIC_TAG) == "true"
    payload = {"previous": change.before, "synthetic": synthetic}
    events.emit("wine.model.promoted", version=version.version, payload=payload)
    return Completed(message=f"Version {version.version} of {registry.name} is in production.")
