from __future__ import annotations

from typing import Any

import pytest

from pricing.errors import InvalidWine
from pricing.wine.request import parse

WINE: dict[str, Any] = {"country": "US", "description": "Ripe.", "province": "Oregon", "millesime": "2012"}


def offending(body: object) -> dict[str, str]:
    with pytest.raises(InvalidWine) as raised:
        parse(body)
    return {error.field: error.message for error in raised.value.errors}


def test_the_four_fields_are_enough() -> None:
    wine, unknown = parse(WINE)
    assert (wine.country, wine.points, unknown) == ("US", None, ())


@pytest.mark.parametrize("millesime", ["2012", 2012, "NV", "nv", ""])
def test_a_vintage_may_be_text_number_or_absent(millesime: str | int) -> None:
    assert parse(WINE | {"millesime": millesime})[0].millesime == millesime


@pytest.mark.parametrize("millesime", [2012.0, "2012.0", "2012,0", "2,012"])
def test_a_whole_float_is_a_vintage(millesime: str | float) -> None:
    assert parse(WINE | {"millesime": millesime})[0].millesime == "2012"


@pytest.mark.parametrize(("points", "read"), [("92", 92.0), ("92/100", 92.0), ("NULL", None)])
def test_points_may_be_written_as_people_write_them(points: str, read: float | None) -> None:
    assert parse(WINE | {"points": points})[0].points == read


def test_null_means_not_given() -> None:
    assert parse(WINE | {"variety": None, "points": None})[0].points is None


def test_every_offending_field_is_named_at_once() -> None:
    found = offending({"country": 3, "millesime": "soon", "points": 79, "description": "x" * 10_001})
    assert set(found) == {"country", "province", "millesime", "points", "description"}
    assert "missing" in found["province"]
    assert "80 to 100" in found["points"]
    assert "'soon'" in found["millesime"]


def test_unknown_fields_are_ignored_and_named() -> None:
    assert parse(WINE | {"varietal": "Merlot", "colour": 1})[1] == ("varietal", "colour")


@pytest.mark.parametrize("body", [None, [], "wine", 3, True])
def test_only_an_object_is_a_wine(body: object) -> None:
    assert "object" in offending(body)[""]


@pytest.mark.parametrize("field", ["country", "province"])
@pytest.mark.parametrize("blank", ["", "   ", "\t\n"])
def test_a_blank_place_is_refused_by_its_name(field: str, blank: str) -> None:
    given = {
        "country": "France",
        "description": "",
        "province": "Bordeaux",
        "millesime": "2015",
        field: blank,
    }
    with pytest.raises(InvalidWine, match=f"{field}: expected the name of a"):
        parse(given)
