"""Who is asking: the address behind trusted proxies, and a name for it that gives no address away."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from configuration.errors import SettingsError

LONGEST_ADDRESS: Final = 100
"""Characters, with quotes, brackets, zone and port."""

Network = IPv4Network | IPv6Network


def networks(given: str) -> tuple[Network, ...]:
    """The networks of TRUSTED_PROXIES, as `10.0.0.0/8,127.0.0.1`. Raises SettingsError."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in given.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError.of("TRUSTED_PROXIES", str(error), "10.0.0.0/8,127.0.0.1") from error


class ClientNames:
    """Names for clients without a key: the same address gets the same name, and no name leads back."""

    def __init__(self, salt: bytes, trusted: Iterable[Network]) -> None:
        self._salt = salt
        self._trusted = tuple(trusted)
        self.name_of = lru_cache(maxsize=10_000)(self._name_of)
        self._is_trusted = lru_cache(maxsize=1_000)(self._in_trusted_network)

    def address(self, peer: str, headers: Mapping[bytes, bytes]) -> str:
        """The client's address: the peer's, or behind trusted proxies the nearest one that is not theirs.

        Lines of X-Forwarded-For are one list (RFC 9110, 5.3); an entry may have a port.
        """
        peer = plain_address(peer) or peer
        if not self._trusted or not self._is_trusted(peer):
            return peer
        for part in reversed(headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")):
            hop = plain_address(part)
            if hop is None and part.strip():
                return peer  # what nobody can have for an address: whoever wrote it is not believed
            if hop is not None and not self._is_trusted(hop):
                return hop
        return peer

    def _name_of(self, address: str) -> str:
        digest = hmac.new(self._salt, _network_of(address).encode(), hashlib.sha256)
        return f"address-{digest.hexdigest()[:16]}"

    def _in_trusted_network(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def plain_address(text: str) -> str | None:
    """An address without its port, brackets and quotes, an IPv4 one as such where it is mapped into IPv6.

    None for what is no address.
    """
    return _plain_address(text) if len(text) <= LONGEST_ADDRESS else None


@lru_cache(maxsize=4_096)
def _plain_address(text: str) -> str | None:
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _is_address(text: str) -> bool:
    return plain_address(text) is not None


def _network_of(address: str) -> str:
    """One household has one /64 of IPv6, and any number of addresses in it."""
    if _is_address(address) and isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    return address
