import socket
from collections.abc import Iterator

import pytest

from deployments.local.errors import StackError
from deployments.local.stack.ports import is_free, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_reported_with_its_holder_and_another_choice(taken: int) -> None:
    with pytest.raises(StackError, match=rf"Port {taken} is in use.*make up SERVING_PORT=(\d+)") as raised:
        require_free({"SERVING_PORT": taken})
    proposed = int(str(raised.value).rsplit("=", 1)[1])
    assert is_free(proposed)


def test_free_ports_pass(taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    require_free({"SERVING_PORT": free})
    assert is_free(free)
    assert not is_free(taken)
