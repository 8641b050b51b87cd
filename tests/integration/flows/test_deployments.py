"""The deployments and triggers that a real Prefect server holds after a deploy are those of prefect.yaml."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from tests.integration.conftest import Servers

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def deployed(servers: Servers) -> str:
    env = {**os.environ, "PREFECT_API_URL": servers.prefect, "WINE_HOME": str(ROOT)}
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    for command in (
        ["work-pool", "create", "ec2-host", "--type", "process", "--overwrite"],
        ["deploy", "--all"],
    ):
        subprocess.run([*prefect, *command], cwd=ROOT, env=env, check=True, capture_output=True, timeout=120)
    return servers.prefect


def declared() -> dict[str, dict]:
    return {d["name"]: d for d in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]}


def post(api: str, path: str) -> list[dict]:
    return httpx.post(f"{api}/{path}/filter", json={}, timeout=10).raise_for_status().json()


def test_every_deployment_is_there_with_its_entrypoint(deployed: str) -> None:
    found = {d["name"]: d["entrypoint"] for d in post(deployed, "deployments") if d["entrypoint"]}
    assert found == {name: d["entrypoint"] for name, d in declared().items()}
    assert {d["work_pool_name"] for d in post(deployed, "deployments")} == {"ec2-host"}


def test_triggers_carry_their_parameters(deployed: str) -> None:
    automations = {a["name"]: a for a in post(deployed, "automations")}
    for deployment in declared().values():
        for trigger in deployment.get("triggers", []):
            held = automations[trigger["name"]]
            assert held["enabled"]
            assert held["trigger"]["expect"] == trigger["expect"]
            assert held["trigger"]["match"] == trigger["match"]
            assert held["actions"][0]["parameters"] == trigger["parameters"]


def test_deploying_again_makes_no_second_trigger(deployed: str) -> None:
    names = [a["name"] for a in post(deployed, "automations")]
    assert len(names) == len(set(names))
