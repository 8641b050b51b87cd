"""May this client use this route now? One function decides for every way into the service."""

from __future__ import annotations

from collections.abc import Mapping

from serving.access.api_keys import ApiKeys
from serving.access.client_identity import ClientNames
from serving.access.cross_origin import CrossOriginCheck
from serving.access.rate_limit import RateLimit
from serving.access.route_access import RouteAccess
from serving.errors import Unauthorized


class Authorizer:
    """API keys, the rate limit, the names of clients, and which sites' pages may write."""

    def __init__(
        self, keys: ApiKeys, names: ClientNames, limit: RateLimit, cross_origin: CrossOriginCheck
    ) -> None:
        self._keys = keys
        self._names = names
        self._limit = limit
        self._cross_origin = cross_origin

    def authorize(
        self, access: RouteAccess, peer: str | None, headers: Mapping[bytes, bytes], *, writes: bool
    ) -> str:
        """The client's name for the log. `peer`: the address at the other end of the connection.

        Raises Forbidden, Unauthorized or TooManyRequests.
        """
        if writes:
            self._cross_origin.check(headers)
        name = self._names.name_of(self._names.address(peer or "local", headers))
        if access.needs_key and self._keys:
            name = self._holder(name, headers)
        if access.rate_limited:
            self._limit.take(name)
        return name

    def shows_details(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether the headers carry a valid key, whose holder may read what errors say."""
        try:
            return bool(self._keys) and bool(self._keys.holder(headers))
        except Unauthorized:
            return False

    def charge(self, client: str | None, wines: int) -> None:
        """Count the other wines of a batch against its client's limit."""
        if client is not None and wines > 0:
            self._limit.charge(client, wines)

    def _holder(self, address: str, headers: Mapping[bytes, bytes]) -> str:
        """Whose key it is. Wrong keys have a limit of their own: they take nothing from right ones."""
        try:
            return self._keys.holder(headers)
        except Unauthorized:
            self._limit.take(f"wrong keys from {address}")
            raise
