"""Which bodies are read as JSON: by their Content-Type and Content-Encoding."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from serving.errors import UnsupportedMediaType

_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})
_HINT: Final = "Send JSON with `Content-Type: application/json`."


def check_json(headers: Mapping[bytes, bytes]) -> None:
    """Raise UnsupportedMediaType unless the body is said to be JSON as it stands.

    A body of no stated type is taken for JSON (RFC 9110, 8.3): a page elsewhere, which can send one, is
    recognised by its Origin.
    """
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in {b"identity", b""}:
        raise UnsupportedMediaType(
            f"A body with Content-Encoding {encoding.decode('latin-1')[:40]!r} is not read here. "
            "Send it uncompressed.",
            accept_encoding="identity",
        )
    content_type = headers.get(b"content-type")
    if content_type is not None and not is_json(content_type):
        shown = content_type.decode("latin-1")[:80]
        raise UnsupportedMediaType(f"A body of Content-Type {shown!r} is not read here. {_HINT}")


@lru_cache(maxsize=256)
def is_json(content_type: bytes) -> bool:
    """Whether a Content-Type is `application/json` or `application/…+json`, in UTF-8."""
    media_type, *parameters = content_type.decode("latin-1").lower().split(";")
    kind, _, subtype = media_type.strip().partition("/")
    if kind != "application" or not (subtype == "json" or subtype.endswith("+json")):
        return False
    named = dict(parameter.strip().partition("=")[::2] for parameter in parameters)
    return named.get("charset", "utf-8").strip('"') in _UTF_8
