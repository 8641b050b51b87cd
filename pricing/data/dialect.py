"""What parts the cells of a CSV file, and in which row its header stands."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "|")
NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

LOOKED_AT: Final = 200
"""Lines from the beginning that the dialect is taken from."""

_MOST_ROWS_ABOVE: Final = 15
_SEPARATOR_LINE: Final = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`delimiter` parts the cells; the first `skipped` lines are a title, blank, or Excel's `sep=;`."""

    delimiter: str
    skipped: int


def dialect_of(lines: Sequence[str], known: Callable[[Sequence[str]], int]) -> Dialect:
    """The dialect of a file that begins with `lines`; `known` counts the known names in a row.

    Where no row has a known name, the delimiter is the one that gives most rows the width of the first.
    """
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    above = 1 if declared else 0
    candidates = [
        ((known(row), _like(row, rows), -place), Dialect(delimiter, above + start))
        for delimiter in ((declared.group(1),) if declared else DELIMITERS)
        for rows in [list(_records(lines[above:], delimiter))]
        for place, (start, row) in enumerate(rows[: _MOST_ROWS_ABOVE + 1])
        if any(cell.strip() for cell in row)
    ]
    best, dialect = max(candidates, key=lambda candidate: candidate[0], default=((0, 0, 0), Dialect(",", 0)))
    if best[0]:
        return dialect
    firsts = [candidate for candidate in candidates if candidate[1].skipped == candidates[0][1].skipped]
    return max(firsts, key=lambda candidate: candidate[0], default=(best, dialect))[1]


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of lines before each."""
    reader = csv.reader(lines, delimiter=delimiter)
    before = 0
    try:
        for row in reader:
            yield before, row
            before = reader.line_num
    except csv.Error:
        return


def _like(row: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """How many rows are as wide as this one; a single cell has no width."""
    if len(row) == 1:
        return 0
    return Counter(len(other) for _, other in rows)[len(row)]


def head(lines: Iterator[str]) -> list[str]:
    """The lines that a dialect is taken from."""
    return list(islice(lines, LOOKED_AT))
