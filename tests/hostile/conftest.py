"""A service with short times and small limits, against which each test is one hostile client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service

READ_SECONDS = "1"
WRITE_SECONDS = "1"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("hostile") / "state"
    keep_in_cache(state)
    settings = {
        "REQUEST_TIMEOUT_SECONDS": READ_SECONDS,
        "RESPONSE_TIMEOUT_SECONDS": WRITE_SECONDS,
        "MAX_BODY_MEGABYTES": "8",
        "MAX_CONNECTIONS": "60",
        "LOG_LEVEL": "WARNING",
    }
    with service(state, settings) as started:
        yield started
