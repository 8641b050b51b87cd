"""Reference notes are as long as clients write theirs, and never longer than they were."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows.data.note_lengths import cut_like, note_lengths
from tests.unit.monitoring.market import make_wines


def opening(wines: pd.DataFrame, words: int) -> pd.DataFrame:
    return wines.assign(description=wines["description"].str.split().str[:words].str.join(" "))


def test_short_notes_of_clients_cut_the_reference_to_their_openings() -> None:
    reference = make_wines(2_000, seed=1, length=40)
    cut = cut_like(reference, opening(make_wines(500, seed=2, length=40), 12), np.random.default_rng(0))
    assert note_lengths(cut).mean() == pytest.approx(12, abs=0.2)
    both = zip(reference["description"], cut["description"], strict=True)
    assert all(whole.startswith(short) for whole, short in both)


def test_half_of_the_clients_writing_nothing_empty_half_of_the_notes() -> None:
    window = make_wines(600, seed=3)
    window.loc[window.index[:300], "description"] = ["", None, " "] * 100
    cut = cut_like(make_wines(2_000, seed=4), window, np.random.default_rng(0))
    assert (note_lengths(cut) == 0).mean() == pytest.approx(0.5, abs=0.04)


def test_notes_as_long_as_the_references_or_longer_cut_nothing() -> None:
    reference = make_wines(2_000, seed=5)
    for length in (20, 60):
        cut = cut_like(reference, make_wines(500, seed=6, length=length), np.random.default_rng(0))
        assert (note_lengths(cut) < note_lengths(reference)).mean() < 0.1


def test_a_window_without_the_column_has_no_notes() -> None:
    window = make_wines(300, seed=7).drop(columns=["description"])
    cut = cut_like(make_wines(500, seed=8), window, np.random.default_rng(0))
    assert not cut["description"].str.len().any()
