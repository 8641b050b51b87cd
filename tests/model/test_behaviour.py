"""What anyone who sells wine expects of a price."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pricing.data.records import records_of
from pricing.evaluation.behaviour import (
    ODD_WINES,
    SPELLINGS,
    Check,
    direction,
    directions,
    invariance,
    minimum,
    points_rise,
)
from tests.model.candidate import Candidate

DIRECTIONS = [case.title for case in directions({})]


def settle(check: Check, figures: Callable[[str], None]) -> None:
    figures(check.message)
    if check.outcome == "skipped":
        pytest.skip(check.message)
    assert check.outcome == "passed", check.message


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_does_not_change_the_price(
    candidate: Candidate, name: str, figures: Callable[[str], None]
) -> None:
    wines = records_of(candidate.holdout.head(100))
    settle(invariance(candidate.scorer, wines, name, SPELLINGS[name]), figures)


@pytest.mark.parametrize("number", range(len(DIRECTIONS)), ids=DIRECTIONS)
def test_the_better_wine_costs_more(
    candidate: Candidate, number: int, figures: Callable[[str], None]
) -> None:
    case = list(directions(candidate.scorer.categories))[number]
    check = direction(candidate.scorer, case)
    message = f"{case.chosen}: {check.message}" if case.chosen else check.message
    settle(Check(check.name, check.outcome, message), figures)


def test_one_more_point_never_makes_a_wine_much_cheaper(
    candidate: Candidate, figures: Callable[[str], None]
) -> None:
    settle(points_rise(candidate.scorer, records_of(candidate.holdout.head(100))), figures)


def test_every_price_is_a_price(candidate: Candidate, figures: Callable[[str], None]) -> None:
    wines = (*records_of(candidate.holdout), *ODD_WINES)
    settle(minimum(candidate.scorer, wines, candidate.price_range), figures)
