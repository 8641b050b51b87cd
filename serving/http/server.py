"""uvicorn, with the protocol of this service where the installed version has what that protocol leans on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn.server import ServerState

from serving.http.connections import Connections
from serving.http.middleware import ServingApp
from serving.settings import ServingSettings

log = logging.getLogger(__name__)

LEANS_ON: Final = (
    *("client", "cycle", "flow", "headers", "loop", "parser", "pipeline", "scope", "server_state"),
    *("transport", "_unset_keepalive_if_required", "connection_lost", "connection_made"),
    *("eof_received", "on_body", "on_header", "on_headers_complete", "on_message_begin"),
    *("on_message_complete", "on_response_complete", "on_url", "resume_writing"),
)
"""Names of uvicorn's protocol that `serving.http.protocol` uses or overrides."""


def server(app: ServingApp, settings: ServingSettings, connections: Connections) -> uvicorn.Server:
    """A server that has not been started."""
    config = uvicorn.Config(
        app,
        host=settings.serving_host,
        port=settings.serving_port,
        http=protocol(connections),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.drain_seconds) + 1,
    )
    return uvicorn.Server(config)


def protocol(connections: Connections) -> type[asyncio.Protocol] | str:
    """The protocol that uvicorn is to speak: ours with its limits, else uvicorn's own, and say so."""
    try:
        from serving.http.protocol import BoundedProtocol  # noqa: PLC0415 - another uvicorn may not have its base

        missing = missing_names(BoundedProtocol)
    except (ImportError, AttributeError, TypeError) as error:
        missing = [str(error)]
    if not missing:
        return type("ServiceProtocol", (BoundedProtocol,), {"pool": connections})
    log.warning(
        "uvicorn %s lacks what the service's HTTP protocol leans on (%s): every request goes through the "
        "handlers, and slow clients are not bounded. Install the version of uv.lock.",
        uvicorn.__version__,
        ", ".join(missing),
    )
    return "auto"


def missing_names(protocol_class: Callable[..., object]) -> list[str]:
    """What an instance of the protocol does not have. Raises TypeError where none can be made."""
    loop = asyncio.new_event_loop()
    try:
        config = uvicorn.Config(_no_application, interface="asgi3", log_config=None)
        made = protocol_class(config=config, server_state=ServerState(), app_state={}, _loop=loop)
    finally:
        loop.close()
    return [name for name in LEANS_ON if not hasattr(made, name)]


async def _no_application(scope: object, receive: object, send: object) -> None:
    """Never called."""
