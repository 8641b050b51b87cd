"""A local server of AWS's protocols (S3, EC2, ECS), by moto; its buckets can be made to be full."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
import s3fs
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

AWS_KEYS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}

QUOTA_EXCEEDED: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>QuotaExceeded</Code>'
    "<Message>Bucket quota exceeded</Message></Error>"
)
"""What stores with a quota (Ceph's gateway, most providers of S3) answer; AWS itself has none."""


class AwsServer:
    """Yields the environment that leads boto3 and s3fs to it. While it is `full` it stores nothing more;
    what is there can be read and deleted.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.full = False
        self._aws = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(address, 0, self, threaded=True, request_handler=MotoRequestHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def environment(self) -> dict[str, str]:
        host, port = self._server.server_address[:2]
        return {"AWS_ENDPOINT_URL": f"http://{host}:{port}", **AWS_KEYS}

    def client(self, service: str) -> Any:
        """A client that comes here whatever this process' environment says."""
        its = self.environment
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=its["AWS_ENDPOINT_URL"],
            aws_access_key_id=its["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=its["AWS_SECRET_ACCESS_KEY"],
            region_name=its["AWS_DEFAULT_REGION"],
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.full and _stores(environ):
            refusal = Response(QUOTA_EXCEEDED, 403, content_type="application/xml")
            return refusal(environ, start_response)
        return self._aws(environ, start_response)  # type: ignore[no-any-return]

    def __enter__(self) -> AwsServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _stores(environ: WSGIEnvironment) -> bool:
    """A PUT, or the beginning or end of an upload in parts; deletions of several objects are POSTs too."""
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    return method == "PUT" or (method == "POST" and "upload" in query)


@contextmanager
def aws_server() -> Iterator[dict[str, str]]:
    """Yield the environment that leads boto3 and s3fs to a new, empty server on loopback."""
    with AwsServer() as server:
        yield server.environment


def lead_to(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment, and forget the file systems that s3fs keeps by their arguments alone."""
    s3fs.S3FileSystem.clear_instance_cache()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
