"""Which sites may frame the pages or ask the service, checked before it goes into a header."""

from __future__ import annotations

import re
from typing import Final

_KEYWORDS: Final = {"none": "'none'", "self": "'self'", "'none'": "'none'", "'self'": "'self'"}
_HOST: Final = r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,252})|\[[0-9a-f:.]{2,45}\]|\*"
_SOURCE: Final = re.compile(rf"(?:https?://)?(?:{_HOST})(?::(?:[0-9]{{1,5}}|\*))?/?")
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9_][a-z0-9_.-]{0,252}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


def frame_ancestors(given: str) -> str:
    """The sources of `frame-ancestors`. Raises ValueError.

    A shell takes the quotes off 'none' and 'self', so they may be missing.
    """
    sources = [_KEYWORDS.get(source.lower(), source.rstrip("/")) for source in given.split()]
    wrong = [each for each in sources if each not in _KEYWORDS and not _SOURCE.fullmatch(each.lower())]
    if wrong or not sources:
        raise ValueError("must be 'none', 'self' or sites with spaces between")
    if "'none'" in sources and len(sources) > 1:
        raise ValueError("names sites beside 'none': give one or the other")
    return " ".join(sources)


def origins(given: str) -> str:
    """The origins of CORS, as browsers send them, with commas between; `*` is all. Raises ValueError."""
    found = [part.strip().rstrip("/").lower() for part in given.split(",") if part.strip()]
    if any(each != "*" and not _ORIGIN.fullmatch(each) for each in found):
        raise ValueError("must be origins (scheme and host, no path) with commas between, or *")
    return ",".join(found)
