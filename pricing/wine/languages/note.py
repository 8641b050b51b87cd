"""A tasting note in any of five languages, as the English words that a model knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from pricing.wine.function_words import content_words
from pricing.wine.languages.lexicon import TRANSLATED, lexicon
from pricing.wine.languages.markup import plain_text
from pricing.wine.languages.recognition import ENGLISH, UNKNOWN, is_surely_english, language_of
from pricing.wine.languages.spelling import forms_by_size
from pricing.wine.languages.translation import sources, translated
from pricing.wine.text import words_of

TELLING: Final = 4
"""Words of a sentence from which its language can be told apart from that of the others."""

_SENTENCE: Final = re.compile(r"[^.!?;\n]+[.!?;\n]*")


def load_lexicons() -> None:
    """Read the lexicons and what is derived of them; otherwise the first notes would wait for that."""
    language_of([TRANSLATED[0]])
    for language in TRANSLATED:
        forms_by_size(language)


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
    """Read a note, whatever the language; one in an unknown language says nothing. Sentences in different
    languages are read each in its own, and `language` is that of most words.
    """
    return read_content(text)[0]


def read_content(text: str) -> tuple[ReadNote, list[str]]:
    """The note as `read_note` gives it, and those of its words that say something of the wine."""
    text = plain_text(text)
    words = words_of(text)
    content = content_words(words)
    if words and is_surely_english(words, content):
        return ReadNote(ENGLISH, words, len(words), len(words)), content
    note = _compared(text, words)
    return note, content_words(note.words)


def given_words(text: str, language: str) -> dict[str, str]:
    """English word → the note's own words for it, of a note that was read in this language."""
    return sources(plain_text(text), lexicon(language)) if language in TRANSLATED else {}


def _compared(text: str, words: list[str]) -> ReadNote:
    """A note whose languages have to be found out."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]
    if len(sentences) > 1 and _differ(sentences):
        return _joined([_read(sentence, words_of(sentence)) for sentence in sentences])
    return _read(text, words)


def _read(text: str, words: list[str]) -> ReadNote:
    """A text that is in one language."""
    language = language_of(words) if words else UNKNOWN
    if language == ENGLISH:
        return ReadNote(ENGLISH, words, len(words), len(words))
    if language == UNKNOWN:
        written = len(words) or sum(map(str.isalpha, text))
        return ReadNote(UNKNOWN if written else "", [], written, 0)
    return ReadNote(language, *translated(text, lexicon(language)))


def _differ(sentences: Sequence[str]) -> bool:
    """Whether sentences that are long enough to tell are in more than one known language."""
    long_ones = [words for words in map(words_of, sentences) if len(words) >= TELLING]
    return len({language_of(words) for words in long_ones} - {UNKNOWN}) > 1


def _joined(notes: Sequence[ReadNote]) -> ReadNote:
    sizes: Counter[str] = Counter()
    for note in notes:
        sizes[note.language] += note.n_known
    words = [word for note in notes for word in note.words]
    language = sizes.most_common(1)[0][0]
    return ReadNote(language, words, sum(note.n_words for note in notes), sum(note.n_known for note in notes))
