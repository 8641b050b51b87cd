"""One chunk of a catalogue: rows in, the same rows with prices out, bad rows apart with their reasons.

This is what a worker process runs, so it needs no pandas, no Prefect and no MLflow.
"""

from __future__ import annotations

import csv
import gc
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from flows.scoring.rows import CSV, PARQUET, Rows
from flows.scoring.wine_reader import WineReader
from pricing.errors import InvalidWine
from pricing.scoring.record_scorer import RecordScorer
from pricing.storage.any_scorer import load_any_scorer
from pricing.wine.estimate import Estimate, RequestWarning
from pricing.wine.request import Wine, parse
from pricing.wine.schema import CURRENCY

__all__ = ["CSV", "PARQUET"]

PRICED: Final = ("predicted_price", "interval_low", "interval_high", "expected_error")
ADDED: Final = (*PRICED, "currency", "model_version", "warnings")
BAD_COLUMNS: Final = ("row", "reason", "wine")


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no row of the table: its number among the rows (from 1), its text, what is wrong."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a catalogue with how to read them; `malformed` lie between its rows."""

    number: int
    rows: Rows
    reader: WineReader
    malformed: tuple[Malformed, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreConfig:
    """How every chunk of a job is scored and written: the same for all, whenever it is done."""

    model_version: str
    output_format: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of some rows: warnings by code, and cells with a word for "no value" by word."""

    scored: int = 0
    refused: int = 0
    warned: int = 0
    warnings: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    first_reason: str = ""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            scored=self.scored + other.scored,
            refused=self.refused + other.refused,
            warned=self.warned + other.warned,
            warnings=dict(Counter(self.warnings) + Counter(other.warnings)),
            words=dict(Counter(self.words) + Counter(other.words)),
            first_reason=self.first_reason or other.first_reason,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A scored chunk: its good rows in the output's format (no CSV header), its bad rows as CSV."""

    number: int
    content: bytes
    bad: bytes
    counts: Counts


def score_chunk(chunk: Chunk, scorer: RecordScorer, config: ScoreConfig) -> Part:
    """Score the rows that are wines; name what is wrong with the others."""
    reading = chunk.reader.read(chunk.rows)
    wines, kept, bad = _wines(chunk, reading.wines)
    estimates = scorer.score_batch(wines)
    content = chunk.rows.written(kept, _added(estimates, config), config.output_format)
    counts = Counts(
        scored=len(kept),
        refused=len(bad),
        warned=sum(bool(estimate.warnings) for estimate in estimates),
        warnings=dict(Counter(warning.code for estimate in estimates for warning in estimate.warnings)),
        words=dict(reading.words),
        first_reason=bad[0].reason if bad else "",
    )
    return Part(chunk.number, content, _bad_csv(bad), counts)


@lru_cache(maxsize=1)
def scorer_of(path: str) -> RecordScorer:
    """The scorer of a saved model, loaded once in each worker."""
    scorer = load_any_scorer(Path(path))
    gc.freeze()  # a model is many objects, none of them garbage: collections for the rows pass over it
    return scorer


def _wines(chunk: Chunk, given: Sequence[Mapping[str, Any]]) -> tuple[list[Wine], list[int], list[Malformed]]:
    wines: list[Wine] = []
    kept: list[int] = []
    bad = list(chunk.malformed)
    for position, values in enumerate(given):
        try:
            wines.append(_wine(values))
            kept.append(position)
        except InvalidWine as error:
            number = chunk.rows.numbers[position]
            bad.append(Malformed(number, chunk.rows.shown(position), str(error)))
    return wines, kept, sorted(bad, key=lambda line: line.row)


def _wine(values: Mapping[str, Any]) -> Wine:
    try:
        return msgspec.convert(values, Wine)
    except msgspec.ValidationError:
        return parse(values)[0]


def _added(estimates: Sequence[Estimate], config: ScoreConfig) -> dict[str, Sequence[Any]]:
    """The columns that scoring adds."""
    return {
        "predicted_price": [round(estimate.price, 2) for estimate in estimates],
        "interval_low": [round(estimate.low, 2) for estimate in estimates],
        "interval_high": [round(estimate.high, 2) for estimate in estimates],
        "expected_error": [round(estimate.expected_error, 6) for estimate in estimates],
        "currency": [CURRENCY] * len(estimates),
        "model_version": [config.model_version] * len(estimates),
        "warnings": [_warnings(estimate.warnings) for estimate in estimates],
    }


@lru_cache(maxsize=4096)
def _warnings(warnings: tuple[RequestWarning, ...]) -> str:
    """All warnings of a row in one cell: "code: message", parted by a bar."""
    return " | ".join(f"{warning.code}: {warning.message}" for warning in warnings)


def _bad_csv(bad: Sequence[Malformed]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows((line.row, line.reason, line.text) for line in bad)
    return out.getvalue().encode()
