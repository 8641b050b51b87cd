"""A team's own estimator and the baseline, from `train` to `POST /predict`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import httpx
import pytest

from flows.drift import drift
from flows.promote import promote
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import Registry
from flows.score import score
from flows.train import train
from tests.integration.conftest import Servers
from tests.pace import patience
from tests.serving_kit.services import service, wait_for

pytestmark = pytest.mark.integration

TUTORIAL = Path(__file__).parents[3] / "docs" / "estimators.md"
WINE = {
    "country": "US", "province": "California", "millesime": 2012,
    "description": "Dense and layered, with cassis, cedar and graphite; firm tannins.",
}  # fmt: skip


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The tutorial's module, where a worker would find it; the service does not."""
    code = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)[0]
    assert len(code.splitlines()) <= 35
    package = tmp_path / "my_team"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "models.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "my_team.models:boosted"
    for name in [name for name in sys.modules if name.startswith("my_team")]:
        del sys.modules[name]


def test_the_tutorials_estimator_goes_from_train_to_predict(
    registry: Registry, flow_env: Servers, example: str, tmp_path: Path
) -> None:
    trained = train(estimator=example, extras="never", return_state=True)
    assert trained.is_completed(), trained.message
    promoted = promote(allow_synthetic=True, return_state=True)
    assert promoted.is_completed(), promoted.message
    version = registry.by_alias(PRODUCTION)
    assert version.tags["estimator"] == example
    _priced_by_the_service(flow_env, tmp_path, version.version)
    _priced_by_score(tmp_path)
    watched = drift(report=False, return_state=True)
    assert watched.name in ("Completed", "Drift"), watched.message


def test_the_baseline_is_served_and_wine_replaces_it(
    registry: Registry, flow_env: Servers, tmp_path: Path
) -> None:
    for estimator in ("baseline", "wine"):
        trained = train(estimator=estimator, extras="never", return_state=True)
        assert trained.is_completed(), trained.message
        promoted = promote(allow_synthetic=True, return_state=True)
        assert promoted.is_completed(), promoted.message
        number = registry.by_alias(PRODUCTION).version
        _priced_by_the_service(flow_env, tmp_path / estimator, number)


def test_an_estimator_that_cannot_be_used_fails_with_what_to_do(registry: Registry) -> None:
    state = train(estimator="merlot", return_state=True)
    assert state.is_failed()
    assert "Give wine, baseline, or a factory" in state.message
    assert not registry.versions()


def _priced_by_the_service(servers: Servers, folder: Path, version: str) -> None:
    settings = {"MLFLOW_TRACKING_URI": servers.mlflow}
    with service(folder / "state", settings, path="/health/live") as running:
        wait_for(lambda: running.health().get("model_version") == version, what="the new version")
        answer = httpx.post(f"{running.address}/predict?explain=true", json=WINE, timeout=patience(30))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["interval"]["low"] < body["prediction"] < body["interval"]["high"]
        assert body["explanation"]["factors"]
        batch = [WINE, {**WINE, "points": 300}, {**WINE, "points": 95}]
        items = httpx.post(f"{running.address}/predict/batch", json=batch, timeout=patience(30)).json()
        assert (items["priced"], items["failed"]) == (2, 1)


def _priced_by_score(folder: Path) -> None:
    catalogue, output = folder / "catalogue.csv", folder / "priced.csv"
    catalogue.write_text("country,province,millesime,description\nUS,California,2012,ripe cassis\n")
    state = score(catalogue_uri=str(catalogue), output_uri=str(output), workers=1, return_state=True)
    assert state.is_completed(), state.message
    assert "predicted_price" in output.read_text()
