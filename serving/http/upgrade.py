"""A request that offers another protocol, as it would be without the offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

_OFFER: Final = frozenset({b"upgrade", b"http2-settings"})


def head_without_upgrade(
    method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]
) -> bytes:
    """The head of the request, without what offers an upgrade. The headers are as the parser gave them."""
    lines = b"".join(b"%b: %b\r\n" % header for header in _kept(headers))
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode(), lines)


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        if name == b"connection":
            options = [option.strip() for option in value.split(b",")]
            yield name, b", ".join(option for option in options if option.lower() not in _OFFER)
        elif name not in _OFFER:
            yield name, value
