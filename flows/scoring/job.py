"""A catalogue from beginning to end: what is there already, what is missing, and the whole put together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.scoring.catalogue import Catalogue, format_of
from flows.scoring.chunk import Chunk, Recipe
from flows.scoring.engine import Submit, processes, scored
from flows.scoring.parts import Job, Parts


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A version's model file on this host."""

    path: Path
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did. `taken_over` parts were there from a run before it."""

    parts: int
    taken_over: int
    scored: int
    refused: int
    seconds: float


def score_catalogue(wines: Catalogue, output: str, model: SavedModel, *, workers: int) -> Tally:
    """Price a catalogue into `output` in worker processes, going on where an earlier run stopped."""
    with processes(str(model.path), Recipe(model.version, format_of(output)), workers) as submit:
        return score_with(submit, wines, output, model, ahead=2 * workers)


def score_with(submit: Submit, wines: Catalogue, output: str, model: SavedModel, *, ahead: int) -> Tally:
    """Price a catalogue with any engine; `ahead` chunks at most are in memory."""
    started = time.perf_counter()
    parts = Parts(output, Job(wines.uri, wines.identity, model.version, model.sha256, format_of(output)))
    taken_over = parts.begin()
    numbers = _fill(parts, wines, submit, ahead=ahead)
    counts = [parts.counts(number) for number in numbers]
    parts.assemble(numbers, wines, bad_rows_path(output))
    return Tally(
        parts=len(numbers),
        taken_over=taken_over,
        scored=sum(good for good, _ in counts),
        refused=sum(bad for _, bad in counts),
        seconds=time.perf_counter() - started,
    )


def bad_rows_path(output: str) -> str:
    return f"{output}.bad.csv"


def _fill(parts: Parts, wines: Catalogue, submit: Submit, *, ahead: int) -> range:
    """Score the chunks whose parts are not there yet; the numbers of all parts."""
    total = 0

    def missing() -> Iterator[Chunk]:
        nonlocal total
        for chunk in wines.chunks():
            total = chunk.number + 1
            if not parts.has(chunk.number):
                yield chunk

    for part in scored(missing(), submit, ahead=ahead):
        parts.add(part)
    return range(total)
