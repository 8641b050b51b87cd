"""One chunk of a catalogue: rows in, the same rows with prices out, bad rows apart with their reasons.

This is what a worker process runs, so it needs no pandas, no Prefect and no MLflow.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pricing.errors import InvalidWine
from pricing.scoring.record_scorer import RecordScorer
from pricing.storage.any_scorer import load_any_scorer
from pricing.wine.request import Wine, parse
from pricing.wine.schema import CURRENCY, FIELDS
from pricing.wine.years import vintage_of_title

CSV: Final = "csv"
PARQUET: Final = "parquet"
PRICED: Final = ("predicted_price", "interval_low", "interval_high", "expected_error")
LABELS: Final = ("currency", "model_version")
ADDED: Final = (*PRICED, *LABELS)
BAD_SCHEMA: Final = pa.schema([("row", pa.int64()), ("reason", pa.string()), ("wine", pa.string())])


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no row of the table: its number among the rows (from 1), its text, what is wrong."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a catalogue. `first` is the number of its first row; `malformed` lie between its rows."""

    number: int
    first: int
    rows: pa.RecordBatch
    malformed: tuple[Malformed, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How every chunk of a job is scored and written: the same for all, whenever it is done."""

    model_version: str
    output_format: str


@dataclass(frozen=True, slots=True)
class Part:
    """A scored chunk: its good rows in the output's format (no CSV header), its bad rows as CSV."""

    number: int
    content: bytes
    bad: bytes
    scored: int
    refused: int


def score_chunk(chunk: Chunk, scorer: RecordScorer, recipe: Recipe) -> Part:
    """Score the rows that are wines; name what is wrong with the others."""
    wines, kept, bad = _wines(chunk)
    estimates = scorer.score_batch(wines)
    figures = {
        "predicted_price": [round(estimate.price, 2) for estimate in estimates],
        "interval_low": [round(estimate.low, 2) for estimate in estimates],
        "interval_high": [round(estimate.high, 2) for estimate in estimates],
        "expected_error": [round(estimate.expected_error, 6) for estimate in estimates],
    }
    table = _priced(pa.Table.from_batches([chunk.rows]).take(pa.array(kept, pa.int64())), figures, recipe)
    content = csv_bytes(table) if recipe.output_format == CSV else parquet_bytes(table)
    return Part(chunk.number, content, csv_bytes(_bad_table(bad)), scored=len(kept), refused=len(bad))


@lru_cache(maxsize=1)
def scorer_of(path: str) -> RecordScorer:
    """The scorer of a saved model, loaded once in each worker."""
    return load_any_scorer(Path(path))


def output_schema(given: pa.Schema) -> pa.Schema:
    """The columns of the output: those given, except that a column of an earlier scoring is replaced."""
    kept = [field for field in given if field.name not in ADDED]
    figures = [pa.field(name, pa.float64()) for name in PRICED]
    return pa.schema([*kept, *figures, *(pa.field(name, pa.string()) for name in LABELS)])


def csv_bytes(table: pa.Table) -> bytes:
    """The rows as CSV, without the header."""
    out = io.BytesIO()
    pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(include_header=False))
    return out.getvalue()


def parquet_bytes(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _wines(chunk: Chunk) -> tuple[list[Wine], list[int], list[Malformed]]:
    wines: list[Wine] = []
    kept: list[int] = []
    bad = list(chunk.malformed)
    taken = {line.row for line in chunk.malformed}
    number = chunk.first - 1
    for position, values in enumerate(_mappings(chunk.rows)):
        number += 1
        while number in taken:
            number += 1
        try:
            wines.append(_wine(values))
            kept.append(position)
        except InvalidWine as error:
            row = {name: column[position].as_py() for name, column in _columns(chunk.rows).items()}
            bad.append(Malformed(number, json.dumps(row, ensure_ascii=False, default=str), str(error)))
    return wines, kept, sorted(bad, key=lambda line: line.row)


def _wine(values: Mapping[str, Any]) -> Wine:
    try:
        return msgspec.convert(values, Wine)
    except msgspec.ValidationError:
        return parse(values)[0]


def _mappings(rows: pa.RecordBatch) -> Sequence[dict[str, Any]]:
    """Each row's fields that are given; blanks are not."""
    columns = _columns(rows)
    values = {name: columns[name].to_pylist() for name in FIELDS if name in columns}
    if "millesime" not in values and "title" in columns:
        values["millesime"] = [_vintage(title) for title in columns["title"].to_pylist()]
    if "region" not in values and "region_1" in columns:
        values["region"] = columns["region_1"].to_pylist()
    cells = {name: [_value(name, value) for value in column] for name, column in values.items()}
    return [
        {name: value for name, value in zip(cells, row, strict=True) if value is not None}
        for row in zip(*cells.values(), strict=True)
    ]


def _columns(rows: pa.RecordBatch) -> dict[str, pa.Array]:
    return dict(zip(rows.schema.names, rows.columns, strict=True))


def _value(name: str, value: object) -> object:
    """A cell as a request would give it."""
    if isinstance(value, str):
        text = value.strip()
        return _number(text) if name == "points" and text else text or None
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return None
    if name == "millesime" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _vintage(title: object) -> object:
    return (vintage_of_title(str(title)) or "NV") if title else None


def _priced(rows: pa.Table, figures: Mapping[str, list[float]], recipe: Recipe) -> pa.Table:
    schema = output_schema(rows.schema)
    columns = {name: rows[name] for name in schema.names if name not in ADDED}
    columns |= {name: pa.array(values, pa.float64()) for name, values in figures.items()}
    for name, label in zip(LABELS, (CURRENCY, recipe.model_version), strict=True):
        columns[name] = pa.array([label] * len(rows), pa.string())
    return pa.table(columns, schema=schema)


def _bad_table(bad: Sequence[Malformed]) -> pa.Table:
    return pa.table(
        {
            "row": [line.row for line in bad],
            "reason": [line.reason for line in bad],
            "wine": [line.text for line in bad],
        },
        schema=BAD_SCHEMA,
    )
