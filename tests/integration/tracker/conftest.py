"""A real PostgreSQL and a real S3 protocol server for the tracker."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from tests.integration.s3 import aws_server, lead_to
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
    with aws_server() as environment:
        with pytest.MonkeyPatch.context() as patch:
            lead_to(environment, patch)
            boto3.client("s3").create_bucket(Bucket="wine")
        yield environment


@pytest.fixture
def wire(s3: dict[str, str]) -> Iterator[Wire]:
    """The same S3 server by a wire that is watched."""
    with wire_to(s3["AWS_ENDPOINT_URL"]) as made:
        yield made
