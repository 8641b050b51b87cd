"""Masks as clients leave fields out, sampled at random: optional fields and words of the note.

Trained on copies of each wine with parts left out, one model learns every combination, and the length
of a note is no sign of the price: most short notes are parts of long ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes
from pricing.model.experts import Head, Provided

EVERYTHING, NAMED = 0.35, 0.65
"""Bounds of the kinds of request that `sample_fields` makes up."""

WHOLE: Final = 0.5
"""Share of the notes that `sample_notes` leaves whole, unless given otherwise."""

WHOLE_OF_NETWORKS: Final = (0.5, 0.6)
"""Share of whole notes in each epoch of the networks, with few rows and with many."""

EMPTY: Final = 0.08
"""Share of no note at all among those that are cut."""

LONGEST_CUT: Final = 25
"""Words of the longest cut note. Lengths are log-uniform: a line as often as three words."""

OPENING: Final = 0.7
"""Share of cut notes that begin where the whole one does; the others begin anywhere."""


STACKED: Final = 2
"""Copies of each wine that a head's trees see; the linear models see all."""

STACKED_OF_FEW: Final = 4
"""The same of MIXED with few rows: each copy leaves out other fields by chance, and two of them would tell
what chance hid.
"""

CUT_COPIES: Final = 3
"""Cut copies of each note for the linear models. Where one word is all that is left of a note it weighs much,
so a linear model of one cut copy varies with the draw by 0.1 in log price.
"""


class Notes(NamedTuple):
    """Which words of n notes are kept: from `first` up to, not including, `end` (n,)."""

    first: Codes
    end: Codes

    def take(self, rows: npt.NDArray[np.intp]) -> Notes:
        return Notes(self.first[rows], self.end[rows])


class Mask(NamedTuple):
    """What is provided of n wines: optional fields (n, 5) and words of the note."""

    fields: Provided
    notes: Notes


def stacked(head: Head, *, many: bool) -> int:
    """Copies of each wine that the head's trees see, with few rows or with many."""
    return STACKED_OF_FEW if head is Head.MIXED and not many else STACKED


def whole_notes(words: Codes) -> Notes:
    """All of the `words` (n,) that each note has."""
    return Notes(np.zeros_like(words), words)


def sample_notes(words: Codes, rng: np.random.Generator, *, whole: float = WHOLE) -> Notes:
    """A share `whole` of the notes whole; the others cut to some words in a row, or to none."""
    n = len(words)
    length = np.exp(rng.uniform(0.0, np.log(LONGEST_CUT + 1), n)).astype(np.int64)
    length[rng.random(n) < EMPTY] = 0
    length = np.minimum(length, words)
    first = np.where(rng.random(n) < OPENING, 0, rng.integers(0, words - length + 1))
    uncut = rng.random(n) < whole
    return Notes(np.where(uncut, 0, first), np.where(uncut, words, first + length))


def sample_fields(present: Provided, rng: np.random.Generator) -> Provided:
    """A copy of `present` (n, 5) as requests come: a third tell everything, a third names without
    designation and points, the rest any combination.
    """
    kind = rng.random(len(present))
    provided = present & (rng.random((len(present), 5)) < rng.random((len(present), 1)))
    provided[kind < EVERYTHING] = present[kind < EVERYTHING]
    named = (kind >= EVERYTHING) & (kind < NAMED)
    provided[named] = present[named] & np.array([True, True, True, False, False])
    return provided


def copies_of(
    present: Provided, words: Codes, head: Head, rng: np.random.Generator, *, cut: int = CUT_COPIES
) -> Sequence[Mask]:
    """Copies of the wines as the head will meet them: one with whole notes and `cut` ones with cut notes; for
    MIXED as many with some of each. `present` (n, 5) are the optional fields that the wines have.
    """
    if head is Head.MIXED:
        return [
            Mask(
                present & (rng.random(present.shape) < rng.random((len(words), 1))), sample_notes(words, rng)
            )
            for _ in range(1 + cut)
        ]
    fields = [_fields_of(present, head, rng) for _ in range(cut)]
    return [
        Mask(fields[0], whole_notes(words)),
        *(Mask(each, sample_notes(words, rng, whole=0.0)) for each in fields),
    ]


def _fields_of(present: Provided, head: Head, rng: np.random.Generator) -> Provided:
    hidden = {
        Head.REQUIRED: np.ones(present.shape, dtype=bool),
        Head.NAMES: np.tile([False, False, False, True, True], (len(present), 1)),
        Head.FULL: rng.random(present.shape) < np.array([0.0, 0.0, 0.05, 0.1, 0.0]),
    }
    provided: Provided = present & ~hidden[head]
    return provided
