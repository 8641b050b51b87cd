"""How the suite is laid out over workers, and what it leaves out, said at its head.

Host drills install a machine, and the rescue drill keeps all cores busy for minutes: they are left out until
they are asked for.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.pace import patience
from tests.programs import require

HOST_DRILLS_ASKED = bool(os.environ.get("HOST_DRILL"))
RESCUE_DRILL_ASKED = bool(os.environ.get("RESCUE_DRILL_RUNS"))
TESTS: Final = Path(__file__).parent
SHARED_SERVERS: Final = frozenset(
    {"integration/alerts", "integration/flows", "integration/monitoring", "integration/pools"}
)
LONGEST_FIRST: Final = ("integration/stack", "servers", "drills", "browser", "integration")

collect_ignore_glob = [
    *([] if HOST_DRILLS_ASKED else ["drills/host/*"]),
    *([] if RESCUE_DRILL_ASKED else ["drills/rescue/*"]),
]


def pytest_configure() -> None:
    """A suite that a shell runs in the background inherits that Ctrl-C is ignored, and would hand that on to
    the programs that tests interrupt.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        require(*marker.args)


def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> None:
    """Folders of tests are no packages: pytest would keep such a fixture to the end of the session."""
    assert fixturedef.scope != "package", f"give {fixturedef.argname} the scope of a module or of the session"


def pytest_report_header() -> str:
    if HOST_DRILLS_ASKED:
        return "host drills: on"
    return "host drills: left out, they need root and an hour; deployments/ci/host-drill.sh runs them"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Tests of one group go to one worker, in their order. xdist's own `loadgroup` cannot do it here: it
    renames tests by an attribute that pytest 9.2 no longer has (pytest-xdist 3.8, `remote.py`).
    """
    return ByGroup(config, log)


class ByGroup(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.split("::", 1)[0]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Groups that take long begin first; every limit follows the machine's pace."""
    usual = float(config.getini("timeout"))
    for item in items:
        own = item.get_closest_marker("timeout")
        item.add_marker(pytest.mark.timeout(patience(own.args[0] if own else usual)), append=False)
    items.sort(key=lambda item: rank(group_of(item.path)))


def group_of(path: Path) -> str:
    """The folder of a test; one group for all folders that use the shared MLflow and Prefect servers."""
    folder = path.absolute().parent.relative_to(TESTS).as_posix()
    return "servers" if folder in SHARED_SERVERS else folder


def rank(group: str) -> int:
    for place, name in enumerate(LONGEST_FIRST):
        if group == name or group.startswith(f"{name}/"):
            return place
    return len(LONGEST_FIRST)
