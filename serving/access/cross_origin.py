"""Whether a page of another site is behind a request that writes.

The algorithm of Go's `http.CrossOriginProtection`: Sec-Fetch-Site, which browsers send and pages cannot
forge, else the Origin compared with the Host. What sends neither is no browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from serving.errors import Forbidden


class CrossOriginCheck:
    """Refuses what pages of other sites send, but for those of the allowed `origins`."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    def check(self, headers: Mapping[bytes, bytes]) -> None:
        """Raise Forbidden where a page of another site is asking."""
        if b"origin" not in headers and b"sec-fetch-site" not in headers:
            return
        origin = headers.get(b"origin", b"").decode("latin-1")
        if "*" in self._origins or (origin and origin in self._origins):
            return
        site = headers.get(b"sec-fetch-site", b"").strip()
        same = site in {b"same-origin", b"none"} if site else _is_same(origin, headers.get(b"host", b""))
        if not same:
            raise Forbidden(
                f"A page of another site ({origin[:100] or 'which it does not name'}) may not send this. "
                "Who runs the service lets its origin in with CORS_ORIGINS."
            )


def _is_same(origin: str, host: bytes) -> bool:
    """Whether an origin is this host; the scheme may differ behind a proxy that ends TLS."""
    if not origin:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.decode("latin-1").lower() != ""
    except ValueError:
        return False
