"""The work pool `wine-ecs`: Prefect's own template for ECS with our image, size, roles and settings in it."""

from __future__ import annotations

from typing import Any, Final

from prefect_aws.workers import ECSWorker

from deployments.ecs.settings import PREFECT_SECRET, EcsSettings

POOL: Final = "wine-ecs"
CONTAINER: Final = "flow"


def template(settings: EcsSettings) -> dict[str, Any]:
    """The pool's base job template. A run's job variables still override each of these defaults."""
    made: dict[str, Any] = ECSWorker.get_default_base_job_template()
    for name, value in _variables(settings).items():
        made["variables"]["properties"][name]["default"] = value
    definition = made["job_configuration"]["task_definition"]
    definition["taskRoleArn"] = "{{ task_role_arn }}"
    [container] = definition["containerDefinitions"]
    container["memory"] = "{{ memory }}"
    container["secrets"] = [
        {"name": name, "valueFrom": arn}
        for name, arn in sorted(settings.secrets.items())
        if name != PREFECT_SECRET
    ]
    return made


def _variables(settings: EcsSettings) -> dict[str, Any]:
    wanted = {
        "image": settings.image,
        "container_name": CONTAINER,
        "cpu": settings.cpu,
        "memory": settings.memory,
        "cluster": settings.cluster,
        "vpc_id": settings.vpc,
        "execution_role_arn": settings.execution_role,
        "task_role_arn": settings.task_role,
        "configure_cloudwatch_logs": True,
        "prefect_api_auth_string_secret_arn": settings.secrets.get(PREFECT_SECRET),
        "env": {**settings.env, **dict.fromkeys(settings.secrets)},  # an open value would hide the secret
    }
    return {name: value for name, value in wanted.items() if value is not None}
