from __future__ import annotations

import pandas as pd
import pytest

from pricing.data.split import check_disjoint, overlap, split_by_wine, split_by_winery
from pricing.errors import DataError

NOTE = (
    "This wine opens with cedar and dark cherry before a long finish of graphite and dried herbs that "
    "carries through with firm tannins and a lift of fresh acidity"
)


def with_a_copy(wines: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """Test rows to which a changed copy of training row 0 has been moved."""
    copy = wines.iloc[[0]].assign(**changes)
    copy.index = pd.Index(["moved"])
    return copy


def test_no_wine_stands_on_both_sides(wines: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    train, test = split_by_wine(wines[0], test_share=0.25, seed=3)
    check_disjoint(train, test)
    assert len(train) + len(test) == len(wines[0])
    assert 0.15 < len(test) / len(wines[0]) <= 0.25


def test_no_producer_stands_on_both_sides(wines: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    train, test = split_by_winery(wines[0], test_share=0.25, seed=3)
    assert len(test)
    assert not set(train["winery"]) & set(test["winery"])


def test_the_same_seed_gives_the_same_split(wines: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    first, second = (split_by_wine(wines[0], test_share=0.2, seed=1)[1] for _ in range(2))
    assert first.index.equals(second.index)


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 99.0, "winery": "Another", "designation": "Other"},
        {"description": NOTE.upper(), "winery": "Another"},
        {"description": " ".join(reversed(NOTE.split())), "winery": "Another"},
        {"description": "Truly: " + NOTE + ". Drink now.", "winery": "Another"},
        {"description": "Quite another note.", "winery": "CHATEAU TEST", "designation": "reserve"},
    ],
)
def test_near_duplicates_across_the_split_are_refused(
    wines: tuple[pd.DataFrame, pd.DataFrame], changes: dict[str, object]
) -> None:
    original = {"description": NOTE, "winery": "Château Test", "designation": "Réserve"}
    train = pd.concat([wines[0].iloc[[0]].assign(**original), wines[0].iloc[1:]])
    moved = with_a_copy(train, **changes)
    with pytest.raises(DataError, match="'moved'"):
        check_disjoint(train, pd.concat([wines[1].iloc[:0], moved]))


def test_wines_without_a_name_differ_by_price(wines: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    train = wines[0].iloc[:50].assign(designation=None, description="Short.")
    sibling = with_a_copy(train, price=train["price"].iloc[0] + 7)
    assert overlap(train, sibling) == []


def test_a_share_that_is_none_is_refused(wines: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    with pytest.raises(DataError, match="between 0 and 1"):
        split_by_wine(wines[0], test_share=1.5, seed=0)
