"""A file's bytes as lines of text, whatever encoding, quotes and line ends it was written with.

Out come lines that end in a line feed, in which quotes inside a cell are doubled (RFC 4180).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pricing.data.encodings import encoding_of
from pricing.data.raw_file import RawFile
from pricing.errors import DataError

_BARE_RETURN: Final = re.compile(r"\r(?!\n)")
_LINE_END: Final = re.compile(r"\n|\r\n|\r(?=.)", re.DOTALL)
_ESCAPED_QUOTE: Final = re.compile(r'(?<!\\)(?:\\\\)*\\"(?=[^",;|\t\r\n])')
"""A quote after a backslash, inside a cell: at its end it could be a cell that ends in a backslash."""
_BACKSLASHES_AND_QUOTE: Final = re.compile(r'(\\+)"')


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file, looked at as a whole: how its characters, quotes and lines are written."""

    raw: RawFile
    encoding: str
    backslash_quotes: bool
    bare_returns: bool
    """Whether some carriage return has no line feed after it."""
    returns_end_lines: bool
    """As on old Macs; else a bare return is part of a text."""

    def lines(self) -> Iterator[str]:
        """Its lines; the last may lack its end."""
        text: Iterable[str] = decoded(self.raw, self.encoding)
        if self.backslash_quotes:
            text = _with_doubled_quotes(text)
        if self.bare_returns:
            text = _with_feeds(text) if self.returns_end_lines else _without_returns(text)
        yield from _lines(text)


def text_file(raw: RawFile) -> TextFile:
    """Look at every block of a file. Raises DataError for an empty one, or one in no known encoding."""
    encoding = encoding_of(raw)
    backslashes = returns = filled = False
    tail, first_end = "", None
    for text in decoded(raw, encoding):
        block = tail + text
        filled = filled or bool(block.strip())
        first_end = first_end or _LINE_END.search(block)
        backslashes = backslashes or ('\\"' in block and _ESCAPED_QUOTE.search(block) is not None)
        returns = returns or ("\r" in block and _BARE_RETURN.search(block[:-1]) is not None)
        tail = block[-2:]
    if not filled:
        raise DataError(f"{raw.name} is empty (0 rows). Put the file there again, or give another.")
    return TextFile(raw, encoding, backslashes, returns, first_end is not None and first_end[0] == "\r")


def decoded(raw: RawFile, encoding: str) -> Iterator[str]:
    """The text of a file, block by block."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in raw.blocks():
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _with_doubled_quotes(blocks: Iterable[str]) -> Iterator[str]:
    """Spark's quotes (a backslash before them) as doubled ones; so are backslashes before a quote undone."""
    kept = ""
    for text in blocks:
        block = kept + text
        cut = len(block.rstrip("\\"))
        block, kept = block[:cut], block[cut:]
        yield _BACKSLASHES_AND_QUOTE.sub(_doubled, block)
    yield kept


def _doubled(match: re.Match[str]) -> str:
    pairs, single = divmod(len(match[1]), 2)
    return "\\" * pairs + ('""' if single else '"')


def _with_feeds(blocks: Iterable[str]) -> Iterator[str]:
    """Carriage returns as line feeds."""
    return (block.replace("\r", "\n") for block in blocks)


def _without_returns(blocks: Iterable[str]) -> Iterator[str]:
    """A return that ends no line becomes a space; inside quotes it stays."""
    inside, kept = False, ""
    for text in blocks:
        block, kept = kept + text, ""
        if block.endswith("\r"):
            block, kept = block[:-1], "\r"
        pieces = block.split('"')
        for number, piece in enumerate(pieces):
            if inside == (number % 2 == 1):
                pieces[number] = _BARE_RETURN.sub(" ", piece)
        inside ^= len(pieces) % 2 == 0
        yield '"'.join(pieces)
    yield kept


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    kept = ""
    for text in blocks:
        parts = (kept + text).split("\n")
        kept = parts.pop()
        for part in parts:
            yield f"{part}\n"
    if kept:
        yield kept
