"""The data boundary: bytes of a file of reviews in, checked reviews and the list of bad rows out.

A file that cannot be used at all stops here with one `DataError`. A row that cannot be used is left
out, counted, and named with its line in the file and the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from pricing.data.csv_file import CUT, WRONG_NUMBER, CsvFile, csv_file, require
from pricing.data.layouts import split_place
from pricing.data.price_column import read_prices
from pricing.data.raw_file import of_bytes
from pricing.errors import DataError
from pricing.wine.missing import is_missing
from pricing.wine.points import NotPoints, points_of
from pricing.wine.schema import WINEMAG_COLUMNS
from pricing.wine.years import NotAYear, vintage

NEEDED_FIELDS: Final = ("country", "description", "province", "price")
"""Without these, and a title or a vintage, no row can be used; other columns may be missing."""

MAX_BAD_SHARE: Final = 0.05
"""A file with a larger share of bad rows is taken for broken, not for untidy."""

MIN_REVIEWS: Final = 50
VINTAGE: Final = "vintage"
"""Column of the reviews for a vintage that does not stand in the title alone; files may lack it."""

_FIELD_OF: Final = {"region_1": "region", VINTAGE: "millesime"}
_PLACES: Final = ("country", "province", "region", "region_2")
_PRICE_RANGE: Final = (1.0, 50_000.0)
_POINTS_RANGE: Final = (50.0, 100.0)
_EXPECTED: Final = (
    "Expected the winemag columns (country, description, province, price, and title or vintage), or tell by "
    '`columns` which is which, such as {"Pays": "country"}.'
)


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was left out: its line in the file (the first is line 1), and why."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What the data boundary saw in one file.

    `missing_words` counts the cells that hold a word for "no value", `dialect` says how the file is
    written where that is not the usual CSV.
    """

    name: str
    rows: int
    bad_rows: tuple[BadRow, ...] = ()
    missing_columns: tuple[str, ...] = ()
    missing_words: Mapping[str, int] = field(default_factory=dict)
    dialect: str = ""

    @property
    def kept(self) -> int:
        return self.rows - len(self.bad_rows)

    def reasons(self) -> dict[str, int]:
        """How many rows were left out for each reason, most frequent first."""
        return dict(Counter(row.reason for row in self.bad_rows).most_common())


@dataclass(slots=True)
class _Reading:
    """Rows read so far: cells by field, lines, and the bad rows with their reasons."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)

    def refuse(self, row: int, column: str, reason: str) -> None:
        value = self.cells[column][row].strip()[:60]
        self.bad.append(BadRow(self.lines[row], _NAME_OF.get(column, column), value, reason))


_NAME_OF: Final = {name: column for column, name in _FIELD_OF.items()}


def read_reviews(
    content: bytes, *, name: str, columns: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, ValidationReport]:
    """Reviews of one CSV file in any dialect, packed or not, bad rows left out.

    The frame has the 14 winemag columns, and `vintage` where the file has it: strings with None for an
    empty cell, `price` (USD) and `points` as floats; its index, named `line`, holds the line of the file.
    `columns` gives the field of columns by name. Raises `DataError` when the file cannot be used.
    """
    file = csv_file(of_bytes(content, name), columns)
    _require_columns(file)
    reading = _read_rows(file)
    prices = _prices(reading, name)
    points = _points(reading)
    _check_years(reading)
    index = pd.Index(reading.lines, name="line")
    reviews = pd.DataFrame({column: _texts(reading, column, index) for column in _columns_of(reading)})
    reviews["price"] = pd.Series(prices, index=index, dtype="float64")
    reviews["points"] = pd.Series(points, index=index, dtype="float64")
    report = _report(file, reading)
    _refuse_broken(report)
    left_out = {row.line for row in report.bad_rows if row.column != "row"}
    return reviews.drop(index=list(left_out)), report


def _require_columns(file: CsvFile) -> None:
    given = file.columns.places
    place = {"country", "province"} if "place" in given else set()
    needed = [name for name in NEEDED_FIELDS if name not in place]
    if "title" not in given and "millesime" not in given:
        needed.append("title")
    require(file, needed, _EXPECTED)


def _read_rows(file: CsvFile) -> _Reading:
    """Every row in its columns; those that are none among the bad."""
    reading = _Reading()
    width, rows = len(file.columns.names), []
    for row in file.rows():
        if not row.problem:
            rows.append(row.cells)
            reading.lines.append(row.line)
        elif row.problem == CUT:
            msg = (
                f"{file.name} ends in the middle of a row (line {row.line}): a cut download. Fetch it again."
            )
            raise DataError(msg)
        else:
            uneven = row.problem == WRONG_NUMBER
            value = f"{len(row.cells)} of {width}" if uneven else row.text()[:60]
            reading.bad.append(BadRow(row.line, "row", value, row.problem))
    if not rows and not reading.bad:
        raise DataError(f"{file.name} has a header and no rows. Put the reviews there again.")
    table = list(zip(*rows, strict=True))
    reading.cells = {name: list(table[place]) if table else [] for name, place in file.columns.places.items()}
    _blank_missing(reading, file)
    _fill_places(reading)
    return reading


def _blank_missing(reading: _Reading, file: CsvFile) -> None:
    """Words for "no value" become blanks and are counted; so do a layout's words for places nobody knows."""
    unknown = file.columns.layout.unknown if file.columns.layout else frozenset()
    for name, cells in reading.cells.items():
        of_places = unknown if name in _PLACES else frozenset()
        words = {cell for cell in set(cells) if is_missing(cell) or cell.strip().lower() in of_places}
        if not words:
            continue
        reading.words.update(cell.strip() for cell in cells if cell in words and cell.strip())
        reading.cells[name] = ["" if cell in words else cell for cell in cells]


def _fill_places(reading: _Reading) -> None:
    """Country, province and region out of a column that holds them all."""
    if "place" not in reading.cells:
        return
    parts = [split_place(cell) for cell in reading.cells["place"]]
    for position, name in enumerate(("country", "province", "region")):
        reading.cells.setdefault(name, [part[position] for part in parts])


def _prices(reading: _Reading, name: str) -> list[float]:
    found = read_prices(reading.cells["price"], file=name)
    for row, value in enumerate(found):
        if isinstance(value, str):
            reading.refuse(row, "price", value)
    return _within(reading, "price", [float("nan") if isinstance(v, str) else v for v in found], _PRICE_RANGE)


def _points(reading: _Reading) -> list[float]:
    if "points" not in reading.cells:
        return [float("nan")] * len(reading.lines)
    values = []
    for row, cell in enumerate(reading.cells["points"]):
        try:
            value = points_of(cell)
        except NotPoints as error:
            scale = "on a scale" in str(error)
            reading.refuse(
                row, "points", "points are not on a scale of 100" if scale else "points is not a number"
            )
            value = None
        values.append(float("nan") if value is None else value)
    return _within(reading, "points", values, _POINTS_RANGE)


def _within(reading: _Reading, column: str, values: list[float], limits: tuple[float, float]) -> list[float]:
    for row, value in enumerate(values):
        if value < limits[0] or value > limits[1]:
            reading.refuse(row, column, f"{column} is outside {limits[0]:g} to {limits[1]:g}")
    return values


def _check_years(reading: _Reading) -> None:
    """Where no title can stand in for it, a vintage has to be one."""
    if "title" in reading.cells or "millesime" not in reading.cells:
        return
    for row, cell in enumerate(reading.cells["millesime"]):
        try:
            vintage(cell)
        except NotAYear:
            reading.refuse(row, "millesime", "vintage is not a year")


def _columns_of(reading: _Reading) -> Sequence[str]:
    return (*WINEMAG_COLUMNS, *([VINTAGE] if "millesime" in reading.cells else []))


def _texts(reading: _Reading, column: str, index: pd.Index) -> pd.Series:
    cells = reading.cells.get(_FIELD_OF.get(column, column))
    values = [None] * len(index) if cells is None else [cell.strip() or None for cell in cells]
    return pd.Series(values, index=index, dtype="str")


def _report(file: CsvFile, reading: _Reading) -> ValidationReport:
    bad = sorted(_first_per_line(reading.bad), key=lambda row: row.line)
    given = {*reading.cells}
    return ValidationReport(
        name=file.name,
        rows=len(reading.lines) + sum(row.column == "row" for row in bad),
        bad_rows=tuple(bad),
        missing_columns=tuple(
            column for column in WINEMAG_COLUMNS if _FIELD_OF.get(column, column) not in given | {"id"}
        ),
        missing_words=dict(reading.words.most_common()),
        dialect=file.described(),
    )


def _first_per_line(bad: Iterable[BadRow]) -> list[BadRow]:
    first: dict[int, BadRow] = {}
    for row in bad:
        first.setdefault(row.line, row)
    return list(first.values())


def _refuse_broken(report: ValidationReport) -> None:
    share = len(report.bad_rows) / report.rows
    if share > MAX_BAD_SHARE:
        first = report.bad_rows[0]
        listed = ", ".join(f"{reason}: {count:,}" for reason, count in report.reasons().items())
        msg = (
            f"{len(report.bad_rows):,} of {report.rows:,} rows of {report.name} are bad ({listed}), more "
            f"than the {MAX_BAD_SHARE:z.0%} that is put up with; the first is line {first.line}: "
            f"{first.column} = {first.value!r}. Repair it and run again."
        )
        raise DataError(msg)


def refuse_unfit(train: pd.DataFrame, test: pd.DataFrame) -> None:
    """Refuse cleaned wines on which no model can be fitted and tested: too few, or of one country to
    learn from and of several to test with.

    Both frames have the column `country`. Raises `DataError`.
    """
    for frame, name in ((train, "training"), (test, "test")):
        if len(frame) < MIN_REVIEWS:
            msg = (
                f"Only {len(frame)} usable {name} reviews are left after cleaning; {MIN_REVIEWS} are needed. "
                "Reviews need a country, a price and a vintage: see the report of left out rows."
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
