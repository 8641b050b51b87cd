"""The model card as a page: complete for our own models, and no stumbling over a card that says less."""

from __future__ import annotations

from typing import Any

import pytest

from serving.pages.model_page import model_page
from serving.pages.template import environment

SLICE = {"rmse_log": 0.4, "rmse_log_low": 0.38, "rmse_log_high": 0.43, "median_ape": 0.21, "mae_usd": 9.1,
         "coverage": 0.79}  # fmt: skip
CARD = {
    "trained_at": "2026-11-01T10:00:00",
    "data": {
        "train_rows": 8229,
        "test_rows": 1030,
        "first_vintage": 1990,
        "last_vintage": 2016,
        "sha256": "a" * 64,
    },
    "metrics": {
        "test_median_ape": 0.25,
        "test_mae_usd": 8.5,
        "interval_coverage_nominal": 0.8,
        "coverage": 0.79,
    },
    "slices": [
        {"slice": "country", "group": "<France>", "rows": 1200, **SLICE},
        {"slice": "provided fields", "group": "required fields", "rows": 1030, **SLICE},
    ],
    "limits": ["Vintages from 1990 to 2016 were seen."],
    "importance": {"points": 0.1},
}


def page(card: dict[str, Any]) -> str:
    answer = {
        "model_name": "Wine", "model_version": "3", "synthetic_data": True, "artefact_sha256": "b" * 64,
        "loaded_at": "2026-11-01T10:00:00+00:00", "card": card,
    }  # fmt: skip
    return environment().get_template("model.html").render(model_page(answer))


def test_the_figures_of_the_card_are_on_the_page() -> None:
    html = page(CARD)
    for text in (
        "version 3",
        "within <strong>25%</strong>",
        "8,229",
        "1990 to 2016",
        "Vintages from 1990",
        "invented",
    ):
        assert text in html
    assert "&lt;France&gt;" in html
    assert html.index("By what the request gives") < html.index("By country")


@pytest.mark.parametrize("card", [{}, {"data": {}}, {"slices": [{"slice": "country", "group": "Italy"}]}])
def test_a_card_may_say_less(card: dict[str, Any]) -> None:
    assert "Model card" in page(card)
