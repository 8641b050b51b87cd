"""What it costs to keep and to ask."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from pricing.data.records import records_of
from pricing.evaluation import limits
from pricing.scoring.scorer import Scorer
from tests.model.candidate import Candidate


def test_the_artefact_is_small(candidate: Candidate, figures: Callable[[str], None]) -> None:
    size = candidate.file.stat().st_size
    text = f"{size / 1e6:.1f} MB (at most {limits.ARTEFACT_BYTES / 1e6:.0f} MB)"
    figures(text)
    assert size <= limits.ARTEFACT_BYTES, text


def test_it_loads_quickly(candidate: Candidate, figures: Callable[[str], None]) -> None:
    text = f"{candidate.load_seconds:.2f} s (at most {limits.LOAD_SECONDS:.0f} s)"
    figures(text)
    assert candidate.load_seconds <= limits.LOAD_SECONDS, text


def test_a_wine_is_scored_quickly(candidate: Candidate, figures: Callable[[str], None]) -> None:
    """By processor time: what else a busy host does is no fault of the candidate."""
    wines = records_of(candidate.holdout.head(100))
    candidate.scorer.score(wines[0])
    seconds = []
    for wine in wines:
        started = time.process_time()
        candidate.scorer.score(wine)
        seconds.append(time.process_time() - started)
    median = statistics.median(seconds)
    limit = limits.SCORE_SECONDS if isinstance(candidate.scorer, Scorer) else limits.FRAME_SCORE_SECONDS
    text = f"median {median * 1e6:.0f} µs a wine (at most {limit * 1e6:.0f} µs)"
    figures(text)
    assert median <= limit, text
