"""The drift check in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.data.feedback_rows import TrustedFeedback
from flows.data.inference_log import LogWindow
from flows.data.reference import Reference
from flows.monitoring.drift_check import Evidence, Labelled, check_drift
from flows.monitoring.drift_markdown import CheckContext, drift_markdown, summary
from flows.monitoring.history import PastCheck, drifting_since
from flows.monitoring.verdict import Check, DriftOutcome, Thresholds, Verdict
from flows.registry.production import Production
from tests.unit.monitoring.market import KnownModel, answered, make_wines

END = datetime(2026, 6, 8, tzinfo=UTC)
START = END - timedelta(days=7)


def past(days: int, verdict: Verdict, version: str = "3") -> PastCheck:
    return PastCheck(END - timedelta(days=days), version, 4_000, verdict.value, {"inputs": 0.12})


@pytest.fixture
def production(reference: Reference) -> Production:
    return Production("3", KnownModel(), replace(reference, holdout_sha256="same"))


def evidence(level: float = 0.0) -> Evidence:
    shares = (0.2, 0.7, 0.1) if level else (0.5, 0.3, 0.2)
    wines = make_wines(500, seed=31, shares=shares, level=level)
    rows = answered(wines).assign(model_version="3")
    return Evidence(
        log=LogWindow(START, END, wines, {"3": 480, "2": 20}, warned=50),
        feedback=TrustedFeedback(rows, {"absurd": 4, "client_share": 0}),
        labelled=Labelled("s3://data/winemag-test.csv", "same", make_wines(400, seed=32)),
    )


def context(*checks: PastCheck) -> CheckContext:
    return CheckContext("3", START, END, checks, "http://mlflow/report", None)


def test_a_calm_week_reads_so_in_its_first_lines(production: Production) -> None:
    found = evidence()
    verdicts = check_drift(production, found, Thresholds())
    text = drift_markdown(verdicts, found, context(past(1, Verdict.NO_DRIFT)))
    assert text.startswith("# No drift")
    assert "500 requests (version 2: 20, version 3: 480; 10% with warnings)" in text
    assert "This is the file the model was tested on" in text
    assert "**Now**: nothing" in text
    assert "absurd: 4" in text
    assert "2026-06-07" in text


def test_drift_says_what_moved_since_when_and_what_follows(production: Production) -> None:
    found = evidence(level=0.2)
    verdicts = check_drift(production, found, Thresholds())
    before = [
        past(1, Verdict.DRIFT),
        past(2, Verdict.DRIFT),
        past(3, Verdict.NO_DRIFT),
        past(4, Verdict.DRIFT),
    ]
    text = drift_markdown(verdicts, found, context(*before))
    assert text.startswith("# Drift\n\nModel version 3, since the check of 2026-06-06")
    assert "france" in text
    assert "a training starts by itself" in text
    assert "http://mlflow/report" in text
    assert "from the answers, at the median" in summary(verdicts)


def test_what_could_not_be_read_is_named_and_the_rest_judged(production: Production) -> None:
    found = replace(evidence(), log=None, missing={"log": "The database does not answer."})
    verdicts = check_drift(production, found, Thresholds())
    assert verdicts.check("inputs").verdict is Verdict.NOT_ENOUGH_DATA
    assert verdicts.check("labelled file").verdict is Verdict.NO_DRIFT
    text = drift_markdown(verdicts, found, context())
    assert "The database does not answer." in text
    assert "put right what could not be read" in text


def test_answers_of_other_versions_are_not_held_against_production(production: Production) -> None:
    found = evidence(level=0.2)
    assert found.feedback is not None
    others = replace(found.feedback, rows=found.feedback.rows.assign(model_version="2"))
    verdicts = check_drift(production, replace(found, feedback=others), Thresholds())
    assert verdicts.check("feedback").verdict is Verdict.NOT_ENOUGH_DATA


def test_the_same_evidence_gives_the_same_verdict(production: Production) -> None:
    found = evidence()
    assert check_drift(production, found, Thresholds()) == check_drift(production, found, Thresholds())


def test_drift_of_an_earlier_version_does_not_count_for_this_one() -> None:
    checks = [past(1, Verdict.DRIFT), past(2, Verdict.DRIFT, version="2")]
    assert drifting_since(checks, "3") == END - timedelta(days=1)
    assert drifting_since([past(1, Verdict.NO_DRIFT)], "3") is None


def test_a_check_that_saw_nothing_says_so() -> None:
    nothing = DriftOutcome((Check("inputs", ()), Check("feedback", ())))
    assert nothing.verdict is Verdict.NOT_ENOUGH_DATA
    assert summary(nothing) == "Nothing was seen: not enough data in any of 2 checks."


def test_no_table_is_wider_than_prefects_page(production: Production) -> None:
    found = evidence(level=0.2)
    verdicts = check_drift(production, found, Thresholds())
    text = drift_markdown(verdicts, found, context(past(1, Verdict.DRIFT)))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 9
    assert max(map(len, rows)) < 115
