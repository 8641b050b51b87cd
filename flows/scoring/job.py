"""A catalogue from beginning to end: what is there already, what is missing, and the whole put together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.data import storage
from flows.errors import NothingUsed
from flows.scoring.catalogue import Catalogue, output_format
from flows.scoring.chunk import Chunk, Counts, ScoreConfig
from flows.scoring.engine import Submit, processes, scored
from flows.scoring.parts import Job, Parts
from pricing.errors import DataError


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A version's model file on this host."""

    path: Path
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a run did. `taken_over` parts were there from a run before it."""

    parts: int
    taken_over: int
    counts: Counts
    seconds: float

    @property
    def scored(self) -> int:
        return self.counts.scored

    @property
    def refused(self) -> int:
        return self.counts.refused


def score_catalogue(wines: Catalogue, output: str, model: SavedModel, *, workers: int) -> JobResult:
    """Price a catalogue into `output` in worker processes, going on where an earlier run stopped."""
    with processes(str(model.path), ScoreConfig(model.version, output_format(output)), workers) as submit:
        return score_with(submit, wines, output, model, ahead=2 * workers)


def score_with(submit: Submit, wines: Catalogue, output: str, model: SavedModel, *, ahead: int) -> JobResult:
    """Price a catalogue with any engine; `ahead` chunks at most are in memory.

    Raises NothingUsed, and writes no output, when no row could be priced.
    """
    check_output(wines.uri, output)
    started = time.perf_counter()
    with storage.explained(output, doing="written", advice="Check the parameter output_uri."):
        parts = Parts(output, _job(wines, output, model))
        taken_over = parts.begin()
        numbers = _fill(parts, wines, submit, ahead=ahead)
        counts = sum((parts.counts(number) for number in numbers), Counts())
        parts.assemble_bad(numbers, counts, bad_rows_path(output))
        if counts.scored:
            parts.assemble(numbers, wines.output_schema)
        parts.remove()
    _refuse_unused(wines.uri, counts, output)
    return JobResult(len(numbers), taken_over, counts, time.perf_counter() - started)


def bad_rows_path(output: str) -> str:
    return f"{output}.bad.csv"


def check_output(catalogue: str, output: str) -> None:
    """Raises DataError for an output that cannot be written, or would overwrite the catalogue."""
    output_format(output)
    for written in (output, bad_rows_path(output)):
        if storage.same_place(catalogue, written):
            raise DataError(
                f"Writing {output} would overwrite the catalogue {catalogue}. Give another output_uri."
            )
    files, path = storage.files_of(output)
    if "file" in files.protocol and files.isdir(path):
        raise DataError(f"{output} is a folder. Give a file by the parameter output_uri, such as priced.csv.")


def _job(wines: Catalogue, output: str, model: SavedModel) -> Job:
    return Job(
        catalogue=wines.uri,
        identity=wines.identity,
        model_version=model.version,
        artefact_sha256=model.sha256,
        output_format=output_format(output),
        columns=dict(wines.source.columns.places),
    )


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


def _refuse_unused(catalogue: str, counts: Counts, output: str) -> None:
    if counts.scored:
        return
    if not counts.refused:
        raise NothingUsed(f"{catalogue} has a header and no rows. Put the wines below it.")
    raise NothingUsed(
        f"No wine of {catalogue} could be priced: {counts.refused:,} rows were refused, the first because of "
        f"{counts.first_reason}. See {bad_rows_path(output)}; no output was written."
    )
