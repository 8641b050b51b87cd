"""The gate's verdict on a candidate: tests, comparison with production, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flows.gate.candidate import Candidate, LoadedVersion
from flows.gate.suite import TestResult
from pricing.evaluation.comparison import Comparison, compare
from pricing.evaluation.slices import slices_of
from pricing.wine.schema import PRICE


@dataclass(frozen=True, slots=True)
class Verdict:
    """`champion` is the production version's number; `note` says why there was no comparison."""

    version: str
    tests: tuple[TestResult, ...]
    champion: str | None
    comparison: Comparison | None
    note: str
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


def judge(
    candidate: Candidate,
    champion: LoadedVersion | str | None,
    tests: tuple[TestResult, ...],
    *,
    allow_synthetic: bool = False,
) -> Verdict:
    """Weigh a tested candidate against production: a loaded version, the reason why it is none, or None."""
    comparison = None
    if isinstance(champion, LoadedVersion):
        comparison = compare_on_holdout(candidate, champion)
        note = ""
    else:
        note = champion or "There is no production version yet."
    return Verdict(
        version=candidate.loaded.number,
        tests=tests,
        champion=champion.number if isinstance(champion, LoadedVersion) else None,
        comparison=comparison,
        note=note,
        reasons=tuple(_reasons(candidate, champion, tests, comparison, allow_synthetic)),
    )


def compare_on_holdout(candidate: Candidate, champion: LoadedVersion) -> Comparison:
    """Both models on the candidate's held-out wines, which no feedback touched, at the reviews' prices."""
    wines = candidate.holdout
    actual = np.log(wines[PRICE].to_numpy(dtype="float64"))
    errors = [version.at_review_prices.predict(wines) - actual for version in (champion, candidate.loaded)]
    return compare(errors[0], errors[1], slices_of(wines, actual))


def _reasons(
    candidate: Candidate,
    champion: LoadedVersion | str | None,
    tests: tuple[TestResult, ...],
    comparison: Comparison | None,
    allow_synthetic: bool,
) -> Iterator[str]:
    for test in tests:
        if test.outcome == "failed":
            yield f"test “{test.name}”: {test.figures}"
    if not any(test.outcome == "passed" for test in tests):
        yield "no test of the suite passed"
    real = isinstance(champion, str) or (isinstance(champion, LoadedVersion) and not champion.synthetic)
    if candidate.loaded.synthetic and real and not allow_synthetic:
        yield (
            "it was trained on synthetic reviews and production was not; to promote it all the same, run "
            "promote with allow_synthetic=true"
        )
    if comparison is not None:
        yield from comparison.reasons
