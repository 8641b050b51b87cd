"""Figures as people read them: a small fall is no "-0 %"."""

import re
from pathlib import Path

from flows.gate.report import _row
from flows.monitoring.drift_markdown import _effect
from flows.monitoring.verdict import CheckResult, Verdict
from pricing.evaluation.comparison import Difference

ROOT = Path(__file__).resolve().parents[3]
_SHARE = re.compile(r":([+ z,]*\.\d%)\}")


def test_a_small_fall_is_zero() -> None:
    result = CheckResult(
        "words", "of requests", Verdict.NO_DRIFT, 500, "", effect=-0.001, low=-0.004, high=0.2
    )
    assert _effect(result) == "0% (0% to 20%)"
    part = Difference("all", 10, 0.4, 0.4, relative=-1e-5, deviation=1e-6)
    assert _row(part)[4:6] == ("+0.0%", "+0.0% to +0.0%")


def test_every_share_in_a_text_is_written_without_a_negative_zero() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {form}"
        for folder in ("flows", "pricing", "benchmarks", "deployments", "serving", "tests/model")
        for path in (ROOT / folder).rglob("*.py")
        for form in _SHARE.findall(path.read_text(encoding="utf-8"))
        if "z" not in form
    ]
    assert wrong == []
