"""The whole application in this process, without a socket: what a server would hand it, and what it sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from serving.app import create_app
from serving.http.middleware import ServingApp
from serving.models.loading import ServedModel
from serving.settings import ServingSettings


@dataclass
class Response:
    """What the application sent."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)

    def json(self) -> Any:
        return json.loads(self.body)


@asynccontextmanager
async def running(
    state: Path, model: ServedModel | None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[ServingApp]:
    """The application after its start, serving `model`."""
    app = create_app(ServingSettings.from_env({"SERVING_STATE_DIR": str(state), **(settings or {})}))
    async with app.lifespan():
        app.state.service.active.current = model
        yield app


async def request(
    app: ServingApp,
    method: str,
    target: str,
    body: bytes = b"",
    headers: Sequence[tuple[str, str]] = (),
    *,
    client: str = "198.51.100.7",
) -> Response:
    """Send one request as uvicorn would: the target is taken as it stands, and decoded once."""
    raw_path, _, query = target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": method, "scheme": "http", "root_path": "", "state": {},
        "path": unquote(raw_path), "raw_path": raw_path.encode(), "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": (client, 50_000), "server": ("127.0.0.1", 7860),
    }  # fmt: skip
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    answer = Response()

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode(), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)  # type: ignore[arg-type]
    return answer
