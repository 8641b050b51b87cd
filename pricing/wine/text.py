"""Text as people write it, brought to one form.

Training, scoring and warnings all go through these functions, so case, accents and surrounding
space never change an answer.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse
from typing import Final

_WORD = re.compile(r"[a-z]+|\d+")
_DIGITS: Final = b"0123456789"
_SPACED: Final = bytes(
    ord(letter.lower()) if (letter := chr(code)).isascii() and letter.isalnum() else 32 for code in range(256)
)
"""What each byte becomes before a text is split: small letters and digits, and spaces for all else."""

_KINDS: Final = re.sub(b"[a-z]", b"a", re.sub(rb"\d", b"0", _SPACED))
"""What each byte becomes to see where letters and digits meet."""

_PUNCTUATION: Final = re.compile(r"[\u2010-\u2015\u201c-\u201f\u2026]")
"""Dashes and the like as printers set them, which are no letters of another alphabet."""

_FOREIGN: Final = {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "\u2018": "'", "\u2019": "'"}


def _without_accents(text: str) -> str:
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))


_LATIN: Final = {code: _without_accents(chr(code).casefold()) for code in range(0x80, 0x250)} | {
    ord(variant): plain for letter, plain in _FOREIGN.items() for variant in (letter, letter.upper())
}
"""What the letters of European languages become; others take the long way."""

_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
"""What has to be looked up: one letter in a hundred, mostly."""


def fold(text: str) -> str:
    """Lower case, without accents, single spaces, none around: `" Rhône  Valley"` → `"rhone valley"`."""
    return " ".join(_plain(text).split())


def words_of(text: str) -> list[str]:
    """Words and numbers of a text in order, folded; what lies between them is dropped.

    Splitting at spaces takes a tenth of the pattern's time, but does not part "90pts".
    """
    if not text.isascii():
        text = _plain(_PUNCTUATION.sub(" ", text))
        if not text.isascii():
            return _WORD.findall(text)
    spaced = text.encode().translate(_SPACED)
    if len(spaced.translate(None, _DIGITS)) == len(spaced) or not _touch(spaced):
        return spaced.decode().split()
    return _WORD.findall(text.lower())


def _touch(spaced: bytes) -> bool:
    """Whether a letter and a digit stand side by side."""
    kinds = spaced.translate(_KINDS)
    return b"a0" in kinds or b"0a" in kinds


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = _BEYOND_ASCII.sub(_plain_letters, text)
    return text.lower() if text.isascii() else _without_accents(text).casefold()


def _plain_letters(found: re.Match[str]) -> str:
    return found[0].translate(_LATIN)
