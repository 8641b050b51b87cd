"""Reviews' notes as people would ask them: cut, with typing noise, in small letters, or none at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

NOISE: Final = 0.1
"""Share of words with a typing error, as in quick typing on a phone."""

FEWEST_LETTERS: Final = 4


def first_sentence(note: str) -> str:
    return re.split(r"(?<=[.!?])\s+", note.strip())[0]


def first_words(count: int) -> Callable[[str], str]:
    """The note's first `count` words, as split at spaces."""
    return lambda note: " ".join(note.split()[:count])


def with_typing_noise(note: str) -> str:
    """One word in ten with two letters swapped, a letter dropped or one doubled; the same each time."""
    rng = np.random.default_rng(len(note))
    return " ".join(_mistyped(word, rng) if rng.random() < NOISE else word for word in note.split())


def bare(note: str) -> str:
    """Small letters, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", note.lower()))


def _mistyped(word: str, rng: np.random.Generator) -> str:
    if len(word) < FEWEST_LETTERS:
        return word
    place, kind = int(rng.integers(1, len(word) - 1)), rng.integers(3)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place + 1 :] if kind == 1 else word[:place] + word[place] + word[place:]


NOTES: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "whole": str,
        "first sentence": first_sentence,
        "first 12 words": first_words(12),
        "first 6 words": first_words(6),
        "first 3 words": first_words(3),
        "none": lambda _: "",
        "whole, typing noise": with_typing_noise,
        "whole, small letters, no punctuation": bare,
    }
)
