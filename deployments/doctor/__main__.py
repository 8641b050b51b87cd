"""`python -m deployments.doctor [--notify]`: check settings, permissions and connections of this machine.

One line a finding; what to do stands below it. The exit code is 1 if anything fails. With --notify what
fails is sent to where alerts go.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Final

from deployments.doctor.backups import check_backups
from deployments.doctor.database import check_database
from deployments.doctor.finding import Check, Env, Finding
from deployments.doctor.hub import check_hub
from deployments.doctor.local_stack import check_local_stack
from deployments.doctor.machine import check_machine
from deployments.doctor.orchestration import check_orchestration
from deployments.doctor.proxy import check_proxy
from deployments.doctor.settings import check_settings, check_without_effect
from deployments.doctor.storage import check_storage
from deployments.doctor.tracker import check_tracker

CHECKS: Final[tuple[Check, ...]] = (
    check_machine,
    check_settings,
    check_without_effect,
    check_storage,
    check_database,
    check_tracker,
    check_orchestration,
    check_hub,
    check_proxy,
    check_backups,
    check_local_stack,
)


def run_checks(env: Env, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    return [finding for check in checks for finding in check(env)]


def report(findings: Iterable[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict:<5}{finding.subject}: {finding.found}")
        if finding.todo:
            lines.append(f"     → {finding.todo}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.doctor", description=__doc__)
    parser.add_argument("--notify", action="store_true", help="send what fails to where alerts go")
    options = parser.parse_args(arguments)
    findings = run_checks(os.environ)
    failed = [finding for finding in findings if finding.verdict == "fail"]
    sys.stdout.write(report(findings) + "\n")
    sys.stdout.write(_conclusion(findings, failed) + "\n")
    if failed and options.notify:
        notify = import_module("deployments.automations.notify")
        notify.main([f"The doctor of {platform.node()}: {len(failed)} checks failed", report(failed)])
    return 1 if failed else 0


def _conclusion(findings: Sequence[Finding], failed: Sequence[Finding]) -> str:
    warned = sum(finding.verdict == "warn" for finding in findings)
    if failed:
        return f"{len(failed)} of {len(findings)} checks failed."
    return f"Nothing fails; {warned} of {len(findings)} checks warn." if warned else "Nothing is wrong."


if __name__ == "__main__":
    sys.exit(main())
