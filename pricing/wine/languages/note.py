"""A tasting note in any of five languages, as the English words that a model knows."""

from __future__ import annotations

from typing import NamedTuple

from pricing.wine.languages.lexicon import lexicon
from pricing.wine.languages.markup import plain_text
from pricing.wine.languages.recognition import ENGLISH, UNKNOWN, language_of
from pricing.wine.languages.translation import translated
from pricing.wine.text import words_of


class ReadNote(NamedTuple):
    """A note as the model sees it.

    `language` is the ISO 639 code of the language it was read in, "und" for one that is not known, "" for a
    text without words. `words` are English, folded, in order; none for an unknown language. Of the
    `n_words` words of the text, `n_known` were understood; for English, what a model knows of them is its
    own affair.
    """

    language: str
    words: list[str]
    n_words: int
    n_known: int


def read_note(text: str) -> ReadNote:
    """Read a note, whatever the language; one in an unknown language says nothing."""
    text = plain_text(text)
    words = words_of(text)
    language = language_of(words)
    if language == ENGLISH:
        return ReadNote(ENGLISH, words, len(words), len(words))
    if language == UNKNOWN:
        written = len(words) or sum(map(str.isalpha, text))
        return ReadNote(UNKNOWN if written else "", [], written, 0)
    return ReadNote(language, *translated(text, lexicon(language)))
