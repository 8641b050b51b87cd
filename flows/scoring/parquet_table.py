"""A catalogue in Parquet, in types that Arrow can compute on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet

from flows.data import storage
from flows.errors import DataUnavailable
from flows.scoring.chunk import Chunk
from flows.scoring.rows import ArrowRows
from flows.scoring.wine_reader import WineReader
from pricing.data.columns import Columns, columns_of

PARQUET_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A file whose columns are known; `schema` has plain types in place of views and encodings."""

    uri: str
    columns: Columns
    schema: pa.Schema

    @classmethod
    def open(cls, uri: str, mapping: Mapping[str, str] | None) -> Self:
        """Raises `DataUnavailable` for what is no Parquet, DataError for unfit columns."""
        try:
            with storage.opened(uri) as file:
                found = pyarrow.parquet.read_schema(file)
        except pa.ArrowException as error:
            raise _damaged(uri, error) from error
        columns = columns_of(found.names, mapping, uri)
        return cls(uri, columns, pa.schema([pa.field(each.name, plain_type(each.type)) for each in found]))

    def described(self) -> str:
        return "Parquet"

    def chunks(self, reader: WineReader) -> Iterator[Chunk]:
        """Raises `DataUnavailable` for a damaged file."""
        first = 1
        try:
            with storage.opened(self.uri) as file:
                batches = pyarrow.parquet.ParquetFile(file).iter_batches(batch_size=PARQUET_ROWS)
                for number, batch in enumerate(batches):
                    rows = ArrowRows(_plain(batch, self.schema), first)
                    yield Chunk(number, rows, reader)
                    first += len(batch)
        except pa.ArrowException as error:
            raise _damaged(self.uri, error) from error


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that holds the same values without views, dictionaries and run lengths."""
    types = pa.types
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if types.is_string_view(kind):
        return pa.string()
    if types.is_binary_view(kind):
        return pa.binary()
    return kind


def _plain(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [_cast(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.record_batch(columns, schema=schema)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array(column.to_pylist(), kind)


def _damaged(uri: str, error: Exception) -> DataUnavailable:
    return DataUnavailable(
        f"{uri} is no Parquet file, or a damaged one ({str(error)[:200]}). Write or download it again."
    )
