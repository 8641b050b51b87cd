"""Prefect: whether it answers and knows us, has the flows, and a worker that listens."""

from __future__ import annotations

from typing import Final

from deployments.doctor.finding import Env, Finding, fail, ok, skip, warn
from deployments.prefect_api import PrefectApi, PrefectError

POOL: Final = "ec2-host"
ECS_POOL: Final = "wine-ecs"
DEPLOYMENTS: Final = frozenset(
    {
        "wine-train",
        "wine-promote",
        "wine-rollback",
        "wine-drift",
        "wine-score",
        "wine-feedback",
        "wine-watch",
        "wine-archive",
    }
)
REDEPLOY: Final = "Run deployments/ec2/deploy-flows.sh (the install script does)."


def check_orchestration(env: Env) -> list[Finding]:
    if not env.get("PREFECT_API_URL"):
        return [skip("Prefect", "PREFECT_API_URL is not set")]
    try:
        api = PrefectApi.from_env(env)
        return [
            _deployments(api),
            _worker(api),
            _pool(api),
            *(_ecs(api) if env.get("ECS_DEPLOYMENTS") else []),
        ]
    except PrefectError as error:
        return [fail("Prefect", str(error), "Set PREFECT_API_URL and PREFECT_API_AUTH_STRING.")]


def _deployments(api: PrefectApi) -> Finding:
    missing = DEPLOYMENTS - {deployment["name"] for deployment in api.deployments()}
    if missing:
        return fail("deployments", f"missing: {', '.join(sorted(missing))}", REDEPLOY)
    return ok("deployments", f"all {len(DEPLOYMENTS)} are there")


def _ecs(api: PrefectApi) -> list[Finding]:
    if online := _online(api, ECS_POOL):
        return [ok("worker of ECS", f"{', '.join(online)} listens on {ECS_POOL}")]
    todo = f"prefect worker start --pool {ECS_POOL} --type ecs (docs/scaling.md)"
    return [fail("worker of ECS", f"none listens on {ECS_POOL}", todo)]


def _online(api: PrefectApi, pool: str) -> list[str]:
    return [worker["name"] for worker in api.workers(pool) if worker["status"] == "ONLINE"]


def _worker(api: PrefectApi) -> Finding:
    if online := _online(api, POOL):
        return ok("worker", f"{', '.join(online)} listens on {POOL}")
    return fail(
        "worker", f"none listens on {POOL}", "systemctl status wine-worker; journalctl -u wine-worker"
    )


def _pool(api: PrefectApi) -> Finding:
    if not api.pool_is_paused(POOL):
        return ok("work pool", f"{POOL} takes runs")
    todo = "Somebody paused it, or a drain was cut off: resume it in Prefect."
    return warn("work pool", f"{POOL} is paused: nothing new starts", todo)
