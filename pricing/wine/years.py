"""Vintages as people and programs write them: one reading for the API, every kind of file, and frames."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from pricing.wine.missing import is_missing, is_nothing

FIRST_VINTAGE: Final = 1900
LAST_VINTAGE: Final = 2039
"""Years outside these are taken for numbers in a name ("1821"), never for a vintage."""

LONGEST_VINTAGE: Final = 40
"""Characters of the longest text that is read as a vintage: texts of any length come from outside."""

NON_VINTAGE: Final = "NV"
"""How a wine without a vintage is written."""

NON_VINTAGE_WORDS: Final = frozenset(
    {
        "nv", "mv", "nm", "sa", "oj", "nonvintage", "nonvintaged", "multivintage", "novintage", "sansannee",
        "sansmillesime", "nonmillesime", "nonmillesimee", "senzaannata", "nonmillesimato", "sinanada",
        "sincosecha", "noanada", "ohnejahrgang", "ohnejahr", "jahrgangslos", "1001",
    }
)  # fmt: skip
"""Letters and digits alone, in lower case and without accents; 1001 is CellarTracker's."""

_YEAR: Final = re.compile(r"(?<!\d)(?:19\d\d|20[0-3]\d)(?!\d)")
_YEAR_CELL: Final = re.compile(r"['\u2019]?((?:19|20)\d\d)(?:[.,]0*)?")
_GROUPED_YEAR: Final = re.compile(r"(1|2)[.,'\u2019 \u00a0\u202f](\d{3})", re.ASCII)
_FIRST_OF_JANUARY: Final = (
    re.compile(r"((?:19|20)\d\d)[-/]0?1[-/]0?1(?:[ T]00?:00(?::00(?:\.0+)?)?Z?)?"),
    re.compile(r"0?1[-/.]0?1[-/.]((?:19|20)\d\d)(?: 00?:00(?::00)?)?"),
)
_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]")
_ACCENTS: Final = str.maketrans("éèñ", "een")


class NotAYear(ValueError):
    """A value that is neither a year nor a word for "no vintage"."""


def vintage(value: object) -> str:
    """A vintage in one form: "2013" for 2013, 2013.0 and "2013.0"; "NV" without one; "" when missing.

    Raises NotAYear for anything else, years outside FIRST_VINTAGE to LAST_VINTAGE included.
    """
    if is_nothing(value):
        return ""
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, bool):
        raise NotAYear(f"{value} is no year")
    if isinstance(value, int | float | Decimal):
        return _of_number(value)
    text = str(value)
    if len(text) > LONGEST_VINTAGE:
        raise NotAYear(f"a text of {len(text):,} characters is no year")
    return _of_text(text.strip())


def year_of(millesime: object) -> int | None:
    """The vintage as a number: "2015", 2015 and 2015.0 give 2015; "NV", blank and anything else None."""
    short = type(millesime) is str and len(millesime) <= LONGEST_VINTAGE
    return _year_of_text(millesime) if short else _year_of(millesime)


def vintage_of_title(title: str) -> int | None:
    """Vintage named in a review's title: its largest plausible year. None for a wine without one."""
    years = _YEAR.findall(title)
    return int(max(years)) if years else None


def _year_of(millesime: object) -> int | None:
    try:
        found = vintage(millesime)
    except NotAYear:
        return None
    return int(found) if found.isdigit() else None


_year_of_text = lru_cache(maxsize=4096)(_year_of)


def _of_number(number: float | Decimal) -> str:
    if not 0 <= number < 10_000 or number != int(number):  # noqa: PLR2004 - also NaN and infinity
        raise NotAYear(f"{number} is no year")
    return _of_text(str(int(number)))


@lru_cache(maxsize=4096)
def _of_text(text: str) -> str:
    match = _YEAR_CELL.fullmatch(text) or _of_date(text)
    if match:
        return _plausible(match.group(1))
    if is_missing(text):
        return ""
    word = _NOT_LETTERS.sub("", text.lower().translate(_ACCENTS))
    if word in NON_VINTAGE_WORDS:
        return NON_VINTAGE
    return _plausible(_of_marked(text))


def _of_date(text: str) -> re.Match[str] | None:
    """The first of January, which is what programs make of a year that they take for a date."""
    matches = (form.fullmatch(text) for form in _FIRST_OF_JANUARY)
    return next((match for match in matches if match), None)


def _of_marked(text: str) -> str:
    """A year with a thousands mark ("2,013") or as a float in other notation ("2.013E+03")."""
    grouped = _GROUPED_YEAR.fullmatch(text)
    if grouped:
        return "".join(grouped.groups())
    try:
        number = float(text)
    except ValueError:
        raise NotAYear(f"{text!r} is no year") from None
    if number != number or not number.is_integer():  # noqa: PLR0124 - NaN
        raise NotAYear(f"{text!r} is no year")
    return str(int(number))


def _plausible(year: str) -> str:
    if not (year.isdigit() and FIRST_VINTAGE <= int(year) <= LAST_VINTAGE):
        raise NotAYear(f"{year} is no vintage from {FIRST_VINTAGE} to {LAST_VINTAGE}")
    return year
