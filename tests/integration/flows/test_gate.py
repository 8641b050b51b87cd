from __future__ import annotations

from pathlib import Path

import mlflow
import pytest

from flows.promote import promote
from flows.registry.contract import CANDIDATE, PREVIOUS, PRODUCTION
from flows.registry.model_registry import Registry
from flows.rollback import rollback
from flows.train import train
from tests.integration.conftest import Servers
from tests.integration.flows.test_train import artifacts_of

pytestmark = pytest.mark.integration


def aliases(registry: Registry) -> dict[str, str | None]:
    found = {name: registry.by_alias(name) for name in (CANDIDATE, PRODUCTION, PREVIOUS)}
    return {name: version.version if version else None for name, version in found.items()}


def test_a_good_candidate_is_promoted_and_rolled_back(registry: Registry, flow_env: Servers) -> None:
    train(extras="never")
    first = promote(return_state=True)
    assert first.is_completed(), first.message
    assert aliases(registry) == {CANDIDATE: None, PRODUCTION: "1", PREVIOUS: None}

    train(extras="never", seed=1)
    second = promote(return_state=True)
    assert second.is_completed(), second.message
    assert aliases(registry) == {CANDIDATE: None, PRODUCTION: "2", PREVIOUS: "1"}
    verdict = artifacts_of(flow_env.prefect, "wine-promotion")[0]["data"]
    assert "Production was version 1" in verdict
    assert "Every way of asking" in verdict
    run_id = registry.version("2").run_id
    gate = registry.client.list_artifacts(run_id, registry.client.list_artifacts(run_id, "gate")[0].path)
    assert {Path(file.path).name for file in gate} == {"junit.xml", "verdict.md"}

    again = promote(model_version="2", return_state=True)
    assert "in production already" in again.message

    back = rollback(reason="prices of Rioja are off", return_state=True)
    assert back.is_completed(), back.message
    assert aliases(registry)[PRODUCTION] == "1"
    assert registry.version("2").tags["rollback_reason"] == "prices of Rioja are off"
    nowhere = rollback(reason="again", return_state=True)
    assert nowhere.is_failed()
    assert "no earlier production version" in nowhere.message


def test_nothing_to_promote_is_no_failure(registry: Registry) -> None:
    state = promote(return_state=True)
    assert (state.is_completed(), state.name) == (True, "Skipped")
    assert "Run train first" in state.message


def test_a_changed_artefact_is_refused(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    train(extras="never")
    version = registry.by_alias(CANDIDATE)
    registry.tag(version.version, {"artefact_sha256": "0" * 64})
    state = promote(return_state=True)
    assert state.is_failed()
    assert "its bytes were changed" in state.message
    assert aliases(registry) == {CANDIDATE: "1", PRODUCTION: None, PREVIOUS: None}
    assert registry.version("1").tags["promotion"] == "rejected"


def test_a_synthetic_model_does_not_replace_a_foreign_one_unasked(registry: Registry) -> None:
    foreign = _foreign_production(registry)
    train(extras="never")
    refused = promote(return_state=True)
    assert refused.is_failed()
    assert "trained on synthetic reviews" in refused.message
    assert aliases(registry)[PRODUCTION] == foreign

    allowed = promote(allow_synthetic=True, return_state=True)
    assert allowed.is_completed(), allowed.message
    assert aliases(registry)[PREVIOUS] == foreign


def _foreign_production(registry: Registry) -> str:
    """A production version as the original version left it: a pickle, no tags of ours."""
    registry._ensure_model()
    with mlflow.start_run() as run:
        mlflow.log_text("flavors: {sklearn: {pickled_model: model.pkl}}\nmodel_uuid: abc\n", "model/MLmodel")
        mlflow.log_text("cposix\nsystem\n(S'touch /tmp/owned'\ntR.", "model/model.pkl")
    source = f"{run.info.artifact_uri}/model"
    version = registry.client.create_model_version(registry.name, source, run_id=run.info.run_id).version
    registry.set_alias(PRODUCTION, version)
    return version


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.mark.parametrize("survives", range(3))
def test_a_promotion_killed_between_alias_moves_is_finished_by_the_next(
    registry: Registry, survives: int
) -> None:
    registry._ensure_model()
    for number in ("1", "2"):
        registry.client.create_model_version(registry.name, f"s3://nowhere/{number}")
    registry.set_alias(PRODUCTION, "1")
    registry.set_alias(CANDIDATE, "2")

    with pytest.raises(Killed):
        Registry(DyingClient(registry.client, survives)).promote("2", instead_of="1")
    assert aliases(registry)[PRODUCTION] in ("1", "2"), "something is served whatever happens"

    current = aliases(registry)[PRODUCTION]
    registry.promote("2", instead_of=current)
    assert aliases(registry) == {CANDIDATE: None, PRODUCTION: "2", PREVIOUS: "1"}


class DyingClient:
    """A client whose process is killed at the alias move after the `survives`-th."""

    def __init__(self, client: mlflow.MlflowClient, survives: int) -> None:
        self._client, self._left = client, survives

    def __getattr__(self, name: str) -> object:
        if name in ("set_registered_model_alias", "delete_registered_model_alias"):
            if self._left == 0:
                raise Killed
            self._left -= 1
        return getattr(self._client, name)
