"""Feedback from honest clients trains the model; from others it does not move it."""

import numpy as np
import pandas as pd
import pytest

from flows.data.feedback_rows import IMPORTED, Guard, one_per_wine, trusted_feedback
from pricing.wine.schema import PRICE
from tests.unit.monitoring.market import answered, make_wines


def feedback(
    rows: int, *, client: str | None = "shop", factor: float = 1.0, seed: int = 1, source: str = "api"
):
    wines = answered(make_wines(rows, seed=seed))
    return wines.assign(
        actual_price=wines["actual_price"] * factor,
        client=client,
        source=source,
        request_id=[f"{client}-{seed}-{number:06d}" for number in range(rows)],
        received_at=pd.date_range("2026-03-01", periods=rows, freq="min", tz="UTC"),
        model_version="1",
    )


def honest(rows: int = 60) -> pd.DataFrame:
    return pd.concat([feedback(rows, client=f"shop {n}", seed=n) for n in range(5)], ignore_index=True)


def test_honest_feedback_is_trusted_and_ready_to_train_on() -> None:
    trusted = trusted_feedback(honest())
    assert len(trusted.rows) >= 295
    assert trusted.wines["price"].gt(0).all()
    assert "country" in trusted.wines


def test_a_flood_of_absurd_prices_is_refused_whole() -> None:
    flood = feedback(5_000, client="flood", factor=20.0, seed=99)
    trusted = trusted_feedback(pd.concat([honest(), flood], ignore_index=True))
    assert (trusted.rows["client"] == "flood").sum() == 0
    assert sum(trusted.refused.values()) >= 5_000


def test_a_client_that_lies_within_bounds_is_set_aside() -> None:
    flood = feedback(5_000, client="flood", factor=2.0, seed=99)
    trusted = trusted_feedback(pd.concat([honest(), flood], ignore_index=True))
    assert (trusted.rows["client"] == "flood").sum() == 0
    assert trusted.refused["client_unlike_others"] > 4_000


def test_no_client_fills_the_training_rows_however_much_it_sends() -> None:
    rows = pd.concat([honest(), feedback(5_000, client="keen", seed=99)], ignore_index=True)
    trusted = trusted_feedback(rows, Guard(client_share=0.2))
    assert (trusted.rows["client"] == "keen").sum() <= 0.21 * len(trusted.rows)
    assert trusted.refused["client_share"] > 4_000


def test_clients_without_a_name_count_as_one() -> None:
    trusted = trusted_feedback(feedback(2_000, client=None))
    assert len(trusted.rows) <= Guard().client_rows


def test_what_an_operator_imports_is_not_capped_but_checked() -> None:
    imported = feedback(1_000, client="shop 9", source=IMPORTED, seed=50)
    imported.loc[0, "actual_price"] = 1e9
    trusted = trusted_feedback(imported)
    assert len(trusted.rows) > 950
    assert trusted.refused["out_of_bounds"] == 1


def test_one_wine_priced_a_thousand_times_counts_a_few_times() -> None:
    row = feedback(1, client="a")
    many = pd.concat([row] * 40, ignore_index=True).assign(request_id=[f"r{n}" for n in range(40)])
    assert len(trusted_feedback(many).rows) == Guard().rows_per_wine


def test_one_wine_is_known_by_its_required_fields_and_trains_once() -> None:
    row = feedback(1, client="a").assign(actual_price=20.0)
    told = pd.concat([row, row.assign(variety=None), row.assign(points=None)], ignore_index=True)
    told = told.assign(request_id=[f"r{n}" for n in range(3)], actual_price=[20.0, 21.0, 60.0])
    trusted = trusted_feedback(pd.concat([told, told.assign(request_id=["s0", "s1", "s2"])]))
    assert len(trusted.rows) == Guard().rows_per_wine
    wines = one_per_wine(trusted_feedback(told).wines)
    assert wines[PRICE].tolist() == [21.0]


def test_wines_that_share_one_note_stay_apart() -> None:
    row = feedback(1, client="a")
    wineries = ["Alto", "Basso", "Corvo", "Delfo", None]
    several = pd.concat([row.assign(winery=name) for name in wineries], ignore_index=True)
    several = several.assign(request_id=[f"r{n}" for n in range(len(wineries))])
    trusted = trusted_feedback(several)
    assert len(one_per_wine(trusted.wines)) == len(wineries)


def test_prices_for_unknown_requests_are_counted_not_trained_on() -> None:
    unknown = honest()
    unknown.loc[:9, "predicted_price"] = None
    assert trusted_feedback(unknown).refused["no_request"] == 10


def test_the_order_of_rows_changes_nothing() -> None:
    rows = pd.concat([honest(), feedback(500, client="keen", seed=99)], ignore_index=True)
    shuffled = rows.sample(frac=1, random_state=3)
    first, second = trusted_feedback(rows).rows, trusted_feedback(shuffled).rows
    assert first["request_id"].tolist() == second["request_id"].tolist()


@pytest.mark.parametrize("price", [None, float("nan"), float("inf"), 0.0, -5.0, "abc"])
def test_a_price_that_is_none_is_refused(price: object) -> None:
    rows = feedback(30).astype({"actual_price": "object"})
    rows.loc[0, "actual_price"] = price
    trusted = trusted_feedback(rows)
    assert len(trusted.rows) == 29 - sum(trusted.refused[r] for r in ("absurd", "wine_share"))
    assert np.isfinite(trusted.rows["residual"]).all()


def test_no_feedback_at_all_is_no_error() -> None:
    assert trusted_feedback(honest().head(0)).rows.empty
