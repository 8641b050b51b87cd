"""What training leaves out of a wine is what a client leaves out: both are read to the same figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.data.records import records_of
from pricing.model.experts import Head
from pricing.training.design_matrix import Rows, rows_of
from pricing.training.masks import LONGEST_CUT, Mask, Notes, copies_of, sample_notes, whole_notes
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.tokens import Reading, hide, read

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def readings(wines: tuple[pd.DataFrame, pd.DataFrame]) -> list[Reading]:
    return [read(wine) for wine in records_of(wines[0].head(300))]


@pytest.fixture(scope="module")
def rows(readings: list[Reading]) -> Rows:
    names = {field: sorted({getattr(each, field) for each in readings} - {""}) for field in CATEGORY_FIELDS}
    return rows_of(readings, RNG.normal(size=len(readings)), names, np.random.default_rng(0), min_count=2)


def test_a_masked_wine_has_the_terms_of_the_wine_that_a_client_would_send(
    readings: list[Reading], rows: Rows
) -> None:
    fields = rows.present & (RNG.random(rows.present.shape) < 0.5)
    words = np.array([len(set(each.words)) == len(each.words) for each in readings])  # first places only
    notes = sample_notes(rows.words, RNG, whole=0.2)
    terms = rows.source.masked(Mask(fields, notes)).terms
    for row in np.flatnonzero(words).tolist():
        kept = hide(readings[row], tuple(fields[row].tolist()))
        kept = kept._replace(words=kept.words[notes.first[row] : notes.end[row]])
        text, _, _ = rows.index.text_columns(kept.words)
        names = [
            *rows.index.place_columns(kept.country, kept.province, kept.year),
            *rows.index.optional_columns(kept),
        ]
        assert set(terms[row].indices.tolist()) == {*text, *names} - {-1}


def test_a_note_without_words_has_no_terms(rows: Rows) -> None:
    nothing = Mask(np.zeros_like(rows.present), Notes(np.zeros_like(rows.words), np.zeros_like(rows.words)))
    inputs = rows.source.masked(nothing)
    assert inputs.known.max() == 0
    assert set(rows.source.terms.kinds[inputs.terms.indices]) <= {"c", "p", "y", "t", "u"}


def test_cut_notes_are_parts_of_the_whole_and_some_are_empty() -> None:
    words = RNG.integers(0, 60, 5_000)
    cut = sample_notes(words, RNG, whole=0.0)
    assert (cut.first >= 0).all()
    assert (cut.end <= words).all()
    assert (cut.end - cut.first <= LONGEST_CUT).all()
    assert ((cut.end == cut.first) & (words > 0)).mean() > 0.04


@pytest.mark.parametrize("head", list(Head))
def test_no_copy_has_what_the_wine_has_not(rows: Rows, head: Head) -> None:
    for mask in copies_of(rows.present, rows.words, head, RNG):
        assert not (mask.fields & ~rows.present).any()
        assert (mask.notes.end <= whole_notes(rows.words).end).all()
