"""What ECS has to know about the flows: image, size, roles, settings and where secrets lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from configuration.errors import Problem, SettingsError

ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:.*:\d{12}:.+")
SIZES: Final = (256, 512, 1024, 2048, 4096, 8192, 16384)
"""CPU units that Fargate knows; 1024 are one core."""
PASSED_ON: Final = (
    "ALERT_EMAIL_URL", "ALERT_WEBHOOK_URL", "ARTIFACT_DATA", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
    "DASK_ADDRESS", "DRIFT_THRESHOLD", "GIT_COMMIT", "MLFLOW_PUBLIC_URI", "MLFLOW_TRACKING_USERNAME",
    "NEON_URI", "SERVING_URL",
)  # fmt: skip
"""Settings of the host's worker that a task gets too, unless they are secrets."""
SECRET: Final = ("ALERT_EMAIL_URL", "ALERT_WEBHOOK_URL", "NEON_URI")
PREFECT_SECRET: Final = "PREFECT_API_AUTH_STRING"  # noqa: S105 - the name of one
EXAMPLES: Final = {
    "ECS_IMAGE": "123456789012.dkr.ecr.eu-west-3.amazonaws.com/wine-flows@sha256:…",
    "ECS_EXECUTION_ROLE_ARN": "arn:aws:iam::123456789012:role/wine-ecs-start",
    "ECS_TASK_ROLE_ARN": "arn:aws:iam::123456789012:role/wine-flows",
    "ECS_CPU": "2048",
    "ECS_MEMORY": "8192",
    "ECS_SECRETS": "NEON_URI=arn:aws:secretsmanager:eu-west-3:123456789012:secret:neon-AbCdEf",
    "MLFLOW_PUBLIC_URI": "https://mlflow.my-team.org",
}


@dataclass(frozen=True, slots=True)
class EcsSettings:
    """`cpu` in units of 1/1024 core, `memory` in MiB. `secrets` maps a setting to the ARN of its secret."""

    deployments: tuple[str, ...]
    image: str
    execution_role: str
    task_role: str
    cluster: str | None
    vpc: str | None
    cpu: int
    memory: int
    env: Mapping[str, str]
    secrets: Mapping[str, str]

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises SettingsError."""
        problems = [
            Problem(name, reason, EXAMPLES[name])
            for name, check in CHECKS.items()
            if (reason := check(env.get(name, "")))
        ]
        if problems:
            raise SettingsError(problems)
        return cls(
            deployments=tuple(env.get("ECS_DEPLOYMENTS", "").split()),
            image=env["ECS_IMAGE"],
            execution_role=env["ECS_EXECUTION_ROLE_ARN"],
            task_role=env["ECS_TASK_ROLE_ARN"],
            cluster=env.get("ECS_CLUSTER") or None,
            vpc=env.get("ECS_VPC_ID") or None,
            cpu=int(env.get("ECS_CPU") or 2048),
            memory=int(env.get("ECS_MEMORY") or 8192),
            env=_environment(env),
            secrets=dict(_pairs(env.get("ECS_SECRETS", ""))),
        )


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """Variables of a task that are no secrets. The tracker is the public one: a task is not on the host."""
    passed = {name: env[name] for name in PASSED_ON if env.get(name) and name not in SECRET}
    quiet = {"DO_NOT_TRACK": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return passed | quiet | {"MLFLOW_TRACKING_URI": env["MLFLOW_PUBLIC_URI"]}


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(name, arn) for name, _, arn in (pair.partition("=") for pair in text.split())]


def _image(value: str) -> str | None:
    return None if value and "<" not in value else "is not set"


def _role(value: str) -> str | None:
    return None if ARN.fullmatch(value) else "is not the ARN of a role"


def _cpu(value: str) -> str | None:
    return None if not value or (value.isdigit() and int(value) in SIZES) else f"is not one of {SIZES}"


def _memory(value: str) -> str | None:
    return None if not value or value.isdigit() else "is not a number of MiB"


def _secrets(value: str) -> str | None:
    wrong = [pair for pair in value.split() if not ARN.fullmatch(pair.partition("=")[2])]
    return f"has a pair that is not NAME=ARN: {wrong[0].partition('=')[0]}" if wrong else None


def _address(value: str) -> str | None:
    return None if value.startswith(("https://", "http://")) else "is not an address that a task can reach"


CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "ECS_IMAGE": _image,
    "ECS_EXECUTION_ROLE_ARN": _role,
    "ECS_TASK_ROLE_ARN": _role,
    "ECS_CPU": _cpu,
    "ECS_MEMORY": _memory,
    "ECS_SECRETS": _secrets,
    "MLFLOW_PUBLIC_URI": _address,
}
