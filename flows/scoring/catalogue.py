"""A catalogue of wines: a CSV or Parquet file, local or on S3, read in chunks of bounded size."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import fsspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from flows.errors import DataUnavailable
from flows.scoring.chunk import CSV, PARQUET, Chunk, Malformed
from pricing.errors import DataError
from pricing.wine.schema import REQUIRED_FIELDS

CSV_BLOCK: Final = 4 << 20
"""Bytes of CSV in a chunk: some ten thousand wines."""
PARQUET_ROWS: Final = 10_000

_SHOWN: Final = 500
_SUFFIXES: Final = {".csv": CSV, ".csv.gz": CSV, ".parquet": PARQUET}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A file of wines, opened just enough to know its columns. `identity` changes when its content does."""

    uri: str
    format: str
    schema: pa.Schema
    identity: str

    def chunks(self) -> Iterator[Chunk]:
        """The rows in order. The same file always gives the same chunks."""
        with _opened(self.uri) as file:
            yield from _csv_chunks(file, self.schema) if self.format == CSV else _parquet_chunks(file)


def catalogue(uri: str) -> Catalogue:
    """Open a catalogue. Raises `DataUnavailable` when it cannot be read, DataError for unfit columns."""
    kind = format_of(uri)
    try:
        files, path = fsspec.core.url_to_fs(uri)
        identity = str(files.ukey(path))
        with _opened(uri) as file:
            schema = _csv_schema(file, uri) if kind == CSV else pyarrow.parquet.read_schema(file)
    except FileNotFoundError as error:
        raise DataUnavailable(f"There is no file {uri}. Check the parameter `catalogue`.") from error
    except (OSError, pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise DataUnavailable(
            f"{uri} cannot be read ({type(error).__name__}: {str(error)[:300]}). It must be CSV in UTF-8 or "
            "Parquet; check the file, the path and the credentials."
        ) from error
    _check_columns(uri, schema)
    return Catalogue(uri=uri, format=kind, schema=schema, identity=identity)


def format_of(uri: str) -> str:
    """Format by the name's ending. Raises DataError for one that is not known."""
    for suffix, kind in _SUFFIXES.items():
        if uri.lower().endswith(suffix):
            return kind
    raise DataError(f"{uri} must end with {', '.join(_SUFFIXES)}: the ending says how to read and write it.")


@contextmanager
def _opened(uri: str) -> Iterator[Any]:
    with fsspec.open(uri, "rb", compression="infer") as file:
        yield file


def _csv_schema(file: Any, uri: str) -> pa.Schema:  # noqa: ANN401 - whatever fsspec opens
    lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        names = next(csv.reader(lines), [])
    finally:
        lines.detach()  # closing is for the one who opened
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{uri} has several columns named {', '.join(repeated)}. Give each its own name.")
    return pa.schema([pa.field(name, pa.string()) for name in names])


def _check_columns(uri: str, schema: pa.Schema) -> None:
    given = {*schema.names, *(["millesime"] if "title" in schema.names else [])}
    missing = [name for name in REQUIRED_FIELDS if name not in given]
    if missing:
        raise DataError(
            f"{uri} has no column {', '.join(missing)}. A catalogue has {', '.join(REQUIRED_FIELDS)} (the "
            "vintage may stand in a column `title` instead), and any of variety, winery, region, designation "
            "and points."
        )


def _csv_chunks(file: Any, schema: pa.Schema) -> Iterator[Chunk]:  # noqa: ANN401
    malformed: list[Malformed] = []

    def note(line: Any) -> str:  # noqa: ANN401 - pyarrow's InvalidRow
        reason = f"{line.actual_columns} values, expected {line.expected_columns}"
        malformed.append(Malformed(line.number - 1, str(line.text)[:_SHOWN], reason))
        return "skip"

    reader = pyarrow.csv.open_csv(
        file,
        read_options=pyarrow.csv.ReadOptions(
            block_size=CSV_BLOCK, use_threads=False, column_names=schema.names, skip_rows=1
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
        convert_options=pyarrow.csv.ConvertOptions(column_types=schema, strings_can_be_null=False),
    )
    first = 1
    for number, rows in enumerate(_blocks(reader)):
        between = tuple(malformed)
        malformed.clear()
        yield Chunk(number, first, rows, between)
        first += len(rows) + len(between)


def _blocks(reader: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
    try:
        yield from reader
    except pa.ArrowInvalid as error:
        raise DataUnavailable(f"The catalogue is not CSV in UTF-8: {str(error)[:300]}") from error


def _parquet_chunks(file: Any) -> Iterator[Chunk]:  # noqa: ANN401
    first = 1
    batches = pyarrow.parquet.ParquetFile(file).iter_batches(batch_size=PARQUET_ROWS)
    for number, rows in enumerate(batches):
        yield Chunk(number, first, rows)
        first += len(rows)
