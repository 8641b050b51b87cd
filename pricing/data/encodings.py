"""In which encoding a text file is written: UTF-8, UTF-16 and UTF-32, Windows-1252, or that of old Macs."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import Final

from pricing.data.raw_file import RawFile
from pricing.errors import DataError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD: Final = 4096
_MANY: Final = 0.3

WINDOWS: Final = "cp1252"
MAC: Final = "mac_roman"
NAMES: Final = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32": "UTF-32", WINDOWS: "Windows-1252", MAC: "Mac Roman",
}  # fmt: skip

_WINDOWS_LETTER: Final = re.compile(rb"[A-Za-z][\xc0-\xff](?=[A-Za-z ,.])")
_MAC_LETTER: Final = re.compile(rb"[A-Za-z][\x80\x87-\x90\x97-\x9f](?=[A-Za-z ,.])")
"""Letters with accents in Mac Roman; in Windows-1252 these bytes stand for signs, or for nothing."""
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def encoding_of(raw: RawFile) -> str:
    """The codec of a file, from all of its bytes.

    Raises DataError for UTF-8 with bytes that are not, naming the line, and for what is no text.
    """
    head = next(raw.blocks(), b"")[:_HEAD]
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None) or _wide(head)
    if marked is None:
        return _utf8_or_older(raw)
    _check(raw, marked)
    return marked


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte is zero in the text of European languages."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not head or max(even, odd) < _MANY * len(head) / 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _check(raw: RawFile, codec: str) -> None:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for block in raw.blocks():
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        msg = f"{raw.name} begins as {NAMES[codec]} and is cut or broken ({error.reason}). Fetch it again."
        raise DataError(msg) from error


def _utf8_or_older(raw: RawFile) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, foreign = 1, False
    try:
        for block in raw.blocks():
            text = decoder.decode(block)
            lines += text.count("\n")
            foreign = foreign or not text.isascii()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        if foreign or not before.isascii():
            raise _mixed(raw, error, lines + before.count(b"\n")) from error
        return _eight_bit(raw)
    return "utf-8"


def _mixed(raw: RawFile, error: UnicodeDecodeError, line: int) -> DataError:
    return DataError(
        f"{raw.name} is UTF-8 up to line {line}, where a byte is 0x{error.object[error.start]:02x}: it was "
        "put together from files of different encodings, or is damaged. Save that part as UTF-8."
    )


def _eight_bit(raw: RawFile) -> str:
    found: Counter[str] = Counter()
    for block in raw.blocks():
        found[WINDOWS] += len(_WINDOWS_LETTER.findall(block))
        found[MAC] += len(_MAC_LETTER.findall(block))
        found["undefined"] += len(_UNDEFINED.findall(block))
    if found[MAC] > found[WINDOWS]:
        return MAC
    if found["undefined"]:
        raise DataError(
            f"{raw.name} is neither UTF-8 nor Windows-1252. Open it in a spreadsheet, choose the encoding in "
            "which its letters look right, and save it as 'CSV UTF-8'."
        )
    return WINDOWS
