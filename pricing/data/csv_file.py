"""Any CSV file as rows of cells: the one reader of reviews, catalogues and prices."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from pricing.data import dialect as dialects
from pricing.data import encodings
from pricing.data.columns import Columns, columns_of, known_names
from pricing.data.dialect import Dialect, dialect_of
from pricing.data.raw_file import RawFile
from pricing.data.text_lines import TextFile, text_file
from pricing.errors import DataError

CUT: Final = "the file ends in the middle of this row"
WRONG_NUMBER: Final = "wrong number of cells"

_LARGEST_CELL: Final = 1_000_000
_SHOWN: Final = 500
_BEYOND_REPAIR: Final = ("unexpected end of data", "field larger than field limit")


class Row(NamedTuple):
    """One row: its first line in the file (counted from 1), its cells, and what is wrong with it.

    A row with a `problem` has the cells that could be separated, however many.
    """

    line: int
    cells: list[str]
    problem: str = ""

    def text(self) -> str:
        """The row as it may be shown."""
        return ",".join(self.cells)[:_SHOWN]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose dialect and header are known."""

    text: TextFile
    dialect: Dialect
    columns: Columns

    @property
    def name(self) -> str:
        return self.text.raw.name

    def described(self) -> str:
        """Encoding and delimiter in words, where they are not UTF-8 and commas; and the layout."""
        layout = [f"layout of {self.columns.layout.title}"] if self.columns.layout else []
        encoding, delimiter = encodings.NAMES[self.text.encoding], dialects.NAMES.get(self.dialect.delimiter)
        parts = [encoding] if encoding != "UTF-8" else []
        parts += [f"cells parted by {delimiter}"] if self.dialect.delimiter != "," else []
        parts += ["quotes after backslashes"] if self.text.backslash_quotes else []
        return ", ".join([*parts, *layout])

    def rows(self) -> Iterator[Row]:
        """The rows below the header in order; blank ones are passed over.

        Raises DataError where a quote is opened and never closed: what follows cannot be separated.
        """
        csv.field_size_limit(_LARGEST_CELL)
        lines = islice(self.text.lines(), self.dialect.skipped, None)
        last = _Last(lines)
        reader = csv.reader(last, delimiter=self.dialect.delimiter, strict=True)
        next(reader)
        width, skipped = len(self.columns.names), self.dialect.skipped
        line = skipped + reader.line_num + 1
        while True:
            try:
                for cells in reader:
                    if len(cells) == width and any(cells):
                        yield Row(line, cells)
                    elif any(map(str.strip, cells)):
                        yield self._uneven(line, cells, last)
                    line = skipped + reader.line_num + 1
            except csv.Error as error:
                yield self._malformed(line, error, last)
                line = skipped + reader.line_num + 1
            else:
                return

    def _uneven(self, line: int, cells: list[str], last: _Last) -> Row:
        """A row of another width: right all the same where blank cells alone are too many or few."""
        width = len(self.columns.names)
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            return Row(line, cells[:width])
        missing = self.columns.names[len(cells) :]
        if len(cells) < width and not any(missing):
            return Row(line, cells + [""] * len(missing))
        if not last.line.endswith("\n") and len(cells) < width:
            return Row(line, cells, CUT)
        return Row(line, cells, WRONG_NUMBER)

    def _malformed(self, line: int, error: csv.Error, last: _Last) -> Row:
        if str(error).startswith(_BEYOND_REPAIR):
            raise DataError(
                f"{self.name} cannot be read as CSV after line {line}: a quote is opened and not closed. A "
                "file that ends inside a quoted cell is a cut download: fetch it again. Else double the "
                "quotes inside its cells."
            ) from error
        return Row(line, [last.line.strip()], "a quote inside a cell is not doubled")


class _Last:
    """Lines, of which the last one given is remembered."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.line = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.line = next(self._lines)
        return self.line


def csv_file(raw: RawFile, mapping: Mapping[str, str] | None = None) -> CsvFile:
    """Open a CSV file of any dialect. `mapping` gives the field of columns by name.

    Raises DataError for what is no CSV, and for a header that cannot be used.
    """
    text = text_file(raw)
    head = dialects.head(text.lines())
    dialect = dialect_of(head, partial(known_names, mapping))
    names = next(csv.reader(head[dialect.skipped :], delimiter=dialect.delimiter), [])
    return CsvFile(text, dialect, columns_of(_without_blank_end(names), mapping, raw.name))


def require(file: CsvFile, fields: Sequence[str], expected: str) -> None:
    """Raise DataError, saying what the file has, unless it has a column for each of `fields`."""
    places, layout = file.columns.places, file.columns.layout
    optional = layout.optional if layout else frozenset()
    missing = [field for field in fields if field not in places and field not in optional]
    if missing:
        raise DataError(
            f"{file.name} has no column {', '.join(missing)}; its columns are {file.columns.listed()}. "
            f"{expected}"
        )


def _without_blank_end(names: Sequence[str]) -> list[str]:
    """A header without the unnamed columns at its end: rows may have them, blank."""
    end = len(names)
    while end > 1 and not names[end - 1].strip():
        end -= 1
    return list(names[:end])
