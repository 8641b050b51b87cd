"""A catalogue of wines: a CSV or Parquet file, local or on S3, read in chunks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

import pyarrow as pa

from flows.data import storage
from flows.errors import DataUnavailable
from flows.scoring.chunk import ADDED, Chunk, Malformed
from flows.scoring.parquet_table import ParquetTable
from flows.scoring.rows import CSV, PARQUET, TextRows, added_type
from flows.scoring.wine_reader import WineReader
from pricing.data.columns import Columns
from pricing.data.csv_file import WRONG_NUMBER, CsvFile, Row, csv_file
from pricing.data.raw_file import RawFile
from pricing.errors import DataError
from pricing.wine.schema import REQUIRED_FIELDS

CHUNK_ROWS: Final = 5_000
"""Rows of a chunk: few enough that a handful of chunks fit into memory."""

ADVICE: Final = "Check the parameter catalogue_uri."

_PACKED: Final = ("", ".gz", ".bz2", ".xz", ".zip")
_INPUTS: Final = {
    **{f"{ending}{packed}": CSV for ending in (".csv", ".tsv", ".txt") for packed in _PACKED},
    ".zip": CSV,
    ".parquet": PARQUET,
}
_OUTPUTS: Final = {".csv": CSV, ".parquet": PARQUET}
_EXPECTED: Final = (
    f"A catalogue has {', '.join(REQUIRED_FIELDS)} (the vintage may also stand in a column vintage or in a "
    "title), and any of variety, winery, region, designation and points. Tell by `columns` which is which, "
    'such as {"Pays": "country"}.'
)


class Source(Protocol):
    """An opened file of wines."""

    @property
    def columns(self) -> Columns: ...

    @property
    def schema(self) -> pa.Schema:
        """Names and types of its columns, as the output has them."""

    def described(self) -> str: ...

    def chunks(self, reader: WineReader) -> Iterator[Chunk]:
        """The rows in order. The same file always gives the same chunks."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A file of wines, opened just enough to know its columns. `identity` changes when its content does."""

    uri: str
    source: Source
    identity: str

    @property
    def output_schema(self) -> pa.Schema:
        """The columns of the output: those given, except that a column of an earlier scoring is replaced."""
        kept = [field for field in self.source.schema if field.name not in ADDED]
        return pa.schema([*kept, *(pa.field(name, added_type(name)) for name in ADDED)])

    def chunks(self) -> Iterator[Chunk]:
        """The rows in order, in chunks. Raises `DataUnavailable` where the file cannot be read on."""
        columns = self.source.columns
        layout = columns.layout
        reader = WineReader(
            places=dict(columns.places),
            unknown=layout.unknown if layout else frozenset(),
            region_for_province=layout is not None,
        )
        with storage.explained(self.uri, advice=ADVICE):
            yield from self.source.chunks(reader)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A catalogue in CSV."""

    file: CsvFile

    @property
    def columns(self) -> Columns:
        return self.file.columns

    @property
    def names(self) -> list[str]:
        """Its column names; one that has none, and is not the first, gets its number."""
        return [
            name or (f"column {place + 1}" if place else "") for place, name in enumerate(self.columns.names)
        ]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(name, pa.string()) for name in self.names])

    def described(self) -> str:
        return self.file.described()

    def chunks(self, reader: WineReader) -> Iterator[Chunk]:
        names, numbers = self.names, count(1)
        cells: list[list[str]] = []
        at: list[int] = []
        malformed: list[Malformed] = []
        chunks = count()
        for row, number in zip(self.file.rows(), numbers):  # noqa: B905 - the numbers never end
            if row.problem:
                malformed.append(Malformed(number, row.text(), self._problem(row)))
            else:
                cells.append(row.cells)
                at.append(number)
            if len(cells) + len(malformed) == CHUNK_ROWS:
                yield Chunk(next(chunks), TextRows(names, cells, at), reader, tuple(malformed))
                cells, at, malformed = [], [], []
        if cells or malformed:
            yield Chunk(next(chunks), TextRows(names, cells, at), reader, tuple(malformed))

    def _problem(self, row: Row) -> str:
        if row.problem != WRONG_NUMBER:
            return row.problem
        return f"{len(row.cells)} values, expected {len(self.columns.names)}"


def catalogue(uri: str, columns: Mapping[str, str] | None = None) -> Catalogue:
    """Open a catalogue; `columns` gives the field of columns by name.

    Raises `DataUnavailable` when it cannot be read, DataError when it is no catalogue.
    """
    kind = input_format(uri)
    with storage.explained(uri, advice=ADVICE):
        files, path = storage.files_of(uri)
        files.invalidate_cache()
        if files.isdir(path):
            raise DataUnavailable(f"{uri} is a folder. Give the file in it by the parameter catalogue_uri.")
        identity = str(files.ukey(path))
        source = _opened(uri, kind, columns)
    _check_columns(uri, source)
    return Catalogue(uri=uri, source=source, identity=identity)


def input_format(uri: str) -> str:
    """Format by the name's ending. Raises DataError for one that is not known, with advice."""
    for suffix, kind in _INPUTS.items():
        if uri.lower().endswith(suffix):
            return kind
    if uri.lower().endswith((".xlsx", ".xls", ".ods", ".numbers")):
        raise DataError(
            f"{uri} is a spreadsheet. Save it as CSV (in Excel: Save As, 'CSV UTF-8'), and give that file."
        )
    raise DataError(f"{uri} must end with .csv, .tsv, .txt (also packed as .gz or .zip) or .parquet.")


def output_format(uri: str) -> str:
    """Format of an output by its ending. Raises DataError for one that is not written."""
    for suffix, kind in _OUTPUTS.items():
        if uri.lower().endswith(suffix):
            return kind
    raise DataError(f"The output {uri} must end with .csv or .parquet: the ending says how it is written.")


def _opened(uri: str, kind: str, columns: Mapping[str, str] | None) -> Source:
    if kind == PARQUET:
        return ParquetTable.open(uri, columns)
    name = uri.rpartition("/")[2]
    return CsvTable(csv_file(RawFile(name, lambda: storage.opened(uri)), columns))


def _check_columns(uri: str, source: Source) -> None:
    given, layout = set(source.columns.places), source.columns.layout
    optional = set(layout.optional) if layout else set()
    optional |= {"millesime"} if "title" in given else set()
    optional |= {"country", "province"} if "place" in given else set()
    missing = [name for name in REQUIRED_FIELDS if name not in given | optional]
    if missing:
        raise DataError(
            f"{uri} has no column {', '.join(missing)}; its columns are {source.columns.listed()}. "
            f"{_EXPECTED}"
        )
