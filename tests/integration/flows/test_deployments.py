"""The deployments and triggers that a real Prefect server holds after a deploy are those of prefect.yaml."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deployments import run_limits
from deployments.prefect_api import PrefectApi
from tests.integration.conftest import Servers
from tests.integration.servers import ask
from tests.pace import patience

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAVY = {"wine-train", "wine-score", "wine-drift"}


@pytest.fixture(scope="module")
def deployed(servers: Servers) -> str:
    env = {**os.environ, "PREFECT_API_URL": servers.prefect, "WINE_HOME": str(ROOT), "GIT_COMMIT": COMMIT}
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    for command in (
        ["work-pool", "create", "ec2-host", "--type", "process", "--overwrite"],
        ["deploy", "--all"],
    ):
        subprocess.run(
            [*prefect, *command], cwd=ROOT, env=env, check=True, capture_output=True, timeout=patience(120)
        )
    return servers.prefect


def declared() -> dict[str, dict]:
    return {d["name"]: d for d in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]}


def held(api: str, kind: str) -> list[dict]:
    """The deployments or automations of the server that are prefect.yaml's; other tests use it too."""
    names = {*declared(), *(t["name"] for d in declared().values() for t in d.get("triggers", []))}
    return [each for each in ask("POST", f"{api}/{kind}/filter", {}).json() if each["name"] in names]


def test_every_deployment_is_there_with_its_entrypoint(deployed: str) -> None:
    found = {d["name"]: (d["entrypoint"], d["work_pool_name"]) for d in held(deployed, "deployments")}
    assert found == {name: (d["entrypoint"], "ec2-host") for name, d in declared().items()}


def test_every_deployment_names_the_release_that_it_was_declared_by(deployed: str) -> None:
    release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    versions = {d["name"]: d["version"] for d in held(deployed, "deployments")}
    assert {versions[name] for name in declared()} == {f"{release}+{COMMIT[:12]}"}


@pytest.fixture
def waiting(deployed: str) -> Iterator[dict[str, str]]:
    """A run of each heavy deployment and of one that is light, by id; no worker takes them."""
    runs = {}
    for deployment in held(deployed, "deployments"):
        if deployment["name"] in {*HEAVY, "wine-watch"}:
            path = f"{deployed}/deployments/{deployment['id']}/create_flow_run"
            parameters = {"catalogue_uri": "a.csv", "output_uri": "b.csv"}
            body = {"parameters": parameters} if deployment["name"] == "wine-score" else {}
            runs[ask("POST", path, body).json()["id"]] = deployment["name"]
    yield runs
    for run in runs:
        ask("DELETE", f"{deployed}/flow_runs/{run}")


def test_of_the_flows_that_fill_a_host_one_goes_on_at_a_time(deployed: str, waiting: dict[str, str]) -> None:
    assert run_limits.main(["queue"], {"PREFECT_API_URL": deployed}) == 0
    due = ask("POST", f"{deployed}/work_pools/ec2-host/get_scheduled_flow_runs", {}).json()
    names = [waiting[each["flow_run"]["id"]] for each in due if each["flow_run"]["id"] in waiting]
    assert len(HEAVY.intersection(names)) == 1
    assert len(names) == 2
    assert "wine-watch" in names


def test_a_limit_that_a_person_set_stays(deployed: str) -> None:
    api = PrefectApi(deployed)
    path = f"{deployed}/work_pools/ec2-host/queues/heavy"
    ask("PATCH", path, {"concurrency_limit": 3})
    assert run_limits.main(["queue"], {"PREFECT_API_URL": deployed}) == 0
    assert ask("GET", path).json()["concurrency_limit"] == 3
    assert api.limit_queue("ec2-host", "heavy", 1) == 3
    api.close()


def test_the_pool_has_the_limit_of_the_settings(
    deployed: str, waiting: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_limits.main(["pool", "1"], {"PREFECT_API_URL": deployed}) == 0
    assert "flow runs at a time: 1" in capsys.readouterr().out
    due = ask("POST", f"{deployed}/work_pools/ec2-host/get_scheduled_flow_runs", {}).json()
    assert len(due) == 1 < len(waiting)
    assert run_limits.main(["pool", str(len(waiting))], {"PREFECT_API_URL": deployed}) == 0


def test_a_limit_is_a_number_of_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_limits.main(["pool", "none"], {})
    assert "WORKER_LIMIT=2" in capsys.readouterr().err


def test_without_a_server_it_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_limits.main(["queue"], {}) == 1
    assert "PREFECT_API_URL" in capsys.readouterr().err


def test_triggers_carry_their_parameters(deployed: str) -> None:
    automations = {a["name"]: a for a in held(deployed, "automations")}
    for deployment in declared().values():
        for trigger in deployment.get("triggers", []):
            made = automations[trigger["name"]]
            assert made["enabled"]
            assert made["trigger"]["expect"] == trigger["expect"]
            assert made["trigger"]["match"] == trigger["match"]
            assert made["actions"][0]["parameters"] == trigger["parameters"]


def test_deploying_again_makes_no_second_trigger(deployed: str) -> None:
    names = [a["name"] for a in held(deployed, "automations")]
    assert len(names) == len(set(names))
