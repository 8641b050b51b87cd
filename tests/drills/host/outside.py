"""What a host talks to: a bucket, the team's webhook, and the dead man's switches."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3

from tests.drills.host.machine import GATEWAY
from tests.integration.s3 import AwsServer

BUCKET = "my-bucket"
KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


@dataclass
class Outside:
    """`told`: texts that reached the webhook; `pings`: paths that were asked."""

    aws: AwsServer
    web: str = ""
    told: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)

    @property
    def s3(self) -> str:
        return self.aws.environment["AWS_ENDPOINT_URL"]

    @property
    def settings(self) -> str:
        """Lines of host.env that lead here."""
        return (
            f"BACKUP_URI=s3://{BUCKET}/backups/\nAWS_ENDPOINT_URL={self.s3}\nAWS_DEFAULT_REGION=us-east-1\n"
            "AWS_ACCESS_KEY_ID=local\nAWS_SECRET_ACCESS_KEY=local\n"
            f"ALERT_WEBHOOK_URL={self.web}/hook\nBACKUP_PING_URL={self.web}/backup\n"
            f"DRIFT_PING_URL={self.web}/drift\n"
        )

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
        client = boto3.client("s3", endpoint_url=self.s3, region_name="us-east-1", **KEYS)
        return [each["Key"] for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


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
        boto3.client("s3", endpoint_url=made.s3, region_name="us-east-1", **KEYS).create_bucket(Bucket=BUCKET)
        try:
            yield made
        finally:
            web.shutdown()
            web.server_close()
