"""A real PostgreSQL and a real S3 protocol server for the tracker."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.integration.tracker.wire import Wire, wire_to
from tests.programs import require
from tests.serving_kit.postgres import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    require("postgresql")
    with postgres_server() as made:
        yield made


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """The environment that leads to a local S3 server with the bucket `wine`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys)
    client.create_bucket(Bucket="wine")
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server.stop()


@pytest.fixture
def wire(s3: dict[str, str]) -> Iterator[Wire]:
    """The same S3 server by a wire that is watched."""
    with wire_to(s3["AWS_ENDPOINT_URL"]) as made:
        yield made
