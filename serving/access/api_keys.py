"""API keys: several at once, so that they can be rotated, and only their hashes at rest.

A key is 32 random bytes made by `python -m serving.access.new_key`, so a plain SHA-256 cannot be searched
for it, and costs a microsecond per request where a password hash would cost tens of milliseconds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final

from configuration.errors import SettingsError
from serving.errors import Unauthorized

_ENTRY: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9_.-]{0,39})=sha256:(?P<digest>[0-9a-f]{64})")
_MALFORMED: Final = (
    "each entry is name=sha256:<64 hex digits>, names differ, and commas part the entries; "
    "make one with `python -m serving.access.new_key shop`"
)
MISSING: Final = "Send your API key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`."


class ApiKeys:
    """Name → SHA-256 of a key. Empty: no key is asked for."""

    def __init__(self, digests: Mapping[str, str]) -> None:
        self._digests = {name: bytes.fromhex(digest) for name, digest in digests.items()}

    @classmethod
    def parse(cls, given: str) -> ApiKeys:
        """Keys from `name=sha256:<hex>,other=sha256:<hex>`. Raises SettingsError."""
        digests: dict[str, str] = {}
        for entry in filter(None, (part.strip() for part in given.split(","))):
            found = _ENTRY.fullmatch(entry)
            if found is None or found["name"] in digests:
                raise SettingsError.of("API_KEYS", _MALFORMED)
            digests[found["name"]] = found["digest"]
        return cls(digests)

    def __bool__(self) -> bool:
        return bool(self._digests)

    def holder(self, headers: Mapping[bytes, bytes]) -> str:
        """Whose key the headers carry. Raises Unauthorized. Takes the same time for every wrong key."""
        keys = _keys_in(headers)
        if not keys:
            raise Unauthorized(MISSING)
        holder = None
        for digest in [hashlib.sha256(key).digest() for key in keys]:
            for name, known in self._digests.items():
                if hmac.compare_digest(known, digest):
                    holder = name
        if holder is None:
            raise Unauthorized("This API key is not known here: it may have been rotated. Ask for a new one.")
        return holder


def new_key() -> tuple[str, str]:
    """A new key, and what API_KEYS holds of it."""
    key = secrets.token_urlsafe(32)
    return key, f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _keys_in(headers: Mapping[bytes, bytes]) -> list[bytes]:
    """The keys of both headers: a proxy before the service may need Authorization for itself."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    bearer = token.strip() if scheme.lower() == b"bearer" else b""
    return [key for key in (bearer, headers.get(b"x-api-key", b"")) if key]
