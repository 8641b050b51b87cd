"""What the whole suite leaves out, said at its head: drills that install a host, until they are asked for."""

from __future__ import annotations

import os

HOST_DRILLS_ASKED = bool(os.environ.get("HOST_DRILL"))

collect_ignore_glob = [] if HOST_DRILLS_ASKED else ["drills/host/*"]


def pytest_report_header() -> str:
    if HOST_DRILLS_ASKED:
        return "host drills: on"
    return "host drills: left out, they need root and half an hour; deployments/ci/host-drill.sh runs them"
