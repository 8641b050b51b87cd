"""A stand-in for the Hugging Face Hub: the calls that a push makes, over HTTP, with commits kept in memory.

A Space "builds" the moment its files change: it then answers /health with the release written in its
Dockerfile, unless that Dockerfile holds one of the marks below.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_" + "a" * 34
BUILD_FAILS, NEVER_ANSWERS, NO_PRICE = b"# the build fails", b"# never answers", b"# no price"


@dataclass
class Hub:
    """Commits of the Space `team/wine`, oldest first: each is a mapping of path to bytes."""

    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    url: str = ""
    private: bool = False
    outbox: int = 0
    stages: list[str] = field(default_factory=list)
    """Stages that are told one after the other, before the one that the files give."""
    shown: list[str | None] = field(default_factory=list)
    """Credentials that the service was asked with."""

    def commit(self, files: dict[str, bytes], message: str) -> str:
        sha = hashlib.sha256(json.dumps([len(self.commits), message]).encode()).hexdigest()[:40]
        self.commits.append((sha, files))
        self.messages.append(message)
        return sha

    def at(self, revision: str) -> dict[str, bytes]:
        return dict(self.commits).get(revision, self.commits[-1][1])

    @property
    def head(self) -> str:
        return self.commits[-1][0]

    @property
    def dockerfile(self) -> bytes:
        return self.commits[-1][1].get("Dockerfile", b"")

    @property
    def release(self) -> str | None:
        if BUILD_FAILS in self.dockerfile or NEVER_ANSWERS in self.dockerfile:
            return None
        found = re.search(rb"RELEASE=(\S+)", self.dockerfile)
        return found.group(1).decode() if found else None


def git_blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/health" and self.let_in():
            release = self.hub.release
            said = {"status": "OK", "release": release, "outbox": {"rows": self.hub.outbox}}
            self.answer(said if release else {}, 200 if release else 503)
        elif path == "/health":
            self.answer({"error": "Sorry, we can't find the page you are looking for."}, 404)
        elif not self.authorised():
            self.answer({"error": "Invalid credentials"}, 401)
        elif path.endswith("/runtime"):
            stage = "BUILD_ERROR" if BUILD_FAILS in self.hub.dockerfile else "RUNNING"
            stage = self.hub.stages.pop(0) if self.hub.stages else stage
            self.answer({"stage": stage, "hardware": {"current": None, "requested": None}})
        elif tree := re.fullmatch(r"/api/spaces/team/wine/tree/(\w+)(?:/.*)?", path):
            files = self.hub.at(tree[1])
            self.answer([{"type": "file", "path": name, "size": len(content), "oid": git_blob(content)}
                         for name, content in files.items()])  # fmt: skip
        elif file := re.fullmatch(r"/spaces/team/wine/resolve/(\w+)/(.+)", path):
            self.file(file[1], file[2])
        elif info := re.fullmatch(r"/api/spaces/team/wine(?:/revision/(\w+))?", path):
            self.info(info[1])
        else:
            self.answer({"error": "not found"}, 404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/predict" and not self.let_in():
            self.answer({"error": "Sorry, we can't find the page you are looking for."}, 404)
        elif self.path == "/predict":
            broken = NO_PRICE in self.hub.dockerfile
            self.answer({"detail": "boom"} if broken else {"prediction": 24.31}, 500 if broken else 200)
        elif not self.authorised():
            self.answer({"error": "Invalid credentials"}, 401)
        elif self.path == "/api/validate-yaml":
            self.answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            how = {"uploadMode": "regular", "shouldIgnore": False}
            self.answer({"files": [{"path": file["path"], **how} for file in json.loads(body)["files"]]})
        elif "/commit/" in self.path:
            self.take_commit([json.loads(line) for line in body.splitlines()])
        else:
            self.answer({"error": "not found"}, 404)

    def take_commit(self, lines: list[dict[str, Any]]) -> None:
        header, *changes = lines
        if header["value"].get("parentCommit") not in (None, self.hub.head):
            self.answer({"error": "A commit has happened since. Please refresh and try again."}, 412)
            return
        files = dict(self.hub.commits[-1][1])
        for change in changes:
            value = change["value"]
            if change["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            else:
                del files[value["path"]]
        sha = self.hub.commit(files, header["value"]["summary"])
        url = f"{self.hub.url}/spaces/team/wine/commit/{sha}"
        self.answer({"success": True, "commitOid": sha, "commitUrl": url, "hookOutput": ""})

    def info(self, revision: str | None) -> None:
        sha = revision if revision and revision != "main" else self.hub.head
        names = [{"rfilename": name} for name in self.hub.at(sha)]
        self.answer(
            {
                "_id": "1",
                "id": "team/wine",
                "sha": sha,
                "siblings": names,
                "private": self.hub.private,
                "tags": [],
            }
        )

    def file(self, revision: str, name: str) -> None:
        content = self.hub.at(revision)[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{git_blob(content)}"')
        self.send_header("X-Repo-Commit", revision)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def let_in(self) -> bool:
        """Whether the Hub lets a request through to the service."""
        self.hub.shown.append(self.headers.get("Authorization"))
        return self.authorised() or not self.hub.private

    def authorised(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def answer(self, body: Any, status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def running() -> Iterator[Hub]:
    hub = Hub()
    hub.commit(
        {"README.md": b"the original version", "app.py": b"old", "Dockerfile": b"ENV RELEASE=old\n"}, "old"
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
