from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricing.model import experts
from pricing.model.experts import Head
from pricing.training.masks import copies_of, sample_fields

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
    words = np.random.default_rng(1).integers(0, 60, 300)
    for mask in copies_of(present, words, head, np.random.default_rng(2)):
        assert not (mask.fields & ~present).any()
        assert ((mask.notes.first >= 0) & (mask.notes.first <= mask.notes.end)).all()
        assert (mask.notes.end <= words).all()
        if head is not Head.MIXED:
            everything = present.all(axis=1)
            assert (experts.route_all(mask.fields[everything]) == int(head)).all()


def test_random_requests_reach_every_expert() -> None:
    present = np.ones((2000, 5), dtype=bool)
    heads = experts.route_all(sample_fields(present, np.random.default_rng(2)))
    assert {int(Head.NAMES), int(Head.FULL), int(Head.MIXED)} <= set(heads.tolist())
