import ast
import time
from pathlib import Path

import pytest

from tests import pace

ASKING = (
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "stream",
    "Client",
    "AsyncClient",
)


@pytest.mark.parametrize(("taken", "stretch"), [(0.02, 1), (0.05, 1), (0.2, 4)])
def test_limits_stretch_on_a_slow_machine_and_never_shrink(
    monkeypatch: pytest.MonkeyPatch, taken: float, stretch: float
) -> None:
    clock = iter((0.0, 4 * taken))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(pace, "pace", pace.pace.__wrapped__)
    assert pace.patience(30) == pytest.approx(30 * pace.STRETCH * stretch)


def asks(call: ast.Call) -> bool:
    """Whether it asks over HTTP, where httpx itself would wait for 5 seconds."""
    called = call.func
    return (
        isinstance(called, ast.Attribute) and ast.unparse(called.value) == "httpx" and called.attr in ASKING
    )


@pytest.mark.parametrize("folder", ["browser", "drills", "hostile", "integration", "serving_kit"])
def test_whoever_asks_a_server_waits_at_the_pace_of_the_machine(folder: str) -> None:
    for file in (Path(__file__).parents[1] / folder).rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and asks(call):
                limits = {word.arg: ast.unparse(word.value) for word in call.keywords}
                assert "patience(" in limits.get("timeout", ""), f"{file}:{call.lineno}"
