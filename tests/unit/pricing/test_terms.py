"""A text's terms are the same one by one and many at a time."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pricing.model.vocabulary import TermIndex
from pricing.wine.request import Wine
from pricing.wine.text import words_of
from pricing.wine.tokens import read

WORDS = ("ripe", "plum", "firm", "long", "finish", "05", "0")
NOTES = ("Ripe plum, firm.", "Ripe plum; long finish", "Plum 05, ripe plum", "long finish, firm 05 0")


def index() -> TermIndex:
    wines = [
        Wine(country="France", description=note, province="Bordeaux", millesime=2012)
        for note in NOTES
        for _ in range(3)
    ]
    return TermIndex.learn([read(wine) for wine in wines], minimum=2)


def test_each_term_counts_once_and_the_rest_is_not_known() -> None:
    columns, known, known_words = index().text_columns(["ripe", "plum", "xyz", "ripe", "plum"])
    assert len(columns) == len(set(columns)) == known == 3
    assert known_words == 2
    assert {index().terms[column] for column in columns} == {"ripe", "plum", "ripe plum"}


@given(st.lists(st.lists(st.sampled_from([*WORDS, "xyz"]), max_size=12), max_size=6))
def test_many_texts_are_read_as_each_is(texts: list[list[str]]) -> None:
    terms = index()
    together, known_words = terms.columns_of_texts(texts)
    apart = [terms.text_columns(words) for words in texts]
    assert known_words == [words for _, _, words in apart]
    bounds = zip(together.ends[:-1], together.ends[1:], strict=True)
    assert [sorted(together.flat[start:end].tolist()) for start, end in bounds] == [
        sorted(columns) for columns, _, _ in apart
    ]


@given(st.text(alphabet="aB9\u00e9\u2013-' .\u00df\n\x85", max_size=40))
def test_splitting_at_spaces_finds_what_the_pattern_finds(text: str) -> None:
    joined = " ".join(words_of(text))
    assert re.fullmatch(r"(?:[a-z]+|\d+)(?: (?:[a-z]+|\d+))*|", joined)
    assert words_of(joined) == words_of(text)
