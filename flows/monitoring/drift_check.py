"""One drift run: from what could be read to the verdict of every check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from flows.data.feedback_rows import TrustedFeedback
from flows.data.inference_log import LogWindow
from flows.monitoring.checks import (
    EXPECTED_ERROR,
    FEEDBACK,
    INPUTS,
    LABELLED,
    PREDICTIONS,
    Watch,
    expected_error_check,
    feedback_check,
    inputs_check,
    labelled_check,
    predictions_check,
)
from flows.monitoring.verdict import Check, CheckResult, DriftOutcome, Thresholds, Verdict
from flows.registry.production import Production
from pricing.wine.schema import REQUIRED_FIELDS

LOG_CHECKS = (INPUTS, PREDICTIONS, EXPECTED_ERROR)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Cleaned rows of a labelled file (FIELDS and `price`, USD) and the hash of its content."""

    uri: str
    sha256: str
    wines: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Evidence:
    """What could be read. `missing` says, for a source that could not, why: "log", "feedback", "labelled"."""

    log: LogWindow | None = None
    feedback: TrustedFeedback | None = None
    labelled: Labelled | None = None
    missing: Mapping[str, str] = field(default_factory=dict)


def check_drift(
    production: Production, evidence: Evidence, limits: Thresholds, *, seed: int = 0
) -> DriftOutcome:
    """All checks of one window. The same evidence gives the same verdict."""
    watch = Watch(production.reference, production.model, limits, np.random.default_rng(seed))
    return DriftOutcome(
        checks=(
            *_log_checks(watch, evidence),
            _labelled(watch, evidence),
            _feedback(watch, evidence, production.version),
        )
    )


def scoreable(sample: pd.DataFrame) -> pd.DataFrame:
    """Logged requests that say enough to be scored: rows from before this system may not."""
    required = sample[[name for name in REQUIRED_FIELDS if name != "millesime"]]
    return sample[required.notna().all(axis="columns")].reset_index(drop=True)


def _log_checks(watch: Watch, evidence: Evidence) -> tuple[Check, ...]:
    if evidence.log is None:
        return tuple(_absent(name, evidence.missing.get("log", "no database is set")) for name in LOG_CHECKS)
    window = scoreable(evidence.log.sample)
    return (
        inputs_check(watch, window),
        predictions_check(watch, window),
        expected_error_check(watch, window),
    )


def _labelled(watch: Watch, evidence: Evidence) -> Check:
    labelled = evidence.labelled
    if labelled is None:
        return _absent(LABELLED, evidence.missing.get("labelled", "no labelled file is given"))
    same = labelled.sha256 == watch.reference.holdout_sha256
    return labelled_check(watch, labelled.wines, same_file=same)


def _feedback(watch: Watch, evidence: Evidence, version: str) -> Check:
    """Realised errors are those of answers that the version in production gave itself."""
    if evidence.feedback is None:
        return _absent(FEEDBACK, evidence.missing.get("feedback", "no database is set"))
    rows = evidence.feedback.rows
    return feedback_check(watch, rows[(rows["model_version"] == version).to_numpy(dtype=bool)])


def _absent(name: str, why: str) -> Check:
    return Check(name, (CheckResult(name, "", Verdict.NOT_ENOUGH_DATA, rows=0, detail=why),))
