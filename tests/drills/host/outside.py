"""What a host talks to: a bucket, the team's webhook, and the dead man's switches."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.drills.host.machine import GATEWAY
from tests.integration.s3 import AwsServer

BUCKET = "my-bucket"


@dataclass
class Outside:
    """`told`: texts that reached the webhook; `pings`: paths that were asked."""

    aws: AwsServer
    web: str = ""
    told: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)

    @property
    def settings(self) -> str:
        """Lines of host.env that lead here."""
        settings = {
            "BACKUP_URI": f"s3://{BUCKET}/backups/",
            **self.aws.environment,
            "ALERT_WEBHOOK_URL": f"{self.web}/hook",
            "BACKUP_PING_URL": f"{self.web}/backup",
            "DRIFT_PING_URL": f"{self.web}/drift",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    @contextmanager
    def full_bucket(self) -> Iterator[None]:
        """Until the end the bucket's owner has used up the quota."""
        self.aws.full = True
        try:
            yield
        finally:
            self.aws.full = False

    def names(self) -> list[str]:
        """The names of everything in the bucket."""
        listing = self.aws.client("s3").list_objects_v2(Bucket=BUCKET)
        return [each["Key"] for each in listing.get("Contents", [])]


@contextmanager
def outside() -> Iterator[Outside]:
    aws = AwsServer(GATEWAY)
    made = Outside(aws)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.told.append(json.loads(body)["text"])
            self.answer()

        def do_GET(self) -> None:
            made.pings.append(self.path)
            self.answer()

        def answer(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    web = ThreadingHTTPServer((GATEWAY, 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    made.web = f"http://{GATEWAY}:{web.server_address[1]}"
    with aws:
        aws.client("s3").create_bucket(Bucket=BUCKET)
        try:
            yield made
        finally:
            web.shutdown()
            web.server_close()
