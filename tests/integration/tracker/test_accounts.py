"""What the accounts of the flows and of the service may do at a real tracker, and what they may not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx
import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import RestException

from tests.integration.tracker.test_tracker import MODEL, NEW, call, env, tracker
from tests.pace import patience

__all__ = ["env"]  # the fixture

pytestmark = pytest.mark.integration

FLOWS, SERVICE = ("wine-flows", "a good word for flows"), ("wine-service", "a good word for pages")
PASSWORDS: Final = {"TRACKER_FLOWS_PASSWORD": FLOWS[1], "TRACKER_SERVICE_PASSWORD": SERVICE[1]}
USERS: Final = (
    ("GET", "/api/2.0/mlflow/users/get?username=admin", {}),
    ("POST", "/api/2.0/mlflow/users/create", {"username": "stranger", "password": "a word of strangers"}),
    ("PATCH", "/api/2.0/mlflow/users/update-password", {"username": "admin", "password": "a word of others"}),
    ("PATCH", "/api/2.0/mlflow/users/update-admin", {"username": "wine-flows", "is_admin": True}),
    ("DELETE", "/api/2.0/mlflow/users/delete", {"username": "admin"}),
    ("POST", "/api/3.0/mlflow/roles/create", {"name": "mine", "workspace": "default"}),
)
OF_FLOWS: Final = (
    ("GET", "/api/2.0/mlflow/users/list", {}),
    ("GET", "/api/2.0/mlflow/experiments/search?max_results=1", {}),
    ("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1}),
    ("POST", "/api/2.0/mlflow/experiments/create", {"name": "theirs"}),
    ("POST", "/api/2.0/mlflow/registered-models/create", {"name": "theirs"}),
    ("POST", "/api/2.0/mlflow/registered-models/alias", {"name": MODEL, "alias": "new", "version": "1"}),
    ("DELETE", "/api/2.0/mlflow/registered-models/alias", {"name": MODEL, "alias": "production"}),
    ("DELETE", "/api/2.0/mlflow/registered-models/delete", {"name": MODEL}),
    ("GET", "/ajax-api/2.0/mlflow/experiments/search?max_results=1", {}),
    ("GET", "/api/2.0/mlflow-artifacts/artifacts", {}),
    ("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/theirs", {}),
    ("GET", "/graphql", {}),
    ("GET", "/ajax-api/3.0/mlflow/traces/search", {}),
    ("GET", "/", {}),
)  # fmt: skip


def model_of_the_flows(url: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Log and register a model as the flows do, with their account; the run's id."""
    as_account(monkeypatch, FLOWS)
    mlflow.set_tracking_uri(url)
    mlflow.set_experiment("Wine_Price_Regression")
    with mlflow.start_run() as run:
        mlflow.log_text("holdout", "holdout.csv")
        logged = mlflow.initialize_logged_model(name="model")
        (folder / "model.skops").write_bytes(b"a model")
        client = MlflowClient(url)
        client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
    client.create_registered_model(MODEL)
    client.create_model_version(
        MODEL, f"models:/{logged.model_id}", run.info.run_id, model_id=logged.model_id
    )
    client.set_registered_model_alias(MODEL, "production", "1")
    return str(run.info.run_id)


def as_account(monkeypatch: pytest.MonkeyPatch, account: tuple[str, str]) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", account[0])
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", account[1])


def refused(url: str, account: tuple[str, str], *requests: tuple[str, str, dict[str, object]]) -> None:
    for method, path, body in requests:
        sent = {"json": body} if body else {}
        answer = httpx.request(method, url + path, auth=account, timeout=patience(30), **sent)  # type: ignore[arg-type]
        # what is the browser's alone answers 404 to programs
        assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code} {answer.text[:200]}"


def test_service_reads_models_and_nothing_more_and_flows_manage_no_users(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tracker(env | PASSWORDS, NEW, tmp_path) as (client, _):
        url = str(client.base_url).rstrip("/")
        for account in (FLOWS, SERVICE):  # before the first training there is no model, and that is no crime
            as_account(monkeypatch, account)
            with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
                MlflowClient(url).get_model_version_by_alias(MODEL, "production")
        (tmp_path / "files").mkdir()
        run = model_of_the_flows(url, monkeypatch, tmp_path / "files")
        as_account(monkeypatch, SERVICE)
        assert MlflowClient(url).get_model_version_by_alias(MODEL, "production").version == "1"
        came = mlflow.artifacts.download_artifacts(
            artifact_uri=f"models:/{MODEL}/1", dst_path=str(tmp_path / "came"), tracking_uri=url
        )
        assert (Path(came) / "model.skops").read_bytes() == b"a model"
        holdout = f"/api/2.0/mlflow-artifacts/artifacts/1/{run}/artifacts/holdout.csv"
        refused(url, SERVICE, *USERS, *OF_FLOWS, ("GET", holdout, {}))
        refused(url, FLOWS, *USERS)
        assert httpx.get(url + holdout, auth=FLOWS, timeout=patience(20)).text == "holdout"
        assert call(client, "GET", "registered-models/alias", name=MODEL, alias="production")
        command_makes_a_reader(env, url)


def command_makes_a_reader(env: dict[str, str], url: str) -> None:
    """And its password is the last line that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tracker.account", "shop-reader", "--may", "read"],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    account = ("shop-reader", done.stdout.splitlines()[-1])
    alias = f"{url}/api/2.0/mlflow/registered-models/alias?name={MODEL}&alias=production"
    assert httpx.get(alias, auth=account, timeout=patience(20)).status_code == 200
    refused(url, account, *USERS, *OF_FLOWS)
