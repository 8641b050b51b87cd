"""One wine as a client describes it: the record that the scalar path scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from pricing.errors import FieldError, InvalidWine
from pricing.wine.points import NotPoints, points_of
from pricing.wine.schema import FIELDS, REQUIRED_FIELDS
from pricing.wine.years import LONGEST_VINTAGE, NotAYear, vintage

MAX_NAME_LENGTH: Final = 200
MAX_NOTE_LENGTH: Final = 10_000
"""Characters."""

Name = Annotated[str, Meta(max_length=MAX_NAME_LENGTH)]
Place = Annotated[str, Meta(max_length=MAX_NAME_LENGTH, pattern=r"\S")]
"""A country or province: without one there is nothing to price by."""

Text = Annotated[str, Meta(max_length=MAX_NOTE_LENGTH)]
YearText = Annotated[
    str, Meta(pattern=r"^\s*(19[0-9]{2}|20[0-3][0-9]|[Nn]\.?[Vv]\.?|)\s*$", max_length=LONGEST_VINTAGE)
]
Year = Annotated[int, Meta(ge=1900, le=2039)]
Points = Annotated[float, Meta(ge=80, le=100)]


class Wine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wine to be priced. Optional fields may be missing in any combination.

    `millesime` is the vintage, a year as string or integer ("NV" for a wine without one);
    `points` is a reviewer's score from 80 to 100.
    """

    country: Place
    description: Text
    province: Place
    millesime: YearText | Year
    variety: Name | None = None
    winery: Name | None = None
    region: Name | None = None
    designation: Name | None = None
    points: Points | None = None


_EXPECTED = {
    "millesime": 'a year from 1900 to 2039, as "2015" or 2015, or "NV" for a wine without vintage',
    "points": "a number from 80 to 100, or null",
    "description": "a text of at most 10,000 characters",
    "country": "the name of a country, at most 200 characters",
    "province": "the name of a province, region or appellation, at most 200 characters",
}
_READ_AS_WRITTEN: Mapping[str, Callable[[object], object]] = {"millesime": vintage, "points": points_of}
_TYPES: Mapping[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Wine)}


def parse(mapping: object) -> tuple[Wine, tuple[str, ...]]:
    """A decoded JSON body → the wine and the names of fields that are not known and were ignored.

    Raises InvalidWine with every offending field at once.
    """
    if not isinstance(mapping, Mapping):
        raise InvalidWine(
            [FieldError("", f"expected an object with the fields of a wine, got {_kind(mapping)}")]
        )
    values: dict[str, Any] = {}
    errors = [
        FieldError(name, f"missing; expected {_expected(name)}")
        for name in REQUIRED_FIELDS
        if name not in mapping
    ]
    for name in FIELDS:
        if name in mapping:
            _convert(name, mapping[name], values, errors)
    if errors:
        raise InvalidWine(errors)
    return Wine(**values), tuple(str(name) for name in mapping if name not in FIELDS)


def _convert(name: str, value: object, values: dict[str, Any], errors: list[FieldError]) -> None:
    try:
        values[name] = _typed(name, value)
    except msgspec.ValidationError:
        errors.append(FieldError(name, f"expected {_expected(name)}, got {_shown(value)}"))


def _typed(name: str, value: object) -> object:
    """The value of a field, also as people and programs write years and points ("2013.0", "92/100")."""
    try:
        return msgspec.convert(value, _TYPES[name])
    except msgspec.ValidationError:
        if value is None or name not in _READ_AS_WRITTEN:
            raise
    return msgspec.convert(_as_written(name, value), _TYPES[name])


def _as_written(name: str, value: object) -> object:
    try:
        return _READ_AS_WRITTEN[name](value)
    except (NotAYear, NotPoints):
        return value


def _expected(name: str) -> str:
    null = "" if name in REQUIRED_FIELDS else ", or null"
    return _EXPECTED.get(name, f"a text of at most 200 characters{null}")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else f"a text of {len(value):,} characters"  # noqa: PLR2004
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _kind(value)
