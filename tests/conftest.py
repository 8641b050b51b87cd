"""How the suite is laid out over workers, and what it leaves out, said at its head.

Host drills install a machine; they are left out until they are asked for.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

HOST_DRILLS_ASKED = bool(os.environ.get("HOST_DRILL"))
TESTS: Final = Path(__file__).parent
LONGEST_FIRST: Final = ("integration/stack", "servers", "drills", "browser", "integration")

collect_ignore_glob = [] if HOST_DRILLS_ASKED else ["drills/host/*"]


def pytest_report_header() -> str:
    if HOST_DRILLS_ASKED:
        return "host drills: on"
    return "host drills: left out, they need root and half an hour; deployments/ci/host-drill.sh runs them"


@pytest.hookimpl(tryfirst=True)  # before xdist, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share something stay in one group, which one worker runs in order; long ones first."""
    groups = {id(item): group_of(item) for item in items}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups[id(item)]))
    items.sort(key=lambda item: rank(groups[id(item)]))


def group_of(item: pytest.Item) -> str:
    """The folder; one group for all tests that use the shared MLflow and Prefect servers."""
    if "servers" in getattr(item, "fixturenames", ()):
        return "servers"
    return item.path.parent.relative_to(TESTS).as_posix()


def rank(group: str) -> int:
    for place, name in enumerate(LONGEST_FIRST):
        if group == name or group.startswith(f"{name}/"):
            return place
    return len(LONGEST_FIRST)
