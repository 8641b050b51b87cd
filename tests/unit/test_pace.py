import time

import pytest

from tests import pace


@pytest.mark.parametrize(("taken", "stretch"), [(0.02, 1), (0.05, 1), (0.2, 4)])
def test_limits_stretch_on_a_slow_machine_and_never_shrink(
    monkeypatch: pytest.MonkeyPatch, taken: float, stretch: float
) -> None:
    clock = iter((0.0, 4 * taken))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(pace, "pace", pace.pace.__wrapped__)
    assert pace.patience(30) == pytest.approx(30 * pace.STRETCH * stretch)
