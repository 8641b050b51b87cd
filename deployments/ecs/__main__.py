"""`python -m deployments.ecs`: let the deployments of ECS_DEPLOYMENTS run as ECS tasks; no flow changes.

Creates the work pool `wine-ecs` or brings it up to date, and moves the deployments named (by their bare
names, separated by spaces) to it. Run again, it changes nothing; `prefect deploy --all` moves them back.
A worker has to look at the pool: `prefect worker start --pool wine-ecs --type ecs`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from configuration.errors import SettingsError
from deployments.ecs.pool import POOL, template
from deployments.ecs.settings import EcsSettings
from deployments.prefect_api import PrefectApi, PrefectError


def move(api: PrefectApi, settings: EcsSettings) -> list[str]:
    """Put the pool and the deployments in place; return what was moved."""
    api.put_pool(POOL, kind="ecs", template=template(settings))
    known = {str(each["name"]): each for each in api.deployments()}
    if unknown := set(settings.deployments) - known.keys():
        raise PrefectError(
            f"ECS_DEPLOYMENTS names {', '.join(sorted(unknown))}, which Prefect does not know. "
            f"It has {', '.join(sorted(known)) or 'none'}."
        )
    moved = [name for name in settings.deployments if known[name]["work_pool_name"] != POOL]
    for name in moved:
        api.move_deployment(known[name]["id"], POOL)
    return moved


def main(env: Mapping[str, str] = os.environ) -> int:
    try:
        settings = EcsSettings.from_env(env)
        moved = move(PrefectApi.from_env(env), settings)
    except (SettingsError, PrefectError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{POOL}: {', '.join(settings.deployments) or 'no deployment'} run there")
    sys.stdout.write(f"; moved {', '.join(moved)}\n" if moved else "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
