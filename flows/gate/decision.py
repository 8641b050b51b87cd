"""The gate's decision on a candidate: tests, comparison with production, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.gate.candidate import Candidate
from flows.gate.suite import TestResult
from flows.registry.versions import LoadedVersion
from pricing.evaluation.comparison import Comparison, compare_models
from pricing.evaluation.training_noise import TrainingNoise


@dataclass(frozen=True, slots=True)
class GateDecision:
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


def decide(
    candidate: Candidate,
    champion: LoadedVersion | str | None,
    tests: tuple[TestResult, ...],
    *,
    allow_synthetic: bool = False,
) -> GateDecision:
    """Weigh a tested candidate against production: a loaded version, the reason why it is none, or None."""
    comparison = None
    if isinstance(champion, LoadedVersion):
        comparison = compare_on_holdout(candidate, champion)
        note = ""
    else:
        note = champion or "There is no production version yet."
    return GateDecision(
        version=candidate.loaded.number,
        tests=tests,
        champion=champion.number if isinstance(champion, LoadedVersion) else None,
        comparison=comparison,
        note=note,
        reasons=tuple(_reasons(candidate, champion, tests, comparison, allow_synthetic)),
    )


def compare_on_holdout(candidate: Candidate, champion: LoadedVersion) -> Comparison:
    """Both models on the candidate's held-out wines, which no feedback touched, at the reviews' prices."""
    card = candidate.card
    noise = TrainingNoise(
        rows=int(card.get("data", {}).get("train_rows", 0)), measured=card.get("training_noise") or {}
    )
    return compare_models(
        champion.at_review_prices, candidate.loaded.at_review_prices, candidate.holdout, noise=noise
    )


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
    real = isinstance(champion, str) or (isinstance(champion, LoadedVersion) and not champion.saved.synthetic)
    if candidate.loaded.saved.synthetic and real and not allow_synthetic:
        yield (
            "it was trained on synthetic reviews and production was not; to promote it all the same, run "
            "promote with allow_synthetic=true"
        )
    if comparison is not None:
        yield from comparison.reasons
