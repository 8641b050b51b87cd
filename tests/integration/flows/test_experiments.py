"""Experiments on a real MLflow server: deleted ones, several first runs at once, runs that nobody closed."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import mlflow
import pytest
from mlflow import MlflowClient

from flows.registry.experiments import FLOW_RUN, close_runs, experiment_id, run_link
from tests.integration.conftest import Servers

pytestmark = pytest.mark.integration


@pytest.fixture
def client(servers: Servers) -> MlflowClient:
    mlflow.set_tracking_uri(servers.mlflow)
    return MlflowClient(servers.mlflow)


@pytest.fixture
def name() -> str:
    return f"experiment {uuid.uuid4().hex}"


def test_one_that_was_deleted_is_restored_with_its_runs(client: MlflowClient, name: str) -> None:
    first = experiment_id(client, name, "What it is for.")
    client.create_run(first)
    client.delete_experiment(first)
    assert experiment_id(client, name, "What it is for.") == first
    assert len(client.search_runs([first])) == 1
    assert client.get_experiment(first).tags["mlflow.note.content"] == "What it is for."


def test_several_first_runs_at_once_find_one_experiment(client: MlflowClient, name: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: experiment_id(client, name, "note"), range(8)))
    assert len(found) == 1


def test_what_a_flow_run_left_open_is_closed(client: MlflowClient, name: str) -> None:
    made = experiment_id(client, name, "note")
    left, other = (client.create_run(made, tags={FLOW_RUN: owner}) for owner in ("cancelled", "running"))
    assert close_runs(client, [name, "none of this name"], "cancelled", "KILLED") == 1
    assert client.get_run(left.info.run_id).info.status == "KILLED"
    assert client.get_run(other.info.run_id).info.status == "RUNNING"
    assert "?workflowType=machine_learning" in run_link("http://tracker", left, "report.html")
