"""Who may use a route, as a property of the route: one that says nothing wants a key and is rate limited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """What a route asks of its clients."""

    needs_key: bool = True
    """Where keys are configured."""
    rate_limited: bool = True


_OPT: Final = "access"
_CLOSED: Final = RouteAccess()

OPEN: Final[Mapping[str, Any]] = {_OPT: RouteAccess(needs_key=False, rate_limited=False)}
"""`opt` of a route (or router) that answers everybody."""

UNLIMITED: Final[Mapping[str, Any]] = {_OPT: RouteAccess(rate_limited=False)}
"""`opt` of a route that wants a key and may be asked as often as its client likes."""


def access_of(opt: Mapping[str, Any]) -> RouteAccess:
    """The access of a route with this `opt`."""
    access = opt.get(_OPT, _CLOSED)
    if not isinstance(access, RouteAccess):
        raise TypeError(f"opt[{_OPT!r}] is {access!r}; use OPEN or UNLIMITED of {__name__}.")
    return access
