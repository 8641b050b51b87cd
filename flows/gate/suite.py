"""The test suite `tests/model`, run by pytest in a process of its own against a downloaded candidate."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from flows.errors import CandidateRejected

FOLDER_VARIABLE: Final = "CANDIDATE_FOLDER"
JUNIT_FILE: Final = "junit.xml"
TIMEOUT: Final = 600

_ROOT: Final = Path(__file__).resolve().parents[2]
_SUITE: Final = _ROOT / "tests" / "model"
_LAST_LINES: Final = 2000


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of the suite; `figures` is what it measured, or why it failed or was skipped."""

    __test__ = False

    name: str
    outcome: Literal["passed", "failed", "skipped"]
    figures: str


def run_suite(folder: Path, version: str, *, timeout: float = TIMEOUT) -> tuple[TestResult, ...]:
    """Test the candidate in `folder`; `junit.xml` is left beside it.

    Raises `CandidateRejected` when the suite itself could not run, or not within `timeout` seconds.
    """
    report = folder / JUNIT_FILE
    command = [
        sys.executable, "-m", "pytest", str(_SUITE), "-c", str(_SUITE / "gate.ini"),
        "--rootdir", str(_SUITE),
        "-p", "no:cacheprovider", "-q", f"--junit-xml={report}",
    ]  # fmt: skip
    env = {
        **os.environ,
        FOLDER_VARIABLE: str(folder),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    try:
        done = subprocess.run(
            command, env=env, cwd=_ROOT, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise CandidateRejected(
            version,
            [f"its tests did not end within {timeout:.0f} s: model or host are slow; run promote again"],
        ) from expired
    if not report.is_file():
        output = (done.stdout + done.stderr)[-_LAST_LINES:]
        raise CandidateRejected(version, [f"its tests did not run (exit code {done.returncode}): {output}"])
    return read_report(report)


def read_report(report: Path) -> tuple[TestResult, ...]:
    """The results in a JUnit XML file that our own pytest wrote."""
    tree = ET.parse(report)  # noqa: S314 - written by the process above
    return tuple(_result(case) for case in tree.iter("testcase"))


def _result(case: ET.Element) -> TestResult:
    name = case.get("name", "").removeprefix("test_").replace("_", " ")
    name = name.replace("[", ": ").removesuffix("]")
    measured = "; ".join(p.get("value", "") for p in case.iter("property") if p.get("name") == "figures")
    for tag in ("failure", "error"):
        problem = case.find(tag)
        if problem is not None:
            message = (problem.get("message") or "").removeprefix("AssertionError: ").split("\nassert ")[0]
            return TestResult(name, "failed", message or measured)
    skipped = case.find("skipped")
    if skipped is not None:
        return TestResult(name, "skipped", skipped.get("message") or "")
    return TestResult(name, "passed", measured)
