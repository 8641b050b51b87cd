"""The ids of answers: random UUIDs (RFC 9562, version 4), of which a batch needs a thousand at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

_POOL: Final = 256
_VARIANTS: Final = "89ab"


def request_ids() -> Iterator[str]:
    """Ids without end, from random bytes fetched for many at once: `uuid.uuid4` asks the kernel for each.

    A generator belongs to one process: copies that a fork makes would repeat one another.
    """
    while True:
        digits = os.urandom(16 * _POOL).hex()
        for at in range(0, 32 * _POOL, 32):
            variant = _VARIANTS[int(digits[at + 16], 16) & 3]
            yield (
                f"{digits[at : at + 8]}-{digits[at + 8 : at + 12]}-4{digits[at + 13 : at + 16]}"
                f"-{variant}{digits[at + 17 : at + 20]}-{digits[at + 20 : at + 32]}"
            )
