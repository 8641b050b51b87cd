"""The data boundary: bytes of a winemag CSV in, checked reviews and the list of bad rows out.

A file that cannot be used at all stops here with one `DataError`. A row that cannot be used is left
out, counted, and named with its line in the file and the reason.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from pricing.errors import DataError
from pricing.wine.schema import WINEMAG_COLUMNS

NEEDED_COLUMNS: Final = ("country", "description", "province", "price", "title")
"""Without these no row can be used; the other winemag columns may be missing from the file."""

MAX_BAD_SHARE: Final = 0.05
"""A file with a larger share of bad rows is taken for broken, not for untidy."""

MIN_REVIEWS: Final = 50

_PRICE_RANGE: Final = (1.0, 50_000.0)
_POINTS_RANGE: Final = (50.0, 100.0)
_GZIP_MAGIC: Final = b"\x1f\x8b"
_LARGEST_FIELD: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was left out: its line in the file (the header is line 1), and why."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What the data boundary saw in one file."""

    name: str
    rows: int
    bad_rows: tuple[BadRow, ...] = ()
    missing_columns: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        return self.rows - len(self.bad_rows)

    def reasons(self) -> dict[str, int]:
        """How many rows were left out for each reason, most frequent first."""
        return dict(Counter(row.reason for row in self.bad_rows).most_common())


@dataclass(slots=True)
class _Reading:
    """Rows read so far: the good ones by column, the bad ones with their reasons."""

    columns: list[str]
    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def read_reviews(content: bytes, *, name: str) -> tuple[pd.DataFrame, ValidationReport]:
    """Reviews of one CSV file (UTF-8, or gzip of it), bad rows left out.

    The frame has the 14 winemag columns, strings with None for an empty cell, `price` (USD) and
    `points` as floats; its index, named `line`, holds the line of the file. Raises `DataError` when
    the file as a whole cannot be used.
    """
    reading = _read_rows(_decode(content, name), name)
    columns = {column: [row[i] for row in reading.cells] for i, column in enumerate(reading.columns)}
    numbers = {
        "price": _numbers(columns["price"], reading, "price", _PRICE_RANGE),
        "points": _numbers(columns.get("points"), reading, "points", _POINTS_RANGE),
    }
    index = pd.Index(reading.lines, name="line")
    reviews = pd.DataFrame({column: _cells(columns.get(column), index) for column in WINEMAG_COLUMNS})
    for column, values in numbers.items():
        reviews[column] = pd.Series(values, index=index, dtype="float64")
    bad = sorted(_first_per_line(reading.bad), key=lambda row: row.line)
    report = ValidationReport(
        name=name,
        rows=len(reading.lines) + sum(row.column == "row" for row in bad),
        bad_rows=tuple(bad),
        missing_columns=tuple(c for c in WINEMAG_COLUMNS if c not in reading.columns and c != "id"),
    )
    _refuse_broken(report)
    return reviews.drop(index=[row.line for row in bad if row.column != "row"]), report


def _decode(content: bytes, name: str) -> str:
    if not content.strip():
        msg = f"{name} is empty (0 rows). Put the reviews there again, or point ARTIFACT_DATA elsewhere."
        raise DataError(msg)
    if content.startswith(_GZIP_MAGIC):
        content = _gunzip(content, name)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        msg = (
            f"{name} is not UTF-8: byte {error.start} (line {line}) is 0x{content[error.start]:02x}. "
            f"Convert it first, for example: iconv -f WINDOWS-1252 -t UTF-8 {name} > utf8.csv"
        )
        raise DataError(msg) from error


def _gunzip(content: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is a broken or cut gzip file ({error}). Download it again.") from error


def _read_rows(text: str, name: str) -> _Reading:
    csv.field_size_limit(_LARGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        reading = _Reading(_header(next(rows), name))
        last = rows.line_num
        for row in rows:
            _take(reading, row, last + 1)
            last = rows.line_num
    except csv.Error as error:
        msg = (
            f"{name} cannot be read as CSV after line {rows.line_num}: {error}. A file that ends inside "
            "a quoted cell is a cut download: fetch it again."
        )
        raise DataError(msg) from error
    if reading.bad and reading.bad[-1].line == last and not text.endswith("\n"):
        raise DataError(f"{name} ends in the middle of a row (line {last}): a cut download. Fetch it again.")
    if not reading.cells and not reading.bad:
        raise DataError(f"{name} has a header and no rows. Put the reviews there again.")
    return reading


def _header(header: list[str], name: str) -> list[str]:
    columns = [column.strip() or "id" for column in header]
    missing = [column for column in NEEDED_COLUMNS if column not in columns]
    if missing:
        msg = (
            f"{name} lacks the column(s) {', '.join(missing)}; its header is: {', '.join(columns)[:300]}. "
            f"The file must have the winemag columns: {', '.join(WINEMAG_COLUMNS)}."
        )
        raise DataError(msg)
    return columns


def _take(reading: _Reading, row: list[str], line: int) -> None:
    if len(row) == len(reading.columns):
        reading.cells.append(row)
        reading.lines.append(line)
    elif row:
        reason = "wrong number of cells"
        reading.bad.append(BadRow(line, "row", f"{len(row)} of {len(reading.columns)}", reason))


def _numbers(
    cells: list[str] | None, reading: _Reading, column: str, limits: tuple[float, float]
) -> list[float]:
    """Cells as floats, NaN where empty; a cell that is no number in `limits` goes to the bad rows."""
    if cells is None:
        return [float("nan")] * len(reading.lines)
    values = []
    for line, cell in zip(reading.lines, cells, strict=True):
        value = _number(cell)
        if value is None:
            reading.bad.append(BadRow(line, column, cell[:60], f"{column} is not a number"))
        elif not (math.isnan(value) or limits[0] <= value <= limits[1]):
            outside = f"{column} is outside {limits[0]:g} to {limits[1]:g}"
            reading.bad.append(BadRow(line, column, cell[:60], outside))
        values.append(float("nan") if value is None else value)
    return values


def _number(cell: str) -> float | None:
    text = cell.strip()
    if not text or text.lower() == "nan":
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return None


def _cells(cells: list[str] | None, index: pd.Index) -> pd.Series:
    if cells is None:
        return pd.Series([None] * len(index), index=index, dtype="str")
    return pd.Series([cell.strip() or None for cell in cells], index=index, dtype="str")


def _first_per_line(bad: list[BadRow]) -> Iterator[BadRow]:
    seen: set[int] = set()
    for row in bad:
        if row.line not in seen:
            seen.add(row.line)
            yield row


def _refuse_broken(report: ValidationReport) -> None:
    share = len(report.bad_rows) / report.rows
    if share > MAX_BAD_SHARE:
        first = report.bad_rows[0]
        msg = (
            f"{len(report.bad_rows):,} of {report.rows:,} rows of {report.name} are bad "
            f"({_listed(report.reasons())}), more than the {MAX_BAD_SHARE:.0%} that is put up with; "
            f"the first is line {first.line}: {first.column} = {first.value!r}. Repair it and run again."
        )
        raise DataError(msg)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason}: {count:,}" for reason, count in counts.items())


def refuse_unfit(train: pd.DataFrame, test: pd.DataFrame) -> None:
    """Refuse cleaned wines that no honest model can be fitted on and tested with.

    Both frames have the column `country`. Raises `DataError`.
    """
    for frame, name in ((train, "training"), (test, "test")):
        if len(frame) < MIN_REVIEWS:
            msg = (
                f"Only {len(frame)} usable {name} reviews are left after cleaning; {MIN_REVIEWS} are needed. "
                "Reviews need a country, a price and a year in their title: see the report of left out rows."
            )
            raise DataError(msg)
    trained, tested = train["country"].nunique(), test["country"].nunique()
    if trained == 1 < tested:
        msg = (
            f"All {len(train):,} training reviews come from one country ({train['country'].iloc[0]}), "
            f"the test reviews from {tested}: the training file looks cut or filtered. "
            "Put the whole file there, or filter both files in the same way."
        )
        raise DataError(msg)
