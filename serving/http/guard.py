"""Asks `serving.access` about every request that the framework has matched to a route."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from serving.access.route_access import access_of
from serving.http import context
from serving.lifecycle import Service

_SAFE: Final = frozenset({"GET", "HEAD"})
_PREFLIGHT: Final = "OPTIONS"
"""Litestar's own handlers answer it, with nothing but the methods of the path: a browser asks before it
sends what carries the key.
"""


def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard of the whole application. Raises Forbidden, Unauthorized or TooManyRequests."""
    if connection.scope.get("method") == _PREFLIGHT:
        return
    service: Service = connection.app.state.service
    here = context.of(connection.scope)
    here.client = service.authorizer.authorize(
        access_of(handler.opt), here.peer, here.headers, writes=connection.scope.get("method") not in _SAFE
    )
