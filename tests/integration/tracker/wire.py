"""The wire to an S3 server: notes what passes, and cuts answers in half when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.pace import patience

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Wire:
    """`cuts`: how many of the next downloads of objects are cut off. `calls`: (method, keys of the query)."""

    url: str = ""
    cuts: int = 0
    calls: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def count(self, method: str, *keys: str) -> int:
        return sum(each == method and set(keys) <= query for each, query in self.calls)


class Handler(BaseHTTPRequestHandler):
    wire: Wire
    upstream: str
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def pass_on(self) -> None:
        query = frozenset(parse_qs(urlsplit(self.path).query, keep_blank_values=True))
        self.wire.calls.append((self.command, query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with closing(HTTPConnection(self.upstream, timeout=patience(60))) as connection:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.send(content, an_object=self.command == "GET" and "list-type" not in query)

    def send(self, content: bytes, *, an_object: bool) -> None:
        if an_object and self.wire.cuts and len(content) > 1000:
            self.wire.cuts -= 1
            content = content[: len(content) // 2]
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815 - names of http.server


@contextmanager
def wire_to(url: str) -> Iterator[Wire]:
    wire = Wire()
    bound = type("Bound", (Handler,), {"wire": wire, "upstream": urlsplit(url).netloc})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    wire.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
