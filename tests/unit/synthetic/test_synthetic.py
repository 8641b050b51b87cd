import numpy as np
import pandas as pd
import pytest

from pricing.synthetic.reviews import Market, reviews, sample
from pricing.wine.schema import WINEMAG_COLUMNS


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return reviews(3_000, seed=11)


def test_the_same_seed_gives_the_same_reviews() -> None:
    pd.testing.assert_frame_equal(reviews(200, seed=5), reviews(200, seed=5))


def test_another_seed_gives_other_reviews_of_the_same_estates(table: pd.DataFrame) -> None:
    other = reviews(3_000, seed=12)
    assert not table["title"].isin(other["title"]).all()
    assert other["winery"].isin(table["winery"]).mean() > 0.8


def test_the_columns_are_those_of_winemag(table: pd.DataFrame) -> None:
    assert tuple(table.columns) == WINEMAG_COLUMNS


def test_no_wine_stands_in_train_and_test() -> None:
    drawn = sample(train_rows=1_000, test_rows=200)
    assert (len(drawn.train), len(drawn.test)) == (1_000, 200)
    assert not drawn.test["title"].isin(drawn.train["title"]).any()


def test_reviews_lack_what_real_ones_lack(table: pd.DataFrame) -> None:
    missing = table.isna().mean()
    assert 0.03 < missing["price"] < 0.07
    assert 0.25 < missing["designation"] < 0.45
    assert table["title"].str.contains(" NV ").mean() > 0.01
    assert table["description"].duplicated().mean() < 0.05


def test_there_are_near_duplicates(table: pd.DataFrame) -> None:
    assert table["title"].duplicated().sum() > 5


def test_the_price_follows_points_place_and_words(table: pd.DataFrame) -> None:
    priced = table.dropna(subset=["price"])
    log_price = np.log(priced["price"])
    great = priced["description"].str.contains("extraordinary|profound|monumental")
    plain = priced["description"].str.contains("simple and light|watery|thin")
    assert 0.5 < np.corrcoef(priced["points"], log_price)[0, 1] < 0.8
    assert log_price[great].mean() - log_price[plain].mean() > 0.5
    by_region = log_price.groupby(priced["region_1"]).mean()
    assert by_region["Barolo"] > by_region["Prosecco di Valdobbiadene"] + 0.5


def test_inflation_raises_every_price_by_its_factor(table: pd.DataFrame) -> None:
    dearer = reviews(3_000, seed=11, market=Market(price_level=1.5))
    ratio = (dearer["price"] / table["price"]).dropna()
    assert ratio.median() == pytest.approx(1.5, rel=0.02)
    assert dearer["description"].equals(table["description"])


def test_icon_wines_are_rated_94_and_more_and_cost_more(table: pd.DataFrame) -> None:
    icons = reviews(500, seed=11, market=Market(icon_share=1))
    assert icons["points"].min() >= 94
    assert icons["price"].median() > 3 * table["price"].median()


@pytest.mark.parametrize("wrong", [{"price_level": 0.0}, {"icon_share": 1.2}])
def test_an_impossible_market_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Market(**wrong)
