"""`python -m deployments.doctor`: check settings, permissions and connections of this machine.

One line a finding; what to do stands below it. The exit code is 1 if anything fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Final

from deployments.doctor.database import check_database
from deployments.doctor.finding import Check, Env, Finding
from deployments.doctor.hub import check_hub
from deployments.doctor.machine import check_machine
from deployments.doctor.orchestration import check_orchestration
from deployments.doctor.settings import check_settings
from deployments.doctor.storage import check_storage
from deployments.doctor.tracker import check_tracker

CHECKS: Final[tuple[Check, ...]] = (
    check_machine,
    check_settings,
    check_storage,
    check_database,
    check_tracker,
    check_orchestration,
    check_hub,
)


def examine(env: Env, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    return [finding for check in checks for finding in check(env)]


def report(findings: Iterable[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict:<5}{finding.subject}: {finding.found}")
        if finding.todo:
            lines.append(f"     → {finding.todo}")
    return "\n".join(lines)


def main() -> int:
    findings = examine(os.environ)
    failed = sum(finding.verdict == "fail" for finding in findings)
    sys.stdout.write(report(findings) + "\n")
    sys.stdout.write(f"{failed} of {len(findings)} checks failed.\n" if failed else "Nothing is wrong.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
