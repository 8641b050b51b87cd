from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricing.model import experts
from pricing.model.experts import Head

COMBINATIONS = np.array(list(itertools.product([False, True], repeat=5)))


def one_by_one(provided: np.ndarray) -> Head:
    texts = ["x" if given else "" for given in provided[:4]]
    return experts.route(*texts, 90.0 if provided[4] else None)


def test_every_combination_of_fields_has_one_expert_whichever_way_it_is_asked() -> None:
    assert [int(one_by_one(row)) for row in COMBINATIONS] == experts.route_all(COMBINATIONS).tolist()


@pytest.mark.parametrize(
    ("told", "expert"),
    [("", Head.REQUIRED), ("vw", Head.NAMES), ("vwr", Head.NAMES), ("vwp", Head.FULL), ("vwrdp", Head.FULL),
     ("v", Head.MIXED), ("p", Head.MIXED), ("vwd", Head.MIXED)],
)  # fmt: skip
def test_who_is_asked_for_what(told: str, expert: Head) -> None:
    assert one_by_one(np.array([letter in told for letter in "vwrdp"])) is expert


@pytest.mark.parametrize("head", Head)
def test_masks_only_take_away_and_leave_what_the_expert_needs(head: Head) -> None:
    present = np.random.default_rng(0).random((300, 5)) < 0.8
    for masked in experts.sample_masks(present, head, np.random.default_rng(1)):
        assert not (masked & ~present).any()
        if head is not Head.MIXED:
            everything = present.all(axis=1)
            assert (experts.route_all(masked[everything]) == int(head)).all()


def test_random_requests_reach_every_expert() -> None:
    present = np.ones((2000, 5), dtype=bool)
    heads = experts.route_all(experts.sample_mask(present, np.random.default_rng(2)))
    assert {int(head) for head in Head} == set(heads.tolist())
