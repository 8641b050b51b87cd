from __future__ import annotations

import gzip

import pandas as pd
import pytest

from pricing.data.reviews_file import read_reviews, refuse_unfit
from pricing.errors import DataError
from pricing.wine.schema import WINEMAG_COLUMNS

HEADER = ",".join(WINEMAG_COLUMNS)
GOOD = "1,France,Ripe fruit,,90,25.0,Burgundy,Chablis,,,,Domaine X 2012 Chablis,Chardonnay,Domaine X"


def file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def many(*bad: str) -> bytes:
    """A file in which `bad` rows come first and are few."""
    return file(*bad, *[GOOD] * 60)


def test_cells_become_text_and_numbers() -> None:
    reviews, report = read_reviews(file(GOOD), name="f.csv")
    row = reviews.iloc[0]
    assert (row["price"], row["points"], row["province"]) == (25.0, 90.0, "Burgundy")
    assert pd.isna(row["designation"])
    assert (report.rows, report.kept, report.bad_rows) == (1, 1, ())


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (GOOD.replace("25.0", "cheap"), "price", "price is not a number"),
        (GOOD.replace("25.0", "-3"), "price", "price is outside 1 to 50000"),
        (GOOD.replace("25.0", "inf"), "price", "price is outside 1 to 50000"),
        (GOOD.replace("90", "900"), "points", "points is outside 50 to 100"),
        ("1,France,too short", "row", "wrong number of cells"),
    ],
)
def test_a_bad_row_is_left_out_and_named(row: str, column: str, reason: str) -> None:
    reviews, report = read_reviews(many(row), name="f.csv")
    assert len(reviews) == 60
    (bad,) = report.bad_rows
    assert (bad.line, bad.column, bad.reason) == (2, column, reason)
    assert report.reasons() == {reason: 1}


def test_a_row_without_a_price_is_no_bad_row() -> None:
    reviews, report = read_reviews(many(GOOD.replace("25.0", "")), name="f.csv")
    assert len(reviews) == 61
    assert not report.bad_rows


def test_lines_are_those_of_the_file_even_after_a_note_over_two_lines() -> None:
    two_lines = GOOD.replace("Ripe fruit", '"Ripe\nfruit"')
    _, report = read_reviews(many(two_lines, GOOD.replace("25.0", "?")), name="f.csv")
    assert [row.line for row in report.bad_rows] == [4]


def test_gzip_and_byte_order_mark_are_read() -> None:
    packed = gzip.compress(b"\xef\xbb\xbf" + file(GOOD))
    assert len(read_reviews(packed, name="f.csv.gz")[0]) == 1


def test_columns_that_may_be_missing_are_reported() -> None:
    reviews, report = read_reviews(
        file("US,Fruit,12,California,X 2012", header="country,description,price,province,title"), name="f.csv"
    )
    assert "winery" in report.missing_columns
    assert reviews["winery"].isna().all()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (file(), "has a header and no rows"),
        (
            file("1,2", header="a,b"),
            "has no column country, description, province, price, title; its columns are a, b.",
        ),
        (file(GOOD.replace("Ripe", "Château")) + b"Ch\xe2teau", "UTF-8 up to line 3, where a byte is 0xe2"),
        (many()[:-60], "ends in the middle of a row (line 61)"),
        (file(GOOD.replace("Ripe", '"Ripe')), "cut download"),
        (gzip.compress(file(GOOD))[:-12], "broken or cut gzip"),
        (file(*[GOOD.replace("25.0", "cheap")] * 20), "20 of 20 rows of f.csv are bad"),
        (file(*[GOOD.replace("25.0", "€25")] * 20), "price is in EUR, not in USD: 20"),
    ],
    ids=["empty", "blank", "header", "columns", "mixed", "cut", "open quote", "cut gzip", "words", "euros"],
)
def test_a_useless_file_is_refused_with_the_reason(content: bytes, said: str) -> None:
    with pytest.raises(DataError) as refused:
        read_reviews(content, name="f.csv")
    assert said in str(refused.value)


def countries(*names: str, rows: int = 60) -> pd.DataFrame:
    return pd.DataFrame({"country": [names[i % len(names)] for i in range(rows)]})


def test_a_training_file_with_one_country_is_taken_for_cut() -> None:
    with pytest.raises(DataError, match=r"one country \(Italy\)"):
        refuse_unfit(countries("Italy"), countries("Italy", "US"))


def test_one_country_on_both_sides_is_a_choice() -> None:
    refuse_unfit(countries("Italy"), countries("Italy"))


def test_too_few_reviews_are_refused() -> None:
    with pytest.raises(DataError, match="Only 10 usable test reviews"):
        refuse_unfit(countries("US"), countries("US", rows=10))
