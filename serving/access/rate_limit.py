"""A token bucket per client, in bounded memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from serving.errors import TooManyRequests

CLIENTS_AT_MOST: Final = 10_000


class RateLimit:
    """`per_minute` wines a minute for each client, with bursts of up to `burst`; 0 means no limit."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Spend one token of a client's. Raises TooManyRequests where there is none left."""
        self.check(client)
        self.charge(client, 1)

    def check(self, client: str) -> None:
        """Raise TooManyRequests where a client has no token left."""
        if not self._per_second:
            return
        now = self._clock()
        level, since = self._buckets.pop(client, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._per_second)
        self._buckets[client] = (level, now)
        if len(self._buckets) > CLIENTS_AT_MOST:
            self._buckets.popitem(last=False)
        if level < 1:
            raise TooManyRequests(math.ceil((1 - level) / self._per_second))

    def charge(self, client: str, tokens: int) -> None:
        """Spend tokens, into debt if need be: a batch has many wines, and is waited off afterwards."""
        if self._per_second and client in self._buckets:
            level, since = self._buckets[client]
            self._buckets[client] = (level - tokens, since)
