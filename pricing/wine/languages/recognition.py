"""Which language a note is written in, by the words of the lexicons that it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Final

from pricing.wine.languages.lexicon import (
    FUNCTION_WORDS,
    TRANSLATED,
    english_words,
    lexicon,
    names,
    words_of_others,
)

ENGLISH: Final = "en"
UNKNOWN: Final = "und"
"""The code of ISO 639 for a language that is not determined."""

SURELY: Final = 4
"""A note of whose different words at most one in so many is not English is read without comparison."""

LEAST: Final = 0.3
"""Share of its words that the language of a note must know."""

FUNCTION_WEIGHT: Final = 1.5


def is_surely_english(words: Sequence[str], content: Sequence[str]) -> bool:
    """Whether a note of these words needs no comparison of languages. `content` are those that are no English
    function words: the others need not be looked up.
    """
    different = set(content)
    strange = SURELY * len(different.difference(english_words()))
    return strange <= len(different) or strange <= len(set(words))


def language_of(words: Sequence[str]) -> str:
    """The language of a note's words; UNKNOWN where no language knows enough of them."""
    telling = [word for word in words if word not in names() and word.isalpha()]
    return _compared(telling) if telling else ENGLISH


def _compared(words: Sequence[str]) -> str:
    scores = {language: _score(weights, words) for language, weights in _weights().items()}
    best = max(scores, key=scores.__getitem__)
    known = sum(map(_weights()[best].__contains__, words))
    return best if known >= max(LEAST * len(words), 1) and best in (ENGLISH, *TRANSLATED) else UNKNOWN


def _score(weights: dict[str, float], words: Iterable[str]) -> float:
    return sum(map(weights.get, words, repeat(0.0)))


@cache
def _weights() -> dict[str, dict[str, float]]:
    """Language → word → how much it speaks for that language: less, the more languages share it."""
    known: dict[str, dict[str, float]] = {ENGLISH: dict.fromkeys(english_words(), 1.0)}
    for language in TRANSLATED:
        known[language] = {
            word: FUNCTION_WEIGHT if senses[0].kind in FUNCTION_WORDS else 1.0
            for word, senses in lexicon(language).words.items()
            if word.isascii()
        }
    for language, words in words_of_others().items():
        known[language] = dict.fromkeys(words, 1.0)
    shared = Counter(word for words in known.values() for word in words)
    return {
        language: {word: weight / shared[word] for word, weight in words.items()}
        for language, words in known.items()
    }
