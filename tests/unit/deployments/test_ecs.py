"""The settings of ECS and the pool's template, without a server."""

from __future__ import annotations

import pytest

from configuration.errors import SettingsError
from deployments.ecs.pool import template
from deployments.ecs.settings import EcsSettings

ROLE = "arn:aws:iam::123456789012:role/wine"
SECRET = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:neon-AbCdEf"
GOOD = {
    "ECS_IMAGE": "registry.test/wine-flows",
    "ECS_EXECUTION_ROLE_ARN": ROLE,
    "ECS_TASK_ROLE_ARN": ROLE,
    "MLFLOW_PUBLIC_URI": "https://mlflow.my-team.org",
}


def defaults(env: dict[str, str]) -> dict[str, object]:
    properties = template(EcsSettings.from_env(env))["variables"]["properties"]
    return {name: each.get("default") for name, each in properties.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ECS_IMAGE", "<image>"),
        ("ECS_EXECUTION_ROLE_ARN", "wine"),
        ("ECS_TASK_ROLE_ARN", ""),
        ("ECS_CPU", "3"),
        ("ECS_MEMORY", "8 GB"),
        ("ECS_SECRETS", "NEON_URI=s3cr3t"),
        ("MLFLOW_PUBLIC_URI", ""),
    ],
)
def test_wrong_setting_is_named_with_an_example_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        EcsSettings.from_env(GOOD | {name: value})
    assert f"Example: {name}=" in str(caught.value)
    assert caught.value.names == [name]
    assert "s3cr3t" not in str(caught.value)


def test_task_reaches_the_tracker_by_its_public_name() -> None:
    env = defaults(GOOD | {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"})["env"]
    assert isinstance(env, dict)
    assert env["MLFLOW_TRACKING_URI"] == "https://mlflow.my-team.org"


def test_secret_of_the_host_is_not_copied_into_the_pool() -> None:
    made = str(template(EcsSettings.from_env(GOOD | {"NEON_URI": "postgresql://user:s3cr3t@neon/wine"})))
    assert "s3cr3t" not in made


def test_secret_is_taken_from_where_it_lies() -> None:
    made = template(EcsSettings.from_env(GOOD | {"ECS_SECRETS": f"NEON_URI={SECRET}"}))
    [container] = made["job_configuration"]["task_definition"]["containerDefinitions"]
    assert container["secrets"] == [{"name": "NEON_URI", "valueFrom": SECRET}]
