"""Reference rows are told as little as the window's, and nothing less."""

import numpy as np
import pandas as pd
import pytest

from flows.data.missingness import masked_like
from flows.monitoring.classifier import separate
from tests.unit.monitoring.market import make_wines


def with_gaps(rows: int, seed: int) -> pd.DataFrame:
    """Wines of which those of one country never have a region, as in real reviews."""
    wines = make_wines(rows, seed=seed)
    return wines.assign(region=[None if name == "chile" else f"{name} hills" for name in wines["country"]])


def test_what_wines_lack_of_themselves_is_not_hidden_twice() -> None:
    masked = masked_like(with_gaps(4_000, 1), with_gaps(4_000, 2), np.random.default_rng(0))
    told = masked["region"].notna().groupby(masked["country"]).mean()
    assert told["us"] > 0.98
    assert told["france"] > 0.98
    assert told["chile"] == 0


def test_half_of_the_clients_leaving_everything_out_hide_it_together() -> None:
    window = with_gaps(4_000, 3)
    window.loc[window.index[:2_000], ["region", "variety", "winery", "points"]] = None
    masked = masked_like(with_gaps(4_000, 4), window, np.random.default_rng(0))
    assert masked["variety"].notna().mean() == pytest.approx(0.5, abs=0.03)
    assert (masked["variety"].notna() == masked["winery"].notna()).mean() > 0.98
    assert masked["region"].notna().mean() == pytest.approx(window["region"].notna().mean(), abs=0.03)


@pytest.mark.parametrize("told", [["region"], ["designation"]])
def test_a_window_that_tells_more_than_the_reference_hides_nothing_of_it(told: list[str]) -> None:
    reference = make_wines(300, seed=5).drop(columns=["points"]).assign(variety=None, winery=None)
    window = reference.assign(**dict.fromkeys(told, "given"))
    masked = masked_like(reference, window, np.random.default_rng(0))
    pd.testing.assert_frame_equal(masked, reference)


def test_one_wine_asked_about_in_two_ways_does_not_give_the_window_away() -> None:
    notes = np.random.default_rng(6).permuted(np.arange(400 * 12)).reshape(400, 12)
    wines = make_wines(400, seed=6).assign(description=[" ".join(map(_word, row)) for row in notes % 900])
    reference = make_wines(2_000, seed=7).assign(
        description=[
            " ".join(map(_word, row)) for row in np.random.default_rng(8).integers(0, 900, (2_000, 12))
        ]
    )
    twice = pd.concat([wines, wines.assign(variety=None)], ignore_index=True)
    rng = np.random.default_rng(0)
    found = separate(masked_like(reference, twice, rng), twice, rng)
    assert np.median(found.window) - np.median(found.reference) < np.std(found.reference) / 2


def test_a_window_of_one_note_over_and_over_is_told_apart() -> None:
    window = make_wines(200, seed=9).assign(description="the same note every time")
    found = separate(make_wines(500, seed=10), window, np.random.default_rng(0))
    assert found.window.min() > found.reference.max()


def _word(number: int) -> str:
    return "w" + "".join(chr(97 + int(digit)) for digit in str(number))
