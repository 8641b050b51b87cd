"""Files of prices paid."""

from __future__ import annotations

import pytest

from pricing.data.prices_file import PriceList, read_price_list
from pricing.errors import DataError

ONE, TWO = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2))


def read(text: str, **columns: str) -> PriceList:
    return read_price_list(text.encode(), name="paid.csv", columns=columns)


def prices(found: PriceList) -> list[float]:
    return [price.price for price in found.prices]


@pytest.mark.parametrize(
    "text",
    [
        f"request_id,price\n{ONE},12.50\n{TWO},18.90\n",
        f"request_id,price\n{ONE},12,50\n{TWO},18,90\n",
        f'request_id,price\n{ONE},"12,50"\n{TWO},"18,90"\n',
        f"request_id;price\n{ONE};12,50\n{TWO};18,90\n",
        f"request_id,price\n{ONE},12.50,\n{TWO},18.90,\n",
        f"Price,Request ID\n$12.50,{ONE}\n$18.90,{TWO}\n",
    ],
    ids=["plain", "decimal commas", "quoted commas", "european", "commas at the end", "other names"],
)
def test_prices_are_read_as_people_write_them(text: str) -> None:
    found = read(text)
    assert prices(found) == [12.5, 18.9]
    assert found.bad == ()


def test_every_row_that_cannot_be_used_is_named_by_line_and_reason() -> None:
    found = read(f"request_id,price\n{ONE},12\nx,9\n{TWO},\n{TWO},0\n{TWO},€9\n{ONE},3\n{TWO}\n")
    assert [(row.line, row.reason) for row in found.bad] == [
        (3, "request_id is no UUID"),
        (4, "price is missing"),
        (5, "price is no number above zero"),
        (6, "price is in EUR, not in USD"),
        (7, "request_id stands in the file before"),
        (8, "wrong number of cells: 1, the header has 2"),
    ]


def test_columns_are_mapped() -> None:
    assert prices(read(f"Anfrage;bezahlt\n{ONE};12,50\n", Anfrage="request_id", bezahlt="price")) == [12.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,cost\n1,2\n", "no column request_id, price; its columns are id, cost"),
        ("request_id,price\n", "header and no rows"),
    ],
)
def test_a_file_of_something_else_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(text)
