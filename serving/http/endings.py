"""With which words a connection ends whose client breaks a limit of the protocol."""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_HEAD_BYTES: Final = 32 * 2**10


class Ending(NamedTuple):
    """The status and reason with which a connection ends; status 0: without a word."""

    status: int
    detail: str


LONG_HEAD: Final = Ending(
    431, f"The head of a request is at most {MAX_HEAD_BYTES:,} bytes. Send fewer or shorter headers."
)
NO_HTTP: Final = Ending(
    400, "Invalid HTTP request received. Send HTTP/1.1; see /docs for examples with curl."
)
NO_PROXY: Final = Ending(400, "CONNECT is for proxies, and this is none. Send a request with a path.")
TOO_MANY: Final = Ending(503, "The service has as many connections as it can hold. Try again in a moment.")
TOO_MANY_AT_ONCE: Final = Ending(
    400, "More was sent at once than is answered in its order here. Read answers, then send more."
)
SILENTLY: Final = Ending(0, "")
TOO_SLOW: Final = Ending(408, "The request did not arrive in time. Send it again, faster.")
TOO_MUCH: Final = Ending(
    503, "The service holds as many unanswered bodies as it can. Send yours again in a moment."
)
