"""The requests under which two models are compared: every set of fields, and notes cut short.

Half of the clients provide the four required fields alone, and a person's note is a line where a
reviewer's is a paragraph: a model that is worse for them is worse, however good it is on whole rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from pricing.evaluation.slices import FIELD_SETS, with_fields

SHORT_NOTE_WORDS: Final = 12
"""A line, as people write it; the rule is the same for both models: the first words of the note."""

_REQUIRED, _NAMES, _ALL = FIELD_SETS


@dataclass(frozen=True, slots=True)
class View:
    """A way of asking: the fields of `field_set`, the note cut after `words` words (None: whole)."""

    field_set: str
    words: int | None = None

    @property
    def name(self) -> str:
        if self.words is None:
            return self.field_set
        note = f"first {self.words} words of the note" if self.words else "no note"
        return f"{self.field_set}, {note}"

    def of(self, wines: pd.DataFrame) -> pd.DataFrame:
        """The wines as a client who provides no more would give them."""
        asked = with_fields(wines, FIELD_SETS[self.field_set])
        if self.words is None:
            return asked
        return asked.assign(description=cut_notes(asked["description"], self.words))


NOTES: Final = {
    "whole": None,
    "first 12 words": 12,
    "first 6 words": 6,
    "first 3 words": 3,
    "none": 0,
}
"""How much of the note a request gives; the required fields alone are evaluated under each."""

REQUESTS: Final = tuple(View(fields, words) for fields in FIELD_SETS for words in (None, SHORT_NOTE_WORDS, 0))
"""Kinds of requests whose error the card states, so that an answer can say how good its like are."""

VIEWS: Final = (
    View(_REQUIRED),
    View(_NAMES),
    View(_ALL),
    View(_REQUIRED, SHORT_NOTE_WORDS),
    View(_ALL, SHORT_NOTE_WORDS),
)


def cut_notes(notes: pd.Series, words: int) -> pd.Series:
    """The first `words` words of each note."""
    return notes.fillna("").astype("str").map(lambda note: " ".join(note.split()[:words]))


def asked_as(wines: pd.DataFrame) -> Iterator[tuple[View, pd.DataFrame]]:
    """The wines under every view."""
    return ((view, view.of(wines)) for view in VIEWS)
