"""The rows of a chunk, as its file gives them: cells of text, or a batch of Arrow's."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

CSV: Final = "csv"
PARQUET: Final = "parquet"
_UNIT: Final = "\x1f"
"""ASCII's sign between two units: it hardly stands in a text."""


class Rows(Protocol):
    """Rows with the number of each in its file, from 1."""

    @property
    def numbers(self) -> Sequence[int]: ...

    def column(self, place: int) -> Sequence[Any]:
        """The values of a column, by its place."""

    def shown(self, position: int) -> str:
        """One row as JSON, for a person."""

    def written(self, kept: Sequence[int], added: Mapping[str, Sequence[Any]], kind: str) -> bytes:
        """The rows at the positions `kept` with the columns `added`, as CSV without a header or as Parquet.

        Columns of the file that are called like an added one are left out.
        """


@dataclass(frozen=True, slots=True)
class TextRows:
    """Rows of a CSV file."""

    names: Sequence[str]
    cells: Sequence[Sequence[str]]
    numbers: Sequence[int]

    def column(self, place: int) -> Sequence[str]:
        return [row[place] for row in self.cells]

    def shown(self, position: int) -> str:
        return json.dumps(dict(zip(self.names, self.cells[position], strict=True)), ensure_ascii=False)

    def written(self, kept: Sequence[int], added: Mapping[str, Sequence[Any]], kind: str) -> bytes:
        places = [place for place, name in enumerate(self.names) if name not in added]
        if kind == CSV:
            texts = (quoted([self.cells[at][place] for place in places]) for at in kept)
            if len(places) == len(self.names):
                texts = (quoted(self.cells[at]) for at in kept)
            new = zip(*map(_as_csv, added.values()), strict=True)
            lines = [f"{text},{','.join(more)}\n" for text, more in zip(texts, new, strict=True)]
            return "".join(lines).encode()
        columns = {self.names[place]: [self.cells[at][place] for at in kept] for place in places}
        return parquet_bytes(
            pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}), added
        )


def quoted(cells: Sequence[str]) -> str:
    """Cells as a line of CSV, each in quotes, so that no sign or line end in one can end a cell or a row."""
    joined = _UNIT.join(cells)
    if joined.count(_UNIT) != len(cells) - 1:  # a cell has that sign itself
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return '"' + joined.replace('"', '""').replace(_UNIT, '","') + '"'


def _as_csv(values: Sequence[Any]) -> list[str]:
    return [quoted([value]) if isinstance(value, str) else repr(value) for value in values]


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """Rows of a Parquet file, in types that Arrow can compute on."""

    batch: pa.RecordBatch
    first: int

    @property
    def numbers(self) -> Sequence[int]:
        return range(self.first, self.first + len(self.batch))

    def column(self, place: int) -> Sequence[Any]:
        values: list[Any] = self.batch.column(place).to_pylist()
        return values

    def shown(self, position: int) -> str:
        row = self.batch.slice(position, 1).to_pylist()[0]
        return json.dumps(row, ensure_ascii=False, default=str)

    def written(self, kept: Sequence[int], added: Mapping[str, Sequence[Any]], kind: str) -> bytes:
        table = pa.Table.from_batches([self.batch]).take(pa.array(kept, pa.int64()))
        table = table.drop_columns([name for name in table.column_names if name in added])
        return csv_bytes(table, added) if kind == CSV else parquet_bytes(table, added)


def csv_bytes(table: pa.Table, added: Mapping[str, Sequence[Any]]) -> bytes:
    """A table and more columns as CSV, without the header; what CSV has no form for becomes JSON."""
    columns = {name: _csv_column(table[name]) for name in table.column_names}
    out = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(pa.table(columns | _arrays(added)), out, options)
    return out.getvalue()


def parquet_bytes(table: pa.Table, added: Mapping[str, Sequence[Any]]) -> bytes:
    """A table and more columns as Parquet."""
    columns = {name: table[name] for name in table.column_names}
    out = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns | _arrays(added)), out, compression="zstd")
    return out.getvalue()


def _arrays(added: Mapping[str, Sequence[Any]]) -> dict[str, pa.Array]:
    return {name: pa.array(values, added_type(name)) for name, values in added.items()}


def added_type(name: str) -> pa.DataType:
    """Type of a column that scoring adds."""
    return pa.string() if name in TEXTS_ADDED else pa.float64()


TEXTS_ADDED: Final = ("currency", "model_version", "warnings")


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if _writable(column.type):
        return column
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str)
        for value in column.to_pylist()
    ]
    return pa.array(texts, pa.string())


def _writable(kind: pa.DataType) -> bool:
    """Whether Arrow writes values of a type into CSV, found out by trying."""
    try:
        pyarrow.csv.write_csv(pa.table({"x": pa.nulls(1, kind)}), io.BytesIO())
    except (pa.ArrowException, ValueError, TypeError):
        return False
    return True
