"""From the cells of a catalogue to wines: which columns are read, and how their values are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.scoring.rows import Rows
from pricing.data.layouts import split_place
from pricing.wine.missing import is_missing, is_nothing
from pricing.wine.points import NotPoints, points_of
from pricing.wine.schema import FIELDS
from pricing.wine.years import NON_VINTAGE, NotAYear, vintage, vintage_of_title

_BLANKS: Final = {"description": "", "millesime": ""}
"""Required fields that may be blank: the price is less certain without them, and a warning says so."""
_LONG: Final = 40
"""Longer texts are notes, which hardly repeat, and never a word for "no value"."""
_PLACES: Final = ("province", "region", "region_2")


@dataclass(frozen=True, slots=True)
class WineReader:
    """Reads the wines of a catalogue whose fields stand in the columns `places`.

    `unknown` are words of its layout for a place that nobody knows; where `region_for_province`, a region
    stands in for a province that is missing.
    """

    places: Mapping[str, int]
    unknown: frozenset[str] = frozenset()
    region_for_province: bool = False

    def read(self, rows: Rows) -> Reading:
        """The fields of each row that are given."""
        words: Counter[str] = Counter()
        columns = {
            name: self._values(name, rows.column(place), words)
            for name, place in self.places.items()
            if name in _READERS
        }
        _split_places(columns)
        _join(columns, "region", "region_2")
        if self.region_for_province:
            _join(columns, "province", "region")
        _date(columns, len(rows.numbers))
        filled: dict[str, list[Any]] = {name: columns[name] for name in FIELDS if name in columns}
        for name, blank in _BLANKS.items():
            given = filled.get(name) or [None] * len(rows.numbers)
            filled[name] = [blank if value is None else value for value in given]
        names = list(filled)
        wines = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in zip(*filled.values(), strict=True)
        ]
        return Reading(wines, words)

    def _values(self, name: str, column: Sequence[Any], words: Counter[str]) -> list[Any]:
        """The values of a column; each different short cell is read once, for most repeat."""
        read, known = _READERS[name], dict[Any, Any]()
        unknown = self.unknown if name in _PLACES else frozenset[str]()
        values: list[Any] = []
        for cell in column:
            if cell.__class__ is str and len(cell) > _LONG:
                values.append(read(cell))
                continue
            try:
                values.append(known[cell])
            except KeyError:
                known[cell] = value = None if _is_blank(cell, unknown) else read(cell)
                values.append(value)
            except TypeError:  # a list or the like
                values.append(read(cell))
        for cell, value in known.items():
            if value is None and isinstance(cell, str) and cell.strip():
                words[cell.strip()] += column.count(cell)
        return values


@dataclass(frozen=True, slots=True)
class Reading:
    """The given fields of each row, and how many cells held which word for "no value"."""

    wines: list[dict[str, Any]]
    words: Counter[str] = field(default_factory=Counter)


def _is_blank(cell: object, unknown: frozenset[str]) -> bool:
    if isinstance(cell, str):
        return is_missing(cell) or cell.strip().lower() in unknown
    return is_nothing(cell)


def _text(cell: object) -> object:
    """A text without surrounding space; numbers as text; anything else as it is, to be refused."""
    if isinstance(cell, str):
        return cell.strip()
    return str(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else cell


def _year(cell: object) -> object:
    try:
        return vintage(cell)
    except NotAYear:
        return cell


def _points(cell: object) -> object:
    try:
        return points_of(cell)
    except NotPoints:
        return cell


_READERS: Final[dict[str, Callable[[object], object]]] = {
    **dict.fromkeys((*FIELDS, "region_2", "title", "place"), _text),
    "millesime": _year,
    "points": _points,
}


def _split_places(columns: dict[str, list[Any]]) -> None:
    """Country, province and region out of a column that holds them all."""
    if "place" not in columns:
        return
    parts = [split_place(str(place or "")) for place in columns.pop("place")]
    for position, name in enumerate(("country", "province", "region")):
        columns.setdefault(name, [part[position] or None for part in parts])


def _join(columns: dict[str, list[Any]], name: str, other: str) -> None:
    """Fill the gaps of one column with another."""
    if other in columns:
        given = columns.get(name) or [None] * len(columns[other])
        columns[name] = [
            more if value is None else value for value, more in zip(given, columns[other], strict=True)
        ]


def _date(columns: dict[str, list[Any]], rows: int) -> None:
    """A title's year where the vintage column has none, or is not there."""
    titles = columns.pop("title", None)
    if titles is None:
        return
    years = columns.get("millesime") or [None] * rows
    columns["millesime"] = [
        year
        if _is_told(year) or not isinstance(title, str)
        else vintage_of_title(title) or year or NON_VINTAGE
        for year, title in zip(years, titles, strict=True)
    ]


def _is_told(year: object) -> bool:
    """Whether a vintage, or that there is none, was said in a form that is understood."""
    return isinstance(year, str) and (year == NON_VINTAGE or (year.isdigit() and bool(year)))
