"""How much of what has come over a connection is parsed in one go.

Where requests may begin in it, little: 64 KiB hold a thousand of the shortest, and nobody else is served
while they are parsed. Where it is all of one body, more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

REQUESTS: Final = 2 * 2**10
BODY: Final = 64 * 2**10


def slice_size(body_left: int) -> int:
    """Bytes to parse next; `body_left` are still to come of the present body."""
    return min(max(body_left, REQUESTS), BODY)


def stated_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Bytes of a body by its header; 0 where none says so."""
    length = next((value for name, value in headers if name == b"content-length"), b"")
    return int(length) if length.isdigit() else 0
