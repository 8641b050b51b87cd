"""The level of prices follows trusted feedback, in bounds."""

import numpy as np
import pandas as pd
import pytest

from flows.data.price_level import NetOfLevel, at_todays_level, price_level
from tests.unit.monitoring.market import KnownModel, make_wines

NOW = pd.Timestamp("2026-06-30", tz="UTC")


def residuals(levels: dict[int, float], *, rows: int = 200, version: str = "1") -> pd.DataFrame:
    """Feedback `days` ago at a level, for each `days: level`."""
    rng = np.random.default_rng(7)
    parts = [
        pd.DataFrame(
            {
                "residual": level + rng.normal(0, 0.4, rows),
                "received_at": NOW - pd.Timedelta(days=days),
                "model_version": version,
            }
        )
        for days, level in levels.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_level_is_that_of_the_newest_month() -> None:
    found = price_level(residuals({5: 0.08, 40: 0.02}, rows=800), now=NOW, levels={}, production=0.0)
    assert found.today == pytest.approx(0.08, abs=0.04)
    assert found.rows[-1] == pytest.approx(0.02, abs=0.04)
    assert found.change == pytest.approx(np.expm1(found.today))


def test_the_level_counts_from_the_reviews_not_from_the_model_that_answered() -> None:
    rows = residuals({5: 0.0}, rows=800, version="7")
    assert price_level(rows, now=NOW, levels={"7": 0.1}, production=0.1).today == pytest.approx(0.1, abs=0.04)


def test_one_training_cannot_move_the_level_far() -> None:
    assert price_level(residuals({5: 1.2}), now=NOW, levels={}, production=0.05).today == pytest.approx(0.2)


@pytest.mark.parametrize("rows", [0, 20])
def test_thin_feedback_leaves_the_level_of_production(rows: int) -> None:
    assert price_level(residuals({5: 0.3}, rows=rows), now=NOW, levels={}, production=0.07).today == 0.07


def test_a_thin_newest_month_falls_back_on_production_not_on_an_older_month() -> None:
    rows = pd.concat([residuals({5: 0.3}, rows=10), residuals({40: 0.1})], ignore_index=True)
    assert price_level(rows, now=NOW, levels={}, production=0.07).today == pytest.approx(0.1, abs=0.08)


def test_old_feedback_is_brought_to_todays_prices() -> None:
    rows = residuals({5: 0.10, 40: 0.0}, rows=2_000).assign(price=100.0)
    found = price_level(rows, now=NOW, levels={}, production=0.0)
    prices = at_todays_level(rows, found)["price"]
    assert prices.iloc[0] == pytest.approx(100.0)
    assert prices.iloc[-1] == pytest.approx(110.5, abs=4)


def test_models_are_compared_net_of_their_levels() -> None:
    wines = make_wines(20, seed=3)
    plain, net = KnownModel().estimate(wines), NetOfLevel(KnownModel(), 0.1).estimate(wines)
    assert (plain["low"] - net["low"]).to_numpy() == pytest.approx(0.1)
    assert NetOfLevel(KnownModel(), 0.1).predict(wines) == pytest.approx(plain["log_price"].to_numpy() - 0.1)
