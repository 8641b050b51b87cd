"""Notes that are no tasting notes as people write them: a whole page, one word again and again, HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pricing.wine.languages.markup import has_markup

LONGEST: Final = 150
"""Words that say something, beyond which a note is not read: the longest of 95,000 reviews has 90."""

FEWEST_REPEATED: Final = 12
LEAST_VARIETY: Final = 3
"""From `FEWEST_REPEATED` words on, a note has one different word in `LEAST_VARIETY` at least."""

LONG_NOTE: Final = "long_note"
REPEATED_WORDS: Final = "repeated_words"
MARKUP: Final = "markup_in_note"


def oddity_of(text: str, words: Sequence[str]) -> str:
    """What is odd about a note of these content `words`; "" where nothing is."""
    if len(words) >= FEWEST_REPEATED and LEAST_VARIETY * len(set(words)) < len(words):
        return REPEATED_WORDS
    if len(words) > LONGEST:
        return LONG_NOTE
    return MARKUP if has_markup(text) else ""
