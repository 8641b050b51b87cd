"""A flow of ours as an ECS task: real Prefect server, real ECS worker, a server that speaks ECS's protocol.

What ECS is told to run is then run here, with the environment that the container would get and no other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest

from deployments.ecs.pool import POOL
from deployments.prefect_api import PrefectApi
from tests.integration.conftest import Servers
from tests.integration.s3 import aws_server
from tests.pace import patience

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
WORD = "prefect:a-word-that-no-task-definition-shows"
ACCOUNT = "123456789012"
SECRETS = {
    "PREFECT_API_AUTH_STRING": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:prefect-AbCdEf",
    "NEON_URI": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:neon-AbCdEf",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """The environment that leads to a local AWS with a cluster `wine` and a default network."""
    with aws_server() as env:
        with client(env) as ecs:
            ecs.create_cluster(clusterName="wine")
        yield env


def client(aws: dict[str, str]) -> closing[Any]:
    made = boto3.client(
        "ecs", endpoint_url=aws["AWS_ENDPOINT_URL"], region_name=aws["AWS_DEFAULT_REGION"],
        aws_access_key_id="local", aws_secret_access_key="local",
    )  # fmt: skip
    return closing(made)


@pytest.fixture(scope="module")
def api(orchestrator: tuple[PrefectApi, Path]) -> PrefectApi:
    return orchestrator[0]


@pytest.fixture(scope="module")
def env(
    aws: dict[str, str],
    api: PrefectApi,
    servers: Servers,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What the host's worker has, with two deployments for ECS; nothing of this process's own settings."""
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(home),
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api.url,
        "PREFECT_API_AUTH_STRING": WORD,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "WINE_HOME": str(ROOT),
        "MLFLOW_PUBLIC_URI": servers.mlflow,
        "NEON_URI": "postgresql://user:s3cr3t@nowhere.test/wine",
        "ECS_DEPLOYMENTS": "wine-watch wine-train",
        "ECS_IMAGE": "registry.test/wine-flows@sha256:" + "0" * 64,
        "ECS_CLUSTER": "wine",
        "ECS_CPU": "4096",
        "ECS_MEMORY": "16384",
        "ECS_EXECUTION_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/wine-ecs-start",
        "ECS_TASK_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/wine-flows",
        "ECS_SECRETS": " ".join(f"{name}={arn}" for name, arn in SECRETS.items()),
        **aws,
    }


@pytest.fixture(scope="module")
def run_id(env: dict[str, str], api: PrefectApi) -> str:
    """A run of wine-watch, taken from the pool by a real ECS worker."""
    call(["sh", str(ROOT / "deployments/ec2/deploy-flows.sh")], env)
    run = api.start("watch/wine-watch", {})
    call(["prefect", "worker", "start", "--pool", POOL, "--type", "ecs", "--run-once"], env)
    return str(run["id"])


def call(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=patience(150)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def task(aws: dict[str, str]) -> dict[str, Any]:
    """The one task that ECS was asked to start."""
    with client(aws) as ecs:
        [arn] = ecs.list_tasks(cluster="wine")["taskArns"]
        return dict(ecs.describe_tasks(cluster="wine", tasks=[arn])["tasks"][0])


def definition(aws: dict[str, str]) -> dict[str, Any]:
    with client(aws) as ecs:
        found = ecs.describe_task_definition(taskDefinition=task(aws)["taskDefinitionArn"])
    return dict(found["taskDefinition"])


def test_task_has_the_image_the_size_and_the_roles(
    run_id: str, aws: dict[str, str], env: dict[str, str]
) -> None:
    made = definition(aws)
    [container] = made["containerDefinitions"]
    assert container["image"] == env["ECS_IMAGE"]
    assert (made["cpu"], made["memory"]) == ("4096", "16384")
    assert made["taskRoleArn"] == env["ECS_TASK_ROLE_ARN"]
    assert made["executionRoleArn"] == env["ECS_EXECUTION_ROLE_ARN"]
    assert task(aws)["launchType"] == "FARGATE"


def test_secrets_are_named_and_never_shown(run_id: str, aws: dict[str, str]) -> None:
    [container] = definition(aws)["containerDefinitions"]
    assert {each["name"]: each["valueFrom"] for each in container["secrets"]} == SECRETS
    shown = json.dumps([definition(aws), task(aws)], default=str)
    assert WORD not in shown
    assert "s3cr3t" not in shown


def test_what_ecs_is_told_to_run_completes_the_run(
    run_id: str, aws: dict[str, str], env: dict[str, str], api: PrefectApi, tmp_path: Path
) -> None:
    [override] = task(aws)["overrides"]["containerOverrides"]
    inside = {each["name"]: each["value"] for each in override["environment"]}
    inside |= {"PREFECT_API_AUTH_STRING": WORD}  # ECS puts the secret's value there
    call(override["command"], {"PATH": env["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **inside})
    run = api.run(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]


def test_only_the_named_deployments_moved_and_moving_again_changes_nothing(
    run_id: str, env: dict[str, str], api: PrefectApi
) -> None:
    pools = {each["name"]: each["work_pool_name"] for each in api.deployments()}
    assert {name for name, pool in pools.items() if pool == POOL} == {"wine-watch", "wine-train"}
    assert pools["wine-promote"] == "ec2-host"
    assert "moved" not in call([sys.executable, "-m", "deployments.ecs"], env)


def test_unknown_deployment_is_named(run_id: str, env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deployments.ecs"],
        env=env | {"ECS_DEPLOYMENTS": "wine-tarin"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "wine-tarin" in done.stderr
    assert "wine-train" in done.stderr  # what there is to choose from
